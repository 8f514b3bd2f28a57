//! Charts and kustomizations as sources of instances.

use std::sync::Arc;

use slipway_model::{Fetched, MemoryTree, RemoteReference, Remotes, RepoPath, Tree, WithRemotes};

use super::{manifests, problems, render, source};
use crate::{EngineKind, Engines, FidelityLevel, Parameters, RenderInputs, Source, render_source};

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {env: {{ .Values.env }}, ns: {{ .Release.Namespace }}}\n";

fn instance(tree: &dyn Tree, source: &Source) -> crate::Rendered {
    let inputs = RenderInputs {
        instance: Some("web@staging".parse().unwrap()),
        namespace: Some("shop".to_owned()),
        ..RenderInputs::default()
    };
    render_source(&Engines::built_in(), tree, source, &inputs)
}

#[test]
fn a_chart_is_rendered_for_its_instance_with_its_values_files() {
    let tree = MemoryTree::new([
        ("web/Chart.yaml", CHART),
        ("web/values.yaml", "env: none\n"),
        ("web/values-staging.yaml", "env: staging\n"),
        ("web/templates/config.yaml", CONFIG),
    ]);
    let mut source = source(EngineKind::Helm, "web");
    source.values = vec![RepoPath::new("web/values-staging.yaml").unwrap()];
    let rendered = instance(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(manifests(&rendered), ["ConfigMap/web web/templates/config.yaml#0"]);
    let data = &rendered.manifests[0].object["data"];
    assert_eq!((data["env"].as_str(), data["ns"].as_str()), (Some("staging"), Some("shop")));
    assert_eq!(rendered.fidelity.level, FidelityLevel::Exact);
}

#[test]
fn what_helm_makes_anew_is_the_same_twice_and_is_said() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {p: {{ randAlphaNum 20 }}}\n";
    let tree = MemoryTree::new([("web/Chart.yaml", CHART), ("web/templates/secret.yaml", secret)]);
    let rendered = instance(&tree, &source(EngineKind::Helm, "web"));
    assert_eq!(rendered.fidelity.level, FidelityLevel::Approximated);
    assert!(rendered.fidelity.reasons[0].contains("randAlphaNum"), "{:?}", rendered.fidelity);
    assert_eq!(rendered, instance(&tree, &source(EngineKind::Helm, "web")));
}

#[test]
fn lists_are_opened_for_instances_only() {
    let list =
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n";
    let tree = MemoryTree::new([("web/Chart.yaml", CHART), ("web/templates/list.yaml", list)]);
    assert_eq!(
        manifests(&instance(&tree, &source(EngineKind::Helm, "web"))),
        ["ConfigMap/a web/templates/list.yaml#0"]
    );
    assert_eq!(render(&tree, &source(EngineKind::Helm, "web")).manifests[0].object["kind"], "List");
}

#[test]
fn what_would_have_to_be_fetched_is_told_from_what_is_wrong() {
    let tree = MemoryTree::new([
        (
            "web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.x, repository: \"https://charts.example\"}]\n",
        ),
        ("base/kustomization.yaml", "resources: [\"https://git.example/org/repo//base?ref=v1\"]\n"),
        ("wrong/kustomization.yaml", "resources: [nowhere.yaml]\n"),
    ]);
    let chart = instance(&tree, &source(EngineKind::Helm, "web"));
    assert_eq!(chart.problems[0].code, "remote-chart", "{:?}", problems(&chart));
    assert!(chart.lacks_content());
    let base = instance(&tree, &source(EngineKind::Kustomize, "base"));
    assert!(base.lacks_content(), "{:?}", problems(&base));
    let wrong = instance(&tree, &source(EngineKind::Kustomize, "wrong"));
    assert!(wrong.is_failed() && !wrong.lacks_content(), "{:?}", problems(&wrong));
}

