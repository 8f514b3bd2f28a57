//! The rendered fleet at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_catalog::{Catalog, Instance};
use slipway_diff::{Comparison, MaskKey, Options};
use slipway_model::{InstanceId, Manifest, Remotes, RepoPath, Tree};

use crate::changes::LastChanges;
use crate::clusters::Clusters;
use crate::error::WorkspaceError;
use crate::facts::{FactsByInstance, RenderStatus};
use crate::opened::Revision;
use crate::rules::Rules;
use crate::states::{self, Standing};

/// How far rendering is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All instances.
    pub total: usize,
    /// Those that are rendered, failed ones included.
    pub rendered: usize,
    /// Those that failed.
    pub failed: usize,
}

/// The fleet at one moment: a tree, what is in it, and what of it is rendered. Immutable; a later one has a
/// higher generation.
#[derive(Clone)]
pub struct Fleet {
    /// Counts up with every change.
    pub generation: u32,
    /// What it shows.
    pub revision: Revision,
    /// What was fetched from elsewhere.
    pub remotes: Arc<dyn Remotes>,
    /// What the clusters of environments said.
    pub clusters: Arc<Clusters>,
    /// The files, with what was fetched.
    pub tree: Arc<dyn Tree>,
    /// The applications and environments.
    pub catalog: Arc<Catalog>,
    /// What the repository says about single settings.
    pub rules: Arc<Rules>,
    /// What is rendered so far.
    pub facts: FactsByInstance,
    /// How instances stand to the previous environment; complete once everything is rendered.
    pub standings: Arc<BTreeMap<InstanceId, Standing>>,
    /// What last changed each instance; known of the working directory, once everything is rendered.
    pub changes: Arc<LastChanges>,
}

impl Fleet {
    /// Whether it shows just this of what was fetched.
    #[must_use]
    pub fn saw(&self, remotes: &Arc<dyn Remotes>) -> bool {
        Arc::ptr_eq(&self.remotes, remotes)
    }

    /// Whether it was rendered with just this of what clusters said.
    #[must_use]
    pub fn heard(&self, clusters: &Arc<Clusters>) -> bool {
        Arc::ptr_eq(&self.clusters, clusters) || self.clusters == *clusters
    }

    /// How far rendering is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            total: self.catalog.instances().count(),
            rendered: self.facts.len(),
            failed: self.facts.values().filter(|facts| facts.status == RenderStatus::Failed).count(),
        }
    }

    /// The instance with this id. The short form finds one only where it is alone.
    ///
    /// # Errors
    /// When there is none, or when there are several.
    pub fn instance(&self, id: &InstanceId) -> Result<&Instance, WorkspaceError> {
        find_instance(&self.catalog, id)
    }

    /// Compares the renders of two environments: resources that differ in nothing but the environment's name or
    /// in their namespace are the same resource.
    #[must_use]
    pub fn compare(&self, from: &[Manifest], to: &[Manifest], key: &MaskKey) -> Comparison {
        let options =
            Options { key: key.clone(), environments: Some(self.rules.words.clone()), ..Options::default() };
        slipway_diff::compare_with(from, to, &options)
    }

    /// The instances whose render read something that a change of these files can change. Instances that are
    /// not rendered yet are not known and not named.
    #[must_use]
    pub fn touched_by(&self, paths: &[RepoPath]) -> Vec<&Instance> {
        self.catalog
            .instances()
            .filter(|instance| {
                self.facts
                    .get(&instance.id)
                    .is_some_and(|facts| paths.iter().any(|path| facts.reads.touch(path)))
            })
            .collect()
    }

    /// The instance of the same application in the nearest earlier environment that has it.
    #[must_use]
    pub fn previous<'a>(&'a self, instance: &Instance) -> Option<&'a Instance> {
        let order: Vec<_> = self.catalog.environments.iter().map(|environment| &environment.name).collect();
        let application =
            self.catalog.applications.iter().find(|each| each.name == instance.id.application)?;
        states::previous(application, instance, &order)
    }
}

/// The instance of a catalog with this id. The short form finds one only where it is alone.
///
/// # Errors
/// When there is none, or when there are several.
pub fn find_instance<'a>(catalog: &'a Catalog, id: &InstanceId) -> Result<&'a Instance, WorkspaceError> {
    if let Some(instance) = catalog.instance(id) {
        return Ok(instance);
    }
    let twins: Vec<&Instance> = catalog
        .instances()
        .filter(|instance| {
            id.path.is_none()
                && instance.id.application == id.application
                && instance.id.environment == id.environment
        })
        .collect();
    match twins.as_slice() {
        [] => Err(WorkspaceError::UnknownInstance(id.clone())),
        [only] => Ok(only),
        several => Err(WorkspaceError::AmbiguousInstance {
            id: id.clone(),
            candidates: several.iter().map(|instance| instance.id.to_string()).collect(),
        }),
    }
}
