//! Commits: objects and one reference update; index and files of a checked-out branch follow.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use bytes::Bytes;
use git2::{ObjectType, Oid, Signature, Time};
use serde::{Deserialize, Serialize};
use slipway_model::{CommitId, EntryKind, RepoPath};

use crate::change::{self, Change, Side};
use crate::checkout;
use crate::commit_tree::{missing, tree_of};
use crate::error::{Attempt, GitError};
use crate::hooks::Hooks;
use crate::index_view;
use crate::line_endings;
use crate::pending::{self, RefMove};
use crate::repository::{Head, Repository, head_of, object_id};
use crate::settings::Consent;
use crate::signing::Signer;
use crate::status::operation_in_progress;
use crate::worktrees;

/// Where a commit goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "lowercase")]
pub enum BranchTarget {
    /// What is checked out: a branch, or the commit itself where the head is detached.
    Current,
    /// A local branch that exists.
    Existing(String),
    /// A branch that is created at the commit.
    New(String),
}

/// A person as an author or a committer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// A commit to be written.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// The parent: the tip that the changes were made on. `None` only for the first commit of a repository.
    pub base: Option<CommitId>,
    /// Where the commit goes.
    pub branch: BranchTarget,
    /// The files with their new content; `None` deletes. Content is in repository form, as a commit tree gives
    /// it; files that are checked out are written with the line endings that `.gitattributes` asks for. A file
    /// that exists keeps its mode.
    pub changes: BTreeMap<RepoPath, Option<Bytes>>,
    /// The message.
    pub message: String,
    /// The author, where it is not the committer.
    pub author: Option<Person>,
    /// The committer; `None` takes the person that Git's settings and environment name.
    pub identity: Option<Person>,
    /// When it was made; `None` is now.
    pub time: Option<CommitTime>,
    /// What the user agreed to in this repository.
    pub consent: Consent,
}

/// A commit that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The commit.
    pub commit: CommitId,
    /// The branch; `None` where the head is detached.
    pub branch: Option<String>,
    /// The files that changed.
    pub paths: Vec<RepoPath>,
    /// What went wrong after the commit was written: a `post-commit` hook that failed.
    pub warnings: Vec<String>,
}

/// A branch that will move.
pub(crate) struct Target {
    pub(crate) reference: String,
    pub(crate) branch: Option<String>,
    pub(crate) tip: Option<Oid>,
    /// Whether index and files follow.
    pub(crate) checked_out: bool,
}

impl Repository {
    /// Whether Git's settings and environment name a person for commits.
    #[must_use]
    pub fn has_identity(&self) -> bool {
        self.handles
            .with(|repository| Ok::<_, GitError>(repository.committer_from_env().is_ok()))
            .unwrap_or(false)
    }

    /// Writes a commit: objects, then one reference update that fails when the branch moved. Where the branch
    /// is checked out here, index and files follow, for the changed files only.
    ///
    /// # Errors
    /// Before anything is written: [`GitError::TipMoved`], [`GitError::UncommittedChanges`] where a file to be
    /// changed has changes of its own, [`GitError::CheckedOutElsewhere`], [`GitError::InProgress`],
    /// [`GitError::NothingToCommit`], [`GitError::InvalidChange`], [`GitError::Filtered`],
    /// [`GitError::NoIdentity`]. Before the branch moves: [`GitError::Hook`], [`GitError::Signing`].
    pub fn write_commit(&self, request: &CommitRequest) -> Result<Committed, GitError> {
        self.recover()?;
        self.handles.with(|repository| self.write_commit_with(repository, request))
    }

