//! An opened repository: where it is, what it points at, and how to get its trees.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{BranchType, ErrorClass, ErrorCode, ObjectType, Oid, RepositoryOpenFlags};
use serde::{Deserialize, Serialize};
use slipway_model::CommitId;

use crate::commit_tree::{self, CommitTree};
use crate::error::{Attempt, GitError};
use crate::handles::{self, Handles};
use crate::pending;
use crate::transport::url;
use crate::work_tree::{Memory, WorkTree};

/// A Git repository on disk. Clones share their handles; all methods may be called from several threads.
#[derive(Clone)]
pub struct Repository {
    pub(crate) handles: Arc<Handles>,
    git_directory: PathBuf,
    common_directory: PathBuf,
    work_directory: Option<PathBuf>,
    /// What looks at the working directory found.
    pub(crate) memory: Arc<Memory>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Repository")
            .field("git_directory", &self.git_directory)
            .finish_non_exhaustive()
    }
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Head {
    /// A branch with a commit.
    Branch {
        /// Its name without `refs/heads/`.
        name: String,
        /// Its newest commit.
        commit: CommitId,
    },
    /// A commit without a branch.
    Detached {
        /// The commit.
        commit: CommitId,
    },
    /// A branch that has no commit yet.
    Unborn {
        /// Its name without `refs/heads/`.
        name: String,
    },
}

impl Head {
    /// The commit, where there is one.
    #[must_use]
    pub fn commit(&self) -> Option<&CommitId> {
        match self {
            Self::Branch { commit, .. } | Self::Detached { commit } => Some(commit),
            Self::Unborn { .. } => None,
        }
    }

    /// The branch, unless the head is detached.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        match self {
            Self::Branch { name, .. } | Self::Unborn { name } => Some(name),
            Self::Detached { .. } => None,
        }
    }
}

/// A branch, local or remote-tracking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// `main`, or `origin/main` for a remote-tracking branch.
    pub name: String,
    /// Its newest commit.
    pub commit: CommitId,
    /// The remote that a remote-tracking branch mirrors.
    pub remote: Option<String>,
    /// The remote-tracking branch that a local branch follows: `origin/main`.
    pub upstream: Option<String>,
    /// Whether it is checked out here.
    pub is_head: bool,
}

/// A remote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// `origin`.
    pub name: String,
    /// Where it is fetched from, after `url.*.insteadOf`, without credentials.
    pub url: String,
    /// Where it is pushed to, after `url.*.pushInsteadOf`, without credentials.
    pub push_url: String,
}

