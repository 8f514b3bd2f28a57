//! The older dialect of ApplicationSets: `{{path.basename}}` is replaced, anything unknown stays.

use serde_json::Value;

use super::parameters::Parameters;

/// Replaces every `{{name}}` whose name is a parameter.
pub(super) fn replace(text: &str, parameters: &Parameters) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let Some(length) = rest[open + 2..].find("}}") else { break };
        let tag = &rest[open + 2..open + 2 + length];
        let end = open + 2 + length + 2;
        result.push_str(&rest[..open]);
        match parameters.flat(tag.trim()) {
            Some(value) => result.push_str(&value),
            None => result.push_str(&rest[open..end]),
        }
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

/// The text of a parameter.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
