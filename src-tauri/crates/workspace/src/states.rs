//! How instances stand to the previous environment.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use slipway_catalog::{Application, Catalog, Instance};
use slipway_diff::{BuiltInLists, MaskKey};
use slipway_model::{CommitId, EnvironmentName, InstanceId, Manifest};
use slipway_promote::state::{Versions, state};
use slipway_promote::{ClassCounts, State, difference};

use crate::clusters::Clusters;
use crate::facts::{Facts, FactsByInstance, RenderStatus, differing};
use crate::fleet::Fleet;
use crate::opened::{Revision, Workspace};
use crate::rules::Rules;
use crate::versions::VersionHistory;

/// How an instance stands, and in how many fields it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In a word; `None` in the first environment that has the application.
    pub state: Option<State>,
    /// By class.
    pub classes: ClassCounts,
}

/// What was found out before, and what it rests on.
#[derive(Clone, Default)]
pub(crate) struct Judgements {
    basis: Option<Basis>,
    by_instance: Arc<HashMap<InstanceId, Judgement>>,
    /// The applications and the renders that were judged, and how all of them stand.
    judged: Option<(Arc<Catalog>, FactsByInstance)>,
    standings: Arc<BTreeMap<InstanceId, Standing>>,
}

/// What standings depend on beside the two renders.
#[derive(Clone, PartialEq)]
struct Basis {
    /// Where the history of versions begins.
    head: Option<CommitId>,
    /// Differences that are meant expire.
    today: String,
    rules: Arc<Rules>,
    /// Both are rendered with the later one's cluster, where they differ in theirs.
    clusters: Arc<Clusters>,
}

/// How an instance stands, and the renders that say so: these very ones, by their address.
#[derive(Clone)]
struct Judgement {
    here: Arc<Facts>,
    previous: Option<Arc<Facts>>,
    standing: Standing,
}

impl Judgement {
    fn rests_on(&self, here: &Arc<Facts>, previous: Option<&Arc<Facts>>) -> bool {
        let same = match (&self.previous, previous) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        same && Arc::ptr_eq(&self.here, here)
    }
}

/// Compares every instance with the one of the previous environment. `today` is a day, `YYYY-MM-DD`. What is
/// known from renders that are still the same is taken from `known`, which the newest fleet replaces; of the same
/// applications only those are looked at in which an instance was rendered anew.
pub(crate) fn standings(
    fleet: &Fleet,
    workspace: &Workspace,
    today: &str,
    known: &Mutex<Judgements>,
) -> Arc<BTreeMap<InstanceId, Standing>> {
    let basis = Basis {
        head: workspace.head_commit().ok(),
        today: today.to_owned(),
        rules: fleet.rules.clone(),
        clusters: fleet.clusters.clone(),
    };
    let is_newest = fleet.revision == Revision::WorkingDirectory;
    let mut judgements = {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match &known.basis {
            Some(before) if *before != basis => Judgements::default(),
            // Taken away, so that it is changed in place.
            _ if is_newest => std::mem::take(&mut *known),
            _ => known.clone(),
        }
    };
    let changed: Option<HashSet<&InstanceId>> = match &judgements.judged {
        Some((catalog, facts)) if Arc::ptr_eq(catalog, &fleet.catalog) => {
            Some(differing(facts, &fleet.facts).into_iter().collect())
        }
        _ => None,
    };
    let is_looked_at = |application: &&Application| {
        changed
            .as_ref()
            .is_none_or(|changed| application.instances.iter().any(|each| changed.contains(&each.id)))
    };
    let histories = VersionHistory::of(workspace, &fleet.clusters);
    let environments: Vec<&EnvironmentName> =
        fleet.catalog.environments.iter().map(|environment| &environment.name).collect();
    let found: Vec<(InstanceId, Judgement)> = fleet
        .catalog
        .applications
        .par_iter()
        .filter(is_looked_at)
        .flat_map_iter(|application| {
            application.instances.iter().map(move |instance| (application, instance))
        })
        .filter_map(|(application, instance)| {
            let here = fleet.facts.get(&instance.id)?;
            let neighbour = previous(application, instance, &environments);
            let previous = neighbour.and_then(|neighbour| fleet.facts.get(&neighbour.id));
            let standing = match judgements.by_instance.get(&instance.id) {
                Some(known) if known.rests_on(here, previous) => known.standing.clone(),
                _ => {
                    let neighbour = neighbour.map(|each| (each, previous));
                    standing(fleet, workspace, instance, here, neighbour, &histories, today)
                }
            };
            let judgement = Judgement { here: here.clone(), previous: previous.cloned(), standing };
            Some((instance.id.clone(), judgement))
        })
        .collect();
    match changed {
        Some(changed) => {
            let gone: Vec<InstanceId> =
                changed.into_iter().filter(|id| !fleet.facts.contains_key(id)).cloned().collect();
            for id in gone {
                Arc::make_mut(&mut judgements.standings).remove(&id);
                Arc::make_mut(&mut judgements.by_instance).remove(&id);
            }
            for (id, judgement) in found {
                if judgements.standings.get(&id) != Some(&judgement.standing) {
                    Arc::make_mut(&mut judgements.standings).insert(id.clone(), judgement.standing.clone());
                }
                Arc::make_mut(&mut judgements.by_instance).insert(id, judgement);
            }
        }
        None => {
            let of_each = found.iter().map(|(id, judgement)| (id.clone(), judgement.standing.clone()));
            judgements.standings = Arc::new(of_each.collect());
            judgements.by_instance = Arc::new(found.into_iter().collect());
        }
    }
    let standings = judgements.standings.clone();
    if is_newest {
        judgements.basis = Some(basis);
        judgements.judged = Some((fleet.catalog.clone(), fleet.facts.clone()));
        *known.lock().unwrap_or_else(PoisonError::into_inner) = judgements;
    }
    standings
}

