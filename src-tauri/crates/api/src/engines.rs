//! The engines that are at hand: ours, and the installed tools to compare with.

use std::sync::Arc;

use slipway_render::Engines;
use slipway_store::Settings;
use slipway_tools::{Limits, Surroundings, ToolSession, ToolSettings, Toolbox};

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