    fn write_commit_with(
        &self,
        repository: &git2::Repository,
        request: &CommitRequest,
    ) -> Result<Committed, GitError> {
        let base = request.base.as_ref().map(object_id).transpose()?;
        let target = find_target(repository, &request.branch)?;
        let is_new = matches!(request.branch, BranchTarget::New(_));
        if !is_new && target.tip != base {
            return Err(pending::moved(repository, &target.reference, base));
        }
        if target.checked_out {
            // Before anything else needs it: a sparse or split index is not written.
            index_view::read(repository)?;
        }
        if base.is_none() && head_of(repository)?.commit().is_some() {
            // A second root commit is never what is meant.
            return Err(pending::moved(repository, "HEAD", None));
        }
        let base_tree = base.map(|id| tree_of(repository, id)).transpose()?;
        let (changes, contents) = plan(repository, base_tree, &request.changes)?;
        if changes.is_empty() {
            return Err(GitError::NothingToCommit);
        }
        checkout::refuse_filtered(repository, &changes)?;
        let work_tree = if target.checked_out { Some(self.work_tree_with(repository)?) } else { None };
        if let Some(work_tree) = &work_tree {
            checkout::refuse_touched(repository, work_tree, &changes)?;
        }
        let people = People::of(repository, request)?;
        let signer = Signer::of(repository, &request.consent)?;

        for content in contents {
            repository.blob(&content).attempt("write an object")?;
        }
        let tree = change::apply(repository, base_tree, &changes)?;
        let hooks = Hooks::of(repository)?;
        let message = if hooks.may_run(&request.consent) {
            run_hooks(&hooks, repository, tree, &request.message)?
        } else {
            clean_message(&request.message)?
        };
        let commit = write_object(repository, &people, signer.as_ref(), &message, tree, base)?;
        let subject = message.lines().next().unwrap_or_default();
        let initial = if base.is_none() { " (initial)" } else { "" };
        let reflog = format!("commit{initial}: {subject}");
        let reference = RefMove {
            name: &target.reference,
            expected: if is_new { None } else { base },
            new: commit,
            message: &reflog,
            attach: None,
        };
        match &work_tree {
            Some(work_tree) => pending::advance(repository, work_tree, &reference, &changes)?,
            None => reference.execute(repository)?,
        }
        let mut warnings = Vec::new();
        if hooks.may_run(&request.consent) {
            warnings.extend(hooks.run("post-commit", &[], None, "").err().map(|error| error.to_string()));
        }
        Ok(Committed {
            commit: CommitId::new(commit.to_string()),
            branch: target.branch,
            paths: changes.into_iter().map(|change| change.path).collect(),
            warnings,
        })
    }
}

/// Finds the reference that will move and checks that it may.
pub(crate) fn find_target(repository: &git2::Repository, branch: &BranchTarget) -> Result<Target, GitError> {
    let head = head_of(repository)?;
    let has_files = repository.workdir().is_some();
    let target = match branch {
        BranchTarget::Current => match &head {
            Head::Branch { name, commit } => branch_target(name, Some(object_id(commit)?), has_files),
            Head::Unborn { name } => branch_target(name, None, has_files),
            Head::Detached { commit } => Target {
                reference: "HEAD".to_owned(),
                branch: None,
                tip: Some(object_id(commit)?),
                checked_out: has_files,
            },
        },
        BranchTarget::Existing(name) => {
            let tip = repository
                .refname_to_id(&format!("refs/heads/{name}"))
                .map_err(|_| GitError::NoSuchBranch { branch: name.clone() })?;
            branch_target(name, Some(tip), has_files && head.branch() == Some(name))
        }
        BranchTarget::New(name) => {
            let valid = git2::Branch::name_is_valid(name).attempt("check a branch name")?;
            if !valid || name.starts_with('-') || name == "HEAD" {
                return Err(GitError::InvalidBranchName { name: name.clone() });
            }
            if repository.find_reference(&format!("refs/heads/{name}")).is_ok() {
                return Err(GitError::BranchExists { branch: name.clone() });
            }
            // An unborn branch of this name is what is checked out.
            branch_target(name, None, has_files && head.branch() == Some(name))
        }
    };
    if let Some(name) = &target.branch
        && let Some(worktree) = worktrees::elsewhere(repository, name)?
    {
        return Err(GitError::CheckedOutElsewhere { branch: name.clone(), worktree });
    }
    if target.checked_out
        && let Some(operation) = operation_in_progress(repository)
    {
        return Err(GitError::InProgress { operation: operation.to_owned() });
    }
    Ok(target)
}

fn branch_target(name: &str, tip: Option<Oid>, checked_out: bool) -> Target {
    Target { reference: format!("refs/heads/{name}"), branch: Some(name.to_owned()), tip, checked_out }
}

