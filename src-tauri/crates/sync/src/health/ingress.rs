//! Ingresses.

use serde_json::Value;

use super::{Health, items};
use crate::kinds::GroupVersionKind;

/// Waits until the load balancer has an entry, whatever it holds. Every version is judged.
#[expect(clippy::unnecessary_wraps, reason = "it has the shape of every rule")]
pub(super) fn health(object: &Value, _: &GroupVersionKind) -> Result<Health, String> {
    let waits = items(object, "/status/loadBalancer/ingress").is_empty();
    Ok(if waits { Health::progressing("") } else { Health::healthy("") })
}
