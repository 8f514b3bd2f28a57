//! An instance as a reading or a declaration tells it, before names are made equal and the catalog is built.

use slipway_model::{Order, Problem, RepoPath};
use slipway_render::Source;

use crate::catalog::Destination;
use crate::families::Reading;
use crate::flux::Delivered;

/// An instance before the catalog is built.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What is deployed; `None` where the repository does not name it.
    pub(crate) application: Option<String>,
    /// Where; `None` where there are no environments.
    pub(crate) environment: Option<String>,
    /// How its manifests come about, as far as this repository holds it; at least one.
    pub(crate) sources: Vec<Source>,
    /// How the rest of them come about, from content outside.
    pub(crate) remote: Vec<Source>,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// The Argo CD Application that declares it.
    pub(crate) argocd_application: Option<String>,
    /// Which declaration or convention it was found by.
    pub(crate) reason: String,
    /// The file that declares it.
    pub(crate) declared_in: Option<RepoPath>,
    /// The family, as in [`Layout::family`](crate::Layout::family).
    pub(crate) family: &'static str,
    /// The branch that holds it, where that is another than the one that is scanned.
    pub(crate) revision: Option<String>,
    /// What orders it among others.
    pub(crate) order: Order,
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
}

impl From<Reading> for Found {
    fn from(reading: Reading) -> Self {
        Self {
            application: reading.application,
            environment: reading.environment,
            sources: vec![Source {
                engine: reading.engine,
                path: reading.path,
                values: reading.values,
                parameters: slipway_render::Parameters::default(),
            }],
            remote: Vec::new(),
            destination: Destination::default(),
            argocd_application: None,
            reason: reading.reason,
            declared_in: None,
            family: reading.family,
            revision: None,
            order: Order::default(),
            problems: reading.problem.into_iter().collect(),
        }
    }
}

impl From<Delivered> for Found {
    fn from(delivered: Delivered) -> Self {
        Self {
            application: Some(delivered.name),
            environment: delivered.environment,
            sources: vec![delivered.source],
            remote: Vec::new(),
            destination: delivered.destination,
            argocd_application: None,
            reason: delivered.reason,
            declared_in: Some(delivered.declared_in),
            family: "flux-clusters",
            revision: None,
            order: delivered.order,
            problems: Vec::new(),
        }
    }
}
