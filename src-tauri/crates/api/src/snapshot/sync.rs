//! Syncing from the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_catalog::Instance;
use slipway_cluster::{
    Connection, ConnectionOptions, KubeconfigSource, SyncEvent, SyncOutcome, SyncRequest, Wait,
};
use slipway_model::{ApplicationName, EnvironmentName, InstanceId, Problem, ResourceId};
use slipway_render::Rendered;
use slipway_sandbox::Sandbox;
use slipway_sync::ownership::Mark;
use slipway_sync::{OperationPhase, RunResult, SyncOptions, Time};
use tokio_util::sync::CancellationToken;

use super::{PathRequest, Snapshot};
use crate::clock;
use crate::dto::ApiError;
use crate::error::error;
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

/// One thing that is synced.
pub struct Wanted {
    id: InstanceId,
    mark: Mark,
    namespace: String,
    protected: bool,
    context: Option<String>,
    rendered: Rendered,
}

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
    /// Renders an instance for a sync.
    #[must_use]
    pub fn wanted(&self, instance: &Instance, namespace: Option<&str>) -> Wanted {
        let namespace =
            namespace.or(instance.destination.namespace.as_deref()).unwrap_or_default().to_owned();
        let repository = self.workspace.repository();
        let path = repository.work_directory().unwrap_or_else(|| repository.git_directory());
        let contexts = self.settings.contexts.get(&path.display().to_string());
        Wanted {
            id: instance.id.clone(),
            mark: syncing::mark(instance, &namespace),
            namespace,
            protected: self
                .catalog
                .environment(&instance.id.environment)
                .is_some_and(|environment| environment.protected),
            context: contexts.and_then(|contexts| contexts.get(instance.id.environment.as_str())).cloned(),
            rendered: self.workspace.render(&self.tree, instance),
        }
    }
}

/// Renders any folder for a sync.
///
/// # Errors
/// When it cannot be rendered at all.
pub fn wanted_path(request: &PathRequest, name: Option<&str>) -> Result<Wanted, ApiError> {
    let answer = request.render()?;
    let folder = || request.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.map(ToOwned::to_owned).or_else(folder).unwrap_or_else(|| "application".to_owned());
    let id = InstanceId::new(ApplicationName::new(name), EnvironmentName::new("path"));
    Ok(Wanted {
        mark: Mark::Instance(id.clone()),
        id,
        namespace: request.parameters.namespace.clone().unwrap_or_default(),
        protected: false,
        context: None,
        rendered: answer.rendered,
    })
}

/// Syncs instances one after the other, and tells every fact. The answer is whether all of them succeeded, and
/// are healthy where that was asked for.
///
/// # Errors
/// When nothing may be written at all: a protected environment is not confirmed, or there is no cluster.
pub async fn sync(
    wanted: Vec<Wanted>,
    question: &SyncQuestion,
    cancel: CancellationToken,
    mut tell: impl FnMut(SyncLine),
) -> Result<bool, ApiError> {
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
    let clusters = Clusters::of(question, &wanted).await?;
    let mut all_well = true;
    for each in wanted {
        if cancel.is_cancelled() {
            all_well = false;
            break;
        }
        all_well &= sync_one(each, question, &clusters, &cancel, &mut tell).await;
    }
    clusters.end().await;
    Ok(all_well)
}

async fn sync_one(
    wanted: Wanted,
    question: &SyncQuestion,
    clusters: &Clusters,
    cancel: &CancellationToken,
    tell: &mut impl FnMut(SyncLine),
) -> bool {
    let id = wanted.id.clone();
    for problem in &wanted.rendered.problems {
        tell(SyncLine::Problem(problem.clone().of(id.clone())));
    }
    let options = SyncOptions {
        namespace: wanted.namespace.clone(),
        started_at: Time(clock::milliseconds()),
        prune: question.prune,
        server_side_apply: question.server_side,
        replace: question.replace,
        force: question.force,
        dry_run: question.dry_run,
        resources: question.resources.clone(),
        create_namespace: matches!(clusters, Clusters::Own(_) | Clusters::Running(_)),
        ..SyncOptions::default()
    };
    let failed = |tell: &mut dyn FnMut(SyncLine), message: String, hints: Vec<String>| {
        let outcome = SyncOutcome {
            phase: OperationPhase::Error,
            message,
            hints,
            resources: Vec::new(),
            problems: Vec::new(),
            health: None,
        };
        tell(SyncLine::Done(id.clone(), Box::new(outcome)));
        false
    };
    let kinds = syncing::kinds_without_schema(&wanted.rendered.manifests);
    let request = match syncing::request(&wanted.id, wanted.mark.clone(), wanted.rendered.clone(), options) {
        Ok(request) => SyncRequest { wait: question.wait.map_or(Wait::No, Wait::Health), ..request },
        Err(problems) => {
            let hints = problems.iter().flat_map(|problem| problem.hints.clone()).collect();
            let message = problems.iter().find(|problem| problem.is_error()).map(ToString::to_string);
            return failed(tell, message.unwrap_or_else(|| "it cannot be synced".to_owned()), hints);
        }
    };
    let connection = match clusters.connect(&wanted, &kinds).await {
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
    let well = outcome.phase == OperationPhase::Succeeded
        && outcome.health.as_ref().is_none_or(|report| report.healthy);
    tell(SyncLine::Done(wanted.id, Box::new(outcome)));
    well
}

/// Where a sync goes.
enum Clusters {
    /// Contexts of a kubeconfig.
    Kubeconfig { source: KubeconfigSource, context: Option<String> },
    /// A sandbox that runs elsewhere.
    Running(PathBuf),
    /// A sandbox that ends with the command.
    Own(RunningSandbox),
}

impl Clusters {
    async fn of(question: &SyncQuestion, wanted: &[Wanted]) -> Result<Self, ApiError> {
        match &question.target {
            ClusterQuestion::Kubeconfig { file, context } => Ok(Self::Kubeconfig {
                source: file.clone().map_or(KubeconfigSource::Default, KubeconfigSource::File),
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
        Connection::from_kubeconfig(&source, context.as_deref(), ConnectionOptions::default()).await
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
