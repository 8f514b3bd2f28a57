//! Plans, runs, and where they go.

use std::collections::BTreeMap;

use super::{ProblemInfo, ResourceInfo, wire, wire_struct};

wire_struct! {
    /// Plans a sync without a cluster.
    pub struct SyncPlanRequest {
        /// Whose.
        pub repository: String,
        /// `APP@ENV` of each.
        pub instances: Vec<String>,
        /// At this revision; by default as it lies on disk.
        pub revision: Option<String>,
    }

    /// Lanes of waves.
    pub struct SyncPlanInfo {
        /// One for each instance.
        pub lanes: Vec<Lane>,
        /// What is in the way.
        pub problems: Vec<ProblemInfo>,
    }

    /// One instance's way through its waves. Waves order one application only, so gates belong to a lane.
    pub struct Lane {
        /// `APP@ENV`.
        pub instance: String,
        /// The application.
        pub application: String,
        /// The environment.
        pub environment: String,
        /// Its columns in order.
        pub columns: Vec<LaneColumn>,
        /// What ended it, where it ended badly.
        pub message: Option<String>,
        /// How it stands.
        pub phase: RunPhase,
        /// Which attempt this is, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub attempt: Option<u32>,
        /// The attempts before this one, the first first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<LaneAttempt>>")]
        pub attempts: Vec<LaneAttempt>,
        /// What stands before the lane as a whole, what holds it up first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<LaneGate>>")]
        pub waits_for: Vec<LaneGate>,
    }

    /// A gate across lanes: what other instances a lane comes after.
    pub struct LaneGate {
        /// Open or not.
        pub state: LaneGateState,
        /// `APP@ENV` of those that hold it up or closed it, first those that failed or go on; at most 20.
        pub lanes: Vec<String>,
        /// How many more there are.
        pub more: u32,
        /// The same in words; empty where it has passed: "waiting for payments and 2 more".
        pub text: String,
        /// What orders them: "the sync waves of the Application `root`".
        pub by: String,
        /// Why nothing enforces it, where nothing does.
        pub unenforced: Option<String>,
        /// Where it is declared: the file.
        pub file: Option<String>,
        /// The line, from 1.
        pub line: Option<u32>,
    }

    /// An attempt of a lane that failed and was begun again.
    pub struct LaneAttempt {
        /// Which one, from 1.
        pub number: u32,
        /// When it began, in milliseconds since 1970.
        pub started_at: i64,
        /// When it ended.
        pub finished_at: i64,
        /// Why it failed.
        pub message: Option<String>,
        /// Its columns as they were then.
        pub columns: Vec<LaneColumn>,
    }

    /// A phase and a wave of a lane.
    pub struct LaneColumn {
        /// `PreSync`, `Sync`, `PostSync` or `SyncFail`.
        pub phase: String,
        /// The wave.
        pub wave: i32,
        /// Its tasks in order.
        pub tasks: Vec<TaskInfo>,
        /// The gate before this column.
        pub gate: GateState,
        /// What the gate waits for or failed of: "waiting for Job/migrate".
        pub gate_text: Option<String>,
    }

    /// One thing to do.
    pub struct TaskInfo {
        /// Names it inside its lane.
        pub key: String,
        /// Which resource.
        pub resource: ResourceInfo,
        /// `create`, `apply`, `replace` or `prune`.
        pub action: String,
        /// The hook types, for a hook.
        pub hooks: Vec<String>,
        /// Whether the next wave waits for its health.
        pub waits_for_health: bool,
        /// How it stands.
        pub status: TaskStatus,
        /// What the cluster said.
        pub message: Option<String>,
        /// When it began, in milliseconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub started_at: Option<i64>,
        /// When it was over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub finished_at: Option<i64>,
        /// The how-manieth task of its run it was to begin, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sequence: Option<u32>,
    }

    /// Starts a sync. The answer is the run; events follow it.
    pub struct SyncStart {
        /// Whose.
        pub repository: String,
        /// `APP@ENV` of each.
        pub instances: Vec<String>,
        /// At this revision; by default as it lies on disk.
        pub revision: Option<String>,
        /// Where to.
        pub target: SyncTarget,
        /// Whether objects that are no longer rendered are pruned.
        pub prune: bool,
        /// Whether anything is written.
        pub dry_run: bool,
        /// Names of protected environments that the user typed.
        pub confirmed: Vec<String>,
    }

    /// Asks what a sync with prune would remove. The clusters are asked; nothing is written.
    pub struct PrunePreviewRequest {
        /// Whose.
        pub repository: String,
        /// `APP@ENV` of each.
        pub instances: Vec<String>,
        /// At this revision; by default as it lies on disk.
        pub revision: Option<String>,
        /// Where to.
        pub target: SyncTarget,
    }

    /// What a sync with prune would remove.
    pub struct PrunePreview {
        /// By instance, in the order in which they would go.
        pub pruned: Vec<PrunedResource>,
        /// Instances whose cluster could not be asked.
        pub problems: Vec<ProblemInfo>,
    }

    /// An object that would be pruned.
    pub struct PrunedResource {
        /// `APP@ENV`.
        pub instance: String,
        /// Which.
        pub resource: ResourceInfo,
    }

    /// A run.
    pub struct RunInfo {
        /// Names it.
        pub id: String,
        /// Whose.
        pub repository: String,
        /// Where to, for reading.
        pub target: String,
        /// What was synced: a commit, or the working directory.
        pub revision: String,
        /// How it stands.
        pub phase: RunPhase,
        /// When it began, in milliseconds since 1970.
        pub started_at: i64,
        /// When it ended.
        pub finished_at: Option<i64>,
        /// Its lanes.
        pub lanes: Vec<Lane>,
        /// How many tasks there are.
        pub total: u32,
        /// How many are done.
        pub done: u32,
        /// How many failed.
        pub failed: u32,
        /// What happened, in a sentence.
        pub message: Option<String>,
        /// Health of everything that was applied, after the run. Kinds without a health check are left out.
        pub health: Vec<ResourceHealth>,
        /// The how-manieth run of its repository it is, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub number: Option<u32>,
        /// What it was started with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub origin: Option<RunOrigin>,
        /// What happened, the first first; at most 500.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<RunEvent>>")]
        pub events: Vec<RunEvent>,
    }

    /// What a run was started with, so that it can be started again.
    pub struct RunOrigin {
        /// Where to.
        pub target: SyncTarget,
        /// The context of each environment, where it went to contexts.
        pub contexts: BTreeMap<String, String>,
        /// The commit; none for the working directory.
        pub revision: Option<String>,
        /// Whether objects that are no longer rendered are pruned.
        pub prune: bool,
        /// Whether nothing is written.
        pub dry_run: bool,
        /// The run that it tries again.
        pub retry_of: Option<String>,
    }

    /// Something that happened in a run.
    pub struct RunEvent {
        /// Its number in the run, from 1.
        pub sequence: u32,
        /// When, in milliseconds since 1970.
        pub at: i64,
        /// What sort of thing.
        pub kind: RunEventKind,
        /// `APP@ENV`, where it is about one.
        pub instance: Option<String>,
        /// What happened, in a few words.
        pub title: String,
        /// More of it.
        pub text: Option<String>,
    }

    /// Starts what failed in a run again.
    pub struct RunRetry {
        /// The run.
        pub run: String,
        /// Names of protected environments that the user typed.
        pub confirmed: Vec<String>,
    }

    /// What the clusters of a run tell about its resources.
    pub struct ClusterEvents {
        /// The last first; at most 500.
        pub events: Vec<ClusterEventInfo>,
        /// Clusters that could not be asked.
        pub problems: Vec<ProblemInfo>,
    }

    /// An event of a cluster.
    pub struct ClusterEventInfo {
        /// When it happened last, as the cluster writes it.
        pub time: String,
        /// Whether it is a warning.
        pub warning: bool,
        /// A word: `FailedScheduling`.
        pub reason: String,
        /// A sentence.
        pub message: String,
        /// How often it happened.
        pub count: u32,
        /// The object it is about.
        pub resource: ResourceInfo,
        /// The resource of the run that owns the object, or is it.
        pub owner: ResourceInfo,
        /// `APP@ENV`.
        pub instance: String,
    }

    /// The pods of a run.
    pub struct PodList {
        /// The list.
        pub pods: Vec<PodInfo>,
        /// Clusters that could not be asked.
        pub problems: Vec<ProblemInfo>,
    }

    /// A pod.
    pub struct PodInfo {
        /// `APP@ENV`.
        pub instance: String,
        /// Its namespace.
        pub namespace: String,
        /// Its name.
        pub name: String,
        /// The resource of the run that owns it.
        pub owner: ResourceInfo,
        /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
        pub phase: String,
        /// Its containers.
        pub containers: Vec<ContainerInfo>,
    }

    /// A container.
    pub struct ContainerInfo {
        /// Its name.
        pub name: String,
        /// Whether it runs before the others.
        pub init: bool,
        /// How often it was started again.
        pub restarts: u32,
        /// What it does now, in a word or two.
        pub state: String,
    }

    /// Opens a log and follows it.
    pub struct LogOpen {
        /// The run that the pod belongs to.
        pub run: String,
        /// `APP@ENV`.
        pub instance: String,
        /// The namespace.
        pub namespace: String,
        /// The pod.
        pub pod: String,
        /// The container.
        pub container: String,
        /// The container before its last restart.
        pub previous: bool,
    }

    /// Names a log that is followed.
    pub struct LogRef {
        /// The log.
        pub stream: String,
    }

    /// Asks for lines of a log.
    pub struct LogRead {
        /// The log.
        pub stream: String,
        /// Only lines after this number; 0 for all that are kept.
        pub after: u32,
    }

    /// Lines of a log.
    pub struct LogLines {
        /// The lines, the first first; at most 2,000.
        pub lines: Vec<LogLineInfo>,
        /// The number of the newest line that is kept.
        pub newest: u32,
        /// How many lines were dropped because the log is longer than what is kept.
        pub dropped: u32,
        /// Whether more may come.
        pub open: bool,
        /// Why it ended, where it ended badly.
        pub error: Option<String>,
    }

    /// A line of a log.
    pub struct LogLineInfo {
        /// Its number, from 1.
        pub number: u32,
        /// When it was written, as the cluster writes it.
        pub time: String,
        /// The line.
        pub text: String,
    }

    /// The health of a resource.
    pub struct ResourceHealth {
        /// `APP@ENV`.
        pub instance: String,
        /// Which.
        pub resource: ResourceInfo,
        /// `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
        pub status: String,
        /// Why.
        pub message: Option<String>,
    }

    /// Names a run.
    pub struct RunRef {
        /// The id.
        pub run: String,
    }

    /// Runs, the newest first.
    pub struct RunList {
        /// The list; lanes are left out.
        pub runs: Vec<RunInfo>,
    }

    /// The sandbox.
    pub struct SandboxInfo {
        /// Whether it runs.
        pub running: bool,
        /// The kubeconfig that works with it.
        pub kubeconfig: Option<String>,
        /// The virtual clusters.
        pub clusters: Vec<SandboxCluster>,
    }

    /// A virtual cluster of the sandbox.
    pub struct SandboxCluster {
        /// The environment.
        pub environment: String,
        /// The context in the kubeconfig.
        pub context: String,
    }

    /// Contexts of a kubeconfig.
    pub struct Contexts {
        /// The file or files that were read.
        pub files: Vec<String>,
        /// The contexts.
        pub contexts: Vec<ContextInfo>,
        /// What is wrong with them.
        pub problems: Vec<ProblemInfo>,
    }

    /// A context of a kubeconfig.
    pub struct ContextInfo {
        /// Its name.
        pub name: String,
        /// The cluster's address.
        pub server: String,
        /// The default namespace.
        pub namespace: Option<String>,
        /// Whether it is the current one.
        pub current: bool,
        /// The program that gets its credentials, which may ask the user to log in.
        pub program: Option<String>,
    }
}

