//! Equal changes of several instances.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::InstanceId;

use crate::canonical::canonical;
use crate::comparison::{Change, Comparison, Group, ResourceChange};

/// Longer texts are cut in the short form of a change.
const LONGEST: usize = 60;

/// Groups equal changes over instances, the most frequent first, then by path.
#[must_use]
pub fn group(changes: &[(InstanceId, Comparison)]) -> Vec<Group> {
    // Keyed by the whole values: two long texts that are cut to the same beginning are two changes.
    let mut groups: BTreeMap<(String, String, String), (usize, BTreeSet<&InstanceId>)> = BTreeMap::new();
    let mut add = |path: String, change: String, whole: String, instance| {
        let (count, instances) = groups.entry((path, change, whole)).or_default();
        *count += 1;
        instances.insert(instance);
    };
    for (instance, comparison) in changes {
        for resource in &comparison.resources {
            let kind = &resource.resource.kind;
            if let Some((path, change)) = whole_resource(resource) {
                let whole = change.clone();
                add(path, change, whole, instance);
            }
            for field in &resource.fields {
                let whole = |value: &Option<Value>| value.as_ref().map(canonical).unwrap_or_default();
                add(
                    format!("{kind} {}", field.path),
                    short_change(field.old.as_ref(), field.new.as_ref()),
                    format!("{}\u{0}{}", whole(&field.old), whole(&field.new)),
                    instance,
                );
            }
        }
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|((path, change, _), (count, instances))| Group {
            path,
            change,
            count,
            instances: instances.into_iter().cloned().collect(),
        })
        .collect();
    groups.sort_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| (&left.path, &left.change).cmp(&(&right.path, &right.change)))
    });
    groups
}

fn whole_resource(resource: &ResourceChange) -> Option<(String, String)> {
    let named = |name: &str| format!("{} {name}", resource.resource.kind);
    match resource.change {
        Change::Added => Some((named(&resource.resource.name), "added".to_owned())),
        Change::Removed => Some((named(&resource.resource.name), "removed".to_owned())),
        Change::Renamed => {
            let before = resource.renamed_from.as_ref().map(|id| id.name.as_str()).unwrap_or_default();
            Some((named(before), format!("renamed to {}", resource.resource.name)))
        }
        Change::Changed => None,
    }
}

/// A change for reading: `2 → 3`, `added true`, `removed {2 fields}`.
#[must_use]
pub fn short_change(old: Option<&Value>, new: Option<&Value>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => {
            let (left, right) = (short_value(old), short_value(new));
            if left == right && old != new {
                format!("{left} → (differs further on)")
            } else {
                format!("{left} → {right}")
            }
        }
        (None, Some(new)) => format!("added {}", short_value(new)),
        (Some(old), None) => format!("removed {}", short_value(old)),
        (None, None) => "unchanged".to_owned(),
    }
}

/// A value in one short line: a text that is empty or that could be read as something else stands in quotes,
/// of a map or list only the size is said.
#[must_use]
pub fn short_value(value: &Value) -> String {
    let counted =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    match value {
        Value::Object(map) => format!("{{{}}}", counted(map.len(), "field", "fields")),
        Value::Array(items) => format!("[{}]", counted(items.len(), "item", "items")),
        Value::String(text) => {
            let line: String = text.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
            let is_whole = line.len() == text.len();
            let ambiguous =
                text.is_empty() || text.trim() != text || serde_json::from_str::<Value>(text).is_ok();
            match (is_whole, ambiguous) {
                (true, true) => Value::String(line).to_string(),
                (true, false) => line,
                (false, _) => format!("{line}…"),
            }
        }
        scalar => scalar.to_string(),
    }
}
