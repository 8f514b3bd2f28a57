//! Which applications and environments a repository holds: its catalog, found by looking at a tree.
//!
//! It knows layouts, Argo CD and Flux declarations and `.slipway.yaml`. It renders nothing itself but the
//! parents that declare others, through `render`. Start reading at [`Catalog`].

mod catalog;

pub use catalog::{Application, Catalog, Destination, Environment, Instance, Layout, Skipped};
