//! A sync as a state machine.
//!
//! [`Run::step`] takes an event and returns commands; it never blocks, reads no clock and speaks to no API.
//! A step of Argo CD's engine begins with an observation and ends in waiting for the next one or in the end
//! of the run; the requests in between are made in batches, each answered before the next begins. Nothing but
//! the results of tasks is kept from step to step: tasks are built anew from every observation.
//!
//! Where each rule is written: `wave` runs a set of tasks, `step` is what a step decides, `terminate` ends a
//! run early, `message` holds the words.

mod command;
mod message;
mod step;
mod terminate;
mod wave;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::ResourceId;

pub use command::{Answer, Command, Event, Request, RequestAction, RequestId, RequestMode};

use crate::hook::SyncPhase;
use crate::options::SyncOptions;
use crate::plan::{self, PlannedPhase};
use crate::tasks::{Desired, OperationPhase, ResultCode, Task, TaskAction, TaskState};
use crate::time::Time;

use step::Step;
use wave::TaskSet;

/// How long Argo CD lets controllers take up a wave before it looks at their health.
pub const WAVE_DELAY: Duration = Duration::from_secs(2);

/// The result of a task as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// The object, with the namespace that the sync filled in.
    pub id: ResourceId,
    /// The object as the cluster knows it.
    pub resource: ResourceId,
    /// The phase of its task.
    pub phase: SyncPhase,
    /// The wave of its task.
    pub wave: i64,
    /// What the task does.
    pub action: TaskAction,
    /// Whether it is a hook.
    pub is_hook: bool,
    /// What came of the request.
    pub status: Option<ResultCode>,
    /// How far the task is.
    pub state: Option<OperationPhase>,
    /// Why.
    pub message: String,
}

/// A sync of one instance, from its first look at the cluster to its end.
#[derive(Clone, Debug)]
pub struct Run {
    desired: Desired,
    wave_delay: Duration,
    states: BTreeMap<(ResourceId, SyncPhase), TaskState>,
    results: BTreeMap<(ResourceId, SyncPhase), RunResult>,
    news: Vec<RunResult>,
    tasks: Vec<Task>,
    status: (OperationPhase, String),
    stage: Stage,
    outstanding: BTreeMap<RequestId, (usize, Purpose)>,
    next_request: u64,
    /// Tasks whose objects were written in this step: they are there, though the observation is older.
    written: BTreeSet<usize>,
    /// Tasks that hold up the wave of this step.
    held_up: Vec<usize>,
    /// Somebody asked to stop.
    stop: bool,
    /// A hook could not be ended.
    termination_failed: bool,
}

/// Where a run is.
#[derive(Clone, Debug)]
enum Stage {
    /// `Start` has not come yet.
    New,
    /// Waits for an observation.
    Observing,
    /// A set of tasks is being run.
    Running(TaskSet, Then),
    /// Hooks are being dealt with one after the other.
    OneByOne(VecDeque<Job>, Then),
    /// Waits for the delay after a wave to pass.
    Delaying(Then),
    /// Over.
    Finished,
}

/// What a step does when a stage is through. Holds what the rest of the step needs to know.
#[derive(Clone, Debug)]
enum Then {
    /// The namespace was created, or not.
    Check { without: usize },
    /// Everything was checked.
    Refresh,
    /// The finalizers of completed hooks are off.
    Decide,
    /// A wave ran.
    Judge(Step),
    /// The delay after a wave that did not fail has passed.
    Conclude(Step, wave::Outcome),
    /// Hooks that go after a failure are gone; now the failure is dealt with.
    RunSyncFail(Step),
    /// The hooks of the phase SyncFail were started.
    SyncFailStarted(Vec<usize>, step::AfterSyncFail),
    /// Hooks that go after a success are gone.
    Succeed(&'static str),
    /// The step is over.
    EndStep,
    /// The finalizers of completed hooks are off; now the running hooks are ended.
    EndHooks,
    /// All hooks were ended.
    Terminated,
}

/// What is done to one hook outside of a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    /// Takes off the finalizer.
    RemoveFinalizer(usize),
    /// Deletes the hook.
    Delete(usize),
    /// Takes off the finalizer of a hook that is ended.
    End(usize),
    /// Deletes a hook that is ended.
    EndByDeletion(usize),
}

/// Why a request was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    StaleFinalizer,
    Prune,
    HookBeforeCreation,
    Write {
        dry: bool,
    },
    /// The first job of the queue.
    OneByOne,
}

