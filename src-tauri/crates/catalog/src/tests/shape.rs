//! The printed shape, and trees that were made to break a scan.

use slipway_model::MemoryTree;

use crate::{ScanOptions, scan, scan_json};

#[test]
fn hostile_files_stop_nothing() {
    let deep = "[".repeat(5_000);
    let aliases = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    let files = [
        ("a/kustomization.yaml", "resources: [../b]\n".to_owned()),
        ("b/kustomization.yaml", "resources: [../a]\n".to_owned()),
        ("c/kustomization.yaml", "resources: [.]\ncomponents: [.]\n".to_owned()),
        ("d/app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: 5\nspec: [1]\n".to_owned()),
        ("e/set.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: x, generators: {a: b}}\n".to_owned()),
        ("f/flux.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: ../../../../etc}\n".to_owned()),
        ("g/Chart.yaml", "- not a chart\n".to_owned()),
        ("g/templates/a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\n{{ include \"x\" }}\n".to_owned()),
        ("h/x.yaml", format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {aliases}")),
        ("i/x.json", format!("{{\"apiVersion\": \"v1\", \"kind\": {deep}")),
        ("j/root.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: self}\nspec: {source: {repoURL: x, path: j}}\n".to_owned()),
    ];
    let catalog = scan(&MemoryTree::new(files), &ScanOptions::default());
    assert!(scan_json(&catalog)["applications"].is_array());
}

#[test]
fn the_printed_shape_is_the_one_of_the_command_line() {
    let files = [
        ("web/overlays/dev/kustomization.yaml", "resources: []\n"),
        ("web/overlays/prod/kustomization.yaml", "resources: []\n"),
    ];
    let catalog = scan(&MemoryTree::new(files), &ScanOptions::default());
    let printed = scan_json(&catalog);
    assert_eq!(printed["environments"], serde_json::json!(["dev", "prod"]));
    assert_eq!(
        printed["applications"],
        serde_json::json!([{"name": "web", "environments": [
            {"name": "dev", "path": "web/overlays/dev", "engine": "kustomize", "values": []},
            {"name": "prod", "path": "web/overlays/prod", "engine": "kustomize", "values": []},
        ]}])
    );
    assert!(printed["layout"]["confidence"].is_number() && printed["layout"]["family"].is_string());
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let files: Vec<(String, String)> = (0..40)
        .map(|number| {
            (
                format!("apps/a{}/overlays/e{}/kustomization.yaml", number % 8, number / 8),
                "resources: []\n".to_owned(),
            )
        })
        .collect();
    let print = || scan_json(&scan(&MemoryTree::new(files.clone()), &ScanOptions::default())).to_string();
    assert_eq!(print(), print());
}

#[test]
fn the_layout_is_told_in_a_sentence() {
    let told = |paths: &[&str]| {
        let files: Vec<(String, String)> = paths
            .iter()
            .map(|path| (format!("{path}/kustomization.yaml"), "resources: []\n".to_owned()))
            .collect();
        scan(&MemoryTree::new(files), &ScanOptions::default()).layout.reason
    };
    assert_eq!(
        told(&["apps/web/dev", "apps/web/prod", "apps/api/dev", "apps/api/prod"]),
        "Found by folders named after environments: apps/NAME/ENV (4 instances)"
    );
    assert_eq!(
        told(&["dev/web", "dev/api", "prod/web", "prod/api"]),
        "Found by folders of environments that hold applications: ENV/NAME (4 instances)"
    );
    assert_eq!(told(&["one"]), "Found by folders that can be deployed but name no environment (1 instance)");
    assert_eq!(told(&[]), "There is no file in it.");
    let told = |count: usize| {
        let files = (0..count).map(|number| (format!("{number}.yaml"), "note: 1\n".to_owned()));
        scan(&MemoryTree::new(files.collect::<Vec<_>>()), &ScanOptions::default()).layout.reason
    };
    let what = "Helm chart, kustomization, Kubernetes manifest or declaration of Argo CD or Flux.";
    assert_eq!(told(1), format!("Its one file is no {what}"));
    assert_eq!(told(30), format!("None of its 30 files is a {what}"));
}

#[test]
fn a_file_that_is_too_large_to_be_searched_is_told() {
    let text = format!("apiVersion: v1\nkind: ConfigMap\ndata: {{a: \"{}\"}}\n", "x".repeat(17 << 20));
    let tree = MemoryTree::new(vec![("apps/web/prod/map.yaml".to_owned(), text)]);
    let catalog = scan(&tree, &ScanOptions::default());
    assert_eq!(catalog.instances().count(), 0);
    let [problem] = catalog.problems.as_slice() else { panic!("{:?}", catalog.problems) };
    assert_eq!(problem.code, "file-not-searched");
    assert!(problem.message.contains("`apps/web/prod/map.yaml` has 18 MB"), "{}", problem.message);
}
