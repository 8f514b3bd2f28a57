//! Every use case of Slipway as one table of commands, and the shapes that cross it.
//!
//! It is the only crate that wires the others together. It knows no window, no terminal and no HTTP: the
//! shells call [`Api::call`] or one of its functions. Start reading at [`commands`], then at [`Api`]; each
//! use case is a file of `use_cases`.

mod app;
mod clock;
mod clusters;
pub mod commands;
mod convert;
mod disk_tree;
pub mod dto;
mod engines;
mod error;
mod events;
mod facade;
mod moved;
mod opened;
mod operations;
mod order;
mod parity;
mod programs;
mod promoting;
mod remotes;
mod sample;
mod secrets;
mod snapshot;
mod syncing;
#[cfg(test)]
mod tests;
mod use_cases;

pub use app::{Api, ApiOptions, Shell};
pub use facade::{
    Folders, KeptWindow, LogFile, chain, conformance, describe, documents, failure, json_of, log_file, model,
    runtime_folder, settings, start_sandbox, write_crash_report, write_kubeconfig, yaml_text,
};
pub use remotes::{FetchOutcome, MissingRemote};
pub use snapshot::{
    AskedCluster, ClusterAnswers, ClusterQuestion, FirstDifference, InstanceParity, InstancePlan,
    InstanceRender, ParityStatus, PathRender, PathRequest, PromoteQuestion, Shard, Snapshot, SyncLine,
    SyncQuestion, WantedSet, WriteTo, plan_path, sync, wanted_path,
};
pub use tokio_util::sync::CancellationToken;
