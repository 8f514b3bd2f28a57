//! What clusters say, as renders see it: asking for it within bounds, and keeping the last of it with its age.
//!
//! Only clusters that the user connected are asked: those of contexts that environments of an opened repository mean, when
//! they were just found to answer, and those that a sync goes to. Objects may be Secrets; nothing of an answer is logged.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use slipway_cluster::{ClusterError, Connection, ErrorKind};
use slipway_model::{EnvironmentName, Problem};
use slipway_render::{ClusterCapabilities, ClusterSnapshot, LookupAnswer, LookupQuestion, Rendered};
use slipway_workspace::{ClusterSource, Clusters, Fleet, render_in_rounds};
use tokio::runtime::Handle;

use crate::app::{Api, blocking};
use crate::clock;
use crate::dto::{ApiError, ApiEvent};
use crate::error::error;
use crate::opened::Opened;

/// Look-ups of one environment that are answered; each beyond them fails. A fleet of thousands of charts asks for about one
/// each.
const MOST_QUESTIONS: usize = 5_000;
/// The longest answer to one look-up, in bytes of JSON. An object has at most 1.5 MiB; what is longer is a list.
const LONGEST_ANSWER: usize = 4 << 20;
/// All answers of one round together, in bytes of JSON.
const ALL_ANSWERS: usize = 64 << 20;
/// How long one round may take. What is not answered by then stays open.
const PATIENCE: Duration = Duration::from_secs(20);
/// Look-ups that are asked for at a time.
const AT_A_TIME: usize = 8;
/// For how long what a cluster said counts as fresh, in milliseconds.
const FRESH: i64 = 5 * 60 * 1_000;

/// What a cluster says of itself.
pub(crate) async fn capabilities(connection: &Connection) -> Result<ClusterCapabilities, ClusterError> {
    let version = connection.server_version().await?;
    let resources = connection.discover().await?;
    Ok(ClusterCapabilities {
        version: version.version,
        major: version.major,
        minor: version.minor,
        api_versions: resources.api_versions(),
    })
}

/// The answers of one round, and why there are not all.
struct Round {
    answers: Vec<(LookupQuestion, LookupAnswer)>,
    gone: Option<ClusterError>,
}

