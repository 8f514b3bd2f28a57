//! What single steps of a build do.

use serde_json::json;

use super::*;

#[test]
fn origins_are_noted_where_the_kustomization_asks_for_it() {
    let files = [
        (
            "top/kustomization.yaml",
            "resources: [../base]\nnamePrefix: x-\nbuildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\n",
        ),
        ("base/kustomization.yaml", "resources: [map.yaml]\nsecretGenerator: [{name: s}]\n"),
        ("base/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    ];
    let output = run_files(&files, "top").unwrap();
    assert_eq!(
        find(&output, "ConfigMap")["metadata"],
        json!({
            "name": "x-a",
            "labels": {"app.kubernetes.io/managed-by": "kustomize-v5.8.2"},
            "annotations": {
                "config.kubernetes.io/origin": "path: ../base/map.yaml\n",
                "alpha.config.kubernetes.io/transformations":
                    "- configuredIn: kustomization.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: PrefixTransformer\n",
            }
        })
    );
    assert_eq!(
        find(&output, "Secret")["metadata"]["annotations"]["config.kubernetes.io/origin"],
        "configuredIn: ../base/kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: SecretGenerator\n"
    );
}

#[test]
fn what_is_only_local_is_left_out_and_empty_annotations_vanish() {
    let files = [
        ("kustomization.yaml", "resources: [all.yaml]\nsortOptions: {order: fifo}\n"),
        (
            "all.yaml",
            "apiVersion: v1\nkind: A\nmetadata: {name: a, annotations: {}}\n---\n\
             apiVersion: v1\nkind: A\nmetadata: {name: b, annotations: {config.kubernetes.io/local-config: 'true'}}\n---\n\
             apiVersion: v1\nkind: A\nmetadata: {name: c, annotations: {config.kubernetes.io/local-config: 'false', n: 1}}\n",
        ),
    ];
    let output = run_files(&files, ".").unwrap();
    let metadata: Vec<&Value> = output.objects.iter().map(|object| &object.object["metadata"]).collect();
    assert_eq!(
        metadata,
        [
            &json!({"name": "a"}),
            &json!({"name": "c", "annotations": {"config.kubernetes.io/local-config": "false", "n": "1"}}),
        ]
    );
}

#[test]
fn a_base_used_twice_under_different_names_is_there_twice() {
    let files = [
        ("top/kustomization.yaml", "resources: [../a, ../b]\n"),
        ("a/kustomization.yaml", "resources: [../base]\nnameSuffix: -a\n"),
        ("b/kustomization.yaml", "resources: [../base]\nnameSuffix: -b\n"),
        ("base/kustomization.yaml", "resources: [all.yaml]\n"),
        (
            "base/all.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {volumes: [{configMap: {name: m}}]}\n",
        ),
    ];
    let output = run_files(&files, "top").unwrap();
    let pods: Vec<String> = output
        .objects
        .iter()
        .filter(|object| object.object["kind"] == "Pod")
        .map(|object| object.object["spec"]["volumes"][0]["configMap"]["name"].to_string())
        .collect();
    assert_eq!(pods, ["\"m-a\"", "\"m-b\""]);
}

#[test]
fn plugins_may_stand_in_the_kustomization_in_files_and_in_directories() {
    let files = [
        (
            "kustomization.yaml",
            "resources: [map.yaml]\ngenerators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata: {name: made}\n  literals: [a=b]\n  options: {disableNameSuffixHash: true}\ntransformers: [prefix.yaml, more]\n",
        ),
        ("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
        (
            "prefix.yaml",
            "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: x-\nfieldSpecs: [{path: metadata/name}]\n",
        ),
        ("more/kustomization.yaml", "resources: [annotate.yaml]\n"),
        (
            "more/annotate.yaml",
            "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: n}\nannotations: {k: v}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n",
        ),
    ];
    let output = run_files(&files, ".").unwrap();
    let metadata: Vec<&Value> = output.objects.iter().map(|object| &object.object["metadata"]).collect();
    let expected = |name: &str| json!({"name": name, "annotations": {"k": "v"}});
    assert_eq!(metadata, [&expected("x-a"), &expected("x-made")]);
}
