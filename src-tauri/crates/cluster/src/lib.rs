//! Drives a run on a Kubernetes API.
//!
//! It knows connections, discovery, server-side apply, watches and marks in a live cluster. What a sync does and in
//! which order it does not know: that is decided by [`slipway_sync::Run`], whose commands it carries out.
//! Deliberate differences from Argo CD: objects are always applied server-side (module `write`), hooks and
//! objects are read afresh before every step instead of from a cache, and a cancelled sync stops between two batches
//! of requests.
//!
//! Start reading at [`Connection`], then [`sync()`].

mod connection;
mod discovery;
mod error;
mod facts;
mod kubeconfig;
mod live;
mod login;
mod marked;
mod migrate;
mod observe;
mod owner;
mod reach;
mod sync;
mod undeclared;
mod watch;
mod write;

#[cfg(test)]
mod tests;

pub use connection::{Connection, ConnectionOptions};
pub use discovery::{ApiResource, ApiResources};
pub use error::{ClusterError, ErrorKind};
pub use facts::ServerVersion;
pub use kubeconfig::{Context, KubeconfigSource, contexts};
pub use login::Interaction;
pub use observe::{ClusterEvent, Container, LogLine, LogSource, Pod, events, log, pods};
pub use sync::{Confirmation, HealthReport, Retry, SyncEvent, SyncOutcome, SyncRequest, Wait, sync};
