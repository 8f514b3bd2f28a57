//! Classes by their rules.

use super::*;
use serde_json::json;

fn classify_in(kind: &str, path: &str, old: Value, new: Value, pins: &[Pin]) -> Classified {
    let words = EnvironmentWords::new(["staging", "production", "prod", "qa"]);
    let (application, environment) = (ApplicationName::new("web"), EnvironmentName::new("production"));
    let place = Place { application: &application, environment: &environment, words: &words, pins };
    let group = if kind == "GitRepository" { "source.toolkit.fluxcd.io" } else { "" };
    let resource =
        ResourceId { group: group.into(), kind: kind.into(), namespace: String::new(), name: "web".into() };
    let value = |value: Value| (!value.is_null()).then_some(value);
    let field = FieldChange { path: path.parse().unwrap(), old: value(old), new: value(new), secret: false };
    classify(&resource, &field, &place)
}

#[test]
fn each_setting_has_the_class_of_its_first_rule() {
    use SettingClass::{A, B, C, D};
    let container = "/spec/template/spec/containers/[name=web]";
    let in_container = |rest: &str| format!("{container}{rest}");
    for (kind, path, old, new, expected) in [
        ("Deployment", in_container("/image"), json!("web:1"), json!("web:2"), A),
        ("Deployment", in_container("/image"), json!("staging.r/web:1"), json!("prod.r/web:1"), C),
        ("Deployment", in_container("/image"), json!("staging.r/web:1"), json!("prod.r/web:2"), A),
        ("Deployment", in_container("/env/[name=IMAGE_TAG]/value"), json!("1"), json!("2"), A),
        ("HelmRelease", "/spec/chart/spec/version".into(), json!("1.0.0"), json!("1.1.0"), A),
        ("HelmRelease", "/spec/values/image/tag".into(), json!("1"), json!("2"), A),
        ("Application", "/spec/source/targetRevision".into(), json!("a"), json!("b"), A),
        ("GitRepository", "/spec/ref/tag".into(), json!("v1"), json!("v2"), A),
        ("Kustomization", "/spec/path".into(), json!("./c/gw/v1.4.0"), json!("./c/gw/v1.5.1"), A),
        ("Deployment", "/metadata/labels/app.kubernetes.io~1version".into(), json!("1"), json!("2"), A),
        ("Ingress", "/spec/rules/[host=a.example]/http".into(), json!({}), json!({"a": 1}), C),
        ("Ingress", "/spec/rules/0/host".into(), json!("a.staging.example"), json!("a.example"), C),
        ("Deployment", in_container("/env/[name=DATABASE_HOST]/value"), json!("db1"), json!("db2"), C),
        ("Deployment", in_container("/env/[name=LOG_LEVEL]/value"), json!("debug"), json!("info"), D),
        ("Deployment", in_container("/env/[name=MODE]/value"), json!("staging"), json!("live"), C),
        ("Deployment", in_container("/env/[name=TITLE]/value"), json!("product"), json!("products"), D),
        ("Deployment", in_container("/env/[name=QUEUE]/value"), json!("jobs-staging"), json!("jobs-prod"), C),
        ("Deployment", in_container("/env/[name=QUEUE]/value"), json!("jobs-PROD-1"), json!(""), C),
        ("Deployment", in_container("/env/[name=BUCKET]/value"), json!("s3://a"), json!("s3://b"), C),
        ("Deployment", in_container("/env/[name=AWS_REGION]/value"), json!("x"), json!("y"), C),
        ("Deployment", in_container("/env/[name=ROLE]/value"), json!("arn:aws:iam::1:role/a"), json!("b"), C),
        ("ConfigMap", "/data/accountId".into(), json!("1"), json!("2"), C),
        ("Deployment", in_container("/env/[name=A]/valueFrom/secretKeyRef/name"), json!("a"), json!("b"), C),
        (
            "Deployment",
            "/spec/template/spec/volumes/[name=a]/secret/secretName".into(),
            json!("a"),
            json!("b"),
            C,
        ),
        ("Deployment", "/metadata/namespace".into(), json!("a"), json!("b"), C),
        ("Deployment", "/spec/replicas".into(), json!(1), json!(3), B),
        ("Deployment", in_container("/resources/limits/cpu"), json!("1"), json!("2"), B),
        ("Deployment", in_container("/resources"), Value::Null, json!({"limits": {"cpu": "1"}}), B),
        ("Role", "/rules/0/resources/0".into(), json!("pods"), json!("secrets"), D),
        ("HorizontalPodAutoscaler", "/spec/metrics/0/x".into(), json!(1), json!(2), B),
        ("Deployment", "/spec/template/spec/nodeSelector/pool".into(), json!("a"), json!("b"), B),
        (
            "Deployment",
            "/spec/template/spec/nodeSelector/zone".into(),
            json!("eu-west-1a"),
            json!("eu-west-1b"),
            C,
        ),
        ("PersistentVolumeClaim", "/spec/resources/requests/storage".into(), json!("1Gi"), json!("2Gi"), B),
        ("Deployment", in_container("/readinessProbe/periodSeconds"), json!(1), json!(2), B),
        ("PodDisruptionBudget", "/spec/minAvailable".into(), json!(1), json!(2), B),
        ("Service", "/spec/type".into(), json!("ClusterIP"), json!("LoadBalancer"), B),
        ("Widget", "/spec/type".into(), json!("a"), json!("b"), D),
        ("Ingress", "/spec/ingressClassName".into(), json!("a"), json!("b"), B),
        ("Deployment", "/metadata/annotations/team".into(), json!("a"), json!("b"), B),
        ("Deployment", in_container("/args/0"), json!("--a"), json!("--b"), D),
        ("ConfigMap", "/data/features".into(), json!("a"), json!("a,b"), D),
        (
            "Deployment",
            in_container("/env/[name=NEW]"),
            Value::Null,
            json!({"name": "NEW", "value": "https://x.y"}),
            C,
        ),
    ] {
        let result = classify_in(kind, &path, old.clone(), new.clone(), &[]);
        assert_eq!(result.class, expected, "{kind} {path} {old} → {new}: {}", result.reason);
        assert!(result.reason.ends_with('.') && result.reason.starts_with(char::is_uppercase), "a sentence");
    }
}

