//! The engines in process.

pub mod jsonnet;
pub mod kustomize;
mod minijinja;
mod plain;

pub use jsonnet::JsonnetEngine;
pub use kustomize::KustomizeEngine;
pub use minijinja::MinijinjaEngine;
pub use plain::PlainEngine;
