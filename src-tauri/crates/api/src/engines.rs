//! The engines that are at hand: those in process, and the installed tools for the others.

use std::sync::Arc;

use slipway_render::Engines;
use slipway_store::Settings;

/// All engines. Helm and Kustomize sources are rendered by the installed tools on a private copy.
pub(crate) fn all(settings: &Settings) -> Engines {
    let session = Arc::new(slipway_tools::ToolSession::new(slipway_tools::ToolOptions {
        helm: settings.tools.helm.clone(),
        kustomize: settings.tools.kustomize.clone(),
        ..slipway_tools::ToolOptions::default()
    }));
    Engines::built_in()
        .with(Arc::new(slipway_tools::HelmTool::new(session.clone())))
        .with(Arc::new(slipway_tools::KustomizeTool::new(session)))
}
