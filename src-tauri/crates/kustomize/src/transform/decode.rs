//! Reading the configuration of transformers as Go's decoder of JSON does: names of fields in any case, null is as good
//! as absent, fields that nobody knows are ignored.

use serde_json::{Map, Value};

use crate::failure::Failure;

/// A value of the wrong type.
pub(crate) fn expected(what: &str, kind: &str, value: &Value) -> Failure {
    let shown = value.to_string();
    let shown = crate::resource::shorten(&shown, 80);
    Failure::new("kustomize-configuration", format!("expected {kind} for {what}, found {shown}"))
}

/// A field of a map, whatever the case of its name; null is absent.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let map = value.as_object()?;
    map.get(name).or_else(|| find_any_case(map, name)).filter(|value| !value.is_null())
}

fn find_any_case<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
}

/// A value that is text; null is empty, other scalars become text as in `sigs.k8s.io/yaml`.
pub(crate) fn text(name: &str, value: &Value) -> Result<String, Failure> {
    match super::scalar::text(value) {
        Some(text) => Ok(text.into_owned()),
        None => Err(expected(&format!("`{name}`"), "text", value)),
    }
}

/// A field that is text; empty where it is absent.
pub(crate) fn text_field(value: &Value, name: &str) -> Result<String, Failure> {
    field(value, name).map_or_else(|| Ok(String::new()), |value| text(name, value))
}

/// A field that is true or false; false where it is absent.
pub(crate) fn bool_field(value: &Value, name: &str) -> Result<bool, Failure> {
    match field(value, name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => Err(expected(&format!("`{name}`"), "true or false", other)),
    }
}

/// A field that is a whole number; 0 where it is absent.
pub(crate) fn integer_field(value: &Value, name: &str) -> Result<i64, Failure> {
    match field(value, name) {
        None => Ok(0),
        Some(value) => value.as_i64().ok_or_else(|| expected(&format!("`{name}`"), "a whole number", value)),
    }
}

/// A field that is a list; empty where it is absent.
pub(crate) fn list_field<'v>(value: &'v Value, name: &str) -> Result<&'v [Value], Failure> {
    match field(value, name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(other) => Err(expected(&format!("`{name}`"), "a list", other)),
    }
}

/// A field that is a map of texts, sorted; empty where it is absent.
pub(crate) fn text_map_field(value: &Value, name: &str) -> Result<Vec<(String, String)>, Failure> {
    let Some(value) = field(value, name) else { return Ok(Vec::new()) };
    let map = value.as_object().ok_or_else(|| expected(&format!("`{name}`"), "a map", value))?;
    let mut pairs: Vec<(String, String)> = map
        .iter()
        .map(|(key, value)| Ok((key.clone(), text(key, value)?)))
        .collect::<Result<_, Failure>>()?;
    pairs.sort();
    Ok(pairs)
}
