//! Builds with bases and files from elsewhere.

use std::collections::BTreeMap;

use slipway_model::{Fetched, Recorder, RemoteReference, Remotes, WithRemotes, missing_remotes};

use super::*;
use crate::cache::BuildCache;

/// What was fetched.
struct Map(BTreeMap<RemoteReference, Fetched>);

impl Remotes for Map {
    fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
        self.0.get(reference).cloned()
    }
}

fn repository(url: &str, revision: &str) -> RemoteReference {
    RemoteReference::Repository { url: url.to_owned(), revision: revision.to_owned() }
}

fn file(url: &str) -> RemoteReference {
    RemoteReference::File { url: url.to_owned() }
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-base}\n";

/// A forge with two repositories, of which one uses the other, and a file.
fn forge() -> Map {
    let first = MemoryTree::new([
        ("deploy/kustomization.yaml", "resources: [a.yaml, ../other]\n"),
        ("deploy/a.yaml", MAP),
        ("other/kustomization.yaml", "resources: [../deploy]\n"),
        ("fine/kustomization.yaml", "resources: [a.yaml, ../parts]\n"),
        ("fine/a.yaml", MAP),
        ("parts/kustomization.yaml", "resources: [https://example.com/org/second//base]\n"),
        ("leaves/kustomization.yaml", "resources: [../../../../x/y/deploy]\n"),
        ("peeks/kustomization.yaml", "configMapGenerator: [{name: a, files: [../fine/a.yaml]}]\n"),
        ("loop/kustomization.yaml", "resources: [https://example.com/org/second//loop]\n"),
        ("lacks/kustomization.yaml", "resources:\n- https://example.com/org/third\n"),
    ]);
    let second = MemoryTree::new([
        ("base/kustomization.yaml", "configMapGenerator: [{name: second, literals: [a=1]}]\n"),
        ("loop/kustomization.yaml", "resources:\n- https://github.com/org/repo//loop?ref=v1\n"),
    ]);
    let text = MemoryTree::new([("it", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-file}\n")]);
    let fetched = |tree: MemoryTree, root: &str| Fetched { tree: Arc::new(tree), root: path(root) };
    Map([
        (repository("https://github.com/org/repo", "v1"), fetched(first, ".")),
        (repository("https://example.com/org/second", ""), fetched(second, ".")),
        (file("https://example.com/org/repo/file.yaml"), fetched(text, "it")),
    ]
    .into())
}

fn tree_of(files: &[(&str, &str)], remotes: Map) -> WithRemotes<MemoryTree> {
    let files = files.iter().map(|(name, text)| (*name, (*text).to_owned()));
    WithRemotes::new(MemoryTree::new(files), Arc::new(remotes))
}

fn build_from(yaml: &str) -> Result<Output, Failure> {
    run(&tree_of(&[("deploy/kustomization.yaml", yaml)], forge()), "deploy")
}

fn names(output: &Output) -> Vec<&str> {
    output.objects.iter().filter_map(|object| object.object["metadata"]["name"].as_str()).collect()
}

#[test]
fn remote_bases_and_files_take_part() {
    let output = build_from(
        "namePrefix: x-\nresources:\n- https://github.com/org/repo//fine?ref=v1\n- https://example.com/org/repo/file.yaml\n",
    )
    .unwrap();
    assert_eq!(names(&output)[..2], ["x-from-base", "x-from-file"], "a base within a base is made after it");
    assert!(names(&output)[2].starts_with("x-second-"), "{:?}", names(&output));
    let remotes: Vec<Option<&str>> = output.graph.iter().map(|node| node.remote.as_deref()).collect();
    assert_eq!(
        remotes,
        [
            None,
            Some("https://github.com/org/repo//fine?ref=v1"),
            None,
            Some("https://example.com/org/second//base")
        ]
    );
    let base = repository("https://github.com/org/repo", "v1").path();
    assert_eq!(output.objects[0].source.file, base.join("fine/a.yaml").unwrap());
    assert_eq!(output.objects[1].source.file, file("https://example.com/org/repo/file.yaml").path());
}

#[test]
fn what_is_fetched_stays_within_its_repository() {
    let message = |directory: &str| {
        let failure =
            build_from(&format!("resources: ['https://github.com/org/repo//{directory}?ref=v1']\n"));
        let failure = failure.unwrap_err();
        (failure.code().to_owned(), failure.message().to_owned())
    };
    let (code, text) = message("leaves");
    assert_eq!(code, "kustomize-security", "{text}");
    assert!(
        text.contains("base '../../../../x/y/deploy' is outside 'https://github.com/org/repo at v1'"),
        "{text}"
    );
    let (code, text) = message("peeks");
    assert_eq!(code, "kustomize-security", "{text}");
    assert!(
        text.contains("file 'https://github.com/org/repo at v1: fine/a.yaml' is not in or below"),
        "{text}"
    );
    let (code, text) = message("nowhere");
    assert_eq!(code, "kustomize-missing", "{text}");
    assert!(text.contains("accumulation err='accumulating resources from"), "{text}");
    assert!(text.contains("URL is a git repository"), "{text}");
    // What was fetched is read by its URL only.
    let inside = repository("https://github.com/org/repo", "v1").path().join("fine").unwrap();
    let failure = build_from(&format!("resources: ['../{inside}']\n")).unwrap_err();
    assert_eq!(failure.code(), "kustomize-security", "{failure}");
}

#[test]
fn cycles_through_repositories_end() {
    let cycle = |directory: &str| {
        let url = format!("https://github.com/org/repo//{directory}?ref=v1");
        build_from(&format!("resources: ['{url}']\n")).unwrap_err()
    };
    // The same directory here and there is no cycle, but a cycle inside the fetched tree is one.
    assert_eq!(cycle("deploy").code(), "kustomize-cycle");
    let failure = cycle("loop");
    assert_eq!(failure.code(), "kustomize-cycle");
    assert!(
        failure.message().contains("cycle detected: URI 'https://github.com/org/repo//loop?ref=v1'"),
        "{failure}"
    );
}

#[test]
fn everything_that_is_missing_is_named_and_everything_else_is_read() {
    let files = [
        (
            "app/kustomization.yaml",
            "resources:\n- https://github.com/o/r//a?ref=v1\n- ../base\n- git@host.example:o/r.git\n\
             - https://github.com/org/repo//lacks?ref=v1\n\
             components:\n- https://github.com/o/component\n\
             namePrefix: x-\n\
             patches:\n- path: https://files.example/p.yaml\n- path: patch.yaml\n\
             configMapGenerator:\n- name: made\n  behavior: merge\n  files: [https://files.example/1, own.txt, https://files.example/2]\n",
        ),
        ("app/patch.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nowhere}\ndata: {a: b}\n"),
        ("app/own.txt", "1"),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", MAP),
    ];
    let tree = tree_of(&files, forge());
    let recorder = Recorder::new(&tree);
    let problems = run(&recorder, "app").unwrap_err().to_problems();
    let reads = recorder.into_reads();
    let named: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!("{} {}", problem.location.as_ref().unwrap(), problem.missing.as_ref().unwrap())
        })
        .collect();
    assert_eq!(
        named,
        [
            "app/kustomization.yaml:2:3 https://github.com/o/r//a?ref=v1",
            "app/kustomization.yaml:4:3 git@host.example:o/r.git",
            "https://github.com/org/repo at v1: lacks/kustomization.yaml:2:3 https://example.com/org/third",
            "app/kustomization.yaml:13:3 https://files.example/1",
            "app/kustomization.yaml:13:3 https://files.example/2",
            "app/kustomization.yaml:7:3 https://github.com/o/component",
            "app/kustomization.yaml:10:3 https://files.example/p.yaml",
        ]
    );
    assert!(problems.iter().all(|problem| problem.code == "remote-offline"), "{problems:?}");
    for file in ["app/patch.yaml", "app/own.txt", "base/map.yaml"] {
        assert!(reads.iter().any(|(read, id)| *read.path() == path(file) && id.is_some()), "{file} is read");
    }
    assert!(missing_remotes(&reads).contains(&repository("https://github.com/o/r", "v1")));
}

