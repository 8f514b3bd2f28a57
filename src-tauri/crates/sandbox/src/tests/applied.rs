use serde_json::{Value, json};

use super::{Harness, Reply, deployment};

const PATH: &str = "/apis/apps/v1/namespaces/default/deployments/web";

fn apply(api: &Harness, manager: &str, object: &Value, more: &str) -> Reply {
    api.patch(&format!("{PATH}?fieldManager={manager}{more}"), "apply-patch+yaml", object)
}

#[test]
fn applying_twice_with_a_changed_item_leaves_what_others_own() {
    let api = Harness::new();
    assert_eq!(apply(&api, "me", &deployment("web", "web:1", 1), "").code, 201);
    let sidecar = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {
        "containers": [{"name": "side", "image": "side:1"}]}}}});
    assert_eq!(apply(&api, "other", &sidecar, "").code, 200);
    let reply = apply(&api, "me", &deployment("web", "web:2", 1), "");
    let containers = &reply.body["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers[0]["image"], "web:2");
    assert_eq!(containers[1]["name"], "side");
    let mut gone = sidecar;
    gone["spec"]["template"]["spec"]["containers"] = json!([]);
    let reply = apply(&api, "other", &gone, "");
    assert_eq!(reply.body["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 1);
}

#[test]
fn an_object_keeps_its_name_when_nothing_of_its_metadata_is_applied_any_more() {
    let api = Harness::new();
    let path = "/api/v1/namespaces/shop?fieldManager=me";
    let labelled = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"team": "payments"}}});
    assert_eq!(api.patch(path, "apply-patch+yaml", &labelled).code, 201);
    let bare = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    let reply = api.patch(path, "apply-patch+yaml", &bare);
    assert_eq!((reply.code, &reply.body["metadata"]["name"]), (200, &json!("shop")), "{:?}", reply.body);
    assert!(reply.body["metadata"]["labels"]["team"].is_null(), "{:?}", reply.body);
}

#[test]
fn a_conflict_names_manager_and_field() {
    let api = Harness::new();
    apply(&api, "me", &deployment("web", "web:1", 1), "");
    let reply = apply(&api, "other", &deployment("web", "web:2", 1), "");
    assert_eq!(reply.code, 409);
    let cause = &reply.body["details"]["causes"][0];
    assert_eq!(cause["reason"], "FieldManagerConflict");
    assert_eq!(cause["field"], ".spec.template.spec.containers[name=\"main\"].image");
    assert!(cause["message"].as_str().unwrap().contains("\"me\""));
    assert_eq!(apply(&api, "other", &deployment("web", "web:2", 1), "&force=true").code, 200);
}

#[test]
fn a_field_that_is_no_longer_applied_falls_back_to_its_default() {
    let api = Harness::new();
    apply(&api, "me", &deployment("web", "web:1", 3), "");
    let mut without = deployment("web", "web:1", 3);
    without["spec"].as_object_mut().unwrap().remove("replicas");
    assert_eq!(apply(&api, "me", &without, "").body["spec"]["replicas"], 1);
}

#[test]
fn an_apply_that_changes_nothing_keeps_the_resource_version() {
    let api = Harness::new();
    let first = apply(&api, "me", &deployment("web", "web:1", 1), "").body;
    api.pass(std::time::Duration::from_millis(1));
    let before = api.get(PATH)["metadata"]["resourceVersion"].clone();
    let again = apply(&api, "me", &deployment("web", "web:1", 1), "").body;
    assert_eq!(before, again["metadata"]["resourceVersion"]);
    assert_eq!(first["metadata"]["uid"], again["metadata"]["uid"]);
}

#[test]
fn status_is_not_applied_with_the_object() {
    let api = Harness::new();
    let mut object = deployment("web", "web:1", 1);
    object["status"] = json!({"replicas": 7});
    let reply = apply(&api, "me", &object, "");
    assert!(reply.body["status"].is_null());
    let status = json!({"apiVersion": "apps/v1", "kind": "Deployment", "status": {"replicas": 7}});
    let reply = api.patch(&format!("{PATH}/status?fieldManager=me"), "apply-patch+yaml", &status);
    assert_eq!(reply.body["status"]["replicas"], 7);
    assert_eq!(reply.body["metadata"]["managedFields"].as_array().unwrap().len(), 2);
}

#[test]
fn an_apply_that_makes_no_sense_is_refused() {
    let api = Harness::new();
    let object = deployment("web", "web:1", 1);
    assert_eq!(api.patch(PATH, "apply-patch+yaml", &object).code, 422, "a field manager is required");
    let mut managed = object.clone();
    managed["metadata"]["managedFields"] = json!([{"manager": "x"}]);
    assert_eq!(apply(&api, "me", &managed, "").body["message"], "metadata.managedFields must be nil");
    let mut unknown = object.clone();
    unknown["spec"]["replica"] = json!(1);
    let reply = apply(&api, "me", &unknown, "");
    assert!(reply.body["message"].as_str().unwrap().ends_with(".spec.replica: field not declared in schema"));
    let mut renamed = object;
    renamed["metadata"]["name"] = json!("other");
    assert_eq!(apply(&api, "me", &renamed, "").code, 400);
}
