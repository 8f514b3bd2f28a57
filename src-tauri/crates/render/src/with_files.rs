//! A tree with files added or replaced, for as long as a render takes.

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

/// A tree that is borrowed, with files in existing directories added or replaced. The directories above them have other
/// content ids. A tree that is owned is changed by [`Overlay`](slipway_model::Overlay).
pub struct WithFiles<'a> {
    tree: &'a dyn Tree,
    files: BTreeMap<RepoPath, Bytes>,
}

impl<'a> WithFiles<'a> {
    /// The tree as it is.
    #[must_use]
    pub fn new(tree: &'a dyn Tree) -> Self {
        Self { tree, files: BTreeMap::new() }
    }

    /// With this file.
    #[must_use]
    pub fn with(mut self, file: RepoPath, content: impl Into<Bytes>) -> Self {
        self.files.insert(file, content.into());
        self
    }
}

impl Tree for WithFiles<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match self.files.get(path) {
            Some(content) => Ok(Some(content.clone())),
            None => self.tree.read(path),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let Some(mut entries) = self.tree.list(directory)? else { return Ok(None) };
        let inside = self.files.keys().filter(|file| file.parent().as_ref() == Some(directory));
        for name in inside.filter_map(RepoPath::file_name) {
            if entries.iter().all(|entry| entry.name != name) {
                entries.push(Entry { name: name.to_owned(), kind: EntryKind::File });
            }
        }
        entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        Ok(Some(entries))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let own = self.tree.content_id(path)?;
        let mut inside = self.files.iter().filter(|(file, _)| file.is_inside(path)).peekable();
        if inside.peek().is_none() {
            return Ok(own);
        }
        let mut text = own.as_ref().map_or("", ContentId::as_str).as_bytes().to_vec();
        for (file, content) in inside {
            text.extend_from_slice(b"\0");
            text.extend_from_slice(file.as_str().as_bytes());
            text.extend_from_slice(b"\0");
            text.extend_from_slice(content);
        }
        Ok(Some(ContentId::of_bytes(&text)))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.tree.resolve(path)
    }
}
