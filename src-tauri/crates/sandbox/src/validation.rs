//! What the API refuses: fields the schema does not know, values of the wrong type, names that are none, and
//! the few rules of the built-in kinds people run into.

use serde_json::Value;

use crate::registry::Api;
use crate::schema::Schema;
use crate::status::{ApiError, Cause};
use crate::store::selectors::Selector;

/// How deep objects may be nested.
const MAX_DEPTH: usize = 100;

/// What is wrong with the fields of an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldProblems {
    /// Fields the schema does not know: `spec.foo`, `spec.containers[0].foo`.
    pub(crate) unknown: Vec<String>,
    /// Fields with a value of the wrong type: path, expected, found.
    pub(crate) mistyped: Vec<(String, &'static str, &'static str)>,
}

/// Compares the fields of an object with its schema.
pub(crate) fn fields(object: &Value, schema: Schema<'_>) -> FieldProblems {
    let mut problems = FieldProblems::default();
    walk(object, schema, "", 0, &mut problems);
    problems
}

fn walk(value: &Value, schema: Schema<'_>, path: &str, depth: usize, problems: &mut FieldProblems) {
    if depth > MAX_DEPTH {
        problems.mistyped.push((path.to_owned(), "fewer levels", "more than 100"));
        return;
    }
    if let Some(expected) = schema.mismatch(value) {
        problems.mistyped.push((path.to_owned(), expected, sort(value)));
        return;
    }
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            for key in keys {
                let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                if !schema.declares(key) && !schema.is_open() {
                    problems.unknown.push(at);
                } else {
                    walk(&map[key.as_str()], schema.key(key), &at, depth + 1, problems);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, schema.item(), &format!("{path}[{index}]"), depth + 1, problems);
            }
        }
        _ => {}
    }
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The error for values of the wrong type, if there are any.
pub(crate) fn type_error(api: &Api, problems: &FieldProblems) -> Result<(), ApiError> {
    let Some((path, expected, found)) = problems.mistyped.first() else { return Ok(()) };
    Err(ApiError::bad_request(format!(
        "{kind} in version \"{version}\" cannot be handled as a {kind}: json: cannot unmarshal {found} into field \
         {path} of type {expected}",
        kind = api.kind,
        version = api.version,
    )))
}

/// The error of strict field validation, if fields are unknown.
pub(crate) fn strict_error(api: &Api, problems: &FieldProblems) -> Result<(), ApiError> {
    if problems.unknown.is_empty() {
        return Ok(());
    }
    let list: Vec<String> =
        problems.unknown.iter().map(|field| format!("unknown field \"{field}\"")).collect();
    Err(ApiError::bad_request(format!(
        "{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: {list}",
        kind = api.kind,
        version = api.version,
        list = list.join(", "),
    )))
}

