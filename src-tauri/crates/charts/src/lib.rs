//! Fetches charts of chart repositories (`https://…`) and registries (`oci://…`) when it is told to, and keeps them in
//! a folder by their content, from where they are read as trees. Single files of the web are fetched with the same care
//! ([`fetch_file`]), and kept by the caller.
//!
//! It knows how Helm finds a chart: the index of a repository, ranges of versions, tags and manifests of a registry, to
//! whom credentials are sent. It knows no keyring (the caller gives the credentials of a server), does not decide when
//! something is fetched, and reads nothing of a chart but that it is one: rendering is the work of `helm`.
//!
//! Servers on this machine's loopback addresses are spoken to over plain HTTP where they are registries, as registries
//! on a developer's machine have no certificates; all other registries over HTTPS.
//!
//! Start reading at [`ChartStore::fetch`].

mod error;
mod file;
mod http;
mod index;
mod registry;
mod repository;
mod request;
mod select;
mod store;
mod tls;
mod tree;

pub use error::{ChartError, NetworkFailure};
pub use file::{WebFile, fetch_file};
pub use request::{Access, ChartRequest, Credential, FetchedChart, Progress};
pub use store::{ChartStore, FetchedCharts, Listed, Stored};

#[cfg(test)]
mod tests;
