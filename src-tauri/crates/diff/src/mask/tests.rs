//! No value of a Secret is shown, however malformed the Secret is.

#![expect(clippy::needless_pass_by_value, reason = "a test reads better without `&` before each literal")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use slipway_model::{FieldPath, Manifest, Origin, RepoPath};

use super::*;
use crate::{Options, UnknownLists, compare_with, group};

const PLAIN: &str = "hunter2-\"correct\" horse";

fn encoded() -> String {
    STANDARD.encode(PLAIN)
}

fn secret(field: &str, value: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, field: value})
}

/// Every way in which a secret value gets into a render, with the texts that must not come out.
fn malformations() -> Vec<(&'static str, Value, Vec<String>)> {
    let both = || vec![PLAIN.to_owned(), encoded(), "hunter2".to_owned()];
    let whole = secret("stringData", json!({"password": PLAIN}));
    let with_annotation = |annotation: &str, text: String| {
        let mut object = whole.clone();
        object["metadata"]["annotations"] = json!({annotation: text});
        object
    };
    let last_applied = with_annotation("kubectl.kubernetes.io/last-applied-configuration", whole.to_string());
    let custom_copy = with_annotation("example.com/note", format!("the password is {PLAIN}"));
    let encoded_copy = with_annotation("example.com/note", format!("data: {}", encoded()));
    let broken_json = with_annotation(
        "example.com/backup",
        format!("{{\"kind\":\"Secret\",\"data\":{{\"old\":\"{PLAIN}\""),
    );
    let nested_text = with_annotation("example.com/backup", json!({"object": whole.to_string()}).to_string());
    let mut number_annotation = secret("stringData", json!({"pin": 48_151_623}));
    number_annotation["metadata"]["annotations"] =
        json!({"example.com/pin": 48_151_623, "other": "pin 48151623"});
    let mut bare_annotations = whole.clone();
    bare_annotations["metadata"]["annotations"] = json!(PLAIN);
    let mut bare_metadata = whole.clone();
    bare_metadata["metadata"] = json!([PLAIN]);
    let config_map_with_copy = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": json!({"kind": "List", "items": [whole]}).to_string()}}});
    vec![
        ("data", secret("data", json!({"password": encoded()})), both()),
        ("stringData", secret("stringData", json!({"password": PLAIN})), both()),
        ("plain text in data", secret("data", json!({"password": PLAIN})), both()),
        ("a number", secret("stringData", json!({"pin": 48_151_623})), vec!["48151623".to_owned()]),
        ("data as a list", secret("data", json!([{"name": "password", "value": PLAIN}, PLAIN])), both()),
        ("data as a text", secret("data", json!(PLAIN)), both()),
        ("data as a number", secret("data", json!(48_151_623)), vec!["48151623".to_owned()]),
        ("a map in data", secret("data", json!({"db": {"password": PLAIN, "list": [PLAIN]}})), both()),
        (
            "a value as key",
            secret("stringData", json!({"password: hunter2": ""})),
            vec!["hunter2".to_owned()],
        ),
        ("a misspelt field", secret("stringdata", json!({"password": PLAIN})), both()),
        ("an unknown field", secret("spec", json!({"deep": [{"password": PLAIN}]})), both()),
        (
            "another case of the kind",
            json!({"apiVersion": "v1", "kind": "secret", "data": {"p": PLAIN}}),
            both(),
        ),
        ("no version", json!({"kind": "Secret", "metadata": {"name": "x"}, "value": PLAIN}), both()),
        (
            "a version that is a number",
            json!({"apiVersion": 1, "kind": "Secret", "data": {"p": PLAIN}}),
            both(),
        ),
        (
            "another group",
            json!({"apiVersion": "example.com/v1", "kind": "Secret", "data": {"p": PLAIN}}),
            both(),
        ),
        (
            "a List",
            json!({"apiVersion": "v1", "kind": "List", "items": [secret("data", json!({"p": encoded()}))]}),
            both(),
        ),
        (
            "a SecretList",
            json!({"apiVersion": "v1", "kind": "SecretList", "items": [{"metadata": {"name": "a"}, "data": {"p": PLAIN}}]}),
            both(),
        ),
        (
            "a SecretList of texts",
            json!({"apiVersion": "v1", "kind": "SecretList", "items": [PLAIN]}),
            both(),
        ),
        (
            "a List with a map of items",
            json!({"kind": "List", "items": {"a": secret("data", json!({"p": PLAIN}))}}),
            both(),
        ),
        (
            "a template of another kind",
            json!({"apiVersion": "example.com/v1", "kind": "Bundle", "metadata": {"name": "b"},
            "spec": {"objects": [secret("stringData", json!({"p": PLAIN}))]}}),
            both(),
        ),
        ("last applied", last_applied, both()),
        ("last applied of another kind", config_map_with_copy, both()),
        ("a copy in an annotation", custom_copy, both()),
        ("an encoded copy", encoded_copy, both()),
        ("broken JSON", broken_json, both()),
        ("JSON in JSON", nested_text, both()),
        ("a number in annotations", number_annotation, vec!["48151623".to_owned()]),
        ("annotations as a text", bare_annotations, both()),
        ("metadata as a list", bare_metadata, both()),
    ]
}

