use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use slipway_model::ResourceId;

use super::{Desired, Live, Observation, Task};
use crate::options::SyncOptions;

fn object(kind: &str, name: &str, annotations: &Value) -> Value {
    let api_version = match kind {
        "Deployment" => "apps/v1",
        "Job" => "batch/v1",
        "ClusterRole" => "rbac.authorization.k8s.io/v1",
        "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
        "Widget" => "example.com/v1",
        _ => "v1",
    };
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "annotations": annotations}})
}

fn wave(kind: &str, name: &str, wave: &str) -> Value {
    object(kind, name, &json!({"argocd.argoproj.io/sync-wave": wave}))
}

fn live(mut value: Value) -> (ResourceId, Live) {
    value["metadata"]["namespace"] = json!("shop");
    (ResourceId::of(&value), Live::of(value))
}

fn options() -> SyncOptions {
    SyncOptions { namespace: "shop".to_owned(), prune: true, ..SyncOptions::default() }
}

fn tasks(targets: &[Value], present: Vec<Value>, options: SyncOptions) -> Vec<Task> {
    let targets: Vec<Arc<Value>> = targets.iter().cloned().map(Arc::new).collect();
    let observation = Observation { live: present.into_iter().map(live).collect(), ..Observation::default() };
    Desired::new(&targets, options).tasks(&observation, &BTreeMap::new()).tasks
}

fn summary(tasks: &[Task]) -> Vec<String> {
    tasks.iter().map(|task| format!("{}/{} {}", task.phase, task.wave, task.id.name)).collect()
}

#[test]
fn pruned_waves_are_mirrored_and_others_stay() {
    let table: &[(&[&str], &[&str])] = &[
        (&["0", "1", "2", "3", "4"], &["0 p4", "1 p3", "2 p2", "3 p1", "4 p0"]),
        (&["1", "3", "4"], &["1 p4", "3 p3", "4 p1"]),
        (&["1", "3", "5"], &["1 p5", "3 p3", "5 p1"]),
    ];
    for (waves, expected) in table {
        let present = waves.iter().map(|text| wave("ConfigMap", &format!("p{text}"), text)).collect();
        let expected: Vec<String> = expected.iter().map(|text| format!("Sync/{text}")).collect();
        assert_eq!(summary(&tasks(&[], present, options())), expected);
    }
}

#[test]
fn prune_last_comes_after_every_wave_of_the_phase() {
    let targets = [wave("ConfigMap", "a", "5"), wave("ConfigMap", "b", "-1")];
    let present = vec![wave("ConfigMap", "old", "0")];
    let list = tasks(&targets, present, SyncOptions { prune_last: true, ..options() });
    assert_eq!(summary(&list), ["Sync/-1 b", "Sync/5 a", "Sync/6 old"]);
}

#[test]
fn a_namespace_moves_before_its_first_user_and_takes_its_phase_and_wave() {
    let hook = |name: &str, namespace: &str| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": namespace,
            "annotations": {"argocd.argoproj.io/hook": "PreSync"}}})
    };
    let targets = [
        wave("Namespace", "ns1", "1"),
        wave("Namespace", "ns2", "2"),
        hook("job1", "ns1"),
        hook("job2", "ns2"),
    ];
    assert_eq!(
        summary(&tasks(&targets, vec![], options())),
        ["PreSync/0 ns1", "PreSync/0 job1", "PreSync/0 ns2", "PreSync/0 job2"]
    );
}

#[test]
fn a_definition_moves_before_the_first_of_its_kind_and_its_kind_is_not_checked_before() {
    let mut definition = wave("CustomResourceDefinition", "widgets.example.com", "3");
    definition["spec"] = json!({"group": "example.com", "scope": "Cluster", "names": {"kind": "Widget"},
        "versions": [{"name": "v1"}]});
    let list = tasks(&[wave("Widget", "w", "-1"), definition], vec![], options());
    assert_eq!(summary(&list), ["Sync/-1 widgets.example.com", "Sync/-1 w"]);
    assert!(list[1].skip_dry_run);
    assert_eq!(list[1].address.namespace, "", "the definition says that widgets have no namespace");
}

#[test]
fn a_hook_without_a_name_gets_one_from_revision_phase_and_time() {
    let hook = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "mig-",
        "annotations": {"argocd.argoproj.io/hook": "PreSync,PostSync"}}});
    let options = SyncOptions {
        revision: "8c9a9b2f4d1e".to_owned(),
        started_at: crate::time::Time::from_seconds(1_767_225_600),
        ..options()
    };
    let list = tasks(&[hook], vec![], options);
    assert_eq!(
        summary(&list),
        ["PreSync/0 mig-8c9a9b2-presync-1767225600", "PostSync/0 mig-8c9a9b2-postsync-1767225600"]
    );
}

#[test]
fn what_is_there_under_the_key_of_a_target_is_not_pruned() {
    let list =
        tasks(&[object("ConfigMap", "a", &json!({}))], vec![object("ConfigMap", "a", &json!({}))], options());
    assert_eq!(list.len(), 1);
    assert!(!list[0].is_prune() && list[0].live.is_some());
}

#[test]
fn left_over_hooks_are_never_pruned() {
    let present = vec![object("Job", "old", &json!({"argocd.argoproj.io/hook": "PreSync"}))];
    assert!(tasks(&[], present, options()).is_empty());
}

#[test]
fn selected_resources_leave_hooks_and_the_rest_out() {
    let id = ResourceId {
        group: String::new(),
        kind: "ConfigMap".to_owned(),
        namespace: "shop".to_owned(),
        name: "a".to_owned(),
    };
    let targets = [
        object("ConfigMap", "a", &json!({})),
        object("ConfigMap", "b", &json!({})),
        object("Job", "h", &json!({"argocd.argoproj.io/hook": "PreSync"})),
    ];
    let list = tasks(&targets, vec![], SyncOptions { resources: vec![id], ..options() });
    assert_eq!(summary(&list), ["Sync/0 a"]);
}

#[test]
fn objects_that_are_no_maps_do_not_panic() {
    let list = tasks(
        &[json!(7), json!(null), json!([]), json!({"metadata": 3, "kind": "ConfigMap"})],
        vec![],
        options(),
    );
    assert!(list.iter().all(|task| task.state.status.is_some()), "none of them has a usable kind");
}
