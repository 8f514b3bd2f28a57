//! Answers to the cases of `slipway conformance yaml`.

use serde_json::{Map, Value, json};

use crate::decode::{decode, decode_strict, decode_until_error};
use crate::error::YamlError;
use crate::stream::split_manifests;

/// Answers one case `{"id", "yaml"}` with `{"id", "sigs_yaml", "sigs_yaml_strict", "k8s_stream", "helm_split"}`: the document as
/// JSON, or `ERR LINE:COLUMN: MESSAGE`; a stream ends at its first error. A case without a text has an `error`.
#[must_use]
pub fn answer(case: &Value) -> Value {
    let mut result = Map::new();
    result.insert("id".to_owned(), case.get("id").cloned().unwrap_or(Value::Null));
    let Some(text) = case.get("yaml").and_then(Value::as_str) else {
        result.insert("error".to_owned(), json!("the case has no text `yaml`"));
        return Value::Object(result);
    };
    result.insert("sigs_yaml".to_owned(), outcome(decode(text)));
    result.insert("sigs_yaml_strict".to_owned(), outcome(decode_strict(text)));
    let (documents, error) = decode_until_error(text);
    let stream = documents.into_iter().map(|document| Ok(document.value)).chain(error.map(Err));
    result.insert("k8s_stream".to_owned(), stream.map(outcome).collect());
    result.insert("helm_split".to_owned(), split_manifests(text).into());
    Value::Object(result)
}

fn outcome(decoded: Result<Value, YamlError>) -> Value {
    Value::String(match decoded {
        Ok(value) => {
            let mut json = String::new();
            write_json(&mut json, &value);
            json
        }
        Err(error) => format!("ERR {}:{}: {}", error.line, error.column, error.message),
    })
}

/// JSON as Go writes it: keys sorted, numbers below 10^21 with all their digits.
fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && (1e-6..1e21).contains(&float.abs()) => {
                out.push_str(&format!("{float}"));
            }
            _ => out.push_str(&number.to_string()),
        },
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_json(out, value);
            }
            out.push('}');
        }
        _ => out.push_str(&value.to_string()),
    }
}
