//! What can go wrong with an opened repository as a whole.

use std::path::PathBuf;

use slipway_git::GitError;
use slipway_model::{EnvironmentName, InstanceId, TreeError};

/// Why something cannot be done with an opened repository. What is wrong with one instance is a problem of
/// that instance instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Files of the repository could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no such instance.
    #[error("there is no instance `{0}`")]
    UnknownInstance(InstanceId),
    /// Several instances share application and environment.
    #[error("`{id}` names several instances: {candidates}", candidates = .candidates.join(", "))]
    AmbiguousInstance {
        /// What was asked for.
        id: InstanceId,
        /// The long forms.
        candidates: Vec<String>,
    },
    /// There is no such environment.
    #[error("there is no environment `{0}`")]
    UnknownEnvironment(EnvironmentName),
    /// The repository has no commit yet.
    #[error("the branch `{0}` has no commit yet")]
    Unborn(String),
    /// Whoever asked ended it.
    #[error("it was ended before it was done")]
    Cancelled,
    /// Changes on disk cannot be watched.
    #[error("changes of {path} cannot be watched", path = path.display())]
    Watch {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: notify::Error,
    },
}
