//! What a build asked of the tree, with the answers, so that a part of it can be shared with other builds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use slipway_model::{ContentId, Entry, RepoPath, Tree, TreeError};

/// A question to a tree and its answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// The content of a file.
    File(RepoPath, Option<Bytes>),
    /// The names in a directory.
    Listing(RepoPath, Option<Vec<Entry>>),
    /// Where a path leads.
    Resolved(RepoPath, RepoPath),
    /// The id of a file or of a whole directory.
    Content(RepoPath, Option<ContentId>),
}

impl Answer {
    /// What was asked: which kind of question, and about which path.
    pub(crate) fn question(&self) -> (u8, RepoPath) {
        match self {
            Self::File(path, _) => (0, path.clone()),
            Self::Listing(path, _) => (1, path.clone()),
            Self::Resolved(path, _) => (2, path.clone()),
            Self::Content(path, _) => (3, path.clone()),
        }
    }

    /// Whether a tree gives the same answer. Asking it again records the question with whoever records.
    pub(crate) fn holds_on(&self, tree: &dyn Tree) -> Result<bool, TreeError> {
        Ok(match self {
            Self::File(path, content) => match (tree.read(path)?, content) {
                (Some(now), Some(then)) => {
                    now.as_ptr() == then.as_ptr() && now.len() == then.len() || now == *then
                }
                (None, None) => true,
                _ => false,
            },
            Self::Listing(path, entries) => tree.list(path)? == *entries,
            Self::Resolved(path, resolved) => tree.resolve(path)? == *resolved,
            Self::Content(path, id) => tree.content_id(path)? == *id,
        })
    }
}

/// A tree whose answers are kept in the order of the questions.
pub(crate) struct Log<'a> {
    tree: &'a dyn Tree,
    /// `None` where no answers are kept. Never held while the tree is asked.
    answers: Option<Mutex<Vec<Answer>>>,
}

impl<'a> Log<'a> {
    /// Asks `tree`; keeps the answers if `keep`.
    pub(crate) fn new(tree: &'a dyn Tree, keep: bool) -> Self {
        Self { tree, answers: keep.then(Mutex::default) }
    }

    /// The tree that is asked.
    pub(crate) fn tree(&self) -> &'a dyn Tree {
        self.tree
    }

    /// How many answers there are.
    pub(crate) fn position(&self) -> usize {
        self.kept().map_or(0, |answers| answers.len())
    }

    /// The answers since a position; `None` where none are kept.
    pub(crate) fn since(&self, position: usize) -> Option<Vec<Answer>> {
        self.kept().map(|answers| answers[position.min(answers.len())..].to_vec())
    }

    /// Takes over answers that were checked against the tree.
    pub(crate) fn extend(&self, answers: &[Answer]) {
        if let Some(mut kept) = self.kept() {
            kept.extend_from_slice(answers);
        }
    }

    fn kept(&self) -> Option<MutexGuard<'_, Vec<Answer>>> {
        self.answers.as_ref().map(|answers| answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, answer: impl FnOnce() -> Answer) {
        if let Some(mut answers) = self.kept() {
            answers.push(answer());
        }
    }
}

impl Tree for Log<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let content = self.tree.read(path)?;
        self.keep(|| Answer::File(path.clone(), content.clone()));
        Ok(content)
    }

    fn list(&self, path: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let entries = self.tree.list(path)?;
        self.keep(|| Answer::Listing(path.clone(), entries.clone()));
        Ok(entries)
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let id = self.tree.content_id(path)?;
        self.keep(|| Answer::Content(path.clone(), id.clone()));
        Ok(id)
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        let resolved = self.tree.resolve(path)?;
        if resolved != *path {
            self.keep(|| Answer::Resolved(path.clone(), resolved.clone()));
        }
        Ok(resolved)
    }
}
