//! The shape that the command line prints (`architecture.md` §6, `contracts.md` §1).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use slipway_model::{RemoteReference, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use crate::catalog::{Catalog, Instance};

/// The catalog as `slipway scan --output json` prints it: `path`, `engine` and `values` describe the first
/// source, several give `sources` besides.
#[must_use]
pub fn scan_json(catalog: &Catalog) -> Value {
    json!({
        "layout": {
            "family": catalog.layout.family,
            "confidence": catalog.layout.confidence,
            "reason": catalog.layout.reason,
        },
        "environments": catalog.environments.iter().map(|each| each.name.as_str()).collect::<Vec<_>>(),
        "applications": catalog.applications.iter().map(|application| json!({
            "name": application.name.as_str(),
            "environments": application.instances.iter().flat_map(instance_json).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "skipped": catalog.skipped.iter().map(|each| json!({
            "path": each.path.to_string(),
            "reason": each.reason,
        })).collect::<Vec<_>>(),
    })
}

/// The entry of an instance, and one more for every further directory that it deploys, so that whoever looks
/// for a directory finds it. The first has all `sources`.
fn instance_json(instance: &Instance) -> Vec<Value> {
    let sources = told(instance);
    let mut paths = BTreeSet::new();
    let mut entries: Vec<Value> = Vec::new();
    for source in &sources {
        if paths.insert(&source.path) {
            let mut value = source_json(source);
            value["name"] = json!(instance.id.environment.as_str());
            entries.push(value);
        }
    }
    if sources.len() > 1
        && let Some(first) = entries.first_mut()
    {
        first["sources"] = sources.iter().map(source_json).collect();
    }
    entries
}

/// The sources that lie in this repository. Where none does, the file that declares the instance, with the values files of
/// this repository.
fn told(instance: &Instance) -> Vec<Source> {
    let is_here = |path: &RepoPath| RemoteReference::of_path(path).is_none();
    let mut sources = instance.sources.clone();
    sources.iter_mut().for_each(|source| source.values.retain(is_here));
    let (here, outside): (Vec<Source>, Vec<Source>) =
        sources.into_iter().partition(|source| is_here(&source.path));
    if !here.is_empty() {
        return here;
    }
    vec![Source {
        engine: EngineKind::ArgocdApplication,
        path: instance.place(),
        values: outside.into_iter().flat_map(|source| source.values).collect(),
        parameters: Parameters::default(),
    }]
}

fn source_json(source: &Source) -> Value {
    json!({
        "path": source.path.to_string(),
        "engine": source.engine.as_str(),
        "values": source.values.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
