//! Helm charts in process: values, dependencies, schemas, hooks, rendering, as `helm template` of Helm 3.22 does it.
//!
//! It knows what makes a chart and what a release of it would install. It reads files only through a
//! [`Tree`](slipway_model::Tree). It knows no cluster (`lookup` and `.Capabilities` answer from a [`ClusterSnapshot`]), fetches nothing
//! (dependencies lie in `charts/`, or elsewhere in the tree, where fetched ones are), and runs no program.
//!
//! Start reading at [`Charts::render`], which names the steps in their order; [`Options`] is what can be asked for and
//! [`Failure`] what can go wrong. Where Helm has a file for something, the module says which.

pub mod argocd;
mod chart;
mod charts;
mod checks;
mod cluster;
pub mod conformance;
mod decoded;
mod dependencies;
mod describe;
mod elsewhere;
mod engine;
mod failure;
mod files_used;
mod go_yaml;
mod manifests;
mod minus_zero;
mod node;
mod options;
mod origin;
mod render;
mod schema;
pub mod set;
mod values;
mod version;

pub use chart::archive::read_archive;
pub use charts::Charts;
pub use cluster::{ClusterCapabilities, ClusterReads, ClusterSnapshot, LookupAnswer, LookupQuestion};
pub use describe::{Defaults, DependencyDescription, Description};
pub use failure::{Failure, code};
pub use manifests::{Document, Hook};
pub use options::{HelmVersion, Limits, LocalDependencies, Missing, Mode, Options, ValuesSource};
pub use origin::{FieldOrigin, FieldSource};
pub use render::Output;
pub use slipway_gotmpl::sprig::Use;

#[cfg(test)]
mod tests;
