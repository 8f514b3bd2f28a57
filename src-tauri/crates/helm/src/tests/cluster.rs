//! What templates see of a cluster, and what a render says of it.

use serde_json::{Value, json};

use super::*;
use crate::{ClusterCapabilities, ClusterReads, ClusterSnapshot, LookupAnswer, LookupQuestion};

fn question(api_version: &str, kind: &str, namespace: &str, name: &str) -> LookupQuestion {
    let [api_version, kind, namespace, name] = [api_version, kind, namespace, name].map(str::to_owned);
    LookupQuestion { api_version, kind, namespace, name }
}

fn capabilities() -> ClusterCapabilities {
    ClusterCapabilities {
        version: "v1.31.2-gke.1".to_owned(),
        major: "1".to_owned(),
        minor: "31+".to_owned(),
        api_versions: ["apps/v1", "apps/v1/Deployment", "v1"].map(str::to_owned).to_vec(),
    }
}

fn cluster(answers: Vec<(LookupQuestion, LookupAnswer)>) -> ClusterSnapshot {
    ClusterSnapshot::new(capabilities()).with_answers(answers)
}

fn on(cluster: ClusterSnapshot) -> Options {
    Options { cluster: Some(Arc::new(cluster)), ..options() }
}

fn found(object: Value) -> LookupAnswer {
    LookupAnswer::Found(Arc::new(object))
}

