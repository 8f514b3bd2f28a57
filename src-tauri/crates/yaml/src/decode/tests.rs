use serde_json::{Value, json};

use super::{decode, decode_stream, decode_strict, merge};
use crate::{conformance, split_manifests, text};

#[expect(clippy::needless_pass_by_value, reason = "reads better in tables")]
fn check(yaml: &str, expected: Value) {
    assert_eq!(decode(yaml).unwrap_or_else(|error| panic!("{yaml:?}: {error:?}")), expected, "{yaml:?}");
}

fn fails(yaml: &str, place: (u32, u32), part: &str) {
    let error = decode(yaml).expect_err(yaml);
    assert_eq!((error.line, error.column), place, "{yaml:?}: {error}");
    assert!(error.message.contains(part), "{yaml:?}: {error}");
}

#[test]
fn scalars_mean_what_they_mean_to_go() {
    check("[yes, No, on, y, tRue]", json!([true, false, true, true, "tRue"]));
    check("[0755, 0o17, 0x1F, 0b11, 1_000, 08, +5]", json!([493, 15, 31, 3, 1000, 8, 5]));
    check("[1:30, 2001-01-01, 1e1000, 1.2.3]", json!(["1:30", "2001-01-01", "1e1000", "1.2.3"]));
    check("[1.0, 1e3, .5, -0.0]", json!([1, 1000, 0.5, 0]));
    check("[18446744073709551615, 1e20]", json!([u64::MAX, 1e20]));
    check("[~, '', \"~\"]", json!([null, "", "~"]));
    check("[!!str 1, !!int '5', !!float 1, !!binary aGk=, !x 1, ! 1]", json!(["1", 5, 1, "hi", "1", "1"]));
}

#[test]
fn keys_become_texts() {
    check("{1: a, 2.5: b, true: c, 0x10: d}", json!({"1": "a", "2.5": "b", "true": "c", "16": "d"}));
    check("on: 1", json!({"true": 1}));
    fails("a: 1\n~: x\n", (2, 1), "null");
    fails("a: {{ .Values.x }}\n", (1, 5), "cannot be a key");
}

#[test]
fn merge_keys_apply_in_the_order_of_the_text() {
    let base = "x: &x {a: 1, b: 2}\nz: ";
    check(&format!("{base}{{<<: *x, b: 3}}"), json!({"x": {"a": 1, "b": 2}, "z": {"a": 1, "b": 3}}));
    check(&format!("{base}{{b: 3, <<: *x}}"), json!({"x": {"a": 1, "b": 2}, "z": {"a": 1, "b": 2}}));
    check(&format!("{base}{{<<: [{{a: 9}}, *x]}}"), json!({"x": {"a": 1, "b": 2}, "z": {"a": 9, "b": 2}}));
    fails("z: {<<: 1}", (1, 5), "must be a map");
    fails("x: &x [{a: 1}]\nz: {<<: *x}", (2, 5), "must be a map");
}

#[test]
fn duplicate_keys_are_an_error_only_when_strict() {
    check("a: 1\na: 2\n", json!({"a": 2}));
    let error = decode_strict("a: 1\nb:\n  c: 1\n  c: 2\n").unwrap_err();
    assert_eq!((error.line, error.message.as_str()), (4, "the key `c` is in this map already"));
    assert!(decode_strict("x: &x {a: 1}\nz: {<<: *x, a: 2}\n").is_err(), "as in Go, a merged key counts");
    assert!(decode_strict("a: {b: 1}\nc: {b: 1}\n").is_ok());
}

#[test]
fn errors_say_where_and_why() {
    fails("a:\n\tb: 1\n", (2, 1), "tab");
    fails("é: 'x\n", (1, 4), "needs a closing `'`");
    fails("a: b: c\n", (1, 5), "cannot stand here");
    fails("a: *nope\n", (1, 4), "no anchor `&nope`");
    fails("a: &a [*a]\n", (1, 8), "contains itself");
    fails("a: [1, 2\nb: 1\n", (2, 2), "`,` or `]` of the list (it begins in line 1)");
    fails("a: [1,\n  {b: 2\n", (2, 3), "this `{` is never closed");
    fails("a: \"\\q\"\n", (1, 5), "`\\q` is no escape");
    fails("a: x\u{1}\n", (1, 5), "U+0001");
    fails("a: @x\n", (1, 4), "cannot begin with `@`");
    fails("a: .nan\n", (1, 4), "not-a-number");
    fails("a:\n   b: 1\n  c: 2\n", (3, 3), "the next key of the map (it begins in line 1)");
}

#[test]
fn aliases_that_explode_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(decode(&bomb).unwrap_err().message.contains("aliases"));
    let wide = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
    assert!(decode(&wide).unwrap_err().message.contains("MiB"), "few steps, many bytes");
    let (open, close) = ("[".repeat(99), "]".repeat(99));
    let chain: String = (1..20).map(|n| format!("- &a{n} {open}*a{}{close}\n", n - 1)).collect();
    assert!(decode(&format!("- &a0 x\n{chain}")).unwrap_err().message.contains("deeper"));
}

#[test]
fn deep_nesting_ends_in_an_error() {
    for deep in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        (0..2000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
    ] {
        assert!(decode(&deep).unwrap_err().message.contains("deeper than 1000"));
    }
    assert!(decode(&format!("{}{}", "[".repeat(999), "]".repeat(999))).is_ok());
}

