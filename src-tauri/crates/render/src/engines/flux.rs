//! What a Flux Kustomization delivers, and the charts of the HelmReleases in it.
//!
//! Rules are those of kustomize-controller and helm-controller 1.4. Labels that the controllers add to tell their own
//! objects (`helm.toolkit.fluxcd.io/name` and the like) are left out, as those of Argo CD are.

mod chart;
mod data;
mod look;
mod objects;
mod release;
mod values;

use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_kustomize::{Substitution, Unset};
use slipway_model::{Location, Manifest, Problem, RepoPath, Tree};

use crate::engine::{Engine, Fidelity, RenderInputs, Rendered};
use crate::engines::{HelmEngine, KustomizeEngine};
use crate::flux_parameters::FluxParameters;
use crate::source::{EngineKind, Source};
use data::Entries;
pub use look::FluxField;
use objects::Objects;
pub use objects::{Found, Lookup, find};

/// Kustomizations that refer to what others deliver deeper than this are not followed.
const MAXIMUM_DEPTH: usize = 4;

/// Renders what Flux delivers: a Kustomization as it is built, or the chart of one HelmRelease of it.
#[derive(Clone, Default)]
pub struct FluxEngine {
    kustomize: KustomizeEngine,
    helm: HelmEngine,
    /// Installed tools that build and render in their place.
    tools: Option<Tools>,
}

/// Engines that run installed tools.
#[derive(Clone)]
struct Tools {
    kustomize: Arc<dyn Engine>,
    helm: Arc<dyn Engine>,
}

impl FluxEngine {
    /// An engine that shares bases and charts with others.
    #[must_use]
    pub fn new(kustomize: KustomizeEngine, helm: HelmEngine) -> Self {
        Self { kustomize, helm, tools: None }
    }

    /// The same, where other engines build kustomizations and render charts: installed tools, to compare with. What Flux
    /// does beside that (variables, common metadata, values, post-renderers) is ours all the same.
    #[must_use]
    pub fn with_tools(self, kustomize: Arc<dyn Engine>, helm: Arc<dyn Engine>) -> Self {
        Self { tools: Some(Tools { kustomize, helm }), ..self }
    }

    /// Renders the chart of a release.
    fn render_chart(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        match &self.tools {
            Some(tools) => tools.helm.render(tree, source, inputs),
            None => self.helm.render(tree, source, inputs),
        }
    }

    /// What the Kustomization of a source delivers; `elsewhere` knows what others do.
    #[must_use]
    pub fn delivered(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
        elsewhere: &dyn Lookup,
    ) -> Rendered {
        let none = FluxParameters::default();
        let flux = source.parameters.flux.as_deref().unwrap_or(&none);
        let mut noted = Noted::default();
        let substitution = match substitution(source, flux, elsewhere, &mut noted) {
            Ok(substitution) => substitution,
            Err(problem) => return Rendered::failed(vec![*problem], slipway_model::Reads::default()),
        };
        let mut rendered = match &self.tools {
            Some(tools) => by_tool(&*tools.kustomize, tree, source, &substitution, inputs),
            None => self.kustomize.delivered(tree, source, substitution, inputs),
        };
        for manifest in &mut rendered.manifests {
            add_metadata(manifest, &flux.labels, &flux.annotations);
        }
        noted.add_to(&mut rendered);
        rendered
    }

    /// The variables of a source; `elsewhere` knows what Kustomizations deliver. Where some are known only to the cluster,
    /// unset ones stay as they are written.
    ///
    /// # Errors
    /// When a ConfigMap or Secret that is named cannot be read.
    pub fn variables(source: &Source, elsewhere: &dyn Lookup) -> Result<Substitution, Box<Problem>> {
        let none = FluxParameters::default();
        let flux = source.parameters.flux.as_deref().unwrap_or(&none);
        substitution(source, flux, elsewhere, &mut Noted::default())
    }

    /// As [`delivered`](Self::delivered), where what others deliver is built when it is asked for.
    fn delivered_alone(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
        depth: usize,
    ) -> Rendered {
        let beside = source.parameters.flux.as_deref().map(|flux| flux.beside.as_slice()).unwrap_or_default();
        self.delivered(tree, source, inputs, &Objects::new(self, tree, inputs, beside, depth))
    }
}

