//! Where a build reads: directories of a tree, the restrictions on them, and remote ones.

mod log;
mod remote;
mod root;

#[cfg(test)]
mod tests;

pub(crate) use log::{Answer, Log};
pub use remote::{NoRemotes, RemoteProblem, RemoteSource, RemoteTree, RepositoryUrl};
pub(crate) use root::Root;
