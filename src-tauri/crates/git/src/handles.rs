//! Handles of libgit2 for several threads.
//!
//! A `git2::Repository` may move between threads but not be used by two at once. Rendering reads from many
//! threads, so each use takes a free handle or opens one more; there are never more than threads that read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use git2::{ErrorClass, ErrorCode, RepositoryOpenFlags};

use crate::error::GitError;
use crate::index_view;
use crate::settings;

/// Seconds without an answer after which a server counts as gone.
const SERVER_TIMEOUT_MILLISECONDS: i32 = 60_000;

pub(crate) struct Handles {
    /// What is opened: the working directory, or the Git directory of a bare repository.
    path: PathBuf,
    /// Handles nobody uses at the moment.
    free: Mutex<Vec<git2::Repository>>,
}

impl Handles {
    pub(crate) fn new(path: PathBuf, first: git2::Repository) -> Self {
        Self { path, free: Mutex::new(vec![first]) }
    }

    /// Runs `work` with a handle that no other thread uses meanwhile.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&git2::Repository) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = match free {
            Some(handle) => handle,
            None => open(&self.path, RepositoryOpenFlags::NO_SEARCH)?,
        };
        let result = work(&handle);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        result
    }

    /// Closes the handles that nobody uses: new ones read the configuration anew.
    pub(crate) fn forget(&self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Opens a repository with libgit2, its check of the owner included.
pub(crate) fn open(path: &Path, flags: RepositoryOpenFlags) -> Result<git2::Repository, GitError> {
    prepare_library();
    let none: [&Path; 0] = [];
    let repository = git2::Repository::open_ext(path, flags, none).map_err(|error| explain(path, error))?;
    settings::follow_environment(&repository)?;
    index_view::tolerate_unreadable(&repository)?;
    Ok(repository)
}

fn explain(path: &Path, error: git2::Error) -> GitError {
    let path = path.to_owned();
    match (error.code(), error.class()) {
        (ErrorCode::NotFound, ErrorClass::Repository) => GitError::NotARepository { path },
        (ErrorCode::Owner, _) => GitError::UnsafeOwnership { path },
        (_, ErrorClass::Repository) => {
            GitError::UnsupportedFormat { path, detail: error.message().to_owned() }
        }
        _ => GitError::Git { action: "open the repository", source: error },
    }
}

/// Sets the options of libgit2 that hold for the whole process, once.
pub(crate) fn prepare_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(unsafe_code, reason = "libgit2's options are global; Once keeps other callers out")]
        // SAFETY: these functions are unsafe because they change global state without a lock. `Once` runs
        // them one time, before any handle of this crate exists.
        let results = unsafe {
            [
                // Partial clones and worktrees with relative links are read like any other repository; what a
                // partial clone lacks is reported object by object.
                git2::opts::set_extensions(&["partialclone", "relativeworktrees"]),
                git2::opts::set_server_connect_timeout_in_milliseconds(SERVER_TIMEOUT_MILLISECONDS),
                git2::opts::set_server_timeout_in_milliseconds(SERVER_TIMEOUT_MILLISECONDS),
            ]
        };
        // An option that is not accepted leaves libgit2's default, which is stricter or merely slower.
        drop(results);
    });
}
