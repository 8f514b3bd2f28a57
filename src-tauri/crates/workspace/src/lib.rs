//! An opened repository over time: its trees, its catalog, its rendered fleet, and what a change makes stale.
//!
//! It decides *when* something is read and rendered and holds the results in little memory. It does not know
//! how: reading Git is in `git`, finding applications in `catalog`, rendering in `render`. It knows no
//! network, no wire, and of clusters only what they said (module `clusters`). Everything here blocks; callers use a thread of their own.
//!
//! Start reading at [`Workspace`] and [`Fleet`].

mod changes;
mod clusters;
mod error;
mod facts;
mod fleet;
mod opened;
mod rules;
mod states;
#[cfg(test)]
mod tests;
mod versions;
mod watch;

pub use changes::LastChanges;
pub use clusters::{ClusterSource, Clusters, NoClusters, render_in_rounds};
pub use error::WorkspaceError;
pub use facts::{Facts, FactsByInstance, RenderStatus, ResourceFact};
pub use fleet::{Fleet, Progress, find_instance};
pub use opened::{Revision, Workspace, WorkspaceOptions};
pub use rules::{Rules, pin};
pub use states::Standing;
pub use watch::Watcher;
