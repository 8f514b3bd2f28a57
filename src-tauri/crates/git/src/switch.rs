//! Changing what is checked out, as `git switch` does: the head moves, index and files follow for what differs,
//! and nothing that is uncommitted is lost.

use git2::{BranchType, Oid};
use serde::{Deserialize, Serialize};
use slipway_model::{CommitId, RepoPath};

use crate::change::{self, Change, Side};
use crate::checkout;
use crate::commit_tree::{missing, tree_of};
use crate::error::{Attempt, GitError};
use crate::index_view::{self, tree_mode};
use crate::pending::{self, RefMove};
use crate::repository::{Repository, head_of, object_id};
use crate::status::operation_in_progress;
use crate::worktrees;

/// What is to be checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SwitchTo {
    /// A local branch.
    Branch {
        /// Its name.
        name: String,
    },
    /// A new local branch that follows a remote-tracking branch.
    Remote {
        /// The remote-tracking branch: `origin/main`.
        tracking: String,
        /// The name of the new branch.
        name: String,
    },
    /// A new branch at what is checked out now.
    New {
        /// The name of the new branch.
        name: String,
    },
    /// A commit without a branch.
    Commit {
        /// The commit.
        commit: CommitId,
    },
}

/// Where the head is to go.
struct Destination {
    /// The branch; `None` for a commit alone.
    branch: Option<String>,
    commit: Oid,
    /// The branch is made first.
    is_new: bool,
    /// The remote-tracking branch that a new branch follows.
    follows: Option<String>,
    /// For the reflog and for errors.
    shown: String,
}

impl Repository {
    /// Checks out a branch or a commit; returns the files that changed. Files that the index holds as the new
    /// branch has them already stay as they are, as with Git. The `post-checkout` hook is not run.
    ///
    /// # Errors
    /// [`GitError::WouldBeLost`] names the files whose uncommitted changes would be overwritten. Also
    /// [`GitError::InProgress`], [`GitError::NoSuchBranch`], [`GitError::BranchExists`],
    /// [`GitError::InvalidBranchName`], [`GitError::CheckedOutElsewhere`], [`GitError::Filtered`]. Nothing has
    /// changed then.
    pub fn switch(&self, to: &SwitchTo) -> Result<Vec<RepoPath>, GitError> {
        self.require_work_directory()?;
        self.recover()?;
        self.handles.with(|repository| self.switch_with(repository, to))
    }

    fn switch_with(&self, repository: &git2::Repository, to: &SwitchTo) -> Result<Vec<RepoPath>, GitError> {
        if let Some(operation) = operation_in_progress(repository) {
            return Err(GitError::InProgress { operation: operation.to_owned() });
        }
        let head = head_of(repository)?;
        let destination = destination(repository, to)?;
        let old = head.commit().map(object_id).transpose()?;
        let old_tree = old.map(|id| tree_of(repository, id)).transpose()?;
        let changes = change::between(repository, old_tree, Some(tree_of(repository, destination.commit)?))?;
        let changes = without_taken_over(repository, changes)?;
        let lost = |error: GitError| match error {
            GitError::UncommittedChanges { paths } => {
                GitError::WouldBeLost { target: destination.shown.clone(), paths }
            }
            other => other,
        };
        checkout::refuse_filtered(repository, &changes)?;
        let work_tree = self.work_tree_with(repository)?;
        checkout::refuse_touched(repository, &work_tree, &changes).map_err(lost)?;

        let reference = destination.branch.as_ref().map(|name| format!("refs/heads/{name}"));
        if destination.is_new
            && let Some(name) = &destination.branch
        {
            create(repository, name, &destination)?;
        }
        let from = match head.branch() {
            Some(name) => name.to_owned(),
            None => old.map(|id| id.to_string()).unwrap_or_default(),
        };
        let step = RefMove {
            name: "HEAD",
            expected: old,
            new: destination.commit,
            message: &format!("checkout: moving from {from} to {}", destination.shown),
            attach: Some(reference.as_deref()),
        };
        let outcome = if changes.is_empty() {
            step.execute(repository)
        } else {
            pending::advance(repository, &work_tree, &step, &changes)
        };
        if outcome.is_err()
            && destination.is_new
            && let Some(name) = &destination.branch
            && head_of(repository).is_ok_and(|now| now.branch() == head.branch())
        {
            // The branch was made for this and is not checked out: it goes again.
            if let Ok(mut branch) = repository.find_branch(name, BranchType::Local) {
                let _ = branch.delete();
            }
        }
        outcome.map_err(lost)?;
        Ok(changes.into_iter().map(|change| change.path).collect())
    }
}

