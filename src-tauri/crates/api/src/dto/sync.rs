//! Plans, runs, and where they go.

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
        /// Health of everything that was applied, after the run.
        pub health: Vec<ResourceHealth>,
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
