//! Why something that was asked of a repository was not done.

use std::path::{Path, PathBuf};

use slipway_model::{CommitId, RepoPath};

/// Why a Git operation failed. Advice is in [`GitError::hints`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no such directory.
    #[error("there is no directory `{}`", .path.display())]
    NoSuchDirectory {
        /// What was asked for.
        path: PathBuf,
    },
    /// Neither the directory nor one above it is a Git repository.
    #[error("`{}` is not in a Git repository", .path.display())]
    NotARepository {
        /// What was asked for.
        path: PathBuf,
    },
    /// The repository has no working directory and the operation needs one.
    #[error("`{}` is a bare repository: it has no working directory", .path.display())]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// The repository belongs to another user of the machine (Git's `safe.directory` rule).
    #[error("the repository `{}` belongs to another user, so its settings are not trusted", .path.display())]
    UnsafeOwnership {
        /// The repository.
        path: PathBuf,
    },
    /// The repository uses a format that is not read.
    #[error("the repository `{}` uses a format that is not supported: {detail}", .path.display())]
    UnsupportedFormat {
        /// The repository.
        path: PathBuf,
        /// What is not supported.
        detail: String,
    },
    /// The branch has no commit yet.
    #[error("the branch `{branch}` has no commit yet")]
    NoCommit {
        /// The branch.
        branch: String,
    },
    /// Nothing in the repository has this name.
    #[error("`{revision}` is no branch, tag or commit of this repository")]
    UnknownRevision {
        /// What was asked for.
        revision: String,
    },
    /// An abbreviated id matches several objects.
    #[error("`{revision}` is ambiguous: several objects begin with it")]
    AmbiguousRevision {
        /// What was asked for.
        revision: String,
    },
    /// The object is not in this (partial or shallow) repository.
    #[error("the object {id} is not in this repository")]
    MissingObject {
        /// The object.
        id: String,
        /// Why objects can be missing here.
        partial: bool,
    },
    /// The branch moved since it was looked at.
    #[error("`{branch}` moved from {expected} to {actual}")]
    TipMoved {
        /// The branch.
        branch: String,
        /// Where it was expected.
        expected: String,
        /// Where it is.
        actual: String,
    },
    /// Files that would be written have changes of their own.
    #[error("uncommitted changes in {}", list_paths(.paths))]
    UncommittedChanges {
        /// The files.
        paths: Vec<RepoPath>,
    },
    /// Files have changes of their own that checking out something else would overwrite.
    #[error("switching to `{target}` would overwrite uncommitted changes in {}", list_paths(.paths))]
    WouldBeLost {
        /// What was to be checked out.
        target: String,
        /// The files.
        paths: Vec<RepoPath>,
    },
    /// The branch is checked out in another worktree.
    #[error("`{branch}` is checked out in the worktree `{}`", .worktree.display())]
    CheckedOutElsewhere {
        /// The branch.
        branch: String,
        /// The other worktree.
        worktree: PathBuf,
    },
    /// A merge, rebase or similar is not finished.
    #[error("a {operation} is in progress")]
    InProgress {
        /// What is in progress.
        operation: String,
    },
    /// There is no such branch.
    #[error("there is no branch `{branch}`")]
    NoSuchBranch {
        /// The branch.
        branch: String,
    },
    /// The branch to be created is there.
    #[error("there is a branch `{branch}` already")]
    BranchExists {
        /// The branch.
        branch: String,
    },
    /// Git does not allow the name.
    #[error("`{name}` is no valid branch name")]
    InvalidBranchName {
        /// The name.
        name: String,
    },
    /// The commit would change nothing.
    #[error("the changes leave every file as it is")]
    NothingToCommit,
    /// A change cannot be made.
    #[error("cannot change `{path}`: {reason}")]
    InvalidChange {
        /// The file.
        path: RepoPath,
        /// Why.
        reason: String,
    },
    /// The file is stored through a filter program that Slipway does not run.
    #[error("`{path}` is stored through the filter `{filter}`, which is not run")]
    Filtered {
        /// The file.
        path: RepoPath,
        /// The name of the filter, from `.gitattributes`.
        filter: String,
    },
    /// A commit needs a message.
    #[error("the commit message is empty")]
    EmptyMessage,
    /// Nobody is configured as the author.
    #[error("no author is known: `user.name` and `user.email` are not set")]
    NoIdentity,
    /// The name or the mail address cannot be written.
    #[error("this name and mail address cannot be used: {reason}")]
    InvalidIdentity {
        /// Why.
        reason: String,
    },
    /// Signing the commit failed; nothing was written.
    #[error("signing with `{program}` failed: {message}")]
    Signing {
        /// The program.
        program: String,
        /// What it said.
        message: String,
    },
    /// A hook stopped the operation.
    #[error("the hook `{hook}` stopped this: {output}")]
    Hook {
        /// The name of the hook.
        hook: String,
        /// What it printed.
        output: String,
    },
    /// The index cannot be read.
    #[error("the index of `{}` cannot be read: {detail}", .path.display())]
    UnsupportedIndex {
        /// The repository.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// Another Git process holds the index.
    #[error("another Git process is at work: `{}` exists", .path.display())]
    IndexLocked {
        /// The lock file.
        path: PathBuf,
    },
    /// Only the newest commit of a branch can be undone.
    #[error("{commit} is not the newest commit of `{branch}`")]
    NotTheTip {
        /// The commit.
        commit: String,
        /// The branch.
        branch: String,
    },
    /// The commit is on a remote.
    #[error("{commit} is on `{remote_branch}` already")]
    AlreadyPushed {
        /// The commit.
        commit: String,
        /// The remote-tracking branch that holds it.
        remote_branch: String,
    },
    /// The commit is a merge or has no parent.
    #[error("{commit} cannot be undone: {reason}")]
    CannotUndo {
        /// The commit.
        commit: String,
        /// Why.
        reason: String,
    },
    /// The branch has commits of its own, so it cannot be moved forward without a merge.
    #[error("`{branch}` has commits that {target} does not have")]
    Diverged {
        /// The branch.
        branch: String,
        /// The commit it should move to.
        target: String,
    },
    /// The content is not text, so it cannot be written as a patch.
    #[error("`{path}` is binary and cannot be written as a patch")]
    Binary {
        /// The file.
        path: RepoPath,
    },
    /// There is no such remote.
    #[error("there is no remote `{remote}`")]
    NoSuchRemote {
        /// The name.
        remote: String,
    },
    /// The address is not one that is spoken to.
    #[error("`{url}` is refused: {reason}")]
    RefusedUrl {
        /// The address, without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server wants other credentials.
    #[error("`{url}` did not accept the credentials: {detail}")]
    Authentication {
        /// The address, without credentials.
        url: String,
        /// What the server or the transport said.
        detail: String,
        /// What was tried and what can be done.
        hints: Vec<String>,
    },
    /// The server's host key is not known.
    #[error("the host key of `{host}` is not known: {key_type} {fingerprint}")]
    UnknownHostKey {
        /// The host, with its port unless it is 22, as in `known_hosts`.
        host: String,
        /// The type of the key.
        key_type: String,
        /// `SHA256:…`, as `ssh` prints it.
        fingerprint: String,
        /// The line to add to `known_hosts` once the fingerprint is checked; empty where it is not known.
        line: String,
    },
    /// The server's host key is another than the known one.
    #[error("the host key of `{host}` changed: it is now {key_type} {fingerprint}")]
    ChangedHostKey {
        /// The host.
        host: String,
        /// The type of the key.
        key_type: String,
        /// `SHA256:…`.
        fingerprint: String,
    },
    /// The server or the way there failed.
    #[error("`{url}`: {message}")]
    Network {
        /// The address, without credentials.
        url: String,
        /// What was said.
        message: String,
    },
    /// A file of the working directory is not what the snapshot saw.
    #[error("`{path}` changed while it was read")]
    Changed {
        /// The file.
        path: RepoPath,
    },
    /// The user stopped it.
    #[error("cancelled")]
    Cancelled,
    /// Something is where a clone should go.
    #[error("`{}` exists and is not an empty directory", .path.display())]
    DestinationExists {
        /// The destination.
        path: PathBuf,
    },
    /// A program could not be started.
    #[error("cannot run `{program}`")]
    Program {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`", .path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Reading or writing Git's data failed.
    #[error("cannot {action}")]
    Git {
        /// What was attempted.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: git2::Error,
    },
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |each: char| each.is_ascii_alphanumeric() || "/._-".contains(each);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn list_paths(paths: &[RepoPath]) -> String {
    const SHOWN: usize = 10;
    let mut text: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    if paths.len() > SHOWN {
        text.push(format!("{} more", paths.len() - SHOWN));
    }
    text.join(", ")
}

/// What can be done where `git` reached nothing, from what it and the libraries below it say.
fn network_hints(message: &str) -> Vec<String> {
    let has = |text: &str| message.contains(text);
    let hint = if has("certificate") {
        "where the server has a certificate of your own authority, add that to the system's certificates, or name its \
         file: `git config --global http.sslCAInfo FILE`"
    } else if has("CONNECT tunnel failed") || has("proxy") {
        "see which proxy is meant by `HTTPS_PROXY`, `NO_PROXY` and `git config http.proxy`"
    } else if has("Could not resolve host") {
        "see whether the host is written correctly, and whether you are online"
    } else if has("Connection refused") || has("Failed to connect") || has("Could not connect") {
        "see whether the server runs, and whether a proxy is needed (`HTTPS_PROXY`, `NO_PROXY`)"
    } else {
        return Vec::new();
    };
    vec![hint.to_owned()]
}

impl GitError {
    /// What the user can do about it; may be empty.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NoSuchDirectory { .. } => {
                return vec![
                    "look for a mistake in the path; a drive or a network folder may have to be mounted first".to_owned(),
                    "clone the repository where it is not on this machine yet".to_owned(),
                ];
            }
            Self::NotARepository { .. } => {
                return vec![
                    "open the folder of a clone, or one inside it".to_owned(),
                    "`git init` makes a repository of the files in this one".to_owned(),
                ];
            }
            Self::UnsafeOwnership { path } => {
                return vec![
                    format!(
                        "`git config --global --add safe.directory {}` trusts it, if you know whose it is",
                        quoted(path)
                    ),
                    "or clone it anew as yourself".to_owned(),
                ];
            }
            Self::Changed { .. } => "read the working directory again".to_owned(),
            Self::NoCommit { .. } => "make a first commit, or push one to it".to_owned(),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                "the file or its folder may not be read or written by you; ask its owner".to_owned()
            }
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
                "the drive is mounted for reading only; clone the repository elsewhere".to_owned()
            }
            Self::MissingObject { partial: true, .. } => {
                "this is a partial clone: `git fetch --refetch --no-filter` brings all objects".to_owned()
            }
            Self::TipMoved { .. } => "plan again on the new commits".to_owned(),
            Self::UncommittedChanges { .. } => {
                "commit or stash them, or write to a new branch or a patch file".to_owned()
            }
            Self::WouldBeLost { .. } => {
                "commit them, put them aside with `git stash`, or discard them; nothing was changed"
                    .to_owned()
            }
            Self::CheckedOutElsewhere { worktree, .. } => {
                format!("open `{}` to commit there, or write to a new branch", worktree.display())
            }
            Self::InProgress { operation } => {
                format!("finish or abort the {operation} first, or write to a new branch")
            }
            Self::NoIdentity => {
                "`git config --global user.name NAME` and `git config --global user.email ADDRESS`".to_owned()
            }
            Self::Signing { .. } => {
                "check `user.signingKey` and `gpg.format`, or unset `commit.gpgSign`".to_owned()
            }
            Self::UnsupportedIndex { .. } => {
                "`git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index` \
                 write an index that can be read"
                    .to_owned()
            }
            Self::IndexLocked { path } => {
                format!("wait for it to end; if none runs, remove `{}`", path.display())
            }
            Self::AlreadyPushed { .. } => "write a commit that reverts it".to_owned(),
            Self::Diverged { .. } => "merge or rebase with `git pull`".to_owned(),
            Self::Filtered { .. } => "change the file with `git` itself".to_owned(),
            Self::Authentication { hints, .. } => return hints.clone(),
            Self::Network { message, .. } => return network_hints(message),
            Self::UnknownHostKey { line, .. } if !line.is_empty() => {
                format!(
                    "compare the fingerprint with the one the host publishes, then add to ~/.ssh/known_hosts: {line}"
                )
            }
            Self::UnknownHostKey { host, .. } => {
                format!("connect once with `ssh` to `{host}` and compare the fingerprint")
            }
            Self::ChangedHostKey { host, .. } => format!(
                "somebody may be listening; if the host really has a new key, `ssh-keygen -R '{host}'` forgets the old one"
            ),
            _ => return Vec::new(),
        };
        vec![hint]
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn unknown(commit: &CommitId) -> Self {
        Self::UnknownRevision { revision: commit.to_string() }
    }
}

/// Names what was attempted when libgit2 fails.
pub(crate) trait Attempt<T> {
    fn attempt(self, action: &'static str) -> Result<T, GitError>;
}

impl<T> Attempt<T> for Result<T, git2::Error> {
    fn attempt(self, action: &'static str) -> Result<T, GitError> {
        self.map_err(|source| GitError::Git { action, source })
    }
}

#[cfg(test)]
mod tests {
    use super::network_hints;

    #[test]
    fn what_git_says_of_a_network_has_a_way_on() {
        for (message, hint) in [
            ("server certificate verification failed. CAfile: none CRLfile: none", "http.sslCAInfo"),
            ("SSL certificate problem: unable to get local issuer certificate", "http.sslCAInfo"),
            ("CONNECT tunnel failed, response 502", "http.proxy"),
            ("Could not resolve proxy: proxy.corp", "http.proxy"),
            ("Could not resolve host: git.example", "online"),
            ("Failed to connect to git.example port 443: Connection refused", "NO_PROXY"),
        ] {
            assert!(network_hints(message)[0].contains(hint), "{message}");
        }
        assert!(network_hints("the remote end hung up").is_empty());
    }
}
