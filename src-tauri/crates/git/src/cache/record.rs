//! What a revision was fetched as, on disk.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use slipway_model::RepoPath;

use crate::error::GitError;

/// A branch, tag or commit of an address, as it was when it was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchedRevision {
    /// Which repository of the cache holds it.
    pub id: String,
    /// The address, without credentials.
    pub url: String,
    /// The branch, tag or commit that was asked for; empty for the default branch.
    pub revision: String,
    /// The commit that it was.
    pub commit: String,
    /// When it was fetched, in seconds since 1970.
    pub fetched_at: u64,
    /// Its submodules, those of submodules not included.
    #[serde(default)]
    pub submodules: Vec<FetchedSubmodule>,
}

/// A submodule of a fetched revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchedSubmodule {
    /// Where its files are.
    pub path: RepoPath,
    /// Which repository of the cache holds it.
    pub id: String,
    /// Its address, without credentials.
    pub url: String,
    /// Its commit.
    pub commit: String,
    /// Why it was not fetched.
    #[serde(default)]
    pub failure: Option<String>,
}

/// Reads a record. One that cannot be understood was written by another version: it counts as not fetched.
pub(super) fn read(path: &Path) -> Result<Option<FetchedRevision>, GitError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(GitError::io("read", path, error)),
    }
}

/// Writes a record; a crash leaves the old one or the new one.
pub(super) fn write(path: &Path, record: &FetchedRevision) -> Result<(), GitError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(record).map_err(std::io::Error::other)?)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error).map(drop)
    };
    write().map_err(|error| GitError::io("write", path, error))
}

/// Removes a record that may be gone.
pub(super) fn remove(path: &Path) -> Result<(), GitError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(GitError::io("remove", path, error)),
        _ => Ok(()),
    }
}

/// What a folder holds, sorted; nothing where there is none.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, GitError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(GitError::io("list", folder, error)),
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|error| GitError::io("list", folder, error))?;
    paths.sort();
    Ok(paths)
}

/// The bytes of the files in and below a folder; what cannot be read counts as nothing.
pub(super) fn size(folder: &Path) -> u64 {
    let paths = entries(folder).unwrap_or_default();
    let size_of = |path: PathBuf| match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_dir() => size(&path),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    paths.into_iter().map(size_of).sum()
}
