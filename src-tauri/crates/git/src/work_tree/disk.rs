//! Files of the working directory as the operating system gives them, without ever following a link.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use slipway_model::{RepoPath, TreeError};

use crate::error::GitError;
use crate::links::unreadable;
use crate::stat::Stat;

/// How often a file that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// The directory everything is relative to.
pub(super) struct Disk {
    pub(super) root: PathBuf,
}

pub(super) fn io(action: &'static str, path: &RepoPath, full: &Path, source: std::io::Error) -> TreeError {
    unreadable(path, GitError::io(action, full, source))
}

/// Whether an error says that nothing is there.
pub(super) fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Disk {
    pub(super) fn full(&self, path: &RepoPath) -> PathBuf {
        if path.is_root() { self.root.clone() } else { self.root.join(path.as_str()) }
    }

    /// Whether all directories above `path` are directories, none of them a link.
    fn has_directories(&self, path: &RepoPath) -> Result<bool, TreeError> {
        let mut full = self.root.clone();
        let mut names: Vec<&str> = path.segments().collect();
        names.pop();
        for name in names {
            full.push(name);
            match std::fs::symlink_metadata(&full) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Ok(false),
                Err(error) if is_absent(&error) => return Ok(false),
                Err(error) => return Err(io("look at", path, &full, error)),
            }
        }
        Ok(true)
    }

    /// What lies at `path`; `None` for nothing, and where a directory on the way has become a link.
    pub(super) fn metadata(&self, path: &RepoPath) -> Result<Option<std::fs::Metadata>, TreeError> {
        if !self.has_directories(path)? {
            return Ok(None);
        }
        let full = self.full(path);
        match std::fs::symlink_metadata(&full) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(io("look at", path, &full, error)),
        }
    }

    /// The bytes of a file, no more than the limit, with the facts that held while they were read.
    pub(super) fn bytes(&self, path: &RepoPath, limit: u64) -> Result<Option<(Vec<u8>, Stat)>, TreeError> {
        let full = self.full(path);
        for _ in 0..ATTEMPTS {
            if !self.has_directories(path)? {
                return Ok(None);
            }
            let mut file = match open_without_following(&full) {
                Ok(file) => file,
                Err(error) if is_absent(&error) => return Ok(None),
                Err(error) => return Err(io("read", path, &full, error)),
            };
            let facts = |file: &std::fs::File| {
                file.metadata()
                    .map(|metadata| Stat::of(&metadata))
                    .map_err(|error| io("look at", path, &full, error))
            };
            let before = facts(&file)?;
            let mut content = Vec::new();
            let read = (&mut file).take(limit.saturating_add(1)).read_to_end(&mut content);
            read.map_err(|error| io("read", path, &full, error))?;
            if content.len() as u64 > limit {
                return Err(TreeError::TooLarge { path: path.clone(), size: before.size, limit });
            }
            if facts(&file)? == before {
                return Ok(Some((content, before)));
            }
        }
        Err(changed(path))
    }

    /// What a link points at; where the disk has no links, Git writes the target into a file.
    pub(super) fn link_target(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, TreeError> {
        let full = self.full(path);
        match self.metadata(path)? {
            Some(metadata) if metadata.is_symlink() => match std::fs::read_link(&full) {
                Ok(target) => Ok(Some(path_bytes(&target))),
                Err(error) => Err(io("read", path, &full, error)),
            },
            Some(metadata) if metadata.is_file() => {
                Ok(self.bytes(path, crate::commit_tree::FILE_LIMIT)?.map(|(content, _)| content))
            }
            _ => Ok(None),
        }
    }
}

/// The file is not what the snapshot saw.
pub(super) fn changed(path: &RepoPath) -> TreeError {
    unreadable(path, GitError::Changed { path: path.clone() })
}

/// Opens a file and refuses a symbolic link, also one that replaced the file a moment ago.
#[cfg(unix)]
fn open_without_following(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    // A pipe that took the place of the file must not block; both flags have these values on the systems
    // they are defined for here.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FLAGS: i32 = 0o400_000 | 0o4_000;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FLAGS: i32 = 0x0100 | 0x0004;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::from(ErrorKind::NotFound)) }
}

#[cfg(not(unix))]
fn open_without_following(path: &Path) -> std::io::Result<std::fs::File> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(std::io::Error::from(ErrorKind::NotFound));
    }
    std::fs::File::open(path)
}

/// The bytes of a path as Git stores them.
#[cfg(unix)]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}
