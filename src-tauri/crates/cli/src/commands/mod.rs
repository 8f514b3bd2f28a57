//! The commands, a file each.

pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod conformance;
pub(crate) mod diff;
pub(crate) mod fetch;
pub(crate) mod open;
pub(crate) mod parity;
pub(crate) mod plan;
pub(crate) mod promote;
pub(crate) mod render;
pub(crate) mod sandbox;
pub(crate) mod scan;
pub(crate) mod serve;
mod source;
pub(crate) mod sync;

use std::path::{Path, PathBuf};

use slipway_api::Snapshot;
use slipway_api::dto::ApiError;

/// Splits `[REPO] INSTANCE…`: a first argument without an `@` is the repository.
fn split_repository(repository: Option<PathBuf>, mut names: Vec<String>) -> (Option<PathBuf>, Vec<String>) {
    if repository.is_none() && names.first().is_some_and(|first| !first.contains('@')) {
        let first = names.remove(0);
        return (Some(PathBuf::from(first)), names);
    }
    (repository, names)
}

/// Opens a repository for one command.
fn snapshot(repository: Option<&Path>, revision: Option<&str>) -> Result<Snapshot, ApiError> {
    let settings = slipway_api::settings()?;
    Snapshot::open(repository.unwrap_or_else(|| Path::new(".")), revision, settings)
}

/// A runtime for the commands that wait for a network.
fn runtime() -> Result<tokio::runtime::Runtime, ApiError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| slipway_api::failure("internal", format!("no thread can be started: {cause}")))
}
