//! Syncs against a real API server. It has no controllers: nothing becomes ready and namespaces never go.

macro_rules! rig_or_skip {
    ($test:expr) => {
        match rig::rig($test) {
            Some(rig) => rig,
            None => return,
        }
    };
}

mod difficult;
mod fake;
mod followed;
mod looked_up;
mod observed;
mod recorded;
mod rig;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use slipway_model::{Manifest, Origin, RepoPath};
use slipway_sync::ownership::{INSTANCE_ANNOTATION, Mark};
use slipway_sync::{OperationPhase, PropagationPolicy, ResultCode, RunResult, SyncOptions, SyncPhase};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Connection, ErrorKind, SyncEvent, SyncOutcome, SyncRequest, Wait, sync};

fn manifest(object: Value) -> Manifest {
    Manifest::new(object, Origin { file: RepoPath::new("app.yaml").unwrap(), document: 0, line: Some(1) })
}

fn config(name: &str, wave: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": wave}}, "data": {"a": "1"}})
}

/// A hook that is judged by its status, which the test writes.
fn pod(name: &str, phase: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/hook": phase}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "example.invalid/c:1"}]}})
}

fn options(namespace: &str) -> SyncOptions {
    SyncOptions {
        namespace: namespace.to_owned(),
        create_namespace: true,
        prune: true,
        // Without controllers nobody ends a deletion in the foreground.
        propagation_policy: PropagationPolicy::Background,
        ..SyncOptions::default()
    }
}

fn request(namespace: &str, targets: Vec<Value>, options: SyncOptions) -> SyncRequest {
    let instance: slipway_model::InstanceId = format!("{namespace}@test").parse().unwrap();
    let mark = Mark::Instance(instance.clone());
    let targets = targets.into_iter().map(manifest).collect();
    SyncRequest { wave_delay: Duration::ZERO, ..SyncRequest::new(instance, mark, targets, options) }
}

async fn run(connection: &Arc<Connection>, request: SyncRequest) -> (SyncOutcome, Vec<SyncEvent>) {
    run_with(connection, request, CancellationToken::new()).await
}

async fn run_with(
    connection: &Arc<Connection>,
    request: SyncRequest,
    cancel: CancellationToken,
) -> (SyncOutcome, Vec<SyncEvent>) {
    let (sender, mut receiver) = mpsc::channel(8);
    let connection = Arc::clone(connection);
    let task = tokio::spawn(async move { sync(&connection, request, sender, cancel).await });
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        events.push(event);
    }
    (task.await.unwrap(), events)
}

/// The names of the objects in the order in which their first results came.
fn order(events: &[SyncEvent]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for event in events {
        if let SyncEvent::Task(result) = event
            && !names.contains(&result.resource.name)
        {
            names.push(result.resource.name.clone());
        }
    }
    names
}

fn result<'a>(outcome: &'a SyncOutcome, name: &str) -> &'a RunResult {
    outcome.resources.iter().find(|result| result.resource.name == name).unwrap()
}

