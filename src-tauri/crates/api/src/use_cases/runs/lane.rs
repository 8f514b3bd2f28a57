//! A lane that goes on: what is planned, what has come of it, and when.

use std::collections::BTreeMap;

use slipway_cluster::SyncEvent;
use slipway_model::{InstanceId, ResourceId};
use slipway_sync::{
    OperationPhase, PlannedPhase, PlannedTask, PlannedWave, ResultCode, RunResult, SyncPhase, TaskAction,
    lanes,
};

use crate::convert;
use crate::dto::*;

/// Things that happened in a run that are kept; the oldest go.
const EVENTS_KEPT: usize = 500;

/// Attempts of a lane that are kept besides the last one.
const ATTEMPTS_KEPT: usize = 20;

/// When a task began and ended.
#[derive(Clone, Copy)]
struct Times {
    started_at: i64,
    finished_at: Option<i64>,
    sequence: u32,
}

/// What is known of a lane that goes on.
pub(super) struct LaneState {
    position: usize,
    instance: InstanceId,
    phases: Vec<PlannedPhase>,
    results: BTreeMap<(ResourceId, SyncPhase), RunResult>,
    ended: Option<OperationPhase>,
    /// By phase and key of the task.
    times: BTreeMap<(String, String), Times>,
    attempt: u32,
    attempt_began: i64,
    before: Vec<LaneAttempt>,
}

impl LaneState {
    /// A lane that is planned and not begun.
    pub(super) fn new(position: usize, instance: InstanceId, phases: Vec<PlannedPhase>, now: i64) -> Self {
        Self {
            position,
            instance,
            phases,
            results: BTreeMap::new(),
            ended: None,
            times: BTreeMap::new(),
            attempt: 1,
            attempt_began: now,
            before: Vec::new(),
        }
    }

    /// Takes a fact of the sync.
    pub(super) fn take(&mut self, run: &mut RunInfo, event: SyncEvent, now: i64) {
        match event {
            SyncEvent::Planned(phases) => self.plan_again(phases),
            SyncEvent::Task(result) => {
                self.results.insert((result.resource.clone(), result.phase), result);
            }
            SyncEvent::Operation { message, .. } => run.message = Some(message),
            SyncEvent::Problem(problem) => {
                let text = problem.to_string();
                self.note(run, RunEventKind::Progress, "a problem", Some(text.clone()), now);
                run.message = Some(text);
            }
            SyncEvent::Retry { attempt, pause } => {
                self.begin_again(run, now);
                let text = format!("attempt {} begins in {} s", attempt + 1, pause.as_secs());
                self.note(run, RunEventKind::Progress, "failed and is tried again", Some(text), now);
            }
            SyncEvent::Health { resource, health } => {
                set_health(&mut run.health, &self.instance.to_string(), &resource, &health);
            }
        }
        self.draw(run, now);
    }

    /// Takes the end of the sync.
    pub(super) fn end(&mut self, run: &mut RunInfo, phase: OperationPhase, results: &[RunResult], now: i64) {
        self.ended = Some(phase);
        self.results
            .extend(results.iter().map(|result| ((result.resource.clone(), result.phase), result.clone())));
        self.draw(run, now);
    }

    /// Takes the end of a lane that never began: its own gate says why, and not those between its columns.
    pub(super) fn never_began(&mut self, run: &mut RunInfo, now: i64) {
        self.end(run, OperationPhase::Failed, &[], now);
        if let Some(lane) = run.lanes.get_mut(self.position) {
            lane.columns.iter_mut().for_each(|column| column.gate_text = None);
        }
    }

    /// Takes a newer plan. What has begun stays in it: a namespace that was made is no longer in the plan of a
    /// cluster that has it, and yet it was a task of this run. One that another lane made first, or that was there
    /// before, stays as well: it is done.
    fn plan_again(&mut self, mut phases: Vec<PlannedPhase>) {
        for phase in std::mem::take(&mut self.phases) {
            for wave in phase.waves {
                for task in wave.tasks {
                    let began = self.results.contains_key(&(task.resource.clone(), phase.phase));
                    let is_there = phases
                        .iter()
                        .filter(|each| each.phase == phase.phase)
                        .flat_map(|each| &each.waves)
                        .any(|each| each.tasks.iter().any(|other| other.resource == task.resource));
                    if is_there {
                        continue;
                    }
                    if began {
                        put_back(&mut phases, phase.phase, wave.wave, task);
                    } else if is_made_namespace(&task, phase.phase) {
                        let result = found_there(&task, phase.phase, wave.wave);
                        self.results.insert((task.resource.clone(), phase.phase), result);
                        put_back(&mut phases, phase.phase, wave.wave, task);
                    }
                }
            }
        }
        self.phases = phases;
    }

    /// Keeps the attempt as it is, and begins with nothing done.
    fn begin_again(&mut self, run: &RunInfo, now: i64) {
        if let Some(lane) = run.lanes.get(self.position) {
            self.before.push(LaneAttempt {
                number: self.attempt,
                started_at: self.attempt_began,
                finished_at: now,
                message: run.message.clone(),
                columns: lane.columns.clone(),
            });
            if self.before.len() > ATTEMPTS_KEPT {
                self.before.remove(0);
            }
        }
        self.attempt += 1;
        self.attempt_began = now;
        self.results.clear();
        self.times.clear();
    }

