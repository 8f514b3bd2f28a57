//! Charts, rendered in process.

mod look;

use std::sync::Arc;

use slipway_helm::{
    Charts, Document, Failure, LocalDependencies, Missing, Options, Output, ValuesSource, code,
};
use slipway_model::{
    Location, Manifest, Origin, Problem, Reads, RemoteReference, RepoPath, ResourceId, Tree,
};

use crate::documents::add_object;
use crate::engine::{Engine, Fidelity, RenderInputs, Rendered};
use crate::source::{EngineKind, Source};

/// What helm calls a release without a name.
pub(super) const RELEASE: &str = "release-name";
/// The namespace that helm assumes without a kubeconfig.
pub(super) const NAMESPACE: &str = "default";

/// What everything random follows from. It is the same for every render, so that passwords and certificates made by
/// templates are no difference between two of them.
pub(super) const SEED: &[u8] = b"slipway";

/// The time of every render in seconds since 1970, the first moment of 2026: templates that print the time print the
/// same one.
pub(super) const NOW: i64 = 1_767_225_600;

/// Renders charts as `helm template` does. Nothing is fetched: dependencies lie in `charts/`, beside the chart in the
/// repository (`file://`), or where fetched charts are read, as the chart itself may. Charts are loaded and their templates parsed once for all renders.
#[derive(Clone, Default)]
pub struct HelmEngine {
    charts: Arc<Charts>,
}

impl HelmEngine {
    /// The charts that were loaded.
    pub(super) fn charts(&self) -> &Charts {
        &self.charts
    }
}

impl Engine for HelmEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Helm
    }

    fn version(&self) -> String {
        // A kept render is one of this very engine: another release of ours may render otherwise.
        concat!("helm/", env!("CARGO_PKG_VERSION"), "+3.22.0").to_owned()
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        match self.charts.render(tree, &source.path, &options(source, inputs)) {
            Ok(output) => rendered(output, inputs),
            Err(failure) => Rendered {
                cluster: failure.cluster().clone(),
                ..Rendered::failed(problems(&failure, inputs), Reads::default())
            },
        }
    }
}

fn options(source: &Source, inputs: &RenderInputs) -> Options {
    let parameters = &source.parameters;
    let application = inputs.instance.as_ref().map(|instance| instance.application.as_str());
    let release = parameters.release.as_deref().or(application).unwrap_or(RELEASE);
    let namespace = parameters.namespace.as_deref().or(inputs.namespace.as_deref()).unwrap_or(NAMESPACE);
    let text = |name: &str, text: &str| ValuesSource::Text { name: name.to_owned(), text: text.to_owned() };
    let missing = if parameters.ignore_missing_values { Missing::Ignore } else { Missing::Fail };
    let file = |path: &RepoPath| ValuesSource::File { path: path.clone(), name: String::new(), missing };
    let files = source.values.iter().map(file);
    let named = parameters.named_values.iter().map(|(name, content)| text(name, content));
    let inline = parameters.inline_values.iter().map(|content| text("inline values", content));
    Options {
        values: files.chain(named).chain(inline).collect(),
        set_json: parameters.set_json.clone(),
        set: parameters.set.clone(),
        set_string: parameters.set_string.clone(),
        set_file: parameters.set_file.clone(),
        files: parameters.named_files.clone(),
        kube_version: parameters.kube_version.clone(),
        api_versions: parameters.api_versions.clone(),
        cluster: inputs.cluster.clone(),
        include_crds: parameters.include_crds,
        skip_tests: parameters.skip_tests,
        is_upgrade: parameters.is_upgrade,
        skip_schema_validation: parameters.skip_schema_validation,
        show_only: parameters.show_only.clone(),
        seed: SEED.to_vec(),
        now: NOW,
        // An instance is rendered as Argo CD and Flux render it, after `helm dependency build`; a folder as helm does.
        local_dependencies: match inputs.instance {
            Some(_) => LocalDependencies::Read,
            None => LocalDependencies::Refuse,
        },
        ..Options::new(release, namespace)
    }
}

fn rendered(output: Output, inputs: &RenderInputs) -> Rendered {
    let mut fidelity = if output.nondeterministic.is_empty() {
        Fidelity::exact()
    } else {
        let mut names: Vec<&str> = output.nondeterministic.iter().map(|each| each.function).collect();
        names.sort_unstable();
        names.dedup();
        Fidelity::approximated(format!(
            "Helm makes values anew each time ({}); here they are always the same",
            names.join(", ")
        ))
    };
    let (unanswered, why) = match &inputs.cluster {
        None => (output.cluster.lookups().len(), "no cluster connected"),
        Some(cluster) => (output.cluster.missing_in(cluster).len(), "the cluster was not asked"),
    };
    if unanswered > 0 {
        let objects = if unanswered == 1 { "object" } else { "objects" };
        let reason = format!("looked up {unanswered} {objects}, {why}: empty");
        fidelity = fidelity.and(Fidelity::approximated(reason));
    }
    let mut manifests = Vec::with_capacity(output.documents.len());
    let mut problems = output.warnings;
    for document in output.documents {
        if let Err(missing) = add(document, inputs, &mut manifests) {
            problems.push(missing);
        }
    }
    Rendered { manifests, problems, fidelity, cluster: output.cluster, ..Rendered::empty() }
}

/// Adds a document. For an instance lists are opened and every document must be a manifest, as Argo CD has it; without
/// one the documents are what helm prints.
fn add(document: Document, inputs: &RenderInputs, manifests: &mut Vec<Manifest>) -> Result<(), Problem> {
    let origin = Origin { file: document.file, document: document.index, line: None };
    let is_list = document.object.get("items").is_some();
    let is_manifest = crate::documents::is_manifest(&document.object);
    if inputs.instance.is_none() || (is_manifest && !is_list) {
        let id = ResourceId::of(&document.object);
        manifests.push(Manifest { id, object: document.object, origin });
        return Ok(());
    }
    let object = Arc::unwrap_or_clone(document.object);
    add_object(object, &origin, manifests).map_err(|missing| {
        Problem::error("not-a-manifest", format!("not a manifest: {missing}"))
            .at(Location::file(&origin.file))
    })
}

/// The failure as problems: one for each chart that would have to be fetched. A dependency of which nobody says where it
/// is fetched from is something else than one that is wrong, too.
fn problems(failure: &Failure, inputs: &RenderInputs) -> Vec<Problem> {
    let problem = failure.problem();
    if failure.missing().is_empty() {
        let lacks = failure.code() == code::DEPENDENCY && failure.message().contains("missing in charts/");
        let code = if lacks { code::REMOTE.to_owned() } else { problem.code };
        return vec![Problem { code, ..problem }];
    }
    let one = |reference: &RemoteReference| {
        let message = format!("{reference} was not fetched");
        let told = Problem::error(code::REMOTE, message).lacks(reference.clone()).hint(how_to_fetch(inputs));
        match failure.location() {
            Some(place) => told.at(place.clone()),
            None => told,
        }
    };
    failure.missing().iter().map(one).collect()
}

/// What brings content from outside the repository.
pub(super) fn how_to_fetch(inputs: &RenderInputs) -> String {
    match &inputs.instance {
        Some(instance) => format!("fetch it: `slipway fetch {instance}`"),
        None => "fetch it: `slipway fetch`".to_owned(),
    }
}
