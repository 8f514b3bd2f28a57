//! What Flux objects say about a directory, beside options of kustomize.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slipway_model::RepoPath;

use crate::source::Source;

/// What a Flux Kustomization says about the directory that it delivers, and which HelmRelease of it is meant.
///
/// Objects are not copied into it: they are looked up in what Kustomizations deliver, so that a render follows an edit
/// of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FluxParameters {
    /// The file that declares the Kustomization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_in: Option<RepoPath>,
    /// The namespace of the Kustomization, in which it looks for ConfigMaps and Secrets.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// `postBuild.substituteFrom` in order; weaker than `postBuild.substitute`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub substitute_from: Vec<SubstituteFrom>,
    /// `commonMetadata.labels`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// `commonMetadata.annotations`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The HelmRelease whose chart is rendered; where there is none, everything that is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ObjectName>,
    /// GitRepositories that are this repository.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<ObjectName>,
    /// What other Kustomizations deliver that objects of this one refer to: sources of the engine `flux`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Source>,
}

/// A ConfigMap or Secret whose entries are variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SubstituteFrom {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it may be absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// Namespace and name of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    /// The namespace; empty where the object names none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl ObjectName {
    /// Whether an object of this namespace and name is meant. One that names no namespace is in any.
    #[must_use]
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.name == name
            && (self.namespace == namespace || self.namespace.is_empty() || namespace.is_empty())
    }
}

/// The images and patches that a Flux Kustomization (`spec`) or a post-renderer (`kustomize`) says, as fields of a
/// kustomization. The older fields hold patches as values, where kustomize wants texts.
#[must_use]
pub fn kustomize_fields(options: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in ["images", "patches"] {
        if let Some(value) = options.get(field).filter(|value| !value.is_null()) {
            fields.insert(field.to_owned(), value.clone());
        }
    }
    let list = |field: &str| options.get(field).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| Value::from(slipway_yaml::emit(value));
    let merges: Vec<Value> = list("patchesStrategicMerge").map(text).collect();
    let patches: Vec<Value> = list("patchesJson6902")
        .map(|patch| {
            let mut patch = patch.clone();
            if let Some(operations @ Value::Array(_)) = patch.get_mut("patch") {
                *operations = text(operations);
            }
            patch
        })
        .collect();
    for (field, patches) in [("patchesStrategicMerge", merges), ("patchesJson6902", patches)] {
        if !patches.is_empty() {
            fields.insert(field.to_owned(), Value::from(patches));
        }
    }
    fields
}
