//! From an ApplicationSet to its Applications.

use serde_json::{Value, json};

use super::generators::{Generators, map_texts};
use super::parameters::Parameters;
use super::{Repository, fasttemplate};
use crate::go_template::{Missing, evaluate_text};

/// An Application that a set generates.
#[derive(Debug)]
pub(super) struct Generated {
    /// The Application's `metadata` and `spec`.
    pub(super) value: Value,
    /// What it was generated with.
    pub(super) parameters: Parameters,
}

/// What a set gives.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    /// The Applications.
    pub(super) applications: Vec<Generated>,
    /// Why some may be missing.
    pub(super) opaque: Vec<String>,
}

/// Expands a set.
pub(super) fn expand(repository: &Repository<'_>, set: &Value) -> Expansion {
    let spec = set.get("spec").unwrap_or(&Value::Null);
    let is_go_template = spec.get("goTemplate") == Some(&Value::Bool(true));
    let generators = Generators { repository, is_go_template };
    let list = spec.get("generators").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let rows = generators.all(list);
    let template = spec.get("template").cloned().unwrap_or_default();
    let patch = spec.get("templatePatch").and_then(Value::as_str);
    let applications = rows
        .rows
        .into_iter()
        .map(|(parameters, own)| {
            let mut template = template.clone();
            if let Some(own) = own {
                slipway_yaml::merge(&mut template, without_empty(own));
            }
            let mut value = render(&template, &parameters, is_go_template);
            if let Some(patch) = patch {
                let data = Value::Object(parameters.values.clone());
                let patched = evaluate_text(patch, &data, Missing::Nothing)
                    .ok()
                    .and_then(|text| slipway_yaml::decode(&text).ok());
                if let Some(patched) = patched {
                    slipway_yaml::merge(&mut value, patched);
                }
            }
            Generated { value, parameters }
        })
        .collect();
    Expansion { applications, opaque: rows.opaque }
}

/// The template of a generator holds empty fields, which say nothing.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| (key, without_empty(value)))
                .filter(|(_, value)| {
                    !matches!(value, Value::Null) && *value != json!({}) && *value != json!("")
                })
                .collect(),
        ),
        other => other,
    }
}

fn render(template: &Value, parameters: &Parameters, is_go_template: bool) -> Value {
    let data = Value::Object(parameters.values.clone());
    map_texts(template, &|text| {
        if is_go_template {
            // What cannot be evaluated stays as it is, and is taken for unknown.
            evaluate_text(text, &data, Missing::Error).unwrap_or_else(|_| text.to_owned())
        } else {
            fasttemplate::replace(text, parameters)
        }
    })
}
