//! The plan of a sync as a value: phases, waves and tasks in the order in which they would run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{Location, Manifest, Problem, ResourceId};

use crate::annotations::{self, HELM_HOOK, HOOK, SYNC_WAVE};
use crate::health;
use crate::hook::{self, HookDeletePolicy, HookType, SyncPhase};
use crate::kinds::{Kinds, Scope};
use crate::options::SyncOptions;
use crate::tasks::{Desired, Live, NamespaceState, Observation, Task, TaskAction};

/// What a sync would do, in order. Equal input gives equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncPlan {
    /// The phases that have tasks, in order.
    pub phases: Vec<PlannedPhase>,
    /// What is wrong with the manifests as far as syncing is concerned. With an error among them, a sync
    /// would write nothing.
    pub problems: Vec<Problem>,
}

/// A phase of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPhase {
    /// Which one.
    pub phase: SyncPhase,
    /// Its waves, in order.
    pub waves: Vec<PlannedWave>,
}

/// A wave of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedWave {
    /// Its number.
    pub wave: i64,
    /// Its tasks, in order.
    pub tasks: Vec<PlannedTask>,
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedTask {
    /// The object as the cluster knows it.
    pub resource: ResourceId,
    /// What happens to the object. `create` where it is known that nothing is there.
    pub action: TaskAction,
    /// The hook types it declares; empty where it is no hook.
    pub hook_types: Vec<HookType>,
    /// When the hook is deleted; empty where it is no hook.
    pub hook_delete_policies: Vec<HookDeletePolicy>,
    /// Whether what follows waits for its health: the sync ends without waiting for plain objects of the
    /// last wave, and kinds without a health rule are never waited for.
    pub waits_for_health: bool,
}

/// Plans a sync of manifests.
///
/// `live` holds the objects of the instance in the cluster, or `None` where no cluster was asked: nothing
/// is pruned then, and a kind that is neither built in nor defined by the manifests is taken to be
/// namespaced, with a problem that says so. Namespaces that `CreateNamespace` would make are part of a plan
/// without a cluster; with one, only if `live` does not hold them.
///
/// ```
/// use std::sync::Arc;
/// use serde_json::json;
/// use slipway_model::{Manifest, Origin, RepoPath};
/// use slipway_sync::{KindTable, Kinds, SyncOptions, plan};
///
/// let origin = Origin { file: RepoPath::new("web.yaml").unwrap(), document: 0, line: Some(1) };
/// let manifest = Manifest::new(
///     json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
///         "name": "settings", "annotations": {"argocd.argoproj.io/sync-wave": "-1"}}}),
///     origin,
/// );
/// let options = SyncOptions { namespace: "shop".to_owned(), ..SyncOptions::default() };
/// let kinds: Arc<dyn Kinds> = Arc::new(KindTable::built_in());
/// let plan = plan(&[manifest], None, &options, &kinds);
/// assert_eq!(plan.phases[0].waves[0].wave, -1);
/// ```
#[must_use]
pub fn plan(
    targets: &[Manifest],
    live: Option<&[Arc<Value>]>,
    options: &SyncOptions,
    kinds: &Arc<dyn Kinds>,
) -> SyncPlan {
    let mut problems = manifest_problems(targets, options, kinds.as_ref());
    let mut planned = options.clone();
    // A plan shows also what a sync would refuse; `unknown_kinds` says what and why.
    planned.skip_dry_run_on_missing_resource = true;
    let desired = Desired::new(targets.iter().map(|manifest| &manifest.object), planned);
    let mut observation = Observation { kinds: Arc::clone(kinds), ..Observation::default() };
    for object in live.unwrap_or_default() {
        let live = Live { object: Arc::clone(object), health: Ok(health::assess(object)) };
        let id = ResourceId::of(object);
        if id.group.is_empty() && id.kind == "Namespace" && id.name == options.namespace {
            observation.namespace = NamespaceState::Present(live.clone());
        }
        observation.live.insert(id, live);
    }
    let list = desired.tasks(&observation, &BTreeMap::new());
    problems.extend(unknown_kinds(&list.tasks, targets, options, live.is_none()));
    for task in list.tasks.iter().filter(|task| task.state.status.is_some()) {
        let origin = targets
            .iter()
            .find(|manifest| manifest.id.name == task.id.name && manifest.id.kind == task.id.kind);
        problems.push(located(Problem::error("kind-not-usable", task.state.message.clone()), origin));
    }
    SyncPlan { phases: phases_of(&list.tasks, options, live.is_some()), problems }
}

/// Arranges tasks, which are in order, by phase and wave. Where the cluster is not known, what is not there
/// is applied, not created.
#[must_use]
pub fn phases_of(tasks: &[Task], options: &SyncOptions, cluster_known: bool) -> Vec<PlannedPhase> {
    let waits = Waits::of(tasks);
    let mut phases: Vec<PlannedPhase> = Vec::new();
    for task in tasks {
        if phases.last().is_none_or(|phase| phase.phase != task.phase) {
            phases.push(PlannedPhase { phase: task.phase, waves: Vec::new() });
        }
        let Some(phase) = phases.last_mut() else { continue };
        if phase.waves.last().is_none_or(|wave| wave.wave != task.wave) {
            phase.waves.push(PlannedWave { wave: task.wave, tasks: Vec::new() });
        }
        let Some(wave) = phase.waves.last_mut() else { continue };
        wave.tasks.push(PlannedTask {
            resource: task.address.clone(),
            action: match task.action(options) {
                TaskAction::Create if !cluster_known && !task.replaces(options) => TaskAction::Apply,
                action => action,
            },
            hook_types: match task.object() {
                Some(object) if task.is_hook => hook::types(object),
                _ => Vec::new(),
            },
            hook_delete_policies: task.delete_policies.clone(),
            waits_for_health: waits.waits(task),
        });
    }
    phases
}

