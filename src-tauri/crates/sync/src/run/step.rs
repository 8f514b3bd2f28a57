//! What a step of a run decides, from an observation to waiting or to the end.
//!
//! Rules: `Sync` of `gitops-engine/pkg/sync/sync_context.go`, with what real runs of Argo CD showed.

use std::collections::VecDeque;

use crate::annotations::HOOK_FINALIZER;
use crate::health::HealthStatus;
use crate::hook::{HookDeletePolicy, SyncPhase};
use crate::tasks::{Live, Observation, OperationPhase, ResultCode, Task};
use crate::time::Time;

use super::command::{Answer, Command, RequestAction, RequestMode};
use super::message::{waiting_for, with_reasons};
use super::wave::{Outcome, TaskSet, delete_failure, has_hook_finalizer, update_failure};
use super::{Job, Next, Purpose, Run, Then};

const UNSUCCESSFUL: &str = "one or more synchronization tasks completed unsuccessfully";
const NOT_APPLIED: &str = "one or more objects failed to apply";

/// What the rest of a step needs to know; positions are those of the tasks of the step.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// Hooks of the phase SyncFail.
    sync_fail: Vec<usize>,
    /// The wave that runs.
    wave: Vec<usize>,
    /// Whether tasks of later waves are pending.
    remaining: bool,
    /// Hooks that go when the sync succeeds.
    go_after_success: Vec<usize>,
    /// Hooks that go when it fails.
    go_after_failure: Vec<usize>,
}

/// Who asked for the hooks of the phase SyncFail, and goes on when they have been started or are over.
#[derive(Clone, Debug)]
pub(super) enum AfterSyncFail {
    /// A task was found unsuccessful; nothing is left to do.
    Nothing,
    /// A wave failed while other tasks of it are running: they are waited for.
    WaitFor { running: Vec<usize>, sync_fail: Vec<usize> },
    /// A wave failed and nothing runs: hooks go.
    DeleteHooks(Vec<usize>),
}

impl Run {
    /// Begins a step: builds the tasks and decides what comes first.
    pub(super) fn observed(&mut self, observation: &Observation) -> Next {
        let list = self.desired.tasks(observation, &self.states);
        self.tasks = list.tasks;
        self.written.clear();
        self.held_up.clear();
        for index in 0..self.tasks.len() {
            self.note_problem_of(index, observation);
        }
        if self.stop {
            return self.begin_termination();
        }
        if !list.valid {
            let mut reasons: Vec<&str> = self
                .results
                .values()
                .filter(|result| result.status == Some(ResultCode::SyncFailed) && !result.message.is_empty())
                .map(|result| result.message.as_str())
                .collect();
            reasons.sort_unstable();
            reasons.dedup();
            let message = "one or more synchronization tasks are not valid";
            let message = if reasons.is_empty() {
                message.to_owned()
            } else {
                format!("{message}: {}", reasons.join("; "))
            };
            self.set_status(OperationPhase::Failed, message);
            return Next::End;
        }
        if !self.results.is_empty() {
            return self.refresh();
        }
        // The namespace is made before anything is checked: many checks fail without it.
        match self.namespace_to_create() {
            Some(task) => Next::Run(TaskSet::new(vec![task], false), Then::Check { without: task }),
            None => self.check(None),
        }
    }

    /// Puts down what already stands against a task: its kind cannot be used, or its object, which is waited
    /// for, cannot be read.
    fn note_problem_of(&mut self, index: usize, observation: &Observation) {
        let task = &self.tasks[index];
        if task.state.status == Some(ResultCode::SyncFailed)
            && !self.results.contains_key(&(task.id.clone(), task.phase))
        {
            let state = task.state.clone();
            self.set_result(index, state.status, state.phase, &state.message);
            return;
        }
        if task.is_running()
            && task.live.is_none()
            && let Some(reason) = observation.unreadable.get(&task.address)
        {
            let (status, reason) = (task.state.status, format!("Failed to get live resource {reason}"));
            self.set_result(index, status, Some(OperationPhase::Error), &reason);
        }
    }

    fn namespace_to_create(&self) -> Option<usize> {
        let namespace = &self.options().namespace;
        self.tasks.iter().position(|task| {
            task.live.is_none()
                && task.target.is_some()
                && task.id.group.is_empty()
                && task.id.kind == "Namespace"
                && task.id.name == *namespace
        })
    }

    /// Checks everything before the first wave.
    fn check(&self, without: Option<usize>) -> Next {
        let tasks = (0..self.tasks.len())
            .filter(|index| Some(*index) != without && self.differs(&self.tasks[*index]))
            .collect();
        Next::Run(TaskSet::new(tasks, true), Then::Refresh)
    }

