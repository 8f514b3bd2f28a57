//! The tree of a commit, read from Git objects without a checkout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use git2::{ErrorCode, ObjectType, Oid};
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

use crate::error::{Attempt, GitError};
use crate::handles::Handles;
use crate::lfs;
use crate::links::{self, Nodes, Resolved};

/// Files larger than this are not configuration; they are refused rather than held in memory.
pub(crate) const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// The tree of a commit. Content ids are Git's object ids and cost no reading; directories are read on demand
/// and kept, so that clones of this value and threads share them.
#[derive(Clone)]
pub struct CommitTree {
    handles: Arc<Handles>,
    root: Oid,
    directories: Arc<Mutex<HashMap<Oid, Arc<Vec<Row>>>>>,
}

/// One entry of a directory.
#[derive(Clone)]
struct Row {
    name: String,
    node: Node,
}

#[derive(Clone, Copy)]
pub(crate) struct Node {
    id: Oid,
    kind: EntryKind,
}

impl CommitTree {
    pub(crate) fn new(handles: Arc<Handles>, root: Oid) -> Self {
        Self { handles, root, directories: Arc::default() }
    }

    /// The id of the root, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> String {
        self.root.to_string()
    }

    /// The rows of a directory, sorted by name.
    fn rows(&self, id: Oid, path: &RepoPath) -> Result<Arc<Vec<Row>>, TreeError> {
        let known = self.directories.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(rows) = known {
            return Ok(rows);
        }
        let rows = self
            .handles
            .with(|repository| {
                let tree = repository.find_tree(id).map_err(|error| missing(repository, id, error))?;
                let mut rows: Vec<Row> = tree
                    .iter()
                    .map(|entry| Row {
                        name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                        node: Node { id: entry.id(), kind: kind_of(entry.filemode()) },
                    })
                    .collect();
                // Git sorts a directory as if its name ended in `/`; a listing is sorted by name.
                rows.sort_by(|left, right| left.name.cmp(&right.name));
                rows.dedup_by(|later, earlier| later.name == earlier.name);
                Ok(Arc::new(rows))
            })
            .map_err(|error| links::unreadable(path, error))?;
        self.directories.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&rows));
        Ok(rows)
    }

    fn blob(&self, id: Oid, path: &RepoPath) -> Result<Bytes, TreeError> {
        let size = self
            .handles
            .with(|repository| {
                let database = repository.odb().attempt("open the object database")?;
                let (size, _) = database.read_header(id).map_err(|error| missing(repository, id, error))?;
                Ok(size as u64)
            })
            .map_err(|error| links::unreadable(path, error))?;
        if size > FILE_LIMIT {
            return Err(TreeError::TooLarge { path: path.clone(), size, limit: FILE_LIMIT });
        }
        self.handles
            .with(|repository| {
                let blob = repository.find_blob(id).map_err(|error| missing(repository, id, error))?;
                Ok(Bytes::copy_from_slice(blob.content()))
            })
            .map_err(|error| links::unreadable(path, error))
    }
}

/// What a mode of a tree entry means. Old commits hold modes such as 100664, which are ordinary files.
pub(crate) fn kind_of(mode: i32) -> EntryKind {
    match mode & 0o170_000 {
        0o040_000 => EntryKind::Directory,
        0o120_000 => EntryKind::Symlink,
        0o160_000 => EntryKind::Submodule,
        _ if mode & 0o100 != 0 => EntryKind::Executable,
        _ => EntryKind::File,
    }
}

/// An object that is not there is ordinary in a partial or shallow clone; says so.
pub(crate) fn missing(repository: &git2::Repository, id: Oid, error: git2::Error) -> GitError {
    if error.code() != ErrorCode::NotFound {
        return GitError::Git { action: "read an object", source: error };
    }
    GitError::MissingObject { id: id.to_string(), partial: is_partial(repository) }
}

/// Whether objects are left out on purpose, to be fetched when needed.
pub(crate) fn is_partial(repository: &git2::Repository) -> bool {
    let Ok(config) = repository.config() else {
        return false;
    };
    if config.get_string("extensions.partialclone").is_ok() {
        return true;
    }
    let Ok(mut entries) = config.entries(Some("^remote\\..*\\.promisor$")) else {
        return false;
    };
    entries.next().is_some()
}

/// Finds the tree of a commit.
pub(crate) fn tree_of(repository: &git2::Repository, commit: Oid) -> Result<Oid, GitError> {
    let object = repository
        .find_object(commit, Some(ObjectType::Commit))
        .map_err(|error| missing(repository, commit, error))?;
    Ok(object.peel_to_tree().map_err(|error| missing(repository, commit, error))?.id())
}

impl Nodes for CommitTree {
    type Node = Node;

    fn root(&self) -> Node {
        Node { id: self.root, kind: EntryKind::Directory }
    }

    fn kind(&self, node: &Node) -> EntryKind {
        node.kind
    }

    fn child(&self, node: &Node, path: &RepoPath, name: &str) -> Result<Option<Node>, TreeError> {
        let rows = self.rows(node.id, path)?;
        let found = rows.binary_search_by(|row| row.name.as_str().cmp(name));
        Ok(found.ok().and_then(|index| rows.get(index)).map(|row| row.node))
    }

    fn target(&self, node: &Node, path: &RepoPath) -> Result<Vec<u8>, TreeError> {
        self.blob(node.id, path).map(|bytes| bytes.to_vec())
    }
}

impl Tree for CommitTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let Resolved::Found { node, .. } = links::resolve(self, path)? else {
            return Ok(None);
        };
        if !matches!(node.kind, EntryKind::File | EntryKind::Executable) {
            return Ok(None);
        }
        let content = self.blob(node.id, path)?;
        if lfs::is_pointer(&content) {
            return Err(TreeError::LfsPointer { path: path.clone() });
        }
        Ok(Some(content))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let Resolved::Found { node, path } = links::resolve(self, directory)? else {
            return Ok(None);
        };
        if node.kind != EntryKind::Directory {
            return Ok(None);
        }
        let rows = self.rows(node.id, &path)?;
        Ok(Some(rows.iter().map(|row| Entry { name: row.name.clone(), kind: row.node.kind }).collect()))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        Ok(match links::resolve(self, path)? {
            Resolved::Found { node, .. } => Some(ContentId::git(&node.id.to_string())),
            Resolved::Missing => None,
        })
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        Ok(match links::resolve(self, path)? {
            Resolved::Found { path, .. } => path,
            Resolved::Missing => path.clone(),
        })
    }
}
