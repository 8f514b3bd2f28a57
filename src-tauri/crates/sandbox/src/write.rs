//! Creating, changing and deleting objects: the one way in, for requests and for controllers.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::admission::{self, NamespaceProblem};
use crate::apply::{self, Scope, Writer};
use crate::clock::{later, rfc3339};
use crate::registry::{Api, Origin, set_type};
use crate::schema::Schema;
use crate::state::State;
use crate::status::{About, ApiError, Cause};
use crate::store::Key;
use crate::{conversion, crd, quantity, validation};

/// Whose the fields of a written object are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// What the write changes is the writer's.
    Writer,
    /// The object carries its managers already: it was applied.
    Applied,
}

/// How an object is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteOptions {
    /// What the write can change; creating an object always writes all of it.
    pub(crate) scope: Scope,
    pub(crate) ownership: Ownership,
    /// Whether everything is checked and nothing is stored.
    pub(crate) dry_run: bool,
}

impl WriteOptions {
    /// A plain write of an object.
    pub(crate) fn plain(api: &Api) -> Self {
        Self { scope: main_scope(api), ownership: Ownership::Writer, dry_run: false }
    }
}

/// How an object is deleted.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteOptions {
    pub(crate) dry_run: bool,
    pub(crate) grace_period_seconds: Option<i64>,
    /// `Foreground`, `Background`, `Orphan`, or empty for the default.
    pub(crate) propagation_policy: String,
    pub(crate) uid: Option<String>,
    pub(crate) resource_version: Option<String>,
}

/// What became of an object that was deleted.
pub(crate) enum Deleted {
    /// It is gone.
    Gone(Arc<Value>),
    /// It goes when its finalizers (or its processes) are done.
    Going(Arc<Value>),
}

/// The scope of a write to an object itself.
pub(crate) fn main_scope(api: &Api) -> Scope {
    if api.has_status() { Scope::WithoutStatus } else { Scope::Everything }
}

impl State {
    /// Creates an object.
    pub(crate) fn create(
        &mut self,
        api: &Api,
        mut object: Value,
        writer: &Writer,
        options: WriteOptions,
    ) -> Result<Arc<Value>, ApiError> {
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        let metadata = &mut object["metadata"];
        if metadata["resourceVersion"].as_str().is_some_and(|version| !version.is_empty()) {
            return Err(ApiError::bad_request("resourceVersion should not be set on objects to be created"));
        }
        let prefix = metadata["generateName"].as_str().unwrap_or_default().to_owned();
        if metadata["name"].as_str().unwrap_or_default().is_empty() && !prefix.is_empty() {
            metadata["name"] = json!(format!("{prefix}{}", self.ids.suffix()));
        }
        if let Some(map) = metadata.as_object_mut() {
            for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"] {
                map.remove(field);
            }
        }
        metadata["uid"] = json!(self.ids.uid());
        metadata["creationTimestamp"] = json!(self.time());
        let name = metadata["name"].as_str().unwrap_or_default().to_owned();
        let namespace = metadata["namespace"].as_str().unwrap_or_default().to_owned();
        set_type(&mut object, api);
        if api.has_status() {
            remove_field(&mut object, "status");
        }
        if object.get("spec").is_some() || api.has_status() {
            object["metadata"]["generation"] = json!(1);
        }
        self.prepare(api, &mut object);
        if options.ownership == Ownership::Writer {
            // What the server fills in below belongs to nobody.
            apply::update(None, &mut object, api.schema(), writer, main_scope(api));
        }
        if api.is_built_in() {
            admission::on_create(self, &api.kind, &mut object);
        }
        validate(api, &object)?;
        self.check_namespace(api, &namespace, &name)?;

