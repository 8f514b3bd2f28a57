//! Nothing a client sends makes the server fall over.

use serde_json::{Value, json};

use super::{Harness, deployment};

#[test]
fn garbage_is_answered_with_an_error() {
    let api = Harness::new();
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for body in ["", "{", "null", "[]", "\"x\"", "{\"metadata\": 1}", "{\"metadata\": {\"name\": 7}}", &deep]
    {
        for path in [
            "/api/v1/namespaces/default/configmaps",
            "/apis/apps/v1/namespaces/default/deployments",
            "/api/v1/namespaces",
        ] {
            let reply = api.send("POST", path, "application/json", body.as_bytes());
            assert!((400..500).contains(&reply.code), "{path} {body:.40}: {} {}", reply.code, reply.body);
        }
    }
    for path in [
        "/",
        "//",
        "/api/v1/",
        "/api/v1/namespaces/a/b/c/d/e/f",
        "/apis/%00/v1/x",
        "/api/v1/pods/x",
        "/api/v1/nothing",
    ] {
        let reply = api.send("GET", path, "", b"");
        assert!((200..500).contains(&reply.code), "{path}: {}", reply.code);
    }
    for query in [
        "limit=-1",
        "watch=maybe",
        "labelSelector=((((",
        "fieldSelector=%ff%fe=",
        "continue=%00",
        "resourceVersion=x",
    ] {
        let reply = api.send("GET", &format!("/api/v1/pods?{query}"), "", b"");
        assert!((200..500).contains(&reply.code), "{query}: {}", reply.code);
    }
}

/// Every value of an object replaced by every sort of nonsense, through every way in.
#[test]
fn nonsense_in_any_field_is_survived() {
    let nonsense = [
        json!(null),
        json!(true),
        json!(-1),
        json!("x"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": [{}]}),
    ];
    let objects = [
        ("/apis/apps/v1/namespaces/default/deployments", deployment("web", "web:1", 1)),
        (
            "/apis/batch/v1/namespaces/default/jobs",
            json!({"metadata": {"name": "web"}, "spec": {"parallelism": 1, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}}}),
        ),
        (
            "/api/v1/namespaces/default/services",
            json!({"metadata": {"name": "web", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "y"}]},
                "spec": {"selector": {"a": "b"}, "ports": [{"port": 80, "name": "http"}]}}),
        ),
        (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            json!({"metadata": {"name": "web"}, "spec": {"group": "a.b", "names": {"plural": "web", "kind": "Web"},
                "scope": "Cluster", "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}}}]}}),
        ),
    ];
    for (path, object) in objects {
        let mut pointers = Vec::new();
        collect(&object, String::new(), &mut pointers);
        for pointer in pointers {
            for value in &nonsense {
                let api_object = {
                    let mut object = object.clone();
                    *object.pointer_mut(&pointer).unwrap() = value.clone();
                    object
                };
                let api = Harness::new();
                api.post(path, &api_object);
                let name = format!("{path}/web?fieldManager=x&force=true");
                for sort in ["merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"] {
                    let mut object = api_object.clone();
                    if let Some(map) = object.as_object_mut() {
                        map.entry("apiVersion").or_insert_with(|| json!("apps/v1"));
                        map.entry("kind").or_insert_with(|| json!("Deployment"));
                    }
                    api.patch(&name, sort, &object);
                }
                api.settle();
                let reply = api.send("GET", path, "", b"");
                assert_eq!(reply.code, 200, "{pointer} = {value}");
                api.delete(&format!("{path}/web"));
                api.settle();
            }
        }
    }
}

fn collect(value: &Value, pointer: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{pointer}/{}", key.replace('/', "~1")), out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, format!("{pointer}/{index}"), out);
            }
        }
        _ => {}
    }
    if !pointer.is_empty() {
        out.push(pointer);
    }
}
