//! A small but real Kubernetes API on loopback, with simulated controllers: one virtual cluster per environment,
//! for the demo, for first steps and for tests.
//!
//! It knows how the API server answers: discovery, OpenAPI, CRUD, lists and watches with resource versions, the
//! four sorts of patches, server-side apply with field managers, custom resource definitions, tables for kubectl.
//! Its controllers make objects live: Deployments become ready after a while, Jobs complete or fail as an
//! annotation says, namespaces come and go. kubectl and the kube client work against it as they are.
//!
//! It deliberately does not know users and roles (a cluster's token may do everything in it, and nothing elsewhere),
//! processes and networks (pods run nothing; `exec` is refused), persistence (state lives as long as the process),
//! webhooks, or YAML bodies (clients send JSON or protocol buffers).
//!
//! Start reading at [`Sandbox::start`]; a request goes through `server`, `request` and `handlers` into `write` and
//! `store`; `controllers` do the rest.

mod admission;
mod apply;
mod certificates;
mod clock;
mod cluster;
mod controllers;
mod conversion;
mod crd;
mod discovery;
mod handlers;
mod kubeconfig;
mod openapi;
mod protobuf;
mod quantity;
mod registry;
mod request;
mod sandbox;
mod schema;
mod server;
mod state;
mod status;
mod store;
mod tables;
mod validation;
mod write;

pub use kubeconfig::{KubeconfigError, runtime_directory};
pub use registry::KindWithoutSchema;
pub use sandbox::{Sandbox, SandboxError, SandboxOptions};
pub use state::Speed;

/// The annotation of a pod (or of a workload's pod template) that says what becomes of it: `complete`, `fail` or
/// `hang`.
pub const OUTCOME_ANNOTATION: &str = controllers::OUTCOME;
/// The annotation of a pod that says how long it takes: `3s`, `500ms`, `2m`.
pub const DELAY_ANNOTATION: &str = controllers::DELAY;

#[cfg(test)]
mod tests;