#[test]
fn documents_know_their_lines() {
    let stream = "# first\n---\n\n# second\na: 1\n---\n---\nb: |\n  x\n---   # c\n[c]";
    let documents = decode_stream(stream).unwrap();
    let found: Vec<_> = documents.into_iter().map(|each| (each.index, each.line, each.value)).collect();
    let expected =
        [(0, 1, Value::Null), (1, 5, json!({"a": 1})), (2, 8, json!({"b": "x\n"})), (3, 11, json!(["c"]))];
    assert_eq!(found[0].2, expected[0].2);
    assert_eq!(found[1..], expected[1..]);
    let error = decode_stream("a: 1\n---\nb: [\n---\nc: 1\n").unwrap_err();
    assert_eq!(error.line, 3, "{error}");
}

#[test]
fn json_objects_in_a_row_are_documents() {
    let documents = decode_stream("{\"a\": 1.0}\n{\"b\": \"\\/\"}\n").unwrap();
    let found: Vec<_> = documents.into_iter().map(|each| (each.line, each.value)).collect();
    assert_eq!(found, [(1, json!({"a": 1})), (2, json!({"b": "/"}))]);
}

#[test]
fn what_follows_a_json_object_is_not_lost() {
    let values = |text: &str| -> Vec<Value> {
        decode_stream(text).unwrap().into_iter().map(|document| document.value).collect()
    };
    assert_eq!(
        values("{\"a\": 1}\n---\n{\"b\": 2}\n---\nc: 3\n"),
        [json!({"a": 1}), json!({"b": 2}), json!({"c": 3})]
    );
    assert_eq!(values("{\"a\": 1}\nb: 2\n"), [json!({"a": 1}), json!({"b": 2})]);
    assert_eq!(values("{a: 1}\n"), [json!({"a": 1})]);
    let digits = "1.4168064702669493e-08";
    assert_eq!(values(&format!("{{\"a\": {digits}}}")), values(&format!("a: {digits}\n")));
    assert_eq!(decode_stream("{\"a\": 1}\n\n  b: [\n").unwrap_err().line, 3);
    assert_eq!(decode_stream("{}\n{}\n]").unwrap_err().line, 3);
}

#[test]
fn files_may_be_utf_16() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend("a: é😀".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(text(&bytes).unwrap(), "a: é😀");
    let error = text(b"a: 1\nb: \xff\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 4));
}

#[test]
fn maps_merge_deep_and_everything_else_is_replaced() {
    let mut base = json!({"a": {"x": 1, "y": [1, 2]}, "b": 1});
    merge(&mut base, json!({"a": {"y": [3], "z": null}, "c": {}}));
    assert_eq!(base, json!({"a": {"x": 1, "y": [3], "z": null}, "b": 1, "c": {}}));
}

#[test]
fn helm_cuts_at_dashes_at_the_begin_of_a_line() {
    assert_eq!(split_manifests("a: 1\n---\n\n---\n # c\nb: 2\n--- x\n"), ["a: 1", "---\n # c\nb: 2", "x"]);
    assert_eq!(split_manifests("--- # only\n"), ["# only"]);
    assert!(split_manifests(" \n").is_empty());
}

/// Every case of the table of real Go results: equal values, errors where Go has errors.
#[test]
fn go_reads_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/yaml/go-decoding.json");
    let Ok(table) = std::fs::read_to_string(path) else {
        println!("skipped: go_reads_the_same: ../shared is missing");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&table).unwrap();
    for case in &cases {
        let answer = conformance::answer(&json!({"id": case["name"], "yaml": case["yaml"]}));
        for field in ["sigs_yaml", "sigs_yaml_strict", "k8s_stream", "helm_split"] {
            if let Some(expected) = case.get(field) {
                assert!(same(expected, &answer[field]), "{}: {field}: {}", case["name"], answer[field]);
            }
        }
    }
    assert!(cases.len() > 100, "the table is there");
}

fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::String(left), Value::String(right)) if left.starts_with("ERR ") => right.starts_with("ERR "),
        (Value::String(left), Value::String(right)) => {
            left == right
                || serde_json::from_str::<Value>(left).is_ok_and(|mut left| {
                    super::normalise_numbers(&mut left);
                    serde_json::from_str::<Value>(right).is_ok_and(|right| left == right)
                })
        }
        _ => false,
    }
}

#[test]
fn a_merge_conflict_is_named_where_it_begins() {
    let conflict = "kind: ConfigMap\ndata:\n<<<<<<< HEAD\n  a: 1\n=======\n  a: 2\n>>>>>>> other\n";
    for (text, line) in [
        (conflict.to_owned(), 3),
        (conflict.replace("data:\n", "data: [\n"), 3),
        (conflict.replace("kind: ConfigMap\ndata:\n", ""), 1),
        (conflict.replace("<<<<<<< HEAD\n  a: 1\n", "<<<<<<< HEAD\n"), 3),
    ] {
        let error = super::decode(&text).unwrap_err();
        assert_eq!((error.line, error.column), (line, 1), "{text}: {error}");
        assert!(error.message.contains("merge conflict"), "{text}: {error}");
    }
    // A mistake after a conflict, or beside text that only looks like one, is told as it is.
    for text in ["a: |\n <<<<<<< HEAD\nb: [\n", "a: [\nb: <<<<<<< HEAD\n"] {
        let error = super::decode(text).unwrap_err();
        assert!(!error.message.contains("merge conflict"), "{text}: {error}");
    }
}
