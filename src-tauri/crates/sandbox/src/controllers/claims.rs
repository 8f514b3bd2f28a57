//! Volume claims: each gets a volume and is bound to it.

use serde_json::{Value, json};

use crate::state::{State, text};
use crate::store::{Collection, Key};

pub(super) fn reconcile(state: &mut State, key: &Key, claim: &Value) {
    if claim["status"]["phase"] == "Bound" {
        let requested = &claim["spec"]["resources"]["requests"]["storage"];
        if !requested.is_null() && claim["status"]["capacity"]["storage"] != *requested {
            let requested = requested.clone();
            state.modify(key, |claim| claim["status"]["capacity"] = json!({"storage": requested}));
        }
        return;
    }
    let after = state.speed.ready_after / 4;
    if !state.has_passed(key, claim, crate::state::BORN, after) {
        return;
    }
    let volume = match text(claim, &["spec", "volumeName"]) {
        "" => format!("pvc-{}", text(claim, &["metadata", "uid"])),
        name => name.to_owned(),
    };
    let volume_key = Key::new("", "persistentvolumes", "", &volume);
    if state.store.get(&volume_key).is_none() {
        let object = json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume},
            "spec": {
                "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
                "accessModes": claim["spec"]["accessModes"],
                "storageClassName": claim["spec"]["storageClassName"],
                "persistentVolumeReclaimPolicy": "Delete",
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": key.name,
                    "namespace": key.namespace, "uid": claim["metadata"]["uid"]},
                "hostPath": {"path": format!("/volumes/{volume}")},
            },
        });
        if super::create(state, claim, &Collection::new("", "persistentvolumes"), object).is_none() {
            return;
        }
    }
    state.modify(&volume_key, |volume| volume["status"] = json!({"phase": "Bound"}));
    state.modify(key, |claim| {
        claim["spec"]["volumeName"] = json!(volume);
        claim["status"] = json!({
            "phase": "Bound",
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        });
    });
}

/// A volume whose claim is gone goes too, or stays released, as it says.
pub(super) fn release(state: &mut State, key: &Key, volume: &Value) {
    let claim = &volume["spec"]["claimRef"];
    if !claim.is_object() {
        if volume["status"]["phase"] == "Pending" || volume["status"].is_null() {
            state.modify(key, |volume| volume["status"] = json!({"phase": "Available"}));
        }
        return;
    }
    let claim_key =
        Key::new("", "persistentvolumeclaims", text(claim, &["namespace"]), text(claim, &["name"]));
    let is_bound = state.store.get(&claim_key).is_some_and(|found| found["metadata"]["uid"] == claim["uid"]);
    if is_bound {
        return;
    }
    if volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete" {
        super::delete(state, key);
    } else {
        state.modify(key, |volume| volume["status"] = json!({"phase": "Released"}));
    }
}
