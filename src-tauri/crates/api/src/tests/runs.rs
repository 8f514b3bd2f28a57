//! Runs from their plan to their timeline after a restart.

use serde_json::{Value, json};

use super::{api, call, open, repository, until, write};

fn tasks(run: &Value) -> Vec<Value> {
    let lanes = run["lanes"].as_array().unwrap();
    lanes
        .iter()
        .flat_map(|lane| lane["columns"].as_array().unwrap())
        .flat_map(|column| column["tasks"].as_array().unwrap())
        .cloned()
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_planned_at_its_start_timed_kept_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let root = folder.path().join("repository");
    repository(&root);
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n\
        spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, \
        spec: {containers: [{name: web, image: 'web:1'}]}}}\n";
    write(&root, "apps/web/staging/deployment.yaml", deployment);
    // The API refuses this one: a Deployment needs a selector.
    write(
        &root,
        "apps/api/staging/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: -1}\n",
    );
    write(
        &root,
        ".slipway.yaml",
        "version: 1\nenvironments:\n- {name: staging, namespace: shop}\n- {name: production, namespace: shop}\n",
    );
    let first = api(&state).await;
    let id = open(&first, &root).await["id"].clone();
    let start = json!({"repository": id, "instances": ["web@staging", "api@staging"], "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&first, "sync_start", start).await;
    assert_eq!(run["number"], 1);
    let planned = tasks(&run);
    assert_eq!(run["total"], planned.len(), "what there is to do is known from the start");
    assert!(
        planned.iter().any(|task| task["resource"]["kind"] == "Namespace"),
        "the namespace that will be made is counted too: {planned:?}"
    );
    let ended = until(&first, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_ne!(ended["phase"], "succeeded", "{ended}");
    let lane = |name: &str| {
        ended["lanes"].as_array().unwrap().iter().find(|lane| lane["instance"] == name).cloned().unwrap()
    };
    assert_eq!(lane("web@staging")["phase"], "succeeded", "{ended}");
    let timed = tasks(&ended);
    assert!(
        timed.iter().any(|task| task["resource"]["kind"] == "Namespace" && task["status"] == "synced"),
        "the namespace that was made stays a task of the run: {timed:?}"
    );
    let started: Vec<u64> = timed.iter().filter_map(|task| task["sequence"].as_u64()).collect();
    assert!(!started.is_empty());
    let mut unique = started.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), started.len(), "each has a number of its own");
    for task in timed.iter().filter(|task| task["status"] == "synced") {
        let (from, to) = (task["startedAt"].as_i64().unwrap(), task["finishedAt"].as_i64().unwrap());
        assert!(run["startedAt"].as_i64().unwrap() <= from && from <= to, "{task}");
    }
    let events = ended["events"].as_array().unwrap();
    let told = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
    assert!(told("started") == 1 && told("finished") >= 1 && told("failed") >= 1, "{events:?}");

    // What the cluster tells: the pods of the Deployment, and events about them.
    let named = json!({"run": run["id"]});
    let pods = call(&first, "run_pods", named.clone()).await;
    assert_eq!(pods["pods"][0]["owner"]["kind"], "Deployment", "{pods}");
    assert_eq!(pods["pods"][0]["instance"], "web@staging");
    let events = call(&first, "run_events", named.clone()).await;
    assert!(
        events["events"].as_array().unwrap().iter().any(|event| event["resource"]["kind"] == "Pod"),
        "{events}"
    );
    let pod = &pods["pods"][0];
    let open_log = json!({"run": run["id"], "instance": "web@staging", "namespace": pod["namespace"],
        "pod": pod["name"], "container": "web", "previous": false});
    let log = call(&first, "log_open", open_log).await;
    let read = json!({"stream": log["stream"], "after": 0});
    // A pod of the sandbox runs nothing: its log ends, or says that there is none.
    let lines = until(&first, "log_read", read.clone(), |lines| lines["open"] == false).await;
    assert!(lines["error"].is_string() || lines["lines"].is_array());
    call(&first, "log_close", log).await;
    assert_eq!(first.call("log_read", read).await.unwrap_err().code, "log-closed");

    // Only what failed is tried again; the second time it is right.
    write(&root, "apps/api/staging/deployment.yaml", &deployment.replace("web", "api"));
    call(&first, "repository_refresh", json!({"repository": id})).await;
    let again = call(&first, "run_retry", json!({"run": run["id"], "confirmed": []})).await;
    assert_eq!((again["number"].as_u64(), &again["origin"]["retryOf"]), (Some(2), &run["id"]));
    let lanes: Vec<&Value> =
        again["lanes"].as_array().unwrap().iter().map(|lane| &lane["instance"]).collect();
    assert_eq!(lanes, [&json!("api@staging")]);
    let again =
        until(&first, "run", json!({"run": again["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(again["phase"], "succeeded", "{again}");
    let nothing = first.call("run_retry", json!({"run": again["id"], "confirmed": []})).await.unwrap_err();
    assert_eq!(nothing.code, "nothing-to-retry");
    first.stop().await;

    let second = api(&state).await;
    open(&second, &root).await;
    let list = call(&second, "runs", json!({"repository": id})).await;
    assert_eq!(list["runs"].as_array().unwrap().len(), 2);
    let kept = call(&second, "run", named.clone()).await;
    assert_eq!(kept, ended, "the timeline is the one of before");
    let gone = call(&second, "run_events", named).await;
    assert_eq!(gone["problems"][0]["code"], "sandbox-ended", "{gone}");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_program_did_not_survive_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let root = folder.path().join("repository");
    repository(&root);
    // A hook that never ends keeps the run going.
    write(
        &root,
        "apps/web/staging/job.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: wait, namespace: shop, annotations: {argocd.argoproj.io/hook: \
         PreSync}}\nspec: {nodeSelector: {no: where}, containers: [{name: c, image: 'i:1'}]}\n",
    );
    write(
        &root,
        ".slipway.yaml",
        "version: 1\nenvironments:\n- {name: staging, namespace: shop}\n- {name: production}\n",
    );
    let first = api(&state).await;
    let id = open(&first, &root).await["id"].clone();
    let start = json!({"repository": id, "instances": ["web@staging"], "revision": null,
        "target": {"kind": "sandbox"}, "prune": false, "dryRun": false, "confirmed": []});
    let run = call(&first, "sync_start", start).await;
    let named = json!({"run": run["id"]});
    until(&first, "run", named.clone(), |run| tasks(run).iter().any(|task| task["status"] == "inProgress"))
        .await;
    let too_early = first.call("run_retry", json!({"run": run["id"], "confirmed": []})).await.unwrap_err();
    assert_eq!(too_early.code, "run-going-on");
    first.stop().await;

    let second = api(&state).await;
    open(&second, &root).await;
    let kept = call(&second, "run", named).await;
    assert_eq!(kept["phase"], "aborted");
    assert!(kept["finishedAt"].is_i64() && !tasks(&kept).is_empty(), "{kept}");
    second.stop().await;
}
