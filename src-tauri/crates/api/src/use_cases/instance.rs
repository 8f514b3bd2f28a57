//! One instance in detail, and its YAML.

use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_diff::Change;
use slipway_model::{InstanceId, Read, Tree as _, readable_path};
use slipway_workspace::{Facts, Fleet as InnerFleet};

use crate::Api;
use crate::app::blocking;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::secrets::mask_key;

/// Fields that the detail pane lists; the review shows them all.
const FIELDS: usize = 50;

/// Files that the detail pane lists.
const FILES: usize = 500;

/// Commits that the detail pane lists.
const COMMITS: usize = 10;

impl Api {
    pub(crate) async fn instance(&self, request: InstanceRef) -> Result<InstanceDetail, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let id = instance_id(&request.instance)?;
        blocking(move || {
            let instance = fleet.instance(&id)?.clone();
            let facts = match fleet.facts.get(&instance.id) {
                Some(facts) => facts.clone(),
                // It is asked for before its turn has come.
                None => Arc::new(Facts::of(
                    &instance,
                    &opened.workspace.render(&fleet.tree, &instance, &fleet.clusters),
                )),
            };
            Ok(detail(&opened, &fleet, &instance, &facts))
        })
        .await
    }

    pub(crate) async fn manifest(&self, request: ManifestRequest) -> Result<ManifestText, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let id = instance_id(&request.instance)?;
        blocking(move || {
            let instance = fleet.instance(&id)?;
            let rendered = opened.workspace.render(&fleet.tree, instance, &fleet.clusters);
            if let Some(problem) = rendered.problems.iter().find(|problem| problem.is_error()) {
                return Err(error("render-failed", problem.to_string()));
            }
            let wanted = request.resource.as_ref().map(convert::resource_id);
            let masked: Vec<_> = rendered
                .manifests
                .iter()
                .filter(|manifest| wanted.as_ref().is_none_or(|wanted| manifest.id == *wanted))
                .map(|manifest| (slipway_diff::mask(&manifest.object, mask_key()), manifest))
                .collect();
            Ok(ManifestText {
                yaml: slipway_yaml::emit_stream(masked.iter().map(|(object, _)| object)),
                masked: masked.iter().any(|(object, manifest)| *object != *manifest.object),
            })
        })
        .await
    }
}

/// Reads the name of an instance.
pub(crate) fn instance_id(text: &str) -> Result<InstanceId, ApiError> {
    text.parse().map_err(|failure: slipway_model::InstanceIdError| error("bad-request", failure.to_string()))
}

fn detail(opened: &Opened, fleet: &InnerFleet, instance: &Instance, facts: &Facts) -> InstanceDetail {
    let environment = fleet.catalog.environment(&instance.id.environment);
    let application =
        fleet.catalog.applications.iter().find(|application| application.name == instance.id.application);
    let promotion_path = fleet
        .catalog
        .environments
        .iter()
        .map(|environment| PromotionStop {
            environment: environment.name.to_string(),
            version: application
                .and_then(|application| {
                    application.instances.iter().find(|each| each.id.environment == environment.name)
                })
                .and_then(|there| fleet.facts.get(&there.id))
                .map(|facts| facts.version.clone()),
        })
        .collect();
    let files = files(fleet, facts);
    InstanceDetail {
        instance: instance.id.to_string(),
        application: instance.id.application.to_string(),
        environment: instance.id.environment.to_string(),
        protected: environment.is_some_and(|environment| environment.protected),
        version: facts.version.clone(),
        state: convert::state(fleet.standings.get(&instance.id)),
        sources: instance
            .sources
            .iter()
            .map(|source| SourceInfo {
                engine: source.engine.to_string(),
                path: readable_path(&source.path),
                values: source.values.iter().map(readable_path).collect(),
            })
            .collect(),
        namespace: instance.destination.namespace.clone(),
        cluster: instance.destination.cluster.clone(),
        fidelity: match facts.fidelity.level {
            slipway_render::FidelityLevel::Exact => "exact",
            slipway_render::FidelityLevel::Approximated => "approximated",
            slipway_render::FidelityLevel::Opaque => "opaque",
        }
        .to_owned(),
        fidelity_reasons: facts.fidelity.reasons.clone(),
        reason: instance.reason.clone(),
        resources: facts
            .resources
            .iter()
            .map(|fact| RenderedResource {
                resource: convert::resource(&fact.id),
                api_version: fact.api_version.clone(),
                file: slipway_model::RepoPath::new(&fact.file)
                    .map_or_else(|_| fact.file.clone(), |path| readable_path(&path)),
                line: fact.line,
                wave: fact.wave,
                hooks: fact.hooks.clone(),
            })
            .collect(),
        problems: facts
            .problems
            .iter()
            .map(|problem| convert::problem_with_excerpt(&fleet.tree, problem))
            .collect(),
        promotion_path,
        previous: previous(opened, fleet, instance, facts),
        history: opened.workspace.commits_of(facts, COMMITS).iter().map(convert::commit).collect(),
        files_read: count(files.len()),
        files: files.into_iter().take(FILES).collect(),
    }
}

fn previous(
    opened: &Opened,
    fleet: &InnerFleet,
    instance: &Instance,
    facts: &Facts,
) -> Option<PreviousDifference> {
    let before = fleet.previous(instance)?;
    let earlier = fleet.facts.get(&before.id)?;
    let clusters = fleet.clusters.for_comparison(&before.id.environment, &instance.id.environment);
    let manifests =
        |instance, facts| opened.workspace.manifests_beside(&fleet.tree, instance, facts, &clusters);
    let comparison = fleet.compare(&manifests(before, earlier), &manifests(instance, facts), mask_key());
    let fields: Vec<ResourceFieldChange> = comparison
        .resources
        .iter()
        .flat_map(|change| change.fields.iter().map(move |field| (change, field)))
        .map(|(change, field)| ResourceFieldChange {
            resource: convert::resource(&change.resource),
            field: convert::field(field),
        })
        .collect();
    let only = |kind: Change| {
        comparison
            .resources
            .iter()
            .filter(|change| change.change == kind)
            .map(|change| convert::resource(&change.resource))
            .collect()
    };
    Some(PreviousDifference {
        environment: before.id.environment.to_string(),
        instance: before.id.to_string(),
        total: count(fields.len()),
        fields: fields.into_iter().take(FIELDS).collect(),
        added: only(Change::Added),
        removed: only(Change::Removed),
    })
}

/// The files that a render read, sorted; what it looked for and did not find, and lists of names, are none.
fn files(fleet: &InnerFleet, facts: &Facts) -> Vec<String> {
    let mut files: Vec<String> = facts
        .reads
        .iter()
        .filter(|(_, id)| id.is_some())
        .filter_map(|(read, _)| match read {
            Read::File { path } => Some(readable_path(path)),
            Read::Whole { path } => {
                let is_directory = fleet.tree.list(path).is_ok_and(|entries| entries.is_some());
                let shown = readable_path(path);
                Some(if is_directory { format!("{shown}/") } else { shown })
            }
            Read::Listing { .. } => None,
        })
        .collect();
    files.sort();
    files.dedup();
    files
}
