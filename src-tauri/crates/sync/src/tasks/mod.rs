//! The tasks of a sync: what is done to which object, in which phase and wave.
//!
//! [`Desired`] holds what a sync wants and never changes; [`Desired::tasks`] pairs it with what a cluster
//! holds. The order is in `order`.

mod build;
mod order;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::ResourceId;

pub(crate) use build::object_value;
pub use build::{Desired, TaskList};

use crate::annotations;
use crate::health::{self, Health};
use crate::hook::{self, HookDeletePolicy, SyncPhase};
use crate::kinds::{GroupVersionKind, KindTable, Kinds};
use crate::options::SyncOptions;

/// An object as a cluster holds it, with its health as it was judged there.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The object.
    pub object: Arc<Value>,
    /// Its health; `None` where its kind has no rule; an error where it could not be judged.
    pub health: Result<Option<Health>, String>,
}

impl Live {
    /// Wraps an object and judges it by the built-in rules.
    #[must_use]
    pub fn of(object: Value) -> Self {
        let health = Ok(health::assess(&object));
        Self { object: Arc::new(object), health }
    }
}

/// How far a task, or a whole operation, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OperationPhase {
    /// It has begun and is not over.
    Running,
    /// It is being stopped.
    Terminating,
    /// It is over and went well.
    Succeeded,
    /// It is over and did not.
    Failed,
    /// It could not be carried out.
    Error,
}

impl OperationPhase {
    /// The name as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Terminating => "Terminating",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Error => "Error",
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_completed(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Error)
    }
}

/// What came of the request for a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResultCode {
    /// Applied.
    Synced,
    /// Refused.
    SyncFailed,
    /// Deleted.
    Pruned,
    /// Left, though no longer wanted.
    PruneSkipped,
}

impl ResultCode {
    /// The name as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "Synced",
            Self::SyncFailed => "SyncFailed",
            Self::Pruned => "Pruned",
            Self::PruneSkipped => "PruneSkipped",
        }
    }

    /// The state of a task right after its request.
    pub(crate) fn state(self) -> OperationPhase {
        match self {
            Self::Synced => OperationPhase::Running,
            Self::SyncFailed => OperationPhase::Failed,
            Self::Pruned | Self::PruneSkipped => OperationPhase::Succeeded,
        }
    }
}

/// Which request a task makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskAction {
    /// Created: nothing is there yet.
    Create,
    /// Applied to what is there, or may be there.
    Apply,
    /// Put in place of what is there.
    Replace,
    /// Deleted.
    Prune,
}

impl TaskAction {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Apply => "apply",
            Self::Replace => "replace",
            Self::Prune => "prune",
        }
    }
}

/// The state of a task between steps; kept by its object and phase, so that a hook with two phases has two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskState {
    /// What came of its request; `None` where there was none yet.
    pub status: Option<ResultCode>,
    /// How far it is; `None` where it has not begun.
    pub phase: Option<OperationPhase>,
    /// Why, for reading.
    pub message: String,
}

/// What is done to one object in one phase and wave.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The object, with the namespace that the sync filled in, also for kinds without one: this identifies
    /// the task, as in Argo CD's results.
    pub id: ResourceId,
    /// The object as the cluster knows it: without a namespace where its kind has none.
    pub address: ResourceId,
    /// The version of its kind.
    pub version: String,
    /// The phase it runs in.
    pub phase: SyncPhase,
    /// The wave it runs in, after mirroring, `PruneLast` and dependencies.
    pub wave: i64,
    /// What it should be; `None` where it is to be deleted.
    pub target: Option<Arc<Value>>,
    /// What it is; `None` where it is not there.
    pub live: Option<Live>,
    /// Whether it is a hook.
    pub is_hook: bool,
    /// When a hook is deleted; empty for other objects.
    pub delete_policies: Vec<HookDeletePolicy>,
    /// Its kind is not known yet and comes with this sync, so it cannot be checked before.
    pub skip_dry_run: bool,
    /// How far it is.
    pub state: TaskState,
}