impl Engine for FluxEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Flux
    }

    fn version(&self) -> String {
        format!("flux/1 {} {}", self.kustomize.version(), self.helm.version())
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        let delivered = self.delivered_alone(tree, source, inputs, 0);
        match source.parameters.flux.as_deref() {
            Some(flux) if flux.release.is_some() && !delivered.is_failed() => {
                release::render(self, tree, source, flux, inputs, delivered)
            }
            _ => delivered,
        }
    }
}

/// What a tool makes of the directory of a source, with its variables replaced.
fn by_tool(
    tool: &dyn Engine,
    tree: &dyn Tree,
    source: &Source,
    substitution: &Substitution,
    inputs: &RenderInputs,
) -> Rendered {
    let mut source = Source { engine: EngineKind::Kustomize, ..source.clone() };
    // Flux builds without the restriction, and makes a kustomization where there is none.
    source.parameters.load_restrictor_none = true;
    source.parameters.kustomization.get_or_insert_default();
    let mut rendered = tool.render(tree, &source, inputs);
    if substitution.variables.is_empty() {
        return rendered;
    }
    for manifest in &mut rendered.manifests {
        match substitution.object(&manifest.object) {
            Ok(Some(object)) => *manifest = Manifest::new(object, manifest.origin.clone()),
            Ok(None) => {}
            Err(failure) => rendered.problems.push(failure.to_problem()),
        }
    }
    rendered
}

/// What could not be taken into account, because only the cluster has it.
#[derive(Default)]
struct Noted {
    problems: Vec<Problem>,
}

impl Noted {
    fn add(&mut self, code: &str, message: String, at: &RepoPath) {
        self.problems.push(Problem::info(code, message).at(Location::file(at)));
    }

    fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    fn add_to(self, rendered: &mut Rendered) {
        for problem in self.problems {
            let fidelity = std::mem::replace(&mut rendered.fidelity, Fidelity::exact());
            rendered.fidelity = fidelity.and(Fidelity::approximated(problem.message.clone()));
            rendered.problems.push(problem);
        }
    }
}

/// The variables of `postBuild`: entries of ConfigMaps and Secrets in order, then those written in the Kustomization.
/// Line breaks are taken out of all (`LoadVariables` of `fluxcd/pkg/kustomize`).
fn substitution(
    source: &Source,
    flux: &FluxParameters,
    elsewhere: &dyn Lookup,
    noted: &mut Noted,
) -> Result<Substitution, Box<Problem>> {
    let mut substitution = Substitution::default();
    for from in &flux.substitute_from {
        let entries = match from.kind.as_str() {
            "ConfigMap" | "Secret" => elsewhere.find(&from.kind, &flux.namespace, &from.name),
            _ => continue,
        };
        let what = format!("{} `{}`", from.kind, from.name);
        let entries = match entries.map(|found| (data::entries(&found.object), found.origin.file)) {
            Some((Entries::Plain(entries), _)) => entries,
            Some((Entries::Encrypted, file)) => {
                let message =
                    format!("the variables of the {what} are encrypted; they stay as they are written");
                noted.add("encrypted-values", message, &file);
                substitution.unset = Unset::Keep;
                continue;
            }
            Some((Entries::Invalid(why), file)) => {
                let problem = Problem::error("invalid-object", format!("the {what}: {why}"));
                return Err(Box::new(problem.at(Location::file(&file))));
            }
            None if from.optional => continue,
            None => {
                let message = format!(
                    "nothing in this repository delivers the {what} of `substituteFrom`; its variables stay as they are written"
                );
                noted.add("values-elsewhere", message, &source.path);
                substitution.unset = Unset::Keep;
                continue;
            }
        };
        substitution.variables.extend(entries);
    }
    substitution.variables.extend(source.parameters.substitute.clone());
    for value in substitution.variables.values_mut() {
        value.retain(|character| character != '\n');
    }
    Ok(substitution)
}

/// Adds labels and annotations to the metadata of an object, and to nothing in it (`commonMetadata`).
fn add_metadata(
    manifest: &mut Manifest,
    labels: &std::collections::BTreeMap<String, String>,
    annotations: &std::collections::BTreeMap<String, String>,
) {
    for (field, added) in [("labels", labels), ("annotations", annotations)] {
        if added.is_empty() {
            continue;
        }
        let object = Arc::make_mut(&mut manifest.object);
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { continue };
        let map = metadata.entry(field).or_insert_with(|| Value::Object(Map::new()));
        if !map.is_object() {
            *map = Value::Object(Map::new());
        }
        if let Value::Object(map) = map {
            map.extend(added.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))));
        }
    }
}
