//! What a run asks of its driver, and what the driver tells it.

use std::sync::Arc;

use serde_json::Value;
use slipway_model::ResourceId;

use crate::hook::SyncPhase;
use crate::options::PropagationPolicy;
use crate::tasks::{Observation, OperationPhase};
use crate::time::Time;

/// Names a request in the answer to it. Never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a run asks of its driver. All commands of one step may be carried out at the same time; the run goes
/// on when the last of them is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Look at the cluster now. Answered by [`Event::Observed`].
    Observe,
    /// Look at the cluster when something changes, after half a minute at the latest. Answered by
    /// [`Event::Observed`].
    Wait {
        /// What is waited for, for reading.
        reason: String,
    },
    /// Send a request. Answered by [`Event::Answered`].
    Send(Request),
    /// Let a moment pass, so that controllers take up a wave. Answered by [`Event::DelayOver`].
    Delay {
        /// The phase of the wave that ran.
        phase: SyncPhase,
        /// The wave that ran.
        wave: i64,
        /// Whether it was the last one; there is then nothing to wait for.
        last: bool,
        /// When to go on.
        until: Time,
    },
    /// The run is over. No command follows.
    Finish {
        /// `Succeeded`, `Failed` or `Error`.
        phase: OperationPhase,
        /// Why.
        message: String,
    },
}

/// A request to the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Names the request in its answer.
    pub id: RequestId,
    /// What to do.
    pub action: RequestAction,
    /// Whether it is for real.
    pub mode: RequestMode,
    /// The object, as the cluster knows it.
    pub resource: ResourceId,
    /// The version to address it in.
    pub version: String,
    /// The object as it should be. For deletions and finalizers: as it was found.
    pub object: Arc<Value>,
    /// The object as it was found, if it was.
    pub live: Option<Arc<Value>>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestAction {
    /// Creates or changes the object.
    Apply {
        /// Asked for server-side apply by option or annotation.
        server_side: bool,
        /// Delete and create again what cannot be changed.
        force: bool,
        /// Whether the API checks field names and types.
        validate: bool,
    },
    /// Creates the object.
    Create {
        /// Whether the API checks field names and types.
        validate: bool,
    },
    /// Puts the object in the place of what is there.
    Replace {
        /// Delete and create again.
        force: bool,
    },
    /// Replaces without ever deleting: CustomResourceDefinitions and Namespaces take too much with them.
    Update,
    /// Deletes an object that is no longer wanted.
    Prune(PropagationPolicy),
    /// Deletes a hook.
    DeleteHook(PropagationPolicy),
    /// Takes the hook finalizer off a hook. It being gone is success.
    RemoveHookFinalizer,
}

/// Whether a request is for real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestMode {
    /// It is.
    Run,
    /// Check the object without writing anything, before its namespace or its neighbours exist: what can be
    /// checked without the server. Argo CD's client-side dry run.
    Check,
    /// Let the server check it without writing anything.
    DryRun,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out; a word for the result (`created`, `configured`).
    Done(String),
    /// The object is not there.
    NotFound,
    /// It was refused or could not be sent, and why.
    Failed(String),
    /// It was never sent, because the run is being stopped. Its task stays as it was.
    NotSent,
}

/// What a driver tells a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// Begin.
    Start,
    /// What the cluster holds now. Answers [`Command::Observe`] and [`Command::Wait`].
    Observed(Observation),
    /// What came of a request.
    Answered {
        /// The request.
        request: RequestId,
        /// What came of it.
        answer: Answer,
    },
    /// The moment of [`Command::Delay`] has passed.
    DelayOver,
    /// Somebody confirmed what is pruned.
    PruneConfirmed,
    /// Stop: what is being asked for is still answered, nothing new is begun, running hooks are ended.
    Terminate,
}
