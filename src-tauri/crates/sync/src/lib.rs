//! Plans of a sync, health of objects, and the run as a state machine.
//!
//! It knows Argo CD's phases, waves, hooks, pruning and health rules, and follows them step by step, down to
//! the words of a result. It knows no API and no clock: a [`Run`] turns events into commands, and a driver
//! (the crate `cluster`, a rehearsal, the conformance cases) carries them out. Where it differs from Argo CD
//! on purpose, the item says so.
//!
//! Start reading at [`plan`], then [`Run`].

pub mod annotations;
pub mod conformance;
pub mod health;
pub mod hook;
pub mod kinds;
pub mod lanes;
pub mod options;
pub mod order;
pub mod ownership;
pub mod plan;
pub mod run;
pub mod tasks;
pub mod time;

pub use health::{Health, HealthStatus, assess};
pub use hook::{HookDeletePolicy, HookType, SyncPhase};
pub use kinds::{GroupVersionKind, KindError, KindTable, Kinds, Scope};
pub use options::{NamespaceMetadata, PropagationPolicy, SyncOptions};
pub use plan::{PlannedPhase, PlannedTask, PlannedWave, SyncPlan, plan};
pub use run::{Command, Event, Request, RequestAction, Run, RunResult};
pub use tasks::{
    Desired, Live, NamespaceState, Observation, OperationPhase, ResultCode, Task, TaskAction, TaskState,
};
pub use time::Time;