    /// False for what `ApplyOutOfSyncOnly` leaves out: plain objects that are as they should be.
    fn differs(&self, task: &Task) -> bool {
        let options = self.options();
        !(options.apply_out_of_sync_only
            && !task.is_hook
            && task.target.is_some()
            && task.live.is_some()
            && (options.unmodified.contains(&task.address) || options.unmodified.contains(&task.id)))
    }

    /// Goes on after a stage.
    pub(super) fn follow(&mut self, then: Then, outcome: Option<Outcome>, now: Time) -> Next {
        let outcome = outcome.unwrap_or(Outcome::Successful);
        match then {
            Then::Check { without } if outcome == Outcome::Failed => {
                let message = with_reasons("the namespace failed to apply", &[&self.tasks[without]]);
                self.set_status(OperationPhase::Failed, message);
                Next::End
            }
            Then::Check { without } => self.check(Some(without)),
            Then::Refresh if outcome == Outcome::Failed => {
                self.set_status(OperationPhase::Failed, format!("{NOT_APPLIED} (dry run)"));
                Next::End
            }
            Then::Refresh => self.refresh(),
            Then::Decide => self.decide(),
            Then::Judge(step) if outcome == Outcome::Failed => self.conclude(step, outcome),
            Then::Judge(step) => self.delay(step, outcome, now),
            Then::Conclude(step, outcome) => self.conclude(step, outcome),
            Then::RunSyncFail(step) => {
                let failed = self.failed_to_apply(|task| task.phase != SyncPhase::SyncFail);
                self.sync_fail(&step.sync_fail, &failed, UNSUCCESSFUL, AfterSyncFail::Nothing)
            }
            Then::SyncFailStarted(started, after) => {
                self.wait_for(&started, false);
                self.after_sync_fail(after, false)
            }
            Then::Succeed(message) => {
                self.set_status(OperationPhase::Succeeded, message);
                Next::End
            }
            Then::EndStep => Next::End,
            Then::EndHooks => self.end_hooks(),
            Then::Terminated => self.terminated(),
        }
    }

    /// Reads off the live objects how running tasks are doing, and waits where that is not settled.
    fn refresh(&mut self) -> Next {
        for index in 0..self.tasks.len() {
            let task = &self.tasks[index];
            let Some(live) = task.live.clone().filter(|_| task.is_running()) else { continue };
            let status = task.state.status;
            if task.is_hook {
                match hook_state(&live) {
                    Ok((state, message)) => self.set_result(index, status, Some(state), &message),
                    Err(reason) => {
                        let message = format!("failed to get resource health: {reason}");
                        self.set_result(index, status, Some(OperationPhase::Error), &message);
                    }
                }
                continue;
            }
            // An object that cannot be judged stays running, as upstream: the next look may judge it.
            let Ok(health) = &live.health else { continue };
            match health {
                None => self.set_result(index, status, Some(OperationPhase::Succeeded), ""),
                Some(health) => match health.status {
                    HealthStatus::Healthy => {
                        self.set_result(index, status, Some(OperationPhase::Succeeded), &health.message);
                    }
                    HealthStatus::Degraded => {
                        self.set_result(index, status, Some(OperationPhase::Failed), &health.message);
                    }
                    _ => {}
                },
            }
        }
        let place = |task: &Task| (task.phase, task.wave);
        let several = self.tasks.first().map(place) != self.tasks.last().map(place);
        let running = self.positions(|task| task.is_running() && (several || task.is_hook));
        if !running.is_empty() {
            for index in &running {
                let task = &self.tasks[*index];
                if task.live.is_none() && !self.written.contains(index) {
                    let id = &task.id;
                    let message = format!(
                        "Resource {}/{}/{} is missing, it might have been deleted",
                        id.group, id.kind, id.name
                    );
                    self.set_result(
                        *index,
                        Some(ResultCode::SyncFailed),
                        Some(OperationPhase::Error),
                        &message,
                    );
                }
            }
            self.wait_for(&running, false);
            return Next::End;
        }
        let going = self.positions(|task| {
            task.state.status == Some(ResultCode::Pruned)
                && task.live.as_ref().is_some_and(|live| crate::annotations::is_terminating(&live.object))
        });
        if !going.is_empty() {
            self.wait_for(&going, true);
            return Next::End;
        }
        let completed = self.positions(|task| task.is_hook && task.is_completed());
        Next::Each(completed.into_iter().map(Job::RemoveFinalizer).collect(), Then::Decide)
    }

