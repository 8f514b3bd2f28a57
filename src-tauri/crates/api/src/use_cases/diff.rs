//! Comparing two sides.

use std::collections::BTreeSet;
use std::sync::Arc;

use slipway_diff::text::{Row, RowKind, TextOptions, WordSegment};
use slipway_model::{EnvironmentName, InstanceId, Manifest, Problem};
use slipway_workspace::{Fleet as InnerFleet, RenderStatus as InnerStatus};

use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::secrets::mask_key;
use crate::use_cases::instance::instance_id;

/// Unchanged lines that are shown around a change.
const CONTEXT: u32 = 5;

/// One side of a comparison: a fleet, and what of it is meant.
pub(crate) struct Side {
    pub(crate) fleet: Arc<InnerFleet>,
    pub(crate) part: Part,
}

/// The objects of an instance, or why there are none.
type Rendering = Result<Vec<Manifest>, Box<Problem>>;

/// What of a fleet is meant.
pub(crate) enum Part {
    All,
    Environment(EnvironmentName),
    Instance(InstanceId),
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
            })
            .collect()
    }

    /// The instance of this side that stands against `other`, an instance of the other side.
    fn counterpart(&self, other: &InstanceId) -> Option<InstanceId> {
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
        }
    }

    fn manifests(&self, id: &InstanceId) -> Rendering {
        let Some(facts) = self.fleet.facts.get(id) else {
            let problem = Problem::error("not-rendered", format!("`{id}` is not rendered yet"));
            return Err(Box::new(problem.of(id.clone())));
        };
        if facts.status != InnerStatus::Failed {
            return Ok(facts.manifests());
        }
        let problem = facts.problems.iter().find(|problem| problem.is_error()).cloned();
        let problem = problem.unwrap_or_else(|| Problem::error("render-failed", "the render failed"));
        Err(Box::new(problem.of(id.clone())))
    }
}

impl Api {
    pub(crate) async fn diff(&self, request: DiffRequest) -> Result<DiffResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let from = self.side(&opened, &request.from).await?;
        let to = self.side(&opened, &request.to).await?;
        let (left, right) = (title(&request.from), title(&request.to));
        blocking(move || Ok(compare(&from, &to, left, right, request.applications.as_deref()))).await
    }

    pub(crate) async fn text_diff(&self, request: TextDiffRequest) -> Result<TextDiffResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let from = self.side(&opened, &request.from).await?;
        let to = self.side(&opened, &request.to).await?;
        let (left, right) = (title(&request.from), title(&request.to));
        blocking(move || {
            let id = instance_id(&request.instance)?;
            let wanted = convert::resource_id(&request.resource);
            let wanted_before = request.renamed_from.as_ref().map(convert::resource_id);
            let text = |side: &Side, wanted: &slipway_model::ResourceId| -> Result<String, ApiError> {
                let Some(instance) = side.counterpart(&id) else { return Ok(String::new()) };
                let manifests = side
                    .manifests(&instance)
                    .map_err(|problem| error("render-failed", problem.to_string()))?;
                Ok(manifests
                    .iter()
                    .find(|manifest| same_resource(&manifest.id, wanted))
                    .map(|manifest| slipway_yaml::emit(&slipway_diff::mask(&manifest.object, mask_key())))
                    .unwrap_or_default())
            };
            let before = text(&from, wanted_before.as_ref().unwrap_or(&wanted))?;
            let after = text(&to, &wanted)?;
            Ok(text_rows(&before, &after, left, right))
        })
        .await
    }

    /// Finds what a side means, rendered.
    pub(crate) async fn side(&self, opened: &Arc<Opened>, side: &DiffSide) -> Result<Side, ApiError> {
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
        let fleet = self.fleet_of(opened, revision.as_deref()).await?;
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
    ) -> Result<Arc<InnerFleet>, ApiError> {
        let Some(revision) = revision.map(ToOwned::to_owned) else { return opened.whole_fleet(self).await };
        let opened = opened.clone();
        blocking(move || {
            let commit = opened.workspace.repository().resolve(&revision)?;
            Ok(opened.workspace.fleet_at(&commit, &opened.cancel)?)
        })
        .await
    }
}

fn title(side: &DiffSide) -> String {
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

/// The same resource of two environments can lie in different namespaces.
fn same_resource(left: &slipway_model::ResourceId, right: &slipway_model::ResourceId) -> bool {
    left == right || (left.group == right.group && left.kind == right.kind && left.name == right.name)
}

fn compare(
    from: &Side,
    to: &Side,
    left: String,
    right: String,
    applications: Option<&[String]>,
) -> DiffResult {
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
    for instance in to.instances() {
        if !wanted(&instance.id) {
            continue;
        }
        let before = match from.counterpart(&instance.id) {
            Some(id) => {
                met.insert(id.clone());
                from.manifests(&id)
            }
            None => Ok(Vec::new()),
        };
        add(&instance.id, before, to.manifests(&instance.id));
    }
    for instance in from.instances() {
        if wanted(&instance.id) && !met.contains(&instance.id) && to.counterpart(&instance.id).is_none() {
            add(&instance.id, from.manifests(&instance.id), Ok(Vec::new()));
        }
    }
    result(left, right, &changes, &problems)
}

/// Comparisons as they go over the wire.
pub(crate) fn result(
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

fn text_rows(before: &str, after: &str, left: String, right: String) -> TextDiffResult {
    let options = TextOptions { context: CONTEXT, ..TextOptions::default() };
    let diff = slipway_diff::text::diff(before, after, &options);
    let rows = diff.rows.iter().map(text_row).collect();
    TextDiffResult { left, right, rows, hunks: diff.hunks }
}

fn text_row(row: &Row) -> DiffRow {
    let side = |text: Option<&String>, marked: &[WordSegment]| {
        if marked.is_empty() {
            return text.map(|text| DiffSegment { text: text.clone(), marked: false }).into_iter().collect();
        }
        let segment =
            |segment: &WordSegment| DiffSegment { text: segment.text.clone(), marked: segment.changed };
        marked.iter().map(segment).collect()
    };
    // An unchanged line has its text on the left alone.
    let right = if row.kind == RowKind::Context { row.left.as_ref() } else { row.right.as_ref() };
    DiffRow {
        kind: match row.kind {
            RowKind::Context => DiffRowKind::Context,
            RowKind::Added => DiffRowKind::Added,
            RowKind::Removed => DiffRowKind::Removed,
            RowKind::Changed => DiffRowKind::Changed,
            RowKind::Fold => DiffRowKind::Fold,
        },
        left_line: row.left_line,
        right_line: row.right_line,
        left: side(row.left.as_ref(), &row.left_segments),
        right: side(right, &row.right_segments),
        hunk: row.hunk,
        folded: row.folded.unwrap_or(0),
    }
}
