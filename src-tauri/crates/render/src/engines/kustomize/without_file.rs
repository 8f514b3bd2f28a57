//! Directories without a kustomization file, as Argo CD and Flux treat them when they are told kustomize options: the
//! file is made, with all manifests below (Flux, `pkg/kustomize/kustomize_generator.go`).

use serde_json::{Map, Value};
use slipway_model::{EntryKind, Problem, RepoPath, Tree};

use crate::problems::unreadable;
use crate::with_file::WithFile;

/// The names that kustomize looks for, in its order.
pub const KUSTOMIZATION_FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// How deep directories are searched for manifests.
const MAX_DEPTH: usize = 32;

/// A kustomization for a directory without one: all manifests below, and directories with a kustomization as a whole.
///
/// # Errors
/// When a directory cannot be read.
pub fn kustomization_of_manifests(
    tree: &dyn Tree,
    directory: &RepoPath,
) -> Result<Map<String, Value>, Problem> {
    let mut resources = Vec::new();
    collect(tree, directory, directory, 0, &mut resources)?;
    let mut kustomization = Map::new();
    kustomization.insert("apiVersion".to_owned(), "kustomize.config.k8s.io/v1beta1".into());
    kustomization.insert("kind".to_owned(), "Kustomization".into());
    kustomization.insert("resources".to_owned(), Value::Array(resources));
    Ok(kustomization)
}

fn collect(
    tree: &dyn Tree,
    top: &RepoPath,
    directory: &RepoPath,
    depth: usize,
    resources: &mut Vec<Value>,
) -> Result<(), Problem> {
    let entries = tree.list(directory).map_err(|error| unreadable(directory, &error))?;
    for entry in entries.into_iter().flatten() {
        let path = directory.child(&entry.name);
        let is_manifest = entry.name.ends_with(".yaml") || entry.name.ends_with(".yml");
        match entry.kind {
            EntryKind::Directory if depth >= MAX_DEPTH => {}
            EntryKind::Directory if has_file(tree, &path)? => resources.push(path.relative_to(top).into()),
            EntryKind::Directory => collect(tree, top, &path, depth + 1, resources)?,
            EntryKind::Submodule => {}
            _ if is_manifest => resources.push(path.relative_to(top).into()),
            _ => {}
        }
    }
    Ok(())
}

fn has_file(tree: &dyn Tree, directory: &RepoPath) -> Result<bool, Problem> {
    let entries = tree.list(directory).map_err(|error| unreadable(directory, &error))?;
    Ok(entries.into_iter().flatten().any(|entry| KUSTOMIZATION_FILES.contains(&entry.name.as_str())))
}

/// The tree, with a kustomization file in the directory where it has none.
pub(super) fn completed<'a>(tree: &'a dyn Tree, directory: &RepoPath) -> Result<WithFile<'a>, Problem> {
    if has_file(tree, directory)? {
        return Ok(WithFile::none(tree));
    }
    let kustomization = Value::Object(kustomization_of_manifests(tree, directory)?);
    let text = slipway_yaml::emit(&kustomization);
    Ok(WithFile::new(tree, directory.child(KUSTOMIZATION_FILES[0]), text))
}
