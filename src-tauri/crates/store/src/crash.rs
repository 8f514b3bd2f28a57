//! What is left of a program that ended badly: one text file each, which the next start offers.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Folders, StoreError, write_atomically};

/// Reports that are kept; older ones go.
const KEPT: usize = 10;

/// How much of a report is read.
const LONGEST: usize = 64 * 1024;

/// A report that nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashReport {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// Writes a report. `name` tells when: it sorts by time and is good as a part of a file name.
///
/// # Errors
/// When it cannot be written.
pub fn write_crash(folders: &Folders, name: &str, text: &str) -> Result<PathBuf, StoreError> {
    let path = folders.log.join(format!("crash-{name}.txt"));
    fs::create_dir_all(&folders.log).map_err(|source| StoreError::File {
        action: "make the folder of",
        path: path.clone(),
        source,
    })?;
    write_atomically(&path, text.as_bytes())?;
    for old in reports(folders, "")?.into_iter().rev().skip(KEPT) {
        // One that stays is tried again by the next report.
        let _ = fs::remove_file(old);
    }
    Ok(path)
}

/// The newest report that nobody has looked at.
///
/// # Errors
/// When the folder or the report cannot be read.
pub fn last_crash(folders: &Folders) -> Result<Option<CrashReport>, StoreError> {
    let Some(path) = reports(folders, ".txt")?.pop() else { return Ok(None) };
    let bytes =
        fs::read(&path).map_err(|source| StoreError::File { action: "read", path: path.clone(), source })?;
    let shown = bytes.get(..LONGEST).unwrap_or(&bytes);
    Ok(Some(CrashReport { text: String::from_utf8_lossy(shown).into_owned(), path }))
}

/// Marks all reports as looked at. The files stay under another name.
///
/// # Errors
/// When one cannot be renamed.
pub fn forget_crashes(folders: &Folders) -> Result<(), StoreError> {
    for path in reports(folders, ".txt")? {
        let seen = path.with_extension("seen.log");
        fs::rename(&path, seen).map_err(|source| StoreError::File { action: "rename", path, source })?;
    }
    Ok(())
}

/// The reports whose name ends so, the oldest first.
fn reports(folders: &Folders, end: &str) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(&folders.log) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(StoreError::File { action: "list", path: folders.log.clone(), source });
        }
    };
    let is_report = |path: &Path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("crash-") && name.ends_with(end)
        })
    };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_report(path)).collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_report_is_offered_until_it_was_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        assert_eq!(last_crash(&folders).unwrap(), None);
        for number in 10..30 {
            write_crash(&folders, &number.to_string(), &format!("report {number}")).unwrap();
        }
        assert_eq!(reports(&folders, "").unwrap().len(), KEPT);
        assert_eq!(last_crash(&folders).unwrap().unwrap().text, "report 29");
        forget_crashes(&folders).unwrap();
        assert_eq!(last_crash(&folders).unwrap(), None);
        assert_eq!(reports(&folders, "").unwrap().len(), KEPT, "the files stay");
    }
}
