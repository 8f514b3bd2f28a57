//! A folder on disk as a tree, for `render --path` and `sync --path` on any folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

/// No file of a configuration is larger; a larger one is not read.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// A folder on disk, read on demand. Files that Git ignores are part of it. Symbolic links are followed inside
/// the folder, never out of it.
#[derive(Clone, Debug)]
pub(crate) struct DiskTree {
    /// Without symbolic links, so that a prefix decides what is inside.
    root: PathBuf,
}

impl DiskTree {
    /// The tree of a folder.
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: fs::canonicalize(root)? })
    }

    /// The path of `file` inside this tree; `None` where it lies outside.
    pub(crate) fn inside(&self, file: &Path) -> Option<RepoPath> {
        let relative = file.strip_prefix(&self.root).ok()?;
        RepoPath::new(&relative.to_string_lossy().replace('\\', "/")).ok()
    }

    /// The place on disk; `None` where nothing is there.
    fn place(&self, path: &RepoPath) -> Result<Option<PathBuf>, TreeError> {
        let written = self.root.join(path.as_str());
        match fs::canonicalize(&written) {
            Ok(place) if place.starts_with(&self.root) => Ok(Some(place)),
            Ok(place) => {
                Err(TreeError::LinkOutside { path: path.clone(), target: place.display().to_string() })
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            // 40 is ELOOP on Linux, 62 on macOS; the kind has no stable name yet.
            Err(error) if matches!(error.raw_os_error(), Some(40 | 62)) => {
                Err(TreeError::LinkLoop { path: path.clone() })
            }
            Err(error) => Err(failed(path, error)),
        }
    }
}

fn failed(path: &RepoPath, error: io::Error) -> TreeError {
    TreeError::Io { path: path.clone(), source: Arc::new(error) }
}

impl Tree for DiskTree {
    fn read(&self, path: &RepoPath) -> Result<Option<bytes::Bytes>, TreeError> {
        let Some(place) = self.place(path)? else { return Ok(None) };
        let meta = fs::metadata(&place).map_err(|error| failed(path, error))?;
        // A pipe or a device would never end.
        if !meta.is_file() {
            return Ok(None);
        }
        if meta.len() > LARGEST_FILE {
            return Err(TreeError::TooLarge { path: path.clone(), size: meta.len(), limit: LARGEST_FILE });
        }
        fs::read(&place).map(|content| Some(content.into())).map_err(|error| failed(path, error))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let Some(place) = self.place(directory)? else { return Ok(None) };
        if !place.is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(&place).map_err(|error| failed(directory, error))? {
            let entry = entry.map_err(|error| failed(directory, error))?;
            // A name that is no text cannot be written in any of the files that could mean it.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type().map_err(|error| failed(directory, error))?;
            let kind = if kind.is_symlink() {
                EntryKind::Symlink
            } else if kind.is_dir() {
                if name == ".git" {
                    continue;
                }
                EntryKind::Directory
            } else if kind.is_file() {
                EntryKind::File
            } else {
                continue;
            };
            entries.push(Entry { name, kind });
        }
        entries.sort();
        Ok(Some(entries))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        if let Some(content) = self.read(path)? {
            return Ok(Some(ContentId::of_bytes(&content)));
        }
        let Some(entries) = self.list(path)? else { return Ok(None) };
        let mut summary = String::new();
        for entry in entries {
            let below = path.child(&entry.name);
            // A link that leads out, or up to a folder above, is known by its name alone.
            let id = if entry.kind == EntryKind::Symlink && !self.is_file(&below) {
                None
            } else {
                self.content_id(&below)?
            };
            summary.push_str(&entry.name);
            summary.push('\0');
            summary.push_str(id.as_ref().map_or("", ContentId::as_str));
            summary.push('\n');
        }
        Ok(Some(ContentId::of_bytes(summary.as_bytes())))
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        let place = self.place(path)?;
        Ok(place.and_then(|place| self.inside(&place)).unwrap_or_else(|| path.clone()))
    }
}

impl DiskTree {
    fn is_file(&self, path: &RepoPath) -> bool {
        matches!(self.place(path), Ok(Some(place)) if place.is_file())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn links_are_followed_inside_and_refused_outside() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/x.yaml"), "x").unwrap();
        symlink("a/x.yaml", folder.path().join("inside")).unwrap();
        symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
        symlink(outside.path(), folder.path().join("out-folder")).unwrap();
        symlink("loop", folder.path().join("loop")).unwrap();
        let tree = DiskTree::new(folder.path()).unwrap();
        assert_eq!(tree.resolve(&path("inside")).unwrap(), path("a/x.yaml"));
        assert_eq!(tree.resolve(&path("a/nothing")).unwrap(), path("a/nothing"));
        assert_eq!(tree.read(&path("inside")).unwrap().unwrap(), "x");
        assert!(matches!(tree.read(&path("out")), Err(TreeError::LinkOutside { .. })));
        assert!(matches!(tree.read(&path("out-folder/secret")), Err(TreeError::LinkOutside { .. })));
        assert!(matches!(tree.read(&path("loop")), Err(TreeError::LinkLoop { .. })));
        assert!(
            tree.content_id(&RepoPath::root()).unwrap().is_some(),
            "a hostile link does not stop a listing"
        );
        assert_eq!(tree.read(&path("a")).unwrap(), None);
        assert_eq!(tree.read(&path("a/x.yaml/y")).unwrap(), None);
    }
}
