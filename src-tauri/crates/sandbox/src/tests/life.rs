//! What the controllers make of objects.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Harness, deployment};
use crate::controllers::Next;

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
const PODS: &str = "/api/v1/namespaces/default/pods";
const JOBS: &str = "/apis/batch/v1/namespaces/default/jobs";

fn condition(object: &Value, name: &str) -> String {
    let list = object["status"]["conditions"].as_array();
    let found = list.into_iter().flatten().find(|condition| condition["type"] == name);
    found.map_or(String::new(), |found| {
        format!("{} {}", found["status"].as_str().unwrap(), found["reason"].as_str().unwrap_or_default())
    })
}

#[test]
fn a_deployment_becomes_available_after_a_while() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 2));
    api.settle();
    let path = format!("{DEPLOYMENTS}/web");
    let object = api.get(&path);
    assert_eq!(condition(&object, "Available"), "False MinimumReplicasUnavailable");
    assert_eq!(object["status"]["unavailableReplicas"], 2);
    api.pass(Duration::from_secs(3));
    let object = api.get(&path);
    assert_eq!(condition(&object, "Available"), "True MinimumReplicasAvailable");
    assert_eq!(condition(&object, "Progressing"), "True NewReplicaSetAvailable");
    assert_eq!(object["status"]["readyReplicas"], 2);
    assert_eq!(object["status"]["observedGeneration"], 1);
}

#[test]
fn a_rollout_keeps_enough_pods_available_and_ends_with_one_set() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 4));
    api.pass(Duration::from_secs(4));
    api.patch(
        &format!("{DEPLOYMENTS}/web"),
        "strategic-merge-patch+json",
        &json!({"spec": {"template": {"spec": {
        "containers": [{"name": "main", "image": "web:2"}]}}}}),
    );
    for _ in 0..80 {
        api.pass(Duration::from_millis(250));
        let status = api.get(&format!("{DEPLOYMENTS}/web"))["status"].clone();
        assert!(status["availableReplicas"].as_i64().unwrap_or(0) >= 3, "25 % of 4 may be missing: {status}");
        assert!(status["replicas"].as_i64().unwrap_or(0) <= 5, "25 % of 4 may be too many: {status}");
    }
    let object = api.get(&format!("{DEPLOYMENTS}/web"));
    assert_eq!(condition(&object, "Progressing"), "True NewReplicaSetAvailable");
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
    let sets = api.get("/apis/apps/v1/namespaces/default/replicasets");
    let sizes: Vec<i64> = sets["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| set["spec"]["replicas"].as_i64().unwrap())
        .collect();
    assert_eq!(sizes.iter().sum::<i64>(), 4);
    assert_eq!(sizes.len(), 2);
}

#[test]
fn a_deployment_that_hangs_exceeds_its_deadline() {
    let api = Harness::new();
    let mut object = deployment("web", "web:1", 1);
    object["spec"]["progressDeadlineSeconds"] = json!(10);
    object["spec"]["template"]["metadata"]["annotations"] = json!({"slipway.dev/outcome": "hang"});
    api.post(DEPLOYMENTS, &object);
    api.pass(Duration::from_secs(11));
    let object = api.get(&format!("{DEPLOYMENTS}/web"));
    assert_eq!(condition(&object, "Progressing"), "False ProgressDeadlineExceeded");
}

#[test]
fn a_paused_deployment_does_not_roll() {
    let api = Harness::new();
    let mut object = deployment("web", "web:1", 1);
    api.post(DEPLOYMENTS, &object);
    api.pass(Duration::from_secs(3));
    object["spec"]["paused"] = json!(true);
    object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:2");
    api.patch(&format!("{DEPLOYMENTS}/web"), "merge-patch+json", &object);
    api.pass(Duration::from_secs(3));
    assert_eq!(condition(&api.get(&format!("{DEPLOYMENTS}/web")), "Progressing"), "Unknown DeploymentPaused");
    assert_eq!(api.get(PODS)["items"][0]["spec"]["containers"][0]["image"], "web:1");
}

#[expect(clippy::needless_pass_by_value, reason = "tables of literals read better without borrows")]
fn job(name: &str, annotations: Value, spec: Value) -> Value {
    let mut job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec});
    job["spec"]["template"] = json!({"metadata": {"annotations": annotations},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}});
    job
}

