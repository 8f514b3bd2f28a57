//! Which line set which field.

use slipway_model::FieldPath;

use super::*;
use crate::trace::find;

/// Builds the directory and says for each field (`KIND/NAME FIELD`) which step set it, which line decides, and which
/// line the value is taken from; `-` where it is as the file has it.
fn check(files: &[(&str, &str)], directory: &str, expected: &[(&str, &str)]) {
    check_with(files, directory, &Options { trace: true, ..Options::default() }, expected);
}

fn check_with(files: &[(&str, &str)], directory: &str, options: &Options, expected: &[(&str, &str)]) {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    let output = build(&tree, &path(directory), options, &Helpers::default()).unwrap();
    let untraced = Options { trace: false, ..options.clone() };
    let plain = build(&tree, &path(directory), &untraced, &Helpers::default()).unwrap();
    assert_eq!(yaml(&plain), yaml(&output), "tracing changes nothing");
    assert!(
        plain.objects.iter().all(|object| object.changes.is_empty()),
        "nothing is noted unless asked for"
    );
    for (asked, expected) in expected {
        let (named, field) = asked.split_once(' ').unwrap();
        let (kind, name) = named.split_once('/').unwrap();
        let is_meant = |object: &&Object| {
            object.object["kind"] == kind
                && object.object["metadata"]["name"].as_str().is_some_and(|it| it.starts_with(name))
        };
        let object = output.objects.iter().find(is_meant).unwrap_or_else(|| panic!("no {named}"));
        let field: FieldPath = field.parse().unwrap();
        assert!(field.get(&object.object).is_some(), "{asked} is not in {:#}", object.object);
        let history = find(&object.changes, &field);
        let found = history.change.map_or_else(
            || format!("- {}", history.base),
            |change| {
                let source = change.source.map(|source| format!(" from {source}")).unwrap_or_default();
                format!("{} {}{source}", change.step.name, change.place)
            },
        );
        assert_eq!(found, *expected, "{asked}");
    }
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: shop/web:1
        env:
        - name: MODE
          value: plain
      - name: logs
        image: logs:1
";

const SETTINGS: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: plain, more: x}\n";

#[test]
fn fields_of_the_kustomization_name_their_entry() {
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [web.yaml]
namespace: shop
namePrefix: a-
nameSuffix: -z
labels:
- pairs:
    team: one
    tier: two
  includeTemplates: true
commonLabels:
  part-of: shop
commonAnnotations:
  note: text
images:
- name: shop/web
  newName: other/web
  newTag: '7'
- name: logs
  digest: sha256:00
replicas:
- name: web
  count: 3
buildMetadata: [managedByLabel]
",
            ),
            ("web.yaml", WEB),
        ],
        ".",
        &[
            ("Deployment/a-web-z /metadata/namespace", "NamespaceTransformer kustomization.yaml:2:1"),
            ("Deployment/a-web-z /metadata/name", "SuffixTransformer kustomization.yaml:4:1"),
            ("Deployment/a-web-z /metadata/labels/team", "LabelTransformer kustomization.yaml:7:5"),
            ("Deployment/a-web-z /metadata/labels/tier", "LabelTransformer kustomization.yaml:8:5"),
            (
                "Deployment/a-web-z /spec/template/metadata/labels/tier",
                "LabelTransformer kustomization.yaml:8:5",
            ),
            (
                "Deployment/a-web-z /spec/selector/matchLabels/part-of",
                "LabelTransformer kustomization.yaml:11:3",
            ),
            (
                "Deployment/a-web-z /metadata/annotations/note",
                "AnnotationsTransformer kustomization.yaml:13:3",
            ),
            (
                "Deployment/a-web-z /spec/template/spec/containers/0/image",
                "ImageTagTransformer kustomization.yaml:17:3",
            ),
            (
                "Deployment/a-web-z /spec/template/spec/containers/1/image",
                "ImageTagTransformer kustomization.yaml:19:3",
            ),
            ("Deployment/a-web-z /spec/replicas", "ReplicaCountTransformer kustomization.yaml:22:3"),
            (
                "Deployment/a-web-z /metadata/labels/app.kubernetes.io~1managed-by",
                "buildMetadata kustomization.yaml:23:1",
            ),
            ("Deployment/a-web-z /metadata/labels/app", "- /metadata/labels/app"),
            ("Deployment/a-web-z /kind", "- /kind"),
        ],
    );
}

#[test]
fn a_strategic_merge_patch_names_the_line_in_the_patch() {
    let patch = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: side
        image: side:1
      - name: logs
        image: logs:2
";
    let kustomization = "resources: [web.yaml, map.yaml]
patches:
- path: patch.yaml
- target: {kind: Deployment}
  patch: |-

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ignored}
    spec:
      replicas: 5
