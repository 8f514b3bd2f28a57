//! The tables `kubectl get` prints: columns by kind, cells by object.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::registry::{Api, Origin};
use crate::state::{number, text};

struct Column {
    name: &'static str,
    sort: &'static str,
    /// 0 is always shown, 1 only with `-o wide`.
    priority: u8,
    cell: fn(&Value, Timestamp) -> Value,
}

const fn column(name: &'static str, cell: fn(&Value, Timestamp) -> Value) -> Column {
    Column { name, sort: "string", priority: 0, cell }
}

const fn wide(name: &'static str, cell: fn(&Value, Timestamp) -> Value) -> Column {
    Column { name, sort: "string", priority: 1, cell }
}

/// A table of objects.
pub(crate) fn table(api: &Api, objects: &[&Value], include_object: &str, now: Timestamp) -> Value {
    let (definitions, rows) = match &api.origin {
        Origin::Custom(version) => custom(version, objects, now),
        _ => built_in(api, objects, now),
    };
    let rows: Vec<Value> = rows
        .into_iter()
        .zip(objects)
        .map(|(cells, object)| {
            let object = match include_object {
                "None" => Value::Null,
                "Object" => (*object).clone(),
                _ => partial(object),
            };
            if object.is_null() { json!({"cells": cells}) } else { json!({"cells": cells, "object": object}) }
        })
        .collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": definitions, "rows": rows})
}

/// Only the metadata of an object.
pub(crate) fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn built_in(api: &Api, objects: &[&Value], now: Timestamp) -> (Vec<Value>, Vec<Vec<Value>>) {
    let columns = columns(api);
    let mut definitions = vec![definition("Name", "string", 0, "name")];
    definitions.extend(columns.iter().map(|each| definition(each.name, each.sort, each.priority, "")));
    let rows = objects
        .iter()
        .map(|object| {
            let mut cells = vec![object["metadata"]["name"].clone()];
            cells.extend(columns.iter().map(|each| (each.cell)(object, now)));
            cells
        })
        .collect();
    (definitions, rows)
}

fn definition(name: &str, sort: &str, priority: u8, format: &str) -> Value {
    json!({"name": name, "type": sort, "format": format, "description": "", "priority": priority})
}

fn custom(version: &Value, objects: &[&Value], now: Timestamp) -> (Vec<Value>, Vec<Vec<Value>>) {
    let columns = version["additionalPrinterColumns"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut definitions = vec![definition("Name", "string", 0, "name")];
    for column in columns {
        let priority = u8::try_from(column["priority"].as_u64().unwrap_or(0)).unwrap_or(1);
        definitions.push(definition(text(column, &["name"]), text(column, &["type"]), priority, ""));
    }
    if columns.is_empty() {
        definitions.push(definition("Age", "date", 0, ""));
    }
    let rows = objects
        .iter()
        .map(|object| {
            let mut cells = vec![object["metadata"]["name"].clone()];
            for column in columns {
                let value = json_path(object, text(column, &["jsonPath"]));
                let is_date = column["type"] == "date";
                cells.push(match value {
                    Some(Value::String(time)) if is_date => json!(age(time, now)),
                    Some(value) if value.is_object() || value.is_array() => json!(value.to_string()),
                    Some(value) => value.clone(),
                    None => json!(""),
                });
            }
            if columns.is_empty() {
                cells.push(creation_age(object, now));
            }
            cells
        })
        .collect();
    (definitions, rows)
}

/// `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.list[0]`, `.metadata.labels['a']`.
fn json_path<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = object;
    let mut rest = path.trim_start_matches('$');
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[?(@.") {
            let (test, after) = after.split_once(")]")?;
            let (key, wanted) = test.split_once("==")?;
            let wanted = wanted.trim().trim_matches(['"', '\'']);
            value = value.as_array()?.iter().find(|item| item[key.trim()] == wanted)?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            value = match index.parse::<usize>() {
                Ok(index) => value.get(index)?,
                Err(_) => value.get(index.trim_matches(['"', '\'']))?,
            };
            rest = after;
        } else {
            let after = rest.trim_start_matches('.');
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 {
                return None;
            }
            value = value.get(after[..end].replace("\\", "").as_str())?;
            rest = &after[end..];
        }
    }
    Some(value)
}

