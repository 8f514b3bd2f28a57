//! Kustomizations as far as a catalog needs them: who builds upon whom, and which declarations a directory
//! gives after its patches. Objects that declare nothing are counted, not built.

mod build;
mod graph;
mod patches;
mod replacements;
mod selectors;

pub(crate) use build::{Builder, Built, Object};
pub(crate) use graph::Graph;
pub(crate) use patches::apply_patches;
