//! Read-only snapshots of a repository.
//!
//! A [`Tree`] is a commit, the working directory, or either one with edits laid over it. Engines read files
//! only through it, so that every read can be recorded and no path can escape.

mod changes;
mod memory;
mod overlay;
mod recorder;
mod remote;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::path::RepoPath;

pub use changes::{Changes, changes};
pub use memory::MemoryTree;
pub use overlay::Overlay;
pub use recorder::{Read, Reads, Recorder};
pub use remote::{
    Fetched, NothingFetched, REMOTE_DIRECTORY, RemoteReference, Remotes, WithRemotes, missing_remotes,
    readable_path,
};

/// A read-only snapshot of files. Reading twice gives the same answer, or an error.
pub trait Tree: Send + Sync {
    /// Bytes of a file; `None` where nothing is there or where it is a directory or a submodule. Follows
    /// symbolic links inside the tree, never out of it.
    ///
    /// # Errors
    /// When something is there and cannot be read, or a link leads out of the tree.
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError>;

    /// Entries of a directory, sorted by name (bytes); `None` where no directory is there. Follows symbolic
    /// links inside the tree; an entry that is a link is listed as one.
    ///
    /// # Errors
    /// As [`Tree::read`].
    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError>;

    /// Content id of a file or of a whole directory: equal ids, equal content (kinds and names of everything
    /// below included). `None` where nothing is there.
    ///
    /// # Errors
    /// As [`Tree::read`].
    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError>;

    /// Where a path leads once the symbolic links on it are followed; the path itself where there are none, and
    /// where nothing is there. A tree that knows no links answers with the path.
    ///
    /// # Errors
    /// As [`Tree::read`].
    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        Ok(path.clone())
    }
}

impl<T: Tree + ?Sized> Tree for Arc<T> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        (**self).read(path)
    }
    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        (**self).list(directory)
    }
    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        (**self).content_id(path)
    }
    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        (**self).resolve(path)
    }
}

impl<T: Tree + ?Sized> Tree for &T {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        (**self).read(path)
    }
    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        (**self).list(directory)
    }
    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        (**self).content_id(path)
    }
    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        (**self).resolve(path)
    }
}

/// What a directory lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The name, without any `/`.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// The kinds of entry that Git knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file.
    File,
    /// A file that may be executed.
    Executable,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository; its files are not part of this tree.
    Submodule,
}

/// The id of content. Two ids are only comparable when they come from the same kind of tree; different kinds
/// of id never compare equal by accident because the text begins with the kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentId(String);

impl ContentId {
    /// The id that Git gives a blob or a tree, in hexadecimal.
    #[must_use]
    pub fn git(object_id: &str) -> Self {
        Self(format!("git:{object_id}"))
    }

    /// The id of bytes that are in no Git object.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in digest {
            use fmt::Write as _;
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why something that is there could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A symbolic link leads out of the tree.
    #[error("`{path}` is a symbolic link to `{target}`, which lies outside the repository")]
    LinkOutside {
        /// The link.
        path: RepoPath,
        /// What it points at, as it is written.
        target: String,
    },
    /// Symbolic links form a loop, or a chain that is longer than 40.
    #[error("`{path}` is a symbolic link that never ends")]
    LinkLoop {
        /// The link.
        path: RepoPath,
    },
    /// The content is larger than is read.
    #[error("`{path}` has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The file.
        path: RepoPath,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is a Git LFS pointer; the content is not in the repository.
    #[error("`{path}` is a Git LFS pointer; its content is not in the repository")]
    LfsPointer {
        /// The file.
        path: RepoPath,
    },
    /// The path lies in a submodule.
    #[error("`{path}` lies in the submodule `{submodule}`, whose files are not part of this repository")]
    InSubmodule {
        /// The path that was asked for.
        path: RepoPath,
        /// The submodule.
        submodule: RepoPath,
    },
    /// Reading failed.
    #[error("cannot read `{path}`")]
    Io {
        /// What was read.
        path: RepoPath,
        /// Why it failed.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

impl TreeError {
    /// The same error of a tree in which this one's paths stand elsewhere.
    #[must_use]
    pub fn moved(self, moved: impl Fn(&RepoPath) -> RepoPath) -> Self {
        match self {
            Self::LinkOutside { path, target } => Self::LinkOutside { path: moved(&path), target },
            Self::LinkLoop { path } => Self::LinkLoop { path: moved(&path) },
            Self::TooLarge { path, size, limit } => Self::TooLarge { path: moved(&path), size, limit },
            Self::LfsPointer { path } => Self::LfsPointer { path: moved(&path) },
            Self::InSubmodule { path, submodule } => {
                Self::InSubmodule { path: moved(&path), submodule: moved(&submodule) }
            }
            Self::Io { path, source } => Self::Io { path: moved(&path), source },
        }
    }
}

/// Reads a file as text. A byte-order mark is kept; bytes that are no UTF-8 are replaced.
///
/// # Errors
/// As [`Tree::read`].
pub fn read_text(tree: &dyn Tree, path: &RepoPath) -> Result<Option<String>, TreeError> {
    Ok(tree.read(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