/// Turns the wanted contents into changes; contents that are there already drop out.
fn plan(
    repository: &git2::Repository,
    base: Option<Oid>,
    wanted: &BTreeMap<RepoPath, Option<Bytes>>,
) -> Result<(Vec<Change>, Vec<Vec<u8>>), GitError> {
    let mut changes = Vec::new();
    let mut contents = Vec::new();
    for (path, content) in wanted {
        let invalid =
            |reason: &str| GitError::InvalidChange { path: path.clone(), reason: reason.to_owned() };
        if path.is_root() {
            return Err(invalid("it is the root of the repository"));
        }
        if change::names_git_directory(path) {
            return Err(invalid("Git keeps `.git` for itself"));
        }
        let old = change::side_at(repository, base, path)?;
        if content.is_some() {
            check_above(repository, base, path, wanted)?;
        }
        match old.map(|side| side.kind()) {
            Some(EntryKind::Symlink) if content.is_some() => {
                return Err(invalid("it is a symbolic link; change what it points at"));
            }
            Some(EntryKind::Submodule) => return Err(invalid("it is a submodule")),
            Some(EntryKind::Directory) if content.is_none() => return Err(invalid("it is a directory")),
            Some(EntryKind::Directory) => {
                let below = wanted.iter().filter(|(other, to)| to.is_none() && other.is_inside(path)).count();
                if below == 0 {
                    return Err(invalid("it is a directory"));
                }
            }
            None if content.is_none() => return Err(invalid("there is no such file to delete")),
            _ => {}
        }
        let old = old.filter(|side| side.kind() != EntryKind::Directory);
        let new = match content {
            None => None,
            Some(content) => {
                // As `git add` would store it, or the file would show as modified at once.
                let conversion = line_endings::conversion(repository, path.as_str())?;
                let content = line_endings::to_repository(&conversion, content, || {
                    old.and_then(|side| repository.find_blob(side.id).ok())
                        .is_some_and(|blob| line_endings::is_text_with_crlf(blob.content()))
                })
                .into_owned();
                let id = Oid::hash_object(ObjectType::Blob, &content).attempt("hash a file")?;
                contents.push(content);
                Some(Side { id, mode: old.map_or(0o100_644, |side| side.mode) })
            }
        };
        if old != new {
            changes.push(Change { path: path.clone(), old, new });
        }
    }
    Ok((changes, contents))
}

/// Refuses a file below something that is no directory.
fn check_above(
    repository: &git2::Repository,
    base: Option<Oid>,
    path: &RepoPath,
    wanted: &BTreeMap<RepoPath, Option<Bytes>>,
) -> Result<(), GitError> {
    for above in path.ancestors().skip(1).filter(|above| !above.is_root()) {
        let invalid = |reason: String| Err(GitError::InvalidChange { path: path.clone(), reason });
        if matches!(wanted.get(&above), Some(Some(_))) {
            return invalid(format!("`{above}` is written as a file by the same commit"));
        }
        let Some(side) = change::side_at(repository, base, &above)? else {
            continue;
        };
        match side.kind() {
            EntryKind::Directory => return Ok(()),
            EntryKind::Symlink => {
                return invalid(format!("`{above}` is a symbolic link; change the file it leads to"));
            }
            EntryKind::Submodule => return invalid(format!("`{above}` is a submodule")),
            EntryKind::File | EntryKind::Executable => {
                if !matches!(wanted.get(&above), Some(None)) {
                    return invalid(format!("`{above}` is a file"));
                }
            }
        }
    }
    Ok(())
}

/// Author and committer.
struct People {
    author: Signature<'static>,
    committer: Signature<'static>,
}

impl People {
    fn of(repository: &git2::Repository, request: &CommitRequest) -> Result<Self, GitError> {
        let person = |person: &Person| match request.time {
            Some(time) => {
                let time = git2::Time::new(time.seconds, time.offset);
                Signature::new(&person.name, &person.email, &time).map_err(|_| GitError::NoIdentity)
            }
            None => Signature::now(&person.name, &person.email).map_err(|_| GitError::NoIdentity),
        };
        let committer = match &request.identity {
            Some(identity) => person(identity)?,
            None => repository.committer_from_env().map_err(|_| GitError::NoIdentity)?,
        };
        let author = match (&request.author, &request.identity) {
            (Some(author), _) => person(author)?,
            (None, Some(identity)) => person(identity)?,
            (None, None) => repository.author_from_env().map_err(|_| GitError::NoIdentity)?,
        };
        Ok(Self { author, committer })
    }
}

