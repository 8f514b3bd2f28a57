//! Changes of resources: patches, field specs, selectors and the built-in transformers, as pure functions.
//!
//! A transformer is a value made from a kustomization's field or from a configuration object (`kind:
//! LabelTransformer`, …) that changes a [`crate::ResourceMap`]. None reads a file: what is read from one comes in as
//! text. Start reading at [`field_spec`], which most of them use, and at [`strategic`] for patches.

mod bounds;
mod config;
mod crds;
mod decode;
mod expression;
mod field_spec;
mod images;
mod json_patch;
mod label_selector;
mod labels;
mod names;
mod namespace;
mod patch;
mod path;
mod replacement;
mod replicas;
mod scalar;
mod schema;
mod selector;
mod specs;
mod strategic;
mod value_add;
mod watch;

pub use config::{Means, Surroundings, Transformer, add_hashes};
pub use crds::parse_crds;
pub use field_spec::FieldSpec;
pub(crate) use field_spec::{At, Leaf};
pub use images::{Image, ImageTransformer};
pub use json_patch::JsonPatch;
pub use label_selector::LabelSelector;
pub use labels::{Label, Pairs};
pub use names::{Affix, Rename};
pub use namespace::{NamespaceTransformer, RoleBindingSubjects};
pub use patch::{Json6902, Patch, PatchOptions, PatchSource, ReadResources, StrategicMergePatches};
pub(crate) use path::split_field_path;
pub use replacement::{FieldOptions, Replacement, Replacements, Source, Target};
pub use replicas::Replicas;
pub(crate) use scalar::check_added_key;
pub use schema::Schema;
pub use selector::{CompiledSelector, Selector};
pub use specs::{NameReference, TransformerConfig};
pub(crate) use specs::{Unknown, parse_specs};
pub use value_add::ValueAdd;
pub use watch::{Part, Watch};

use serde_json::Value;

use crate::failure::Failure;

/// kustomize's complaint about a value of the wrong kind, with the value.
fn wrong_kind(expected: &str, value: &Value) -> Failure {
    let got = match value {
        Value::Array(_) => "SequenceNode",
        Value::Object(_) => "MappingNode",
        _ => "ScalarNode",
    };
    let shown = slipway_yaml::emit(value);
    let shown = crate::resource::shorten(&shown, 2_000);
    let message = format!("wrong node kind: expected {expected} but got {got}: node contents:\n{shown}");
    Failure::new("kustomize-field-kind", message.trim_end())
}

/// A text as Go's `%q` writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            character if character.is_control() => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
