//! Sub-resources: status, scale, logs, eviction, tokens.

use serde_json::{Value, json};

use super::{Answer, Context};
use crate::clock::rfc3339;
use crate::state::{number, text};
use crate::status::ApiError;
use crate::write::{DeleteOptions, WriteOptions};

/// Answers a request for a sub-resource.
pub(super) fn handle(context: &Context<'_>) -> Result<Answer, ApiError> {
    let name = context.path.subresource.as_str();
    let is_served = context.api.subresources.iter().any(|each| each == name);
    if !is_served {
        return Err(ApiError::no_such_resource());
    }
    match (name, context.request.method.as_str()) {
        ("status", "GET") => super::read::get(context),
        ("status", "PUT") => super::write::replace(context),
        ("status", "PATCH") => super::patch::patch(context),
        ("scale", "GET") => get_scale(context),
        ("scale", "PUT" | "PATCH") => set_scale(context),
        ("log", "GET") => log(context),
        ("eviction", "POST") => evict(context),
        ("token", "POST") => token(context),
        ("finalize", "PUT") => finalize(context),
        ("exec" | "attach" | "portforward" | "proxy", _) => Err(ApiError::new(
            501,
            "NotImplemented",
            format!("the sandbox runs no processes, so {name} is not possible"),
        )),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Where the replicas of an object are: fixed for built-in kinds, declared for custom ones.
fn scale_paths(context: &Context<'_>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let split = |path: &str| -> Vec<String> {
        path.trim_start_matches('.').split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect()
    };
    if let crate::registry::Origin::Custom(version) = &context.api.origin {
        let scale = &version["subresources"]["scale"];
        let path = |field: &str| split(scale[field].as_str().unwrap_or_default());
        return (path("specReplicasPath"), path("statusReplicasPath"), path("labelSelectorPath"));
    }
    (split(".spec.replicas"), split(".status.replicas"), Vec::new())
}

fn at<'a>(object: &'a Value, path: &[String]) -> &'a Value {
    path.iter().try_fold(object, |value, step| value.get(step)).unwrap_or(&Value::Null)
}

fn scale_of(context: &Context<'_>, object: &Value) -> Value {
    let (spec, status, selector) = scale_paths(context);
    let metadata = &object["metadata"];
    let selector = if selector.is_empty() {
        let labels = object["spec"]["selector"]["matchLabels"].as_object();
        let mut pairs: Vec<String> = labels
            .into_iter()
            .flatten()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        pairs.sort();
        json!(pairs.join(","))
    } else {
        at(object, &selector).clone()
    };
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"], "creationTimestamp": metadata["creationTimestamp"]},
        "spec": {"replicas": at(object, &spec).as_i64().unwrap_or(0)},
        "status": {"replicas": at(object, &status).as_i64().unwrap_or(0), "selector": selector},
    })
}

fn get_scale(context: &Context<'_>) -> Result<Answer, ApiError> {
    let name = &context.path.name;
    context.cluster.with(|state| {
        let object = state.store.get(&context.key(name));
        let object = object.ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        Ok(Answer::ok(scale_of(context, object)))
    })
}

fn set_scale(context: &Context<'_>) -> Result<Answer, ApiError> {
    let name = &context.path.name;
    let is_patch = context.request.method == hyper::Method::PATCH;
    let body = if is_patch {
        super::write::parse_json(&context.request.body)?
    } else {
        super::write::read_body(context)?
    };
    context.cluster.with(|state| {
        let key = context.key(name);
        let live =
            state.store.get(&key).cloned().ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        let wanted =
            if is_patch { slipway_schema::json_merge_patch(&scale_of(context, &live), &body) } else { body };
        let replicas = number(&wanted, &["spec", "replicas"]).unwrap_or(0);
        if replicas < 0 {
            return Err(ApiError::bad_request("spec.replicas must be greater than or equal to 0"));
        }
        let mut object = context.as_requested(&live);
        let (path, _, _) = scale_paths(context);
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        if steps.is_empty() {
            return Err(ApiError::no_such_resource());
        }
        crate::state::set(&mut object, &steps, json!(replicas));
        if let Some(version) =
            wanted["metadata"]["resourceVersion"].as_str().filter(|version| !version.is_empty())
        {
            object["metadata"]["resourceVersion"] = json!(version);
        }
        let writer = context.writer(state.time());
        // A scale changes the object itself.
        let options = WriteOptions { dry_run: context.query.dry_run, ..WriteOptions::plain(&context.api) };
        let updated = state.update(&context.api, &key, object, &writer, options)?;
        Ok(Answer::ok(scale_of(context, &updated)))
    })
}

