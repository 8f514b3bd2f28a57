//! Fetching, and pushing without force.

use git2::{BranchType, Oid};
use serde::{Deserialize, Serialize};
use slipway_model::{CommitId, Problem};

use crate::error::{Attempt, GitError};
use crate::history::{self, CommitInfo};
use crate::hooks::{Hooks, PUSH_HOOK};
use crate::remotes::{RemoteData, tracking_name};
use crate::repository::Repository;
use crate::settings;
use crate::transport::installed::Answer;
use crate::transport::{Cancel, Network, ProgressSink, Transport, builtin, installed, url};

/// As many of the commits that moved a branch as are named.
const NAMED_COMMITS: usize = 50;

/// A reference that a fetch moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefUpdate {
    /// `origin/main`, or the name of a tag.
    pub name: String,
    /// Where it was; `None` for a new one.
    pub old: Option<CommitId>,
    /// Where it is; `None` where it is gone.
    pub new: Option<CommitId>,
}

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PushOutcome {
    /// The remote branch is at this commit now.
    Pushed {
        /// The commit.
        commit: CommitId,
    },
    /// The remote branch had the commit already.
    UpToDate,
    /// The remote branch has commits that are not here. Nothing was overwritten.
    Moved {
        /// Where the remote branch is.
        tip: CommitId,
        /// The commits that are not here, newest first, at most 50.
        theirs: Vec<CommitInfo>,
    },
    /// The server refused: a protected branch, a hook.
    Refused {
        /// What it said.
        reason: String,
    },
}

impl Repository {
    /// Fetches a remote's branches and the tags on them, and moves the remote-tracking branches. Neither files nor
    /// local branches change.
    ///
    /// # Errors
    /// When there is no such remote, its address is refused, the server cannot be reached or wants other
    /// credentials, its host key is not known, or the user stopped it.
    pub fn fetch(
        &self,
        remote: &str,
        network: &Network,
        report: ProgressSink<'_>,
        cancel: &Cancel,
    ) -> Result<Vec<RefUpdate>, GitError> {
        self.handles.with(|repository| {
            let remote = RemoteData::of(repository, remote)?;
            fetch_into(repository, &remote, network, report, cancel)
        })
    }

    /// Pushes a local branch to the branch it follows on the remote, or to one of its own name. Never by force.
    ///
    /// # Errors
    /// As [`Repository::fetch`]; [`GitError::NoSuchBranch`]; [`GitError::Hook`] where a `pre-push` hook that may
    /// run stops it. That the remote branch moved or the server refused is no error but an outcome.
    pub fn push(
        &self,
        remote: &str,
        branch: &str,
        network: &Network,
        report: ProgressSink<'_>,
        cancel: &Cancel,
    ) -> Result<PushOutcome, GitError> {
        self.handles.with(|repository| {
            let remote = RemoteData::of(repository, remote)?;
            let local = format!("refs/heads/{branch}");
            let commit = repository
                .refname_to_id(&local)
                .map_err(|_| GitError::NoSuchBranch { branch: branch.to_owned() })?;
            let target = branch_on_remote(repository, &remote.name, branch);
            run_hook(repository, &remote, (&local, commit, &target), network)?;
            let answer = match &network.transport {
                Transport::InstalledGit { path, .. } => {
                    installed::push(path, repository, &remote, (commit, &target), network, report, cancel)?
                }
                Transport::BuiltIn => {
                    builtin::push(repository, &remote, (branch, &target), network, report, cancel)?
                }
            };
            match answer {
                Answer::Accepted | Answer::UpToDate => {
                    if let Some(name) = tracking_name(&remote, &target) {
                        let message = format!("update by push to {}", remote.name);
                        repository
                            .reference(&name, commit, true, &message)
                            .attempt("move a remote-tracking branch")?;
                    }
                    if matches!(answer, Answer::UpToDate) {
                        return Ok(PushOutcome::UpToDate);
                    }
                    Ok(PushOutcome::Pushed { commit: CommitId::new(commit.to_string()) })
                }
                Answer::Refused(reason) => Ok(PushOutcome::Refused { reason }),
                Answer::NotFastForward => {
                    fetch_into(repository, &remote, network, &mut |_| {}, cancel)?;
                    what_moved(repository, &remote, commit, &target)
                }
            }
        })
    }

    /// Lets a local branch follow a remote-tracking branch (`origin/main`).
    ///
    /// # Errors
    /// When one of them does not exist.
    pub fn set_upstream(&self, branch: &str, upstream: &str) -> Result<(), GitError> {
        self.handles.with(|repository| {
            let absent = |name: &str| GitError::NoSuchBranch { branch: name.to_owned() };
            let mut local = repository.find_branch(branch, BranchType::Local).map_err(|_| absent(branch))?;
            repository.find_branch(upstream, BranchType::Remote).map_err(|_| absent(upstream))?;
            local.set_upstream(Some(upstream)).attempt("set the upstream")
        })
    }

