//! Small repositories of every family, scanned as a whole.

mod families;

use slipway_model::MemoryTree;

use crate::{Catalog, ScanOptions, scan};

/// A deployable kustomization that builds upon `base`.
pub(crate) const OVERLAY: &str = "resources: [../../base]\n";
/// A kustomization of its own.
pub(crate) const BASE: &str = "resources: [deployment.yaml]\n";
/// A manifest.
pub(crate) const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n";

/// The catalog of a repository of these files.
pub(crate) fn catalog(files: &[(&str, &str)]) -> Catalog {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned())));
    scan(&tree, &ScanOptions { repository_name: Some("repository"), ..ScanOptions::default() })
}

/// Every instance as `APP@ENV ENGINE PATH [VALUES]`.
pub(crate) fn lines(catalog: &Catalog) -> Vec<String> {
    catalog
        .instances()
        .map(|instance| {
            let source = &instance.sources[0];
            let values: String = source.values.iter().map(|file| format!(" {file}")).collect();
            format!("{} {} {}{values}", instance.id, source.engine, source.path)
        })
        .collect()
}

/// The instances of a repository of these files.
pub(crate) fn found(files: &[(&str, &str)]) -> Vec<String> {
    lines(&catalog(files))
}
