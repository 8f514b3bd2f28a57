//! Behaviour of whole renders, on charts in memory.

mod charts;
mod cluster;
mod describe;
mod elsewhere;
mod failures;
mod origins;
mod reads;
mod shared;

use std::sync::Arc;

use slipway_model::{MemoryTree, RepoPath};

use crate::{Charts, Failure, Options, Output, ValuesSource};

pub(crate) const METADATA: &str = "apiVersion: v2\nname: web\nversion: 0.1.0\n";

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// A tree with the chart `web` and the given files in it.
pub(crate) fn tree(files: &[(&str, &str)]) -> MemoryTree {
    let mut tree = MemoryTree::default();
    tree.insert(path("web/Chart.yaml"), METADATA.to_owned());
    for (name, text) in files {
        tree.insert(path("web").join(name).unwrap(), (*text).to_owned());
    }
    tree
}

pub(crate) fn options() -> Options {
    Options::new("shop", "default")
}

pub(crate) fn with_values(text: &str) -> Options {
    let values = vec![ValuesSource::Text { name: "given".to_owned(), text: text.to_owned() }];
    Options { values, ..options() }
}

pub(crate) fn render(files: &[(&str, &str)], options: &Options) -> Result<Output, Failure> {
    Arc::new(Charts::new()).render(&tree(files), &path("web"), options)
}

/// The manifests as JSON, one a line.
pub(crate) fn shown(output: &Output) -> Vec<String> {
    output.documents.iter().map(|document| document.object.to_string()).collect()
}