#[test]
fn charts_of_kustomizations_are_inflated_where_that_is_allowed() {
    let tree = MemoryTree::new([
        (
            "k/kustomization.yaml",
            "namePrefix: pre-\nhelmCharts: [{name: web, releaseName: shop, namespace: ns, valuesInline: {env: inline}}]\n",
        ),
        ("k/charts/web/Chart.yaml", CHART),
        ("k/charts/web/values.yaml", "env: none\n"),
        ("k/charts/web/templates/config.yaml", CONFIG),
    ]);
    let mut source = source(EngineKind::Kustomize, "k");
    assert_eq!(instance(&tree, &source).problems[0].code, "helm-disabled");
    source.parameters.enable_helm = true;
    let rendered = instance(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(rendered.manifests[0].id.name, "pre-shop");
    assert_eq!(rendered.manifests[0].object["data"]["env"], "inline");
    // The name of a release may be a template.
    let named = MemoryTree::new([
        (
            "k/kustomization.yaml",
            "helmCharts: [{name: web, nameTemplate: '{{ upper \"shop\" | lower }}-1', valuesInline: {env: a}}]\n",
        ),
        ("k/charts/web/Chart.yaml", CHART),
        ("k/charts/web/values.yaml", "env: none\n"),
        ("k/charts/web/templates/config.yaml", CONFIG),
    ]);
    assert_eq!(instance(&named, &source).manifests[0].id.name, "shop-1");
}

#[test]
fn options_need_no_kustomization_file() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let other = object.replace("a}", "b}");
    let tree = MemoryTree::new([("plain/a.yaml", object.to_owned()), ("plain/below/b.yaml", other)]);
    let source = Source {
        parameters: Parameters {
            kustomization: Some("namePrefix: x-\n".to_owned()),
            ..Parameters::default()
        },
        ..source(EngineKind::Kustomize, "plain")
    };
    let names: Vec<String> =
        instance(&tree, &source).manifests.iter().map(|manifest| manifest.id.name.clone()).collect();
    assert_eq!(names, ["x-a", "x-b"]);
}

#[test]
fn content_that_is_not_fetched_is_told_and_looked_for_again() {
    let repository =
        RemoteReference::Repository { url: "https://git.example/a".to_owned(), revision: "v1".to_owned() };
    let file = RemoteReference::File { url: "https://host.example/v.yaml".to_owned() };
    let mut source = source(EngineKind::ArgocdApplication, "x");
    source.path = repository.path().child("web");
    source.values = vec![file.path()];
    let rendered = instance(&MemoryTree::default(), &source);
    assert_eq!(
        problems(&rendered),
        [
            "info[remote-repository] not rendered here: https://git.example/a at v1 is not fetched",
            "info[remote-file] not rendered here: https://host.example/v.yaml is not fetched",
        ]
    );
    assert_eq!(rendered.fidelity.level, FidelityLevel::Opaque);
    assert!(!rendered.is_failed());
    assert_eq!(slipway_model::missing_remotes(&rendered.reads).len(), 2, "fetching them renders it anew");
    let at = |name: &str| source.path.join(name).unwrap().to_string();
    let tree = MemoryTree::new([
        (at("Chart.yaml"), CHART),
        (at("templates/config.yaml"), CONFIG),
        (file.path().to_string(), "env: fetched\n"),
    ]);
    let rendered = instance(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(rendered.manifests[0].object["data"]["env"], "fetched");
}

#[test]
fn a_chart_of_a_kustomization_is_read_where_it_was_fetched() {
    struct One(RemoteReference, MemoryTree);
    impl Remotes for One {
        fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
            let tree = Arc::new(self.1.clone());
            (*reference == self.0).then_some(Fetched { tree, root: RepoPath::root() })
        }
    }
    let reference = |version: &str| RemoteReference::Chart {
        repository: "https://charts.example".to_owned(),
        name: "web".to_owned(),
        version: version.to_owned(),
    };
    let chart = MemoryTree::new([
        ("Chart.yaml", CHART),
        ("values.yaml", "env: own\n"),
        ("templates/config.yaml", CONFIG),
    ]);
    let built = |version: &str, merge: &str| {
        let kustomization = format!(
            "helmCharts: [{{name: web, repo: 'https://charts.example', {version} releaseName: shop, valuesMerge: {merge}, valuesInline: {{env: inline}}}}]\n"
        );
        let repository = MemoryTree::new([("k/kustomization.yaml", kustomization)]);
        let tree = WithRemotes::new(repository, Arc::new(One(reference(">0.0.0-0"), chart.clone())));
        let mut source = source(EngineKind::Kustomize, "k");
        source.parameters.enable_helm = true;
        instance(&tree, &source)
    };
    for (merge, env) in [("override", "inline"), ("merge", "own"), ("replace", "inline")] {
        let rendered = built("devel: true,", merge);
        assert_eq!(problems(&rendered), Vec::<String>::new());
        assert_eq!(rendered.manifests[0].object["data"]["env"], env, "{merge}");
    }
    let missing = built("version: 1.0.0,", "merge");
    assert_eq!(missing.problems[0].message, "chart web 1.0.0 of https://charts.example was not fetched");
    assert_eq!(missing.problems[0].missing, Some(reference("1.0.0")));
    assert!(missing.lacks_content());
}
