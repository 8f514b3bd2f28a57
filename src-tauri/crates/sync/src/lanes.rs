//! Waves on screen: a lane per instance, a column per phase and wave, and a gate between two columns of a lane.
//!
//! Waves order the objects of one instance only, so a gate belongs to one lane; what orders several instances is in
//! [`order`](crate::order). Everything is computed from a plan and from the
//! results of a run, which may be empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::{InstanceId, ResourceId};

use crate::hook::SyncPhase;
use crate::plan::{PlannedPhase, PlannedTask};
use crate::run::RunResult;
use crate::tasks::{OperationPhase, ResultCode};

/// The lane of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// Whose.
    pub instance: InstanceId,
    /// Its phases and waves, in the order in which they run.
    pub columns: Vec<Column>,
}

/// Where a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The phase.
    pub phase: SyncPhase,
    /// The wave.
    pub wave: i64,
}

/// A wave of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Which one.
    pub place: Place,
    /// What must be so before it starts; `None` for the first column.
    pub gate: Option<Gate>,
    /// Its tasks, in order.
    pub tiles: Vec<Tile>,
    /// How many of them are over and went well.
    pub done: usize,
    /// How far it is: that of its worst task.
    pub state: TileState,
}

/// A task on screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// What it does, to what.
    pub task: PlannedTask,
    /// How far it is.
    pub state: TileState,
    /// Why, for reading; empty where there is nothing to say.
    pub message: String,
}

/// How far a task or a wave is; later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TileState {
    /// It was left out: a prune that is not wanted.
    Skipped,
    /// It was deleted.
    Pruned,
    /// It is applied, and healthy where that is waited for.
    Synced,
    /// It has not begun.
    Waiting,
    /// It has begun.
    InProgress,
    /// It will not begin.
    NotStarted,
    /// It failed.
    Failed,
}

impl TileState {
    fn is_done(self) -> bool {
        matches!(self, Self::Skipped | Self::Pruned | Self::Synced)
    }
}

/// What stands between two columns of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Open or not.
    pub state: GateState,
    /// What it waits for, or what closed it, first those that run. At most [`NAMED`].
    pub because_of: Vec<ResourceId>,
    /// How many more there are.
    pub more: usize,
    /// The same as a sentence without a period: `waiting for Job migrate and 2 more`.
    pub text: String,
}

/// The state of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateState {
    /// What comes after it has begun or can begin.
    Passed,
    /// Something before it is not over.
    Waiting,
    /// What comes after it will not start.
    Closed,
    /// It opens only after a failure.
    AfterFailure,
}

/// How many resources a gate names.
pub const NAMED: usize = 3;

/// Computes the lane of an instance. `ended` says how the run ended, if it did.
pub fn lane<'a>(
    instance: &InstanceId,
    phases: &[PlannedPhase],
    results: impl IntoIterator<Item = &'a RunResult>,
    ended: Option<OperationPhase>,
) -> Lane {
    let results: BTreeMap<(&ResourceId, SyncPhase), &RunResult> =
        results.into_iter().map(|result| ((&result.resource, result.phase), result)).collect();
    let mut columns: Vec<Column> = Vec::new();
    for phase in phases {
        for wave in &phase.waves {
            let place = Place { phase: phase.phase, wave: wave.wave };
            let tiles: Vec<Tile> = wave
                .tasks
                .iter()
                .map(|task| tile(task, results.get(&(&task.resource, place.phase)).copied(), ended))
                .collect();
            let gate = gate(&columns, place, &tiles, ended);
            let tiles = match &gate {
                Some(gate) if gate.state == GateState::Closed => not_started(tiles),
                _ => tiles,
            };
            let done = tiles.iter().filter(|tile| tile.state.is_done()).count();
            let state = tiles.iter().map(|tile| tile.state).max().unwrap_or(TileState::Synced);
            columns.push(Column { place, gate, tiles, done, state });
        }
    }
    Lane { instance: instance.clone(), columns }
}

