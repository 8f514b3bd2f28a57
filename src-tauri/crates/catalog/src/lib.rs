//! Which applications and environments a repository holds: its catalog, found by looking at a tree.
//!
//! It knows layouts, Argo CD and Flux declarations and `.slipway.yaml`. It renders nothing itself but the
//! parents that declare others, through `render`. Start reading at [`scan`] and [`Catalog`].

mod argocd;
mod assemble;
mod branches;
mod catalog;
mod chart;
pub mod engine_detection;
mod environments;
mod families;
mod flux;
mod found;
mod gotemplate;
mod index;
mod jsonnet;
mod kustomize;
mod naming;
mod options;
mod scan;
mod scan_json;
pub mod settings;

pub use catalog::{Application, Catalog, Destination, Environment, Instance, Layout, Skipped};
pub use options::{RenderParent, ScanOptions};
pub use scan::scan;
pub use scan_json::scan_json;
pub use settings::schema_json;

#[cfg(test)]
mod tests;
