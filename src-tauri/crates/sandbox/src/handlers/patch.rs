//! `PATCH`: JSON patch, JSON merge patch, strategic merge patch and server-side apply.

use serde_json::{Value, json};

use super::write::{fit, options, parse_json, scope};
use super::{Answer, Context};
use crate::request::FieldValidation;
use crate::status::{ApiError, Cause};
use crate::validation;
use crate::write::Ownership;

/// The sorts of patches, by media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Json,
    Merge,
    Strategic,
    Apply,
}

fn sort(context: &Context<'_>) -> Result<Sort, ApiError> {
    let header = context.request.headers.get("content-type").and_then(|value| value.to_str().ok());
    let media = header.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match media {
        "application/json-patch+json" => Ok(Sort::Json),
        "application/merge-patch+json" => Ok(Sort::Merge),
        "application/strategic-merge-patch+json" if context.api.is_built_in() => Ok(Sort::Strategic),
        "application/apply-patch+yaml" => Ok(Sort::Apply),
        _ => {
            let strategic =
                if context.api.is_built_in() { ", application/strategic-merge-patch+json" } else { "" };
            Err(ApiError::new(
                415,
                "UnsupportedMediaType",
                format!(
                    "the body of the request was in an unknown format - accepted media types include: \
                     application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml{strategic}"
                ),
            ))
        }
    }
}

/// `PATCH` of an object or its status.
pub(super) fn patch(context: &Context<'_>) -> Result<Answer, ApiError> {
    let sort = sort(context)?;
    if sort == Sort::Apply {
        return apply(context);
    }
    let patch: Value = serde_json::from_slice(&context.request.body)
        .map_err(|error| ApiError::bad_request(format!("the patch is no JSON: {error}")))?;
    let name = &context.path.name;
    context.cluster.with(|state| {
        let key = context.key(name);
        let live =
            state.store.get(&key).cloned().ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        let base = context.as_requested(&live);
        let patched = patched(context, sort, &base, &patch)?;
        if !patched["metadata"].is_object() {
            return Err(ApiError::bad_request("the patch leaves the object without metadata"));
        }
        let (object, warnings) = check(context, patched, &patch)?;
        let writer = context.writer(state.time());
        let updated =
            state.update(&context.api, &key, object, &writer, options(context, Ownership::Writer))?;
        Ok(Answer::Json { code: 200, value: context.present(&updated, state.now), warnings })
    })
}

fn patched(context: &Context<'_>, sort: Sort, base: &Value, patch: &Value) -> Result<Value, ApiError> {
    match sort {
        Sort::Json => {
            let unusable = |why: String| {
                let mut error = ApiError::new(422, "Invalid", why);
                error.about = Box::new(context.api.about_kind(&context.path.name));
                error
            };
            let operations: json_patch::Patch = serde_json::from_value(patch.clone())
                .map_err(|error| ApiError::bad_request(format!("error decoding patch: {error}")))?;
            if operations.0.len() > 10_000 {
                return Err(ApiError::new(
                    413,
                    "RequestEntityTooLarge",
                    "The allowed maximum operations in a JSON patch is 10000",
                ));
            }
            let mut object = base.clone();
            json_patch::patch(&mut object, &operations).map_err(|error| {
                unusable(format!("the server rejected our request due to an error in our request: {error}"))
            })?;
            Ok(object)
        }
        Sort::Merge => Ok(slipway_schema::json_merge_patch(base, patch)),
        Sort::Strategic => {
            let kind = (context.api.api_version(), context.api.kind.clone());
            slipway_schema::strategic_merge_patch(base, patch, (&kind.0, &kind.1))
                .map_err(|error| ApiError::bad_request(error.to_string()))
        }
        // Handled before; an apply is no patch of the live object.
        Sort::Apply => Ok(base.clone()),
    }
}

/// Checks a patched object; unknown fields are told the way patches are told about them.
fn check(context: &Context<'_>, object: Value, patch: &Value) -> Result<(Value, Vec<String>), ApiError> {
    if context.query.field_validation == FieldValidation::Strict {
        let problems = validation::fields(&object, context.api.schema());
        if !problems.unknown.is_empty() {
            let list: Vec<String> =
                problems.unknown.iter().map(|field| format!("unknown field \"{field}\"")).collect();
            let why = format!("strict decoding error: {}", list.join(", "));
            let cause = Cause::invalid("patch", patch, &why);
            let mut error = ApiError::invalid(crate::status::About::default(), vec![cause]);
            error.message = error.message.trim_start().to_owned();
            return Err(error);
        }
    }
    fit(context, object)
}