- patch: \"apiVersion: apps/v1\\nkind: Deployment\\nmetadata:\\n  name: web\\n  annotations: {a: b}\\n\"
";
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  mode: fast\n";
    let several = format!("# comment\n---\n{patch}---\n{more}");
    let web = "Deployment/web /spec/template/spec/containers";
    let expected = |file: &str, first: u32| {
        [
            (format!("{web}/0/image"), format!("PatchTransformer {file}:{}:9", first + 9)),
            (format!("{web}/0"), format!("PatchTransformer {file}:{}:9", first + 8)),
            (format!("{web}/1/image"), format!("PatchTransformer {file}:{}:9", first + 11)),
            (format!("{web}/1/name"), "- /spec/template/spec/containers/1/name".to_owned()),
            (format!("{web}/2/image"), "- /spec/template/spec/containers/0/image".to_owned()),
            (
                "Deployment/web /spec/replicas".to_owned(),
                "PatchTransformer kustomization.yaml:11:7".to_owned(),
            ),
            (
                "Deployment/web /metadata/annotations/a".to_owned(),
                "PatchTransformer kustomization.yaml:12:10".to_owned(),
            ),
        ]
    };
    for (patch, first, map) in [
        (patch.to_owned(), 1, None),
        (several.clone(), 3, Some("PatchTransformer patch.yaml:20:3")),
        (several.replace('\n', "\r\n"), 3, Some("PatchTransformer patch.yaml:20:3")),
    ] {
        for kustomization in [kustomization.to_owned(), kustomization.replace('\n', "\r\n")] {
            let files = [
                ("kustomization.yaml", kustomization.as_str()),
                ("web.yaml", WEB),
                ("map.yaml", SETTINGS),
                ("patch.yaml", &patch),
            ];
            let expected = expected("patch.yaml", first);
            let mut expected: Vec<(&str, &str)> =
                expected.iter().map(|(asked, found)| (asked.as_str(), found.as_str())).collect();
            expected.extend(map.map(|found| ("ConfigMap/settings /data/mode", found)));
            expected.push(("ConfigMap/settings /data/more", "- /data/more"));
            check(&files, ".", &expected);
        }
    }
}

#[test]
fn directives_of_a_patch_keep_the_lines_of_what_is_left() {
    let files = [
        (
            "kustomization.yaml",
            "resources: [web.yaml]\npatchesStrategicMerge:\n- delete.yaml\n- |-\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec:\n    strategy:\n      $patch: replace\n      type: Recreate\n",
        ),
        (
            "web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}\n  template:\n    spec:\n      containers:\n      - {name: a, image: a}\n      - {name: b, image: b}\n      - {name: c, image: c}\n      volumes:\n      - {name: v, emptyDir: {}}\n",
        ),
        (
            "delete.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        $patch: delete\n      - name: c\n        image: c2\n      volumes:\n      - $patch: replace\n      - name: w\n        emptyDir: {}\n",
        ),
    ];
    let spec = "Deployment/web /spec";
    check(
        &files,
        ".",
        &[
            (
                &format!("{spec}/template/spec/containers/0/image"),
                "PatchStrategicMergeTransformer delete.yaml:11:9",
            ),
            (&format!("{spec}/template/spec/containers/1/image"), "- /spec/template/spec/containers/1/image"),
            (
                &format!("{spec}/template/spec/volumes/0/emptyDir"),
                "PatchStrategicMergeTransformer delete.yaml:15:9",
            ),
            (&format!("{spec}/strategy/type"), "PatchStrategicMergeTransformer kustomization.yaml:11:7"),
        ],
    );
}

