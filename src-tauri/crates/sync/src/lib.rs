//! Plans of a sync, health of objects, and the run as a state machine.
//!
//! It knows Argo CD's phases, waves, hooks, pruning and health rules, and follows them step by step, down to
//! the words of a result. It knows no API and no clock: a run turns events into commands, and a driver
//! carries them out. Where it differs from Argo CD
//! on purpose, the item says so.
//!
//! Start reading at [`health`].

pub mod annotations;
pub mod health;
pub mod hook;
pub mod kinds;

pub use health::{Health, HealthStatus, assess};
pub use hook::{HookDeletePolicy, HookType, SyncPhase};
pub use kinds::{GroupVersionKind, KindError, KindTable, Kinds, Scope};
