//! Custom resource definitions: established at once, gone when their objects are.

use serde_json::{Value, json};

use crate::crd;
use crate::state::State;
use crate::store::{Collection, Key};

pub(super) fn reconcile(state: &mut State, key: &Key, definition: &Value) {
    if definition["metadata"]["deletionTimestamp"].is_null() {
        let is_established = super::is_true(definition, "Established")
            && definition["status"]["acceptedNames"] == definition["spec"]["names"];
        if !is_established {
            let status = crd::established(definition, &state.time());
            state.modify(key, |object| object["status"] = status);
        }
        return;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let collection =
        Collection::new(&text(&definition["spec"]["group"]), &text(&definition["spec"]["names"]["plural"]));
    let instances: Vec<(Key, bool)> = state
        .store
        .entries(&collection, None)
        .map(|((namespace, name), object)| {
            let key =
                Key { collection: collection.clone(), namespace: namespace.clone(), name: name.clone() };
            (key, !object["metadata"]["deletionTimestamp"].is_null())
        })
        .collect();
    for (instance, is_going) in &instances {
        if !is_going {
            super::delete(state, instance);
        }
    }
    let is_empty = state.store.entries(&collection, None).next().is_none();
    if is_empty && crate::write::has_no_finalizers(definition) {
        state.remove(key);
    } else if !is_empty && !super::is_true(definition, "Terminating") {
        let now = state.time();
        state.modify(key, |object| {
            let message = json!("CustomResource deletion is in progress");
            super::set_condition(
                object,
                "Terminating",
                "True",
                "InstanceDeletionInProgress",
                message.as_str().unwrap_or_default(),
                &now,
            );
        });
    }
}
