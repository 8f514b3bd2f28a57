//! Pins from the page, files of an instance, and what a sync would prune.

use serde_json::{Value, json};

use super::{CONFIG_MAP, api, call, git, open, repository, until, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_shown_committed_and_decides_the_next_plan() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    git(&root, &["config", "user.name", "Ada"]);
    git(&root, &["config", "user.email", "ada@example.com"]);
    git(&root, &["config", "commit.gpgsign", "false"]);
    write(&root, "apps/web/staging/map.yaml", &CONFIG_MAP.replace("\"1\"", "\"2\""));
    write(&root, ".slipway.yaml", "version: 1 # kept\n");
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "second"]);
    let id = open(&api, &root).await["id"].clone();
    let plan = json!({"repository": id, "from": "staging", "to": ["production"], "applications": ["web"],
                      "include": [], "exclude": []});
    let item = call(&api, "promotion_plan", plan.clone()).await["items"][0].clone();
    assert_eq!(
        (&item["path"], &item["chosen"], &item["pinned"]),
        (&json!("/data/size"), &json!(true), &Value::Null)
    );

    let target =
        json!({"application": "web", "environment": "production", "kind": "ConfigMap", "path": "/data/size"});
    let set = json!({"repository": id,
                     "change": {"kind": "set", "target": target, "class": "c", "reason": "sized by hand"}});
    let shown = call(&api, "pin_plan", set.clone()).await;
    assert_eq!((&shown["file"], &shown["creates"]), (&json!(".slipway.yaml"), &json!(false)));
    assert!(shown["diff"]["rows"].as_array().unwrap().iter().all(|row| row["kind"] != "removed"), "{shown}");
    let before = git(&root, &["rev-parse", "HEAD"]);
    let commit = json!({"request": set, "base": shown["base"], "message": shown["message"]});
    let info = call(&api, "pin_commit", commit.clone()).await;
    assert_eq!(info["changedFiles"], json!([]), "the file on disk follows");
    assert_ne!(git(&root, &["rev-parse", "HEAD"]), before);
    assert!(std::fs::read_to_string(root.join(".slipway.yaml")).unwrap().starts_with("version: 1 # kept\n"));
    assert_eq!(api.call("pin_commit", commit).await.unwrap_err().code, "base-moved");

    let item = call(&api, "promotion_plan", plan.clone()).await["items"][0].clone();
    assert_eq!((&item["class"], &item["chosen"]), (&json!("c"), &json!(false)));
    assert_eq!((&item["pinned"]["reason"], &item["pinned"]["line"]), (&json!("sized by hand"), &json!(3)));

    let remove = json!({"repository": id, "change": {"kind": "remove", "target": target}});
    let shown = call(&api, "pin_plan", remove.clone()).await;
    call(&api, "pin_commit", json!({"request": remove, "base": shown["base"], "message": "unpin"})).await;
    assert_eq!(call(&api, "promotion_plan", plan).await["items"][0]["pinned"], Value::Null);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_that_a_render_read_and_its_last_commit_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let detail = call(&api, "instance", json!({"repository": id, "instance": "web@staging"})).await;
    assert_eq!((&detail["files"], &detail["filesRead"]), (&json!(["apps/web/staging/map.yaml"]), &json!(1)));
    let short = git(&root, &["rev-parse", "--short=7", "HEAD"]);
    let fleet = until(&api, "fleet", json!({"repository": id}), |fleet| {
        fleet["applications"][0]["instances"][0]["revision"] != Value::Null
    })
    .await;
    assert_eq!(fleet["applications"][0]["instances"][0]["revision"], short.trim());
    assert!(fleet["applications"][0]["instances"][0]["changedAt"].is_i64());
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sync_would_prune_is_told_before_and_nothing_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    write(&root, "apps/web/staging/namespace.yaml", namespace);
    write(&root, "apps/web/staging/old.yaml", &CONFIG_MAP.replace("name: web", "name: old"));
    let id = open(&api, &root).await["id"].clone();
    call(&api, "repository_refresh", json!({"repository": id})).await;
    let start = json!({"repository": id, "instances": ["web@staging"], "revision": null, "dryRun": false,
                       "target": {"kind": "sandbox"}, "prune": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    let ended = until(&api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(ended["phase"], "succeeded", "{}", ended["message"]);

    let ask = json!({"repository": id, "instances": ["web@staging"], "revision": null, "target": {"kind": "sandbox"}});
    let preview = call(&api, "sync_prune_preview", ask.clone()).await;
    assert_eq!(preview, json!({"pruned": [], "problems": []}));
    std::fs::remove_file(root.join("apps/web/staging/old.yaml")).unwrap();
    call(&api, "repository_refresh", json!({"repository": id})).await;
    for _ in 0..2 {
        let preview = call(&api, "sync_prune_preview", ask.clone()).await;
        assert_eq!(preview["problems"], json!([]));
        assert_eq!(
            preview["pruned"],
            json!([{"instance": "web@staging",
                    "resource": {"group": "", "kind": "ConfigMap", "namespace": "shop", "name": "old"}}]),
            "and it is still there the second time"
        );
    }
    api.stop().await;
}
