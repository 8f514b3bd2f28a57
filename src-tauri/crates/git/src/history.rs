//! Commits and how they came about.

use std::collections::BTreeSet;

use git2::Oid;
use serde::{Deserialize, Serialize};
use slipway_model::{CommitId, RepoPath};

use crate::change;
use crate::commit::{CommitTime, Person};
use crate::commit_tree::{missing, tree_of};
use crate::error::{Attempt, GitError};
use crate::repository::{Repository, object_id};
use crate::status::AheadBehind;

/// What a commit says of itself. Text that is no UTF-8 has replacement characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitInfo {
    /// The commit.
    pub id: CommitId,
    /// Who made the change.
    pub author: Person,
    /// When the change was made.
    pub time: CommitTime,
    /// Who made the commit.
    pub committer: Person,
    /// When the commit was made.
    pub committed: CommitTime,
    /// The first paragraph of the message, in one line.
    pub subject: String,
    /// The rest of the message.
    pub body: String,
    /// The parents; the first is the branch the commit was made on.
    pub parents: Vec<CommitId>,
    /// Whether it carries a signature. The signature is not checked.
    pub signed: bool,
}

impl Repository {
    /// Reads a commit.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn commit(&self, id: &CommitId) -> Result<CommitInfo, GitError> {
        self.handles.with(|repository| info(repository, object_id(id)?))
    }

    /// The commits that changed what lies at `path` (all commits without one), newest first, beginning with
    /// `from`. Follows first parents, because that is how a branch came to be what it is; a merge counts where
    /// it changed the path. Renames are not followed. Ends quietly where a shallow clone ends;
    /// [`Repository::preflight`] says that it is shallow.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn history(
        &self,
        from: &CommitId,
        path: Option<&RepoPath>,
        limit: usize,
    ) -> Result<Vec<CommitInfo>, GitError> {
        self.handles.with(|repository| {
            let mut found = Vec::new();
            let mut next = Some(object_id(from)?);
            let mut content: Option<Option<change::Side>> = None;
            while let Some(id) = next {
                if found.len() >= limit {
                    break;
                }
                let commit = repository.find_commit(id).map_err(|error| missing(repository, id, error))?;
                // In a shallow clone the last commit names parents that are not there.
                next = commit
                    .parent_id(0)
                    .ok()
                    .filter(|parent| repository.odb().is_ok_and(|database| database.exists(*parent)));
                let Some(path) = path else {
                    found.push(info(repository, id)?);
                    continue;
                };
                let here = match content {
                    Some(known) => known,
                    None => change::side_at(repository, Some(tree_of(repository, id)?), path)?,
                };
                let before = match next {
                    Some(parent) => change::side_at(repository, Some(tree_of(repository, parent)?), path)?,
                    None => None,
                };
                if here != before {
                    found.push(info(repository, id)?);
                }
                content = Some(before);
            }
            Ok(found)
        })
    }

    /// The files that differ between two commits, sorted.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn changed_paths(&self, old: &CommitId, new: &CommitId) -> Result<Vec<RepoPath>, GitError> {
        self.handles.with(|repository| {
            let old = tree_of(repository, object_id(old)?)?;
            let new = tree_of(repository, object_id(new)?)?;
            let changes = change::between(repository, Some(old), Some(new))?;
            let paths: BTreeSet<RepoPath> = changes.into_iter().map(|change| change.path).collect();
            Ok(paths.into_iter().collect())
        })
    }

    /// The best common ancestor of two commits; `None` where they have no history in common.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn merge_base(&self, one: &CommitId, other: &CommitId) -> Result<Option<CommitId>, GitError> {
        self.handles.with(|repository| match repository.merge_base(object_id(one)?, object_id(other)?) {
            Ok(id) => Ok(Some(CommitId::new(id.to_string()))),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(source) => Err(GitError::Git { action: "find the common ancestor", source }),
        })
    }

    /// How many commits each of the two has that the other does not have.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn ahead_behind(&self, one: &CommitId, other: &CommitId) -> Result<AheadBehind, GitError> {
        self.handles.with(|repository| {
            let (ahead, behind) = repository
                .graph_ahead_behind(object_id(one)?, object_id(other)?)
                .attempt("compare two commits")?;
            Ok(AheadBehind { ahead, behind })
        })
    }

    /// The commits that `tip` has and `base` does not have, newest first, at most `limit`.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn commits_between(
        &self,
        base: &CommitId,
        tip: &CommitId,
        limit: usize,
    ) -> Result<Vec<CommitInfo>, GitError> {
        self.handles.with(|repository| between(repository, object_id(base)?, object_id(tip)?, limit))
    }
}

/// The commits that `tip` has and `base` does not have, newest first.
pub(crate) fn between(
    repository: &git2::Repository,
    base: Oid,
    tip: Oid,
    limit: usize,
) -> Result<Vec<CommitInfo>, GitError> {
    let mut walk = repository.revwalk().attempt("walk the history")?;
    walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::TIME).attempt("walk the history")?;
    walk.push(tip).and_then(|()| walk.hide(base)).attempt("walk the history")?;
    let mut commits = Vec::new();
    for id in walk.take(limit) {
        commits.push(info(repository, id.attempt("walk the history")?)?);
    }
    Ok(commits)
}

fn person(signature: &git2::Signature<'_>) -> Person {
    Person {
        name: String::from_utf8_lossy(signature.name_bytes()).into_owned(),
        email: String::from_utf8_lossy(signature.email_bytes()).into_owned(),
    }
}

/// Reads a commit.
pub(crate) fn info(repository: &git2::Repository, id: Oid) -> Result<CommitInfo, GitError> {
    let commit = repository.find_commit(id).map_err(|error| {
        if error.code() == git2::ErrorCode::NotFound {
            missing(repository, id, error)
        } else {
            GitError::UnknownRevision { revision: id.to_string() }
        }
    })?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let (subject, body) = split_message(&message);
    let (author, committer) = (commit.author(), commit.committer());
    Ok(CommitInfo {
        id: CommitId::new(id.to_string()),
        author: person(&author),
        time: author.when().into(),
        committer: person(&committer),
        committed: committer.when().into(),
        subject,
        body,
        parents: commit.parent_ids().map(|id| CommitId::new(id.to_string())).collect(),
        signed: commit.header_field_bytes("gpgsig").is_ok(),
    })
}

/// The first paragraph in one line, and the rest.
pub(crate) fn split_message(message: &str) -> (String, String) {
    let mut lines = message.trim_start_matches('\n').lines();
    let subject: Vec<&str> =
        lines.by_ref().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let body: Vec<&str> = lines.collect();
    (subject.join(" "), body.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::split_message;

    #[test]
    fn the_subject_is_the_first_paragraph() {
        let (subject, body) = split_message("one\ntwo\n\nbody\n\nmore\n");
        assert_eq!((subject.as_str(), body.as_str()), ("one two", "body\n\nmore"));
        assert_eq!(split_message(""), (String::new(), String::new()));
    }
}
