//! Small repositories of every family, scanned as a whole.

mod again;
mod applications;
mod applicationsets;
mod branches;

mod families;
mod flux;
mod order;
mod outside;
mod shape;

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

/// An Application that reads a path of this repository.
pub(crate) fn application(name: &str, path: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  \
         source: {{repoURL: https://git.example/acme/repository.git, path: {path}}}\n  \
         destination: {{namespace: {name}}}\n"
    )
}

/// An ApplicationSet with these generators, whose template has this name and path.
pub(crate) fn set(name: &str, go: bool, generators: &str, template: &str, path: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}}}\nspec:\n  \
         goTemplate: {go}\n  generators: {generators}\n  template:\n    metadata: {{name: '{template}'}}\n    \
         spec:\n      source: {{repoURL: 'git@git.example:fork/repository', path: '{path}'}}\n      \
         destination: {{namespace: x}}\n"
    )
}

/// The reasons why something was skipped, by path.
pub(crate) fn skipped(catalog: &Catalog) -> Vec<(String, String)> {
    catalog.skipped.iter().map(|each| (each.path.to_string(), each.reason.clone())).collect()
}
