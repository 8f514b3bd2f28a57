//! Tests of reading kustomization files.

use super::*;

fn read(text: &str) -> Result<KustomizationFile, Failure> {
    KustomizationFile::read(text.to_owned(), &RepoPath::new("app/kustomization.yaml").unwrap())
}

fn good(text: &str) -> Kustomization {
    read(text).unwrap().kustomization
}

#[test]
fn mistakes_are_reported_in_kustomizes_words_with_their_place() {
    for (text, expected) in [
        ("resources: []\nfoo: 1\n", r#"2:1: invalid Kustomization: json: unknown field "foo""#),
        (
            "resources: {a: b}\n",
            "1:12: invalid Kustomization: json: cannot unmarshal object into Go struct field Kustomization.resources of type []string",
        ),
        (
            "resources: [1]\n",
            "1:13: invalid Kustomization: json: cannot unmarshal number into Go struct field Kustomization.resources of type string",
        ),
        (
            "configMapGenerator:\n- name: a\n  options: {labels: {a: 1}}\n",
            "3:25: invalid Kustomization: json: cannot unmarshal number into Go struct field GeneratorOptions.configMapGenerator.GeneratorArgs.options.labels of type string",
        ),
        (
            "patches:\n- patch: a\n  target: {kind: [1]}\n",
            "3:18: invalid Kustomization: json: cannot unmarshal array into Go struct field Selector.patches.target.ResId.Gvk.kind of type string",
        ),
        (
            "replicas:\n- name: a\n  count: 1.5\n",
            "3:10: invalid Kustomization: json: cannot unmarshal number 1.5 into Go struct field Replica.replicas.count of type int64",
        ),
    ] {
        assert_eq!(read(text).unwrap_err().to_string(), format!("app/kustomization.yaml:{expected}"));
    }
}

#[test]
fn a_file_that_says_nothing_is_empty() {
    for text in
        ["", "# a\n", "kind: Kustomization\n", "bases: []\n", "namePrefix: \"\"\n", "resources: null\n"]
    {
        assert_eq!(read(text).unwrap_err().message(), "kustomization.yaml is empty", "{text:?}");
    }
    for text in ["resources: []\n", "commonLabels: {}\n", "namePrefix: a\n"] {
        assert!(read(text).is_ok(), "{text:?}");
    }
}

#[test]
fn keys_are_read_in_any_letter_case() {
    assert_eq!(good("Resources: [a.yaml]\nNAMEPREFIX: x-\n").name_prefix, "x-");
}

#[test]
fn old_spellings_are_moved_to_the_new_ones() {
    let file = read(
        "bases: [../b]\nresources: [a.yaml]\nimageTags: [{name: a, newTag: b}]\n\
         configMapGenerator: [{name: c, env: e.env, envs: [f.env]}]\n\
         helmChartInflationGenerator: [{chartName: web, chartHome: h, values: v.yaml}]\n",
    )
    .unwrap();
    let kustomization = &file.kustomization;
    assert_eq!(kustomization.resources, ["a.yaml", "../b"]);
    assert_eq!(kustomization.images.len(), 1);
    assert_eq!(kustomization.config_map_generator[0].envs, ["f.env", "e.env"]);
    assert_eq!(kustomization.helm_charts[0].values_file, "v.yaml");
    assert_eq!(kustomization.helm_globals.as_ref().unwrap().chart_home, "h");
    let codes: Vec<&str> = file.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        codes,
        [
            "'bases' is deprecated. Please use 'resources' instead.",
            "'imageTags' is deprecated. Please use 'images' instead.",
        ]
    );
    assert_eq!(file.entry("resources", 1).to_string(), "app/kustomization.yaml:1:9");
}

#[test]
fn kind_and_version_are_checked_together() {
    let failure =
        read("kind: Component\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [a]\n").unwrap_err();
    assert!(
        failure.message().ends_with("apiVersion for Component should be kustomize.config.k8s.io/v1alpha1")
    );
    assert_eq!(good("kind: Component\nresources: []\n").api_version, "kustomize.config.k8s.io/v1alpha1");
}
