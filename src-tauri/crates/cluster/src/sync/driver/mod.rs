//! Carries out the commands of a run and tells it what came of them.

mod begin;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use slipway_model::ResourceId;
use slipway_sync::annotations::is_terminating;
use slipway_sync::run::{Answer, Command, Event, Request, RequestId};
use slipway_sync::{Kinds, Observation, OperationPhase, ResultCode, Run, Task, Time};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::teller::Teller;
use super::{Confirmation, Retry, SyncEvent, SyncOutcome, SyncRequest, Wait, health};
use crate::connection::Connection;
use crate::discovery::{ApiResource, ApiResources, shared_table};
use crate::error::{ClusterError, ErrorKind};
use crate::live::{self, Change, LiveStore, namespace_id};
use crate::watch::{self, Followed};
use crate::write::{self, Writer, Written};

/// How many requests run at the same time.
const REQUESTS: usize = 32;
/// How long a waiting run is left alone when nothing changes.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Changes that come close together are looked at together.
const SETTLE: Duration = Duration::from_millis(50);
/// How many kinds and namespaces are watched at most; more are read again and again.
const WATCHES: usize = 64;
/// How often a look at a cluster that does not answer is tried, each time after twice the pause.
const LOOKS: u32 = 5;

pub(super) async fn sync(
    connection: &Arc<Connection>,
    mut request: SyncRequest,
    events: mpsc::Sender<SyncEvent>,
    cancel: CancellationToken,
) -> SyncOutcome {
    let mut teller = Teller::new(events);
    if request.options.started_at == Time::default() {
        request.options.started_at = now();
    }
    let mut attempt = 0;
    loop {
        let begun = tokio::select! {
            begun = Driver::begin(connection, &request, &mut teller) => begun,
            () = cancel.cancelled() => Err(cancelled_early()),
        };
        let (outcome, can_help) = match begun {
            Ok(mut driver) => {
                let outcome = driver.drive(&mut teller, &cancel).await;
                (outcome, !driver.is_refused)
            }
            Err(error) => {
                let can_help = error.is_transient();
                (SyncOutcome::refused(error, teller.problems()), can_help)
            }
        };
        let failed = outcome.phase != OperationPhase::Succeeded;
        if !failed || !can_help || cancel.is_cancelled() || attempt >= request.retry.limit {
            return outcome;
        }
        attempt += 1;
        if !pause(request.retry, attempt, &mut teller, &cancel).await {
            return outcome;
        }
    }
}

