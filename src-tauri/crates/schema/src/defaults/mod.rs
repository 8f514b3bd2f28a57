//! What the API server fills in where an object says nothing.
//!
//! The table holds the defaults that depend on nothing but the presence of their parent; the module `conditional`
//! holds those that depend on other values (pull policy by tag, `targetPort` from `port`, …). Admission,
//! address allocation and controllers fill in more; that is not defaulting.

mod conditional;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use slipway_model::FieldPath;

use crate::restarts::pattern;
use crate::tables;

/// A default of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDefault {
    /// Where: `spec.template.spec.containers[].imagePullPolicy`; `[]` stands for every item.
    pub path: &'static str,
    /// Whether it appears on an empty object too; else only where what encloses it is there.
    pub always: bool,
    /// The value.
    pub value: Value,
}

fn table() -> &'static BTreeMap<&'static str, Vec<FieldDefault>> {
    static TABLE: OnceLock<BTreeMap<&'static str, Vec<FieldDefault>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let parse = |row: &'static str| {
            let (path, value) = row.split_once(' ')?;
            // `x{}` with the value `{}` is a map that comes into being empty.
            let always = path.starts_with('+');
            let path = path.get(1..)?;
            let path = path.strip_suffix("{}").unwrap_or(path);
            Some(FieldDefault { path, always, value: serde_json::from_str(value).ok()? })
        };
        let blocks = tables::blocks(tables::DEFAULTS).into_iter();
        blocks.map(|(kind, rows)| (kind, rows.into_iter().filter_map(parse).collect())).collect()
    })
}

/// The unconditional defaults of a kind, in the order of their paths.
#[must_use]
pub fn of_kind(api_version: &str, kind: &str) -> &'static [FieldDefault] {
    table().get(format!("{api_version}/{kind}").as_str()).map(Vec::as_slice).unwrap_or_default()
}

/// The unconditional default of the field at a path.
#[must_use]
pub fn value(api_version: &str, kind: &str, path: &FieldPath) -> Option<&'static Value> {
    let pattern = pattern(path);
    of_kind(api_version, kind).iter().find(|each| each.path == pattern).map(|each| &each.value)
}

/// Fills in every default of an object of a built-in kind; other objects are left as they are. Values that are
/// there are never changed.
///
/// ```
/// let mut object = serde_json::json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}});
/// slipway_schema::defaults::apply(&mut object);
/// assert_eq!(object["spec"]["ports"][0]["targetPort"], 80);
/// ```
pub fn apply(object: &mut Value) {
    let text = |object: &Value, field: &str| {
        object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (api_version, kind) = (text(object, "apiVersion"), text(object, "kind"));
    if crate::kinds::of_object(&api_version, &kind).is_none() || !object.is_object() {
        return;
    }
    conditional::before(&kind, object);
    // Lists that are absent come into being as a whole; lists that are there keep their items.
    let absent_lists: Vec<&str> = of_kind(&api_version, &kind)
        .iter()
        .filter(|each| each.always)
        .filter_map(|each| each.path.split_once("[]"))
        .map(|(list, _)| list)
        .filter(|list| is_absent(object, list))
        .collect();
    let snapshot = object.clone();
    for default in of_kind(&api_version, &kind) {
        if default.value == "now" || conditional::is_suppressed(&kind, &snapshot, default.path) {
            continue;
        }
        let creates = default.always
            && default.path.split_once("[]").is_none_or(|(list, _)| absent_lists.contains(&list));
        set(object, default.path, &default.value, creates);
    }
    conditional::after(&kind, object);
}

fn is_absent(object: &Value, path: &str) -> bool {
    let found = path.split('.').try_fold(object, |value, step| value.get(step));
    match found {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// Sets `path` where it is absent. With `creates`, what encloses it is created; else it must be there.
fn set(object: &mut Value, path: &str, value: &Value, creates: bool) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let Some(map) = object.as_object_mut() else { return };
    let (name, many) = match (step.strip_suffix("[]"), step.strip_suffix("{}")) {
        (Some(name), _) | (None, Some(name)) => (name, true),
        (None, None) => (step, false),
    };
    if map.get(name).is_none_or(Value::is_null) {
        if rest.is_none() && !many {
            map.insert(name.to_owned(), value.clone());
            return;
        }
        if !creates {
            return;
        }
        let fresh = match (many, rest) {
            (true, None) => Value::Array(vec![value.clone()]),
            (true, Some(_)) => Value::Array(vec![Value::Object(Map::new())]),
            (false, _) => Value::Object(Map::new()),
        };
        map.insert(name.to_owned(), fresh);
    }
    let (Some(child), Some(rest)) = (map.get_mut(name), rest) else { return };
    match child {
        Value::Array(items) if many => items.iter_mut().for_each(|item| set(item, rest, value, creates)),
        Value::Object(values) if many => values.values_mut().for_each(|item| set(item, rest, value, creates)),
        child => set(child, rest, value, creates),
    }
}

#[cfg(test)]
mod tests;
