use serde_json::{Value, json};

use super::{HealthStatus, assess, has_rule};

fn check(object: &Value, status: Option<HealthStatus>, message: &str) {
    let health = assess(object);
    assert_eq!(health.as_ref().map(|health| health.status), status, "{object}");
    assert_eq!(health.map(|health| health.message).unwrap_or_default(), message, "{object}");
}

#[test]
fn a_deployment_waits_for_each_part_of_its_rollout() {
    let deployment = |status: Value| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "generation": 2},
            "spec": {"replicas": 3}, "status": status})
    };
    check(
        &deployment(json!({"observedGeneration": 1})),
        Some(HealthStatus::Progressing),
        "Waiting for rollout to finish: observed deployment generation less than desired generation",
    );
    check(
        &deployment(json!({"observedGeneration": 2, "updatedReplicas": 1})),
        Some(HealthStatus::Progressing),
        "Waiting for rollout to finish: 1 out of 3 new replicas have been updated...",
    );
    check(
        &deployment(json!({"observedGeneration": 2, "updatedReplicas": 3, "replicas": 4})),
        Some(HealthStatus::Progressing),
        "Waiting for rollout to finish: 1 old replicas are pending termination...",
    );
    check(
        &deployment(
            json!({"observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 2}),
        ),
        Some(HealthStatus::Progressing),
        "Waiting for rollout to finish: 2 of 3 updated replicas are available...",
    );
    check(
        &deployment(
            json!({"observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 3}),
        ),
        Some(HealthStatus::Healthy),
        "",
    );
}

#[test]
fn a_job_is_judged_by_its_conditions() {
    let job = |conditions: Value| json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "m"}, "status": {"conditions": conditions}});
    check(&job(json!([])), Some(HealthStatus::Progressing), "");
    check(&job(json!([{"type": "Complete", "message": "done"}])), Some(HealthStatus::Healthy), "done");
    check(
        &job(json!([{"type": "Failed", "message": "too often"}, {"type": "Complete"}])),
        Some(HealthStatus::Degraded),
        "too often",
    );
    check(
        &job(json!([{"type": "Suspended", "status": "True", "message": "paused"}])),
        Some(HealthStatus::Suspended),
        "paused",
    );
}

#[test]
fn a_custom_resource_has_no_health_whatever_its_conditions_say() {
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
        "status": {"conditions": [{"type": "Ready", "status": "False"}]}});
    check(&widget, None, "");
    assert!(!has_rule("example.com", "Widget"));
}

#[test]
fn an_object_being_deleted_is_progressing_and_says_what_blocks_it() {
    let terminating = |finalizers: Value| {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "c", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": finalizers}})
    };
    check(&terminating(json!([])), Some(HealthStatus::Progressing), "Pending deletion");
    check(
        &terminating(json!(["a.example/x", "foregroundDeletion"])),
        Some(HealthStatus::Progressing),
        "Pending deletion; blocked by finalizers: a.example/x, foregroundDeletion",
    );
    check(&terminating(json!(["argocd.argoproj.io/hook-finalizer"])), None, "");
}

#[test]
fn a_version_whose_fields_are_not_known_is_unknown() {
    let old = json!({"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": {"name": "web"}});
    check(&old, Some(HealthStatus::Unknown), "unsupported Deployment GVK: apps/v1beta1, Kind=Deployment");
}

#[test]
fn fields_of_the_wrong_type_do_not_panic() {
    for kind in [("apps/v1", "Deployment"), ("v1", "Pod"), ("batch/v1", "Job"), ("apps/v1", "StatefulSet")] {
        let object = json!({"apiVersion": kind.0, "kind": kind.1, "metadata": [], "spec": 7, "status": {"conditions": {}}});
        assert!(assess(&object).is_some());
    }
}
