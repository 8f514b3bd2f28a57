//! Tanka environments: directories with `main.jsonnet` and `spec.json`, or programs that evaluate to objects of
//! kind `Environment`.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use crate::catalog::Destination;
use crate::families::application_name;
use crate::families::segments::{self, Candidate, Placement};
use crate::found::Found;
use crate::index::Index;
use crate::options::ScanOptions;

/// The Tanka environments of a tree.
pub(crate) fn environments(index: &Index<'_>, options: &ScanOptions<'_>) -> Vec<Found> {
    let programs: Vec<RepoPath> = index
        .directories()
        .iter()
        .filter(|(path, directory)| directory.has("main.jsonnet") && !is_library(path))
        .map(|(path, _)| path.clone())
        .collect();
    let candidates: Vec<Candidate<'_>> = programs.iter().map(|path| Candidate { path, bases: &[] }).collect();
    let placed = segments::place(&candidates);
    let mut found = Vec::new();
    for path in &programs {
        let spec = path.child("spec.json");
        if index.has_file(&spec) {
            let environment = index.document(&spec).unwrap_or_default();
            if is_environment(&environment) {
                found.push(static_environment(index, path, &environment, placed.get(path)));
            }
        } else if is_inline(index, path) {
            found.extend(inline_environments(index, path, options, placed.get(path)));
        }
    }
    found
}

/// Libraries and the tools of the repository itself hold programs that deploy nothing.
fn is_library(path: &RepoPath) -> bool {
    path.segments().any(|segment| matches!(segment, "vendor" | "lib") || segment.starts_with('.'))
}

fn is_environment(value: &Value) -> bool {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    text("kind") == "Environment" && text("apiVersion").starts_with("tanka.dev/")
}

/// Whether a program says that it evaluates to environments; its text is all that is looked at.
fn is_inline(index: &Index<'_>, path: &RepoPath) -> bool {
    let text = slipway_model::read_text(index.tree, &path.child("main.jsonnet"));
    text.is_ok_and(|text| {
        text.is_some_and(|text| text.contains("tanka.dev/") && text.contains("Environment"))
    })
}

fn static_environment(index: &Index<'_>, path: &RepoPath, value: &Value, place: Option<&Placement>) -> Found {
    let application = place.and_then(|place| place.application.clone()).or_else(|| match place {
        Some(_) => None,
        None => application_name(path),
    });
    Found {
        application,
        environment: place.map(|place| place.environment.clone()),
        reason: format!("`{path}` is a Tanka environment"),
        ..found(index, path, value)
    }
}

fn inline_environments(
    index: &Index<'_>,
    path: &RepoPath,
    options: &ScanOptions<'_>,
    place: Option<&Placement>,
) -> Vec<Found> {
    let application = place.and_then(|place| place.application.clone()).or_else(|| application_name(path));
    let rendered = options.render.map(|render| render(index.tree, &source(index, path)));
    let objects: Vec<Value> = rendered
        .filter(|rendered| !rendered.is_failed())
        .map(|rendered| rendered.manifests.into_iter().map(|manifest| (*manifest.object).clone()).collect())
        .unwrap_or_default();
    let environments: Vec<&Value> = objects.iter().filter(|object| is_environment(object)).collect();
    if environments.is_empty() {
        let problem = Problem::info(
            "inline-environments",
            format!(
                "`{path}` makes its Tanka environments itself; they are known only after it is evaluated"
            ),
        )
        .hint("name them in `.slipway.yaml`")
        .at(Location::file(&path.child("main.jsonnet")));
        return vec![Found {
            application,
            environment: place.map(|place| place.environment.clone()),
            reason: format!("`{path}` makes Tanka environments"),
            problems: vec![problem],
            ..found(index, path, &Value::Null)
        }];
    }
    environments
        .into_iter()
        .map(|value| {
            let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let last = name.rsplit('/').next().unwrap_or(name);
            let own = application.as_deref().and_then(|own| last.strip_prefix(own)?.strip_prefix('-'));
            Found {
                application: application.clone(),
                environment: Some(own.unwrap_or(last).to_owned()).filter(|name| !name.is_empty()),
                reason: format!("`{path}` makes the Tanka environment `{name}`"),
                ..found(index, path, value)
            }
        })
        .collect()
}

fn found(index: &Index<'_>, path: &RepoPath, value: &Value) -> Found {
    let text = |pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let file = if index.has_file(&path.child("spec.json")) { "spec.json" } else { "main.jsonnet" };
    Found {
        application: None,
        environment: None,
        sources: vec![source(index, path)],
        remote: Vec::new(),
        destination: Destination {
            namespace: text("/spec/namespace"),
            cluster: text("/spec/contextNames/0").or_else(|| text("/spec/apiServer")),
        },
        argocd_application: None,
        reason: String::new(),
        declared_in: Some(path.child(file)),
        family: "jsonnet-environments",
        revision: None,
        order: slipway_model::Order::default(),
        problems: Vec::new(),
    }
}

/// Tanka searches the environment, `lib` of the root, `vendor` of the environment, `vendor` of the root; the
/// last of `jpath` is searched first.
fn source(index: &Index<'_>, path: &RepoPath) -> Source {
    let is_root = |directory: &RepoPath| {
        index
            .directory(directory)
            .is_some_and(|names| names.has("jsonnetfile.json") || names.has("tkrc.yaml"))
    };
    let root = path.ancestors().find(is_root).unwrap_or_default();
    let jpath = [root.child("vendor"), path.child("vendor"), root.child("lib"), path.clone()]
        .into_iter()
        .filter(|directory| index.directory(directory).is_some())
        .collect();
    Source {
        engine: EngineKind::Jsonnet,
        path: path.clone(),
        values: Vec::new(),
        parameters: Parameters { jpath, ext_code: BTreeMap::new(), ..Parameters::default() },
    }
}