/// Waits before an attempt; false where the sync was cancelled meanwhile.
async fn pause(retry: Retry, attempt: u32, teller: &mut Teller, cancel: &CancellationToken) -> bool {
    let pause = retry.pause_before(attempt);
    teller.tell(SyncEvent::Retry { attempt, pause }).await;
    tokio::select! {
        () = cancel.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}

fn now() -> Time {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// One attempt at a sync.
pub(super) struct Driver<'a> {
    connection: &'a Arc<Connection>,
    request: &'a SyncRequest,
    run: Run,
    /// The kinds of the cluster as the sync began.
    served: Arc<ApiResources>,
    /// The same, and those that come with this sync.
    resources: Arc<ApiResources>,
    kinds: Arc<dyn Kinds>,
    pub(super) store: LiveStore,
    /// What is looked at: every target, hook and marked object.
    concerned: BTreeMap<ResourceId, ApiResource>,
    namespaces_to_come: Vec<String>,
    followers: JoinSet<()>,
    /// The paths that are followed.
    followed: BTreeSet<String>,
    changes: mpsc::Receiver<Change>,
    sender: mpsc::Sender<Change>,
    planned: Vec<slipway_sync::PlannedPhase>,
    /// Something is known that the run was not told yet.
    untold: bool,
    /// It ended for a reason that trying again does not change.
    is_refused: bool,
    /// A definition was written, so the kinds have changed.
    kinds_changed: bool,
}

type Answered = (RequestId, bool, Written);
type Looking<'a> = Pin<Box<dyn Future<Output = Result<Vec<Change>, ClusterError>> + Send + 'a>>;

impl<'a> Driver<'a> {
    fn wanted(&self) -> Vec<(ApiResource, ResourceId)> {
        self.concerned
            .iter()
            .filter(|(id, _)| !id.name.is_empty())
            .map(|(id, resource)| (resource.clone(), id.clone()))
            .collect()
    }

    /// Runs to the end.
    async fn drive(&mut self, teller: &mut Teller, cancel: &CancellationToken) -> SyncOutcome {
        let result = self.carry_out_commands(teller, cancel).await;
        let (phase, message, hints) = match result {
            Ok((phase, message)) => (phase, message, self.hints()),
            Err(error) => (OperationPhase::Error, error.message, error.hints),
        };
        teller.operation(phase, &message).await;
        let health = match self.request.wait {
            Wait::Health(limit) if phase == OperationPhase::Succeeded && !self.request.options.dry_run => {
                Some(health::wait(self, limit, teller, cancel).await)
            }
            _ => None,
        };
        SyncOutcome {
            phase,
            message,
            hints,
            resources: self.run.results().cloned().collect(),
            problems: teller.problems(),
            health,
        }
    }

    async fn carry_out_commands(
        &mut self,
        teller: &mut Teller,
        cancel: &CancellationToken,
    ) -> Result<(OperationPhase, String), ClusterError> {
        let connection = self.connection;
        let mut queue: VecDeque<Request> = VecDeque::new();
        let mut requests: FuturesUnordered<Pin<Box<dyn Future<Output = Answered> + Send>>> =
            FuturesUnordered::new();
        let mut looking: Option<Looking<'_>> = None;
        let mut delay: Option<Instant> = None;
        // Set while the run waits: when to look, and whether something changed before.
        let mut waiting: Option<(Instant, bool)> = None;
        let mut cancelled = false;
        let confirmation = self.request.confirmation.clone();
        let (mut confirmed, mut unconfirmed) = (false, false);
        // What was read at the start is the answer to the first look.
        let mut is_fresh = true;
        let mut commands: VecDeque<Command> = self.run.step(Event::Start, now()).into();
        loop {
            while let Some(command) = commands.pop_front() {
                match command {
                    Command::Send(request) => queue.push_back(request),
                    Command::Observe if is_fresh => {
                        is_fresh = false;
                        commands.extend(self.observed(teller).await?);
                    }
                    Command::Observe => {
                        (delay, waiting) = (None, None);
                        looking = Some(look(connection, self.wanted()));
                    }
                    // Nobody can confirm, so waiting for it would be waiting for ever.
                    Command::Wait { .. } if self.run.awaits_confirmation() && confirmation.is_none() => {
                        unconfirmed = true;
                        commands.extend(self.run.step(Event::Terminate, now()));
                    }
                    Command::Wait { .. } => {
                        self.follow_what_runs();
                        // What the requests of this step answered is news already.
                        let pause = if self.untold { SETTLE } else { LOOK_AGAIN };
                        waiting = Some((Instant::now() + pause, self.untold));
                    }
                    Command::Delay { until, .. } => {
                        delay = Some(Instant::now() + until.since(now()));
                    }
                    Command::Finish { phase, message } => {
                        self.tell_news(teller).await;
                        if unconfirmed {
                            self.is_refused = true;
                            return Err(not_confirmed());
                        }
                        return Ok((phase, message));
                    }
                }
            }
            self.tell_news(teller).await;
            while requests.len() < REQUESTS
                && let Some(request) = queue.pop_front()
            {
                requests.push(self.send(request));
            }
            tokio::select! {
                biased;
                () = cancel.cancelled(), if !cancelled => {
                    cancelled = true;
                    // What has not been sent is never sent; what is under way is still answered.
                    let unsent: Vec<Request> = queue.drain(..).collect();
                    commands.extend(self.run.step(Event::Terminate, now()));
                    for request in unsent {
                        commands.extend(self.not_sent(&request));
                    }
                }
                () = confirmation_of(confirmation.as_ref()), if !confirmed => {
                    confirmed = true;
                    commands.extend(self.run.step(Event::PruneConfirmed, now()));
                }
                Some((id, writes, written)) = requests.next(), if !requests.is_empty() => {
                    if let Some(change) = written.change {
                        if is_definition(&change) {
                            self.kinds_changed = true;
                            self.connection.forget_resources();
                        }
                        self.untold |= self.store.take(change);
                    }
                    // A task that was written is further, even where its object is unchanged. A deletion that
                    // is under way is not.
                    self.untold |= writes;
                    commands.extend(self.run.step(Event::Answered { request: id, answer: written.answer }, now()));
                }
                found = async { match looking.as_mut() { Some(future) => future.await, None => std::future::pending().await } } => {
                    looking = None;
                    for change in found? {
                        self.store.take(change);
                    }
                    commands.extend(self.observed(teller).await?);
                }
                Some(change) = self.changes.recv() => {
                    if self.store.take(change) {
                        self.untold = true;
                        if let Some((when, changed)) = waiting.as_mut() && !*changed {
                            (*when, *changed) = (Instant::now() + SETTLE, true);
                        }
                    }
                }
                () = until(delay) => {
                    delay = None;
                    commands.extend(self.run.step(Event::DelayOver, now()));
                }
                () = until(waiting.map(|(when, _)| when)) => {
                    let changed = waiting.take().is_some_and(|(_, changed)| changed);
                    if changed {
                        commands.extend(self.observed(teller).await?);
                    } else {
                        looking = Some(look(connection, self.wanted()));
                    }
                }
            }
        }
    }

    /// A request that was in the queue when the sync was cancelled.
    fn not_sent(&mut self, request: &Request) -> Vec<Command> {
        self.run.step(Event::Answered { request: request.id, answer: Answer::NotSent }, now())
    }

    /// Tells the run what is known of the cluster.
    async fn observed(&mut self, teller: &mut Teller) -> Result<Vec<Command>, ClusterError> {
        if self.kinds_changed {
            // Kinds that cannot be asked for now are asked for with the next look.
            match self.connection.discover().await {
                Ok(served) => {
                    self.kinds_changed = false;
                    self.kinds = shared_table(&served);
                }
                Err(error) => tracing::debug!(%error, "the kinds cannot be asked for; keeping those known"),
            }
        }
        let namespace = self.store.namespace(&self.request.options.namespace);
        let own_namespace = namespace_id(&self.request.options.namespace);
        let mut live = self.store.objects();
        // The namespace is read for CreateNamespace; unless it is a target or marked, it is not the instance's own.
        let is_target = self.request.targets.iter().any(|manifest| {
            manifest.id.group.is_empty()
                && manifest.id.kind == "Namespace"
                && manifest.id.name == own_namespace.name
        });
        if let Some(present) = live.get(&own_namespace)
            && !is_target
            && !self.request.mark.is_on(&present.object)
        {
            live.remove(&own_namespace);
        }
        let observation = Observation {
            live,
            unreadable: self.store.unreadable().clone(),
            namespace,
            kinds: Arc::clone(&self.kinds),
        };
        self.untold = false;
        let commands = self.run.step(Event::Observed(observation), now());
        let planned = self.run.phases();
        if self.planned != planned {
            self.planned.clone_from(&planned);
            teller.tell(SyncEvent::Planned(planned)).await;
        }
        Ok(commands)
    }

    async fn tell_news(&mut self, teller: &mut Teller) {
        for result in self.run.take_news() {
            teller.tell(SyncEvent::Task(result)).await;
        }
        let (phase, message) = self.run.status();
        let message = message.to_owned();
        if !message.is_empty() {
            teller.operation(phase, &message).await;
        }
    }

    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Answered> + Send>> {
        let connection = Arc::clone(self.connection);
        let resources = Arc::clone(&self.resources);
        let namespaces_to_come = self.namespaces_to_come.clone();
        Box::pin(async move {
            let writer = Writer {
                connection: &connection,
                resources: &resources,
                namespaces_to_come: &namespaces_to_come,
            };
            let written = writer.carry_out(&request).await;
            (request.id, write::writes(request.action), written)
        })
    }

    /// Watches the kinds and namespaces of what the run waits for.
    fn follow_what_runs(&mut self) {
        let awaited: BTreeSet<ResourceId> = self
            .run
            .tasks()
            .iter()
            .filter(|task| is_awaited(task))
            .map(|task| task.address.clone())
            .collect();
        self.follow(&awaited);
    }

    /// Watches objects. A kind and namespace is watched once, for everything there that is of concern.
    pub(super) fn follow(&mut self, awaited: &BTreeSet<ResourceId>) {
        for id in awaited {
            let Some(resource) = self.concerned.get(id).cloned() else { continue };
            let path = resource.collection(&id.namespace);
            if self.followed.len() >= WATCHES || !self.followed.insert(path) {
                continue;
            }
            let place = |id: &ResourceId| (id.group.clone(), id.kind.clone(), id.namespace.clone());
            let names: BTreeSet<String> = self
                .concerned
                .keys()
                .filter(|other| place(other) == place(id))
                .map(|other| other.name.clone())
                .collect();
            let followed = Followed { resource, namespace: id.namespace.clone(), names };
            self.followers.spawn(watch::follow(Arc::clone(self.connection), followed, self.sender.clone()));
        }
    }

    /// The next change that somebody watches.
    pub(super) async fn next_change(&mut self) -> Option<Change> {
        self.changes.recv().await
    }

    /// Looks at objects again.
    pub(super) async fn look_at(&mut self, ids: &BTreeSet<ResourceId>) -> Result<(), ClusterError> {
        let wanted = self.wanted().into_iter().filter(|(_, id)| ids.contains(id)).collect();
        for change in look(self.connection, wanted).await? {
            self.store.take(change);
        }
        Ok(())
    }

    /// The plain objects that were applied and are still wanted.
    pub(super) fn applied(&self) -> BTreeSet<ResourceId> {
        self.run
            .results()
            .filter(|result| result.status == Some(ResultCode::Synced) && !result.is_hook)
            .map(|result| result.resource.clone())
            .collect()
    }

    /// What can be done about the failures among the results.
    fn hints(&self) -> Vec<String> {
        let has = |text: &str| {
            self.run
                .results()
                .any(|result| result.status == Some(ResultCode::SyncFailed) && result.message.contains(text))
        };
        let mut hints = Vec::new();
        if has("field is immutable") || has("updates to statefulset spec") {
            hints.push(
                "an immutable field differs: sync this resource with --force, which deletes and creates it anew, or give it a new name"
                    .to_owned(),
            );
        }
        if has("is forbidden") {
            hints.push("ask for a role that allows this, or use another context".to_owned());
        }
        if has("not found") && has("namespaces") {
            hints.push("the namespace does not exist: create it, or sync with CreateNamespace".to_owned());
        }
        hints
    }
}

/// What a waiting run wants to hear of: what runs, and what is going.
fn is_awaited(task: &Task) -> bool {
    let is_going = task.live.as_ref().is_some_and(|live| is_terminating(&live.object));
    task.is_running()
        || is_going
        || (task.state.status == Some(ResultCode::Pruned) && task.live.is_some())
        || (task.is_hook && task.is_pending() && task.live.is_some())
}

/// Reads objects; a cluster that does not answer is asked again.
fn look(connection: &Connection, wanted: Vec<(ApiResource, ResourceId)>) -> Looking<'_> {
    Box::pin(async move {
        let mut pause = Duration::from_secs(1);
        let mut looks = 0;
        loop {
            looks += 1;
            match live::read(connection, wanted.clone()).await {
                Err(error) if error.is_transient() && looks < LOOKS => {
                    tracing::debug!(%error, "the cluster does not answer; trying again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
    })
}

async fn confirmation_of(confirmation: Option<&Confirmation>) {
    match confirmation {
        Some(confirmation) => confirmation.0.cancelled().await,
        None => std::future::pending().await,
    }
}

fn cancelled_early() -> ClusterError {
    ClusterError::new(ErrorKind::Other, "cancelled before anything was written")
}

fn not_confirmed() -> ClusterError {
    ClusterError::new(
        ErrorKind::Invalid,
        "objects marked `Prune=confirm` would be pruned, and nobody confirmed it; their wave was not begun",
    )
    .hint("look at the plan, then sync again and confirm the pruning, or sync without pruning")
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}

fn is_definition(change: &Change) -> bool {
    match change {
        Change::Changed(object) => {
            object.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition")
        }
        Change::Gone(id, _) => id.kind == "CustomResourceDefinition",
        Change::Snapshot { .. } | Change::Unreadable(..) => false,
    }
}