#[test]
fn an_operation_of_a_json_patch_names_its_line_and_lines_in_its_value() {
    let operations = "- op: add
  path: /spec/template/spec/containers/0
  value:
    name: side
    image: side:1
- op: replace
  path: /spec/replicas
  value: 4
- {op: copy, from: /spec/replicas, path: /spec/revisionHistoryLimit}
- op: remove
  path: /spec/template/spec/containers/2
- op: replace
  path: /spec/replicas
  value: 6
";
    let json = r#"[
  {"op": "replace", "path": "/data/mode", "value": "fast"},
  {"op": "add", "path": "/data/new~1key", "value": "x"}
]"#;
    let indented: String = operations.lines().map(|line| format!("    {line}\n")).collect();
    let kustomization = format!(
        "resources: [web.yaml, map.yaml]\npatches:\n- target: {{kind: Deployment}}\n  patch: |\n{indented}patchesJson6902:\n- target: {{version: v1, kind: ConfigMap, name: settings}}\n  path: patch.json\n"
    );
    check(
        &[
            ("kustomization.yaml", &kustomization),
            ("web.yaml", WEB),
            ("map.yaml", SETTINGS),
            ("patch.json", json),
        ],
        ".",
        &[
            ("Deployment/web /spec/replicas", "PatchTransformer kustomization.yaml:16:7"),
            ("Deployment/web /spec/revisionHistoryLimit", "PatchTransformer kustomization.yaml:13:7"),
            (
                "Deployment/web /spec/template/spec/containers/0/image",
                "PatchTransformer kustomization.yaml:9:9",
            ),
            ("Deployment/web /spec/template/spec/containers/0", "PatchTransformer kustomization.yaml:5:7"),
            (
                "Deployment/web /spec/template/spec/containers/1/image",
                "- /spec/template/spec/containers/0/image",
            ),
            ("ConfigMap/settings /data/mode", "PatchJson6902Transformer patch.json:2:3"),
            ("ConfigMap/settings /data/new~1key", "PatchJson6902Transformer patch.json:3:3"),
            ("ConfigMap/settings /data/more", "- /data/more"),
        ],
    );
}

#[test]
fn what_is_generated_names_the_literal_the_file_and_the_line() {
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [base, web.yaml]
generatorOptions:
  labels: {shared: x}
configMapGenerator:
- name: settings
  behavior: merge
  literals:
  - other=y
  - mode=fast
- name: more
  namespace: there
  files:
  - app.properties
  - key=other.txt
  envs: [vars.env]
  options:
    annotations:
      note: a
secretGenerator:
- name: keys
  type: custom
  env: vars.env
",
            ),
            (
                "base/kustomization.yaml",
                "configMapGenerator:\n- name: settings\n  literals: [mode=slow, left=1]\n",
            ),
            ("app.properties", "x=1\n"),
            ("other.txt", "text"),
            ("vars.env", "# comment\n\nA=1\nB=2\n"),
            (
                "web.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {volumes: [{name: v, configMap: {name: settings}}]}\n",
            ),
        ],
        ".",
        &[
            ("ConfigMap/settings /data/mode", "ConfigMapGenerator kustomization.yaml:9:5"),
            ("ConfigMap/settings /data/left", "ConfigMapGenerator base/kustomization.yaml:3:25"),
            ("ConfigMap/settings /metadata/labels/shared", "ConfigMapGenerator kustomization.yaml:3:12"),
            ("ConfigMap/settings /metadata/name", "HashTransformer base/kustomization.yaml:2:3"),
            ("ConfigMap/more /data/app.properties", "ConfigMapGenerator app.properties:1:1"),
            ("ConfigMap/more /data/key", "ConfigMapGenerator other.txt:1:1"),
            ("ConfigMap/more /data/B", "ConfigMapGenerator vars.env:4:1"),
            ("ConfigMap/more /metadata/annotations/note", "ConfigMapGenerator kustomization.yaml:18:7"),
            ("ConfigMap/more /metadata/namespace", "ConfigMapGenerator kustomization.yaml:11:3"),
            ("ConfigMap/more /kind", "ConfigMapGenerator kustomization.yaml:10:3"),
            ("Secret/keys /data/A", "SecretGenerator vars.env:3:1"),
            ("Secret/keys /type", "SecretGenerator kustomization.yaml:21:3"),
            ("Pod/web /spec/volumes/0/configMap/name", "name references base/kustomization.yaml:2:3"),
        ],
    );
}

#[test]
fn a_replacement_names_its_target_and_its_source() {
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [web.yaml, map.yaml]
replacements:
- source:
    kind: ConfigMap
    name: settings
    fieldPath: data.more
  targets:
  - select: {kind: Deployment}
    fieldPaths:
    - metadata.labels.app
    - spec.template.spec.containers.[name=web].env.[name=MODE].value
- path: more.yaml
",
            ),
            (
                "more.yaml",
                "source: {kind: ConfigMap, name: settings, fieldPath: data.mode}\ntargets:\n- select: {kind: Deployment}\n  fieldPaths: [metadata.annotations.more]\n  options: {create: true}\n",
            ),
            ("web.yaml", WEB),
            ("map.yaml", SETTINGS),
        ],
        ".",
        &[
            (
                "Deployment/web /metadata/labels/app",
                "ReplacementTransformer kustomization.yaml:10:7 from kustomization.yaml:3:3",
            ),
            (
                "Deployment/web /spec/template/spec/containers/0/env/0/value",
                "ReplacementTransformer kustomization.yaml:11:7 from kustomization.yaml:3:3",
            ),
            (
                "Deployment/web /metadata/annotations/more",
                "ReplacementTransformer more.yaml:4:16 from more.yaml:1:1",
            ),
        ],
    );
}

