//! Comparing two sides.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use slipway_model::{ApplicationName, EnvironmentName, InstanceId, Manifest, Problem};
use slipway_workspace::{Fleet as InnerFleet, RenderStatus as InnerStatus, Workspace};

use crate::Api;
use crate::app::blocking;
use crate::convert::{self, count};
use crate::dto::*;
use crate::opened::Opened;
use crate::operations::Operation;
use crate::secrets::mask_key;
use crate::use_cases::instance::instance_id;

/// One side of a comparison: a fleet, and what of it is meant.
pub(crate) struct Side {
    pub(crate) fleet: Arc<InnerFleet>,
    pub(crate) part: Part,
}

/// The objects of an instance, or why there are none.
type Rendering = Result<Vec<Manifest>, Box<Problem>>;

/// What of a fleet is meant.
#[derive(Clone)]
pub(crate) enum Part {
    All,
    Environment(EnvironmentName),
    Instance(InstanceId),
    /// What the other side names is not there.
    Nothing,
}

impl Side {
    /// The instances of this side that are meant.
    fn instances(&self) -> Vec<&slipway_catalog::Instance> {
        self.fleet
            .catalog
            .instances()
            .filter(|instance| match &self.part {
                Part::All => true,
                Part::Environment(environment) => instance.id.environment == *environment,
                Part::Instance(id) => instance.id == *id,
                Part::Nothing => false,
            })
            .collect()
    }

    /// The part of this side that stands against the narrower `other`: a whole repository beside an environment means
    /// that environment, an environment beside an instance means that application there.
    fn narrowed(&self, other: &Part) -> Part {
        let in_environment = |application: &ApplicationName, environment: &EnvironmentName| {
            let found = self.fleet.catalog.instances().find(|instance| {
                instance.id.application == *application && instance.id.environment == *environment
            });
            found.map_or(Part::Nothing, |instance| Part::Instance(instance.id.clone()))
        };
        match (&self.part, other) {
            (Part::All, Part::Environment(environment)) => Part::Environment(environment.clone()),
            (Part::All, Part::Instance(id)) => match self.fleet.catalog.instance(id) {
                Some(instance) => Part::Instance(instance.id.clone()),
                None => in_environment(&id.application, &id.environment),
            },
            (Part::Environment(environment), Part::Instance(id)) => {
                in_environment(&id.application, environment)
            }
            (own, _) => own.clone(),
        }
    }

    /// The instance of this side that stands against `other`, an instance of the other side.
    pub(super) fn counterpart(&self, other: &InstanceId) -> Option<InstanceId> {
        match &self.part {
            Part::All => self.fleet.catalog.instance(other).map(|instance| instance.id.clone()),
            Part::Environment(environment) => self
                .instances()
                .into_iter()
                .find(|instance| {
                    instance.id.application == other.application && instance.id.environment == *environment
                })
                .map(|instance| instance.id.clone()),
            Part::Instance(id) => Some(id.clone()),
            Part::Nothing => None,
        }
    }

    /// The objects of an instance of this side, as they are compared with those of an instance of the side `to`; one
    /// that stands alone is as it is.
    pub(super) fn manifests(
        &self,
        workspace: &Workspace,
        id: &InstanceId,
        pair: Option<(&InstanceId, &Self, &InstanceId)>,
    ) -> Rendering {
        let Some(facts) = self.fleet.facts.get(id) else {
            let problem = Problem::error("not-rendered", format!("`{id}` is not rendered yet"));
            return Err(Box::new(problem.of(id.clone())));
        };
        if facts.status != InnerStatus::Failed {
            let Some((from, to, other)) = pair else { return Ok(facts.manifests()) };
            let Some(instance) = self.fleet.catalog.instance(id) else { return Ok(facts.manifests()) };
            let clusters = to.fleet.clusters.for_comparison(&from.environment, &other.environment);
            return Ok(workspace.manifests_beside(&self.fleet.tree, instance, facts, &clusters));
        }
        let problem = facts.problems.iter().find(|problem| problem.is_error()).cloned();
        let problem = problem.unwrap_or_else(|| Problem::error("render-failed", "the render failed"));
        Err(Box::new(problem.of(id.clone())))
    }
}

