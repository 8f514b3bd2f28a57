//! The simulated controllers: what makes objects live.
//!
//! Each looks at one object and does the next thing, like the real ones; a change queues the object and its
//! owners, a timer queues it later. [`step`] is synchronous and takes the time from the state, so that a test
//! plays an hour in a moment.

mod claims;
mod daemon_set;
mod definitions;
mod deployment;
mod endpoints;
pub(crate) mod events;
mod garbage;
mod job;
mod namespace;
pub(crate) mod nodes;
mod pod;
mod replica_set;
mod service;
mod stateful_set;

pub(crate) use pod::{DELAY, OUTCOME, quality_of_service};

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::state::{State, number, owner_reference, text};
use crate::store::{Collection, Key};
use crate::write::WriteOptions;

/// How many objects are looked at while the cluster is locked.
const BATCH: usize = 50;

/// What is left after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is more to do at once.
    Now,
    /// Something is due then.
    At(Timestamp),
    /// Nothing until something changes.
    Idle,
}

/// Does what is due.
pub(crate) fn step(state: &mut State) -> Next {
    while let Some((at, key)) = state.timers.first().cloned() {
        if at > state.now {
            break;
        }
        state.timers.pop_first();
        state.queue.insert(key);
    }
    for _ in 0..BATCH {
        let Some(key) = state.queue.pop_first() else { break };
        reconcile(state, &key);
    }
    if !state.queue.is_empty() {
        return Next::Now;
    }
    state.timers.first().map_or(Next::Idle, |(at, _)| Next::At(*at))
}

fn reconcile(state: &mut State, key: &Key) {
    let Some(object) = state.store.get(key).cloned() else { return };
    if garbage::collect(state, key, &object) {
        return;
    }
    let is_going = !object["metadata"]["deletionTimestamp"].is_null();
    match (key.collection.group.as_str(), key.collection.plural.as_str()) {
        ("", "namespaces") => namespace::reconcile(state, key, &object),
        ("apiextensions.k8s.io", "customresourcedefinitions") => definitions::reconcile(state, key, &object),
        ("", "pods") => pod::reconcile(state, key, &object),
        _ if is_going => {}
        ("apps", "deployments") => deployment::reconcile(state, key, &object),
        ("apps", "replicasets") | ("", "replicationcontrollers") => {
            replica_set::reconcile(state, key, &object);
        }
        ("apps", "statefulsets") => stateful_set::reconcile(state, key, &object),
        ("apps", "daemonsets") => daemon_set::reconcile(state, key, &object),
        ("batch", "jobs") => job::reconcile(state, key, &object),
        ("", "services") => {
            service::reconcile(state, key, &object);
            endpoints::reconcile(state, key, &object);
        }
        ("networking.k8s.io", "ingresses") => service::reconcile(state, key, &object),
        ("", "persistentvolumeclaims") => claims::reconcile(state, key, &object),
        ("", "persistentvolumes") => claims::release(state, key, &object),
        ("autoscaling", "horizontalpodautoscalers") => service::autoscaler(state, key, &object),
        ("policy", "poddisruptionbudgets") => service::disruption_budget(state, key, &object),
        _ => {}
    }
}

fn pods() -> Collection {
    Collection::new("", "pods")
}

/// Creates an object that belongs to another; a refusal becomes an event of the owner.
fn create(state: &mut State, owner: &Value, collection: &Collection, object: Value) -> Option<Arc<Value>> {
    let api = state.registry.of_collection(collection)?;
    let writer = state.controller(&api, "");
    match state.create(&api, object, &writer, WriteOptions::plain(&api)) {
        Ok(object) => Some(object),
        Err(error) => {
            events::record(state, owner, "Warning", "FailedCreate", &format!("Error creating: {error}"));
            None
        }
    }
}

