//! Server-side apply, and the ownership that plain writes leave behind.
//!
//! An apply merges the configuration into the live object, removes what the same manager applied before and
//! no longer does (unless someone else owns it too), and refuses to change what others own unless forced. A plain
//! write makes its manager the owner of what it changed. Matches `structured-merge-diff/merge.Updater`; managers
//! that used another version of the kind are compared field by field without conversion.

pub(crate) mod conflicts;
pub(crate) mod fields;

use serde_json::{Value, json};

use self::conflicts::{Conflict, Managed, Operation};
use self::fields::{FieldSet, Step, compare, items};
use crate::schema::{Schema, Structure};
use crate::status::ApiError;

/// Who writes, and through what.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) manager: String,
    pub(crate) api_version: String,
    /// `status`, `scale`, or empty.
    pub(crate) subresource: String,
    pub(crate) time: String,
}

/// Which fields a write can own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything, for kinds without a status of their own.
    Everything,
    /// Everything but `status`.
    WithoutStatus,
    /// Only `status`.
    Status,
}

/// Fields of the metadata that belong to the server.
const SYSTEM_METADATA: [&str; 11] = [
    "name",
    "namespace",
    "generateName",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
];

fn strip(set: &mut FieldSet, scope: Scope) {
    set.remove(&["apiVersion"]);
    set.remove(&["kind"]);
    for field in SYSTEM_METADATA {
        set.remove(&["metadata", field]);
    }
    match scope {
        Scope::Everything => {}
        Scope::WithoutStatus => set.remove(&["status"]),
        Scope::Status => set.keep_only("status"),
    }
}

/// Applies a configuration; the result carries its managers.
pub(crate) fn apply(
    live: Option<&Value>,
    configuration: &Value,
    schema: Schema<'_>,
    writer: &Writer,
    scope: Scope,
    force: bool,
) -> Result<Value, ApiError> {
    let typed = |why: String| {
        let metadata = &configuration["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let message = format!(
            "failed to create typed patch object ({}/{}; {}, Kind={}): {why}",
            text(&metadata["namespace"]),
            text(&metadata["name"]),
            writer.api_version,
            text(&configuration["kind"]),
        );
        ApiError::new(500, "", message)
    };
    let mut applied = FieldSet::of_applied(configuration, schema).map_err(typed)?;
    strip(&mut applied, scope);
    let mut entry = Managed {
        manager: writer.manager.clone(),
        operation: Operation::Apply,
        api_version: writer.api_version.clone(),
        subresource: writer.subresource.clone(),
        time: writer.time.clone(),
        fields: applied.clone(),
    };
    let Some(live) = live else {
        let mut object = configuration.clone();
        object["metadata"]["managedFields"] = conflicts::encode(&[entry]);
        return Ok(object);
    };

    let mut managers = conflicts::decode(live);
    let last = managers.iter().position(|each| each.is_same(&entry)).map(|index| managers.remove(index));
    let mut merged = merge(Some(live), configuration, schema);
    if let Some(last) = &last {
        let keep = managers.iter().fold(applied, |keep, each| keep.union(&each.fields));
        prune(&mut merged, &last.fields, &keep, schema);
        keep_system_metadata(&mut merged, live);
    }

    let comparison = compare(live, &merged, schema);
    let mut touched = comparison.modified.union(&comparison.added);
    strip(&mut touched, scope);
    let mut found = Vec::new();
    for manager in &mut managers {
        let conflict = manager.fields.intersection(&touched);
        if conflict.is_empty() {
            continue;
        }
        found.extend(conflict.paths().into_iter().map(|path| Conflict { manager: manager.clone(), path }));
        manager.fields = manager.fields.difference(&conflict);
    }
    if !found.is_empty() && !force {
        return Err(conflicts::error(&found));
    }
    for manager in &mut managers {
        manager.fields = manager.fields.without_below(&comparison.removed);
    }
    if let Some(last) = last.filter(|last| last.fields == entry.fields) {
        let nothing_else = comparison.added.is_empty() && comparison.modified.is_empty();
        if nothing_else && comparison.removed.is_empty() {
            entry.time = last.time;
            entry.api_version = last.api_version;
        }
    }
    managers.push(entry);
    merged["metadata"]["managedFields"] = conflicts::encode(&managers);
    Ok(merged)
}

/// Makes the writer of a plain write the owner of what it changed; `object` carries the managers afterwards.
pub(crate) fn update(
    live: Option<&Value>,
    object: &mut Value,
    schema: Schema<'_>,
    writer: &Writer,
    scope: Scope,
) {
    let given = object.pointer("/metadata/managedFields").cloned();
    let is_reset = |value: &Value| {
        value.as_array().is_some_and(|entries| entries.is_empty() || entries == &vec![json!({})])
    };
    if live.is_some() && given.as_ref().is_some_and(is_reset) {
        remove_managers(object);
        return;
    }
    let mut managers = match (&given, live) {
        (Some(_), _) => conflicts::decode(object),
        (None, Some(live)) => conflicts::decode(live),
        (None, None) => Vec::new(),
    };
    let empty = json!({});
    let comparison = compare(live.unwrap_or(&empty), object, schema);
    let mut touched = comparison.modified.union(&comparison.added);
    strip(&mut touched, scope);
    let mut removed = comparison.removed;
    strip(&mut removed, scope);
    for manager in &mut managers {
        manager.fields = manager.fields.without_below(&removed);
    }
    if !touched.is_empty() {
        let mut entry = Managed {
            manager: writer.manager.clone(),
            operation: Operation::Update,
            api_version: writer.api_version.clone(),
            subresource: writer.subresource.clone(),
            time: writer.time.clone(),
            fields: touched.clone(),
        };
        for manager in managers.iter_mut().filter(|each| !each.is_same(&entry)) {
            // What someone else changed is no longer what this manager wanted.
            manager.fields = manager.fields.difference(&touched);
        }
        if let Some(index) = managers.iter().position(|each| each.is_same(&entry)) {
            entry.fields = managers.remove(index).fields.union(&touched);
        }
        managers.push(entry);
    }
    if managers.is_empty() {
        remove_managers(object);
    } else {
        object["metadata"]["managedFields"] = conflicts::encode(&managers);
    }
}

