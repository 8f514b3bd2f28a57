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

#[test]
fn a_dry_run_of_several_waves_ends_where_a_kind_comes_with_the_sync() {
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget"}, "versions": [{"name": "v1"}]}});
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    let options = SyncOptions { dry_run: true, ..SyncOptions::default() };
    let mut run = run(&[definition, widget, wave("later", "1")], options);
    drop(run.step(Event::Start, NOW));
    let check = run.step(observed(&[]), NOW);
    assert_eq!(requests(&check), ["dry-run apply widgets.example.com", "dry-run apply later"]);
    let end = answer(&mut run, &check, &[]);
    assert!(matches!(end[..], [Command::Finish { phase: OperationPhase::Succeeded, .. }]), "{end:?}");
    assert_eq!(run.results().count(), 3);
}

/// Numbers without meaning, the same in every run (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Plays a run against a cluster that does anything at any time; how many steps it took to end.
fn play_anything(numbers: &mut Numbers) -> usize {
    let phases = ["PreSync", "Sync", "PostSync", "SyncFail", "PreSync,PostSync", "Skip"];
    let mut objects: Vec<Value> = (0..8)
        .map(|index| {
            let mut object = if numbers.below(2) == 0 {
                job(&format!("o{index}"), phases[usize::try_from(numbers.below(6)).unwrap()])
            } else {
                wave(&format!("o{index}"), &format!("{}", numbers.below(5)))
            };
            let policies = ["HookSucceeded", "HookFailed", "BeforeHookCreation", ""];
            object["metadata"]["annotations"]["argocd.argoproj.io/hook-delete-policy"] =
                json!(policies[usize::try_from(numbers.below(4)).unwrap()]);
            object
        })
        .collect();
    let kept = usize::try_from(numbers.below(9)).unwrap();
    let options = SyncOptions {
        prune: numbers.below(2) == 0,
        dry_run: numbers.below(8) == 0,
        replace: numbers.below(4) == 0,
        ..SyncOptions::default()
    };
    let mut run = run(&objects[..kept], options);
    let mut queue = run.step(Event::Start, NOW);
    for step in 0..400 {
        let Some(command) = queue.pop() else { panic!("the run asks for nothing: {:?}", run.status()) };
        // After a while the cluster behaves, so that everything comes to an end.
        let wild = step < 200;
        if wild && numbers.below(40) == 0 {
            queue.extend(run.step(Event::Terminate, NOW));
        }
        let more = match command {
            Command::Finish { .. } => return step,
            Command::Delay { .. } => run.step(Event::DelayOver, NOW),
            Command::Send(request) => {
                let answer = match numbers.below(if wild { 6 } else { 1 }) {
                    4 => Answer::Failed("no".to_owned()),
                    5 => Answer::NotFound,
                    _ => Answer::Done(String::new()),
                };
                run.step(Event::Answered { request: request.id, answer }, NOW)
            }
            Command::Observe | Command::Wait { .. } => {
                for object in &mut objects {
                    let done =
                        if wild && numbers.below(3) > 0 { json!([]) } else { json!([{"type": "Complete"}]) };
                    object["status"] = json!({"conditions": done});
                    object["metadata"]["finalizers"] = if wild && numbers.below(2) == 0 {
                        json!(["argocd.argoproj.io/hook-finalizer"])
                    } else {
                        json!([])
                    };
                }
                let seen: Vec<Value> =
                    objects.iter().filter(|_| wild && numbers.below(2) == 0).cloned().collect();
                run.step(observed(&seen), NOW)
            }
        };
        queue.extend(more);
    }
    panic!("the run does not end: {:?}", run.status());
}

#[test]
fn a_run_ends_whatever_the_cluster_does() {
    let mut numbers = Numbers(7);
    for _ in 0..500 {
        play_anything(&mut numbers);
    }
}
