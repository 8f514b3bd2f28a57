//! What a fleet lacks, and what it uses, of content from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{InstanceId, Location, Problem, RemoteReference, missing_remotes};
use slipway_workspace::{Facts, Fleet};

/// Something that was not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRemote {
    /// What.
    pub reference: RemoteReference,
    /// The instances that cannot be rendered without it, in order.
    pub instances: Vec<InstanceId>,
    /// Where it is named, in order.
    pub places: Vec<Location>,
}

impl MissingRemote {
    /// How it is named, without user and password.
    #[must_use]
    pub fn text(&self) -> String {
        super::fetch::shown(&self.reference)
    }

    /// What the command line prints.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
        let instances: Vec<String> = self.instances.iter().map(ToString::to_string).collect();
        serde_json::json!({ "text": self.text(), "instances": instances, "places": places })
    }
}

/// What the rendered instances of a fleet that `wanted` takes lack.
pub(crate) fn of_fleet(fleet: &Fleet, wanted: &dyn Fn(&InstanceId) -> bool) -> Vec<MissingRemote> {
    let mut found: BTreeMap<RemoteReference, (BTreeSet<InstanceId>, BTreeSet<Location>)> = BTreeMap::new();
    let mut note = |reference: RemoteReference, id: Option<&InstanceId>, location: Option<Location>| {
        let (instances, places) = found.entry(reference).or_default();
        instances.extend(id.cloned());
        places.extend(location);
    };
    for (id, facts) in fleet.facts.iter().filter(|(id, _)| wanted(id)) {
        for (reference, location) in of_facts(facts) {
            note(reference, Some(id), location);
        }
    }
    for problem in &fleet.catalog.problems {
        if let Some(reference) = &problem.missing
            && problem.instance.as_ref().is_none_or(wanted)
        {
            note(reference.clone(), problem.instance.as_ref(), problem.location.clone());
        }
    }
    found
        .into_iter()
        .map(|(reference, (instances, places))| MissingRemote {
            reference,
            instances: instances.into_iter().collect(),
            places: places.into_iter().collect(),
        })
        .collect()
}

/// What one instance lacks, and where that is named.
pub(crate) fn of_facts(facts: &Facts) -> Vec<(RemoteReference, Option<Location>)> {
    let mut found: Vec<(RemoteReference, Option<Location>)> = Vec::new();
    for problem in &facts.problems {
        if let Some(reference) = &problem.missing {
            found.push((reference.clone(), problem.location.clone()));
        }
    }
    // An engine that tells only that a chart is missing has looked for it.
    let untold = |problem: &&Problem| problem.code == "remote-chart" && problem.missing.is_none();
    if let Some(problem) = facts.problems.iter().find(untold) {
        for reference in missing_remotes(&facts.reads) {
            let is_told = found.iter().any(|(known, _)| *known == reference);
            if matches!(reference, RemoteReference::Chart { .. }) && !is_told {
                found.push((reference, problem.location.clone()));
            }
        }
    }
    found
}

/// What the instances that `wanted` takes have read, sorted.
pub(crate) fn used(fleet: &Fleet, wanted: &dyn Fn(&InstanceId) -> bool) -> Vec<RemoteReference> {
    let mut found = BTreeSet::new();
    for (_, facts) in fleet.facts.iter().filter(|(id, _)| wanted(id)) {
        for (read, id) in facts.reads.iter() {
            if id.is_some()
                && let Some((reference, _)) = RemoteReference::of_path(read.path())
            {
                found.insert(reference);
            }
        }
    }
    found.into_iter().collect()
}
