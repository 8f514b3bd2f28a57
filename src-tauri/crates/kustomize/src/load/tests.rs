//! Tests of reading resources.

use serde_json::json;
use slipway_model::RepoPath;

use super::*;

fn file() -> RepoPath {
    RepoPath::new("a/b.yaml").unwrap()
}

fn read(text: &str) -> Vec<Value> {
    let resources = resources(text.as_bytes(), &file()).unwrap();
    resources.into_iter().map(|resource| resource.object().clone()).collect()
}

fn fails(text: &str) -> String {
    resources(text.as_bytes(), &file()).unwrap_err().to_string()
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[test]
fn words_that_were_truth_values_in_the_first_yaml_are_text() {
    let read = read(&format!("{HEAD}data: {{a: yes, b: [off, \"on\", true], n: 1}}\nno: No\n"));
    assert_eq!(read[0]["data"], json!({"a": "yes", "b": ["off", "on", true], "n": 1}));
    assert_eq!(read[0]["no"], json!("No"));
}

#[test]
fn times_become_text_as_go_writes_them() {
    for (text, expected) in [
        ("2001-01-01", "2001-01-01T00:00:00Z"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
        ("2001-12-14 21:59:43", "2001-12-14T21:59:43Z"),
        ("\"2001-01-01\"", "2001-01-01"),
        ("2001-02-30", "2001-02-30"),
    ] {
        assert_eq!(read(&format!("{HEAD}data:\n  a: {text}\n"))[0]["data"]["a"], json!(expected), "{text}");
    }
}

#[test]
fn annotations_are_text_as_they_are_written() {
    for (written, text) in [
        ("2001-01-01", "2001-01-01"),
        ("yes", "yes"),
        ("1.10", "1.10"),
        ("012", "012"),
        ("true", "true"),
        ("\"1\"", "1"),
    ] {
        let object =
            format!("apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  annotations:\n    a: {written}\n");
        assert_eq!(read(&object)[0]["metadata"]["annotations"], json!({"a": text}), "{written}");
        let list =
            format!("apiVersion: v1\nkind: List\nitems:\n- {}", object.trim_end().replace('\n', "\n  "));
        assert_eq!(read(&list)[0]["metadata"]["annotations"], json!({"a": text}), "{written} in a list");
    }
}

#[test]
fn a_key_that_is_no_text_is_an_error() {
    assert!(
        fails(&format!("{HEAD}data:\n  8080: a\n")).starts_with("a/b.yaml:5:3: "),
        "{}",
        fails(&format!("{HEAD}data:\n  8080: a\n"))
    );
    assert_eq!(read(&format!("{HEAD}data:\n  \"8080\": a\n"))[0]["data"], json!({"8080": "a"}));
}

#[test]
fn a_key_set_twice_is_an_error_with_its_place() {
    let text = format!("{HEAD}---\n{HEAD}data:\n  a: 1\n  a: 2\n");
    assert!(fails(&text).starts_with("a/b.yaml:10:"), "{}", fails(&text));
}

#[test]
fn lists_are_replaced_by_their_items_at_the_end() {
    let item =
        |name: &str| format!("  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: {name}}}\n");
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item("x"), item("y"));
    let names = |text: &str| -> Vec<String> {
        read(text).iter().map(|each| each["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&list), ["x", "y"]);
    assert_eq!(names(&format!("{list}---\n{HEAD}")), ["a", "x", "y"]);
}

#[test]
fn what_is_no_resource_is_named() {
    for (text, expected) in [
        ("kind: A\n", "a/b.yaml:1:1: missing metadata.name in object {{ A} {{ } map[] map[]}}"),
        ("metadata: {name: a}\n", "a/b.yaml:1:1: missing kind in object {{ } {{a } map[] map[]}}"),
        ("# c\n\na: b\n", "a/b.yaml:3:1: missing Resource metadata"),
        ("a: b\n--- x\nc: d\n", "a/b.yaml:2:1: invalid document separator: --- x"),
    ] {
        assert_eq!(fails(text), expected);
    }
    assert!(fails("a: [\n").contains("MalformedYAMLError: yaml: line "));
    assert!(read("# nothing\n---\n---\n").is_empty());
}

#[test]
fn a_key_without_a_value_is_told_from_a_null() {
    let text = format!("{HEAD}data:\n  a:\n  b: null\n  c: ~\nlist:\n- d:\n  e: 1\n- {{f: null, g: }}\n");
    let mut resources = resources(text.as_bytes(), &file()).unwrap();
    let places: Vec<String> = resources[0].take_bare_nulls().iter().map(ToString::to_string).collect();
    assert_eq!(places, ["/data/a", "/list/0/d", "/list/1/g"]);
}

#[test]
fn numbers_are_known_as_they_are_written() {
    let text = format!("{HEAD}spec:\n  a: 1.20\n  b: 1.5\n  c: [0x1f, 7, 10.0.0.1]\n  d: \"1.20\"\n");
    let resources = resources(text.as_bytes(), &file()).unwrap();
    let written = |path: &str| resources[0].written_number(&path.parse().unwrap());
    assert_eq!((written("/spec/a"), written("/spec/b")), (Some("1.20"), None));
    assert_eq!((written("/spec/c/0"), written("/spec/c/1")), (Some("0x1f"), None));
    assert_eq!(written("/spec/d"), None);
}
