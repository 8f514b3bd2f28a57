//! The clusters that a run goes to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use slipway_catalog::Instance;
use slipway_cluster::{Connection, ConnectionOptions, KubeconfigSource};

use crate::dto::SyncTarget;
use crate::use_cases::sandbox::SandboxAccess;

/// Which clusters a run goes to.
#[derive(Clone)]
pub(crate) enum Destination {
    Sandbox(SandboxAccess),
    Contexts { kubeconfig: Option<PathBuf>, contexts: BTreeMap<String, String> },
}

impl Destination {
    pub(super) fn name(&self, instances: &[Instance]) -> String {
        match self {
            Self::Sandbox(_) => "sandbox".to_owned(),
            Self::Contexts { contexts, .. } => {
                let mut names: Vec<&str> = instances
                    .iter()
                    .filter_map(|instance| contexts.get(instance.id.environment.as_str()))
                    .map(String::as_str)
                    .collect();
                names.sort_unstable();
                names.dedup();
                names.join(", ")
            }
        }
    }

    /// Where to, as a request says it.
    pub(super) fn target(&self) -> SyncTarget {
        match self {
            Self::Sandbox(_) => SyncTarget::Sandbox,
            Self::Contexts { .. } => SyncTarget::Contexts,
        }
    }

    /// The contexts of environments, where it goes to contexts.
    pub(super) fn contexts(&self) -> BTreeMap<String, String> {
        match self {
            Self::Sandbox(_) => BTreeMap::new(),
            Self::Contexts { contexts, .. } => contexts.clone(),
        }
    }

    pub(super) async fn connect(
        &self,
        environment: &str,
    ) -> Result<Connection, slipway_cluster::ClusterError> {
        let (source, context) = match self {
            Self::Sandbox(access) => {
                let context =
                    access.contexts.iter().find(|(name, _)| name == environment).map(|(_, context)| context);
                (KubeconfigSource::Text(access.kubeconfig.clone()), context)
            }
            Self::Contexts { kubeconfig, contexts } => {
                let source = KubeconfigSource::from(kubeconfig.clone());
                (source, contexts.get(environment))
            }
        };
        Connection::from_kubeconfig(&source, context.map(String::as_str), ConnectionOptions::default()).await
    }
}
