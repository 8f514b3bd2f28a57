//! The working directory as a tree: what lies on disk, uncommitted and untracked files included.
//!
//! - Ignored files and `.git` are not part of it; a tracked file is, whatever `.gitignore` says. A directory
//!   without files is not there, as in Git.
//! - Content is given as a commit would hold it: line endings and `$Id$` are converted as `git add` would. So
//!   a clean working directory has the content and the ids of its commit, and renders alike.
//! - A file outside a sparse checkout is read from the index, because to Git it is unchanged.
//! - A content id is Git's blob id. Where the file system's facts prove that the file is the one the index
//!   knows, nothing is read. A directory's id is composed like the id of a Git tree.
//!
//! It is a snapshot: each listing, file and link is pinned when it is first looked at. Reading a file that has
//! changed since is an error, never other content than its id stands for; take a new snapshot then.

mod content;
mod disk;
mod memory;
mod scan;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use git2::{ObjectType, Oid};
use rayon::prelude::*;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

use self::content::{Pin, hash};
use self::disk::Disk;
pub(crate) use self::memory::Memory;
use self::memory::Seen;
use self::scan::Listing;
use crate::error::{Attempt, GitError};
use crate::handles::Handles;
use crate::index_view::IndexView;
use crate::links::{self, Nodes, Resolved, unreadable};

/// Attribute files larger than this are not read.
const ATTRIBUTES_LIMIT: u64 = 100 * 1024 * 1024;

/// The working directory as a tree. Clones share what was looked at.
#[derive(Clone)]
pub struct WorkTree {
    inner: Arc<Inner>,
}

struct Inner {
    handles: Arc<Handles>,
    disk: Disk,
    index: Arc<IndexView>,
    settings: Settings,
    /// What earlier looks found; `None` where nothing of it may be taken.
    memory: Option<Arc<Memory>>,
    /// What directories hold, empty directories included.
    entries: Mutex<HashMap<RepoPath, Looked>>,
    /// What directories list.
    listings: Mutex<HashMap<RepoPath, Arc<Listing>>>,
    /// Ids of directories.
    directory_ids: Mutex<HashMap<RepoPath, Option<Oid>>>,
    /// Files, at the first look.
    pins: Mutex<HashMap<RepoPath, Pin>>,
    /// Targets of links, at the first look.
    links: Mutex<HashMap<RepoPath, Vec<u8>>>,
}

/// A directory that was looked into.
#[derive(Clone)]
struct Looked {
    entries: Arc<Listing>,
    /// With all files in it, where they are known by the facts of the file system.
    seen: Option<Arc<Seen>>,
}

/// What changes how the disk is read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Settings {
    /// Whether the disk tells executable files.
    file_mode: bool,
    /// Whether the disk has symbolic links.
    symlinks: bool,
    /// Whether any `.gitattributes` names a filter or an encoding.
    filters: bool,
}

