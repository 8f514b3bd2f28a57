use slipway_model::MemoryTree;

use super::{manifests, problems, render, source};
use crate::{EngineKind, Engines, RenderInputs, render_source, render_sources};

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

#[test]
fn files_are_read_in_order_and_directories_below_only_with_recurse() {
    let tree = MemoryTree::new([
        ("app/b.yaml", config_map("b")),
        ("app/a.yml", config_map("a") + "---\n" + &config_map("a2")),
        ("app/c.json", r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"c"}}"#.to_owned()),
        ("app/README.md", "no manifest".to_owned()),
        ("app/ab/d.yaml", config_map("d")),
    ]);
    let mut source = source(EngineKind::Plain, "app");
    let flat = [
        "ConfigMap/a app/a.yml#0",
        "ConfigMap/a2 app/a.yml#1",
        "ConfigMap/b app/b.yaml#0",
        "Secret/c app/c.json#0",
    ];
    assert_eq!(manifests(&render(&tree, &source)), flat);
    source.parameters.recurse = true;
    let deep = render(&tree, &source);
    assert_eq!(manifests(&deep)[2], "ConfigMap/d app/ab/d.yaml#0");
    source.parameters.exclude = Some("{b,ab/*}.yaml".to_owned());
    source.parameters.include = Some("*.{yaml,yml}".to_owned());
    assert_eq!(manifests(&render(&tree, &source)), flat[..2]);
}

#[test]
fn one_file_is_a_source_too() {
    let tree = MemoryTree::new([("app/b.yaml", config_map("b")), ("app/a.yaml", config_map("a"))]);
    assert_eq!(
        manifests(&render(&tree, &source(EngineKind::Plain, "app/b.yaml"))),
        ["ConfigMap/b app/b.yaml#0"]
    );
    let missing = render(&tree, &source(EngineKind::Plain, "gone"));
    assert_eq!(problems(&missing), ["error[no-such-path] gone: `gone` is not in the repository"]);
}

#[test]
fn lists_are_expanded_and_marked_files_skipped() {
    let tree = MemoryTree::new([
        (
            "app/list.yaml",
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: s}}\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n".to_owned(),
        ),
        ("app/skip.yaml", "# +argocd:skip-file-rendering\n".to_owned() + &config_map("x")),
    ]);
    let rendered = render(&tree, &source(EngineKind::Plain, "app"));
    assert_eq!(manifests(&rendered), ["Service/s app/list.yaml#0", "ConfigMap/c app/list.yaml#0"]);
    assert!(rendered.problems.is_empty());
}

#[test]
fn what_is_no_manifest_is_named_and_what_looks_like_one_must_be_right() {
    for (content, name, expected) in [
        ("replicas: 3\n", "v.yaml", "warning[not-a-manifest]"),
        ("- a\n- b\n", "v.yaml", "warning[not-a-manifest]"),
        ("{{ template }}: [\n", "v.yaml", "warning[not-a-manifest]"),
        ("apiVersion: v1\nkind: X\nmetadata: {name: [}\n", "v.yaml", "error[yaml-syntax]"),
        ("apiVersion: v1\nkind: ConfigMap\n---\na: [\n", "v.yaml", "error[yaml-syntax]"),
        ("apiVersion: v1\nkind: ConfigMap\n---\nreplicas: 3\n", "v.yaml", "error[not-a-manifest]"),
        ("{\"a\": 1}", "v.json", "error[not-a-manifest]"),
        ("{\"a\": ", "v.json", "error[json-syntax]"),
        ("{\"kind\":\"A\",\"apiVersion\":\"v1\"} {}", "v.json", "error[json-several]"),
    ] {
        let tree = MemoryTree::new([(format!("app/{name}"), content)]);
        let rendered = render(&tree, &source(EngineKind::Plain, "app"));
        let problems = problems(&rendered);
        assert_eq!(problems.len(), 1, "{content}: {problems:?}");
        assert!(problems[0].starts_with(&expected.to_lowercase()), "{content}: {problems:?}");
        assert!(problems[0].contains(&format!("app/{name}:")), "{content}: {problems:?}");
        assert!(rendered.manifests.is_empty() || !rendered.is_failed());
    }
}

