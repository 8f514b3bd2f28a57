//! Running a set of tasks: stale finalizers, then prunes, then hooks that must go first, then what is applied.
//!
//! Rules: `runTasks` of `gitops-engine/pkg/sync/sync_context.go`. The same order serves the namespace, the
//! check before the first wave, every wave, and the hooks after a failure.

use crate::annotations::{self, HOOK_FINALIZER};
use crate::tasks::{OperationPhase, ResultCode, Task};

use super::command::{Answer, Command, RequestAction, RequestMode};
use super::{Purpose, Run};

/// How a set of tasks has gone so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Everything went well.
    Successful,
    /// Something has to go, or to be confirmed, before the rest can run.
    Pending,
    /// Something failed.
    Failed,
}

/// A set of tasks being run.
#[derive(Clone, Debug)]
pub(super) struct TaskSet {
    /// Positions in the tasks of the step.
    tasks: Vec<usize>,
    /// Only checked, nothing written.
    check: bool,
    part: Part,
    pub(super) outcome: Outcome,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Part {
    Finalizers,
    Prunes,
    HooksToDelete,
    /// The group of tasks of one kind that begins at this position of those that create.
    Group(usize),
}

impl TaskSet {
    pub(super) fn new(tasks: Vec<usize>, check: bool) -> Self {
        Self { tasks, check, part: Part::Finalizers, outcome: Outcome::Successful }
    }

    fn worsen(&mut self, outcome: Outcome) {
        self.outcome = self.outcome.max(outcome);
    }
}

impl Run {
    /// The next requests of a set; none when it is through.
    pub(super) fn next_requests(&mut self, set: &mut TaskSet) -> Vec<Command> {
        let dry = set.check || self.options().dry_run;
        loop {
            let commands = match set.part {
                Part::Finalizers => {
                    set.part = Part::Prunes;
                    if dry { Vec::new() } else { self.stale_finalizers(set) }
                }
                _ if set.outcome != Outcome::Successful && !matches!(set.part, Part::Group(_)) => {
                    return Vec::new();
                }
                Part::Prunes => {
                    set.part = Part::HooksToDelete;
                    if self.lacks_confirmation(set) {
                        set.worsen(Outcome::Pending);
                        return Vec::new();
                    }
                    self.prunes(set, dry)
                }
                Part::HooksToDelete => {
                    set.part = Part::Group(0);
                    if dry { Vec::new() } else { self.hooks_to_delete(set) }
                }
                Part::Group(0) if set.outcome != Outcome::Successful => return Vec::new(),
                Part::Group(start) => {
                    let creating: Vec<usize> =
                        set.tasks.iter().copied().filter(|task| !self.tasks[*task].is_prune()).collect();
                    let Some(first) = creating.get(start) else { return Vec::new() };
                    // Nothing is written in a dry run, so nothing there needs the order of kinds.
                    let kind = &self.tasks[*first].id.kind;
                    let length = creating[start..]
                        .iter()
                        .take_while(|task| dry || self.tasks[**task].id.kind == *kind)
                        .count();
                    set.part = Part::Group(start + length);
                    self.group(&creating[start..start + length], dry)
                }
            };
            if !commands.is_empty() {
                return commands;
            }
        }
    }

    /// Hooks of an earlier sync may still carry the finalizer.
    fn stale_finalizers(&mut self, set: &TaskSet) -> Vec<Command> {
        let existing: Vec<usize> = set
            .tasks
            .iter()
            .copied()
            .filter(|task| self.tasks[*task].is_pending() && has_hook_finalizer(&self.tasks[*task]))
            .collect();
        existing
            .into_iter()
            .filter_map(|task| {
                self.request(
                    task,
                    Purpose::StaleFinalizer,
                    RequestAction::RemoveHookFinalizer,
                    RequestMode::Run,
                )
            })
            .collect()
    }

    /// One unconfirmed prune holds up its whole wave, also where pruning is off. A dry run deletes nothing and
    /// so needs no word (Argo CD asks there too, and then checks nothing).
    fn lacks_confirmation(&self, set: &TaskSet) -> bool {
        let options = self.options();
        !options.prune_confirmed
            && !options.dry_run
            && set.tasks.iter().any(|task| self.tasks[*task].needs_confirmation(options))
    }

    fn prunes(&mut self, set: &TaskSet, dry: bool) -> Vec<Command> {
        let record = !dry || self.options().dry_run;
        let (prune, policy) = (self.options().prune, self.options().propagation_policy);
        let mut commands = Vec::new();
        let tasks: Vec<usize> =
            set.tasks.iter().copied().filter(|task| self.tasks[*task].is_prune()).collect();
        for index in tasks {
            let task = &self.tasks[index];
            let settled = if !prune {
                Some((ResultCode::PruneSkipped, "ignored (requires pruning)"))
            } else if task.prune_option(self.options()) == Some("false") {
                Some((ResultCode::PruneSkipped, "ignored (no prune)"))
            } else if dry {
                Some((ResultCode::Pruned, "pruned (dry run)"))
            } else if task.live.as_ref().is_some_and(|live| annotations::is_terminating(&live.object)) {
                Some((ResultCode::Pruned, "pruned"))
            } else {
                None
            };
            match settled {
                Some((code, message)) if record => {
                    self.set_result(index, Some(code), Some(code.state()), message);
                }
                Some(_) => {}
                None => commands.extend(self.request(
                    index,
                    Purpose::Prune,
                    RequestAction::Prune(policy),
                    RequestMode::Run,
                )),
            }
        }
        commands
    }

