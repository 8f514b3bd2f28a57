//! Changes to files as data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field_path::FieldPath;
use crate::path::RepoPath;

/// A change to a file. The first three change one value of a YAML (or JSON) file and nothing else of it;
/// the crate `yaml` applies them to bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "lowercase")]
pub enum Edit {
    /// Replaces the value at a path.
    Set {
        /// The file.
        file: RepoPath,
        /// The document in the file, from 0.
        #[serde(default)]
        document: usize,
        /// Where in the document.
        path: FieldPath,
        /// What must be there now; the edit fails where something else is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<Value>,
        /// What shall be there.
        new: Value,
    },
    /// Adds a key to a map, or an item to a list (a path that ends in the length of the list, or in a keyed
    /// item that is not there).
    Insert {
        /// The file.
        file: RepoPath,
        /// The document in the file, from 0.
        #[serde(default)]
        document: usize,
        /// Where in the document.
        path: FieldPath,
        /// What shall be there.
        new: Value,
    },
    /// Removes a key or an item.
    Remove {
        /// The file.
        file: RepoPath,
        /// The document in the file, from 0.
        #[serde(default)]
        document: usize,
        /// Where in the document.
        path: FieldPath,
        /// What must be there now; the edit fails where something else is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<Value>,
    },
    /// Writes a whole file, new or not. Text, because everything that is promoted is.
    Write {
        /// The file.
        file: RepoPath,
        /// Its whole content.
        content: String,
    },
    /// Copies a file as it is.
    Copy {
        /// Where to.
        file: RepoPath,
        /// Where from.
        from: RepoPath,
    },
    /// Deletes a file.
    Delete {
        /// The file.
        file: RepoPath,
    },
}

impl Edit {
    /// The file that is changed.
    #[must_use]
    pub fn file(&self) -> &RepoPath {
        match self {
            Self::Set { file, .. }
            | Self::Insert { file, .. }
            | Self::Remove { file, .. }
            | Self::Write { file, .. }
            | Self::Copy { file, .. }
            | Self::Delete { file } => file,
        }
    }
}