    /// Nothing runs: fails, succeeds or runs the next wave.
    fn decide(&mut self) -> Next {
        let over = |policy: HookDeletePolicy| {
            move |task: &Task| {
                task.is_hook
                    && task.live.is_some()
                    && !task.is_running()
                    && task.delete_policies.contains(&policy)
            }
        };
        let mut step = Step {
            sync_fail: self.positions(|task| task.phase == SyncPhase::SyncFail),
            go_after_success: self.positions(over(HookDeletePolicy::HookSucceeded)),
            go_after_failure: self.positions(over(HookDeletePolicy::HookFailed)),
            ..Step::default()
        };
        if self.tasks.iter().any(|task| task.phase != SyncPhase::SyncFail && task.is_unsuccessful()) {
            return Next::Each(deletions(&step.go_after_failure), Then::RunSyncFail(step));
        }
        let pending = self
            .positions(|task| task.phase != SyncPhase::SyncFail && task.is_pending() && self.differs(task));
        let place = |index: &usize| (self.tasks[*index].phase, self.tasks[*index].wave);
        let Some(first) = pending.first().map(place) else {
            return Next::Each(
                deletions(&step.go_after_success),
                Then::Succeed("successfully synced (no more tasks)"),
            );
        };
        step.wave = pending.iter().copied().filter(|index| place(index) == first).collect();
        step.remaining = step.wave.len() < pending.len();
        self.set_status(OperationPhase::Running, "one or more tasks are running");
        Next::Run(TaskSet::new(step.wave.clone(), false), Then::Judge(step))
    }

    fn delay(&self, step: Step, outcome: Outcome, now: Time) -> Next {
        let Some(task) = step.wave.first().map(|index| &self.tasks[*index]) else { return Next::End };
        let last = !step.remaining;
        let until = if last { now } else { now + self.wave_delay };
        let command = Command::Delay { phase: task.phase, wave: task.wave, last, until };
        Next::Delay(command, Then::Conclude(step, outcome))
    }

    /// Says what a wave came to.
    fn conclude(&mut self, step: Step, outcome: Outcome) -> Next {
        let in_wave = |index: &usize| step.wave.contains(index);
        match outcome {
            Outcome::Failed => {
                let failed: Vec<usize> = step
                    .wave
                    .iter()
                    .copied()
                    .filter(|index| self.tasks[*index].state.status == Some(ResultCode::SyncFailed))
                    .collect();
                let running =
                    self.positions(Task::is_running).into_iter().filter(in_wave).collect::<Vec<_>>();
                if running.is_empty() {
                    let after = AfterSyncFail::DeleteHooks(step.go_after_failure);
                    return self.sync_fail(&step.sync_fail, &failed, NOT_APPLIED, after);
                }
                let after = AfterSyncFail::WaitFor { running, sync_fail: step.sync_fail.clone() };
                if step.sync_fail.is_empty() {
                    return self.after_sync_fail(after, true);
                }
                self.sync_fail(&step.sync_fail, &failed, NOT_APPLIED, after)
            }
            Outcome::Successful => {
                if !step.remaining && !step.wave.iter().any(|index| self.tasks[*index].is_hook) {
                    // The last wave is not waited for, whatever becomes of its objects.
                    return Next::Each(
                        deletions(&step.go_after_success),
                        Then::Succeed("successfully synced (all tasks run)"),
                    );
                }
                self.wait_for(&step.wave, false);
                Next::End
            }
            Outcome::Pending => {
                let held: Vec<usize> = step
                    .wave
                    .iter()
                    .copied()
                    .filter(|index| {
                        let task = &self.tasks[*index];
                        task.deletes_before_creation() || (task.is_prune() && task.is_pending())
                    })
                    .collect();
                self.wait_for(&held, true);
                self.held_up = held;
                Next::End
            }
        }
    }

    /// Fails, or starts the hooks of the phase SyncFail first.
    fn sync_fail(&mut self, hooks: &[usize], failed: &[usize], message: &str, after: AfterSyncFail) -> Next {
        let failed: Vec<&Task> = failed.iter().map(|index| &self.tasks[*index]).collect();
        let mut message = with_reasons(message, &failed);
        if hooks.iter().all(|index| self.tasks[*index].is_completed()) {
            let failed: Vec<&Task> = hooks
                .iter()
                .map(|index| &self.tasks[*index])
                .filter(|task| task.state.status == Some(ResultCode::SyncFailed))
                .collect();
            if !failed.is_empty() {
                message =
                    format!("{message}\n{}", with_reasons("one or more SyncFail hooks failed", &failed));
            }
            self.set_status(OperationPhase::Failed, message);
            return self.after_sync_fail(after, true);
        }
        let pending: Vec<usize> =
            hooks.iter().copied().filter(|index| self.tasks[*index].is_pending()).collect();
        Next::Run(TaskSet::new(pending.clone(), false), Then::SyncFailStarted(pending, after))
    }