/// Deletes an object the way a controller does.
fn delete(state: &mut State, key: &Key) {
    let Some(api) = state.registry.of_collection(&key.collection) else { return };
    // The only refusal is that the object is gone already.
    let _ = state.delete(&api, key, &crate::write::DeleteOptions::default());
}

/// A pod out of the template of its owner.
fn pod_of(owner: &Value, template: &Value, name: Option<&str>) -> Value {
    let mut metadata = json!({
        "namespace": owner["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": template["metadata"]["annotations"],
        "ownerReferences": owner_reference(owner),
    });
    match name {
        Some(name) => metadata["name"] = json!(name),
        None => metadata["generateName"] = json!(format!("{}-", text(owner, &["metadata", "name"]))),
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == name)
}

/// Whether a pod is ready.
pub(crate) fn is_ready(pod: &Value) -> bool {
    is_true(pod, "Ready")
}

fn is_true(object: &Value, name: &str) -> bool {
    condition(object, name).is_some_and(|condition| condition["status"] == "True")
}

/// Sets a condition; its transition time moves only when its status changes.
fn set_condition(object: &mut Value, name: &str, status: &str, reason: &str, message: &str, now: &str) {
    let before = condition(object, name).cloned().unwrap_or(Value::Null);
    let transition =
        if before["status"] == status { before["lastTransitionTime"].clone() } else { json!(now) };
    let mut after = json!({"type": name, "status": status, "lastTransitionTime": transition});
    for (field, value) in [("reason", reason), ("message", message)] {
        if !value.is_empty() {
            after[field] = json!(value);
        }
    }
    if !object["status"].is_object() {
        object["status"] = json!({});
    }
    let list = &mut object["status"]["conditions"];
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else { return };
    match list.iter_mut().find(|each| each["type"] == name) {
        Some(found) => *found = after,
        None => list.push(after),
    }
}

/// Writes numbers into a status; zeros are left out, as `omitempty` does, but for those that are always there.
fn set_counts(object: &mut Value, counts: &[(&str, i64)], always: &[&str]) {
    if !object["status"].is_object() {
        object["status"] = json!({});
    }
    for (field, count) in counts {
        if *count == 0 && !always.contains(field) {
            crate::write::remove_field(&mut object["status"], field);
        } else {
            object["status"][*field] = json!(count);
        }
    }
}

/// How ready a set of pods is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Readiness {
    total: i64,
    ready: i64,
    available: i64,
}

/// Counts pods that are neither finished nor going; a pod is available when it was ready for `minReadySeconds`.
fn readiness(state: &mut State, owner: &Key, spec: &Value, pods: &[(Key, Arc<Value>)]) -> Readiness {
    let seconds = u64::try_from(number(spec, &["minReadySeconds"]).unwrap_or(0)).unwrap_or(0);
    let mut counts = Readiness::default();
    for (_, pod) in pods.iter().filter(|(_, pod)| is_active(pod)) {
        counts.total += 1;
        if is_true(pod, "Ready") {
            counts.ready += 1;
            if state.has_passed(owner, pod, "ready", std::time::Duration::from_secs(seconds)) {
                counts.available += 1;
            }
        }
    }
    counts
}

fn is_active(pod: &Value) -> bool {
    pod["metadata"]["deletionTimestamp"].is_null()
        && !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
}

/// A template without empty maps and lists. Typed clients write those out (`resources: {}`), and for typed readers they
/// mean the same as nothing.
fn essence(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| (key.clone(), essence(value)));
            fields.filter(|(_, value)| !is_nothing(value)).collect()
        }
        Value::Array(items) => items.iter().map(essence).collect(),
        other => other.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A number or a percentage of a total.
fn share(value: &Value, total: i64, rounds_up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number.max(0);
    }
    let percent =
        value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<i64>().ok());
    let product = percent.unwrap_or(0).clamp(0, 10_000).saturating_mul(total);
    if rounds_up { (product + 99) / 100 } else { product / 100 }
}
