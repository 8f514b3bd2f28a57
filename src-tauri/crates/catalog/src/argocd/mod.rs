//! Argo CD Applications and ApplicationSets, followed from their roots.

mod application;
mod applicationset;
mod entries;
mod environment;
mod fasttemplate;
mod generators;
mod helm;
mod kustomize;
mod order;
pub(crate) mod parameters;
mod remote;
mod repository;
mod walk;

pub(crate) use repository::Repository;
pub(crate) use walk::{Declared, walk};