/// The instance of the application in the nearest earlier environment that has it. `environments` are in
/// promotion order.
pub(crate) fn previous<'a>(
    application: &'a Application,
    instance: &Instance,
    environments: &[&EnvironmentName],
) -> Option<&'a Instance> {
    let place = environments.iter().position(|name| **name == instance.id.environment)?;
    environments[..place]
        .iter()
        .rev()
        .find_map(|name| application.instances.iter().find(|each| each.id.environment == **name))
}

/// `neighbour` is the instance of the previous environment, with its facts where it is rendered.
fn standing(
    fleet: &Fleet,
    workspace: &Workspace,
    instance: &Instance,
    facts: &Facts,
    neighbour: Option<(&Instance, Option<&Arc<Facts>>)>,
    histories: &VersionHistory<'_>,
    today: &str,
) -> Standing {
    let without_classes = |state| Standing { state, classes: ClassCounts::default() };
    let Some((previous, before)) = neighbour else {
        let failed = facts.status == RenderStatus::Failed;
        return without_classes(failed.then_some(State::Failed));
    };
    let Some(before) = before else { return without_classes(Some(State::Failed)) };
    if facts.status == RenderStatus::Failed || before.status == RenderStatus::Failed {
        return without_classes(Some(State::Failed));
    }
    let clusters = fleet.clusters.for_comparison(&previous.id.environment, &instance.id.environment);
    let manifests = |instance, facts| workspace.manifests_beside(&fleet.tree, instance, facts, &clusters);
    let sides = (manifests(previous, before), manifests(instance, facts));
    let (classes, intended) = count(fleet, instance, &sides, today);
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
    (before, after): &(Vec<Manifest>, Vec<Manifest>),
    today: &str,
) -> (ClassCounts, usize) {
    let rules = &fleet.rules;
    let judgement = slipway_promote::Judgement {
        words: &rules.words,
        pins: &rules.pins,
        drifts: &rules.drifts,
        today,
        lists: &BuiltInLists,
        key: &MaskKey::without_fingerprints(),
    };
    let found = difference(&instance.id, before, after, &judgement);
    (found.counts, found.intended)
}
