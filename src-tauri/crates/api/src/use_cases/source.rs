//! What an instance is rendered from.

use std::sync::Arc;

use serde_json::Value;
use slipway_catalog::Instance;
use slipway_helm::{DependencyDescription, Description};
use slipway_model::{FieldPath, Location, Problem, RepoPath, Tree, readable_path};
use slipway_render::engines::kustomize::{Node, Role};
use slipway_render::engines::{FluxEngine, HelmEngine, KustomizeEngine};
use slipway_render::{ClusterReads, Declaration, Engine, EngineKind, FidelityLevel, RenderInputs, Source};
use slipway_workspace::{Clusters, Fleet as InnerFleet, Revision};

use super::instance::instance_id;
use super::values;
use crate::Api;
use crate::app::blocking;
use crate::convert::{self, count};
use crate::dto::*;
use crate::opened::Opened;
use crate::parity::tool_of;

/// Directories of a kustomization that are shown.
const NODES: usize = 200;

/// Dependencies of a chart that are shown.
const DEPENDENCIES: usize = 200;

impl Api {
    pub(crate) async fn source(&self, request: InstanceRef) -> Result<InstanceSource, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let id = instance_id(&request.instance)?;
        blocking(move || {
            let instance = fleet.instance(&id)?;
            let tree = tree_of(&opened, &fleet, instance)?;
            let (fidelity, cluster) = match fleet.facts.get(&instance.id) {
                Some(facts) => (facts.fidelity.clone(), facts.cluster.clone()),
                None => {
                    let rendered = opened.workspace.render(&fleet.tree, instance, &fleet.clusters);
                    (rendered.fidelity, rendered.cluster)
                }
            };
            let inputs = inputs_of(instance, &fleet.clusters);
            Ok(InstanceSource {
                instance: instance.id.to_string(),
                fidelity: match fidelity.level {
                    FidelityLevel::Exact => "exact",
                    FidelityLevel::Approximated => "approximated",
                    FidelityLevel::Opaque => "opaque",
                }
                .to_owned(),
                fidelity_reasons: fidelity.reasons,
                declared_in: instance.declared_in.as_ref().map(ToString::to_string),
                branch: instance.branch.clone(),
                tool: tool_of(instance).map(|tool| tool.as_str().to_owned()),
                cluster: (!cluster.is_empty()).then(|| cluster_use(&opened, &fleet, instance, &cluster)),
                parts: instance
                    .sources
                    .iter()
                    .flat_map(|source| parts(&tree, instance, &inputs, source))
                    .collect(),
            })
        })
        .await
    }
}

/// What an instance asks of a cluster, and which one answered.
fn cluster_use(opened: &Opened, fleet: &InnerFleet, instance: &Instance, reads: &ClusterReads) -> ClusterUse {
    let environment = &instance.id.environment;
    let heard = fleet.clusters.of(environment).zip(opened.clusters.of(environment));
    ClusterUse {
        lookups: count(reads.lookups().len()),
        capabilities: reads.has_capabilities(),
        answered: heard.and_then(|(cluster, known)| {
            Some(ClusterHeard {
                version: cluster.capabilities().version.clone(),
                asked_at: known.asked_at?,
                connected: known.is_connected(),
                context: known.context,
            })
        }),
        by_argocd: instance.argocd_application.is_some(),
    }
}

/// The files that the sources of an instance lie in.
pub(crate) fn tree_of(
    opened: &Opened,
    fleet: &InnerFleet,
    instance: &Instance,
) -> Result<Arc<dyn Tree>, ApiError> {
    let Some(branch) = &instance.branch else { return Ok(Arc::clone(&fleet.tree)) };
    let repository = opened.workspace.repository();
    let commit = repository
        .resolve(&format!("refs/heads/{branch}"))
        .or_else(|_| repository.resolve(&format!("refs/remotes/origin/{branch}")))?;
    Ok(opened.workspace.tree(&Revision::Commit(commit))?)
}

/// What an instance is rendered with beside its source.
pub(crate) fn inputs_of(instance: &Instance, clusters: &Clusters) -> RenderInputs {
    RenderInputs {
        instance: Some(instance.id.clone()),
        namespace: instance.destination.namespace.clone(),
        cluster: clusters.of(&instance.id.environment).cloned(),
    }
}

/// Says of places whether they can be opened: files of the tree that is on disk.
pub(crate) struct Places<'a> {
    pub(crate) tree: &'a dyn Tree,
    pub(crate) on_disk: bool,
}

impl Places<'_> {
    pub(crate) fn of(&self, location: &Location) -> PlaceInfo {
        let Location { file, line, column } = location.clone();
        let is_there = |path: RepoPath| self.tree.content_id(&path).is_ok_and(|id| id.is_some());
        let opens = self.on_disk && !file.is_empty() && RepoPath::new(&file).is_ok_and(is_there);
        PlaceInfo { file, line, column, opens }
    }
}

