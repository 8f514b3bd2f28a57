//! Syncing from the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_catalog::Instance;
use slipway_cluster::{
    Connection, ConnectionOptions, KubeconfigSource, SyncEvent, SyncOutcome, SyncRequest, Wait,
};
use slipway_model::{ApplicationName, EnvironmentName, InstanceId, Order, Problem, ResourceId};
use slipway_render::Rendered;
use slipway_sandbox::Sandbox;
use slipway_sync::order::{Member, Schedule, Standing};
use slipway_sync::ownership::Mark;
use slipway_sync::{OperationPhase, RunResult, SyncOptions, Time};
use slipway_workspace::Clusters;
use tokio_util::sync::CancellationToken;

use super::{PathRequest, Snapshot};
use crate::clock;
use crate::clusters::{cluster_error, rendered_on};
use crate::dto::ApiError;
use crate::error::error;
use crate::order;
use crate::syncing;
use crate::use_cases::sandbox::RunningSandbox;

/// How to sync.
#[derive(Clone, Debug, Default)]
pub struct SyncQuestion {
    /// The namespace, where the declared one is not meant.
    pub namespace: Option<String>,
    /// Delete what carries the mark and is no longer rendered.
    pub prune: bool,
    /// Apply on the server's side.
    pub server_side: bool,
    /// Replace instead of applying.
    pub replace: bool,
    /// Delete and create what cannot be changed.
    pub force: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Only these.
    pub resources: Vec<ResourceId>,
    /// Where to.
    pub target: ClusterQuestion,
    /// Protected environments that the user confirmed.
    pub confirmed: Vec<String>,
    /// Wait for health after the last wave, at most so long.
    pub wait: Option<Duration>,
    /// End the sync after this long.
    pub timeout: Option<Duration>,
}

/// Which cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterQuestion {
    /// The sandbox: a running one, else one that ends with the command.
    Sandbox,
    /// A kubeconfig context.
    Kubeconfig {
        /// The file; by default the platform's.
        file: Option<PathBuf>,
        /// The context; by default the one that the settings give the environment, else the current one.
        context: Option<String>,
    },
}

impl Default for ClusterQuestion {
    fn default() -> Self {
        Self::Kubeconfig { file: None, context: None }
    }
}

impl ClusterQuestion {
    /// Where what is said of an environment's cluster comes from, and its context. Of the sandbox only one that runs
    /// counts: one that was made for the question would be empty.
    ///
    /// # Errors
    /// When the sandbox is meant, and none runs for the environment.
    pub(super) async fn cluster_of(
        &self,
        environment: &EnvironmentName,
        of_settings: impl FnOnce() -> Option<String>,
    ) -> Result<(KubeconfigSource, Option<String>), ApiError> {
        match self {
            Self::Kubeconfig { file, context } => {
                Ok((KubeconfigSource::from(file.clone()), context.clone().or_else(of_settings)))
            }
            Self::Sandbox => {
                let context = context_name(environment.as_str());
                let Some(running) = Sandbox::find_running().await else {
                    return Err(error("sandbox", "no sandbox runs that could be asked")
                        .hint(format!("`slipway sandbox --environment {environment}` starts one")));
                };
                let source = KubeconfigSource::File(running);
                let contexts = slipway_cluster::contexts(&source)
                    .map_err(|failure| error("sandbox", failure.to_string()))?;
                if !contexts.iter().any(|each| each.name == context) {
                    return Err(error(
                        "sandbox",
                        format!("the sandbox that runs has no cluster for `{environment}`"),
                    )
                    .hint(format!("end it, and start it with `--environment {environment}`")));
                }
                Ok((source, Some(context)))
            }
        }
    }
}

/// One thing that is synced.
struct Wanted {
    id: InstanceId,
    mark: Mark,
    namespace: String,
    protected: bool,
    context: Option<String>,
    render: Render,
    /// What it renders without a cluster, where that is known already.
    without_cluster: Option<Rendered>,
}

/// Renders with what a cluster says.
type Render = Arc<dyn Fn(&Clusters) -> Rendered + Send + Sync>;

/// What is synced together, and who waits for whom.
pub struct WantedSet {
    wanted: Vec<Wanted>,
    schedule: Schedule,
}

/// How long an instance is given to become healthy where others wait for that and nothing else is said.
const HEALTH: Duration = Duration::from_secs(300);

