//! Defaults that depend on other values. Source: the defaulting functions of Kubernetes 1.37 (`pkg/apis/*/v1/
//! defaults.go`), whose results on small objects the tests compare with.

use serde_json::{Map, Value, json};

/// What must be there before the table is applied, because rows of the table depend on it.
pub(super) fn before(kind: &str, object: &mut Value) {
    match kind {
        "Job" => job(object, "/spec", true),
        "CronJob" => job(object, "/spec/jobTemplate/spec", false),
        "Service" => service(object),
        "HorizontalPodAutoscaler" => autoscaler(object),
        "NetworkPolicy" => policy_types(object),
        "RoleBinding" | "ClusterRoleBinding" => subjects(object),
        _ => {}
    }
    for path in pod_specs(kind) {
        if let Some(Value::Object(spec)) = object.pointer_mut(path) {
            pod_spec(spec);
        }
    }
}

/// Whether a row of the table does not apply to this object.
pub(super) fn is_suppressed(kind: &str, object: &Value, path: &str) -> bool {
    let is = |pointer: &str, expected: &[&str]| {
        object.pointer(pointer).and_then(Value::as_str).is_some_and(|value| !expected.contains(&value))
    };
    match kind {
        "Deployment" if path.starts_with("spec.strategy.rollingUpdate") => {
            is("/spec/strategy/type", &["RollingUpdate"])
        }
        "StatefulSet" | "DaemonSet" if path.starts_with("spec.updateStrategy.rollingUpdate") => {
            is("/spec/updateStrategy/type", &["RollingUpdate"])
        }
        "Job" => path == "spec.completions" && object.pointer("/spec/parallelism").is_some(),
        "CronJob" => path == "spec.jobTemplate.spec.completions",
        "Service" => match path {
            "spec.internalTrafficPolicy" => object.pointer("/spec/type") == Some(&json!("ExternalName")),
            _ => path.starts_with("spec.sessionAffinityConfig") && is("/spec/sessionAffinity", &["ClientIP"]),
        },
        "NetworkPolicy" => path.starts_with("spec.policyTypes"),
        "RoleBinding" | "ClusterRoleBinding" => path.starts_with("subjects"),
        _ => false,
    }
}

/// What follows from values the table filled in.
pub(super) fn after(kind: &str, object: &mut Value) {
    match kind {
        "Namespace" => {
            let name = object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
            if let Some(name) = name {
                let labels = child(&mut object["metadata"], "labels");
                fill(labels, "kubernetes.io/metadata.name", json!(name));
            }
        }
        "LimitRange" => items(object.pointer_mut("/spec/limits")).for_each(limit),
        "StatefulSet" => items(object.pointer_mut("/spec/volumeClaimTemplates")).for_each(|claim| {
            if claim.is_object() {
                fill(child(claim, "status"), "phase", json!("Pending"));
            }
        }),
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            items(object.pointer_mut("/webhooks")).for_each(|webhook| {
                fill(webhook, "namespaceSelector", json!({}));
                fill(webhook, "objectSelector", json!({}));
            });
        }
        "ReplicationController" => {
            let labels = object.pointer("/spec/template/metadata/labels").cloned();
            if let Some(labels) = labels {
                fill_if_empty(child(object, "metadata"), "labels", &labels);
                fill_if_empty(child(object, "spec"), "selector", &labels);
            }
        }
        _ => {}
    }
}

fn pod_specs(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &["/spec"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" => {
            &["/spec/template/spec"]
        }
        "CronJob" => &["/spec/jobTemplate/spec/template/spec"],
        "PodTemplate" => &["/template/spec"],
        _ => &[],
    }
}

/// Inserts where nothing (or null) is.
fn fill(parent: &mut Value, key: &str, value: Value) {
    if let Some(map) = parent.as_object_mut() {
        fill_map(map, key, value);
    }
}

fn fill_map(map: &mut Map<String, Value>, key: &str, value: Value) {
    if map.get(key).is_none_or(Value::is_null) {
        map.insert(key.to_owned(), value);
    }
}

fn fill_if_empty(parent: &mut Value, key: &str, value: &Value) {
    let is_empty = match parent.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(_) => false,
    };
    if let (true, Some(map)) = (is_empty, parent.as_object_mut()) {
        map.insert(key.to_owned(), value.clone());
    }
}

/// The map at `key`, created where nothing is; where something else is, that.
fn child<'a>(parent: &'a mut Value, key: &str) -> &'a mut Value {
    if parent.is_null() {
        *parent = json!({});
    }
    if parent.is_object() {
        fill(parent, key, json!({}));
        return &mut parent[key];
    }
    parent
}

