//! Tells a program that was closed from one that ended badly.
//!
//! A running program holds a lock on a file of its own, which it removes when it is closed. A file that is there and that
//! nobody holds is what is left of a program that crashed or was killed. After a start of the machine it is not: then the
//! whole machine ended.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::{Folders, StoreError};

/// How the files end.
const END: &str = ".running";

/// This program runs, until [`Running::end`].
#[derive(Debug)]
#[must_use = "a program that is not told to have ended is taken for one that crashed"]
pub struct Running {
    path: PathBuf,
    /// Held as long as the program lives; the system lets go of it, however the program ends.
    _lock: File,
}

impl Running {
    /// Marks this program as running. The answer is also what programs said that ended badly since the machine was
    /// started. `name` is one that no other running program has, such as the number of the process.
    ///
    /// # Errors
    /// When the folder of what lives as long as the login cannot be read or written.
    pub fn begin(folders: &Folders, name: &str, note: &str) -> Result<(Self, Vec<String>), StoreError> {
        Self::begin_since(folders, name, note, &machine_start())
    }

    fn begin_since(
        folders: &Folders,
        name: &str,
        note: &str,
        machine: &str,
    ) -> Result<(Self, Vec<String>), StoreError> {
        let folder = folders.runtime.join("windows");
        let failed = |action: &'static str| {
            let path = folder.clone();
            move |source| StoreError::File { action, path, source }
        };
        fs::create_dir_all(&folder).map_err(failed("make the folder"))?;
        // One program at a time: a file is made before it is locked.
        let all = open(&folder.join("lock")).map_err(failed("open the lock of"))?;
        all.lock().map_err(failed("lock"))?;
        let unfinished = sweep(&folder, machine).map_err(failed("read"))?;
        let path = folder.join(format!("{name}{END}"));
        let begun = || -> io::Result<File> {
            let mut file = open(&path)?;
            file.try_lock().map_err(io::Error::from)?;
            file.set_len(0)?;
            write!(file, "{machine}\n{note}")?;
            Ok(file)
        };
        let file = begun().map_err(failed("write into"))?;
        Ok((Self { path, _lock: file }, unfinished))
    }

    /// The program is closed.
    pub fn end(self) {
        // Where it stays, the next start takes this one for a crash, which is a notice too many.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what is left of programs that are gone. The answer is what those said that ended since `machine` started.
fn sweep(folder: &Path, machine: &str) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(END)) {
            paths.push(path);
        }
    }
    paths.sort();
    let mut unfinished = Vec::new();
    for path in paths {
        let mut file = open(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        let mut said = String::new();
        // A file that was cut off says nothing that is known here.
        let read = file.read_to_string(&mut said);
        fs::remove_file(&path)?;
        if let (Ok(_), Some((then, note))) = (read, said.split_once('\n'))
            && then == machine
        {
            unfinished.push(note.to_owned());
        }
    }
    Ok(unfinished)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Names the start of the machine; empty where the system does not tell, and then files of before it count as well.
fn machine_start() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(folders: &Folders, name: &str, machine: &str) -> (Running, Vec<String>) {
        Running::begin_since(folders, name, &format!("note of {name}"), machine).unwrap()
    }

    #[test]
    fn a_program_that_was_closed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let (first, unfinished) = begin(&folders, "1", "a");
        assert!(unfinished.is_empty());
        first.end();
        assert!(begin(&folders, "2", "a").1.is_empty());
    }

    #[test]
    fn a_program_that_ended_without_being_closed_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        // Dropping lets go of the lock, as the system does for a process that is killed.
        drop(begin(&folders, "1", "a").0);
        let (second, unfinished) = begin(&folders, "2", "a");
        assert_eq!(unfinished, ["note of 1"]);
        second.end();
        assert!(begin(&folders, "3", "a").1.is_empty());
    }

    #[test]
    fn a_program_that_still_runs_did_not_end() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let (_first, _) = begin(&folders, "1", "a");
        assert!(begin(&folders, "2", "a").1.is_empty());
    }

    #[test]
    fn a_machine_that_was_started_anew_ended_everything() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        drop(begin(&folders, "1", "a").0);
        assert!(begin(&folders, "2", "b").1.is_empty());
    }

    #[test]
    fn the_number_of_a_process_that_is_gone_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        drop(begin(&folders, "1", "a").0);
        let (again, unfinished) = begin(&folders, "1", "a");
        assert_eq!(unfinished, ["note of 1"]);
        again.end();
    }
}