    fn hooks_to_delete(&mut self, set: &TaskSet) -> Vec<Command> {
        let policy = self.options().propagation_policy;
        let hooks: Vec<usize> =
            set.tasks.iter().copied().filter(|task| self.tasks[*task].deletes_before_creation()).collect();
        hooks
            .into_iter()
            .filter_map(|task| {
                self.request(
                    task,
                    Purpose::HookBeforeCreation,
                    RequestAction::DeleteHook(policy),
                    RequestMode::Run,
                )
            })
            .collect()
    }

    fn group(&mut self, tasks: &[usize], dry: bool) -> Vec<Command> {
        let mode = match (dry, self.options().dry_run) {
            (false, _) => RequestMode::Run,
            (true, false) => RequestMode::Check,
            (true, true) => RequestMode::DryRun,
        };
        let mut commands = Vec::new();
        for task in tasks.iter().copied() {
            if dry && self.tasks[task].skip_dry_run {
                self.leave_unchecked(task);
                continue;
            }
            let action = self.write_action(&self.tasks[task], dry);
            commands.extend(self.request(task, Purpose::Write { dry }, action, mode));
        }
        commands
    }

    /// The kind of this task comes with the sync. Where all is a dry run the task is over with that: Argo CD leaves
    /// it pending, and a dry run of several waves then never ends.
    fn leave_unchecked(&mut self, task: usize) {
        if self.options().dry_run {
            let message = "not checked: its kind comes with this sync (dry run)";
            self.set_result(task, Some(ResultCode::Synced), Some(OperationPhase::Succeeded), message);
        }
    }

    /// How a target is written.
    fn write_action(&self, task: &Task, dry: bool) -> RequestAction {
        let options = self.options();
        let on_target =
            |option: &str| task.target.as_ref().is_some_and(|target| annotations::has_option(target, option));
        let validate = !options.no_validate && !on_target("Validate=false");
        let force = options.force || task.has_option("Force=true");
        if !task.replaces(options) {
            let server_side = !dry
                && !on_target("ServerSideApply=false")
                && (options.server_side_apply || on_target("ServerSideApply=true"));
            return RequestAction::Apply { server_side, force, validate };
        }
        let is_definition =
            task.id.group == "apiextensions.k8s.io" && task.id.kind == "CustomResourceDefinition";
        match &task.live {
            None => RequestAction::Create { validate },
            Some(_) if is_definition || task.id.kind == "Namespace" => RequestAction::Update,
            Some(_) => RequestAction::Replace { force },
        }
    }

    /// Takes in the answer to a request of a set.
    pub(super) fn answered_in_set(
        &mut self,
        set: &mut TaskSet,
        task: usize,
        purpose: Purpose,
        answer: Answer,
    ) {
        let status = self.tasks[task].state.status;
        match (purpose, answer) {
            (_, Answer::NotSent) => set.worsen(Outcome::Failed),
            (Purpose::StaleFinalizer, Answer::Failed(reason)) => {
                set.worsen(Outcome::Failed);
                let message = format!("failed to remove hook finalizer: {}", update_failure(&reason));
                self.set_result(task, status, Some(OperationPhase::Error), &message);
            }
            (Purpose::Prune, Answer::Done(_) | Answer::NotFound) => {
                let code = ResultCode::Pruned;
                self.set_result(task, Some(code), Some(code.state()), "pruned");
            }
            (Purpose::Prune, Answer::Failed(reason)) => {
                set.worsen(Outcome::Failed);
                let code = ResultCode::SyncFailed;
                self.set_result(task, Some(code), Some(code.state()), &reason);
            }
            // It is going; the next step sees whether it is gone.
            (Purpose::HookBeforeCreation, Answer::Done(_)) => set.worsen(Outcome::Pending),
            (Purpose::HookBeforeCreation, Answer::NotFound) => self.tasks[task].live = None,
            (Purpose::HookBeforeCreation, Answer::Failed(reason)) => {
                set.worsen(Outcome::Failed);
                let message = format!("failed to delete resource: {}", delete_failure(&reason));
                self.set_result(task, status, Some(OperationPhase::Error), &message);
            }
            (Purpose::Write { dry }, Answer::Done(message)) => {
                let code = ResultCode::Synced;
                if !dry {
                    self.written.insert(task);
                    self.set_result(task, Some(code), Some(code.state()), &message);
                } else if self.options().dry_run {
                    self.set_result(task, Some(code), Some(OperationPhase::Succeeded), &message);
                }
            }
            (Purpose::Write { .. }, answer) => {
                set.worsen(Outcome::Failed);
                let code = ResultCode::SyncFailed;
                let reason = match answer {
                    Answer::Failed(reason) => reason,
                    Answer::NotFound | Answer::NotSent | Answer::Done(_) => {
                        "the object or its kind is not there".to_owned()
                    }
                };
                self.set_result(task, Some(code), Some(code.state()), &reason);
            }
            (Purpose::StaleFinalizer, Answer::Done(_) | Answer::NotFound) | (Purpose::OneByOne, _) => {}
        }
    }
}

/// Whether the live object of a hook still has the hook finalizer.
pub(super) fn has_hook_finalizer(task: &Task) -> bool {
    task.is_hook
        && task
            .live
            .as_ref()
            .is_some_and(|live| annotations::finalizers(&live.object).contains(&HOOK_FINALIZER))
}

/// The words around a failed deletion, as Argo CD nests them.
pub(super) fn delete_failure(reason: &str) -> String {
    format!("failed to delete resource: {reason}")
}

/// The words around a failed update, as Argo CD nests them.
pub(super) fn update_failure(reason: &str) -> String {
    format!("failed to update resource: failed to update resource: {reason}")
}
