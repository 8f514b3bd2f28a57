//! Kustomizations as far as a catalog needs them: who builds upon whom.

mod graph;

pub(crate) use graph::Graph;
