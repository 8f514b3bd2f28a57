//! A tree that is held in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use bytes::Bytes;

use super::{ContentId, Entry, EntryKind, Tree, TreeError};
use crate::path::RepoPath;

/// A tree held in memory, for tests and for small made-up trees. Knows files and directories only.
///
/// ```
/// use slipway_model::{MemoryTree, RepoPath, Tree};
/// let tree = MemoryTree::new([("apps/web/deploy.yaml", "kind: Deployment\n")]);
/// let path = RepoPath::new("apps/web").unwrap();
/// assert_eq!(tree.list(&path).unwrap().unwrap()[0].name, "deploy.yaml");
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<RepoPath, File>,
}

/// A file whose id is computed when it is first asked for.
#[derive(Clone, Debug)]
struct File {
    content: Bytes,
    id: OnceLock<ContentId>,
}

impl File {
    fn new(content: Bytes) -> Self {
        Self { content, id: OnceLock::new() }
    }

    fn id(&self) -> &ContentId {
        self.id.get_or_init(|| ContentId::of_bytes(&self.content))
    }
}

impl MemoryTree {
    /// A tree of the given files.
    ///
    /// # Panics
    /// When a path leads out of the tree: the paths are literals of the caller.
    #[must_use]
    pub fn new<P: AsRef<str>, B: Into<Bytes>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files = files
            .into_iter()
            .map(|(path, content)| {
                let path = RepoPath::new(path.as_ref()).expect("the caller gives paths inside the tree");
                (path, File::new(content.into()))
            })
            .collect();
        Self { files }
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: RepoPath, content: impl Into<Bytes>) {
        self.files.insert(path, File::new(content.into()));
    }

    /// All files with their content, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&RepoPath, &Bytes)> {
        self.files.iter().map(|(path, file)| (path, &file.content))
    }

    fn below<'a>(&'a self, directory: &'a RepoPath) -> impl Iterator<Item = (&'a RepoPath, &'a File)> {
        // Paths that begin with the directory's stand together behind it; some are of its neighbours: `a`, `a-b`, `a/b`.
        let near = self.files.range(directory..);
        near.take_while(move |(path, _)| path.as_str().starts_with(directory.as_str()))
            .filter(move |(path, _)| *path != directory && path.is_inside(directory))
    }
}

impl Tree for MemoryTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        Ok(self.files.get(path).map(|file| file.content.clone()))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let depth = directory.segments().count();
        let mut entries = BTreeSet::new();
        for (path, _) in self.below(directory) {
            let mut rest = path.segments().skip(depth);
            let name = rest.next().unwrap_or_default().to_owned();
            let kind = if rest.next().is_some() { EntryKind::Directory } else { EntryKind::File };
            entries.insert(Entry { name, kind });
        }
        let exists = directory.is_root() || !entries.is_empty();
        Ok(exists.then(|| entries.into_iter().collect()))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        if let Some(file) = self.files.get(path) {
            return Ok(Some(file.id().clone()));
        }
        let mut summary = String::new();
        for (name, file) in self.below(path) {
            summary.push_str(&name.relative_to(path));
            summary.push('\0');
            summary.push_str(file.id().as_str());
            summary.push('\n');
        }
        Ok((path.is_root() || !summary.is_empty()).then(|| ContentId::of_bytes(summary.as_bytes())))
    }
}
