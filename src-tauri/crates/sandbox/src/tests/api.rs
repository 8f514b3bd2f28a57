use serde_json::{Value, json};

use super::{Harness, deployment};

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

#[expect(clippy::needless_pass_by_value, reason = "tables of literals read better without borrows")]
fn config_map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

#[test]
fn an_object_is_created_read_replaced_and_deleted() {
    let api = Harness::new();
    let created = api.post(CONFIG_MAPS, &config_map("a", json!({"k": "1"})));
    assert_eq!(created.code, 201);
    assert_eq!(created.body["metadata"]["namespace"], "default");
    assert_eq!(api.post(CONFIG_MAPS, &config_map("a", json!({}))).body["reason"], "AlreadyExists");

    let mut changed = api.get(&format!("{CONFIG_MAPS}/a"));
    changed["data"]["k"] = json!("2");
    let text = changed.to_string();
    let path = format!("{CONFIG_MAPS}/a");
    let replaced = api.send("PUT", &path, "application/json", text.as_bytes());
    assert_eq!(replaced.body["data"]["k"], "2");
    // The same again carries an old resource version.
    let stale = api.send("PUT", &path, "application/json", text.as_bytes());
    assert_eq!((stale.code, stale.body["reason"].as_str()), (409, Some("Conflict")));

    assert_eq!(api.delete(&path).body["status"], "Success");
    let missing = api.send("GET", &path, "", b"");
    assert_eq!(missing.body["message"], "configmaps \"a\" not found");
    assert_eq!(missing.body["details"]["kind"], "configmaps");
}

#[test]
fn a_write_that_changes_nothing_keeps_the_resource_version() {
    let api = Harness::new();
    let created = api.post(CONFIG_MAPS, &config_map("a", json!({"k": "1"}))).body;
    let again = api.patch(&format!("{CONFIG_MAPS}/a"), "merge-patch+json", &json!({"data": {"k": "1"}})).body;
    assert_eq!(created["metadata"]["resourceVersion"], again["metadata"]["resourceVersion"]);
}

#[test]
fn the_generation_counts_changes_of_the_specification() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 1));
    let path = format!("{DEPLOYMENTS}/web");
    let labelled = api.patch(&path, "merge-patch+json", &json!({"metadata": {"labels": {"a": "b"}}})).body;
    assert_eq!(labelled["metadata"]["generation"], 1);
    let scaled = api.patch(&path, "merge-patch+json", &json!({"spec": {"replicas": 2}})).body;
    assert_eq!(scaled["metadata"]["generation"], 2);
    let status = api
        .patch(
            &format!("{path}/status"),
            "merge-patch+json",
            &json!({"status": {"replicas": 9}, "spec": {"replicas": 7}}),
        )
        .body;
    assert_eq!((&status["status"]["replicas"], &status["spec"]["replicas"]), (&json!(9), &json!(2)));
}

#[test]
fn nothing_is_stored_in_a_dry_run() {
    let api = Harness::new();
    let reply = api.post(&format!("{CONFIG_MAPS}?dryRun=All"), &config_map("a", json!({})));
    assert_eq!(reply.code, 201);
    assert_eq!(api.send("GET", &format!("{CONFIG_MAPS}/a"), "", b"").code, 404);
}

#[test]
fn every_sort_of_patch_works_and_unknown_ones_are_refused() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 1));
    let path = format!("{DEPLOYMENTS}/web");
    let image = |body: &Value| body["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    let strategic =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "web:2"}]}}}});
    assert_eq!(image(&api.patch(&path, "strategic-merge-patch+json", &strategic).body), "web:2");
    let json_patch =
        json!([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "web:3"}]);
    assert_eq!(image(&api.patch(&path, "json-patch+json", &json_patch).body), "web:3");
    let failing = json!([{"op": "test", "path": "/spec/replicas", "value": 7}]);
    assert_eq!(api.patch(&path, "json-patch+json", &failing).code, 422);
    assert_eq!(api.patch(&path, "x-patch", &json!({})).code, 415);
}

#[test]
fn immutable_fields_are_refused_with_their_cause() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 1));
    let patch = json!({"spec": {"selector": {"matchLabels": {"x": "y"}}, "template": {"metadata": {"labels": {"x": "y"}}}}});
    let reply = api.patch(&format!("{DEPLOYMENTS}/web"), "merge-patch+json", &patch);
    assert_eq!((reply.code, reply.body["reason"].as_str()), (422, Some("Invalid")));
    assert_eq!(reply.body["details"]["causes"][0]["field"], "spec.selector");
    assert_eq!(reply.body["details"]["kind"], "Deployment");
}

