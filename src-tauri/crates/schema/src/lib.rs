//! Facts of the built-in Kubernetes kinds, and the patches of the API server.
//!
//! It knows which kinds there are and how their fields behave: which lists are maps and by which keys, what
//! strategic merge does with them, what the API server fills in, what cannot be changed, and what restarts
//! pods. All facts are tables in `tables/`, written by `cargo xtask regenerate` from Kubernetes 1.37.0 and
//! parsed once.
//!
//! It deliberately does not know custom resources (a caller with a structural schema brings its own list
//! keys), admission, or controllers. Where a field's type is unknown, every function answers "no facts" and
//! merging falls back to JSON merge patch.
//!
//! Start reading at [`types`], the shape of everything else; [`merge`] is the largest user.

pub mod defaults;
pub mod immutable;
pub mod kinds;
pub mod lists;
pub mod merge;
pub mod restarts;
mod tables;
pub mod types;

pub use kinds::Resource;
pub use lists::{ListFacts, ListType};
pub use merge::{MergeError, create_three_way_patch, json_merge_patch, strategic_merge_patch};

/// The Kubernetes version the tables were taken from.
pub const KUBERNETES_VERSION: &str = "1.37.0";
