//! Kustomizations, built in process.

mod charts;
mod look;
mod without_file;

use std::sync::Arc;

use slipway_kustomize::{
    BuildCache, ChartInflator, Failure, Helpers, Options, Output, OverlayPlace, Substitution, build,
};
use slipway_model::{Location, Manifest, Origin, Problem, Reads, ResourceId, Tree};

use crate::documents::add_object;
use crate::engine::{Engine, Fidelity, RenderInputs, Rendered};
use crate::engines::HelmEngine;
use crate::source::{EngineKind, Source};
use charts::Inflator;

pub use look::{FieldStep, StepPlaces};
pub use slipway_kustomize::graph::{Node, Role};
pub use slipway_kustomize::{RepositoryUrl, is_web_url};
pub use without_file::{KUSTOMIZATION_FILES, kustomization_of_manifests};

/// Builds kustomizations as `kustomize build` does. Remote bases are read through the tree, and no plugin runs. Bases are built once for
/// all overlays that share them.
#[derive(Clone, Default)]
pub struct KustomizeEngine {
    cache: Arc<BuildCache>,
    helm: HelmEngine,
}

impl KustomizeEngine {
    /// An engine that inflates charts with the charts that another one has loaded.
    #[must_use]
    pub fn new(helm: HelmEngine) -> Self {
        Self { cache: Arc::default(), helm }
    }

    /// Builds the kustomization of a source, traced where it is told where options that are laid over it are written;
    /// the outer error is for a directory without one that cannot be completed.
    fn built(
        &self,
        tree: &dyn Tree,
        source: &Source,
        trace: Option<Vec<OverlayPlace>>,
    ) -> Result<Result<Output, Failure>, Box<Problem>> {
        let parameters = &source.parameters;
        let variables = parameters.substitute.clone();
        let options = Options {
            unrestricted: parameters.load_restrictor_none,
            overlays: parameters.kustomization.iter().cloned().collect(),
            substitution: Substitution { variables, ..Substitution::default() },
            trace: trace.is_some(),
            written: trace.unwrap_or_default(),
        };
        let inflator = Inflator { helm: &self.helm };
        let charts: Option<&dyn ChartInflator> = if parameters.enable_helm { Some(&inflator) } else { None };
        if options.overlays.is_empty() && options.substitution.variables.is_empty() {
            return Ok(build(tree, &source.path, &options, &self.helpers(charts)));
        }
        let completed = without_file::completed(tree, &source.path).map_err(Box::new)?;
        Ok(build(&completed, &source.path, &options, &self.helpers(charts)))
    }

    fn helpers<'a>(&'a self, charts: Option<&'a dyn ChartInflator>) -> Helpers<'a> {
        Helpers { charts, cache: Some(&self.cache) }
    }

    /// Renders what a Flux Kustomization delivers.
    pub(super) fn delivered(
        &self,
        tree: &dyn Tree,
        source: &Source,
        substitution: Substitution,
        inputs: &RenderInputs,
    ) -> Rendered {
        match self.deliver(tree, source, substitution, None) {
            Ok(Ok(output)) => rendered(&output, inputs),
            Ok(Err(failure)) => failed(&failure),
            Err(problem) => Rendered::failed(vec![*problem], Reads::default()),
        }
    }

    /// Builds what a Flux Kustomization delivers: as kustomize, with files from anywhere below the root and without
    /// charts (`secureBuild` of `fluxcd/pkg/kustomize`); a directory without a kustomization is one of all its manifests.
    /// Traced as [`built`](Self::built).
    pub(super) fn deliver(
        &self,
        tree: &dyn Tree,
        source: &Source,
        substitution: Substitution,
        trace: Option<Vec<OverlayPlace>>,
    ) -> Result<Result<Output, Failure>, Box<Problem>> {
        let completed = without_file::completed(tree, &source.path).map_err(Box::new)?;
        let options = Options {
            unrestricted: true,
            overlays: source.parameters.kustomization.iter().cloned().collect(),
            substitution,
            trace: trace.is_some(),
            written: trace.unwrap_or_default(),
        };
        Ok(build(&completed, &source.path, &options, &self.helpers(None)))
    }
}

impl Engine for KustomizeEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Kustomize
    }

    fn version(&self) -> String {
        format!("kustomize/1+{}", slipway_kustomize::KUSTOMIZE_VERSION)
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        let built = match self.built(tree, source, None) {
            Ok(built) => built,
            Err(problem) => return Rendered::failed(vec![*problem], Reads::default()),
        };
        match built {
            Ok(output) => rendered(&output, inputs),
            Err(failure) => failed(&failure),
        }
    }
}

fn failed(failure: &Failure) -> Rendered {
    let problems = failure.to_problems();
    if failure.is_opaque() {
        let fidelity = Fidelity::opaque(failure.message());
        return Rendered { problems, fidelity, ..Rendered::empty() };
    }
    Rendered::failed(problems, Reads::default())
}

fn rendered(output: &Output, inputs: &RenderInputs) -> Rendered {
    let mut manifests = Vec::with_capacity(output.objects.len());
    let mut problems = output.warnings.clone();
    for each in &output.objects {
        let origin =
            Origin { file: each.source.file.clone(), document: each.source.document, line: each.source.line };
        if inputs.instance.is_none() || each.object.get("items").is_none() {
            manifests.push(Manifest {
                id: ResourceId::of(&each.object),
                object: Arc::clone(&each.object),
                origin,
            });
        } else if let Err(missing) = add_object((*each.object).clone(), &origin, &mut manifests) {
            problems.push(
                Problem::error("not-a-manifest", format!("not a manifest: {missing}"))
                    .at(Location::file(&origin.file)),
            );
        }
    }
    Rendered { manifests, problems, ..Rendered::empty() }
}
