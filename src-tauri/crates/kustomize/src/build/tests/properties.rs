//! What holds for every build.

use slipway_model::{Overlay, Reads, Recorder};

use super::*;
use crate::cache::BuildCache;

const DIRECTORIES: [&str; 3] = ["base", "overlays/staging", "overlays/production"];

fn recorded(tree: &dyn Tree, directory: &str, cache: Option<&BuildCache>) -> (String, Reads) {
    let recorder = Recorder::new(tree);
    let helpers = Helpers { cache, ..Helpers::default() };
    let result = build(&recorder, &path(directory), &Options::default(), &helpers);
    let text = match result {
        Ok(output) => format!("{}{:?}{:?}", yaml(&output), output.graph, output.warnings),
        Err(failure) => failure.to_string(),
    };
    (text, recorder.into_reads())
}

#[test]
fn building_twice_gives_the_same() {
    for directory in DIRECTORIES {
        assert_eq!(recorded(&shop(), directory, None), recorded(&shop(), directory, None));
    }
}

#[test]
fn a_shared_base_gives_the_same_and_reads_the_same() {
    let cache = BuildCache::new();
    let tree = shop();
    for _ in 0..2 {
        for directory in DIRECTORIES {
            assert_eq!(
                recorded(&tree, directory, Some(&cache)),
                recorded(&tree, directory, None),
                "{directory}"
            );
        }
    }
}

/// Edits that touch every way in which a build depends on a tree.
const EDITS: &[(&str, Option<&str>)] = &[
    ("base/settings.env", Some("LEVEL=debug\n")),
    ("base/web.yaml", None),
    ("base/kustomization.yaml", Some("resources: [service.yaml]\n")),
    ("base/kustomization.yml", Some("resources: []\n")),
    ("components/large/kustomization.yaml", Some("kind: Component\nreplicas: [{name: web, count: 9}]\n")),
    (
        "overlays/production/more.yaml",
        Some("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: nope}\n"),
    ),
    ("overlays/staging/kustomization.yaml", Some("resources: [../../base, ../production]\n")),
    ("base/unrelated.txt", Some("x")),
];

#[test]
fn an_edit_laid_over_a_tree_builds_like_the_edited_tree() {
    let cache = BuildCache::new();
    let base: Arc<dyn Tree> = Arc::new(shop());
    for (file, content) in EDITS {
        let mut files: Vec<(&str, &str)> = SHOP.iter().copied().filter(|(name, _)| name != file).collect();
        files.extend(content.map(|content| (*file, content)));
        let edited = MemoryTree::new(files);
        let overlay = match content {
            Some(content) => Overlay::new(Arc::clone(&base)).write(path(file), *content),
            None => Overlay::new(Arc::clone(&base)).delete(path(file)),
        };
        for directory in DIRECTORIES {
            let (expected, _) = recorded(&edited, directory, None);
            assert_eq!(recorded(&overlay, directory, None).0, expected, "{file} {directory}");
            // What was built for the tree without the edit is in the cache and must not be taken.
            recorded(&base, directory, Some(&cache));
            assert_eq!(recorded(&overlay, directory, Some(&cache)).0, expected, "{file} {directory}");
        }
    }
}

#[test]
fn a_result_is_valid_as_long_as_its_reads_are() {
    let base: Arc<dyn Tree> = Arc::new(shop());
    let cache = BuildCache::new();
    for (file, content) in EDITS {
        let overlay = match content {
            Some(content) => Overlay::new(Arc::clone(&base)).write(path(file), *content),
            None => Overlay::new(Arc::clone(&base)).delete(path(file)),
        };
        for directory in DIRECTORIES {
            let (before, reads) = recorded(&base, directory, Some(&cache));
            let (after, _) = recorded(&overlay, directory, None);
            if before != after {
                assert!(!reads.hold_on(&overlay).unwrap(), "{file} changes {directory}");
                assert!(reads.touch(&path(file)), "{file} touches {directory}");
            }
        }
    }
}

/// Cuts and disturbs every file of the shop at many places; no build may panic, and each must end.
#[test]
fn broken_files_are_errors_and_nothing_worse() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(limit.max(1)).unwrap()).unwrap()
    };
    const DISTURBANCES: [&str; 9] = ["[", "{", ": ", "\n- ", "*a", "&a ", "null", "\u{0}", "<<: "];
    for (name, content) in SHOP {
        for _ in 0..60 {
            let mut at = random(content.len() + 1);
            while !content.is_char_boundary(at) {
                at -= 1;
            }
            let broken = match random(3) {
                0 => content[..at].to_owned(),
                1 => format!("{}{}{}", &content[..at], DISTURBANCES[random(9)], &content[at..]),
                _ => format!("{}{}", &content[..at], &content[(at + random(9)).min(content.len())..]),
            };
            let overlay = Overlay::new(Arc::new(shop())).write(path(name), broken);
            for directory in DIRECTORIES {
                let _ = recorded(&overlay, directory, None);
            }
        }
    }
}

/// All orders of some things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: usize| {
        let mut rest = things.to_vec();
        let first = rest.remove(first);
        orders(&rest).into_iter().map(move |mut rest| {
            rest.insert(0, first.clone());
            rest
        })
    };
    (0..things.len()).flat_map(with_first).collect()
}

