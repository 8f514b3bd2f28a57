//! The Helm options of an Argo CD source.

use std::collections::BTreeMap;

use globset::GlobBuilder;
use serde_json::Value;
use slipway_helm::ValuesSource;
use slipway_helm::argocd::{ArgocdSource, FileParameter, Parameter};
use slipway_model::{REMOTE_DIRECTORY, RemoteReference, RepoPath};
use slipway_render::Parameters;

use super::environment::BuildEnvironment;
use super::fasttemplate::scalar;
use super::parameters::is_unknown;
use crate::index::Index;

/// Where a source reads.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The root of its repository, or its chart.
    pub(super) root: RepoPath,
    /// The directory that is rendered.
    pub(super) directory: RepoPath,
    /// The roots of the sources with a `ref`, by its name.
    pub(super) references: &'a BTreeMap<String, RepoPath>,
    /// What is put into parameters and paths.
    pub(super) environment: BuildEnvironment<'a>,
}

/// Fills in what `helm:` of a source says; the values files are returned in order. Files that only the cluster can name
/// are left out.
pub(super) fn read(
    index: &Index<'_>,
    helm: &Value,
    place: &Place<'_>,
    parameters: &mut Parameters,
) -> Vec<RepoPath> {
    let text = |field: &str| helm.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let flag = |field: &str| helm.get(field) == Some(&Value::Bool(true));
    let list = |field: &str| helm.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ignores_missing = flag("ignoreMissingValueFiles");
    // A file of another repository may be there or not: the render looks for it.
    let is_wanted = |file: &RepoPath| {
        !ignores_missing || index.has_file(file) || RemoteReference::of_path(file).is_some()
    };
    let from_root = |file: &RepoPath| format!("/{file}");
    let value_files = list("valueFiles")
        .iter()
        .filter_map(Value::as_str)
        .flat_map(|written| files(index, written, place))
        .filter(is_wanted)
        .map(|file| from_root(&file))
        .collect();
    let file_parameters = list("fileParameters")
        .iter()
        .filter_map(|entry| {
            let file = file(entry.get("path")?.as_str()?, place)?;
            Some(FileParameter { name: entry.get("name")?.as_str()?.to_owned(), path: from_root(&file) })
        })
        .collect();
    let source = ArgocdSource {
        application: parameters.release.take().unwrap_or_default(),
        release_name: text("releaseName"),
        namespace: parameters.namespace.take().unwrap_or_default(),
        value_files,
        ignore_missing_value_files: ignores_missing,
        values: match helm.get("valuesObject") {
            Some(values @ Value::Object(_)) => slipway_yaml::emit(values),
            _ => text("values"),
        },
        parameters: assignments(list("parameters"), &place.environment),
        file_parameters,
        skip_crds: flag("skipCrds"),
        skip_tests: flag("skipTests"),
        skip_schema_validation: flag("skipSchemaValidation"),
        kube_version: Some(text("kubeVersion")).filter(|text| !text.is_empty()),
        api_versions: list("apiVersions").iter().filter_map(scalar).collect(),
    };
    // Every file is a path from the root already, so that none leads out of it.
    let Ok(options) = source.options(&place.directory) else { return Vec::new() };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    parameters.release = some(options.release);
    parameters.namespace = some(text("namespace")).or_else(|| some(options.namespace));
    parameters.set = options.set;
    parameters.set_string = options.set_string;
    parameters.set_file = options.set_file;
    parameters.include_crds = options.include_crds;
    parameters.skip_tests = options.skip_tests;
    parameters.skip_schema_validation = options.skip_schema_validation;
    parameters.ignore_missing_values = ignores_missing;
    parameters.kube_version = options.kube_version;
    parameters.api_versions = options.api_versions;
    let mut values = Vec::new();
    for each in options.values {
        match each {
            ValuesSource::File { path, .. } => values.push(path),
            ValuesSource::Text { text, .. } => parameters.inline_values = Some(text),
        }
    }
    values
}

/// The parameters in order. Argo CD keeps them by name, so that of several of one name the last is left.
fn assignments(entries: &[Value], environment: &BuildEnvironment<'_>) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for entry in entries {
        let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
        let parameter = Parameter {
            name: name.to_owned(),
            value: environment.substitute(&entry.get("value").and_then(scalar).unwrap_or_default()),
            force_string: entry.get("forceString") == Some(&Value::Bool(true)),
        };
        found.retain(|other| other.name != parameter.name || other.force_string != parameter.force_string);
        found.push(parameter);
    }
    found
}

/// The values files that an entry means: one, or those that a pattern matches, sorted.
fn files(index: &Index<'_>, written: &str, place: &Place<'_>) -> Vec<RepoPath> {
    let Some(file) = file(written, place) else { return Vec::new() };
    let is_pattern = written.contains(['*', '?', '[']) && !index.has_file(&file);
    if !is_pattern || file.as_str().starts_with(REMOTE_DIRECTORY) {
        return vec![file];
    }
    let Ok(pattern) = GlobBuilder::new(file.as_str()).literal_separator(true).build() else {
        return vec![file];
    };
    let matcher = pattern.compile_matcher();
    let fixed = |segment: &&str| !segment.contains(['*', '?', '[', '{']);
    let folder =
        file.segments().take_while(fixed).fold(RepoPath::root(), |path, segment| path.child(segment));
    index
        .below(&folder)
        .flat_map(|(path, directory)| directory.files.iter().map(|name| path.child(name)))
        .filter(|file| matcher.is_match(file.as_str()))
        .collect()
}

/// `values.yaml`, `/from/the/root.yaml`, `$ref/path.yaml`, `https://host/values.yaml`; `None` for what only the cluster
/// knows.
fn file(written: &str, place: &Place<'_>) -> Option<RepoPath> {
    if is_unknown(written) {
        return None;
    }
    let inside = |root: &RepoPath, path: &str| {
        let path = RepoPath::new(path.trim_start_matches('/')).ok()?;
        Some(path.segments().fold(root.clone(), |path, segment| path.child(segment)))
    };
    if let Some((reference, path)) = written.strip_prefix('$').and_then(|rest| rest.split_once('/'))
        && let Some(root) = place.references.get(reference)
    {
        return inside(root, &place.environment.substitute(path));
    }
    let written = place.environment.substitute(written);
    if let Some((scheme, _)) = written.split_once("://") {
        let is_known = matches!(scheme, "http" | "https");
        return is_known.then(|| RemoteReference::File { url: written.clone() }.path());
    }
    if written.starts_with('/') {
        return inside(&place.root, &written);
    }
    place.directory.join(&written).ok().filter(|file| file.is_inside(&place.root))
}
