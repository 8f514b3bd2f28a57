//! Applications that use content outside the repository, and the corners of Helm options.

use slipway_model::readable_path;
use slipway_render::{EngineKind, Source};

use super::catalog;

/// The sources of the Application that this text declares, beside these files.
fn sources(spec: &str, files: &[(&str, &str)]) -> Vec<Source> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  project: shop\n  destination: {{namespace: shop}}\n{spec}"
    );
    let mut all = vec![("apps/web.yaml", text.as_str()), ("apps/kept.yaml", super::MANIFEST)];
    // What tells the name of this repository.
    let own = super::application("own", "own");
    all.push(("apps/own.yaml", &own));
    all.push(("own/a.yaml", super::MANIFEST));
    all.extend(files);
    let catalog = catalog(&all);
    let named = |instance: &&crate::Instance| instance.argocd_application.as_deref() == Some("web");
    catalog.instances().find(named).unwrap().sources.clone()
}

fn values(source: &Source) -> Vec<String> {
    source.values.iter().map(readable_path).collect()
}

#[test]
fn values_of_other_repositories_and_addresses_can_be_fetched() {
    let spec = "  sources:
  - repoURL: registry.example/charts
    chart: web
    targetRevision: '*'
    helm:
      ignoreMissingValueFiles: true
      valueFiles: [inner.yaml, $values/envs/web.yaml, $own/own/none.yaml, https://host.example/v.yaml, s3://bucket/v.yaml]
  - {repoURL: https://git.example/acme/values, targetRevision: v1, ref: values}
  - {repoURL: https://git.example/acme/repository.git, ref: own}
";
    let sources = sources(spec, &[]);
    assert_eq!(sources.len(), 1);
    assert_eq!(readable_path(&sources[0].path), "chart web of oci://registry.example/charts");
    assert_eq!(
        values(&sources[0]),
        [
            "chart web of oci://registry.example/charts: inner.yaml",
            "https://git.example/acme/values at v1: envs/web.yaml",
            "https://host.example/v.yaml",
        ]
    );
    assert!(sources[0].parameters.ignore_missing_values && sources[0].parameters.include_crds);
}

#[test]
fn a_directory_of_another_repository_has_the_engine_that_is_found_there() {
    let spec = "  source: {repoURL: https://git.example/acme/other, targetRevision: HEAD, path: deploy/web, helm: {valueFiles: [prod.yaml]}, kustomize: {namePrefix: a-}}\n";
    let unknown = &sources(spec, &[])[0];
    assert_eq!(unknown.engine, EngineKind::ArgocdApplication);
    assert_eq!(readable_path(&unknown.path), "https://git.example/acme/other: deploy/web");
    assert_eq!(values(unknown), ["https://git.example/acme/other: deploy/web/prod.yaml"]);
    assert!(unknown.parameters.kustomization.is_some(), "all that is said is kept until the engine is known");
}

#[test]
fn parameters_and_paths_know_the_build_environment() {
    let spec = "  source:
    repoURL: https://git.example/acme/repository
    path: charts/web
    helm:
      valueFiles: ['$ARGOCD_APP_PROJECT_NAME.yaml', 'envs/*.yaml', '../../outside/../../../x.yaml']
      parameters: [{name: a, value: '1'}, {name: host, value: '$ARGOCD_APP_NAME.$${x}'}, {name: a, value: '{x,y}'}, {name: a, value: '0', forceString: true}]
      fileParameters: [{name: cert, path: files/ca.pem}, {name: root, path: /shared/ca.pem}]
      values: 'a: 1'
      valuesObject: {a: 2}
      skipTests: true
      skipSchemaValidation: true
      namespace: other
      kubeVersion: 1.30.0
      apiVersions: [x/v1]
";
    let files = [
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/web/envs/b.yaml", ""),
        ("charts/web/envs/a.yaml", ""),
        ("charts/web/envs/deeper/c.yaml", ""),
    ];
    let source = &sources(spec, &files)[0];
    assert_eq!(values(source), ["charts/web/shop.yaml", "charts/web/envs/a.yaml", "charts/web/envs/b.yaml"]);
    let parameters = &source.parameters;
    assert_eq!(parameters.set, ["host=web.${x}", "a={x,y}"]);
    assert_eq!(parameters.set_string, ["a=0"]);
    assert_eq!(parameters.set_file, ["cert=charts/web/files/ca.pem", "root=shared/ca.pem"]);
    assert_eq!(parameters.inline_values.as_deref(), Some("a: 2\n"));
    assert!(parameters.skip_tests && parameters.skip_schema_validation);
    assert_eq!(parameters.namespace.as_deref(), Some("other"));
    assert_eq!((parameters.kube_version.as_deref(), parameters.api_versions.len()), (Some("1.30.0"), 1));
}

#[test]
fn a_file_beside_the_source_overrides_its_options() {
    let spec = "  source: {repoURL: https://git.example/acme/repository, path: charts/web, helm: {releaseName: front, parameters: [{name: tag, value: '1'}]}}\n";
    let files = [
        ("charts/web/Chart.yaml", "name: web\n"),
        (
            "charts/web/.argocd-source.yaml",
            "path: elsewhere\nhelm: {parameters: [{name: tag, value: '2'}]}\n",
        ),
        ("charts/web/.argocd-source-web.yaml", "helm: {parameters: [{name: tag, value: '3'}]}\n"),
        ("charts/web/.argocd-source-other.yaml", "helm: {parameters: [{name: tag, value: '4'}]}\n"),
    ];
    let source = &sources(spec, &files)[0];
    assert_eq!((source.path.as_str(), source.parameters.release.as_deref()), ("charts/web", Some("front")));
    assert_eq!(source.parameters.set, ["tag=3"]);
}

#[test]
fn an_instance_of_content_outside_is_found_by_its_declaration() {
    let spec = "  source: {repoURL: https://charts.example, chart: redis, targetRevision: 1.0.0}\n";
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n{spec}"
    );
    let catalog = catalog(&[("apps/web.yaml", text.as_str())]);
    assert_eq!(catalog.instances().next().unwrap().place().as_str(), "apps/web.yaml");
}