#[test]
fn unknown_fields_are_an_error_a_warning_or_nothing() {
    let api = Harness::new();
    let mut object = deployment("web", "web:1", 1);
    object["spec"]["replica"] = json!(3);
    let strict = api.post(&format!("{DEPLOYMENTS}?fieldValidation=Strict"), &object);
    assert_eq!(strict.code, 400);
    assert!(
        strict.body["message"]
            .as_str()
            .unwrap()
            .contains("strict decoding error: unknown field \"spec.replica\"")
    );
    let warned = api.post(&format!("{DEPLOYMENTS}?fieldValidation=Warn"), &object);
    assert_eq!(warned.warnings, ["299 - \"unknown field \\\"spec.replica\\\"\""]);
    assert!(warned.body["spec"].get("replica").is_none(), "decoding drops what it does not know");
    object["metadata"]["name"] = json!("other");
    assert!(api.post(&format!("{DEPLOYMENTS}?fieldValidation=Ignore"), &object).warnings.is_empty());
    object["spec"]["replicas"] = json!("three");
    assert_eq!(api.post(DEPLOYMENTS, &object).body["reason"], "BadRequest");
}

#[test]
fn a_long_list_is_read_in_pages() {
    let api = Harness::new();
    for index in 0..5 {
        api.post(CONFIG_MAPS, &config_map(&format!("m{index}"), json!({})));
    }
    let mut names = Vec::new();
    let mut token = String::new();
    for _ in 0..5 {
        let page = api.get(&format!("{CONFIG_MAPS}?limit=2&continue={token}"));
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].clone()));
        let next = page["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
        if next.is_empty() {
            break;
        }
        token = next;
    }
    assert_eq!(json!(names), json!(["m0", "m1", "m2", "m3", "m4"]));
    assert_eq!(api.send("GET", &format!("{CONFIG_MAPS}?limit=1&continue=nonsense"), "", b"").code, 400);
}

#[test]
fn lists_are_selected_by_labels_and_fields() {
    let api = Harness::new();
    for (name, tier) in [("a", "front"), ("b", "back")] {
        let mut object = config_map(name, json!({}));
        object["metadata"]["labels"] = json!({"tier": tier});
        api.post(CONFIG_MAPS, &object);
    }
    let count = |query: &str| api.get(&format!("{CONFIG_MAPS}?{query}"))["items"].as_array().unwrap().len();
    assert_eq!(count("labelSelector=tier%20in%20(front)"), 1);
    assert_eq!(count("labelSelector=tier"), 2);
    assert_eq!(count("fieldSelector=metadata.name%3Db"), 1);
    assert_eq!(count("labelSelector=!tier"), 0);
}

fn watched(api: &Harness, query: &str) -> Vec<(String, String)> {
    let path = format!("{CONFIG_MAPS}?watch=true&timeoutSeconds=0&{query}");
    let reply = api.send("GET", &path, "", b"");
    // A single line is read as JSON by the harness already.
    let text = reply.body.as_str().map_or_else(|| reply.body.to_string(), str::to_owned);
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let object = &event["object"];
            let name = object["metadata"]["name"].as_str().or(object["reason"].as_str()).unwrap_or_default();
            (event["type"].as_str().unwrap().to_owned(), name.to_owned())
        })
        .collect()
}

fn events(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(change, name)| ((*change).to_owned(), (*name).to_owned())).collect()
}

