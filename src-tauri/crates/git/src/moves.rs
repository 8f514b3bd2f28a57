//! Branches that move without a new commit: undoing the newest commit, and moving forward to a fetched one.

use git2::Oid;
use slipway_model::{CommitId, RepoPath};

use crate::change;
use crate::checkout;
use crate::commit::{BranchTarget, find_target};
use crate::commit_tree::{missing, tree_of};
use crate::error::{Attempt, GitError};
use crate::pending::{self, RefMove};
use crate::repository::{Repository, object_id};

impl Repository {
    /// Takes back the newest commit of a branch: the branch moves to the parent, index and files follow. The
    /// commit stays in the reflog.
    ///
    /// # Errors
    /// When it is not the newest commit of the branch, has no parent or several, is on a remote-tracking branch
    /// already, or one of its files has changed since.
    pub fn undo_commit(&self, commit: &CommitId, branch: &BranchTarget) -> Result<(), GitError> {
        self.recover()?;
        self.handles.with(|repository| {
            let id = object_id(commit)?;
            let target = find_target(repository, branch)?;
            let name = target.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
            if target.tip != Some(id) {
                return Err(GitError::NotTheTip { commit: commit.to_string(), branch: name });
            }
            let object = repository.find_commit(id).map_err(|error| missing(repository, id, error))?;
            let refuse = |reason: &str| {
                Err(GitError::CannotUndo { commit: commit.to_string(), reason: reason.to_owned() })
            };
            if object.parent_count() > 1 {
                return refuse("it is a merge");
            }
            let Ok(parent) = object.parent_id(0) else {
                return refuse("it is the first commit");
            };
            if let Some(remote_branch) = pushed_to(repository, id)? {
                return Err(GitError::AlreadyPushed { commit: commit.to_string(), remote_branch });
            }
            let subject = String::from_utf8_lossy(object.summary_bytes().unwrap_or_default()).into_owned();
            self.move_branch(
                repository,
                &target.reference,
                target.checked_out,
                (id, parent),
                &format!("undo: {subject}"),
            )
            .map(|_| ())
        })
    }

    /// Moves a branch forward to a commit that contains it; index and files follow where it is checked out.
    /// Returns the files that changed.
    ///
    /// # Errors
    /// [`GitError::Diverged`] where the branch has commits of its own; [`GitError::UncommittedChanges`] where a
    /// file that would change has changes of its own.
    pub fn fast_forward(&self, branch: &BranchTarget, to: &CommitId) -> Result<Vec<RepoPath>, GitError> {
        self.recover()?;
        self.handles.with(|repository| {
            let new = object_id(to)?;
            let target = find_target(repository, branch)?;
            let name = target.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
            let Some(old) = target.tip else {
                return Err(GitError::NoCommit { branch: name });
            };
            if old == new {
                return Ok(Vec::new());
            }
            repository.find_commit(new).map_err(|error| missing(repository, new, error))?;
            if !repository.graph_descendant_of(new, old).attempt("compare two commits")? {
                return Err(GitError::Diverged { branch: name, target: to.short().to_owned() });
            }
            self.move_branch(
                repository,
                &target.reference,
                target.checked_out,
                (old, new),
                "merge: Fast-forward",
            )
        })
    }

    /// The files in which a merge of two commits would conflict; empty where it would go by itself. Nothing is
    /// written but objects.
    ///
    /// # Errors
    /// When a commit is not there, or they have no history in common.
    pub fn merge_conflicts(&self, ours: &CommitId, theirs: &CommitId) -> Result<Vec<RepoPath>, GitError> {
        self.handles.with(|repository| {
            let commit = |id: &CommitId| {
                let id = object_id(id)?;
                repository.find_commit(id).map_err(|error| missing(repository, id, error))
            };
            let merged = repository
                .merge_commits(&commit(ours)?, &commit(theirs)?, None)
                .attempt("merge two commits in memory")?;
            let mut paths = Vec::new();
            for conflict in merged.conflicts().attempt("read the conflicts")? {
                let conflict = conflict.attempt("read the conflicts")?;
                let sides = [conflict.our, conflict.their, conflict.ancestor];
                let named = sides.into_iter().flatten().next();
                if let Some(path) =
                    named.and_then(|entry| RepoPath::new(&String::from_utf8_lossy(&entry.path)).ok())
                {
                    paths.push(path);
                }
            }
            paths.sort();
            paths.dedup();
            Ok(paths)
        })
    }

    fn move_branch(
        &self,
        repository: &git2::Repository,
        reference: &str,
        checked_out: bool,
        (old, new): (Oid, Oid),
        message: &str,
    ) -> Result<Vec<RepoPath>, GitError> {
        let old_tree = tree_of(repository, old)?;
        let changes = change::between(repository, Some(old_tree), Some(tree_of(repository, new)?))?;
        let step = RefMove { name: reference, expected: Some(old), new, message, attach: None };
        if checked_out {
            checkout::refuse_filtered(repository, &changes)?;
            let work_tree = self.work_tree_with(repository)?;
            checkout::refuse_touched(repository, &work_tree, &changes)?;
            pending::advance(repository, &work_tree, &step, &changes)?;
        } else {
            step.execute(repository)?;
        }
        Ok(changes.into_iter().map(|change| change.path).collect())
    }
}

/// A remote-tracking branch that has the commit.
fn pushed_to(repository: &git2::Repository, commit: Oid) -> Result<Option<String>, GitError> {
    for branch in repository.branches(Some(git2::BranchType::Remote)).attempt("list the branches")? {
        let (branch, _) = branch.attempt("list the branches")?;
        let Some(tip) = branch.get().target() else {
            continue;
        };
        if tip == commit || repository.graph_descendant_of(tip, commit).attempt("compare two commits")? {
            let name = branch.name_bytes().attempt("read a branch")?;
            return Ok(Some(String::from_utf8_lossy(name).into_owned()));
        }
    }
    Ok(None)
}
