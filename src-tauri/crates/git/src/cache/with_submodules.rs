//! A commit with the files of its submodules.

use std::sync::Arc;

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

use crate::commit_tree::CommitTree;

/// A commit, in which submodules are directories with their files. A link does not lead into a submodule.
pub(super) struct WithSubmodules {
    tree: CommitTree,
    /// Where each submodule is. None lies in another: those of submodules are in their trees.
    submodules: Vec<(RepoPath, Arc<dyn Tree>)>,
}

impl WithSubmodules {
    pub(super) fn new(tree: CommitTree, submodules: Vec<(RepoPath, Arc<dyn Tree>)>) -> Self {
        Self { tree, submodules }
    }

    fn ask<R>(
        &self,
        path: &RepoPath,
        ask: impl FnOnce(&dyn Tree, &RepoPath) -> Result<R, TreeError>,
    ) -> Result<R, TreeError> {
        let Some((root, tree)) = self.submodule_of(path) else { return ask(&self.tree, path) };
        ask(&**tree, &inner(root, path)).map_err(|error| error.moved(|path| outer(root, path)))
    }

    fn submodule_of(&self, path: &RepoPath) -> Option<&(RepoPath, Arc<dyn Tree>)> {
        self.submodules.iter().find(|(root, _)| path.is_inside(root))
    }
}

fn inner(root: &RepoPath, path: &RepoPath) -> RepoPath {
    path.segments().skip(root.segments().count()).fold(RepoPath::root(), |path, name| path.child(name))
}

fn outer(root: &RepoPath, path: &RepoPath) -> RepoPath {
    path.segments().fold(root.clone(), |path, name| path.child(name))
}

impl Tree for WithSubmodules {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        self.ask(path, |tree, path| tree.read(path))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let entries = self.ask(directory, |tree, path| tree.list(path))?;
        Ok(entries.map(|mut entries| {
            for entry in &mut entries {
                let path = directory.child(&entry.name);
                if entry.kind == EntryKind::Submodule && self.submodules.iter().any(|(root, _)| *root == path)
                {
                    entry.kind = EntryKind::Directory;
                }
            }
            entries
        }))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        self.ask(path, |tree, path| tree.content_id(path))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        match self.submodule_of(path) {
            Some((root, tree)) => match tree.resolve(&inner(root, path)) {
                Ok(resolved) => Ok(outer(root, &resolved)),
                Err(error) => Err(error.moved(|path| outer(root, path))),
            },
            None => self.tree.resolve(path),
        }
    }
}
