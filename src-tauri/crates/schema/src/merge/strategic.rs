//! Applying a strategic merge patch: to an object, or to another patch.

use serde_json::{Map, Value};

use super::{DELETE_FROM_LIST, ELEMENT_ORDER, MergeError, PATCH, RETAIN_KEYS, Strategy, join, order};
use crate::types::Shape;

/// What the patch is merged into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// An object: directives are carried out, nulls remove.
    Object,
    /// Another patch: directives and nulls are kept for whoever applies the result.
    Patch,
}

type Object = Map<String, Value>;

pub(super) fn merge_map(
    mut original: Object,
    mut patch: Object,
    shape: Shape,
    mode: Mode,
    field: &str,
) -> Result<Object, MergeError> {
    match patch.remove(PATCH) {
        None => {}
        Some(Value::String(directive)) if directive == "merge" => {}
        Some(Value::String(directive)) if directive == "replace" => return Ok(taken_map(patch, mode)),
        Some(Value::String(directive)) if directive == "delete" => return Ok(Map::new()),
        Some(other) => return Err(directive_error(&other, field)),
    }
    retain_keys(&mut original, &mut patch, mode, field)?;
    element_order(&mut original, &mut patch, shape, mode, field)?;

    for (key, value) in patch {
        let (key, is_deletion) = match key.strip_prefix(DELETE_FROM_LIST) {
            Some(_) if mode == Mode::Patch => {
                original.insert(key, value);
                continue;
            }
            Some(name) => (name.to_owned(), true),
            None => (key, false),
        };
        if value.is_null() {
            original.remove(&key);
            if mode == Mode::Patch {
                original.insert(key, value);
            }
            continue;
        }
        let at = join(field, &key);
        let strategy = Strategy::of(shape, &key);
        let merged = match (original.remove(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                if strategy.strategy == Some("replace") {
                    Value::Object(taken_map(new, mode))
                } else {
                    Value::Object(merge_map(old, new, strategy.shape, mode, &at)?)
                }
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                Value::Array(merge_list(old, new, strategy, is_deletion, mode, &at)?)
            }
            (Some(old), _) if is_deletion => old,
            (None, _) if is_deletion => continue,
            (_, new) => match taken(new, mode) {
                Some(new) => new,
                None => continue,
            },
        };
        original.insert(key, merged);
    }
    Ok(original)
}

fn directive_error(directive: &Value, field: &str) -> MergeError {
    let field = if field.is_empty() { "the root" } else { field };
    MergeError::Directive {
        directive: slipway_model::field_path::scalar_text(directive),
        field: field.to_owned(),
    }
}

/// Carries out `$retainKeys`: a map keeps only the keys it lists.
fn retain_keys(original: &mut Object, patch: &mut Object, mode: Mode, field: &str) -> Result<(), MergeError> {
    let Some(keep) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if mode == Mode::Patch {
        original.insert(RETAIN_KEYS.to_owned(), keep);
        return Ok(());
    }
    let Value::Array(keep) = keep else { return Err(directive_error(&keep, field)) };
    let listed = |key: &str| keep.iter().any(|each| each.as_str() == Some(key));
    for (key, value) in &*patch {
        if !value.is_null() && !key.starts_with('$') && !listed(key) {
            let field = if field.is_empty() { "the root" } else { field };
            return Err(MergeError::RetainKeys { field: field.to_owned(), key: key.clone() });
        }
    }
    original.retain(|key, _| listed(key));
    Ok(())
}

/// Carries out `$setElementOrder/…` together with the list it orders.
fn element_order(
    original: &mut Object,
    patch: &mut Object,
    shape: Shape,
    mode: Mode,
    field: &str,
) -> Result<(), MergeError> {
    let mut directives: Vec<String> =
        patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
    directives.sort();
    for directive in directives {
        let Some(wanted) = patch.remove(&directive) else { continue };
        if mode == Mode::Patch {
            original.insert(directive.clone(), wanted.clone());
        }
        let key = directive.trim_start_matches(ELEMENT_ORDER);
        let at = join(field, key);
        let Value::Array(wanted) = wanted else { return Err(directive_error(&wanted, &at)) };
        let strategy = Strategy::of(shape, key);
        let old = match original.get(key) {
            Some(Value::Array(items)) => Some(items.clone()),
            _ => None,
        };
        // A null removes the list; any other value that is no list is taken over later.
        let new = match patch.get(key) {
            Some(Value::Array(items)) => Some(items.clone()),
            Some(_) => continue,
            None => None,
        };
        if let Some(new) = &new {
            check_order(new, &wanted, strategy.merge_key, &at)?;
        }
        let server = server_order(old.as_deref(), new.as_deref(), strategy.merge_key);
        let merged = match (old, new) {
            (None, None) => continue,
            (Some(old), None) => old,
            (None, Some(new)) => taken_list(new, mode),
            (Some(old), Some(new)) => merge_list(old, new, strategy, false, mode, &at)?,
        };
        let merged = order::normalize(merged, &wanted, &server, strategy.merge_key);
        original.insert(key.to_owned(), Value::Array(merged));
        patch.remove(key);
    }
    Ok(())
}

