//! ReplicaSets.

use serde_json::Value;

use super::{Health, condition, integer, only_versions, optional_integer, text};
use crate::kinds::GroupVersionKind;

/// Degraded where replicas cannot be made; else waits until enough are available.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "ReplicaSet", &["v1"])?;
    if integer(object, "/metadata/generation") > integer(object, "/status/observedGeneration") {
        return Ok(Health::progressing(
            "Waiting for rollout to finish: observed replica set generation less than desired generation",
        ));
    }
    if let Some(failure) =
        condition(object, "ReplicaFailure").filter(|condition| text(condition, "/status") == "True")
    {
        return Ok(Health::degraded(text(failure, "/message")));
    }
    let available = integer(object, "/status/availableReplicas");
    Ok(match optional_integer(object, "/spec/replicas") {
        Some(wanted) if available < wanted => Health::progressing(format!(
            "Waiting for rollout to finish: {available} out of {wanted} new replicas are available..."
        )),
        _ => Health::healthy(""),
    })
}
