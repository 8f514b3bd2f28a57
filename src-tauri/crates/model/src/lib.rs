//! The vocabulary that every other part of Slipway speaks: names and ids, the read-only [`Tree`] of a
//! repository, the [`Problem`]s of input, rendered [`Manifest`]s and [`Edit`]s as data.
//!
//! It knows no file format, no process, no network and no clock. What it deliberately does not know: how a
//! tree is stored (see the crates `git` and `workspace`), how YAML is read (`yaml`), how manifests come
//! about (`render`).
//!
//! Start reading at [`tree`], the one idea everything rests on: rendering is a pure function of a tree.

pub mod edit;
pub mod field_path;
pub mod manifest;
pub mod names;
pub mod order;
pub mod path;
pub mod problem;
pub mod tree;

pub use edit::Edit;
pub use field_path::{FieldPath, FieldPathError, Segment};
pub use manifest::{Manifest, Origin, ResourceId};
pub use names::{ApplicationName, CommitId, EnvironmentName, InstanceId, InstanceIdError};
pub use order::{After, Awaited, Order, Provided, Rank};
pub use path::{RepoPath, RepoPathError};
pub use problem::{Location, Problem, Severity};
pub use tree::{
    Changes, ContentId, Entry, EntryKind, Fetched, MemoryTree, NothingFetched, Overlay, REMOTE_DIRECTORY,
    Read, Reads, Recorder, RemoteReference, Remotes, Tree, TreeError, WithRemotes, changes, missing_remotes,
    read_text, readable_path,
};
