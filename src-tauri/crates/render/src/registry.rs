//! The engines that are at hand, and rendering with them.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use slipway_model::{Location, Manifest, Problem, Reads, Recorder, RemoteReference, RepoPath, Tree};

use crate::bridge::panic_text;
use crate::engine::{Engine, Fidelity, RenderInputs, Rendered};
use crate::engines::kustomize::KUSTOMIZATION_FILES;
use crate::engines::{FluxEngine, HelmEngine, JsonnetEngine, KustomizeEngine, MinijinjaEngine, PlainEngine};
use crate::problems::not_fetched;
use crate::source::{EngineKind, Source};

/// The engines that are at hand, one for each kind.
#[derive(Clone, Default)]
pub struct Engines(BTreeMap<EngineKind, Arc<dyn Engine>>);

impl Engines {
    /// The engines in process.
    #[must_use]
    pub fn built_in() -> Self {
        let helm = HelmEngine::default();
        let kustomize = KustomizeEngine::new(helm.clone());
        Self::default()
            .with(Arc::new(PlainEngine))
            .with(Arc::new(MinijinjaEngine::default()))
            .with(Arc::new(JsonnetEngine::default()))
            .with(Arc::new(FluxEngine::new(kustomize.clone(), helm.clone())))
            .with(Arc::new(kustomize))
            .with(Arc::new(helm))
    }

    /// Adds an engine; it replaces another of its kind.
    #[must_use]
    pub fn with(mut self, engine: Arc<dyn Engine>) -> Self {
        self.0.insert(engine.kind(), engine);
        self
    }

    /// The engine of a kind.
    #[must_use]
    pub fn get(&self, kind: EngineKind) -> Option<&Arc<dyn Engine>> {
        self.0.get(&kind)
    }
}

/// Renders one source. Never panics: a panic of an engine becomes the problem `engine-crashed`.
#[must_use]
pub fn render_source(engines: &Engines, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
    let recorder = Recorder::new(tree);
    let absent = absent(&recorder, source);
    if !absent.is_empty() {
        return not_here(&absent, recorder.into_reads());
    }
    let found = by_files(&recorder, source);
    let source = found.as_ref().unwrap_or(source);
    let Some(engine) = engines.get(source.engine) else { return without_engine(source) };
    let result = catch_unwind(AssertUnwindSafe(|| engine.render(&recorder, source, inputs)));
    let mut rendered = result.unwrap_or_else(|payload| {
        let message = format!("the {} engine crashed: {}", source.engine, panic_text(payload.as_ref()));
        Rendered::failed(
            vec![
                Problem::error(ENGINE_CRASHED, message).hint("this is a fault of Slipway; please report it"),
            ],
            Reads::default(),
        )
    });
    rendered.reads = recorder.into_reads();
    if rendered.is_failed() {
        rendered.manifests.clear();
    }
    for problem in &mut rendered.problems {
        if problem.location.is_none() {
            problem.location = Some(Location::file(&source.path));
        }
    }
    report_duplicates(&rendered.manifests, inputs, &mut rendered.problems);
    rendered
}

/// Renders several sources as one: their manifests one after the other, the weaker fidelity, all problems.
/// Of objects that appear several times the last is kept, as Argo CD does with its `RepeatedResourceWarning`.
#[must_use]
pub fn render_sources(
    engines: &Engines,
    tree: &dyn Tree,
    sources: &[Source],
    inputs: &RenderInputs,
) -> Rendered {
    let mut all = Rendered::empty();
    for source in sources {
        let rendered = render_source(engines, tree, source, inputs);
        all.manifests.extend(rendered.manifests);
        // Duplicates are reported once, over all sources.
        all.problems
            .extend(rendered.problems.into_iter().filter(|problem| problem.code != DUPLICATE_RESOURCE));
        all.reads.extend(rendered.reads);
        all.cluster.extend(rendered.cluster);
        all.fidelity = all.fidelity.and(rendered.fidelity);
    }
    if all.is_failed() {
        all.manifests.clear();
    }
    report_duplicates(&all.manifests, inputs, &mut all.problems);
    keep_last(&mut all.manifests, inputs);
    if let Some(instance) = &inputs.instance {
        for problem in &mut all.problems {
            problem.instance.get_or_insert_with(|| instance.clone());
        }
    }
    all
}

/// The problem of an engine that panicked.
pub(crate) const ENGINE_CRASHED: &str = "engine-crashed";
/// The problem of an object that appears several times.
const DUPLICATE_RESOURCE: &str = "duplicate-resource";

