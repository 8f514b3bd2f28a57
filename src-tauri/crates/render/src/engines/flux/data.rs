//! The entries of ConfigMaps and Secrets.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// What a ConfigMap or a Secret holds.
pub(super) enum Entries {
    /// Its entries as texts.
    Plain(BTreeMap<String, String>),
    /// It is encrypted in the repository.
    Encrypted,
    /// Why it holds nothing that can be read.
    Invalid(String),
}

/// The entries of an object. Of a Secret `data` is base64, and `stringData` is stronger.
pub(super) fn entries(object: &Value) -> Entries {
    if is_encrypted(object) {
        return Entries::Encrypted;
    }
    let is_secret = object.get("kind").and_then(Value::as_str) == Some("Secret");
    let mut entries = BTreeMap::new();
    for (key, value) in map(object, "data") {
        let Some(text) = text(value) else { return Entries::Invalid(format!("`data.{key}` is no text")) };
        let text = if is_secret {
            let bare: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
            match STANDARD.decode(bare) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => return Entries::Invalid(format!("`data.{key}` is no base64: {error}")),
            }
        } else {
            text
        };
        entries.insert(key.clone(), text);
    }
    if is_secret {
        for (key, value) in map(object, "stringData") {
            let Some(text) = text(value) else {
                return Entries::Invalid(format!("`stringData.{key}` is no text"));
            };
            entries.insert(key.clone(), text);
        }
    }
    Entries::Plain(entries)
}

/// Whether SOPS has encrypted an object: it adds a field `sops`, and values begin with `ENC[`.
fn is_encrypted(object: &Value) -> bool {
    let is_cipher = |value: &Value| value.as_str().is_some_and(|text| text.starts_with("ENC["));
    object.get("sops").is_some_and(Value::is_object)
        || ["data", "stringData"].iter().any(|field| map(object, field).any(|(_, value)| is_cipher(value)))
}

fn map<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    object.get(field).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}
