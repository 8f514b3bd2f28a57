//! What a failure says, and where it points.

use super::*;
use crate::{Limits, Mode};

fn failure(files: &[(&str, &str)]) -> Failure {
    render(files, &options()).unwrap_err()
}

fn place(failure: &Failure) -> String {
    failure.location().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_failing_template_points_at_the_innermost_place() {
    let failure = failure(&[
        ("templates/a.yaml", "x: 1\ny: {{ include \"deep\" . }}\n"),
        ("templates/_h.tpl", "{{ define \"deep\" }}\n  {{ .Values.image.tag }}\n{{ end }}"),
    ]);
    assert_eq!((failure.code(), place(&failure).as_str()), ("helm-template", "web/templates/_h.tpl:2:13"));
    assert!(failure.message().ends_with("nil pointer evaluating interface {}.tag"));
    assert!(failure.excerpt().unwrap().contains("2 |   {{ .Values.image.tag }}"));
}

#[test]
fn fail_and_required_say_what_they_are_told() {
    let failed = failure(&[("templates/a.yaml", "a: {{ fail \"no: way\" }}\n")]);
    assert_eq!(failed.message(), "execution error at (web/templates/a.yaml:1:6): no: way");
    let lint = Options { mode: Mode::Lint, ..options() };
    let output = render(&[("templates/a.yaml", "a: {{ required \"x\" .Values.b }}1\n")], &lint).unwrap();
    assert_eq!(shown(&output), [r#"{"a":1}"#]);
    assert_eq!(output.warnings[0].message, "[INFO] Missing required value: x");
}

#[test]
fn syntax_errors_point_at_their_line() {
    let template = failure(&[("templates/a.yaml", "a: 1\nb: {{ if }}\n")]);
    assert_eq!(
        (template.message(), place(&template).as_str()),
        ("parse error at (web/templates/a.yaml:2): missing value for if", "web/templates/a.yaml:2:1")
    );
    let values = failure(&[("values.yaml", "a: 1\nb: c: d\n")]);
    assert_eq!(
        values.message(),
        "cannot load values.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context"
    );
    assert_eq!(place(&values), "web/values.yaml:2:5");
    let manifest = failure(&[("templates/a.yaml", "a: 1\n---\nb: {{ \"x: y\" }}\n")]);
    assert_eq!(
        manifest.message(),
        "YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context"
    );
    assert!(manifest.excerpt().unwrap().starts_with("1 | b: x: y\n"));
}

#[test]
fn a_value_that_the_schema_refuses_is_found_in_the_file_that_sets_it() {
    let mut tree = tree(&[
        ("values.yaml", "replicas: 1\n"),
        (
            "values.schema.json",
            "{\"properties\":{\"image\":{\"properties\":{\"tag\":{\"type\":\"string\"}}}}}",
        ),
    ]);
    tree.insert(path("env/prod.yaml"), "image:\n  tag: 5\n");
    let options = Options { values: vec![ValuesSource::file(path("env/prod.yaml"))], ..options() };
    let failure = Charts::new().render(&tree, &path("web"), &options).unwrap_err();
    assert_eq!((failure.code(), place(&failure).as_str()), ("helm-schema", "env/prod.yaml:2:3"));
    assert!(failure.message().contains("- at '/image/tag': got number, want string"));
    let skipped = Options { skip_schema_validation: true, ..options };
    assert!(Charts::new().render(&tree, &path("web"), &skipped).is_ok());
}

#[test]
fn every_bound_ends_in_an_error() {
    let limits = Limits { steps: 100_000, output: 10_000 };
    let bounded = Options { limits, ..options() };
    for template in [
        "{{ range 100000000 }}{{ end }}",
        "{{ range 1000 }}0123456789ABCDEF{{ end }}",
        "{{ $x := repeat 1000000 \"x\" }}",
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
    ] {
        let failure = render(&[("templates/a.yaml", template)], &bounded).unwrap_err();
        assert!(matches!(failure.code(), "helm-limit" | "helm-template"), "{template}: {failure}");
    }
    let endless =
        [("values.yaml", "t: '{{ tpl .Values.t . }}'\n"), ("templates/a.yaml", "{{ tpl .Values.t . }}")];
    assert_eq!(failure(&endless).code(), "helm-limit");
}

#[test]
fn bad_options_are_refused_before_anything_runs() {
    for (options, expected) in [
        (Options::new("Web_1", "x"), "release name \"Web_1\": invalid release name"),
        (Options { kube_version: Some("foo".to_owned()), ..options() }, "invalid kube version 'foo'"),
        (
            Options { set: vec!["a[x]=1".to_owned()], ..options() },
            "failed parsing --set data: error parsing index",
        ),
        (
            Options { values: vec![ValuesSource::file(path("no.yaml"))], ..options() },
            "open no.yaml: no such file",
        ),
    ] {
        let failure = render(&[("templates/a.yaml", "a: 1\n")], &options).unwrap_err();
        assert!(failure.message().starts_with(expected), "{failure}");
    }
    let missing = Charts::new().render(&MemoryTree::default(), &path("web"), &options()).unwrap_err();
    assert_eq!(missing.message(), "path \"web\" not found");
}