/// What a source consists of: one part, or for a HelmRelease what delivers it and its chart.
fn parts(
    tree: &Arc<dyn Tree>,
    instance: &Instance,
    inputs: &RenderInputs,
    source: &Source,
) -> Vec<SourcePart> {
    let places = Places { tree, on_disk: instance.branch.is_none() };
    let part = |source: &Source, version: Option<String>, content: SourceContent| SourcePart {
        engine: source.engine.to_string(),
        version,
        path: readable_path(&source.path),
        content,
    };
    let helm = || version(&HelmEngine::default());
    match source.engine {
        EngineKind::Helm => vec![part(source, helm(), chart(&places, inputs, source))],
        EngineKind::Kustomize => {
            let content = kustomization(&places, KustomizeEngine::default().graph(tree, source), None);
            vec![part(source, version(&KustomizeEngine::default()), content)]
        }
        EngineKind::Flux => {
            let engine = FluxEngine::default();
            let by = flux_node(&places, source);
            let content = kustomization(&places, engine.graph(tree, source, inputs), by);
            let delivered = part(source, version(&KustomizeEngine::default()), content);
            let release = engine.release_layers(tree, source, inputs);
            let release = release.map(|layers| part(&layers, helm(), chart(&places, inputs, &layers)));
            [delivered].into_iter().chain(release).collect()
        }
        _ => vec![part(source, None, SourceContent::Files)],
    }
}

/// The Flux Kustomization that delivers a source, as what uses its directory.
fn flux_node(places: &Places<'_>, source: &Source) -> Option<KustomizationNode> {
    let file = source.parameters.flux.as_deref()?.declared_in.as_ref()?;
    let declaration = Declaration::flux(places.tree, file, &source.path)?;
    let spec = declaration.value().get("spec")?;
    let fields = [
        ("targetNamespace", "/targetNamespace"),
        ("components", "/components"),
        ("patches", "/patches"),
        ("images", "/images"),
        ("substitute", "/postBuild/substitute"),
        ("substituteFrom", "/postBuild/substituteFrom"),
        ("commonMetadata", "/commonMetadata"),
    ];
    let number = |pointer: &str| match spec.pointer(pointer)? {
        Value::Array(items) => Some(items.len()),
        Value::Object(map) => Some(map.len()),
        Value::Null => None,
        _ => Some(1),
    };
    let change = |(field, pointer): (&str, &str)| {
        let count = count(number(pointer)?);
        Some(KustomizationChange { field: field.to_owned(), count })
    };
    Some(KustomizationNode {
        directory: file.to_string(),
        place: places.of(&declaration.nearest(&FieldPath::root())),
        used_by: None,
        role: "flux".to_owned(),
        resources: 0,
        generated: 0,
        changes: fields.into_iter().filter_map(change).collect(),
    })
}

/// The tool that an engine behaves like: `helm v3.22.0` of `helm/1+3.22.0`.
fn version(engine: &dyn Engine) -> Option<String> {
    let version = engine.version();
    let (_, tool) = version.split_once('+')?;
    Some(format!("{} v{}", engine.kind(), tool.trim_start_matches('v')))
}

fn chart(places: &Places<'_>, inputs: &RenderInputs, source: &Source) -> SourceContent {
    let engine = HelmEngine::default();
    let described = match engine.describe(places.tree, source, inputs) {
        Ok(described) => described,
        Err(problem) => {
            return SourceContent::Failed { problem: convert::problem_with_excerpt(places.tree, &problem) };
        }
    };
    let texts = engine.values_texts(places.tree, source);
    let compared = values::compare(places, &described.defaults, &texts, &source.parameters);
    let Description {
        name, version, app_version, file, kube_version, accepts, dependencies, problem, ..
    } = described;
    SourceContent::Chart {
        chart: Box::new(ChartInfo {
            name,
            version,
            app_version,
            place: places.of(&Location::file(&file)),
            kube_version,
            accepts,
            dependencies: dependencies
                .into_iter()
                .take(DEPENDENCIES)
                .map(|each| dependency(places, each))
                .collect(),
            layers: compared.layers,
            keys: compared.keys,
            keys_total: compared.total,
        }),
        problem: problem.map(|problem| convert::problem_with_excerpt(places.tree, &problem)),
    }
}

fn dependency(places: &Places<'_>, described: DependencyDescription) -> DependencyInfo {
    let DependencyDescription { name, wanted, version, repository, place, condition, enabled } = described;
    DependencyInfo {
        name,
        wanted,
        version,
        repository,
        place: place.map(|place| places.of(&place)),
        condition,
        enabled,
    }
}

/// The chain of kustomizations; `by` is what uses the first of them.
fn kustomization(
    places: &Places<'_>,
    nodes: Result<Vec<Node>, Box<Problem>>,
    by: Option<KustomizationNode>,
) -> SourceContent {
    match nodes {
        Ok(nodes) => {
            let above = u32::from(by.is_some());
            let moved = |node: Node| {
                let mut node = kustomization_node(places, node);
                node.used_by = node.used_by.map(|user| user + above).or((above > 0).then_some(0));
                node
            };
            SourceContent::Kustomization {
                total: count(nodes.len()) + above,
                nodes: by.into_iter().chain(nodes.into_iter().map(moved)).take(NODES).collect(),
            }
        }
        Err(problem) => {
            SourceContent::Failed { problem: convert::problem_with_excerpt(places.tree, &problem) }
        }
    }
}

fn kustomization_node(places: &Places<'_>, node: Node) -> KustomizationNode {
    let Node { directory, file, used_by, role, remote, resources, generated, changes } = node;
    let mut place = places.of(&Location::file(&file));
    place.opens &= remote.is_none();
    KustomizationNode {
        directory: remote.unwrap_or_else(|| directory.to_string()),
        place,
        used_by: used_by.map(count),
        role: match role {
            Role::Target => "target",
            Role::Base => "base",
            Role::Component => "component",
            Role::Plugins => "plugins",
        }
        .to_owned(),
        resources: count(resources),
        generated: count(generated),
        changes: changes
            .into_iter()
            .map(|(field, number)| KustomizationChange { field, count: count(number) })
            .collect(),
    }
}
