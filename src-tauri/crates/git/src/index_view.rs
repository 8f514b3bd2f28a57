//! The index as the working-directory tree needs it: what is tracked, and what Git remembers of each file.

use std::path::Path;

use git2::{IndexEntry, IndexEntryExtendedFlag, Oid};

use crate::error::{Attempt, GitError};
use crate::stat::{Remembered, Stat};

/// A tracked file.
#[derive(Clone, Debug)]
pub(crate) struct Tracked {
    pub(crate) path: String,
    pub(crate) id: Oid,
    pub(crate) mode: u32,
    pub(crate) remembered: Remembered,
    /// Outside the sparse checkout: not on disk, and unchanged for Git.
    pub(crate) skipped: bool,
}

/// The entries, sorted by path.
#[derive(Default)]
pub(crate) struct IndexView {
    entries: Vec<Tracked>,
    /// The positions of the entries outside the sparse checkout.
    skipped: Vec<usize>,
    /// When the index was written.
    written: (i64, u32),
}

/// Bits 12 and 13 of the flags: the stage of a conflicting entry.
const STAGE_MASK: u16 = 0x3000;

impl IndexView {
    /// Reads the index of a repository.
    pub(crate) fn read(repository: &git2::Repository) -> Result<Self, GitError> {
        // Before reading: where the index is replaced meanwhile, the earlier time merely costs some hashing.
        let written = std::fs::symlink_metadata(repository.path().join("index"))
            .map(|metadata| Stat::of(&metadata).modified)
            .unwrap_or_default();
        let index = read(repository)?;
        let mut entries: Vec<Tracked> = Vec::with_capacity(index.len());
        for entry in index.iter() {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            if entry.flags & STAGE_MASK != 0 {
                // The sides of a conflict: one tracked path, whose content is what lies on disk.
                if entries.last().is_none_or(|last| last.path != path) {
                    entries.push(Tracked {
                        id: Oid::ZERO_SHA1,
                        remembered: Remembered::of(&IndexEntry {
                            mtime: git2::IndexTime::new(0, 0),
                            ..entry
                        }),
                        mode: 0o100_644,
                        skipped: false,
                        path,
                    });
                }
                continue;
            }
            entries.push(Tracked {
                path,
                id: entry.id,
                mode: entry.mode,
                remembered: Remembered::of(&entry),
                skipped: is_skipped(&entry),
            });
        }
        entries.sort_by(|left, right| left.path.cmp(&right.path));
        let skipped = entries.iter().enumerate().filter(|(_, each)| each.skipped).map(|(at, _)| at).collect();
        Ok(Self { entries, skipped, written })
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Tracked> {
        let at = self.entries.binary_search_by(|each| each.path.as_str().cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// Whether anything below the directory is tracked.
    pub(crate) fn tracks_below(&self, directory: &str) -> bool {
        let prefix = format!("{directory}/");
        let at = self.entries.partition_point(|each| each.path.as_str() < prefix.as_str());
        self.entries.get(at).is_some_and(|each| each.path.starts_with(&prefix))
    }

    /// The tracked files below a directory that are outside the sparse checkout; all for the empty path.
    pub(crate) fn skipped_below<'a>(&'a self, directory: &str) -> impl Iterator<Item = &'a Tracked> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let path = |at: &usize| self.entries.get(*at).map_or("", |each| each.path.as_str());
        let start = self.skipped.partition_point(|at| path(at) < prefix.as_str());
        self.skipped
            .iter()
            .skip(start)
            .filter_map(|at| self.entries.get(*at))
            .take_while(move |each| each.path.starts_with(&prefix))
    }

    /// Whether the file is certainly the one that the index knows.
    pub(crate) fn proves(&self, tracked: &Tracked, stat: &Stat) -> bool {
        tracked.remembered.proves(stat, self.written)
    }

    /// The tracked `.gitattributes` files.
    pub(crate) fn attribute_files(&self) -> impl Iterator<Item = &Tracked> {
        self.entries
            .iter()
            .filter(|each| Path::new(&each.path).file_name().is_some_and(|name| name == ".gitattributes"))
    }
}

/// Whether an entry is outside the sparse checkout.
pub(crate) fn is_skipped(entry: &IndexEntry) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).is_skip_worktree()
}

/// Reads the index afresh. A sparse or a split index has mandatory extensions that libgit2 does not read.
pub(crate) fn read(repository: &git2::Repository) -> Result<git2::Index, GitError> {
    git2::Index::open(&repository.path().join("index")).map_err(|error| GitError::UnsupportedIndex {
        path: repository.path().to_owned(),
        detail: error.message().to_owned(),
    })
}

/// Lets a handle read attributes and ignore files where the index cannot be read: as if nothing were tracked.
pub(crate) fn tolerate_unreadable(repository: &git2::Repository) -> Result<(), GitError> {
    if repository.is_bare() || repository.index().is_ok() {
        return Ok(());
    }
    git2::Index::new().and_then(|mut empty| repository.set_index(&mut empty)).attempt("set the index aside")
}

/// The index, or nothing where its format is not read.
pub(crate) fn read_or_empty(repository: &git2::Repository) -> Result<IndexView, GitError> {
    match IndexView::read(repository) {
        Err(GitError::UnsupportedIndex { .. }) => Ok(IndexView::default()),
        other => other,
    }
}

/// Gives a mode as a tree has it.
pub(crate) fn tree_mode(mode: u32) -> i32 {
    i32::try_from(mode).unwrap_or(0o100_644)
}

/// Opens an index file on its own, not as that of a repository.
pub(crate) fn open_file(path: &Path) -> Result<git2::Index, GitError> {
    git2::Index::open(path).attempt("open the index")
}
