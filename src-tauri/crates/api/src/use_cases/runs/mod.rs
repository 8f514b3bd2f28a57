//! Runs: syncs that go on, and those that were.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use slipway_catalog::Instance;
use slipway_cluster::{Connection, ConnectionOptions, KubeconfigSource, SyncEvent, SyncOutcome, Wait};
use slipway_model::ResourceId;
use slipway_store::StoredRun;
use slipway_sync::{OperationPhase, PlannedPhase, RunResult, SyncPhase, lanes};
use slipway_workspace::Fleet as InnerFleet;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::Api;
use crate::app::blocking;
use crate::clock;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::syncing;
use crate::use_cases::sandbox::SandboxAccess;
use crate::use_cases::sync::{options, refused};

/// Instances that are synced at a time.
const AT_A_TIME: usize = 8;

/// How long a run watches for health after its last wave.
const HEALTH: Duration = Duration::from_secs(300);

/// Runs that a list shows.
const LISTED: u32 = 100;

/// Runs that go on.
#[derive(Default)]
pub(crate) struct Runs {
    going_on: Mutex<BTreeMap<String, Arc<Going>>>,
}

/// A run that goes on.
struct Going {
    info: Mutex<RunInfo>,
    cancel: CancellationToken,
}

/// Which clusters a run goes to.
pub(crate) enum Destination {
    Sandbox(SandboxAccess),
    Contexts { kubeconfig: Option<PathBuf>, contexts: BTreeMap<String, String> },
}

impl Destination {
    fn name(&self, instances: &[Instance]) -> String {
        match self {
            Self::Sandbox(_) => "sandbox".to_owned(),
            Self::Contexts { contexts, .. } => {
                let mut names: Vec<&str> = instances
                    .iter()
                    .filter_map(|instance| contexts.get(instance.id.environment.as_str()))
                    .map(String::as_str)
                    .collect();
                names.sort_unstable();
                names.dedup();
                names.join(", ")
            }
        }
    }

    async fn connect(&self, environment: &str) -> Result<Connection, slipway_cluster::ClusterError> {
        let (source, context) = match self {
            Self::Sandbox(access) => {
                let context =
                    access.contexts.iter().find(|(name, _)| name == environment).map(|(_, context)| context);
                (KubeconfigSource::Text(access.kubeconfig.clone()), context)
            }
            Self::Contexts { kubeconfig, contexts } => {
                let source = kubeconfig.clone().map_or(KubeconfigSource::Default, KubeconfigSource::File);
                (source, contexts.get(environment))
            }
        };
        Connection::from_kubeconfig(&source, context.map(String::as_str), ConnectionOptions::default()).await
    }
}

/// What is needed to start a run.
pub(crate) struct Start {
    pub(crate) opened: Arc<Opened>,
    pub(crate) fleet: Arc<InnerFleet>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) destination: Destination,
    pub(crate) revision: String,
    pub(crate) prune: bool,
    pub(crate) dry_run: bool,
}

impl Api {
    /// Starts a run; it goes on by itself.
    pub(crate) async fn start_run(&self, start: Start) -> Result<RunInfo, ApiError> {
        let started_at = clock::milliseconds();
        let info = RunInfo {
            id: format!("{started_at}-{:04x}", rand::random::<u16>()),
            repository: start.opened.id.clone(),
            target: start.destination.name(&start.instances),
            revision: start.revision.clone(),
            phase: RunPhase::Running,
            started_at,
            finished_at: None,
            lanes: start.instances.iter().map(empty_lane).collect(),
            total: 0,
            done: 0,
            failed: 0,
            message: None,
            health: Vec::new(),
        };
        let going = Arc::new(Going { info: Mutex::new(info.clone()), cancel: CancellationToken::new() });
        let mut all = self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(info.id.clone(), going.clone());
        drop(all);
        self.keep(&info)?;
        tokio::spawn(self.clone().carry_out(start, going));
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

    pub(crate) async fn runs(&self, request: RepositoryRef) -> Result<RunList, ApiError> {
        let opened = self.opened(&request.repository)?;
        let stored = self.inner.database.runs(&opened.id, LISTED)?;
        let runs = stored
            .iter()
            .map(|stored| match self.going(&stored.id) {
                Some(going) => going.info.lock().unwrap_or_else(PoisonError::into_inner).clone(),
                None => restore(stored),
            })
            .map(|run| RunInfo { lanes: Vec::new(), ..run })
            .collect();
        Ok(RunList { runs })
    }

    fn going(&self, id: &str) -> Option<Arc<Going>> {
        self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    async fn carry_out(self, start: Start, going: Arc<Going>) {
        let start = Arc::new(start);
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut lanes = tokio::task::JoinSet::new();
        for position in 0..start.instances.len() {
            let (api, start, going, places) = (self.clone(), start.clone(), going.clone(), places.clone());
            lanes.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                api.sync_lane(&start, &going, position).await;
            });
        }
        while let Some(ended) = lanes.join_next().await {
            if let Err(failure) = ended {
                tracing::error!("a lane of a run ended early: {failure}");
            }
        }
        let info = self.change(&going, |run| {
            run.finished_at = Some(clock::milliseconds());
            run.phase = worst(run, going.cancel.is_cancelled());
            run.message = run.lanes.iter().find_map(|lane| lane.message.clone());
        });
        self.inner.runs.going_on.lock().unwrap_or_else(PoisonError::into_inner).remove(&info.id);
        if let Err(failure) = self.keep(&info) {
            tracing::error!("the run cannot be kept: {}", failure.message);
        }
    }