/// A fact of a sync.
#[derive(Clone, Debug)]
pub enum SyncLine {
    /// A task moved on.
    Task(InstanceId, RunResult),
    /// The operation waits for something, or is told otherwise.
    Progress(InstanceId, String),
    /// Something is wrong and the sync goes on, or never began.
    Problem(Problem),
    /// An instance's sync ended.
    Done(InstanceId, Box<SyncOutcome>),
}

impl SyncLine {
    /// The line of `--output jsonl`; `None` for what is only for people.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        match self {
            Self::Task(instance, result) => {
                let mut line = result_json(result);
                line["event"] = json!("task");
                line["instance"] = json!(instance);
                Some(line)
            }
            Self::Done(instance, outcome) => Some(json!({
                "event": "done",
                "instance": instance,
                "phase": outcome.phase.as_str(),
                "message": outcome.message,
                "resources": outcome.resources.iter().map(result_json).collect::<Vec<_>>(),
                "health": outcome.health.as_ref().map(|report| json!({
                    "healthy": report.healthy,
                    "reasons": report.reasons.iter().map(|(resource, health)| json!({
                        "resource": resource, "status": health.status.as_str(), "message": health.message,
                    })).collect::<Vec<_>>(),
                })),
            })),
            Self::Problem(problem) => Some(json!({"event": "problem", "problem": problem})),
            Self::Progress(..) => None,
        }
    }
}

fn result_json(result: &RunResult) -> Value {
    json!({
        "phase": result.phase.as_str(),
        "wave": result.wave,
        "action": result.action.as_str(),
        "resource": result.resource,
        "hook": result.is_hook,
        "status": result.status.map(|status| status.as_str()),
        "state": result.state.map(|state| state.as_str()),
        "message": result.message,
    })
}

impl Snapshot {
    /// Instances for a sync. Each is rendered with what the cluster says that it goes to.
    #[must_use]
    pub fn wanted(&self, instances: &[&Instance], namespace: Option<&str>) -> WantedSet {
        let ids = instances.iter().map(|instance| &instance.id);
        WantedSet {
            schedule: order::schedule(&self.catalog, ids, 1),
            wanted: instances.iter().map(|instance| self.wanted_instance(instance, namespace)).collect(),
        }
    }

    fn wanted_instance(&self, instance: &Instance, namespace: Option<&str>) -> Wanted {
        let namespace =
            namespace.or(instance.destination.namespace.as_deref()).unwrap_or_default().to_owned();
        let (workspace, tree, rendered) = (self.workspace.clone(), self.tree.clone(), instance.clone());
        Wanted {
            id: instance.id.clone(),
            mark: syncing::mark(instance, &namespace),
            namespace,
            protected: self
                .catalog
                .environment(&instance.id.environment)
                .is_some_and(|environment| environment.protected),
            context: self.context_of(&instance.id.environment),
            render: Arc::new(move |clusters| workspace.render(&tree, &rendered, clusters)),
            without_cluster: None,
        }
    }

    /// The context that the settings give an environment.
    pub(super) fn context_of(&self, environment: &EnvironmentName) -> Option<String> {
        let repository = self.workspace.repository();
        let path = repository.work_directory().unwrap_or_else(|| repository.git_directory());
        self.settings.contexts.get(&path.display().to_string())?.get(environment.as_str()).cloned()
    }
}

/// Any folder for a sync.
///
/// # Errors
/// When it cannot be rendered at all.
pub fn wanted_path(request: &PathRequest, name: Option<&str>) -> Result<WantedSet, ApiError> {
    // A path that is not there is told before any cluster is asked.
    let rendered = request.render()?.rendered;
    let folder = || request.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.map(ToOwned::to_owned).or_else(folder).unwrap_or_else(|| "application".to_owned());
    let id = InstanceId::new(ApplicationName::new(name), EnvironmentName::new("path"));
    let nothing = Order::default();
    Ok(WantedSet {
        schedule: Schedule::new(&[Member { id: &id, order: &nothing }], &[0], 1),
        wanted: vec![Wanted {
            mark: Mark::Instance(id.clone()),
            id,
            namespace: request.parameters.namespace.clone().unwrap_or_default(),
            protected: false,
            context: None,
            render: request.renderer(),
            without_cluster: Some(rendered),
        }],
    })
}

