//! Where fields come from.

use super::*;
use crate::{FieldOrigin, FieldSource};

const DEPLOYMENT: &str = "kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
  labels: {{- include \"labels\" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  paused: false
  image: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  extra: {{ .Values.extra | quote }}
";

fn tree_of_deployment() -> MemoryTree {
    let mut tree = tree(&[
        ("values.yaml", "replicas: 1\nimage:\n  tag: \"\"\nresources:\n  limits:\n    cpu: 1\n"),
        ("templates/d.yaml", DEPLOYMENT),
        (
            "templates/_h.tpl",
            "{{ define \"labels\" }}\nversion: {{ .Chart.Version | quote }}\nfixed: here\n{{ end }}",
        ),
    ]);
    tree.insert(path("web/Chart.yaml"), "apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: \"9\"\n");
    tree.insert(path("prod.yaml"), "replicas: 5\nimage:\n  tag: v7\n");
    tree
}

fn origin(field: &str, options: &Options) -> FieldOrigin {
    let found = Charts::new().origin(
        &tree_of_deployment(),
        &path("web"),
        options,
        ("web/templates/d.yaml", 0),
        &field.parse().unwrap(),
    );
    found.unwrap().unwrap()
}

fn shown(origin: &FieldOrigin) -> String {
    let source = match &origin.source {
        FieldSource::Literal => "literal".to_owned(),
        FieldSource::Computed => "computed".to_owned(),
        FieldSource::Value { key, location, assignment } => format!(
            "{key} {}",
            location.as_ref().map(ToString::to_string).or(assignment.clone()).unwrap_or_default()
        ),
    };
    format!("{} {source}", origin.template)
}

#[test]
fn a_field_is_followed_to_the_line_that_sets_it() {
    let options = Options {
        values: vec![ValuesSource::file(path("prod.yaml"))],
        set: vec!["extra=x".to_owned()],
        ..options()
    };
    let mut found = Vec::new();
    for (field, expected) in [
        ("/spec/replicas", "web/templates/d.yaml:6:16 .Values.replicas prod.yaml:1:1"),
        ("/spec/image", "web/templates/d.yaml:8:13 .Values.image.tag prod.yaml:3:3"),
        ("/spec/paused", "web/templates/d.yaml:7 literal"),
        ("/spec/extra", "web/templates/d.yaml:11:13 .Values.extra --set extra=x"),
        ("/spec/resources/limits/cpu", ".Values.resources.limits.cpu web/values.yaml:6:5"),
        ("/metadata/labels/version", ".Chart.Version web/Chart.yaml:3:1"),
        ("/metadata/name", "computed"),
    ] {
        found.push((field, shown(&origin(field, &options)), expected));
    }
    for (field, found, expected) in found {
        assert!(found.ends_with(expected), "{field}: {found}");
    }
}

#[test]
fn a_value_of_a_chart_inside_is_found_where_its_parent_sets_it() {
    let tree = tree(&[
        ("values.yaml", "db:\n  port: 5432\n"),
        ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
        ("charts/db/values.yaml", "port: 1\nhost: h\n"),
        ("charts/db/templates/a.yaml", "port: {{ .Values.port }}\nhost: {{ .Values.host }}\n"),
    ]);
    let of = |field: &str| {
        let document = ("web/charts/db/templates/a.yaml", 0);
        let found = Charts::new().origin(&tree, &path("web"), &options(), document, &field.parse().unwrap());
        shown(&found.unwrap().unwrap())
    };
    assert!(of("/port").ends_with(".Values.port web/values.yaml:2:3"), "{}", of("/port"));
    assert!(of("/host").ends_with(".Values.host web/charts/db/values.yaml:2:1"), "{}", of("/host"));
}