fn clean_message(message: &str) -> Result<String, GitError> {
    let message = git2::message_prettify(message.replace('\0', ""), None).attempt("clean the message")?;
    if message.trim().is_empty() { Err(GitError::EmptyMessage) } else { Ok(message) }
}

/// Runs the hooks before a commit. They see the commit in the index that `GIT_INDEX_FILE` names; the files on
/// disk follow only after the commit is made.
fn run_hooks(
    hooks: &Hooks,
    repository: &git2::Repository,
    tree: Oid,
    message: &str,
) -> Result<String, GitError> {
    let names = ["pre-commit", "prepare-commit-msg", "commit-msg"];
    let message = clean_message(message)?;
    if hooks.present(&names).is_empty() {
        return Ok(message);
    }
    let git_directory = repository.path();
    let folder = tempfile::Builder::new()
        .prefix("slipway-hooks-")
        .tempdir_in(git_directory)
        .map_err(|error| GitError::io("create a folder in", git_directory, error))?;
    let index_path = folder.path().join("index");
    let mut index = git2::Index::open(&index_path).attempt("write an index")?;
    let tree = repository.find_tree(tree).map_err(|error| missing(repository, tree, error))?;
    index.read_tree(&tree).and_then(|()| index.write()).attempt("write an index")?;
    let file = folder.path().join("COMMIT_EDITMSG");
    write(&file, &message)?;
    hooks.run("pre-commit", &[], Some(&index_path), "")?;
    let mut after = git2::Index::open(&index_path).attempt("read an index")?;
    if after.write_tree_to(repository).attempt("read an index")? != tree.id() {
        return Err(GitError::Hook {
            hook: "pre-commit".to_owned(),
            output: "it changed the files of the commit, which is not taken over".to_owned(),
        });
    }
    hooks.run("prepare-commit-msg", &[file.as_os_str(), OsStr::new("message")], Some(&index_path), "")?;
    hooks.run("commit-msg", &[file.as_os_str()], Some(&index_path), "")?;
    let message = std::fs::read_to_string(&file).map_err(|error| GitError::io("read", &file, error))?;
    clean_message(&message)
}

fn write(path: &Path, text: &str) -> Result<(), GitError> {
    std::fs::write(path, text).map_err(|error| GitError::io("write", path, error))
}

fn write_object(
    repository: &git2::Repository,
    people: &People,
    signer: Option<&Signer>,
    message: &str,
    tree: Oid,
    parent: Option<Oid>,
) -> Result<Oid, GitError> {
    let tree = repository.find_tree(tree).map_err(|error| missing(repository, tree, error))?;
    let parent = match parent {
        Some(id) => Some(repository.find_commit(id).map_err(|error| missing(repository, id, error))?),
        None => None,
    };
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let content = repository
        .commit_create_buffer(&people.author, &people.committer, message, &tree, &parents)
        .attempt("write the commit")?;
    let Some(signer) = signer else {
        let database = repository.odb().attempt("open the object database")?;
        return database.write(ObjectType::Commit, &content).attempt("write the commit");
    };
    let text = std::str::from_utf8(&content).map_err(|_| GitError::Signing {
        program: signer.program().to_owned(),
        message: "the commit is not valid UTF-8".to_owned(),
    })?;
    let committer = format!(
        "{} <{}>",
        String::from_utf8_lossy(people.committer.name_bytes()),
        String::from_utf8_lossy(people.committer.email_bytes())
    );
    let signature = signer.sign(text, &committer)?;
    repository.commit_signed(text, &signature, Some("gpgsig")).attempt("write the signed commit")
}

/// A point in time as a commit holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitTime {
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

impl From<Time> for CommitTime {
    fn from(time: Time) -> Self {
        Self { seconds: time.seconds(), offset: time.offset_minutes() }
    }
}
