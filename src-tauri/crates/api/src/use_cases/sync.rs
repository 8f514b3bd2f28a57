//! Planning and starting syncs.

use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_model::Problem;
use slipway_sync::{SyncOptions, lanes};
use slipway_workspace::{Fleet as InnerFleet, Revision};

use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::order;
use crate::snapshot::plan_offline;
use crate::use_cases::instance::instance_id;
use crate::use_cases::runs::{Destination, Start};

impl Api {
    pub(crate) async fn sync_plan(&self, request: SyncPlanRequest) -> Result<SyncPlanInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = self.fleet_of(&opened, request.revision.as_deref(), &self.operation(None)).await?;
        blocking(move || {
            let mut all = SyncPlanInfo { lanes: Vec::new(), problems: Vec::new() };
            let instances = named(&fleet, &request.instances)?;
            let schedule = order::schedule(
                &fleet.catalog,
                instances.iter().map(|instance| &instance.id),
                instances.len(),
            );
            all.problems.extend(
                schedule.problems().iter().map(|problem| convert::problem_with_excerpt(&fleet.tree, problem)),
            );
            for position in schedule.in_order() {
                let Some(instance) = instances.get(position).copied() else { continue };
                let rendered = opened.workspace.render(&fleet.tree, instance, &fleet.clusters);
                let plan = plan_offline(&rendered, &options(instance, &fleet));
                let lane = lanes::lane(&instance.id, &plan.phases, [], None);
                let mut lane = convert::lane(&lane, RunPhase::Planned, None);
                lane.waits_for = order::gates(schedule.gates(position));
                all.lanes.push(lane);
                all.problems.extend(plan.problems.iter().map(|problem| {
                    convert::problem_with_excerpt(&fleet.tree, &problem.clone().of(instance.id.clone()))
                }));
            }
            Ok(all)
        })
        .await
    }

    pub(crate) async fn sync_start(&self, request: SyncStart) -> Result<RunInfo, ApiError> {
        self.start_sync(request, None).await
    }

    /// Starts a sync; `retry_of` names the run that it tries again.
    pub(crate) async fn start_sync(
        &self,
        request: SyncStart,
        retry_of: Option<String>,
    ) -> Result<RunInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = self.fleet_of(&opened, request.revision.as_deref(), &self.operation(None)).await?;
        let instances: Vec<Instance> = named(&fleet, &request.instances)?.into_iter().cloned().collect();
        let instances = order::in_order(&fleet.catalog, instances);
        if instances.is_empty() {
            return Err(error("nothing-named", "no instance is named"));
        }
        if request.target != SyncTarget::Sandbox && !request.dry_run {
            refuse_unconfirmed(&fleet, &instances, &request.confirmed)?;
        }
        let destination = self.destination(&opened, &instances, &request.target).await?;
        let revision = match &fleet.revision {
            Revision::WorkingDirectory => None,
            Revision::Commit(commit) => Some(commit.as_str().to_owned()),
        };
        self.start_run(Start {
            opened,
            fleet,
            instances,
            destination,
            revision,
            prune: request.prune,
            dry_run: request.dry_run,
            retry_of,
        })
        .await
    }

    /// Which cluster each environment means.
    pub(crate) async fn destination(
        &self,
        opened: &Arc<Opened>,
        instances: &[Instance],
        target: &SyncTarget,
    ) -> Result<Destination, ApiError> {
        match target {
            SyncTarget::Sandbox => Ok(Destination::Sandbox(self.sandbox_started(opened).await?)),
            SyncTarget::Contexts => {
                let contexts = self.contexts_of(opened);
                let missing: Vec<&str> = instances
                    .iter()
                    .map(|instance| instance.id.environment.as_str())
                    .filter(|environment| !contexts.contains_key(*environment))
                    .collect();
                if let Some(first) = missing.first() {
                    return Err(error(
                        "no-context",
                        format!("no cluster is set for the environment `{first}`"),
                    )
                    .hint("choose its kubeconfig context in Settings"));
                }
                Ok(Destination::Contexts { kubeconfig: self.settings_now().kubeconfig, contexts })
            }
        }
    }
}

/// The instances with these names.
pub(crate) fn named<'a>(fleet: &'a InnerFleet, names: &[String]) -> Result<Vec<&'a Instance>, ApiError> {
    names.iter().map(|name| Ok(fleet.instance(&instance_id(name)?)?)).collect()
}

/// The options that the instance's declaration gives.
pub(crate) fn options(instance: &Instance, fleet: &InnerFleet) -> SyncOptions {
    SyncOptions {
        namespace: instance.destination.namespace.clone().unwrap_or_default(),
        revision: match &fleet.revision {
            Revision::WorkingDirectory => String::new(),
            Revision::Commit(commit) => commit.as_str().to_owned(),
        },
        ..SyncOptions::default()
    }
}

/// A protected environment asks first (`contracts.md` §5).
fn refuse_unconfirmed(
    fleet: &InnerFleet,
    instances: &[Instance],
    confirmed: &[String],
) -> Result<(), ApiError> {
    let unconfirmed = instances.iter().map(|instance| &instance.id.environment).find(|name| {
        fleet.catalog.environment(name).is_some_and(|environment| environment.protected)
            && !confirmed.iter().any(|typed| typed == name.as_str())
    });
    match unconfirmed {
        None => Ok(()),
        Some(name) => Err(error("confirmation-needed", format!("`{name}` is protected"))
            .hint(format!("type `{name}` to confirm that it shall be changed"))),
    }
}

/// Problems as one error of the façade.
pub(crate) fn refused(problems: &[Problem]) -> String {
    problems
        .iter()
        .find(|problem| problem.is_error())
        .map_or_else(|| "the instance cannot be synced".to_owned(), ToString::to_string)
}
