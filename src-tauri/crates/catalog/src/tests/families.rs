use super::{BASE, MANIFEST, OVERLAY, catalog, found, lines};

#[test]
fn overlays_over_a_base_at_the_root_are_one_nameless_application() {
    let files = [
        ("base/kustomization.yml", BASE),
        ("base/deployment.yaml", MANIFEST),
        ("variants/prod/kustomization.yml", "kind: Component\n"),
        ("envs/qa/kustomization.yml", "resources: [../../base]\n"),
        ("envs/prod-eu/kustomization.yml", "resources: [../../base]\ncomponents: [../../variants/prod]\n"),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        ["repository@qa kustomize envs/qa", "repository@prod-eu kustomize envs/prod-eu"]
    );
    assert_eq!(catalog.layout.family, "base-overlays");
    let skipped: Vec<&str> = catalog.skipped.iter().map(|each| each.path.as_str()).collect();
    assert_eq!(skipped, ["base", "variants/prod"], "what is used by others is told, not dropped");
}

#[test]
fn the_matrix_of_applications_and_environments_may_be_sparse() {
    let files = [
        ("apps/web/base/kustomization.yaml", BASE),
        ("apps/web/base/deployment.yaml", MANIFEST),
        ("apps/web/overlays/staging/kustomization.yaml", OVERLAY),
        ("apps/web/overlays/production/kustomization.yaml", OVERLAY),
        ("apps/api/base/kustomization.yaml", BASE),
        ("apps/api/base/deployment.yaml", MANIFEST),
        ("apps/api/overlays/production/kustomization.yaml", OVERLAY),
    ];
    assert_eq!(
        found(&files),
        [
            "api@production kustomize apps/api/overlays/production",
            "web@staging kustomize apps/web/overlays/staging",
            "web@production kustomize apps/web/overlays/production",
        ]
    );
}

#[test]
fn environments_may_come_before_applications() {
    let files = [
        ("dev/web/deployment.yaml", MANIFEST),
        ("prod/web/deployment.yaml", MANIFEST),
        ("prod/api/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        ["api@prod plain prod/api", "web@dev plain dev/web", "web@prod plain prod/web"]
    );
    assert_eq!(catalog.layout.family, "env-app-dirs");
}

#[test]
fn a_chart_has_an_environment_for_each_values_file() {
    let files = [
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/web/values.yaml", "a: 1\n"),
        ("charts/web/values-staging.yaml", "a: 2\n"),
        ("charts/web/values-production.yaml", "a: 3\n"),
        (
            "charts/web/templates/deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nname: {{ .Values.a }}\n",
        ),
        ("charts/shared/Chart.yaml", "name: shared\ntype: library\n"),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "web@staging helm charts/web charts/web/values-staging.yaml",
            "web@production helm charts/web charts/web/values-production.yaml",
        ]
    );
    assert_eq!(catalog.layout.family, "values-per-env");
}

#[test]
fn suffixes_of_sibling_directories_are_environments() {
    let files = [
        ("shop/deployment.yaml", MANIFEST),
        ("shop-dev/deployment.yaml", MANIFEST),
        ("shop-api-dev/deployment.yaml", MANIFEST),
        ("shop-api-prod/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "shop@dev plain shop-dev",
            "shop@default plain shop",
            "shop-api@dev plain shop-api-dev",
            "shop-api@prod plain shop-api-prod",
        ]
    );
    assert_eq!(catalog.layout.family, "env-suffix-dirs");
}

#[test]
fn clusters_below_stages_belong_to_the_environment() {
    let files = [
        ("components/web/production/base/kustomization.yaml", BASE),
        ("components/web/production/base/deployment.yaml", MANIFEST),
        ("components/web/production/eu-1/kustomization.yaml", "resources: [../base]\n"),
        ("components/web/production/us-1/kustomization.yaml", "resources: [../base]\n"),
        ("components/api/production/eu-1/kustomization.yaml", "resources: []\n"),
        ("components/api/staging/kustomization.yaml", "resources: []\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "api@staging kustomize components/api/staging",
            "api@production/eu-1 kustomize components/api/production/eu-1",
            "web@production/eu-1 kustomize components/web/production/eu-1",
            "web@production/us-1 kustomize components/web/production/us-1",
        ]
    );
}

#[test]
fn what_is_broken_or_about_the_repository_stops_nothing() {
    let files = [
        ("app/deployment.yaml", MANIFEST),
        ("app/broken.yaml", "apiVersion: v1\nkind: X\n  bad: [\n"),
        ("other/kustomization.yaml", "resources: [\n"),
        (".github/workflows/ci.yaml", "on: push\n"),
        ("docs/example/deployment.yaml", MANIFEST),
        ("README.md", "x"),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["app@default plain app"]);
    assert!(catalog.problems.iter().any(|problem| problem.code == "yaml-syntax"));
    assert!(catalog.skipped.iter().any(|each| each.path.as_str() == "docs/example"));
}

#[test]
fn nothing_to_deploy_is_empty() {
    let catalog = catalog(&[("README.md", "x")]);
    assert_eq!((catalog.layout.family.as_str(), catalog.applications.len()), ("empty", 0));
}

#[test]
fn settings_override_what_is_found() {
    let settings = "\
version: 1
environments:
- {name: production, aliases: [prod], protected: false, namespace: shop}
- {name: dev}
applications:
- name: web
  environments: [{name: dev, path: special, engine: plain}]
ignore: [old/]
";
    let files = [
        (".slipway.yaml", settings),
        ("dev/web/deployment.yaml", MANIFEST),
        ("prod/web/deployment.yaml", MANIFEST),
        ("old/web/deployment.yaml", MANIFEST),
        ("special/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["web@production plain prod/web", "web@dev plain special"]);
    let production = &catalog.environments[0];
    assert_eq!((production.name.as_str(), production.protected), ("production", false));
    let web = catalog.instances().find(|each| each.id.environment.as_str() == "production").unwrap();
    assert_eq!(web.destination.namespace.as_deref(), Some("shop"));
}

#[test]
fn invalid_settings_are_told_and_passed_over() {
    let files = [(".slipway.yaml", "version: 1\nignore: x\n"), ("dev/web/deployment.yaml", MANIFEST)];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["web@dev plain dev/web"]);
    let location = catalog.problems[0].location.as_ref().unwrap();
    assert_eq!((location.file.as_str(), location.line, location.column), (".slipway.yaml", Some(2), Some(9)));
}

#[test]
fn environments_beside_named_applications_are_called_like_their_directory() {
    let files = [
        ("web/deployment.yaml", MANIFEST),
        ("infra/prod/deployment.yaml", MANIFEST),
        ("infra/staging/deployment.yaml", MANIFEST),
        ("helmfile.yaml", "releases: []\n"),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        ["infra@staging plain infra/staging", "infra@prod plain infra/prod", "web@default plain web"]
    );
    assert_eq!(catalog.skipped[0].path.as_str(), "helmfile.yaml");
}

#[test]
fn templates_with_common_values_are_deployable() {
    let files = [
        ("common.yaml", "a: 1\n"),
        ("apps/web/staging/deployment.yaml.j2", "x"),
        ("apps/web/production/deployment.yaml.j2", "x"),
    ];
    assert_eq!(
        found(&files),
        ["web@staging minijinja apps/web/staging", "web@production minijinja apps/web/production"]
    );
}