#[tokio::test]
async fn a_watch_tells_what_happened_after_a_version() {
    let api = Harness::new();
    let start = api.get(CONFIG_MAPS)["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    api.post(CONFIG_MAPS, &config_map("a", json!({})));
    api.patch(&format!("{CONFIG_MAPS}/a"), "merge-patch+json", &json!({"metadata": {"labels": {"x": "y"}}}));
    api.patch(&format!("{CONFIG_MAPS}/a"), "merge-patch+json", &json!({"metadata": {"labels": null}}));
    api.delete(&format!("{CONFIG_MAPS}/a"));
    let all = watched(&api, &format!("resourceVersion={start}"));
    assert_eq!(all, events(&[("ADDED", "a"), ("MODIFIED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]));
    let selected = watched(&api, &format!("resourceVersion={start}&labelSelector=x%3Dy"));
    assert_eq!(selected, events(&[("ADDED", "a"), ("DELETED", "a")]), "it enters and leaves the selector");
}

#[tokio::test]
async fn a_watch_can_begin_with_what_is_there() {
    let api = Harness::new();
    api.post(CONFIG_MAPS, &config_map("a", json!({})));
    assert_eq!(watched(&api, ""), events(&[("ADDED", "a")]));
    let streamed =
        watched(&api, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    assert_eq!(streamed, events(&[("ADDED", "a"), ("BOOKMARK", "")]));
    let reply = api.send("GET", &format!("{CONFIG_MAPS}?watch=true&sendInitialEvents=true"), "", b"");
    assert_eq!(reply.code, 422);
}

#[tokio::test]
async fn a_watch_from_a_forgotten_version_is_told_so() {
    let api = Harness::new();
    api.post(CONFIG_MAPS, &config_map("a", json!({})));
    // More changes than the log keeps, past the handlers because only their number matters.
    let key = crate::store::Key::new("", "configmaps", "default", "a");
    api.cluster.with(|state| {
        for _ in 0..10_050 {
            state.put(&key, config_map("a", json!({})));
        }
    });
    assert_eq!(watched(&api, "resourceVersion=1"), events(&[("ERROR", "Expired")]));
}

#[test]
fn discovery_lists_what_is_served() {
    let api = Harness::new();
    let groups = api.get("/apis");
    let names: Vec<&str> =
        groups["groups"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"apps") && !names.contains(&"lifecycle.k8s.io"),
        "alpha versions are off by default"
    );
    let apps = api.get("/apis/apps/v1");
    assert!(apps["resources"].as_array().unwrap().iter().any(|each| each["name"] == "deployments/scale"));
    let document = api.get("/openapi/v3/apis/apps/v1");
    let spec = &document["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
    assert_eq!(spec["x-kubernetes-patch-merge-key"], "name");
    let text = document.to_string();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is referred to and not there");
    }
    assert_eq!(api.send("GET", "/apis/nothing/v1", "", b"").code, 404);
    // As of a real API server, against which the crate `cluster` holds the same table.
    for (method, path, code) in [
        ("GET", "/api/v1/configmaps/x", 404),
        ("PUT", "/api/v1/configmaps/x", 404),
        ("PATCH", "/api/v1/configmaps/x", 404),
        ("DELETE", "/apis/apps/v1/deployments/x", 404),
        ("POST", "/api/v1/configmaps", 405),
    ] {
        let reply = api.send(method, path, "application/json", b"{}");
        assert_eq!(reply.code, code, "{method} {path}: {}", reply.body);
    }
}

#[test]
fn reviews_allow_everything() {
    let api = Harness::new();
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "create", "resource": "pods"}}});
    let reply = api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &review);
    assert_eq!(reply.body["status"]["allowed"], true);
}

#[test]
fn a_kind_without_a_schema_is_accepted_with_a_warning() {
    let api = Harness::new();
    let kind = crate::KindWithoutSchema {
        api_version: "example.com/v1".to_owned(),
        kind: "Widget".to_owned(),
        plural: "widgets".to_owned(),
        namespaced: true,
    };
    api.cluster.with(|state| state.registry.accept(&kind));
    let object =
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "any": [1]});
    let reply = api.post("/apis/example.com/v1/namespaces/default/widgets", &object);
    assert_eq!((reply.code, &reply.body["any"]), (201, &json!([1])));
    assert!(reply.warnings[0].contains("accepted without a schema"), "{:?}", reply.warnings);
}

#[test]
fn a_definition_creates_an_endpoint_that_goes_with_it() {
    let api = Harness::new();
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
                    "size": {"type": "integer"}, "color": {"type": "string", "default": "red"}}}}}}}]},
    });
    let mut wrong = definition.clone();
    wrong["metadata"]["name"] = json!("other.example.com");
    assert_eq!(api.post(definitions, &wrong).code, 422);
    assert_eq!(api.post(definitions, &definition).code, 201);
    api.settle();
    let stored = api.get(&format!("{definitions}/widgets.example.com"));
    assert_eq!(stored["status"]["conditions"][1]["type"], "Established");

    let widgets = "/apis/example.com/v1/namespaces/default/widgets";
    let widget = |spec: Value| json!({"metadata": {"name": "w"}, "spec": spec});
    assert_eq!(api.post(widgets, &widget(json!({"color": "blue"}))).code, 422, "size is required");
    assert_eq!(api.post(widgets, &widget(json!({"size": "x"}))).code, 400);
    assert_eq!(api.post(widgets, &widget(json!({"size": 1}))).body["spec"]["color"], "red");
    assert_eq!(api.patch(&format!("{widgets}/w"), "strategic-merge-patch+json", &json!({})).code, 415);

    api.delete(&format!("{definitions}/widgets.example.com"));
    api.settle();
    assert_eq!(api.send("GET", widgets, "", b"").code, 404);
    assert_eq!(api.send("GET", &format!("{definitions}/widgets.example.com"), "", b"").code, 404);
}
