//! The shape that the command line prints (`architecture.md` §6, `contracts.md` §1).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalog::{Catalog, Instance};
use slipway_render::Source;

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
    let mut paths = BTreeSet::new();
    let mut entries: Vec<Value> = Vec::new();
    for source in &instance.sources {
        if paths.insert(&source.path) {
            let mut value = source_json(source);
            value["name"] = json!(instance.id.environment.as_str());
            entries.push(value);
        }
    }
    if instance.sources.len() > 1
        && let Some(first) = entries.first_mut()
    {
        first["sources"] = instance.sources.iter().map(source_json).collect();
    }
    entries
}

fn source_json(source: &Source) -> Value {
    json!({
        "path": source.path.to_string(),
        "engine": source.engine.as_str(),
        "values": source.values.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
