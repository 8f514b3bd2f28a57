//! What of a run changed since the batch before. A run of hundreds of tasks is large, and most of it stays as it was.

use std::collections::BTreeMap;

use crate::dto::{ApiEvent, Lane, LaneColumn, RunInfo};

/// Every so many batches a run is told whole, for clients that came later or missed one: at 50 ms every two seconds.
const WHOLE_EVERY: u32 = 40;

/// The runs that go on, as clients were told of them last.
#[derive(Default)]
pub(crate) struct Moved(BTreeMap<String, Told>);

struct Told {
    version: u32,
    run: RunInfo,
}

impl Moved {
    /// Leaves out of a run what clients know. Other facts stay as they are.
    pub(crate) fn shorten(&mut self, event: ApiEvent) -> ApiEvent {
        let ApiEvent::RunChanged { run, .. } = event else {
            return event;
        };
        let last = self.0.remove(&run.id);
        let version = last.as_ref().map_or(1, |told| told.version.wrapping_add(1));
        let goes_on = run.finished_at.is_none();
        let changed = last
            .filter(|_| goes_on && !version.is_multiple_of(WHOLE_EVERY))
            .and_then(|told| changes(&told.run, &run));
        let told = match changed {
            Some(changed) => {
                ApiEvent::RunChanged { run: Box::new(changed), since: Some(version.wrapping_sub(1)), version }
            }
            None => ApiEvent::RunChanged { run: run.clone(), since: None, version },
        };
        if goes_on {
            self.0.insert(run.id.clone(), Told { version, run: *run });
        }
        told
    }
}

/// What changed between two states of a run; none where lanes, columns or tasks came or went.
fn changes(before: &RunInfo, now: &RunInfo) -> Option<RunInfo> {
    if before.lanes.len() != now.lanes.len() {
        return None;
    }
    let mut lanes = Vec::new();
    for (old, new) in before.lanes.iter().zip(&now.lanes) {
        if old != new {
            lanes.push(lane_changes(old, new)?);
        }
    }
    let known = before.events.last().map_or(0, |event| event.sequence);
    let events = now.events.iter().filter(|event| event.sequence > known).cloned().collect();
    Some(RunInfo { lanes, events, ..now.clone() })
}

fn lane_changes(before: &Lane, now: &Lane) -> Option<Lane> {
    if before.instance != now.instance
        || before.attempts != now.attempts
        || before.columns.len() != now.columns.len()
    {
        return None;
    }
    let mut columns = Vec::new();
    for (old, new) in before.columns.iter().zip(&now.columns) {
        if old != new {
            columns.push(column_changes(old, new)?);
        }
    }
    Some(Lane { columns, attempts: Vec::new(), ..now.clone() })
}

fn column_changes(before: &LaneColumn, now: &LaneColumn) -> Option<LaneColumn> {
    let same = (&before.phase, before.wave) == (&now.phase, now.wave)
        && before.tasks.len() == now.tasks.len()
        && before.tasks.iter().zip(&now.tasks).all(|(old, new)| old.key == new.key);
    if !same {
        return None;
    }
    let pairs = before.tasks.iter().zip(&now.tasks);
    let tasks = pairs.filter(|(old, new)| old != new).map(|(_, new)| new.clone()).collect();
    Some(LaneColumn { tasks, ..now.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::{GateState, ResourceInfo, RunEvent, RunEventKind, RunPhase, TaskInfo, TaskStatus};

    fn task(name: &str) -> TaskInfo {
        TaskInfo {
            key: name.to_owned(),
            resource: ResourceInfo {
                group: String::new(),
                kind: "Service".to_owned(),
                namespace: "shop".to_owned(),
                name: name.to_owned(),
            },
            action: "apply".to_owned(),
            hooks: Vec::new(),
            waits_for_health: false,
            status: TaskStatus::Waiting,
            message: None,
            started_at: None,
            finished_at: None,
            sequence: None,
        }
    }

    fn lane(name: &str) -> Lane {
        let column = |wave| LaneColumn {
            phase: "Sync".to_owned(),
            wave,
            tasks: (0..5).map(|index| task(&format!("{name}-{wave}-{index}"))).collect(),
            gate: GateState::Open,
            gate_text: None,
        };
        Lane {
            instance: format!("{name}@staging"),
            application: name.to_owned(),
            environment: "staging".to_owned(),
            columns: vec![column(0), column(1)],
            message: None,
            phase: RunPhase::Running,
            attempt: None,
            attempts: Vec::new(),
            waits_for: Vec::new(),
        }
    }

    fn run(lanes: usize) -> RunInfo {
        RunInfo {
            id: "run-1".to_owned(),
            repository: "repository-1".to_owned(),
            target: "sandbox".to_owned(),
            revision: "9f2c1ab".to_owned(),
            phase: RunPhase::Running,
            started_at: 0,
            finished_at: None,
            lanes: (0..lanes).map(|index| lane(&format!("app-{index}"))).collect(),
            total: 0,
            done: 0,
            failed: 0,
            message: None,
            health: Vec::new(),
            number: None,
            origin: None,
            events: Vec::new(),
        }
    }

    fn told(moved: &mut Moved, run: &RunInfo) -> (RunInfo, Option<u32>, u32) {
        let event = ApiEvent::RunChanged { run: Box::new(run.clone()), since: None, version: 0 };
        match moved.shorten(event) {
            ApiEvent::RunChanged { run, since, version } => (*run, since, version),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_a_run_that_goes_on_only_what_changed_is_told() {
        let mut moved = Moved::default();
        let mut run = run(100);
        assert_eq!(told(&mut moved, &run), (run.clone(), None, 1));
        run.lanes[7].columns[1].tasks[3].status = TaskStatus::Synced;
        run.done = 1;
        run.events.push(RunEvent {
            sequence: 1,
            at: 5,
            kind: RunEventKind::Progress,
            instance: None,
            title: "synced".to_owned(),
            text: None,
        });
        let (changed, since, version) = told(&mut moved, &run);
        assert_eq!((since, version, changed.done, changed.events.len()), (Some(1), 2, 1, 1));
        assert_eq!(changed.lanes.len(), 1);
        assert_eq!(changed.lanes[0].instance, "app-7@staging");
        assert_eq!(changed.lanes[0].columns.len(), 1);
        assert_eq!(changed.lanes[0].columns[0].tasks, [run.lanes[7].columns[1].tasks[3].clone()]);
        let (nothing, since, _) = told(&mut moved, &run);
        assert_eq!((nothing.lanes.len(), nothing.events.len(), since), (0, 0, Some(2)));
    }

    #[test]
    fn where_the_plan_changes_the_run_is_told_whole() {
        let mut moved = Moved::default();
        let mut run = run(2);
        told(&mut moved, &run);
        run.lanes[0].columns[0].tasks.push(task("late"));
        assert_eq!(told(&mut moved, &run), (run.clone(), None, 2));
        run.lanes.pop();
        assert_eq!(told(&mut moved, &run), (run.clone(), None, 3));
    }

    #[test]
    fn the_end_is_told_whole_and_so_is_every_fortieth_state() {
        let mut moved = Moved::default();
        let mut run = run(2);
        let whole: Vec<u32> = (0..100)
            .filter_map(|_| {
                let (_, since, version) = told(&mut moved, &run);
                since.is_none().then_some(version)
            })
            .collect();
        assert_eq!(whole, [1, 40, 80]);
        run.finished_at = Some(9);
        assert_eq!(told(&mut moved, &run).1, None);
        assert!(moved.0.is_empty());
    }
}
