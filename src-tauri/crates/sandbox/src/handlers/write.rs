//! Creating, replacing and deleting, as requests ask for it.

use serde_json::{Value, json};

use super::{Answer, Context};
use crate::apply::Scope;
use crate::request::FieldValidation;
use crate::status::{ApiError, success};
use crate::validation;
use crate::write::{DeleteOptions, Deleted, Ownership, WriteOptions, main_scope};

/// Reads the body of a request: a map, as JSON or as protocol buffers.
pub(super) fn read_body(context: &Context<'_>) -> Result<Value, ApiError> {
    let content_type = context.request.headers.get("content-type").and_then(|value| value.to_str().ok());
    let media = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let body = &context.request.body;
    match media {
        "application/json" | "application/yaml" | "*/*" | "" => parse_json(body),
        media if crate::protobuf::is_protobuf(media) => crate::protobuf::decode(body).map_err(|why| {
            ApiError::bad_request(format!(
                "the body of the request cannot be read as protocol buffers: {why}"
            ))
        }),
        media => Err(ApiError::new(
            415,
            "UnsupportedMediaType",
            format!(
                "the body of the request was in an unknown format - accepted media types include: \
                 application/json, application/vnd.kubernetes.protobuf (found {media})"
            ),
        )),
    }
}

/// Reads a body as a JSON map. The parser limits how deep it may be nested, the server how large it may be.
pub(super) fn parse_json(body: &[u8]) -> Result<Value, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!(
            "the body of the request is no JSON: {error}; the sandbox reads JSON only"
        ))
    })?;
    if !value.is_object() {
        return Err(ApiError::bad_request("the body of the request must be an object"));
    }
    Ok(value)
}

/// Reads the object of a request, checks that it fits the path and validates its fields. Returns warnings.
pub(super) fn read_object(context: &Context<'_>) -> Result<(Value, Vec<String>), ApiError> {
    let object = read_body(context)?;
    fit(context, object)
}

/// Makes an object fit the path of the request.
pub(super) fn fit(context: &Context<'_>, mut object: Value) -> Result<(Value, Vec<String>), ApiError> {
    let api = &context.api;
    for (field, expected, what) in
        [("apiVersion", api.api_version(), "API version"), ("kind", api.kind.clone(), "kind")]
    {
        match object[field].as_str() {
            None | Some("") => object[field] = json!(expected),
            Some(found) if found == expected => {}
            Some(found) => {
                return Err(ApiError::bad_request(format!(
                    "the {what} in the data ({found}) does not match the expected {what} ({expected})"
                )));
            }
        }
    }
    if object["metadata"].is_null() {
        object["metadata"] = json!({});
    }
    let problems = validation::fields(&object, api.schema());
    validation::type_error(api, &problems)?;
    let mut warnings = context.warnings();
    match context.query.field_validation {
        FieldValidation::Strict => validation::strict_error(api, &problems)?,
        FieldValidation::Warn => {
            warnings.extend(problems.unknown.iter().map(|field| format!("unknown field \"{field}\"")));
        }
        FieldValidation::Ignore => {}
    }
    place(context, &mut object)?;
    Ok((object, warnings))
}

