//! The journal of a branch that moves together with index and files, and what happens after a crash.
//!
//! The folder `slipway-pending` in the Git directory holds the new files and `journal.json`. While the process
//! lives it holds a lock on the folder's `lock` file. Whoever opens the repository later and gets that lock
//! completes the move when the branch has moved, and drops it when it has not. Either way nothing is half done.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid};
use serde::{Deserialize, Serialize};

use crate::change::{Change, StoredChange};
use crate::checkout;
use crate::error::GitError;
use crate::sparse::Sparse;
use crate::stat::Stat;
use crate::work_tree::WorkTree;

const FOLDER: &str = "slipway-pending";
/// How often, and how far apart, a lock is tried that another holds.
const LOCK_ATTEMPTS: usize = 30;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// A reference that is to move.
pub(crate) struct RefMove<'a> {
    /// `refs/heads/main`, or `HEAD` where it is detached.
    pub(crate) name: &'a str,
    /// Where it must be; `None` where it must not exist.
    pub(crate) expected: Option<Oid>,
    pub(crate) new: Oid,
    /// The line of the reflog.
    pub(crate) message: &'a str,
    /// For `HEAD` alone: the branch that it points at from now on (`refs/heads/main`), or none. Without it, the
    /// branch that `HEAD` points at moves.
    pub(crate) attach: Option<Option<&'a str>>,
}

impl RefMove<'_> {
    /// Moves the reference if it still is where it is expected.
    pub(crate) fn execute(&self, repository: &git2::Repository) -> Result<(), GitError> {
        if let Some(branch) = self.attach {
            return self.move_head(repository, branch);
        }
        let result = match self.expected {
            Some(expected) => {
                repository.reference_matching(self.name, self.new, true, expected, self.message)
            }
            None => repository.reference(self.name, self.new, false, self.message),
        };
        match result {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) =>
            {
                Err(moved(repository, self.name, self.expected))
            }
            Err(source) => Err(GitError::Git { action: "move the branch", source }),
        }
    }
}

impl RefMove<'_> {
    /// Points `HEAD` elsewhere if it still is where it is expected. Neither branch moves.
    fn move_head(&self, repository: &git2::Repository, branch: Option<&str>) -> Result<(), GitError> {
        if repository.refname_to_id("HEAD").ok() != self.expected {
            return Err(moved(repository, "HEAD", self.expected));
        }
        let attempt = |source| GitError::Git { action: "move the head", source };
        let Some(branch) = branch else {
            return repository.set_head_detached(self.new).map_err(attempt);
        };
        if repository.refname_to_id(branch).ok() != Some(self.new) {
            return Err(moved(repository, branch, Some(self.new)));
        }
        let head = repository.find_reference("HEAD").map_err(attempt)?;
        let result = match head.symbolic_target() {
            Ok(Some(before)) => {
                repository.reference_symbolic_matching("HEAD", branch, true, before, self.message)
            }
            _ => repository.reference_symbolic("HEAD", branch, true, self.message),
        };
        match result {
            Ok(_) => Ok(()),
            Err(error) if error.code() == ErrorCode::Modified => {
                Err(moved(repository, "HEAD", self.expected))
            }
            Err(source) => Err(attempt(source)),
        }
    }
}

/// Says where a reference is instead of where it was expected.
pub(crate) fn moved(repository: &git2::Repository, name: &str, expected: Option<Oid>) -> GitError {
    let describe = |id: Option<Oid>| id.map_or_else(|| "nothing".to_owned(), |id| id.to_string());
    GitError::TipMoved {
        branch: name.strip_prefix("refs/heads/").unwrap_or(name).to_owned(),
        expected: describe(expected),
        actual: describe(repository.refname_to_id(name).ok()),
    }
}

#[derive(Serialize, Deserialize)]
struct Journal {
    reference: String,
    new: String,
    changes: Vec<StoredChange>,
    /// When the index was written before.
    index_written: (i64, u32),
}

/// The folder, held by this process.
struct Held {
    folder: PathBuf,
    _lock: File,
}