/// Server-side apply.
fn apply(context: &Context<'_>) -> Result<Answer, ApiError> {
    if context.query.field_manager.is_empty() {
        return Err(ApiError::new(
            422,
            "Invalid",
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        ));
    }
    let mut configuration = parse_json(&context.request.body)?;
    let api = &context.api;
    for (field, expected) in [("apiVersion", api.api_version()), ("kind", api.kind.clone())] {
        match configuration[field].as_str() {
            Some(found) if found == expected => {}
            found => {
                return Err(ApiError::bad_request(format!(
                    "failed to create manager for existing fields: the `{field}` of an apply must be {expected:?}, \
                     not {found:?}"
                )));
            }
        }
    }
    if configuration["metadata"].is_null() {
        configuration["metadata"] = json!({});
    }
    let managed = &configuration["metadata"]["managedFields"];
    if managed.as_array().is_some_and(|list| !list.is_empty()) {
        return Err(ApiError::bad_request("metadata.managedFields must be nil"));
    }
    super::write::place(context, &mut configuration)?;
    configuration["metadata"]["name"] = match configuration["metadata"]["name"].as_str() {
        None | Some("") => json!(context.path.name),
        Some(name) if name == context.path.name => json!(name),
        Some(name) => {
            return Err(ApiError::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                context.path.name
            )));
        }
    };
    let problems = validation::fields(&configuration, api.schema());
    let typed = |why: String| {
        ApiError::new(
            500,
            "",
            format!(
                "failed to create typed patch object ({}/{}; {}, Kind={}): {why}",
                context.path.namespace,
                context.path.name,
                api.api_version(),
                api.kind
            ),
        )
    };
    if let Some((path, expected, found)) = problems.mistyped.first() {
        return Err(typed(format!(".{path}: expected {expected}, got {found}")));
    }
    let mut warnings = context.warnings();
    if !problems.unknown.is_empty() {
        if api.is_built_in() {
            let list: Vec<String> = problems
                .unknown
                .iter()
                .map(|field| format!(".{field}: field not declared in schema"))
                .collect();
            let list =
                if list.len() == 1 { list.concat() } else { format!("errors:\n  {}", list.join("\n  ")) };
            return Err(typed(list));
        }
        if context.query.field_validation == FieldValidation::Strict {
            validation::strict_error(api, &problems)?;
        }
        warnings.extend(problems.unknown.iter().map(|field| format!("unknown field \"{field}\"")));
    }
    let schema = api.schema();
    validation::prune(&mut configuration, schema);
    validation::drop_nulls(&mut configuration, schema);
    let scope = scope(context);
    if scope == crate::apply::Scope::WithoutStatus {
        crate::write::remove_field(&mut configuration, "status");
    }
    crate::quantity::canonicalise(&mut configuration, schema);
    context.cluster.with(|state| {
        let writer = context.writer(state.time());
        let key = context.key(&context.path.name);
        let live = state.store.get(&key).map(|live| context.as_requested(live));
        if live.is_none() && !context.path.subresource.is_empty() {
            return Err(ApiError::not_found(api.about(&context.path.name)));
        }
        if let (None, Some(uid)) = (&live, configuration["metadata"]["uid"].as_str()) {
            let why = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            );
            return Err(ApiError::conflict(api.about(&context.path.name), &why));
        }
        let mut object =
            crate::apply::apply(live.as_ref(), &configuration, schema, &writer, scope, context.query.force)?;
        if live.is_none() {
            crate::write::remove_field(&mut object["metadata"], "resourceVersion");
            let created = state.create(api, object, &writer, options(context, Ownership::Applied))?;
            return Ok(Answer::Json { code: 201, value: context.present(&created, state.now), warnings });
        }
        let updated = state.update(api, &key, object, &writer, options(context, Ownership::Applied))?;
        Ok(Answer::Json { code: 200, value: context.present(&updated, state.now), warnings })
    })
}
