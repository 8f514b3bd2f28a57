//! From the spec of an Application to sources and a destination.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use super::environment::BuildEnvironment;
use super::fasttemplate::scalar;
use super::helm::Place;
use super::parameters::{is_unknown, without_unknown};
use super::{Repository, helm, kustomize, remote};
use crate::catalog::Destination;
use crate::engine_detection::{Detected, engines};

/// What an Application deploys from where.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The sources that lie in this repository.
    pub(super) sources: Vec<Source>,
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
    let references = references(repository, &written_sources(spec));
    let name = name_of(application);
    let namespace = parsed.destination.namespace.clone();
    for Written { value, path, is_outside, mut place, parameters } in
        rendered(repository, application, namespace.as_deref(), &references)
    {
        parsed.revision = parsed.revision.or_else(|| value.get("targetRevision").and_then(scalar));
        if is_outside {
            parsed.is_unknown |= is_unknown(address(value));
            parsed.is_external = true;
            continue;
        }
        let directory = path.unwrap_or(".");
        if is_unknown(directory) {
            parsed.is_unknown = true;
            continue;
        }
        let Ok(path) = RepoPath::new(directory.trim().trim_start_matches('/')) else {
            parsed.missing.push(directory.to_owned());
            continue;
        };
        let is_there = repository.index.directory(&path).is_some() || repository.index.has_file(&path);
        if !is_there {
            parsed.missing.push(path.to_string());
            continue;
        }
        parsed.reads_directory |= value.get("directory").is_some();
        let overridden = overridden(repository, value, &path, name.as_deref());
        place.directory = path;
        let source = one(repository, &overridden, &place, parameters, file, &mut parsed.problems);
        parsed.sources.push(source);
    }
    parsed
}

fn written_sources(spec: &Value) -> Vec<&Value> {
    match spec.get("sources").and_then(Value::as_array).filter(|list| !list.is_empty()) {
        Some(list) => list.iter().collect(),
        None => {
            spec.get("source").or_else(|| spec.pointer("/sourceHydrator/drySource")).into_iter().collect()
        }
    }
}

fn address(source: &Value) -> &str {
    source.get("repoURL").and_then(Value::as_str).unwrap_or_default()
}

/// The roots of the sources with a `ref`, by its name.
fn references(repository: &Repository<'_>, list: &[&Value]) -> BTreeMap<String, RepoPath> {
    list.iter()
        .filter_map(|source| {
            let name = source.get("ref")?.as_str()?.to_owned();
            let root = if repository.is_own(address(source)) {
                RepoPath::root()
            } else {
                remote::repository(source)?.path()
            };
            Some((name, root))
        })
        .collect()
}

/// The sources of an Application that lie outside and are known well enough to be fetched.
pub(super) fn outside(
    repository: &Repository<'_>,
    application: &Value,
    destination: &Destination,
) -> Vec<Source> {
    let spec = application.get("spec").unwrap_or(&Value::Null);
    let references = references(repository, &written_sources(spec));
    rendered(repository, application, destination.namespace.as_deref(), &references)
        .filter(|written| written.is_outside)
        .filter_map(|Written { value, mut place, parameters, .. }| {
            remote::source(repository.index, value, &mut place, parameters)
        })
        .collect()
}

/// A source that is rendered, with what every source begins with.
struct Written<'a> {
    value: &'a Value,
    path: Option<&'a str>,
    /// Whether it lies outside this repository.
    is_outside: bool,
    place: Place<'a>,
    parameters: Parameters,
}

/// The sources of an Application that are rendered: not those that only hold values for others.
fn rendered<'a>(
    repository: &'a Repository<'_>,
    application: &'a Value,
    namespace: Option<&'a str>,
    references: &'a BTreeMap<String, RepoPath>,
) -> impl Iterator<Item = Written<'a>> {
    let list = written_sources(application.get("spec").unwrap_or(&Value::Null));
    list.into_iter().filter_map(move |value| {
        let is_chart = value.get("chart").and_then(Value::as_str).is_some();
        let path = value.get("path").and_then(Value::as_str);
        if value.get("ref").is_some() && path.is_none() && !is_chart {
            return None;
        }
        Some(Written {
            value,
            path,
            is_outside: is_chart || !repository.holds(address(value), path),
            place: Place {
                root: RepoPath::root(),
                directory: RepoPath::root(),
                references,
                environment: BuildEnvironment::new(application, value),
            },
            parameters: Parameters {
                release: name_of(application),
                namespace: namespace.map(str::to_owned),
                ..Parameters::default()
            },
        })
    })
}

