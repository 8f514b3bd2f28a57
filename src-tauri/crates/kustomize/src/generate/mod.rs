//! Generated ConfigMaps and Secrets, and the hash that their names get.

mod absorb;
mod hash;
pub(crate) mod pairs;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::kustomization::GeneratorArgs;
use crate::resource::{Behavior, Resource};
use crate::source::Root;
use crate::transform::check_added_key;

pub(crate) use absorb::absorb;
pub(crate) use hash::{add_hashes, content_hash};

/// What is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generated {
    ConfigMap,
    Secret,
}

impl Generated {
    fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

/// Makes a ConfigMap or a Secret.
///
/// # Errors
/// When a file cannot be read, a pair is none, or a key comes twice.
pub(crate) fn generate(what: Generated, args: &GeneratorArgs, root: &Root<'_>) -> Result<Resource, Failure> {
    if args.name.is_empty() {
        return Err(Failure::new("kustomize-generator", "a configmap must have a name"));
    }
    let mut metadata = json!({"name": args.name});
    if !args.namespace.is_empty() {
        metadata["namespace"] = json!(args.namespace);
    }
    let mut object = json!({"apiVersion": "v1", "kind": what.kind(), "metadata": metadata});
    let pairs = pairs::load(args, root).map_err(|failure| failure.context("loading KV pairs"))?;
    let mut values: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (key, value) in pairs {
        if values.contains_key(&key) {
            let message = format!("configmap {} illegally repeats the key `{key}`", args.name);
            return Err(Failure::new("kustomize-generator", message));
        }
        check_added_key(&key)?;
        values.insert(key, value);
    }
    match what {
        Generated::ConfigMap => {
            for (key, value) in values {
                let (field, value) = match String::from_utf8(value) {
                    Ok(text) => ("data", text),
                    Err(error) => ("binaryData", encode(error.as_bytes())),
                };
                insert(&mut object, field, key, value);
            }
        }
        Generated::Secret => {
            let kind = if args.secret_type.is_empty() { "Opaque" } else { &args.secret_type };
            object["type"] = json!(kind);
            object["data"] = Value::Object(Map::new());
            for (key, value) in values {
                insert(&mut object, "data", key, encode(&value));
            }
        }
    }
    if let Some(options) = &args.options {
        if !options.labels.is_empty() {
            object["metadata"]["labels"] = json!(options.labels);
        }
        if !options.annotations.is_empty() {
            object["metadata"]["annotations"] = json!(options.annotations);
        }
        if options.immutable {
            object["immutable"] = json!(true);
        }
    }
    let mut resource = Resource::new(object);
    resource.set_needs_hash(args.options.as_ref().is_none_or(|options| !options.disable_name_suffix_hash));
    resource.set_behavior(Behavior::of(&args.behavior));
    Ok(resource)
}

fn insert(object: &mut Value, field: &str, key: String, value: String) {
    if let Value::Object(map) = object
        && let Value::Object(values) = map.entry(field).or_insert_with(|| Value::Object(Map::new()))
    {
        values.insert(key, Value::String(value));
    }
}

/// Base64 in lines of 70 characters, each with a line break, where one line is not enough.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}
