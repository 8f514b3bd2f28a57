//! Computing patches: the difference of two objects as a strategic merge patch.

use serde_json::{Map, Value, json};

use super::{DELETE_FROM_LIST, ELEMENT_ORDER, MergeError, PATCH, RETAIN_KEYS, Strategy, join, order};
use crate::types::Shape;

/// Which half of the difference is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    changes: bool,
    deletions: bool,
    retain_keys: bool,
}

impl Options {
    /// What was added or changed.
    pub(super) const CHANGES: Self = Self { changes: true, deletions: false, retain_keys: false };
    /// What was removed.
    pub(super) const DELETIONS: Self = Self { changes: false, deletions: true, retain_keys: false };
}

type Object = Map<String, Value>;

/// The patch that takes `original` to `modified`.
pub(super) fn diff_maps(
    original: &Object,
    modified: &Object,
    shape: Shape,
    options: Options,
    field: &str,
) -> Result<Object, MergeError> {
    let mut patch = Map::new();
    for (key, new) in modified {
        let Some(old) = original.get(key) else {
            if options.changes {
                patch.insert(key.clone(), new.clone());
            }
            continue;
        };
        let strategy = Strategy::of(shape, key);
        let below = Options { retain_keys: strategy.retain_keys, ..options };
        let at = join(field, key);
        match (old, new) {
            (Value::Object(old), Value::Object(new)) if strategy.strategy == Some("replace") => {
                if options.changes && old != new {
                    patch.insert(key.clone(), Value::Object(new.clone()));
                }
            }
            (Value::Object(old), Value::Object(new)) => {
                let inner = diff_maps(old, new, strategy.shape, below, &at)?;
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            (Value::Array(old), Value::Array(new)) if strategy.strategy == Some("merge") => {
                diff_lists(key, old, new, strategy, below, &at, &mut patch)?;
            }
            (old, new) => {
                if options.changes && old != new {
                    patch.insert(key.clone(), new.clone());
                }
            }
        }
    }
    if options.deletions {
        for key in original.keys().filter(|key| !modified.contains_key(*key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    let has_more = original.iter().any(|(key, value)| !value.is_null() && !modified.contains_key(key));
    if options.retain_keys && !modified.is_empty() && (!patch.is_empty() || has_more) {
        let mut keys: Vec<&String> = modified.keys().collect();
        keys.sort();
        patch.insert(RETAIN_KEYS.to_owned(), json!(keys));
    }
    Ok(patch)
}

fn diff_lists(
    key: &str,
    old: &[Value],
    new: &[Value],
    strategy: Strategy,
    options: Options,
    field: &str,
    patch: &mut Object,
) -> Result<(), MergeError> {
    if old.is_empty() {
        if options.changes && !new.is_empty() {
            patch.insert(key.to_owned(), Value::Array(new.to_vec()));
        }
        return Ok(());
    }
    let order_key = format!("{ELEMENT_ORDER}{key}");
    if !order::holds_maps([old, new], field)? {
        let added: Vec<Value> = new.iter().filter(|item| !old.contains(item)).cloned().collect();
        let mut removed: Vec<Value> = old.iter().filter(|item| !new.contains(item)).cloned().collect();
        removed.sort_by_key(slipway_model::field_path::scalar_text);
        let ordered = options.deletions && !removed.is_empty() || options.changes && old != new;
        if options.changes && !added.is_empty() {
            patch.insert(key.to_owned(), Value::Array(added));
        }
        if options.deletions && !removed.is_empty() {
            patch.insert(format!("{DELETE_FROM_LIST}{key}"), Value::Array(removed));
        }
        if ordered && !new.is_empty() {
            patch.insert(order_key, Value::Array(new.to_vec()));
        }
        return Ok(());
    }
    let missing = |name: &str| MergeError::NoMergeKey { field: field.to_owned(), key: name.to_owned() };
    let merge_key = strategy.merge_key.ok_or_else(|| missing("merge key"))?;
    let mut items = Vec::new();
    let mut order_wanted = Vec::new();
    for item in new {
        let value = item.get(merge_key).ok_or_else(|| missing(merge_key))?;
        order_wanted.push(json!({ merge_key: value }));
        match old.iter().find(|each| each.get(merge_key) == Some(value)) {
            Some(before) => {
                let (Value::Object(before), Value::Object(after)) = (before, item) else { continue };
                let mut inner = diff_maps(before, after, strategy.shape.item(), options, field)?;
                if !inner.is_empty() {
                    inner.insert(merge_key.to_owned(), value.clone());
                    items.push(Value::Object(inner));
                }
            }
            None if options.changes => items.push(item.clone()),
            None => {}
        }
    }
    if options.deletions {
        // Sorted by key, as upstream compares lists sorted by it; the order has no meaning for the server.
        let mut removed: Vec<Value> = Vec::new();
        for item in old {
            let value = item.get(merge_key).ok_or_else(|| missing(merge_key))?;
            if order::position(new, item, Some(merge_key)).is_none() {
                removed.push(json!({ PATCH: "delete", merge_key: value }));
            }
        }
        removed.sort_by_key(|item| slipway_model::field_path::scalar_text(&item[merge_key]));
        items.extend(removed);
    }
    let same_order = old.len() == new.len()
        && old.iter().zip(new).all(|(left, right)| order::same(left, right, Some(merge_key)));
    let ordered =
        options.changes && (!items.is_empty() || !same_order) || options.deletions && !items.is_empty();
    if !items.is_empty() {
        patch.insert(key.to_owned(), Value::Array(items));
    }
    if ordered && !order_wanted.is_empty() {
        patch.insert(order_key, Value::Array(order_wanted));
    }
    Ok(())
}

/// What takes `current` to `modified`, as a JSON merge patch without deletions.
pub(super) fn json_changes(current: &Object, modified: &Object, patch: &mut Object) {
    for (key, new) in modified {
        match (current.get(key), new) {
            (Some(old), new) if old == new => {}
            (Some(Value::Object(old)), Value::Object(new)) => {
                let mut inner = Map::new();
                json_changes(old, new, &mut inner);
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            _ => {
                patch.insert(key.clone(), new.clone());
            }
        }
    }
}

/// Nulls for what is in `original` and not in `modified`.
pub(super) fn json_deletions(original: &Object, modified: &Object, patch: &mut Object) {
    for (key, old) in original {
        match (old, modified.get(key)) {
            (_, None) => {
                patch.insert(key.clone(), Value::Null);
            }
            (Value::Object(old), Some(Value::Object(new))) => {
                let mut inner = match patch.remove(key) {
                    Some(Value::Object(inner)) => inner,
                    Some(other) => {
                        patch.insert(key.clone(), other);
                        continue;
                    }
                    None => Map::new(),
                };
                json_deletions(old, new, &mut inner);
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            _ => {}
        }
    }
}
