//! Carrying out the requests of a run.
//!
//! Objects are applied server-side, with the field manager `slipway` and `force`: conflicts do not surface, as
//! with Argo CD's option `ServerSideApply=true`. Argo CD applies client-side unless that option is set;
//! Slipway always applies server-side. It needs no annotation with a copy of the object, merges by the
//! cluster's own schema and says whose fields are taken over. Fields of objects that were applied
//! client-side before are taken over first, so that what is gone from the manifests goes from the object.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use slipway_model::ResourceId;
use slipway_sync::annotations::{HOOK_FINALIZER, finalizers};
use slipway_sync::ownership::FIELD_MANAGER;
use slipway_sync::run::{Answer, Request, RequestAction, RequestMode};
use slipway_sync::{Kinds, PropagationPolicy};

use crate::connection::Connection;
use crate::discovery::{ApiResource, ApiResources};
use crate::error::{ClusterError, ErrorKind};
use crate::live::{Change, version_of};
use crate::{migrate, undeclared};

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";
/// How often a write that somebody else's write got in the way of is tried.
const TRIES: usize = 5;
const SHORT_PAUSE: Duration = Duration::from_millis(200);
/// How long a deleted object may take to go before it is created again.
const GONE_WITHIN: Duration = Duration::from_secs(60);
/// How long a CustomResourceDefinition may take until its kind is served. Not being ready is no failure: what
/// needs it says so.
const ESTABLISHED_WITHIN: Duration = Duration::from_secs(10);

/// What came of a request, and how the object is now.
pub(crate) struct Written {
    pub(crate) answer: Answer,
    pub(crate) change: Option<Change>,
}

impl Written {
    fn done(message: impl Into<String>, change: Option<Change>) -> Self {
        Self { answer: Answer::Done(message.into()), change }
    }
}

/// Carries out requests of one sync.
pub(crate) struct Writer<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) resources: &'a ApiResources,
    /// Namespaces that this sync creates: in a dry run they are not there.
    pub(crate) namespaces_to_come: &'a [String],
}