#[test]
fn another_reason_comes_before_what_is_missing() {
    let failure = build_from("resources:\n- https://github.com/o/r\n- no.yaml\n").unwrap_err();
    let problems = failure.to_problems();
    assert_eq!(problems.len(), 2);
    assert_eq!((problems[0].code.as_str(), problems[0].missing.is_none()), ("kustomize-missing", true));
    assert!(problems[1].missing.is_some());
}

#[test]
fn a_build_is_not_shared_until_its_bases_are_fetched() {
    let files = [
        (
            "base/kustomization.yaml",
            "resources: ['https://github.com/org/repo//fine?ref=v1']\nnamePrefix: b-\n",
        ),
        ("one/kustomization.yaml", "resources: [../base]\n"),
        ("two/kustomization.yaml", "resources: [../base]\n"),
    ];
    let cache = BuildCache::new();
    let build_with = |remotes: Map, directory: &str| {
        let tree = tree_of(&files, remotes);
        let helpers = Helpers { cache: Some(&cache), ..Helpers::default() };
        build(&tree, &path(directory), &Options::default(), &helpers)
    };
    assert!(build_with(Map(BTreeMap::new()), "one").is_err());
    let first = build_with(forge(), "one").unwrap();
    let second = build_with(forge(), "two").unwrap();
    assert_eq!(yaml(&first), yaml(&second));
    assert_eq!(names(&first)[0], "b-from-base");
    let remotes = |output: &Output| output.graph.iter().map(|node| node.remote.clone()).collect::<Vec<_>>();
    assert_eq!(remotes(&first), remotes(&second), "what is shared names its URLs, too");
    assert!(build_with(Map(BTreeMap::new()), "two").is_err(), "what is gone is missed again");
}
