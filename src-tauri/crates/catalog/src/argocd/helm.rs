//! The Helm options of an Argo CD source.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::RepoPath;
use slipway_render::Parameters;

use super::fasttemplate::scalar;
use crate::index::Index;

/// Fills in what `helm:` of a source says; the values files are returned in order.
///
/// `references` are the sources with a `ref`: whether each is this repository.
pub(super) fn read(
    index: &Index<'_>,
    helm: &Value,
    directory: &RepoPath,
    references: &BTreeMap<String, bool>,
    parameters: &mut Parameters,
) -> Vec<RepoPath> {
    let text = |field: &str| {
        helm.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let flag = |field: &str| helm.get(field) == Some(&Value::Bool(true));
    let list = |field: &str| helm.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    parameters.release = text("releaseName").or_else(|| parameters.release.take());
    if let Some(namespace) = text("namespace") {
        parameters.namespace = Some(namespace);
    }
    parameters.kube_version = text("kubeVersion");
    parameters.api_versions = list("apiVersions").iter().filter_map(scalar).collect();
    parameters.include_crds = !flag("skipCrds");
    parameters.skip_tests = flag("skipTests");
    for entry in list("parameters") {
        let (Some(name), value) =
            (entry.get("name").and_then(Value::as_str), entry.get("value").and_then(scalar))
        else {
            continue;
        };
        // Argo CD escapes commas, so that a value is never taken for several.
        let value = value.unwrap_or_default().replace(',', "\\,");
        let assignment = format!("{name}={value}");
        if entry.get("forceString") == Some(&Value::Bool(true)) {
            parameters.set_string.push(assignment);
        } else {
            parameters.set.push(assignment);
        }
    }
    for entry in list("fileParameters") {
        if let (Some(name), Some(path)) =
            (entry.get("name").and_then(Value::as_str), entry.get("path").and_then(Value::as_str))
        {
            parameters.set_file.push(format!("{name}={path}"));
        }
    }
    parameters.inline_values = match helm.get("valuesObject") {
        Some(values @ Value::Object(_)) => Some(slipway_yaml::emit(values)),
        _ => text("values"),
    };
    let ignores_missing = flag("ignoreMissingValueFiles");
    list("valueFiles")
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|written| file(written, directory, references))
        .filter(|file| !ignores_missing || index.has_file(file))
        .collect()
}

/// `values.yaml`, `/from/the/root.yaml`, `$ref/path.yaml`; `None` for what is not in this repository.
fn file(written: &str, directory: &RepoPath, references: &BTreeMap<String, bool>) -> Option<RepoPath> {
    if written.contains("://") || super::parameters::is_unknown(written) {
        return None;
    }
    if let Some(rest) = written.strip_prefix('$') {
        let (reference, path) = rest.split_once('/')?;
        return references.get(reference).filter(|is_own| **is_own).and_then(|_| RepoPath::new(path).ok());
    }
    match written.strip_prefix('/') {
        Some(path) => RepoPath::new(path).ok(),
        None => directory.join(written).ok(),
    }
}
