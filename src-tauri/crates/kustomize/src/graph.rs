//! The chain from base to overlay as data, for people to look at.

use slipway_model::RepoPath;

/// A directory with a kustomization, and what it contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The directory; a fetched one lies below [`slipway_model::REMOTE_DIRECTORY`].
    pub directory: RepoPath,
    /// The kustomization file.
    pub file: RepoPath,
    /// Which node uses it; `None` for the one that the build began with.
    pub used_by: Option<usize>,
    /// What it is.
    pub role: Role,
    /// The URL that it was fetched from.
    pub remote: Option<String>,
    /// Resources that it reads from files of its own.
    pub resources: usize,
    /// ConfigMaps, Secrets and the like that it generates.
    pub generated: usize,
    /// What it changes: the fields of the kustomization that are set, in the order in which they act, with how many
    /// entries each has.
    pub changes: Vec<(String, usize)>,
}

/// What a directory is in a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one that the build began with.
    Target,
    /// A kustomization that another one lists in `resources`.
    Base,
    /// A component.
    Component,
    /// A kustomization of plugin configurations.
    Plugins,
}
