//! What a scan is given beside the tree.

use std::sync::Arc;

use slipway_model::Tree;
use slipway_render::{Rendered, Source};

/// Renders a source of a tree. A scan asks for it only where a parent must be rendered to know its children.
pub type RenderParent<'a> = &'a (dyn Fn(&dyn Tree, &Source) -> Rendered + Sync);

/// What a scan is given beside the tree. All of it may be left out.
#[derive(Clone, Copy, Default)]
pub struct ScanOptions<'a> {
    /// The name of the repository's folder or remote, for an application that the repository does not name.
    pub repository_name: Option<&'a str>,
    /// The addresses of the repository's remotes, to know "this repository" in a `repoURL`.
    pub remote_urls: &'a [String],
    /// Other long-lived branches by name, each with its tree.
    pub branches: &'a [(String, Arc<dyn Tree>)],
    /// Renders parents (charts and kustomizations that hold declarations). Without it, or where it fails, they
    /// are evaluated from their files, and the catalog says so.
    pub render: Option<RenderParent<'a>>,
}