    /// Which settings of the repository itself a fetch or push will not use, because they could start programs or
    /// lead elsewhere.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn network_preflight(&self, remote: &str) -> Result<Vec<Problem>, GitError> {
        self.handles.with(|repository| {
            let config = settings::of(repository)?;
            let mut names = Vec::new();
            let entries = config.entries(None).attempt("read the configuration")?;
            entries
                .for_each(|entry| {
                    let own = matches!(entry.level(), git2::ConfigLevel::Local | git2::ConfigLevel::Worktree);
                    if let (true, Ok(name)) = (own, entry.name())
                        && is_left_out(name, remote)
                    {
                        names.push(name.to_owned());
                    }
                })
                .attempt("read the configuration")?;
            names.sort();
            names.dedup();
            Ok(names
                .into_iter()
                .map(|name| {
                    Problem::warning(
                        "repository-setting-not-used",
                        format!("the repository's own setting `{name}` is not used to fetch and push"),
                    )
                    .hint(format!("`git config --global {name} VALUE` makes it your own"))
                })
                .collect())
        })
    }
}

fn is_left_out(name: &str, remote: &str) -> bool {
    let of_remote = name.strip_prefix(&format!("remote.{remote}."));
    matches!(name, "core.sshcommand" | "core.gitproxy" | "core.askpass" | "ssh.variant")
        || name.starts_with("credential.")
        || name.starts_with("http.")
        || name.starts_with("https.")
        || name.starts_with("protocol.")
        || matches!(
            of_remote,
            Some("uploadpack" | "receivepack" | "vcs" | "proxy" | "proxyauthmethod" | "mirror")
        )
}

fn fetch_into(
    repository: &git2::Repository,
    remote: &RemoteData,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Vec<RefUpdate>, GitError> {
    let before = tracking(repository)?;
    match &network.transport {
        Transport::InstalledGit { path, .. } => {
            let moved = installed::fetch(path, repository, remote, network, report, cancel)?;
            installed::take_over(repository, &remote.name, &moved)?;
        }
        Transport::BuiltIn => builtin::fetch(repository, remote, network, report, cancel)?,
    }
    let after = tracking(repository)?;
    let id = |id: &Oid| CommitId::new(id.to_string());
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    Ok(names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| RefUpdate {
            name: name.trim_start_matches("refs/remotes/").trim_start_matches("refs/tags/").to_owned(),
            old: before.get(name).map(id),
            new: after.get(name).map(id),
        })
        .collect())
}

/// The remote-tracking branches and tags.
fn tracking(repository: &git2::Repository) -> Result<std::collections::BTreeMap<String, Oid>, GitError> {
    let mut all = std::collections::BTreeMap::new();
    for reference in repository.references().attempt("list the references")? {
        let reference = reference.attempt("list the references")?;
        if let (Ok(name), Some(id)) = (reference.name(), reference.target())
            && (name.starts_with("refs/remotes/") || name.starts_with("refs/tags/"))
        {
            all.insert(name.to_owned(), id);
        }
    }
    Ok(all)
}

/// The branch of the remote that a local branch follows, or its own name.
fn branch_on_remote(repository: &git2::Repository, remote: &str, branch: &str) -> String {
    let local = format!("refs/heads/{branch}");
    let follows = repository.branch_upstream_remote(&local).is_ok_and(|name| name.as_str() == Ok(remote));
    let merges = repository.branch_upstream_merge(&local).ok().and_then(|name| {
        name.as_str().ok().and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned)
    });
    merges.filter(|_| follows).unwrap_or_else(|| branch.to_owned())
}

fn run_hook(
    repository: &git2::Repository,
    remote: &RemoteData,
    (local, commit, target): (&str, Oid, &str),
    network: &Network,
) -> Result<(), GitError> {
    let hooks = Hooks::of(repository)?;
    if !hooks.may_run(&network.consent) {
        return Ok(());
    }
    let there = tracking_name(remote, target)
        .and_then(|name| repository.refname_to_id(&name).ok())
        .unwrap_or(Oid::ZERO_SHA1);
    let shown = url::without_credentials(&remote.push_url);
    let input = format!("{local} {commit} refs/heads/{target} {there}\n");
    hooks.run(PUSH_HOOK, &[remote.name.as_ref(), shown.as_ref()], None, &input)
}

/// The commits of the remote branch that the pushed one does not contain.
fn what_moved(
    repository: &git2::Repository,
    remote: &RemoteData,
    ours: Oid,
    branch: &str,
) -> Result<PushOutcome, GitError> {
    let tip = tracking_name(remote, branch).and_then(|name| repository.refname_to_id(&name).ok());
    let Some(tip) = tip else {
        return Ok(PushOutcome::Refused {
            reason: format!("`{branch}` on `{}` has commits that are not here", remote.name),
        });
    };
    let theirs = history::between(repository, ours, tip, NAMED_COMMITS)?;
    Ok(PushOutcome::Moved { tip: CommitId::new(tip.to_string()), theirs })
}
