//! PersistentVolumeClaims.

use serde_json::Value;

use super::{Health, HealthStatus, only_versions, text};
use crate::kinds::GroupVersionKind;

/// By phase.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "PersistentVolumeClaim", &["v1"])?;
    let status = match text(object, "/status/phase") {
        "Lost" => HealthStatus::Degraded,
        "Pending" => HealthStatus::Progressing,
        "Bound" => HealthStatus::Healthy,
        _ => HealthStatus::Unknown,
    };
    Ok(Health::new(status, ""))
}
