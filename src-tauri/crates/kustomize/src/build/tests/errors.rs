//! What a build says when it fails.

use super::*;

const MAP: (&str, &str) = ("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");

#[test]
fn what_is_missing_is_named_with_the_place_that_asks_for_it() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("kustomization.yaml", "resources:\n- no.yaml\n")],
            "kustomization.yaml:2:3: accumulating resources: accumulation err='accumulating resources from 'no.yaml': \
             evalsymlink failure on 'no.yaml' : lstat no.yaml: no such file or directory': must build at directory: not a \
             valid directory: evalsymlink failure on 'no.yaml' : lstat no.yaml: no such file or directory",
        ),
        (
            &[("kustomization.yaml", "resources: [sub]\n"), ("sub/a.txt", "")],
            "sub: accumulating resources: accumulation err='accumulating resources from 'sub': 'sub' must resolve to a \
             file': couldn't make target for path 'sub': unable to find one of 'kustomization.yaml', 'kustomization.yml' or \
             'Kustomization' in directory 'sub'",
        ),
        (
            &[("kustomization.yaml", "configMapGenerator:\n- name: a\n  files: [x.txt]\n")],
            "kustomization.yaml:2:3: loading KV pairs: file sources: [x.txt]: evalsymlink failure on 'x.txt' : lstat x.txt: \
             no such file or directory",
        ),
        (
            &[("kustomization.yaml", "resources: [map.yaml]\nopenapi: {version: v9}\n"), MAP],
            "kustomization.yaml:2:1: the specified OpenAPI version is not built in",
        ),
        (
            &[("kustomization.yaml", "components:\n- map.yaml\n"), MAP],
            "kustomization.yaml:2:3: accumulating components: loader.New \"must build at directory: 'map.yaml': file is not \
             directory\"",
        ),
        (
            &[("kustomization.yaml", "components: [sub]\n"), ("sub/kustomization.yaml", "resources: []\n")],
            "sub/kustomization.yaml: accumulating components: accumulateDirectory: \"expected kind 'Component' for path \
             'sub' but got 'Kustomization'\"",
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(message(files, "."), *expected);
    }
    assert_eq!(
        message(&[("a/b.txt", "")], "a"),
        "a: unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory 'a'"
    );
    assert_eq!(
        run_files(&[("a", "")], "b").unwrap_err().message(),
        "must build at directory: not a valid directory: evalsymlink failure on 'b' : lstat b: no such file or directory"
    );
}

