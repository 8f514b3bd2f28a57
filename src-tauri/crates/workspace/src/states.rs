//! How instances stand to the previous environment.

use std::collections::BTreeMap;

use rayon::prelude::*;
use slipway_catalog::settings::Settings;
use slipway_model::InstanceId;
use slipway_promote::SettingClass;
use slipway_promote::class::Classifier;

use crate::facts::{Facts, RenderStatus};
use crate::fleet::Fleet;
use crate::versions::VersionHistory;

/// How many fields differ, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Versions.
    pub a: usize,
    /// Kubernetes settings.
    pub b: usize,
    /// Static business settings.
    pub c: usize,
    /// Other business settings.
    pub d: usize,
}

/// How an instance stands to the previous environment (`contracts.md` §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no previous environment.
    First,
    /// No difference of class A or D.
    Equal,
    /// Its version is older.
    Behind {
        /// By so many version changes.
        count: usize,
        /// Compared by number, for want of history.
        by_number: bool,
    },
    /// Its version is newer.
    Ahead {
        /// By so many version changes.
        count: usize,
        /// Compared by number, for want of history.
        by_number: bool,
    },
    /// It differs in another way.
    Drifted,
    /// No earlier environment has the application.
    NotThere,
    /// One of the two did not render.
    Failed,
}

/// How an instance stands, and in how many fields it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In a word.
    pub state: State,
    /// By class.
    pub classes: ClassCounts,
}

/// Compares every instance with the one of the previous environment.
pub(crate) fn standings(fleet: &Fleet, workspace: &Workspace) -> BTreeMap<InstanceId, Standing> {
    let classifier = Classifier::new(
        &fleet.catalog.settings.pins,
        fleet.catalog.environments.iter().map(|environment| environment.name.as_str()),
    );
    let histories = VersionHistory::of(workspace);
    fleet
        .catalog
        .applications
        .par_iter()
        .flat_map_iter(|application| {
            application.instances.iter().filter_map(|instance| {
                let facts = fleet.facts.get(&instance.id)?;
                Some((instance.id.clone(), standing(fleet, instance, facts, &classifier, &histories)))
            })
        })
        .collect()
}
