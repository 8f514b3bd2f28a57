//! Watches and discovery against servers that misbehave.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use slipway_sync::Scope;
use tokio::sync::mpsc;

use super::fake;
use crate::discovery::ApiResource;
use crate::live::Change;
use crate::watch::{Followed, follow};

fn followed(names: &[&str]) -> Followed {
    Followed {
        resource: ApiResource {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            plural: "configmaps".to_owned(),
            scope: Scope::Namespaced,
            verbs: vec!["get".to_owned(), "list".to_owned(), "watch".to_owned()],
        },
        namespace: "shop".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>(),
    }
}

fn config(name: &str, version: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop", "resourceVersion": version}})
}

fn status(code: u16, reason: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": reason})
}

fn list(version: &str, items: &[Value]) -> Value {
    json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": items})
}

/// The next changes as texts.
async fn next(changes: &mut mpsc::Receiver<Change>) -> String {
    match changes.recv().await.unwrap() {
        Change::Snapshot { objects, version, .. } => format!("snapshot {version} of {}", objects.len()),
        Change::Changed(object) => {
            format!("changed {} {}", object["metadata"]["name"], object["metadata"]["resourceVersion"])
        }
        Change::Gone(id, version) => format!("gone {} {version}", id.name),
        Change::Unreadable(ids, reason) => format!("unreadable {} {reason}", ids.len()),
    }
}

#[tokio::test]
async fn a_version_that_is_too_old_means_reading_again() {
    let watches = AtomicUsize::new(0);
    let (connection, _) = fake::connect(Box::new(move |path| {
        if !path.contains("watch=1") {
            let version = if watches.load(Ordering::SeqCst) == 0 { "5" } else { "50" };
            return (200, list(version, &[config("a", version), config("other", "1")]));
        }
        match watches.fetch_add(1, Ordering::SeqCst) {
            0 => (
                200,
                json!([
                    {"type": "MODIFIED", "object": config("a", "6")},
                    {"type": "MODIFIED", "object": config("other", "7")},
                    {"type": "DELETED", "object": config("b", "8")},
                    {"type": "ERROR", "object": status(410, "Expired")}
                ]),
            ),
            _ => (200, json!([{"type": "ADDED", "object": config("b", "51")}])),
        }
    }))
    .await;
    let (sender, mut changes) = mpsc::channel(8);
    let task = tokio::spawn(follow(connection, followed(&["a", "b"]), sender));
    assert_eq!(next(&mut changes).await, "snapshot 5 of 1");
    assert_eq!(next(&mut changes).await, "changed \"a\" \"6\"");
    assert_eq!(next(&mut changes).await, "gone b 8");
    assert_eq!(next(&mut changes).await, "snapshot 50 of 1");
    assert_eq!(next(&mut changes).await, "changed \"b\" \"51\"");
    task.abort();
}

#[tokio::test]
async fn a_watch_that_breaks_off_goes_on_from_the_last_version() {
    let (connection, log) = fake::connect(Box::new(|path| {
        if path.contains("watch=1") {
            let next = if path.contains("resourceVersion=9") { "10" } else { "9" };
            return (200, json!([{"type": "MODIFIED", "object": config("a", next)}]));
        }
        (200, list("5", &[config("a", "5")]))
    }))
    .await;
    let (sender, mut changes) = mpsc::channel(8);
    let task = tokio::spawn(follow(connection, followed(&["a"]), sender));
    assert_eq!(next(&mut changes).await, "snapshot 5 of 1");
    assert_eq!(next(&mut changes).await, "changed \"a\" \"9\"");
    assert_eq!(next(&mut changes).await, "changed \"a\" \"10\"");
    task.abort();
    let asked = log.lock().unwrap().clone();
    assert!(
        asked[0].contains("fieldSelector=metadata.name%3Da"),
        "one object is selected by the server: {asked:?}"
    );
    assert_eq!(asked.iter().filter(|path| !path.contains("watch=1")).count(), 1, "{asked:?}");
}

#[tokio::test]
async fn who_may_not_list_reads_one_by_one() {
    let (connection, _) = fake::connect(Box::new(|path| match path.split('?').next().unwrap() {
        "/api/v1/namespaces/shop/configmaps/a" => (200, config("a", "3")),
        "/api/v1/namespaces/shop/configmaps/b" => (404, status(404, "NotFound")),
        _ => (403, status(403, "Forbidden")),
    }))
    .await;
    let (sender, mut changes) = mpsc::channel(8);
    let task = tokio::spawn(follow(connection, followed(&["a", "b", "c"]), sender));
    let mut seen = [next(&mut changes).await, next(&mut changes).await, next(&mut changes).await];
    seen.sort();
    assert_eq!(seen, ["changed \"a\" \"3\"", "gone b 0", "unreadable 1 Forbidden"]);
    task.abort();
}

#[tokio::test]
async fn a_cluster_without_aggregated_discovery_is_asked_group_by_group() {
    let (connection, _) = fake::connect(Box::new(|path| match path {
        "/api" => (200, json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => {
            let group = |name: &str| {
                json!({"name": name, "versions": [{"version": "v1"}, {"version": "v2"}], "preferredVersion": {"version": "v2"}})
            };
            (200, json!({"kind": "APIGroupList", "groups": [group("up.example.com"), group("down.example.com")]}))
        }
        "/api/v1" => (200, json!({"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": true, "verbs": ["get"]}]})),
        path if path.contains("up.example.com") => {
            (200, json!({"resources": [{"name": "things", "kind": "Thing", "namespaced": false, "verbs": ["get"]}]}))
        }
        _ => (500, status(500, "InternalError")),
    }))
    .await;
    let resources = connection.resources().await.unwrap();
    assert!(resources.find("", "v1", "ConfigMap").is_some());
    assert_eq!(resources.preferred("up.example.com", "Thing").unwrap().version, "v2");
    assert!(resources.problems.iter().all(|problem| problem.message.contains("down.example.com")));
    assert_eq!(resources.problems.len(), 1, "one group is one problem: {:?}", resources.problems);
}
