use serde_json::{Value, json};

use super::*;

fn writer(manager: &str) -> Writer {
    Writer {
        manager: manager.to_owned(),
        api_version: "apps/v1".to_owned(),
        subresource: String::new(),
        time: "2026-01-01T00:00:00Z".to_owned(),
    }
}

fn schema() -> Schema<'static> {
    Schema::of_kind("apps/v1", "Deployment")
}

#[expect(clippy::needless_pass_by_value, reason = "tables of literals read better without borrows")]
fn deployment(spec: Value, labels: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": labels}, "spec": spec})
}

#[expect(clippy::needless_pass_by_value, reason = "tables of literals read better without borrows")]
fn containers(containers: Value) -> Value {
    deployment(json!({"template": {"spec": {"containers": containers}}}), json!({"app": "web"}))
}

fn applied(live: Option<&Value>, configuration: &Value, manager: &str) -> Result<Value, ApiError> {
    apply(live, configuration, schema(), &writer(manager), Scope::WithoutStatus, false)
}

fn fields(object: &Value, manager: &str) -> Value {
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    entries
        .iter()
        .find(|entry| entry["manager"] == manager)
        .map_or(Value::Null, |entry| entry["fieldsV1"].clone())
}

#[test]
fn an_applied_object_owns_what_it_names() {
    let object = applied(
        None,
        &containers(
            json!([{"name": "web", "image": "web:1", "args": ["a"], "ports": [{"containerPort": 80}]}]),
        ),
        "me",
    )
    .unwrap();
    assert_eq!(
        fields(&object, "me"),
        json!({
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {
                ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}}
            }}}}}
        })
    );
}

