//! Deployments: one ReplicaSet per template, rolled over within the limits of the strategy.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{essence, events, set_condition, set_counts, share};
use crate::clock::template_hash;
use crate::state::{State, number, owner_reference, text};
use crate::store::{Collection, Key};

const HASH_LABEL: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";

type Sets = Vec<(Key, Arc<Value>)>;

pub(super) fn reconcile(state: &mut State, key: &Key, deployment: &Value) {
    let sets = state.controlled(deployment, &replica_sets());
    let is_paused = deployment["spec"]["paused"] == true;
    let current = find_current(&sets, &deployment["spec"]["template"]);
    if current.is_none() && !is_paused {
        create_set(state, key, deployment, &sets);
        // The new set queues its owner, which then scales.
        return;
    }
    if let Some((current_key, current)) = &current {
        keep_revision(state, key, current_key, current, &sets);
        if is_paused {
            scale_while_paused(state, deployment, &sets);
        } else if text(deployment, &["spec", "strategy", "type"]) == "Recreate" {
            recreate(state, deployment, current_key, current, &sets);
        } else {
            roll(state, deployment, current_key, current, &sets);
        }
    }
    report(state, key, deployment);
    forget_history(state, deployment);
}

fn replica_sets() -> Collection {
    Collection::new("apps", "replicasets")
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH_LABEL);
    }
    template
}

fn find_current(sets: &Sets, template: &Value) -> Option<(Key, Arc<Value>)> {
    let wanted = essence(template);
    sets.iter().find(|(_, set)| essence(&without_hash(&set["spec"]["template"])) == wanted).cloned()
}

fn revision(object: &Value) -> i64 {
    text(object, &["metadata", "annotations", REVISION]).parse().unwrap_or(0)
}

fn create_set(state: &mut State, key: &Key, deployment: &Value, sets: &Sets) {
    let hash = template_hash(&essence(&deployment["spec"]["template"]));
    let mut template = deployment["spec"]["template"].clone();
    crate::state::set(&mut template, &["metadata", "labels", HASH_LABEL], json!(hash));
    let mut selector = deployment["spec"]["selector"].clone();
    crate::state::set(&mut selector, &["matchLabels", HASH_LABEL], json!(hash));
    let next = sets.iter().map(|(_, set)| revision(set)).max().unwrap_or(0) + 1;
    let mut annotations = deployment["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    annotations.insert(REVISION.to_owned(), json!(next.to_string()));
    let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
    annotations.insert("deployment.kubernetes.io/desired-replicas".to_owned(), json!(desired.to_string()));
    let set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", key.name), "namespace": key.namespace,
            "labels": template["metadata"]["labels"], "annotations": annotations,
            "ownerReferences": owner_reference(deployment),
        },
        "spec": {"replicas": 0, "selector": selector, "template": template,
            "minReadySeconds": deployment["spec"]["minReadySeconds"]},
    });
    super::create(state, deployment, &replica_sets(), set);
    state.mark_again(deployment, "progress");
}

/// The set in use has the highest revision; after a rollback it gets a new one.
fn keep_revision(state: &mut State, key: &Key, current_key: &Key, current: &Value, sets: &Sets) {
    let highest =
        sets.iter().filter(|(each, _)| each != current_key).map(|(_, set)| revision(set)).max().unwrap_or(0);
    let mut wanted = revision(current);
    if wanted <= highest {
        wanted = highest + 1;
        state.modify(current_key, |set| annotate(set, &wanted.to_string()));
        if let Some(current) = state.store.get(key).cloned() {
            state.mark_again(&current, "progress");
        }
    }
    state.modify(key, |deployment| annotate(deployment, &wanted.to_string()));
}

fn annotate(object: &mut Value, value: &str) {
    crate::state::set(object, &["metadata", "annotations", REVISION], json!(value));
}

fn replicas(set: &Value) -> i64 {
    number(set, &["spec", "replicas"]).unwrap_or(0)
}

fn available(set: &Value) -> i64 {
    number(set, &["status", "availableReplicas"]).unwrap_or(0)
}

