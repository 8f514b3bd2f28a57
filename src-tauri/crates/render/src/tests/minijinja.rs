use slipway_model::{ApplicationName, EnvironmentName, InstanceId, MemoryTree};

use super::{manifests, problems, render, source};
use crate::{EngineKind, Engines, RenderInputs, render_source};

#[test]
fn values_of_every_folder_are_merged_and_the_instance_is_known() {
    let tree = MemoryTree::new([
        ("common.yaml", "image: {name: api, tag: '1'}\nhosts: [a]\n"),
        ("apps/common.yaml", "image: {tag: '2'}\n"),
        ("apps/prod/common.yaml", "hosts: [b, c]\n"),
        (
            "apps/prod/api.yaml.j2",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ application }}, namespace: {{ namespace }}}\n\
             data: {image: '{{ image.name }}:{{ image.tag }}', hosts: '{{ hosts | join(\",\") }}', env: {{ environment }}}\n",
        ),
        ("apps/prod/plain.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"),
    ]);
    let inputs = RenderInputs {
        instance: Some(InstanceId::new(ApplicationName::new("api"), EnvironmentName::new("prod"))),
        namespace: Some("shop".to_owned()),
        ..RenderInputs::default()
    };
    let rendered =
        render_source(&Engines::built_in(), &tree, &source(EngineKind::Minijinja, "apps/prod"), &inputs);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(
        manifests(&rendered),
        ["shop/ConfigMap/api apps/prod/api.yaml.j2#0", "Service/s apps/prod/plain.yaml#0"]
    );
    assert_eq!(
        rendered.manifests[0].object["data"],
        serde_json::json!({"image": "api:2", "hosts": "b,c", "env": "prod"})
    );
    assert!(rendered.reads.touch(&"common.yaml".to_owned().try_into().unwrap()));
}

#[test]
fn values_files_and_assignments_win_and_null_deletes() {
    let tree = MemoryTree::new([
        ("common.yaml", "a: 1\nb: {c: 2, d: 3}\n"),
        ("extra.yaml", "a: 5\n"),
        (
            "app/x.yaml.j2",
            "apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec: {a: {{ a }}, b: {{ b | tojson }}}\n",
        ),
    ]);
    let mut source = source(EngineKind::Minijinja, "app");
    source.values.push("extra.yaml".to_owned().try_into().unwrap());
    source.parameters.set = vec!["b.c=null,b.e[0]=x".to_owned()];
    let rendered = render(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(rendered.manifests[0].object["spec"], serde_json::json!({"a": 5, "b": {"d": 3, "e": ["x"]}}));
}

#[test]
fn includes_stay_inside_the_tree() {
    let tree = MemoryTree::new([
        ("lib/labels.j2", "team: {{ team }}"),
        ("common.yaml", "team: core\n"),
        (
            "app/x.yaml.j2",
            "{% from '_macros.j2' import name %}apiVersion: v1\nkind: X\nmetadata:\n  name: {{ name('x') }}\n  labels: { {% include 'lib/labels.j2' %} }\n",
        ),
        ("app/_macros.j2", "{% macro name(base) %}{{ base }}-1{% endmacro %}"),
        ("out/x.yaml.j2", "{% include '../../etc/passwd' %}"),
        ("gone/x.yaml.j2", "\n  {% include 'nothing.j2' %}"),
    ]);
    let rendered = render(&tree, &source(EngineKind::Minijinja, "app"));
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(
        rendered.manifests[0].object["metadata"],
        serde_json::json!({"name": "x-1", "labels": {"team": "core"}})
    );
    let outside = render(&tree, &source(EngineKind::Minijinja, "out"));
    assert!(problems(&outside)[0].contains("leads out of the repository"), "{:?}", outside.problems);
    let gone = render(&tree, &source(EngineKind::Minijinja, "gone"));
    assert!(
        problems(&gone)[0].starts_with("error[template-not-found] gone/x.yaml.j2:2:"),
        "{:?}",
        gone.problems
    );
}

#[test]
fn errors_point_into_the_template() {
    for (template, expected) in [
        ("a: 1\nb: {{ missing }}\n", "error[undefined-variable] app/x.yaml.j2:2:7: "),
        ("a: 1\nb: {{ 1 + }}\n", "error[template-syntax] app/x.yaml.j2:2:"),
        ("apiVersion: v1\nkind: X\n{# c #}\n\nx: [1,\n", "error[yaml-syntax] app/x.yaml.j2:"),
        (
            "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
            "error[template-limit] app/x.yaml.j2",
        ),
        ("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}", "error[template-limit] app/x.yaml.j2"),
        ("a: 1\n{{ 1LONG }}", "error[template-syntax] app/x.yaml.j2"),
        (
            "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
            "error[yaml-syntax] app/x.yaml.j2:1:",
        ),
        ("{% include 'x.yaml.j2' %}", "error[template-error] app/x.yaml.j2:1:"),
    ] {
        let long = template.replace("LONG", &"+1".repeat(40_000));
        let tree = MemoryTree::new([("app/x.yaml.j2", long)]);
        let rendered = render(&tree, &source(EngineKind::Minijinja, "app"));
        let problems = problems(&rendered);
        assert!(problems[0].starts_with(expected), "{template}: {problems:?}");
        assert!(rendered.manifests.is_empty());
    }
}

#[test]
fn an_error_in_an_included_file_points_there() {
    let tree = MemoryTree::new([
        ("app/x.yaml.j2", "a: {% include 'part.j2' %}\n"),
        ("app/part.j2", "\n\n{{ nothing.at.all }}"),
    ]);
    let rendered = render(&tree, &source(EngineKind::Minijinja, "app"));
    assert!(
        problems(&rendered)[0].starts_with("error[undefined-variable] app/part.j2:3:4: "),
        "{:?}",
        rendered.problems
    );
}

#[test]
fn broken_values_name_their_file() {
    let tree = MemoryTree::new([("common.yaml", "- a\n"), ("app/x.yaml.j2", "")]);
    let rendered = render(&tree, &source(EngineKind::Minijinja, "app"));
    assert_eq!(
        problems(&rendered),
        ["error[invalid-values] common.yaml:1:1: values must be a map, found a list"]
    );
}

#[test]
fn common_values_are_those_of_the_tree_that_is_rendered() {
    let engines = Engines::built_in();
    let tree = |tag: &str| {
        MemoryTree::new([
            ("common.yaml", format!("tag: {tag}\n")),
            ("app/x.yaml.j2", "apiVersion: v1\nkind: X\nmetadata: {name: '{{ tag }}'}\n".to_owned()),
        ])
    };
    for tag in ["one", "two", "one"] {
        let source = source(EngineKind::Minijinja, "app");
        let rendered = render_source(&engines, &tree(tag), &source, &RenderInputs::default());
        assert_eq!(rendered.manifests[0].id.name, tag);
        assert!(rendered.reads.touch(&"common.yaml".to_owned().try_into().unwrap()));
        assert!(rendered.reads.touch(&"app/common.yaml".to_owned().try_into().unwrap()), "it may come to be");
    }
}
