//! Comparisons of whole renders.

#![expect(clippy::needless_pass_by_value, reason = "a test reads better without `&` before each literal")]

use serde_json::{Value, json};
use slipway_model::{FieldPath, InstanceId, Manifest, Origin, RepoPath, Segment};

use crate::*;

/// The lists that the tests need, so that they do not depend on the tables of any Kubernetes version.
struct Lists;

impl ListKeys for Lists {
    fn list_kind(&self, _: &str, kind: &str, path: &FieldPath) -> Option<ListKind> {
        let Some(Segment::Key(name)) = path.segments().last() else { return None };
        let keyed = |keys: &[&str]| Some(ListKind::Keyed(keys.iter().map(|key| (*key).to_owned()).collect()));
        match (kind, name.as_str()) {
            ("Widget", _) => None,
            (_, "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets") => keyed(&["name"]),
            (_, "ports") => keyed(&["containerPort", "protocol"]),
            (_, "finalizers") => Some(ListKind::Set),
            _ => Some(ListKind::Atomic),
        }
    }
}

fn options() -> Options<'static> {
    Options { key: MaskKey::new([1; 32]), lists: &Lists, environments: None }
}

fn manifest(object: Value) -> Manifest {
    Manifest::new(object, Origin { file: RepoPath::new("all.yaml").unwrap(), document: 0, line: None })
}

fn object(kind: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({
        "apiVersion": if kind == "Deployment" { "apps/v1" } else if kind == "Job" { "batch/v1" } else { "v1" },
        "kind": kind,
        "metadata": {"name": name},
    });
    for (key, value) in rest.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

fn compared(from: &[Value], to: &[Value], options: &Options<'_>) -> Comparison {
    let all = |objects: &[Value]| objects.iter().cloned().map(manifest).collect::<Vec<_>>();
    compare_with(&all(from), &all(to), options)
}

/// One line for each change: `KIND/NAME change`, then `PATH old → new` for each field.
fn lines(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for resource in &comparison.resources {
        let from = resource.renamed_from.as_ref().map(|id| format!(" from {}", id.name)).unwrap_or_default();
        lines.push(format!("{} {:?}{from}", resource.resource, resource.change));
        for field in &resource.fields {
            let text = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
            lines.push(format!("  {} {} → {}", field.path, text(&field.old), text(&field.new)));
        }
    }
    lines
}

fn check(from: &[Value], to: &[Value], expected: &[&str]) {
    assert_eq!(lines(&compared(from, to, &options())), expected);
}

/// Compares two objects that hold the value under `spec`.
fn check_spec(kind: &str, old: Value, new: Value, expected: &[&str]) {
    let change = compared(
        &[object(kind, "x", json!({"spec": old}))],
        &[object(kind, "x", json!({"spec": new}))],
        &options(),
    );
    let shown = lines(&change);
    let fields: Vec<&str> = shown.iter().skip(1).map(|line| line.trim_start()).collect();
    assert_eq!(fields, expected);
}

#[test]
fn equal_renders_have_no_changes() {
    let all = [object("Service", "a", json!({"spec": {"ports": []}})), object("ConfigMap", "b", json!({}))];
    let reversed = [all[1].clone(), all[0].clone()];
    check(&all, &reversed, &[]);
}

#[test]
fn resources_stand_in_the_order_of_the_second_side_and_removed_ones_last() {
    check(
        &[object("Service", "gone", json!({})), object("Service", "kept", json!({"spec": {"a": 1}}))],
        &[object("Service", "new", json!({})), object("Service", "kept", json!({"spec": {"a": 2}}))],
        &["Service/new Added", "Service/kept Changed", "  /spec/a 1 → 2", "Service/gone Removed"],
    );
}

#[test]
fn another_version_of_the_same_resource_is_a_field() {
    let ingress =
        |version: &str| json!({"apiVersion": version, "kind": "Ingress", "metadata": {"name": "a"}});
    check(
        &[ingress("networking.k8s.io/v1beta1")],
        &[ingress("networking.k8s.io/v1")],
        &[
            "Ingress.networking.k8s.io/a Changed",
            "  /apiVersion \"networking.k8s.io/v1beta1\" → \"networking.k8s.io/v1\"",
        ],
    );
}

#[test]
fn twins_are_paired_by_position_and_none_is_lost() {
    let twin = |value: u32| object("ConfigMap", "a", json!({"data": {"v": value}}));
    check(
        &[twin(1), twin(2), twin(3)],
        &[twin(1), twin(5)],
        &["ConfigMap/a Changed", "  /data/v 2 → 5", "ConfigMap/a Removed"],
    );
}

#[test]
fn objects_without_a_name_are_paired_by_its_beginning() {
    let job = |prefix: &str, image: &str| json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": prefix}, "spec": {"image": image}});
    check(
        &[job("seed-", "s:1"), job("migrate-", "m:1")],
        &[job("migrate-", "m:2"), job("seed-", "s:1")],
        &["Job.batch/ Changed", "  /spec/image \"m:1\" → \"m:2\""],
    );
}

#[test]
fn items_of_a_list_object_are_resources() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        object("ConfigMap", "a", json!({"data": {"k": "1"}})), object("ConfigMap", "b", json!({})),
    ]});
    let typed = json!({"apiVersion": "v1", "kind": "ConfigMapList", "items": [
        {"metadata": {"name": "b"}}, {"metadata": {"name": "a"}, "data": {"k": "2"}},
    ]});
    check(&[list], &[typed], &["ConfigMap/a Changed", "  /data/k \"1\" → \"2\""]);
}

