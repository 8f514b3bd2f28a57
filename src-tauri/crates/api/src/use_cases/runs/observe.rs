//! What clusters tell about the resources of a run: events, pods, logs.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use slipway_cluster::{ClusterError, ClusterEvent, Connection, LogSource, Pod};
use slipway_model::{Problem, ResourceId};

use super::destination::Destination;
use super::logs::TAIL;
use crate::Api;
use crate::clusters::cluster_error;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;

/// Events that an answer holds.
const EVENTS: usize = 500;

/// How long one cluster may take; the others are shown without it then.
const PATIENCE: Duration = Duration::from_secs(15);

/// The resources of the lanes of one environment.
struct Asked {
    environment: String,
    /// The instance that each resource belongs to.
    owners: BTreeMap<ResourceId, String>,
}

impl Asked {
    fn objects(&self) -> Vec<ResourceId> {
        self.owners.keys().cloned().collect()
    }

    fn instance(&self, owner: &ResourceId) -> String {
        self.owners.get(owner).cloned().unwrap_or_default()
    }
}

impl Api {
    pub(crate) async fn run_events(&self, request: RunRef) -> Result<ClusterEvents, ApiError> {
        let run = self.run(request).await?;
        let mut answer = ClusterEvents { events: Vec::new(), problems: Vec::new() };
        let read = |connection: Arc<Connection>, objects: Vec<ResourceId>| async move {
            slipway_cluster::events(&connection, &objects).await
        };
        for (asked, events) in self.ask_each(&run, read).await {
            match events {
                Ok(events) => answer.events.extend(events.into_iter().map(|each| event_info(each, &asked))),
                Err(failure) => answer.problems.push(problem(&asked.environment, &failure)),
            }
        }
        answer.events.sort_by(|left, right| right.time.cmp(&left.time));
        answer.events.truncate(EVENTS);
        Ok(answer)
    }

    pub(crate) async fn run_pods(&self, request: RunRef) -> Result<PodList, ApiError> {
        let run = self.run(request).await?;
        let mut answer = PodList { pods: Vec::new(), problems: Vec::new() };
        let read = |connection: Arc<Connection>, objects: Vec<ResourceId>| async move {
            slipway_cluster::pods(&connection, &objects).await
        };
        for (asked, pods) in self.ask_each(&run, read).await {
            match pods {
                Ok(pods) => answer.pods.extend(pods.into_iter().map(|each| pod_info(each, &asked))),
                Err(failure) => answer.problems.push(problem(&asked.environment, &failure)),
            }
        }
        Ok(answer)
    }

    /// Asks the clusters of a run, all at once: one that does not answer holds up no other.
    async fn ask_each<T, Reading>(
        &self,
        run: &RunInfo,
        read: impl Fn(Arc<Connection>, Vec<ResourceId>) -> Reading,
    ) -> Vec<(Asked, Result<T, ApiError>)>
    where
        Reading: Future<Output = Result<T, ClusterError>>,
    {
        let all = asked(run).into_iter().map(|asked| {
            let read = &read;
            async move {
                let answer = async {
                    let connection = self.connection_of(run, &asked.environment).await?;
                    read(connection, asked.objects()).await.map_err(|failure| cluster_error(&failure))
                };
                let answer = tokio::time::timeout(PATIENCE, answer).await;
                (asked, answer.unwrap_or_else(|_| Err(no_answer(PATIENCE))))
            }
        });
        futures::future::join_all(all).await
    }

    pub(crate) async fn log_open(&self, request: LogOpen) -> Result<LogRef, ApiError> {
        let run = self.run(RunRef { run: request.run }).await?;
        let lane = run.lanes.iter().find(|lane| lane.instance == request.instance).ok_or_else(|| {
            error("unknown-instance", format!("the run has no instance `{}`", request.instance))
        })?;
        let connection = self.connection_of(&run, &lane.environment).await?;
        let source = LogSource {
            namespace: request.namespace,
            pod: request.pod,
            container: request.container,
            previous: request.previous,
            tail: TAIL,
            follow: !request.previous,
        };
        Ok(LogRef { stream: self.follow_log(connection, source) })
    }

    /// A connection to the cluster that an environment of a run went to.
    async fn connection_of(&self, run: &RunInfo, environment: &str) -> Result<Arc<Connection>, ApiError> {
        let target = run.origin.as_ref().map_or(SyncTarget::Sandbox, |origin| origin.target.clone());
        let destination = match target {
            SyncTarget::Sandbox => {
                let opened = self.opened_or_gone(&run.repository)?;
                let slot = opened.sandbox.lock().await;
                let running = slot.as_ref().ok_or_else(|| {
                    error("sandbox-ended", "the sandbox that this run went to has ended, with all it held")
                        .hint("sync to the sandbox again")
                })?;
                Destination::Sandbox(running.access())
            }
            SyncTarget::Contexts => Destination::Contexts {
                kubeconfig: self.settings_now().kubeconfig,
                contexts: run.origin.as_ref().map(|origin| origin.contexts.clone()).unwrap_or_default(),
            },
        };
        let connection = destination.connect(environment).await.map_err(|failure| cluster_error(&failure))?;
        Ok(Arc::new(connection))
    }
}

/// What is asked of each environment of a run.
fn asked(run: &RunInfo) -> Vec<Asked> {
    let environments: BTreeSet<&str> = run.lanes.iter().map(|lane| lane.environment.as_str()).collect();
    environments
        .into_iter()
        .map(|environment| Asked {
            environment: environment.to_owned(),
            owners: run
                .lanes
                .iter()
                .filter(|lane| lane.environment == environment)
                .flat_map(|lane| {
                    let tasks = lane.columns.iter().flat_map(|column| &column.tasks);
                    tasks.map(|task| (convert::resource_id(&task.resource), lane.instance.clone()))
                })
                .collect(),
        })
        .collect()
}

pub(super) fn no_answer(after: Duration) -> ApiError {
    error("cluster", format!("no answer within {} s", after.as_secs()))
        .hint("the cluster may be overloaded or not reachable from here (VPN, proxy)")
}

fn problem(environment: &str, failure: &ApiError) -> ProblemInfo {
    let text = format!("{environment}: {}", failure.message);
    let problem =
        failure.hints.iter().fold(Problem::warning(&failure.code, text), |problem, hint| problem.hint(hint));
    convert::problem(&problem)
}

fn event_info(event: ClusterEvent, asked: &Asked) -> ClusterEventInfo {
    ClusterEventInfo {
        instance: asked.instance(&event.owner),
        time: event.time,
        warning: event.is_warning,
        reason: event.reason,
        message: event.message,
        count: u32::try_from(event.count).unwrap_or(u32::MAX),
        resource: convert::resource(&event.object),
        owner: convert::resource(&event.owner),
    }
}

fn pod_info(pod: Pod, asked: &Asked) -> PodInfo {
    PodInfo {
        instance: asked.instance(&pod.owner),
        namespace: pod.namespace,
        name: pod.name,
        owner: convert::resource(&pod.owner),
        phase: pod.phase,
        containers: pod
            .containers
            .into_iter()
            .map(|container| ContainerInfo {
                name: container.name,
                init: container.is_init,
                restarts: count(usize::try_from(container.restarts).unwrap_or(usize::MAX)),
                state: container.state,
            })
            .collect(),
    }
}
