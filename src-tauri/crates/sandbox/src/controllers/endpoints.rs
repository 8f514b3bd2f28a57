//! Endpoint slices: which pods are behind a service.

use serde_json::{Value, json};

use super::{is_active, is_true};
use crate::state::{State, owner_reference, text};
use crate::store::selectors::Selector;
use crate::store::{Collection, Key};

/// Keeps the slice of a service at what its selector finds.
pub(super) fn reconcile(state: &mut State, key: &Key, service: &Value) {
    let labels = service["spec"]["selector"].as_object().filter(|labels| !labels.is_empty());
    let Some(labels) = labels else { return };
    let selector = Selector::of_object(&json!({"matchLabels": labels}));
    let endpoints: Vec<Value> = state
        .store
        .list(&super::pods(), Some(&key.namespace))
        .filter(|pod| selector.matches(pod) && is_active(pod) && pod["status"]["podIP"].is_string())
        .map(|pod| {
            let ready = is_true(pod, "Ready");
            json!({
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": ready, "serving": ready, "terminating": false},
                "nodeName": pod["spec"]["nodeName"],
                "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": key.namespace,
                    "uid": pod["metadata"]["uid"]},
            })
        })
        .collect();
    let ports: Vec<Value> = service["spec"]["ports"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|port| {
            // A port by name would have to be looked up in each pod; the number of the service stands for it.
            let number = port["targetPort"].as_i64().or(port["port"].as_i64());
            json!({"name": port["name"].as_str().unwrap_or_default(), "port": number,
                "protocol": port["protocol"].as_str().unwrap_or("TCP")})
        })
        .collect();
    let collection = Collection::new("discovery.k8s.io", "endpointslices");
    let slice = state.controlled(service, &collection).into_iter().next();
    match slice {
        Some((slice_key, slice)) => {
            if slice["endpoints"] != json!(endpoints) || slice["ports"] != json!(ports) {
                state.modify(&slice_key, |slice| {
                    slice["endpoints"] = json!(endpoints);
                    slice["ports"] = json!(ports);
                });
            }
        }
        None => {
            let object = json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                "metadata": {
                    "generateName": format!("{}-", key.name), "namespace": key.namespace,
                    "labels": {"kubernetes.io/service-name": key.name,
                        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
                    "ownerReferences": owner_reference(service),
                },
                "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
            });
            super::create(state, service, &collection, object);
        }
    }
}

/// Has the services of a pod looked at again.
pub(super) fn wake(state: &mut State, pod: &Value) {
    let namespace = text(pod, &["metadata", "namespace"]);
    let services = Collection::new("", "services");
    let keys: Vec<Key> = state
        .store
        .entries(&services, Some(namespace))
        .filter(|(_, service)| {
            service["spec"]["selector"].as_object().is_some_and(|labels| {
                !labels.is_empty()
                    && labels.iter().all(|(key, value)| pod["metadata"]["labels"].get(key) == Some(value))
            })
        })
        .map(|((namespace, name), _)| Key::new("", "services", namespace, name))
        .collect();
    state.queue.extend(keys);
}
