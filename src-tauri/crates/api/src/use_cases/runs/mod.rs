//! Runs: syncs that go on, and those that were.

mod destination;
mod kept;
mod lane;
pub(crate) mod logs;
mod observe;
mod prune;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rayon::prelude::*;
use slipway_catalog::Instance;
use slipway_cluster::{Connection, SyncEvent, SyncOutcome, SyncRequest, Wait};
use slipway_render::Rendered;
use slipway_sync::order::{Schedule, Standing};
use slipway_sync::{OperationPhase, PlannedPhase};
use slipway_workspace::{Clusters, Fleet as InnerFleet};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Api;
use crate::app::blocking;
use crate::clock;
use crate::clusters::{cluster_error, rendered_on};
use crate::convert::count;
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::order;
use crate::snapshot::plan_offline;
use crate::syncing;
pub(crate) use crate::use_cases::runs::destination::Destination;
use crate::use_cases::runs::kept::restore;
use crate::use_cases::runs::lane::{LaneState, empty_lane, note, set_health};
use crate::use_cases::sync::{options, refused};

/// Instances that are synced at a time.
const AT_A_TIME: usize = 8;

/// How long a run watches for health after its last wave.
const HEALTH: Duration = Duration::from_secs(300);

/// Runs that a list shows.
const LISTED: u32 = 100;

/// How often a run that goes on is kept, in milliseconds, so that a crash leaves its timeline.
const KEPT_EVERY: i64 = 2_000;

/// Runs that go on.
#[derive(Default)]
pub(crate) struct Runs {
    going_on: Mutex<BTreeMap<String, Arc<Going>>>,
}

/// A run that goes on.
struct Going {
    info: Mutex<RunInfo>,
    cancel: CancellationToken,
    /// Who waits for whom.
    schedule: Mutex<Schedule>,
    /// When it was last kept, in milliseconds since 1970.
    kept_at: AtomicI64,
}

impl Going {
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes that everything of a lane that goes on is applied.
    fn applied(&self, position: usize) {
        self.schedule().set(position, Standing::Applied);
    }
}

/// What is needed to start a run.
pub(crate) struct Start {
    pub(crate) opened: Arc<Opened>,
    pub(crate) fleet: Arc<InnerFleet>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) destination: Destination,
    /// The commit; none for the working directory.
    pub(crate) revision: Option<String>,
    pub(crate) prune: bool,
    pub(crate) dry_run: bool,
    pub(crate) retry_of: Option<String>,
}

impl Start {
    fn sync_options(&self, instance: &Instance) -> slipway_sync::SyncOptions {
        let mut options = options(instance, &self.fleet);
        options.prune = self.prune;
        options.dry_run = self.dry_run;
        options.create_namespace = matches!(self.destination, Destination::Sandbox(_));
        options
    }
}

