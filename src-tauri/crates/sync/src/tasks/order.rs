//! The order of tasks: phase, wave, kind, name; mirrored waves of what is pruned; and dependencies that bubble up.
//!
//! Rules: `gitops-engine/pkg/sync/sync_tasks.go` and `getSyncTasks`. Argo CD leaves ties (same kind and name
//! in two namespaces) to chance. Here they keep the order in which tasks are built: plain objects by group, kind
//! and namespace, then hooks as they are written.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Task;
use crate::annotations;
use crate::hook::SyncPhase;
use crate::kinds::{Definition, GroupVersionKind};
use crate::options::SyncOptions;

/// Kinds in the order in which they are applied inside a wave, whatever their group; all others follow.
const KIND_ORDER: [&str; 35] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// The rank of a kind inside a wave.
pub(super) fn kind_rank(kind: &str) -> usize {
    KIND_ORDER.iter().position(|known| *known == kind).unwrap_or(KIND_ORDER.len())
}

/// Gives what is pruned its waves: the waves of all prunes are mirrored (lowest with highest), so that
/// things go in the reverse order of their creation; `PruneLast` puts them behind everything of the phase Sync.
pub(super) fn assign_prune_waves(tasks: &mut [Task], options: &SyncOptions) {
    let mut waves: Vec<i64> = tasks.iter().filter(|task| task.is_prune()).map(|task| task.wave).collect();
    waves.sort_unstable();
    waves.dedup();
    let mirrored: BTreeMap<i64, i64> = waves.iter().copied().zip(waves.iter().rev().copied()).collect();
    for task in tasks.iter_mut().filter(|task| task.is_prune()) {
        if let Some(wave) = mirrored.get(&task.wave) {
            task.wave = *wave;
        }
    }
    let last = tasks
        .iter()
        .filter(|task| task.phase == SyncPhase::Sync)
        .map(|task| task.wave)
        .fold(0, i64::max)
        .saturating_add(1);
    for task in tasks.iter_mut().filter(|task| task.is_prune()) {
        let by_annotation =
            task.live.as_ref().is_some_and(|live| annotations::has_option(&live.object, "PruneLast=true"));
        if options.prune_last || by_annotation {
            task.wave = last;
        }
    }
}

/// Sorts tasks and lets dependencies bubble up. The sort is stable: ties keep their order.
pub(super) fn sort(tasks: &mut Vec<Task>) {
    tasks.sort_by(|a, b| {
        let key = |task: &Task| (task.phase, task.wave, kind_rank(&task.id.kind));
        key(a).cmp(&key(b)).then_with(|| a.id.name.cmp(&b.id.name))
    });
    bubble_up(tasks, namespace_defined, namespace_used);
    bubble_up(tasks, kind_defined, |object| {
        let kind = GroupVersionKind::of(object);
        Some((kind.group, kind.kind))
    });
}

fn namespace_defined(object: &Value) -> Option<String> {
    let kind = GroupVersionKind::of(object);
    (kind.group.is_empty() && kind.kind == "Namespace")
        .then(|| object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn namespace_used(object: &Value) -> Option<String> {
    object
        .pointer("/metadata/namespace")
        .and_then(Value::as_str)
        .filter(|namespace| !namespace.is_empty())
        .map(str::to_owned)
}

fn kind_defined(object: &Value) -> Option<(String, String)> {
    let definition = Definition::of(object)?;
    Some((definition.group.to_owned(), definition.kind.to_owned()))
}

/// Moves what others need directly before the first task that needs it, into that task's phase and wave.
/// Tasks only move up. What defines something is never itself looked at as a user.
///
/// Positions are kept as keys with gaps, so that a thousand dependencies cost a sort and no quadratic moving.
fn bubble_up<K: std::hash::Hash + Eq>(
    tasks: &mut Vec<Task>,
    defines: impl Fn(&Value) -> Option<K>,
    uses: impl Fn(&Value) -> Option<K>,
) {
    // The first user of each thing, by its place in the sorted list.
    let mut first_users: HashMap<K, usize> = HashMap::new();
    // Task to move → the user it moves before. Several before one user keep the order of their own moves,
    // the later move landing nearer to the user.
    let mut moved_before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..tasks.len() {
        let Some(target) = tasks[index].target.clone() else { continue };
        if let Some(key) = defines(&target) {
            if let Some(user) = first_users.get(&key).copied() {
                let (phase, wave) = (tasks[user].phase, tasks[user].wave);
                tasks[index].phase = phase;
                tasks[index].wave = wave;
                moved_before.entry(user).or_default().push(index);
            }
        } else if let Some(key) = uses(&target) {
            first_users.entry(key).or_insert(index);
        }
    }
    if moved_before.is_empty() {
        return;
    }
    let mut places: Vec<(usize, usize, usize)> =
        (0..tasks.len()).map(|index| (index, usize::MAX, index)).collect();
    for (user, moved) in &moved_before {
        for (place, index) in moved.iter().enumerate() {
            places[*index] = (*user, place, *index);
        }
    }
    places.sort_unstable();
    let mut taken: Vec<Option<Task>> = std::mem::take(tasks).into_iter().map(Some).collect();
    tasks.extend(places.into_iter().filter_map(|(_, _, index)| taken[index].take()));
}
