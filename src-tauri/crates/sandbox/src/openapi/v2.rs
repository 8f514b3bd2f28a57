//! The OpenAPI v2 document: definitions of every kind, as JSON and as the protocol buffers older clients ask
//! for. Source of the field numbers: `OpenAPIv2.proto` of google/gnostic.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_schema::types;

use super::{custom_name, full_name, scalars, structure_schema};
use crate::registry::{Origin, Registry};

/// The definitions by name.
fn definitions(registry: &Registry) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for (name, structure) in types::all() {
        let mut schema = structure_schema(structure, "#/definitions/");
        let kinds: Vec<Value> = slipway_schema::kinds::all()
            .iter()
            .filter(|kind| kind.type_name == *name)
            .map(|kind| json!({"group": kind.group, "version": kind.version, "kind": kind.kind}))
            .collect();
        if !kinds.is_empty() {
            schema["x-kubernetes-group-version-kind"] = json!(kinds);
        }
        out.insert(full_name(name), schema);
    }
    for (name, schema) in scalars() {
        // Version 2 knows no alternatives; published documents say "string" there.
        let format = schema["format"].clone();
        let mut schema = json!({"type": "string"});
        if !format.is_null() {
            schema["format"] = format;
        }
        out.insert(name.to_owned(), schema);
    }
    for api in registry.all().filter(|api| !matches!(api.origin, Origin::BuiltIn)) {
        // Custom resources are checked by the server only.
        let kind = json!([{"group": api.group, "version": api.version, "kind": api.kind}]);
        let schema = json!({"type": "object", "x-kubernetes-group-version-kind": kind,
            "x-kubernetes-preserve-unknown-fields": true});
        out.insert(custom_name(api), schema);
    }
    out
}

/// The document as JSON.
pub(crate) fn json(registry: &Registry) -> Value {
    json!({
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": format!("v{}", slipway_schema::KUBERNETES_VERSION)},
        "paths": {},
        "definitions": definitions(registry),
    })
}

/// The document as protocol buffers.
pub(crate) fn protobuf(registry: &Registry) -> Vec<u8> {
    let mut info = Message::default();
    info.text(1, "Kubernetes");
    info.text(2, &format!("v{}", slipway_schema::KUBERNETES_VERSION));
    let mut list = Message::default();
    for (name, value) in definitions(registry) {
        list.message(1, &named(&name, &schema(&value)));
    }
    let mut document = Message::default();
    document.text(1, "2.0");
    document.message(2, &info);
    document.message(8, &Message::default());
    document.message(9, &list);
    document.0
}

/// Bytes of a message, field by field.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap_or(0));
    }

    fn bytes(&mut self, field: usize, bytes: &[u8]) {
        // Wire type 2: a length and that many bytes.
        self.number(field << 3 | 2);
        self.number(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: usize, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: usize, message: &Self) {
        self.bytes(field, &message.0);
    }
}

fn named(name: &str, value: &Message) -> Message {
    let mut out = Message::default();
    out.text(1, name);
    out.message(2, value);
    out
}

fn schema(value: &Value) -> Message {
    let mut out = Message::default();
    for (field, key) in [(1, "$ref"), (2, "format"), (4, "description")] {
        if let Some(text) = value[key].as_str() {
            out.text(field, text);
        }
    }
    for required in value["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        out.text(19, required);
    }
    if let Some(more) = value.get("additionalProperties") {
        let mut item = Message::default();
        item.message(1, &schema(more));
        out.message(21, &item);
    }
    if let Some(sort) = value["type"].as_str() {
        let mut item = Message::default();
        item.text(1, sort);
        out.message(22, &item);
    }
    if let Some(items) = value.get("items") {
        let mut item = Message::default();
        item.message(1, &schema(items));
        out.message(23, &item);
    }
    if let Some(properties) = value["properties"].as_object() {
        let mut names: Vec<&String> = properties.keys().collect();
        names.sort();
        let mut list = Message::default();
        for name in names {
            list.message(1, &named(name, &schema(&properties[name.as_str()])));
        }
        out.message(25, &list);
    }
    let mut extensions: Vec<(&String, &Value)> =
        value.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("x-")).collect();
    extensions.sort_by_key(|(key, _)| *key);
    for (key, value) in extensions {
        // JSON is YAML.
        let mut any = Message::default();
        any.text(2, &value.to_string());
        out.message(31, &named(key, &any));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_a_byte_are_written_in_groups_of_seven() {
        let mut message = Message::default();
        message.number(300);
        assert_eq!(message.0, [0xac, 0x02]);
    }

    #[test]
    fn every_reference_has_a_definition() {
        let document = json(&Registry::new());
        let text = document.to_string();
        for part in text.split("\"#/definitions/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document["definitions"].get(name).is_some(), "{name}");
        }
    }
}
