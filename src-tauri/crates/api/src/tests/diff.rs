//! Comparisons of any two sides, and how they are ended.

use serde_json::{Value, json};

use super::{CONFIG_MAP, api, call, git, open, repository, write};
use crate::Api;

fn environment(name: &str) -> Value {
    json!({"kind": "environment", "environment": name, "revision": null})
}

fn instance(name: &str) -> Value {
    json!({"kind": "instance", "instance": name, "revision": null})
}

/// The instances that differ, each once.
async fn differing(api: &Api, id: &Value, from: &Value, to: &Value) -> Vec<String> {
    let request = json!({"repository": id, "from": from, "to": to, "applications": null});
    let answer = call(api, "diff", request).await;
    assert_eq!(answer["problems"], json!([]), "{from} {to}");
    let mut names: Vec<String> = answer["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["instance"].as_str().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn any_two_of_revision_environment_instance_and_uncommitted_edits_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    git(&root, &["tag", "first"]);
    write(&root, "apps/web/staging/map.yaml", &CONFIG_MAP.replace("\"1\"", "\"2\""));
    git(&root, &["commit", "-qam", "second"]);
    write(&root, "apps/api/staging/map.yaml", &CONFIG_MAP.replace("web", "api").replace("\"1\"", "\"3\""));
    let id = open(&api, &root).await["id"].clone();
    call(&api, "repository_refresh", json!({"repository": id})).await;

    let (first, head) =
        (json!({"kind": "revision", "revision": "first"}), json!({"kind": "revision", "revision": "HEAD"}));
    let working = json!({"kind": "workingDirectory"});
    let (staging, production) = (environment("staging"), environment("production"));
    let at_first = json!({"kind": "environment", "environment": "staging", "revision": "first"});
    let (web, api_there) = (instance("web@staging"), instance("api@production"));
    for (from, to, expected) in [
        (&first, &head, &["web@staging"][..]),
        (&head, &working, &["api@staging"]),
        (&working, &first, &["api@staging", "web@staging"]),
        (&staging, &production, &["api@production", "web@production"]),
        // A revision beside an environment means that environment at the revision.
        (&first, &staging, &["api@staging", "web@staging"]),
        (&staging, &head, &["api@staging"]),
        (&production, &working, &[]),
        (&at_first, &production, &[]),
        (&at_first, &staging, &["api@staging", "web@staging"]),
        // The same of an instance.
        (&first, &web, &["web@staging"]),
        (&web, &head, &[]),
        (&working, &web, &[]),
        (&web, &production, &["web@production"]),
        (&staging, &api_there, &["api@production"]),
        (&api_there, &staging, &["api@staging"]),
    ] {
        assert_eq!(differing(&api, &id, from, to).await, expected, "{from} {to}");
    }
    let text = call(
        &api,
        "text_diff",
        json!({"repository": id, "from": first, "to": web, "instance": "web@staging", "renamedFrom": null,
               "resource": {"group": "", "kind": "ConfigMap", "namespace": "shop", "name": "web"}}),
    )
    .await;
    assert_eq!((text["hunks"].as_u64(), &text["hunkFields"]), (Some(1), &json!([["/data/size"]])));
    assert!(text["rows"].as_array().unwrap().iter().all(|row| row["kind"] != "fold"), "all lines are there");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_a_revision_has_not_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    write(&root, "apps/new/staging/map.yaml", &CONFIG_MAP.replace("web", "new"));
    let id = open(&api, &root).await["id"].clone();
    call(&api, "repository_refresh", json!({"repository": id})).await;
    let head = json!({"kind": "revision", "revision": "HEAD"});
    let request =
        json!({"repository": id, "from": head, "to": instance("new@staging"), "applications": null});
    let answer = call(&api, "diff", request).await;
    let kinds: Vec<&Value> =
        answer["resources"].as_array().unwrap().iter().map(|change| &change["change"]).collect();
    assert_eq!(kinds, [&json!("added")], "{answer}");
    api.stop().await;
}

/// Calls a command under an operation that is cancelled before it can be done.
async fn cancelled(api: &Api, name: &str, request: Value) -> String {
    let mut events = api.events();
    let working = api.clone();
    let (name, request) = (name.to_owned(), request);
    let call = tokio::spawn(async move { working.call(&name, request).await });
    // The first word of it says that it is under way.
    loop {
        let batch = events.recv().await.unwrap();
        let is_ours = |event: &crate::dto::ApiEvent| matches!(event, crate::dto::ApiEvent::OperationProgress { operation, .. } if operation == "mine");
        if batch.iter().any(is_ours) {
            break;
        }
    }
    api.call("operation_cancel", json!({"operation": "mine"})).await.unwrap();
    match call.await.unwrap() {
        Err(failure) => failure.code,
        Ok(_) => "done".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_and_a_plan_are_ended_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    std::fs::create_dir_all(&root).unwrap();
    git(&root, &["init", "-q", "-b", "main"]);
    // A commit of which nothing is on disk, so that all of it is rendered when it is compared.
    for number in 0..400 {
        for environment in ["staging", "production"] {
            let name = format!("app-{number}");
            let file = format!("apps/{name}/{environment}/map.yaml");
            let size = if environment == "staging" { "\"2\"" } else { "\"1\"" };
            write(&root, &file, &CONFIG_MAP.replace("web", &name).replace("\"1\"", size));
        }
    }
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "first"]);
    for number in 0..400 {
        let name = format!("app-{number}");
        for environment in ["staging", "production"] {
            let file = format!("apps/{name}/{environment}/map.yaml");
            write(&root, &file, &CONFIG_MAP.replace("web", &name).replace("\"1\"", "\"9\""));
        }
    }
    let id = open(&api, &root).await["id"].clone();
    call(&api, "repository_refresh", json!({"repository": id})).await;
    let diff = json!({"repository": id, "from": {"kind": "revision", "revision": "HEAD"},
                      "to": {"kind": "workingDirectory"}, "applications": null, "operation": "mine"});
    assert_eq!(cancelled(&api, "diff", diff.clone()).await, "cancelled");
    let plan = json!({"repository": id, "from": "staging", "to": ["production"], "applications": null,
                      "include": [], "exclude": [], "operation": "mine"});
    assert_eq!(cancelled(&api, "promotion_plan", plan).await, "cancelled");
    let answer = call(&api, "diff", diff).await;
    assert_eq!(answer["resources"].as_array().unwrap().len(), 800, "a later question gets the whole answer");
    api.stop().await;
}
