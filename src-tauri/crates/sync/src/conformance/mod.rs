//! Answers conformance cases: recorded truth of Argo CD, put to this crate's own plan, run and health.
//!
//! A case comes in as JSON and goes out as JSON, in the shapes of the recorded data. The plan cases are played
//! by the very [`Run`](crate::Run) that a real cluster is synced with, against the simulated cluster of
//! `cluster`.

mod cluster;
mod script;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use slipway_model::ResourceId;

use crate::health;
use crate::hook::{self, HookType};
use crate::run::{Answer, Command, Event, Request, RequestAction, RequestMode, Run, RunResult, WAVE_DELAY};
use crate::tasks::{Desired, OperationPhase, Task};
use crate::time::Time;

use cluster::Cluster;
use script::Case;

/// The health of the object of a case: `{"id","status","message"}`, `status` being `null` where no rule
/// applies. Overrides by script are not run: such a case is answered by the built-in rule.
#[must_use]
pub fn health(case: &Value) -> Value {
    let judged = case.get("object").and_then(health::assess);
    json!({
        "id": case.get("id"),
        "status": judged.as_ref().map(|health| health.status.as_str()),
        "message": judged.map(|health| health.message).unwrap_or_default(),
    })
}

/// The plan and the whole course of a case:
/// `{"id","valid","tasks","steps","phase","message","results","cluster"}`. A case that cannot be read is
/// answered by `{"id","error"}`.
#[must_use]
pub fn plan(case: &Value) -> Value {
    match Case::read(case) {
        Ok(read) => {
            let mut answer = play(&read);
            answer.insert("id".to_owned(), case.get("id").cloned().unwrap_or_default());
            Value::Object(answer)
        }
        Err(reason) => json!({"id": case.get("id"), "error": reason}),
    }
}

fn play(case: &Case) -> Map<String, Value> {
    let mut cluster = Cluster::new(case);
    let desired = Desired::new(case.targets.iter(), case.options.clone());
    let first = desired.tasks(&cluster.observe(), &BTreeMap::new());
    let mut run = Run::new(desired, WAVE_DELAY);
    let mut now = case.options.started_at;
    let mut steps = Vec::new();
    let mut commands = run.step(Event::Start, now);
    for number in 1..=case.script.max_steps {
        if case.script.confirm_at_step == Some(number) {
            drop(run.step(Event::PruneConfirmed, now));
        }
        if case.script.terminate_at_step == Some(number) {
            commands = run.step(Event::Terminate, now);
        }
        // A step begins with the only thing a run asks for between steps: a look at the cluster.
        if !matches!(commands.as_slice(), [Command::Observe | Command::Wait { .. }]) {
            break;
        }
        let begun = run.step(Event::Observed(cluster.observe()), now);
        let (record, rest) = play_step(&mut run, &mut cluster, begun, &mut now);
        steps.push(record);
        commands = rest;
        cluster.tick();
        now = now + Duration::from_secs(1);
    }
    let (phase, message) = run.status();
    let mut answer = Map::new();
    answer.insert("valid".to_owned(), json!(first.valid));
    answer.insert("tasks".to_owned(), first.tasks.iter().map(task_json).collect());
    answer.insert("steps".to_owned(), Value::Array(steps));
    answer.insert("phase".to_owned(), json!(phase.as_str()));
    answer.insert("message".to_owned(), json!(message));
    answer.insert("results".to_owned(), run.results().map(result_json).collect());
    answer.insert("cluster".to_owned(), cluster.keys().map(|id| json!(key_of(id))).collect());
    answer
}

