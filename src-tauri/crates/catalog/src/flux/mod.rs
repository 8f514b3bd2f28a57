//! Flux Kustomizations and HelmReleases, followed from the clusters.

mod artifacts;
mod deliveries;
mod order;
mod roots;
mod walk;

pub(crate) use walk::{Delivered, walk};
