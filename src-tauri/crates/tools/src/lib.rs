//! The installed helm, kustomize and kubectl, run on a private copy.
//!
//! It knows where tools are found, which versions are good enough, what a chart or a kustomization may read,
//! and how the tools word their errors. A tool never sees the repository: what it may read is copied into a
//! private directory that is deleted afterwards, links are written as the files they lead to, and it runs
//! with an environment of its own, so that no plugin, post-renderer or network access of the user joins in.
//! It does not know what the manifests are for.
//!
//! Start reading at [`Toolbox`] and [`ToolSession`].

#![expect(clippy::result_large_err, reason = "a problem is made once per failure, never on a hot path")]

mod closure;
mod copy;
mod helm;
mod kustomization;
mod kustomize;
mod locate;
mod messages;
mod output;
mod process;
mod session;

pub use helm::HelmTool;
pub use kustomize::KustomizeTool;
pub use locate::{Flavour, Surroundings, Tool, ToolError, ToolKind, ToolSettings, Toolbox};
pub use session::{Limits, ToolSession};

#[cfg(test)]
mod tests;