impl Repository {
    /// Opens the repository that holds `path`, looking upward. A repository without a commit opens; a bare
    /// one opens without a working directory.
    ///
    /// # Errors
    /// When there is no such directory, it is in no repository, the repository belongs to another user
    /// (Git's `safe.directory` rule) or has a format that is not read. Also when a write that was interrupted
    /// cannot be completed.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        // Whoever reads the error, or is told to type a command, is somewhere else.
        let absolute = std::path::absolute(path).map_err(|error| GitError::io("open", path, error))?;
        let path = absolute.as_path();
        let start = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => path,
            Ok(_) => path.parent().unwrap_or(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(GitError::NoSuchDirectory { path: path.to_owned() });
            }
            Err(error) => return Err(GitError::io("open", path, error)),
        };
        let handle = handles::open(start, RepositoryOpenFlags::empty())?;
        Self::from_handle(handle)
    }

    /// Creates a repository with the branch `main` and opens it.
    ///
    /// # Errors
    /// When the directory cannot be created or written.
    pub fn init(path: &Path) -> Result<Self, GitError> {
        handles::prepare_library();
        let mut options = git2::RepositoryInitOptions::new();
        // Templates of the user may hold hooks; a repository made here begins without any.
        options.initial_head("main").mkpath(true).external_template(false);
        let handle = git2::Repository::init_opts(path, &options).attempt("create the repository")?;
        crate::settings::follow_environment(&handle)?;
        Self::from_handle(handle)
    }

    fn from_handle(handle: git2::Repository) -> Result<Self, GitError> {
        let git_directory = handle.path().to_owned();
        let common_directory = handle.commondir().to_owned();
        let work_directory = handle.workdir().map(Path::to_owned);
        let opened = work_directory.clone().unwrap_or_else(|| git_directory.clone());
        let handles = Arc::new(Handles::new(opened, handle));
        let repository =
            Self { handles, git_directory, common_directory, work_directory, memory: Arc::default() };
        repository.recover()?;
        Ok(repository)
    }

    /// The working directory; `None` for a bare repository.
    #[must_use]
    pub fn work_directory(&self) -> Option<&Path> {
        self.work_directory.as_deref()
    }

    /// The Git directory: `.git`, or `.git/worktrees/NAME` in a linked worktree.
    #[must_use]
    pub fn git_directory(&self) -> &Path {
        &self.git_directory
    }

    /// The Git directory that all worktrees share.
    #[must_use]
    pub fn common_directory(&self) -> &Path {
        &self.common_directory
    }

    pub(crate) fn require_work_directory(&self) -> Result<&Path, GitError> {
        self.work_directory().ok_or_else(|| GitError::Bare { path: self.git_directory.clone() })
    }

    /// What is checked out.
    ///
    /// # Errors
    /// When `HEAD` cannot be read.
    pub fn head(&self) -> Result<Head, GitError> {
        self.handles.with(head_of)
    }

    /// The local and the remote-tracking branches, sorted by name, local ones first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn branches(&self) -> Result<Vec<Branch>, GitError> {
        self.handles.with(|repository| {
            let mut local = Vec::new();
            let mut tracking = Vec::new();
            for entry in repository.branches(None).attempt("list the branches")? {
                let (branch, kind) = entry.attempt("list the branches")?;
                let name =
                    String::from_utf8_lossy(branch.name_bytes().attempt("read a branch")?).into_owned();
                // `origin/HEAD` only points at another branch; a dangling one is no branch.
                if branch.get().kind() == Some(git2::ReferenceType::Symbolic) {
                    continue;
                }
                let Some(commit) = branch.get().target() else {
                    continue;
                };
                let commit = CommitId::new(commit.to_string());
                if kind == BranchType::Local {
                    let upstream =
                        branch.upstream().ok().and_then(|each| each.name().ok().flatten().map(str::to_owned));
                    let is_head = branch.is_head();
                    local.push(Branch { name, commit, remote: None, upstream, is_head });
                } else {
                    let full = branch.get().name().unwrap_or_default().to_owned();
                    let remote = repository
                        .branch_remote_name(&full)
                        .ok()
                        .and_then(|buffer| buffer.as_str().map(str::to_owned).ok());
                    tracking.push(Branch { name, commit, remote, upstream: None, is_head: false });
                }
            }
            local.sort_by(|left, right| left.name.cmp(&right.name));
            tracking.sort_by(|left, right| left.name.cmp(&right.name));
            local.extend(tracking);
            Ok(local)
        })
    }

    /// The remotes, sorted by name.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn remotes(&self) -> Result<Vec<Remote>, GitError> {
        self.handles.with(|repository| {
            let names = repository.remotes().attempt("list the remotes")?;
            let mut remotes = Vec::new();
            for name in names.iter().filter_map(|name| name.ok().flatten()) {
                let remote = repository.find_remote(name).attempt("read a remote")?;
                let fetch = String::from_utf8_lossy(remote.url_bytes()).into_owned();
                let push = remote.pushurl_bytes().map(|url| String::from_utf8_lossy(url).into_owned());
                remotes.push(Remote {
                    name: name.to_owned(),
                    push_url: url::without_credentials(push.as_deref().unwrap_or(&fetch)),
                    url: url::without_credentials(&fetch),
                });
            }
            remotes.sort_by(|left, right| left.name.cmp(&right.name));
            Ok(remotes)
        })
    }

    /// Finds the commit that a revision names: a branch, a tag, an id or its beginning, `HEAD~2`.
    ///
    /// # Errors
    /// When nothing, several objects, or no commit has this name.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        self.handles.with(|repository| {
            let unknown = || GitError::UnknownRevision { revision: revision.to_owned() };
            if revision.is_empty() || revision.contains('\0') {
                return Err(unknown());
            }
            let object = repository.revparse_single(revision).map_err(|error| match error.code() {
                ErrorCode::Ambiguous => GitError::AmbiguousRevision { revision: revision.to_owned() },
                ErrorCode::NotFound if revision == "HEAD" => head_of(repository)
                    .ok()
                    .and_then(|head| match head {
                        Head::Unborn { name } => Some(GitError::NoCommit { branch: name }),
                        _ => None,
                    })
                    .unwrap_or_else(unknown),
                ErrorCode::NotFound | ErrorCode::InvalidSpec => unknown(),
                _ if matches!(error.class(), ErrorClass::Reference | ErrorClass::Invalid) => unknown(),
                _ => GitError::Git { action: "resolve the revision", source: error },
            })?;
            let commit = object.peel(ObjectType::Commit).map_err(|_| unknown())?;
            Ok(CommitId::new(commit.id().to_string()))
        })
    }

    /// The tree of a commit, read from Git's objects.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn tree(&self, commit: &CommitId) -> Result<CommitTree, GitError> {
        let root = self.handles.with(|repository| commit_tree::tree_of(repository, object_id(commit)?))?;
        Ok(CommitTree::new(Arc::clone(&self.handles), root))
    }

    /// The working directory with its uncommitted changes, as it is now.
    ///
    /// # Errors
    /// When the repository is bare or its index is damaged.
    pub fn work_tree(&self) -> Result<WorkTree, GitError> {
        self.handles.with(|repository| self.work_tree_with(repository))
    }

    pub(crate) fn work_tree_with(&self, repository: &git2::Repository) -> Result<WorkTree, GitError> {
        let root = self.require_work_directory()?.to_owned();
        WorkTree::new(Arc::clone(&self.handles), root, &self.memory, repository)
    }

    /// Completes or drops a write that a crash interrupted.
    pub(crate) fn recover(&self) -> Result<(), GitError> {
        self.handles.with(|repository| pending::recover(repository, || self.work_tree_with(repository)))
    }
}

/// What `HEAD` is.
pub(crate) fn head_of(repository: &git2::Repository) -> Result<Head, GitError> {
    let head = repository.find_reference("HEAD").attempt("read HEAD")?;
    let Some(target) = head.symbolic_target_bytes() else {
        let commit = head.target().map(|id| CommitId::new(id.to_string()));
        return commit.map(|commit| Head::Detached { commit }).ok_or_else(|| GitError::Git {
            action: "read HEAD",
            source: git2::Error::from_str("it names neither a branch nor a commit"),
        });
    };
    let target = String::from_utf8_lossy(target).into_owned();
    let name = target.strip_prefix("refs/heads/").unwrap_or(&target).to_owned();
    match repository.refname_to_id(&target) {
        Ok(commit) => Ok(Head::Branch { name, commit: CommitId::new(commit.to_string()) }),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Head::Unborn { name }),
        Err(source) => Err(GitError::Git { action: "read HEAD", source }),
    }
}

/// Reads a full id.
pub(crate) fn object_id(commit: &CommitId) -> Result<Oid, GitError> {
    let text = commit.as_str();
    if text.len() != 40 {
        return Err(GitError::unknown(commit));
    }
    Oid::from_str(text).map_err(|_| GitError::unknown(commit))
}
