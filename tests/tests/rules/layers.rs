//! Which crate may depend on which, and where outside libraries may be used.

use std::collections::BTreeMap;
use std::fs;

use slipway_tests::root;
use toml::{Table, Value};

/// Every crate with what it may depend on of ours. The table of `docs/architecture.md`.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("yaml", &["model"]),
    ("schema", &["model"]),
    ("gotmpl", &[]),
    ("helm", &["model", "yaml", "gotmpl"]),
    ("kustomize", &["model", "yaml", "schema"]),
    ("diff", &["model", "yaml", "schema"]),
    ("render", &["model", "yaml", "gotmpl", "helm", "kustomize"]),
    ("catalog", &["model", "yaml", "gotmpl", "helm", "render"]),
    ("lint", &["model", "yaml", "catalog", "diff", "sync"]),
    ("sync", &["model", "diff", "schema"]),
    ("promote", &["model", "yaml", "catalog", "diff", "render"]),
    ("git", &["model"]),
    ("forge", &["model"]),
    ("cluster", &["model", "sync", "schema"]),
    ("sandbox", &["model", "schema"]),
    ("tools", &["model", "yaml", "render"]),
    // One reader of chart archives and one of versions: those of the engine.
    ("charts", &["model", "gotmpl", "helm"]),
    ("store", &["model", "render", "git"]),
    (
        "workspace",
        &[
            "model",
            "yaml",
            "schema",
            "helm",
            "kustomize",
            "diff",
            "render",
            "catalog",
            "lint",
            "sync",
            "promote",
            "git",
            "store",
        ],
    ),
    (
        "api",
        &[
            "model",
            "yaml",
            "schema",
            "diff",
            "render",
            "catalog",
            "lint",
            "sync",
            "promote",
            "git",
            "forge",
            "cluster",
            "sandbox",
            "tools",
            "charts",
            "store",
            "workspace",
            "helm",
            "kustomize",
            "gotmpl",
        ],
    ),
    ("serve", &["api"]),
    ("cli", &["api", "serve"]),
    ("desktop", &["api", "serve"]),
    (
        "tests",
        &[
            "model",
            "yaml",
            "diff",
            "render",
            "catalog",
            "sync",
            "promote",
            "git",
            "workspace",
            "store",
            "api",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that are synchronous and pure.
pub(super) const PURE: &[&str] = &[
    "model",
    "yaml",
    "schema",
    "gotmpl",
    "helm",
    "kustomize",
    "diff",
    "render",
    "catalog",
    "lint",
    "sync",
    "promote",
];

/// Libraries that only these crates may use.
const CONFINED: &[(&str, &[&str])] = &[
    ("git2", &["git"]),
    ("kube", &["cluster"]),
    ("k8s-openapi", &["cluster"]),
    ("tauri", &["desktop"]),
    ("clap", &["cli"]),
    ("rusqlite", &["store"]),
    ("axum", &["serve", "sandbox"]),
    ("minijinja", &["render", "catalog"]),
    ("jrsonnet-evaluator", &["render"]),
];

/// Libraries that no pure crate may use.
const IMPURE: &[&str] = &["tokio", "rand", "tempfile", "directories", "notify", "reqwest", "hyper"];

/// Folder and manifest of every member.
fn members() -> BTreeMap<String, Table> {
    let root = root();
    let mut folders = vec![root.join("src-tauri"), root.join("tests"), root.join("xtask")];
    for entry in fs::read_dir(root.join("src-tauri/crates")).unwrap() {
        folders.push(entry.unwrap().path());
    }
    folders
        .into_iter()
        .map(|folder| {
            let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            let manifest: Table = text.parse().unwrap();
            let name = manifest["package"]["name"].as_str().unwrap().to_owned();
            (name.strip_prefix("slipway-").map(ToOwned::to_owned).unwrap_or(name), manifest)
        })
        .collect()
}

/// Names of ordinary and build dependencies; tests may use more.
fn dependencies(manifest: &Table) -> Vec<String> {
    let mut names = Vec::new();
    let mut tables = vec![manifest.get("dependencies"), manifest.get("build-dependencies")];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().map(|target| target.get("dependencies")));
    }
    for table in tables.into_iter().flatten().filter_map(Value::as_table) {
        names.extend(table.keys().cloned());
    }
    names
}

#[test]
fn every_crate_depends_only_on_what_its_layer_allows() {
    for (name, manifest) in members() {
        let (_, allowed) = LAYERS
            .iter()
            .find(|(layer, _)| *layer == name)
            .unwrap_or_else(|| panic!("`{name}` has no place in the table of layers"));
        for dependency in dependencies(&manifest) {
            if let Some(own) = dependency.strip_prefix("slipway-") {
                assert!(allowed.contains(&own), "`{name}` must not depend on `{own}`");
            }
        }
    }
}

#[test]
fn outside_libraries_stay_where_they_belong() {
    for (name, manifest) in members() {
        for dependency in dependencies(&manifest) {
            for (library, homes) in CONFINED {
                assert!(
                    dependency != *library || homes.contains(&name.as_str()),
                    "`{name}` must not use `{library}`"
                );
            }
            assert!(
                !PURE.contains(&name.as_str()) || !IMPURE.contains(&dependency.as_str()),
                "`{name}` is pure and must not use `{dependency}`"
            );
        }
    }
}

#[test]
fn the_folder_of_a_crate_has_its_name() {
    for entry in fs::read_dir(root().join("src-tauri/crates")).unwrap() {
        let entry = entry.unwrap();
        let folder = entry.file_name().into_string().unwrap();
        let manifest: Table = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str().unwrap(), format!("slipway-{folder}"));
    }
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    for (name, manifest) in members() {
        let inherits =
            manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
        assert_eq!(inherits, Some(true), "`{name}` does not take the lints of the workspace");
    }
}
