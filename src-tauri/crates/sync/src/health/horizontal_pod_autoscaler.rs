//! HorizontalPodAutoscalers.

use serde_json::Value;

use super::{Health, items, only_versions, text};
use crate::annotations::annotation;
use crate::kinds::GroupVersionKind;

/// Where version 1 keeps the conditions that later versions have in their status.
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";

/// Conditions that say that it cannot work.
const DEGRADED: [(&str, &str); 8] = [
    ("AbleToScale", "FailedGetScale"),
    ("AbleToScale", "FailedUpdateScale"),
    ("ScalingActive", "FailedGetResourceMetric"),
    ("ScalingActive", "FailedGetObjectMetric"),
    ("ScalingActive", "FailedGetPodsMetric"),
    ("ScalingActive", "FailedGetExternalMetric"),
    ("ScalingActive", "FailedComputeMetricsReplicas"),
    ("ScalingActive", "InvalidSelector"),
];

/// By its conditions, in the status or, for version 1, in an annotation.
pub(super) fn health(object: &Value, kind: &GroupVersionKind) -> Result<Health, String> {
    only_versions(kind, "HPA", &["v1", "v2"])?;
    if kind.version == "v2" {
        return Ok(judge(items(object, "/status/conditions")));
    }
    let Some(written) = annotation(object, CONDITIONS) else { return Ok(judge(&[])) };
    match serde_json::from_str::<Value>(written) {
        Ok(Value::Array(conditions)) => {
            Ok(judge(&conditions.iter().map(lower_case_keys).collect::<Vec<_>>()))
        }
        Ok(Value::Null) => Ok(judge(&[])),
        Ok(_) => Err("failed to convert conditions annotation to typed: expected a list".to_owned()),
        Err(error) => Err(format!("failed to convert conditions annotation to typed: {error}")),
    }
}

/// The annotation is read without regard to the case of its keys, as Go reads JSON.
fn lower_case_keys(condition: &Value) -> Value {
    match condition {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect()
        }
        other => other.clone(),
    }
}

fn judge(conditions: &[Value]) -> Health {
    let message = |condition: &Value| text(condition, "/message").to_owned();
    let degraded = conditions
        .iter()
        .find(|condition| DEGRADED.contains(&(text(condition, "/type"), text(condition, "/reason"))));
    if let Some(condition) = degraded {
        return Health::degraded(message(condition));
    }
    let healthy = conditions.iter().find(|condition| {
        matches!(text(condition, "/type"), "AbleToScale" | "ScalingLimited")
            && text(condition, "/status") == "True"
    });
    match healthy {
        Some(condition) => Health::healthy(message(condition)),
        None => Health::progressing("Waiting to Autoscale"),
    }
}