impl WorkTree {
    pub(crate) fn new(
        handles: Arc<Handles>,
        root: PathBuf,
        memory: &Arc<Memory>,
        repository: &git2::Repository,
    ) -> Result<Self, GitError> {
        let (index, is_kept) = memory.index(repository)?;
        let config =
            repository.config().and_then(|mut config| config.snapshot()).attempt("read the configuration")?;
        let settings = Settings {
            file_mode: cfg!(unix) && config.get_bool("core.filemode").unwrap_or(true),
            symlinks: cfg!(unix) && config.get_bool("core.symlinks").unwrap_or(true),
            filters: names_filters(repository, &root, &index, &config),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                handles,
                disk: Disk { root },
                index,
                settings,
                // Which files pass through a program can change without the files.
                memory: (is_kept && !settings.filters).then(|| Arc::clone(memory)),
                entries: Mutex::default(),
                listings: Mutex::default(),
                directory_ids: Mutex::default(),
                pins: Mutex::default(),
                links: Mutex::default(),
            }),
        })
    }

    /// Where it lies.
    pub(crate) fn root(&self) -> &Path {
        &self.inner.disk.root
    }

    /// Whether the disk tells executable files.
    pub(crate) fn knows_executables(&self) -> bool {
        self.inner.settings.file_mode
    }

    /// What lies at `path` at this moment, no link followed, nothing pinned, ignored files included; the id is that
    /// of the content as a commit would hold it. `None` for nothing and for directories.
    pub(crate) fn file_on_disk(&self, path: &RepoPath) -> Result<Option<(EntryKind, Oid)>, GitError> {
        let inner = &*self.inner;
        let full = inner.disk.full(path);
        let look = || {
            let Some(metadata) = inner.disk.metadata(path)? else {
                return Ok(None);
            };
            match inner.kind_on_disk(&metadata, inner.index.get(path.as_str()), path, &full) {
                None | Some(EntryKind::Directory | EntryKind::Submodule) => Ok(None),
                Some(EntryKind::Symlink) => {
                    let target = inner.disk.link_target(path)?;
                    target.map(|target| Ok((EntryKind::Symlink, hash(path, &target)?))).transpose()
                }
                Some(kind) => Ok(inner.look(path, kind)?.map(|pin| (kind, pin.id()))),
            }
        };
        look().map_err(|error: TreeError| GitError::io("read", &full, std::io::Error::other(error)))
    }
}

/// Whether an attributes file says `filter` or `working-tree-encoding`, so that files must be asked about.
fn names_filters(
    repository: &git2::Repository,
    root: &Path,
    index: &IndexView,
    config: &git2::Config,
) -> bool {
    let mut content: Vec<Vec<u8>> = Vec::new();
    // Git follows no link to an attributes file in the working directory.
    let in_tree =
        index.attribute_files().map(|each| root.join(&each.path)).chain([root.join(".gitattributes")]);
    for file in in_tree {
        content
            .extend(std::fs::symlink_metadata(&file).ok().and_then(|metadata| attributes(&file, &metadata)));
    }
    let configured = config.get_path("core.attributesfile").ok().or_else(user_attributes);
    let elsewhere = [repository.commondir().join("info/attributes"), PathBuf::from("/etc/gitattributes")];
    for file in elsewhere.into_iter().chain(configured) {
        content.extend(std::fs::metadata(&file).ok().and_then(|metadata| attributes(&file, &metadata)));
    }
    content.iter().any(|content| {
        [&b"filter"[..], b"working-tree-encoding", b"[attr]"]
            .iter()
            .any(|word| content.windows(word.len()).any(|window| window == *word))
    })
}

fn user_attributes() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".config")))?;
    Some(base.join("git/attributes"))
}

/// The content of an attributes file, unless it is something special or huge.
fn attributes(file: &Path, metadata: &std::fs::Metadata) -> Option<Vec<u8>> {
    if !metadata.is_file() || metadata.len() > ATTRIBUTES_LIMIT {
        return None;
    }
    std::fs::read(file).ok()
}

