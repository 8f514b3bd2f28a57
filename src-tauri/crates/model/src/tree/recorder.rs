//! What a render read.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{ContentId, Entry, Tree, TreeError};
use crate::path::RepoPath;

/// One thing that was asked of a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Read {
    /// The content of a file.
    File {
        /// Which.
        path: RepoPath,
    },
    /// The names in a directory, not what is in the files.
    Listing {
        /// Which.
        path: RepoPath,
    },
    /// A file, or everything in and below a directory.
    Whole {
        /// Which.
        path: RepoPath,
    },
}

impl Read {
    /// The path that was asked for.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        match self {
            Self::File { path } | Self::Listing { path } | Self::Whole { path } => path,
        }
    }
}

/// Everything that was asked of a tree, each with the id of the answer: files looked for and not found
/// (`None`) included. A result is valid on every tree that gives the same answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads(#[serde(with = "as_list")] BTreeMap<Read, Option<ContentId>>);

impl Reads {
    /// The reads in order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Read, Option<&ContentId>)> {
        self.0.iter().map(|(read, id)| (read, id.as_ref()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the reads of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether `tree` gives the same answer to every read.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn hold_on(&self, tree: &dyn Tree) -> Result<bool, TreeError> {
        for (read, id) in &self.0 {
            if answer_id(tree, read)? != *id {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a change of the file at `path` (its content, or its coming and going) can change an answer.
    #[must_use]
    pub fn touch(&self, path: &RepoPath) -> bool {
        self.0.keys().any(|read| match read {
            Read::File { path: file } => file == path,
            Read::Listing { path: directory } => path != directory && path.is_inside(directory),
            Read::Whole { path: whole } => path.is_inside(whole),
        })
    }
}

fn answer_id(tree: &dyn Tree, read: &Read) -> Result<Option<ContentId>, TreeError> {
    match read {
        Read::File { path } => file_id(tree, path),
        Read::Listing { path } => Ok(tree.list(path)?.as_deref().map(listing_id)),
        Read::Whole { path } => tree.content_id(path),
    }
}

/// The id of a file; `None` for a directory, because reading one gives `None`.
fn file_id(tree: &dyn Tree, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
    let id = tree.content_id(path)?;
    if id.is_some() && tree.list(path)?.is_some() { Ok(None) } else { Ok(id) }
}

fn listing_id(entries: &[Entry]) -> ContentId {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&entry.name);
        text.push('\0');
        text.push_str(&format!("{:?}\n", entry.kind));
    }
    ContentId::of_bytes(text.as_bytes())
}

/// A tree that remembers what was asked of another one.
pub struct Recorder<'a> {
    tree: &'a dyn Tree,
    /// Protects the map only; never held while the inner tree is read.
    reads: Mutex<BTreeMap<Read, Option<ContentId>>>,
}

impl<'a> Recorder<'a> {
    /// Records what is asked of `tree` from now on.
    #[must_use]
    pub fn new(tree: &'a dyn Tree) -> Self {
        Self { tree, reads: Mutex::default() }
    }

    /// What was asked.
    #[must_use]
    pub fn into_reads(self) -> Reads {
        Reads(self.reads.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn record(&self, read: Read, id: Option<ContentId>) {
        self.reads.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(read, id);
    }
}

impl Tree for Recorder<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let content = self.tree.read(path)?;
        let id = if content.is_some() { self.tree.content_id(path)? } else { None };
        self.record(Read::File { path: path.clone() }, id);
        Ok(content)
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let entries = self.tree.list(directory)?;
        self.record(Read::Listing { path: directory.clone() }, entries.as_deref().map(listing_id));
        Ok(entries)
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let id = self.tree.content_id(path)?;
        self.record(Read::Whole { path: path.clone() }, id.clone());
        Ok(id)
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        let resolved = self.tree.resolve(path)?;
        if resolved != *path {
            // A link is an entry of its directory: pointing it elsewhere is a change there.
            let id = self.tree.content_id(path)?;
            self.record(Read::Whole { path: path.clone() }, id);
        }
        Ok(resolved)
    }
}

/// Maps with structured keys are lists of pairs on the wire.
mod as_list {
    use super::{BTreeMap, ContentId, Read};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        reads: &BTreeMap<Read, Option<ContentId>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        reads.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Read, Option<ContentId>>, D::Error> {
        Ok(Vec::<(Read, Option<ContentId>)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_missing_file_that_appears_invalidates() {
        let before = MemoryTree::new([("a/x.yaml", "1")]);
        let recorder = Recorder::new(&before);
        assert!(recorder.read(&path("a/x.yaml")).unwrap().is_some());
        assert!(recorder.read(&path("a/y.yaml")).unwrap().is_none());
        let reads = recorder.into_reads();
        assert!(reads.hold_on(&before).unwrap());
        let after = MemoryTree::new([("a/x.yaml", "1"), ("a/y.yaml", "2")]);
        assert!(!reads.hold_on(&after).unwrap());
    }

    #[test]
    fn a_listing_cares_for_names_not_content() {
        let before = MemoryTree::new([("a/x.yaml", "1")]);
        let recorder = Recorder::new(&before);
        recorder.list(&path("a")).unwrap();
        let reads = recorder.into_reads();
        assert!(reads.hold_on(&MemoryTree::new([("a/x.yaml", "2")])).unwrap());
        assert!(!reads.hold_on(&MemoryTree::new([("a/x.yaml", "1"), ("a/z", "")])).unwrap());
        assert!(reads.touch(&path("a/new.yaml")));
        assert!(!reads.touch(&path("b/new.yaml")));
    }

    #[test]
    fn reads_survive_serialisation() {
        let tree = MemoryTree::new([("a/x.yaml", "1")]);
        let recorder = Recorder::new(&tree);
        recorder.read(&path("a/x.yaml")).unwrap();
        recorder.list(&path("a")).unwrap();
        let reads = recorder.into_reads();
        let text = serde_json::to_string(&reads).unwrap();
        assert_eq!(serde_json::from_str::<Reads>(&text).unwrap(), reads);
    }
}
