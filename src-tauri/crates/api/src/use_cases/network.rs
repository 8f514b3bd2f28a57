//! Clone, fetch and push.

use std::path::Path;
use std::sync::PoisonError;

use slipway_git::{Cancel, Head, Network, Progress, PushOutcome, Repository, Transport};

use crate::app::{Api, blocking};
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::use_cases::repository::{info, remote_of};

impl Api {
    pub(crate) async fn repository_clone(
        &self,
        request: RepositoryClone,
    ) -> Result<RepositoryInfo, ApiError> {
        let cancel = self.begin(&request.operation);
        let (api, operation) = (self.clone(), request.operation.clone());
        let cloned = blocking(move || {
            let network = api.network();
            let mut report = |progress: Progress| api.report(&operation, &progress);
            Ok(slipway_git::clone(&request.url, Path::new(&request.folder), &network, &mut report, &cancel)?)
        })
        .await;
        self.end(&request.operation);
        self.hold(cloned?).await
    }

    pub(crate) async fn operation_cancel(&self, request: OperationCancel) -> Result<Nothing, ApiError> {
        let operations = self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cancel) = operations.get(&request.operation) {
            cancel.cancel();
        }
        Ok(Nothing {})
    }

    /// The operation is named `fetch REPOSITORY`, for progress and cancelling.
    pub(crate) async fn repository_fetch(&self, request: RepositoryRef) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let operation = format!("fetch {}", opened.id);
        let cancel = self.begin(&operation);
        let (api, fetched, name) = (self.clone(), opened.clone(), operation.clone());
        let outcome = blocking(move || {
            let repository = fetched.workspace.repository();
            let remote = remote_of(repository)?
                .ok_or_else(|| error("no-remote", "the repository has no remote to fetch from"))?;
            let mut report = |progress: Progress| api.report(&name, &progress);
            repository.fetch(&remote, &api.network(), &mut report, &cancel)?;
            Ok(())
        })
        .await;
        self.end(&operation);
        outcome?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }

    /// The operation is named `push REPOSITORY`.
    pub(crate) async fn repository_push(&self, request: RepositoryRef) -> Result<PushResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let operation = format!("push {}", opened.id);
        let cancel = self.begin(&operation);
        let (api, pushed, name) = (self.clone(), opened.clone(), operation.clone());
        let outcome = blocking(move || {
            let repository = pushed.workspace.repository();
            let remote = remote_of(repository)?
                .ok_or_else(|| error("no-remote", "the repository has no remote to push to"))?;
            let Head::Branch { name: branch, .. } = repository.head()? else {
                return Err(error("detached", "no branch is checked out, so there is nothing to push"));
            };
            let mut report = |progress: Progress| api.report(&name, &progress);
            let outcome = repository.push(&remote, &branch, &api.network(), &mut report, &cancel)?;
            let accepted = matches!(outcome, PushOutcome::Pushed { .. } | PushOutcome::UpToDate);
            let published = accepted && follow(repository, &branch, &remote)?;
            Ok((outcome, published))
        })
        .await;
        self.end(&operation);
        // Also after a failure: a rejected push has fetched what is there.
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let (outcome, published) = outcome?;
        let done =
            |message: String| PushResult { pushed: true, message, moved: Vec::new(), hints: Vec::new() };
        Ok(match outcome {
            PushOutcome::Pushed { commit } if published => {
                done(format!("The branch is on the remote now, at {}, and follows it.", commit.short()))
            }
            PushOutcome::Pushed { commit } => {
                done(format!("The remote branch is at {} now.", commit.short()))
            }
            PushOutcome::UpToDate => done("The remote has everything already.".to_owned()),
            PushOutcome::Moved { theirs, .. } => PushResult {
                pushed: false,
                message: format!(
                    "The remote branch has {} that are not here; nothing was overwritten.",
                    if theirs.len() == 1 {
                        "1 commit".to_owned()
                    } else {
                        format!("{} commits", theirs.len())
                    }
                ),
                hints: vec![
                    "pull first: where the branch can only move forward that is all, then push again"
                        .to_owned(),
                ],
                moved: theirs.iter().map(convert::commit).collect(),
            },
            PushOutcome::Refused { reason } => PushResult {
                pushed: false,
                message: format!("The remote refused the push: {reason}"),
                hints: vec![
                    "the branch may be protected: push a branch of your own and open a pull request"
                        .to_owned(),
                ],
                moved: Vec::new(),
            },
        })
    }

    /// The user's own git where it is installed; passwords from Git's helpers, then from the keyring.
    pub(crate) fn network(&self) -> Network {
        let mut network = Network::new(Transport::choose());
        network.credentials = Some(self.credentials_now());
        network
    }

    pub(crate) fn report(&self, operation: &str, progress: &Progress) {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.tell(ApiEvent::OperationProgress {
            operation: operation.to_owned(),
            step: progress.phase.to_string(),
            done: number(progress.done),
            total: progress.total.map_or(0, number),
        });
    }

    pub(crate) fn begin(&self, operation: &str) -> Cancel {
        let cancel = Cancel::new();
        let mut operations = self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner);
        operations.insert(operation.to_owned(), cancel.clone());
        cancel
    }

    pub(crate) fn end(&self, operation: &str) {
        self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner).remove(operation);
    }
}

/// Lets a branch follow the one it was pushed to, where it follows none; whether it does so only now.
fn follow(repository: &Repository, branch: &str, remote: &str) -> Result<bool, ApiError> {
    let branches = repository.branches()?;
    let follows = branches.iter().find(|each| each.name == branch).and_then(|each| each.upstream.as_ref());
    let tracking = format!("{remote}/{branch}");
    if follows.is_some() || !branches.iter().any(|each| each.name == tracking) {
        return Ok(false);
    }
    repository.set_upstream(branch, &tracking)?;
    Ok(true)
}