#[test]
fn empty_documents_and_files_are_nothing() {
    let tree = MemoryTree::new([("app/a.yaml", "# only a comment\n---\n---\n"), ("app/b.yaml", "")]);
    let rendered = render(&tree, &source(EngineKind::Plain, "app"));
    assert!(rendered.manifests.is_empty() && rendered.problems.is_empty(), "{:?}", rendered.problems);
}

#[test]
fn wide_text_with_a_mark_is_read() {
    let text = config_map("wide");
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let tree = MemoryTree::new([("app/a.yaml", bytes)]);
    assert_eq!(manifests(&render(&tree, &source(EngineKind::Plain, "app"))), ["ConfigMap/wide app/a.yaml#0"]);
}

#[test]
fn of_an_object_that_appears_twice_the_last_is_applied() {
    let second = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {x: last}\n";
    let tree = MemoryTree::new([("one/a.yaml", config_map("a")), ("two/a.yaml", second.to_owned())]);
    let sources = [source(EngineKind::Plain, "one"), source(EngineKind::Plain, "two")];
    let inputs = RenderInputs { namespace: Some("shop".to_owned()), ..RenderInputs::default() };
    let rendered = render_sources(&Engines::built_in(), &tree, &sources, &inputs);
    assert_eq!(rendered.manifests.len(), 1);
    assert_eq!(rendered.manifests[0].object["data"]["x"], "last");
    assert_eq!(rendered.problems.len(), 1);
    assert_eq!(rendered.problems[0].code, "duplicate-resource");
    let elsewhere = RenderInputs { namespace: Some("other".to_owned()), ..RenderInputs::default() };
    assert_eq!(render_sources(&Engines::built_in(), &tree, &sources, &elsewhere).manifests.len(), 2);
}

#[test]
fn a_source_without_engine_says_what_is_missing() {
    let tree = MemoryTree::default();
    let without = render_source(
        &Engines::default(),
        &tree,
        &source(EngineKind::Helm, "chart"),
        &RenderInputs::default(),
    );
    assert_eq!(without.problems[0].code, "engine-missing");
    let opaque = render(&tree, &source(EngineKind::Opaque, "x"));
    assert_eq!(opaque.fidelity.level, crate::FidelityLevel::Opaque);
    assert!(!opaque.is_failed());
}

#[test]
fn programs_in_the_directory_are_evaluated() {
    let tree = MemoryTree::new([
        ("app/a.yaml", config_map("a")),
        ("app/b.jsonnet", "local l = import 'l.libsonnet'; [l.map('b'), l.map('c')]".to_owned()),
        (
            "app/l.libsonnet",
            "{map(name): {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: name}}}".to_owned(),
        ),
    ]);
    let rendered = render(&tree, &source(EngineKind::Plain, "app"));
    assert_eq!(
        manifests(&rendered),
        ["ConfigMap/a app/a.yaml#0", "ConfigMap/b app/b.jsonnet#0", "ConfigMap/c app/b.jsonnet#1"]
    );
}

#[test]
fn bytes_that_are_no_text_are_a_problem() {
    let tree = MemoryTree::new([("app/a.yaml", b"a: 1\nb: \xff\n".to_vec())]);
    let rendered = render(&tree, &source(EngineKind::Plain, "app"));
    assert!(
        problems(&rendered)[0].starts_with("error[yaml-syntax] app/a.yaml:2:4: "),
        "{:?}",
        rendered.problems
    );
}

#[test]
fn objects_of_json_may_follow_each_other_in_a_yaml_file() {
    let object = |name: &str| {
        format!("{{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {{\"name\": \"{name}\"}}}}\n")
    };
    let tree = MemoryTree::new([("app/a.yaml", object("a") + &object("b"))]);
    let rendered = render(&tree, &source(EngineKind::Plain, "app"));
    assert_eq!(
        manifests(&rendered),
        ["Secret/a app/a.yaml#0", "Secret/b app/a.yaml#1"],
        "{:?}",
        rendered.problems
    );
}