/// Moves a branch that is checked out here; index and files follow.
pub(crate) fn advance(
    repository: &git2::Repository,
    work_tree: &WorkTree,
    reference: &RefMove<'_>,
    changes: &[Change],
) -> Result<(), GitError> {
    let git_directory = repository.path();
    let held = hold(git_directory)?;
    let index = git_directory.join("index");
    let lock = git_directory.join("index.lock");
    if let Err(error) = lock_index(&held.folder, &lock) {
        discard(&held.folder);
        return Err(error);
    }
    let written = checkout::time_of(&index);
    let prepared = prepare(repository, work_tree, reference, changes, &held, written).and_then(|sparse| {
        #[cfg(test)]
        crash::before_the_branch_moves()?;
        reference.execute(repository).map(|()| sparse)
    });
    let sparse = match prepared {
        Ok(sparse) => sparse,
        #[cfg(test)]
        Err(GitError::Hook { hook, output }) => return Err(GitError::Hook { hook, output }),
        Err(error) => {
            // Nothing has moved: the lock and the folder are all there is to take back.
            let _ = std::fs::remove_file(&lock);
            discard(&held.folder);
            return Err(error);
        }
    };
    #[cfg(test)]
    crash::once_the_branch_moved()?;
    complete(work_tree, git_directory, &held.folder, written, changes, &sparse)
}

/// Takes the lock of the index as Git does. It is a second name of a file in our folder, so that after a crash
/// our own lock is known from another's.
fn lock_index(folder: &Path, lock: &Path) -> Result<(), GitError> {
    let exists = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            GitError::IndexLocked { path: lock.to_owned() }
        } else {
            GitError::io("create", lock, error)
        }
    };
    let own = folder.join("own-lock");
    File::create(&own).map_err(|error| GitError::io("create", &own, error))?;
    match std::fs::hard_link(&own, lock) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(error)),
        // Some file systems have no second names.
        Err(_) => OpenOptions::new().write(true).create_new(true).open(lock).map(drop).map_err(exists),
    }
}

/// Removes the lock of the index if an interrupted write of ours left it.
fn unlock_after_crash(folder: &Path, lock: &Path) -> Result<(), GitError> {
    let inode = |path: &Path| std::fs::symlink_metadata(path).map_or(0, |metadata| Stat::of(&metadata).inode);
    let own = inode(&folder.join("own-lock"));
    if own == 0 || own != inode(lock) {
        return Ok(());
    }
    std::fs::remove_file(lock).map_err(|error| GitError::io("delete", lock, error))
}

fn prepare(
    repository: &git2::Repository,
    work_tree: &WorkTree,
    reference: &RefMove<'_>,
    changes: &[Change],
    held: &Held,
    written: (i64, u32),
) -> Result<Sparse, GitError> {
    // Looked at again under the lock: the user may have saved a file meanwhile.
    checkout::refuse_touched(repository, work_tree, changes)?;
    checkout::stage(repository, &held.folder, changes)?;
    let journal = Journal {
        reference: reference.name.to_owned(),
        new: reference.new.to_string(),
        changes: changes.iter().map(StoredChange::from).collect(),
        index_written: written,
    };
    let path = held.folder.join("journal.json");
    let text = serde_json::to_vec(&journal)
        .map_err(|error| GitError::io("write", &path, std::io::Error::other(error)))?;
    let temporary = held.folder.join("journal.tmp");
    std::fs::write(&temporary, text)
        .and_then(|()| File::open(&temporary)?.sync_all())
        .and_then(|()| std::fs::rename(&temporary, &path))
        .map_err(|error| GitError::io("write", &path, error))?;
    Sparse::of(repository)
}

