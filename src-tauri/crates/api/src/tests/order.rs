//! A run of instances that wait for each other.

use std::path::Path;

use serde_json::{Value, json};

use super::{api, call, git, open, until, write};

fn application(name: &str, wave: i32) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  annotations: \
         {{argocd.argoproj.io/sync-wave: '{wave}'}}\nspec:\n  source: {{repoURL: \
         https://git.example/acme/repository.git, path: {name}}}\n  destination: {{namespace: shop}}\n"
    )
}

fn deployment(name: &str, replicas: i32) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n  selector: \
         {{matchLabels: {{app: {name}}}}}\n  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: \
         [{{name: {name}, image: '{name}:1'}}]}}}}\n"
    )
}

/// A parent over three waves, and whether Argo CD checks the health of its children.
fn repository(root: &Path, checks_health: bool) {
    std::fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    write(root, "root.yaml", &application("apps", 0));
    for (name, wave) in [("database", 0), ("backend", 1), ("frontend", 2)] {
        write(root, &format!("apps/{name}.yaml"), &application(name, wave));
        write(root, &format!("{name}/deployment.yaml"), &deployment(name, 1));
    }
    if checks_health {
        let check = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata:\n  \
            resource.customizations.health.argoproj.io_Application: |\n    return {}\n";
        write(root, "argocd/argocd-cm.yaml", check);
    }
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

fn lane<'r>(run: &'r Value, name: &str) -> &'r Value {
    let found = run["lanes"].as_array().unwrap().iter().find(|lane| lane["application"] == name);
    found.unwrap_or_else(|| panic!("no lane {name}: {run}"))
}

fn gate(run: &Value, name: &str) -> String {
    lane(run, name)["waitsFor"][0]["text"].as_str().unwrap_or_default().to_owned()
}

fn began(run: &Value, name: &str) -> i64 {
    let columns = lane(run, name)["columns"].as_array().unwrap();
    let tasks = columns.iter().flat_map(|column| column["tasks"].as_array().unwrap());
    tasks.filter_map(|task| task["startedAt"].as_i64()).min().unwrap()
}

