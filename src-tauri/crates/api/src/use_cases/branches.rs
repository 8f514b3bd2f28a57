//! Branches: listing, switching, pulling; and who commits.

use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_git::{
    AheadBehind, Branch, BranchTarget, GitError, Head, IdentitySource, Person, Progress, Repository, SwitchTo,
};
use slipway_model::CommitId;

use crate::Api;
use crate::app::blocking;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::use_cases::repository::{info, remote_of};

/// Commits that a pull names on each side.
const NAMED: usize = 20;

/// Local branches that are compared with what they follow; a repository with more shows the rest without.
const COMPARED: usize = 200;

impl Api {
    pub(crate) async fn branches(&self, request: RepositoryRef) -> Result<BranchList, ApiError> {
        let opened = self.opened(&request.repository)?;
        blocking(move || {
            let repository = opened.workspace.repository();
            let all = repository.branches()?;
            let tips: BTreeMap<&str, &CommitId> =
                all.iter().map(|branch| (branch.name.as_str(), &branch.commit)).collect();
            let followers: BTreeMap<&str, &str> = all
                .iter()
                .filter_map(|branch| Some((branch.upstream.as_deref()?, branch.name.as_str())))
                .collect();
            let mut list = BranchList { local: Vec::new(), remote: Vec::new() };
            for branch in &all {
                let upstream = branch.upstream.as_deref().and_then(|name| tips.get(name).copied());
                let distance = match upstream {
                    Some(there) if list.local.len() < COMPARED => {
                        repository.ahead_behind(&branch.commit, there)?
                    }
                    _ => AheadBehind::default(),
                };
                let local = followers.get(branch.name.as_str()).filter(|_| branch.remote.is_some());
                let row = BranchInfo {
                    name: branch.name.clone(),
                    commit: convert::commit(&repository.commit(&branch.commit)?),
                    current: branch.is_head,
                    upstream: branch.upstream.clone(),
                    ahead: count(distance.ahead),
                    behind: count(distance.behind),
                    remote: branch.remote.clone(),
                    short: short_name(branch),
                    local: local.map(|name| (*name).to_owned()),
                };
                if branch.remote.is_none() { list.local.push(row) } else { list.remote.push(row) }
            }
            Ok(list)
        })
        .await
    }

    pub(crate) async fn branch_switch(&self, request: BranchSwitch) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let switching = opened.clone();
        blocking(move || {
            let repository = switching.workspace.repository();
            let to = match request.to {
                SwitchTarget::Branch { name } => SwitchTo::Branch { name },
                SwitchTarget::Remote { branch, name } => SwitchTo::Remote { tracking: branch, name },
                SwitchTarget::New { name } => SwitchTo::New { name },
                SwitchTarget::Commit { revision } => {
                    SwitchTo::Commit { commit: repository.resolve(&revision)? }
                }
            };
            repository.switch(&to)?;
            Ok(())
        })
        .await?;
        self.after_a_move(&opened).await
    }

    /// Fetches, then moves the branch forward. Never merges. The operation is named `fetch REPOSITORY`.
    pub(crate) async fn repository_pull(&self, request: RepositoryRef) -> Result<PullResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let operation = format!("fetch {}", opened.id);
        let cancel = self.begin(&operation);
        let (api, pulled, name) = (self.clone(), opened.clone(), operation.clone());
        let outcome = blocking(move || {
            let repository = pulled.workspace.repository();
            let (branch, upstream) = followed(repository)?;
            let remote = remote_of(repository)?
                .ok_or_else(|| error("no-remote", "the repository has no remote to fetch from"))?;
            let mut report = |progress: Progress| api.report(&name, &progress);
            repository.fetch(&remote, &api.network(), &mut report, &cancel)?;
            forward(repository, &branch, &upstream)
        })
        .await;
        self.end(&operation);
        // Also after a failure: the fetch may have moved the remote-tracking branches.
        let repository = self.after_a_move(&opened).await?;
        Ok(outcome?.result(repository))
    }

    pub(crate) async fn identity_save(&self, request: IdentitySave) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let saving = opened.clone();
        blocking(move || {
            let person = Person { name: request.name, email: request.email };
            let scope = match request.scope {
                IdentityScope::Repository => slipway_git::IdentityScope::Repository,
                IdentityScope::User => slipway_git::IdentityScope::User,
            };
            Ok(saving.workspace.repository().set_identity(&person, scope)?)
        })
        .await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }

    /// Reads the repository again after something else was checked out.
    async fn after_a_move(&self, opened: &Arc<Opened>) -> Result<RepositoryInfo, ApiError> {
        if let Err(failure) = opened.update(self).await {
            // A branch without anything to show is a state of the fleet, not a failure of the switch.
            tracing::warn!("{}: {}", opened.path.display(), failure.message);
        }
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let (opened, settings) = (opened.clone(), self.settings_now());
        blocking(move || info(&opened, &settings)).await
    }
}

/// The name of the local branch that `origin/feature/x` would become.
fn short_name(branch: &Branch) -> String {
    branch
        .remote
        .as_ref()
        .and_then(|remote| branch.name.strip_prefix(&format!("{remote}/")))
        .unwrap_or(&branch.name)
        .to_owned()
}

/// The branch that is checked out and the remote-tracking branch it follows.
fn followed(repository: &Repository) -> Result<(String, String), ApiError> {
    let name = match repository.head()? {
        Head::Branch { name, .. } => name,
        Head::Unborn { name } => return Err(GitError::NoCommit { branch: name }.into()),
        Head::Detached { .. } => {
            return Err(error("detached", "no branch is checked out, so there is nothing to pull into")
                .hint("switch to a branch first"));
        }
    };
    let upstream =
        repository.branches()?.into_iter().find(|branch| branch.is_head).and_then(|branch| branch.upstream);
    upstream.map(|upstream| (name.clone(), upstream)).ok_or_else(|| {
        error("no-upstream", format!("`{name}` follows no branch of a remote, so there is nothing to pull"))
            .hint("push it once: it then follows the branch that it is pushed to")
    })
}

