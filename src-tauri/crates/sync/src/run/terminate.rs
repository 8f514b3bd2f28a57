//! Ending a run early.
//!
//! Rules: `Terminate` and `terminateHooksPreemptively` of `gitops-engine/pkg/sync/sync_context.go`. Plain
//! objects are left as they are and no hooks of the phase SyncFail run. Where Argo CD would first finish its
//! step, a run here stops between two batches: what was asked for is answered, nothing new is begun.

use crate::hook::HookDeletePolicy;
use crate::tasks::OperationPhase;

use super::command::{Answer, Command};
use super::step::hook_state;
use super::wave::update_failure;
use super::{Job, Next, Run, Stage, Then};

impl Run {
    /// Takes note that the run is to stop.
    pub(super) fn terminate(&mut self) -> Vec<Command> {
        if self.stop || matches!(self.stage, Stage::Finished) {
            return Vec::new();
        }
        self.stop = true;
        self.set_status(OperationPhase::Terminating, "operation is terminating");
        match self.stage {
            // Requests are under way; their answers come first.
            Stage::Running(..) | Stage::OneByOne(..) => Vec::new(),
            Stage::New | Stage::Observing | Stage::Delaying(_) | Stage::Finished => {
                self.stage = Stage::Observing;
                vec![Command::Observe]
            }
        }
    }

    /// Whether the steps of ending are already being taken.
    pub(super) fn is_terminating(&self) -> bool {
        match &self.stage {
            Stage::OneByOne(_, then) => matches!(then, Then::EndHooks | Then::Terminated),
            _ => false,
        }
    }

    /// First the finalizers of completed hooks go.
    pub(super) fn begin_termination(&mut self) -> Next {
        let completed = self.positions(|task| task.is_hook && task.is_completed());
        Next::Each(completed.into_iter().map(Job::RemoveFinalizer).collect(), Then::EndHooks)
    }

    /// Then running hooks are ended, one after the other.
    pub(super) fn end_hooks(&mut self) -> Next {
        let running = self.positions(|task| task.is_hook && task.is_running());
        let mut queue = std::collections::VecDeque::new();
        for index in running {
            let task = &self.tasks[index];
            let status = task.state.status;
            match task.live.as_ref().map(hook_state) {
                None => self.set_result(index, status, Some(OperationPhase::Succeeded), "Terminated"),
                Some(state) => {
                    if let Err(reason) = state {
                        let message = format!("Failed to get hook health: {reason}");
                        self.set_result(index, status, Some(OperationPhase::Error), &message);
                    }
                    queue.push_back(Job::End(index));
                }
            }
        }
        self.termination_failed = false;
        Next::Each(queue, Then::Terminated)
    }

    /// The finalizer of a running hook is off, or not. What still runs is deleted, and what goes after a failure.
    pub(super) fn finalizer_off(&mut self, index: usize, answer: Answer) -> Option<Job> {
        let task = &self.tasks[index];
        let status = task.state.status;
        if let Answer::Failed(reason) = answer {
            let message = format!("Failed to remove hook finalizer: {}", update_failure(&reason));
            self.set_result(index, status, Some(OperationPhase::Error), &message);
            self.termination_failed = true;
            return None;
        }
        let still_runs = match task.live.as_ref().map(hook_state) {
            Some(Ok((state, _))) => state == OperationPhase::Running,
            Some(Err(_)) | None => true,
        };
        if still_runs || task.delete_policies.contains(&HookDeletePolicy::HookFailed) {
            return Some(Job::EndByDeletion(index));
        }
        self.settle_ended(index);
        None
    }

    /// A running hook is deleted, or not.
    pub(super) fn ended(&mut self, index: usize, answer: Answer) {
        if let Answer::Failed(reason) = answer {
            let message = format!("Failed to delete: failed to delete resource: {reason}");
            self.set_result(index, self.tasks[index].state.status, Some(OperationPhase::Failed), &message);
            self.termination_failed = true;
            return;
        }
        self.settle_ended(index);
    }

    /// A hook that had already completed keeps its real outcome.
    fn settle_ended(&mut self, index: usize) {
        let task = &self.tasks[index];
        let status = task.state.status;
        match task.live.as_ref().map(hook_state) {
            Some(Ok((state, message))) if state.is_completed() => {
                self.set_result(index, status, Some(state), &message);
            }
            _ if task.state.phase != Some(OperationPhase::Error) => {
                self.set_result(index, status, Some(OperationPhase::Failed), "Terminated");
            }
            _ => {}
        }
    }

    pub(super) fn terminated(&mut self) -> Next {
        if self.termination_failed {
            self.set_status(OperationPhase::Error, "Operation termination had errors");
        } else {
            self.set_status(OperationPhase::Failed, "Operation terminated");
        }
        Next::End
    }
}
