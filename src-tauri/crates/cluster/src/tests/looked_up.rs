//! What look-ups give, in the forms of Helm.

use serde_json::{Value, json};

use super::fake;
use crate::ErrorKind;

const BYTES: usize = 100_000;

/// A cluster without aggregated discovery, whose group `metrics.k8s.io` is down.
fn answers(path: &str) -> (u16, Value) {
    let missing =
        || (404, json!({"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"}));
    match path {
        "/version" => (200, json!({"gitVersion": "v1.31.2-gke.1", "major": "1", "minor": "31+"})),
        "/api" => (200, json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => (
            200,
            json!({"kind": "APIGroupList", "groups": [
                {"name": "apps", "versions": [{"version": "v1"}], "preferredVersion": {"version": "v1"}},
                {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}], "preferredVersion": {"version": "v1beta1"}}]}),
        ),
        "/api/v1" => (
            200,
            json!({"resources": [
                {"name": "secrets", "kind": "Secret", "namespaced": true, "verbs": ["get", "list"]},
                {"name": "nodes", "kind": "Node", "namespaced": false, "verbs": ["get", "list"]},
                {"name": "pods/eviction", "kind": "Eviction", "namespaced": true, "verbs": ["create"]}]}),
        ),
        "/apis/apps/v1" => (
            200,
            json!({"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": true, "verbs": ["get"]}]}),
        ),
        "/apis/metrics.k8s.io/v1beta1" => (500, json!({"kind": "Status", "code": 500, "message": "down"})),
        "/api/v1/namespaces/shop/secrets/db" => (
            200,
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"p": "eA=="}}),
        ),
        "/api/v1/nodes/one" => {
            (200, json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}}))
        }
        "/api/v1/namespaces/shop/secrets?limit=500" => (
            200,
            json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "7", "continue": "a b"},
                "items": [{"metadata": {"name": "db"}}]}),
        ),
        "/api/v1/namespaces/shop/secrets?limit=500&continue=a%20b" => (
            200,
            json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"},
                "items": [{"metadata": {"name": "other"}}]}),
        ),
        "/api/v1/secrets?limit=500" => (200, json!({"kind": "SecretList", "apiVersion": "v1", "items": []})),
        "/api/v1/namespaces/closed/secrets/db" => (
            403,
            json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "secrets \"db\" is forbidden"}),
        ),
        "/api/v1/namespaces/shop/secrets/large" => (200, json!("x".repeat(BYTES + 1))),
        _ => missing(),
    }
}

#[tokio::test]
async fn objects_and_lists_have_the_forms_of_helm() {
    let (connection, _) = fake::connect(Box::new(answers)).await;
    for ((api_version, kind, namespace, name), expected) in [
        (("v1", "Secret", "shop", "db"), Some(json!("eA=="))),
        (("v1", "Secret", "shop", "gone"), None),
        // A kind with namespaces is not there without one, and one without is there with one.
        (("v1", "Secret", "", "db"), None),
        (("v1", "Node", "shop", "one"), Some(Value::Null)),
        // The version is served, the kind in it is not.
        (("apps/v1", "Gadget", "shop", "db"), None),
        (("apps/v1", "Gadget", "shop", ""), None),
    ] {
        let found = connection.look_up(api_version, kind, namespace, name, BYTES).await.unwrap();
        let shown = found.map(|object| object.pointer("/data/p").cloned().unwrap_or_default());
        assert_eq!(shown, expected, "{api_version} {kind} {namespace}/{name}");
    }
    let list = connection.look_up("v1", "Secret", "shop", "", BYTES).await.unwrap().unwrap();
    let names: Vec<&Value> =
        list["items"].as_array().unwrap().iter().map(|item| &item["metadata"]["name"]).collect();
    assert_eq!(names, ["db", "other"], "all pages");
    assert_eq!((&list["kind"], &list["items"][1]["kind"]), (&json!("SecretList"), &json!("Secret")));
    let empty = connection.look_up("v1", "Secret", "", "", BYTES).await.unwrap().unwrap();
    assert_eq!(empty["items"], json!([]));
}

#[tokio::test]
async fn what_is_not_served_refused_or_too_large_is_an_error() {
    let (connection, _) = fake::connect(Box::new(answers)).await;
    let ask = |api_version: &'static str, namespace: &'static str, name: &'static str| {
        let connection = connection.clone();
        async move { connection.look_up(api_version, "Secret", namespace, name, BYTES).await.unwrap_err() }
    };
    let unserved = ask("monitoring.coreos.com/v1", "shop", "db").await;
    assert_eq!(
        unserved.message,
        "unable to get apiresource from unstructured: monitoring.coreos.com/v1, Kind=Secret: the server could not find the requested resource"
    );
    let refused = ask("v1", "closed", "db").await;
    assert_eq!(
        (refused.kind, refused.message.as_str()),
        (ErrorKind::Forbidden, "secrets \"db\" is forbidden")
    );
    let large = ask("v1", "shop", "large").await;
    assert!(large.message.contains("more than is taken") && !large.hints.is_empty(), "{large}");
    assert!(!large.message.contains("xxx"));
}

#[tokio::test]
async fn versions_are_listed_as_helm_lists_them() {
    let (connection, _) = fake::connect(Box::new(answers)).await;
    let version = connection.server_version().await.unwrap();
    assert_eq!((version.version.as_str(), version.minor.as_str()), ("v1.31.2-gke.1", "31+"));
    assert_eq!(connection.version().await.unwrap(), "v1.31.2-gke.1");
    let resources = connection.resources().await.unwrap();
    assert_eq!(
        resources.api_versions(),
        [
            "apps/v1",
            "apps/v1/Deployment",
            // Its kinds are not known while it is down.
            "metrics.k8s.io/v1beta1",
            "v1",
            "v1/Eviction",
            "v1/Node",
            "v1/Secret"
        ]
    );
}