/// The order of the live list as upstream sees it after merging: what is deleted leaves its place to what is added,
/// because both happen in the same memory. Without this, a list whose items are replaced while the server has items of
/// its own would come out in another order than the API server's.
fn server_order(old: Option<&[Value]>, new: Option<&[Value]>, merge_key: Option<&str>) -> Vec<Value> {
    let old = old.unwrap_or_default();
    let mut kept = old.to_vec();
    let (Some(new), Some(_)) = (new, merge_key) else { return kept };
    let is_deletion = |item: &&Value| item.get(PATCH).and_then(Value::as_str) == Some("delete");
    for item in new.iter().filter(is_deletion) {
        kept.retain(|each| !order::same(each, item, merge_key));
    }
    let added = new.iter().filter(|item| item.get(PATCH).is_none());
    let mut added =
        added.filter(|item| order::position(&kept, item, merge_key).is_none()).cloned().collect::<Vec<_>>();
    added.truncate(old.len() - kept.len());
    kept.extend(added);
    let stale = old.get(kept.len()..).unwrap_or_default().to_vec();
    kept.extend(stale);
    kept
}

/// Every item the patch sets must be listed, in the same relative order.
fn check_order(
    patch: &[Value],
    wanted: &[Value],
    merge_key: Option<&str>,
    field: &str,
) -> Result<(), MergeError> {
    let mut rest = wanted;
    for item in patch.iter().filter(|item| item.get(PATCH).is_none()) {
        match order::position(rest, item, merge_key) {
            Some(position) => rest = &rest[position + 1..],
            None => return Err(MergeError::ElementOrder { field: field.to_owned() }),
        }
    }
    Ok(())
}

fn merge_list(
    old: Vec<Value>,
    new: Vec<Value>,
    strategy: Strategy,
    is_deletion: bool,
    mode: Mode,
    field: &str,
) -> Result<Vec<Value>, MergeError> {
    if !is_deletion && strategy.strategy != Some("merge") {
        return Ok(taken_list(new, mode));
    }
    if old.is_empty() && new.is_empty() {
        return Ok(old);
    }
    if !order::holds_maps([&old, &new], field)? {
        if is_deletion {
            return Ok(old.into_iter().filter(|item| !new.contains(item)).collect());
        }
        let server = old.clone();
        let mut merged: Vec<Value> = Vec::new();
        for item in old.into_iter().chain(new.iter().cloned()) {
            if !merged.contains(&item) {
                merged.push(item);
            }
        }
        return Ok(order::normalize(merged, &new, &server, None));
    }
    let Some(key) = strategy.merge_key else {
        return Err(MergeError::NoMergeKey { field: field.to_owned(), key: "merge key".to_owned() });
    };
    let (old, new) = carry_out_item_directives(old, new, key, mode, field)?;
    let mut merged = old.clone();
    for item in &new {
        let Some(value) = item.get(key) else {
            return Err(MergeError::NoMergeKey { field: field.to_owned(), key: key.to_owned() });
        };
        match merged.iter_mut().find(|each| each.get(key) == Some(value)) {
            Some(Value::Object(found)) => {
                let Value::Object(item) = item else { continue };
                let at = format!("{field}[{key}={}]", slipway_model::field_path::scalar_text(value));
                *found = merge_map(std::mem::take(found), item.clone(), strategy.shape.item(), mode, &at)?;
            }
            _ => merged.extend(taken(item.clone(), mode)),
        }
    }
    Ok(order::normalize(merged, &new, &old, Some(key)))
}

/// Takes `$patch` items out of a list patch: removes what they delete, empties the list for `replace`.
fn carry_out_item_directives(
    mut old: Vec<Value>,
    new: Vec<Value>,
    key: &str,
    mode: Mode,
    field: &str,
) -> Result<(Vec<Value>, Vec<Value>), MergeError> {
    let mut kept = Vec::with_capacity(new.len());
    let mut replace = false;
    for mut item in new {
        let Some(directive) = item.get(PATCH).cloned() else {
            kept.push(item);
            continue;
        };
        match directive.as_str() {
            Some("merge") => {
                if let Some(map) = item.as_object_mut() {
                    map.remove(PATCH);
                }
                kept.push(item);
            }
            Some("replace") => replace = true,
            Some("delete") => {
                let Some(value) = item.get(key) else {
                    return Err(MergeError::NoMergeKey { field: field.to_owned(), key: key.to_owned() });
                };
                old.retain(|each| each.get(key) != Some(value));
                if mode == Mode::Patch {
                    old.push(item);
                }
            }
            _ => return Err(directive_error(&directive, field)),
        }
    }
    Ok(if replace { (kept, Vec::new()) } else { (old, kept) })
}

/// A value that is taken over because nothing was there: without nulls and directives in an object, as it is in
/// a patch. `None` where it is a deletion of something that is not there.
fn taken(value: Value, mode: Mode) -> Option<Value> {
    if mode == Mode::Patch {
        return Some(value);
    }
    match value {
        Value::Object(map) if map.get(PATCH).and_then(Value::as_str) == Some("delete") => None,
        Value::Object(map) => Some(Value::Object(taken_map(map, mode))),
        Value::Array(items) => Some(Value::Array(taken_list(items, mode))),
        other => Some(other),
    }
}

fn taken_map(map: Object, mode: Mode) -> Object {
    if mode == Mode::Patch {
        return map;
    }
    let is_directive = |key: &str| {
        key == PATCH
            || key == RETAIN_KEYS
            || key.starts_with(DELETE_FROM_LIST)
            || key.starts_with(ELEMENT_ORDER)
    };
    map.into_iter()
        .filter(|(key, value)| !value.is_null() && !is_directive(key))
        .filter_map(|(key, value)| Some((key, taken(value, mode)?)))
        .collect()
}

fn taken_list(items: Vec<Value>, mode: Mode) -> Vec<Value> {
    if mode == Mode::Patch {
        return items;
    }
    items.into_iter().filter(|item| !is_replace_marker(item)).filter_map(|item| taken(item, mode)).collect()
}

/// An item that only says what happens to the list, or to an item that is not there.
fn is_replace_marker(item: &Value) -> bool {
    item.get(PATCH).and_then(Value::as_str) == Some("replace")
}