fn destination(repository: &git2::Repository, to: &SwitchTo) -> Result<Destination, GitError> {
    let absent = |name: &str| GitError::NoSuchBranch { branch: name.to_owned() };
    let tip = |name: &str, kind: BranchType| {
        repository
            .find_branch(name, kind)
            .ok()
            .and_then(|branch| branch.get().target())
            .ok_or_else(|| absent(name))
    };
    match to {
        SwitchTo::Branch { name } => {
            let commit = tip(name, BranchType::Local)?;
            if let Some(worktree) = worktrees::elsewhere(repository, name)? {
                return Err(GitError::CheckedOutElsewhere { branch: name.clone(), worktree });
            }
            Ok(Destination {
                branch: Some(name.clone()),
                commit,
                is_new: false,
                follows: None,
                shown: name.clone(),
            })
        }
        SwitchTo::Remote { tracking, name } => {
            let commit = tip(tracking, BranchType::Remote)?;
            check_new(repository, name)?;
            Ok(Destination {
                branch: Some(name.clone()),
                commit,
                is_new: true,
                follows: Some(tracking.clone()),
                shown: name.clone(),
            })
        }
        SwitchTo::New { name } => {
            check_new(repository, name)?;
            let head = head_of(repository)?;
            let Some(commit) = head.commit() else {
                let branch = head.branch().unwrap_or_default().to_owned();
                return Err(GitError::NoCommit { branch });
            };
            Ok(Destination {
                branch: Some(name.clone()),
                commit: object_id(commit)?,
                is_new: true,
                follows: None,
                shown: name.clone(),
            })
        }
        SwitchTo::Commit { commit } => {
            let id = object_id(commit)?;
            repository.find_commit(id).map_err(|error| missing(repository, id, error))?;
            Ok(Destination {
                branch: None,
                commit: id,
                is_new: false,
                follows: None,
                shown: commit.short().to_owned(),
            })
        }
    }
}

fn check_new(repository: &git2::Repository, name: &str) -> Result<(), GitError> {
    let valid = git2::Branch::name_is_valid(name).attempt("check a branch name")?;
    if !valid || name.starts_with('-') || name == "HEAD" {
        return Err(GitError::InvalidBranchName { name: name.to_owned() });
    }
    if repository.find_reference(&format!("refs/heads/{name}")).is_ok() {
        return Err(GitError::BranchExists { branch: name.to_owned() });
    }
    Ok(())
}

fn create(repository: &git2::Repository, name: &str, destination: &Destination) -> Result<(), GitError> {
    let commit = repository
        .find_commit(destination.commit)
        .map_err(|error| missing(repository, destination.commit, error))?;
    let mut branch = repository.branch(name, &commit, false).attempt("create the branch")?;
    if let Some(follows) = &destination.follows {
        branch.set_upstream(Some(follows)).attempt("set the upstream")?;
    }
    Ok(())
}

/// Leaves out what the index holds as it is to be: Git keeps index and file then.
fn without_taken_over(repository: &git2::Repository, changes: Vec<Change>) -> Result<Vec<Change>, GitError> {
    let index = index_view::read(repository)?;
    Ok(changes
        .into_iter()
        .filter(|change| {
            let path = std::path::Path::new(change.path.as_str());
            let conflicting = (1..=3).any(|stage| index.get_path(path, stage).is_some());
            let staged =
                index.get_path(path, 0).map(|entry| Side { id: entry.id, mode: tree_mode(entry.mode) });
            let taken_over = match (staged, change.new) {
                (None, None) => true,
                (Some(left), Some(right)) => left.id == right.id && left.kind() == right.kind(),
                _ => false,
            };
            conflicting || !taken_over
        })
        .collect())
}