fn items(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

fn pod_spec(spec: &mut Map<String, Value>) {
    for (from, to) in [("serviceAccountName", "serviceAccount"), ("serviceAccount", "serviceAccountName")] {
        if let Some(name) = spec.get(from).filter(|name| name.is_string()).cloned() {
            fill_map(spec, to, name);
        }
    }
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in items(spec.get_mut(list)) {
            if let Some(image) = container.get("image").and_then(Value::as_str) {
                let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
                fill(container, "imagePullPolicy", json!(policy));
            }
            let limits = container.pointer("/resources/limits").and_then(Value::as_object).cloned();
            for (name, limit) in limits.unwrap_or_default() {
                fill(child(&mut container["resources"], "requests"), &name, quantity(limit));
            }
            if host_network {
                for port in items(container.get_mut("ports")) {
                    if let Some(number) = port.get("containerPort").cloned() {
                        fill(port, "hostPort", number);
                    }
                }
            }
        }
    }
    for volume in items(spec.get_mut("volumes")) {
        if let Some(map) = volume.as_object_mut()
            && map.iter().all(|(key, value)| key == "name" || value.is_null())
        {
            map.insert("emptyDir".to_owned(), json!({}));
        }
    }
}

/// Whether the tag of an image is `latest`, which is also what no tag and no digest means.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// A quantity as text, the way the server writes it.
fn quantity(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        other => other,
    }
}

fn job(object: &mut Value, pointer: &str, copies_labels: bool) {
    let labels = object.pointer("/spec/template/metadata/labels").cloned();
    if let (true, Some(labels)) = (copies_labels, labels) {
        fill_if_empty(child(object, "metadata"), "labels", &labels);
    }
    if let Some(spec) = object.pointer_mut(pointer)
        && spec.get("podFailurePolicy").is_some_and(Value::is_object)
    {
        fill(spec, "podReplacementPolicy", json!("Failed"));
    }
}

fn service(object: &mut Value) {
    let Some(spec) = object.get_mut("spec") else { return };
    let service_type = spec.get("type").and_then(Value::as_str).unwrap_or("ClusterIP").to_owned();
    if matches!(service_type.as_str(), "NodePort" | "LoadBalancer") {
        fill(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    if service_type == "LoadBalancer" {
        fill(spec, "allocateLoadBalancerNodePorts", json!(true));
    }
    if spec.get("sessionAffinity") == Some(&json!("ClientIP")) {
        let timeout = child(child(spec, "sessionAffinityConfig"), "clientIP");
        fill(timeout, "timeoutSeconds", json!(10800));
    }
    for port in items(spec.get_mut("ports")) {
        let number = port.get("port").cloned();
        let unset = matches!(port.get("targetPort"), None | Some(Value::Null))
            || port.get("targetPort") == Some(&json!(0));
        if let (Some(number), true, Some(map)) = (number, unset, port.as_object_mut()) {
            map.insert("targetPort".to_owned(), number);
        }
    }
}

fn autoscaler(object: &mut Value) {
    let Some(behavior) = object.pointer_mut("/spec/behavior") else { return };
    if !behavior.is_object() {
        return;
    }
    let up = child(behavior, "scaleUp");
    fill(up, "stabilizationWindowSeconds", json!(0));
    fill(up, "selectPolicy", json!("Max"));
    fill(
        up,
        "policies",
        json!([
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15}
        ]),
    );
    let down = child(behavior, "scaleDown");
    fill(down, "selectPolicy", json!("Max"));
    fill(down, "policies", json!([{"type": "Percent", "value": 100, "periodSeconds": 15}]));
}

fn policy_types(object: &mut Value) {
    let Some(spec) = object.get_mut("spec") else { return };
    let has_egress = spec.get("egress").and_then(Value::as_array).is_some_and(|rules| !rules.is_empty());
    let types = if has_egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
    if spec.get("policyTypes").and_then(Value::as_array).is_none_or(Vec::is_empty)
        && let Some(map) = spec.as_object_mut()
    {
        map.insert("policyTypes".to_owned(), types);
    }
}

fn subjects(object: &mut Value) {
    for subject in items(object.get_mut("subjects")) {
        if matches!(subject.get("kind").and_then(Value::as_str), Some("User" | "Group")) {
            fill(subject, "apiGroup", json!("rbac.authorization.k8s.io"));
        }
    }
}

fn limit(item: &mut Value) {
    if item.get("type") != Some(&json!("Container")) {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        let values = item.get(from).and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, value) in values {
            fill(child(item, to), &name, quantity(value));
        }
    }
}
