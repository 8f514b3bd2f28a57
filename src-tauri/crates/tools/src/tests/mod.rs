//! The engines with the real tools and with programs that misbehave.

#[cfg(unix)]
mod misbehaving;
mod real;

use std::path::PathBuf;
use std::sync::Arc;

use slipway_model::{Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Rendered, Source};

use crate::{Limits, Surroundings, ToolKind, ToolSession, ToolSettings, Toolbox};

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(crate) fn source(engine: EngineKind, at: &str) -> Source {
    Source { engine, path: path(at), values: Vec::new(), parameters: Parameters::default() }
}

pub(crate) fn session() -> Arc<ToolSession> {
    Arc::new(ToolSession::new(Limits::default()).unwrap())
}

/// The problems, each as `code place: message`.
pub(crate) fn problems(rendered: &Rendered) -> Vec<String> {
    rendered.problems.iter().map(|problem: &Problem| format!("{} {problem}", problem.code)).collect()
}

/// The real tools: where a user has them, else where the test rig keeps them. `None`, with a line that says
/// so, where the one that a test needs is missing.
pub(crate) fn real_tools(test: &str, needs: ToolKind) -> Option<Toolbox> {
    let own = Toolbox::discover(&ToolSettings::default(), &Surroundings::of_process());
    let rig = std::env::home_dir().map(|home| home.join(".cache/slipway-rig/bin"));
    let in_rig = |name: &str| rig.as_ref().map(|rig| rig.join(name)).filter(|path: &PathBuf| path.exists());
    let settings = ToolSettings {
        helm: if own.helm.is_ok() { None } else { in_rig("helm") },
        kustomize: if own.kustomize.is_ok() { None } else { in_rig("kustomize") },
    };
    let tools = Toolbox::discover(&settings, &Surroundings::of_process());
    let found = match needs {
        ToolKind::Helm => &tools.helm,
        ToolKind::Kustomize => &tools.kustomize,
    };
    if let Err(error) = found {
        println!("skipped: {test}: {error}");
        return None;
    }
    Some(tools)
}
