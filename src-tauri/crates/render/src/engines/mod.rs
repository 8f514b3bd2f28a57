//! The engines in process.

mod helm;
pub mod jsonnet;
pub mod kustomize;
mod minijinja;
mod plain;

pub use helm::HelmEngine;
pub use jsonnet::JsonnetEngine;
pub use kustomize::KustomizeEngine;
pub use minijinja::MinijinjaEngine;
pub use plain::PlainEngine;
