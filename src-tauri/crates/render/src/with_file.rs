//! A tree with one file added or replaced, for as long as a render takes.

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

/// A tree in which one file is another. The directories above it have other content ids.
pub(crate) struct WithFile<'a> {
    tree: &'a dyn Tree,
    file: Option<(RepoPath, Bytes)>,
}

impl<'a> WithFile<'a> {
    /// The tree with this file.
    pub(crate) fn new(tree: &'a dyn Tree, file: RepoPath, content: impl Into<Bytes>) -> Self {
        Self { tree, file: Some((file, content.into())) }
    }

    /// The tree as it is.
    pub(crate) fn none(tree: &'a dyn Tree) -> Self {
        Self { tree, file: None }
    }
}

impl Tree for WithFile<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match &self.file {
            Some((file, content)) if file == path => Ok(Some(content.clone())),
            _ => self.tree.read(path),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let mut entries = self.tree.list(directory)?;
        if let (Some((file, _)), Some(entries)) = (&self.file, &mut entries)
            && file.parent().as_ref() == Some(directory)
            && let Some(name) = file.file_name()
            && entries.iter().all(|entry| entry.name != name)
        {
            entries.push(Entry { name: name.to_owned(), kind: EntryKind::File });
            entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        }
        Ok(entries)
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let own = self.tree.content_id(path)?;
        let Some((_, content)) = self.file.as_ref().filter(|(file, _)| file.is_inside(path)) else {
            return Ok(own);
        };
        let below = own.as_ref().map_or("", ContentId::as_str);
        Ok(Some(ContentId::of_bytes(&[below.as_bytes(), content.as_ref()].concat())))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.tree.resolve(path)
    }
}
