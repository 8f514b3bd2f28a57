use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_model::ResourceId;

use super::{Answer, Command, Event, RequestAction, RequestId, RequestMode, Run};
use crate::options::SyncOptions;
use crate::tasks::{Desired, Live, Observation, OperationPhase, ResultCode};
use crate::time::Time;

const NOW: Time = Time(1_000_000);

fn config(name: &str, annotations: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop", "annotations": annotations}})
}

fn wave(name: &str, wave: &str) -> Value {
    config(name, &json!({"argocd.argoproj.io/sync-wave": wave}))
}

/// A hook that runs until it is told otherwise.
fn job(name: &str, phase: &str) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "namespace": "shop", "annotations": {"argocd.argoproj.io/hook": phase}}})
}

fn run(targets: &[Value], options: SyncOptions) -> Run {
    let targets: Vec<Arc<Value>> = targets.iter().cloned().map(Arc::new).collect();
    Run::new(
        Desired::new(&targets, SyncOptions { namespace: "shop".to_owned(), ..options }),
        Duration::from_secs(2),
    )
}

fn observed(objects: &[Value]) -> Event {
    let live: BTreeMap<ResourceId, Live> =
        objects.iter().map(|object| (ResourceId::of(object), Live::of(object.clone()))).collect();
    Event::Observed(Observation { live, ..Observation::default() })
}

/// The requests among commands: `mode action name`.
fn requests(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Send(request) => {
                let action = match request.action {
                    RequestAction::Apply { .. } => "apply",
                    RequestAction::Create { .. } => "create",
                    RequestAction::Replace { .. } => "replace",
                    RequestAction::Update => "update",
                    RequestAction::Prune(_) => "prune",
                    RequestAction::DeleteHook(_) => "delete",
                    RequestAction::RemoveHookFinalizer => "finalizer",
                };
                let mode = match request.mode {
                    RequestMode::Run => "",
                    RequestMode::Check => "check ",
                    RequestMode::DryRun => "dry-run ",
                };
                Some(format!("{mode}{action} {}", request.resource.name))
            }
            _ => None,
        })
        .collect()
}

/// Answers all requests: those for a name in `failing` with a failure.
fn answer(run: &mut Run, commands: &[Command], failing: &[&str]) -> Vec<Command> {
    let mut next = Vec::new();
    for command in commands {
        if let Command::Send(request) = command {
            let answer = if failing.contains(&request.resource.name.as_str()) {
                Answer::Failed("no".to_owned())
            } else {
                Answer::Done("done".to_owned())
            };
            next.extend(run.step(Event::Answered { request: request.id, answer }, NOW));
        }
    }
    next
}

#[test]
fn a_run_looks_checks_applies_and_ends() {
    let mut run = run(&[config("a", &json!({}))], SyncOptions::default());
    assert_eq!(run.step(Event::Start, NOW), [Command::Observe]);
    let check = run.step(observed(&[]), NOW);
    assert_eq!(requests(&check), ["check apply a"]);
    let apply = answer(&mut run, &check, &[]);
    assert_eq!(requests(&apply), ["apply a"]);
    let delay = answer(&mut run, &apply, &[]);
    assert!(matches!(delay[..], [Command::Delay { last: true, until: NOW, .. }]), "{delay:?}");
    let end = run.step(Event::DelayOver, NOW);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Succeeded, .. }]), "{end:?}");
    assert_eq!(run.take_news().len(), 1);
    assert!(run.take_news().is_empty(), "a result is told once");
}

#[test]
fn later_wave_waits_for_an_unhealthy_earlier_one() {
    let deployment = |name: &str, wave: &str, ready: bool| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": "shop", "annotations": {"argocd.argoproj.io/sync-wave": wave}},
            "spec": {"replicas": 1}, "status": if ready { json!({"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}) } else { json!({}) }})
    };
    let mut run = run(&[deployment("db", "0", false), deployment("web", "1", false)], SyncOptions::default());
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    let apply = answer(&mut run, &check, &[]);
    assert_eq!(requests(&apply), ["apply db"]);
    let delay = answer(&mut run, &apply, &[]);
    let [Command::Delay { until, last: false, .. }] = delay[..] else { panic!("{delay:?}") };
    assert_eq!(until, NOW + Duration::from_secs(2));
    assert!(matches!(run.step(Event::DelayOver, until)[..], [Command::Wait { .. }]));
    let wait = run.step(observed(&[deployment("db", "0", false)]), NOW);
    assert_eq!(
        wait,
        [Command::Wait { reason: "waiting for healthy state of apps/Deployment/db".to_owned() }]
    );
    let next = run.step(observed(&[deployment("db", "0", true)]), NOW);
    assert_eq!(requests(&next), ["apply web"]);
}

#[test]
fn terminating_in_the_middle_of_a_wave_begins_nothing_new() {
    let targets =
        [config("a", &json!({})), json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}})];
    let mut run = run(&targets, SyncOptions::default());
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    let apply = answer(&mut run, &check, &[]);
    assert_eq!(requests(&apply), ["apply a"]);
    assert!(run.step(Event::Terminate, NOW).is_empty(), "a request is under way");
    let next = answer(&mut run, &apply, &[]);
    assert_eq!(next, [Command::Observe], "the Service is not begun");
    let end = run.step(observed(&[config("a", &json!({}))]), NOW);
    let [Command::Finish { phase, message }] = &end[..] else { panic!("{end:?}") };
    assert_eq!((*phase, message.as_str()), (OperationPhase::Failed, "Operation terminated"));
}