/// The forms are those of `pkg/engine/lookup_func.go`: an object, a list with `items`, and an empty map for what is not
/// there.
#[test]
fn lookup_gives_objects_lists_and_empty_maps() {
    let answers = || {
        vec![
            (
                question("v1", "Secret", "shop", "db"),
                found(json!({"apiVersion": "v1", "kind": "Secret", "data": {"p": "eA=="}, "number": 3})),
            ),
            (
                question("v1", "Secret", "shop", ""),
                found(json!({"kind": "SecretList", "items": [{"metadata": {"name": "a"}}]})),
            ),
            (question("v1", "Pod", "", ""), found(json!({"kind": "PodList", "items": []}))),
            (question("v1", "Secret", "shop", "gone"), LookupAnswer::Nothing),
        ]
    };
    for (template, expected) in [
        (r#"{{ (lookup "v1" "Secret" "shop" "db").data.p }}"#, json!("eA==")),
        // A whole number is an int64, not a float.
        (r#"{{ kindOf (lookup "v1" "Secret" "shop" "db").number }}"#, json!("int64")),
        (r#"{{ (index (lookup "v1" "Secret" "shop" "").items 0).metadata.name }}"#, json!("a")),
        (r#"{{ len (lookup "v1" "Pod" "" "").items }}"#, json!(0)),
        (r#"{{ toJson (lookup "v1" "Secret" "shop" "gone") }}"#, json!({})),
        (r#"{{ if not (lookup "v1" "Secret" "shop" "gone") }}none{{ end }}"#, json!("none")),
        // Only what the template passes: an empty namespace is another question than the release's.
        (r#"{{ len (lookup "v1" "Secret" "" "db") }}"#, json!(0)),
        (r#"{{ len (lookup "v1" "Secret" .Release.Namespace "db") }}"#, json!(0)),
        (r#"{{ kindOf (lookup "v1" "ConfigMap" "shop" "db") }}"#, json!("map")),
    ] {
        let text = format!("a: {template}\n");
        let files = [("templates/a.yaml", text.as_str())];
        let output = render(&files, &on(cluster(answers()))).unwrap();
        assert_eq!(output.documents[0].object["a"], expected, "{template}");
        assert_eq!(output.cluster.lookups().len(), 1, "{template}");
    }
}

#[test]
fn what_the_cluster_refuses_fails_at_the_place_of_the_lookup() {
    let refused = r#"secrets "db" is forbidden: User "a" cannot get resource "secrets""#;
    let snapshot =
        cluster(vec![(question("v1", "Secret", "shop", "db"), LookupAnswer::Failed(refused.to_owned()))]);
    let files = [("templates/a.yaml", "a: 1\nb: {{ (lookup \"v1\" \"Secret\" \"shop\" \"db\").data }}\n")];
    let failure = render(&files, &on(snapshot.clone())).unwrap_err();
    assert_eq!(failure.code(), "helm-template");
    assert!(failure.message().ends_with(&format!("error calling lookup: {refused}")), "{failure}");
    let location = failure.location().unwrap();
    assert_eq!((location.file.as_str(), location.line), ("web/templates/a.yaml", Some(2)));
    assert!(failure.cluster().hold_on(Some(&snapshot)), "a failure says what it rests on as well");
    assert!(!failure.cluster().hold_on(Some(&cluster(Vec::new()))));
}

#[test]
fn what_a_snapshot_does_not_hold_is_named_even_where_the_render_fails() {
    let text = "a: {{ required \"no password\" (lookup \"v1\" \"Secret\" \"shop\" \"db\").data }}\n";
    let failure = render(&[("templates/a.yaml", text)], &on(cluster(Vec::new()))).unwrap_err();
    assert_eq!(failure.cluster().missing_in(&cluster(Vec::new())), [question("v1", "Secret", "shop", "db")]);
    let offline = render(&[("templates/a.yaml", text)], &options()).unwrap_err();
    assert_eq!(offline.cluster().lookups().count(), 1);
}

#[test]
fn capabilities_are_those_of_the_cluster_unless_they_are_given() {
    let text = "v: {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Minor }}\n\
                served: {{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" }}\n\
                own: {{ .Capabilities.APIVersions.Has \"batch/v1\" }}\n\
                given: {{ .Capabilities.APIVersions.Has \"x.example/v1\" }}\n";
    let given = |version: Option<&str>, versions: &[&str]| Options {
        kube_version: version.map(str::to_owned),
        api_versions: versions.iter().map(|each| (*each).to_owned()).collect(),
        ..on(cluster(Vec::new()))
    };
    for (options, expected) in [
        (options(), ["v1.37.0 37", "false", "true", "false"]),
        (given(None, &[]), ["v1.31.2-gke.1 31+", "true", "false", "false"]),
        (given(Some("1.30.0"), &[]), ["v1.30.0 30", "true", "false", "false"]),
        (given(None, &["x.example/v1"]), ["v1.31.2-gke.1 31+", "false", "true", "true"]),
        (given(Some("1.30.0"), &["x.example/v1"]), ["v1.30.0 30", "false", "true", "true"]),
    ] {
        let output = render(&[("templates/a.yaml", text)], &options).unwrap();
        let object = &output.documents[0].object;
        let shown = ["v", "served", "own", "given"].map(|key| match &object[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        assert_eq!(shown, expected);
        let all_given = options.kube_version.is_some() && !options.api_versions.is_empty();
        assert_eq!(output.cluster.has_capabilities(), !all_given, "what is given depends on no cluster");
    }
}

#[test]
fn a_chart_that_asks_nothing_rests_on_no_cluster() {
    let files = [
        ("templates/a.yaml", "a: {{ .Release.Name }}\n"),
        ("templates/_x.tpl", "{{ define \"x\" }}{{ . }}{{ end }}"),
    ];
    let output = render(&files, &on(cluster(Vec::new()))).unwrap();
    assert!(output.cluster.is_empty());
    let ranges = "apiVersion: v2\nname: web\nversion: 0.1.0\nkubeVersion: '>=1.30.0-0'\n";
    let output = render(&[files[0], ("Chart.yaml", ranges)], &on(cluster(Vec::new()))).unwrap();
    assert!(output.cluster.has_capabilities(), "its range was compared with the cluster's version");
    let refused =
        render(&[files[0], ("Chart.yaml", &ranges.replace("1.30", "1.40"))], &on(cluster(Vec::new())));
    let refused = refused.unwrap_err();
    assert!(refused.message().contains("incompatible with Kubernetes v1.31.2-gke.1"), "{refused}");
    assert!(refused.cluster().has_capabilities());
}

#[test]
fn reads_hold_for_as_long_as_answers_are_the_same() {
    let db = || question("v1", "Secret", "shop", "db");
    let text = "a: {{ lookup \"v1\" \"Secret\" \"shop\" \"db\" | toJson }}\n";
    let reads = |snapshot: &ClusterSnapshot| -> ClusterReads {
        render(&[("templates/a.yaml", text)], &on(snapshot.clone())).unwrap().cluster
    };
    let empty = cluster(Vec::new());
    let missing = cluster(vec![(db(), LookupAnswer::Nothing)]);
    let one = cluster(vec![(db(), found(json!({"data": {"p": "1"}})))]);
    let two = one.with_answers([(db(), found(json!({"data": {"p": "2"}})))]);
    let other = one.with_answers([(question("v1", "Pod", "", ""), LookupAnswer::Nothing)]);
    assert!(reads(&empty).hold_on(Some(&missing)), "an empty map either way");
    assert!(reads(&empty).hold_on(None) && !reads(&empty).has_content());
    assert!(!reads(&missing).hold_on(Some(&one)) && reads(&one).has_content());
    assert!(!reads(&one).hold_on(Some(&two)) && !reads(&one).hold_on(None));
    assert!(reads(&one).hold_on(Some(&other)), "what others looked up makes nothing stale");
    assert!(!reads(&one).hold_on(Some(&one.without_objects())));
    assert_ne!(one, two);
    assert_eq!(one, one.with_answers([(db(), found(json!({"data": {"p": "1"}})))]));
}

#[test]
fn no_content_of_a_cluster_is_shown_by_debug() {
    let snapshot = cluster(vec![(question("v1", "Secret", "shop", "db"), found(json!({"data": "hidden"})))]);
    assert!(!format!("{snapshot:?}").contains("hidden"));
}
