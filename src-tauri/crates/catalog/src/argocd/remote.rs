//! Sources of an Application that lie outside this repository: charts, and directories of other repositories.

use serde_json::Value;
use slipway_model::{RemoteReference, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use super::application::{engine, options};
use super::fasttemplate::scalar;
use super::helm::Place;
use super::parameters::is_unknown;
use crate::index::Index;

/// The source as it is read below the directory of fetched content; `None` where only the cluster knows what it is, or can
/// render it.
///
/// A directory that is not fetched has no engine yet: it is an `argocd-application` with all that the Application says,
/// and its engine is found when it is rendered.
pub(super) fn source(
    index: &Index<'_>,
    written: &Value,
    place: &mut Place<'_>,
    mut parameters: Parameters,
) -> Option<Source> {
    if written.get("plugin").is_some() {
        return None;
    }
    if let Some(name) = written.get("chart").and_then(Value::as_str) {
        let root = chart(written, name)?.path();
        place.root.clone_from(&root);
        place.directory.clone_from(&root);
        let values = options(index, written, EngineKind::Helm, place, &mut parameters);
        return Some(Source { engine: EngineKind::Helm, path: root, values, parameters });
    }
    place.root = repository(written)?.path();
    let path = written.get("path").and_then(Value::as_str).unwrap_or(".");
    let path = RepoPath::new(path.trim().trim_start_matches('/')).ok().filter(|_| !is_unknown(path))?;
    place.directory = path.segments().fold(place.root.clone(), |path, segment| path.child(segment));
    let path = place.directory.clone();
    // What cannot be read is not there; the render says why.
    let entries = index.tree.list(&path).ok().flatten();
    let Some(entries) = entries else {
        let mut all = parameters.clone();
        let values = options(index, written, EngineKind::Helm, place, &mut parameters);
        for engine in [EngineKind::Plain, EngineKind::Kustomize] {
            options(index, written, engine, place, &mut all);
        }
        parameters.kustomization = all.kustomization;
        parameters.recurse = all.recurse;
        parameters.include = all.include;
        parameters.exclude = all.exclude;
        return Some(Source { engine: EngineKind::ArgocdApplication, path, values, parameters });
    };
    let files: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let (engine, _) = engine(written, &files, &path);
    let values = options(index, written, engine, place, &mut parameters);
    Some(Source { engine, path, values, parameters })
}

/// The repository of a source, at its revision; `None` where only the cluster knows it.
pub(super) fn repository(source: &Value) -> Option<RemoteReference> {
    let url = address(source)?;
    let revision = revision(source)?;
    let is_git = !url.starts_with("oci://");
    is_git.then_some(RemoteReference::Repository { url, revision })
}

/// The chart of a source. Argo CD names registries without a scheme.
fn chart(source: &Value, name: &str) -> Option<RemoteReference> {
    let address = address(source)?;
    let repository = if address.contains("://") { address } else { format!("oci://{address}") };
    let version = Some(revision(source)?).filter(|version| version != "*").unwrap_or_default();
    let name = name.to_owned();
    (!is_unknown(&name)).then_some(RemoteReference::Chart { repository, name, version })
}

fn address(source: &Value) -> Option<String> {
    let address = source.get("repoURL")?.as_str()?.trim().trim_end_matches('/');
    (!address.is_empty() && !is_unknown(address)).then(|| address.to_owned())
}

/// Branch, tag, commit or version; empty for the newest.
fn revision(source: &Value) -> Option<String> {
    let revision = source.get("targetRevision").and_then(scalar).unwrap_or_default();
    (!is_unknown(&revision)).then(|| if revision == "HEAD" { String::new() } else { revision })
}