fn assert_hidden(name: &str, output: &str, texts: &[String]) {
    for text in texts {
        let escaped = Value::String(text.clone()).to_string();
        for form in [text.as_str(), &escaped[1..escaped.len() - 1]] {
            assert!(!output.contains(form), "{name}: `{form}` is shown in {output}");
        }
    }
}

#[test]
fn no_malformation_shows_a_value() {
    for (name, object, texts) in malformations() {
        for key in [MaskKey::new([3; 32]), MaskKey::without_fingerprints()] {
            assert_hidden(name, &mask(&object, &key).to_string(), &texts);
        }
    }
}

#[test]
fn no_comparison_shows_a_value() {
    let origin = || Origin { file: RepoPath::new("secret.yaml").unwrap(), document: 0, line: None };
    let options = Options { key: MaskKey::new([3; 32]), lists: &UnknownLists, environments: None };
    let all = malformations();
    for (name, object, texts) in &all {
        for (other_name, other, other_texts) in &all {
            // Every pair under one identity, so that each malformation is compared with each other one.
            let id = slipway_model::ResourceId::of(&secret("data", json!({})));
            let manifest =
                |object: &Value| Manifest { id: id.clone(), object: object.clone().into(), origin: origin() };
            let comparison = compare_with(&[manifest(object)], &[manifest(other)], &options);
            let groups = group(&[("a@b".parse().unwrap(), comparison.clone())]);
            let output = format!(
                "{} {}",
                serde_json::to_string(&comparison).unwrap(),
                serde_json::to_string(&groups).unwrap()
            );
            assert_hidden(&format!("{name} / {other_name}"), &output, texts);
            assert_hidden(&format!("{name} / {other_name}"), &output, other_texts);
        }
    }
}

#[test]
fn equal_values_keep_equal_markers_and_what_is_open_stays() {
    let object = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
        "metadata": {"name": "db", "labels": {"app": "web"}, "annotations": {"owner": "team-db"}},
        "data": {"a": "c2FtZQ==", "b": "c2FtZQ==", "c": "b3RoZXI=", "empty": null}});
    let masked = mask(&object, &MaskKey::new([9; 32]));
    assert_eq!(masked["data"]["a"], masked["data"]["b"]);
    assert_ne!(masked["data"]["a"], masked["data"]["c"]);
    assert_eq!(masked["data"]["empty"], Value::Null);
    for open in ["type", "immutable", "metadata", "kind"] {
        assert_eq!(masked[open], object[open], "{open}");
    }
}

#[test]
fn a_changed_value_is_a_secret_change_and_an_equal_one_is_none() {
    let options = Options { key: MaskKey::new([3; 32]), lists: &UnknownLists, environments: None };
    let old = secret("data", json!({"same": "YQ==", "password": encoded()}));
    let mut new = secret("data", json!({"same": "YQ==", "password": "b3RoZXI="}));
    new["metadata"]["labels"] = json!({"app": "web"});
    let fields = crate::compare_objects(&old, &new, &options);
    let shown: Vec<(String, bool)> =
        fields.iter().map(|field| (field.path.to_string(), field.secret)).collect();
    assert_eq!(shown, [("/data/password".to_owned(), true), ("/metadata/labels".to_owned(), false)]);
    assert_ne!(fields[0].old, fields[0].new, "the fingerprints tell them apart");
    assert!(fields[0].old.as_ref().unwrap().as_str().unwrap().starts_with(MASK));
}

#[test]
fn config_maps_and_references_are_shown_as_they_are() {
    for object in [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"annotations": {
            "kubectl.kubernetes.io/last-applied-configuration":
                "{\"kind\":\"Deployment\",\"metadata\":{},\"spec\":{\"imagePullSecrets\":[]}}"}}}),
        json!({"kind": "ExternalSecret", "apiVersion": "external-secrets.io/v1", "spec": {"data": [{"secretKey": "a"}]}}),
    ] {
        assert_eq!(mask(&object, &MaskKey::new([3; 32])), object);
    }
}

#[test]
fn secret_paths_are_known_whether_or_not_something_is_there() {
    let object = json!({"kind": "List", "apiVersion": "v1", "items": [secret("data", json!({"password": encoded()}))]});
    let path = |text: &str| text.parse::<FieldPath>().unwrap();
    assert!(is_secret_path(&object, &path("/items/0/data/password")));
    assert!(is_secret_path(&object, &path("/items/0/data")));
    assert!(is_secret_path(&object, &path("/items/0/stringData/new")));
    assert!(is_secret_path(&object, &path("/items")), "it holds something secret");
    assert!(!is_secret_path(&object, &path("/items/0/metadata/name")));
    assert!(!is_secret_path(&json!({"kind": "ConfigMap", "data": {"a": "b"}}), &path("/data/a")));
}

#[test]
fn a_text_that_looks_like_a_placeholder_is_no_placeholder() {
    let options = Options { key: MaskKey::new([3; 32]), lists: &UnknownLists, environments: None };
    let mut old = secret("data", json!({"a": "c2VjcmV0LTE="}));
    old["metadata"]["labels"] = json!({"x": "\u{0}secret:99"});
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({"x": "\u{0}secret:x"});
    let fields = crate::compare_objects(&old, &new, &options);
    assert_eq!(fields.len(), 1);
    assert!(!fields[0].secret);
}
