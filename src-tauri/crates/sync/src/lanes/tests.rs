use slipway_model::ResourceId;

use super::{Column, GateState, Lane, TileState, lane, places};
use crate::hook::SyncPhase;
use crate::plan::{PlannedPhase, PlannedTask, PlannedWave};
use crate::run::RunResult;
use crate::tasks::{OperationPhase, ResultCode, TaskAction};

fn id(name: &str) -> ResourceId {
    ResourceId {
        group: "apps".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: "shop".to_owned(),
        name: name.to_owned(),
    }
}

fn planned(name: &str) -> PlannedTask {
    PlannedTask {
        resource: id(name),
        action: TaskAction::Apply,
        hook_types: Vec::new(),
        hook_delete_policies: Vec::new(),
        waits_for_health: true,
    }
}

fn phase(phase: SyncPhase, waves: &[(i64, &[&str])]) -> PlannedPhase {
    let waves = waves
        .iter()
        .map(|(wave, names)| PlannedWave {
            wave: *wave,
            tasks: names.iter().map(|name| planned(name)).collect(),
        })
        .collect();
    PlannedPhase { phase, waves }
}

fn result(name: &str, phase: SyncPhase, status: ResultCode, state: OperationPhase) -> RunResult {
    RunResult {
        id: id(name),
        resource: id(name),
        phase,
        wave: 0,
        action: TaskAction::Apply,
        is_hook: false,
        status: Some(status),
        state: Some(state),
        message: "because".to_owned(),
    }
}

fn compute(results: &[RunResult], ended: Option<OperationPhase>) -> Lane {
    let phases = [
        phase(SyncPhase::Sync, &[(0, &["db", "cache"]), (1, &["api"]), (2, &["web"])]),
        phase(SyncPhase::SyncFail, &[(0, &["alarm"])]),
    ];
    lane(&"shop@staging".parse().unwrap(), &phases, results, ended)
}

fn gates(lane: &Lane) -> Vec<(GateState, &str)> {
    lane.columns
        .iter()
        .filter_map(|column| column.gate.as_ref())
        .map(|gate| (gate.state, gate.text.as_str()))
        .collect()
}

fn states(column: &Column) -> Vec<TileState> {
    column.tiles.iter().map(|tile| tile.state).collect()
}

#[test]
fn before_a_run_every_gate_waits() {
    let lane = compute(&[], None);
    assert_eq!(
        gates(&lane),
        [
            (GateState::Waiting, "waiting for Deployment db and 1 more"),
            (GateState::Waiting, "waiting for Deployment db and 2 more"),
            (GateState::AfterFailure, "runs only after a failure"),
        ]
    );
    assert_eq!(lane.columns[0].state, TileState::Waiting);
}

#[test]
fn a_gate_names_what_runs() {
    let results = [
        result("db", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Succeeded),
        result("cache", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Running),
    ];
    let lane = compute(&results, None);
    assert_eq!(gates(&lane)[0], (GateState::Waiting, "waiting for Deployment cache"));
    assert_eq!(gates(&lane)[1], (GateState::Waiting, "waiting for Deployment cache"));
    assert_eq!((lane.columns[0].done, lane.columns[0].state), (1, TileState::InProgress));
}

#[test]
fn after_a_failure_later_waves_will_not_start_and_the_failure_hooks_do() {
    let results = [
        result("db", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Failed),
        result("cache", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Succeeded),
    ];
    let lane = compute(&results, None);
    assert_eq!(
        gates(&lane),
        [
            (GateState::Closed, "will not start: Deployment db failed"),
            (GateState::Closed, "will not start: Deployment db failed"),
            (GateState::Passed, "starts because Deployment db failed"),
        ]
    );
    assert_eq!(states(&lane.columns[1]), [TileState::NotStarted]);
}

#[test]
fn a_gate_is_passed_when_its_wave_has_begun() {
    let done = |name| result(name, SyncPhase::Sync, ResultCode::Synced, OperationPhase::Succeeded);
    let lane =
        compute(&[done("db"), done("cache"), done("api"), done("web")], Some(OperationPhase::Succeeded));
    assert_eq!(
        gates(&lane),
        [(GateState::Passed, ""), (GateState::Passed, ""), (GateState::Closed, "not needed: nothing failed"),]
    );
}

#[test]
fn what_nothing_waits_for_is_done_with_its_request() {
    let mut phases = [phase(SyncPhase::Sync, &[(0, &["web"])])];
    phases[0].waves[0].tasks[0].waits_for_health = false;
    let running = [result("web", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Running)];
    let lane = lane(&"shop@staging".parse().unwrap(), &phases, &running, None);
    assert_eq!(states(&lane.columns[0]), [TileState::Synced]);
}

#[test]
fn a_stopped_run_closes_what_it_did_not_reach() {
    let results = [result("db", SyncPhase::Sync, ResultCode::Synced, OperationPhase::Succeeded)];
    let lane = compute(&results, Some(OperationPhase::Failed));
    assert_eq!(gates(&lane)[0], (GateState::Closed, "will not start: the run has ended"));
    assert_eq!(states(&lane.columns[0]), [TileState::Synced, TileState::NotStarted]);
}

#[test]
fn the_headers_of_several_lanes_are_in_order_and_each_once() {
    let lanes = [compute(&[], None), compute(&[], None)];
    let places: Vec<(SyncPhase, i64)> =
        places(&lanes).into_iter().map(|place| (place.phase, place.wave)).collect();
    assert_eq!(
        places,
        [(SyncPhase::Sync, 0), (SyncPhase::Sync, 1), (SyncPhase::Sync, 2), (SyncPhase::SyncFail, 0)]
    );
}
