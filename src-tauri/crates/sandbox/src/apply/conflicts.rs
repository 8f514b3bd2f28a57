//! The managers of an object (`metadata.managedFields`) and the conflicts between them.

use serde_json::{Value, json};

use super::fields::{FieldSet, Step, display};
use crate::status::{ApiError, Cause};

/// How a manager came to own its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Apply,
    Update,
}

/// An entry of `managedFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Managed {
    pub(crate) manager: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    pub(crate) subresource: String,
    pub(crate) time: String,
    pub(crate) fields: FieldSet,
}

impl Managed {
    /// Whether two entries belong to the same manager doing the same thing.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.manager == other.manager
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    fn describe(&self) -> String {
        let mut text = format!("{:?}", self.manager);
        if !self.subresource.is_empty() {
            text.push_str(&format!(" with subresource {:?}", self.subresource));
        }
        text.push_str(&format!(" using {}", self.api_version));
        if self.operation == Operation::Update && !self.time.is_empty() {
            text.push_str(&format!(" at {}", self.time));
        }
        text
    }
}

/// Reads the managers of an object.
pub(crate) fn decode(object: &Value) -> Vec<Managed> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let operation = match entry["operation"].as_str()? {
                "Apply" => Operation::Apply,
                "Update" => Operation::Update,
                _ => return None,
            };
            Some(Managed {
                manager: text(entry, "manager"),
                operation,
                api_version: text(entry, "apiVersion"),
                subresource: text(entry, "subresource"),
                time: text(entry, "time"),
                fields: FieldSet::decode(&entry["fieldsV1"]),
            })
        })
        .collect()
}

/// Writes the managers; those that own nothing are left out.
pub(crate) fn encode(managers: &[Managed]) -> Value {
    let mut entries: Vec<&Managed> = managers.iter().filter(|each| !each.fields.is_empty()).collect();
    entries.sort_by(|left, right| {
        let key = |each: &Managed| {
            (
                each.operation,
                each.time.clone(),
                each.manager.clone(),
                each.api_version.clone(),
                each.subresource.clone(),
            )
        };
        key(left).cmp(&key(right))
    });
    entries
        .into_iter()
        .map(|each| {
            let mut entry = json!({
                "manager": each.manager,
                "operation": match each.operation { Operation::Apply => "Apply", Operation::Update => "Update" },
                "apiVersion": each.api_version,
                "time": each.time,
                "fieldsType": "FieldsV1",
                "fieldsV1": each.fields.encode(),
            });
            if !each.subresource.is_empty() {
                entry["subresource"] = json!(each.subresource);
            }
            entry
        })
        .collect()
}

/// A field that another manager owns with another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) manager: Managed,
    pub(crate) path: Vec<Step>,
}

/// The answer to an apply that conflicts, worded as the API server words it.
pub(crate) fn error(conflicts: &[Conflict]) -> ApiError {
    let causes = conflicts
        .iter()
        .map(|conflict| Cause {
            reason: "FieldManagerConflict",
            message: format!("conflict with {}", conflict.manager.describe()),
            field: display(&conflict.path),
        })
        .collect();
    let message = if let [conflict] = conflicts {
        format!(
            "Apply failed with 1 conflict: conflict with {}: {}",
            conflict.manager.describe(),
            display(&conflict.path)
        )
    } else {
        let mut managers: Vec<String> = conflicts.iter().map(|each| each.manager.describe()).collect();
        managers.sort();
        managers.dedup();
        let mut lines = Vec::new();
        for manager in managers {
            lines.push(format!("conflicts with {manager}:"));
            let of_manager = conflicts.iter().filter(|each| each.manager.describe() == manager);
            lines.extend(of_manager.map(|each| format!("- {}", display(&each.path))));
        }
        format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
    };
    let mut error = ApiError::new(409, "Conflict", message);
    error.causes = causes;
    error
}
