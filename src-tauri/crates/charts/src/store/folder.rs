//! The folder of fetched charts.
//!
//! | path | what |
//! | --- | --- |
//! | `archives/SHA256.tgz` | an archive, by its content |
//! | `references/SHA256.json` | what a reference was resolved to, by the text of the reference |
//! | `indexes/SHA256` | the lines of the index of a repository, by its address |
//! | `temporary/` | what is being written |
//! | `lock` | held while a reference is written or removed |
//!
//! A file appears under its name when it is complete, by a rename; so a crash leaves no half chart, and other processes
//! may read at any time.

use std::fs::{self, File, TryLockError};
use std::io::{BufReader, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::Stored;
use crate::error::ChartError;
use crate::http::{Answer, Http};

/// How many bytes an archive may have, packed.
pub(crate) const ARCHIVE_LIMIT: u64 = 100 << 20;
/// How many bytes an entry of the table may have.
const REFERENCE_LIMIT: u64 = 64 << 10;
/// What is older than this in `temporary` was left by a crash.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3600);
/// How long another process may hold the lock.
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// The folder.
pub(crate) struct Folder(PathBuf);

/// What came over the network, complete and not yet in its place.
pub(crate) struct Incoming {
    file: NamedTempFile,
    /// `sha256:…`.
    pub(crate) digest: String,
    pub(crate) size: u64,
}

impl Incoming {
    /// From the beginning.
    pub(crate) fn reader(&mut self) -> Result<BufReader<&File>, ChartError> {
        let path = self.file.path().to_path_buf();
        self.file.as_file_mut().rewind().map_err(|source| failed("read", &path, source))?;
        Ok(BufReader::new(self.file.as_file()))
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, ChartError> {
        fs::read(self.file.path()).map_err(|source| failed("read", self.file.path(), source))
    }
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> ChartError {
    ChartError::Store { action, path: path.to_path_buf(), source }
}

impl Folder {
    /// Makes the folder where it is not there, and removes what a crash left.
    pub(crate) fn open(path: &Path) -> Result<Self, ChartError> {
        for inner in ["archives", "references", "indexes", "temporary"] {
            let inner = path.join(inner);
            fs::create_dir_all(&inner).map_err(|source| failed("make", &inner, source))?;
        }
        let folder = Self(path.to_path_buf());
        folder.sweep();
        Ok(folder)
    }

    /// Removing what is left over is a courtesy: where it fails, the next opening tries again.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.0.join("temporary")) else { return };
        for entry in entries.flatten() {
            let age = entry.metadata().and_then(|about| about.modified()).ok();
            let age = age.and_then(|modified| SystemTime::now().duration_since(modified).ok());
            if age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Where the lines of an index are.
    pub(crate) fn index(&self, url: &str) -> PathBuf {
        self.0.join("indexes").join(hex(&Sha256::digest(url.as_bytes())))
    }

    /// Where an archive is. The digest is `sha256:…`.
    pub(crate) fn archive(&self, digest: &str) -> PathBuf {
        self.0.join("archives").join(format!("{}.tgz", digest.trim_start_matches("sha256:")))
    }

    fn reference(&self, key: &str) -> PathBuf {
        self.0.join("references").join(format!("{}.json", hex(&Sha256::digest(key.as_bytes()))))
    }

    /// A file for what is being written.
    pub(crate) fn temporary(&self) -> Result<NamedTempFile, ChartError> {
        let folder = self.0.join("temporary");
        NamedTempFile::new_in(&folder).map_err(|source| failed("write to", &folder, source))
    }

    /// Puts a complete file under its name; gives it open for reading.
    pub(crate) fn place(&self, file: NamedTempFile, path: &Path) -> Result<File, ChartError> {
        file.as_file().sync_all().map_err(|source| failed("write", path, source))?;
        file.persist(path).map_err(|error| failed("write", path, error.error))
    }

    /// Receives a body.
    pub(crate) async fn receive(
        &self,
        http: &Http<'_>,
        answer: &mut Answer,
        limit: u64,
    ) -> Result<Incoming, ChartError> {
        let mut file = self.temporary()?;
        let path = file.path().to_path_buf();
        let mut digest = Sha256::new();
        let out = Hashing { file: file.as_file_mut(), digest: &mut digest };
        let size = http.write(answer, limit, out, |source| failed("write", &path, source)).await?;
        Ok(Incoming { file, digest: format!("sha256:{}", hex(&digest.finalize())), size })
    }

    /// Puts an archive in its place and notes what it is the answer to, while nobody removes anything.
    pub(crate) fn keep(&self, key: &str, stored: &Stored, incoming: Incoming) -> Result<(), ChartError> {
        let _lock = self.lock()?;
        let archive = self.archive(&incoming.digest);
        self.place(incoming.file, &archive)?;
        let path = self.reference(key);
        let text = serde_json::to_vec(stored).map_err(|error| failed("write", &path, error.into()))?;
        let mut file = self.temporary()?;
        file.write_all(&text).map_err(|source| failed("write", &path, source))?;
        self.place(file, &path)?;
        Ok(())
    }

    /// Forgets a reference, and its archive where no other refers to it. Whether there was one.
    pub(crate) fn forget(&self, key: &str) -> Result<bool, ChartError> {
        let _lock = self.lock()?;
        let path = self.reference(key);
        let stored = read_reference(&path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(failed("remove", &path, source)),
        }
        if let Ok(stored) = stored {
            let is_used = self.references()?.iter().any(|other| other.digest == stored.digest);
            let archive = self.archive(&stored.digest);
            if !is_used && archive.exists() {
                fs::remove_file(&archive).map_err(|source| failed("remove", &archive, source))?;
            }
        }
        Ok(true)
    }

    /// All entries of the table. One that cannot be read is passed over: the next fetch writes it anew.
    pub(crate) fn references(&self) -> Result<Vec<Stored>, ChartError> {
        let folder = self.0.join("references");
        let entries = fs::read_dir(&folder).map_err(|source| failed("read", &folder, source))?;
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| failed("read", &folder, source))?.path();
            match read_reference(&path) {
                Ok(stored) if self.reference(&stored.key()) == path => all.push(stored),
                Ok(_) => tracing::warn!(path = %path.display(), "this file belongs to another reference"),
                Err(error) => tracing::warn!(path = %path.display(), %error, "this reference cannot be read"),
            }
        }
        Ok(all)
    }

    /// The bytes of all archives and indexes.
    pub(crate) fn size(&self) -> Result<u64, ChartError> {
        let mut size = 0;
        for inner in ["archives", "indexes"] {
            let folder = self.0.join(inner);
            let entries = fs::read_dir(&folder).map_err(|source| failed("read", &folder, source))?;
            // What another process removes at this moment has no size any more.
            size += entries
                .flatten()
                .filter_map(|entry| entry.metadata().ok())
                .map(|about| about.len())
                .sum::<u64>();
        }
        Ok(size)
    }

    fn lock(&self) -> Result<File, ChartError> {
        let path = self.0.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| failed("lock", &path, source))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(source)) => return Err(failed("lock", &path, source)),
            }
        }
        let source = std::io::Error::new(std::io::ErrorKind::TimedOut, "another process holds it");
        Err(failed("lock", &path, source))
    }
}

fn read_reference(path: &Path) -> std::io::Result<Stored> {
    if fs::metadata(path)?.len() > REFERENCE_LIMIT {
        return Err(std::io::Error::other("it is too large"));
    }
    let stored: Stored = serde_json::from_slice(&fs::read(path)?)?;
    // The digest names a file.
    let digest = stored.digest.strip_prefix("sha256:").unwrap_or_default();
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(std::io::Error::other("it has no digest"));
    }
    Ok(stored)
}

struct Hashing<'f> {
    file: &'f mut File,
    digest: &'f mut Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