wire! {
    /// Where a sync goes.
    #[serde(tag = "kind")]
    pub enum SyncTarget {
        /// The sandbox; it is started where it does not run.
        Sandbox,
        /// The kubeconfig context that the settings give each environment.
        Contexts,
    }

    /// How a run or a lane stands.
    #[derive(Copy, Eq)]
    pub enum RunPhase {
        /// Planned, not started.
        Planned,
        /// Going on.
        Running,
        /// Done.
        Succeeded,
        /// A task failed.
        Failed,
        /// It could not be carried out.
        Error,
        /// The user ended it.
        Aborted,
        /// It did not start, because what it waits for failed.
        NotStarted,
    }

    /// A sort of thing that happens in a run.
    #[derive(Copy, Eq)]
    pub enum RunEventKind {
        /// Something began.
        Started,
        /// Something is done.
        Finished,
        /// Something failed.
        Failed,
        /// Something is worth telling.
        Progress,
    }

    /// How a task stands.
    #[derive(Copy, Eq)]
    pub enum TaskStatus {
        /// Its wave has not begun.
        Waiting,
        /// Applied, not healthy yet; or being applied.
        InProgress,
        /// Done.
        Synced,
        /// Failed.
        Failed,
        /// Not done on purpose.
        Skipped,
        /// Removed.
        Pruned,
        /// It will not start, because something before it failed.
        WillNotStart,
    }

    /// How a gate across lanes stands.
    #[derive(Copy, Eq)]
    pub enum LaneGateState {
        /// What it waited for is there.
        Passed,
        /// It waits.
        Waiting,
        /// The lane will not start.
        Failed,
        /// The order is declared, and nothing enforces it: the lane does not wait.
        NotEnforced,
        /// What it comes after is not synced with it.
        Outside,
    }

    /// How a gate stands.
    #[derive(Copy, Eq)]
    pub enum GateState {
        /// There is nothing before it.
        Open,
        /// What it waits for is done.
        Passed,
        /// It waits.
        Waiting,
        /// What it waits for failed.
        Failed,
    }
}
