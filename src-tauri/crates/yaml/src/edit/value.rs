//! What an edit does to values: what is checked before, and what must come out.

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment, field_path::scalar_text};

use super::{Context, EditError, YamlEdit};

/// The value of a document after an edit.
pub(super) fn after(context: &Context, before: &Value, edit: &YamlEdit) -> Result<Value, EditError> {
    let mut value = before.clone();
    match edit {
        YamlEdit::Set { path, old, new, .. } => {
            check_old(before, path, old.as_ref())?;
            if let Some(slot) = path.get_mut(&mut value) {
                *slot = new.clone();
            }
        }
        YamlEdit::Insert { document, path, new } => {
            let Some((last, parent)) = path.segments().split_last() else {
                return Err(impossible(path, "a whole document cannot be inserted; set it"));
            };
            let parent = FieldPath(parent.to_vec());
            let Some(slot) = parent.get_mut(&mut value) else { return Err(not_found(before, path)) };
            match (last, slot) {
                (Segment::Key(key), Value::Object(map)) => {
                    if map.contains_key(key) {
                        // A key that comes by a merge key may be overridden.
                        let place = context.parsed.find(*document, path);
                        let own = place.filter(|_| !super::locate::is_merged(context, *document, path));
                        if let Some(place) = own {
                            return Err(EditError::Exists {
                                path: path.clone(),
                                line: place.value.start.line,
                            });
                        }
                    }
                    map.insert(key.clone(), new.clone());
                }
                (Segment::Key(key), slot @ Value::Null) => {
                    *slot = Value::Object(Map::from_iter([(key.clone(), new.clone())]));
                }
                (Segment::Index(index), Value::Array(items)) if *index == items.len() => {
                    items.push(new.clone());
                }
                (Segment::Index(0), slot @ Value::Null) => *slot = Value::Array(vec![new.clone()]),
                (Segment::Index(_), Value::Array(items)) => {
                    let reason = format!("items are inserted at the end of the list, at {}", items.len());
                    return Err(impossible(path, &reason));
                }
                (Segment::Keyed(keys), slot) => {
                    if let Some(place) = context.parsed.find(*document, path) {
                        return Err(EditError::Exists { path: path.clone(), line: place.value.start.line });
                    }
                    let fits =
                        |(key, text): &(String, String)| new.get(key).map(scalar_text).as_ref() == Some(text);
                    if !keys.iter().all(fits) {
                        return Err(impossible(path, "the new item has other keys than the path says"));
                    }
                    match slot {
                        Value::Array(items) => items.push(new.clone()),
                        Value::Null => *slot = Value::Array(vec![new.clone()]),
                        _ => return Err(not_found(before, path)),
                    }
                }
                _ => return Err(not_found(before, path)),
            }
        }
        YamlEdit::Remove { path, old, .. } => {
            check_old(before, path, old.as_ref())?;
            let Some((last, parent)) = path.segments().split_last() else {
                return Err(impossible(path, "a whole document cannot be removed"));
            };
            let found = path.get(before).cloned();
            match (last, FieldPath(parent.to_vec()).get_mut(&mut value)) {
                (Segment::Key(key), Some(Value::Object(map))) => {
                    map.remove(key);
                }
                (Segment::Index(index), Some(Value::Array(items))) => {
                    items.remove(*index);
                }
                (Segment::Keyed(_), Some(Value::Array(items))) => {
                    // The path names the first item that is equal to what it finds.
                    if let Some(index) = items.iter().position(|item| Some(item) == found.as_ref()) {
                        items.remove(index);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(value)
}

fn check_old(before: &Value, path: &FieldPath, old: Option<&Value>) -> Result<(), EditError> {
    let Some(found) = path.get(before) else { return Err(not_found(before, path)) };
    match old {
        Some(old) if old != found => {
            let short = |value: &Value| {
                let text = value.to_string();
                match text.char_indices().nth(200) {
                    Some((end, _)) => format!("{}…", &text[..end]),
                    None => text,
                }
            };
            Err(EditError::Old { path: path.clone(), expected: short(old), found: short(found) })
        }
        _ => Ok(()),
    }
}

/// Says how far a path leads.
fn not_found(before: &Value, path: &FieldPath) -> EditError {
    let mut parent = path.parent().unwrap_or_default();
    while parent.get(before).is_none() {
        parent = parent.parent().unwrap_or_default();
    }
    let found = match parent.get(before) {
        Some(Value::Object(map)) => {
            let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
            keys.sort_unstable();
            let more = if keys.len() > 8 { ", …" } else { "" };
            keys.truncate(8);
            format!("a map with the keys {}{more}", keys.join(", "))
        }
        Some(Value::Array(items)) => format!("a list of {} items", items.len()),
        Some(Value::String(_)) => "a text".to_owned(),
        Some(Value::Null) | None => "null".to_owned(),
        Some(other) => other.to_string(),
    };
    EditError::NotFound { path: path.clone(), parent, found }
}

fn impossible(path: &FieldPath, reason: &str) -> EditError {
    EditError::Impossible { path: path.clone(), reason: reason.to_owned() }
}

/// How many edits one edit may be made of, before the whole value is written instead.
const SMALLER_LIMIT: usize = 200;

/// The edits inside a map or a list that together set it to a new value; so what stays keeps its comments.
/// `None` where there is nothing to keep.
pub(super) fn smaller_edits(
    document: usize,
    path: &FieldPath,
    old: Option<&Value>,
    new: &Value,
) -> Option<Vec<YamlEdit>> {
    let mut edits = Vec::new();
    let nothing_stays = !compare(document, path, old?, new, &mut edits);
    (!nothing_stays && edits.len() <= SMALLER_LIMIT).then_some(edits)
}

/// Collects the edits from old to new; false where the values have to be replaced as a whole.
fn compare(document: usize, path: &FieldPath, old: &Value, new: &Value, edits: &mut Vec<YamlEdit>) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) if new.keys().any(|key| old.contains_key(key)) => {
            let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let path = path.key(key.as_str());
                match (old.get(key), new.get(key)) {
                    (Some(old), Some(new)) => set(document, path, old, new, edits),
                    (None, Some(new)) => edits.push(YamlEdit::Insert { document, path, new: new.clone() }),
                    _ => edits.push(YamlEdit::Remove { document, path, old: None }),
                }
            }
            true
        }
        (Value::Array(old), Value::Array(new)) if !old.is_empty() && !new.is_empty() => {
            let kept = old.len().min(new.len());
            for index in 0..kept {
                set(document, path.index(index), &old[index], &new[index], edits);
            }
            for (index, item) in new.iter().enumerate().skip(kept) {
                edits.push(YamlEdit::Insert { document, path: path.index(index), new: item.clone() });
            }
            for index in (kept..old.len()).rev() {
                edits.push(YamlEdit::Remove { document, path: path.index(index), old: None });
            }
            true
        }
        _ => false,
    }
}

fn set(document: usize, path: FieldPath, old: &Value, new: &Value, edits: &mut Vec<YamlEdit>) {
    if old != new && !compare(document, &path, old, new, edits) {
        edits.push(YamlEdit::Set { document, path, old: None, new: new.clone() });
    }
}
