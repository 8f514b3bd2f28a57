//! The differences of several instances in the shape of `slipway diff --output json`.

use serde::{Deserialize, Serialize};
use slipway_model::{InstanceId, Problem};

use crate::comparison::{Comparison, Group, ResourceChange};
use crate::group::group;

/// The resources of several instances that differ, with equal changes grouped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was compared: an instance, an environment, `revision:R`, `live:CONTEXT`.
    pub from: String,
    /// With what.
    pub to: String,
    /// Equal changes together, the most frequent first.
    pub groups: Vec<Group>,
    /// Every resource that differs, by instance.
    pub resources: Vec<InstanceChange>,
    /// What could not be compared and why.
    pub problems: Vec<Problem>,
}

/// A resource of an instance that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceChange {
    /// Whose resource it is.
    pub instance: InstanceId,
    /// What differs.
    #[serde(flatten)]
    pub change: ResourceChange,
}

impl Report {
    /// Groups the comparisons and lists them in the order in which they are given.
    #[must_use]
    pub fn new(
        from: impl Into<String>,
        to: impl Into<String>,
        changes: Vec<(InstanceId, Comparison)>,
        problems: Vec<Problem>,
    ) -> Self {
        let groups = group(&changes);
        let resources = changes
            .into_iter()
            .flat_map(|(instance, comparison)| {
                comparison
                    .resources
                    .into_iter()
                    .map(move |change| InstanceChange { instance: instance.clone(), change })
            })
            .collect();
        Self { from: from.into(), to: to.into(), groups, resources, problems }
    }
}
