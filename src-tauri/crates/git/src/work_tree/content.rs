//! Content and ids of single files, as a commit would hold them.
//!
//! The first look at a file pins what was found. Whoever reads it later gets the same content, or an error that says
//! that it changed: an id never stands for other content than what was read.

use std::borrow::Cow;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use git2::{ObjectType, Oid};
use slipway_model::{EntryKind, RepoPath, TreeError};

use super::Inner;
use super::disk::changed;
use crate::commit_tree::{FILE_LIMIT, kind_of, missing};
use crate::error::Attempt;
use crate::index_view::tree_mode;
use crate::lfs;
use crate::line_endings::{self, Conversion};
use crate::links::unreadable;
use crate::stat::Stat;

/// A file changed so recently may change again without its time stamp changing.
const TICK: Duration = Duration::from_millis(50);

/// What was found at the first look.
#[derive(Clone, Copy)]
pub(super) struct Pin {
    id: Oid,
    stat: Stat,
    /// Whether equal facts prove equal content.
    settled: bool,
}

impl Inner {
    /// The id of the file or link at `path`.
    pub(super) fn file_id(&self, path: &RepoPath, kind: EntryKind) -> Result<Option<Oid>, TreeError> {
        let known = self.pinned(path);
        if let Some(pin) = known {
            return Ok(Some(pin.id));
        }
        if kind == EntryKind::Symlink {
            return hash(path, &self.link_target(path)?).map(Some);
        }
        let Some(pin) = self.look(path, kind)? else {
            return match self.skipped(path) {
                Some(id) => Ok(Some(id)),
                None => Err(changed(path)),
            };
        };
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(pins.entry(path.clone()).or_insert(pin).id))
    }

    /// What was found at the first look.
    fn pinned(&self, path: &RepoPath) -> Option<Pin> {
        if let Some(pin) = self.pins.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Some(*pin);
        }
        let (directory, name) = (path.parent()?, path.file_name()?);
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(&directory)?.seen.as_ref()?.pin(name)
    }

    /// What lies at `path` now, which is a file. `None` where nothing is there.
    pub(super) fn look(&self, path: &RepoPath, kind: EntryKind) -> Result<Option<Pin>, TreeError> {
        let Some(metadata) = self.disk.metadata(path)? else {
            return Ok(None);
        };
        if let Some(pin) = self.proven(path, kind, &Stat::of(&metadata))? {
            return Ok(Some(pin));
        }
        // Larger files are never read for rendering, but they have an id.
        let Some((content, stat)) = self.disk.bytes(path, u64::MAX - 1)? else {
            return Ok(None);
        };
        let (content, _) = self.as_committed(path, content)?;
        Ok(Some(Pin { id: hash(path, &content)?, stat, settled: is_settled(&stat) }))
    }

    /// The id that the index has, where the file system proves that the file is the one it knows.
    pub(super) fn proven(
        &self,
        path: &RepoPath,
        kind: EntryKind,
        stat: &Stat,
    ) -> Result<Option<Pin>, TreeError> {
        let Some(tracked) = self.index.get(path.as_str()) else {
            return Ok(None);
        };
        let is_link = |kind: EntryKind| kind == EntryKind::Symlink;
        let same_kind = is_link(kind_of(tree_mode(tracked.mode))) == is_link(kind);
        if !same_kind || !self.index.proves(tracked, stat) || self.is_filtered(path)? {
            return Ok(None);
        }
        Ok(Some(Pin { id: tracked.id, stat: *stat, settled: true }))
    }

    /// The content of the file at `path`: that which its id stands for.
    pub(super) fn content(&self, path: &RepoPath, kind: EntryKind) -> Result<Vec<u8>, TreeError> {
        let Some((bytes, stat)) = self.disk.bytes(path, FILE_LIMIT)? else {
            return match self.skipped(path) {
                Some(id) => self.blob(path, id),
                None => Err(changed(path)),
            };
        };
        let (content, conversion) = self.as_committed(path, bytes)?;
        let mut found = self.proven(path, kind, &stat)?;
        let known = self.pinned(path);
        if let Some(pin) = known {
            let proved = pin.settled && pin.stat == stat;
            if !proved && found.map_or_else(|| hash(path, &content), |pin| Ok(pin.id))? != pin.id {
                return Err(changed(path));
            }
        } else {
            if found.is_none() {
                found = Some(Pin { id: hash(path, &content)?, stat, settled: is_settled(&stat) });
            }
            if let Some(pin) = found {
                let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
                if pins.entry(path.clone()).or_insert(pin).id != pin.id {
                    return Err(changed(path));
                }
            }
        }
        let is_stored_by_lfs = conversion.is_some_and(|each| each.filter.as_deref() == Some("lfs"));
        if lfs::is_pointer(&content) || (is_stored_by_lfs && self.is_pointer_in_index(path)) {
            return Err(TreeError::LfsPointer { path: path.clone() });
        }
        Ok(content)
    }

    /// The id of a file that a sparse checkout leaves out.
    fn skipped(&self, path: &RepoPath) -> Option<Oid> {
        self.index.get(path.as_str()).filter(|tracked| tracked.skipped).map(|tracked| tracked.id)
    }

    /// Whether what is tracked at `path` is an LFS pointer, or will be one when it is added.
    fn is_pointer_in_index(&self, path: &RepoPath) -> bool {
        match self.index.get(path.as_str()) {
            None => true,
            Some(tracked) => self.blob(path, tracked.id).is_ok_and(|content| lfs::is_pointer(&content)),
        }
    }

    /// What the link at `path` points at.
    pub(super) fn link_target(&self, path: &RepoPath) -> Result<Vec<u8>, TreeError> {
        let known = self.links.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(target) = known {
            return Ok(target);
        }
        let target = match (self.disk.link_target(path)?, self.skipped(path)) {
            (Some(target), _) => target,
            (None, Some(id)) => self.blob(path, id)?,
            (None, None) => return Err(changed(path)),
        };
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(links.entry(path.clone()).or_insert(target).clone())
    }

    fn blob(&self, path: &RepoPath, id: Oid) -> Result<Vec<u8>, TreeError> {
        let content = self.handles.with(|repository| {
            let blob = repository.find_blob(id).map_err(|error| missing(repository, id, error))?;
            Ok(blob.content().to_vec())
        });
        content.map_err(|error| unreadable(path, error))
    }

    /// The content as a commit would hold it, and the conversion that applied.
    fn as_committed(
        &self,
        path: &RepoPath,
        content: Vec<u8>,
    ) -> Result<(Vec<u8>, Option<Conversion>), TreeError> {
        if !self.settings.filters && !line_endings::may_convert(&content) {
            return Ok((content, None));
        }
        let tracked = self.index.get(path.as_str()).map(|each| each.id);
        let converted = self.handles.with(|repository| {
            let conversion = line_endings::conversion(repository, path.as_str())?;
            if conversion.filter.is_some() || conversion.encoding.is_some() {
                return Ok((None, conversion));
            }
            let converted = match line_endings::to_repository(&conversion, &content, || {
                tracked
                    .and_then(|id| repository.find_blob(id).ok())
                    .is_some_and(|blob| line_endings::is_text_with_crlf(blob.content()))
            }) {
                Cow::Borrowed(_) => None,
                Cow::Owned(converted) => Some(converted),
            };
            Ok((converted, conversion))
        });
        let (converted, conversion) = converted.map_err(|error| unreadable(path, error))?;
        Ok((converted.unwrap_or(content), Some(conversion)))
    }

    /// Whether the content on disk differs from the committed one through a program, LFS pointers aside: they
    /// read as pointers in both trees.
    fn is_filtered(&self, path: &RepoPath) -> Result<bool, TreeError> {
        if !self.settings.filters {
            return Ok(false);
        }
        let (filter, encoding) = self
            .handles
            .with(|repository| line_endings::programs(repository, path.as_str()))
            .map_err(|error| unreadable(path, error))?;
        Ok(encoding.is_some() || filter.is_some_and(|name| name != "lfs"))
    }
}

/// Git's id of a blob.
pub(super) fn hash(path: &RepoPath, content: &[u8]) -> Result<Oid, TreeError> {
    Oid::hash_object(ObjectType::Blob, content)
        .attempt("hash a file")
        .map_err(|error| unreadable(path, error))
}

impl Pin {
    pub(super) fn id(&self) -> Oid {
        self.id
    }

    pub(super) fn stat(&self) -> &Stat {
        &self.stat
    }
}

/// Whether the file has not changed so recently that a further change could hide in the same tick.
fn is_settled(stat: &Stat) -> bool {
    let Ok(seconds) = u64::try_from(stat.modified.0) else {
        return false;
    };
    let modified = SystemTime::UNIX_EPOCH + Duration::new(seconds, stat.modified.1);
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > TICK)
}
