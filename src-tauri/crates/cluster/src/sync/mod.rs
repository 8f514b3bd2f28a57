//! Syncing an instance to a cluster: the driver of a run.
//!
//! [`sync`] looks at the cluster, refuses what is somebody else's, lets the run decide and carries its commands
//! out: up to 32 requests at a time, objects watched while the run waits. Everything that happens is told
//! as a [`SyncEvent`] when it happens; the [`SyncOutcome`] sums it up.

mod driver;
mod health;
mod teller;

use std::sync::Arc;
use std::time::Duration;

use slipway_model::{InstanceId, Manifest, Problem, ResourceId};
use slipway_sync::ownership::Mark;
use slipway_sync::run::WAVE_DELAY;
use slipway_sync::{Health, OperationPhase, PlannedPhase, RunResult, SyncOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::connection::Connection;
use crate::error::ClusterError;

/// What to sync.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// The instance.
    pub instance: InstanceId,
    /// The mark its objects carry.
    pub mark: Mark,
    /// Its manifests.
    pub targets: Vec<Manifest>,
    /// How.
    pub options: SyncOptions,
    /// What passes after every wave but the last, so that controllers take it up.
    pub wave_delay: Duration,
    /// What is done after a failure.
    pub retry: Retry,
    /// What is waited for after the last wave.
    pub wait: Wait,
    /// By which pruning that asks for it (`Prune=confirm`) is confirmed while the sync runs. Without one, and without
    /// `prune_confirmed` among the options, such a sync ends instead of waiting.
    pub confirmation: Option<Confirmation>,
}

/// Somebody's word that what asks for confirmation may be pruned. Clones confirm together.
#[derive(Clone, Debug, Default)]
pub struct Confirmation(CancellationToken);

impl Confirmation {
    /// Confirms.
    pub fn confirm(&self) {
        self.0.cancel();
    }
}

impl SyncRequest {
    /// A sync with Argo CD's delay between waves, no retry and no waiting.
    #[must_use]
    pub fn new(instance: InstanceId, mark: Mark, targets: Vec<Manifest>, options: SyncOptions) -> Self {
        Self {
            instance,
            mark,
            targets,
            options,
            wave_delay: WAVE_DELAY,
            retry: Retry::default(),
            wait: Wait::No,
            confirmation: None,
        }
    }
}

/// What is waited for after the last wave, which a sync itself does not wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Nothing.
    No,
    /// That everything is healthy, for as long as this.
    Health(Duration),
}

/// How often a failed sync is begun again, and after how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often at most.
    pub limit: u32,
    /// The first pause.
    pub pause: Duration,
    /// By how much each pause is longer than the one before.
    pub factor: u32,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Retry {
    /// No retry; with a limit, the pauses of Argo CD: 5 s, doubled each time, 3 minutes at most.
    fn default() -> Self {
        Self { limit: 0, pause: Duration::from_secs(5), factor: 2, longest: Duration::from_secs(180) }
    }
}

impl Retry {
    /// The pause before an attempt, from 1.
    fn pause_before(self, attempt: u32) -> Duration {
        let factor = self.factor.max(1).saturating_pow(attempt.saturating_sub(1));
        self.pause.saturating_mul(factor).min(self.longest)
    }
}

/// Something that happened in a sync. A fact, told when it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum SyncEvent {
    /// The tasks are known, or have changed.
    Planned(Vec<PlannedPhase>),
    /// The result of a task is new or has changed.
    Task(RunResult),
    /// The operation is in another phase, or waits for something else.
    Operation {
        /// How far it is.
        phase: OperationPhase,
        /// What it waits for, or why it ended.
        message: String,
    },
    /// Something is not as it should be, and the sync goes on.
    Problem(Problem),
    /// It failed and begins again after a pause.
    Retry {
        /// Which attempt follows, from 1.
        attempt: u32,
        /// After how long.
        pause: Duration,
    },
    /// The health of an object after the last wave, while it is waited for.
    Health {
        /// The object.
        resource: ResourceId,
        /// Its health.
        health: Health,
    },
}

/// How a sync ended.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncOutcome {
    /// `Succeeded`, `Failed` or `Error`.
    pub phase: OperationPhase,
    /// Why.
    pub message: String,
    /// What can be done about it.
    pub hints: Vec<String>,
    /// The results of all tasks.
    pub resources: Vec<RunResult>,
    /// What was not as it should be.
    pub problems: Vec<Problem>,
    /// The health after the last wave, where it was waited for.
    pub health: Option<HealthReport>,
}

/// The health of an instance's objects after the last wave.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthReport {
    /// Whether all of them are healthy (or suspended), or have no health.
    pub healthy: bool,
    /// Those that are not, and why.
    pub reasons: Vec<(ResourceId, Health)>,
}

impl SyncOutcome {
    fn refused(error: ClusterError, problems: Vec<Problem>) -> Self {
        Self {
            phase: OperationPhase::Error,
            message: error.message,
            hints: error.hints,
            resources: Vec::new(),
            problems,
            health: None,
        }
    }
}

/// Syncs an instance to a cluster. It ends when the run has ended; cancelling ends running hooks, leaves
/// everything else as it is, and gives the outcome of what was done. Nothing is returned as an error: an outcome says
/// what happened, in every case.
///
/// A slow receiver of events slows the sync down; a receiver that is gone does not.
pub async fn sync(
    connection: &Arc<Connection>,
    request: SyncRequest,
    events: mpsc::Sender<SyncEvent>,
    cancel: CancellationToken,
) -> SyncOutcome {
    driver::sync(connection, request, events, cancel).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let retry = Retry { limit: 9, ..Retry::default() };
        let seconds: Vec<u64> = (1..=8).map(|attempt| retry.pause_before(attempt).as_secs()).collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 180, 180]);
    }
}