impl Writer<'_> {
    /// Carries out a request; failures are answers too.
    pub(crate) async fn carry_out(&self, request: &Request) -> Written {
        let result = match request.mode {
            RequestMode::Check => check(request).map(|()| Written::done("", None)),
            RequestMode::DryRun => self.dry_run(request).await,
            RequestMode::Run => self.run(request).await,
        };
        match result {
            Ok(written) => written,
            Err(error) if error.kind == ErrorKind::NotFound && !writes(request.action) => {
                Written { answer: Answer::NotFound, change: Some(Change::Gone(request.resource.clone(), 0)) }
            }
            Err(error) => Written { answer: Answer::Failed(error.message), change: None },
        }
    }

    fn resource(&self, request: &Request) -> Result<&ApiResource, ClusterError> {
        let ResourceId { group, kind, .. } = &request.resource;
        self.resources.find(group, &request.version, kind).ok_or_else(|| {
            ClusterError::new(
                ErrorKind::Invalid,
                format!("the cluster does not serve {kind} in {}", versioned(group, &request.version)),
            )
        })
    }

    async fn dry_run(&self, request: &Request) -> Result<Written, ClusterError> {
        check(request)?;
        let resource = self.resource(request)?;
        match self.write_object(request, resource, true).await {
            Ok(_) => Ok(Written::done(format!("{} (dry run)", verb(request.action)), None)),
            // The namespace is part of the same sync, so its objects cannot be checked yet.
            Err(error)
                if error.kind == ErrorKind::NotFound
                    && self.namespaces_to_come.contains(&request.resource.namespace) =>
            {
                Ok(Written::done("not checked: its namespace comes with this sync (dry run)", None))
            }
            Err(error) => Err(error),
        }
    }

    async fn run(&self, request: &Request) -> Result<Written, ClusterError> {
        let resource = self.resource(request)?;
        match request.action {
            RequestAction::Prune(policy) | RequestAction::DeleteHook(policy) => {
                self.delete(request, resource, policy).await
            }
            RequestAction::RemoveHookFinalizer => self.remove_finalizer(request, resource).await,
            _ => {
                let object = self.write_until_served(request, resource).await?;
                let message = describe(request, resource, &object);
                if request.resource.kind == "CustomResourceDefinition" {
                    self.wait_until_established(request, resource).await;
                }
                Ok(Written::done(message, Some(Change::Changed(object))))
            }
        }
    }

    /// A kind whose definition was just applied may not be served for a moment.
    async fn write_until_served(
        &self,
        request: &Request,
        resource: &ApiResource,
    ) -> Result<Value, ClusterError> {
        let comes_with_sync = self.resources.table().scope_of(&resource.group, &resource.kind).is_none();
        let mut waited = Duration::ZERO;
        let mut tries = 0;
        loop {
            tries += 1;
            match self.write_object(request, resource, false).await {
                // Applying twice is the same as once, so a broken connection is no reason to give up, nor is
                // somebody who wrote at the same moment.
                Err(error)
                    if matches!(request.action, RequestAction::Apply { .. })
                        && (error.is_transient() || error.kind == ErrorKind::Conflict)
                        && tries < TRIES =>
                {
                    tokio::time::sleep(SHORT_PAUSE * 2).await;
                }
                Err(error)
                    if error.kind == ErrorKind::NotFound
                        && comes_with_sync
                        && waited < ESTABLISHED_WITHIN =>
                {
                    tokio::time::sleep(SHORT_PAUSE).await;
                    waited += SHORT_PAUSE;
                }
                result => return result,
            }
        }
    }

    async fn write_object(
        &self,
        request: &Request,
        resource: &ApiResource,
        dry: bool,
    ) -> Result<Value, ClusterError> {
        let body = body_of(request);
        match request.action {
            // To apply it would take away what another instance wants of the same namespace.
            RequestAction::Apply { validate, .. } if !dry && is_bare_namespace(&body) => {
                self.create_where_missing(request, resource, &body, validate).await
            }
            RequestAction::Apply { force, validate, .. } => {
                if let Some(live) = request.live.as_ref().filter(|_| !dry) {
                    migrate::take_over(self.connection, &resource.object(&request.resource), live).await?;
                }
                match self.apply(request, resource, body.clone(), validate, dry).await {
                    Err(error) if !dry && needs_recreation(request, &error, force) => {
                        self.recreate(request, resource, &body).await
                    }
                    result => result,
                }
            }
            RequestAction::Create { validate } => {
                let path = query(&resource.collection(&request.resource.namespace), validate, dry);
                self.connection.write(Method::POST, &path, JSON, &body).await
            }
            RequestAction::Replace { force: true } if !dry => self.recreate(request, resource, &body).await,
            _ => self.replace(request, resource, body, dry).await,
        }
    }

    async fn create_where_missing(
        &self,
        request: &Request,
        resource: &ApiResource,
        body: &Value,
        validate: bool,
    ) -> Result<Value, ClusterError> {
        let path = query(&resource.collection(&request.resource.namespace), validate, false);
        match self.connection.write(Method::POST, &path, JSON, body).await {
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                self.connection.get(&resource.object(&request.resource)).await
            }
            result => result,
        }
    }

    async fn apply(
        &self,
        request: &Request,
        resource: &ApiResource,
        mut body: Value,
        validate: bool,
        dry: bool,
    ) -> Result<Value, ClusterError> {
        let path = format!("{}&force=true", query(&resource.object(&request.resource), validate, dry));
        let mut tries = 0;
        loop {
            tries += 1;
            match self.connection.write(Method::PATCH, &path, APPLY, &body).await {
                Err(error) if !validate && tries < TRIES && undeclared::remove(&mut body, &error.message) => {
                }
                result => return result,
            }
        }
    }

    /// Puts an object in the place of what is there. Most kinds want to be told which version that is.
    async fn replace(
        &self,
        request: &Request,
        resource: &ApiResource,
        mut body: Value,
        dry: bool,
    ) -> Result<Value, ClusterError> {
        let path = resource.object(&request.resource);
        let mut tries = 0;
        loop {
            let there = self.connection.get(&path).await?;
            if let Some(version) = there.pointer("/metadata/resourceVersion") {
                body["metadata"]["resourceVersion"] = version.clone();
            }
            tries += 1;
            match self.connection.write(Method::PUT, &query(&path, true, dry), JSON, &body).await {
                Err(error) if error.kind == ErrorKind::Conflict && tries < TRIES => {
                    tokio::time::sleep(SHORT_PAUSE).await;
                }
                result => return result,
            }
        }
    }

    /// Deletes an object, waits until it is gone, and creates it.
    async fn recreate(
        &self,
        request: &Request,
        resource: &ApiResource,
        body: &Value,
    ) -> Result<Value, ClusterError> {
        let path = resource.object(&request.resource);
        let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
        match self.connection.write(Method::DELETE, &path, JSON, &options).await {
            Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut waited = Duration::ZERO;
        loop {
            match self.connection.get(&path).await {
                Err(error) if error.kind == ErrorKind::NotFound => break,
                Err(error) => return Err(error),
                Ok(_) if waited >= GONE_WITHIN => {
                    return Err(ClusterError::new(
                        ErrorKind::TimedOut,
                        format!(
                            "{} was deleted and is still there after {} s",
                            request.resource,
                            GONE_WITHIN.as_secs()
                        ),
                    ));
                }
                Ok(_) => {
                    tokio::time::sleep(SHORT_PAUSE).await;
                    waited += SHORT_PAUSE;
                }
            }
        }
        let collection = resource.collection(&request.resource.namespace);
        self.connection.write(Method::POST, &query(&collection, true, false), JSON, body).await
    }

    async fn delete(
        &self,
        request: &Request,
        resource: &ApiResource,
        policy: PropagationPolicy,
    ) -> Result<Written, ClusterError> {
        let mut options =
            json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy.as_str()});
        // What was created anew since it was looked at is not what was to be deleted.
        if let Some(uid) = request.live.as_ref().and_then(|live| live.pointer("/metadata/uid")) {
            options["preconditions"] = json!({"uid": uid});
        }
        let path = resource.object(&request.resource);
        let answer = self.connection.write(Method::DELETE, &path, JSON, &options).await?;
        // An object that stops gracefully is there for a while without any finalizer.
        let grace = answer.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_u64);
        let is_still_there = answer.pointer("/metadata/deletionTimestamp").is_some()
            && (!finalizers(&answer).is_empty() || grace.unwrap_or_default() > 0);
        let change = if is_still_there {
            Change::Changed(answer)
        } else {
            Change::Gone(request.resource.clone(), version_of(&answer))
        };
        Ok(Written::done("deleted", Some(change)))
    }

    async fn remove_finalizer(
        &self,
        request: &Request,
        resource: &ApiResource,
    ) -> Result<Written, ClusterError> {
        let path = resource.object(&request.resource);
        let mut object = Value::clone(request.live.as_ref().unwrap_or(&request.object));
        let mut tries = 0;
        loop {
            let left: Vec<&str> =
                finalizers(&object).into_iter().filter(|finalizer| *finalizer != HOOK_FINALIZER).collect();
            if left.len() == finalizers(&object).len() {
                return Ok(Written::done("", Some(Change::Changed(object))));
            }
            let mut patch = json!({"metadata": {"finalizers": left}});
            if let Some(version) = object.pointer("/metadata/resourceVersion") {
                patch["metadata"]["resourceVersion"] = version.clone();
            }
            tries += 1;
            let patched = format!("{path}?fieldManager={FIELD_MANAGER}");
            match self.connection.write(Method::PATCH, &patched, MERGE, &patch).await {
                Ok(object) => {
                    let is_gone = object.pointer("/metadata/deletionTimestamp").is_some()
                        && finalizers(&object).is_empty();
                    let change = if is_gone {
                        Change::Gone(request.resource.clone(), version_of(&object))
                    } else {
                        Change::Changed(object)
                    };
                    return Ok(Written::done("", Some(change)));
                }
                Err(error) if error.kind == ErrorKind::Conflict && tries < TRIES => {
                    object = self.connection.get(&path).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn wait_until_established(&self, request: &Request, resource: &ApiResource) {
        let path = resource.object(&request.resource);
        let mut waited = Duration::ZERO;
        while waited < ESTABLISHED_WITHIN {
            let established = match self.connection.get(&path).await {
                Ok(definition) => definition
                    .pointer("/status/conditions")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .any(|condition| condition["type"] == "Established" && condition["status"] == "True"),
                Err(error) => {
                    tracing::debug!(%error, path, "a definition that was just applied cannot be read");
                    return;
                }
            };
            if established {
                return;
            }
            tokio::time::sleep(SHORT_PAUSE).await;
            waited += SHORT_PAUSE;
        }
    }
}

/// What can be said about an object without the cluster.
fn check(request: &Request) -> Result<(), ClusterError> {
    let id = &request.resource;
    if id.name.is_empty() {
        return Err(ClusterError::new(ErrorKind::Invalid, format!("{} has no name", id.kind)));
    }
    let metadata = request.object.get("metadata").and_then(Value::as_object);
    for field in ["labels", "annotations"] {
        let Some(entries) =
            metadata.and_then(|metadata| metadata.get(field)).filter(|value| !value.is_null())
        else {
            continue;
        };
        let Some(entries) = entries.as_object() else {
            return Err(ClusterError::new(ErrorKind::Invalid, format!("metadata.{field} of {id} is no map")));
        };
        if let Some((key, value)) = entries.iter().find(|(_, value)| !value.is_string() && !value.is_null()) {
            return Err(ClusterError::new(
                ErrorKind::Invalid,
                format!(
                    "metadata.{field} of {id}: the value of `{key}` is {value}, which is no text; put it in quotes"
                ),
            ));
        }
    }
    Ok(())
}

/// Whether a request creates or changes an object.
pub(crate) fn writes(action: RequestAction) -> bool {
    !matches!(
        action,
        RequestAction::Prune(_) | RequestAction::DeleteHook(_) | RequestAction::RemoveHookFinalizer
    )
}

/// The object as it is sent: without what only the cluster may set.
fn body_of(request: &Request) -> Value {
    let mut body = Value::clone(&request.object);
    if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in
            ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"]
        {
            metadata.remove(field);
        }
        if request.resource.namespace.is_empty() {
            metadata.remove("namespace");
        }
    }
    body
}

/// Whether nothing of a namespace is wanted but that it is there.
fn is_bare_namespace(object: &Value) -> bool {
    let fields = |value: &Value| value.as_object().map(serde_json::Map::len);
    object["apiVersion"] == "v1"
        && object["kind"] == "Namespace"
        && fields(object) == Some(3)
        && fields(&object["metadata"]) == Some(1)
        && object["metadata"]["name"].is_string()
}

fn query(path: &str, validate: bool, dry: bool) -> String {
    let validation = if validate { "Strict" } else { "Ignore" };
    let dry = if dry { "&dryRun=All" } else { "" };
    format!("{path}?fieldManager={FIELD_MANAGER}&fieldValidation={validation}{dry}")
}

/// Whether an object has to go before it can be as it should be: with `Force=true` where the API refuses the
/// change; and for bindings whose role changes, which Argo CD reconciles in the same way.
fn needs_recreation(request: &Request, error: &ClusterError, force: bool) -> bool {
    let is_binding = matches!(request.resource.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
        && request.resource.group == "rbac.authorization.k8s.io";
    let refused = matches!(error.kind, ErrorKind::Invalid | ErrorKind::Conflict);
    request.live.is_some() && refused && (force || (is_binding && error.message.contains("roleRef")))
}

fn versioned(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

fn verb(action: RequestAction) -> &'static str {
    match action {
        RequestAction::Apply { .. } => "applied",
        RequestAction::Create { .. } => "created",
        RequestAction::Replace { .. } | RequestAction::Update => "replaced",
        RequestAction::Prune(_) | RequestAction::DeleteHook(_) => "deleted",
        RequestAction::RemoveHookFinalizer => "released",
    }
}

/// As kubectl says it: `deployment.apps/web configured`.
fn describe(request: &Request, resource: &ApiResource, object: &Value) -> String {
    let outcome = match (request.action, &request.live) {
        (RequestAction::Apply { .. }, None) | (RequestAction::Create { .. }, _) => "created",
        (RequestAction::Apply { .. }, Some(live)) if version_of(live) == version_of(object) => "unchanged",
        (RequestAction::Apply { .. }, Some(_)) => "configured",
        _ => "replaced",
    };
    let kind = resource.kind.to_lowercase();
    let group = if resource.group.is_empty() { String::new() } else { format!(".{}", resource.group) };
    format!("{kind}{group}/{} {outcome}", request.resource.name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use slipway_sync::run::RequestId;

    use super::*;

    fn request(object: Value) -> Request {
        Request {
            id: RequestId(1),
            action: RequestAction::Apply { server_side: false, force: false, validate: true },
            mode: RequestMode::Check,
            resource: ResourceId { namespace: String::new(), ..ResourceId::of(&object) },
            version: "v1".to_owned(),
            object: Arc::new(object),
            live: None,
        }
    }

    #[test]
    fn what_only_the_cluster_may_set_is_not_sent() {
        let request = request(json!({"apiVersion": "v1", "kind": "Namespace", "metadata":
            {"name": "shop", "namespace": "shop", "uid": "x", "resourceVersion": "7", "managedFields": []}}));
        assert_eq!(
            body_of(&request),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        );
    }

    #[test]
    fn a_namespace_with_more_than_a_name_is_not_bare() {
        let namespace =
            |metadata: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        assert!(is_bare_namespace(&namespace(json!({"name": "shop"}))));
        assert!(!is_bare_namespace(&namespace(json!({"name": "shop", "labels": {"team": "x"}}))));
        let mut held = namespace(json!({"name": "shop"}));
        held["spec"] = json!({"finalizers": []});
        assert!(!is_bare_namespace(&held));
    }

    #[test]
    fn labels_that_are_no_texts_are_found_without_the_cluster() {
        let error = check(&request(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "c", "labels": {"version": 1.2}}})))
        .unwrap_err();
        assert!(error.message.contains("the value of `version` is 1.2"), "{error}");
    }
}