#[test]
fn overlays_components_and_plugins_name_their_own_files() {
    check(
        &[
            (
                "overlays/live/kustomization.yaml",
                "resources: [../../base]
components: [../../components/large]
namePrefix: live-
transformers:
- labels.yaml
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: p}
  target: {kind: Deployment}
  patch: |-
    - op: add
      path: /metadata/annotations
      value:
        from: plugin
",
            ),
            (
                "overlays/live/labels.yaml",
                "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels:\n  zone: a\nfieldSpecs:\n- {path: metadata/labels, create: true}\n---\napiVersion: builtin\nkind: ReplicaCountTransformer\nmetadata: {name: r}\nreplica:\n  name: web\n  count: 9\nfieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]\n",
            ),
            (
                "components/large/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: large.yaml\n",
            ),
            (
                "components/large/large.yaml",
                "common: &resources\n  limits:\n    cpu: 2\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        resources: *resources\n",
            ),
            (
                "base/kustomization.yaml",
                "resources: [web.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\nvars:\n- name: APP\n  objref: {apiVersion: v1, kind: ConfigMap, name: made}\n  fieldref: {fieldpath: data.a}\n",
            ),
            ("base/web.yaml", &WEB.replace("value: plain", "value: is $(APP)")),
        ],
        "overlays/live",
        &[
            ("Deployment/live-web /metadata/name", "PrefixTransformer overlays/live/kustomization.yaml:3:1"),
            (
                "Deployment/live-web /spec/template/spec/containers/0/resources/limits/cpu",
                "PatchTransformer components/large/large.yaml:3:5",
            ),
            (
                "Deployment/live-web /spec/template/spec/containers/0/resources",
                "PatchTransformer components/large/large.yaml:13:9",
            ),
            ("Deployment/live-web /metadata/labels/zone", "LabelTransformer overlays/live/labels.yaml:5:3"),
            ("Deployment/live-web /spec/replicas", "ReplicaCountTransformer overlays/live/labels.yaml:14:3"),
            (
                "Deployment/live-web /metadata/annotations/from",
                "PatchTransformer overlays/live/kustomization.yaml:15:9",
            ),
            (
                "Deployment/live-web /spec/template/spec/containers/0/env/0/value",
                "variables base/kustomization.yaml:4:3",
            ),
            ("ConfigMap/live-made /metadata/name", "HashTransformer overlays/live/kustomization.yaml:3:1"),
        ],
    );
}

#[test]
fn what_is_laid_over_names_where_it_is_written() {
    let flux = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: shop\nspec:\n  targetNamespace: live\n  images:\n  - name: shop/web\n    newTag: '3'\n  patches:\n  - patch: |\n      - op: replace\n        path: /spec/replicas\n        value: 8\n    target:\n      kind: Deployment\n";
    let spec = FieldPath::root().key("spec");
    let fields = [("namespace", "targetNamespace"), ("images", "images"), ("patches", "patches")];
    let fields = fields.into_iter().map(|(own, written)| (own.to_owned(), spec.key(written))).collect();
    let overlay = "namespace: live\nimages:\n- {name: shop/web, newTag: '3'}\npatches:\n- patch: |\n    - op: replace\n      path: /spec/replicas\n      value: 8\n  target: {kind: Deployment}\n";
    let options = Options {
        trace: true,
        overlays: vec![overlay.to_owned()],
        written: vec![crate::OverlayPlace {
            file: path("clusters/shop.yaml"),
            content: flux.to_owned(),
            line: 5,
            fields,
        }],
        ..Options::default()
    };
    check_with(
        &[
            (
                "app/kustomization.yaml",
                "resources: [web.yaml]\nnamespace: own\nimages:\n- {name: shop/web, newTag: '2'}\n- {name: logs, newTag: '2'}\npatches:\n- patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'\n  target: {kind: Deployment}\n",
            ),
            ("app/web.yaml", WEB),
        ],
        "app",
        &options,
        &[
            ("Deployment/web /metadata/namespace", "NamespaceTransformer clusters/shop.yaml:10:3"),
            (
                "Deployment/web /spec/template/spec/containers/0/image",
                "ImageTagTransformer clusters/shop.yaml:13:5",
            ),
            (
                "Deployment/web /spec/template/spec/containers/1/image",
                "ImageTagTransformer app/kustomization.yaml:5:16",
            ),
            ("Deployment/web /spec/replicas", "PatchTransformer clusters/shop.yaml:16:9"),
            ("Deployment/web /spec/paused", "PatchTransformer app/kustomization.yaml:7:10"),
        ],
    );
}
