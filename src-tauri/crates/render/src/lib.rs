//! How an instance's manifests come about: which engine, with which inputs, and what it read.
//!
//! It knows the engines in process (plain, minijinja, Jsonnet) and the trait [`Engine`] by which others join.
//! It knows no disk and no process: installed tools live in `tools`, the cache on disk in `store`.
//!
//! Start reading at [`Source`] and [`Engine`].

mod engine;
mod source;

pub use engine::{Engine, Fidelity, FidelityLevel, RenderInputs, Rendered};
pub use source::{EngineKind, Parameters, Source};
