//! Runs as they are kept and read back.

use slipway_store::StoredRun;

use crate::Api;
use crate::dto::*;

impl Api {
    pub(super) fn keep(&self, run: &RunInfo) -> Result<(), ApiError> {
        let document = serde_json::to_string(run).map_err(|cause| crate::error::internal(&cause))?;
        Ok(self.inner.database.keep_run(&StoredRun {
            id: run.id.clone(),
            repository: run.repository.clone(),
            started_at: run.started_at,
            finished: run.finished_at.is_some(),
            document,
        })?)
    }

    /// The number of the next run of a repository.
    pub(super) fn next_number(&self, repository: &str) -> Result<u32, ApiError> {
        let last = self.inner.database.runs(repository, 1)?;
        let number = last.first().map(restore).and_then(|run| run.number);
        Ok(number.unwrap_or(u32::try_from(last.len()).unwrap_or_default()) + 1)
    }
}

/// A kept run. One that had not ended when the program did will never end.
pub(super) fn restore(stored: &StoredRun) -> RunInfo {
    let mut run: RunInfo = serde_json::from_str(&stored.document).unwrap_or_else(|_| RunInfo {
        id: stored.id.clone(),
        repository: stored.repository.clone(),
        target: String::new(),
        revision: String::new(),
        phase: RunPhase::Error,
        started_at: stored.started_at,
        finished_at: Some(stored.started_at),
        lanes: Vec::new(),
        total: 0,
        done: 0,
        failed: 0,
        message: Some("the run was kept by another version and cannot be read".to_owned()),
        health: Vec::new(),
        number: None,
        origin: None,
        events: Vec::new(),
    });
    if run.finished_at.is_none() {
        run.finished_at = Some(last_seen(&run));
        run.phase = RunPhase::Aborted;
        run.message = Some("Slipway ended before the run did; what was applied stays applied".to_owned());
        for lane in &mut run.lanes {
            if matches!(lane.phase, RunPhase::Running | RunPhase::Planned) {
                lane.phase = RunPhase::Aborted;
            }
        }
    }
    run
}

/// The last moment at which something is known to have happened.
fn last_seen(run: &RunInfo) -> i64 {
    let tasks = run
        .lanes
        .iter()
        .flat_map(|lane| &lane.columns)
        .flat_map(|column| &column.tasks)
        .flat_map(|task| [task.started_at, task.finished_at])
        .flatten();
    tasks.chain(run.events.iter().map(|event| event.at)).fold(run.started_at, i64::max)
}