async fn get(connection: &Connection, path: &str) -> Option<Value> {
    match connection.get(path).await {
        Ok(object) => Some(object),
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

async fn create(connection: &Connection, path: &str, object: &Value) {
    connection.write(Method::POST, path, "application/json", object).await.unwrap();
}

/// Waits until something is there: the tests' only waiting, for what the sync under test does meanwhile.
async fn appears(connection: &Connection, path: &str) -> Value {
    for _ in 0..200 {
        if let Some(object) = get(connection, path).await {
            return object;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} does not appear");
}

async fn set_phase(connection: &Connection, path: &str, phase: &str) {
    let status = json!({"status": {"phase": phase, "message": format!("{phase} by the test")}});
    let path = format!("{path}/status");
    connection.write(Method::PATCH, &path, "application/merge-patch+json", &status).await.unwrap();
}

#[tokio::test]
async fn a_new_namespace_its_waves_and_its_marks() {
    let rig = rig_or_skip!("a_new_namespace_its_waves_and_its_marks");
    let connection = rig.connect("").await;
    let targets = vec![config("third", "5"), config("first", "-1"), config("second", "0")];
    let (outcome, events) = run(&connection, request("waves", targets, options("waves"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    assert_eq!(order(&events), ["waves", "first", "second", "third"]);
    let object = get(&connection, "/api/v1/namespaces/waves/configmaps/second").await.unwrap();
    assert_eq!(object["metadata"]["annotations"][INSTANCE_ANNOTATION], "waves@test");
    assert_eq!(object["metadata"]["managedFields"][0]["manager"], "slipway");
    assert_eq!(result(&outcome, "second").message, "configmap/second created");

    let targets = vec![config("third", "5"), config("first", "-1"), config("second", "0")];
    let (outcome, _) = run(&connection, request("waves", targets, options("waves"))).await;
    assert_eq!(result(&outcome, "second").message, "configmap/second unchanged");
}

#[tokio::test]
async fn only_what_carries_the_mark_is_pruned() {
    let rig = rig_or_skip!("only_what_carries_the_mark_is_pruned");
    let connection = rig.connect("").await;
    let both = vec![config("keep", "0"), config("old", "0")];
    let (outcome, _) = run(&connection, request("pruning", both, options("pruning"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let foreign = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "foreign"}});
    create(&connection, "/api/v1/namespaces/pruning/configmaps", &foreign).await;

    let mut no_prune = request("pruning", vec![config("keep", "0")], options("pruning"));
    no_prune.options.prune = false;
    let (outcome, _) = run(&connection, no_prune).await;
    assert_eq!(result(&outcome, "old").status, Some(ResultCode::PruneSkipped));
    assert!(get(&connection, "/api/v1/namespaces/pruning/configmaps/old").await.is_some());

    let (outcome, _) =
        run(&connection, request("pruning", vec![config("keep", "0")], options("pruning"))).await;
    assert_eq!(result(&outcome, "old").status, Some(ResultCode::Pruned), "{outcome:?}");
    assert_eq!(outcome.resources.len(), 2, "{:?}", outcome.resources);
    assert!(get(&connection, "/api/v1/namespaces/pruning/configmaps/old").await.is_none());
    assert!(get(&connection, "/api/v1/namespaces/pruning/configmaps/foreign").await.is_some());
}

#[tokio::test]
async fn a_failed_hook_stops_what_follows() {
    let rig = rig_or_skip!("a_failed_hook_stops_what_follows");
    let connection = rig.connect("").await;
    let targets = vec![pod("migrate", "PreSync"), config("web", "0"), pod("alarm", "SyncFail")];
    let syncing = run(&connection, request("hooks", targets, options("hooks")));
    let acting = async {
        let connection = rig.connect("").await;
        let migrate = "/api/v1/namespaces/hooks/pods/migrate";
        appears(&connection, migrate).await;
        set_phase(&connection, migrate, "Failed").await;
        let alarm = "/api/v1/namespaces/hooks/pods/alarm";
        appears(&connection, alarm).await;
        set_phase(&connection, alarm, "Succeeded").await;
    };
    let ((outcome, _), ()) = tokio::join!(syncing, acting);
    assert_eq!(outcome.phase, OperationPhase::Failed, "{outcome:?}");
    assert_eq!(result(&outcome, "migrate").state, Some(OperationPhase::Failed));
    assert_eq!(result(&outcome, "migrate").message, "Failed by the test");
    assert_eq!(result(&outcome, "alarm").phase, SyncPhase::SyncFail);
    assert!(get(&connection, "/api/v1/namespaces/hooks/configmaps/web").await.is_none());
    let left = get(&connection, "/api/v1/namespaces/hooks/pods/migrate").await.unwrap();
    assert_eq!(left["metadata"].get("finalizers"), None, "the hook finalizer is off");
}

#[tokio::test]
async fn a_definition_and_its_objects_come_together() {
    let rig = rig_or_skip!("a_definition_and_its_objects_come_together");
    let connection = rig.connect("").await;
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.together.example.com"},
        "spec": {"group": "together.example.com", "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    let widget = |name: &str| json!({"apiVersion": "together.example.com/v1", "kind": "Widget", "metadata": {"name": name}});
    let targets = vec![widget("a"), widget("b"), definition.clone()];
    let (outcome, events) = run(&connection, request("together", targets, options("together"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    assert_eq!(order(&events)[..2], ["together", "widgets.together.example.com"]);
    let path = "/apis/together.example.com/v1/namespaces/together/widgets/b";
    assert!(get(&connection, path).await.is_some());

    let (outcome, _) =
        run(&connection, request("together", vec![widget("a"), definition], options("together"))).await;
    assert_eq!(result(&outcome, "b").status, Some(ResultCode::Pruned), "{outcome:?}");
    let (outcome, _) = run(&connection, request("together", vec![widget("a")], options("together"))).await;
    assert!(
        outcome.resources.iter().all(|result| result.resource.kind != "CustomResourceDefinition"),
        "definitions carry no mark and are never pruned"
    );
}

#[tokio::test]
async fn cancelling_ends_the_running_hook() {
    let rig = rig_or_skip!("cancelling_ends_the_running_hook");
    let connection = rig.connect("").await;
    let cancel = CancellationToken::new();
    let targets = vec![pod("slow", "PreSync"), config("web", "0")];
    let syncing = run_with(&connection, request("cancel", targets, options("cancel")), cancel.clone());
    let acting = async {
        let connection = rig.connect("").await;
        appears(&connection, "/api/v1/namespaces/cancel/pods/slow").await;
        cancel.cancel();
    };
    let ((outcome, _), ()) = tokio::join!(syncing, acting);
    assert_eq!((outcome.phase, outcome.message.as_str()), (OperationPhase::Failed, "Operation terminated"));
    assert_eq!(result(&outcome, "slow").message, "Terminated");
    assert!(get(&connection, "/api/v1/namespaces/cancel/configmaps/web").await.is_none());
}

fn deployment(label: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": label}}, "template": {
            "metadata": {"labels": {"app": label}},
            "spec": {"containers": [{"name": "c", "image": "example.invalid/c:1"}]}}}})
}

#[tokio::test]
async fn an_immutable_field_is_named_and_force_gets_over_it() {
    let rig = rig_or_skip!("an_immutable_field_is_named_and_force_gets_over_it");
    let connection = rig.connect("").await;
    let (outcome, _) =
        run(&connection, request("immutable", vec![deployment("a")], options("immutable"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let (outcome, _) =
        run(&connection, request("immutable", vec![deployment("b")], options("immutable"))).await;
    assert_eq!(outcome.phase, OperationPhase::Failed);
    assert!(outcome.message.contains("field is immutable"), "{}", outcome.message);
    assert!(outcome.hints.iter().any(|hint| hint.contains("--force")), "{:?}", outcome.hints);
    let force = SyncOptions { force: true, ..options("immutable") };
    let (outcome, _) = run(&connection, request("immutable", vec![deployment("b")], force)).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
}

#[tokio::test]
async fn who_may_only_read_is_told_so() {
    let rig = rig_or_skip!("who_may_only_read_is_told_so");
    let viewer = rig.connect("viewer").await;
    let reading = SyncOptions { create_namespace: false, ..options("default") };
    let (outcome, _) = run(&viewer, request("default", vec![config("x", "0")], reading.clone())).await;
    assert_eq!(outcome.phase, OperationPhase::Failed, "{outcome:?}");
    assert!(result(&outcome, "x").message.contains("forbidden"), "{outcome:?}");
    assert!(!outcome.hints.is_empty());

    let nobody = rig.connect("nobody").await;
    let (outcome, _) = run(&nobody, request("default", vec![config("x", "0")], reading)).await;
    assert_ne!(outcome.phase, OperationPhase::Succeeded);
    assert!(outcome.message.contains("forbidden"), "{outcome:?}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_still_finds_mistakes() {
    let rig = rig_or_skip!("a_dry_run_writes_nothing_and_still_finds_mistakes");
    let connection = rig.connect("").await;
    let dry = |namespace: &str| SyncOptions { dry_run: true, ..options(namespace) };
    let (outcome, _) = run(&connection, request("dry", vec![config("x", "0")], dry("dry"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    assert!(get(&connection, "/api/v1/namespaces/dry").await.is_none());
    let wrong = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dota": {}});
    let (outcome, _) = run(&connection, request("default", vec![wrong], dry("default"))).await;
    assert_eq!(outcome.phase, OperationPhase::Failed);
    assert!(result(&outcome, "x").message.contains("dota"), "{outcome:?}");
}

#[tokio::test]
async fn fields_of_client_side_apply_go_when_the_manifest_drops_them() {
    let rig = rig_or_skip!("fields_of_client_side_apply_go_when_the_manifest_drops_them");
    let connection = rig.connect("").await;
    let (outcome, _) =
        run(&connection, request("takeover", vec![config("other", "0")], options("takeover"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let before = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "0", "b": "2"}});
    let path = "/api/v1/namespaces/takeover/configmaps";
    create(&connection, &format!("{path}?fieldManager=kubectl-client-side-apply"), &before).await;
    let targets = vec![config("other", "0"), config("c", "0")];
    let (outcome, _) = run(&connection, request("takeover", targets, options("takeover"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let object = get(&connection, &format!("{path}/c")).await.unwrap();
    assert_eq!(object["data"], json!({"a": "1"}));
}

#[tokio::test]
async fn what_a_running_argo_cd_owns_is_refused() {
    let rig = rig_or_skip!("what_a_running_argo_cd_owns_is_refused");
    let connection = rig.connect("").await;
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {"group": "argoproj.io", "scope": "Namespaced",
            "names": {"kind": "Application", "plural": "applications"},
            "versions": [{"name": "v1alpha1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    let application = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "guestbook"}});
    let setup = vec![definition, application];
    let (outcome, _) = run(&connection, request("argocd", setup, options("argocd"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");

    // A connection that was opened after Argo CD was installed.
    let connection = rig.connect("").await;
    let mut owned = request("guestbook", vec![config("x", "0")], options("guestbook"));
    owned.mark = Mark::Application { name: "guestbook".to_owned(), namespace: "guestbook".to_owned() };
    let (outcome, _) = run(&connection, owned).await;
    assert_eq!(outcome.phase, OperationPhase::Error);
    assert!(outcome.message.contains("argocd/guestbook"), "{outcome:?}");
    assert!(get(&connection, "/api/v1/namespaces/guestbook").await.is_none(), "nothing was written");
}

#[tokio::test]
async fn the_health_after_the_last_wave_is_waited_for() {
    let rig = rig_or_skip!("the_health_after_the_last_wave_is_waited_for");
    let connection = rig.connect("").await;
    let mut wanted = request("healthy", vec![deployment("a")], options("healthy"));
    wanted.wait = Wait::Health(Duration::from_secs(30));
    let syncing = run(&connection, wanted.clone());
    let path = "/apis/apps/v1/namespaces/healthy/deployments/web";
    let acting = async {
        let connection = rig.connect("").await;
        appears(&connection, path).await;
        let status = json!({"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
            "availableReplicas": 1}});
        let path = format!("{path}/status");
        connection.write(Method::PATCH, &path, "application/merge-patch+json", &status).await.unwrap();
    };
    let ((outcome, _), ()) = tokio::join!(syncing, acting);
    assert!(outcome.health.unwrap().healthy);

    wanted.targets.push(manifest(
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
    ));
    wanted.wait = Wait::Health(Duration::from_millis(300));
    let (outcome, events) = run(&connection, wanted).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "Succeeded does not mean healthy");
    let health = outcome.health.unwrap();
    assert_eq!(health.reasons.len(), 1, "{health:?}");
    assert_eq!(health.reasons[0].0.name, "data");
    assert!(events.iter().any(|event| matches!(event, SyncEvent::Health { .. })));
}

#[tokio::test]
async fn an_object_without_any_namespace_is_not_applied() {
    let rig = rig_or_skip!("an_object_without_any_namespace_is_not_applied");
    let connection = rig.connect("").await;
    let nowhere = SyncOptions::default();
    let (outcome, _) = run(&connection, request("nowhere", vec![config("x", "0")], nowhere)).await;
    assert_eq!(outcome.phase, OperationPhase::Error);
    assert!(outcome.message.starts_with("app.yaml:1: ConfigMap/x names no namespace"), "{}", outcome.message);
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
        users: [{name: u, user: {token: t}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n";
    std::fs::write(&path, text).unwrap();
    let source = crate::KubeconfigSource::File(path);
    let options = crate::ConnectionOptions::default();
    let connection = Arc::new(Connection::from_kubeconfig(&source, None, options).await.unwrap());
    let error = connection.version().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
    let (outcome, _) = run(&connection, request("x", vec![config("x", "0")], SyncOptions::default())).await;
    assert_eq!(outcome.phase, OperationPhase::Error);
    assert!(!outcome.hints.is_empty());
}

fn asks_before_pruning(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm"}}})
}

#[tokio::test]
async fn pruning_that_asks_waits_for_a_word_and_ends_where_nobody_can_give_it() {
    let rig = rig_or_skip!("pruning_that_asks_waits_for_a_word_and_ends_where_nobody_can_give_it");
    let connection = rig.connect("").await;
    let (outcome, _) =
        run(&connection, request("confirm", vec![asks_before_pruning("old")], options("confirm"))).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let path = "/api/v1/namespaces/confirm/configmaps/old";
    let without = request("confirm", vec![config("new", "0")], options("confirm"));
    let (outcome, _) = run(&connection, without.clone()).await;
    assert_eq!(outcome.phase, OperationPhase::Error);
    assert!(outcome.message.contains("nobody confirmed"), "{outcome:?}");
    assert!(get(&connection, path).await.is_some());

    let confirmation = crate::Confirmation::default();
    let with = SyncRequest { confirmation: Some(confirmation.clone()), ..without };
    let (sender, mut receiver) = mpsc::channel(8);
    let task = tokio::spawn(async move { sync(&connection, with, sender, CancellationToken::new()).await });
    while let Some(event) = receiver.recv().await {
        if matches!(event, SyncEvent::Operation { message, .. } if message.starts_with("waiting for pruning confirmation"))
        {
            confirmation.confirm();
        }
    }
    let outcome = task.await.unwrap();
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    assert!(get(&*rig.connect("").await, path).await.is_none());
}

#[tokio::test]
async fn an_application_that_no_argo_cd_runs_is_pruned_by_its_tracking_ids() {
    let rig = rig_or_skip!("an_application_that_no_argo_cd_runs_is_pruned_by_its_tracking_ids");
    let connection = rig.connect("").await;
    let of = |targets: Vec<Value>| {
        let mut request = request("tracked", targets, options("tracked"));
        request.mark = Mark::Application { name: "tracked".to_owned(), namespace: "tracked".to_owned() };
        request
    };
    let (outcome, _) = run(&connection, of(vec![config("keep", "0"), config("old", "0")])).await;
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    let mut copy = get(&connection, "/api/v1/namespaces/tracked/configmaps/old").await.unwrap();
    copy["metadata"] = json!({"name": "copy", "annotations": copy["metadata"]["annotations"]});
    create(&connection, "/api/v1/namespaces/tracked/configmaps", &copy).await;
    let (outcome, _) = run(&connection, of(vec![config("keep", "0")])).await;
    assert_eq!(result(&outcome, "old").status, Some(ResultCode::Pruned), "{outcome:?}");
    assert!(
        get(&connection, "/api/v1/namespaces/tracked/configmaps/copy").await.is_some(),
        "a copied id is no mark"
    );
}

/// The message of the result that a line of a comparison is about.
fn result_text_of(outcome: &SyncOutcome, line: &str) -> String {
    outcome
        .resources
        .iter()
        .find(|result| line.contains(&format!(" {} ", result.resource.name)))
        .map(|result| format!("({})", result.message))
        .unwrap_or_default()
}

#[tokio::test]
async fn a_failed_sync_is_tried_again() {
    let rig = rig_or_skip!("a_failed_sync_is_tried_again");
    let connection = rig.connect("").await;
    let retry = crate::Retry { limit: 1, pause: Duration::from_millis(10), ..crate::Retry::default() };
    let wanted = SyncRequest {
        retry,
        ..request("retry", vec![pod("migrate", "PreSync"), config("web", "0")], options("retry"))
    };
    let syncing = run(&connection, wanted);
    let path = "/api/v1/namespaces/retry/pods/migrate";
    let acting = async {
        let connection = rig.connect("").await;
        let first = appears(&connection, path).await;
        set_phase(&connection, path, "Failed").await;
        loop {
            let again = appears(&connection, path).await;
            if again["metadata"]["uid"] != first["metadata"]["uid"] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        set_phase(&connection, path, "Succeeded").await;
    };
    let ((outcome, events), ()) = tokio::join!(syncing, acting);
    assert_eq!(outcome.phase, OperationPhase::Succeeded, "{outcome:?}");
    assert_eq!(events.iter().filter(|event| matches!(event, SyncEvent::Retry { attempt: 1, .. })).count(), 1);
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again() {
    let rig = rig_or_skip!("what_is_refused_is_not_tried_again");
    let connection = rig.connect("").await;
    let retry = crate::Retry { limit: 5, ..crate::Retry::default() };
    let refused = SyncRequest { retry, ..request("nowhere", vec![config("x", "0")], SyncOptions::default()) };
    let (outcome, events) = run(&connection, refused).await;
    assert_eq!(outcome.phase, OperationPhase::Error);
    assert!(!events.iter().any(|event| matches!(event, SyncEvent::Retry { .. })));
}