/// Removes the fields a schema does not know, as decoding does.
pub(crate) fn prune(value: &mut Value, schema: Schema<'_>) {
    match value {
        Value::Object(map) => {
            let open = schema.is_open();
            map.retain(|key, _| open || schema.declares(key));
            for (key, value) in map.iter_mut() {
                prune(value, schema.key(key));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| prune(item, schema.item())),
        _ => {}
    }
}

/// Removes nulls, which mean "not set" in typed objects; free maps and untyped values keep theirs.
pub(crate) fn drop_nulls(value: &mut Value, schema: Schema<'_>) {
    match value {
        Value::Object(map) => {
            if matches!(schema, Schema::BuiltIn { .. }) {
                map.retain(|_, value| !value.is_null());
            }
            for (key, value) in map.iter_mut() {
                drop_nulls(value, schema.key(key));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_nulls(item, schema.item())),
        _ => {}
    }
}

/// Checks an object that is about to be stored.
pub(crate) fn object(api: &Api, object: &Value) -> Result<(), ApiError> {
    let mut causes = Vec::new();
    metadata(api, object, &mut causes);
    let is_known = api.is_built_in() || matches!(api.schema(), Schema::Custom { .. });
    if is_known && api.kind != "Event" {
        let schema = api.schema();
        for (key, value) in object.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "status" | "metadata") {
                required(value, schema.key(key), key, &mut causes);
            }
        }
        for key in schema.required() {
            let is_absent = object.get(key).is_none_or(Value::is_null);
            if is_absent && !matches!(key, "metadata" | "status") && (api.kind != "LimitRange") {
                causes.push(Cause::required(key));
            }
        }
    }
    if api.is_built_in() {
        of_kind(api, object, &mut causes);
    }
    if causes.is_empty() {
        return Ok(());
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    Err(ApiError::invalid(api.about_kind(name), causes))
}

fn required(value: &Value, schema: Schema<'_>, path: &str, causes: &mut Vec<Cause>) {
    match value {
        Value::Object(map) => {
            for key in schema.required() {
                if map.get(key).is_none_or(Value::is_null) {
                    causes.push(Cause::required(format!("{path}.{key}")));
                }
            }
            for (key, value) in map {
                // Metadata of templates has no name, and a status is the server's own.
                if !matches!(key.as_str(), "metadata" | "status") {
                    required(value, schema.key(key), &format!("{path}.{key}"), causes);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                required(item, schema.item(), &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
    '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

fn is_label(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
        && text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn metadata(api: &Api, object: &Value, causes: &mut Vec<Cause>) {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    if name.is_empty() {
        causes.push(Cause {
            reason: "FieldValueRequired",
            message: "Required value: name or generateName is required".to_owned(),
            field: "metadata.name".to_owned(),
        });
        return;
    }
    let value = &metadata["name"];
    let complaint = match (api.group.as_str(), api.kind.as_str()) {
        // Names of RBAC objects may be nearly anything that is a segment of a path.
        ("rbac.authorization.k8s.io", _) => (name.contains(['/', '%']) || matches!(name, "." | ".."))
            .then_some("may not contain '/' or '%', and may not be '.' or '..'"),
        ("", "Namespace" | "Service") => (!is_label(name)).then_some(LABEL),
        _ => (!is_subdomain(name)).then_some(SUBDOMAIN),
    };
    if let Some(complaint) = complaint {
        causes.push(Cause::invalid("metadata.name", value, complaint));
    }
    for (field, checks_values) in [("labels", true), ("annotations", false)] {
        for (key, value) in metadata[field].as_object().into_iter().flatten() {
            if !is_qualified_name(key) {
                let key = Value::from(key.clone());
                causes.push(Cause::invalid(format!("metadata.{field}"), &key, "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"));
            }
            if checks_values && !value.as_str().is_some_and(is_label_value) {
                causes.push(Cause::invalid(format!("metadata.{field}"), value, "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"));
            }
        }
    }
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_name(text: &str) -> bool {
    text.len() <= 63
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().last().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

/// Rules of single kinds.
fn of_kind(api: &Api, object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    match (api.group.as_str(), api.kind.as_str()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            let claims = names(&spec["volumeClaimTemplates"], "/metadata/name");
            pod_spec(&spec["template"]["spec"], "spec.template.spec", true, &claims, causes);
            let template = &spec["template"];
            if spec["selector"].is_object() && !Selector::of_object(&spec["selector"]).matches(template) {
                let labels = &template["metadata"]["labels"];
                let why = "`selector` does not match template `labels`";
                causes.push(Cause::invalid("spec.template.metadata.labels", labels, why));
            }
            if spec["replicas"].as_i64().is_some_and(|replicas| replicas < 0) {
                let why = "must be greater than or equal to 0";
                causes.push(Cause::invalid("spec.replicas", &spec["replicas"], why));
            }
        }
        ("batch", "Job") => {
            pod_spec(&spec["template"]["spec"], "spec.template.spec", false, &[], causes);
            job_restart_policy(&spec["template"]["spec"], "spec.template.spec", causes);
        }
        ("batch", "CronJob") => {
            let template = &spec["jobTemplate"]["spec"]["template"]["spec"];
            pod_spec(template, "spec.jobTemplate.spec.template.spec", false, &[], causes);
            job_restart_policy(template, "spec.jobTemplate.spec.template.spec", causes);
            let schedule = spec["schedule"].as_str().unwrap_or_default();
            let fields = schedule.split_whitespace().count();
            if !schedule.starts_with('@') && fields != 5 {
                let why = format!("expected exactly 5 fields, found {fields}: [{schedule}]");
                causes.push(Cause::invalid("spec.schedule", &spec["schedule"], &why));
            }
        }
        ("", "Pod") => pod_spec(spec, "spec", false, &[], causes),
        ("", "Service") => {
            let needs_ports = spec["type"] != "ExternalName" && spec["clusterIP"] != "None";
            if needs_ports && spec["ports"].as_array().is_none_or(Vec::is_empty) {
                causes.push(Cause::required("spec.ports"));
            }
            let first = &spec["clusterIPs"][0];
            if !first.is_null() && *first != spec["clusterIP"] {
                let why = "first value must match `clusterIP`";
                causes.push(Cause::invalid("spec.clusterIPs", &spec["clusterIPs"], why));
            }
            for (index, port) in spec["ports"].as_array().into_iter().flatten().enumerate() {
                let number = port["port"].as_i64().unwrap_or_default();
                if !(1..=65535).contains(&number) {
                    let field = format!("spec.ports[{index}].port");
                    causes.push(Cause::invalid(
                        field,
                        &port["port"],
                        "must be between 1 and 65535, inclusive",
                    ));
                }
            }
        }
        ("", "ConfigMap" | "Secret") => {
            for (key, _) in object["data"].as_object().into_iter().flatten() {
                if key.len() > 253
                    || !key
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
                {
                    let why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
                    causes.push(Cause::invalid(format!("data[{key}]"), &Value::from(key.clone()), why));
                }
            }
        }
        _ => {}
    }
}

fn job_restart_policy(spec: &Value, path: &str, causes: &mut Vec<Cause>) {
    let policy = spec["restartPolicy"].as_str().unwrap_or("Always");
    if policy == "Always" {
        causes.push(Cause {
            reason: "FieldValueNotSupported",
            message: "Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\"".to_owned(),
            field: format!("{path}.restartPolicy"),
        });
    }
}

fn names<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|item| item.pointer(pointer)?.as_str()).collect()
}

fn pod_spec(spec: &Value, path: &str, restarts: bool, claims: &[&str], causes: &mut Vec<Cause>) {
    if spec["containers"].as_array().is_some_and(Vec::is_empty) {
        causes.push(Cause::required(format!("{path}.containers")));
    }
    for list in ["containers", "initContainers"] {
        let mut names = std::collections::BTreeSet::new();
        for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            let at = format!("{path}.{list}[{index}]");
            if container["image"].as_str().unwrap_or_default().is_empty() {
                causes.push(Cause::required(format!("{at}.image")));
            }
            let name = container["name"].as_str().unwrap_or_default();
            if !name.is_empty() && !is_label(name) {
                causes.push(Cause::invalid(format!("{at}.name"), &container["name"], LABEL));
            }
            if !names.insert(name) {
                causes.push(Cause {
                    reason: "FieldValueDuplicate",
                    message: format!("Duplicate value: {}", container["name"]),
                    field: format!("{at}.name"),
                });
            }
        }
    }
    let volumes = names(&spec["volumes"], "/name");
    for (index, container) in spec["containers"].as_array().into_iter().flatten().enumerate() {
        for (mount_index, mount) in container["volumeMounts"].as_array().into_iter().flatten().enumerate() {
            let Some(name) = mount["name"].as_str() else { continue };
            if !volumes.contains(&name) && !claims.contains(&name) {
                causes.push(Cause {
                    reason: "FieldValueNotFound",
                    message: format!("Not found: \"{name}\""),
                    field: format!("{path}.containers[{index}].volumeMounts[{mount_index}].name"),
                });
            }
        }
    }
    if restarts && spec["restartPolicy"].as_str().is_some_and(|policy| policy != "Always") {
        causes.push(Cause {
            reason: "FieldValueNotSupported",
            message: format!("Unsupported value: {}: supported values: \"Always\"", spec["restartPolicy"]),
            field: format!("{path}.restartPolicy"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "tables of literals read better without borrows")]
    fn message(object: Value) -> String {
        let registry = Registry::new();
        let (group, kind) = match object["apiVersion"].as_str().unwrap().split_once('/') {
            Some((group, _)) => (group.to_owned(), object["kind"].as_str().unwrap().to_owned()),
            None => (String::new(), object["kind"].as_str().unwrap().to_owned()),
        };
        let api = registry.of_kind(&group, &kind).unwrap();
        super::object(&api, &object).err().map(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn what_the_server_refuses_is_refused() {
        let deployment = |spec: Value| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec});
        let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
        assert_eq!(
            message(deployment(json!({"selector": {"matchLabels": {"a": "b"}}, "template": template}))),
            ""
        );
        assert_eq!(
            message(deployment(json!({"template": template}))),
            "Deployment.apps \"web\" is invalid: spec.selector: Required value"
        );
        let wrong =
            message(deployment(json!({"selector": {"matchLabels": {"x": "y"}}, "template": template})));
        assert!(wrong.contains("`selector` does not match template `labels`"), "{wrong}");
        let name = message(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "A_b"}}));
        assert!(name.contains("a lowercase RFC 1123 subdomain"), "{name}");
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": "system:a"}, "rules": []});
        assert_eq!(message(role), "");
    }

    #[test]
    fn unknown_and_mistyped_fields_are_found_where_they_are() {
        let problems = fields(
            &json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "labels": {"any": "x"}},
                "spec": {"replica": 1, "replicas": "3", "template": {"spec": {"containers": [{"name": "a", "img": "b"}]}}}}),
            Schema::of_kind("apps/v1", "Deployment"),
        );
        assert_eq!(problems.unknown, ["spec.replica", "spec.template.spec.containers[0].img"]);
        assert_eq!(problems.mistyped, [("spec.replicas".to_owned(), "integer", "string")]);
    }
}