impl Api {
    /// Starts a run; it goes on by itself. Its lanes are those of the plan from the beginning, so that what there
    /// is to do is known before the first cluster answers.
    pub(crate) async fn start_run(&self, start: Start) -> Result<RunInfo, ApiError> {
        let started_at = clock::milliseconds();
        let start = Arc::new(start);
        let planning = start.clone();
        let plans: Vec<Vec<PlannedPhase>> = blocking(move || {
            let plan = |instance: &Instance| {
                let rendered = planning.opened.workspace.render(
                    &planning.fleet.tree,
                    instance,
                    &planning.fleet.clusters,
                );
                plan_offline(&rendered, &planning.sync_options(instance)).phases
            };
            Ok(planning.instances.par_iter().map(plan).collect())
        })
        .await?;
        let mut info = RunInfo {
            id: format!("{started_at}-{:04x}", rand::random::<u16>()),
            repository: start.opened.id.clone(),
            target: start.destination.name(&start.instances),
            revision: start.revision.clone().unwrap_or_else(|| "working directory".to_owned()),
            phase: RunPhase::Running,
            started_at,
            finished_at: None,
            lanes: start.instances.iter().map(|instance| empty_lane(&instance.id)).collect(),
            total: 0,
            done: 0,
            failed: 0,
            message: None,
            health: Vec::new(),
            number: Some(self.next_number(&start.opened.id)?),
            origin: Some(RunOrigin {
                target: start.destination.target(),
                contexts: start.destination.contexts(),
                revision: start.revision.clone(),
                prune: start.prune,
                dry_run: start.dry_run,
                retry_of: start.retry_of.clone(),
            }),
            events: Vec::new(),
        };
        let mut lanes: Vec<LaneState> = plans
            .into_iter()
            .zip(&start.instances)
            .enumerate()
            .map(|(position, (phases, instance))| {
                LaneState::new(position, instance.id.clone(), phases, started_at)
            })
            .collect();
        for lane in &mut lanes {
            lane.draw(&mut info, started_at);
        }
        let ids = start.instances.iter().map(|instance| &instance.id);
        let schedule = order::schedule(&start.fleet.catalog, ids, AT_A_TIME);
        draw_gates(&mut info, &schedule);
        add_up(&mut info);
        let title = format!("sync to {} started", info.target);
        let number = |count: u32, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let text = format!(
            "{} of {}",
            number(info.total, "resource"),
            number(count(info.lanes.len()), "application")
        );
        note(&mut info, RunEventKind::Started, None, &title, Some(text), started_at);
        let going = Arc::new(Going {
            info: Mutex::new(info.clone()),
            cancel: CancellationToken::new(),
            schedule: Mutex::new(schedule),
            kept_at: AtomicI64::new(started_at),
        });
        let mut all = self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(info.id.clone(), going.clone());
        drop(all);
        self.keep(&info)?;
        tokio::spawn(self.clone().carry_out(start, going, lanes));
        Ok(info)
    }

