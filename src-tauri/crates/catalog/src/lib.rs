//! Which applications and environments a repository holds: its catalog, found by looking at a tree.
//!
//! It knows layouts, Argo CD and Flux declarations, Tanka environments and `.slipway.yaml`. What declares wins;
//! directories tell the rest, and repetition over all of them decides which part of a path or a name is the
//! environment. It renders nothing but the parents that declare others, through [`ScanOptions::render`]; without it,
//! or where it fails, charts are rendered leniently and kustomizations read from their files. What lies outside the
//! repository it only names. It deliberately does not know clusters, or what a manifest means.
//!
//! Start reading at [`scan`](scan()) and [`Catalog`]; then `families` for directories, `argocd` and `flux` for
//! declarations, `naming` for how a declaration gets its names.

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
mod go_template;
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
pub use scan::{ScanMemory, scan, scan_after, scan_with_memory};
pub use scan_json::scan_json;
pub use settings::schema_json;

#[cfg(test)]
mod tests;