/// Asks a cluster what templates look up.
async fn ask(connection: &Connection, questions: &[LookupQuestion]) -> Round {
    let (asked, beyond) = questions.split_at(questions.len().min(MOST_QUESTIONS));
    let too_many = || {
        LookupAnswer::Failed(format!(
            "more than {MOST_QUESTIONS} objects are looked up; this one was not asked for"
        ))
    };
    let mut round =
        Round { answers: beyond.iter().map(|question| (question.clone(), too_many())).collect(), gone: None };
    let mut left = ALL_ANSWERS;
    let answers = futures::stream::iter(asked.to_vec()).map(|question| async move {
        let LookupQuestion { api_version, kind, namespace, name } = &question;
        let answer = connection.look_up(api_version, kind, namespace, name, LONGEST_ANSWER).await;
        (question, answer)
    });
    let mut answers = std::pin::pin!(answers.buffered(AT_A_TIME));
    let take_all = async {
        while let Some((question, answer)) = answers.next().await {
            let answer = match answer {
                Ok(None) => LookupAnswer::Nothing,
                Ok(Some(object)) => {
                    let bytes = object.to_string().len();
                    if bytes > left {
                        LookupAnswer::Failed(format!(
                            "all that is looked up together is more than is taken ({} MiB)",
                            ALL_ANSWERS >> 20
                        ))
                    } else {
                        left -= bytes;
                        LookupAnswer::Found(Arc::new(object))
                    }
                }
                Err(failure) if is_gone(&failure) => {
                    round.gone = Some(failure);
                    return;
                }
                Err(failure) => LookupAnswer::Failed(failure.message),
            };
            round.answers.push((question, answer));
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, take_all).await;
    if in_time.is_err() {
        round.gone = Some(ClusterError {
            kind: ErrorKind::TimedOut,
            message: format!("what templates look up was not answered within {} s", PATIENCE.as_secs()),
            hints: vec!["the cluster may be overloaded; try again".to_owned()],
            source: None,
        });
    }
    round
}

/// Whether an error says something of the cluster, not of what was looked up.
fn is_gone(failure: &ClusterError) -> bool {
    failure.is_transient() || matches!(failure.kind, ErrorKind::Unauthorised | ErrorKind::Kubeconfig)
}

/// Asks clusters for renders that run on threads of their own.
pub(crate) struct Asking {
    runtime: Handle,
    connections: BTreeMap<EnvironmentName, Arc<Connection>>,
    /// Environments whose cluster did not answer; it is not asked again.
    gone: Mutex<BTreeMap<EnvironmentName, ClusterError>>,
}

impl Asking {
    pub(crate) fn new(connections: BTreeMap<EnvironmentName, Arc<Connection>>) -> Self {
        Self { runtime: Handle::current(), connections, gone: Mutex::default() }
    }

    /// What is not known because a cluster did not answer what templates looked up: a problem for each environment.
    pub(crate) fn problems(&self) -> Vec<(EnvironmentName, Problem)> {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |(environment, failure): (&EnvironmentName, &ClusterError)| {
            let text =
                format!("{environment}: what templates look up in the cluster is not known: {failure}");
            let problem = Problem::error("cluster", text);
            let problem = failure.hints.iter().fold(problem, |problem, hint| problem.hint(hint));
            (environment.clone(), problem)
        };
        gone.iter().map(told).collect()
    }

    /// Environments whose cluster did not answer.
    fn into_gone(self) -> BTreeMap<EnvironmentName, ClusterError> {
        self.gone.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClusterSource for Asking {
    fn look_up(
        &self,
        environment: &EnvironmentName,
        questions: &[LookupQuestion],
    ) -> Vec<(LookupQuestion, LookupAnswer)> {
        let gone = || self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = self.connections.get(environment) else { return Vec::new() };
        if gone().contains_key(environment) {
            return Vec::new();
        }
        let round = self.runtime.block_on(ask(connection, questions));
        if let Some(failure) = round.gone {
            tracing::warn!("{}: look-ups were not answered: {failure}", connection.context());
            gone().insert(environment.clone(), failure);
        }
        round.answers
    }
}

/// Renders with what the cluster of an environment says. It is connected to only where templates ask for it. What was
/// rendered without a cluster already is not rendered so again.
///
/// # Errors
/// Where it does not answer: what would be applied is not known then.
pub(crate) async fn rendered_on<Connecting>(
    environment: &EnvironmentName,
    without: Option<Rendered>,
    connect: impl FnOnce() -> Connecting,
    render: impl Fn(&Clusters) -> Rendered + Send + 'static,
) -> Result<Rendered, ApiError>
where
    Connecting: Future<Output = Result<Connection, ClusterError>>,
{
    let (rendered, render) = match without {
        Some(rendered) => (rendered, render),
        None => blocking(move || Ok((render(&Clusters::default()), render))).await?,
    };
    if rendered.cluster.is_empty() {
        return Ok(rendered);
    }
    let connection = Arc::new(connect().await.map_err(|failure| silent(&failure))?);
    let snapshot = ClusterSnapshot::new(capabilities(&connection).await.map_err(|failure| silent(&failure))?);
    let environment = environment.clone();
    let asking = Asking::new([(environment.clone(), connection)].into());
    blocking(move || {
        let render = |cluster: &Arc<ClusterSnapshot>| render(&Clusters::common(Arc::clone(cluster)));
        let (rendered, heard) = render_in_rounds(&environment, Arc::new(snapshot), &asking, render);
        if rendered.cluster.missing_in(&heard).is_empty() {
            return Ok(rendered);
        }
        // What is missing was not answered, and why is known.
        let gone = asking.into_gone();
        Err(gone.values().next().map_or_else(|| error("cluster", "the cluster gave no answer"), silent))
    })
    .await
}

fn silent(failure: &ClusterError) -> ApiError {
    let told = cluster_error(failure);
    ApiError { message: format!("what templates ask of the cluster is not known: {}", told.message), ..told }
}

/// Why a cluster did not do what was asked of it, with what can be done.
pub(crate) fn cluster_error(failure: &ClusterError) -> ApiError {
    ApiError { hints: failure.hints.clone(), ..error("cluster", failure.to_string()) }
}

/// The cluster of an environment, as an opened repository knows it.
#[derive(Clone)]
pub(crate) struct KnownCluster {
    /// The context it was asked by.
    pub(crate) context: String,
    /// When what is known of it was said, in milliseconds since 1970; `None` before the first time.
    pub(crate) asked_at: Option<i64>,
    /// Whether it may say something else now: it was synced to.
    changed: bool,
    /// Absent when it did not answer any more.
    connection: Option<Arc<Connection>>,
}

impl KnownCluster {
    /// Whether it answered when it was last asked.
    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }
}

/// The clusters of an opened repository.
#[derive(Default)]
pub(crate) struct KnownClusters {
    by_environment: Mutex<BTreeMap<EnvironmentName, KnownCluster>>,
    /// Held while one is heard.
    hearing: tokio::sync::Mutex<()>,
}

impl KnownClusters {
    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<EnvironmentName, KnownCluster>> {
        self.by_environment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That of an environment, once it said anything.
    pub(crate) fn of(&self, environment: &EnvironmentName) -> Option<KnownCluster> {
        self.all().get(environment).filter(|known| known.asked_at.is_some()).cloned()
    }

    /// Those that answer.
    fn connections(&self) -> BTreeMap<EnvironmentName, Arc<Connection>> {
        let all = self.all();
        all.iter().filter_map(|(name, known)| Some((name.clone(), known.connection.clone()?))).collect()
    }

    /// Takes a connection to the cluster of environments. Whether it has to be asked: nothing is known of it, what is
    /// known is old, or it was gone in between.
    fn connected(&self, environments: &[EnvironmentName], connection: &Arc<Connection>, now: i64) -> bool {
        let mut all = self.all();
        let mut has_to_be_asked = false;
        for environment in environments {
            let known = all.entry(environment.clone()).or_insert_with(|| KnownCluster {
                context: String::new(),
                asked_at: None,
                changed: false,
                connection: None,
            });
            if known.context != connection.context() {
                *known = KnownCluster {
                    context: connection.context().to_owned(),
                    asked_at: None,
                    changed: false,
                    connection: None,
                };
            }
            let fresh = known.asked_at.is_some_and(|asked_at| now - asked_at < FRESH);
            has_to_be_asked |= !fresh || known.changed || known.connection.is_none();
            known.connection = Some(Arc::clone(connection));
        }
        has_to_be_asked
    }

    /// A context does not answer any more. What it said stays.
    fn lost(&self, is_gone: impl Fn(&EnvironmentName, &KnownCluster) -> bool) {
        for (environment, known) in self.all().iter_mut() {
            if is_gone(environment, known) {
                known.connection = None;
            }
        }
    }

    /// Contexts were written to: the next time they answer they are asked again.
    pub(crate) fn wrote_to(&self, contexts: &BTreeMap<String, String>) {
        for known in
            self.all().values_mut().filter(|known| contexts.values().any(|each| *each == known.context))
        {
            known.changed = true;
        }
    }

    /// Forgets clusters that environments no longer mean; which environments those are.
    fn forget(&self, means: impl Fn(&EnvironmentName, &str) -> bool) -> BTreeSet<EnvironmentName> {
        let mut forgotten = BTreeSet::new();
        self.all().retain(|environment, known| {
            let stays = means(environment, &known.context);
            if !stays {
                forgotten.insert(environment.clone());
            }
            stays
        });
        forgotten
    }
}

impl Opened {
    /// Scans, renders, and asks connected clusters what templates look up.
    pub(crate) fn update_now(
        &self,
        published: &(dyn Fn(&Arc<Fleet>) + Sync),
    ) -> Result<Arc<Fleet>, ApiError> {
        let asking = Asking::new(self.clusters.connections());
        let fleet = self.workspace.update_asking(&asking, &self.cancel, published)?;
        let gone = asking.into_gone();
        self.clusters.lost(|environment, _| gone.contains_key(environment));
        Ok(fleet)
    }

    /// Asks a cluster what it says of itself, and again for all that templates of its environments look up.
    async fn hear(
        self: Arc<Self>,
        api: Api,
        mut environments: Vec<EnvironmentName>,
        connection: Arc<Connection>,
    ) -> Result<(), ClusterError> {
        let _one_at_a_time = self.clusters.hearing.lock().await;
        let contexts = api.contexts_of(&self);
        environments
            .retain(|each| contexts.get(each.as_str()).is_some_and(|meant| meant == connection.context()));
        let now = clock::milliseconds();
        if !self.clusters.connected(&environments, &connection, now) {
            return Ok(());
        }
        let heard = async {
            let snapshot = ClusterSnapshot::new(capabilities(&connection).await?);
            let mut all = Vec::new();
            for environment in &environments {
                let questions: Vec<LookupQuestion> = match self.workspace.fleet() {
                    Some(fleet) => fleet.lookups(environment).into_iter().collect(),
                    None => Vec::new(),
                };
                let round = ask(&connection, &questions).await;
                if let Some(failure) = round.gone {
                    return Err(failure);
                }
                all.push((environment.clone(), Arc::new(snapshot.with_answers(round.answers))));
            }
            Ok(all)
        };
        let heard = match heard.await {
            Ok(heard) => heard,
            Err(failure) => {
                self.clusters.lost(|environment, _| environments.contains(environment));
                return Err(failure);
            }
        };
        for environment in &environments {
            if let Some(known) = self.clusters.all().get_mut(environment) {
                known.asked_at = Some(now);
                known.changed = false;
            }
        }
        self.workspace.use_clusters(|known| {
            heard.into_iter().fold(known.clone(), |known, (environment, cluster)| {
                // It may have been forgotten meanwhile.
                match self.clusters.of(&environment) {
                    Some(_) => known.with(environment, cluster),
                    None => known,
                }
            })
        });
        self.look_again();
        if let Some(fleet) = self.workspace.fleet() {
            api.tell(ApiEvent::FleetChanged {
                repository: self.id.clone(),
                generation: fleet.generation,
                progress: crate::convert::progress(fleet.progress()),
            });
        }
        Ok(())
    }
}

impl Api {
    /// A context of the kubeconfig answers: repositories whose environments mean it take over what the cluster says.
    pub(crate) fn cluster_answers(&self, connection: &Arc<Connection>) {
        for opened in self.all_opened() {
            let environments: Vec<EnvironmentName> = self
                .contexts_of(&opened)
                .into_iter()
                .filter(|(_, context)| context == connection.context())
                .map(|(environment, _)| EnvironmentName::new(environment))
                .collect();
            if environments.is_empty() {
                continue;
            }
            let (api, connection) = (self.clone(), Arc::clone(connection));
            tokio::spawn(async move {
                let context = connection.context().to_owned();
                if let Err(failure) = opened.hear(api, environments, connection).await {
                    tracing::warn!("{context}: what renders ask of it is not known: {failure}");
                }
            });
        }
    }

    /// A context of the kubeconfig does not answer. What was known of it stays, and grows old.
    pub(crate) fn cluster_is_silent(&self, context: &str) {
        for opened in self.all_opened() {
            opened.clusters.lost(|_, known| known.context == context);
        }
    }

    /// Environments mean other contexts, or the contexts are others: what is known of the former ones is forgotten.
    pub(crate) fn forget_clusters(&self, all_of_them: bool) {
        for opened in self.all_opened() {
            let contexts = self.contexts_of(&opened);
            let means = |environment: &EnvironmentName, context: &str| {
                !all_of_them && contexts.get(environment.as_str()).is_some_and(|meant| meant == context)
            };
            let forgotten = opened.clusters.forget(means);
            if !forgotten.is_empty() {
                opened.workspace.use_clusters(|known| {
                    known.clone().without(|environment| forgotten.contains(environment))
                });
                opened.look_again();
            }
        }
    }
}
