//! Cloning: into a temporary folder beside the destination, renamed when it is complete.

use std::path::Path;
use std::sync::Arc;

use crate::error::GitError;
use crate::repository::Repository;
use crate::transport::installed::{self, sibling};
use crate::transport::{Cancel, Network, ProgressSink, Transport, builtin, url};

/// Clones a repository with all its branches and opens it. Submodules are not cloned. Credentials in the address
/// are used but not stored.
///
/// # Errors
/// When the address is refused, something is at the destination, the server cannot be reached or wants other
/// credentials, its host key is not known, or the user stopped it. Nothing is left at the destination then.
pub fn clone(
    address: &str,
    destination: &Path,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Repository, GitError> {
    url::scheme(address)?;
    refuse_occupied(destination)?;
    let (folder, inner) = sibling(destination)?;
    let folder = Arc::new(folder);
    match &network.transport {
        Transport::InstalledGit { path, .. } => {
            installed::clone(path, address, &inner, network, report, cancel)?;
        }
        Transport::BuiltIn => {
            builtin::clone(address, (Arc::clone(&folder), &inner), network, report, cancel)?;
        }
    }
    cancel.check()?;
    refuse_occupied(destination)?;
    if destination.is_dir() {
        // Empty, as was just seen; `rename` replaces empty directories on Unix only.
        std::fs::remove_dir(destination).map_err(|error| GitError::io("replace", destination, error))?;
    }
    std::fs::rename(&inner, destination).map_err(|error| GitError::io("write", destination, error))?;
    drop(folder);
    Repository::open(destination)
}

fn refuse_occupied(destination: &Path) -> Result<(), GitError> {
    let occupied = match std::fs::symlink_metadata(destination) {
        Ok(metadata) if metadata.is_dir() => std::fs::read_dir(destination)
            .map_err(|error| GitError::io("list", destination, error))?
            .next()
            .is_some(),
        Ok(_) => true,
        Err(_) => false,
    };
    if occupied { Err(GitError::DestinationExists { path: destination.to_owned() }) } else { Ok(()) }
}
