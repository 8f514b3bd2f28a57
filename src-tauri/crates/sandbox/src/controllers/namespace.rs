//! Namespaces: what every one holds, and how they go.

use serde_json::{Value, json};

use crate::state::State;
use crate::store::{Collection, Key};

pub(super) fn reconcile(state: &mut State, key: &Key, namespace: &Value) {
    if namespace["metadata"]["deletionTimestamp"].is_null() {
        furnish(state, key, namespace);
        return;
    }
    let content: Vec<(Key, bool)> = state
        .store
        .all()
        .filter(|(each, _)| each.namespace == key.name)
        .map(|(each, object)| (each, !object["metadata"]["deletionTimestamp"].is_null()))
        .collect();
    for (each, is_going) in &content {
        if !is_going {
            super::delete(state, each);
        }
    }
    // Each removal queues the namespace, so it is looked at again when the last object is gone.
    let is_empty = !state.store.all().any(|(each, _)| each.namespace == key.name);
    if is_empty {
        let mut object = namespace.clone();
        object["spec"]["finalizers"] = json!([]);
        if crate::write::has_no_finalizers(&object) {
            state.remove(key);
        } else if object != *namespace {
            state.put(key, object);
        }
    }
}

/// The service account and the certificate that every namespace has.
fn furnish(state: &mut State, key: &Key, namespace: &Value) {
    let account = Key::new("", "serviceaccounts", &key.name, "default");
    if state.store.get(&account).is_none() {
        let object = json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": key.name}});
        super::create(state, namespace, &Collection::new("", "serviceaccounts"), object);
    }
    if namespace["status"]["phase"] != "Active" {
        state.modify(key, |object| object["status"] = json!({"phase": "Active"}));
    }
}