/// Which tasks are waited for.
struct Waits {
    /// Whether there are several waves; then every running task is waited for, else only hooks are.
    several: bool,
    /// The last wave before SyncFail, where it has no hook: the sync ends right after its requests.
    unwatched: Option<(SyncPhase, i64)>,
}

impl Waits {
    fn of(tasks: &[Task]) -> Self {
        let place = |task: &Task| (task.phase, task.wave);
        let several = tasks.first().map(place) != tasks.last().map(place);
        let last = tasks.iter().rfind(|task| task.phase != SyncPhase::SyncFail).map(place);
        let unwatched = last.filter(|last| !tasks.iter().any(|task| place(task) == *last && task.is_hook));
        Self { several, unwatched }
    }

    fn waits(&self, task: &Task) -> bool {
        !task.is_prune()
            && health::has_rule(&task.id.group, &task.id.kind)
            && (task.is_hook || (self.several && self.unwatched != Some((task.phase, task.wave))))
    }
}

/// What is wrong with manifests, whatever the cluster.
fn manifest_problems(targets: &[Manifest], options: &SyncOptions, kinds: &dyn Kinds) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeSet<ResourceId> = BTreeSet::new();
    for manifest in targets {
        let object = manifest.object.as_ref();
        let (id, is_hook) = (&manifest.id, hook::is_hook(object));
        let mut report = |problem: Problem| problems.push(located(problem, Some(manifest)));
        if let Some(written) = annotations::annotation(object, SYNC_WAVE)
            && annotations::integer(written).is_none()
        {
            report(
                Problem::warning(
                    "wave-not-an-integer",
                    format!(
                        "the wave `{written}` of {id} is no integer; it runs in wave {}",
                        annotations::wave(object)
                    ),
                )
                .hint(format!("write a whole number in quotes: `{SYNC_WAVE}: \"1\"`")),
            );
        }
        if hook::is_ignored(object) {
            let written = annotations::annotation(object, HOOK)
                .or_else(|| annotations::annotation(object, HELM_HOOK))
                .unwrap_or_default();
            let no_part = hook::types(object)
                .iter()
                .any(|hook_type| matches!(hook_type, HookType::PreDelete | HookType::PostDelete))
                || written.split(',').any(|word| word.trim().starts_with("test"));
            if !no_part {
                report(
                    Problem::warning(
                        "hook-ignored",
                        format!("the hook `{written}` of {id} is unknown, so a sync never applies it"),
                    )
                    .hint("hooks of a sync are PreSync, Sync, PostSync and SyncFail, in this spelling"),
                );
            }
            continue;
        }
        if hook::is_skipped(object) {
            continue;
        }
        if id.name.is_empty() && !is_hook {
            report(
                Problem::error(
                    "resource-without-name",
                    format!("{} has no name, so it cannot be applied", id.kind),
                )
                .hint("give it `metadata.name`; `generateName` is only for hooks"),
            );
        }
        if id.namespace.is_empty()
            && options.namespace.is_empty()
            && kinds.scope_of(&id.group, &id.kind) == Some(Scope::Namespaced)
        {
            report(
                Problem::error("no-namespace", format!("{id} names no namespace and its instance has none"))
                    .hint("give a namespace with --namespace, or record it in .slipway.yaml"),
            );
        }
        if !id.name.is_empty() && !seen.insert(id.clone()) {
            report(Problem::warning(
                "repeated-resource",
                format!("{id} is rendered more than once; the last one counts"),
            ));
        }
    }
    problems
}

/// Kinds that no cluster confirmed: tolerated ones are mentioned, others would stop the sync.
fn unknown_kinds(tasks: &[Task], targets: &[Manifest], options: &SyncOptions, offline: bool) -> Vec<Problem> {
    let defined: BTreeSet<(String, String)> = targets
        .iter()
        .filter_map(|manifest| {
            let definition = crate::kinds::Definition::of(&manifest.object)?;
            Some((definition.group.to_owned(), definition.kind.to_owned()))
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for task in tasks.iter().filter(|task| task.skip_dry_run) {
        let key = (task.id.group.clone(), task.id.kind.clone());
        let asked = options.skip_dry_run_on_missing_resource
            || task
                .target
                .as_ref()
                .is_some_and(|target| annotations::has_option(target, "SkipDryRunOnMissingResource=true"));
        if defined.contains(&key) || !seen.insert(key) {
            continue;
        }
        let origin = targets
            .iter()
            .find(|manifest| manifest.id.kind == task.id.kind && manifest.id.group == task.id.group);
        let name = format!("{} ({}/{})", task.id.kind, task.id.group, task.version);
        let problem = if offline {
            Problem::info(
                "kind-not-known",
                format!("{name} is neither built in nor defined here; it is taken to be namespaced"),
            )
            .hint("plan against a cluster to be sure")
        } else if asked {
            Problem::warning("kind-not-known", format!("the cluster does not serve {name} yet"))
        } else {
            Problem::error(
                "kind-not-known",
                format!("the cluster does not serve {name}, so a sync would stop before it begins"),
            )
            .hint("install its CustomResourceDefinition first, or add it to the manifests")
        };
        problems.push(located(problem, origin));
    }
    problems
}

fn located(problem: Problem, manifest: Option<&Manifest>) -> Problem {
    match manifest {
        Some(manifest) => problem.at(Location {
            file: manifest.origin.file.to_string(),
            line: manifest.origin.line,
            column: None,
        }),
        None => problem,
    }
}

#[cfg(test)]
mod tests;