fn name_of(application: &Value) -> Option<String> {
    application.pointer("/metadata/name").and_then(Value::as_str).map(without_unknown)
}

/// The source with what `.argocd-source.yaml` and `.argocd-source-NAME.yaml` of its directory say, as Argo CD's image
/// updater writes them. They do not move the source.
fn overridden(
    repository: &Repository<'_>,
    source: &Value,
    path: &RepoPath,
    application: Option<&str>,
) -> Value {
    let mut merged = source.clone();
    let own = application.map(|name| format!(".argocd-source-{name}.yaml"));
    for name in [Some(".argocd-source.yaml".to_owned()), own].into_iter().flatten() {
        let file = path.child(&name);
        let Some(over) = repository.index.has_file(&file).then(|| repository.index.document(&file)).flatten()
        else {
            continue;
        };
        json_patch::merge(&mut merged, &over);
        for field in ["repoURL", "path", "targetRevision", "chart"] {
            let own = source.get(field).cloned();
            if let (Some(merged), Some(own)) = (merged.as_object_mut(), own) {
                merged.insert(field.to_owned(), own);
            }
        }
    }
    merged
}

fn one(
    repository: &Repository<'_>,
    source: &Value,
    place: &Place<'_>,
    mut parameters: Parameters,
    file: &RepoPath,
    problems: &mut Vec<Problem>,
) -> Source {
    let path = place.directory.clone();
    let files: Vec<&str> = repository
        .index
        .directory(&path)
        .map(|directory| directory.files.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let (engine, detected) = engine(source, &files, &path);
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
    let values = options(repository.index, source, engine, place, &mut parameters);
    Source { engine, path, values, parameters }
}

/// The engine that Argo CD takes for a directory with these files, and what the files alone tell.
pub(super) fn engine(source: &Value, files: &[&str], path: &RepoPath) -> (EngineKind, Option<Detected>) {
    let detected = engines(files, path);
    let engine = if source.get("directory").is_some_and(is_explicit) {
        let has_programs = files.iter().any(|name| name.ends_with(".jsonnet"));
        if has_programs { EngineKind::Jsonnet } else { EngineKind::Plain }
    } else if given(source, "kustomize").is_some()
        && detected.as_ref().is_some_and(|found| found.engine != EngineKind::Helm)
    {
        EngineKind::Kustomize
    } else {
        detected.as_ref().map_or(EngineKind::Plain, |found| found.engine)
    };
    (engine, detected)
}

fn given<'v>(source: &'v Value, field: &str) -> Option<&'v Value> {
    source.get(field).filter(|value| value.as_object().is_some_and(|map| !map.is_empty()))
}

/// Fills in what a source says for an engine; the values files are returned in order.
pub(super) fn options(
    index: &crate::index::Index<'_>,
    source: &Value,
    engine: EngineKind,
    place: &Place<'_>,
    parameters: &mut Parameters,
) -> Vec<RepoPath> {
    match engine {
        EngineKind::Helm => {
            return helm::read(index, source.get("helm").unwrap_or(&Value::Null), place, parameters);
        }
        EngineKind::Kustomize => {
            parameters.release = None;
            parameters.kustomization = given(source, "kustomize").and_then(kustomize::kustomization);
        }
        _ => {
            parameters.release = None;
            let directory = source.get("directory").unwrap_or(&Value::Null);
            read_directory(directory, &place.environment, parameters);
        }
    }
    Vec::new()
}

/// Argo CD takes `directory: {recurse: false}` for nothing said, and finds the tool by the files.
fn is_explicit(directory: &Value) -> bool {
    directory.get("recurse") == Some(&Value::Bool(true))
        || directory
            .get("jsonnet")
            .is_some_and(|jsonnet| jsonnet.as_object().is_some_and(|map| !map.is_empty()))
}

fn read_directory(directory: &Value, environment: &BuildEnvironment<'_>, parameters: &mut Parameters) {
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
            let value = environment.substitute(&variable.get("value").and_then(scalar).unwrap_or_default());
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
