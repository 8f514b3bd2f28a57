//! Kustomization files: finding them, what they name, and laying options over them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use slipway_model::{Problem, RemoteReference, RepoPath, Tree, read_text};
use slipway_render::engines::kustomize::KUSTOMIZATION_FILES;
use slipway_render::unreadable;

/// The kustomization file of a directory and its text.
pub(crate) fn find(tree: &dyn Tree, directory: &RepoPath) -> Result<Option<(RepoPath, String)>, Problem> {
    for name in KUSTOMIZATION_FILES {
        let path = directory.child(name);
        let text = read_text(tree, &path).map_err(|error| unreadable(&path, &error))?;
        if let Some(text) = text {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// Everything in a kustomization that may name a file, a directory or something remote. Inline YAML and text
/// that names nothing is among it; the tree tells.
pub(crate) fn references(kustomization: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for field in [
        "resources",
        "bases",
        "components",
        "crds",
        "configurations",
        "generators",
        "transformers",
        "validators",
        "patchesStrategicMerge",
    ] {
        found.extend(texts(kustomization.get(field)));
    }
    for (list, fields) in [
        ("patches", &["path"][..]),
        ("patchesJson6902", &["path"]),
        ("replacements", &["path"]),
        ("configMapGenerator", &["files", "envs", "env"]),
        ("secretGenerator", &["files", "envs", "env"]),
        ("helmCharts", &["valuesFile", "additionalValuesFiles"]),
        ("helmChartInflationGenerator", &["values", "chartHome"]),
    ] {
        for item in kustomization.get(list).and_then(Value::as_array).into_iter().flatten() {
            for field in fields {
                // `files: [KEY=PATH]`
                found.extend(texts(item.get(field)).map(|text| {
                    text.split_once('=').map_or_else(|| text.clone(), |(_, path)| path.to_owned())
                }));
            }
        }
    }
    for pointer in ["/openapi/path", "/helmGlobals/chartHome"] {
        found.extend(texts(kustomization.pointer(pointer)));
    }
    found
}

/// A chart that kustomize would fetch.
pub(crate) struct AbsentChart {
    /// Its repository.
    pub(crate) repository: String,
    /// What is fetched for it.
    pub(crate) reference: RemoteReference,
    /// Where kustomize would put it.
    pub(crate) place: RepoPath,
}

/// The charts that kustomize would fetch: those that are not in the chart directory, where it looks for `NAME`, and for
/// `NAME-VERSION/NAME` where a version is asked for.
pub(crate) fn absent_charts(
    tree: &dyn Tree,
    directory: &RepoPath,
    kustomization: &Value,
) -> Result<Vec<AbsentChart>, Problem> {
    let home = kustomization.pointer("/helmGlobals/chartHome").and_then(Value::as_str).unwrap_or("charts");
    let Ok(home) = directory.join(home) else { return Ok(Vec::new()) };
    let mut absent = Vec::new();
    for chart in kustomization.get("helmCharts").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| chart.get(name).and_then(Value::as_str);
        let (Some(name), Some(repository)) = (field("name"), field("repo")) else { continue };
        let version = field("version").unwrap_or_default();
        let versioned = format!("{name}-{version}/{name}");
        let mut is_there = false;
        for place in [name, versioned.as_str()] {
            let Ok(place) = home.join(place) else { continue };
            is_there |= tree.list(&place).map_err(|error| unreadable(&place, &error))?.is_some();
        }
        let place = if version.is_empty() { name } else { &versioned };
        if let Ok(place) = home.join(place)
            && !is_there
        {
            let is_devel = chart.get("devel") == Some(&Value::Bool(true));
            let version = if version.is_empty() && is_devel { ">0.0.0-0" } else { version };
            absent.push(AbsentChart {
                repository: repository.to_owned(),
                reference: RemoteReference::Chart {
                    repository: repository.to_owned(),
                    name: name.to_owned(),
                    version: version.to_owned(),
                },
                place,
            });
        }
    }
    Ok(absent)
}

/// A kustomization that names other places. What is generated from a file keeps the file's name as its key.
pub(crate) fn renamed(mut kustomization: Value, names: &BTreeMap<String, String>) -> Value {
    if let Value::Object(fields) = &mut kustomization {
        for (field, value) in fields {
            let is_generator = matches!(field.as_str(), "configMapGenerator" | "secretGenerator");
            rename(value, names, is_generator, "");
        }
    }
    kustomization
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>, is_generator: bool, field: &str) {
    match value {
        Value::String(text) => {
            let (key, path) = match text.split_once('=') {
                Some((key, path)) if is_generator && names.contains_key(path) => (Some(key.to_owned()), path),
                _ => (None, text.as_str()),
            };
            let Some(place) = names.get(path) else { return };
            let key = key.or_else(|| {
                let last = path.rsplit('/').next().unwrap_or_default();
                (is_generator && field == "files").then(|| last.to_owned())
            });
            *text = key.map_or_else(|| place.clone(), |key| format!("{key}={place}"));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names, is_generator, field)),
        Value::Object(map) => {
            map.iter_mut().for_each(|(field, value)| rename(value, names, is_generator, field));
        }
        _ => {}
    }
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = String> + '_ {
    let items: &[Value] = match value {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().filter_map(Value::as_str).map(str::to_owned)
}

/// Lays a partial kustomization over a directory's own, as Argo CD and Flux do when they edit the file: scalars
/// are replaced, maps merged, images and replicas replaced by name, other lists appended.
pub(crate) fn lay_over(own: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (own.get_mut(&key), value) {
            (Some(Value::Array(below)), Value::Array(above)) => {
                for item in above {
                    let name = item.get("name").filter(|_| matches!(key.as_str(), "images" | "replicas"));
                    match below.iter_mut().find(|other| name.is_some() && other.get("name") == name) {
                        Some(same) => *same = item,
                        None => below.push(item),
                    }
                }
            }
            (Some(Value::Object(below)), Value::Object(above)) => below.extend(above),
            (_, value) => {
                own.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_are_laid_over_as_an_edit_of_the_file() {
        let mut own = json!({
            "namespace": "old", "resources": ["a.yaml"], "commonLabels": {"a": "1"},
            "images": [{"name": "api", "newTag": "1"}, {"name": "web", "newTag": "1"}],
        })
        .as_object()
        .unwrap()
        .clone();
        let over = json!({
            "namespace": "new", "components": ["../c"], "commonLabels": {"b": "2"},
            "images": [{"name": "api", "newTag": "2"}, {"name": "db", "newTag": "3"}],
        });
        lay_over(&mut own, over.as_object().unwrap().clone());
        assert_eq!(
            Value::Object(own),
            json!({
                "namespace": "new", "resources": ["a.yaml"], "components": ["../c"],
                "commonLabels": {"a": "1", "b": "2"},
                "images": [
                    {"name": "api", "newTag": "2"}, {"name": "web", "newTag": "1"}, {"name": "db", "newTag": "3"},
                ],
            })
        );
    }

    #[test]
    fn everything_that_can_name_a_file_is_found() {
        let kustomization = json!({
            "resources": ["../base", "a.yaml"], "patches": [{"path": "p.yaml"}, {"patch": "inline"}],
            "configMapGenerator": [{"files": ["key=c.conf", "d.conf"], "envs": ["e.env"]}],
            "openapi": {"path": "schema.json"}, "helmCharts": [{"valuesFile": "v.yaml"}],
        });
        assert_eq!(
            references(&kustomization),
            ["../base", "a.yaml", "p.yaml", "c.conf", "d.conf", "e.env", "v.yaml", "schema.json"]
        );
    }
}
