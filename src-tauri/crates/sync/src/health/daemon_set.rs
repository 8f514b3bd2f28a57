//! DaemonSets.

use serde_json::Value;

use super::{Health, integer, only_versions, text};
use crate::kinds::GroupVersionKind;

/// As `kubectl rollout status` reads it; one that updates on deletion is healthy as it is.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "DaemonSet", &["v1"])?;
    if integer(object, "/metadata/generation") > integer(object, "/status/observedGeneration") {
        return Ok(Health::progressing(
            "Waiting for rollout to finish: observed daemon set generation less than desired generation",
        ));
    }
    let name = text(object, "/metadata/name");
    let desired = integer(object, "/status/desiredNumberScheduled");
    let updated = integer(object, "/status/updatedNumberScheduled");
    let available = integer(object, "/status/numberAvailable");
    Ok(if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        Health::healthy(format!("daemon set {updated} out of {desired} new pods have been updated"))
    } else if updated < desired {
        Health::progressing(format!(
            "Waiting for daemon set {name:?} rollout to finish: {updated} out of {desired} new pods have been updated..."
        ))
    } else if available < desired {
        Health::progressing(format!(
            "Waiting for daemon set {name:?} rollout to finish: {available} of {desired} updated pods are available..."
        ))
    } else {
        Health::healthy("")
    })
}