#[test]
fn an_object_twice_names_both_places() {
    let files = [
        ("kustomization.yaml", "resources: [map.yaml, again.yaml]\n"),
        MAP,
        ("again.yaml", "# again\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    ];
    let failure = run_files(&files, ".").unwrap_err();
    assert!(
        failure
            .message()
            .contains("may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]")
    );
    assert_eq!(
        failure.hints(),
        ["it is written in `map.yaml:1` and in `again.yaml:2`; keep one, or turn the second into a patch"]
    );
}

#[test]
fn a_patch_without_its_target_says_where_it_is_asked_for() {
    let patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n";
    let operations = "[{\"op\": \"remove\", \"path\": \"/data\"}]";
    for (kustomization, place, text) in [
        (
            "resources: [map.yaml]\npatches:\n- path: patch.yaml\n",
            "kustomization.yaml:3:3",
            "no resource matches strategic merge patch \"ConfigMap.v1.[noGrp]/gone.[noNs]\"",
        ),
        (
            "resources: [map.yaml]\npatchesStrategicMerge:\n- patch.yaml\n",
            "kustomization.yaml:2:1",
            "no matches for Id ConfigMap.v1.[noGrp]/gone.[noNs]",
        ),
        (
            "resources: [map.yaml]\npatches:\n- patch: '[{\"op\": \"remove\", \"path\": \"/data\"}]'\n",
            "kustomization.yaml:3:3",
            "must specify a target for JSON patch",
        ),
        (
            "resources: [map.yaml]\npatches:\n- path: broken.yaml\n",
            "broken.yaml:3:",
            "unable to parse SM or JSON patch from [path: \"broken.yaml\"]",
        ),
        (
            "resources: [map.yaml]\npatches:\n- path: operations.json\n  target: {kind: '('}\n",
            "kustomization.yaml:3:3",
            "unable to find patch target",
        ),
    ] {
        let files = [
            ("kustomization.yaml", kustomization),
            MAP,
            ("patch.yaml", patch),
            ("operations.json", operations),
            ("broken.yaml", "kind: A\nmetadata:\n  name: [\n"),
        ];
        let failure = run_files(&files, ".").unwrap_err();
        assert!(failure.location().unwrap().to_string().starts_with(place), "{failure}");
        assert!(failure.message().contains(text), "{failure}");
    }
}

#[test]
fn cycles_end() {
    let files =
        [("a/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../a]\n")];
    let failure = run_files(&files, "a").unwrap_err();
    assert_eq!(failure.code(), "kustomize-cycle");
    assert!(
        failure.message().ends_with("cycle detected: candidate root 'a' contains visited root 'a'"),
        "{failure}"
    );
    assert_eq!(failure.location().unwrap().to_string(), "b/kustomization.yaml:1:13");
}

#[test]
fn nothing_outside_the_repository_is_read() {
    for (unrestricted, yaml) in [
        (true, "resources: [../../etc]\n"),
        (true, "resources: [../../etc/passwd]\n"),
        (true, "configMapGenerator: [{name: a, files: [../../etc/passwd]}]\n"),
        (true, "configMapGenerator: [{name: a, files: [/etc/passwd]}]\n"),
    ] {
        let tree = MemoryTree::new([("app/kustomization.yaml", yaml)]);
        let options = Options { unrestricted, ..Options::default() };
        let failure = build(&tree, &path("app"), &options, &Helpers::default()).unwrap_err();
        assert_eq!(failure.code(), "outside-repository", "{yaml}");
    }
    let failure = run_files(&[("app/kustomization.yaml", "resources: [../../etc]\n")], "app").unwrap_err();
    assert_eq!(failure.code(), "kustomize-security");
}

#[test]
fn plugins_that_are_programs_are_opaque() {
    for field in ["generators", "transformers", "validators"] {
        let text = format!("resources: [map.yaml]\n{field}:\n- plugin.yaml\n");
        let plugin = "apiVersion: example.com/v1\nkind: Sealer\nmetadata:\n  name: s\n  annotations:\n    config.kubernetes.io/function: |\n      container: {image: x}\n";
        let failure =
            run_files(&[("kustomization.yaml", &text), MAP, ("plugin.yaml", plugin)], ".").unwrap_err();
        assert!(failure.is_opaque(), "{failure}");
        assert!(
            failure.message().ends_with("external plugins disabled; unable to load external plugin 'Sealer'")
        );
        assert_eq!(failure.location().unwrap().to_string(), "plugin.yaml:1:1");
        assert!(failure.hints()[0].contains("a container"), "{:?}", failure.hints());
    }
}

#[test]
fn charts_and_remote_bases_say_that_they_are_off() {
    let failure = run_files(&[("kustomization.yaml", "helmCharts:\n- name: web\n")], ".").unwrap_err();
    assert_eq!(failure.code(), "helm-disabled");
    assert!(failure.message().ends_with("must specify --enable-helm"));
    let failure =
        run_files(&[("kustomization.yaml", "resources:\n- https://github.com/a/b//c?ref=v1\n")], ".")
            .unwrap_err();
    assert_eq!(failure.code(), "remote-offline");
    assert_eq!(failure.location().unwrap().to_string(), "kustomization.yaml:2:3");
}

#[test]
fn validators_must_not_change_anything() {
    let validator = "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: v}\nlabels: {a: b}\nfieldSpecs: [{path: metadata/labels, create: true}]\n";
    let files =
        [("kustomization.yaml", "resources: [map.yaml]\nvalidators: [v.yaml]\n"), MAP, ("v.yaml", validator)];
    assert_eq!(message(&files, "."), "v.yaml:1:1: validator shouldn't modify the resource map");
}