    async fn sync_lane(&self, start: &Start, going: &Going, position: usize) {
        let instance = &start.instances[position];
        if going.cancel.is_cancelled() {
            self.change(going, |run| run.lanes[position].phase = RunPhase::Aborted);
            return;
        }
        self.change(going, |run| run.lanes[position].phase = RunPhase::Running);
        let outcome = self.sync_instance(start, going, position).await;
        self.change(going, |run| {
            let lane = &mut run.lanes[position];
            match outcome {
                Err(message) => {
                    lane.phase = RunPhase::Error;
                    lane.message = Some(message);
                }
                Ok(outcome) => {
                    lane.phase = match outcome.phase {
                        _ if going.cancel.is_cancelled() => RunPhase::Aborted,
                        OperationPhase::Succeeded => RunPhase::Succeeded,
                        OperationPhase::Failed => RunPhase::Failed,
                        _ => RunPhase::Error,
                    };
                    if lane.phase != RunPhase::Succeeded {
                        lane.message = Some(outcome.message.clone());
                    }
                    let name = instance.id.to_string();
                    let unhealthy = outcome.health.iter().flat_map(|report| &report.reasons);
                    for (resource, health) in unhealthy {
                        set_health(&mut run.health, &name, resource, health);
                    }
                }
            }
        });
    }

    /// The error is a sentence: the sync never began.
    async fn sync_instance(
        &self,
        start: &Start,
        going: &Going,
        position: usize,
    ) -> Result<SyncOutcome, String> {
        let instance = start.instances[position].clone();
        let (opened, fleet) = (start.opened.clone(), start.fleet.clone());
        let rendering = instance.clone();
        let rendered = blocking(move || Ok(opened.workspace.render(&fleet.tree, &rendering)))
            .await
            .map_err(|failure| failure.message)?;
        if let Destination::Sandbox(_) = &start.destination {
            self.prepare_sandbox(&start.opened, &instance, &rendered.manifests)
                .await
                .map_err(|failure| failure.message)?;
        }
        let mut options = options(&instance, &start.fleet);
        options.started_at = slipway_sync::Time(clock::milliseconds());
        options.prune = start.prune;
        options.dry_run = start.dry_run;
        options.create_namespace = matches!(start.destination, Destination::Sandbox(_));
        let mark = syncing::mark(&instance, &options.namespace);
        let mut request =
            syncing::request(&instance.id, mark, rendered, options).map_err(|problems| refused(&problems))?;
        request.wait = if start.dry_run { Wait::No } else { Wait::Health(HEALTH) };
        let connection = start
            .destination
            .connect(instance.id.environment.as_str())
            .await
            .map_err(|failure| failure.to_string())?;
        let mut lane = LaneState::default();
        let outcome = syncing::run(&Arc::new(connection), request, going.cancel.clone(), |event| {
            self.change(going, |run| lane.take(run, position, &instance, event));
        })
        .await;
        self.change(going, |run| {
            lane.ended = Some(outcome.phase);
            lane.results.extend(
                outcome
                    .resources
                    .iter()
                    .map(|result| ((result.resource.clone(), result.phase), result.clone())),
            );
            lane.draw(run, position, &instance);
        });
        Ok(outcome)
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
            let tasks = || info.lanes.iter().flat_map(|lane| &lane.columns).flat_map(|column| &column.tasks);
            let total = count(tasks().count());
            let done = count(tasks().filter(|task| is_done(task.status)).count());
            let failed = count(tasks().filter(|task| task.status == TaskStatus::Failed).count());
            (info.total, info.done, info.failed) = (total, done, failed);
            info.clone()
        };
        self.tell(ApiEvent::RunChanged { run: info.clone() });
        info
    }

    fn keep(&self, run: &RunInfo) -> Result<(), ApiError> {
        let document = serde_json::to_string(run).map_err(|cause| crate::error::internal(&cause))?;
        Ok(self.inner.database.keep_run(&StoredRun {
            id: run.id.clone(),
            repository: run.repository.clone(),
            started_at: run.started_at,
            finished: run.finished_at.is_some(),
            document,
        })?)
    }
}

