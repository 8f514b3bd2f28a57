//! A tree that is asked the same questions again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use slipway_model::{ContentId, Entry, RepoPath, Tree, TreeError};

/// Remembers the content ids and listings of a tree. The renders of a fleet share most of what they read, so
/// that checking whether they are still valid asks the tree for each path once, not once per instance.
///
/// Contents pass through. Errors are not remembered.
pub struct TreeAnswers<'a> {
    tree: &'a dyn Tree,
    /// Protect the maps only; never held while the tree is asked.
    ids: Mutex<HashMap<RepoPath, Option<ContentId>>>,
    listings: Mutex<HashMap<RepoPath, Option<Vec<Entry>>>>,
}

impl<'a> TreeAnswers<'a> {
    /// Remembers the answers of `tree` from now on.
    #[must_use]
    pub fn new(tree: &'a dyn Tree) -> Self {
        Self { tree, ids: Mutex::default(), listings: Mutex::default() }
    }
}

impl Tree for TreeAnswers<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        self.tree.read(path)
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        remembered(&self.listings, directory, || self.tree.list(directory))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        remembered(&self.ids, path, || self.tree.content_id(path))
    }
}

fn remembered<T: Clone>(
    answers: &Mutex<HashMap<RepoPath, T>>,
    path: &RepoPath,
    ask: impl FnOnce() -> Result<T, TreeError>,
) -> Result<T, TreeError> {
    if let Some(known) = answers.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
        return Ok(known.clone());
    }
    let answer = ask()?;
    answers.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), answer.clone());
    Ok(answer)
}