impl Run {
    /// A run that has not begun. `wave_delay` passes after every wave but the last ([`WAVE_DELAY`] in Argo CD).
    #[must_use = "a run does nothing until `Event::Start`"]
    pub fn new(desired: Desired, wave_delay: Duration) -> Self {
        Self {
            desired,
            wave_delay,
            states: BTreeMap::new(),
            results: BTreeMap::new(),
            news: Vec::new(),
            tasks: Vec::new(),
            status: (OperationPhase::Running, String::new()),
            stage: Stage::New,
            outstanding: BTreeMap::new(),
            next_request: 0,
            written: BTreeSet::new(),
            held_up: Vec::new(),
            stop: false,
            termination_failed: false,
        }
    }

    /// What the run works on.
    #[must_use]
    pub fn desired(&self) -> &Desired {
        &self.desired
    }

    /// How far the operation is, and why.
    #[must_use]
    pub fn status(&self) -> (OperationPhase, &str) {
        (self.status.0, &self.status.1)
    }

    /// The tasks as the last observation showed them, in the order in which they run.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Whether a wave is held up until somebody confirms what is pruned.
    #[must_use]
    pub fn awaits_confirmation(&self) -> bool {
        matches!(self.stage, Stage::Observing)
            && !self.options().prune_confirmed
            && self.held_up.iter().any(|index| self.tasks[*index].needs_confirmation(self.options()))
    }

    /// The same as phases and waves.
    #[must_use]
    pub fn phases(&self) -> Vec<PlannedPhase> {
        plan::phases_of(&self.tasks, self.options(), true)
    }

    /// The results so far, by object and phase.
    pub fn results(&self) -> impl Iterator<Item = &RunResult> {
        self.results.values()
    }

    /// The results that are new or changed since the last call, in the order of their changes.
    #[must_use = "each result is told once"]
    pub fn take_news(&mut self) -> Vec<RunResult> {
        std::mem::take(&mut self.news)
    }

    fn options(&self) -> &SyncOptions {
        &self.desired.options
    }

    /// Takes in an event and says what to do next. An event that does not fit (an answer nobody waits for, an
    /// observation nobody asked for) changes nothing.
    #[must_use = "the commands are what happens next"]
    pub fn step(&mut self, event: Event, now: Time) -> Vec<Command> {
        match event {
            Event::Start => {
                if matches!(self.stage, Stage::New) {
                    self.stage = Stage::Observing;
                    return vec![Command::Observe];
                }
            }
            Event::Observed(observation) => {
                if matches!(self.stage, Stage::Observing) {
                    let first = self.observed(&observation);
                    return self.proceed(first, now);
                }
            }
            Event::Answered { request, answer } => return self.answered(request, answer, now),
            Event::DelayOver => {
                if matches!(self.stage, Stage::Delaying(_)) {
                    return self.advance(now);
                }
            }
            Event::PruneConfirmed => {
                self.desired.options.prune_confirmed = true;
                if matches!(self.stage, Stage::Observing) {
                    return vec![Command::Observe];
                }
            }
            Event::Terminate => return self.terminate(),
        }
        Vec::new()
    }

    fn answered(&mut self, request: RequestId, answer: Answer, now: Time) -> Vec<Command> {
        let Some((task, purpose)) = self.outstanding.remove(&request) else { return Vec::new() };
        match std::mem::replace(&mut self.stage, Stage::Observing) {
            Stage::Running(mut set, then) => {
                self.answered_in_set(&mut set, task, purpose, answer);
                self.stage = Stage::Running(set, then);
            }
            Stage::OneByOne(mut queue, then) => {
                if let Some(job) = queue.pop_front() {
                    let more = self.answered_job(job, answer);
                    put_first(&mut queue, more);
                }
                self.stage = Stage::OneByOne(queue, then);
            }
            other => self.stage = other,
        }
        if self.outstanding.is_empty() { self.advance(now) } else { Vec::new() }
    }

