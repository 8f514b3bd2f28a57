//! Services.

use serde_json::Value;

use super::{Health, items, only_versions, text};
use crate::kinds::GroupVersionKind;

/// Healthy, but a load balancer waits until it has an address.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "Service", &["v1"])?;
    let waits = text(object, "/spec/type") == "LoadBalancer"
        && items(object, "/status/loadBalancer/ingress").is_empty();
    Ok(if waits { Health::progressing("") } else { Health::healthy("") })
}
