//! Pods: scheduled, started, ready or finished, and taken away.
//!
//! Two annotations of a pod decide what becomes of it: `slipway.dev/outcome` (`complete`, `fail`, `hang`) and
//! `slipway.dev/delay` (`3s`, `500ms`, `1m`).

use std::time::Duration;

use serde_json::{Value, json};

use super::{events, is_true, set_condition};
use crate::clock::rfc3339;
use crate::state::{BORN, State, text};
use crate::store::{Collection, Key};

/// The annotation that says how a pod ends.
pub(crate) const OUTCOME: &str = "slipway.dev/outcome";
/// The annotation that says how long it takes.
pub(crate) const DELAY: &str = "slipway.dev/delay";

pub(super) fn reconcile(state: &mut State, key: &Key, pod: &Value) {
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        terminate(state, key, pod);
        return;
    }
    if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        return;
    }
    if text(pod, &["spec", "nodeName"]).is_empty() && !schedule(state, key, pod) {
        return;
    }
    let Some(pod) = state.store.get(key).cloned() else { return };
    let outcome = text(&pod, &["metadata", "annotations", OUTCOME]).to_owned();
    let delay = parse_duration(text(&pod, &["metadata", "annotations", DELAY]));
    let ends = text(&pod, &["spec", "restartPolicy"]) != "Always";
    let start_after =
        if ends { state.speed.ready_after / 2 } else { delay.unwrap_or(state.speed.ready_after) };
    if pod["status"]["phase"] == "Pending" {
        if outcome == "hang" && !ends || !state.has_passed(key, &pod, BORN, start_after) {
            return;
        }
        run(state, key, &pod, &outcome);
        return;
    }
    if is_true(&pod, "Ready") {
        state.mark(&pod, "ready");
    }
    if ends && outcome != "hang" {
        let runs_for = delay.unwrap_or(state.speed.job_after);
        if state.has_passed(key, &pod, "running", runs_for) {
            finish(state, key, &pod, outcome == "fail");
        }
    }
}

/// The quality of service a pod gets by its requests and limits.
pub(crate) fn quality_of_service(pod: &Value) -> &'static str {
    let containers = pod["spec"]["containers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let resources = |container: &Value, field: &str| {
        container["resources"][field].as_object().cloned().unwrap_or_default()
    };
    let is_guaranteed = |container: &Value| {
        let (limits, requests) = (resources(container, "limits"), resources(container, "requests"));
        ["cpu", "memory"]
            .into_iter()
            .all(|name| limits.get(name).is_some() && limits.get(name) == requests.get(name))
    };
    let asks = |container: &Value| {
        !resources(container, "limits").is_empty() || !resources(container, "requests").is_empty()
    };
    if !containers.is_empty() && containers.iter().all(is_guaranteed) {
        "Guaranteed"
    } else if containers.iter().any(asks) {
        "Burstable"
    } else {
        "BestEffort"
    }
}

/// Binds a pod to a node; without nodes it stays pending and says so.
fn schedule(state: &mut State, key: &Key, pod: &Value) -> bool {
    let nodes: Vec<String> =
        state.store.entries(&Collection::new("", "nodes"), None).map(|((_, name), _)| name.clone()).collect();
    let now = state.time();
    if nodes.is_empty() {
        if super::condition(pod, "PodScheduled").is_none() {
            let message = "0/0 nodes are available.";
            events::record(state, pod, "Warning", "FailedScheduling", message);
            state.modify(key, |pod| {
                set_condition(pod, "PodScheduled", "False", "Unschedulable", message, &now);
            });
        }
        return false;
    }
    let spread = text(pod, &["metadata", "uid"])
        .bytes()
        .fold(0_usize, |sum, byte| sum * 31 % 65_537 + usize::from(byte));
    let node = &nodes[spread % nodes.len()];
    state.modify(key, |pod| {
        pod["spec"]["nodeName"] = json!(node);
        set_condition(pod, "PodScheduled", "True", "", "", &now);
        pod["status"]["startTime"] = json!(now);
        pod["status"]["containerStatuses"] =
            container_statuses(pod, &json!({"waiting": {"reason": "ContainerCreating"}}), false, 0);
    });
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    events::record(state, pod, "Normal", "Scheduled", &message);
    true
}

fn container_statuses(pod: &Value, state: &Value, ready: bool, restarts: i64) -> Value {
    pod["spec"]["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| {
            json!({
                "name": container["name"], "image": container["image"],
                "imageID": format!("sandbox://{}", container["image"].as_str().unwrap_or_default()),
                "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": {},
            })
        })
        .collect()
}