    /// Goes on from a stage whose requests are all answered.
    fn advance(&mut self, now: Time) -> Vec<Command> {
        if self.stop && !self.is_terminating() && !matches!(self.stage, Stage::Finished) {
            // The step is given up between two batches; the next look at the cluster ends the hooks.
            self.stage = Stage::Observing;
            return vec![Command::Observe];
        }
        match std::mem::replace(&mut self.stage, Stage::Observing) {
            Stage::Running(set, then) => self.proceed(Next::Run(set, then), now),
            Stage::OneByOne(queue, then) => self.proceed(Next::Each(queue, then), now),
            Stage::Delaying(then) => {
                let next = self.follow(then, None, now);
                self.proceed(next, now)
            }
            other => {
                self.stage = other;
                Vec::new()
            }
        }
    }

    /// Follows a step until it has something to ask for.
    fn proceed(&mut self, mut next: Next, now: Time) -> Vec<Command> {
        loop {
            match next {
                Next::Run(mut set, then) => {
                    let commands = self.next_requests(&mut set);
                    if !commands.is_empty() {
                        self.stage = Stage::Running(set, then);
                        return commands;
                    }
                    next = self.follow(then, Some(set.outcome), now);
                }
                Next::Each(mut queue, then) => match queue.front().copied() {
                    None => next = self.follow(then, None, now),
                    Some(job) => match self.job_request(job) {
                        Some(command) => {
                            self.stage = Stage::OneByOne(queue, then);
                            return vec![command];
                        }
                        None => {
                            queue.pop_front();
                            let more = self.answered_job(job, Answer::Done(String::new()));
                            put_first(&mut queue, more);
                            next = Next::Each(queue, then);
                        }
                    },
                },
                Next::Delay(command, then) => {
                    self.stage = Stage::Delaying(then);
                    return vec![command];
                }
                Next::End => {
                    let (phase, message) = self.status.clone();
                    if phase.is_completed() {
                        self.stage = Stage::Finished;
                        return vec![Command::Finish { phase, message }];
                    }
                    self.stage = Stage::Observing;
                    return vec![Command::Wait { reason: message }];
                }
            }
        }
    }

    /// Makes a request. `None` where the task has no object, which no task has.
    fn request(
        &mut self,
        task: usize,
        purpose: Purpose,
        action: RequestAction,
        mode: RequestMode,
    ) -> Option<Command> {
        let subject = &self.tasks[task];
        let live: Option<Arc<Value>> = subject.live.as_ref().map(|live| Arc::clone(&live.object));
        let object = match action {
            RequestAction::Prune(_) | RequestAction::DeleteHook(_) | RequestAction::RemoveHookFinalizer => {
                live.clone().or_else(|| subject.target.clone())?
            }
            _ => subject.target.clone()?,
        };
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let resource = subject.address.clone();
        let version = subject.version.clone();
        self.outstanding.insert(id, (task, purpose));
        Some(Command::Send(Request { id, action, mode, resource, version, object, live }))
    }

    /// Keeps the result of a task. An empty message keeps the earlier one.
    fn set_result(
        &mut self,
        index: usize,
        status: Option<ResultCode>,
        state: Option<OperationPhase>,
        message: &str,
    ) {
        let options = &self.desired.options;
        let task = &mut self.tasks[index];
        task.state.status = status;
        task.state.phase = state;
        if !message.is_empty() {
            message.clone_into(&mut task.state.message);
        }
        let key = (task.id.clone(), task.phase);
        let known = self.results.get(&key);
        let result = RunResult {
            id: task.id.clone(),
            resource: task.address.clone(),
            phase: task.phase,
            wave: task.wave,
            // What a task does is said when it begins: afterwards its object is there.
            action: known.map_or_else(|| task.action(options), |known| known.action),
            is_hook: task.is_hook,
            status,
            state,
            message: task.state.message.clone(),
        };
        let changed = known.is_none_or(|known| {
            (known.status, known.state, &known.message) != (result.status, result.state, &result.message)
        });
        if changed {
            self.news.push(result.clone());
            self.states.insert(key.clone(), task.state.clone());
            self.results.insert(key, result);
        }
    }

    fn set_status(&mut self, phase: OperationPhase, message: impl Into<String>) {
        self.status = (phase, message.into());
    }
}

/// What follows a job comes before the next one.
fn put_first(queue: &mut VecDeque<Job>, more: Option<Job>) {
    if let Some(job) = more {
        queue.push_front(job);
    }
}

/// What comes next in a step.
#[derive(Debug)]
enum Next {
    /// Run a set of tasks.
    Run(TaskSet, Then),
    /// Deal with hooks one after the other.
    Each(VecDeque<Job>, Then),
    /// Let a moment pass.
    Delay(Command, Then),
    /// The step is over.
    End,
}
