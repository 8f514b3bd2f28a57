//! What a fleet lacks, and what it uses, of content from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{InstanceId, Location, Problem, RemoteReference, RepoPath, missing_remotes};
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
        self.reference.to_string()
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
            let location = place(fleet, id, &reference, location);
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

/// The rendered instances that read what was fetched, in order, by the key of the reference.
pub(crate) fn users_of(fleet: &Fleet) -> BTreeMap<String, Vec<String>> {
    let mut users: BTreeMap<String, BTreeSet<&InstanceId>> = BTreeMap::new();
    for (id, facts) in fleet.facts.iter() {
        let references: BTreeSet<RemoteReference> = facts
            .reads
            .iter()
            .filter_map(|(read, _)| Some(RemoteReference::of_path(read.path())?.0))
            .collect();
        for reference in references {
            users.entry(super::info(&reference).key).or_default().insert(id);
        }
    }
    users.into_iter().map(|(key, ids)| (key, ids.iter().map(ToString::to_string).collect())).collect()
}

/// Where an instance names a reference, as exactly as it can be told: in the file that was told, else in the one that
/// declares the instance, at the first line with the address.
fn place(
    fleet: &Fleet,
    id: &InstanceId,
    reference: &RemoteReference,
    told: Option<Location>,
) -> Option<Location> {
    if told.as_ref().is_some_and(|told| told.line.is_some()) {
        return told;
    }
    let file = match &told {
        Some(told) => RepoPath::new(&told.file).ok(),
        None => fleet.catalog.instances().find(|instance| instance.id == *id)?.declared_in.clone(),
    };
    let Some(file) = file else { return told };
    let (RemoteReference::Chart { repository: url, .. }
    | RemoteReference::Repository { url, .. }
    | RemoteReference::File { url }) = reference;
    // Registries are written with and without their scheme.
    let address = url.strip_prefix("oci://").unwrap_or(url);
    let text = slipway_model::read_text(&fleet.tree, &file).ok().flatten().unwrap_or_default();
    let found = text.lines().zip(1..).find_map(|(line, number)| {
        let column = line[..line.find(address)?].chars().count() + 1;
        Some(Location::at(&file, number, u32::try_from(column).ok()?))
    });
    Some(found.unwrap_or_else(|| Location::file(&file)))
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

/// The reference that a fleet names by this one, which crossed the façade without user and password.
pub(crate) fn named(fleet: &Fleet, shown: RemoteReference) -> RemoteReference {
    let lacked = of_fleet(fleet, &|_| true).into_iter().map(|missing| missing.reference);
    let mut all = lacked.chain(used(fleet, &|_| true));
    all.find(|reference| reference.without_credentials() == shown).unwrap_or(shown)
}

/// The references that a fleet has read under this one, which crossed the façade without user and password.
pub(crate) fn used_as(fleet: &Fleet, shown: &RemoteReference) -> Vec<RemoteReference> {
    let all = used(fleet, &|_| true);
    all.into_iter().filter(|reference| reference.without_credentials() == *shown).collect()
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
