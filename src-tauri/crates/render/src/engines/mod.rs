//! The engines in process.

mod minijinja;
mod plain;

pub use minijinja::MinijinjaEngine;
pub use plain::PlainEngine;