fn ended(run: &Value, name: &str) -> i64 {
    let columns = lane(run, name)["columns"].as_array().unwrap();
    let tasks = columns.iter().flat_map(|column| column["tasks"].as_array().unwrap());
    tasks.filter_map(|task| task["finishedAt"].as_i64()).max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_starts_when_what_it_waits_for_is_healthy_and_not_at_all_when_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    repository(&root, true);
    // The API refuses this one.
    write(&root, "database/deployment.yaml", &deployment("database", -1));
    let api = api(&folder.path().join("state")).await;
    let id = open(&api, &root).await["id"].clone();
    let names = json!(["frontend@default", "backend@default", "database@default"]);
    let plan = call(&api, "sync_plan", json!({"repository": id, "instances": names, "revision": null})).await;
    let order: Vec<&Value> =
        plan["lanes"].as_array().unwrap().iter().map(|lane| &lane["application"]).collect();
    assert_eq!(order, ["database", "backend", "frontend"], "nobody comes before what it waits for");
    assert_eq!(gate(&plan, "backend"), "waiting for database");
    assert_eq!(gate(&plan, "frontend"), "waiting for backend");
    let by = lane(&plan, "backend")["waitsFor"][0]["by"].as_str().unwrap();
    assert!(by.contains("`apps`") && by.contains("argocd/argocd-cm.yaml"), "{by}");

    let start = json!({"repository": id, "instances": names, "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    assert_eq!(gate(&run, "frontend"), "waiting for backend");
    let failed = until(&api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(failed["phase"], "failed", "{failed}");
    assert_eq!(gate(&failed, "backend"), "will not start: database failed");
    assert_eq!(gate(&failed, "frontend"), "will not start: backend will not start");
    for name in ["backend", "frontend"] {
        let lane = lane(&failed, name);
        assert_eq!((&lane["phase"], &lane["waitsFor"][0]["state"]), (&json!("notStarted"), &json!("failed")));
        let tasks = lane["columns"][0]["tasks"].as_array().unwrap();
        assert!(tasks.iter().all(|task| task["status"] == "willNotStart"), "{lane}");
    }

    write(&root, "database/deployment.yaml", &deployment("database", 1));
    call(&api, "repository_refresh", json!({"repository": id})).await;
    let again = call(&api, "run_retry", json!({"run": run["id"], "confirmed": []})).await;
    assert_eq!(again["lanes"].as_array().unwrap().len(), 3, "what did not start is tried again too");
    let done = until(&api, "run", json!({"run": again["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(done["phase"], "succeeded", "{done}");
    assert!(ended(&done, "database") <= began(&done, "backend"), "{done}");
    assert!(ended(&done, "backend") <= began(&done, "frontend"), "{done}");
    assert_eq!(lane(&done, "frontend")["waitsFor"][0]["state"], "passed");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nothing_enforces_is_said_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    repository(&root, false);
    write(&root, "database/deployment.yaml", &deployment("database", -1));
    let api = api(&folder.path().join("state")).await;
    let id = open(&api, &root).await["id"].clone();
    let start = json!({"repository": id, "instances": ["database@default", "backend@default"], "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    assert_eq!(gate(&run, "backend"), "not enforced: comes after database");
    let why = lane(&run, "backend")["waitsFor"][0]["unenforced"].as_str().unwrap();
    assert!(why.contains("argocd-cm"), "{why}");
    let ended = until(&api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(lane(&ended, "backend")["phase"], "succeeded", "{ended}");
    assert_ne!(lane(&ended, "database")["phase"], "succeeded");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_aborted_starts_nothing_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    repository(&root, true);
    // A hook that never ends keeps the first lane going.
    write(
        &root,
        "database/wait.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: wait, annotations: {argocd.argoproj.io/hook: PreSync}}\nspec: \
         {nodeSelector: {no: where}, containers: [{name: c, image: 'i:1'}]}\n",
    );
    let api = api(&folder.path().join("state")).await;
    let id = open(&api, &root).await["id"].clone();
    let start = json!({"repository": id, "instances": ["database@default", "backend@default"], "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    let named = json!({"run": run["id"]});
    until(&api, "run", named.clone(), |run| {
        let columns = lane(run, "database")["columns"].as_array().unwrap();
        let mut tasks = columns.iter().flat_map(|column| column["tasks"].as_array().unwrap());
        tasks.any(|task| task["status"] == "inProgress")
    })
    .await;
    call(&api, "run_abort", named.clone()).await;
    let ended = until(&api, "run", named, |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(ended["phase"], "aborted");
    assert_eq!(lane(&ended, "backend")["phase"], "aborted", "{ended}");
    assert!(lane(&ended, "backend")["columns"][0]["tasks"][0]["startedAt"].is_null(), "{ended}");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_one_that_does_not_render_does_not_start_either() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    repository(&root, true);
    write(&root, "database/kustomization.yaml", "resources: [deployment.yaml, gone.yaml]\n");
    let api = api(&folder.path().join("state")).await;
    let id = open(&api, &root).await["id"].clone();
    let start = json!({"repository": id, "instances": ["database@default", "backend@default"], "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&api, "sync_start", start).await;
    let ended = until(&api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(lane(&ended, "database")["phase"], "error", "{ended}");
    assert_eq!(gate(&ended, "backend"), "will not start: database failed");
    let statuses: Vec<&Value> = ended["lanes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|lane| lane["columns"].as_array().unwrap())
        .flat_map(|column| column["tasks"].as_array().unwrap())
        .map(|task| &task["status"])
        .collect();
    assert!(statuses.iter().all(|status| **status == json!("willNotStart")), "{ended}");
    api.stop().await;
}

/// What the command line prints of a plan, and in which order.
#[test]
fn a_snapshot_plans_in_the_order_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    repository(&root, true);
    let snapshot = crate::Snapshot::open(&root, None, slipway_store::Settings::default()).unwrap();
    let names = ["frontend@default".to_owned(), "database@default".to_owned()];
    let instances = snapshot.instances(&names).unwrap();
    let plans = snapshot.plans(&instances, &crate::ClusterAnswers::default(), None);
    let told: Vec<(String, Value)> =
        plans.iter().map(|plan| (plan.instance.to_string(), plan.json()["waitsFor"].clone())).collect();
    assert_eq!(told[0], ("database@default".to_owned(), Value::Null));
    assert_eq!(told[1].0, "frontend@default");
    assert_eq!(told[1].1[0]["text"], "waiting for database");
    assert_eq!(told[1].1[0]["instances"], json!(["database@default"]));
    assert_eq!(told[1].1[0]["enforced"], true);
}