fn run(state: &mut State, key: &Key, pod: &Value, outcome: &str) {
    let now = state.time();
    let crashes = outcome == "fail" && text(pod, &["spec", "restartPolicy"]) == "Always";
    let address = state.next_address().replacen("10.96.", "10.244.", 1);
    state.mark_again(pod, "running");
    for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
        let (name, image) = (text(container, &["name"]), text(container, &["image"]));
        for (reason, message) in [
            ("Pulled", format!("Container image \"{image}\" already present on machine")),
            ("Created", format!("Created container: {name}")),
            ("Started", format!("Started container {name}")),
        ] {
            events::record(state, pod, "Normal", reason, &message);
        }
        if crashes {
            let message = format!("Back-off restarting failed container {name} in pod {}", key.name);
            events::record(state, pod, "Warning", "BackOff", &message);
        }
    }
    state.modify(key, |pod| {
        pod["status"]["phase"] = json!("Running");
        pod["status"]["podIP"] = json!(address);
        pod["status"]["podIPs"] = json!([{"ip": address}]);
        pod["status"]["hostIP"] = json!("10.0.0.1");
        let (statuses, ready) = if crashes {
            let waiting = json!({"waiting": {"reason": "CrashLoopBackOff",
                "message": "back-off 10s restarting failed container"}});
            (container_statuses(pod, &waiting, false, 3), "False")
        } else {
            (container_statuses(pod, &json!({"running": {"startedAt": now}}), true, 0), "True")
        };
        pod["status"]["containerStatuses"] = statuses;
        let reason = if crashes { "ContainersNotReady" } else { "" };
        set_condition(pod, "Initialized", "True", "", "", &now);
        set_condition(pod, "ContainersReady", ready, reason, "", &now);
        set_condition(pod, "Ready", ready, reason, "", &now);
    });
    if !crashes {
        state.mark_again(pod, "ready");
    }
    wake_dependents(state, key, pod);
}

fn finish(state: &mut State, key: &Key, pod: &Value, failed: bool) {
    let now = state.time();
    let started = rfc3339(state.mark(pod, "running"));
    let (phase, reason, code) = if failed { ("Failed", "Error", 1) } else { ("Succeeded", "Completed", 0) };
    state.modify(key, |pod| {
        pod["status"]["phase"] = json!(phase);
        let terminated = json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": now}});
        pod["status"]["containerStatuses"] = container_statuses(pod, &terminated, false, 0);
        let reason = if failed { "PodFailed" } else { "PodCompleted" };
        set_condition(pod, "Ready", "False", reason, "", &now);
        set_condition(pod, "ContainersReady", "False", reason, "", &now);
    });
    wake_dependents(state, key, pod);
}

/// Takes a pod away when its processes had time to end: half the time they need to start, at most what it asks for.
fn terminate(state: &mut State, key: &Key, pod: &Value) {
    let asked = pod["metadata"]["deletionGracePeriodSeconds"].as_u64().unwrap_or(0);
    let grace = Duration::from_secs(asked).min(state.speed.ready_after / 2);
    let first = state.mark(pod, "going") == state.now;
    if first {
        wake_dependents(state, key, pod);
    }
    if first && asked > 0 {
        for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
            let message = format!("Stopping container {}", text(container, &["name"]));
            events::record(state, pod, "Normal", "Killing", &message);
        }
    }
    if state.has_passed(key, pod, "going", grace) && crate::write::has_no_finalizers(pod) {
        state.remove(key);
        wake_dependents(state, key, pod);
    }
}

/// Budgets and services look at their pods again when one becomes ready or goes.
fn wake_dependents(state: &mut State, key: &Key, pod: &Value) {
    super::endpoints::wake(state, pod);
    let budgets = Collection::new("policy", "poddisruptionbudgets");
    let keys: Vec<Key> = state
        .store
        .entries(&budgets, Some(&key.namespace))
        .map(|((namespace, name), _)| Key::new("policy", "poddisruptionbudgets", namespace, name))
        .collect();
    state.queue.extend(keys);
}

/// `3s`, `500ms`, `2m`; at most a day.
fn parse_duration(text: &str) -> Option<Duration> {
    let split = text.find(|each: char| !each.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    Some(duration.min(Duration::from_secs(86_400)))
}
