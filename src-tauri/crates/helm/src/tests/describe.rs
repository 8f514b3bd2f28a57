//! What charts say of themselves.

use super::*;

const METADATA: &str = "apiVersion: v2
name: web
version: 1.0.0
appVersion: \"9\"
kubeVersion: \">=1.20\"
dependencies:
- {name: cache, alias: hot, version: ^2.0.0, condition: hot.enabled, repository: https://charts.example}
- {name: cache, alias: cold, version: ^2.0.0, condition: cold.enabled}
";

fn chart(inner: bool) -> MemoryTree {
    let mut tree = tree(&[("values.yaml", "cold: {enabled: false}\n"), ("templates/a.yaml", "")]);
    tree.insert(path("web/Chart.yaml"), METADATA);
    if inner {
        tree.insert(path("web/charts/cache/Chart.yaml"), "apiVersion: v2\nname: cache\nversion: 2.3.4\n");
        tree.insert(path("web/charts/cache/values.yaml"), "size: 1\n");
    }
    tree
}

#[test]
fn a_chart_says_which_dependencies_take_part_and_which_defaults_there_are() {
    let options = Options { kube_version: Some("1.31".to_owned()), ..Options::new("r", "n") };
    let described = Charts::new().describe(&chart(true), &path("web"), &options).unwrap();
    assert_eq!((described.version.as_str(), described.app_version.as_str()), ("1.0.0", "9"));
    assert_eq!((described.kube_version.as_str(), described.accepts.as_str()), ("v1.31", ">=1.20"));
    let dependencies: Vec<_> = described
        .dependencies
        .iter()
        .map(|each| (each.name.as_str(), each.version.as_deref(), each.enabled))
        .collect();
    assert_eq!(dependencies, [("hot", Some("2.3.4"), Some(true)), ("cold", Some("2.3.4"), Some(false))]);
    let defaults: Vec<_> =
        described.defaults.iter().map(|each| (each.chart.join("/"), each.file.as_str())).collect();
    assert_eq!(
        defaults,
        [(String::new(), "web/values.yaml"), ("hot".to_owned(), "web/charts/cache/values.yaml")]
    );
    assert_eq!(described.problem, None);
}

#[test]
fn a_chart_whose_dependency_is_missing_is_described_with_the_reason() {
    let described = Charts::new().describe(&chart(false), &path("web"), &Options::new("r", "n")).unwrap();
    assert!(described.problem.is_some_and(|problem| problem.message.ends_with("were not fetched")
        || problem.message.ends_with("was not fetched")));
    assert!(described.dependencies.iter().all(|each| each.version.is_none() && each.enabled.is_none()));
    assert_eq!(described.defaults.len(), 1);
    Charts::new().describe(&chart(false), &path("nowhere"), &Options::new("r", "n")).unwrap_err();
}
