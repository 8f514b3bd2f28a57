//! Workflows of Argo Workflows.

use serde_json::Value;

use super::{Health, HealthStatus, text};
use crate::kinds::GroupVersionKind;

/// By phase; one without a phase has not begun.
#[expect(clippy::unnecessary_wraps, reason = "it has the shape of every rule")]
pub(super) fn health(object: &Value, _: &GroupVersionKind) -> Result<Health, String> {
    let status = match text(object, "/status/phase") {
        "" | "Pending" | "Running" => HealthStatus::Progressing,
        "Succeeded" => HealthStatus::Healthy,
        "Failed" | "Error" => HealthStatus::Degraded,
        _ => HealthStatus::Unknown,
    };
    Ok(Health::new(status, text(object, "/status/message")))
}
