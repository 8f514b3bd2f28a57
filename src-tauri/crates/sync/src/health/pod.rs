//! Pods.

use serde_json::Value;

use super::{Health, HealthStatus, condition, items, only_versions, text};
use crate::annotations::{IGNORE_RESTART_POLICY, annotation};
use crate::hook::is_hook;
use crate::kinds::GroupVersionKind;

/// Long-lived Pods are judged by their containers while they run. Pods that restart only on failure are
/// mostly hooks: they are never failed for a state that can still pass (an image that cannot be pulled yet),
/// or the hook would run after its sync had failed.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "Pod", &["v1"])?;
    let policy = text(object, "/spec/restartPolicy");
    let long_lived =
        policy == "Always" || (annotation(object, IGNORE_RESTART_POLICY) == Some("true") && !is_hook(object));
    if long_lived {
        let errors: Vec<&str> = items(object, "/status/containerStatuses")
            .iter()
            .filter_map(|container| container.pointer("/state/waiting"))
            .filter(|waiting| {
                let reason = text(waiting, "/reason");
                reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff")
            })
            .map(|waiting| text(waiting, "/message"))
            .collect();
        if !errors.is_empty() {
            return Ok(Health::degraded(errors.join(", ")));
        }
    }
    let message = text(object, "/status/message");
    Ok(match text(object, "/status/phase") {
        "Pending" => Health::progressing(message),
        "Succeeded" => Health::healthy(message),
        "Failed" if !message.is_empty() => Health::degraded(message),
        "Failed" => Health::degraded(
            items(object, "/status/initContainerStatuses")
                .iter()
                .chain(items(object, "/status/containerStatuses"))
                .find_map(failure_of)
                .unwrap_or_default(),
        ),
        "Running" if long_lived => {
            let ready =
                condition(object, "Ready").is_some_and(|condition| text(condition, "/status") == "True");
            let restarted = items(object, "/status/containerStatuses")
                .iter()
                .any(|container| container.pointer("/lastState/terminated").is_some_and(Value::is_object));
            let status = match (ready, restarted) {
                (true, _) => HealthStatus::Healthy,
                (false, true) => HealthStatus::Degraded,
                (false, false) => HealthStatus::Progressing,
            };
            Health::new(status, message)
        }
        "Running" if policy == "OnFailure" || policy == "Never" => Health::progressing(message),
        _ => Health::new(HealthStatus::Unknown, message),
    })
}

/// Why a container ended badly; `None` where it did not.
fn failure_of(container: &Value) -> Option<String> {
    let terminated = container.pointer("/state/terminated").filter(|value| value.is_object())?;
    let message = text(terminated, "/message");
    if !message.is_empty() {
        return Some(message.to_owned());
    }
    let reason = text(terminated, "/reason");
    if reason == "OOMKilled" {
        return Some(reason.to_owned());
    }
    let code = super::integer(terminated, "/exitCode");
    (code != 0).then(|| format!("container {:?} failed with exit code {code}", text(container, "/name")))
}
