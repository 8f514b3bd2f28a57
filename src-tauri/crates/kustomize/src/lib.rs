//! `kustomize build` in process: from a directory with a kustomization file to Kubernetes objects.
//!
//! It behaves like `kustomize build` 5.8.2, reads only through a [`slipway_model::Tree`] and is pure: no disk, no
//! network, no process. What it deliberately does not know: how a Helm chart is rendered and how a remote base is
//! fetched; a caller brings both as traits. Plugins that run programs or containers cannot be built here; the failure
//! says so.
//!
//! Start reading at [`resource`], the type that everything works on: a [`ResourceMap`] is filled from files and
//! generators, changed by the functions of [`transform`], and read at the end.

pub mod failure;
pub mod resource;
pub mod transform;

pub use failure::Failure;
pub use resource::{Behavior, Gvk, ResId, Resource, ResourceMap};