/// Syncs instances one after the other, in an order in which each comes after what it waits for, and tells every fact.
/// What waits for one that failed does not start. The answer is whether all of them succeeded, and
/// are healthy where that was asked for.
///
/// # Errors
/// When nothing may be written at all: a protected environment is not confirmed, or there is no cluster.
pub async fn sync(
    set: WantedSet,
    question: &SyncQuestion,
    cancel: CancellationToken,
    mut tell: impl FnMut(SyncLine),
) -> Result<bool, ApiError> {
    let WantedSet { wanted, mut schedule } = set;
    let sandboxed = question.target == ClusterQuestion::Sandbox;
    if !sandboxed && !question.dry_run {
        let unconfirmed = wanted.iter().find(|each| {
            each.protected && !question.confirmed.iter().any(|name| name == each.id.environment.as_str())
        });
        if let Some(each) = unconfirmed {
            let name = &each.id.environment;
            return Err(error("confirmation-needed", format!("`{name}` is protected; nothing was written"))
                .hint(format!("`--confirm {name}` says that it shall be changed")));
        }
    }
    let clusters = Destinations::of(question, &wanted).await?;
    schedule.problems().into_iter().for_each(|problem| tell(SyncLine::Problem(problem)));
    let mut all_well = true;
    loop {
        if cancel.is_cancelled() {
            all_well = false;
            break;
        }
        let next = schedule.advance();
        for (lane, why) in next.never {
            all_well = false;
            if let Some(each) = wanted.get(lane) {
                tell(SyncLine::Done(each.id.clone(), Box::new(never_began(why, Vec::new()))));
            }
        }
        let Some((lane, each)) = next.start.first().and_then(|lane| Some((*lane, wanted.get(*lane)?))) else {
            break;
        };
        let wait =
            question.wait.or_else(|| schedule.is_awaited(lane).then_some(question.timeout.unwrap_or(HEALTH)));
        let standing = sync_one(each, question, wait, &clusters, &cancel, &mut tell).await;
        all_well &= standing == Standing::Healthy;
        schedule.set(lane, standing);
    }
    clusters.end().await;
    Ok(all_well)
}

/// The end of a sync that never began.
fn never_began(message: String, hints: Vec<String>) -> SyncOutcome {
    SyncOutcome {
        phase: OperationPhase::Error,
        message,
        hints,
        resources: Vec::new(),
        problems: Vec::new(),
        health: None,
    }
}

/// The answer is how the instance stands for those that wait for it.
async fn sync_one(
    wanted: &Wanted,
    question: &SyncQuestion,
    wait: Option<Duration>,
    clusters: &Destinations,
    cancel: &CancellationToken,
    tell: &mut impl FnMut(SyncLine),
) -> Standing {
    let id = wanted.id.clone();
    let options = SyncOptions {
        namespace: wanted.namespace.clone(),
        started_at: Time(clock::milliseconds()),
        prune: question.prune,
        server_side_apply: question.server_side,
        replace: question.replace,
        force: question.force,
        dry_run: question.dry_run,
        resources: question.resources.clone(),
        create_namespace: matches!(clusters, Destinations::Own(_) | Destinations::Running(_)),
        ..SyncOptions::default()
    };
    let failed = |tell: &mut dyn FnMut(SyncLine), message: String, hints: Vec<String>| {
        tell(SyncLine::Done(id.clone(), Box::new(never_began(message, hints))));
        Standing::Failed
    };
    let render = Arc::clone(&wanted.render);
    let connect = || clusters.connect(wanted, &[]);
    let without = wanted.without_cluster.clone();
    let rendered = rendered_on(&id.environment, without, connect, move |clusters| render(clusters));
    // A program that gets the credentials may take forever, and so may look-ups.
    let stopped = || error("cancelled", "cancelled before anything was written");
    let rendered = tokio::select! {
        rendered = rendered => rendered,
        () = cancel.cancelled() => Err(stopped()),
    };
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(failure) => return failed(tell, failure.message, failure.hints),
    };
    for problem in &rendered.problems {
        tell(SyncLine::Problem(problem.clone().of(id.clone())));
    }
    let kinds = syncing::kinds_without_schema(&rendered.manifests);
    let request = match syncing::request(&wanted.id, wanted.mark.clone(), rendered, options) {
        Ok(request) => SyncRequest { wait: wait.map_or(Wait::No, Wait::Health), ..request },
        Err(problems) => {
            let hints = problems.iter().flat_map(|problem| problem.hints.clone()).collect();
            let message = problems.iter().find(|problem| problem.is_error()).map(ToString::to_string);
            return failed(tell, message.unwrap_or_else(|| "it cannot be synced".to_owned()), hints);
        }
    };
    let connection = tokio::select! {
        connection = clusters.connect(wanted, &kinds) => connection.map_err(|failure| cluster_error(&failure)),
        () = cancel.cancelled() => Err(stopped()),
    };
    let connection = match connection {
        Ok(connection) => Arc::new(connection),
        Err(failure) => return failed(tell, failure.message, failure.hints),
    };
    // It may take long to answer; whoever waits knows for what.
    let cluster = format!("asking `{}` at {}", connection.context(), connection.server());
    tell(SyncLine::Progress(id.clone(), cluster));
    let stop = cancel.child_token();
    if let Some(timeout) = question.timeout {
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(timeout).await;
            stop.cancel();
        });
    }
    let outcome = syncing::run(&connection, request, stop, |event| match event {
        SyncEvent::Task(result) => tell(SyncLine::Task(wanted.id.clone(), result)),
        SyncEvent::Operation { message, .. } if !message.is_empty() => {
            tell(SyncLine::Progress(wanted.id.clone(), message));
        }
        SyncEvent::Problem(problem) => tell(SyncLine::Problem(problem.of(wanted.id.clone()))),
        SyncEvent::Retry { attempt, pause } => {
            tell(SyncLine::Progress(
                wanted.id.clone(),
                format!("attempt {attempt} begins in {} s", pause.as_secs()),
            ));
        }
        SyncEvent::Health { resource, health } => {
            let text = format!("{resource}: {} {}", health.status.as_str(), health.message);
            tell(SyncLine::Progress(wanted.id.clone(), text.trim_end().to_owned()));
        }
        SyncEvent::Operation { .. } | SyncEvent::Planned(_) => {}
    })
    .await;
    let standing = match outcome.phase {
        OperationPhase::Succeeded if outcome.health.as_ref().is_none_or(|report| report.healthy) => {
            Standing::Healthy
        }
        OperationPhase::Succeeded => Standing::Unhealthy,
        _ => Standing::Failed,
    };
    tell(SyncLine::Done(id, Box::new(outcome)));
    standing
}

