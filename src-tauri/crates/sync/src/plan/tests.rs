use std::sync::Arc;

use serde_json::{Value, json};
use slipway_model::{Manifest, Origin, RepoPath};

use super::{SyncPlan, plan};
use crate::kinds::{KindTable, Kinds};
use crate::options::SyncOptions;

fn manifest(object: Value) -> Manifest {
    let origin = Origin { file: RepoPath::new("apps/web.yaml").unwrap(), document: 0, line: Some(1) };
    Manifest::new(object, origin)
}

fn planned(objects: &[Value], live: Option<&[Value]>) -> SyncPlan {
    let targets: Vec<Manifest> = objects.iter().cloned().map(manifest).collect();
    let live: Option<Vec<Arc<Value>>> = live.map(|live| live.iter().cloned().map(Arc::new).collect());
    let options = SyncOptions { namespace: "shop".to_owned(), prune: true, ..SyncOptions::default() };
    let kinds: Arc<dyn Kinds> = Arc::new(KindTable::built_in());
    plan(&targets, live.as_deref(), &options, &kinds)
}

fn codes(plan: &SyncPlan) -> Vec<&str> {
    plan.problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn deployment(name: &str, wave: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": wave}}})
}

#[test]
fn a_plan_has_the_shape_of_the_contract() {
    let plan = planned(
        &[
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "m",
                "annotations": {"helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/hook-delete-policy": "hook-succeeded"}}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}),
        ],
        None,
    );
    assert_eq!(
        serde_json::to_value(&plan.phases).unwrap(),
        json!([
            {"phase": "PreSync", "waves": [{"wave": 0, "tasks": [{
                "resource": {"group": "batch", "kind": "Job", "namespace": "shop", "name": "m"},
                "action": "apply", "hookTypes": ["PreSync"], "hookDeletePolicies": ["HookSucceeded"],
                "waitsForHealth": true}]}]},
            {"phase": "Sync", "waves": [{"wave": 0, "tasks": [{
                "resource": {"group": "", "kind": "ConfigMap", "namespace": "shop", "name": "c"},
                "action": "apply", "hookTypes": [], "hookDeletePolicies": [], "waitsForHealth": false}]}]}
        ])
    );
}

#[test]
fn the_last_wave_is_not_waited_for() {
    let plan = planned(&[deployment("db", "0"), deployment("web", "1")], None);
    let waits: Vec<bool> = plan.phases[0].waves.iter().map(|wave| wave.tasks[0].waits_for_health).collect();
    assert_eq!(waits, [true, false]);
    let single = planned(&[deployment("web", "0")], None);
    assert!(!single.phases[0].waves[0].tasks[0].waits_for_health);
}

#[test]
fn a_plan_against_a_cluster_says_what_is_created_and_pruned() {
    let old =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "shop"}});
    let plan = planned(&[deployment("web", "0")], Some(&[old]));
    let actions: Vec<String> = plan.phases[0].waves[0]
        .tasks
        .iter()
        .map(|task| format!("{} {}", serde_json::to_value(task.action).unwrap(), task.resource.name))
        .collect();
    assert_eq!(actions, ["\"prune\" old", "\"create\" web"]);
}

#[test]
fn equal_input_gives_equal_bytes_whatever_the_order_of_the_manifests() {
    let forward = planned(&[deployment("a", "0"), deployment("b", "0")], None);
    let backward = planned(&[deployment("b", "0"), deployment("a", "0")], None);
    assert_eq!(serde_json::to_string(&forward).unwrap(), serde_json::to_string(&backward).unwrap());
}

#[test]
fn mistakes_are_named_with_their_place() {
    let plan = planned(
        &[
            deployment("web", "1.0"),
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "h",
                "annotations": {"argocd.argoproj.io/hook": "Presync"}}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}}),
            json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}}),
        ],
        None,
    );
    assert_eq!(
        codes(&plan),
        ["wave-not-an-integer", "hook-ignored", "resource-without-name", "kind-not-known"]
    );
    assert_eq!(plan.problems[0].location.as_ref().unwrap().to_string(), "apps/web.yaml:1");
}

#[test]
fn a_kind_the_cluster_does_not_serve_is_an_error_there() {
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    let plan = planned(&[widget], Some(&[]));
    assert!(plan.problems[0].is_error(), "{:?}", plan.problems);
}
