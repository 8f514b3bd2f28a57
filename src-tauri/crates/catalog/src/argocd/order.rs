//! In what order Applications are applied: the sync waves of what applies them together, and the steps of sets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::{Awaited, Location, Rank, RepoPath};

use super::entries::is_about;
use super::parameters::without_unknown;
use super::walk::Declared;
use crate::index::Index;
use crate::kustomize::Object;

/// What applies Applications together, so that their waves order them.
#[derive(Clone, Debug)]
pub(super) enum Parent {
    /// An Application, by name and file.
    Application(String, RepoPath),
    /// Nothing in the repository; the directory that holds them.
    Unknown(RepoPath),
}

impl Default for Parent {
    fn default() -> Self {
        Self::Unknown(RepoPath::root())
    }
}

impl Parent {
    /// The Application with this content.
    pub(super) fn application(value: &Value, file: &RepoPath) -> Self {
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        Self::Application(without_unknown(name), file.clone())
    }

    /// Where a child stands among the others.
    pub(super) fn rank(&self, child: &Value, file: &RepoPath) -> Rank {
        let (group, by, awaited) = match self {
            Self::Application(name, declared_in) => (
                format!("Application {name} {declared_in}"),
                format!("the sync waves of the Application `{name}`"),
                Awaited::Healthy,
            ),
            Self::Unknown(directory) => (
                format!("directory {directory}"),
                "sync waves".to_owned(),
                Awaited::No(format!("no Application of the repository applies `{}`", shown(directory))),
            ),
        };
        Rank { group, rank: wave(child), by, awaited, at_once: None, location: Some(Location::file(file)) }
    }
}

fn shown(directory: &RepoPath) -> &str {
    if directory.is_root() { "." } else { directory.as_str() }
}

/// The wave of an object, by Argo CD's rule: its own annotation where that is a number, else Helm's weight, else 0.
fn wave(object: &Value) -> i64 {
    let annotations = object.pointer("/metadata/annotations");
    let number = |name: &str| annotations?.get(name)?.as_str()?.parse::<i64>().ok();
    number("argocd.argoproj.io/sync-wave").or_else(|| number("helm.sh/hook-weight")).unwrap_or_default()
}

/// The ranks of the Applications that a set generates, `ranks` being those of the set itself. With the strategy
/// `RollingSync` each stands in a step, and the set is not healthy before all of them are; without, nothing waits
/// for what it generates.
pub(super) fn of_set<'v>(
    set: &Value,
    object: &Object,
    ranks: &[Rank],
    generated: impl Iterator<Item = &'v Value>,
) -> Vec<Vec<Rank>> {
    let steps = steps(set);
    let placed: Vec<Option<usize>> = generated.map(|each| step_of(&steps, each)).collect();
    let own = |step: usize| {
        let size = placed.iter().filter(|other| **other == Some(step)).count();
        Rank {
            group: format!("ApplicationSet {} {}", object.name(), object.file),
            rank: i64::try_from(step).unwrap_or(i64::MAX),
            by: format!("the RollingSync steps of the ApplicationSet `{}`", object.name()),
            awaited: Awaited::Healthy,
            at_once: steps.get(step).and_then(|step| at_once(step, size)),
            location: Some(Location::file(&object.file)),
        }
    };
    let inherited: Vec<Rank> = ranks
        .iter()
        .cloned()
        .map(|mut rank| {
            if steps.is_empty() && !matches!(rank.awaited, Awaited::No(_)) {
                rank.awaited = Awaited::No(format!(
                    "the ApplicationSet `{}` counts as healthy before its Applications are",
                    object.name()
                ));
            }
            rank
        })
        .collect();
    placed.iter().map(|step| inherited.iter().cloned().chain(step.map(own)).collect()).collect()
}

fn steps(set: &Value) -> Vec<&Value> {
    let strategy = set.pointer("/spec/strategy").unwrap_or(&Value::Null);
    if strategy.get("type").and_then(Value::as_str) != Some("RollingSync") {
        return Vec::new();
    }
    strategy.pointer("/rollingSync/steps").and_then(Value::as_array).into_iter().flatten().collect()
}

