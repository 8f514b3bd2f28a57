//! What the declarations of two instances say: the Argo CD Application or Flux object that gives a revision, a
//! path, a chart version.

use serde_json::Value;
use slipway_catalog::Instance;
use slipway_diff::EnvironmentWords;
use slipway_model::{Edit, FieldPath, RepoPath, ResourceId, Tree, read_text};

use super::documents::pair_documents;
use super::items::Found;
use super::structure::differences;
use super::{InstancePair, Request};

/// The files that declare the two instances, where they are two.
pub(super) fn declaring_files<'a>(pair: InstancePair<'a>) -> Option<(&'a RepoPath, &'a RepoPath)> {
    let (from, to) = (pair.from.declared_in.as_ref()?, pair.to.declared_in.as_ref()?);
    (from != to).then_some((from, to))
}

/// How the target's declaration on `tree` differs from the source's on the unchanged one. One declaration that
/// makes several instances (an ApplicationSet) is left alone: a change of it would reach all of them.
pub(super) fn declared(request: &Request<'_>, pair: InstancePair<'_>, tree: &dyn Tree) -> Vec<Found> {
    let Some((from, to)) = declaring_files(pair) else { return Vec::new() };
    let (Some(source), Some(target)) = (documents(request.tree.as_ref(), from), documents(tree, to)) else {
        return Vec::new();
    };
    let pairs = pair_documents(&source, &target, &request.words);
    let own: Vec<_> = pairs
        .iter()
        .filter(|(_, _, target)| {
            target.get("kind").and_then(Value::as_str).is_some_and(|kind| kind != "ApplicationSet")
        })
        .filter(|(_, _, target)| pairs.len() == 1 || declares(target, pair.to, &request.words))
        .collect();
    let [(_, source, target)] = own.as_slice() else { return Vec::new() };
    let mut all: Vec<Found> = Vec::new();
    let spec = FieldPath::root().key("spec");
    for difference in differences(source, target, &request.words) {
        if !difference.path.starts_with(&spec) {
            continue;
        }
        // Of two ways to carry a value the last one is the source's own.
        all.retain(|each| each.path != difference.path);
        all.push(Found {
            resource: ResourceId::of(target),
            path: difference.path,
            target: difference.old,
            source: difference.new,
            secret: false,
            whole: None,
            follows: false,
        });
    }
    all
}

fn documents(tree: &dyn Tree, file: &RepoPath) -> Option<Vec<Value>> {
    // What cannot be read or decoded declares nothing; the catalog has said why.
    let text = read_text(tree, file).ok().flatten()?;
    let documents = slipway_yaml::decode_stream(&text).ok()?;
    Some(documents.into_iter().map(|document| document.value).filter(|value| !value.is_null()).collect())
}

fn declares(object: &Value, instance: &Instance, words: &EnvironmentWords) -> bool {
    let name = ResourceId::of(object).name;
    match &instance.argocd_application {
        Some(application) => *application == name,
        None => {
            let application = instance.id.application.as_str();
            name == application
                || words.neutral_text(&name).trim_matches(|character: char| !character.is_alphanumeric())
                    == application
        }
    }
}

/// The instance as it is declared on a tree with these edits.
pub(super) fn declared_on(
    request: &Request<'_>,
    tree: &dyn Tree,
    edits: &[Edit],
    instance: &Instance,
) -> Instance {
    let is_touched =
        instance.declared_in.as_ref().is_some_and(|file| edits.iter().any(|edit| edit.file() == file));
    let again = if is_touched { (request.redeclare)(tree, instance) } else { None };
    again.unwrap_or_else(|| instance.clone())
}
