//! What the shells need beside the table of commands.

use std::path::{Path, PathBuf};

use serde_json::Value;
use slipway_catalog::scan_json;
use slipway_sandbox::{Sandbox, SandboxOptions};
use slipway_store::Settings;

pub use slipway_store::{Folders, KeptWindow, LogFile};

use crate::dto::ApiError;
use crate::snapshot::Snapshot;

/// The inner types that the command line prints.
pub mod model {
    pub use slipway_diff::{Change, FieldChange, Report, short_value};
    pub use slipway_model::{EnvironmentName, Manifest, Problem, ResourceId, Severity, readable_path};
    pub use slipway_promote::PromotionPlan;
    pub use slipway_render::{EngineKind, FidelityLevel, Parameters};
}

/// Answers to conformance cases, one JSON value each.
pub mod conformance {
    pub use slipway_sync::conformance::{health, plan};
    pub use slipway_yaml::conformance::answer as yaml;

    /// A template: Go's language alone, or in a chart.
    #[must_use]
    pub fn template(case: &serde_json::Value) -> serde_json::Value {
        match case.get("mode").and_then(serde_json::Value::as_str) {
            Some("text") => slipway_gotmpl::conformance::run_text_case(case),
            _ => slipway_helm::conformance::run_case(case),
        }
    }
}

/// What the user has set.
///
/// # Errors
/// When the file cannot be read.
pub fn settings() -> Result<Settings, ApiError> {
    Ok(Settings::load(&Folders::of_platform()?)?)
}

/// The log file of the platform's log folder, which is turned over when it is full.
///
/// # Errors
/// When it cannot be made.
pub fn log_file() -> Result<LogFile, ApiError> {
    Ok(LogFile::open(&Folders::of_platform()?)?)
}

/// Writes what is left of a program that ends badly; the next start offers it.
///
/// # Errors
/// When it cannot be written.
pub fn write_crash_report(text: &str) -> Result<PathBuf, ApiError> {
    let name = crate::clock::milliseconds().to_string();
    Ok(slipway_store::write_crash(&Folders::of_platform()?, &name, text)?)
}

/// The folder for what lives as long as the login, such as the address of a running window.
///
/// # Errors
/// When no home folder is known.
pub fn runtime_folder() -> Result<PathBuf, ApiError> {
    Ok(Folders::of_platform()?.runtime)
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

/// Starts a sandbox with a virtual cluster for each environment.
///
/// # Errors
/// When it cannot listen.
pub async fn start_sandbox(environments: Vec<String>, nodes: usize) -> Result<Sandbox, ApiError> {
    Sandbox::start(SandboxOptions { environments, nodes, ..SandboxOptions::default() })
        .await
        .map_err(|cause| failure("sandbox", chain(&cause)))
}

/// Writes the kubeconfig of a sandbox; by default into the runtime folder.
///
/// # Errors
/// When a file of another program is in the way, or it cannot be written.
pub fn write_kubeconfig(sandbox: &Sandbox, file: Option<&Path>) -> Result<PathBuf, ApiError> {
    sandbox.write_kubeconfig(file).map_err(|cause| failure("sandbox", chain(&cause)))
}

impl Snapshot {
    /// What the scan found, in the shape of `slipway scan --output json`.
    #[must_use]
    pub fn scan_json(&self) -> Value {
        scan_json(self.catalog())
    }
}