#[test]
fn lines_of_a_text_belong_to_the_environment_by_name_or_value() {
    let words = EnvironmentWords::new(["staging", "prod"]);
    for (line, expected) in [
        ("level = debug", false),
        ("timeout: 30s", false),
        ("database.host = db1", true),
        ("DATABASE_URL: x", true),
        ("peer 10.1.2.3", true),
        ("mode = prod", true),
        ("bucket = eu-west-1", true),
        ("password: x", true),
        ("the host", false),
    ] {
        assert_eq!(line_of_environment(line, &words), expected, "{line}");
    }
}

#[test]
fn a_new_resource_is_d_unless_it_is_a_secret_or_a_namespace() {
    let words = EnvironmentWords::default();
    let (application, environment) = (ApplicationName::new("web"), EnvironmentName::new("production"));
    let place = Place { application: &application, environment: &environment, words: &words, pins: &[] };
    for (kind, expected) in
        [("Service", SettingClass::D), ("Secret", SettingClass::C), ("Namespace", SettingClass::C)]
    {
        let resource = ResourceId {
            group: String::new(),
            kind: kind.into(),
            namespace: String::new(),
            name: "a".into(),
        };
        assert_eq!(classify_resource(&resource, true, &place).class, expected, "{kind}");
    }
}

#[test]
fn a_pin_comes_first_and_gives_its_reason() {
    let pin = Pin {
        application: "*".into(),
        environment: "production".into(),
        kind: "Deployment".into(),
        path: "/spec/template".parse().unwrap(),
        class: SettingClass::C,
        reason: "frozen until the audit".into(),
    };
    let path = "/spec/template/spec/containers/[name=web]/image";
    let result = classify_in("Deployment", path, json!("web:1"), json!("web:2"), std::slice::from_ref(&pin));
    assert_eq!(result.class, SettingClass::C);
    assert_eq!(result.reason, "Pinned in .slipway.yaml: frozen until the audit.");
    assert_eq!(
        classify_in("StatefulSet", path, json!("web:1"), json!("web:2"), &[pin]).class,
        SettingClass::A
    );
}