#[test]
fn a_kind_that_ends_in_list_is_no_list() {
    let allow = |host: &str| json!({"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}, "items": [{"host": host}]});
    check(
        &[allow("a")],
        &[allow("b")],
        &["AllowList.example.com/a Changed", "  /items/0/host \"a\" → \"b\""],
    );
}

#[test]
fn keyed_items_are_matched_whatever_their_order() {
    let containers = |first: &str, second: &str, tag: u32| json!({"containers": [{"name": first, "image": "i:1"}, {"name": second, "image": format!("i:{tag}")}]});
    check_spec("Deployment", containers("a", "b", 1), containers("b", "a", 1), &[]);
    check_spec(
        "Deployment",
        containers("a", "b", 1),
        containers("b", "a", 2),
        &["/spec/containers/[name=a]/image \"i:1\" → \"i:2\""],
    );
}

#[test]
fn the_order_of_init_containers_is_a_difference() {
    let init = |names: [&str; 2]| json!({"initContainers": [{"name": names[0]}, {"name": names[1]}]});
    check_spec(
        "Deployment",
        init(["a", "b"]),
        init(["b", "a"]),
        &["/spec/initContainers [{\"name\":\"a\"},{\"name\":\"b\"}] → [{\"name\":\"b\"},{\"name\":\"a\"}]"],
    );
}

#[test]
fn ports_without_protocol_are_matched_by_what_they_have() {
    check_spec(
        "Deployment",
        json!({"ports": [{"containerPort": 80}, {"containerPort": 443, "protocol": "TCP"}]}),
        json!({"ports": [{"containerPort": 443, "protocol": "UDP"}, {"containerPort": 80}]}),
        &["/spec/ports/[containerPort=443]/protocol \"TCP\" → \"UDP\""],
    );
}

#[test]
fn arguments_are_aligned_by_their_longest_common_subsequence() {
    check_spec(
        "Deployment",
        json!({"args": ["--a", "--level=info", "--z"]}),
        json!({"args": ["--new", "--a", "--level=debug", "--z"]}),
        &["/spec/args/0 - → \"--new\"", "/spec/args/2 \"--level=info\" → \"--level=debug\""],
    );
    check_spec(
        "Deployment",
        json!({"args": ["a", "b"]}),
        json!({"args": ["b"]}),
        &["/spec/args/0 \"a\" → -"],
    );
}

#[test]
fn a_set_knows_no_order() {
    check_spec("Deployment", json!({"finalizers": ["a", "b"]}), json!({"finalizers": ["b", "a"]}), &[]);
    check_spec(
        "Deployment",
        json!({"finalizers": ["a", "b"]}),
        json!({"finalizers": ["c", "b"]}),
        &["/spec/finalizers/0 - → \"c\"", "/spec/finalizers/0 \"a\" → -"],
    );
}

#[test]
fn lists_of_custom_resources_are_keyed_where_every_item_has_the_key() {
    check_spec(
        "Widget",
        json!({"rules": [{"name": "a", "v": 1}, {"name": "b", "v": 1}]}),
        json!({"rules": [{"name": "a", "v": 1}, {"name": "new", "v": 9}, {"name": "b", "v": 2}]}),
        &["/spec/rules/[name=new] - → {\"name\":\"new\",\"v\":9}", "/spec/rules/[name=b]/v 1 → 2"],
    );
    check_spec(
        "Widget",
        json!({"rules": [{"name": "a", "v": 1}, {"v": 1}]}),
        json!({"rules": [{"name": "a", "v": 2}, {"v": 1}]}),
        &["/spec/rules/0/v 1 → 2"],
    );
}

#[test]
fn quantities_are_compared_as_they_are_written() {
    check_spec(
        "Deployment",
        json!({"cpu": "1000m", "port": 80}),
        json!({"cpu": "1", "port": "80"}),
        &["/spec/cpu \"1000m\" → \"1\"", "/spec/port 80 → \"80\""],
    );
}

#[test]
fn null_and_not_there_are_the_same() {
    check_spec("Deployment", json!({"a": null, "b": {}}), json!({"b": {}}), &[]);
    check_spec("Deployment", json!({"a": null}), json!({"a": 1}), &["/spec/a - → 1"]);
}

#[test]
fn a_map_that_becomes_a_text_is_one_change() {
    check_spec("Widget", json!({"a": {"b": 1}}), json!({"a": "b"}), &["/spec/a {\"b\":1} → \"b\""]);
}

#[test]
fn very_deep_objects_are_compared_as_a_whole_and_do_not_overflow() {
    let deep = |leaf: u32| {
        let mut value = json!(leaf);
        for _ in 0..400 {
            value = json!({ "a": value });
        }
        value
    };
    let change = compared(
        &[object("Widget", "x", json!({"spec": deep(1)}))],
        &[object("Widget", "x", json!({"spec": deep(2)}))],
        &options(),
    );
    assert_eq!(change.resources[0].fields.len(), 1);
}

#[test]
fn a_long_list_that_changes_everywhere_is_compared_in_time() {
    let items = |prefix: &str| (0..5_000).map(|n| json!(format!("{prefix}{n}"))).collect::<Vec<_>>();
    let change = compared(
        &[object("Deployment", "x", json!({"spec": {"args": items("a")}}))],
        &[object("Deployment", "x", json!({"spec": {"args": items("b")}}))],
        &options(),
    );
    assert_eq!(change.resources[0].fields.len(), 5_000);
}

#[test]
fn a_new_content_hash_is_a_new_name_of_the_same_resource() {
    let settings = |hash: &str, level: &str| {
        object("ConfigMap", &format!("settings-{hash}"), json!({"data": {"level": level}}))
    };
    let web = |hash: &str, image: &str| {
        object(
            "Deployment",
            "web",
            json!({"spec": {"containers": [
                {"name": "web", "image": image, "envFrom": [{"configMapRef": {"name": format!("settings-{hash}")}}]},
            ]}}),
        )
    };
    let comparison = compared(
        &[settings("6t55k6ttgb", "info"), web("6t55k6ttgb", "web:1")],
        &[settings("2g4h9k7mtc", "debug"), web("2g4h9k7mtc", "web:2")],
        &options(),
    );
    assert_eq!(
        lines(&comparison),
        [
            "ConfigMap/settings-2g4h9k7mtc Renamed from settings-6t55k6ttgb",
            "  /data/level \"info\" → \"debug\"",
            "Deployment.apps/web Changed",
            "  /spec/containers/[name=web]/envFrom/0/configMapRef/name \"settings-6t55k6ttgb\" → \"settings-2g4h9k7mtc\"",
            "  /spec/containers/[name=web]/image \"web:1\" → \"web:2\"",
        ]
    );
    let fields = &comparison.resources[1].fields;
    assert_eq!(is_rename_of(&fields[0], &comparison).unwrap().resource.name, "settings-2g4h9k7mtc");
    assert!(is_rename_of(&fields[1], &comparison).is_none());
}

#[test]
fn a_pull_secret_with_a_new_name_is_recognised_as_its_rename() {
    let secret = |hash: &str| object("Secret", &format!("pull-{hash}"), json!({"data": {"a": hash}}));
    let web = |hash: &str| {
        object("Deployment", "web", json!({"spec": {"imagePullSecrets": [{"name": format!("pull-{hash}")}]}}))
    };
    let comparison = compared(
        &[secret("6t55k6ttgb"), web("6t55k6ttgb")],
        &[secret("2g4h9k7mtc"), web("2g4h9k7mtc")],
        &options(),
    );
    let fields = &comparison.resources[1].fields;
    assert_eq!(fields.len(), 2);
    assert!(fields.iter().all(|field| is_rename_of(field, &comparison).is_some()));
}

#[test]
fn a_job_with_a_version_in_its_name_is_renamed() {
    check(
        &[object("Job", "migrate-1.4.0", json!({"spec": {"image": "m:1.4.0"}}))],
        &[object("Job", "migrate-1.5.0", json!({"spec": {"image": "m:1.5.0"}}))],
        &["Job.batch/migrate-1.5.0 Renamed from migrate-1.4.0", "  /spec/image \"m:1.4.0\" → \"m:1.5.0\""],
    );
}

#[test]
fn words_at_the_end_of_a_name_are_no_hash() {
    check(
        &[object("ConfigMap", "settings-red", json!({}))],
        &[object("ConfigMap", "settings-blue", json!({}))],
        &["ConfigMap/settings-blue Added", "ConfigMap/settings-red Removed"],
    );
}

#[test]
fn between_environments_names_and_namespaces_may_hold_the_environment() {
    let in_namespace = |kind: &str, name: &str, namespace: &str, replicas: u32| {
        let mut object = object(kind, name, json!({"spec": {"replicas": replicas}}));
        object["metadata"]["namespace"] = json!(namespace);
        object
    };
    let from = [
        in_namespace("Deployment", "web", "shop-staging", 1),
        in_namespace("Service", "staging-web", "shop-staging", 1),
    ];
    let to = [
        in_namespace("Deployment", "web", "shop-prod", 3),
        in_namespace("Service", "prod-web", "shop-prod", 1),
    ];
    let words = EnvironmentWords::new(["staging", "prod"]);
    let options = Options { environments: Some(words), ..options() };
    assert_eq!(
        lines(&compared(&from, &to, &options)),
        [
            "shop-prod/Deployment.apps/web Changed",
            "  /metadata/namespace \"shop-staging\" → \"shop-prod\"",
            "  /spec/replicas 1 → 3",
            "shop-prod/Service/prod-web Renamed from staging-web",
            "  /metadata/namespace \"shop-staging\" → \"shop-prod\"",
        ]
    );
    // Between two revisions of one environment, another namespace is another resource.
    assert_eq!(compared(&from, &to, &crate::Options { environments: None, ..options }).resources.len(), 4);
}

#[test]
fn equal_changes_are_grouped_the_most_frequent_first() {
    let web = |tag: &str, replicas: u32| {
        object("Deployment", "web", json!({"spec": {"replicas": replicas, "image": tag}}))
    };
    let id = |text: &str| text.parse::<InstanceId>().unwrap();
    let changes = [
        (id("b@prod"), compared(&[web("1", 1)], &[web("2", 1)], &options())),
        (id("a@prod"), compared(&[web("1", 1)], &[web("2", 3)], &options())),
        (id("c@prod"), compared(&[], &[web("1", 1)], &options())),
    ];
    let groups = group(&changes);
    let shown: Vec<String> = groups
        .iter()
        .map(|group| {
            let names: Vec<String> = group.instances.iter().map(ToString::to_string).collect();
            format!("{} {} | {} | {}", group.count, group.path, group.change, names.join(" "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2 Deployment /spec/image | \"1\" → \"2\" | a@prod b@prod",
            "1 Deployment /spec/replicas | 1 → 3 | a@prod",
            "1 Deployment web | added | c@prod",
        ]
    );
}

#[test]
fn the_report_has_the_shape_of_the_command_line() {
    let web = |replicas: u32| object("Deployment", "web", json!({"spec": {"replicas": replicas}}));
    let changes = vec![("web@prod".parse().unwrap(), compared(&[web(2)], &[web(3)], &options()))];
    let report = Report::new("web@staging", "web@prod", changes, Vec::new());
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({
            "from": "web@staging",
            "to": "web@prod",
            "groups": [{"path": "Deployment /spec/replicas", "change": "2 → 3", "count": 1, "instances": ["web@prod"]}],
            "resources": [{
                "instance": "web@prod",
                "resource": {"group": "apps", "kind": "Deployment", "namespace": "", "name": "web"},
                "change": "changed",
                "fields": [{"path": "/spec/replicas", "old": 2, "new": 3, "secret": false}],
            }],
            "problems": [],
        })
    );
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}
