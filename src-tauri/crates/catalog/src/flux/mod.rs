//! Flux Kustomizations and HelmReleases, followed from the clusters.

mod artifacts;
mod roots;
mod substitute;
mod walk;

pub(crate) use walk::{Delivered, walk};
