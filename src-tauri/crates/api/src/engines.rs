//! The engines that are at hand: those in process, and the installed tools for the others.

use std::sync::{Arc, OnceLock};

use slipway_model::{Problem, Reads, Tree};
use slipway_render::{Engine, EngineKind, Engines, RenderInputs, Rendered, Source};
use slipway_store::Settings;
use slipway_tools::{Limits, Surroundings, ToolSession, ToolSettings, Toolbox};

/// All engines. Helm sources are rendered by the installed tool on a private copy.
pub(crate) fn all(settings: &Settings) -> Engines {
    let tools = Arc::new(LazyTools {
        settings: ToolSettings {
            helm: settings.tools.helm.clone(),
            kustomize: settings.tools.kustomize.clone(),
        },
        found: OnceLock::new(),
    });
    Engines::built_in().with(Arc::new(LazyTool { kind: EngineKind::Helm, tools }))
}

/// The installed tools, and engines in which they render what they can.
pub(crate) struct Installed {
    /// What was found.
    pub(crate) toolbox: Toolbox,
    /// The tools for Helm and Kustomize sources, our own engines for the others.
    pub(crate) engines: Engines,
}

/// Looks for the installed tools.
pub(crate) fn installed(settings: &Settings) -> Result<Installed, String> {
    let tools =
        ToolSettings { helm: settings.tools.helm.clone(), kustomize: settings.tools.kustomize.clone() };
    let session = ToolSession::new(Limits::default())
        .map_err(|failure| format!("no private folder can be made for the tools: {failure}"))?;
    let toolbox = Toolbox::discover(&tools, &Surroundings::of_process());
    let engines = toolbox.add_to(Engines::built_in(), &Arc::new(session));
    Ok(Installed { toolbox, engines })
}

/// The installed tools, looked for when the first source needs one: finding them starts each once, which a
/// repository without charts and kustomizations does not have to wait for.
struct LazyTools {
    settings: ToolSettings,
    found: OnceLock<Result<Engines, String>>,
}

impl LazyTools {
    fn engines(&self) -> &Result<Engines, String> {
        self.found.get_or_init(|| {
            let session = ToolSession::new(Limits::default())
                .map_err(|failure| format!("no private folder can be made for the tools: {failure}"))?;
            let tools = Toolbox::discover(&self.settings, &Surroundings::of_process());
            Ok(tools.add_to(Engines::default(), &Arc::new(session)))
        })
    }
}

struct LazyTool {
    kind: EngineKind,
    tools: Arc<LazyTools>,
}

impl LazyTool {
    fn engine(&self) -> Result<&Arc<dyn Engine>, String> {
        let engines = self.tools.engines().as_ref().map_err(Clone::clone)?;
        engines.get(self.kind).ok_or_else(|| format!("there is no installed tool for {}", self.kind))
    }
}

impl Engine for LazyTool {
    fn kind(&self) -> EngineKind {
        self.kind
    }

    fn version(&self) -> String {
        self.engine().map_or_else(|_| "none".to_owned(), |engine| engine.version())
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        match self.engine() {
            Ok(engine) => engine.render(tree, source, inputs),
            Err(message) => Rendered::failed(vec![Problem::error("tool-missing", message)], Reads::default()),
        }
    }
}
