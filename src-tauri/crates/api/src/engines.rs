//! The engines that are at hand: those in process, and the installed tools for the others.

use slipway_render::Engines;
use slipway_store::Settings;

/// All engines. Helm and Kustomize sources are rendered by the installed tools on a private copy.
pub(crate) fn all(settings: &Settings) -> Engines {
    let _ = settings;
    Engines::built_in()
}
