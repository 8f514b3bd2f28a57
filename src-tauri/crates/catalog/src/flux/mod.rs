//! Flux Kustomizations and HelmReleases, followed from the clusters.

mod artifacts;
mod deliveries;
mod roots;
mod walk;

pub(crate) use walk::{Delivered, walk};
