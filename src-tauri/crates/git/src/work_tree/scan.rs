//! What the working directory lists: tracked files, untracked ones that are not ignored, and what a sparse checkout
//! leaves out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;
use slipway_model::{EntryKind, RepoPath, TreeError};

use super::Inner;
use super::disk::{io, is_absent};
use crate::commit_tree::kind_of;
use crate::error::Attempt;
use crate::index_view::{Tracked, tree_mode};
use crate::links::unreadable;
use crate::stat::Stat;

/// Directories deeper than this are not looked into.
const MAXIMUM_DEPTH: usize = 200;

pub(super) type Listing = BTreeMap<String, EntryKind>;

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
        let mut listing = Listing::new();
        for (name, kind) in found.iter() {
            // What cannot be looked into stays, so that whoever reads it gets the error.
            let stays = *kind != EntryKind::Directory || self.holds_files(&path.child(name)).unwrap_or(true);
            if stays {
                listing.insert(name.clone(), *kind);
            }
        }
        let listing = Arc::new(listing);
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
        let known = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(entries) = known {
            return Ok(entries);
        }
        let mut entries = self.scan(path)?;
        self.add_skipped(path, &mut entries);
        let entries = Arc::new(entries);
        let mut known = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(path.clone()).or_insert(entries)))
    }

    fn scan(&self, path: &RepoPath) -> Result<Listing, TreeError> {
        let full = self.disk.full(path);
        let mut listing = Listing::new();
        if path.segments().count() > MAXIMUM_DEPTH {
            let source = std::io::Error::other("the directories are nested too deeply");
            return Err(io("list", path, &full, source));
        }
        let entries = match std::fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(listing),
            Err(error) => return Err(io("list", path, &full, error)),
        };
        let mut untracked: Vec<(String, EntryKind)> = Vec::new();
        let mut pins = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| io("list", path, &full, error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(io("look at", path, &entry.path(), error)),
            };
            let child = path.child(&name);
            let tracked = self.index.get(child.as_str());
            let Some(kind) = self.kind_on_disk(&metadata, &child, &entry.path()) else {
                continue;
            };
            let known = tracked.is_some()
                || (kind == EntryKind::Directory && self.index.tracks_below(child.as_str()));
            if known {
                // The facts are at hand, so most files need no second look.
                let is_file = matches!(kind, EntryKind::File | EntryKind::Executable);
                if is_file && let Some(pin) = self.proven(&child, kind, &Stat::of(&metadata))? {
                    pins.push((child, pin));
                }
                listing.insert(name, kind);
            } else {
                untracked.push((name, kind));
            }
        }
        self.add_untracked(path, untracked, &mut listing)?;
        let mut known = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        for (child, pin) in pins {
            known.entry(child).or_insert(pin);
        }
        Ok(listing)
    }

    /// What a file on disk is to Git; `None` for sockets and the like.
    pub(super) fn kind_on_disk(
        &self,
        metadata: &std::fs::Metadata,
        path: &RepoPath,
        full: &Path,
    ) -> Option<EntryKind> {
        let tracked: Option<&Tracked> = self.index.get(path.as_str());
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