        let key = Key::new(&api.group, &api.plural, &namespace, &name);
        if self.store.get(&key).is_some() {
            return Err(ApiError::already_exists(api.about(&name)));
        }
        let object = conversion::to_stored(object, None, api);
        if options.dry_run {
            return Ok(Arc::new(object));
        }
        Ok(self.put(&key, object))
    }

    fn check_namespace(&self, api: &Api, namespace: &str, name: &str) -> Result<(), ApiError> {
        if !api.namespaced {
            return Ok(());
        }
        match admission::namespace(self, namespace) {
            Ok(()) => Ok(()),
            Err(NamespaceProblem::Missing) => {
                Err(ApiError::not_found(About::new("", "namespaces", namespace)))
            }
            Err(NamespaceProblem::Terminating) => {
                let why = format!(
                    "unable to create new content in namespace {namespace} because it is being terminated"
                );
                let mut error = ApiError::forbidden(api.about(name), &why);
                error.causes = vec![Cause {
                    reason: "NamespaceTerminating",
                    message: format!("namespace {namespace} is being terminated"),
                    field: "metadata.namespace".to_owned(),
                }];
                Err(error)
            }
        }
    }

    /// Brings an object into the form in which it is stored: no unknown fields, no nulls, defaults filled in.
    fn prepare(&self, api: &Api, object: &mut Value) {
        let schema = api.schema();
        validation::prune(object, schema);
        validation::drop_nulls(object, schema);
        match &api.origin {
            Origin::BuiltIn => slipway_schema::defaults::apply(object),
            Origin::Custom(_) => {
                if let Schema::Custom { schema, .. } = schema {
                    crd::apply_defaults(object, schema);
                }
            }
            Origin::WithoutSchema => {}
        }
        if api.is_built_in() && api.kind == "Secret" {
            admission::string_data(object);
        }
        quantity::canonicalise(object, schema);
    }

    /// Replaces an object (or its status). The object may carry a resource version, which must then be current.
    pub(crate) fn update(
        &mut self,
        api: &Api,
        key: &Key,
        mut object: Value,
        writer: &Writer,
        options: WriteOptions,
    ) -> Result<Arc<Value>, ApiError> {
        let scope = options.scope;
        let stored = self.store.get(key).cloned().ok_or_else(|| ApiError::not_found(api.about(&key.name)))?;
        let live = conversion::to_requested(&stored, api);
        if !object["metadata"].is_object() {
            return Err(ApiError::bad_request("metadata must be a map"));
        }
        check_identity(api, key, &live, &object)?;
        set_type(&mut object, api);
        for field in [
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "namespace",
            "resourceVersion",
        ] {
            match live["metadata"].get(field) {
                Some(value) => object["metadata"][field] = value.clone(),
                None => remove_field(&mut object["metadata"], field),
            }
        }
        if scope == Scope::Status {
            let mut with_status = live.clone();
            with_status["metadata"]["managedFields"] = object["metadata"]["managedFields"].clone();
            if with_status["metadata"]["managedFields"].is_null() {
                remove_field(&mut with_status["metadata"], "managedFields");
            }
            match object.get("status") {
                Some(status) => with_status["status"] = status.clone(),
                None => remove_field(&mut with_status, "status"),
            }
            object = with_status;
        } else {
            if scope == Scope::WithoutStatus {
                match live.get("status") {
                    Some(status) => object["status"] = status.clone(),
                    None => remove_field(&mut object, "status"),
                }
            }
            self.prepare(api, &mut object);
            if api.is_built_in() {
                admission::on_update(self, &api.kind, &live, &mut object);
            }
            validate(api, &object)?;
            check_immutable(api, key, &live, &object)?;
            if differs_in_spec(&live, &object) {
                let generation = live["metadata"]["generation"].as_i64().unwrap_or(0);
                object["metadata"]["generation"] = json!(generation + 1);
            }
        }
        if options.ownership == Ownership::Writer {
            apply::update(Some(&live), &mut object, api.schema(), writer, scope);
        }
        // An object keeps one stored version; reading gives it the version that is asked for.
        let object = conversion::to_stored(object, Some(&stored), api);
        if object == *stored {
            return Ok(stored);
        }
        if options.dry_run {
            return Ok(Arc::new(object));
        }
        let is_done = !object["metadata"]["deletionTimestamp"].is_null() && has_no_finalizers(&object);
        let object = self.put(key, object);
        if is_done && key.collection.plural != "pods" {
            return Ok(self.remove(key).unwrap_or(object));
        }
        Ok(object)
    }

    /// Deletes an object, now or when its finalizers are done.
    pub(crate) fn delete(
        &mut self,
        api: &Api,
        key: &Key,
        options: &DeleteOptions,
    ) -> Result<Deleted, ApiError> {
        let live = self.store.get(key).cloned().ok_or_else(|| ApiError::not_found(api.about(&key.name)))?;
        let is_permanent = matches!(key.name.as_str(), "default" | "kube-system" | "kube-public");
        if is_permanent && api.group.is_empty() && api.kind == "Namespace" {
            return Err(ApiError::forbidden(api.about(&key.name), "this namespace may not be deleted"));
        }
        let metadata = &live["metadata"];
        for (wanted, field, what) in
            [(&options.uid, "uid", "UID"), (&options.resource_version, "resourceVersion", "ResourceVersion")]
        {
            let found = metadata[field].as_str().unwrap_or_default();
            if let Some(wanted) = wanted.as_deref().filter(|wanted| *wanted != found) {
                let why = format!(
                    "Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}"
                );
                return Err(ApiError::conflict(api.about(&key.name), &why));
            }
        }
        if options.dry_run {
            return Ok(Deleted::Gone(live));
        }
        let mut object = Value::clone(&live);
        match options.propagation_policy.as_str() {
            "Foreground" => add_finalizer(&mut object, "foregroundDeletion"),
            "Orphan" => add_finalizer(&mut object, "orphan"),
            _ => {}
        }
        let grace = match (key.collection.plural.as_str(), options.grace_period_seconds) {
            ("pods", None) => live["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30),
            ("pods", Some(seconds)) => seconds.max(0),
            _ => 0,
        };
        let waits = !has_no_finalizers(&object)
            || grace > 0
            || api.group == "apiextensions.k8s.io" && api.plural == "customresourcedefinitions";
        if !waits {
            return Ok(Deleted::Gone(self.remove(key).unwrap_or(live)));
        }
        if object["metadata"]["deletionTimestamp"].is_null() {
            let seconds = u64::try_from(grace).unwrap_or(0);
            let at = later(self.now, std::time::Duration::from_secs(seconds));
            object["metadata"]["deletionTimestamp"] = json!(rfc3339(at));
            object["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
            if let Some(generation) = object["metadata"]["generation"].as_i64() {
                object["metadata"]["generation"] = json!(generation + 1);
            }
        }
        if key.collection.plural == "namespaces" && key.collection.group.is_empty() {
            object["status"]["phase"] = json!("Terminating");
        }
        if object == *live {
            self.queue.insert(key.clone());
            return Ok(Deleted::Going(live));
        }
        Ok(Deleted::Going(self.put(key, object)))
    }

    /// Takes a finalizer off an object; the object goes when it was the last.
    pub(crate) fn finish(&mut self, key: &Key, finalizer: &str) {
        let Some(live) = self.store.get(key).cloned() else { return };
        let mut object = Value::clone(&live);
        let mut empty = false;
        if let Some(list) = object["metadata"]["finalizers"].as_array_mut() {
            list.retain(|each| each != finalizer);
            empty = list.is_empty();
        }
        if empty {
            remove_field(&mut object["metadata"], "finalizers");
        }
        if !object["metadata"]["deletionTimestamp"].is_null() && has_no_finalizers(&object) {
            self.remove(key);
        } else if object != *live {
            self.put(key, object);
        }
    }
}

pub(crate) fn remove_field(object: &mut Value, field: &str) {
    if let Some(map) = object.as_object_mut() {
        map.remove(field);
    }
}

fn add_finalizer(object: &mut Value, name: &str) {
    let list = &mut object["metadata"]["finalizers"];
    if !list.is_array() {
        *list = json!([]);
    }
    if let Some(list) = list.as_array_mut().filter(|list| !list.iter().any(|each| each == name)) {
        list.push(json!(name));
    }
}

/// Whether nothing holds an object back; namespaces have finalizers of their own besides.
pub(crate) fn has_no_finalizers(object: &Value) -> bool {
    let is_empty = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
    is_empty(&object["metadata"]["finalizers"])
        && (object["kind"] != "Namespace" || is_empty(&object["spec"]["finalizers"]))
}

fn validate(api: &Api, object: &Value) -> Result<(), ApiError> {
    validation::object(api, object)?;
    if api.group == "apiextensions.k8s.io" {
        let causes = crd::validate(object);
        if !causes.is_empty() {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            return Err(ApiError::invalid(api.about_kind(name), causes));
        }
    }
    Ok(())
}

fn check_identity(api: &Api, key: &Key, live: &Value, object: &Value) -> Result<(), ApiError> {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    if text("name") != key.name {
        return Err(ApiError::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            text("name"),
            key.name
        )));
    }
    let namespace = text("namespace");
    if !namespace.is_empty() && namespace != key.namespace {
        return Err(ApiError::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    let uid = text("uid");
    if !uid.is_empty() && live["metadata"]["uid"] != uid {
        let why = format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            live["metadata"]["uid"].as_str().unwrap_or_default()
        );
        return Err(ApiError::conflict(api.about(&key.name), &why));
    }
    let version = text("resourceVersion");
    if !version.is_empty() && live["metadata"]["resourceVersion"] != version {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        return Err(ApiError::conflict(api.about(&key.name), why));
    }
    Ok(())
}

fn check_immutable(api: &Api, key: &Key, live: &Value, object: &Value) -> Result<(), ApiError> {
    let causes: Vec<Cause> = slipway_schema::immutable::violations(live, object)
        .into_iter()
        .map(|violation| {
            if violation.rule.forbidden {
                Cause::forbidden(violation.rule.field, violation.rule.message)
            } else {
                Cause::invalid(violation.rule.field, &violation.value, violation.rule.message)
            }
        })
        .collect();
    if causes.is_empty() { Ok(()) } else { Err(ApiError::invalid(api.about_kind(&key.name), causes)) }
}

/// Whether anything but metadata and status differs, which is what the generation counts.
fn differs_in_spec(live: &Value, object: &Value) -> bool {
    let without = |value: &Value| {
        let mut map = value.as_object().cloned().unwrap_or_default();
        for field in ["metadata", "status", "apiVersion", "kind"] {
            map.remove(field);
        }
        map
    };
    live["metadata"].get("generation").is_some() && without(live) != without(object)
}
