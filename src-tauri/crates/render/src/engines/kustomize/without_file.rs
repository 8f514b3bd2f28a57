//! Directories without a kustomization file, as Argo CD and Flux treat them when they are told kustomize options: the
//! file is made, with all manifests below (Flux, `pkg/kustomize/kustomize_generator.go`).

use bytes::Bytes;
use serde_json::{Map, Value};
use slipway_model::{ContentId, Entry, EntryKind, Problem, RepoPath, Tree, TreeError};

use crate::problems::unreadable;

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
pub(super) fn completed<'a>(tree: &'a dyn Tree, directory: &RepoPath) -> Result<Completed<'a>, Problem> {
    let added = if has_file(tree, directory)? {
        None
    } else {
        let kustomization = Value::Object(kustomization_of_manifests(tree, directory)?);
        let text = slipway_yaml::emit(&kustomization);
        Some((directory.clone(), directory.child(KUSTOMIZATION_FILES[0]), Bytes::from(text)))
    };
    Ok(Completed { tree, added })
}

/// A tree with one more file: its directory, its path, its content.
pub(super) struct Completed<'a> {
    tree: &'a dyn Tree,
    added: Option<(RepoPath, RepoPath, Bytes)>,
}

impl Completed<'_> {
    fn is_above(&self, path: &RepoPath) -> bool {
        self.added.as_ref().is_some_and(|(_, file, _)| file.is_inside(path))
    }
}

impl Tree for Completed<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match &self.added {
            Some((_, file, content)) if file == path => Ok(Some(content.clone())),
            _ => self.tree.read(path),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let mut entries = self.tree.list(directory)?;
        if let (Some((place, _, _)), Some(entries)) = (&self.added, &mut entries)
            && place == directory
        {
            entries.push(Entry { name: KUSTOMIZATION_FILES[0].to_owned(), kind: EntryKind::File });
            entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        }
        Ok(entries)
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let own = self.tree.content_id(path)?;
        let Some((_, _, content)) = self.added.as_ref().filter(|_| self.is_above(path)) else {
            return Ok(own);
        };
        let below = own.as_ref().map_or("", ContentId::as_str);
        Ok(Some(ContentId::of_bytes(&[below.as_bytes(), content.as_ref()].concat())))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.tree.resolve(path)
    }
}
