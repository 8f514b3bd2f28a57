//! Jobs.

use serde_json::Value;

use super::{Health, HealthStatus, items, only_versions, text};
use crate::kinds::GroupVersionKind;

/// By the presence of conditions, not by their status, but for `Suspended`. A `Suspended` condition that
/// is no longer true counts as complete, as upstream: a resumed Job that still runs reports Healthy.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "Job", &["v1"])?;
    let mut failed = None;
    let mut complete = false;
    let mut suspended = false;
    let mut message = "";
    for condition in items(object, "/status/conditions") {
        let condition_message = text(condition, "/message");
        match text(condition, "/type") {
            "Failed" => failed = Some(condition_message),
            "Complete" => {
                complete = true;
                message = condition_message;
            }
            "Suspended" => {
                complete = true;
                message = condition_message;
                suspended |= text(condition, "/status") == "True";
            }
            _ => {}
        }
    }
    Ok(match failed {
        Some(reason) => Health::degraded(reason),
        None if suspended => Health::new(HealthStatus::Suspended, message),
        None if complete => Health::healthy(message),
        None => Health::progressing(message),
    })
}
