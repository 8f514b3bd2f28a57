//! How instances stand to the previous environment.

use std::collections::BTreeMap;

use rayon::prelude::*;
use slipway_catalog::Instance;
use slipway_diff::Change;
use slipway_model::{FieldPath, InstanceId};
use slipway_promote::state::{Versions, state};
use slipway_promote::{ClassCounts, State, class, pins};

use crate::facts::{Facts, RenderStatus};
use crate::fleet::Fleet;
use crate::opened::Workspace;
use crate::versions::VersionHistory;

/// How an instance stands, and in how many fields it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In a word; `None` in the first environment that has the application.
    pub state: Option<State>,
    /// By class.
    pub classes: ClassCounts,
}

/// Compares every instance with the one of the previous environment. `today` is a day, `YYYY-MM-DD`.
pub(crate) fn standings(fleet: &Fleet, workspace: &Workspace, today: &str) -> BTreeMap<InstanceId, Standing> {
    let histories = VersionHistory::of(workspace);
    fleet
        .catalog
        .applications
        .par_iter()
        .flat_map_iter(|application| &application.instances)
        .filter_map(|instance| {
            let facts = fleet.facts.get(&instance.id)?;
            Some((instance.id.clone(), standing(fleet, instance, facts, &histories, today)))
        })
        .collect()
}

fn standing(
    fleet: &Fleet,
    instance: &Instance,
    facts: &Facts,
    histories: &VersionHistory<'_>,
    today: &str,
) -> Standing {
    let without_classes = |state| Standing { state, classes: ClassCounts::default() };
    let Some(previous) = fleet.previous(instance) else {
        let failed = facts.status == RenderStatus::Failed;
        return without_classes(failed.then_some(State::Failed));
    };
    let Some(before) = fleet.facts.get(&previous.id) else { return without_classes(Some(State::Failed)) };
    if facts.status == RenderStatus::Failed || before.status == RenderStatus::Failed {
        return without_classes(Some(State::Failed));
    }
    let (classes, intended) = count(fleet, instance, facts, before, today);
    // History is only asked where it can say something.
    let (history_here, history_previous) = if facts.version == before.version {
        (Vec::new(), Vec::new())
    } else {
        (histories.versions(instance, facts), histories.versions(previous, before))
    };
    let versions = Versions {
        here: &facts.version,
        previous: &before.version,
        history_here: &history_here,
        history_previous: &history_previous,
    };
    Standing { state: Some(state(&classes, intended, &versions)), classes }
}

/// Counts differences by class, and those of class A and D that are meant.
fn count(
    fleet: &Fleet,
    instance: &Instance,
    facts: &Facts,
    before: &Facts,
    today: &str,
) -> (ClassCounts, usize) {
    let rules = &fleet.rules;
    let place = class::Place {
        application: &instance.id.application,
        environment: &instance.id.environment,
        words: &rules.words,
        pins: &rules.pins,
    };
    let key = slipway_diff::MaskKey::without_fingerprints();
    let comparison = fleet.compare(&before.manifests(), &facts.manifests(), &key);
    let mut classes = ClassCounts::default();
    let mut intended = 0;
    let mut add = |class: slipway_promote::SettingClass,
                   resource: &slipway_model::ResourceId,
                   path: &FieldPath| {
        classes.add(class);
        let weighty = matches!(class, slipway_promote::SettingClass::A | slipway_promote::SettingClass::D);
        let (application, environment) = (&instance.id.application, &instance.id.environment);
        let meant =
            || pins::drift_of(&rules.drifts, application, environment, resource, path, today).is_some();
        if weighty && meant() {
            intended += 1;
        }
    };
    for change in &comparison.resources {
        match change.change {
            Change::Added | Change::Removed => {
                let class =
                    class::classify_resource(&change.resource, change.change == Change::Removed, &place);
                add(class.class, &change.resource, &FieldPath::root());
            }
            Change::Changed | Change::Renamed => {
                for field in &change.fields {
                    let class = class::classify(&change.resource, field, &place);
                    add(class.class, &change.resource, &field.path);
                }
            }
        }
    }
    (classes, intended)
}
