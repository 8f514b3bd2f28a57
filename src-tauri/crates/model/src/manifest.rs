//! Rendered Kubernetes objects.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::path::RepoPath;

/// What identifies a Kubernetes object: group, kind, namespace and name. The version is left out on purpose:
/// the same object can be read in several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceId {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty where the object names none.
    pub namespace: String,
    /// The name; empty where the object has a `generateName`.
    pub name: String,
}

impl ResourceId {
    /// Reads the id of an object as it is written, without filling in a namespace.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let text =
            |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let api_version = text("/apiVersion");
        let group = api_version.rsplit_once('/').map(|(group, _)| group.to_owned()).unwrap_or_default();
        Self {
            group,
            kind: text("/kind"),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
        }
    }
}

impl fmt::Display for ResourceId {
    /// `KIND/NAME`, `NAMESPACE/KIND.GROUP/NAME`: for reading, not for parsing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(formatter, "{}/", self.namespace)?;
        }
        formatter.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(formatter, ".{}", self.group)?;
        }
        write!(formatter, "/{}", self.name)
    }
}

/// Where a manifest came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file that produced it: a manifest, a template, a program.
    pub file: RepoPath,
    /// The position of the document in what that file produced, from 0.
    pub document: usize,
    /// The line of the file where the document begins, from 1; absent where it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// One rendered Kubernetes object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What identifies it.
    pub id: ResourceId,
    /// The object itself.
    pub object: Arc<Value>,
    /// Where it came from.
    pub origin: Origin,
}

impl Manifest {
    /// Wraps an object; its id is read from it.
    #[must_use]
    pub fn new(object: Value, origin: Origin) -> Self {
        Self { id: ResourceId::of(&object), object: Arc::new(object), origin }
    }

    /// The `apiVersion` of the object; empty where there is none.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.object.get("apiVersion").and_then(Value::as_str).unwrap_or_default()
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.object.get("metadata")?.get("annotations")?.get(name)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_leaves_out_the_version() {
        let id = ResourceId::of(&serde_json::json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}
        }));
        assert_eq!(id.to_string(), "shop/Deployment.apps/api");
        let core = ResourceId::of(&serde_json::json!({"apiVersion": "v1", "kind": "Service"}));
        assert_eq!((core.group.as_str(), core.name.as_str()), ("", ""));
    }
}
