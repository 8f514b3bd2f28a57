//! Where fields of built objects come from.

use slipway_model::{FieldPath, Location, MemoryTree, RepoPath, ResourceId};

use super::source;
use crate::engines::KustomizeEngine;
use crate::{EngineKind, Source, kustomize_options};

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
