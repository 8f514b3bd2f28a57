//! Where fields of built objects come from.

use slipway_model::{FieldPath, Location, Manifest, MemoryTree, RepoPath, ResourceId};

use super::source;
use crate::engines::flux::FluxField;
use crate::engines::kustomize::FieldStep;
use crate::engines::{FluxEngine, KustomizeEngine};
use crate::{
    EngineKind, Engines, FluxParameters, ObjectName, RenderInputs, Source, SubstituteFrom, kustomize_options,
    render_source,
};

fn tree(files: &[(&str, &str)]) -> MemoryTree {
    MemoryTree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned())))
}

/// `STEP PLACE from SOURCE, base BASE`.
fn origin(files: &[(&str, &str)], source: &Source, declared: Option<&str>, asked: &str) -> String {
    let tree = tree(files);
    let (id, field) = asked.split_once(' ').unwrap();
    let (kind, name) = id.split_once('/').unwrap();
    let group = if kind == "Deployment" { "apps" } else { "" };
    let id = ResourceId {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: String::new(),
        name: name.to_owned(),
    };
    let field: FieldPath = field.parse().unwrap();
    let options = declared.and_then(|file| kustomize_options(&tree, &RepoPath::new(file).unwrap(), source));
    let found =
        KustomizeEngine::default().field_origin(&tree, source, options, (&id, &field)).unwrap().unwrap();
    let from = |place: &Option<Location>| place.as_ref().map(|at| format!(" from {at}")).unwrap_or_default();
    match found.step {
        Some(step) => format!("{} {}{}, base {}", step.name, step.place, from(&step.source), found.base),
        None => format!("base {}", found.base),
    }
}

#[test]
fn a_field_of_a_chart_in_a_kustomization_names_the_line_of_its_template() {
    let files = [
        (
            "app/kustomization.yaml",
            "helmCharts:\n- name: web\n  releaseName: shop\n  valuesInline:\n    replicas: 3\nimages:\n- {name: web, newTag: '2'}\n",
        ),
        ("app/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("app/charts/web/values.yaml", "replicas: 1\n"),
        (
            "app/charts/web/templates/web.yaml",
            "{{- if true }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  replicas: {{ .Values.replicas }}\n  paused: true\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:1\n{{- end }}\n",
        ),
    ];
    let mut source = source(EngineKind::Kustomize, "app");
    source.parameters.enable_helm = true;
    for (field, expected) in [
        ("/spec/replicas", "HelmChartInflationGenerator app/charts/web/templates/web.yaml:7:"),
        ("/spec/paused", "HelmChartInflationGenerator app/charts/web/templates/web.yaml:8"),
        ("/spec/template/spec/containers/0/image", "ImageTagTransformer app/kustomization.yaml:7:15"),
    ] {
        let found = origin(&files, &source, None, &format!("Deployment/shop {field}"));
        assert!(found.starts_with(expected), "{field}: {found}");
        assert!(found.ends_with(", base app/charts/web/templates/web.yaml"), "{field}: {found}");
    }
}

#[test]
fn options_of_an_application_name_their_lines_in_it() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: p}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  sources:\n  - path: other\n  - path: app\n    kustomize:\n      namePrefix: a-\n      images:\n      - web:2\n      patches:\n      - target: {kind: Deployment}\n        patch: |-\n          - op: replace\n            path: /spec/replicas\n            value: 5\n";
    let set = application
        .replace("kind: Application\n", "kind: ApplicationSet\n")
        .replace("spec:\n  sources:", "spec:\n template:\n  spec:\n   sources:")
        .replace("\n  - path: app\n", "\n  - path: '{{path}}'\n")
        .replace("\n  - ", "\n   - ")
        .replace("\n    kustomize:\n", "\n     kustomize:\n");
    let files = |declared: &'static str| {
        [
            ("app/kustomization.yaml", "resources: [web.yaml]\nnamePrefix: own-\n"),
            (
                "app/web.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  template: {spec: {containers: [{name: web, image: web}]}}\n",
            ),
            ("argo/apps.yaml", declared),
        ]
    };
    let mut source = source(EngineKind::Kustomize, "app");
    source.parameters.kustomization = Some(
        "namePrefix: a-\nimages: [{name: web, newTag: '2'}]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: 5\n"
            .to_owned(),
    );
    for (declared, prefix, image, patch) in
        [(application, "13:7", "15:9", "19:13"), (Box::leak(set.into_boxed_str()), "15:7", "17:9", "21:13")]
    {
        for (field, expected) in [
            ("/metadata/name", format!("PrefixTransformer argo/apps.yaml:{prefix}, base app/web.yaml:4:3")),
            (
                "/spec/template/spec/containers/0/image",
                format!("ImageTagTransformer argo/apps.yaml:{image}, base app/web.yaml:7:46"),
            ),
            ("/spec/replicas", format!("PatchTransformer argo/apps.yaml:{patch}, base app/web.yaml:6:3")),
        ] {
            let found = origin(
                &files(declared),
                &source,
                Some("argo/apps.yaml"),
                &format!("Deployment/a-web {field}"),
            );
            assert_eq!(found, expected, "{field}");
        }
    }
    let found = origin(&files(application), &source, None, "Deployment/a-web /spec/replicas");
    assert_eq!(found, "PatchTransformer app/kustomization.yaml, base app/web.yaml:6:3", "nobody knows where");
}

