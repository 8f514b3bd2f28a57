//! Deployments.

use serde_json::Value;

use super::{Health, HealthStatus, condition, integer, only_versions, optional_integer, text};
use crate::kinds::GroupVersionKind;

/// As `kubectl rollout status` reads it; a paused one is suspended.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "Deployment", &["v1"])?;
    if object.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return Ok(Health::new(HealthStatus::Suspended, "Deployment is paused"));
    }
    if integer(object, "/metadata/generation") > integer(object, "/status/observedGeneration") {
        return Ok(Health::progressing(
            "Waiting for rollout to finish: observed deployment generation less than desired generation",
        ));
    }
    if condition(object, "Progressing")
        .is_some_and(|condition| text(condition, "/reason") == "ProgressDeadlineExceeded")
    {
        let name = text(object, "/metadata/name");
        return Ok(Health::degraded(format!("Deployment {name:?} exceeded its progress deadline")));
    }
    let replicas = integer(object, "/status/replicas");
    let updated = integer(object, "/status/updatedReplicas");
    let available = integer(object, "/status/availableReplicas");
    Ok(match optional_integer(object, "/spec/replicas") {
        Some(wanted) if updated < wanted => Health::progressing(format!(
            "Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated..."
        )),
        _ if replicas > updated => Health::progressing(format!(
            "Waiting for rollout to finish: {} old replicas are pending termination...",
            replicas - updated
        )),
        _ if available < updated => Health::progressing(format!(
            "Waiting for rollout to finish: {available} of {updated} updated replicas are available..."
        )),
        _ => Health::healthy(""),
    })
}
