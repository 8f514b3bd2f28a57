//! `replacements` into declarations: a value of one object that is written into others.

use serde_json::Value;

use super::selectors::Selector;
use super::{Built, Object};
use crate::index::Index;

/// Applies the replacements that a kustomization holds itself. Those with a delimiter are passed over.
pub(super) fn apply(index: &Index<'_>, kustomization: &Value, built: &mut Built) {
    for replacement in kustomization.get("replacements").and_then(Value::as_array).into_iter().flatten() {
        let Some(value) = replacement.get("source").and_then(|source| read(index, source, &built.objects))
        else {
            continue;
        };
        for target in replacement.get("targets").and_then(Value::as_array).into_iter().flatten() {
            if target.pointer("/options/delimiter").is_some() {
                continue;
            }
            let selector = Selector::new(target.get("select").unwrap_or(&Value::Null));
            let rejected: Vec<Selector> = target
                .get("reject")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(Selector::new)
                .collect();
            let creates = target.pointer("/options/create") == Some(&Value::Bool(true));
            for object in &mut built.objects {
                if !selector.selects(object) || rejected.iter().any(|each| each.selects(object)) {
                    continue;
                }
                for path in target.get("fieldPaths").and_then(Value::as_array).into_iter().flatten() {
                    if let (Some(path), Some(into)) = (path.as_str(), &mut object.value) {
                        write(into, &segments(path), &value, creates);
                    }
                }
            }
        }
    }
}

fn read(index: &Index<'_>, source: &Value, objects: &[Object]) -> Option<Value> {
    let text = |field: &str| source.get(field).and_then(Value::as_str);
    let (kind, name) = (text("kind")?, text("name"));
    if source.pointer("/options/delimiter").is_some() {
        return None;
    }
    let path = segments(text("fieldPath").unwrap_or("metadata.name"));
    objects.iter().filter(|object| &*object.kind.kind == kind).find_map(|object| {
        let is_named = |value: &&Value| {
            name.is_none_or(|name| value.pointer("/metadata/name").and_then(Value::as_str) == Some(name))
        };
        let take =
            |value: &Value| path.iter().try_fold(value, |value, segment| step(value, segment)).cloned();
        match &object.value {
            Some(value) => Some(value).filter(is_named).and_then(take),
            None => index
                .documents(&object.file)
                .iter()
                .filter(|value| value.get("kind").and_then(Value::as_str) == Some(kind))
                .find(is_named)
                .and_then(take),
        }
    })
}

/// Splits `data.a\.b.0` at its dots.
fn segments(path: &str) -> Vec<String> {
    path.replace("\\.", "\u{0}").split('.').map(|segment| segment.replace('\u{0}', ".")).collect()
}

fn step<'v>(value: &'v Value, segment: &str) -> Option<&'v Value> {
    match value {
        Value::Array(items) => {
            if let Some((key, wanted)) = segment.trim_matches(['[', ']']).split_once('=') {
                return items.iter().find(|item| item.get(key).and_then(Value::as_str) == Some(wanted));
            }
            items.get(segment.parse::<usize>().ok()?)
        }
        value => value.get(segment),
    }
}

fn write(value: &mut Value, path: &[String], new: &Value, creates: bool) {
    let Some((segment, rest)) = path.split_first() else {
        *value = new.clone();
        return;
    };
    match value {
        Value::Array(items) if segment == "*" => {
            items.iter_mut().for_each(|item| write(item, rest, new, creates));
        }
        Value::Array(items) => {
            let place = match segment.trim_matches(['[', ']']).split_once('=') {
                Some((key, wanted)) => {
                    items.iter().position(|item| item.get(key).and_then(Value::as_str) == Some(wanted))
                }
                None => segment.parse().ok(),
            };
            if let Some(item) = place.and_then(|place| items.get_mut(place)) {
                write(item, rest, new, creates);
            }
        }
        Value::Object(map) if map.contains_key(segment) || creates => {
            write(
                map.entry(segment.clone()).or_insert_with(|| Value::Object(serde_json::Map::new())),
                rest,
                new,
                creates,
            );
        }
        _ => {}
    }
}
