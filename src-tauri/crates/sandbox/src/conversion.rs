//! Conversion between versions of a kind. The one built-in kind served in two stable versions is the
//! HorizontalPodAutoscaler; it is stored as `autoscaling/v2`. Versions of custom resources differ in their
//! `apiVersion` only, as with the conversion strategy `None`.

use serde_json::{Value, json};

use crate::registry::{Api, set_type};
use crate::write::remove_field;

fn is_old_autoscaler(api: &Api) -> bool {
    api.group == "autoscaling" && api.version == "v1" && api.is_built_in()
}

/// An object in the version that is asked for.
pub(crate) fn to_requested(object: &Value, api: &Api) -> Value {
    let mut object = object.clone();
    set_type(&mut object, api);
    if is_old_autoscaler(api) && object["spec"].is_object() {
        let target = object["spec"]["metrics"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|metric| is_processor(metric))
            .map(|metric| metric["resource"]["target"]["averageUtilization"].clone());
        if let Some(target) = target {
            object["spec"]["targetCPUUtilizationPercentage"] = target;
        }
        remove_field(&mut object["spec"], "metrics");
        remove_field(&mut object["spec"], "behavior");
        if object["status"].is_object() {
            remove_field(&mut object["status"], "conditions");
            remove_field(&mut object["status"], "currentMetrics");
        }
    }
    object
}

/// An object as it is stored; `live` is what is stored now, whose parts an old version cannot express stay.
pub(crate) fn to_stored(mut object: Value, live: Option<&Value>, api: &Api) -> Value {
    if !is_old_autoscaler(api) || !object["spec"].is_object() {
        if let Some(live) = live {
            object["apiVersion"] = live["apiVersion"].clone();
        }
        return object;
    }
    object["apiVersion"] = json!("autoscaling/v2");
    let mut metrics: Vec<Value> = live
        .and_then(|live| live["spec"]["metrics"].as_array())
        .into_iter()
        .flatten()
        .filter(|metric| !is_processor(metric))
        .cloned()
        .collect();
    let target = object["spec"]["targetCPUUtilizationPercentage"].clone();
    if !target.is_null() || metrics.is_empty() {
        let target = if target.is_null() { json!(80) } else { target };
        metrics.insert(
            0,
            json!({"type": "Resource", "resource": {"name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": target}}}),
        );
    }
    remove_field(&mut object["spec"], "targetCPUUtilizationPercentage");
    object["spec"]["metrics"] = json!(metrics);
    if let Some(live) = live {
        if let Some(behavior) = live["spec"].get("behavior") {
            object["spec"]["behavior"] = behavior.clone();
        }
        if object["status"].is_object() && live["status"].is_object() {
            for field in ["conditions", "currentMetrics"] {
                if let Some(value) = live["status"].get(field) {
                    object["status"][field] = value.clone();
                }
            }
        }
    }
    object
}

fn is_processor(metric: &Value) -> bool {
    metric["resource"]["name"] == "cpu" && metric["resource"]["target"]["type"] == "Utilization"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn an_autoscaler_is_read_and_written_in_both_versions() {
        let api = Registry::new().find("autoscaling", "v1", "horizontalpodautoscalers").unwrap();
        let old = json!({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
            "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 50}});
        let stored = to_stored(old.clone(), None, &api);
        assert_eq!(stored["apiVersion"], "autoscaling/v2");
        assert_eq!(stored["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 50);
        assert_eq!(to_requested(&stored, &api), old);
        let mut live = stored;
        live["spec"]["behavior"] = json!({"scaleUp": {}});
        let again = to_stored(to_requested(&live, &api), Some(&live), &api);
        assert_eq!(again, live, "what the old version cannot say stays");
    }
}
