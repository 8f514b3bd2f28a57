//! Events, pods and logs of objects, from an API server that answers what it is told.

use serde_json::{Value, json};
use slipway_model::ResourceId;
use tokio_util::sync::CancellationToken;

use super::fake;
use crate::{ErrorKind, LogSource, events, log, pods};

fn deployment() -> ResourceId {
    ResourceId {
        group: "apps".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: "shop".to_owned(),
        name: "web".to_owned(),
    }
}

fn owned(name: &str, kind: &str, owner: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "shop", "ownerReferences": [{"kind": kind, "name": owner}]},
           "spec": {"initContainers": [{"name": "wait"}], "containers": [{"name": "web"}]},
           "status": {"phase": "Running", "containerStatuses": [
               {"name": "web", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}})
}

fn event(kind: &str, name: &str, time: &str, sort: &str) -> Value {
    json!({"involvedObject": {"kind": kind, "name": name, "namespace": "shop", "apiVersion": "v1"}, "type": sort,
           "reason": "BackOff", "message": "back-off", "count": 4, "lastTimestamp": time})
}

fn answers(path: &str) -> (u16, Value) {
    let list = |items: Vec<Value>| (200, json!({"kind": "List", "metadata": {}, "items": items}));
    match path.split('?').next().unwrap() {
        "/apis/apps/v1/namespaces/shop/replicasets" => list(vec![owned("web-5d", "Deployment", "web")]),
        "/apis/batch/v1/namespaces/shop/jobs" => {
            (403, json!({"kind": "Status", "message": "no", "reason": "Forbidden", "code": 403}))
        }
        "/api/v1/namespaces/shop/pods" => {
            list(vec![owned("web-5d-x", "ReplicaSet", "web-5d"), owned("other", "ReplicaSet", "other-1")])
        }
        "/api/v1/namespaces/shop/events" => list(vec![
            event("Pod", "web-5d-x", "2026-11-25T10:00:00Z", "Warning"),
            event("Deployment", "web", "2026-11-25T11:00:00Z", "Normal"),
            event("Pod", "other", "2026-11-25T12:00:00Z", "Warning"),
        ]),
        "/api/v1/namespaces/shop/pods/web-5d-x/log" => {
            (200, json!("2026-11-25T10:00:00Z one\n2026-11-25T10:00:01Z two\nthree"))
        }
        _ => (404, json!({"kind": "Status", "message": "not found", "reason": "NotFound", "code": 404})),
    }
}

#[tokio::test]
async fn pods_and_events_are_found_by_way_of_what_owns_them() {
    let (connection, _) = fake::connect(Box::new(answers)).await;
    let found = pods(&connection, &[deployment()]).await.unwrap();
    assert_eq!(found.len(), 1, "a pod of another application is left out, and forbidden jobs stop nothing");
    assert_eq!((found[0].name.as_str(), &found[0].owner), ("web-5d-x", &deployment()));
    let told: Vec<_> =
        found[0].containers.iter().map(|each| (each.name.as_str(), each.state.as_str())).collect();
    assert_eq!(told, [("wait", "not started"), ("web", "waiting: CrashLoopBackOff")]);
    assert_eq!(found[0].containers[1].restarts, 3);

    let found = events(&connection, &[deployment()]).await.unwrap();
    let told: Vec<_> =
        found.iter().map(|each| (each.object.name.as_str(), each.is_warning, each.count)).collect();
    assert_eq!(told, [("web", false, 4), ("web-5d-x", true, 4)], "the last first");
    assert!(found.iter().all(|each| each.owner == deployment()));
}

#[tokio::test]
async fn a_log_is_read_line_by_line_and_says_why_it_cannot_be() {
    let (connection, asked) = fake::connect(Box::new(answers)).await;
    let source = LogSource {
        namespace: "shop".to_owned(),
        pod: "web-5d-x".to_owned(),
        container: "web".to_owned(),
        previous: false,
        tail: 100,
        follow: true,
    };
    let mut lines = Vec::new();
    log(&connection, &source, &CancellationToken::new(), |line| lines.push(line.text)).await.unwrap();
    assert_eq!(lines, ["one", "two", "three"]);
    assert!(asked.lock().unwrap()[0].contains("follow=true"));
    let gone = LogSource { pod: "gone".to_owned(), ..source };
    let error = log(&connection, &gone, &CancellationToken::new(), |_| {}).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.message.contains("gone/web"), "{error}");
}
