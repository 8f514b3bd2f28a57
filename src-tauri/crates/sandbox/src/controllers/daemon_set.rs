//! DaemonSets: one pod on every node.

use serde_json::{Value, json};

use super::{essence, events, is_active, is_true, pod_of, pods, readiness, set_counts, share};
use crate::clock::template_hash;
use crate::state::{State, number, text};
use crate::store::{Collection, Key};

const REVISION_LABEL: &str = "controller-revision-hash";

pub(super) fn reconcile(state: &mut State, key: &Key, object: &Value) {
    let revision = template_hash(&essence(&object["spec"]["template"]));
    let selector =
        object["spec"]["template"]["spec"]["nodeSelector"].as_object().cloned().unwrap_or_default();
    let nodes: Vec<String> = state
        .store
        .entries(&Collection::new("", "nodes"), None)
        .filter(|(_, node)| {
            selector.iter().all(|(label, value)| node["metadata"]["labels"].get(label) == Some(value))
        })
        .map(|((_, name), _)| name.clone())
        .collect();
    let all = state.controlled(object, &pods());
    for node in &nodes {
        let is_there = all.iter().any(|(_, pod)| text(pod, &["spec", "nodeName"]) == node);
        if is_there {
            continue;
        }
        let mut pod = pod_of(object, &object["spec"]["template"], None);
        crate::state::set(&mut pod, &["metadata", "labels", REVISION_LABEL], json!(revision));
        pod["spec"]["nodeName"] = json!(node);
        if let Some(pod) = super::create(state, object, &pods(), pod) {
            let message = format!("Created pod: {}", text(&pod, &["metadata", "name"]));
            events::record(state, object, "Normal", "SuccessfulCreate", &message);
        }
    }
    for (pod_key, pod) in &all {
        if !nodes.iter().any(|node| text(pod, &["spec", "nodeName"]) == node) && is_active(pod) {
            super::delete(state, pod_key);
        }
    }
    let is_stale = |pod: &Value| text(pod, &["metadata", "labels", REVISION_LABEL]) != revision;
    if text(object, &["spec", "updateStrategy", "type"]) != "OnDelete" {
        let desired = i64::try_from(nodes.len()).unwrap_or(i64::MAX);
        let most = &object["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
        let most = if most.is_null() { 1 } else { share(most, desired, true).max(1) };
        let ready = all.iter().filter(|(_, pod)| is_active(pod) && is_true(pod, "Ready")).count();
        let mut budget = most - (desired - i64::try_from(ready).unwrap_or(0));
        for (pod_key, pod) in all.iter().filter(|(_, pod)| is_active(pod) && is_stale(pod)) {
            if is_true(pod, "Ready") {
                if budget <= 0 {
                    continue;
                }
                budget -= 1;
            }
            super::delete(state, pod_key);
        }
    }
    let all = state.controlled(object, &pods());
    let counts = readiness(state, key, &object["spec"], &all);
    let updated = all.iter().filter(|(_, pod)| is_active(pod) && !is_stale(pod)).count();
    let updated = i64::try_from(updated).unwrap_or(i64::MAX);
    let desired = i64::try_from(nodes.len()).unwrap_or(i64::MAX);
    state.modify(key, |object| {
        let list = [
            ("desiredNumberScheduled", desired),
            ("currentNumberScheduled", counts.total.min(desired)),
            ("numberMisscheduled", 0),
            ("numberReady", counts.ready),
            ("numberAvailable", counts.available),
            ("numberUnavailable", (desired - counts.available).max(0)),
            ("updatedNumberScheduled", updated),
        ];
        let always =
            ["desiredNumberScheduled", "currentNumberScheduled", "numberMisscheduled", "numberReady"];
        set_counts(object, &list, &always);
        object["status"]["observedGeneration"] =
            json!(number(object, &["metadata", "generation"]).unwrap_or(1));
    });
}
