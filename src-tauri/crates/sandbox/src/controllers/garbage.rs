//! Garbage collection by owner references: background, foreground, orphan.

use serde_json::Value;

use crate::state::State;
use crate::store::Key;
use crate::write::DeleteOptions;

/// Deletes an object whose owners are gone, and carries out what the finalizers of the collector ask for. Returns
/// whether the object needs no other controller any more.
pub(super) fn collect(state: &mut State, key: &Key, object: &Value) -> bool {
    let is_going = !object["metadata"]["deletionTimestamp"].is_null();
    if is_going {
        if has_finalizer(object, "orphan") {
            orphan(state, key, object);
            return true;
        }
        if has_finalizer(object, "foregroundDeletion") {
            foreground(state, key, object);
            return state.store.get(key).is_none();
        }
        return false;
    }
    let references = object["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
    if references.is_empty() {
        return false;
    }
    let owners = references.iter().map(|reference| owner(state, object, reference)).collect::<Vec<_>>();
    let all_gone = owners.iter().all(|owner| matches!(owner, Owner::Gone));
    let waited_for = owners.iter().any(|owner| matches!(owner, Owner::WaitsForDependents));
    let none_stays = owners.iter().all(|owner| !matches!(owner, Owner::Alive));
    if all_gone || waited_for && none_stays {
        let policy = if waited_for { "Foreground" } else { "Background" };
        if let Some(api) = state.registry.of_collection(&key.collection) {
            let options = DeleteOptions { propagation_policy: policy.to_owned(), ..DeleteOptions::default() };
            // The object was there a moment ago and no precondition is set: nothing can be refused.
            let _ = state.delete(&api, key, &options);
        }
        return true;
    }
    false
}

enum Owner {
    Alive,
    WaitsForDependents,
    Gone,
}

fn owner(state: &State, object: &Value, reference: &Value) -> Owner {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    let api_version = reference["apiVersion"].as_str().unwrap_or_default();
    let (group, _) = slipway_schema::kinds::split_api_version(api_version);
    let kind = reference["kind"].as_str().unwrap_or_default();
    // Of a kind that is not served nobody can tell; the collector leaves such objects alone.
    let Some(api) = state.registry.of_kind(group, kind) else { return Owner::Alive };
    let namespace = if api.namespaced { namespace } else { "" };
    let name = reference["name"].as_str().unwrap_or_default();
    let found = state.store.get(&Key::new(&api.group, &api.plural, namespace, name));
    match found.filter(|owner| owner["metadata"]["uid"] == reference["uid"]) {
        None => Owner::Gone,
        Some(owner) => {
            let waits = !owner["metadata"]["deletionTimestamp"].is_null()
                && has_finalizer(owner, "foregroundDeletion");
            if waits { Owner::WaitsForDependents } else { Owner::Alive }
        }
    }
}

fn has_finalizer(object: &Value, name: &str) -> bool {
    object["metadata"]["finalizers"].as_array().is_some_and(|list| list.iter().any(|each| each == name))
}

fn orphan(state: &mut State, key: &Key, object: &Value) {
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
    for dependent in state.dependents_of(uid) {
        let Some(live) = state.store.get(&dependent).cloned() else { continue };
        let mut freed = Value::clone(&live);
        if let Some(references) = freed["metadata"]["ownerReferences"].as_array_mut() {
            references.retain(|reference| reference["uid"] != uid);
            if references.is_empty() {
                crate::write::remove_field(&mut freed["metadata"], "ownerReferences");
            }
        }
        state.put(&dependent, freed);
    }
    state.finish(key, "orphan");
}

fn foreground(state: &mut State, key: &Key, object: &Value) {
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
    let mut blocked = false;
    for dependent in state.dependents_of(uid) {
        let Some(live) = state.store.get(&dependent).cloned() else { continue };
        let references = live["metadata"]["ownerReferences"].as_array().cloned().unwrap_or_default();
        let blocks = references
            .iter()
            .any(|reference| reference["uid"] == uid && reference["blockOwnerDeletion"] == true);
        blocked |= blocks;
        if live["metadata"]["deletionTimestamp"].is_null() {
            state.queue.insert(dependent);
        }
    }
    if !blocked {
        state.finish(key, "foregroundDeletion");
    }
}
