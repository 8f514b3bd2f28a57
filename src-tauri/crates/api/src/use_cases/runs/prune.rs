//! What a sync with prune would remove.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use slipway_catalog::Instance;
use slipway_cluster::{SyncEvent, Wait};
use slipway_model::{EnvironmentName, Problem, ResourceId};
use slipway_sync::TaskAction;
use slipway_workspace::Fleet as InnerFleet;
use tokio_util::sync::CancellationToken;

use super::observe::no_answer;
use super::{Destination, rendering};
use crate::Api;
use crate::clock;
use crate::clusters::{cluster_error, rendered_on};
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::syncing;
use crate::use_cases::sync::{named, options, refused};

/// How long the look for one instance may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl Api {
    /// Looks at each cluster as a dry run does, up to its plan; nothing is written. An instance whose cluster cannot
    /// be asked is a problem, and the others are told.
    pub(crate) async fn sync_prune_preview(
        &self,
        request: PrunePreviewRequest,
    ) -> Result<PrunePreview, ApiError> {
        let opened = self.opened(&request.repository)?;
        let operation = self.operation(None);
        let fleet = self.fleet_of(&opened, request.revision.as_deref(), &operation).await?;
        let instances: Vec<Instance> = named(&fleet, &request.instances)?.into_iter().cloned().collect();
        let destination = self.destination(&opened, &instances, &request.target).await?;
        let mut preview = PrunePreview { pruned: Vec::new(), problems: Vec::new() };
        // A cluster that did not answer once is not waited for again.
        let mut silent: BTreeMap<EnvironmentName, ApiError> = BTreeMap::new();
        for instance in &instances {
            let environment = &instance.id.environment;
            let found = match silent.get(environment) {
                Some(failure) => Err(failure.clone()),
                None => {
                    let look = self.pruned(&opened, &fleet, instance, &destination);
                    tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| Err(no_answer(PATIENCE)))
                }
            };
            match found {
                Ok(found) => preview.pruned.extend(found.iter().map(|id| PrunedResource {
                    instance: instance.id.to_string(),
                    resource: convert::resource(id),
                })),
                Err(failure) => {
                    let problem =
                        Problem::error("not-looked-at", failure.message.clone()).of(instance.id.clone());
                    let problem = failure.hints.iter().fold(problem, |problem, hint| problem.hint(hint));
                    preview.problems.push(convert::problem(&problem));
                    if failure.code == "cluster" {
                        silent.insert(environment.clone(), failure);
                    }
                }
            }
        }
        Ok(preview)
    }

    /// The objects that a sync would prune, in the order of its plan.
    async fn pruned(
        &self,
        opened: &Arc<Opened>,
        fleet: &Arc<InnerFleet>,
        instance: &Instance,
        destination: &Destination,
    ) -> Result<Vec<ResourceId>, ApiError> {
        let mut options = options(instance, fleet);
        (options.prune, options.dry_run) = (true, true);
        options.create_namespace = matches!(destination, Destination::Sandbox(_));
        options.started_at = slipway_sync::Time(clock::milliseconds());
        let environment = &instance.id.environment;
        let connect = || destination.connect(environment.as_str());
        let rendered = rendered_on(environment, None, connect, rendering(opened, fleet, instance)).await?;
        if let Destination::Sandbox(_) = destination {
            self.prepare_sandbox(opened, instance, &rendered.manifests).await?;
        }
        let mark = syncing::mark(instance, &options.namespace);
        let mut request = syncing::request(&instance.id, mark, rendered, options)
            .map_err(|problems| error("refused", refused(&problems)))?;
        request.wait = Wait::No;
        let connection = connect().await.map_err(|failure| cluster_error(&failure))?;
        let cancel = CancellationToken::new();
        let mut found = None;
        let outcome = syncing::run(&Arc::new(connection), request, cancel.clone(), |event| {
            if let SyncEvent::Planned(phases) = event {
                let tasks = phases.iter().flat_map(|phase| &phase.waves).flat_map(|wave| &wave.tasks);
                let gone = tasks.filter(|task| task.action == TaskAction::Prune);
                found.get_or_insert_with(|| gone.map(|task| task.resource.clone()).collect());
                // The plan is made from what is in the cluster; that is all that was asked.
                cancel.cancel();
            }
        })
        .await;
        found.ok_or_else(|| ApiError { hints: outcome.hints, ..error("not-planned", outcome.message) })
    }
}