/// A few lines a container could have written.
fn log(context: &Context<'_>) -> Result<Answer, ApiError> {
    let name = &context.path.name;
    let query = &context.query;
    context.cluster.with(|state| {
        let pod = state.store.get(&context.key(name));
        let pod = pod.cloned().ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        let containers: Vec<&str> = pod["spec"]["containers"]
            .as_array()
            .into_iter()
            .chain(pod["spec"]["initContainers"].as_array())
            .flatten()
            .filter_map(|container| container["name"].as_str())
            .collect();
        let container = match (query.container.as_str(), containers.as_slice()) {
            ("", [only]) => *only,
            ("", _) => {
                return Err(ApiError::bad_request(format!(
                    "a container name must be specified for pod {name}, choose one of: [{}]",
                    containers.join(" ")
                )));
            }
            (wanted, all) => *all.iter().find(|each| **each == wanted).ok_or_else(|| {
                ApiError::bad_request(format!("container {wanted} is not valid for pod {name}"))
            })?,
        };
        if pod["status"]["phase"] == "Pending" {
            return Err(ApiError::bad_request(format!(
                "container \"{container}\" in pod \"{name}\" is waiting to start: ContainerCreating"
            )));
        }
        if query.previous {
            return Err(ApiError::bad_request(format!(
                "previous terminated container \"{container}\" in pod \"{name}\" not found"
            )));
        }
        let listed = pod["spec"]["containers"].as_array();
        let image = listed
            .into_iter()
            .flatten()
            .find(|each| each["name"] == container)
            .map_or("", |each| text(each, &["image"]));
        let started = rfc3339(state.mark(&pod, "running"));
        let mut lines = vec![
            format!("sandbox: {container} starts image {image}"),
            format!(
                "sandbox: node {}, address {}",
                text(&pod, &["spec", "nodeName"]),
                text(&pod, &["status", "podIP"])
            ),
        ];
        lines.push(match text(&pod, &["status", "phase"]) {
            "Succeeded" => "sandbox: completed".to_owned(),
            "Failed" => "sandbox: failed with exit code 1".to_owned(),
            _ if super::super::controllers::is_ready(&pod) => "sandbox: ready".to_owned(),
            _ => "sandbox: not ready".to_owned(),
        });
        let skip = query.tail_lines.map_or(0, |tail| lines.len().saturating_sub(tail));
        let mut out = String::new();
        for line in lines.into_iter().skip(skip) {
            if query.timestamps {
                out.push_str(&started);
                out.push(' ');
            }
            out.push_str(&line);
            out.push('\n');
        }
        Ok(Answer::Text(out))
    })
}

fn evict(context: &Context<'_>) -> Result<Answer, ApiError> {
    let body = super::write::read_body(context)?;
    let options = DeleteOptions {
        grace_period_seconds: number(&body, &["deleteOptions", "gracePeriodSeconds"]),
        dry_run: context.query.dry_run,
        ..DeleteOptions::default()
    };
    context.cluster.with(|state| {
        state.delete(&context.api, &context.key(&context.path.name), &options)?;
        let status =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
        Ok(Answer::Json { code: 201, value: status, warnings: Vec::new() })
    })
}

fn token(context: &Context<'_>) -> Result<Answer, ApiError> {
    let mut body = super::write::read_body(context)?;
    context.cluster.with(|state| {
        let name = &context.path.name;
        if state.store.get(&context.key(name)).is_none() {
            return Err(ApiError::not_found(context.api.about(name)));
        }
        let seconds = number(&body, &["spec", "expirationSeconds"]).unwrap_or(3600).clamp(600, 86_400);
        let until = std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(3600));
        let token = format!("sandbox.{}", state.ids.uid());
        body["apiVersion"] = json!("authentication.k8s.io/v1");
        body["kind"] = json!("TokenRequest");
        body["status"] =
            json!({"token": token, "expirationTimestamp": rfc3339(crate::clock::later(state.now, until))});
        Ok(Answer::Json { code: 201, value: body, warnings: Vec::new() })
    })
}

/// The finalizers of a namespace's spec can only be changed here.
fn finalize(context: &Context<'_>) -> Result<Answer, ApiError> {
    let (object, _) = super::write::read_object(context)?;
    context.cluster.with(|state| {
        let name = &context.path.name;
        let key = context.key(name);
        let live =
            state.store.get(&key).cloned().ok_or_else(|| ApiError::not_found(context.api.about(name)))?;
        let mut changed = Value::clone(&live);
        changed["spec"]["finalizers"] = object["spec"]["finalizers"].clone();
        state.put(&key, changed.clone());
        Ok(Answer::ok(context.as_requested(&changed)))
    })
}