impl Task {
    fn new(phase: SyncPhase, target: Option<Arc<Value>>, live: Option<Live>) -> Option<Self> {
        let object = target.as_ref().or_else(|| live.as_ref().map(|live| &live.object))?;
        let is_hook = hook::is_hook(object);
        Some(Self {
            id: ResourceId::of(object),
            address: ResourceId::of(object),
            version: GroupVersionKind::of(object).version,
            phase,
            wave: annotations::wave(object),
            is_hook,
            delete_policies: if is_hook { hook::delete_policies(object) } else { Vec::new() },
            skip_dry_run: false,
            state: TaskState::default(),
            target,
            live,
        })
    }

    /// The target, or what is there where there is no target.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<Value>> {
        self.target.as_ref().or_else(|| self.live.as_ref().map(|live| &live.object))
    }

    /// Whether the object is no longer wanted.
    #[must_use]
    pub fn is_prune(&self) -> bool {
        self.target.is_none()
    }

    /// Whether it has not begun.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.state.phase.is_none()
    }

    /// Whether it has begun and is not over.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state.phase == Some(OperationPhase::Running)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.state.phase.is_some_and(OperationPhase::is_completed)
    }

    /// Whether it is over and did not go well.
    #[must_use]
    pub fn is_unsuccessful(&self) -> bool {
        self.is_completed() && self.state.phase != Some(OperationPhase::Succeeded)
    }

    /// What it does to the object, as far as what is there is known.
    #[must_use]
    pub fn action(&self, options: &SyncOptions) -> TaskAction {
        match (&self.target, &self.live) {
            (None, _) => TaskAction::Prune,
            (Some(_), None) => TaskAction::Create,
            (Some(_), Some(_)) if self.replaces(options) => TaskAction::Replace,
            (Some(_), Some(_)) => TaskAction::Apply,
        }
    }

    /// Whether its object is replaced or created instead of applied. A resource cannot take back the option of
    /// its application, as upstream.
    pub(crate) fn replaces(&self, options: &SyncOptions) -> bool {
        options.replace || self.has_option("Replace=true")
    }

    /// Whether the target or the live object asks for an option.
    pub(crate) fn has_option(&self, option: &str) -> bool {
        let objects = self.target.iter().chain(self.live.iter().map(|live| &live.object));
        objects.into_iter().any(|object| annotations::has_option(object, option))
    }

    /// Whether the hook that is there must go before it is created anew.
    pub(crate) fn deletes_before_creation(&self) -> bool {
        self.live.is_some()
            && self.is_pending()
            && self.delete_policies.contains(&HookDeletePolicy::BeforeHookCreation)
    }

    /// Whether deleting its object waits for somebody's word.
    pub(crate) fn needs_confirmation(&self, options: &SyncOptions) -> bool {
        self.is_prune() && self.prune_option(options) == Some("confirm")
    }

    /// The value of the option `Prune`: of the live object, else of the application.
    pub(crate) fn prune_option<'a>(&'a self, options: &'a SyncOptions) -> Option<&'a str> {
        self.live
            .as_ref()
            .and_then(|live| annotations::option_value(&live.object, "Prune"))
            .or(options.default_prune_option.as_deref())
    }
}

/// What a cluster holds at one moment, as far as a sync is concerned.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The objects that belong to the instance, and those that are there under the key of a target or a hook. Keys
    /// are as the cluster has them: no namespace for kinds without one.
    pub live: BTreeMap<ResourceId, Live>,
    /// Objects that could not be read, and why.
    pub unreadable: BTreeMap<ResourceId, String>,
    /// The destination namespace itself, whoever it belongs to. Only `CreateNamespace` looks at it.
    pub namespace: NamespaceState,
    /// The kinds that the cluster serves.
    pub kinds: Arc<dyn Kinds>,
}

impl Default for Observation {
    /// An empty cluster that serves the built-in kinds.
    fn default() -> Self {
        Self {
            live: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            namespace: NamespaceState::default(),
            kinds: Arc::new(KindTable::built_in()),
        }
    }
}

/// What is known of the destination namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NamespaceState {
    /// It is not there.
    #[default]
    Missing,
    /// It is there.
    Present(Live),
    /// It could not be read, and why.
    Unreadable(String),
}