fn columns(api: &Api) -> Vec<Column> {
    const AGE: Column = column("Age", creation_age);
    match (api.group.as_str(), api.kind.as_str()) {
        ("", "Pod") => vec![
            column("Ready", pod_ready),
            column("Status", pod_status),
            column("Restarts", pod_restarts),
            AGE,
            wide("IP", |object, _| or_none(&object["status"]["podIP"])),
            wide("Node", |object, _| or_none(&object["spec"]["nodeName"])),
            wide("Nominated Node", |_, _| json!("<none>")),
            wide("Readiness Gates", |_, _| json!("<none>")),
        ],
        ("apps", "Deployment") => vec![
            column("Ready", |object, _| {
                ready_of(object, "readyReplicas", number(object, &["spec", "replicas"]).unwrap_or(1))
            }),
            column("Up-to-date", |object, _| count(object, "updatedReplicas")),
            column("Available", |object, _| count(object, "availableReplicas")),
            AGE,
            wide("Containers", |object, _| containers(object, "name")),
            wide("Images", |object, _| containers(object, "image")),
            wide("Selector", |object, _| labels(&object["spec"]["selector"]["matchLabels"])),
        ],
        ("apps", "ReplicaSet") | ("", "ReplicationController") => vec![
            column("Desired", |object, _| json!(number(object, &["spec", "replicas"]).unwrap_or(1))),
            column("Current", |object, _| count(object, "replicas")),
            column("Ready", |object, _| count(object, "readyReplicas")),
            AGE,
            wide("Containers", |object, _| containers(object, "name")),
            wide("Images", |object, _| containers(object, "image")),
        ],
        ("apps", "StatefulSet") => vec![
            column("Ready", |object, _| {
                ready_of(object, "readyReplicas", number(object, &["spec", "replicas"]).unwrap_or(1))
            }),
            AGE,
            wide("Containers", |object, _| containers(object, "name")),
            wide("Images", |object, _| containers(object, "image")),
        ],
        ("apps", "DaemonSet") => vec![
            column("Desired", |object, _| count(object, "desiredNumberScheduled")),
            column("Current", |object, _| count(object, "currentNumberScheduled")),
            column("Ready", |object, _| count(object, "numberReady")),
            column("Up-to-date", |object, _| count(object, "updatedNumberScheduled")),
            column("Available", |object, _| count(object, "numberAvailable")),
            column("Node Selector", |object, _| labels(&object["spec"]["template"]["spec"]["nodeSelector"])),
            AGE,
        ],
        ("batch", "Job") => vec![
            column("Status", job_status),
            column("Completions", |object, _| {
                let wanted = number(object, &["spec", "completions"]).unwrap_or(1);
                ready_of(object, "succeeded", wanted)
            }),
            column("Duration", job_duration),
            AGE,
        ],
        ("batch", "CronJob") => vec![
            column("Schedule", |object, _| object["spec"]["schedule"].clone()),
            column("Timezone", |object, _| or_none(&object["spec"]["timeZone"])),
            column("Suspend", |object, _| {
                json!(if object["spec"]["suspend"] == true { "True" } else { "False" })
            }),
            column("Active", |_, _| json!(0)),
            column("Last Schedule", |_, _| json!("<none>")),
            AGE,
        ],
        ("", "Service") => vec![
            column("Type", |object, _| object["spec"]["type"].clone()),
            column("Cluster-IP", |object, _| or_none(&object["spec"]["clusterIP"])),
            column("External-IP", external_address),
            column("Port(s)", ports),
            AGE,
            wide("Selector", |object, _| labels(&object["spec"]["selector"])),
        ],
        ("", "Namespace") => vec![column("Status", |object, _| object["status"]["phase"].clone()), AGE],
        ("", "ConfigMap") => {
            vec![column("Data", |object, _| json!(keys(&object["data"]) + keys(&object["binaryData"]))), AGE]
        }
        ("", "Secret") => vec![
            column("Type", |object, _| object["type"].clone()),
            column("Data", |object, _| json!(keys(&object["data"]))),
            AGE,
        ],
        ("", "ServiceAccount") => vec![column("Secrets", |_, _| json!(0)), AGE],
        ("", "Node") => vec![
            column("Status", |_, _| json!("Ready")),
            column("Roles", |_, _| json!("<none>")),
            AGE,
            column("Version", |object, _| object["status"]["nodeInfo"]["kubeletVersion"].clone()),
        ],
        ("", "PersistentVolumeClaim") => vec![
            column("Status", |object, _| object["status"]["phase"].clone()),
            column("Volume", |object, _| or_empty(&object["spec"]["volumeName"])),
            column("Capacity", |object, _| or_empty(&object["status"]["capacity"]["storage"])),
            column("Access Modes", |object, _| access_modes(&object["spec"]["accessModes"])),
            column("StorageClass", |object, _| or_empty(&object["spec"]["storageClassName"])),
            AGE,
        ],
        ("", "PersistentVolume") => vec![
            column("Capacity", |object, _| or_empty(&object["spec"]["capacity"]["storage"])),
            column("Access Modes", |object, _| access_modes(&object["spec"]["accessModes"])),
            column("Reclaim Policy", |object, _| object["spec"]["persistentVolumeReclaimPolicy"].clone()),
            column("Status", |object, _| object["status"]["phase"].clone()),
            column("Claim", |object, _| {
                let claim = &object["spec"]["claimRef"];
                json!(format!("{}/{}", text(claim, &["namespace"]), text(claim, &["name"])))
            }),
            AGE,
        ],
        ("", "Event") => vec![
            column("Last Seen", |object, now| json!(age(text(object, &["lastTimestamp"]), now))),
            column("Type", |object, _| object["type"].clone()),
            column("Reason", |object, _| object["reason"].clone()),
            column("Object", |object, _| {
                let about = &object["involvedObject"];
                json!(format!("{}/{}", text(about, &["kind"]).to_lowercase(), text(about, &["name"])))
            }),
            column("Message", |object, _| object["message"].clone()),
        ],
        ("networking.k8s.io", "Ingress") => vec![
            column("Class", |object, _| or_none(&object["spec"]["ingressClassName"])),
            column("Hosts", hosts),
            column("Address", |object, _| json!(addresses(object))),
            column("Ports", |object, _| {
                json!(if object["spec"]["tls"].is_array() { "80, 443" } else { "80" })
            }),
            AGE,
        ],
        ("autoscaling", "HorizontalPodAutoscaler") => vec![
            column("Reference", |object, _| {
                let target = &object["spec"]["scaleTargetRef"];
                json!(format!("{}/{}", text(target, &["kind"]), text(target, &["name"])))
            }),
            column("MinPods", |object, _| json!(number(object, &["spec", "minReplicas"]).unwrap_or(1))),
            column("MaxPods", |object, _| object["spec"]["maxReplicas"].clone()),
            column("Replicas", |object, _| count(object, "currentReplicas")),
            AGE,
        ],
        ("policy", "PodDisruptionBudget") => vec![
            column("Min Available", |object, _| or_not_applicable(&object["spec"]["minAvailable"])),
            column("Max Unavailable", |object, _| or_not_applicable(&object["spec"]["maxUnavailable"])),
            column("Allowed Disruptions", |object, _| count(object, "disruptionsAllowed")),
            AGE,
        ],
        ("storage.k8s.io", "StorageClass") => vec![
            column("Provisioner", |object, _| object["provisioner"].clone()),
            column("ReclaimPolicy", |object, _| or_empty(&object["reclaimPolicy"])),
            column("VolumeBindingMode", |object, _| or_empty(&object["volumeBindingMode"])),
            AGE,
        ],
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            vec![column("Created At", |object, _| object["metadata"]["creationTimestamp"].clone())]
        }
        _ => vec![AGE],
    }
}

