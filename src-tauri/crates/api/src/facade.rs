//! What the shells need beside the table of commands.

use serde_json::Value;
use slipway_catalog::scan_json;
use slipway_store::{Folders, Settings};

use crate::dto::ApiError;
use crate::snapshot::Snapshot;

/// The inner types that the command line prints.
pub mod model {
    pub use slipway_diff::{Change, FieldChange, Report, short_value};
    pub use slipway_model::{Manifest, Problem, ResourceId, Severity};
    pub use slipway_promote::PromotionPlan;
    pub use slipway_render::{EngineKind, Parameters};
}

/// Answers to conformance cases, one JSON value each.
pub mod conformance {
    pub use slipway_sync::conformance::{health, plan};
    pub use slipway_yaml::conformance::answer as yaml;
}

/// What the user has set.
///
/// # Errors
/// When the file cannot be read.
pub fn settings() -> Result<Settings, ApiError> {
    Ok(Settings::load(&Folders::of_platform()?)?)
}

/// An error of a shell's own.
#[must_use]
pub fn failure(code: &str, message: impl Into<String>) -> ApiError {
    crate::error::error(code, message)
}

/// An error and what caused it, as one line.
#[must_use]
pub fn chain(failure: &(dyn std::error::Error + 'static)) -> String {
    crate::error::chain(failure)
}

/// A value as one YAML document.
#[must_use]
pub fn yaml_text(value: &Value) -> String {
    slipway_yaml::emit(value)
}

/// Objects as multi-document YAML, each with the file it comes from.
#[must_use]
pub fn documents(manifests: &[slipway_model::Manifest]) -> String {
    slipway_render::stream(None, manifests)
}

/// An edit in a line.
#[must_use]
pub fn describe(edit: &slipway_model::Edit) -> String {
    use slipway_diff::short_value;
    use slipway_model::Edit;
    match edit {
        Edit::Set { file, path, old, new, .. } => {
            let old = old.as_ref().map(|old| format!("{} → ", short_value(old))).unwrap_or_default();
            format!("{file} {path}: {old}{}", short_value(new))
        }
        Edit::Insert { file, path, new, .. } => format!("{file} {path}: + {}", short_value(new)),
        Edit::Remove { file, path, .. } => format!("{file} {path}: removed"),
        Edit::Write { file, .. } => format!("{file}: written"),
        Edit::Copy { file, from } => format!("{file}: copied from {from}"),
        Edit::Delete { file } => format!("{file}: deleted"),
    }
}

/// A result as JSON.
///
/// # Errors
/// Never for the types of this program; a map whose keys are no text would be one.
pub fn json_of(value: &impl serde::Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(value).map_err(|cause| crate::error::internal(&cause))
}

impl Snapshot {
    /// What the scan found, in the shape of `slipway scan --output json`.
    #[must_use]
    pub fn scan_json(&self) -> Value {
        scan_json(self.catalog())
    }
}