fn remove_managers(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

/// Merges what is applied into what is there.
fn merge(live: Option<&Value>, applied: &Value, schema: Schema<'_>) -> Value {
    let Some(live) = live else { return applied.clone() };
    let structure = schema.structure(applied);
    match (&structure, live, applied) {
        (Structure::Map, Value::Object(live), Value::Object(applied)) => {
            let mut merged = live.clone();
            for (key, value) in applied {
                let value = merge(live.get(key), value, schema.key(key));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        (Structure::Set | Structure::ListMap(_), Value::Array(before), Value::Array(after)) => {
            Value::Array(merge_list(before, after, &structure, schema))
        }
        _ => applied.clone(),
    }
}

/// Items of the configuration keep its order; items only the live list has stay where they were between them.
fn merge_list(live: &[Value], applied: &[Value], structure: &Structure, schema: Schema<'_>) -> Vec<Value> {
    let step = |item: &Value| match structure {
        Structure::ListMap(keys) => Step::of_item(item, keys, &schema).ok(),
        _ => Some(Step::of_value(item)),
    };
    let live_steps: Vec<Option<Step>> = live.iter().map(step).collect();
    let applied_steps: Vec<Option<Step>> = applied.iter().map(step).collect();
    let mut merged = Vec::with_capacity(live.len().max(applied.len()));
    let mut emitted = vec![false; applied.len()];
    let mut next = 0;
    let emit = |index: usize, merged: &mut Vec<Value>| {
        let old = live_steps.iter().position(|each| each.is_some() && *each == applied_steps[index]);
        merged.push(merge(old.map(|position| &live[position]), &applied[index], schema.item()));
    };
    for (item, item_step) in live.iter().zip(&live_steps) {
        match applied_steps.iter().position(|each| each.is_some() && each == item_step) {
            None => merged.push(item.clone()),
            Some(position) if emitted[position] => {}
            Some(position) => {
                while next <= position {
                    emit(next, &mut merged);
                    emitted[next] = true;
                    next += 1;
                }
            }
        }
    }
    for index in next..applied.len() {
        emit(index, &mut merged);
    }
    merged
}

/// What belongs to the server stays, whatever else of the metadata nobody applies any more.
fn keep_system_metadata(object: &mut Value, live: &Value) {
    for field in SYSTEM_METADATA {
        let Some(value) = live["metadata"].get(field) else { continue };
        if object["metadata"].get(field).is_none() {
            object["metadata"][field] = value.clone();
        }
    }
}

/// Removes what was in `last` and is in `keep` no more, with everything below it.
fn prune(object: &mut Value, last: &FieldSet, keep: &FieldSet, schema: Schema<'_>) {
    for (step, member, below) in last.steps() {
        match keep.below(step) {
            None => {
                // A key of a map or an item that was never owned itself stays when its parts go.
                let owns_it = member || matches!(step, Step::Field(name) if schema.declares(name));
                if owns_it {
                    remove(object, step, schema);
                } else if let Some((child, schema)) = child(object, step, schema) {
                    prune(child, below, &FieldSet::default(), schema);
                }
            }
            Some(kept) => {
                if let Some((child, schema)) = child(object, step, schema) {
                    prune(child, below, kept, schema);
                }
            }
        }
    }
}

fn child<'a, 's>(
    object: &'a mut Value,
    step: &Step,
    schema: Schema<'s>,
) -> Option<(&'a mut Value, Schema<'s>)> {
    match step {
        Step::Field(name) => Some((object.get_mut(name)?, schema.key(name))),
        _ => {
            let index = position(object, step, schema)?;
            Some((object.get_mut(index)?, schema.item()))
        }
    }
}

fn position(list: &Value, step: &Step, schema: Schema<'_>) -> Option<usize> {
    let structure = schema.structure(list);
    if let Step::Index(index) = step {
        return Some(*index);
    }
    list.as_array()?.iter().position(|item| {
        let one = Value::Array(vec![item.clone()]);
        items(Some(&one), &structure, &schema).is_some_and(|found| found.contains_key(step))
    })
}

fn remove(object: &mut Value, step: &Step, schema: Schema<'_>) {
    match step {
        Step::Field(name) => {
            if let Some(map) = object.as_object_mut() {
                map.remove(name);
            }
        }
        _ => {
            let Some(index) = position(object, step, schema) else { return };
            if let Some(list) = object.as_array_mut().filter(|list| index < list.len()) {
                list.remove(index);
            }
        }
    }
}

#[cfg(test)]
mod tests;
