//! The hash of a ConfigMap or Secret, and its place behind the name.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap, scalar_text};

/// Puts the hash of its content behind the name of every resource that wants it.
///
/// # Errors
/// When a resource that is neither ConfigMap nor Secret wants one.
pub(crate) fn add_hashes(resources: &mut ResourceMap) -> Result<(), Failure> {
    for resource in resources {
        if resource.needs_hash() {
            let hash = content_hash(resource)?;
            resource.store_previous_id();
            let name = format!("{}-{hash}", resource.name());
            resource.set_name(&name);
        }
    }
    Ok(())
}

/// The ten characters that stand for the content of a ConfigMap or Secret.
///
/// # Errors
/// For other kinds: kustomize hashes how their YAML is laid out in its memory, which cannot be repeated.
pub(crate) fn content_hash(resource: &Resource) -> Result<String, Failure> {
    let object = resource.object();
    let field = |name: &str| match object.get(name) {
        None => Value::from(""),
        Some(value @ (Value::Object(_) | Value::Array(_))) => value.clone(),
        Some(scalar) => Value::from(scalar_text(scalar)),
    };
    let mut fields: Vec<(&str, Value)> = match resource.kind() {
        "ConfigMap" => {
            vec![("data", field("data")), ("kind", Value::from("ConfigMap")), ("name", Value::from(""))]
        }
        "Secret" => vec![
            ("data", field("data")),
            ("kind", Value::from("Secret")),
            ("name", Value::from("")),
            ("type", field("type")),
        ],
        other => {
            let message =
                format!("a name suffix hash of a {other} cannot be computed outside of kustomize itself");
            return Err(Failure::new("kustomize-hash", message)
                .opaque()
                .hint("take the annotation internal.config.kubernetes.io/needsHashSuffix away"));
        }
    };
    let more = if resource.kind() == "Secret" { "stringData" } else { "binaryData" };
    if object.get(more).is_some_and(Value::is_object) {
        fields.push((more, field(more)));
    }
    fields.sort_by(|left, right| left.0.cmp(right.0));
    let mut text = String::from("{");
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_text(&mut text, name);
        text.push(':');
        write_json(&mut text, value);
    }
    text.push('}');
    Ok(encode(&Sha256::digest(text.as_bytes())))
}

/// The first ten hexadecimal digits, without vowels and what looks like some.
fn encode(digest: &[u8]) -> String {
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(10)
        .map(|digit| match digit {
            0 => 'g',
            1 => 'h',
            3 => 'k',
            10 => 'm',
            14 => 't',
            digit => char::from_digit(u32::from(digit), 16).unwrap_or('g'),
        })
        .collect()
}

/// JSON as Go's `json.Marshal` writes it: keys sorted, `<`, `>` and `&` escaped.
fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => write_text(out, text),
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
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                write_json(out, &map[key]);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
