//! Where a build reads: directories of a tree, the restrictions on them, and those of fetched repositories.

mod log;
mod remote;
mod root;

#[cfg(test)]
mod tests;

pub(crate) use log::{Answer, Log};
pub use remote::{RepositoryUrl, is_web_url};
pub(crate) use root::Root;