#[test]
fn terminating_ends_running_hooks_and_leaves_the_rest() {
    let mut run = run(&[job("h", "PreSync"), config("a", &json!({}))], SyncOptions::default());
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    let apply = answer(&mut run, &check, &[]);
    assert_eq!(requests(&apply), ["apply h"]);
    drop(answer(&mut run, &apply, &[]));
    assert_eq!(run.step(Event::Terminate, NOW), [Command::Observe], "a delay is cut short");
    let mut live = job("h", "PreSync");
    live["metadata"]["finalizers"] = json!(["argocd.argoproj.io/hook-finalizer"]);
    let finalizer = run.step(observed(&[live]), NOW);
    assert_eq!(requests(&finalizer), ["finalizer h"]);
    let delete = answer(&mut run, &finalizer, &[]);
    assert_eq!(requests(&delete), ["delete h"]);
    let end = answer(&mut run, &delete, &[]);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Failed, .. }]), "{end:?}");
    assert!(run.step(Event::Terminate, NOW).is_empty(), "it is over");
}

#[test]
fn a_failed_check_writes_nothing() {
    let mut run = run(&[config("a", &json!({})), config("b", &json!({}))], SyncOptions::default());
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    assert_eq!(requests(&check), ["check apply a", "check apply b"]);
    let end = answer(&mut run, &check, &["b"]);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Failed, .. }]), "{end:?}");
}

#[test]
fn an_unconfirmed_prune_holds_up_its_wave_until_it_is_confirmed() {
    let options = SyncOptions { prune: true, ..SyncOptions::default() };
    let old = config("old", &json!({"argocd.argoproj.io/sync-options": "Prune=confirm"}));
    let mut run = run(&[config("new", &json!({}))], options);
    drop(run.step(Event::Start, NOW));
    let delay = run.step(observed(std::slice::from_ref(&old)), NOW);
    assert!(matches!(delay[..], [Command::Delay { .. }]), "nothing is asked for: {delay:?}");
    let wait = run.step(Event::DelayOver, NOW);
    assert_eq!(
        wait,
        [Command::Wait { reason: "waiting for pruning confirmation of /ConfigMap/old".to_owned() }]
    );
    assert!(run.awaits_confirmation());
    assert_eq!(run.step(Event::PruneConfirmed, NOW), [Command::Observe]);
    assert!(!run.awaits_confirmation());
    let check = run.step(observed(&[old]), NOW);
    assert_eq!(requests(&check), ["check apply new"]);
    let prune = answer(&mut run, &check, &[]);
    assert_eq!(requests(&prune), ["prune old"]);
    let apply = answer(&mut run, &prune, &[]);
    assert_eq!(requests(&apply), ["apply new"], "prunes go before what is applied");
}

#[test]
fn a_dry_run_of_a_prune_needs_no_confirmation() {
    let options = SyncOptions { prune: true, dry_run: true, ..SyncOptions::default() };
    let old = config("old", &json!({"argocd.argoproj.io/sync-options": "Prune=confirm"}));
    let mut run = run(&[config("new", &json!({}))], options);
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[old]), NOW);
    assert_eq!(requests(&check), ["dry-run apply new"]);
    let end = answer(&mut run, &check, &[]);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Succeeded, .. }]), "{end:?}");
    let codes: Vec<_> = run.results().filter_map(|result| result.status).collect();
    assert_eq!(codes, [ResultCode::Synced, ResultCode::Pruned]);
}

#[test]
fn prunes_are_mirrored_anew_in_every_step() {
    let options = SyncOptions { prune: true, ..SyncOptions::default() };
    let mut live: Vec<Value> =
        ["0", "1", "3", "4"].iter().map(|text| wave(&format!("p{text}"), text)).collect();
    let mut run = run(&[wave("kept", "2")], options);
    let mut order = Vec::new();
    drop(run.step(Event::Start, NOW));
    let mut commands = run.step(observed(&live), NOW);
    for _ in 0..20 {
        if let [Command::Finish { .. }] = commands[..] {
            break;
        }
        let sent = requests(&commands);
        commands = match commands[..] {
            [Command::Delay { .. }] => run.step(Event::DelayOver, NOW),
            [Command::Wait { .. }] => run.step(observed(&live), NOW),
            _ => answer(&mut run, &commands, &[]),
        };
        for request in sent.iter().filter(|request| !request.starts_with("check")) {
            live.retain(|object| !request.ends_with(object["metadata"]["name"].as_str().unwrap()));
            order.push(request.clone());
        }
    }
    assert_eq!(order, ["prune p4", "prune p3", "prune p1", "prune p0", "apply kept"]);
}

#[test]
fn a_running_object_that_cannot_be_read_fails_with_the_reason() {
    let mut run = run(&[job("h", "PreSync"), config("a", &json!({}))], SyncOptions::default());
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    let apply = answer(&mut run, &check, &[]);
    drop(answer(&mut run, &apply, &[]));
    drop(run.step(Event::DelayOver, NOW));
    let mut observation = Observation::default();
    let id = ResourceId { namespace: "shop".to_owned(), ..ResourceId::of(&job("h", "PreSync")) };
    observation.unreadable.insert(id, "forbidden".to_owned());
    let end = run.step(Event::Observed(observation), NOW);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Failed, .. }]), "{end:?}");
    assert!(run.results().any(|result| result.message == "Failed to get live resource forbidden"));
}

#[test]
fn events_that_do_not_fit_change_nothing() {
    let mut run = run(&[config("a", &json!({}))], SyncOptions::default());
    assert!(run.step(observed(&[]), NOW).is_empty());
    assert!(run.step(Event::DelayOver, NOW).is_empty());
    let stray = Event::Answered { request: RequestId(7), answer: Answer::NotFound };
    assert!(run.step(stray, NOW).is_empty());
    assert_eq!(run.step(Event::Start, NOW), [Command::Observe]);
    assert!(run.step(Event::Start, NOW).is_empty());
}
