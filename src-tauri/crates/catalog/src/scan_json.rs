//! The shape that the command line prints (`architecture.md` §6, `contracts.md` §1).

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
            "environments": application.instances.iter().map(instance_json).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "skipped": catalog.skipped.iter().map(|each| json!({
            "path": each.path.to_string(),
            "reason": each.reason,
        })).collect::<Vec<_>>(),
    })
}

fn instance_json(instance: &Instance) -> Value {
    let mut value = instance.sources.first().map(source_json).unwrap_or_else(|| json!({}));
    value["name"] = json!(instance.id.environment.as_str());
    if instance.sources.len() > 1 {
        value["sources"] = instance.sources.iter().map(source_json).collect();
    }
    value
}

fn source_json(source: &Source) -> Value {
    json!({
        "path": source.path.to_string(),
        "engine": source.engine.as_str(),
        "values": source.values.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