/// What is known of a lane that goes on.
#[derive(Default)]
struct LaneState {
    phases: Vec<PlannedPhase>,
    results: BTreeMap<(ResourceId, SyncPhase), RunResult>,
    ended: Option<OperationPhase>,
}

impl LaneState {
    fn take(&mut self, run: &mut RunInfo, position: usize, instance: &Instance, event: SyncEvent) {
        match event {
            SyncEvent::Planned(phases) => self.phases = phases,
            SyncEvent::Task(result) => {
                self.results.insert((result.resource.clone(), result.phase), result);
            }
            SyncEvent::Operation { message, .. } => run.message = Some(message),
            SyncEvent::Problem(problem) => run.message = Some(problem.to_string()),
            SyncEvent::Retry { attempt, pause } => {
                run.message = Some(format!("attempt {attempt} begins in {} s", pause.as_secs()));
            }
            SyncEvent::Health { resource, health } => {
                set_health(&mut run.health, &instance.id.to_string(), &resource, &health);
            }
        }
        self.draw(run, position, instance);
    }

    fn draw(&self, run: &mut RunInfo, position: usize, instance: &Instance) {
        let lane = lanes::lane(&instance.id, &self.phases, self.results.values(), self.ended);
        let (phase, message) = (run.lanes[position].phase, run.lanes[position].message.take());
        run.lanes[position] = convert::lane(&lane, phase, message);
    }
}

fn set_health(
    all: &mut Vec<ResourceHealth>,
    instance: &str,
    resource: &ResourceId,
    health: &slipway_sync::Health,
) {
    let known = ResourceHealth {
        instance: instance.to_owned(),
        resource: convert::resource(resource),
        status: health.status.as_str().to_owned(),
        message: (!health.message.is_empty()).then(|| health.message.clone()),
    };
    match all.iter_mut().find(|each| each.instance == known.instance && each.resource == known.resource) {
        Some(each) => *each = known,
        None => all.push(known),
    }
}

fn empty_lane(instance: &Instance) -> Lane {
    Lane {
        instance: instance.id.to_string(),
        application: instance.id.application.to_string(),
        environment: instance.id.environment.to_string(),
        columns: Vec::new(),
        message: None,
        phase: RunPhase::Planned,
    }
}

fn is_done(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::Synced | TaskStatus::Skipped | TaskStatus::Pruned)
}

/// How a run ended, by its lanes.
fn worst(run: &RunInfo, cancelled: bool) -> RunPhase {
    let any = |phase: RunPhase| run.lanes.iter().any(|lane| lane.phase == phase);
    if cancelled {
        RunPhase::Aborted
    } else if any(RunPhase::Failed) {
        RunPhase::Failed
    } else if any(RunPhase::Error) {
        RunPhase::Error
    } else {
        RunPhase::Succeeded
    }
}

/// A kept run. One that had not ended when the program did will never end.
fn restore(stored: &StoredRun) -> RunInfo {
    let mut run: RunInfo = serde_json::from_str(&stored.document).unwrap_or_else(|_| RunInfo {
        id: stored.id.clone(),
        repository: stored.repository.clone(),
        target: String::new(),
        revision: String::new(),
        phase: RunPhase::Error,
        started_at: stored.started_at,
        finished_at: None,
        lanes: Vec::new(),
        total: 0,
        done: 0,
        failed: 0,
        message: Some("the run was kept by another version and cannot be read".to_owned()),
        health: Vec::new(),
    });
    if run.finished_at.is_none() {
        run.phase = RunPhase::Aborted;
        run.message = Some("Slipway ended before the run did".to_owned());
    }
    run
}
