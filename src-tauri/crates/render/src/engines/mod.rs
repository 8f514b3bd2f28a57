//! The engines in process.

pub mod flux;
mod helm;
pub mod jsonnet;
pub mod kustomize;
mod minijinja;
mod plain;
mod post_render;

pub use flux::FluxEngine;
pub use helm::HelmEngine;
pub use jsonnet::JsonnetEngine;
pub use kustomize::KustomizeEngine;
pub use minijinja::MinijinjaEngine;
pub use plain::PlainEngine;