/// Carries out commands until the run waits or ends; what it did, and the command that ended it.
fn play_step(
    run: &mut Run,
    cluster: &mut Cluster,
    begun: Vec<Command>,
    now: &mut Time,
) -> (Value, Vec<Command>) {
    let (mut checks, mut batches, mut delay) = (Vec::new(), Vec::new(), None);
    let mut commands = begun;
    loop {
        let mut batch = Vec::new();
        let mut events = VecDeque::new();
        for command in &commands {
            match command {
                Command::Send(request) if request.mode == RequestMode::Run => {
                    batch.push(json!(request_text(request)));
                    events.push_back(answer_event(request, cluster.answer(request)));
                }
                Command::Send(request) => {
                    checks.push(json!(request_text(request)));
                    events.push_back(answer_event(request, cluster.check(request)));
                }
                Command::Delay { phase, wave, last, until } => {
                    delay = Some(format!("{phase}/{wave} final={last}"));
                    *now = (*now).max(*until);
                    events.push_back(Event::DelayOver);
                }
                Command::Observe | Command::Wait { .. } | Command::Finish { .. } => {}
            }
        }
        if !batch.is_empty() {
            batches.push(Value::Array(batch));
        }
        if events.is_empty() {
            break;
        }
        commands = events.into_iter().flat_map(|event| run.step(event, *now)).collect();
    }
    let (phase, message) = run.status();
    let mut record = json!({"batches": batches, "phase": phase.as_str(), "message": message});
    if !checks.is_empty() {
        record["dryRun"] = Value::Array(checks);
    }
    if let Some(delay) = delay {
        record["waveDelay"] = json!(delay);
    }
    (record, commands)
}

fn answer_event(request: &Request, answer: Answer) -> Event {
    Event::Answered { request: request.id, answer }
}

/// `group/kind/namespace/name`.
fn key_of(id: &ResourceId) -> String {
    format!("{}/{}/{}/{}", id.group, id.kind, id.namespace, id.name)
}

fn request_text(request: &Request) -> String {
    let key = key_of(&request.resource);
    let (verb, flags): (&str, Vec<&str>) = match request.action {
        RequestAction::Apply { server_side, force, validate } => {
            let flags = [("force", force), ("novalidate", !validate), ("serverSide", server_side)];
            ("apply", flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).collect())
        }
        RequestAction::Create { validate } => ("create", if validate { vec![] } else { vec!["novalidate"] }),
        RequestAction::Replace { force } => ("replace", if force { vec!["force"] } else { vec![] }),
        RequestAction::Update => ("update", vec![]),
        RequestAction::Prune(policy) => return format!("prune {key} ({})", policy.as_str()),
        RequestAction::DeleteHook(policy) => return format!("delete {key} ({})", policy.as_str()),
        RequestAction::RemoveHookFinalizer => return format!("removeHookFinalizer {key}"),
    };
    if flags.is_empty() || request.mode != RequestMode::Run {
        format!("{verb} {key}")
    } else {
        format!("{verb} {key} [{}]", flags.join(","))
    }
}

fn task_json(task: &Task) -> Value {
    // The engine that was recorded does not know hooks of a deletion.
    let types: Vec<HookType> = match task.object() {
        Some(object) if task.is_hook => hook::recognised(object)
            .into_iter()
            .filter(|hook_type| hook_type.phase().is_some() || *hook_type == HookType::Skip)
            .collect(),
        _ => Vec::new(),
    };
    json!({
        "phase": task.phase, "wave": task.wave,
        "group": task.id.group, "kind": task.id.kind, "namespace": task.id.namespace, "name": task.id.name,
        "isPrune": task.is_prune(), "isHook": task.is_hook, "skipDryRun": task.skip_dry_run,
        "hookTypes": types, "hookDeletePolicies": task.delete_policies, "hasLive": task.live.is_some(),
    })
}

fn result_json(result: &RunResult) -> Value {
    json!({
        "key": key_of(&result.id),
        "syncPhase": result.phase,
        "status": result.status.map(crate::ResultCode::as_str).unwrap_or_default(),
        "hookPhase": result.state.map(OperationPhase::as_str).unwrap_or_default(),
        "hookType": if result.is_hook { result.phase.as_str() } else { "" },
        "message": result.message,
    })
}

/// An object of a case, shared.
fn shared(objects: &[Value]) -> Vec<Arc<Value>> {
    objects.iter().cloned().map(Arc::new).collect()
}
