use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// Every leaf of a value by its path: `spec.ports[0].port`.
fn leaves(value: &Value, path: &str, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(value, &path, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{path}[{index}]"), out);
            }
        }
        other => {
            out.insert(path.to_owned(), other.clone());
        }
    }
}

/// What defaulting adds to an object.
fn added(kind: &str, given: &Value) -> BTreeMap<String, Value> {
    let (api_version, kind) = kind.rsplit_once('/').unwrap();
    let mut object = given.clone();
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    let mut before = BTreeMap::new();
    leaves(&object, "", &mut before);
    apply(&mut object);
    let mut after = BTreeMap::new();
    leaves(&object, "", &mut after);
    after.retain(|path, _| !before.contains_key(path));
    after
}

#[test]
fn every_row_of_the_table_is_a_default() {
    let rows: usize = tables::blocks(tables::DEFAULTS).iter().map(|(_, rows)| rows.len()).sum();
    assert_eq!(table().values().map(Vec::len).sum::<usize>(), rows);
}

#[test]
fn defaults_that_depend_on_other_values_are_those_of_the_server() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/k8s-schema/defaults-conditional.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!(
            "skipped: defaults_that_depend_on_other_values_are_those_of_the_server: ../shared is missing"
        );
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let expected: BTreeMap<String, Value> = serde_json::from_value(case["adds"].clone()).unwrap();
        let found = added(case["kind"].as_str().unwrap(), &case["given"]);
        for (path, value) in &expected {
            if found.get(path) != Some(value) {
                wrong.push(format!(
                    "{} {}: {path} is {:?}, not {value}",
                    case["kind"],
                    case["given"],
                    found.get(path)
                ));
            }
        }
        for path in found.keys().filter(|path| !expected.contains_key(*path)) {
            wrong.push(format!("{} {}: {path} is too much", case["kind"], case["given"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_there_stays() {
    let found = added(
        "apps/v1/Deployment",
        &json!({"spec": {"replicas": 5, "template": {"spec": {"containers": [{"name": "a", "image": "a:1"}]}}}}),
    );
    assert!(!found.contains_key("spec.replicas"));
    assert_eq!(found["spec.template.spec.containers[0].imagePullPolicy"], "IfNotPresent");
    assert_eq!(found["spec.strategy.type"], "RollingUpdate");
}

#[test]
fn the_default_of_a_field_is_found_by_its_path() {
    let path = "/spec/template/spec/containers/[name=a]/terminationMessagePath".parse().unwrap();
    assert_eq!(value("apps/v1", "Deployment", &path).unwrap(), "/dev/termination-log");
    assert!(value("apps/v1", "Deployment", &"/spec/paused".parse().unwrap()).is_none());
}

#[test]
fn garbage_is_left_alone() {
    for spec in [json!(null), json!("x"), json!([1]), json!({"containers": "x", "volumes": [1]})] {
        let mut object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": 3, "spec": spec});
        apply(&mut object);
        let mut object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": spec}});
        apply(&mut object);
    }
    let mut text = json!("x");
    apply(&mut text);
    assert_eq!(text, "x");
}
