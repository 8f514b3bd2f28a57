//! Reading: one object, a list, a watch.

use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{Answer, Context};
use crate::request::Form;
use crate::status::ApiError;
use crate::store::watch::{self, Watch};
use crate::tables;

/// `GET` of one object.
pub(super) fn get(context: &Context<'_>) -> Result<Answer, ApiError> {
    let name = &context.path.name;
    context.cluster.with(|state| {
        let object = state.store.get(&context.key(name));
        let object = object.ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        Ok(Answer::ok(context.present(object, state.now)))
    })
}

/// `GET` of a collection.
pub(super) fn list(context: &Context<'_>) -> Result<Answer, ApiError> {
    let query = &context.query;
    let namespace = Some(context.path.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    context.cluster.with(|state| {
        let current = state.store.revision();
        if let Ok(asked) = query.resource_version.parse::<u64>() {
            let exact = query.resource_version_match == "Exact" && asked != current;
            if exact && asked < state.store.compacted() || asked > current.saturating_add(1_000_000) {
                return Err(too_old(asked, state.store.compacted()));
            }
        } else if !query.resource_version.is_empty() {
            return Err(ApiError::bad_request(format!(
                "invalid resourceVersion {:?}",
                query.resource_version
            )));
        }
        let (revision, after) = match query.continue_token.as_str() {
            "" => (current, None),
            token => {
                let (revision, namespace, name) = decode_continue(token)?;
                if revision < state.store.compacted() {
                    let message =
                        "The provided continue parameter is too old to display a consistent list result.";
                    return Err(ApiError::gone(message));
                }
                (revision, Some((namespace, name)))
            }
        };
        let limit = if query.limit == 0 { usize::MAX } else { query.limit };
        let mut objects = Vec::new();
        let mut next = None;
        let mut remaining = 0_usize;
        for (key, object) in state.store.entries(&context.api.collection(), namespace) {
            if after.as_ref().is_some_and(|after| key <= after) || !query.selector.matches(object) {
                continue;
            }
            if objects.len() == limit {
                remaining += 1;
                continue;
            }
            objects.push(Arc::clone(object));
            next = Some(key.clone());
        }
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if let (true, Some((namespace, name))) = (remaining > 0, next) {
            metadata["continue"] = json!(encode_continue(revision, &namespace, &name));
            if query.selector.is_empty() {
                metadata["remainingItemCount"] = json!(remaining);
            }
        }
        let objects: Vec<Value> = objects.iter().map(|object| context.as_requested(object)).collect();
        Ok(Answer::ok(match context.form {
            Form::Table => {
                let references: Vec<&Value> = objects.iter().collect();
                let mut table = tables::table(&context.api, &references, &query.include_object, state.now);
                table["metadata"] = metadata;
                table
            }
            Form::Metadata => json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": objects.iter().map(tables::partial).collect::<Vec<_>>(),
            }),
            _ => json!({
                "kind": context.api.list_kind, "apiVersion": context.api.api_version(), "metadata": metadata,
                "items": objects,
            }),
        }))
    })
}

fn too_old(asked: u64, oldest: u64) -> ApiError {
    ApiError::gone(format!("too old resource version: {asked} ({oldest})"))
}

fn encode_continue(revision: u64, namespace: &str, name: &str) -> String {
    let token = json!([revision, namespace, name]).to_string();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(token)
}

fn decode_continue(token: &str) -> Result<(u64, String, String), ApiError> {
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| ApiError::bad_request("continue key is not valid: it is not a token of this server"))
}

/// `GET` of a collection with `watch=true`.
pub(super) fn watch(context: &Context<'_>) -> Result<Answer, ApiError> {
    let query = &context.query;
    let asked = match query.resource_version.as_str() {
        "" | "0" => None,
        text => Some(
            text.parse::<u64>()
                .map_err(|_| ApiError::bad_request(format!("invalid resourceVersion {text:?}")))?,
        ),
    };
    if query.send_initial_events && query.resource_version_match != "NotOlderThan" {
        return Err(ApiError::new(
            422,
            "Invalid",
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires \
             setting resourceVersionMatch to NotOlderThan",
        ));
    }
    let mut selector = query.selector.clone();
    if !context.path.name.is_empty() {
        selector =
            crate::store::selectors::Selector::parse("", &format!("metadata.name={}", context.path.name))
                .map_err(ApiError::bad_request)?;
    }
    let watch = Watch {
        cluster: Arc::clone(context.cluster),
        api: Arc::clone(&context.api),
        namespace: context.path.namespace.clone(),
        selector,
        form: context.form,
        include_object: query.include_object.clone(),
        bookmarks: query.bookmarks,
        send_initial_events: query.send_initial_events,
        from: asked,
        timeout: query.timeout_seconds,
    };
    Ok(Answer::Stream { content_type: "application/json", body: watch::stream(watch) })
}
