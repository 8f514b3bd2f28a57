//! From the spec of an Application to sources and a destination.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use super::fasttemplate::scalar;
use super::parameters::{is_unknown, without_unknown};
use super::{Repository, helm, kustomize};
use crate::catalog::Destination;
use crate::engine_detection::engines;

/// What an Application deploys from where.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The sources that lie in this repository.
    pub(super) sources: Vec<Source>,
    /// Values files of this repository that a source outside of it uses.
    pub(super) values_for_external: Vec<RepoPath>,
    /// Whether a source lies outside.
    pub(super) is_external: bool,
    /// Paths of this repository that are not there.
    pub(super) missing: Vec<String>,
    /// Whether a path or address holds something that only the cluster knows.
    pub(super) is_unknown: bool,
    /// Where it goes.
    pub(super) destination: Destination,
    /// The branch of the environment, where a controller hydrates the source.
    pub(super) branch: Option<String>,
    /// The revision that is deployed.
    pub(super) revision: Option<String>,
    /// Whether a source is said to be a directory of manifests.
    pub(super) reads_directory: bool,
    /// What is worth knowing.
    pub(super) problems: Vec<Problem>,
}

/// Reads the spec of an Application that `file` declares.
pub(super) fn parse(repository: &Repository<'_>, application: &Value, file: &RepoPath) -> Parsed {
    let spec = application.get("spec").unwrap_or(&Value::Null);
    let text = |pointer: &str| spec.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let known = |text: &str| (!is_unknown(text)).then(|| text.to_owned());
    let mut parsed = Parsed {
        destination: Destination {
            namespace: text("/destination/namespace").and_then(known),
            cluster: text("/destination/name").or_else(|| text("/destination/server")).and_then(known),
        },
        branch: text("/sourceHydrator/syncSource/targetBranch").and_then(known),
        ..Parsed::default()
    };
    let list: Vec<&Value> =
        match spec.get("sources").and_then(Value::as_array).filter(|list| !list.is_empty()) {
            Some(list) => list.iter().collect(),
            None => {
                spec.get("source").or_else(|| spec.pointer("/sourceHydrator/drySource")).into_iter().collect()
            }
        };
    let address =
        |source: &Value| source.get("repoURL").and_then(Value::as_str).unwrap_or_default().to_owned();
    let references: BTreeMap<String, bool> = list
        .iter()
        .filter_map(|source| {
            Some((source.get("ref")?.as_str()?.to_owned(), repository.is_own(&address(source))))
        })
        .collect();
    let name = application.pointer("/metadata/name").and_then(Value::as_str).map(without_unknown);
    for source in list {
        let is_chart = source.get("chart").and_then(Value::as_str).is_some();
        let path = source.get("path").and_then(Value::as_str);
        if source.get("ref").is_some() && path.is_none() && !is_chart {
            continue;
        }
        let revision = source.get("targetRevision").and_then(scalar);
        parsed.revision = parsed.revision.or(revision);
        let mut parameters = Parameters {
            release: name.clone(),
            namespace: parsed.destination.namespace.clone(),
            ..Parameters::default()
        };
        let options = source.get("helm").unwrap_or(&Value::Null);
        if is_chart || !repository.holds(&address(source), path) {
            parsed.is_unknown |= is_unknown(&address(source));
            parsed.is_external = true;
            let root = RepoPath::root();
            parsed.values_for_external.extend(helm::read(
                repository.index,
                options,
                &root,
                &references,
                &mut parameters,
            ));
            continue;
        }
        let written = path.unwrap_or(".");
        if is_unknown(written) {
            parsed.is_unknown = true;
            continue;
        }
        let Ok(path) = RepoPath::new(written.trim().trim_start_matches('/')) else {
            parsed.missing.push(written.to_owned());
            continue;
        };
        let is_there = repository.index.directory(&path).is_some() || repository.index.has_file(&path);
        if !is_there {
            parsed.missing.push(path.to_string());
            continue;
        }
        parsed.reads_directory |= source.get("directory").is_some();
        let source = one(repository, source, path, &references, parameters, file, &mut parsed.problems);
        parsed.sources.push(source);
    }
    parsed
}

fn one(
    repository: &Repository<'_>,
    source: &Value,
    path: RepoPath,
    references: &BTreeMap<String, bool>,
    mut parameters: Parameters,
    file: &RepoPath,
    problems: &mut Vec<Problem>,
) -> Source {
    let given =
        |field: &str| source.get(field).filter(|value| value.as_object().is_some_and(|map| !map.is_empty()));
    let files: Vec<&str> = repository
        .index
        .directory(&path)
        .map(|directory| directory.files.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let detected = engines(&files, &path);
    let directory = source.get("directory").filter(|directory| is_explicit(directory));
    let engine = if directory.is_some() {
        let has_programs = files.iter().any(|name| name.ends_with(".jsonnet"));
        if has_programs { EngineKind::Jsonnet } else { EngineKind::Plain }
    } else if given("kustomize").is_some()
        && detected.as_ref().is_some_and(|found| found.engine != EngineKind::Helm)
    {
        EngineKind::Kustomize
    } else {
        detected.as_ref().map_or(EngineKind::Plain, |found| found.engine)
    };
    if let Some(found) = detected.filter(|found| found.engine == engine) {
        problems.extend(found.problem);
    }
    if let Some(plugin) = source.get("plugin") {
        let name = plugin.get("name").and_then(Value::as_str).unwrap_or("found by the cluster");
        problems.push(
            Problem::warning(
                "config-management-plugin",
                format!("`{path}` is rendered by the plugin `{name}`, which only the cluster has"),
            )
            .hint(format!("here it is rendered with {engine}, which may give other objects"))
            .at(Location::file(file)),
        );
    }
    let mut values = Vec::new();
    match engine {
        EngineKind::Helm => {
            let options = source.get("helm").unwrap_or(&Value::Null);
            values = helm::read(repository.index, options, &path, references, &mut parameters);
        }
        EngineKind::Kustomize => {
            parameters.release = None;
            parameters.kustomization = given("kustomize").and_then(kustomize::kustomization);
        }
        _ => {
            parameters.release = None;
            read_directory(source.get("directory").unwrap_or(&Value::Null), &mut parameters);
        }
    }
    Source { engine, path, values, parameters }
}

/// Argo CD takes `directory: {recurse: false}` for nothing said, and finds the tool by the files.
fn is_explicit(directory: &Value) -> bool {
    directory.get("recurse") == Some(&Value::Bool(true))
        || directory
            .get("jsonnet")
            .is_some_and(|jsonnet| jsonnet.as_object().is_some_and(|map| !map.is_empty()))
}

fn read_directory(directory: &Value, parameters: &mut Parameters) {
    let text = |field: &str| {
        directory.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    parameters.recurse = directory.get("recurse") == Some(&Value::Bool(true));
    parameters.include = text("include");
    parameters.exclude = text("exclude");
    let jsonnet = directory.get("jsonnet").unwrap_or(&Value::Null);
    for (field, texts, programs) in [
        ("extVars", &mut parameters.ext_str, &mut parameters.ext_code),
        ("tlas", &mut parameters.tla_str, &mut parameters.tla_code),
    ] {
        for variable in jsonnet.get(field).and_then(Value::as_array).into_iter().flatten() {
            let name = variable.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let value = variable.get("value").and_then(scalar).unwrap_or_default();
            let into =
                if variable.get("code") == Some(&Value::Bool(true)) { &mut *programs } else { &mut *texts };
            into.insert(name, value);
        }
    }
    parameters.jpath = jsonnet
        .get("libs")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|path| RepoPath::new(path).ok())
        .collect();
}
