//! Git repositories: trees, commits, history, clone, fetch and push.
//!
//! It knows how a commit and the working directory become a [`slipway_model::Tree`], how a change becomes a
//! commit without touching a person's own work, and how servers are spoken to. It deliberately does not know
//! what the files mean, when anything is done, or where passwords are kept.
//!
//! Start reading at [`Repository`]; the trees are in `commit_tree` and `work_tree`, writing in `commit` and
//! `checkout`, servers in `transport`.

mod cache;
mod change;
mod checkout;
mod clone;
mod commit;
mod commit_tree;
mod error;
mod handles;
mod history;
mod hooks;
mod identity;
mod index_view;
mod lfs;
mod line_endings;
mod links;
mod moves;
mod network;
mod patch;
mod pending;
mod preflight;
mod remotes;
mod repository;
mod settings;
mod signing;
mod sparse;
mod stat;
mod status;
mod switch;
#[cfg(test)]
mod tests;
mod transport;
mod work_tree;
mod worktrees;
mod writable;

pub use cache::{FetchedRevision, FetchedSubmodule, RepositoryCache};
pub use clone::clone;
pub use commit::{BranchTarget, CommitRequest, CommitTime, Committed, Person};
pub use commit_tree::CommitTree;
pub use error::GitError;
pub use history::CommitInfo;
pub use identity::{IdentityScope, IdentitySource};
pub use network::{PushOutcome, RefUpdate};
pub use repository::{Branch, Head, Remote, Repository};
pub use settings::{Consent, RepositoryProgram};
pub use status::{AheadBehind, Status};
pub use switch::SwitchTo;
pub use transport::{Cancel, Credential, CredentialStore, Network, Phase, Progress, ProgressSink, Transport};
pub use work_tree::WorkTree;