/// What moving forward came to, before the repository is read again.
struct Forward {
    outcome: PullOutcome,
    message: String,
    hints: Vec<String>,
    distance: AheadBehind,
    ours: Vec<CommitInfo>,
    theirs: Vec<CommitInfo>,
    conflicts: Vec<String>,
    files: usize,
}

impl Forward {
    fn result(self, repository: RepositoryInfo) -> PullResult {
        let Self { outcome, message, hints, distance, ours, theirs, conflicts, files } = self;
        PullResult {
            outcome,
            message,
            hints,
            ahead: count(distance.ahead),
            behind: count(distance.behind),
            ours,
            theirs,
            conflicts,
            files: count(files),
            repository,
        }
    }
}

fn forward(repository: &Repository, branch: &str, upstream: &str) -> Result<Forward, ApiError> {
    let tip = |name: &str| {
        repository
            .branches()
            .map(|all| all.into_iter().find(|each| each.name == name).map(|each| each.commit))
    };
    let Some(ours) = tip(branch)? else {
        return Err(GitError::NoSuchBranch { branch: branch.to_owned() }.into());
    };
    let Some(theirs) = tip(upstream)? else {
        return Err(error(
            "upstream-gone",
            format!("`{upstream}`, which `{branch}` follows, is not on the remote any more"),
        )
        .hint("push the branch to make it again, or switch to another one"));
    };
    let distance = repository.ahead_behind(&ours, &theirs)?;
    let commits = |of: &CommitId, without: &CommitId| -> Result<Vec<CommitInfo>, ApiError> {
        let all = repository.commits_between(without, of, NAMED)?;
        Ok(all.iter().map(convert::commit).collect())
    };
    let plain = |outcome, message: String| Forward {
        outcome,
        message,
        hints: Vec::new(),
        distance,
        ours: Vec::new(),
        theirs: Vec::new(),
        conflicts: Vec::new(),
        files: 0,
    };
    let number =
        |number: usize| if number == 1 { "1 commit".to_owned() } else { format!("{number} commits") };
    match (distance.ahead, distance.behind) {
        (0, 0) => Ok(plain(PullOutcome::UpToDate, format!("`{branch}` has everything of `{upstream}`."))),
        (ahead, 0) => {
            let message = format!(
                "`{upstream}` has nothing new; {} of `{branch}` can be pushed.",
                if ahead == 1 { "1 commit".to_owned() } else { format!("{ahead} commits") }
            );
            Ok(plain(PullOutcome::UpToDate, message))
        }
        (0, behind) => {
            let came = commits(&theirs, &ours)?;
            let paths = repository.fast_forward(&BranchTarget::Current, &theirs).map_err(refused)?;
            let message = format!(
                "`{branch}` moved forward by {}; {} changed.",
                number(behind),
                if paths.len() == 1 { "1 file".to_owned() } else { format!("{} files", paths.len()) }
            );
            Ok(Forward { theirs: came, files: paths.len(), ..plain(PullOutcome::Moved, message) })
        }
        (ahead, behind) => {
            let conflicts: Vec<String> =
                repository.merge_conflicts(&ours, &theirs)?.iter().map(ToString::to_string).collect();
            let advice = if conflicts.is_empty() {
                "a merge or rebase would go without conflicts: `git pull --rebase` puts your commits on top"
                    .to_owned()
            } else {
                let shown = conflicts.iter().take(5).map(|path| format!("`{path}`")).collect::<Vec<_>>();
                let more = conflicts.len().saturating_sub(shown.len());
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!(
                    "both changed {}{more} in the same place: merge with `git pull` in a terminal and solve them there",
                    shown.join(", ")
                )
            };
            let message = format!(
                "`{branch}` and `{upstream}` have diverged: {} here, {} there. Slipway only moves forward; \
                 nothing was changed.",
                number(ahead),
                number(behind)
            );
            Ok(Forward {
                hints: vec![
                    advice,
                    "or keep your commits on a branch of their own: create one here, then switch back and undo"
                        .to_owned(),
                ],
                ours: commits(&ours, &theirs)?,
                theirs: commits(&theirs, &ours)?,
                conflicts,
                ..plain(PullOutcome::Diverged, message)
            })
        }
    }
}

/// What keeps a branch from moving forward, with the advice for a pull.
fn refused(failure: GitError) -> ApiError {
    let lost = matches!(failure, GitError::UncommittedChanges { .. });
    let mut converted = ApiError::from(failure);
    if lost {
        converted.code = "would-be-lost".to_owned();
        converted.message =
            format!("the commits are fetched, but moving forward would overwrite {}", converted.message);
        converted.hints = vec!["commit them, or put them aside with `git stash`, then pull again".to_owned()];
    }
    converted
}

/// The person that a commit in a repository would be made by.
pub(crate) fn identity(
    repository: &Repository,
    settings: &slipway_store::Settings,
) -> Result<Option<IdentityInfo>, ApiError> {
    if let Some((person, source)) = repository.identity()? {
        let source = match source {
            IdentitySource::Repository => "repository",
            IdentitySource::User => "user",
            IdentitySource::Environment => "environment",
        };
        return Ok(Some(IdentityInfo { name: person.name, email: person.email, source: source.to_owned() }));
    }
    Ok(match (&settings.identity.name, &settings.identity.email) {
        (Some(name), Some(email)) => {
            Some(IdentityInfo { name: name.clone(), email: email.clone(), source: "settings".to_owned() })
        }
        _ => None,
    })
}
