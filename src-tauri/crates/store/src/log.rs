//! The log: one file that is turned over when it is full, so that it never fills a disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Folders, StoreError};

/// A file is turned over at this size.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Files besides the newest: `slipway.1.log` is the one before.
const OLDER: u32 = 4;

/// The log of the program. Clones write to the same file.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Protects the file; held for one line.
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl LogFile {
    /// Opens the log in the log folder of the platform and goes on where the last program ended.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn open(folders: &Folders) -> Result<Self, StoreError> {
        Self::with_limit(&folders.log, LARGEST)
    }

    fn with_limit(folder: &Path, largest: u64) -> Result<Self, StoreError> {
        let path = path_of(folder, 0);
        let failed = |action, source| StoreError::File { action, path: path.clone(), source };
        fs::create_dir_all(folder).map_err(|source| failed("make the folder of", source))?;
        let file = append(&path).map_err(|source| failed("open", source))?;
        let size = file.metadata().map_err(|source| failed("open", source))?.len();
        Ok(Self { inner: Arc::new(Mutex::new(Inner { folder: folder.to_path_buf(), file, size, largest })) })
    }
}

fn path_of(folder: &Path, number: u32) -> PathBuf {
    match number {
        0 => folder.join("slipway.log"),
        older => folder.join(format!("slipway.{older}.log")),
    }
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Names of repositories and servers are nobody else's business.
        options.mode(0o600);
    }
    options.open(path)
}

impl Inner {
    fn turn_over(&mut self) -> io::Result<()> {
        for number in (0..OLDER).rev() {
            let from = path_of(&self.folder, number);
            if from.exists() {
                fs::rename(from, path_of(&self.folder, number + 1))?;
            }
        }
        self.file = append(&path_of(&self.folder, 0))?;
        self.size = 0;
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.size > 0 && inner.size + line.len() as u64 > inner.largest {
            inner.turn_over()?;
        }
        inner.file.write_all(line)?;
        inner.size += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).file.flush()
    }
}

/// The last lines of the log, the oldest first; none where there is no log.
///
/// # Errors
/// When the file cannot be read.
pub fn tail(folders: &Folders, lines: usize) -> Result<Vec<String>, StoreError> {
    /// Enough for some hundred lines.
    const WINDOW: u64 = 128 * 1024;
    let path = path_of(&folders.log, 0);
    let read = || -> io::Result<Vec<u8>> {
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(WINDOW)))?;
        let mut bytes = Vec::new();
        file.take(WINDOW).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|source| StoreError::File { action: "read", path: path.clone(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all.iter().skip(all.len().saturating_sub(lines)).map(|line| (*line).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_turned_over_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::with_limit(folder.path(), 20).unwrap();
        for number in 0..20 {
            log.write_all(format!("line number {number}\n").as_bytes()).unwrap();
        }
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = ["slipway.1.log", "slipway.2.log", "slipway.3.log", "slipway.4.log", "slipway.log"];
        assert_eq!(names, expected);
        assert_eq!(fs::read_to_string(folder.path().join("slipway.log")).unwrap(), "line number 19\n");
    }

    #[test]
    fn the_log_goes_on_where_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        assert!(tail(&folders, 3).unwrap().is_empty(), "no log, no lines");
        for number in 0..3 {
            let mut log = LogFile::open(&folders).unwrap();
            writeln!(log, "start {number}").unwrap();
        }
        assert_eq!(tail(&folders, 2).unwrap(), ["start 1", "start 2"]);
    }
}
