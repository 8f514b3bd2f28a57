use super::{MANIFEST, catalog, found, lines, skipped};

fn kustomization(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec:\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
    )
}

fn release(name: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: {name}}}\nspec: {{}}\n"
    )
}

#[test]
fn releases_are_followed_from_the_clusters() {
    let files = [
        ("clusters/staging/apps.yaml", kustomization("apps", "./apps/staging", "")),
        ("clusters/production/apps.yaml", kustomization("apps", "./apps/production", "")),
        (
            "clusters/production/configs.yaml",
            kustomization("configs", "./configs", "  targetNamespace: shared\n"),
        ),
        ("apps/base/release.yaml", release("podinfo")),
        ("apps/base/kustomization.yaml", "resources: [release.yaml]\n".to_owned()),
        ("apps/staging/kustomization.yaml", "resources: [../base]\n".to_owned()),
        ("apps/production/kustomization.yaml", "resources: [../base]\n".to_owned()),
        ("configs/a.yaml", MANIFEST.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "configs@production flux configs",
            "podinfo@staging flux apps/staging",
            "podinfo@production flux apps/production",
        ]
    );
    assert_eq!(catalog.layout.family, "flux-clusters");
    let configs = catalog.instances().next().unwrap();
    assert_eq!(configs.destination.namespace.as_deref(), Some("shared"));
}

#[test]
fn clusters_may_share_directories_and_differ_in_variables() {
    let sync = |cluster: &str| {
        kustomization(
            "flux-system",
            &format!("./clusters/{cluster}"),
            &format!("  postBuild: {{substitute: {{version: '{cluster}'}}}}\n"),
        )
    };
    let apps = kustomization("gateway", "../components/gateway/${version:=none}", "");
    let files = [
        ("clusters/blue/flux-system/gotk-sync.yaml", sync("blue")),
        ("clusters/blue/apps/gateway.yaml", apps.clone()),
        ("clusters/green/flux-system/gotk-sync.yaml", sync("green")),
        ("clusters/green/apps/gateway.yaml", apps),
        ("components/gateway/blue/release.yaml", release("gateway")),
        ("components/gateway/green/release.yaml", release("gateway")),
        ("components/gateway/parked/future.yaml", kustomization("future", "./components/gateway/blue", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        ["gateway@blue flux components/gateway/blue", "gateway@green flux components/gateway/green"]
    );
    assert!(
        skipped(&catalog)
            .iter()
            .any(|(path, reason)| path.ends_with("parked") && reason.contains("no cluster"))
    );
}

#[test]
fn an_artifact_is_translated_to_the_directory_it_is_copied_from() {
    let generator = "\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: flux-system}
spec:
  artifacts:
  - name: apps
    copy: [{from: '@monorepo/apps/base/**', to: '@artifact/base/'}, {from: '@monorepo/apps/staging/**', to: '@artifact/staging/'}]
";
    let apps = kustomization("apps", "./staging", "")
        .replace("GitRepository, name: flux-system", "ExternalArtifact, name: apps");
    let files = [
        ("clusters/staging/artifacts.yaml", generator.to_owned()),
        ("clusters/staging/apps.yaml", apps),
        ("apps/staging/release.yaml", release("web")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(found(&files), ["web@staging flux apps/staging"]);
}

#[test]
fn what_delivers_only_objects_of_flux_is_no_application() {
    let automation =
        "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata: {name: a}\n";
    let files = [
        ("clusters/staging/automation.yaml", kustomization("automation", "./automation", "")),
        ("clusters/staging/gone.yaml", kustomization("gone", "./gone", "")),
        ("automation/a.yaml", automation.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), Vec::<String>::new());
    assert_eq!(skipped(&catalog).len(), 2, "{:?}", skipped(&catalog));
}

#[test]
fn releases_without_any_kustomization_are_found_by_their_directories() {
    let files = [("releases/dev/web.yaml", release("web")), ("releases/prod/web.yaml", release("web"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(found(&files), ["repository@dev plain releases/dev", "repository@prod plain releases/prod"]);
}

#[test]
fn a_release_is_rendered_with_what_other_kustomizations_deliver() {
    let variables = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster, namespace: flux-system}\ndata: {env: prod}\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: shop}\nspec: {url: 'https://charts.example'}\n";
    let web = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: 'web-${env}', namespace: shop}\nspec:\n  \
               chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: charts}}}\n  valuesFrom: [{kind: ConfigMap, name: values}]\n";
    let api = web.replace("name: 'web-${env}'", "name: api").replace(
        "{chart: web, sourceRef: {kind: HelmRepository, name: charts}}",
        "{chart: charts/api, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}",
    );
    let from = "  postBuild: {substitute: {n: '1'}, substituteFrom: [{kind: ConfigMap, name: cluster}]}\n  commonMetadata: {labels: {team: a}}\n  targetNamespace: shop\n";
    let files = [
        ("clusters/prod/apps.yaml", kustomization("apps", "./apps", from)),
        ("clusters/prod/cluster.yaml", variables.to_owned()),
        ("clusters/prod/sources.yaml", kustomization("sources", "./sources", "")),
        ("apps/web.yaml", web.to_owned()),
        ("apps/api.yaml", api),
        ("apps/kustomization.yaml", "resources: [web.yaml, api.yaml]\nconfigMapGenerator: [{name: values, literals: ['values.yaml=a: 1'], options: {disableNameSuffixHash: true}}]\n".to_owned()),
        ("sources/charts.yaml", source.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["api@prod flux apps", "web@prod flux apps"]);
    let sources: Vec<_> = catalog.instances().map(|instance| instance.sources[0].clone()).collect();
    let flux: Vec<_> = sources.iter().map(|source| source.parameters.flux.as_deref().unwrap()).collect();
    let beside = |at: usize| flux[at].beside.iter().map(|each| each.path.as_str()).collect::<Vec<_>>();
    assert_eq!(beside(0), ["clusters/prod"], "its chart lies here and its values beside it");
    assert_eq!(beside(1), ["clusters/prod", "sources"]);
    assert_eq!(flux[1].release.as_ref().unwrap().name, "web-prod", "variables are replaced");
    assert_eq!(flux[0].repositories[0].name, "flux-system");
    assert_eq!((flux[0].labels["team"].as_str(), flux[0].substitute_from[0].name.as_str()), ("a", "cluster"));
    assert_eq!(sources[0].parameters.kustomization.as_deref(), Some("namespace: shop\n"));
    assert_eq!(sources[0].parameters.substitute["n"], "1");
}

#[test]
fn a_cluster_may_deliver_its_own_variables() {
    let sync = kustomization(
        "flux-system",
        "./clusters/blue",
        "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n",
    );
    let vars = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {colour: blue}\n";
    let files = [
        ("clusters/blue/flux-system/gotk-sync.yaml", sync),
        ("clusters/blue/vars.yaml", vars.to_owned()),
        ("clusters/blue/apps.yaml", kustomization("apps", "./apps/${colour}", "")),
        ("apps/blue/release.yaml", release("web")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(found(&files), ["web@blue flux apps/blue"]);
}