/// The instance's manifest of this id, and where its field comes from, as `SUMMARY PLACE …`.
fn flux_origin(files: &[(&str, &str)], source: &Source, asked: &str) -> String {
    let tree = tree(files);
    let inputs = RenderInputs { instance: Some("web@live".parse().unwrap()), namespace: None, cluster: None };
    let rendered = render_source(&Engines::built_in(), &tree, source, &inputs);
    assert!(!rendered.is_failed(), "{:?}", rendered.problems);
    let (named, field) = asked.split_once(' ').unwrap();
    let is_meant = |each: &&Manifest| format!("{}/{}", each.id.kind, each.id.name) == named;
    let manifest = rendered.manifests.iter().find(is_meant).unwrap();
    let field: FieldPath = field.parse().unwrap();
    assert!(field.get(&manifest.object).is_some(), "{asked} is not in {:#}", manifest.object);
    let place = (&manifest.id, &manifest.origin);
    match FluxEngine::default().field_origin(&tree, source, &inputs, place, &field).unwrap() {
        Some(FluxField::Built(FieldStep { step: Some(step), base })) => {
            let variables =
                if step.variables.is_empty() { String::new() } else { step.variables.join(",") + " " };
            format!("{} {variables}{}, base {base}", step.name, step.place)
        }
        Some(FluxField::Built(FieldStep { step: None, base })) => format!("base {base}"),
        Some(FluxField::Chart { origin, given }) => {
            let given = given.map(|place| format!(", given {place}")).unwrap_or_default();
            format!("chart {}:{}{given}", origin.template.file, origin.template.line.unwrap_or_default())
        }
        None => "unknown".to_owned(),
    }
}

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  path: ./apps
  targetNamespace: shop
  commonMetadata:
    labels:
      team: one
  patches:
  - target: {kind: ConfigMap, name: plain}
    patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: plain}
      data:
        patched: x
  postBuild:
    substitute:
      zone: a
    substituteFrom:
    - {kind: ConfigMap, name: variables}
";

fn flux_source() -> Source {
    let mut source = source(EngineKind::Flux, "apps");
    source.parameters.kustomization = Some(
        "namespace: shop\npatches:\n- target: {kind: ConfigMap, name: plain}\n  patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: plain}\n    data:\n      patched: x\n"
            .to_owned(),
    );
    source.parameters.substitute.insert("zone".to_owned(), "a".to_owned());
    let mut beside = super::source(EngineKind::Flux, "infra");
    beside.parameters.flux = Some(Box::default());
    source.parameters.flux = Some(Box::new(FluxParameters {
        declared_in: Some(RepoPath::new("clusters/apps.yaml").unwrap()),
        namespace: "flux-system".to_owned(),
        labels: [("team".to_owned(), "one".to_owned())].into(),
        substitute_from: vec![SubstituteFrom {
            kind: "ConfigMap".to_owned(),
            name: "variables".to_owned(),
            optional: false,
        }],
        beside: vec![beside],
        ..FluxParameters::default()
    }));
    source
}

#[test]
fn what_a_flux_kustomization_sets_names_its_line() {
    let files = [
        ("clusters/apps.yaml", KUSTOMIZATION),
        (
            "apps/kustomization.yaml",
            "resources: [plain.yaml]\nconfigMapGenerator:\n- name: made\n  literals:\n  - where=in ${zone}\n",
        ),
        (
            "apps/plain.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata:\n  zone: ${zone}\n  size: is ${size}\n  own: x\n",
        ),
        (
            "infra/variables.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: variables, namespace: flux-system}\ndata:\n  size: large\n",
        ),
    ];
    for (asked, expected) in [
        ("/metadata/namespace", "NamespaceTransformer clusters/apps.yaml:6:3, base apps/plain.yaml:3:1"),
        ("/metadata/labels/team", "commonMetadata clusters/apps.yaml:9:7, base apps/plain.yaml:3:1"),
        ("/data/patched", "PatchTransformer clusters/apps.yaml:17:9, base apps/plain.yaml:5:1"),
        ("/data/zone", "postBuild zone clusters/apps.yaml:20:7, base apps/plain.yaml:6:3"),
        ("/data/size", "postBuild size infra/variables.yaml:5:3, base apps/plain.yaml:7:3"),
        ("/data/own", "base apps/plain.yaml:8:3"),
    ] {
        let found = flux_origin(&files, &flux_source(), &format!("ConfigMap/plain {asked}"));
        assert_eq!(found, expected, "{asked}");
    }
}