/// The first step whose expressions all match (`applicationset_controller.go`, `buildAppDependencyList`).
fn step_of(steps: &[&Value], application: &Value) -> Option<usize> {
    let labels = application.pointer("/metadata/labels");
    let matches = |expression: &Value| {
        let text = |field: &str| expression.get(field).and_then(Value::as_str).unwrap_or_default();
        let label = labels.and_then(|labels| labels.get(text("key"))).and_then(Value::as_str);
        let listed = label.is_some_and(|label| {
            let values = expression.get("values").and_then(Value::as_array);
            values.into_iter().flatten().any(|value| value.as_str() == Some(label))
        });
        match text("operator") {
            "In" => listed,
            "NotIn" => !listed,
            _ => label.is_none(),
        }
    };
    steps.iter().position(|step| {
        let expressions = step.get("matchExpressions").and_then(Value::as_array);
        expressions.into_iter().flatten().all(matches)
    })
}

/// How many of a step's Applications go on at a time: a number, or a share of them of which at least one is left.
/// With 0 Argo CD syncs none of them by itself; who syncs them by hand does so without a limit.
fn at_once(step: &Value, size: usize) -> Option<u32> {
    let limit = match step.get("maxUpdate")? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => match text.strip_suffix('%') {
            Some(share) => {
                let share: u64 = share.parse().ok()?;
                let part = share.checked_mul(u64::try_from(size).ok()?)? / 100;
                if share > 0 { part.max(1) } else { 0 }
            }
            None => text.parse().ok()?,
        },
        _ => return None,
    };
    u32::try_from(limit).ok().filter(|limit| *limit > 0)
}

/// Keeps the ranks that order anything, and says of each whether something enforces it.
pub(super) fn settle(index: &Index<'_>, declared: &mut [Declared]) {
    let mut ranks: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for rank in declared.iter().flat_map(|each| &each.order.ranks) {
        ranks.entry(rank.group.clone()).or_default().insert(rank.rank);
    }
    let is_limited = |rank: &Rank| rank.at_once.is_some();
    let progressive = Progressive::of(index);
    let checked_by = index.application_health().iter().find(|file| !is_about(file));
    for each in declared {
        for rank in each.order.ranks.iter_mut().filter(|rank| rank.group.starts_with("ApplicationSet ")) {
            progressive.settle(rank);
        }
        each.order
            .ranks
            .retain(|rank| is_limited(rank) || ranks.get(&rank.group).is_some_and(|ranks| ranks.len() > 1));
        for rank in each.order.ranks.iter_mut().filter(|rank| rank.group.starts_with("Application ")) {
            match checked_by {
                Some(file) => {
                    rank.by = format!("{} (`{file}` has Argo CD check the health of Applications)", rank.by);
                }
                None if rank.awaited == Awaited::Healthy => {
                    rank.awaited = Awaited::No(
                        "nothing in the repository has Argo CD check the health of Applications \
                         (`resource.customizations.health.argoproj.io_Application` of `argocd-cm`)"
                            .to_owned(),
                    );
                }
                None => {}
            }
        }
    }
}

/// Whether the ApplicationSet controller does progressive syncs, as the repository has it.
enum Progressive {
    On(RepoPath),
    Off(RepoPath),
    /// Nothing says it.
    Assumed,
}

impl Progressive {
    fn of(index: &Index<'_>) -> Self {
        let said = || index.progressive_syncs().iter().filter(|(file, _)| !is_about(file));
        let first = |wanted: bool| said().find(|(_, on)| **on == wanted).map(|(file, _)| file.clone());
        match (first(true), first(false)) {
            (Some(file), _) => Self::On(file),
            (None, Some(file)) => Self::Off(file),
            (None, None) => Self::Assumed,
        }
    }

    /// Says of a step of a set whether anything enforces it.
    fn settle(&self, rank: &mut Rank) {
        match self {
            Self::On(file) => rank.by = format!("{} (`{file}` switches progressive syncs on)", rank.by),
            Self::Off(file) => {
                rank.at_once = None;
                rank.awaited = Awaited::No(format!(
                    "progressive syncs of ApplicationSets are off (`{file}`; \
                     `applicationsetcontroller.enable.progressive.syncs` of `argocd-cmd-params-cm` switches them on)"
                ));
            }
            Self::Assumed => {
                rank.by = format!(
                    "{} (progressive syncs are assumed to be on: nothing in the repository says it)",
                    rank.by
                );
            }
        }
    }
}
