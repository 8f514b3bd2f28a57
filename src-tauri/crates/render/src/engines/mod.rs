//! The engines in process.

pub mod jsonnet;
mod minijinja;
mod plain;

pub use jsonnet::JsonnetEngine;
pub use minijinja::MinijinjaEngine;
pub use plain::PlainEngine;
