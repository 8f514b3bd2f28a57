//! ReplicaSets and replication controllers: as many pods as asked for.

use serde_json::{Value, json};

use super::{events, is_active, is_true, pod_of, pods, readiness, set_counts};
use crate::state::{State, number, text};
use crate::store::Key;

pub(super) fn reconcile(state: &mut State, key: &Key, object: &Value) {
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1).max(0);
    let all = state.controlled(object, &pods());
    let mut active: Vec<_> = all.iter().filter(|(_, pod)| is_active(pod)).collect();
    let have = i64::try_from(active.len()).unwrap_or(i64::MAX);
    for _ in have..wanted {
        let pod = pod_of(object, &object["spec"]["template"], None);
        let Some(created) = super::create(state, object, &pods(), pod) else { break };
        let message = format!("Created pod: {}", text(&created, &["metadata", "name"]));
        events::record(state, object, "Normal", "SuccessfulCreate", &message);
    }
    if have > wanted {
        // Those that are not ready go first, then the youngest.
        active.sort_by_key(|(key, pod)| (is_true(pod, "Ready"), std::cmp::Reverse(key.name.clone())));
        let surplus = usize::try_from(have - wanted).unwrap_or(0);
        for (pod, _) in active.into_iter().take(surplus) {
            super::delete(state, pod);
            let message = format!("Deleted pod: {}", pod.name);
            events::record(state, object, "Normal", "SuccessfulDelete", &message);
        }
    }
    let all = state.controlled(object, &pods());
    let counts = readiness(state, key, &object["spec"], &all);
    state.modify(key, |object| {
        let list = [
            ("replicas", counts.total),
            ("fullyLabeledReplicas", counts.total),
            ("readyReplicas", counts.ready),
            ("availableReplicas", counts.available),
        ];
        set_counts(object, &list, &["replicas"]);
        object["status"]["observedGeneration"] =
            json!(number(object, &["metadata", "generation"]).unwrap_or(1));
    });
}