fn scale(state: &mut State, deployment: &Value, key: &Key, from: i64, to: i64) {
    if from == to {
        return;
    }
    state.modify(key, |set| {
        set["spec"]["replicas"] = json!(to);
        let generation = number(set, &["metadata", "generation"]).unwrap_or(0);
        set["metadata"]["generation"] = json!(generation + 1);
    });
    let direction = if to > from { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {} from {from} to {to}", key.name);
    events::record(state, deployment, "Normal", "ScalingReplicaSet", &message);
}

fn limits(deployment: &Value) -> (i64, i64) {
    let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
    let strategy = &deployment["spec"]["strategy"]["rollingUpdate"];
    let surge = share(&strategy["maxSurge"], desired, true);
    let unavailable = share(&strategy["maxUnavailable"], desired, false);
    // Both zero would never get anywhere; upstream falls back to one as well.
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable.min(desired)) }
}

fn roll(state: &mut State, deployment: &Value, current_key: &Key, current: &Value, sets: &Sets) {
    let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
    let (surge, unavailable) = limits(deployment);
    let total: i64 = sets.iter().map(|(_, set)| replicas(set)).sum();
    let now = replicas(current);
    let others: Vec<_> = sets.iter().filter(|(key, set)| key != current_key && replicas(set) > 0).collect();
    if now > desired || others.is_empty() {
        scale(state, deployment, current_key, now, desired);
    } else if now < desired {
        let room = (desired + surge - total).max(0);
        scale(state, deployment, current_key, now, now + room.min(desired - now));
    }
    let now = state.store.get(current_key).map_or(now, |set| replicas(set));
    let total = others.iter().map(|(_, set)| replicas(set)).sum::<i64>() + now;
    let mut budget = total - (desired - unavailable) - (now - available(current)).max(0);
    // First those that do not work, then those that do as far as enough stay available.
    for (key, set) in &others {
        let broken = (replicas(set) - available(set)).clamp(0, budget.max(0));
        if broken > 0 {
            scale(state, deployment, key, replicas(set), replicas(set) - broken);
            budget -= broken;
        }
    }
    let working: i64 = sets.iter().map(|(_, set)| available(set)).sum();
    let mut budget = budget.min(working - (desired - unavailable));
    for (key, _) in &others {
        let Some(set) = state.store.get(key).cloned() else { continue };
        let step = replicas(&set).clamp(0, budget.max(0));
        if step > 0 {
            scale(state, deployment, key, replicas(&set), replicas(&set) - step);
            budget -= step;
        }
    }
}

fn recreate(state: &mut State, deployment: &Value, current_key: &Key, current: &Value, sets: &Sets) {
    let mut old_pods = 0;
    for (key, set) in sets.iter().filter(|(key, _)| key != current_key) {
        scale(state, deployment, key, replicas(set), 0);
        old_pods += state.controlled(set, &super::pods()).len();
    }
    if old_pods == 0 {
        let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
        scale(state, deployment, current_key, replicas(current), desired);
    }
}

/// A paused deployment changes its size, but not its template.
fn scale_while_paused(state: &mut State, deployment: &Value, sets: &Sets) {
    let active: Vec<_> = sets.iter().filter(|(_, set)| replicas(set) > 0).collect();
    if let [(key, set)] = active.as_slice() {
        let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
        scale(state, deployment, key, replicas(set), desired);
    }
}

