//! A chart as it lies in a tree: files, `Chart.yaml`, default values, the charts inside it.

pub(crate) mod archive;
pub(crate) mod ignore;
pub(crate) mod load;
pub(crate) mod metadata;
pub(crate) mod walk;

use std::sync::Arc;

use bytes::Bytes;
use slipway_model::RepoPath;

use crate::schema::Schema;
use crate::values::Data;
use metadata::{Dependency, Metadata};

/// A file of a chart; the name is relative to the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) data: Bytes,
}

impl File {
    /// Without the byte-order mark that editors put before UTF-8.
    pub(crate) fn new(name: impl Into<String>, data: Bytes) -> Self {
        let data = if data.starts_with(&[0xEF, 0xBB, 0xBF]) { data.slice(3..) } else { data };
        Self { name: name.into(), data }
    }
}

/// A file whose content templates share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedFile {
    pub(crate) name: Arc<[u8]>,
    pub(crate) data: Arc<[u8]>,
}

impl From<&File> for SharedFile {
    fn from(file: &File) -> Self {
        Self { name: Arc::from(file.name.as_bytes()), data: Arc::from(&file.data[..]) }
    }
}

/// Where a chart lies in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A directory.
    Directory(RepoPath),
    /// An archive; its files have no path of their own.
    Archive(RepoPath),
}

impl Place {
    /// The path of a file of the chart in the tree; of the archive where it is in one.
    pub(crate) fn file(&self, name: &str) -> RepoPath {
        match self {
            Self::Directory(directory) => {
                // Names come from listings and checked archives; a `..` cannot be among them.
                directory.join(name).unwrap_or_else(|_| directory.clone())
            }
            Self::Archive(archive) => archive.clone(),
        }
    }

    /// Where a chart in `charts/` of this one lies.
    pub(crate) fn inside(&self, entry: &str, packed: bool) -> Self {
        match self {
            Self::Directory(directory) => {
                let path = directory.child("charts").child(entry);
                if packed { Self::Archive(path) } else { Self::Directory(path) }
            }
            Self::Archive(archive) => Self::Archive(archive.clone()),
        }
    }
}

/// A chart as it was loaded. It does not change and is shared between threads.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) place: Place,
    pub(crate) metadata: Metadata,
    /// The default values; `None` where there is no `values.yaml`.
    pub(crate) values: Option<Arc<Data>>,
    /// The text of `values.yaml`.
    pub(crate) values_text: Option<Bytes>,
    pub(crate) schema: Option<Schema>,
    pub(crate) templates: Vec<File>,
    pub(crate) files: Vec<File>,
    /// The same, as templates get them without a copy.
    pub(crate) shared_files: Vec<SharedFile>,
    /// What the lock file says of the dependencies, in its order; empty where there is none.
    pub(crate) lock: Vec<Dependency>,
    /// The charts in `charts/`, in the order of their file names.
    pub(crate) dependencies: Vec<Arc<Chart>>,
}

impl Chart {
    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Which file of the tree a problem of one of the chart's files points at.
    pub(crate) fn path(&self, name: &str) -> RepoPath {
        self.place.file(name)
    }
}
