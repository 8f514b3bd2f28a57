//! What charts in charts, values and hooks come to. Recorded from `helm template` of helm v3.22.0 where Helm has an answer.

use super::*;
use crate::{HelmVersion, LocalDependencies};

fn names(output: &Output) -> Vec<&str> {
    output.documents.iter().map(|document| document.template.as_str()).collect()
}

#[test]
fn what_a_subchart_adds_deep_inside_global_shows_in_its_parent_and_siblings() {
    let sub = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
    let (a, b) = (sub("a"), sub("b"));
    let show = "{{ toJson .Values.global }}\n";
    let output = render(
        &[
            ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: a, version: 0.1.0},{name: b, version: 0.1.0}]\n"),
            ("values.yaml", "global: {x: {v: {z: 1}}}\n"),
            ("templates/v.yaml", show),
            ("charts/a/Chart.yaml", &a),
            ("charts/a/values.yaml", "global: {x: {v: {w: 2}, q: 1}}\n"),
            ("charts/a/templates/v.yaml", show),
            ("charts/b/Chart.yaml", &b),
            ("charts/b/values.yaml", "global: {x: {v: {k: 3}}}\n"),
            ("charts/b/templates/v.yaml", show),
        ],
        &options(),
    )
    .unwrap();
    assert_eq!(
        shown(&output),
        [
            r#"{"x":{"q":1,"v":{"k":3,"w":2,"z":1}}}"#,
            r#"{"x":{"v":{"k":3,"w":2,"z":1}}}"#,
            r#"{"x":{"v":{"k":3,"w":2,"z":1}}}"#,
        ]
    );
}

#[test]
fn null_removes_a_default_and_stays_where_there_is_none() {
    let files = [
        ("values.yaml", "a: 1\nm: {x: 1, v: 2}\nown: null\n"),
        ("templates/v.yaml", "{{ toJson .Values }}\n"),
    ];
    let given = with_values("a: null\nm: {x: null, z: null}\n");
    assert_eq!(shown(&render(&files, &given).unwrap()), [r#"{"m":{"v":2,"z":null},"own":null}"#]);
    let v4 = Options { helm: HelmVersion::V4, ..given };
    assert_eq!(shown(&render(&files, &v4).unwrap()), [r#"{"m":{"v":2,"z":null}}"#]);
}

#[test]
fn numbers_of_files_are_floats_and_those_of_set_are_integers() {
    let options =
        Options { set: vec!["a=1000000".to_owned()], set_json: vec!["b=1000000".to_owned()], ..options() };
    let template = "t: {{ list .Values.a .Values.b .Values.c | toStrings | toJson }}\n";
    let output =
        render(&[("values.yaml", "c: 1000000\n"), ("templates/v.yaml", template)], &options).unwrap();
    assert_eq!(shown(&output), [r#"{"t":["1000000","1e+06","1e+06"]}"#]);
}

#[test]
fn manifests_come_by_kind_and_hooks_after_them() {
    let text = "kind: Job\nmetadata: {annotations: {helm.sh/hook: 'pre-install, test', helm.sh/hook-weight: '-5'}}\n---\nkind: Zebra\n---\nkind: Service\n---\n# nothing\n---\nkind: Namespace\n";
    let files = [("templates/a.yaml", text), ("templates/b.yaml", "kind: Ant\n")];
    let output = render(&files, &options()).unwrap();
    let kinds: Vec<&str> =
        output.documents.iter().map(|each| each.object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Namespace", "Service", "Ant", "Zebra", "Job"]);
    let places: Vec<usize> = output.documents.iter().map(|document| document.index).collect();
    assert_eq!(places, [4, 2, 0, 1, 0]);
    let hook = output.documents[4].hook.clone().unwrap();
    assert_eq!((hook.events, hook.weight), (vec!["pre-install".to_owned(), "test".to_owned()], -5));
    let without = render(&files, &Options { skip_tests: true, ..options() }).unwrap();
    assert_eq!(without.documents.len(), 4);
}

#[test]
fn a_block_of_text_at_the_end_of_a_manifest_keeps_its_line_break() {
    let output = render(&[("templates/a.yaml", "a: |\n  x\n")], &options()).unwrap();
    assert_eq!(shown(&output), [r#"{"a":"x\n"}"#]);
}

#[test]
fn definitions_and_chosen_templates() {
    let files = [
        ("crds/a.yaml", "kind: CustomResourceDefinition\n---\nkind: Second\n"),
        ("templates/a.yaml", "kind: Service\n"),
        ("templates/dir/b.yaml", "kind: Pod\n"),
    ];
    let with = Options { include_crds: true, ..options() };
    assert_eq!(names(&render(&files, &with).unwrap()).len(), 4);
    let chosen = Options { show_only: vec!["templates/*/*.yaml".to_owned()], ..options() };
    assert_eq!(names(&render(&files, &chosen).unwrap()), ["web/templates/dir/b.yaml"]);
    let none = Options { show_only: vec!["templates/x.yaml".to_owned()], ..options() };
    assert_eq!(
        render(&files, &none).unwrap_err().message(),
        "could not find template templates/x.yaml in chart"
    );
}

#[test]
fn a_chart_in_an_archive_points_at_the_archive() {
    let packed = crate::chart::archive::tests::pack(&[
        ("web/Chart.yaml", METADATA.as_bytes()),
        ("web/templates/a.yaml", b"kind: {{ .Values.kind }}\n"),
        ("web/values.yaml", b"kind: Pod\n"),
    ]);
    let mut tree = MemoryTree::default();
    tree.insert(path("web-0.1.0.tgz"), packed);
    let output = Charts::new().render(&tree, &path("web-0.1.0.tgz"), &options()).unwrap();
    let document = &output.documents[0];
    assert_eq!(
        (document.template.as_str(), document.file.as_str()),
        ("web/templates/a.yaml", "web-0.1.0.tgz")
    );
}

#[test]
fn a_dependency_beside_the_chart_is_read_or_missing() {
    let mut tree = tree(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: lib, version: '>=1', repository: 'file://../lib'}]\n",
        ),
        ("templates/a.yaml", "a: {{ include \"lib.x\" . }}\n"),
    ]);
    tree.insert(path("lib/Chart.yaml"), "apiVersion: v2\nname: lib\nversion: 1.2.0\ntype: library\n");
    tree.insert(path("lib/templates/_x.tpl"), "{{ define \"lib.x\" }}{{ .Release.Name }}{{ end }}");
    let output = Charts::new().render(&tree, &path("web"), &options()).unwrap();
    assert_eq!(shown(&output), [r#"{"a":"shop"}"#]);
    let refuse = Options { local_dependencies: LocalDependencies::Refuse, ..options() };
    let failure = Charts::new().render(&tree, &path("web"), &refuse).unwrap_err();
    assert_eq!(failure.code(), "helm-dependency");
    assert!(failure.message().ends_with("found in Chart.yaml, but missing in charts/ directory: lib"));
}

#[test]
fn what_is_random_follows_from_the_seed_and_is_named() {
    let files = [("templates/a.yaml", "a: {{ randAlphaNum 8 }}\n")];
    let seeded =
        |seed: &str| render(&files, &Options { seed: seed.as_bytes().to_vec(), ..options() }).unwrap();
    assert_eq!(shown(&seeded("x")), shown(&seeded("x")));
    assert_ne!(shown(&seeded("x")), shown(&seeded("y")));
    assert_eq!(seeded("x").nondeterministic[0].function, "randAlphaNum");
}
