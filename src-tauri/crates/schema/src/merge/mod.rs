//! The patches of the API server: strategic merge, its three-way form as `kubectl apply` makes it, and JSON
//! merge patch (RFC 7396).
//!
//! Matches `k8s.io/apimachinery/pkg/util/strategicpatch` in what it does with every directive (`$patch`,
//! `$deleteFromPrimitiveList/…`, `$setElementOrder/…`, `$retainKeys`) and in the order of items; it was compared with it
//! on random objects and patches. Differences, each towards leniency: `$patch: merge` is accepted and means the default;
//! fields the schema does not know are merged as maps and replaced as lists; directives and nulls inside a value that is
//! taken over because nothing was there do not end up in the object (upstream leaves that to the decoder); an order for
//! a list without items is no error; equal lists of scalars give no patch, sorted or not.

mod diff;
mod order;
mod strategic;

use serde_json::{Map, Value};

use crate::types::{Field, Shape};

/// Why a patch cannot be applied or computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// An object or patch is not a map.
    #[error("expected a map, found {found}")]
    NotAMap {
        /// What was there instead.
        found: &'static str,
    },
    /// `$patch` with an unknown value, or a directive of the wrong type.
    #[error("unknown directive `{directive}` at {field}; use replace, delete or merge")]
    Directive {
        /// The directive as written.
        directive: String,
        /// The field that holds it.
        field: String,
    },
    /// An item of a merged list lacks the key it is matched by.
    #[error("an item of `{field}` has no `{key}`, by which the list is merged")]
    NoMergeKey {
        /// The list.
        field: String,
        /// The key.
        key: String,
    },
    /// Items of a merged list have different types, or are lists.
    #[error("the items of `{field}` have different types and cannot be merged")]
    MixedList {
        /// The list.
        field: String,
    },
    /// `$retainKeys` lacks a key that the patch sets.
    #[error("`$retainKeys` at {field} does not list `{key}`, which the patch sets")]
    RetainKeys {
        /// The map.
        field: String,
        /// The key.
        key: String,
    },
    /// `$setElementOrder` names fewer items than the patch has.
    #[error("`$setElementOrder/{field}` does not list every item the patch has")]
    ElementOrder {
        /// The list.
        field: String,
    },
}

/// Applies a strategic merge patch to a live object. `kind` is the `apiVersion` and `kind` whose lists are
/// known; other kinds get a JSON merge patch, as the API server refuses strategic merge for them and clients
/// fall back to it.
///
/// # Errors
/// When the patch is no map, has an unknown directive, or lacks a merge key.
pub fn strategic_merge_patch(live: &Value, patch: &Value, kind: (&str, &str)) -> Result<Value, MergeError> {
    let shape = Shape::of_kind(kind.0, kind.1);
    if shape == Shape::ANY {
        return Ok(json_merge_patch(live, patch));
    }
    let merged = strategic::merge_map(map(live)?, map(patch)?, shape, strategic::Mode::Object, "")?;
    Ok(Value::Object(merged))
}

/// Computes the patch that `kubectl apply` sends: what takes `current` to `modified`, and the removal of what
/// was in `original` (the last applied configuration) and is not in `modified`. For unknown kinds the patch is a
/// JSON merge patch.
///
/// # Errors
/// When an object is no map or an item lacks a merge key.
pub fn create_three_way_patch(
    original: &Value,
    modified: &Value,
    current: &Value,
    kind: (&str, &str),
) -> Result<Value, MergeError> {
    let shape = Shape::of_kind(kind.0, kind.1);
    let (original, modified, current) = (map(original)?, map(modified)?, map(current)?);
    if shape == Shape::ANY {
        let mut patch = Map::new();
        diff::json_changes(&current, &modified, &mut patch);
        diff::json_deletions(&original, &modified, &mut patch);
        return Ok(Value::Object(patch));
    }
    let changes = diff::diff_maps(&current, &modified, shape, diff::Options::CHANGES, "")?;
    let deletions = diff::diff_maps(&original, &modified, shape, diff::Options::DELETIONS, "")?;
    let merged = strategic::merge_map(deletions, changes, shape, strategic::Mode::Patch, "")?;
    Ok(Value::Object(merged))
}

/// Applies a JSON merge patch (RFC 7396).
#[must_use]
pub fn json_merge_patch(live: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = live.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let old = merged.get(key).unwrap_or(&Value::Null);
            let new = json_merge_patch(old, value);
            merged.insert(key.clone(), new);
        }
    }
    Value::Object(merged)
}

fn map(value: &Value) -> Result<Map<String, Value>, MergeError> {
    match value {
        Value::Object(map) => Ok(map.clone()),
        Value::Null => Ok(Map::new()),
        other => Err(MergeError::NotAMap { found: type_name(other) }),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER: &str = "$setElementOrder/";

/// What strategic merge does with a field.
#[derive(Clone, Copy)]
struct Strategy {
    /// `merge` for lists that are merged, `replace` for maps that are replaced.
    strategy: Option<&'static str>,
    retain_keys: bool,
    merge_key: Option<&'static str>,
    shape: Shape,
}

impl Strategy {
    fn of(shape: Shape, key: &str) -> Self {
        let field: Option<&'static Field> = shape.field(key);
        let strategies = field.map(|field| field.patch_strategies.as_slice()).unwrap_or_default();
        Self {
            strategy: strategies.iter().copied().find(|each| *each != "retainKeys"),
            retain_keys: strategies.contains(&"retainKeys"),
            merge_key: field.and_then(|field| field.merge_key),
            shape: shape.key(key),
        }
    }
}

fn join(field: &str, key: &str) -> String {
    if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") }
}

#[cfg(test)]
mod tests;
