//! Promotions that people made, planned again.
//!
//! The repositories are rendered by the small renderer of these tests, which knows enough of kustomize for them;
//! what is held against the people's commits are the files after the edits, byte by byte.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use slipway_catalog::Instance;
use slipway_diff::text::unified;
use slipway_model::{MemoryTree, RepoPath, Tree};
use slipway_render::EngineKind::{Flux, Kustomize};

use super::super::apply;
use super::toy::{Repository, edits, instance, path};

/// A promotion of the list: which instances it moves, by engine, directory and declaration.
struct Case {
    id: &'static str,
    /// The folders that are read.
    folders: &'static [&'static str],
    instances: fn() -> Vec<Instance>,
    from: &'static str,
    to: &'static str,
    applications: &'static [&'static str],
    /// Only versions were promoted.
    exclude: &'static [&'static str],
}

const CASES: [Case; 3] = [
    Case {
        id: "prod-asia-to-prod-eu",
        folders: &["base", "envs", "variants"],
        instances: || {
            ["prod-asia", "prod-eu", "prod-us"]
                .map(|name| instance(&format!("app@{name}"), Kustomize, &format!("envs/{name}"), &[]))
                .to_vec()
        },
        from: "prod-asia",
        to: "prod-eu",
        applications: &["app"],
        exclude: &["D"],
    },
    Case {
        id: "release-staging-to-production",
        folders: &["components/release", "components/monitoring/grafana"],
        instances: || {
            let mut all = Vec::new();
            for environment in ["staging", "production"] {
                let release = format!("components/release/{environment}");
                all.push(instance(&format!("release@{environment}"), Kustomize, &release, &[]));
                let grafana = format!("components/monitoring/grafana/{environment}/dashboards/release");
                all.push(instance(&format!("grafana@{environment}"), Kustomize, &grafana, &[]));
            }
            all
        },
        from: "staging",
        to: "production",
        applications: &["release", "grafana"],
        exclude: &["D"],
    },
    Case {
        id: "gateway-api-c2-production-to-production",
        folders: &["clusters", "components/third-party/gateway-api"],
        instances: || {
            [("c2-production", "v1.5.1"), ("production", "v1.4.0")]
                .map(|(name, version)| Instance {
                    declared_in: Some(path(&format!(
                        "clusters/{name}/infrastructure/third-party/gateway-api.yaml"
                    ))),
                    ..instance(
                        &format!("gateway-api@{name}"),
                        Flux,
                        &format!("components/third-party/gateway-api/{version}"),
                        &[],
                    )
                })
                .to_vec()
        },
        from: "c2-production",
        to: "production",
        applications: &["gateway-api"],
        exclude: &[],
    },
];

fn git(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The YAML and JSON files of some folders of a commit.
fn tree_of(repository: &Path, commit: &str, folders: &[&str]) -> MemoryTree {
    let mut arguments = vec!["ls-tree", "-r", "--name-only", commit, "--"];
    arguments.extend(folders);
    let names = String::from_utf8(git(repository, &arguments)).unwrap();
    let checkout = tempfile::tempdir().unwrap();
    let work_tree = format!("--work-tree={}", checkout.path().display());
    let mut arguments = vec![work_tree.as_str(), "checkout", "-q", commit, "--"];
    arguments.extend(folders);
    git(repository, &arguments);
    let mut tree = MemoryTree::default();
    for name in names.lines() {
        if let Ok(content) = std::fs::read(checkout.path().join(name)) {
            tree.insert(RepoPath::new(name).unwrap(), content);
        }
    }
    tree
}

/// Git's diff without object ids and without the line that it repeats after `@@`.
fn without_ids(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines().filter(|line| !line.starts_with("index ")) {
        match line.strip_prefix("@@ ").and_then(|rest| rest.split_once(" @@")) {
            Some((range, _)) => text.push_str(&format!("@@ {range} @@")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[test]
fn real_promotions_are_found_again() {
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/corpora/repos"));
    let Ok(list) = std::fs::read(corpus.join("promotions.json")) else {
        println!("skipped: real_promotions_are_found_again: ../shared is missing");
        return;
    };
    let list: Value = serde_json::from_slice(&list).unwrap();
    for promotion in list["promotions"].as_array().unwrap() {
        let text = |key: &str| promotion[key].as_str().unwrap();
        let Some(case) = CASES.iter().find(|case| case.id == text("id")) else {
            println!("skipped: {}: no case knows its instances", text("id"));
            continue;
        };
        let clone = tempfile::tempdir().unwrap();
        let bundle = corpus.join(text("bundle"));
        git(clone.path(), &["clone", "-q", "--bare", &bundle.display().to_string(), "repository"]);
        let at = clone.path().join("repository");
        let tree = tree_of(&at, text("before"), case.folders);
        let mut repository = Repository::new(&[], (case.instances)());
        repository.tree = tree;
        let exclude: Vec<(&str, &str)> = case.exclude.iter().map(|text| ("exclude", *text)).collect();
        let plan = repository.plan(case.from, &[case.to], case.applications, &exclude);
        let base: Arc<dyn Tree> = Arc::new(repository.tree.clone());
        let result = apply(&base, &plan.edits).unwrap();
        let mut expected: Vec<&str> = promotion["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        expected.sort_unstable();
        let changed: Vec<&str> = result.changes().keys().map(RepoPath::as_str).collect();
        assert_eq!(changed, expected, "{}: {:?} {:?}", case.id, edits(&plan), plan.problems);
        for file in expected {
            let people = git(&at, &["show", &format!("{}:{file}", text("after"))]);
            let ours = result.read(&path(file)).unwrap().unwrap();
            assert_eq!(
                String::from_utf8_lossy(&ours),
                String::from_utf8_lossy(&people),
                "{}: {file}",
                case.id
            );
        }
        let patch: String = result
            .changes()
            .keys()
            .map(|file| {
                let text = |tree: &dyn Tree| slipway_model::read_text(tree, file).unwrap();
                unified(file.as_str(), text(&base).as_deref(), text(&result).as_deref(), 3)
            })
            .collect();
        assert_eq!(patch, without_ids(text("diff")), "{}: the patch is that of Git", case.id);
        println!("{}: {} edits, as the people made them", case.id, plan.edits.len());
    }
}
