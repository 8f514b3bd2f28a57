//! The order of list items after a merge: items of the patch keep the order of the patch, items only the
//! server has keep theirs, and the two are interleaved by the server's order where it knows both.

use serde_json::Value;

use super::{MergeError, PATCH};

/// Whether two items are the same by the merge key, or by value where there is none.
pub(super) fn same(left: &Value, right: &Value, merge_key: Option<&str>) -> bool {
    match merge_key {
        Some(key) if left.is_object() || right.is_object() => {
            matches!((left.get(key), right.get(key)), (Some(left), Some(right)) if left == right)
        }
        _ => left == right,
    }
}

pub(super) fn position(list: &[Value], item: &Value, merge_key: Option<&str>) -> Option<usize> {
    list.iter().position(|each| same(each, item, merge_key))
}

/// Sorts `items` by their position in `order`; items that are not in it come first, deletions last.
pub(super) fn sort_by(items: Vec<Value>, order: &[Value], merge_key: Option<&str>) -> Vec<Value> {
    let (deletions, mut kept): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| item.get(PATCH).and_then(Value::as_str) == Some("delete"));
    kept.sort_by_key(|item| position(order, item, merge_key).map_or(0, |position| position + 1));
    kept.extend(deletions);
    kept
}

/// Brings `merged` into order. `patch` is the order the patch asks for, `server` the one the live list has.
pub(super) fn normalize(
    merged: Vec<Value>,
    patch: &[Value],
    server: &[Value],
    merge_key: Option<&str>,
) -> Vec<Value> {
    let (from_patch, server_only): (Vec<_>, Vec<_>) =
        merged.into_iter().partition(|item| position(patch, item, merge_key).is_some());
    let from_patch = sort_by(from_patch, patch, merge_key);
    let server_only = sort_by(server_only, server, merge_key);
    let mut all = Vec::with_capacity(from_patch.len() + server_only.len());
    let (mut left, mut right) = (server_only.into_iter().peekable(), from_patch.into_iter().peekable());
    loop {
        let server_first = match (left.peek(), right.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(ours), Some(theirs)) => {
                let (ours, theirs) = (position(server, ours, merge_key), position(server, theirs, merge_key));
                matches!((ours, theirs), (Some(ours), Some(theirs)) if ours < theirs)
            }
        };
        all.extend(if server_first { left.next() } else { right.next() });
    }
}

/// Whether the lists hold maps (`true`) or scalars; an error where they are mixed or hold lists.
pub(super) fn holds_maps(lists: [&[Value]; 2], field: &str) -> Result<bool, MergeError> {
    let mut items = lists.into_iter().flatten();
    let Some(first) = items.next() else { return Ok(false) };
    let maps = first.is_object();
    if first.is_array() || items.any(|item| item.is_object() != maps || item.is_array()) {
        return Err(MergeError::MixedList { field: field.to_owned() });
    }
    Ok(maps)
}