#[test]
fn jobs_complete_or_fail_as_they_are_told() {
    let api = Harness::new();
    api.post(JOBS, &job("good", json!({}), json!({"completions": 3, "parallelism": 2})));
    api.post(JOBS, &job("bad", json!({"slipway.dev/outcome": "fail"}), json!({"backoffLimit": 1})));
    api.post(JOBS, &job("slow", json!({"slipway.dev/delay": "30s"}), json!({})));
    api.post(
        JOBS,
        &job("stuck", json!({"slipway.dev/outcome": "hang"}), json!({"activeDeadlineSeconds": 20})),
    );
    api.pass(Duration::from_secs(10));
    let status = |name: &str| api.get(&format!("{JOBS}/{name}"));
    assert_eq!(condition(&status("good"), "Complete"), "True CompletionsReached");
    assert_eq!(status("good")["status"]["succeeded"], 3);
    assert_eq!(condition(&status("bad"), "Failed"), "True BackoffLimitExceeded");
    assert_eq!(status("bad")["status"]["failed"], 2);
    assert_eq!(status("slow")["status"]["active"], 1);
    api.pass(Duration::from_secs(25));
    assert_eq!(condition(&status("slow"), "Complete"), "True CompletionsReached");
    assert_eq!(condition(&status("stuck"), "Failed"), "True DeadlineExceeded");
}

#[test]
fn a_finished_job_goes_when_its_time_is_over() {
    let api = Harness::new();
    api.post(JOBS, &job("short", json!({}), json!({"ttlSecondsAfterFinished": 5})));
    api.pass(Duration::from_secs(4));
    assert_eq!(condition(&api.get(&format!("{JOBS}/short")), "Complete"), "True CompletionsReached");
    api.pass(Duration::from_secs(6));
    assert_eq!(api.send("GET", &format!("{JOBS}/short"), "", b"").code, 404);
    assert_eq!(api.get(PODS)["items"], json!([]), "its pods go with it");
}

#[test]
fn a_stateful_set_starts_in_order_and_claims_its_volumes() {
    let api = Harness::new();
    let object = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": "db:1"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}}}}]}});
    let path = "/apis/apps/v1/namespaces/default/statefulsets";
    assert_eq!(api.post(path, &object).code, 201);
    api.pass(Duration::from_secs(1));
    assert_eq!(api.get(PODS)["items"].as_array().unwrap().len(), 1, "the second waits for the first");
    api.pass(Duration::from_secs(5));
    let object = api.get(&format!("{path}/db"));
    assert_eq!(object["status"]["readyReplicas"], 2);
    assert_eq!(object["status"]["currentRevision"], object["status"]["updateRevision"]);
    let claim = api.get("/api/v1/namespaces/default/persistentvolumeclaims/data-db-1");
    assert_eq!(claim["status"]["phase"], "Bound");
}

#[test]
fn a_daemon_set_runs_on_every_node() {
    let api = Harness::new();
    let mut object = deployment("agent", "agent:1", 1);
    object["kind"] = json!("DaemonSet");
    object["spec"].as_object_mut().unwrap().remove("replicas");
    let path = "/apis/apps/v1/namespaces/default/daemonsets";
    assert_eq!(api.post(path, &object).code, 201);
    api.pass(Duration::from_secs(3));
    assert_eq!(api.get(&format!("{path}/agent"))["status"]["numberReady"], 2);
}

#[test]
fn namespaces_come_and_go() {
    let api = Harness::new();
    let missing = api.post("/apis/apps/v1/namespaces/shop/deployments", &deployment("web", "web:1", 1));
    assert_eq!(missing.body["message"], "namespaces \"shop\" not found");
    api.post("/api/v1/namespaces", &json!({"metadata": {"name": "shop"}}));
    api.settle();
    assert_eq!(api.get("/api/v1/namespaces/shop/serviceaccounts/default")["kind"], "ServiceAccount");
    api.post("/apis/apps/v1/namespaces/shop/deployments", &deployment("web", "web:1", 2));
    api.pass(Duration::from_secs(3));
    assert_eq!(api.delete("/api/v1/namespaces/shop").body["status"]["phase"], "Terminating");
    let refused = api.post("/api/v1/namespaces/shop/configmaps", &json!({"metadata": {"name": "late"}}));
    assert_eq!((refused.code, refused.body["reason"].as_str()), (403, Some("Forbidden")));
    assert_eq!(refused.body["details"]["causes"][0]["reason"], "NamespaceTerminating");
    api.pass(Duration::from_secs(3));
    assert_eq!(api.send("GET", "/api/v1/namespaces/shop", "", b"").code, 404);
    assert_eq!(api.get("/api/v1/pods")["items"], json!([]));
    assert_eq!(api.post("/api/v1/namespaces", &json!({"metadata": {"name": "shop"}})).code, 201);
}

#[test]
fn a_finalizer_holds_an_object_back() {
    let api = Harness::new();
    let path = "/api/v1/namespaces/default/configmaps";
    api.post(path, &json!({"metadata": {"name": "a", "finalizers": ["example.com/hold"]}}));
    api.delete(&format!("{path}/a"));
    api.pass(Duration::from_secs(2));
    assert!(!api.get(&format!("{path}/a"))["metadata"]["deletionTimestamp"].is_null());
    api.patch(&format!("{path}/a"), "merge-patch+json", &json!({"metadata": {"finalizers": null}}));
    assert_eq!(api.send("GET", &format!("{path}/a"), "", b"").code, 404);
}

