//! Events: what `kubectl describe` and `kubectl get events` tell about an object.

use serde_json::{Value, json};

use crate::state::{State, text};
use crate::store::Key;

/// How many events a cluster keeps.
const KEPT: usize = 2000;

/// Records an event about an object.
pub(crate) fn record(state: &mut State, about: &Value, sort: &str, reason: &str, message: &str) {
    let namespace = match text(about, &["metadata", "namespace"]) {
        "" => "default",
        namespace => namespace,
    };
    let component = match about["kind"].as_str() {
        Some("Pod") if reason == "Scheduled" || reason == "FailedScheduling" => "default-scheduler",
        Some("Pod") => "kubelet",
        Some("Deployment") => "deployment-controller",
        Some("ReplicaSet") => "replicaset-controller",
        Some("StatefulSet") => "statefulset-controller",
        Some("DaemonSet") => "daemonset-controller",
        Some("Job") => "job-controller",
        _ => "kube-controller-manager",
    };
    let uid = state.ids.uid();
    let name = format!(
        "{}.{}",
        text(about, &["metadata", "name"]),
        uid.replace('-', "").get(..16).unwrap_or_default()
    );
    let now = state.time();
    let event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace, "uid": uid, "creationTimestamp": now},
        "involvedObject": {
            "apiVersion": about["apiVersion"], "kind": about["kind"], "name": about["metadata"]["name"],
            "namespace": about["metadata"]["namespace"], "uid": about["metadata"]["uid"],
            "resourceVersion": about["metadata"]["resourceVersion"],
        },
        "type": sort, "reason": reason, "message": message, "count": 1,
        "firstTimestamp": now, "lastTimestamp": now, "eventTime": null,
        "source": {"component": component}, "reportingComponent": component, "reportingInstance": "",
    });
    let key = Key::new("", "events", namespace, &name);
    state.put(&key, event);
    state.events.push_back(key);
    if state.events.len() > KEPT
        && let Some(oldest) = state.events.pop_front()
    {
        state.remove(&oldest);
    }
}
