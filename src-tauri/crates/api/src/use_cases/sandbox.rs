//! The sandbox of a repository.

use std::sync::Arc;

use slipway_sandbox::{Sandbox, SandboxOptions};

use crate::Api;
use crate::dto::*;
use crate::error::{chain, error};
use crate::opened::Opened;

impl Api {
    pub(crate) async fn sandbox(&self, request: RepositoryRef) -> Result<SandboxInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let sandbox = opened.sandbox.lock().await;
        Ok(match &*sandbox {
            None => SandboxInfo { running: false, kubeconfig: None, clusters: Vec::new() },
            Some(running) => SandboxInfo {
                running: true,
                kubeconfig: running.kubeconfig_path.as_ref().map(|path| path.display().to_string()),
                clusters: running
                    .sandbox
                    .contexts()
                    .into_iter()
                    .map(|(environment, context)| SandboxCluster { environment, context })
                    .collect(),
            },
        })
    }

    /// Starts the sandbox of the sample while its first screen is drawn.
    pub(crate) fn start_sandbox_aside(&self, opened: &Arc<Opened>) {
        let (api, opened) = (self.clone(), opened.clone());
        tokio::spawn(async move {
            match api.sandbox_started(&opened).await {
                Ok(_) => api.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() }),
                Err(failure) => tracing::warn!("the sandbox cannot be started: {}", failure.message),
            }
        });
    }

    /// Starts the sandbox of a repository where it does not run: a virtual cluster for each environment.
    pub(crate) async fn sandbox_started(&self, opened: &Arc<Opened>) -> Result<SandboxAccess, ApiError> {
        let fleet = opened.fleet(self).await?;
        let environments: Vec<String> =
            fleet.catalog.environments.iter().map(|environment| environment.name.to_string()).collect();
        let mut slot = opened.sandbox.lock().await;
        if slot.is_none() {
            *slot = Some(RunningSandbox::start(environments).await?);
        }
        match &*slot {
            Some(running) => Ok(running.access()),
            None => Err(error("internal", "the sandbox was started and is not there")),
        }
    }
}

/// A sandbox and the kubeconfig that was written for it.
pub(crate) struct RunningSandbox {
    pub(crate) sandbox: Sandbox,
    pub(crate) kubeconfig_path: Option<std::path::PathBuf>,
}

/// What a client needs to reach a sandbox.
#[derive(Clone)]
pub(crate) struct SandboxAccess {
    /// The kubeconfig as text.
    pub(crate) kubeconfig: String,
    /// Environment and context.
    pub(crate) contexts: Vec<(String, String)>,
}

impl RunningSandbox {
    pub(crate) async fn start(environments: Vec<String>) -> Result<Self, ApiError> {
        let sandbox = Sandbox::start(SandboxOptions { environments, ..SandboxOptions::default() })
            .await
            .map_err(|failure| error("sandbox", chain(&failure)))?;
        // Without a runtime folder the sandbox works all the same; only kubectl has no file to use.
        let kubeconfig_path = match sandbox.write_kubeconfig(None) {
            Ok(path) => Some(path),
            Err(failure) => {
                tracing::warn!("{}", chain(&failure));
                None
            }
        };
        Ok(Self { sandbox, kubeconfig_path })
    }

    pub(crate) fn access(&self) -> SandboxAccess {
        SandboxAccess { kubeconfig: self.sandbox.kubeconfig(), contexts: self.sandbox.contexts() }
    }

    pub(crate) async fn stop(self) {
        self.sandbox.stop().await;
    }
}
