//! What the server fills in beyond defaults: addresses, ports, labels that tie Jobs to their pods.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::state::State;
use crate::store::Collection;

/// Prepares an object that is about to be created.
pub(crate) fn on_create(state: &mut State, kind: &str, object: &mut Value) {
    match kind {
        "Service" => service(state, object),
        "Namespace" => object["spec"] = json!({"finalizers": ["kubernetes"]}),
        "Job" => job(object),
        "Pod" => pod(object),
        "PersistentVolumeClaim"
            if object["spec"].is_object() && object["spec"].get("storageClassName").is_none() =>
        {
            object["spec"]["storageClassName"] = json!("standard");
        }
        "CustomResourceDefinition" => crate::crd::default_names(object),
        _ => {}
    }
}

/// Prepares an object that replaces `live`: what the server once gave stays where the request leaves it out.
pub(crate) fn on_update(state: &mut State, kind: &str, live: &Value, object: &mut Value) {
    match kind {
        "Service" => {
            let external = object["spec"]["type"] == "ExternalName";
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                let kept = live["spec"].get(field).filter(|_| !external).cloned();
                if let (Some(kept), Some(spec)) = (kept, object["spec"].as_object_mut()) {
                    spec.entry(field).or_insert(kept);
                }
            }
            let old = live["spec"]["ports"].as_array().cloned().unwrap_or_default();
            for port in object["spec"]["ports"].as_array_mut().into_iter().flatten() {
                let before =
                    old.iter().find(|each| each["port"] == port["port"] && each["name"] == port["name"]);
                if let (Some(number), Some(map)) =
                    (before.and_then(|each| each.get("nodePort")), port.as_object_mut())
                {
                    map.entry("nodePort").or_insert_with(|| number.clone());
                }
            }
            service(state, object);
        }
        "Namespace" => object["spec"] = live["spec"].clone(),
        "CustomResourceDefinition" => crate::crd::default_names(object),
        _ => {}
    }
}

fn service(state: &mut State, object: &mut Value) {
    let Some(spec) = object.get_mut("spec").filter(|spec| spec.is_object()) else { return };
    let service_type = spec["type"].as_str().unwrap_or("ClusterIP").to_owned();
    if service_type == "ExternalName" {
        return;
    }
    if spec["clusterIP"].as_str().unwrap_or_default().is_empty() {
        spec["clusterIP"] = json!(state.next_address());
    }
    if spec["clusterIPs"].as_array().is_none_or(Vec::is_empty) {
        spec["clusterIPs"] = json!([spec["clusterIP"]]);
    }
    if spec["ipFamilies"].as_array().is_none_or(Vec::is_empty) {
        spec["ipFamilies"] = json!(["IPv4"]);
    }
    if spec["ipFamilyPolicy"].is_null() {
        spec["ipFamilyPolicy"] = json!("SingleStack");
    }
    let needs_node_port = matches!(service_type.as_str(), "NodePort" | "LoadBalancer");
    for port in spec["ports"].as_array_mut().into_iter().flatten() {
        let Some(map) = port.as_object_mut() else { continue };
        if needs_node_port {
            map.entry("nodePort").or_insert_with(|| json!(state.next_port()));
        } else {
            map.remove("nodePort");
        }
    }
}

/// `stringData` is written to `data` and never read back.
pub(crate) fn string_data(object: &mut Value) {
    let Some(map) = object.as_object_mut() else { return };
    let Some(Value::Object(texts)) = map.remove("stringData") else { return };
    let data = map.entry("data").or_insert_with(|| json!({}));
    for (key, text) in texts {
        if let Some(text) = text.as_str() {
            data[key.as_str()] = json!(base64::engine::general_purpose::STANDARD.encode(text));
        }
    }
}

fn job(object: &mut Value) {
    let metadata = object["metadata"].clone();
    let (uid, name) = (metadata["uid"].clone(), metadata["name"].clone());
    if object["spec"]["manualSelector"] == true || !object["spec"]["template"].is_object() {
        return;
    }
    for (label, value) in [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ] {
        crate::state::set(object, &["spec", "template", "metadata", "labels", label], value.clone());
    }
    object["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
}

fn pod(object: &mut Value) {
    if let Some(spec) = object["spec"].as_object_mut() {
        spec.entry("serviceAccountName").or_insert_with(|| json!("default"));
        let account = spec["serviceAccountName"].clone();
        spec.entry("serviceAccount").or_insert(account);
    }
    object["status"] =
        json!({"phase": "Pending", "qosClass": crate::controllers::quality_of_service(object)});
}

/// Why nothing can be created in a namespace.
pub(crate) enum NamespaceProblem {
    Missing,
    Terminating,
}

/// Whether objects can be created in a namespace.
pub(crate) fn namespace(state: &State, name: &str) -> Result<(), NamespaceProblem> {
    let mut found = state.store.entries(&Collection::new("", "namespaces"), None);
    let namespace = found.find(|((_, each), _)| each == name).map(|(_, object)| object);
    match namespace {
        None => Err(NamespaceProblem::Missing),
        Some(object) if !object["metadata"]["deletionTimestamp"].is_null() => {
            Err(NamespaceProblem::Terminating)
        }
        Some(_) => Ok(()),
    }
}