impl Inner {
    /// The id that Git would give the directory as a tree; `None` where it has no files.
    fn directory_id(&self, path: &RepoPath) -> Result<Option<Oid>, TreeError> {
        let known = self.directory_ids.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some(id) = known {
            return Ok(id);
        }
        let looked = self.looked(path)?;
        let directories = looked.entries.iter().filter(|(_, kind)| **kind == EntryKind::Directory);
        let directories: Vec<RepoPath> = directories.map(|(name, _)| path.child(name)).collect();
        if directories.len() > 1 {
            // They are remembered; what fails here fails again below.
            directories.par_iter().for_each(|directory| drop(self.directory_id(directory)));
        }
        let below: Vec<Option<Oid>> =
            directories.iter().map(|directory| self.directory_id(directory)).collect::<Result<_, _>>()?;
        let composed = looked.seen.as_ref().and_then(|seen| seen.composed_from(&below));
        let id = match composed {
            Some(id) => id,
            None => {
                let id = self.compose(path, &looked.entries, &below)?;
                if let Some(seen) = &looked.seen {
                    seen.compose(below, id);
                }
                id
            }
        };
        self.directory_ids.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), id);
        Ok(id)
    }

    /// The id of a directory from what is in it; `below` are the ids of its directories, in order.
    fn compose(
        &self,
        path: &RepoPath,
        entries: &Listing,
        below: &[Option<Oid>],
    ) -> Result<Option<Oid>, TreeError> {
        let mut below = below.iter();
        let mut rows: Vec<(Vec<u8>, &'static str, Oid)> = Vec::with_capacity(entries.len());
        for (name, kind) in entries {
            let id = match kind {
                EntryKind::Directory => below.next().copied().flatten(),
                EntryKind::Submodule => {
                    let tracked = self.index.get(path.child(name).as_str());
                    Some(tracked.map_or(Oid::ZERO_SHA1, |each| each.id))
                }
                _ => self.file_id(&path.child(name), *kind)?,
            };
            let Some(id) = id else {
                continue;
            };
            let (mode, sort_suffix) = match kind {
                EntryKind::File => ("100644", ""),
                EntryKind::Executable => ("100755", ""),
                EntryKind::Directory => ("40000", "/"),
                EntryKind::Symlink => ("120000", ""),
                EntryKind::Submodule => ("160000", ""),
            };
            rows.push((format!("{name}{sort_suffix}").into_bytes(), mode, id));
        }
        if rows.is_empty() && !path.is_root() {
            return Ok(None);
        }
        rows.sort();
        let mut object = Vec::new();
        for (name, mode, id) in rows {
            object.extend_from_slice(mode.as_bytes());
            object.push(b' ');
            object.extend_from_slice(name.strip_suffix(b"/").unwrap_or(&name));
            object.push(0);
            object.extend_from_slice(id.as_bytes());
        }
        let id = Oid::hash_object(ObjectType::Tree, &object).attempt("compose the id of a directory");
        id.map(Some).map_err(|error| unreadable(path, error))
    }
}

impl Nodes for Inner {
    type Node = EntryKind;

    fn root(&self) -> EntryKind {
        EntryKind::Directory
    }

    fn kind(&self, node: &EntryKind) -> EntryKind {
        *node
    }

    fn child(&self, _node: &EntryKind, path: &RepoPath, name: &str) -> Result<Option<EntryKind>, TreeError> {
        Ok(self.listing(path)?.get(name).copied())
    }

    fn target(&self, _node: &EntryKind, path: &RepoPath) -> Result<Vec<u8>, TreeError> {
        self.link_target(path)
    }
}

impl Tree for WorkTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let inner = &*self.inner;
        let Resolved::Found { node, path: found } = links::resolve(inner, path)? else {
            return Ok(None);
        };
        if !matches!(node, EntryKind::File | EntryKind::Executable) {
            return Ok(None);
        }
        let content = inner.content(&found, node).map_err(|error| match error {
            // Named as it was asked for.
            TreeError::LfsPointer { .. } => TreeError::LfsPointer { path: path.clone() },
            other => other,
        })?;
        Ok(Some(Bytes::from(content)))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let Resolved::Found { node, path } = links::resolve(&*self.inner, directory)? else {
            return Ok(None);
        };
        if node != EntryKind::Directory {
            return Ok(None);
        }
        let listing = self.inner.listing(&path)?;
        Ok(Some(listing.iter().map(|(name, kind)| Entry { name: name.clone(), kind: *kind }).collect()))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let Resolved::Found { node, path: found } = links::resolve(&*self.inner, path)? else {
            return Ok(None);
        };
        let id = match node {
            EntryKind::Directory => self.inner.directory_id(&found)?,
            EntryKind::Submodule => {
                Some(self.inner.index.get(found.as_str()).map_or(Oid::ZERO_SHA1, |each| each.id))
            }
            kind => self.inner.file_id(&found, kind)?,
        };
        Ok(id.map(|id| ContentId::git(&id.to_string())))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        Ok(match links::resolve(&*self.inner, path)? {
            Resolved::Found { path, .. } => path,
            Resolved::Missing => path.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