/// What a source itself names outside the repository and what was not fetched. What engines find on their way they tell
/// themselves.
fn absent(tree: &dyn Tree, source: &Source) -> Vec<RemoteReference> {
    let files = source.parameters.set_file.iter().filter_map(|assignment| {
        let (_, file) = assignment.split_once('=')?;
        RepoPath::new(file).ok()
    });
    let paths = std::iter::once(source.path.clone()).chain(source.values.iter().cloned()).chain(files);
    let mut references: Vec<RemoteReference> = paths
        .filter_map(|path| Some(RemoteReference::of_path(&path)?.0))
        // What cannot be read is told by the engine.
        .filter(|reference| matches!(tree.content_id(&reference.path()), Ok(None)))
        .collect();
    references.sort();
    references.dedup();
    references
}

fn not_here(absent: &[RemoteReference], reads: Reads) -> Rendered {
    let mut rendered = Rendered { reads, ..Rendered::empty() };
    for reference in absent {
        let problem = not_fetched(reference);
        rendered.fidelity = rendered.fidelity.and(Fidelity::opaque(problem.message.clone()));
        rendered.problems.push(problem);
    }
    rendered
}

/// A directory of another repository that was fetched after it was declared, with the engine that its files tell.
fn by_files(tree: &dyn Tree, source: &Source) -> Option<Source> {
    if source.engine != EngineKind::ArgocdApplication || RemoteReference::of_path(&source.path).is_none() {
        return None;
    }
    let entries = tree.list(&source.path).ok().flatten()?;
    let has = |name: &str| entries.iter().any(|entry| entry.name == name);
    let engine = if has("Chart.yaml") {
        EngineKind::Helm
    } else if KUSTOMIZATION_FILES.iter().any(|name| has(name)) {
        EngineKind::Kustomize
    } else {
        EngineKind::Plain
    };
    Some(Source { engine, ..source.clone() })
}

fn without_engine(source: &Source) -> Rendered {
    let at = Location::file(&source.path);
    match source.engine {
        EngineKind::Helm
        | EngineKind::Kustomize
        | EngineKind::Plain
        | EngineKind::Minijinja
        | EngineKind::Flux
        | EngineKind::Jsonnet => Rendered::failed(
            vec![Problem::error("engine-missing", format!("there is no engine {}", source.engine)).at(at)],
            Reads::default(),
        ),
        EngineKind::ArgocdApplication => {
            opaque(source, "the source of the Application is outside this repository")
        }
        EngineKind::Opaque => opaque(source, "only the cluster can render it"),
    }
}

fn opaque(source: &Source, reason: &str) -> Rendered {
    let problem = Problem::info("opaque-source", format!("not rendered here: {reason}"))
        .at(Location::file(&source.path));
    Rendered { problems: vec![problem], fidelity: Fidelity::opaque(reason), ..Rendered::empty() }
}

/// What tells objects apart: an object without a namespace is in the instance's. For objects that have no
/// namespace at all this changes nothing, because all of one kind get the same.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

fn key<'a>(manifest: &'a Manifest, inputs: &'a RenderInputs) -> Option<Key<'a>> {
    let id = &manifest.id;
    if id.name.is_empty() || id.kind.is_empty() {
        // With `generateName` each is a new object.
        return None;
    }
    let namespace = match id.namespace.as_str() {
        "" => inputs.namespace.as_deref().unwrap_or_default(),
        own => own,
    };
    Some((&id.group, &id.kind, namespace, &id.name))
}

fn report_duplicates(manifests: &[Manifest], inputs: &RenderInputs, problems: &mut Vec<Problem>) {
    let mut seen: HashMap<Key<'_>, Vec<&Manifest>> = HashMap::new();
    let mut order = Vec::new();
    for manifest in manifests {
        let Some(key) = key(manifest, inputs) else { continue };
        let group = seen.entry(key).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(manifest);
    }
    for group in order.iter().filter_map(|key| seen.get(key)).filter(|group| group.len() > 1) {
        let Some((last, earlier)) = group.split_last() else { continue };
        let places: Vec<String> = earlier.iter().map(|manifest| place(manifest).to_string()).collect();
        problems.push(
            Problem::warning(
                DUPLICATE_RESOURCE,
                format!("{} appears {} times; the last one is applied", last.id, group.len()),
            )
            .hint(format!("also in {}", places.join(", ")))
            .at(place(last)),
        );
    }
}

fn keep_last(manifests: &mut Vec<Manifest>, inputs: &RenderInputs) {
    let mut last = HashMap::new();
    for (position, manifest) in manifests.iter().enumerate() {
        if let Some(key) = key(manifest, inputs) {
            last.insert(key, position);
        }
    }
    let keep: Vec<bool> = manifests
        .iter()
        .enumerate()
        .map(|(position, manifest)| key(manifest, inputs).is_none_or(|key| last.get(&key) == Some(&position)))
        .collect();
    let mut keep = keep.into_iter();
    manifests.retain(|_| keep.next().unwrap_or(true));
}

fn place(manifest: &Manifest) -> Location {
    let origin = &manifest.origin;
    Location { file: origin.file.to_string(), line: origin.line, column: origin.line.map(|_| 1) }
}
