//! The façade as a whole, without a shell.

mod clusters;
mod desk;
mod diff;
mod git;
mod opened;
mod order;
mod pins;
mod remotes;
mod runs;
mod source;
mod states;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_store::Folders;

use crate::{Api, ApiOptions, Shell};

async fn api(folder: &Path) -> Api {
    let options =
        ApiOptions { shell: Shell::Browser, initial_repository: None, folders: Some(Folders::below(folder)) };
    Api::start(options).await.unwrap()
}

async fn call(api: &Api, name: &str, request: Value) -> Value {
    api.call(name, request).await.unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
}

/// Asks until the answer is as it shall be; events would say when, but a test has no page.
async fn until(api: &Api, name: &str, request: Value, done: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let answer = call(api, name, request.clone()).await;
            if done(&answer) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), wait)
        .await
        .unwrap_or_else(|_| panic!("{name} never gets there"))
}

/// Runs the real `git`; panics with what it said when it fails.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
    let output = std::process::Command::new("git")
        .args(who)
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn write(root: &Path, file: &str, content: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

const CONFIG_MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\ndata: {size: \"1\"}\n";

/// A repository with one application in two environments, in one commit on `main`.
fn repository(root: &Path) {
    std::fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    for environment in ["staging", "production"] {
        write(root, &format!("apps/web/{environment}/map.yaml"), CONFIG_MAP);
        write(root, &format!("apps/api/{environment}/map.yaml"), &CONFIG_MAP.replace("web", "api"));
    }
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

async fn open(api: &Api, root: &Path) -> Value {
    call(api, "repository_open", json!({"path": root.display().to_string()})).await
}

#[test]
fn bindings_are_fresh() {
    let fresh = crate::commands::typescript();
    if let Some(file) = std::env::var_os("SLIPWAY_WRITE_BINDINGS") {
        std::fs::write(file, fresh).unwrap();
        return;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/ipc/bindings.ts");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed == fresh, "ui/src/ipc/bindings.ts is stale; run `cargo xtask regenerate`");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(folder.path()).await;
    let failure = api.call("no_such_command", json!({})).await.unwrap_err();
    assert_eq!(failure.code, "unknown-command");
    let failure = api.call("repository_open", json!({"folder": 1})).await.unwrap_err();
    assert_eq!(failure.code, "bad-request");
    let failure = api.call("fleet", json!({"repository": "nothing"})).await.unwrap_err();
    assert_eq!(failure.code, "repository-closed");
    let path = folder.path().display().to_string();
    let failure = api.call("repository_open", json!({"path": path})).await.unwrap_err();
    assert_eq!(failure.code, "not-a-repository");
    let failure = api.call("repository_open", json!({"path": "/no/such/folder"})).await.unwrap_err();
    assert_eq!(failure.code, "no-such-folder");
}

/// The whole way: sample, fleet, difference, promotion, commit, undo, waves, sandbox, health.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_promoted_and_synced() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(folder.path()).await;
    let sample = folder.path().join("tidewater-config").display().to_string();
    let repository = call(&api, "sample_create", json!({"folder": sample})).await;
    assert_eq!(repository["changedFiles"], json!([]), "the sample is clean");
    let id = repository["id"].clone();
    let named = json!({"repository": id});

    let fleet = until(&api, "fleet", named.clone(), |fleet| {
        fleet["progress"]["rendered"] == fleet["progress"]["total"] && fleet["progress"]["total"] != 0
    })
    .await;
    assert_eq!(fleet["applications"].as_array().unwrap().len(), 12);
    assert_eq!(fleet["progress"]["failed"], 1, "one application is broken on purpose");
    let broken = call(&api, "instance", json!({"repository": id, "instance": "loyalty@staging"})).await;
    let problem = &broken["problems"][0];
    assert_eq!(problem["file"], "apps/loyalty/staging/rules.yaml.j2");
    assert!(problem["excerpt"].as_str().unwrap().contains("points.firstOrder"), "{problem}");

    let difference = call(
        &api,
        "diff",
        json!({"repository": id, "from": {"kind": "environment", "environment": "staging", "revision": null},
               "to": {"kind": "environment", "environment": "production", "revision": null}, "applications": null}),
    )
    .await;
    let text = difference.to_string();
    assert!(text.contains("payments-api:7.4.0") && !text.contains("made-up"), "secrets are masked");

    let request = json!({"repository": id, "from": "staging", "to": ["production"],
                         "applications": ["payments-api", "storefront"], "include": [], "exclude": []});
    let plan = call(&api, "promotion_plan", request.clone()).await;
    assert_eq!(plan["problems"], json!([]), "nothing is in the way");
    let written = call(
        &api,
        "promotion_commit",
        json!({"request": request, "base": plan["base"], "target": {"kind": "currentBranch"}, "message": plan["message"]}),
    )
    .await;
    let info = call(&api, "repository_info", named.clone()).await;
    assert_eq!(info["head"]["commit"]["id"], written["commit"]);
    assert_eq!(info["changedFiles"], json!([]), "index and files follow the commit");
    let instance = json!({"repository": id, "instance": "storefront@production"});
    let promoted = until(&api, "instance", instance.clone(), |detail| detail["version"] == "4.11.0").await;
    assert_eq!(promoted["state"]["kind"], "equal");

    let stale = api
        .call(
            "promotion_commit",
            json!({"request": request, "base": plan["base"], "target": {"kind": "currentBranch"}, "message": "again"}),
        )
        .await
        .unwrap_err();
    assert_eq!(stale.code, "base-moved");

    let instances = json!(["payments-api@production"]);
    let lanes =
        call(&api, "sync_plan", json!({"repository": id, "instances": instances, "revision": null})).await;
    let columns = lanes["lanes"][0]["columns"].as_array().unwrap();
    let order: Vec<String> =
        columns.iter().map(|column| format!("{} {}", column["phase"], column["wave"])).collect();
    assert_eq!(order, ["\"PreSync\" 0", "\"Sync\" -1", "\"Sync\" 0", "\"Sync\" 1", "\"PostSync\" 0"]);

    let start = json!({"repository": id, "instances": instances, "revision": null, "target": {"kind": "contexts"},
                       "prune": false, "dryRun": false, "confirmed": []});
    let refused = api.call("sync_start", start).await.unwrap_err();
    assert_eq!(refused.code, "confirmation-needed", "production is protected");

    let start = json!({"repository": id, "instances": instances, "revision": null, "target": {"kind": "sandbox"},
                       "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    let ended = until(&api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(ended["phase"], "succeeded", "{}", ended["message"]);
    assert_eq!(ended["failed"], 0);
    assert!(
        ended["health"].as_array().unwrap().iter().all(|each| each["status"] == "Healthy"),
        "{}",
        ended["health"]
    );

    call(&api, "commit_undo", json!({"repository": id, "commit": written["commit"]})).await;
    until(&api, "instance", instance, |detail| detail["version"] == "4.8.0").await;
    api.stop().await;
}
