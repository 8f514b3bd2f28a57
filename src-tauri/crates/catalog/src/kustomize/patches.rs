//! `patches`, `patchesStrategicMerge` and `patchesJson6902`, on declarations.

use serde_json::{Map, Value};
use slipway_model::{Location, Problem, RepoPath};

use super::graph::{Kustomization, local};
use super::selectors::Selector;
use super::{Built, Object};
use crate::index::Index;

/// Applies the patches of a kustomization in the order of kustomize.
pub(super) fn apply(
    index: &Index<'_>,
    directory: &RepoPath,
    kustomization: &Kustomization,
    built: &mut Built,
) {
    let value = &kustomization.value;
    let list = |field: &str| value.get(field).and_then(Value::as_array).into_iter().flatten();
    let mut problems = Vec::new();
    let mut patch = |target: Option<&Value>, documents: Vec<Value>| {
        for document in documents {
            one(target, &document, &mut built.objects, &kustomization.file, &mut problems);
        }
    };
    for entry in list("patchesStrategicMerge").filter_map(Value::as_str) {
        patch(None, contents(index, directory, Some(entry), None));
    }
    for field in ["patches", "patchesJson6902"] {
        for entry in list(field) {
            let path = entry.get("path").and_then(Value::as_str);
            let inline = entry.get("patch").and_then(Value::as_str);
            patch(entry.get("target"), contents(index, directory, path, inline));
        }
    }
    built.problems.extend(problems);
}

/// Applies patches that are written out, as those of a Flux Kustomization are.
pub(crate) fn apply_patches(entries: &[Value], built: &mut Built) {
    let mut problems = Vec::new();
    for entry in entries {
        let text = entry.get("patch").and_then(Value::as_str).unwrap_or_default();
        for document in decoded(text) {
            one(entry.get("target"), &document, &mut built.objects, &RepoPath::root(), &mut problems);
        }
    }
}

fn decoded(text: &str) -> Vec<Value> {
    slipway_yaml::decode_stream(text)
        .map(|documents| {
            documents.into_iter().map(|document| document.value).filter(|value| !value.is_null()).collect()
        })
        .unwrap_or_default()
}

fn contents(index: &Index<'_>, directory: &RepoPath, path: Option<&str>, inline: Option<&str>) -> Vec<Value> {
    let text = match (path, inline) {
        (_, Some(inline)) => inline,
        (Some(path), None) => match local(directory, path).filter(|path| index.has_file(path)) {
            Some(file) => return index.documents(&file).to_vec(),
            // An entry of `patchesStrategicMerge` can be the patch itself.
            None if path.contains('\n') => path,
            None => return Vec::new(),
        },
        (None, None) => return Vec::new(),
    };
    decoded(text)
}

fn one(
    target: Option<&Value>,
    document: &Value,
    objects: &mut Vec<Object>,
    file: &RepoPath,
    problems: &mut Vec<Problem>,
) {
    if document.is_array() {
        let (Some(target), Ok(patch)) =
            (target, serde_json::from_value::<json_patch::Patch>(document.clone()))
        else {
            return;
        };
        let selector = Selector::new(target);
        for object in objects.iter_mut().filter(|object| selector.selects(object)) {
            let name = object.name().to_owned();
            let Some(value) = &mut object.value else { continue };
            if let Err(error) = json_patch::patch(value, &patch) {
                problems.push(
                    Problem::error("patch-failed", format!("a patch of `{name}` cannot be applied: {error}"))
                        .at(Location::file(file)),
                );
            }
        }
        return;
    }
    let selector = target.map(Selector::new);
    let is_delete = document.get("$patch").and_then(Value::as_str) == Some("delete");
    let is_meant = |object: &Object| match &selector {
        Some(selector) => selector.selects(object),
        None => is_same(object, document),
    };
    if is_delete {
        objects.retain(|object| !is_meant(object));
        return;
    }
    for object in objects.iter_mut().filter(|object| is_meant(object)) {
        if let Some(value) = &mut object.value {
            let kept = (value.pointer("/metadata/name").cloned(), value.get("kind").cloned());
            merge(value, document);
            // A patch with a target is for others too than the one it names.
            if selector.is_some() {
                keep(value, kept);
            }
        }
    }
}

/// Gives an object its own name and kind back.
fn keep(value: &mut Value, (name, kind): (Option<Value>, Option<Value>)) {
    if let (Some(name), Some(Value::Object(metadata))) = (name, value.get_mut("metadata")) {
        metadata.insert("name".to_owned(), name);
    }
    if let (Some(kind), Value::Object(value)) = (kind, value) {
        value.insert("kind".to_owned(), kind);
    }
}

/// Whether a patch without a target names this declaration.
fn is_same(object: &Object, patch: &Value) -> bool {
    let text = |pointer: &str| patch.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let group = text("/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    object.value.is_some()
        && *object.kind.kind == *text("/kind")
        && *object.kind.group == *group
        && object.name() == text("/metadata/name")
}

/// Merges as for kinds without a schema: maps key by key, null removes, everything else is replaced.
fn merge(value: &mut Value, patch: &Value) {
    let (Value::Object(value), Value::Object(patch)) = (&mut *value, patch) else {
        *value = patch.clone();
        return;
    };
    if patch.get("$patch").and_then(Value::as_str) == Some("replace") {
        *value = patch
            .iter()
            .filter(|(key, _)| *key != "$patch")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        return;
    }
    for (key, change) in patch {
        match change {
            Value::Null => {
                value.remove(key);
            }
            Value::Object(map) if map.get("$patch").and_then(Value::as_str) == Some("delete") => {
                value.remove(key);
            }
            change => merge(value.entry(key.clone()).or_insert(Value::Object(Map::new())), change),
        }
    }
}
