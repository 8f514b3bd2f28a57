//! Renders kept on disk.
//!
//! `renders/v1/KEY/CONTENT.render` below the cache folder: KEY names what the render depends on, CONTENT is the
//! SHA-256 of its JSON. Everything below `renders` may be deleted at any time, also while it is used.
//!
//! What may hold a secret is never written: see [`may_hold_secret`].

mod record;
mod secrets;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use slipway_render::{RenderKey, RenderStore, Rendered, StoreError as RenderStoreError};

use crate::{Folders, StoreError};
use record::Record;
use secrets::may_hold_secret;

/// How much the renders of all repositories may take, in bytes.
pub const DEFAULT_RENDER_BYTES: u64 = 512 * 1024 * 1024;
/// How many renders are kept under one key: a tree and its overlays, the same files on two branches.
const MAX_PER_KEY: usize = 4;
const EXTENSION: &str = "render";

/// Renders in files below the cache folder, bounded in size; the longest unused go first. Several processes may
/// use one folder.
pub struct DiskRenderStore {
    /// All that counts against the bound, also what other versions of the format left.
    root: PathBuf,
    max_bytes: u64,
    /// How many bytes may be written before the folder is measured again; held while it is measured, so that
    /// this happens once.
    budget: Mutex<u64>,
}

/// A file of the store.
struct Stored {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl DiskRenderStore {
    /// The store of the platform's cache folder. Nothing is made before something is written.
    #[must_use]
    pub fn new(folders: &Folders) -> Self {
        Self::bounded(folders, DEFAULT_RENDER_BYTES)
    }

    /// The same with another bound, in bytes of files. Each further process that writes at the same time may
    /// exceed it by a sixteenth. A render larger than an eighth of it is not kept.
    #[must_use]
    pub fn bounded(folders: &Folders, max_bytes: u64) -> Self {
        Self { root: folders.cache.join("renders"), max_bytes, budget: Mutex::new(0) }
    }

    /// The folder of a key. A key that was read from elsewhere could name any path, so its form is checked.
    fn folder(&self, key: &RenderKey) -> Result<PathBuf, RenderStoreError> {
        let text = key.as_str();
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 64 || !text.bytes().all(hexadecimal) {
            return Err(RenderStoreError("the key of a render is no SHA-256".into()));
        }
        Ok(self.root.join("v1").join(text))
    }

    /// Deletes the longest unused files where `bytes` more would exceed the bound.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = budget.checked_sub(bytes) {
            *budget = left;
            return Ok(());
        }
        let share = self.max_bytes / 16;
        let mut files = Vec::new();
        measure(&self.root, 0, &mut files)?;
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        if total.saturating_add(bytes) > self.max_bytes - share {
            files.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
            // One share more than needed, so that not every write has to look at all files.
            let goal = (self.max_bytes - 2 * share).saturating_sub(bytes);
            for file in files {
                if total <= goal {
                    break;
                }
                if remove(&file.path)? {
                    total -= file.bytes;
                }
            }
        }
        *budget = share;
        Ok(())
    }
}

impl RenderStore for DiskRenderStore {
    fn get(&self, key: &RenderKey) -> Result<Vec<Arc<Rendered>>, RenderStoreError> {
        let folder = self.folder(key)?;
        let mut renders = Vec::new();
        for file in renders_in(&folder).map_err(|source| failed("read", &folder, source))? {
            let Some(bytes) = read(&file.path).map_err(|source| failed("read", &file.path, source))? else {
                continue;
            };
            match Record::decode(&bytes) {
                Ok(rendered) => {
                    touch(&file.path);
                    renders.push(Arc::new(rendered));
                }
                // A damaged file is as good as none; making the render again replaces it.
                Err(_damage) => {
                    remove(&file.path).map_err(|source| failed("delete the damaged", &file.path, source))?;
                }
            }
        }
        Ok(renders)
    }

    fn put(&self, key: &RenderKey, rendered: &Arc<Rendered>) -> Result<(), RenderStoreError> {
        let folder = self.folder(key)?;
        // The problems of a failed render may quote what it was made from.
        if rendered.is_failed() || may_hold_secret(rendered) {
            return Ok(());
        }
        let Some(record) = Record::encode(rendered).map_err(|error| RenderStoreError(error.into()))? else {
            return Ok(());
        };
        let bytes = record.bytes.len() as u64;
        if bytes > self.max_bytes / 8 {
            return Ok(());
        }
        self.make_room(bytes).map_err(|source| failed("make room in", &self.root, source))?;
        let path = folder.join(format!("{}.{EXTENSION}", record.content));
        write(&folder, &path, &record.bytes).map_err(|source| failed("write", &path, source))?;
        let mut files = renders_in(&folder).map_err(|source| failed("read", &folder, source))?;
        files.sort_by(|a, b| (b.used, &b.path).cmp(&(a.used, &a.path)));
        // Clocks are coarse: the new one stays whatever its time says.
        files.retain(|file| file.path != path);
        for old in files.iter().skip(MAX_PER_KEY - 1) {
            remove(&old.path).map_err(|source| failed("delete", &old.path, source))?;
        }
        Ok(())
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> RenderStoreError {
    RenderStoreError(Box::new(StoreError::File { action, path: path.to_path_buf(), source }))
}

/// The files of one key, in order of their names; none where there is no such folder.
fn renders_in(folder: &Path) -> io::Result<Vec<Stored>> {
    let mut files = Vec::new();
    list(folder, &mut files, &mut Vec::new())?;
    files.retain(|file| file.path.extension().is_some_and(|extension| extension == EXTENSION));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// All files below a folder, temporary ones of a crashed process too; folders that are empty are removed.
fn measure(folder: &Path, depth: usize, files: &mut Vec<Stored>) -> io::Result<()> {
    /// The store itself has two levels.
    const MAX_DEPTH: usize = 4;
    let mut folders = Vec::new();
    let before = files.len();
    list(folder, files, &mut folders)?;
    if files.len() == before && folders.is_empty() && depth > 0 {
        // Another process may just write into it; then it stays.
        let _ = fs::remove_dir(folder);
    }
    if depth < MAX_DEPTH {
        for folder in folders {
            measure(&folder, depth + 1, files)?;
        }
    }
    Ok(())
}

/// Lists a folder; what vanishes meanwhile is left out. Symbolic links are neither followed nor counted.
fn list(folder: &Path, files: &mut Vec<Stored>, folders: &mut Vec<PathBuf>) -> io::Result<()> {
    let Some(entries) = found(fs::read_dir(folder))? else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Some(metadata) = found(entry.metadata())? else { continue };
        if metadata.is_dir() {
            folders.push(entry.path());
        } else if metadata.is_file() {
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push(Stored { path: entry.path(), bytes: metadata.len(), used });
        }
    }
    Ok(())
}

/// Reads at most what a record may take, and a byte more, so that a longer one is seen as damaged.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = found(File::open(path))? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(record::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// How often a file is written whose folder others delete meanwhile.
const ATTEMPTS: usize = 10;

/// Writes by way of a temporary file beside it. It is not forced to the disk: the checksum finds what a crash
/// of the machine leaves.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let attempt = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    for _ in 1..ATTEMPTS {
        match attempt() {
            // The folder was deleted between two steps; between two of making it, it is there and then not.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {}
            result => return result,
        }
    }
    attempt()
}

/// Marks a file as used. Failing costs only its place in the order of deletion.
fn touch(path: &Path) {
    let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Whether the file is gone; one that another process holds open may stay on Windows.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && cfg!(windows) => Ok(false),
        result => found(result).map(|_| true),
    }
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
