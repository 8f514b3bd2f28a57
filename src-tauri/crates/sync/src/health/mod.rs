//! Health of objects, by Argo CD's built-in rules.
//!
//! Rules and messages are those of `gitops-engine/pkg/health` (v3.6.1): one file per kind. They exist for
//! twelve kinds; every other kind has no health, which is not the same as being unhealthy: it never holds
//! up a wave. In particular custom resources have none here: Argo CD judges them by a script per kind, not by a
//! general reading of `status.conditions`, and no rule is invented in place of a script. Configuration
//! that overrides a rule is not read either.

mod api_service;
mod daemon_set;
mod deployment;
mod horizontal_pod_autoscaler;
mod ingress;
mod job;
mod persistent_volume_claim;
mod pod;
mod replica_set;
mod service;
mod stateful_set;
mod workflow;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::annotations::{self, HOOK_FINALIZER};
use crate::kinds::GroupVersionKind;

/// How an object is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HealthStatus {
    /// As it should be.
    Healthy,
    /// Paused on purpose.
    Suspended,
    /// Not yet as it should be; it can still get there.
    Progressing,
    /// Not there.
    Missing,
    /// It failed, or did not get there in time.
    Degraded,
    /// It could not be judged.
    Unknown,
}

impl HealthStatus {
    /// The name as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        [Self::Healthy, Self::Suspended, Self::Progressing, Self::Missing, Self::Degraded, Self::Unknown]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// The health of an object, with the reason for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// How it is.
    pub status: HealthStatus,
    /// Why; often empty.
    pub message: String,
}

impl Health {
    pub(crate) fn new(status: HealthStatus, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn healthy(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Healthy, message)
    }

    pub(crate) fn progressing(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Progressing, message)
    }

    pub(crate) fn degraded(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Degraded, message)
    }
}

/// A rule: the health of an object, or why it cannot be judged.
type Rule = fn(&Value, &GroupVersionKind) -> Result<Health, String>;

fn rule(group: &str, kind: &str) -> Option<Rule> {
    Some(match (group, kind) {
        ("apps", "Deployment") => deployment::health,
        ("apps", "StatefulSet") => stateful_set::health,
        ("apps", "ReplicaSet") => replica_set::health,
        ("apps", "DaemonSet") => daemon_set::health,
        ("extensions" | "networking.k8s.io", "Ingress") => ingress::health,
        ("argoproj.io", "Workflow") => workflow::health,
        ("apiregistration.k8s.io", "APIService") => api_service::health,
        ("", "Service") => service::health,
        ("", "PersistentVolumeClaim") => persistent_volume_claim::health,
        ("", "Pod") => pod::health,
        ("batch", "Job") => job::health,
        ("autoscaling", "HorizontalPodAutoscaler") => horizontal_pod_autoscaler::health,
        _ => return None,
    })
}

/// Whether there is a rule for a kind. Kinds without one never hold up a wave.
#[must_use]
pub fn has_rule(group: &str, kind: &str) -> bool {
    rule(group, kind).is_some()
}

/// The health of an object; `None` where its kind has no rule and it is not being deleted.
///
/// An object that is being deleted is `Progressing`, unless it still carries the hook finalizer: a hook's
/// outcome must stay readable until it has been seen. An object that cannot be judged is `Unknown`.
#[must_use]
pub fn assess(object: &Value) -> Option<Health> {
    let kind = GroupVersionKind::of(object);
    let judged = match rule(&kind.group, &kind.kind).map(|rule| rule(object, &kind)) {
        Some(Err(reason)) => return Some(Health::new(HealthStatus::Unknown, reason)),
        Some(Ok(health)) => Some(health),
        None => None,
    };
    let finalizers = annotations::finalizers(object);
    if !annotations::is_terminating(object) || finalizers.contains(&HOOK_FINALIZER) {
        return judged;
    }
    let blocked = if finalizers.is_empty() {
        String::new()
    } else {
        format!("; blocked by finalizers: {}", finalizers.join(", "))
    };
    Some(Health::progressing(format!("Pending deletion{blocked}")))
}

/// The health of several objects together: that of the worst. `None` where none has a health.
#[must_use]
pub fn worst<'a>(healths: impl IntoIterator<Item = &'a Health>) -> Option<HealthStatus> {
    healths.into_iter().map(|health| health.status).max()
}

/// Refuses versions of a kind other than the ones whose fields a rule knows.
fn only_versions(kind: &GroupVersionKind, name: &str, versions: &[&str]) -> Result<(), String> {
    if versions.contains(&kind.version.as_str()) {
        Ok(())
    } else {
        Err(format!("unsupported {name} GVK: {kind}"))
    }
}

/// Reading fields: absent and null ones have their zero value, as in the typed objects of Kubernetes.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn integer(object: &Value, pointer: &str) -> i64 {
    optional_integer(object, pointer).unwrap_or_default()
}

/// A whole number, also where it was written as `3.0`.
fn optional_integer(object: &Value, pointer: &str) -> Option<i64> {
    let value = object.pointer(pointer)?;
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?;
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and far inside the range")]
        let whole = number as i64;
        Some(whole)
    })
}

fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The first condition of a type under `status.conditions`.
fn condition<'a>(object: &'a Value, condition_type: &str) -> Option<&'a Value> {
    items(object, "/status/conditions").iter().find(|condition| text(condition, "/type") == condition_type)
}
