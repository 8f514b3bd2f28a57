//! What the working directory lists: tracked files, untracked ones that are not ignored, and what a sparse checkout
//! leaves out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;
use slipway_model::{EntryKind, RepoPath, TreeError};

use super::content::Pin;
use super::disk::{io, is_absent};
use super::{Inner, Looked};
use crate::commit_tree::kind_of;
use crate::error::Attempt;
use crate::index_view::{Tracked, tree_mode};
use crate::links::unreadable;
use crate::stat::Stat;

/// Directories deeper than this are not looked into.
const MAXIMUM_DEPTH: usize = 200;

pub(super) type Listing = BTreeMap<String, EntryKind>;

/// What was found in a directory on disk.
#[derive(Default)]
struct Scan {
    listing: Listing,
    /// The files that the index knows, by name.
    pins: Vec<(String, Pin)>,
    /// Whether there is nothing but directories with tracked files, submodules that are tracked, and those files.
    only_proven: bool,
}

impl Inner {
    /// The entries of the directory at `path`, which is no link. A directory without files is not there.
    pub(super) fn listing(&self, path: &RepoPath) -> Result<Arc<Listing>, TreeError> {
        let known = self.listings.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(listing) = known {
            return Ok(listing);
        }
        let found = self.entries(path)?;
        let directories = found.iter().filter(|(_, kind)| **kind == EntryKind::Directory);
        let directories: Vec<RepoPath> = directories.map(|(name, _)| path.child(name)).collect();
        if directories.len() > 1 {
            // Most of the time goes into asking the system about files; what fails here fails again below.
            directories.par_iter().for_each(|directory| drop(self.entries(directory)));
        }
        // What cannot be looked into stays, so that whoever reads it gets the error.
        let stays = |name: &str, kind: EntryKind| {
            kind != EntryKind::Directory || self.holds_files(&path.child(name)).unwrap_or(true)
        };
        let listing = if found.iter().all(|(name, kind)| stays(name, *kind)) {
            found
        } else {
            let stay = found.iter().filter(|(name, kind)| stays(name, **kind));
            Arc::new(stay.map(|(name, kind)| (name.clone(), *kind)).collect())
        };
        let mut known = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(path.clone()).or_insert(listing)))
    }

    fn holds_files(&self, path: &RepoPath) -> Result<bool, TreeError> {
        let entries = self.entries(path)?;
        if entries.values().any(|kind| *kind != EntryKind::Directory) {
            return Ok(true);
        }
        for name in entries.keys() {
            if self.holds_files(&path.child(name))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The entries of a directory, empty directories included.
    fn entries(&self, path: &RepoPath) -> Result<Arc<Listing>, TreeError> {
        Ok(self.looked(path)?.entries)
    }

    /// What is in a directory, empty directories included.
    pub(super) fn looked(&self, path: &RepoPath) -> Result<Looked, TreeError> {
        let known = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(looked) = known {
            return Ok(looked);
        }
        let full = self.disk.full(path);
        let memory = self.memory.as_deref();
        let looked = match memory.and_then(|memory| memory.recall(path, &full, &self.index, self.settings)) {
            Some(seen) => Looked { entries: Arc::clone(&seen.entries), seen: Some(seen) },
            None => self.look_into(path, &full)?,
        };
        let mut known = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(path.clone()).or_insert(looked).clone())
    }

    /// Looks into a directory, and remembers what can be told from the facts of the file system the next time.
    fn look_into(&self, path: &RepoPath, full: &Path) -> Result<Looked, TreeError> {
        // The facts from before: what comes while the directory is listed changes them.
        let stat = self.memory.as_deref().and_then(|memory| {
            let metadata = std::fs::symlink_metadata(full).ok().filter(std::fs::Metadata::is_dir)?;
            Some((memory, Some(Stat::of(&metadata)).filter(|stat| memory.is_quiet(stat))?))
        });
        let Scan { mut listing, mut pins, only_proven } = self.scan(path, full)?;
        let found = listing.len();
        self.add_skipped(path, &mut listing);
        let entries = Arc::new(listing);
        if let Some((memory, stat)) = stat
            && only_proven
            && entries.len() == found
        {
            let surroundings = (&self.index, self.settings);
            let seen = memory.keep(path, stat, surroundings, &entries, pins);
            return Ok(Looked { entries, seen: Some(seen) });
        }
        let mut known = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, pin) in pins.drain(..) {
            known.entry(path.child(&name)).or_insert(pin);
        }
        Ok(Looked { entries, seen: None })
    }

    fn scan(&self, path: &RepoPath, full: &Path) -> Result<Scan, TreeError> {
        let mut listing = Listing::new();
        if path.segments().count() > MAXIMUM_DEPTH {
            let source = std::io::Error::other("the directories are nested too deeply");
            return Err(io("list", path, full, source));
        }
        let entries = match std::fs::read_dir(full) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Scan::default()),
            Err(error) => return Err(io("list", path, full, error)),
        };
        let mut untracked: Vec<(String, EntryKind)> = Vec::new();
        let mut pins = Vec::new();
        let mut only_proven = true;
        for entry in entries {
            let entry = entry.map_err(|error| io("list", path, full, error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if is_absent(&error) => {
                    only_proven = false;
                    continue;
                }
                Err(error) => return Err(io("look at", path, &entry.path(), error)),
            };
            let child = path.child(&name);
            let tracked = self.index.get(child.as_str());
            let Some(kind) = self.kind_on_disk(&metadata, tracked, &child, &entry.path()) else {
                only_proven = false;
                continue;
            };
            let known = tracked.is_some()
                || (kind == EntryKind::Directory && self.index.tracks_below(child.as_str()));
            if !known {
                untracked.push((name, kind));
                continue;
            }
            match kind {
                EntryKind::Directory | EntryKind::Submodule => {}
                EntryKind::Symlink => only_proven = false,
                // The facts are at hand, so most files need no second look.
                EntryKind::File | EntryKind::Executable => {
                    match self.proven(&child, kind, &Stat::of(&metadata))? {
                        Some(pin) => pins.push((name.clone(), pin)),
                        None => only_proven = false,
                    }
                }
            }
            listing.insert(name, kind);
        }
        only_proven &= untracked.is_empty();
        self.add_untracked(path, untracked, &mut listing)?;
        Ok(Scan { listing, pins, only_proven })
    }

    /// What a file on disk is to Git, which may track it; `None` for sockets and the like.
    pub(super) fn kind_on_disk(
        &self,
        metadata: &std::fs::Metadata,
        tracked: Option<&Tracked>,
        path: &RepoPath,
        full: &Path,
    ) -> Option<EntryKind> {
        if metadata.is_symlink() {
            return Some(EntryKind::Symlink);
        }
        if metadata.is_dir() {
            let is_submodule = match tracked {
                Some(each) => kind_of(tree_mode(each.mode)) == EntryKind::Submodule,
                None => holds_repository(full) && !self.index.tracks_below(path.as_str()),
            };
            return Some(if is_submodule { EntryKind::Submodule } else { EntryKind::Directory });
        }
        if !metadata.is_file() {
            return None;
        }
        let remembered = tracked.map(|each| kind_of(tree_mode(each.mode)));
        if !self.settings.symlinks && remembered == Some(EntryKind::Symlink) {
            return Some(EntryKind::Symlink);
        }
        let executable = if self.settings.file_mode {
            Stat::of(metadata).executable
        } else {
            remembered == Some(EntryKind::Executable)
        };
        Some(if executable { EntryKind::Executable } else { EntryKind::File })
    }

    /// Adds what is not tracked and not ignored.
    fn add_untracked(
        &self,
        path: &RepoPath,
        untracked: Vec<(String, EntryKind)>,
        listing: &mut Listing,
    ) -> Result<(), TreeError> {
        if untracked.is_empty() {
            return Ok(());
        }
        let kept = self.handles.with(|repository| {
            let mut kept = Vec::with_capacity(untracked.len());
            for (name, kind) in untracked {
                let mut child = path.child(&name).as_str().to_owned();
                if kind == EntryKind::Directory {
                    child.push('/');
                }
                if !repository.is_path_ignored(&child).attempt("read .gitignore")? {
                    kept.push((name, kind));
                }
            }
            Ok(kept)
        });
        listing.extend(kept.map_err(|error| unreadable(path, error))?);
        Ok(())
    }

    /// Adds what a sparse checkout leaves out.
    fn add_skipped(&self, path: &RepoPath, listing: &mut Listing) {
        let start = if path.is_root() { 0 } else { path.as_str().len() + 1 };
        for tracked in self.index.skipped_below(path.as_str()) {
            let rest = tracked.path.get(start..).unwrap_or_default();
            match rest.split_once('/') {
                Some((directory, _)) => listing.entry(directory.to_owned()).or_insert(EntryKind::Directory),
                None => listing.entry(rest.to_owned()).or_insert_with(|| kind_of(tree_mode(tracked.mode))),
            };
        }
    }
}

/// Whether a directory is a repository of its own, whose files are not part of this one.
fn holds_repository(directory: &Path) -> bool {
    let git = directory.join(".git");
    std::fs::symlink_metadata(&git).is_ok_and(|metadata| metadata.is_file() || git.join("HEAD").is_file())
}
