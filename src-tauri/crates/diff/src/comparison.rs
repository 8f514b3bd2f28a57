//! The result of a comparison.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{FieldPath, InstanceId, ResourceId};

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// Both have it and it differs.
    Changed,
    /// It is the same resource under a new name (the hash suffix of a ConfigMap), changed or not.
    Renamed,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which field.
    pub path: FieldPath,
    /// Its value on the first side; absent where the field is not there.
    pub old: Option<Value>,
    /// Its value on the second side; absent where the field is not there.
    pub new: Option<Value>,
    /// Whether the values are secret. They are then masked, in a way that still tells equal from different.
    pub secret: bool,
}

/// A resource that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceChange {
    /// The resource, by its id on the second side (on the first where it was removed).
    pub resource: ResourceId,
    /// What happened.
    pub change: Change,
    /// The id on the first side, where it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<ResourceId>,
    /// The fields that differ, in order of their paths; empty for added and removed ones. The name of a
    /// renamed resource is no field of this list: it is in `resource` and `renamed_from`.
    pub fields: Vec<FieldChange>,
}

/// Everything that differs between two renders. Empty where they are equal in meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The resources that differ, in the order of the second side, removed ones last.
    pub resources: Vec<ResourceChange>,
}

/// The same change in several instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The field, with the kind before it: `Deployment /spec/replicas`.
    pub path: String,
    /// The change for reading: `2 → 3`, `added`.
    pub change: String,
    /// How often it occurs.
    pub count: usize,
    /// Where, sorted.
    pub instances: Vec<InstanceId>,
}
