//! What a sync with prune would remove.

use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_cluster::{SyncEvent, Wait};
use slipway_model::{Problem, ResourceId};
use slipway_render::Rendered;
use slipway_sync::{SyncOptions, TaskAction};
use tokio_util::sync::CancellationToken;

use super::{Destination, rendering};
use crate::Api;
use crate::clock;
use crate::clusters::rendered_on;
use crate::convert;
use crate::dto::*;
use crate::syncing;
use crate::use_cases::sync::{named, options, refused};

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
        for instance in &instances {
            let mut options = options(instance, &fleet);
            (options.prune, options.dry_run) = (true, true);
            options.create_namespace = matches!(destination, Destination::Sandbox(_));
            options.started_at = slipway_sync::Time(clock::milliseconds());
            let environment = &instance.id.environment;
            let connect = || destination.connect(environment.as_str());
            let render = rendering(&opened, &fleet, instance);
            let rendered = match rendered_on(environment, None, connect, render).await {
                Ok(rendered) => rendered,
                Err(failure) => {
                    let problem = Problem::error("not-looked-at", failure.message).of(instance.id.clone());
                    preview.problems.push(convert::problem(&problem));
                    continue;
                }
            };
            if let Destination::Sandbox(_) = &destination {
                self.prepare_sandbox(&opened, instance, &rendered.manifests).await?;
            }
            match pruned(&destination, instance, rendered, options).await {
                Ok(found) => preview.pruned.extend(found.iter().map(|id| PrunedResource {
                    instance: instance.id.to_string(),
                    resource: convert::resource(id),
                })),
                Err(message) => {
                    let problem = Problem::error("not-looked-at", message).of(instance.id.clone());
                    preview.problems.push(convert::problem(&problem));
                }
            }
        }
        Ok(preview)
    }
}

/// The objects that a sync would prune, in the order of its plan. The error is a sentence.
async fn pruned(
    destination: &Destination,
    instance: &Instance,
    rendered: Rendered,
    options: SyncOptions,
) -> Result<Vec<ResourceId>, String> {
    let mark = syncing::mark(instance, &options.namespace);
    let mut request =
        syncing::request(&instance.id, mark, rendered, options).map_err(|problems| refused(&problems))?;
    request.wait = Wait::No;
    let connection =
        destination.connect(instance.id.environment.as_str()).await.map_err(|failure| failure.to_string())?;
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
    found.ok_or(outcome.message)
}
