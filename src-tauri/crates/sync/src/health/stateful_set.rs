//! StatefulSets.

use serde_json::Value;

use super::{Health, integer, only_versions, optional_integer, text};
use crate::kinds::GroupVersionKind;

/// As `kubectl rollout status` reads it. A block `rollingUpdate` ends the judgement: the revisions are
/// then not compared.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "StatefulSet", &["v1"])?;
    let observed = integer(object, "/status/observedGeneration");
    if observed == 0 || integer(object, "/metadata/generation") > observed {
        return Ok(Health::progressing("Waiting for statefulset spec update to be observed..."));
    }
    let wanted = optional_integer(object, "/spec/replicas");
    let ready = integer(object, "/status/readyReplicas");
    let updated = integer(object, "/status/updatedReplicas");
    if let Some(wanted) = wanted.filter(|wanted| ready < *wanted) {
        return Ok(Health::progressing(format!(
            "Waiting for {} pods to be ready...",
            wanted.saturating_sub(ready)
        )));
    }
    let strategy = text(object, "/spec/updateStrategy/type");
    let rolling = object.pointer("/spec/updateStrategy/rollingUpdate").filter(|value| value.is_object());
    if let Some(rolling) = rolling.filter(|_| strategy == "RollingUpdate") {
        if let (Some(wanted), Some(partition)) = (wanted, optional_integer(rolling, "/partition")) {
            let expected = wanted.saturating_sub(partition);
            if updated < expected {
                return Ok(Health::progressing(format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {expected} new pods have been updated..."
                )));
            }
        }
        return Ok(Health::healthy(format!(
            "partitioned roll out complete: {updated} new pods have been updated..."
        )));
    }
    if strategy == "OnDelete" {
        return Ok(Health::healthy(format!("statefulset has {ready} ready pods")));
    }
    let next = text(object, "/status/updateRevision");
    let current = text(object, "/status/currentRevision");
    Ok(if next == current {
        Health::healthy(format!(
            "statefulset rolling update complete {} pods at revision {current}...",
            integer(object, "/status/currentReplicas")
        ))
    } else {
        Health::progressing(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {next}..."
        ))
    })
}