fn report(state: &mut State, key: &Key, deployment: &Value) {
    let sets = state.controlled(deployment, &replica_sets());
    let current = find_current(&sets, &deployment["spec"]["template"]);
    let status = |set: &Value, field: &str| number(set, &["status", field]).unwrap_or(0);
    let sum = |field: &str| sets.iter().map(|(_, set)| status(set, field)).sum::<i64>();
    let desired = number(deployment, &["spec", "replicas"]).unwrap_or(1);
    let (total, ready, working) = (sum("replicas"), sum("readyReplicas"), sum("availableReplicas"));
    let updated = current.as_ref().map_or(0, |(_, set)| status(set, "replicas"));
    let is_complete = updated == desired && total == desired && working == desired;

    let before = &deployment["status"];
    let moved = number(before, &["updatedReplicas"]).unwrap_or(0) < updated
        || number(before, &["availableReplicas"]).unwrap_or(0) < working
        || number(before, &["readyReplicas"]).unwrap_or(0) < ready
        || total - updated
            < number(before, &["replicas"]).unwrap_or(0) - number(before, &["updatedReplicas"]).unwrap_or(0);
    if moved {
        state.mark_again(deployment, "progress");
    }
    let deadline = number(deployment, &["spec", "progressDeadlineSeconds"]).unwrap_or(600);
    let deadline = Duration::from_secs(u64::try_from(deadline).unwrap_or(600));
    let is_paused = deployment["spec"]["paused"] == true;
    let is_late = !is_complete && !is_paused && state.has_passed(key, deployment, "progress", deadline);
    let name = current.as_ref().map_or(String::new(), |(key, _)| key.name.clone());
    let progressing = if is_paused {
        ("Unknown", "DeploymentPaused", "Deployment is paused".to_owned())
    } else if is_complete {
        ("True", "NewReplicaSetAvailable", format!("ReplicaSet \"{name}\" has successfully progressed."))
    } else if is_late {
        ("False", "ProgressDeadlineExceeded", format!("ReplicaSet \"{name}\" has timed out progressing."))
    } else {
        ("True", "ReplicaSetUpdated", format!("ReplicaSet \"{name}\" is progressing."))
    };
    let (_, unavailable) = limits(deployment);
    let enough = working >= desired - unavailable;
    let now = state.time();
    state.modify(key, |object| {
        let counts = [
            ("replicas", total),
            ("updatedReplicas", updated),
            ("readyReplicas", ready),
            ("availableReplicas", working),
            ("unavailableReplicas", (total.max(desired) - working).max(0)),
        ];
        set_counts(object, &counts, &[]);
        object["status"]["observedGeneration"] =
            json!(number(object, &["metadata", "generation"]).unwrap_or(1));
        if enough {
            let message = "Deployment has minimum availability.";
            update_condition(object, "Available", "True", "MinimumReplicasAvailable", message, &now);
        } else {
            let message = "Deployment does not have minimum availability.";
            update_condition(object, "Available", "False", "MinimumReplicasUnavailable", message, &now);
        }
        update_condition(object, "Progressing", progressing.0, progressing.1, &progressing.2, &now);
    });
}

/// A condition with the time of its last update, which moves whenever it changes at all.
fn update_condition(object: &mut Value, name: &str, status: &str, reason: &str, message: &str, now: &str) {
    let before = super::condition(object, name).cloned().unwrap_or(Value::Null);
    set_condition(object, name, status, reason, message, now);
    let same = before["status"] == status && before["reason"] == reason && before["message"] == message;
    let updated = if same { before["lastUpdateTime"].clone() } else { json!(now) };
    let list = object["status"]["conditions"].as_array_mut().into_iter().flatten();
    for condition in list.filter(|each| each["type"] == name) {
        condition["lastUpdateTime"] = updated.clone();
    }
}

/// Old sets beyond the history limit go.
fn forget_history(state: &mut State, deployment: &Value) {
    let limit = number(deployment, &["spec", "revisionHistoryLimit"]).unwrap_or(10);
    let limit = usize::try_from(limit).unwrap_or(10);
    let template = &deployment["spec"]["template"];
    let mut old: Sets = state
        .controlled(deployment, &replica_sets())
        .into_iter()
        .filter(|(_, set)| essence(&without_hash(&set["spec"]["template"])) != essence(template))
        .filter(|(_, set)| replicas(set) == 0 && number(set, &["status", "replicas"]).unwrap_or(0) == 0)
        .collect();
    old.sort_by_key(|(_, set)| std::cmp::Reverse(revision(set)));
    for (key, _) in old.into_iter().skip(limit) {
        super::delete(state, &key);
    }
}
