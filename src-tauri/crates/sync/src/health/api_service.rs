//! APIServices.

use serde_json::Value;

use super::{Health, condition, only_versions, text};
use crate::kinds::GroupVersionKind;

/// By the condition `Available`.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "APIService", &["v1", "v1beta1"])?;
    let Some(available) = condition(object, "Available") else {
        return Ok(Health::progressing("Waiting to be processed"));
    };
    let message = format!("{}: {}", text(available, "/reason"), text(available, "/message"));
    Ok(if text(available, "/status") == "True" {
        Health::healthy(message)
    } else {
        Health::progressing(message)
    })
}
