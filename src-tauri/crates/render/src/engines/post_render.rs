//! `postRenderers` of a HelmRelease: kustomize patches and images over what a chart made.

use bytes::Bytes;
use serde_json::Value;
use slipway_kustomize::{Failure, Helpers, Options, build};
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
    let stream: String =
        manifests.iter().map(|each| format!("---\n{}", slipway_yaml::emit(&each.object))).collect();
    let mut kustomization = kustomize_fields(options);
    kustomization.insert("resources".to_owned(), Value::from(vec![INPUT]));
    let kustomization = slipway_yaml::emit(&Value::Object(kustomization));
    let tree =
        MemoryTree::new([("kustomization.yaml", Bytes::from(kustomization)), (INPUT, Bytes::from(stream))]);
    let options = Options { unrestricted: true, ..Options::default() };
    let output = build(&tree, &RepoPath::root(), &options, &Helpers::default())?;
    let mut changed: Vec<(usize, Manifest)> = output
        .objects
        .into_iter()
        .map(|each| {
            let at = each.source.document;
            let origin = match manifests.get(at) {
                Some(before) => before.origin.clone(),
                None => Origin { file: each.source.file, document: at, line: each.source.line },
            };
            (at, Manifest { id: ResourceId::of(&each.object), object: each.object, origin })
        })
        .collect();
    changed.sort_by_key(|(at, _)| *at);
    Ok(changed.into_iter().map(|(_, manifest)| manifest).collect())
}
