//! StatefulSets: pods by number, one after the other, each with its claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{essence, events, is_active, is_true, pod_of, pods, readiness, set_counts};
use crate::clock::template_hash;
use crate::state::{State, number, text};
use crate::store::{Collection, Key};

const REVISION_LABEL: &str = "controller-revision-hash";

pub(super) fn reconcile(state: &mut State, key: &Key, object: &Value) {
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1).clamp(0, 10_000);
    let start = number(object, &["spec", "ordinals", "start"]).unwrap_or(0);
    let revision = format!("{}-{}", key.name, template_hash(&essence(&object["spec"]["template"])));
    let all = state.controlled(object, &pods());
    let by_name: BTreeMap<String, Arc<Value>> =
        all.iter().map(|(key, pod)| (key.name.clone(), Arc::clone(pod))).collect();
    let in_order = text(object, &["spec", "podManagementPolicy"]) != "Parallel";
    let ordinals: Vec<i64> = (start..start + wanted).collect();
    let mut all_ready = true;
    for ordinal in &ordinals {
        let name = format!("{}-{ordinal}", key.name);
        match by_name.get(&name) {
            Some(pod) if is_active(pod) && is_true(pod, "Ready") => {}
            Some(pod) => {
                all_ready = false;
                if pod["status"]["phase"] == "Failed" || pod["status"]["phase"] == "Succeeded" {
                    super::delete(state, &Key::new("", "pods", &key.namespace, &name));
                }
            }
            None => {
                all_ready = false;
                create_pod(state, object, &name, *ordinal, &revision);
            }
        }
        if !all_ready && in_order {
            break;
        }
    }
    let names: Vec<String> = ordinals.iter().map(|ordinal| format!("{}-{ordinal}", key.name)).collect();
    let mut surplus: Vec<&(Key, Arc<Value>)> =
        all.iter().filter(|(pod, _)| !names.contains(&pod.name)).collect();
    surplus
        .sort_by_key(|(pod, _)| std::cmp::Reverse(pod.name.len().max(1) * 100_000 + ordinal_of(&pod.name)));
    if all_ready || !in_order {
        for (pod, _) in
            surplus.iter().filter(|(_, pod)| is_active(pod)).take(if in_order { 1 } else { usize::MAX })
        {
            super::delete(state, pod);
            let message = format!("delete Pod {} in StatefulSet {} successful", pod.name, key.name);
            events::record(state, object, "Normal", "SuccessfulDelete", &message);
        }
    }
    let rolls = text(object, &["spec", "updateStrategy", "type"]) != "OnDelete";
    if rolls && all_ready && surplus.is_empty() {
        let partition =
            number(object, &["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
        let stale = ordinals.iter().rev().find(|ordinal| {
            let pod = by_name.get(&format!("{}-{ordinal}", key.name));
            **ordinal - start >= partition
                && pod.is_some_and(|pod| text(pod, &["metadata", "labels", REVISION_LABEL]) != revision)
        });
        if let Some(ordinal) = stale {
            super::delete(state, &Key::new("", "pods", &key.namespace, &format!("{}-{ordinal}", key.name)));
        }
    }
    report(state, key, object, &revision);
}

fn ordinal_of(name: &str) -> usize {
    name.rsplit('-').next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn create_pod(state: &mut State, object: &Value, name: &str, ordinal: i64, revision: &str) {
    let mut pod = pod_of(object, &object["spec"]["template"], Some(name));
    for (label, value) in [
        (REVISION_LABEL, json!(revision)),
        ("statefulset.kubernetes.io/pod-name", json!(name)),
        ("apps.kubernetes.io/pod-index", json!(ordinal.to_string())),
    ] {
        crate::state::set(&mut pod, &["metadata", "labels", label], value);
    }
    pod["spec"]["hostname"] = json!(name);
    let claims = Collection::new("", "persistentvolumeclaims");
    let mut volumes = pod["spec"]["volumes"].as_array().cloned().unwrap_or_default();
    for template in object["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let template_name = text(template, &["metadata", "name"]);
        let claim = format!("{template_name}-{name}");
        let namespace = text(object, &["metadata", "namespace"]);
        if state.store.get(&Key::new("", "persistentvolumeclaims", namespace, &claim)).is_none() {
            let mut metadata = template["metadata"].clone();
            metadata["name"] = json!(claim);
            metadata["namespace"] = json!(namespace);
            metadata["labels"] = object["spec"]["selector"]["matchLabels"].clone();
            let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
                "spec": template["spec"]});
            super::create(state, object, &claims, claim);
        }
        volumes.retain(|volume| volume["name"] != template_name);
        volumes.push(json!({"name": template_name, "persistentVolumeClaim": {"claimName": claim}}));
    }
    if !volumes.is_empty() {
        pod["spec"]["volumes"] = json!(volumes);
    }
    if super::create(state, object, &pods(), pod).is_some() {
        let message =
            format!("create Pod {name} in StatefulSet {} successful", text(object, &["metadata", "name"]));
        events::record(state, object, "Normal", "SuccessfulCreate", &message);
    }
}

fn report(state: &mut State, key: &Key, object: &Value, revision: &str) {
    let all = state.controlled(object, &pods());
    let counts = readiness(state, key, &object["spec"], &all);
    let updated = all
        .iter()
        .filter(|(_, pod)| is_active(pod) && text(pod, &["metadata", "labels", REVISION_LABEL]) == revision)
        .count();
    let updated = i64::try_from(updated).unwrap_or(i64::MAX);
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
    state.modify(key, |object| {
        let before = text(object, &["status", "currentRevision"]).to_owned();
        let is_complete = updated == wanted && counts.ready == wanted;
        let current = if before.is_empty() || is_complete { revision.to_owned() } else { before };
        let on_current = if current == revision { updated } else { counts.total - updated };
        let list = [
            ("replicas", counts.total),
            ("readyReplicas", counts.ready),
            ("availableReplicas", counts.available),
            ("currentReplicas", on_current),
            ("updatedReplicas", updated),
            ("collisionCount", 0),
        ];
        set_counts(object, &list, &["replicas", "availableReplicas", "collisionCount"]);
        object["status"]["currentRevision"] = json!(current);
        object["status"]["updateRevision"] = json!(revision);
        object["status"]["observedGeneration"] =
            json!(number(object, &["metadata", "generation"]).unwrap_or(1));
    });
}
