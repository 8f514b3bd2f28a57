//! Tests of generators. Hashes were computed by kustomize 5.8.2.

use serde_json::json;
use slipway_model::{MemoryTree, RepoPath};

use super::*;
use crate::resource::ResourceMap;
use crate::source::Log;

fn args(yaml: &str) -> GeneratorArgs {
    let mut args: GeneratorArgs = serde_json::from_value(slipway_yaml::decode(yaml).unwrap()).unwrap();
    args.fix();
    args
}

fn make(what: Generated, yaml: &str, files: &[(&str, &[u8])]) -> Result<Resource, Failure> {
    let tree = MemoryTree::new(files.iter().map(|(path, content)| (*path, content.to_vec())));
    let log = Log::new(&tree, false);
    let root = Root::first(&log, &RepoPath::root(), false).unwrap();
    generate(what, &args(yaml), &root)
}

#[test]
fn pairs_come_from_lines_texts_and_files() {
    let made = make(
        Generated::ConfigMap,
        "{name: a, envs: [e], literals: [x=1, 'y=\"2\"', z='3=4'], files: [d/f.txt, k=f.bin]}",
        &[("e", b"\xef\xbb\xbf# c\n  A=b=c \nB\r\n\n"), ("d/f.txt", b"t\n"), ("f.bin", b"\xff\x00")],
    )
    .unwrap();
    assert_eq!(
        made.object(),
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"},
            "data": {"A": "b=c ", "B": "", "x": "1", "y": "2", "z": "3=4", "f.txt": "t\n"},
            "binaryData": {"k": "/wA="}})
    );
    assert!(made.needs_hash());
}

#[test]
fn mistakes_are_named_as_kustomize_names_them() {
    for (yaml, expected) in [
        (
            "{name: a, literals: [x]}",
            "loading KV pairs: literal sources [x]: invalid literal source x, expected key=value",
        ),
        ("{name: a, literals: [x=1, x=2]}", "configmap a illegally repeats the key `x`"),
        ("{literals: [x=1]}", "a configmap must have a name"),
        (
            "{name: a, files: [a=b=c]}",
            "loading KV pairs: file sources: [a=b=c]: source \"a=b=c\" key name or file path contains '='",
        ),
        (
            "{name: a, envs: [e]}",
            "loading KV pairs: env source files: [e]: evalsymlink failure on 'e' : lstat e: no such file or directory",
        ),
    ] {
        assert_eq!(make(Generated::ConfigMap, yaml, &[]).unwrap_err().message(), expected);
    }
    // Each of these fails in kustomize 5.8, where `y`, `-` and `a: b` do not.
    for key in ["1", "012", "0x1", "1e3", "1_0", "1.5", ".inf", "true", "null", "~", "2024-01-01", "<<"] {
        let failure = make(Generated::ConfigMap, &format!("{{name: a, literals: ['{key}=x']}}"), &[]);
        assert!(
            failure.unwrap_err().message().starts_with(&format!("the key `{key}` cannot be added")),
            "{key}"
        );
    }
    for key in ["y", "on", "-", "a: b", "1.2.3", "v1", "0o9", "2024-13-01"] {
        assert!(
            make(Generated::ConfigMap, &format!("{{name: a, literals: ['{key}=x']}}"), &[]).is_ok(),
            "{key}"
        );
    }
}

#[test]
fn hashes_are_kustomizes() {
    for (what, yaml, expected) in [
        (Generated::ConfigMap, "{name: a, literals: [x=1]}", "hmg6f82fh6"),
        (Generated::ConfigMap, "{name: a}", "6ct58987ht"),
        (Generated::ConfigMap, "{name: a, literals: ['x=<&>']}", "77fg4g5dd2"),
        (Generated::Secret, "{name: a, literals: [x=1]}", "bf2648c599"),
        (Generated::Secret, "{name: a, type: t}", "764bm72mmb"),
    ] {
        let made = make(what, yaml, &[]).unwrap();
        assert_eq!(content_hash(&made).unwrap(), expected, "{yaml}");
    }
}

#[test]
fn long_values_of_secrets_are_broken_into_lines() {
    assert_eq!(encode(&[0; 51]).len(), 68);
    assert_eq!(encode(&[0; 60]), format!("{}\n{}\n", "A".repeat(70), "A".repeat(10)));
}

#[test]
fn a_merged_map_keeps_the_name_it_got_and_its_other_keys() {
    let mut old = make(Generated::ConfigMap, "{name: a, literals: [x=1, y=2]}", &[]).unwrap();
    old.store_previous_id();
    old.set_name("p-a");
    let mut map = ResourceMap::from_resources(vec![old]).unwrap();
    let new = make(Generated::ConfigMap, "{name: a, behavior: merge, literals: [y=3]}", &[]).unwrap();
    absorb(&mut map, new).unwrap();
    let merged = &map.as_slice()[0];
    assert_eq!((merged.name(), &merged.object()["data"]), ("p-a", &json!({"x": "1", "y": "3"})));
    assert_eq!(merged.original_id().name, "a");
    let again = make(Generated::ConfigMap, "{name: a, literals: [y=3]}", &[]).unwrap();
    assert!(
        absorb(&mut map, again)
            .unwrap_err()
            .message()
            .ends_with("exists; can not use behavior: 'unspecified', behavior must be merge or replace")
    );
    let other = make(Generated::ConfigMap, "{name: b, behavior: replace}", &[]).unwrap();
    assert!(
        absorb(&mut map, other).unwrap_err().message().ends_with("does not exist; cannot merge or replace")
    );
}
