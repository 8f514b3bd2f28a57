//! Builds with charts, options of others.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::cache::BuildCache;
use crate::helm::{ChartInflator, ChartRequest, Inflated};
use crate::substitute::Substitution;

/// Charts whose output is what they were asked for.
#[derive(Default)]
struct Echo(Mutex<Vec<String>>);

impl ChartInflator for Echo {
    fn inflate(&self, request: &ChartRequest<'_>) -> Result<Inflated, Failure> {
        let directory = request.directory.as_ref().map(ToString::to_string).unwrap_or_default();
        let chart = request.tree.read(&path(&format!("{directory}/Chart.yaml"))).unwrap().is_some();
        let asked = format!(
            "{directory} chart={chart} release={:?} namespace={} values={:?}",
            request.release, request.namespace, request.values
        );
        self.0.lock().unwrap().push(asked);
        Ok("apiVersion: v1\nkind: Service\nmetadata: {name: made, namespace: own}\n".to_owned().into())
    }
}

#[test]
fn charts_are_asked_for_with_merged_values_and_the_nearest_namespace() {
    let tree = MemoryTree::new([
        ("top/kustomization.yaml", "resources: [../base]\nnamespace: shop\n"),
        (
            "base/kustomization.yaml",
            "helmCharts:\n- name: web\n  releaseName: r\n  valuesInline: {a: {b: 2}, gone: null}\n  additionalValuesFiles: [more.yaml]\n",
        ),
        ("base/more.yaml", "c: 3\n"),
        ("base/charts/web/Chart.yaml", "name: web\n"),
        ("base/charts/web/values.yaml", "a: {b: 1, k: 1}\ngone: 1\n"),
    ]);
    let echo = Echo::default();
    let helpers = Helpers { charts: Some(&echo), ..Helpers::default() };
    let output = build(&tree, &path("top"), &Options::default(), &helpers).unwrap();
    assert_eq!(
        echo.0.into_inner().unwrap(),
        [
            r#"base/charts/web chart=true release=Some("r") namespace=shop values=["a:\n  b: 2\n  k: 1\n", "c: 3\n"]"#
        ]
    );
    let service = find(&output, "Service");
    assert_eq!(service["metadata"], json!({"name": "made", "namespace": "own"}), "Helm's namespace stays");
}

#[test]
fn options_of_others_are_laid_over_the_kustomization() {
    let options = Options {
        overlays: vec![
            "namePrefix: app-\nnamespace: there\nimages: [{name: shop/web, newTag: '9'}, {name: other, newTag: '1'}]\n\
             replicas: [{name: web, count: 3}]\ncommonAnnotations: {a: b}\n\
             labels: [{pairs: {team: x}, includeTemplates: true}]\n\
             patches: [{target: {kind: Service}, patch: '[{\"op\": \"add\", \"path\": \"/spec/type\", \"value\": \"NodePort\"}]'}]\n"
                .to_owned(),
        ],
        ..Options::default()
    };
    let output = build(&shop(), &path("overlays/staging"), &options, &Helpers::default()).unwrap();
    let deployment = find(&output, "Deployment");
    assert_eq!(deployment["metadata"]["name"], "app-web");
    assert_eq!(deployment["metadata"]["namespace"], "there");
    assert_eq!(deployment["metadata"]["annotations"], json!({"a": "b"}));
    assert_eq!(deployment["spec"]["replicas"], 3);
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["image"], "shop/web:9");
    assert_eq!(deployment["spec"]["template"]["metadata"]["labels"], json!({"app": "shop", "team": "x"}));
    assert_eq!(find(&output, "Service")["spec"]["type"], "NodePort");
    let wrong = Options { overlays: vec!["foo: 1\n".to_owned()], ..Options::default() };
    let failure = build(&shop(), &path("base"), &wrong, &Helpers::default()).unwrap_err();
    assert_eq!(failure.message(), "invalid options: json: unknown field \"foo\"");
}

#[test]
fn variables_of_flux_are_replaced_last() {
    let tree = MemoryTree::new([
        ("kustomization.yaml", "resources: [a.yaml]\nnamePrefix: ${env:=dev}-\n"),
        ("a.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {n: \"${n}\"}\n"),
    ]);
    let substitution = Substitution {
        variables: [("n".to_owned(), "3".to_owned())].into(),
        unset: crate::substitute::Unset::Error,
    };
    let options = Options { substitution, ..Options::default() };
    let output = build(&tree, &RepoPath::root(), &options, &Helpers::default()).unwrap();
    assert_eq!(find(&output, "A")["metadata"]["name"], "dev-a");
    assert_eq!(find(&output, "A")["spec"]["n"], 3);
}

#[test]
fn a_base_with_a_chart_is_shared_only_where_the_namespace_is_the_same() {
    let mut files = vec![
        ("base/kustomization.yaml".to_owned(), "helmCharts: [{name: web}]\n".to_owned()),
        ("base/charts/web/Chart.yaml".to_owned(), "name: web\n".to_owned()),
        ("base/charts/web/values.yaml".to_owned(), String::new()),
    ];
    for (name, namespace) in [("a", "one"), ("b", "two"), ("c", "one")] {
        files.push((
            format!("{name}/kustomization.yaml"),
            format!("resources: [../base]\nnamespace: {namespace}\n"),
        ));
    }
    let tree = MemoryTree::new(files);
    let (echo, cache) = (Echo::default(), BuildCache::new());
    let helpers = Helpers { charts: Some(&echo), cache: Some(&cache) };
    for name in ["a", "b", "c"] {
        build(&tree, &path(name), &Options::default(), &helpers).unwrap();
    }
    let asked = echo.0.into_inner().unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[1].contains("namespace=two"), "{asked:?}");
}

#[test]
fn builds_on_several_threads_share_a_cache() {
    let (tree, cache) = (shop(), BuildCache::new());
    let expected = yaml(&run(&tree, "overlays/production").unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let helpers = Helpers { cache: Some(&cache), ..Helpers::default() };
                for _ in 0..20 {
                    let output =
                        build(&tree, &path("overlays/production"), &Options::default(), &helpers).unwrap();
                    assert_eq!(yaml(&output), expected);
                }
            });
        }
    });
}
