//! Clone, fetch and push.

use std::path::Path;
use std::sync::PoisonError;

use slipway_git::{Cancel, Head};

use crate::app::{Api, blocking};
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::use_cases::repository::{info, remote_of};

impl Api {
    pub(crate) async fn repository_clone(&self, request: RepositoryClone) -> Result<RepositoryInfo, ApiError> {
        let cancel = self.begin(&request.operation);
        let (api, operation) = (self.clone(), request.operation.clone());
        let cloned = blocking(move || {
            let progress = |step: &slipway_git::Progress| {
                api.tell(ApiEvent::OperationProgress {
                    operation: operation.clone(),
                    step: step.step.clone(),
                    done: u32::try_from(step.done).unwrap_or(u32::MAX),
                    total: u32::try_from(step.total).unwrap_or(u32::MAX),
                });
            };
            let network = slipway_git::Network::default();
            Ok(slipway_git::clone(&request.url, Path::new(&request.folder), &network, &progress, &cancel)?)
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

    pub(crate) async fn repository_fetch(&self, request: RepositoryRef) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let (api, fetched) = (self.clone(), opened.clone());
        blocking(move || {
            let repository = fetched.workspace.repository();
            let remote = remote_of(repository)?
                .ok_or_else(|| error("no-remote", "the repository has no remote to fetch from"))?;
            let progress = |step: &slipway_git::Progress| {
                api.tell(ApiEvent::OperationProgress {
                    operation: format!("fetch {}", fetched.id),
                    step: step.step.clone(),
                    done: u32::try_from(step.done).unwrap_or(u32::MAX),
                    total: u32::try_from(step.total).unwrap_or(u32::MAX),
                });
            };
            repository.fetch(&remote, &slipway_git::Network::default(), &progress, &Cancel::default())?;
            Ok(())
        })
        .await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        blocking(move || info(&opened)).await
    }

    pub(crate) async fn repository_push(&self, request: RepositoryRef) -> Result<PushResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let pushed = opened.clone();
        let outcome = blocking(move || {
            let repository = pushed.workspace.repository();
            let remote = remote_of(repository)?
                .ok_or_else(|| error("no-remote", "the repository has no remote to push to"))?;
            let Head::Branch { name, .. } = repository.head()? else {
                return Err(error("detached", "no branch is checked out, so there is nothing to push"));
            };
            let network = slipway_git::Network::default();
            Ok(repository.push(&remote, &name, &network, &|_| {}, &Cancel::default())?)
        })
        .await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        Ok(match outcome {
            slipway_git::PushOutcome::Pushed { commits } => PushResult {
                pushed: true,
                message: format!("Pushed {commits} commit{}.", if commits == 1 { "" } else { "s" }),
                moved: Vec::new(),
            },
            slipway_git::PushOutcome::UpToDate => {
                PushResult { pushed: true, message: "The remote has everything already.".to_owned(), moved: Vec::new() }
            }
            slipway_git::PushOutcome::Rejected { reason, moved } => PushResult {
                pushed: false,
                message: format!("The remote rejected the push: {reason}."),
                moved: moved.iter().map(convert::commit).collect(),
            },
        })
    }

    fn begin(&self, operation: &str) -> Cancel {
        let cancel = Cancel::default();
        let mut operations = self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner);
        operations.insert(operation.to_owned(), cancel.clone());
        cancel
    }

    fn end(&self, operation: &str) {
        self.inner.operations.lock().unwrap_or_else(PoisonError::into_inner).remove(operation);
    }
}
