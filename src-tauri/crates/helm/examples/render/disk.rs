//! The whole disk as a tree.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

pub(crate) struct Disk;

fn full(path: &RepoPath) -> PathBuf {
    PathBuf::from(format!("/{}", path.as_str()))
}

fn failed(path: &RepoPath, error: std::io::Error) -> TreeError {
    TreeError::Io { path: path.clone(), source: Arc::new(error) }
}

impl Tree for Disk {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match std::fs::read(full(path)) {
            Ok(bytes) => Ok(Some(Bytes::from(bytes))),
            Err(_) if !full(path).is_file() => Ok(None),
            Err(error) => Err(failed(path, error)),
        }
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        if !full(directory).is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(full(directory)).map_err(|error| failed(directory, error))? {
            let entry = entry.map_err(|error| failed(directory, error))?;
            let kind = entry.file_type().map_err(|error| failed(directory, error))?;
            let kind = if kind.is_symlink() {
                EntryKind::Symlink
            } else if kind.is_dir() {
                EntryKind::Directory
            } else {
                EntryKind::File
            };
            entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), kind });
        }
        entries.sort();
        Ok(Some(entries))
    }

    /// The path is the id: nothing changes while this program runs.
    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        Ok(full(path).exists().then(|| ContentId::of_bytes(path.as_str().as_bytes())))
    }
}
