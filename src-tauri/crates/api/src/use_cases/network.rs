//! Clone, fetch and push.

use std::path::Path;
use std::sync::PoisonError;

use slipway_git::{Cancel, Head, Network, Progress, PushOutcome, Transport};

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
        blocking(move || info(&opened)).await
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
            Ok(repository.push(&remote, &branch, &api.network(), &mut report, &cancel)?)
        })
        .await;
        self.end(&operation);
        let outcome = outcome?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let done = |message: String| PushResult { pushed: true, message, moved: Vec::new() };
        Ok(match outcome {
            PushOutcome::Pushed { commit } => {
                done(format!("The remote branch is at {} now.", commit.short()))
            }
            PushOutcome::UpToDate => done("The remote has everything already.".to_owned()),
            PushOutcome::Moved { theirs, .. } => PushResult {
                pushed: false,
                message:
                    "The remote branch has commits that are not here; nothing was overwritten. Fetch and \
                          fast-forward, then push again."
                        .to_owned(),
                moved: theirs.iter().map(convert::commit).collect(),
            },
            PushOutcome::Refused { reason } => PushResult {
                pushed: false,
                message: format!("The remote refused the push: {reason}"),
                moved: Vec::new(),
            },
        })
    }

    /// The user's own git where it is installed; passwords from Git's helpers, then from the keyring.
    fn network(&self) -> Network {
        let mut network = Network::new(Transport::choose());
        network.credentials = Some(self.inner.credentials.clone());
        network
    }

    fn report(&self, operation: &str, progress: &Progress) {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.tell(ApiEvent::OperationProgress {
            operation: operation.to_owned(),
            step: progress.phase.to_string(),
            done: number(progress.done),
            total: progress.total.map_or(0, number),
        });
    }

    fn begin(&self, operation: &str) -> Cancel {
        let cancel = Cancel::new();
        let mut operations = self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner);
        operations.insert(operation.to_owned(), cancel.clone());
        cancel
    }

    fn end(&self, operation: &str) {
        self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner).remove(operation);
    }
}
