//! Custom resource definitions: what they define, and the status the server gives them.

use serde_json::{Value, json};

use crate::status::Cause;

/// The versions that are served.
pub(crate) fn served_versions(definition: &Value) -> impl Iterator<Item = &Value> {
    definition["spec"]["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|version| version["served"] == true)
}

/// The version clients prefer: the most stable, then the highest.
pub(crate) fn preferred_version(definition: &Value) -> Option<&str> {
    let mut names: Vec<&str> =
        served_versions(definition).filter_map(|version| version["name"].as_str()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(priority(name)));
    names.first().copied()
}

/// `v2` before `v1` before `v1beta2` before `v1alpha1` before anything else.
fn priority(name: &str) -> (u8, u64, u64) {
    let parse = || -> Option<(u8, u64, u64)> {
        let rest = name.strip_prefix('v')?;
        let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let major = rest[..digits].parse().ok()?;
        let stability = &rest[digits..];
        if stability.is_empty() {
            return Some((3, major, 0));
        }
        let (level, minor) = match stability.strip_prefix("beta") {
            Some(minor) => (2, minor),
            None => (1, stability.strip_prefix("alpha")?),
        };
        Some((level, major, minor.parse().ok()?))
    };
    parse().unwrap_or((0, 0, 0))
}

/// What a definition must have.
pub(crate) fn validate(definition: &Value) -> Vec<Cause> {
    let spec = &definition["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, plural) = (text(&spec["group"]), text(&spec["names"]["plural"]));
    let mut causes = Vec::new();
    let name = &definition["metadata"]["name"];
    if *name != json!(format!("{plural}.{group}")) {
        causes.push(Cause::invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
    }
    if !matches!(spec["scope"].as_str(), Some("Namespaced" | "Cluster")) {
        causes.push(Cause {
            reason: "FieldValueNotSupported",
            message: format!(
                "Unsupported value: {}: supported values: \"Cluster\", \"Namespaced\"",
                spec["scope"]
            ),
            field: "spec.scope".to_owned(),
        });
    }
    let versions = spec["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let storage = versions.iter().filter(|version| version["storage"] == true).count();
    if storage != 1 {
        let why = "must have exactly one version marked as storage version";
        causes.push(Cause::invalid("spec.versions", &spec["versions"], why));
    }
    for (index, version) in versions.iter().enumerate() {
        if !version.pointer("/schema/openAPIV3Schema").is_some_and(Value::is_object) {
            causes.push(Cause::required(format!("spec.versions[{index}].schema.openAPIV3Schema")));
        }
    }
    causes
}

/// Fills in what the server derives from the names.
pub(crate) fn default_names(definition: &mut Value) {
    let kind = definition["spec"]["names"]["kind"].as_str().unwrap_or_default().to_owned();
    let Some(names) = definition.pointer_mut("/spec/names").and_then(Value::as_object_mut) else { return };
    names.entry("singular").or_insert_with(|| json!(kind.to_lowercase()));
    names.entry("listKind").or_insert_with(|| json!(format!("{kind}List")));
    if let Some(spec) = definition.get_mut("spec").and_then(Value::as_object_mut) {
        spec.entry("conversion").or_insert_with(|| json!({"strategy": "None"}));
    }
}

/// The status of a definition that is served.
pub(crate) fn established(definition: &Value, now: &str) -> Value {
    let condition = |name: &str, reason: &str, message: &str| json!({"type": name, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now});
    let stored: Vec<&Value> = definition["spec"]["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|version| version["storage"] == true)
        .map(|version| &version["name"])
        .collect();
    json!({
        "acceptedNames": definition["spec"]["names"],
        "storedVersions": stored,
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
    })
}

/// Fills in the defaults of a structural schema, where what encloses them is there.
pub(crate) fn apply_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(map) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                if let (false, Some(default)) = (map.contains_key(key), property.get("default")) {
                    map.insert(key.clone(), default.clone());
                }
                if let Some(below) = map.get_mut(key) {
                    apply_defaults(below, property);
                }
            }
            if let Some(more) = schema.get("additionalProperties").filter(|more| more.is_object()) {
                map.values_mut().for_each(|below| apply_defaults(below, more));
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| apply_defaults(item, schema));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_stable_version_is_preferred() {
        let definition = |names: &[&str]| {
            let versions: Vec<Value> =
                names.iter().map(|name| json!({"name": name, "served": true})).collect();
            json!({"spec": {"versions": versions}})
        };
        assert_eq!(preferred_version(&definition(&["v1alpha1", "v1", "v2beta1", "v10"])), Some("v10"));
        assert_eq!(preferred_version(&definition(&["v1alpha1", "v1beta1", "other"])), Some("v1beta1"));
    }

    #[test]
    fn defaults_of_a_structural_schema_are_filled_in() {
        let schema = json!({"properties": {"spec": {"default": {}, "properties": {
            "size": {"default": 3}, "list": {"items": {"properties": {"a": {"default": "x"}}}}}}}});
        let mut object = json!({"spec": {"list": [{}, {"a": "y"}]}});
        apply_defaults(&mut object, &schema);
        assert_eq!(object, json!({"spec": {"size": 3, "list": [{"a": "x"}, {"a": "y"}]}}));
        let mut empty = json!({});
        apply_defaults(&mut empty, &schema);
        assert_eq!(empty, json!({"spec": {"size": 3}}));
    }
}
