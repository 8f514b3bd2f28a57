//! What earlier looks at the working directory found: a later look asks the file system whether it is still so, instead
//! of finding it out again.
//!
//! Kept is only what the facts of the file system prove. Of the index, that its file is the same. Of a directory, that
//! it holds the same names, for which its own times speak, and that each file in it is the one the index knows, for
//! which those of the file do. A directory with anything else in it is looked at anew each time: with untracked files,
//! which may be ignored tomorrow, with changed ones, with links, and with what a sparse checkout leaves out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use git2::Oid;
use slipway_model::RepoPath;

use super::Settings;
use super::content::Pin;
use super::scan::Listing;
use crate::error::GitError;
use crate::index_view::{self, IndexView};
use crate::stat::Stat;

/// What changed more recently may change again without its times changing: the coarsest clock of a file system that is
/// in use, FAT's, counts two seconds.
const QUIET: Duration = Duration::from_secs(3);

/// What was found, for all looks at one working directory.
pub(crate) struct Memory {
    quiet: Duration,
    index: Mutex<Option<(Stat, Arc<IndexView>)>>,
    directories: Mutex<HashMap<RepoPath, Arc<Seen>>>,
}

/// A directory as it was found.
pub(super) struct Seen {
    stat: Stat,
    index: Arc<IndexView>,
    settings: Settings,
    pub(super) entries: Arc<Listing>,
    /// The files in it, sorted by name.
    files: Vec<(String, Pin)>,
    composed: Mutex<Option<Composed>>,
}

/// The id of a directory, and those of the directories in it from which it is composed. An empty one has none.
struct Composed {
    below: Vec<Option<Oid>>,
    id: Option<Oid>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::after(QUIET)
    }
}

impl Memory {
    /// One that keeps what has not changed for this long.
    pub(crate) fn after(quiet: Duration) -> Self {
        Self { quiet, index: Mutex::default(), directories: Mutex::default() }
    }

    /// The index of the repository, and whether it is kept: what rests on one that is not kept need not be, either.
    pub(super) fn index(&self, repository: &git2::Repository) -> Result<(Arc<IndexView>, bool), GitError> {
        // Before reading: where the index is replaced meanwhile, it is read once more the next time.
        let stat = std::fs::symlink_metadata(repository.path().join("index")).ok();
        let stat = stat.map(|metadata| Stat::of(&metadata));
        let mut known = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some((of, index)), Some(stat)) = (&*known, &stat)
            && of == stat
        {
            return Ok((Arc::clone(index), true));
        }
        let stat = stat.filter(|stat| self.is_quiet(stat));
        let index = Arc::new(index_view::read_or_empty(repository)?);
        let is_kept = stat.is_some();
        *known = stat.map(|stat| (stat, Arc::clone(&index)));
        self.directories.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok((index, is_kept))
    }

    /// Whether equal facts prove that nothing changed since now. Only Unix tells when a directory changed, whoever sets
    /// the time of its content.
    pub(super) fn is_quiet(&self, stat: &Stat) -> bool {
        let age_of = |(seconds, nanoseconds): (i64, u32)| {
            let since = Duration::new(u64::try_from(seconds).ok()?, nanoseconds);
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + since).ok()
        };
        cfg!(unix)
            && [stat.modified, stat.changed]
                .into_iter()
                .all(|time| age_of(time).is_some_and(|age| age >= self.quiet))
    }

    /// What was found in the directory at `path`, if all of it is still so.
    pub(super) fn recall(
        &self,
        path: &RepoPath,
        full: &Path,
        index: &Arc<IndexView>,
        settings: Settings,
    ) -> Option<Arc<Seen>> {
        let known = || self.directories.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Arc::clone(known().get(path)?);
        if Arc::ptr_eq(&seen.index, index) && seen.settings == settings && seen.holds(full) {
            return Some(seen);
        }
        known().remove(path);
        None
    }

    /// Keeps what was found in the directory at `path`. `stat` are its facts from before it was listed.
    pub(super) fn keep(
        &self,
        path: &RepoPath,
        stat: Stat,
        (index, settings): (&Arc<IndexView>, Settings),
        entries: &Arc<Listing>,
        mut files: Vec<(String, Pin)>,
    ) -> Arc<Seen> {
        files.sort_by(|(left, _), (right, _)| left.cmp(right));
        let seen = Arc::new(Seen {
            stat,
            index: Arc::clone(index),
            settings,
            entries: Arc::clone(entries),
            files,
            composed: Mutex::default(),
        });
        let mut known = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.clone(), Arc::clone(&seen));
        seen
    }
}

impl Seen {
    /// Whether the directory at `full` and the files in it are the same.
    fn holds(&self, full: &Path) -> bool {
        let is_same = |path: &Path, stat: &Stat, is_directory: bool| {
            std::fs::symlink_metadata(path).is_ok_and(|metadata| {
                let kind = if is_directory { metadata.is_dir() } else { metadata.is_file() };
                kind && Stat::of(&metadata) == *stat
            })
        };
        if !is_same(full, &self.stat, true) {
            return false;
        }
        let mut path = PathBuf::from(full);
        self.files.iter().all(|(name, pin)| {
            path.push(name);
            let same = is_same(&path, pin.stat(), false);
            path.pop();
            same
        })
    }

    /// What was found of a file in it.
    pub(super) fn pin(&self, name: &str) -> Option<Pin> {
        let at = self.files.binary_search_by(|(each, _)| each.as_str().cmp(name)).ok()?;
        self.files.get(at).map(|(_, pin)| *pin)
    }

    /// Its id, if it was composed from these ids of the directories in it.
    pub(super) fn composed_from(&self, below: &[Option<Oid>]) -> Option<Option<Oid>> {
        let composed = self.composed.lock().unwrap_or_else(PoisonError::into_inner);
        composed.as_ref().filter(|composed| composed.below == below).map(|composed| composed.id)
    }

    /// Remembers its id.
    pub(super) fn compose(&self, below: Vec<Option<Oid>>, id: Option<Oid>) {
        *self.composed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Composed { below, id });
    }
}