/// Where a sync goes.
enum Destinations {
    /// Contexts of a kubeconfig.
    Kubeconfig { source: KubeconfigSource, context: Option<String> },
    /// A sandbox that runs elsewhere.
    Running(PathBuf),
    /// A sandbox that ends with the command.
    Own(RunningSandbox),
}

impl Destinations {
    async fn of(question: &SyncQuestion, wanted: &[Wanted]) -> Result<Self, ApiError> {
        match &question.target {
            ClusterQuestion::Kubeconfig { file, context } => Ok(Self::Kubeconfig {
                source: KubeconfigSource::from(file.clone()),
                context: context.clone(),
            }),
            ClusterQuestion::Sandbox => {
                let mut environments: Vec<String> =
                    wanted.iter().map(|each| each.id.environment.to_string()).collect();
                environments.sort();
                environments.dedup();
                if let Some(running) = Sandbox::find_running().await {
                    let contexts = slipway_cluster::contexts(&KubeconfigSource::File(running.clone()))
                        .map_err(|failure| error("sandbox", failure.to_string()))?;
                    let has =
                        |name: &String| contexts.iter().any(|context| context.name == context_name(name));
                    if environments.iter().all(has) {
                        return Ok(Self::Running(running));
                    }
                }
                Ok(Self::Own(RunningSandbox::start(environments).await?))
            }
        }
    }

    async fn connect(
        &self,
        wanted: &Wanted,
        kinds: &[slipway_sandbox::KindWithoutSchema],
    ) -> Result<Connection, slipway_cluster::ClusterError> {
        let environment = wanted.id.environment.as_str();
        let (source, context) = match self {
            Self::Kubeconfig { source, context } => {
                (source.clone(), context.clone().or_else(|| wanted.context.clone()))
            }
            Self::Running(file) => (KubeconfigSource::File(file.clone()), Some(context_name(environment))),
            Self::Own(running) => {
                for kind in kinds {
                    if let Err(failure) = running.sandbox.accept_kind(environment, kind) {
                        tracing::warn!("{failure}");
                    }
                }
                let access = running.access();
                let context =
                    access.contexts.into_iter().find(|(name, _)| name == environment).map(|(_, name)| name);
                (KubeconfigSource::Text(access.kubeconfig), context)
            }
        };
        Connection::from_kubeconfig(&source, context.as_deref(), ConnectionOptions::of_terminal()).await
    }

    async fn end(self) {
        if let Self::Own(running) = self {
            running.stop().await;
        }
    }
}

/// The context of an environment in a sandbox (`contracts.md` §10).
fn context_name(environment: &str) -> String {
    format!("slipway-{}", environment.replace('/', "-"))
}