    /// Puts the lane into the run as it stands.
    pub(super) fn draw(&mut self, run: &mut RunInfo, now: i64) {
        let inner = lanes::lane(&self.instance, &self.phases, self.results.values(), self.ended);
        let Some(lane) = run.lanes.get_mut(self.position) else { return };
        let mut drawn = convert::lane(&inner, lane.phase, lane.message.take());
        drawn.attempt = Some(self.attempt);
        drawn.attempts.clone_from(&self.before);
        drawn.waits_for = std::mem::take(&mut lane.waits_for);
        let mut next = 1 + run
            .lanes
            .iter()
            .flat_map(|lane| &lane.columns)
            .flat_map(|column| &column.tasks)
            .filter_map(|task| task.sequence)
            .max()
            .unwrap_or_default();
        let mut told = Vec::new();
        for column in &mut drawn.columns {
            let all_were_over = self.is_over(column);
            for task in &mut column.tasks {
                let key = (column.phase.clone(), task.key.clone());
                if matches!(task.status, TaskStatus::Waiting | TaskStatus::WillNotStart) {
                    continue;
                }
                let is_new_failure = task.status == TaskStatus::Failed
                    && self.times.get(&key).is_none_or(|times| times.finished_at.is_none());
                let times = self.times.entry(key).or_insert_with(|| {
                    next += 1;
                    Times { started_at: now, finished_at: None, sequence: next - 1 }
                });
                if task.status == TaskStatus::InProgress {
                    times.finished_at = None;
                } else {
                    times.finished_at.get_or_insert(now);
                }
                task.started_at = Some(times.started_at);
                task.finished_at = times.finished_at;
                task.sequence = Some(times.sequence);
                if is_new_failure {
                    told.push((
                        RunEventKind::Failed,
                        format!("{} {} failed", task.resource.kind, task.resource.name),
                        task.message.clone(),
                    ));
                }
            }
            let failed = column.tasks.iter().any(|task| task.status == TaskStatus::Failed);
            if !all_were_over && !failed && self.is_over(column) {
                let title = format!("{} wave {} done", column.phase, column.wave);
                let count = column.tasks.len();
                let text = if count == 1 { "1 resource".to_owned() } else { format!("{count} resources") };
                told.push((RunEventKind::Finished, title, Some(text)));
            }
        }
        if let Some(lane) = run.lanes.get_mut(self.position) {
            *lane = drawn;
        }
        for (kind, title, text) in told {
            self.note(run, kind, &title, text, now);
        }
    }

    /// Whether every task of a column has ended.
    fn is_over(&self, column: &LaneColumn) -> bool {
        column.tasks.iter().all(|task| {
            let key = (column.phase.clone(), task.key.clone());
            self.times.get(&key).is_some_and(|times| times.finished_at.is_some())
        })
    }

    fn note(&self, run: &mut RunInfo, kind: RunEventKind, title: &str, text: Option<String>, now: i64) {
        note(run, kind, Some(&self.instance.to_string()), title, text, now);
    }
}

/// Whether a task makes the namespace that a sync goes to.
fn is_made_namespace(task: &PlannedTask, phase: SyncPhase) -> bool {
    phase == SyncPhase::PreSync
        && task.action != TaskAction::Prune
        && task.hook_types.is_empty()
        && task.resource.group.is_empty()
        && task.resource.kind == "Namespace"
}

/// The result of a task that has nothing to do any more.
fn found_there(task: &PlannedTask, phase: SyncPhase, wave: i64) -> RunResult {
    RunResult {
        id: task.resource.clone(),
        resource: task.resource.clone(),
        phase,
        wave,
        action: task.action,
        is_hook: false,
        status: Some(ResultCode::Synced),
        state: Some(OperationPhase::Succeeded),
        message: "it was there already".to_owned(),
    }
}

/// Puts a task where it was: in its phase and wave, before what is there.
fn put_back(phases: &mut Vec<PlannedPhase>, phase: SyncPhase, wave: i64, task: PlannedTask) {
    let at = phases.partition_point(|each| each.phase < phase);
    if phases.get(at).is_none_or(|each| each.phase != phase) {
        phases.insert(at, PlannedPhase { phase, waves: Vec::new() });
    }
    let Some(found) = phases.get_mut(at) else { return };
    let at = found.waves.partition_point(|each| each.wave < wave);
    if found.waves.get(at).is_none_or(|each| each.wave != wave) {
        found.waves.insert(at, PlannedWave { wave, tasks: Vec::new() });
    }
    if let Some(found) = found.waves.get_mut(at) {
        found.tasks.insert(0, task);
    }
}

/// Tells that something happened.
pub(super) fn note(
    run: &mut RunInfo,
    kind: RunEventKind,
    instance: Option<&str>,
    title: &str,
    text: Option<String>,
    now: i64,
) {
    let sequence = run.events.last().map_or(1, |last| last.sequence + 1);
    let title = match instance {
        Some(instance) => format!("{instance}: {title}"),
        None => title.to_owned(),
    };
    let instance = instance.map(ToOwned::to_owned);
    run.events.push(RunEvent { sequence, at: now, kind, instance, title, text });
    if run.events.len() > EVENTS_KEPT {
        run.events.remove(0);
    }
}

pub(super) fn set_health(
    all: &mut Vec<ResourceHealth>,
    instance: &str,
    resource: &ResourceId,
    health: &slipway_sync::Health,
) {
    let known = ResourceHealth {
        instance: instance.to_owned(),
        resource: convert::resource(resource),
        status: health.status.as_str().to_owned(),
        message: (!health.message.is_empty()).then(|| health.message.clone()),
    };
    match all.iter_mut().find(|each| each.instance == known.instance && each.resource == known.resource) {
        Some(each) => *each = known,
        None => all.push(known),
    }
}

pub(super) fn empty_lane(id: &InstanceId) -> Lane {
    Lane {
        instance: id.to_string(),
        application: id.application.to_string(),
        environment: id.environment.to_string(),
        columns: Vec::new(),
        message: None,
        phase: RunPhase::Planned,
        attempt: None,
        attempts: Vec::new(),
        waits_for: Vec::new(),
    }
}