fn or_none(value: &Value) -> Value {
    if value.is_null() { json!("<none>") } else { value.clone() }
}

fn or_empty(value: &Value) -> Value {
    if value.is_null() { json!("") } else { value.clone() }
}

fn or_not_applicable(value: &Value) -> Value {
    match value {
        Value::Null => json!("N/A"),
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

fn keys(value: &Value) -> usize {
    value.as_object().map_or(0, serde_json::Map::len)
}

fn count(object: &Value, field: &str) -> Value {
    json!(number(object, &["status", field]).unwrap_or(0))
}

fn ready_of(object: &Value, field: &str, wanted: i64) -> Value {
    json!(format!("{}/{wanted}", number(object, &["status", field]).unwrap_or(0)))
}

fn labels(map: &Value) -> Value {
    let mut pairs: Vec<String> = map
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    json!(if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") })
}

fn containers(object: &Value, field: &str) -> Value {
    let list = object["spec"]["template"]["spec"]["containers"].as_array();
    let texts: Vec<&str> =
        list.into_iter().flatten().filter_map(|container| container[field].as_str()).collect();
    json!(texts.join(","))
}

fn access_modes(modes: &Value) -> Value {
    let short = |mode: &Value| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        _ => "RWOP",
    };
    json!(modes.as_array().into_iter().flatten().map(short).collect::<Vec<_>>().join(","))
}

fn pod_ready(pod: &Value, _: Timestamp) -> Value {
    let statuses = pod["status"]["containerStatuses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ready = statuses.iter().filter(|status| status["ready"] == true).count();
    let total = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
    json!(format!("{ready}/{total}"))
}

fn pod_status(pod: &Value, _: Timestamp) -> Value {
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        return json!("Terminating");
    }
    let state = &pod["status"]["containerStatuses"][0]["state"];
    for sort in ["waiting", "terminated"] {
        if let Some(reason) = state[sort]["reason"].as_str() {
            return json!(reason);
        }
    }
    pod["status"]["phase"].clone()
}

fn pod_restarts(pod: &Value, _: Timestamp) -> Value {
    let statuses = pod["status"]["containerStatuses"].as_array();
    let restarts: i64 =
        statuses.into_iter().flatten().filter_map(|status| status["restartCount"].as_i64()).sum();
    json!(restarts.to_string())
}

fn job_status(job: &Value, _: Timestamp) -> Value {
    let conditions = job["status"]["conditions"].as_array();
    let holds = |name: &str| {
        conditions.into_iter().flatten().any(|each| each["type"] == name && each["status"] == "True")
    };
    json!(["Complete", "Failed", "Suspended"].into_iter().find(|name| holds(name)).unwrap_or("Running"))
}

fn job_duration(job: &Value, now: Timestamp) -> Value {
    let start = text(job, &["status", "startTime"]);
    let end = text(job, &["status", "completionTime"]).parse().unwrap_or(now);
    json!(if start.is_empty() { String::new() } else { age(start, end) })
}

fn external_address(service: &Value, _: Timestamp) -> Value {
    match text(service, &["spec", "type"]) {
        "LoadBalancer" => {
            let found = addresses(service);
            json!(if found.is_empty() { "<pending>".to_owned() } else { found })
        }
        "ExternalName" => service["spec"]["externalName"].clone(),
        _ => json!("<none>"),
    }
}

fn addresses(object: &Value) -> String {
    let list = object["status"]["loadBalancer"]["ingress"].as_array();
    let texts: Vec<&str> = list
        .into_iter()
        .flatten()
        .filter_map(|each| each["ip"].as_str().or(each["hostname"].as_str()))
        .collect();
    texts.join(",")
}

fn ports(service: &Value, _: Timestamp) -> Value {
    let list = service["spec"]["ports"].as_array();
    let texts: Vec<String> = list
        .into_iter()
        .flatten()
        .map(|port| {
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            match port["nodePort"].as_i64() {
                Some(node) => format!("{}:{node}/{protocol}", port["port"]),
                None => format!("{}/{protocol}", port["port"]),
            }
        })
        .collect();
    json!(if texts.is_empty() { "<none>".to_owned() } else { texts.join(",") })
}

fn hosts(ingress: &Value, _: Timestamp) -> Value {
    let rules = ingress["spec"]["rules"].as_array();
    let texts: Vec<&str> = rules.into_iter().flatten().filter_map(|rule| rule["host"].as_str()).collect();
    json!(if texts.is_empty() { "*".to_owned() } else { texts.join(",") })
}

fn creation_age(object: &Value, now: Timestamp) -> Value {
    json!(age(text(object, &["metadata", "creationTimestamp"]), now))
}

/// How long ago something was, as kubectl writes it: `5s`, `3m20s`, `2h`, `4d`.
fn age(time: &str, now: Timestamp) -> String {
    let Ok(time) = time.parse::<Timestamp>() else { return "<unknown>".to_owned() };
    let seconds = (now.as_second() - time.as_second()).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 if seconds % 60 > 0 => format!("{minutes}m{}s", seconds % 60),
        120..10_800 => format!("{minutes}m"),
        10_800..28_800 if minutes % 60 > 0 => format!("{hours}h{}m", minutes % 60),
        10_800..172_800 => format!("{hours}h"),
        172_800..691_200 if hours % 24 > 0 => format!("{days}d{}h", hours % 24),
        _ if days < 730 => format!("{days}d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_written_like_kubectl_does() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-01-09T23:59:55Z", "5s"),
            ("2026-01-09T23:56:40Z", "3m20s"),
            ("2026-01-09T22:00:00Z", "120m"),
            ("2026-01-08T12:00:00Z", "36h"),
            ("2026-01-01T00:00:00Z", "9d"),
            ("nonsense", "<unknown>"),
        ] {
            assert_eq!(age(time, now), expected, "{time}");
        }
    }

    #[test]
    fn json_paths_of_printer_columns() {
        let object = json!({"spec": {"a": [{"b": 1}]}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(json_path(&object, ".spec.a[0].b"), Some(&json!(1)));
        let ready = json_path(&object, ".status.conditions[?(@.type==\"Ready\")].status");
        assert_eq!(ready, Some(&json!("True")));
        for wrong in [".spec..", ".x", "[", ".spec.a[9]", ".status.conditions[?(@.type"] {
            assert_eq!(json_path(&object, wrong), None, "{wrong}");
        }
    }
}
