//! `--cluster`: what templates see of clusters.

use slipway_api::dto::ApiError;
use slipway_api::model::EnvironmentName;
use slipway_api::{ClusterAnswers, ClusterQuestion, Snapshot};
use tokio::runtime::Runtime;

use crate::arguments::ClusterArguments;
use crate::commands::runtime;
use crate::output::Terminal;

/// What clusters said, and what answers further look-ups for as long as it lives.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) answers: ClusterAnswers,
    // Look-ups are answered on its threads.
    runtime: Option<Runtime>,
}

impl Asked {
    /// The clusters that were asked, for outputs that programs read; `None` where none was.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        self.runtime.as_ref()?;
        Some(self.answers.asked.iter().map(slipway_api::AskedCluster::json).collect())
    }
}

/// The cluster that is asked, where one is.
pub(crate) fn target(arguments: &ClusterArguments) -> Option<ClusterQuestion> {
    let ClusterArguments { cluster, kubeconfig, context, sandbox } = arguments;
    cluster.then(|| match sandbox {
        true => ClusterQuestion::Sandbox,
        false => ClusterQuestion::Kubeconfig { file: kubeconfig.clone(), context: context.clone() },
    })
}

/// Asks the clusters of environments, and tells which.
pub(crate) fn ask(
    terminal: &Terminal,
    snapshot: &Snapshot,
    environments: impl IntoIterator<Item = EnvironmentName>,
    target: Option<&ClusterQuestion>,
) -> Result<Asked, ApiError> {
    let Some(target) = target else { return Ok(Asked::default()) };
    let runtime = runtime()?;
    let answers = runtime.block_on(snapshot.ask_clusters(environments, target))?;
    for asked in &answers.asked {
        let slipway_api::AskedCluster { environment, context, server, version, .. } = asked;
        terminal.note(&format!("{environment}: asked {context} at {server} ({version}) just now"));
    }
    Ok(Asked { answers, runtime: Some(runtime) })
}
