//! Tests of whole renders.

mod cache;
mod charts;
mod cluster;
mod flux;
mod jsonnet;
mod minijinja;
mod origins;
mod plain;

use slipway_model::{MemoryTree, RepoPath};

use crate::{EngineKind, Engines, RenderInputs, Rendered, Source, render_source};

/// A source of an engine without parameters.
pub(crate) fn source(engine: EngineKind, path: &str) -> Source {
    Source {
        engine,
        path: RepoPath::new(path).unwrap(),
        values: Vec::new(),
        parameters: crate::Parameters::default(),
    }
}

/// Renders one source for no instance.
pub(crate) fn render(tree: &MemoryTree, source: &Source) -> Rendered {
    render_source(&Engines::built_in(), tree, source, &RenderInputs::default())
}

/// The problems, each as `severity[code] place: message`.
pub(crate) fn problems(rendered: &Rendered) -> Vec<String> {
    rendered
        .problems
        .iter()
        .map(|problem| format!("{:?}[{}] {problem}", problem.severity, problem.code).to_lowercase())
        .collect()
}

/// The manifests, each as `KIND/NAME FILE#DOCUMENT`.
pub(crate) fn manifests(rendered: &Rendered) -> Vec<String> {
    rendered
        .manifests
        .iter()
        .map(|manifest| format!("{} {}#{}", manifest.id, manifest.origin.file, manifest.origin.document))
        .collect()
}
