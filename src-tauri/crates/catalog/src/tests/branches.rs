use std::sync::Arc;

use slipway_model::{MemoryTree, Tree};

use super::{MANIFEST, lines};
use crate::{Catalog, ScanOptions, scan};

fn scanned(files: &[(&str, &str)], branches: &[(&str, &[(&str, &str)])]) -> Catalog {
    let tree = |files: &[(&str, &str)]| {
        MemoryTree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned())))
    };
    let branches: Vec<(String, Arc<dyn Tree>)> = branches
        .iter()
        .map(|(name, files)| ((*name).to_owned(), Arc::new(tree(files)) as Arc<dyn Tree>))
        .collect();
    scan(&tree(files), &ScanOptions { branches: &branches, ..ScanOptions::default() })
}

#[test]
fn branches_of_the_same_tree_are_environments() {
    let files = [("web/deployment.yaml", MANIFEST)];
    let catalog = scanned(
        &files,
        &[
            ("staging", &files),
            ("env/prod", &files),
            ("env/prod-next", &files),
            ("renovate/x", &files),
            ("staging-docs", &[]),
        ],
    );
    assert_eq!(lines(&catalog), ["web@staging plain web", "web@prod plain web", "web@default plain web"]);
    let branches: Vec<Option<&str>> = catalog.instances().map(|each| each.branch.as_deref()).collect();
    assert_eq!(branches, [Some("staging"), Some("env/prod"), None]);
}

const HYDRATED: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web-ENV}
spec:
  sourceHydrator:
    drySource: {repoURL: https://git.example/acme/repository, path: charts/web, helm: {valueFiles: [env/ENV/values.yaml]}}
    syncSource: {targetBranch: env/ENV, path: web}
";

#[test]
fn a_hydrated_branch_and_its_dry_source_are_one_instance_in_the_declared_order() {
    let strategy = "\
apiVersion: promoter.argoproj.io/v1alpha1
kind: PromotionStrategy
metadata: {name: web}
spec: {environments: [{branch: env/one}, {branch: env/two}]}
";
    let (one, two) = (HYDRATED.replace("ENV", "one"), HYDRATED.replace("ENV", "two"));
    let hydrated =
        [("hydrator.metadata", "{}"), ("web/manifest.yaml", MANIFEST), ("web/hydrator.metadata", "{}")];
    let catalog = scanned(
        &[
            ("apps/one.yaml", &one),
            ("apps/two.yaml", &two),
            (
                "promoter/strategy.yaml",
                &strategy.replace("env/one}, {branch: env/two", "env/two}, {branch: env/one"),
            ),
            ("charts/web/Chart.yaml", "name: web\n"),
            ("charts/web/env/one/values.yaml", ""),
            ("charts/web/env/two/values.yaml", ""),
        ],
        &[("env/one", &hydrated), ("env/two", &hydrated)],
    );
    assert_eq!(
        lines(&catalog),
        [
            "web@two helm charts/web charts/web/env/two/values.yaml",
            "web@one helm charts/web charts/web/env/one/values.yaml",
        ]
    );
    assert_eq!(catalog.layout.family, "env-branches");
}

#[test]
fn tanka_environments_are_found() {
    let spec = r#"{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "x"}, "spec": {"namespace": "shop"}}"#;
    let catalog = scanned(
        &[
            ("jsonnetfile.json", "{}"),
            ("vendor/k/main.jsonnet", "{}"),
            ("environments/dev/main.jsonnet", "{}"),
            ("environments/dev/spec.json", spec),
            ("environments/prod/main.jsonnet", "{}"),
            ("environments/prod/spec.json", spec),
            ("inline/many/main.jsonnet", "{apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment'}"),
            ("manifests/dev/deployment.yaml", MANIFEST),
        ],
        &[],
    );
    assert_eq!(
        lines(&catalog),
        [
            "application@dev jsonnet environments/dev",
            "application@prod jsonnet environments/prod",
            "many@default jsonnet inline/many"
        ]
    );
    let dev = catalog.instances().next().unwrap();
    assert_eq!(dev.destination.namespace.as_deref(), Some("shop"));
    let jpath: Vec<String> = dev.sources[0].parameters.jpath.iter().map(ToString::to_string).collect();
    assert_eq!(jpath, ["vendor", "environments/dev"]);
}