/// Everything after the branch has moved. May be repeated.
fn complete(
    work_tree: &WorkTree,
    git_directory: &Path,
    folder: &Path,
    written: (i64, u32),
    changes: &[Change],
    sparse: &Sparse,
) -> Result<(), GitError> {
    let index = git_directory.join("index");
    let lock = git_directory.join("index.lock");
    checkout::put_in_place(work_tree, folder, changes, sparse)?;
    let fresh = folder.join("index");
    match std::fs::copy(&index, &fresh) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(GitError::io("copy", &index, error)),
    }
    checkout::update_index(work_tree, &fresh, written, changes, sparse)?;
    std::fs::rename(&fresh, &index).map_err(|error| GitError::io("write", &index, error))?;
    std::fs::remove_file(&lock).map_err(|error| GitError::io("delete", &lock, error))?;
    discard(folder);
    Ok(())
}

fn discard(folder: &Path) {
    // What cannot be removed is found and removed by the next opening.
    let _ = std::fs::remove_file(folder.join("journal.json"));
    let _ = std::fs::remove_dir_all(folder);
}

fn hold(git_directory: &Path) -> Result<Held, GitError> {
    let folder = git_directory.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| GitError::io("create", &folder, error))?;
    let path = folder.join("lock");
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| GitError::io("create", &path, error))?;
    // A process that is just being started by this one has a copy of every open file for a moment, locks included.
    for _ in 0..LOCK_ATTEMPTS {
        match lock.try_lock() {
            Ok(()) => return Ok(Held { folder, _lock: lock }),
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(std::fs::TryLockError::Error(error)) => return Err(GitError::io("lock", &path, error)),
        }
    }
    Err(GitError::IndexLocked { path })
}

/// Completes or drops what an earlier process left. Does nothing while that process lives.
pub(crate) fn recover(
    repository: &git2::Repository,
    work_tree: impl FnOnce() -> Result<WorkTree, GitError>,
) -> Result<(), GitError> {
    let git_directory = repository.path();
    if !git_directory.join(FOLDER).is_dir() {
        return Ok(());
    }
    let held = match hold(git_directory) {
        Ok(held) => held,
        Err(GitError::IndexLocked { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let lock = git_directory.join("index.lock");
    unlock_after_crash(&held.folder, &lock)?;
    let Some(journal) = read_journal(&held.folder)? else {
        discard(&held.folder);
        return Ok(());
    };
    let has_moved = Oid::from_str(&journal.new)
        .is_ok_and(|new| repository.refname_to_id(&journal.reference).is_ok_and(|at| at == new));
    if !has_moved {
        discard(&held.folder);
        return Ok(());
    }
    let changes: Vec<Change> = journal.changes.iter().filter_map(StoredChange::restore).collect();
    lock_index(&held.folder, &lock)?;
    let work_tree = work_tree()?;
    let sparse = Sparse::of(repository)?;
    complete(&work_tree, git_directory, &held.folder, journal.index_written, &changes, &sparse).inspect_err(
        |_| {
            let _ = std::fs::remove_file(&lock);
        },
    )
}

fn read_journal(folder: &Path) -> Result<Option<Journal>, GitError> {
    let path = folder.join("journal.json");
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(GitError::io("read", &path, error)),
    };
    // The journal is renamed into place complete; a damaged one was not written here.
    Ok(serde_json::from_slice(&text).ok())
}

/// Stands in for a process that dies: the next move of this thread stops where it is told and cleans up nothing.
#[cfg(test)]
pub(crate) mod crash {
    use std::cell::Cell;

    use crate::error::GitError;

    thread_local! {
        static AT: Cell<Option<bool>> = const { Cell::new(None) };
    }

    pub(crate) fn after_the_branch_moved(moved: bool) {
        AT.set(Some(moved));
    }

    fn stop_if(moved: bool) -> Result<(), GitError> {
        if AT.get() != Some(moved) {
            return Ok(());
        }
        AT.set(None);
        Err(GitError::Hook { hook: "test".to_owned(), output: "interrupted".to_owned() })
    }

    pub(super) fn before_the_branch_moves() -> Result<(), GitError> {
        stop_if(false)
    }

    pub(super) fn once_the_branch_moved() -> Result<(), GitError> {
        stop_if(true)
    }
}