#[test]
fn dependents_follow_their_owner_as_the_policy_says() {
    let sets = "/apis/apps/v1/namespaces/default/replicasets";
    for (policy, sets_left) in [("Background", 0), ("Foreground", 0), ("Orphan", 1)] {
        let api = Harness::new();
        api.post(DEPLOYMENTS, &deployment("web", "web:1", 1));
        api.pass(Duration::from_secs(3));
        api.delete(&format!("{DEPLOYMENTS}/web?propagationPolicy={policy}"));
        if policy == "Foreground" {
            let object = api.get(&format!("{DEPLOYMENTS}/web"));
            assert_eq!(object["metadata"]["finalizers"], json!(["foregroundDeletion"]));
        }
        api.pass(Duration::from_secs(4));
        assert_eq!(api.send("GET", &format!("{DEPLOYMENTS}/web"), "", b"").code, 404, "{policy}");
        assert_eq!(api.get(sets)["items"].as_array().unwrap().len(), sets_left, "{policy}");
    }
}

#[test]
fn a_load_balancer_gets_an_address_and_a_service_keeps_its_own() {
    let api = Harness::new();
    let services = "/api/v1/namespaces/default/services";
    let service =
        json!({"metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}});
    let created = api.post(services, &service).body;
    assert!(created["spec"]["clusterIP"].as_str().unwrap().starts_with("10.96."));
    api.pass(Duration::from_secs(3));
    let path = format!("{services}/web");
    assert!(api.get(&path)["status"]["loadBalancer"]["ingress"][0]["ip"].is_string());
    let replaced = api.send("PUT", &path, "application/json", service.to_string().as_bytes()).body;
    assert_eq!(replaced["spec"]["clusterIP"], created["spec"]["clusterIP"]);
    assert_eq!(replaced["spec"]["ports"], created["spec"]["ports"]);
}

#[test]
fn a_service_knows_the_pods_behind_it() {
    let api = Harness::new();
    let service =
        json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
    api.post("/api/v1/namespaces/default/services", &service);
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 2));
    let ready = || {
        let slices = api.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices");
        let endpoints = slices["items"][0]["endpoints"].as_array().cloned().unwrap_or_default();
        endpoints.iter().filter(|endpoint| endpoint["conditions"]["ready"] == true).count()
    };
    api.pass(Duration::from_secs(1));
    assert_eq!(ready(), 0);
    api.pass(Duration::from_secs(2));
    assert_eq!(ready(), 2);
    api.patch(&format!("{DEPLOYMENTS}/web"), "merge-patch+json", &json!({"spec": {"replicas": 1}}));
    api.pass(Duration::from_secs(2));
    assert_eq!(ready(), 1);
}

#[test]
fn pods_wait_for_a_node() {
    let api = Harness::new();
    for node in ["node-1", "node-2"] {
        api.delete(&format!("/api/v1/nodes/{node}"));
    }
    api.post(
        PODS,
        &json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}),
    );
    api.pass(Duration::from_secs(3));
    let pod = api.get(&format!("{PODS}/p"));
    assert_eq!(
        (pod["status"]["phase"].as_str(), condition(&pod, "PodScheduled")),
        (Some("Pending"), "False Unschedulable".to_owned())
    );
}

#[test]
fn events_tell_what_happened_and_logs_are_there() {
    let api = Harness::new();
    api.post(
        PODS,
        &json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}),
    );
    assert_eq!(api.send("GET", &format!("{PODS}/p/log"), "", b"").code, 400, "it has not started yet");
    api.pass(Duration::from_secs(3));
    let events = api.get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dp");
    let reasons: Vec<&str> =
        events["items"].as_array().unwrap().iter().filter_map(|event| event["reason"].as_str()).collect();
    assert!(reasons.contains(&"Scheduled") && reasons.contains(&"Started"), "{reasons:?}");
    let log = api.send("GET", &format!("{PODS}/p/log?tailLines=1"), "", b"");
    assert_eq!(log.body, json!("sandbox: ready\n"));
}

#[test]
fn a_cluster_at_rest_does_nothing() {
    let api = Harness::new();
    api.post(DEPLOYMENTS, &deployment("web", "web:1", 3));
    api.pass(Duration::from_secs(1300));
    let before = api.cluster.with(|state| state.store.revision());
    assert_eq!(api.settle(), Next::Idle);
    api.pass(Duration::from_secs(600));
    assert_eq!(api.cluster.with(|state| state.store.revision()), before);
}