    fn after_sync_fail(&mut self, after: AfterSyncFail, completed: bool) -> Next {
        match after {
            AfterSyncFail::WaitFor { mut running, sync_fail } => {
                if !completed {
                    running.extend(sync_fail);
                }
                self.wait_for(&running, false);
                Next::End
            }
            AfterSyncFail::DeleteHooks(hooks) if completed => Next::Each(deletions(&hooks), Then::EndStep),
            AfterSyncFail::DeleteHooks(_) | AfterSyncFail::Nothing => Next::End,
        }
    }

    fn wait_for(&mut self, tasks: &[usize], pending_deletion: bool) {
        let tasks: Vec<&Task> = tasks.iter().map(|index| &self.tasks[*index]).collect();
        let message = waiting_for(&tasks, pending_deletion, self.options());
        self.set_status(OperationPhase::Running, message);
    }

    pub(super) fn positions(&self, wanted: impl Fn(&Task) -> bool) -> Vec<usize> {
        (0..self.tasks.len()).filter(|index| wanted(&self.tasks[*index])).collect()
    }

    fn failed_to_apply(&self, wanted: impl Fn(&Task) -> bool) -> Vec<usize> {
        self.positions(|task| wanted(task) && task.state.status == Some(ResultCode::SyncFailed))
    }

    /// The request of a job; `None` where there is nothing to ask for.
    pub(super) fn job_request(&mut self, job: Job) -> Option<Command> {
        let policy = self.options().propagation_policy;
        let (task, action) = match job {
            Job::RemoveFinalizer(task) | Job::End(task) => {
                if !has_hook_finalizer(&self.tasks[task]) {
                    return None;
                }
                (task, RequestAction::RemoveHookFinalizer)
            }
            Job::Delete(task) | Job::EndByDeletion(task) => {
                self.tasks[task].live.as_ref()?;
                (task, RequestAction::DeleteHook(policy))
            }
        };
        self.request(task, Purpose::OneByOne, action, RequestMode::Run)
    }

    /// Takes in the answer to a job, and says what follows it.
    pub(super) fn answered_job(&mut self, job: Job, answer: Answer) -> Option<Job> {
        match (job, answer) {
            (Job::RemoveFinalizer(task), Answer::Failed(reason)) => {
                let message = format!("Failed to remove hook finalizer: {}", update_failure(&reason));
                self.set_result(task, self.tasks[task].state.status, Some(OperationPhase::Error), &message);
                None
            }
            (Job::Delete(task), Answer::Failed(reason)) => {
                let message = format!("failed to delete resource: {}", delete_failure(&reason));
                self.set_result(task, self.tasks[task].state.status, Some(OperationPhase::Error), &message);
                None
            }
            (Job::RemoveFinalizer(task), _) => {
                self.forget_finalizer(task);
                None
            }
            (Job::Delete(_), _) => None,
            (Job::End(task), answer) => self.finalizer_off(task, answer),
            (Job::EndByDeletion(task), answer) => {
                self.ended(task, answer);
                None
            }
        }
    }
}

/// Several tasks can share one object: a hook with two phases.
impl Run {
    /// Takes the hook finalizer off what is known of an object.
    fn forget_finalizer(&mut self, index: usize) {
        let address = self.tasks[index].address.clone();
        for task in self.tasks.iter_mut().filter(|task| task.address == address && has_hook_finalizer(task)) {
            let Some(live) = &mut task.live else { continue };
            let mut object = serde_json::Value::clone(&live.object);
            if let Some(finalizers) =
                object.pointer_mut("/metadata/finalizers").and_then(serde_json::Value::as_array_mut)
            {
                finalizers.retain(|finalizer| finalizer != HOOK_FINALIZER);
            }
            live.object = std::sync::Arc::new(object);
        }
    }
}

fn deletions(hooks: &[usize]) -> VecDeque<Job> {
    hooks.iter().copied().map(Job::Delete).collect()
}

/// How far a hook is, by the health of its object.
pub(super) fn hook_state(live: &Live) -> Result<(OperationPhase, String), String> {
    let name = live.object.pointer("/metadata/name").and_then(serde_json::Value::as_str).unwrap_or_default();
    let created = format!("{name} created");
    let health = live.health.as_ref().map_err(|reason| format!("failed to get resource health: {reason}"))?;
    Ok(match health {
        None => (OperationPhase::Succeeded, created),
        Some(health) => {
            let message = health.message.clone();
            match health.status {
                HealthStatus::Unknown | HealthStatus::Degraded => (OperationPhase::Failed, message),
                HealthStatus::Progressing | HealthStatus::Suspended => (OperationPhase::Running, message),
                HealthStatus::Healthy => (OperationPhase::Succeeded, message),
                HealthStatus::Missing => (OperationPhase::Succeeded, created),
            }
        }
    })
}
