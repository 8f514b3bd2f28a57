//! Tests of whole builds.

mod errors;
mod helpers;
mod links;
mod properties;
mod provenance;
mod remotes;
mod steps;

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{MemoryTree, RepoPath};

use super::*;
use crate::failure::Failure;

/// A small repository: a base, two overlays that share it, a component.
const SHOP: &[(&str, &str)] = &[
    (
        "base/kustomization.yaml",
        "resources: [web.yaml, service.yaml]\ncommonLabels: {app: shop}\nconfigMapGenerator:\n- name: settings\n  envs: [settings.env]\n",
    ),
    ("base/settings.env", "LEVEL=info\nMODE=plain\n"),
    (
        "base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - name: web\n        image: shop/web:1.0\n        envFrom: [{configMapRef: {name: settings}}]\n",
    ),
    (
        "base/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n",
    ),
    (
        "overlays/staging/kustomization.yaml",
        "resources: [../../base]\nnamespace: staging\nnamePrefix: st-\nimages: [{name: shop/web, newTag: '1.1'}]\n",
    ),
    (
        "overlays/production/kustomization.yaml",
        "resources: [../../base]\ncomponents: [../../components/large]\nnamespace: production\nconfigMapGenerator:\n- name: settings\n  behavior: merge\n  literals: [LEVEL=warn]\npatches:\n- path: more.yaml\n",
    ),
    (
        "overlays/production/more.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        resources: {limits: {memory: 1Gi}}\n",
    ),
    (
        "components/large/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas: [{name: web, count: 5}]\n",
    ),
];

fn shop() -> MemoryTree {
    MemoryTree::new(SHOP.iter().copied())
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn run(tree: &dyn Tree, directory: &str) -> Result<Output, Failure> {
    build(tree, &path(directory), &Options::default(), &Helpers::default())
}

/// Builds a directory of files that a test writes down.
fn run_files(files: &[(&str, &str)], directory: &str) -> Result<Output, Failure> {
    run(&MemoryTree::new(files.iter().map(|(name, text)| (*name, (*text).to_owned()))), directory)
}

fn message(files: &[(&str, &str)], directory: &str) -> String {
    run_files(files, directory).unwrap_err().to_string()
}

fn find<'a>(output: &'a Output, kind: &str) -> &'a Value {
    let object = output.objects.iter().find(|object| object.object["kind"] == kind);
    &object.unwrap_or_else(|| panic!("a {kind} is in the output")).object
}

fn yaml(output: &Output) -> String {
    slipway_yaml::emit_stream(output.objects.iter().map(|object| &*object.object))
}

#[test]
fn an_overlay_changes_what_its_base_gathers() {
    let output = run(&shop(), "overlays/production").unwrap();
    let deployment = find(&output, "Deployment");
    assert_eq!(deployment["spec"]["replicas"], 5);
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["resources"]["limits"]["memory"], "1Gi");
    let map = find(&output, "ConfigMap");
    assert_eq!(map["data"], serde_json::json!({"LEVEL": "warn", "MODE": "plain"}));
    assert_eq!(container["envFrom"][0]["configMapRef"]["name"], map["metadata"]["name"]);
    assert!(map["metadata"]["name"].as_str().unwrap().starts_with("settings-"));
    let kinds: Vec<&str> =
        output.objects.iter().map(|object| object.object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ConfigMap", "Service", "Deployment"]);
}

#[test]
fn objects_know_where_they_are_written() {
    let output = run(&shop(), "overlays/staging").unwrap();
    let places: Vec<String> = output
        .manifests()
        .iter()
        .map(|manifest| format!("{}:{}", manifest.origin.file, manifest.origin.line.unwrap_or(0)))
        .collect();
    assert_eq!(places, ["base/kustomization.yaml:4", "base/service.yaml:1", "base/web.yaml:1"]);
}

#[test]
fn the_chain_of_directories_is_told() {
    let output = run(&shop(), "overlays/production").unwrap();
    let nodes: Vec<(String, Option<usize>, Role)> =
        output.graph.iter().map(|node| (node.directory.to_string(), node.used_by, node.role)).collect();
    assert_eq!(
        nodes,
        [
            ("overlays/production".to_owned(), None, Role::Target),
            ("base".to_owned(), Some(0), Role::Base),
            ("components/large".to_owned(), Some(0), Role::Component),
        ]
    );
    assert_eq!((output.graph[1].resources, output.graph[1].generated), (2, 1));
    assert_eq!(output.graph[0].changes, [("patches".to_owned(), 1), ("namespace".to_owned(), 1)]);
    let deprecated: Vec<String> = output.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        deprecated,
        ["base/kustomization.yaml:2:1: 'commonLabels' is deprecated. Please use 'labels' instead."]
    );
}

#[test]
fn nothing_at_all_is_a_good_result() {
    assert!(run_files(&[("kustomization.yaml", "resources: []\n")], ".").unwrap().objects.is_empty());
}