#[test]
fn an_item_that_is_no_longer_applied_goes_and_those_of_others_stay() {
    let two = containers(json!([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]));
    let live = applied(None, &two, "me").unwrap();
    let live = applied(Some(&live), &containers(json!([{"name": "side", "image": "s:1"}])), "other").unwrap();
    assert_eq!(live["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 3);
    let one = containers(json!([{"name": "b", "image": "b:2"}]));
    let live = applied(Some(&live), &one, "me").unwrap();
    let names: Vec<&str> = live["spec"]["template"]["spec"]["containers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["b", "side"]);
    assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "b:2");
}

#[test]
fn a_field_of_another_manager_is_a_conflict_unless_the_values_agree_or_force_is_said() {
    let live = applied(None, &deployment(json!({"replicas": 1}), json!({})), "me").unwrap();
    let two = deployment(json!({"replicas": 2}), json!({}));
    let error = applied(Some(&live), &two, "other").unwrap_err();
    assert_eq!(
        error.message,
        "Apply failed with 1 conflict: conflict with \"me\" using apps/v1: .spec.replicas"
    );
    assert_eq!(error.causes[0].field, ".spec.replicas");
    assert_eq!(error.causes[0].reason, "FieldManagerConflict");

    let shared = applied(Some(&live), &deployment(json!({"replicas": 1}), json!({})), "other").unwrap();
    assert_eq!(fields(&shared, "me"), fields(&shared, "other"));

    let forced = apply(Some(&live), &two, schema(), &writer("other"), Scope::WithoutStatus, true).unwrap();
    assert_eq!(forced["spec"]["replicas"], 2);
    assert_eq!(fields(&forced, "me")["f:spec"], Value::Null);
}

#[test]
fn a_shared_field_stays_when_one_of_its_owners_leaves_it() {
    let with = deployment(json!({"replicas": 1, "paused": true}), json!({"a": "b"}));
    let live = applied(None, &with, "me").unwrap();
    let live = applied(Some(&live), &deployment(json!({"replicas": 1}), json!({})), "other").unwrap();
    let live = applied(Some(&live), &deployment(json!({}), json!({})), "me").unwrap();
    assert_eq!(live["spec"], json!({"replicas": 1}), "paused goes, replicas is owned by the other too");
    assert_eq!(live["metadata"]["labels"], json!({}));
}

#[test]
fn several_conflicts_are_listed_by_manager() {
    let live = applied(None, &deployment(json!({"replicas": 1, "paused": true}), json!({})), "me").unwrap();
    let error = applied(Some(&live), &deployment(json!({"replicas": 2, "paused": false}), json!({})), "x");
    assert_eq!(
        error.unwrap_err().message,
        "Apply failed with 2 conflicts: conflicts with \"me\" using apps/v1:\n- .spec.paused\n- .spec.replicas"
    );
}

#[test]
fn a_plain_write_takes_ownership_of_what_it_changes() {
    let live = applied(None, &deployment(json!({"replicas": 1, "paused": true}), json!({})), "me").unwrap();
    let mut changed = live.clone();
    changed["spec"]["replicas"] = json!(3);
    update(Some(&live), &mut changed, schema(), &writer("kubectl-scale"), Scope::WithoutStatus);
    assert_eq!(fields(&changed, "kubectl-scale"), json!({"f:spec": {"f:replicas": {}}}));
    assert_eq!(fields(&changed, "me")["f:spec"], json!({"f:paused": {}}));
    let error = applied(Some(&changed), &deployment(json!({"replicas": 1}), json!({})), "me").unwrap_err();
    assert!(
        error.message.contains("\"kubectl-scale\" using apps/v1 at 2026-01-01T00:00:00Z"),
        "{}",
        error.message
    );
}

#[test]
fn applying_the_same_again_changes_nothing() {
    let wanted = containers(json!([{"name": "web", "image": "web:1"}]));
    let live = applied(None, &wanted, "me").unwrap();
    let mut later = writer("me");
    later.time = "2027-01-01T00:00:00Z".to_owned();
    let again = apply(Some(&live), &wanted, schema(), &later, Scope::WithoutStatus, false).unwrap();
    assert_eq!(again, live);
}

#[test]
fn lists_of_custom_resources_follow_their_schema() {
    let definition = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "routes": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["host"],
            "items": {"type": "object", "properties": {"host": {"type": "string"}, "to": {"type": "string"}}}},
        "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "plain": {"type": "array", "items": {"type": "string"}}
    }}}});
    let schema = Schema::Custom { schema: &definition, root: true };
    let object = |routes: Value, tags: Value, plain: Value| {
        json!({"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s"},
            "spec": {"routes": routes, "tags": tags, "plain": plain}})
    };
    let apply = |live: Option<&Value>, object: &Value, manager: &str| {
        apply(live, object, schema, &writer(manager), Scope::Everything, false).unwrap()
    };
    let live = apply(None, &object(json!([{"host": "a", "to": "1"}]), json!(["x"]), json!(["p"])), "me");
    let theirs = json!({"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s"},
        "spec": {"routes": [{"host": "b", "to": "2"}], "tags": ["y"]}});
    let live = apply(Some(&live), &theirs, "other");
    let live = apply(Some(&live), &object(json!([{"host": "a", "to": "3"}]), json!([]), json!(["q"])), "me");
    assert_eq!(live["spec"]["routes"], json!([{"host": "a", "to": "3"}, {"host": "b", "to": "2"}]));
    assert_eq!(live["spec"]["tags"], json!(["y"]));
    assert_eq!(live["spec"]["plain"], json!(["q"]));
}

#[test]
fn an_item_without_its_key_or_with_one_twice_is_refused() {
    for wrong in [json!([{"image": "a"}]), json!([{"name": "a"}, {"name": "a"}])] {
        let error = applied(None, &containers(wrong), "me").unwrap_err();
        assert!(
            error
                .message
                .starts_with("failed to create typed patch object (shop/web; apps/v1, Kind=Deployment)")
        );
    }
}

#[test]
fn field_sets_read_back() {
    let text =
        json!({"f:spec": {".": {}, "f:list": {"k:{\"a\":1,\"b\":\"x\"}": {}, "v:\"y\"": {}, "i:3": {}}}});
    assert_eq!(FieldSet::decode(&text).encode(), text);
}