#[test]
fn the_order_of_independent_patches_does_not_matter() {
    let patches = [
        "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web, labels: {one: a}}\n",
        "- target: {kind: Deployment}\n  patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'\n",
        "- target: {kind: Service}\n  patch: |-\n    - {op: replace, path: /spec/ports/0/port, value: 81}\n",
        "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: web, tty: true}]}}}\n",
    ];
    let built = |patches: &[&str]| -> Vec<Value> {
        let text = format!("resources: [../../base]\npatches:\n{}", patches.concat());
        let tree = Overlay::new(Arc::new(shop())).write(path("overlays/patched/kustomization.yaml"), text);
        let output = run(&tree, "overlays/patched").unwrap();
        output.objects.iter().map(|object| Value::clone(&object.object)).collect()
    };
    let first = built(&patches);
    let deployment = first.iter().find(|object| object["kind"] == "Deployment").unwrap();
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["tty"], true);
    for order in orders(&patches) {
        assert_eq!(built(&order), first, "{order:?}");
    }
}

#[test]
fn large_generators_take_a_moment_and_no_more() {
    let literals: String = (0..20_000).map(|index| format!("  - key{index}=value\n")).collect();
    let lines: String = (0..20_000).map(|index| format!("LINE{index}=value\n")).collect();
    let many: String = (0..1_000).map(|index| format!("- name: c{index}\n  literals: [a=b]\n")).collect();
    let text =
        format!("configMapGenerator:\n- name: large\n  literals:\n{literals}  envs: [lines.env]\n{many}");
    let tree = MemoryTree::new([("kustomization.yaml", text), ("lines.env", lines)]);
    let started = std::time::Instant::now();
    let output = run(&tree, ".").unwrap();
    assert_eq!(output.objects.len(), 1_001);
    let sizes = output.objects.iter().map(|object| object.object["data"].as_object().unwrap().len());
    assert_eq!(sizes.max(), Some(40_000));
    // Some hundred times what it takes: a square of the numbers would take longer.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    let again = "configMapGenerator:\n- name: a\n  literals: [k=1, k=2]\n";
    let failure = run_files(&[("kustomization.yaml", again)], ".").unwrap_err();
    assert_eq!(failure.to_string(), "kustomization.yaml:2:3: configmap a illegally repeats the key `k`");
}

#[test]
fn bombs_are_refused_wherever_they_lie() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let list = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let object = format!("apiVersion: v1\nkind: A\nmetadata: {{name: a}}\n{bomb}");
    let inline: String = object.lines().map(|line| format!("    {line}\n")).collect();
    let plain = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n";
    let patched = format!("resources: [a.yaml]\npatches:\n- target: {{kind: A}}\n  patch: |\n{inline}");
    let with_file = |field: &str| format!("resources: [a.yaml]\n{field}\n");
    for (kustomization, file) in [
        (format!("resources: [a.yaml]\n{bomb}"), ""),
        (patched, ""),
        (with_file("patches: [{path: b.yaml}]"), object.as_str()),
        (with_file("transformers: [b.yaml]"), object.as_str()),
        (with_file("configurations: [b.yaml]"), bomb.as_str()),
        (with_file("crds: [b.yaml]"), bomb.as_str()),
        (with_file("openapi: {path: b.yaml}"), bomb.as_str()),
        (with_file("replacements: [{path: b.yaml}]"), bomb.as_str()),
    ] {
        let files = [("kustomization.yaml", kustomization.as_str()), ("a.yaml", plain), ("b.yaml", file)];
        let failure = run_files(&files, ".").unwrap_err();
        assert!(failure.location().is_some(), "{failure}");
    }
}

#[test]
fn bombs_are_refused() {
    let mut bomb = String::from(
        "apiVersion: v1\nkind: A\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n",
    );
    for level in 1..10 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let deep = format!(
        "apiVersion: v1\nkind: A\nmetadata: {{name: a}}\nd: {}{}\n",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    for text in [bomb, deep] {
        let files = [("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", text.as_str())];
        assert_eq!(run_files(&files, ".").unwrap_err().code(), "yaml-syntax");
    }
    let chain: Vec<(String, String)> = (0..100)
        .map(|index| (format!("k{index}/kustomization.yaml"), format!("resources: [../k{}]\n", index + 1)))
        .collect();
    let tree = MemoryTree::new(chain.iter().map(|(name, text)| (name.as_str(), text.clone())));
    assert_eq!(run(&tree, "k0").unwrap_err().code(), "kustomize-too-deep");
}

#[test]
fn a_thousand_overlays_share_one_base() {
    let mut files: Vec<(String, String)> =
        SHOP.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for index in 0..1000 {
        files.push((
            format!("fleet/o{index}/kustomization.yaml"),
            format!("resources: [../../base]\nnamePrefix: o{index}-\n"),
        ));
    }
    let tree = MemoryTree::new(files.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let cache = BuildCache::new();
    let helpers = Helpers { cache: Some(&cache), ..Helpers::default() };
    let outputs: Vec<Output> = (0..1000)
        .map(|index| build(&tree, &path(&format!("fleet/o{index}")), &Options::default(), &helpers).unwrap())
        .collect();
    assert_eq!(find(&outputs[7], "Service")["metadata"]["name"], "o7-web");
    assert_eq!(find(&outputs[999], "Service")["metadata"]["name"], "o999-web");
    assert_eq!(yaml(&outputs[7]), yaml(&run(&tree, "fleet/o7").unwrap()));
}