impl Api {
    pub(crate) async fn diff(&self, request: DiffRequest) -> Result<DiffResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let operation = self.operation(request.operation.clone());
        let (from, to) = self.sides(&opened, &request.from, &request.to, &operation).await?;
        let (left, right) = (title(&request.from), title(&request.to));
        blocking(move || {
            let applications = request.applications.as_deref();
            compare(&opened.workspace, (&from, &to), (left, right), applications, &operation)
        })
        .await
    }

    /// Both sides of a comparison, rendered, each narrowed to what the other means.
    pub(super) async fn sides(
        &self,
        opened: &Arc<Opened>,
        from: &DiffSide,
        to: &DiffSide,
        operation: &Arc<Operation>,
    ) -> Result<(Side, Side), ApiError> {
        let mut from = self.side(opened, from, operation).await?;
        let mut to = self.side(opened, to, operation).await?;
        let (left, right) = (from.narrowed(&to.part), to.narrowed(&from.part));
        (from.part, to.part) = (left, right);
        Ok((from, to))
    }

    /// Finds what a side means, rendered.
    async fn side(
        &self,
        opened: &Arc<Opened>,
        side: &DiffSide,
        operation: &Arc<Operation>,
    ) -> Result<Side, ApiError> {
        let (revision, part) = match side {
            DiffSide::Environment { environment, revision } => {
                (revision.clone(), Part::Environment(EnvironmentName::new(environment)))
            }
            DiffSide::Instance { instance, revision } => {
                (revision.clone(), Part::Instance(instance_id(instance)?))
            }
            DiffSide::Revision { revision } => (Some(revision.clone()), Part::All),
            DiffSide::WorkingDirectory => (None, Part::All),
        };
        let fleet = self.fleet_of(opened, revision.as_deref(), operation).await?;
        let part = match part {
            Part::Environment(name) if fleet.catalog.environment(&name).is_none() => {
                return Err(slipway_workspace::WorkspaceError::UnknownEnvironment(name).into());
            }
            Part::Instance(id) => Part::Instance(fleet.instance(&id)?.id.clone()),
            other => other,
        };
        Ok(Side { fleet, part })
    }

    /// The rendered fleet of a revision; of what lies on disk without one.
    pub(crate) async fn fleet_of(
        &self,
        opened: &Arc<Opened>,
        revision: Option<&str>,
        operation: &Arc<Operation>,
    ) -> Result<Arc<InnerFleet>, ApiError> {
        let Some(revision) = revision.map(ToOwned::to_owned) else {
            return operation.wait(opened.whole_fleet(self)).await;
        };
        let (opened, operation) = (opened.clone(), operation.clone());
        blocking(move || {
            let commit = opened.workspace.repository().resolve(&revision)?;
            let step = format!("Rendering {revision}");
            let goes_on = |progress: slipway_workspace::Progress| {
                operation.report(&step, count(progress.rendered), count(progress.total));
                !operation.is_cancelled() && !opened.cancel.load(Ordering::Relaxed)
            };
            Ok(opened.workspace.fleet_at_watched(&commit, &goes_on)?)
        })
        .await
    }
}

pub(super) fn title(side: &DiffSide) -> String {
    let at = |name: &str, revision: &Option<String>| match revision {
        Some(revision) => format!("{name} at {revision}"),
        None => name.to_owned(),
    };
    match side {
        DiffSide::Environment { environment, revision } => at(environment, revision),
        DiffSide::Instance { instance, revision } => at(instance, revision),
        DiffSide::Revision { revision } => revision.clone(),
        DiffSide::WorkingDirectory => "working directory".to_owned(),
    }
}

fn compare(
    workspace: &Workspace,
    (from, to): (&Side, &Side),
    (left, right): (String, String),
    applications: Option<&[String]>,
    operation: &Operation,
) -> Result<DiffResult, ApiError> {
    let wanted = |id: &InstanceId| {
        applications.is_none_or(|names| names.iter().any(|name| name == id.application.as_str()))
    };
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    let mut met = BTreeSet::new();
    let mut add = |id: &InstanceId, before: Rendering, after: Rendering| match (before, after) {
        (Ok(before), Ok(after)) => changes.push((id.clone(), to.fleet.compare(&before, &after, mask_key()))),
        (before, after) => {
            problems.extend(before.err().map(|problem| *problem));
            problems.extend(after.err().map(|problem| *problem));
        }
    };
    let all = to.instances();
    for (done, instance) in all.iter().enumerate() {
        operation.check()?;
        operation.report("Comparing", count(done), count(all.len()));
        if !wanted(&instance.id) {
            continue;
        }
        let Some(id) = from.counterpart(&instance.id) else {
            add(&instance.id, Ok(Vec::new()), to.manifests(workspace, &instance.id, None));
            continue;
        };
        let pair = Some((&id, to, &instance.id));
        let (before, after) =
            (from.manifests(workspace, &id, pair), to.manifests(workspace, &instance.id, pair));
        add(&instance.id, before, after);
        met.insert(id);
    }
    for instance in from.instances() {
        operation.check()?;
        if wanted(&instance.id) && !met.contains(&instance.id) && to.counterpart(&instance.id).is_none() {
            add(&instance.id, from.manifests(workspace, &instance.id, None), Ok(Vec::new()));
        }
    }
    Ok(result(left, right, &changes, &problems))
}

/// Comparisons as they go over the wire.
fn result(
    from: String,
    to: String,
    changes: &[(InstanceId, slipway_diff::Comparison)],
    problems: &[Problem],
) -> DiffResult {
    DiffResult {
        from,
        to,
        groups: slipway_diff::group(changes).iter().map(convert::group).collect(),
        resources: changes
            .iter()
            .flat_map(|(id, comparison)| {
                comparison.resources.iter().map(move |change| convert::resource_change(id, change))
            })
            .collect(),
        problems: convert::problems(problems),
    }
}