#[test]
fn what_a_helm_release_sets_names_its_line_or_that_of_a_config_map() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec:
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: own, namespace: flux-system}}}
  values:
    own: mine
  valuesFrom:
  - {kind: ConfigMap, name: values}
  - {kind: ConfigMap, name: generated, valuesKey: more.yaml}
  - {kind: ConfigMap, name: values, valuesKey: single, targetPath: target}
  commonMetadata:
    labels:
      team: two
  postRenderers:
  - kustomize:
      patches:
      - target: {kind: ConfigMap}
        patch: |
          - op: add
            path: /data/post
            value: rendered
";
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\n  labels: {a: b}\ndata:\n  own: {{ .Values.own }}\n  from: {{ .Values.from.map }}\n  file: {{ .Values.file }}\n  target: {{ .Values.target }}\n  default: {{ .Values.default }}\n  fixed: x\n";
    let files = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "own: none\ndefault: here\n"),
        ("charts/web/templates/made.yaml", template),
        ("apps/release.yaml", release),
        (
            "apps/values.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: shop}\ndata:\n  single: one\n  values.yaml: |\n    own: other\n    from:\n      map: yes\n",
        ),
        (
            "apps/kustomization.yaml",
            "resources: [release.yaml, values.yaml]\nconfigMapGenerator:\n- name: generated\n  namespace: shop\n  files: [more.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
        ),
        ("apps/more.yaml", "# values\nfile: 7\n"),
    ];
    let mut source = source(EngineKind::Flux, "apps");
    let name =
        |namespace: &str, name: &str| ObjectName { namespace: namespace.to_owned(), name: name.to_owned() };
    source.parameters.flux = Some(Box::new(FluxParameters {
        namespace: "flux-system".to_owned(),
        release: Some(name("shop", "web")),
        repositories: vec![name("flux-system", "own")],
        ..FluxParameters::default()
    }));
    let template = |line: u32| format!("chart charts/web/templates/made.yaml:{line}");
    for (field, expected) in [
        ("/data/own", template(7) + ", given apps/release.yaml:7:5"),
        ("/data/from", template(8) + ", given apps/values.yaml:9:7"),
        ("/data/file", template(9) + ", given apps/more.yaml:2:1"),
        ("/data/target", template(10) + ", given apps/release.yaml:11:5"),
        ("/data/default", template(11)),
        ("/data/fixed", template(12)),
        (
            "/data/post",
            "PatchTransformer apps/release.yaml:20:13, base charts/web/templates/made.yaml".to_owned(),
        ),
        (
            "/metadata/labels/team",
            "commonMetadata apps/release.yaml:14:7, base charts/web/templates/made.yaml".to_owned(),
        ),
    ] {
        assert_eq!(flux_origin(&files, &source, &format!("ConfigMap/made {field}")), expected, "{field}");
    }
}

#[test]
fn layers_of_a_release_are_told_apart_and_secrets_stay_hidden() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: own, namespace: flux-system}}}\n  values: {a: 1}\n  valuesFrom:\n  - {kind: Secret, name: keys}\n  - {kind: Secret, name: keys, valuesKey: one, targetPath: b.c}\n  - {kind: ConfigMap, name: open}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: shop}\nstringData:\n  values.yaml: 'user: {name: hunter2, list: [hunter2]}'\n  one: hunter2\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: open, namespace: shop}\ndata: {values.yaml: 'd: 4'}\n";
    let files = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("apps/release.yaml", release),
        ("apps/secret.yaml", secret),
        ("apps/map.yaml", map),
    ];
    let mut source = source(EngineKind::Flux, "apps");
    let name =
        |namespace: &str, name: &str| ObjectName { namespace: namespace.to_owned(), name: name.to_owned() };
    source.parameters.flux = Some(Box::new(FluxParameters {
        namespace: "flux-system".to_owned(),
        release: Some(name("shop", "web")),
        repositories: vec![name("flux-system", "own")],
        ..FluxParameters::default()
    }));
    let inputs = RenderInputs { instance: Some("web@live".parse().unwrap()), namespace: None, cluster: None };
    let layers = FluxEngine::default().release_layers(&tree(&files), &source, &inputs).unwrap();
    let parameters = layers.parameters;
    assert_eq!(
        parameters.named_values,
        [
            ("Secret keys, values.yaml".to_owned(), "user:\n  list:\n  - ••••\n  name: ••••\n".to_owned()),
            ("ConfigMap open, values.yaml".to_owned(), "d: 4".to_owned()),
        ]
    );
    assert_eq!(parameters.set_string, ["b.c=••••"]);
    assert_eq!(parameters.inline_values.as_deref(), Some("a: 1\n"));
}
