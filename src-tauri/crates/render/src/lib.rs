//! How an instance's manifests come about: which engine, with which inputs, and what it read.
//!
//! It knows the engines in process (plain, minijinja, Jsonnet) and the trait [`Engine`] by which others join.
//! It knows no disk and no process: installed tools live in `tools`, the cache on disk in `store`.
//!
//! Start reading at [`Source`] and [`Engine`].

#![expect(clippy::result_large_err, reason = "a problem is made once per failure, never on a hot path")]

mod bridge;
mod cache;
mod declared;
mod directory;
mod documents;
mod engine;
pub mod engines;
mod flux_parameters;
mod glob;
mod problems;
mod registry;
mod source;
mod stream;
mod tree_answers;
pub mod values;
mod with_files;
mod written;

pub use cache::{CacheOutcome, MemoryRenderStore, RenderKey, RenderStore, StoreError, render_cached};
pub use declared::{Declaration, kustomize_options};
pub use documents::add_object;
pub use engine::{Engine, Fidelity, FidelityLevel, RenderInputs, Rendered};
pub use flux_parameters::{FluxParameters, ObjectName, SubstituteFrom, kustomize_fields};
pub use problems::unreadable;
/// Assignments such as `--set`; their grammar is Helm's and lives with it.
pub use slipway_helm::set;
/// What templates see of a cluster, and what a render asked of it.
pub use slipway_helm::{ClusterCapabilities, ClusterReads, ClusterSnapshot, LookupAnswer, LookupQuestion};
/// Variables of Flux; they belong to builds of kustomizations.
pub use slipway_kustomize::{OverlayPlace, Substitution, Unset};

pub use registry::{Engines, render_source, render_sources};
pub use source::{EngineKind, Parameters, Source};
pub use stream::stream;
pub use tree_answers::TreeAnswers;
pub use with_files::WithFiles;
pub use written::written_at;

#[cfg(test)]
mod tests;
