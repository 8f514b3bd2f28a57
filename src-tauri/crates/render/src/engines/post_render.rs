//! `postRenderers` of a HelmRelease: kustomize patches and images over what a chart made.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use slipway_kustomize::{Failure, Helpers, Options, Output, OverlayPlace, build};
use slipway_model::{Manifest, MemoryTree, Origin, RepoPath, ResourceId};

use crate::flux_parameters::kustomize_fields;

/// The name that helm-controller gives what the chart made; errors name it.
const INPUT: &str = "helm-output.yaml";

/// Lets one post-renderer of kind `kustomize` change manifests, each of which keeps its origin and its place.
///
/// # Errors
/// What kustomize refuses.
pub(super) fn post_render(manifests: Vec<Manifest>, options: &Value) -> Result<Vec<Manifest>, Failure> {
    if manifests.is_empty() {
        return Ok(manifests);
    }
    let output = built(&manifests, options, None)?;
    Ok(changed(&manifests, &output))
}

/// The same, with what it did; `written` tells where the post-renderer is written.
///
/// # Errors
/// What kustomize refuses.
pub(super) fn post_render_traced(
    manifests: &[Manifest],
    options: &Value,
    written: OverlayPlace,
) -> Result<(Vec<Manifest>, Output), Failure> {
    let output = built(manifests, options, Some(written))?;
    Ok((changed(manifests, &output), output))
}

fn built(manifests: &[Manifest], options: &Value, trace: Option<OverlayPlace>) -> Result<Output, Failure> {
    let stream: String =
        manifests.iter().map(|each| format!("---\n{}", slipway_yaml::emit(&each.object))).collect();
    let mut kustomization = kustomize_fields(options);
    // What is laid over a kustomization knows where it is written.
    let overlays = match trace {
        Some(_) => vec![slipway_yaml::emit(&Value::Object(std::mem::take(&mut kustomization)))],
        None => Vec::new(),
    };
    kustomization.insert("resources".to_owned(), Value::from(vec![INPUT]));
    let kustomization = slipway_yaml::emit(&Value::Object(kustomization));
    let tree =
        MemoryTree::new([("kustomization.yaml", Bytes::from(kustomization)), (INPUT, Bytes::from(stream))]);
    let options = Options {
        unrestricted: true,
        overlays,
        trace: trace.is_some(),
        written: trace.into_iter().collect(),
        ..Options::default()
    };
    build(&tree, &RepoPath::root(), &options, &Helpers::default())
}

fn changed(manifests: &[Manifest], output: &Output) -> Vec<Manifest> {
    let mut changed: Vec<(usize, Manifest)> = output
        .objects
        .iter()
        .map(|each| {
            let at = each.source.document;
            let origin = match manifests.get(at) {
                Some(before) => before.origin.clone(),
                None => Origin { file: each.source.file.clone(), document: at, line: each.source.line },
            };
            (at, Manifest { id: ResourceId::of(&each.object), object: Arc::clone(&each.object), origin })
        })
        .collect();
    changed.sort_by_key(|(at, _)| *at);
    changed.into_iter().map(|(_, manifest)| manifest).collect()
}
