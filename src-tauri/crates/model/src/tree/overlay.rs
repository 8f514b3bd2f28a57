//! Changes laid over a tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{ContentId, Entry, EntryKind, Tree, TreeError};
use crate::path::RepoPath;

/// A tree with changes laid over it: files written and files deleted. What is not changed keeps its content
/// id, so a render that did not read a changed file stays valid.
///
/// ```
/// use std::sync::Arc;
/// use slipway_model::{MemoryTree, Overlay, RepoPath, Tree};
/// let path = RepoPath::new("values.yaml").unwrap();
/// let base = Arc::new(MemoryTree::new([("values.yaml", "tag: 1\n")]));
/// let overlay = Overlay::new(base).write(path.clone(), "tag: 2\n");
/// assert_eq!(&overlay.read(&path).unwrap().unwrap()[..], b"tag: 2\n");
/// ```
#[derive(Clone)]
pub struct Overlay {
    base: Arc<dyn Tree>,
    changes: BTreeMap<RepoPath, Option<Bytes>>,
}

impl Overlay {
    /// The tree as it is, to be changed.
    #[must_use]
    pub fn new(base: Arc<dyn Tree>) -> Self {
        Self { base, changes: BTreeMap::new() }
    }

    /// Writes a file.
    #[must_use]
    pub fn write(mut self, path: RepoPath, content: impl Into<Bytes>) -> Self {
        self.changes.insert(path, Some(content.into()));
        self
    }

    /// Deletes a file.
    #[must_use]
    pub fn delete(mut self, path: RepoPath) -> Self {
        self.changes.insert(path, None);
        self
    }

    /// The changed files with their new content; `None` for a deleted one.
    #[must_use]
    pub fn changes(&self) -> &BTreeMap<RepoPath, Option<Bytes>> {
        &self.changes
    }

    fn has_change_at_or_below(&self, path: &RepoPath) -> bool {
        self.changes.keys().any(|changed| changed.is_inside(path))
    }

    /// The change that turns `path` or a directory above it into a file, or deletes the file that it is.
    fn file_above(&self, path: &RepoPath) -> bool {
        path.ancestors().skip(1).any(|above| matches!(self.changes.get(&above), Some(Some(_))))
    }
}

impl Tree for Overlay {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match self.changes.get(path) {
            Some(content) => Ok(content.clone()),
            None if self.file_above(path) => Ok(None),
            None => self.base.read(path),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        if self.file_above(directory) || matches!(self.changes.get(directory), Some(Some(_))) {
            return Ok(None);
        }
        let base = self.base.list(directory)?;
        if !self.has_change_at_or_below(directory) {
            return Ok(base);
        }
        let mut entries: BTreeMap<String, EntryKind> =
            base.unwrap_or_default().into_iter().map(|entry| (entry.name, entry.kind)).collect();
        let depth = directory.segments().count();
        for (path, content) in &self.changes {
            if path == directory || !path.is_inside(directory) {
                continue;
            }
            let mut rest = path.segments().skip(depth);
            let name = rest.next().unwrap_or_default();
            let direct = rest.next().is_none();
            match (direct, content) {
                (true, None) => {
                    entries.remove(name);
                }
                (true, Some(_)) => {
                    let kind = match entries.get(name) {
                        Some(EntryKind::Executable) => EntryKind::Executable,
                        _ => EntryKind::File,
                    };
                    entries.insert(name.to_owned(), kind);
                }
                (false, Some(_)) => {
                    entries.insert(name.to_owned(), EntryKind::Directory);
                }
                (false, None) => {}
            }
        }
        // A directory whose last file was deleted is gone, as in Git.
        let mut kept = Vec::with_capacity(entries.len());
        for (name, kind) in entries {
            let path = directory.child(&name);
            let emptied = kind == EntryKind::Directory
                && self.has_change_at_or_below(&path)
                && self.list(&path)?.is_none_or(|below| below.is_empty());
            if !emptied {
                kept.push(Entry { name, kind });
            }
        }
        Ok((directory.is_root() || !kept.is_empty()).then_some(kept))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        match self.changes.get(path) {
            Some(Some(content)) => return Ok(Some(ContentId::of_bytes(content))),
            Some(None) => return Ok(None),
            None => {}
        }
        if !self.has_change_at_or_below(path) {
            return if self.file_above(path) { Ok(None) } else { self.base.content_id(path) };
        }
        let Some(entries) = self.list(path)? else {
            return Ok(None);
        };
        let mut summary = String::new();
        for entry in entries {
            let id = self.content_id(&path.child(&entry.name))?;
            summary.push_str(&entry.name);
            summary.push('\0');
            summary.push_str(id.as_ref().map_or("", ContentId::as_str));
            summary.push('\n');
        }
        Ok(Some(ContentId::of_bytes(summary.as_bytes())))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        // A file that was written stands in the place of whatever link was there.
        match self.changes.get(path) {
            Some(Some(_)) => Ok(path.clone()),
            _ => self.base.resolve(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn base() -> Arc<dyn Tree> {
        Arc::new(MemoryTree::new([("a/one.yaml", "1"), ("a/b/two.yaml", "2"), ("c.yaml", "3")]))
    }

    fn names(tree: &dyn Tree, directory: &str) -> Option<Vec<String>> {
        let entries = tree.list(&path(directory)).unwrap()?;
        Some(entries.into_iter().map(|entry| entry.name).collect())
    }

    #[test]
    fn written_files_are_listed_in_new_directories() {
        let tree = Overlay::new(base()).write(path("x/y/new.yaml"), "n");
        assert_eq!(names(&tree, ".").unwrap(), ["a", "c.yaml", "x"]);
        assert_eq!(names(&tree, "x/y").unwrap(), ["new.yaml"]);
    }

    #[test]
    fn a_directory_without_files_is_gone() {
        let tree = Overlay::new(base()).delete(path("a/b/two.yaml"));
        assert_eq!(names(&tree, "a").unwrap(), ["one.yaml"]);
        assert_eq!(names(&tree, "a/b"), None);
    }

    #[test]
    fn a_file_hides_the_directory_it_replaces() {
        let tree = Overlay::new(base()).write(path("a"), "file");
        assert_eq!(tree.read(&path("a/one.yaml")).unwrap(), None);
        assert_eq!(names(&tree, "a"), None);
    }

    #[test]
    fn unchanged_content_keeps_its_id() {
        let tree = Overlay::new(base()).write(path("c.yaml"), "4");
        assert_eq!(tree.content_id(&path("a")).unwrap(), base().content_id(&path("a")).unwrap());
        assert_ne!(
            tree.content_id(&RepoPath::root()).unwrap(),
            base().content_id(&RepoPath::root()).unwrap()
        );
    }
}
