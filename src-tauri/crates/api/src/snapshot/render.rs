//! Rendering instances.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Value, json};
use slipway_catalog::Instance;
use slipway_cluster::{ClusterError, Connection, ConnectionOptions};
use slipway_model::{EnvironmentName, InstanceId};
use slipway_render::{ClusterSnapshot, FidelityLevel, Rendered};
use slipway_workspace::{Clusters, render_in_rounds};

use super::{ClusterQuestion, Snapshot};
use crate::clock;
use crate::clusters::{Asking, capabilities, cluster_error};
use crate::dto::ApiError;
use crate::error::error;

/// A part of the fleet: the instances whose position, counted from 0, leaves `index - 1` when divided by `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no shard: expected i/n with 1 ≤ i ≤ n");
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard = Self { index: index.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        if shard.index == 0 || shard.index > shard.of { Err(wrong()) } else { Ok(shard) }
    }
}

/// What came of one instance.
pub struct InstanceRender {
    /// Which.
    pub instance: InstanceId,
    /// Its render.
    pub rendered: Rendered,
}

/// What clusters say of themselves, and whom to ask for what templates look up.
#[derive(Default)]
pub struct ClusterAnswers {
    pub(super) clusters: Clusters,
    pub(super) asking: Option<Asking>,
    /// The clusters that were asked, by environment.
    pub asked: Vec<AskedCluster>,
}

/// A cluster that was asked for what renders see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedCluster {
    /// For which environment.
    pub environment: EnvironmentName,
    /// The context it was asked by.
    pub context: String,
    /// Its address.
    pub server: String,
    /// Its version.
    pub version: String,
    /// When, in milliseconds since 1970.
    pub asked_at: i64,
}

impl AskedCluster {
    /// As outputs for programs hold it.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "environment": self.environment,
            "context": self.context,
            "server": self.server,
            "version": self.version,
            "askedAt": self.asked_at,
        })
    }
}

impl InstanceRender {
    /// `ok`, `failed` or `opaque`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.rendered.is_failed() {
            "failed"
        } else if self.rendered.fidelity.level == FidelityLevel::Opaque {
            "opaque"
        } else {
            "ok"
        }
    }

    /// The line of `--output jsonl` (`contracts.md` §2).
    #[must_use]
    pub fn json(&self) -> Value {
        let manifests: Vec<_> = self.rendered.manifests.iter().map(|manifest| &*manifest.object).collect();
        json!({
            "instance": self.instance,
            "status": self.status(),
            "fidelity": self.rendered.fidelity,
            "manifests": manifests,
            "problems": self.rendered.problems,
        })
    }

    /// The documents with their headers.
    #[must_use]
    pub fn yaml(&self) -> String {
        slipway_render::stream(Some(&self.instance), &self.rendered.manifests)
    }
}

/// Instances that are rendered at a time before their output is given away.
const BATCH: usize = 128;

impl Snapshot {
    /// The instances that a command means: named ones, or all, or a shard of all.
    ///
    /// # Errors
    /// When a name is unknown, or nothing is meant.
    pub fn meant(
        &self,
        names: &[String],
        all: bool,
        shard: Option<Shard>,
    ) -> Result<Vec<&Instance>, ApiError> {
        if !all {
            if names.is_empty() {
                return Err(error("nothing-named", "no instance is named")
                    .hint("name APPLICATION@ENVIRONMENT, or use `--all`"));
            }
            return self.instances(names);
        }
        let chosen = self
            .catalog
            .instances()
            .enumerate()
            .filter(|(position, _)| shard.is_none_or(|shard| position % shard.of == shard.index - 1));
        Ok(chosen.map(|(_, instance)| instance).collect())
    }

    /// Asks the clusters of environments what they say of themselves: those that the settings give them, else the one
    /// that is meant; of the sandbox the one of the environment. Must be called inside a runtime of several threads,
    /// which answers look-ups for as long as it lives.
    ///
    /// # Errors
    /// When one does not answer, or no sandbox runs.
    pub async fn ask_clusters(
        &self,
        environments: impl IntoIterator<Item = EnvironmentName>,
        target: &ClusterQuestion,
    ) -> Result<ClusterAnswers, ApiError> {
        let mut answers = ClusterAnswers::default();
        let mut connections = BTreeMap::new();
        // Environments often share a cluster.
        let mut known: BTreeMap<Option<String>, (Arc<Connection>, Arc<ClusterSnapshot>, AskedCluster)> =
            BTreeMap::new();
        let environments: BTreeSet<EnvironmentName> = environments.into_iter().collect();
        for environment in environments {
            let (source, context) = target.cluster_of(&environment, || self.context_of(&environment)).await?;
            if !known.contains_key(&context) {
                let ask = async {
                    let options = ConnectionOptions::of_terminal();
                    let connection =
                        Connection::from_kubeconfig(&source, context.as_deref(), options).await?;
                    Ok::<_, ClusterError>((capabilities(&connection).await?, connection))
                };
                let (said, connection) = ask.await.map_err(|failure| {
                    let told = cluster_error(&failure);
                    ApiError { message: format!("{environment}: {}", told.message), ..told }
                })?;
                let asked = AskedCluster {
                    environment: environment.clone(),
                    context: connection.context().to_owned(),
                    server: connection.server().to_owned(),
                    version: said.version.clone(),
                    asked_at: clock::milliseconds(),
                };
                let snapshot = Arc::new(ClusterSnapshot::new(said));
                known.insert(context.clone(), (Arc::new(connection), snapshot, asked));
            }
            let Some((connection, snapshot, asked)) = known.get(&context) else { continue };
            answers.asked.push(AskedCluster { environment: environment.clone(), ..asked.clone() });
            answers.clusters = answers.clusters.with(environment.clone(), Arc::clone(snapshot));
            connections.insert(environment, Arc::clone(connection));
        }
        answers.asking = Some(Asking::new(connections));
        Ok(answers)
    }

    /// Renders instances in parallel, with what clusters say, and gives each away in order. Must not be called by a task
    /// of a runtime.
    pub fn render(
        &self,
        instances: &[&Instance],
        answers: &ClusterAnswers,
        mut each: impl FnMut(InstanceRender),
    ) {
        for batch in instances.chunks(BATCH) {
            let done: Vec<InstanceRender> = batch
                .par_iter()
                .map(|instance| {
                    let mut rendered = self.rendered(instance, answers);
                    for problem in &mut rendered.problems {
                        problem.instance.get_or_insert_with(|| instance.id.clone());
                    }
                    InstanceRender { instance: instance.id.clone(), rendered }
                })
                .collect();
            done.into_iter().for_each(&mut each);
        }
    }

    /// Renders an instance with what clusters say.
    pub(super) fn rendered(&self, instance: &Instance, answers: &ClusterAnswers) -> Rendered {
        let environment = &instance.id.environment;
        match (answers.clusters.of(environment), &answers.asking) {
            (Some(cluster), Some(asking)) => {
                let render = |cluster: &Arc<ClusterSnapshot>| {
                    self.workspace.render(&self.tree, instance, &Clusters::common(Arc::clone(cluster)))
                };
                let (mut rendered, heard) =
                    render_in_rounds(environment, Arc::clone(cluster), asking, render);
                if !rendered.cluster.missing_in(&heard).is_empty() {
                    // What would come out is not known: nothing comes out.
                    rendered.manifests.clear();
                    let silent = asking.problems().into_iter().filter(|(name, _)| name == environment);
                    rendered.problems.extend(silent.map(|(_, problem)| problem));
                }
                rendered
            }
            _ => self.workspace.render(&self.tree, instance, &answers.clusters),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
