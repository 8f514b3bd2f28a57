//! Kinds whose status only says that they work: load balancers, ingresses, autoscalers, disruption budgets.

use serde_json::{Value, json};

use crate::state::{BORN, State, number, text};
use crate::store::Key;
use crate::store::selectors::Selector;

/// Gives a load balancer or an ingress its address, after a while.
pub(super) fn reconcile(state: &mut State, key: &Key, object: &Value) {
    let wants_address = key.collection.plural == "ingresses" || object["spec"]["type"] == "LoadBalancer";
    if !wants_address {
        if key.collection.plural == "services" && object["status"]["loadBalancer"].is_null() {
            state.modify(key, |object| object["status"] = json!({"loadBalancer": {}}));
        }
        return;
    }
    let has_address =
        object["status"]["loadBalancer"]["ingress"].as_array().is_some_and(|list| !list.is_empty());
    if has_address || !state.has_passed(key, object, BORN, state.speed.ready_after) {
        return;
    }
    // Addresses of the documentation range, so that nobody mistakes them for real ones.
    let last = text(object, &["metadata", "uid"]).bytes().fold(0_u8, u8::wrapping_add);
    state.modify(key, |object| {
        object["status"] = json!({"loadBalancer": {"ingress": [{"ip": format!("192.0.2.{last}")}]}});
    });
}

/// An autoscaler that is content with what there is.
pub(super) fn autoscaler(state: &mut State, key: &Key, object: &Value) {
    let reference = &object["spec"]["scaleTargetRef"];
    let (group, _) =
        slipway_schema::kinds::split_api_version(reference["apiVersion"].as_str().unwrap_or_default());
    let kind = reference["kind"].as_str().unwrap_or_default();
    let Some(api) = state.registry.of_kind(group, kind) else { return };
    let target = Key::new(&api.group, &api.plural, &key.namespace, text(reference, &["name"]));
    let replicas = state.store.get(&target).map(|target| number(target, &["spec", "replicas"]).unwrap_or(1));
    let now = state.time();
    let minimum = number(object, &["spec", "minReplicas"]).unwrap_or(1);
    let maximum = number(object, &["spec", "maxReplicas"]).unwrap_or(i64::MAX);
    if replicas.is_none() {
        // The target may come later.
        let at =
            crate::clock::later(state.now, state.speed.ready_after.max(std::time::Duration::from_millis(50)));
        state.wake(key, at);
    }
    state.modify(key, |object| match replicas {
        Some(replicas) => {
            let wanted = replicas.max(minimum).min(maximum);
            super::set_counts(
                object,
                &[("currentReplicas", replicas), ("desiredReplicas", wanted)],
                &["currentReplicas", "desiredReplicas"],
            );
            object["status"]["observedGeneration"] = object["metadata"]["generation"].clone();
            let ready = "recommended size matches current size";
            super::set_condition(object, "AbleToScale", "True", "ReadyForNewScale", ready, &now);
            let active =
                "the HPA was able to successfully calculate a replica count from cpu resource utilization";
            super::set_condition(object, "ScalingActive", "True", "ValidMetricFound", active, &now);
            let limited = "the desired count is within the acceptable range";
            super::set_condition(object, "ScalingLimited", "False", "DesiredWithinRange", limited, &now);
        }
        None => {
            let message = "the HPA controller was unable to get the target's current scale";
            super::set_condition(object, "AbleToScale", "False", "FailedGetScale", message, &now);
        }
    });
}

/// Counts the pods a disruption budget protects.
pub(super) fn disruption_budget(state: &mut State, key: &Key, object: &Value) {
    let selector = Selector::of_object(&object["spec"]["selector"]);
    let matching: Vec<_> = state
        .store
        .list(&super::pods(), Some(&key.namespace))
        .filter(|pod| selector.matches(pod))
        .cloned()
        .collect();
    let expected = i64::try_from(matching.len()).unwrap_or(i64::MAX);
    let healthy =
        i64::try_from(matching.iter().filter(|pod| super::is_true(pod, "Ready")).count()).unwrap_or(0);
    let desired = match (&object["spec"]["minAvailable"], &object["spec"]["maxUnavailable"]) {
        (Value::Null, Value::Null) => 1,
        (Value::Null, maximum) => (expected - super::share(maximum, expected, true)).max(0),
        (minimum, _) => super::share(minimum, expected, true),
    };
    let allowed = (healthy - desired).max(0);
    let now = state.time();
    state.modify(key, |object| {
        let counts = [
            ("currentHealthy", healthy),
            ("desiredHealthy", desired),
            ("disruptionsAllowed", allowed),
            ("expectedPods", expected),
        ];
        super::set_counts(
            object,
            &counts,
            &["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"],
        );
        object["status"]["observedGeneration"] = object["metadata"]["generation"].clone();
        let (status, reason) =
            if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        super::set_condition(object, "DisruptionAllowed", status, reason, "", &now);
    });
}