    pub(crate) async fn run(&self, request: RunRef) -> Result<RunInfo, ApiError> {
        let going = self.going(&request.run);
        if let Some(going) = going {
            return Ok(going.info.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let stored = self.inner.database.run(&request.run)?;
        stored
            .as_ref()
            .map(restore)
            .ok_or_else(|| error("unknown-run", format!("there is no run `{}`", request.run)))
    }

    pub(crate) async fn run_abort(&self, request: RunRef) -> Result<Nothing, ApiError> {
        if let Some(going) = self.going(&request.run) {
            going.cancel.cancel();
        }
        Ok(Nothing {})
    }

    /// Starts the lanes that did not succeed again, with what the run was started with.
    pub(crate) async fn run_retry(&self, request: RunRetry) -> Result<RunInfo, ApiError> {
        let run = self.run(RunRef { run: request.run }).await?;
        if run.finished_at.is_none() {
            return Err(error("run-going-on", "the run goes on; it can be tried again when it has ended"));
        }
        let Some(origin) = run.origin else {
            return Err(error(
                "run-without-origin",
                "the run was kept by an earlier version, which did not keep what it was started with",
            )
            .hint("plan a new sync"));
        };
        let instances: Vec<String> = run
            .lanes
            .iter()
            .filter(|lane| lane.phase != RunPhase::Succeeded)
            .map(|lane| lane.instance.clone())
            .collect();
        if instances.is_empty() {
            return Err(error("nothing-to-retry", "every application of the run succeeded"));
        }
        let start = SyncStart {
            repository: run.repository,
            instances,
            revision: origin.revision,
            target: origin.target,
            prune: origin.prune,
            dry_run: origin.dry_run,
            confirmed: request.confirmed,
        };
        self.start_sync(start, Some(run.id)).await
    }

    pub(crate) async fn runs(&self, request: RepositoryRef) -> Result<RunList, ApiError> {
        let opened = self.opened_or_gone(&request.repository)?;
        let stored = self.inner.database.runs(&opened.id, LISTED)?;
        let runs = stored
            .iter()
            .map(|stored| match self.going(&stored.id) {
                Some(going) => going.info.lock().unwrap_or_else(PoisonError::into_inner).clone(),
                None => restore(stored),
            })
            .map(|run| RunInfo { lanes: Vec::new(), events: Vec::new(), ..run })
            .collect();
        Ok(RunList { runs })
    }

    fn going(&self, id: &str) -> Option<Arc<Going>> {
        self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Keeps the runs that go on as they stand: the program ends.
    pub(crate) fn keep_going_runs(&self) {
        let all: Vec<Arc<Going>> = {
            let all = self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().cloned().collect()
        };
        for going in all {
            going.cancel.cancel();
            let info = going.info.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Err(failure) = self.keep(&info) {
                tracing::error!("the run cannot be kept: {}", failure.message);
            }
        }
    }

    async fn carry_out(self, start: Arc<Start>, going: Arc<Going>, states: Vec<LaneState>) {
        self.carry_out_lanes(&start, &going, states).await;
        let info = self.change(&going, |run| {
            let now = clock::milliseconds();
            run.finished_at = Some(now);
            run.phase = worst(run, going.cancel.is_cancelled());
            run.message = run.lanes.iter().find_map(|lane| lane.message.clone());
            let (kind, word) = match run.phase {
                RunPhase::Succeeded => (RunEventKind::Finished, "succeeded"),
                RunPhase::Aborted => (RunEventKind::Progress, "aborted; what was applied stays applied"),
                _ => (RunEventKind::Failed, "failed"),
            };
            let title = format!("sync to {} {word}", run.target);
            let text = run.message.clone();
            note(run, kind, None, &title, text, now);
        });
        start.opened.clusters.wrote_to(&start.destination.contexts());
        // Kept before it is forgotten: in between it would look like one that the program did not survive.
        if let Err(failure) = self.keep(&info) {
            tracing::error!("the run cannot be kept: {}", failure.message);
        }
        self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner).remove(&info.id);
    }

    /// Starts each lane when what it waits for is there, until none goes on any more.
    async fn carry_out_lanes(&self, start: &Arc<Start>, going: &Arc<Going>, states: Vec<LaneState>) {
        let mut states: Vec<Option<LaneState>> = states.into_iter().map(Some).collect();
        let mut lanes = tokio::task::JoinSet::new();
        let mut positions = BTreeMap::new();
        let (applied, mut told) = mpsc::unbounded_channel();
        loop {
            if !going.cancel.is_cancelled() {
                let next = going.schedule().advance();
                for (position, why) in next.never {
                    if let Some(state) = states.get_mut(position).and_then(Option::take) {
                        self.never_start(going, position, state, &why);
                    }
                }
                for position in next.start {
                    let Some(state) = states.get_mut(position).and_then(Option::take) else { continue };
                    let (api, start, going, applied) =
                        (self.clone(), start.clone(), going.clone(), applied.clone());
                    let task = lanes.spawn(async move {
                        (position, api.sync_lane(&start, &going, position, state, applied).await)
                    });
                    positions.insert(task.id(), position);
                }
                self.change(going, |run| draw_gates(run, &going.schedule()));
            }
            tokio::select! {
                Some(position) = told.recv() => going.applied(position),
                ended = lanes.join_next() => {
                    while let Ok(position) = told.try_recv() {
                        going.applied(position);
                    }
                    match ended {
                        None => break,
                        Some(Ok((position, standing))) => going.schedule().set(position, standing),
                        Some(Err(failure)) => {
                            tracing::error!("a lane of a run ended early: {failure}");
                            if let Some(position) = positions.get(&failure.id()).copied() {
                                going.schedule().set(position, Standing::Failed);
                                self.change(going, |run| fail(run, position, "it ended early; the log says why"));
                            }
                        }
                    }
                }
            }
        }
        let left: Vec<usize> = (0..states.len()).filter(|position| states[*position].is_some()).collect();
        self.change(going, |run| {
            for position in left {
                run.lanes[position].phase = RunPhase::Aborted;
            }
        });
    }

    /// A lane whose gate closed.
    fn never_start(&self, going: &Going, position: usize, mut state: LaneState, why: &str) {
        self.change(going, |run| {
            let now = clock::milliseconds();
            state.never_began(run, now);
            let lane = &mut run.lanes[position];
            lane.phase = RunPhase::NotStarted;
            lane.message = Some(why.to_owned());
            let name = lane.instance.clone();
            note(run, RunEventKind::Failed, Some(&name), why, None, now);
        });
    }

    /// Syncs an instance; the answer is how it stands for those that wait for it.
    async fn sync_lane(
        &self,
        start: &Start,
        going: &Going,
        position: usize,
        state: LaneState,
        applied: mpsc::UnboundedSender<usize>,
    ) -> Standing {
        let instance = &start.instances[position];
        self.change(going, |run| run.lanes[position].phase = RunPhase::Running);
        let outcome = self.sync_instance(start, going, position, state, applied).await;
        let is_awaited = going.schedule().is_awaited(position);
        let mut standing = Standing::Failed;
        self.change(going, |run| {
            let name = instance.id.to_string();
            let lane = &mut run.lanes[position];
            let told = match outcome {
                Err(_) if going.cancel.is_cancelled() => {
                    lane.phase = RunPhase::Aborted;
                    None
                }
                Err(failure) => {
                    fail(run, position, &failure.message);
                    let text = with_hints(failure.message, &failure.hints);
                    Some((RunEventKind::Failed, "could not be synced", Some(text)))
                }
                Ok(outcome) => {
                    let unhealthy = outcome.health.as_ref().filter(|report| !report.healthy);
                    lane.phase = match outcome.phase {
                        _ if going.cancel.is_cancelled() => RunPhase::Aborted,
                        // Where others wait for its health, it is not done without.
                        OperationPhase::Succeeded if is_awaited && unhealthy.is_some() => RunPhase::Failed,
                        OperationPhase::Succeeded => RunPhase::Succeeded,
                        OperationPhase::Failed => RunPhase::Failed,
                        _ => RunPhase::Error,
                    };
                    if outcome.phase == OperationPhase::Succeeded {
                        standing = if unhealthy.is_some() { Standing::Unhealthy } else { Standing::Healthy };
                    }
                    if lane.phase != RunPhase::Succeeded {
                        lane.message = Some(match unhealthy.and_then(|report| report.reasons.first()) {
                            Some((resource, health)) => format!(
                                "it is applied and not healthy: {} {} is {}",
                                resource.kind,
                                resource.name,
                                health.status.as_str()
                            ),
                            None => outcome.message.clone(),
                        });
                    }
                    let told = match lane.phase {
                        RunPhase::Succeeded => Some((RunEventKind::Finished, "synced", None)),
                        RunPhase::Aborted => None,
                        _ => {
                            let text = lane.message.clone().map(|text| with_hints(text, &outcome.hints));
                            Some((RunEventKind::Failed, "failed", text))
                        }
                    };
                    let unhealthy = outcome.health.iter().flat_map(|report| &report.reasons);
                    for (resource, health) in unhealthy {
                        set_health(&mut run.health, &name, resource, health);
                    }
                    told
                }
            };
            if let Some((kind, title, text)) = told {
                note(run, kind, Some(&name), title, text, clock::milliseconds());
            }
        });
        standing
    }

    /// The error says why the sync never began.
    async fn sync_instance(
        &self,
        start: &Start,
        going: &Going,
        position: usize,
        mut lane: LaneState,
        applied: mpsc::UnboundedSender<usize>,
    ) -> Result<SyncOutcome, ApiError> {
        // A cluster may take its time to answer, and a program that gets its credentials as well.
        let (request, connection) = tokio::select! {
            ready = self.request(start, &start.instances[position]) => ready?,
            () = going.cancel.cancelled() => return Err(error("cancelled", "cancelled before anything was written")),
        };
        let outcome = syncing::run(&Arc::new(connection), request, going.cancel.clone(), |event| {
            if let SyncEvent::Operation { phase: OperationPhase::Succeeded, .. } = &event {
                // Nobody listens any more only where the run has ended.
                let _ = applied.send(position);
            }
            self.change(going, |run| lane.take(run, event, clock::milliseconds()));
        })
        .await;
        self.change(going, |run| {
            lane.end(run, outcome.phase, &outcome.resources, clock::milliseconds());
        });
        Ok(outcome)
    }

    /// What is synced of an instance, and the cluster that it goes to.
    async fn request(
        &self,
        start: &Start,
        instance: &Instance,
    ) -> Result<(SyncRequest, Connection), ApiError> {
        let environment = instance.id.environment.as_str();
        let connect = || start.destination.connect(environment);
        let render = rendering(&start.opened, &start.fleet, instance);
        let rendered = rendered_on(&instance.id.environment, None, connect, render).await?;
        if let Destination::Sandbox(_) = &start.destination {
            self.prepare_sandbox(&start.opened, instance, &rendered.manifests).await?;
        }
        let mut options = start.sync_options(instance);
        options.started_at = slipway_sync::Time(clock::milliseconds());
        let mark = syncing::mark(instance, &options.namespace);
        let mut request = syncing::request(&instance.id, mark, rendered, options)
            .map_err(|problems| error("refused", refused(&problems)))?;
        request.wait = if start.dry_run { Wait::No } else { Wait::Health(HEALTH) };
        let connection = connect().await.map_err(|failure| cluster_error(&failure))?;
        Ok((request, connection))
    }

    async fn prepare_sandbox(
        &self,
        opened: &Arc<Opened>,
        instance: &Instance,
        manifests: &[slipway_model::Manifest],
    ) -> Result<(), ApiError> {
        let slot = opened.sandbox.lock().await;
        let running = slot.as_ref().ok_or_else(|| error("sandbox", "the sandbox was stopped"))?;
        for kind in syncing::kinds_without_schema(manifests) {
            running
                .sandbox
                .accept_kind(instance.id.environment.as_str(), &kind)
                .map_err(|failure| error("sandbox", failure.to_string()))?;
        }
        Ok(())
    }

    /// Changes a run and tells of it.
    fn change(&self, going: &Going, change: impl FnOnce(&mut RunInfo)) -> RunInfo {
        let info = {
            let mut info = going.info.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut info);
            add_up(&mut info);
            info.clone()
        };
        let now = clock::milliseconds();
        let kept_at = going.kept_at.load(Ordering::Relaxed);
        if now - kept_at >= KEPT_EVERY
            && going.kept_at.compare_exchange(kept_at, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
            && let Err(failure) = self.keep(&info)
        {
            tracing::warn!("the run cannot be kept: {}", failure.message);
        }
        self.tell(ApiEvent::RunChanged { run: Box::new(info.clone()), since: None, version: 0 });
        info
    }
}

/// Renders an instance of a fleet with other clusters than the fleet's.
fn rendering(
    opened: &Arc<Opened>,
    fleet: &Arc<InnerFleet>,
    instance: &Instance,
) -> impl Fn(&Clusters) -> Rendered + Send + use<> {
    let (opened, fleet, instance) = (opened.clone(), fleet.clone(), instance.clone());
    move |clusters| opened.workspace.render(&fleet.tree, &instance, clusters)
}

/// Puts what stands before each lane into a run.
fn draw_gates(run: &mut RunInfo, schedule: &Schedule) {
    for (lane, gates) in run.lanes.iter_mut().zip(schedule.all_gates()) {
        lane.waits_for = order::gates(gates);
    }
}

/// What is said, with what can be done about it on lines of their own.
fn with_hints(message: String, hints: &[String]) -> String {
    hints.iter().fold(message, |text, hint| format!("{text}\nHint: {hint}"))
}

/// A lane that could not be carried out: nothing of it starts any more.
fn fail(run: &mut RunInfo, position: usize, message: &str) {
    let lane = &mut run.lanes[position];
    lane.phase = RunPhase::Error;
    lane.message = Some(message.to_owned());
    for column in &mut lane.columns {
        column.gate_text = None;
        for task in column.tasks.iter_mut().filter(|task| task.status == TaskStatus::Waiting) {
            task.status = TaskStatus::WillNotStart;
        }
    }
}

/// Counts the tasks of a run.
fn add_up(info: &mut RunInfo) {
    let tasks = || info.lanes.iter().flat_map(|lane| &lane.columns).flat_map(|column| &column.tasks);
    let total = count(tasks().count());
    let done = count(tasks().filter(|task| is_done(task.status)).count());
    let failed = count(tasks().filter(|task| task.status == TaskStatus::Failed).count());
    (info.total, info.done, info.failed) = (total, done, failed);
}

fn is_done(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::Synced | TaskStatus::Skipped | TaskStatus::Pruned)
}

/// How a run ended, by its lanes.
fn worst(run: &RunInfo, cancelled: bool) -> RunPhase {
    let any = |phase: RunPhase| run.lanes.iter().any(|lane| lane.phase == phase);
    if cancelled {
        RunPhase::Aborted
    } else if any(RunPhase::Failed) || any(RunPhase::NotStarted) {
        RunPhase::Failed
    } else if any(RunPhase::Error) {
        RunPhase::Error
    } else {
        RunPhase::Succeeded
    }
}