/// Puts an object into the namespace of the path.
pub(super) fn place(context: &Context<'_>, object: &mut Value) -> Result<(), ApiError> {
    let metadata =
        object["metadata"].as_object_mut().ok_or_else(|| ApiError::bad_request("metadata must be a map"))?;
    if !context.api.namespaced {
        metadata.remove("namespace");
        return Ok(());
    }
    match metadata.get("namespace").and_then(Value::as_str) {
        None | Some("") => {
            metadata.insert("namespace".to_owned(), json!(context.path.namespace));
        }
        Some(namespace) if namespace == context.path.namespace => {}
        Some(_) => {
            return Err(ApiError::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    Ok(())
}

/// `POST` to a collection.
pub(super) fn create(context: &Context<'_>) -> Result<Answer, ApiError> {
    let (object, warnings) = read_object(context)?;
    context.cluster.with(|state| {
        let writer = context.writer(state.time());
        let created = state.create(&context.api, object, &writer, options(context, Ownership::Writer))?;
        Ok(Answer::Json { code: 201, value: context.present(&created, state.now), warnings })
    })
}

/// `PUT` of an object or its status.
pub(super) fn replace(context: &Context<'_>) -> Result<Answer, ApiError> {
    let (object, warnings) = read_object(context)?;
    context.cluster.with(|state| {
        let writer = context.writer(state.time());
        let key = context.key(&context.path.name);
        let updated =
            state.update(&context.api, &key, object, &writer, options(context, Ownership::Writer))?;
        Ok(Answer::Json { code: 200, value: context.present(&updated, state.now), warnings })
    })
}

/// What a write through this path can change.
pub(super) fn scope(context: &Context<'_>) -> Scope {
    if context.path.subresource == "status" { Scope::Status } else { main_scope(&context.api) }
}

/// How a write through this path is done.
pub(super) fn options(context: &Context<'_>, ownership: Ownership) -> WriteOptions {
    WriteOptions { scope: scope(context), ownership, dry_run: context.query.dry_run }
}

/// The options of a deletion, from the body and the query.
fn delete_options(context: &Context<'_>) -> Result<DeleteOptions, ApiError> {
    let body = if context.request.body.is_empty() { json!({}) } else { read_body(context)? };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let policy = match (body["propagationPolicy"].as_str(), body["orphanDependents"].as_bool()) {
        (Some(policy), _) => policy.to_owned(),
        (None, Some(true)) => "Orphan".to_owned(),
        (None, Some(false)) => "Background".to_owned(),
        (None, None) => context.query.propagation_policy.clone(),
    };
    if !matches!(policy.as_str(), "" | "Foreground" | "Background" | "Orphan") {
        return Err(ApiError::bad_request(format!(
            "invalid propagationPolicy {policy:?}: supported values: \"Foreground\", \"Background\", \"Orphan\""
        )));
    }
    let dry_run = body["dryRun"].as_array().is_some_and(|list| list.iter().any(|each| each == "All"));
    Ok(DeleteOptions {
        dry_run: dry_run || context.query.dry_run,
        grace_period_seconds: body["gracePeriodSeconds"].as_i64().or(context.query.grace_period_seconds),
        propagation_policy: policy,
        uid: text(&body["preconditions"]["uid"]),
        resource_version: text(&body["preconditions"]["resourceVersion"]),
    })
}

/// `DELETE` of one object.
pub(super) fn delete(context: &Context<'_>) -> Result<Answer, ApiError> {
    let options = delete_options(context)?;
    let name = &context.path.name;
    context.cluster.with(|state| match state.delete(&context.api, &context.key(name), &options)? {
        Deleted::Gone(object) => {
            // Pods answer with themselves, as upstream; others with a status that names what went.
            if context.api.plural == "pods" {
                return Ok(Answer::ok(context.as_requested(&object)));
            }
            let mut about = context.api.about(name);
            object["metadata"]["uid"].as_str().unwrap_or_default().clone_into(&mut about.uid);
            Ok(Answer::ok(success(&about)))
        }
        Deleted::Going(object) => Ok(Answer::ok(context.as_requested(&object))),
    })
}

/// `DELETE` of everything a selector matches.
pub(super) fn delete_collection(context: &Context<'_>) -> Result<Answer, ApiError> {
    let options = delete_options(context)?;
    let namespace = Some(context.path.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    context.cluster.with(|state| {
        let collection = context.api.collection();
        let found: Vec<(crate::store::Key, Value)> = state
            .store
            .entries(&collection, namespace)
            .filter(|(_, object)| context.query.selector.matches(object))
            .map(|((namespace, name), object)| {
                (
                    crate::store::Key::new(&collection.group, &collection.plural, namespace, name),
                    Value::clone(object),
                )
            })
            .collect();
        let mut items = Vec::new();
        for (key, object) in found {
            state.delete(&context.api, &key, &options)?;
            items.push(context.as_requested(&object));
        }
        let revision = state.store.revision().to_string();
        Ok(Answer::ok(json!({
            "kind": context.api.list_kind, "apiVersion": context.api.api_version(),
            "metadata": {"resourceVersion": revision}, "items": items,
        })))
    })
}