/// The columns of several lanes together, in order: the headers of a screen.
#[must_use]
pub fn places(lanes: &[Lane]) -> Vec<Place> {
    let mut places: Vec<Place> =
        lanes.iter().flat_map(|lane| lane.columns.iter().map(|column| column.place)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn tile(task: &PlannedTask, result: Option<&RunResult>, ended: Option<OperationPhase>) -> Tile {
    let state = match result.map(|result| (result.status, result.state)) {
        None if ended.is_some() => TileState::NotStarted,
        None | Some((_, None)) => TileState::Waiting,
        Some((_, Some(OperationPhase::Failed | OperationPhase::Error))) => TileState::Failed,
        Some((Some(ResultCode::PruneSkipped), _)) => TileState::Skipped,
        Some((Some(ResultCode::Pruned), _)) => TileState::Pruned,
        Some((_, Some(OperationPhase::Succeeded))) => TileState::Synced,
        // What nothing waits for is over with its request.
        Some((Some(ResultCode::Synced), _)) if !task.waits_for_health => TileState::Synced,
        Some(_) => TileState::InProgress,
    };
    Tile {
        task: task.clone(),
        state,
        message: result.map(|result| result.message.clone()).unwrap_or_default(),
    }
}

fn not_started(tiles: Vec<Tile>) -> Vec<Tile> {
    tiles
        .into_iter()
        .map(|tile| match tile.state {
            TileState::Waiting => Tile { state: TileState::NotStarted, ..tile },
            _ => tile,
        })
        .collect()
}

fn gate(before: &[Column], place: Place, tiles: &[Tile], ended: Option<OperationPhase>) -> Option<Gate> {
    before.first()?;
    let all = || before.iter().flat_map(|column| &column.tiles);
    let begun = tiles.iter().any(|tile| !matches!(tile.state, TileState::Waiting | TileState::NotStarted));
    let failed: Vec<&Tile> = all().filter(|tile| tile.state == TileState::Failed).collect();
    if begun {
        return Some(Gate { state: GateState::Passed, because_of: Vec::new(), more: 0, text: String::new() });
    }
    if place.phase == SyncPhase::SyncFail {
        return Some(match (failed.is_empty(), ended) {
            (true, Some(_)) => named(GateState::Closed, "not needed: nothing failed", &[], ""),
            (true, None) => named(GateState::AfterFailure, "runs only after a failure", &[], ""),
            (false, Some(_)) => named(GateState::Closed, "did not start: the run was stopped", &[], ""),
            (false, None) => named(GateState::Passed, "starts because ", &failed, " failed"),
        });
    }
    if !failed.is_empty() {
        return Some(named(GateState::Closed, "will not start: ", &failed, " failed"));
    }
    if ended.is_some_and(|phase| phase != OperationPhase::Succeeded) {
        return Some(named(GateState::Closed, "will not start: the run has ended", &[], ""));
    }
    let mut open: Vec<&Tile> = all().filter(|tile| !tile.state.is_done()).collect();
    if open.is_empty() {
        return Some(Gate { state: GateState::Passed, because_of: Vec::new(), more: 0, text: String::new() });
    }
    // What runs is what is waited for now; what has not begun comes after it.
    open.sort_by_key(|tile| tile.state != TileState::InProgress);
    let running = open.iter().filter(|tile| tile.state == TileState::InProgress).count();
    if running > 0 {
        open.truncate(running);
    }
    Some(named(GateState::Waiting, "waiting for ", &open, ""))
}

fn named(state: GateState, opening: &str, tiles: &[&Tile], ending: &str) -> Gate {
    let because_of: Vec<ResourceId> =
        tiles.iter().take(NAMED).map(|tile| tile.task.resource.clone()).collect();
    let more = tiles.len().saturating_sub(1);
    let first = because_of.first().map(|id| format!("{} {}", id.kind, id.name)).unwrap_or_default();
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text = format!("{opening}{first}{others}{ending}");
    Gate { state, more: tiles.len().saturating_sub(because_of.len()), because_of, text }
}

#[cfg(test)]
mod tests;
