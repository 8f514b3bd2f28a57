//! A scan that builds on the one before finds what a scan from nothing finds.

use slipway_model::{Changes, MemoryTree, RepoPath};

use super::{BASE, MANIFEST, OVERLAY, application};
use crate::{ScanMemory, ScanOptions, scan, scan_after, scan_with_memory};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Edits a file and scans on; what is found must be what a new scan finds.
fn edit(tree: &mut MemoryTree, memory: ScanMemory, file: &str, content: &str) -> ScanMemory {
    let file = path(file);
    let before = tree.clone();
    tree.insert(file.clone(), content.to_owned());
    let changes = slipway_model::changes(&before, &*tree, 10).unwrap().unwrap();
    assert_eq!(changes, Changes { modified: vec![file.clone()], others: Vec::new() });
    let options = ScanOptions::default();
    let fresh = scan(&*tree, &options);
    if memory.holds(&*tree, &changes) {
        assert_eq!(format!("{fresh:?}"), format!("{:?}", scan(&before, &options)), "{file} matters");
    }
    let (catalog, memory) = scan_after(&*tree, &options, memory, &changes);
    assert_eq!(format!("{catalog:?}"), format!("{fresh:?}"), "after {file} was edited");
    memory
}

#[test]
fn an_edit_is_found_without_looking_at_the_rest() {
    let (web, shop) = (application("web-prod", "web/overlays/prod"), application("shop", "shop"));
    let mut tree = MemoryTree::new([
        ("apps/web.yaml", web),
        ("apps/shop.yaml", shop.clone()),
        ("apps/broken.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: [\n".to_owned()),
        ("web/base/kustomization.yaml", BASE.to_owned()),
        ("web/base/deployment.yaml", MANIFEST.to_owned()),
        ("web/overlays/prod/kustomization.yaml", OVERLAY.to_owned()),
        ("web/overlays/staging/kustomization.yaml", OVERLAY.to_owned()),
        ("shop/a.yaml", MANIFEST.to_owned()),
        ("ignored/a.yaml", MANIFEST.to_owned()),
        (".slipway.yaml", "ignore: [nothing]\n".to_owned()),
    ]);
    let (_, mut memory) = scan_with_memory(&tree, &ScanOptions::default());
    for (file, content) in [
        ("apps/shop.yaml", application("shop", "web/base").as_str()),
        ("web/overlays/prod/kustomization.yaml", "namespace: elsewhere\nresources: [../../base]\n"),
        ("apps/broken.yaml", application("mended", "shop").as_str()),
        ("apps/web.yaml", "kind: [\n"),
        ("shop/a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: inner}\n"),
        ("shop/a.yaml", MANIFEST),
        ("web/base/deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: y}\n"),
        (".slipway.yaml", "ignore: [shop]\n"),
        ("web/base/kustomization.yaml", "resources: []\n"),
        ("apps/shop.yaml", shop.as_str()),
    ] {
        memory = edit(&mut tree, memory, file, content);
    }
}
