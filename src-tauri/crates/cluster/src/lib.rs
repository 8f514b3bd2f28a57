//! Drives a run on a Kubernetes API.
//!
//! It knows connections, and which kinds a cluster serves. Start reading at [`Connection`].

mod connection;
mod discovery;
mod error;
mod kubeconfig;

pub use connection::{Connection, ConnectionOptions};
pub use discovery::{ApiResource, ApiResources};
pub use error::{ClusterError, ErrorKind};
pub use kubeconfig::{Context, KubeconfigSource, contexts};
