//! What is uncommitted, and how a branch stands against its upstream.

use git2::{RepositoryState, StatusOptions};
use serde::{Deserialize, Serialize};
use slipway_model::RepoPath;

use crate::error::{Attempt, GitError};
use crate::repository::{Head, Repository, head_of};

/// The state of the working directory. Paths are sorted; one may be staged and changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Changed or deleted on disk, not staged.
    pub changed: Vec<RepoPath>,
    /// Changed, added or deleted in the index.
    pub staged: Vec<RepoPath>,
    /// Not tracked and not ignored. A directory without tracked files is one entry.
    pub untracked: Vec<RepoPath>,
    /// With a merge conflict.
    pub conflicted: Vec<RepoPath>,
    /// Commits of the branch and its upstream that the other does not have; `None` without an upstream.
    pub upstream: Option<AheadBehind>,
    /// `merge`, `rebase`, `cherry-pick`, `revert`, `bisect` or `mailbox`.
    pub in_progress: Option<String>,
}

impl Status {
    /// Whether nothing is uncommitted or untracked.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.changed.is_empty()
            && self.staged.is_empty()
            && self.untracked.is_empty()
            && self.conflicted.is_empty()
    }
}

/// How two commits stand to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AheadBehind {
    /// Commits that only the first has.
    pub ahead: usize,
    /// Commits that only the second has.
    pub behind: usize,
}

impl Repository {
    /// What is uncommitted at this moment. Writes nothing, not even a refreshed index.
    ///
    /// # Errors
    /// When the repository is bare or its index cannot be read.
    pub fn status(&self) -> Result<Status, GitError> {
        self.require_work_directory()?;
        self.handles.with(|repository| {
            crate::index_view::read(repository)?;
            let mut options = StatusOptions::new();
            options
                .include_untracked(true)
                .recurse_untracked_dirs(false)
                .include_ignored(false)
                .exclude_submodules(true)
                .no_refresh(false)
                .update_index(false);
            let statuses = repository.statuses(Some(&mut options)).attempt("read the status")?;
            let mut status = Status { upstream: upstream_of(repository)?, ..Status::default() };
            for entry in statuses.iter() {
                let Ok(path) = RepoPath::new(&String::from_utf8_lossy(entry.path_bytes())) else {
                    continue;
                };
                let flags = entry.status();
                if flags.is_conflicted() {
                    status.conflicted.push(path);
                    continue;
                }
                if flags.is_wt_new() {
                    status.untracked.push(path.clone());
                }
                if flags.is_wt_modified()
                    || flags.is_wt_deleted()
                    || flags.is_wt_typechange()
                    || flags.is_wt_renamed()
                {
                    status.changed.push(path.clone());
                }
                if flags.is_index_new()
                    || flags.is_index_modified()
                    || flags.is_index_deleted()
                    || flags.is_index_typechange()
                    || flags.is_index_renamed()
                {
                    status.staged.push(path);
                }
            }
            for list in
                [&mut status.changed, &mut status.staged, &mut status.untracked, &mut status.conflicted]
            {
                list.sort();
                list.dedup();
            }
            status.in_progress = operation_in_progress(repository).map(str::to_owned);
            Ok(status)
        })
    }
}

fn upstream_of(repository: &git2::Repository) -> Result<Option<AheadBehind>, GitError> {
    let Head::Branch { name, .. } = head_of(repository)? else {
        return Ok(None);
    };
    let branch = repository.find_branch(&name, git2::BranchType::Local).attempt("read the branch")?;
    let local = branch.get().target();
    let upstream = branch.upstream().ok().and_then(|each| each.get().target());
    let (Some(local), Some(upstream)) = (local, upstream) else {
        return Ok(None);
    };
    let (ahead, behind) =
        repository.graph_ahead_behind(local, upstream).attempt("compare with the upstream")?;
    Ok(Some(AheadBehind { ahead, behind }))
}

/// What Git is in the middle of.
pub(crate) fn operation_in_progress(repository: &git2::Repository) -> Option<&'static str> {
    match repository.state() {
        RepositoryState::Clean => None,
        RepositoryState::Merge => Some("merge"),
        RepositoryState::Revert | RepositoryState::RevertSequence => Some("revert"),
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => Some("cherry-pick"),
        RepositoryState::Bisect => Some("bisect"),
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
            Some("rebase")
        }
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => Some("mailbox"),
    }
}
