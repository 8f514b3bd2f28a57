use bytes::Bytes;
use serde_json::{Value, json};
use slipway_model::{Edit, FieldPath, MemoryTree, RepoPath};

use super::{EditError, YamlEdit, apply, apply_to_tree};

fn path(text: &str) -> FieldPath {
    text.parse().unwrap()
}

fn set(at: &str, new: Value) -> YamlEdit {
    YamlEdit::Set { document: 0, path: path(at), old: None, new }
}

fn insert(at: &str, new: Value) -> YamlEdit {
    YamlEdit::Insert { document: 0, path: path(at), new }
}

fn remove(at: &str) -> YamlEdit {
    YamlEdit::Remove { document: 0, path: path(at), old: None }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "reads better in tables")]
fn check(before: &str, edit: YamlEdit, after: &str) {
    match apply(before.as_bytes(), std::slice::from_ref(&edit)) {
        Ok(bytes) => assert_eq!(String::from_utf8(bytes).unwrap(), after, "{edit:?}"),
        Err(error) => panic!("{edit:?}\non {before:?}\nis refused: {error}"),
    }
}

#[track_caller]
fn refused(before: &str, edit: YamlEdit, part: &str) -> EditError {
    match apply(before.as_bytes(), &[edit]) {
        Ok(bytes) => panic!("not refused: {}", String::from_utf8_lossy(&bytes)),
        Err(error) => {
            assert!(error.to_string().contains(part), "{error}");
            error
        }
    }
}

#[test]
fn a_scalar_keeps_its_quotes_and_comments() {
    for (before, new, after) in [
        ("tag: \"1.2\" # c\n", json!("1.3"), "tag: \"1.3\" # c\n"),
        ("tag: '1.2'\n", json!("1.3"), "tag: '1.3'\n"),
        ("tag: '1.2'\n", json!("it's"), "tag: 'it''s'\n"),
        ("tag: '1.2'\n", json!("a\u{1}"), "tag: \"a\\x01\"\n"),
        ("tag: v1.2   # c\n", json!("v1.3"), "tag: v1.3   # c\n"),
        ("tag: v1\n", json!("1.3"), "tag: \"1.3\"\n"),
        ("tag: v1\n", json!("yes"), "tag: \"yes\"\n"),
        ("tag: v1\n", json!("a: b"), "tag: 'a: b'\n"),
        ("tag: \"1\"\n", json!(2), "tag: 2\n"),
        ("tag: 1\n", json!(null), "tag: null\n"),
        ("tag: 1\n", json!(true), "tag: true\n"),
        ("tag:\n", json!("x"), "tag: x\n"),
        ("tag: # c\n", json!("x"), "tag: x # c\n"),
        ("tag: &t 1 # c\n", json!(2), "tag: &t 2 # c\n"),
        ("tag: !!str 1\n", json!("2"), "tag: !!str \"2\"\n"),
        ("tag: !!str 1\n", json!(2), "tag: 2\n"),
        ("tag:\n  one\n  two\nb: 1\n", json!("x"), "tag:\n  x\nb: 1\n"),
        ("tag: \"a\n  b\"\nb: 1\n", json!("x"), "tag: \"x\"\nb: 1\n"),
        ("? tag\n: 1\n", json!(2), "? tag\n: 2\n"),
        ("\"tag\": 1\n", json!(2), "\"tag\": 2\n"),
        ("tag: x", json!("v"), "tag: v"),
        ("{tag: x, b: 1}\n", json!("a, b"), "{tag: 'a, b', b: 1}\n"),
        ("? tag\n? b\n", json!(1), "? tag\n: 1\n? b\n"),
        ("{tag}\n", json!(1), "{tag: 1}\n"),
        ("{tag: }\n", json!(1), "{tag: 1 }\n"),
    ] {
        check(before, set("/tag", new), after);
    }
}

#[test]
fn blocks_of_text_are_replaced_as_a_whole() {
    let before = "a: |\n  one\n  two\n\n# c\nb: 1\n";
    check(before, set("/a", json!("x\ny\n")), "a: |\n  x\n  y\n\n# c\nb: 1\n");
    check(before, set("/a", json!("x\ny")), "a: |-\n  x\n  y\n\n# c\nb: 1\n");
    check(before, set("/a", json!("x")), "a: x\n\n# c\nb: 1\n");
    check("a: |+\n  one\n\nb: 1\n", set("/a", json!("x\n\n\n")), "a: |+\n  x\n\n\nb: 1\n");
    check("a: x # c\nb: 1\n", set("/a", json!("x\ny\n")), "a: | # c\n  x\n  y\nb: 1\n");
    check("a: \"x\"\n", set("/a", json!("x\ny\n")), "a: \"x\\ny\\n\"\n");
    check("l:\n- |\n  one\n- b\n", set("/l/0", json!("x\ny\n")), "l:\n- |\n  x\n  y\n- b\n");
    check("a: >-\n  one\n  two\n", set("/a", json!("x\ny")), "a: |-\n  x\n  y\n");
    check("a: |\n  x\n", set("/a", json!(" y\n z\n")), "a: |2\n   y\n   z\n");
}

#[test]
fn a_collection_is_changed_where_it_differs() {
    check(
        "a:\n  # about b\n  b: 1 # one\n  c: 2\n",
        set("/a", json!({"b": 9, "d": 3})),
        "a:\n  # about b\n  b: 9 # one\n  d: 3\n",
    );
    check("l:\n  - a # x\n  - b\n", set("/l", json!(["a", "c", "d"])), "l:\n  - a # x\n  - c\n  - d\n");
    check("l:\n- a # x\n- b\n", set("/l", json!(["a"])), "l:\n- a # x\n");
    check("l: [a, b]\n", set("/l", json!(["a", "c", "d"])), "l: [a, c, d]\n");
}

#[test]
fn a_value_of_another_kind_is_put_in_its_place() {
    check("a:\n  b: 1\n  c: 2\nd: 3\n", set("/a", json!("x")), "a: x\nd: 3\n");
    check("a: # c\n  b: 1\nd: 3\n", set("/a", json!("x")), "a: x # c\nd: 3\n");
    check("a: 1 # c\nd: 3\n", set("/a", json!({"x": 1})), "a: # c\n  x: 1\nd: 3\n");
    check("a: 1\nd: 3\n", set("/a", json!(["x"])), "a:\n- x\nd: 3\n");
    check("z:\n    - k: 1\na: 1\n", set("/a", json!(["x"])), "z:\n    - k: 1\na:\n    - x\n");
    check("a: {}\n", set("/a", json!({"x": {"k": 1}})), "a:\n  x:\n    k: 1\n");
    check("a: {b: 1}\n", set("/a", json!(["x", {"k": 1}])), "a: [x, {k: 1}]\n");
    check("- a\n- b: 1\n  c: 2\n", set("/1", json!("x")), "- a\n- x\n");
    check("- a\n- b\n", set("/0", json!({"x": 1, "z": [2]})), "- x: 1\n  z:\n  - 2\n- b\n");
    check("a:\n- 1\n- 2\n", set("/a", json!({"x": 1})), "a:\n  x: 1\n");
    check("a: 1\n", set("", json!(["x"])), "- x\n");
    check("# only\n", set("", json!({"x": 1})), "# only\nx: 1\n");
}

#[test]
fn keys_are_inserted_after_the_sibling_they_follow() {
    check("a: 1\nc: 3 # c\nd: 4\n", insert("/b", json!(2)), "a: 1\nb: 2\nc: 3 # c\nd: 4\n");
    check("b: 1\nc: 3\n", insert("/a", json!(2)), "a: 2\nb: 1\nc: 3\n");
    check("z: 1\nc: 3 # c\n", insert("/b", json!(2)), "z: 1\nc: 3 # c\nb: 2\n");
    check("z: 1\nc: 3", insert("/b", json!(2)), "z: 1\nc: 3\nb: 2");
    check(
        "x:\n    p: 1\n\n# next\nz: 1\n",
        insert("/x/a", json!({"k": 1})),
        "x:\n    p: 1\n    a:\n        k: 1\n\n# next\nz: 1\n",
    );
    check(
        "x:\n  p: |\n    text\n\nz: 1\n",
        insert("/x/a", json!("q")),
        "x:\n  p: |\n    text\n  a: q\n\nz: 1\n",
    );
    check(
        "l:\n- name: 1\n  i: 2\n- name: 3\n",
        insert("/l/0/a", json!(9)),
        "l:\n- name: 1\n  i: 2\n  a: 9\n- name: 3\n",
    );
    check("l:\n- b: 1\n  c: 2\n", insert("/l/0/a", json!(9)), "l:\n- a: 9\n  b: 1\n  c: 2\n");
    check("a:\nb: 1\n", insert("/a/x", json!(1)), "a:\n  x: 1\nb: 1\n");
    check("a: {} # c\nb: 1\n", insert("/a/x", json!(1)), "a: # c\n  x: 1\nb: 1\n");
    check("a: null\n", insert("/a/x", json!(1)), "a:\n  x: 1\n");
    check("{}\n", insert("/x", json!(1)), "x: 1\n");
    check("", insert("/x", json!(1)), "x: 1\n");
    check("a: {b: 1}\n", insert("/a/c", json!([1, "x"])), "a: {b: 1, c: [1, x]}\n");
    check("a: {b: {}}\n", insert("/a/b/c", json!(1)), "a: {b: {c: 1}}\n");
    check("a: {b: 1,}\n", insert("/a/c", json!(1)), "a: {b: 1, c: 1,}\n");
    check("a: {\n  b: 1\n}\n", insert("/a/c", json!(1)), "a: {\n  b: 1,\n  c: 1\n}\n");
    check("a: 1\nz: |+\n  x\n\n", insert("/b", json!("y")), "a: 1\nb: \"y\"\nz: |+\n  x\n\n");
    check(
        "x:\n  z: 1\n  p: a\n",
        insert("/x/t", json!("1\n2\n")),
        "x:\n  z: 1\n  p: a\n  t: |\n    1\n    2\n",
    );
    check("a: {b: 1}\n", insert("/a/~2[x]", json!(1)), "a: {b: 1, '[x]': 1}\n");
}

#[test]
fn items_are_inserted_in_the_style_of_the_list() {
    check("l:\n- a\n- b # c\nz: 1\n", insert("/l/2", json!("x")), "l:\n- a\n- b # c\n- x\nz: 1\n");
    check(
        "l:\n  - a\nz: 1\n",
        insert("/l/1", json!({"name": 1, "m": [2]})),
        "l:\n  - a\n  - m:\n      - 2\n    name: 1\nz: 1\n",
    );
    check(
        "l:\n-   name: 1\n",
        insert("/l/[name=2]", json!({"name": 2, "o": 3})),
        "l:\n-   name: 1\n-   name: 2\n    o: 3\n",
    );
    check("l: []\n", insert("/l/0", json!("x")), "l:\n- x\n");
    check("l:\n", insert("/l/0", json!("x")), "l:\n- x\n");
    check("l: [a, b]\n", insert("/l/2", json!("x")), "l: [a, b, x]\n");
    check("l: [\n  a,\n  b\n]\n", insert("/l/2", json!("x")), "l: [\n  a,\n  b,\n  x\n]\n");
    check("- - a\n  - b\n- c\n", insert("/0/2", json!("x")), "- - a\n  - b\n  - x\n- c\n");
    check("- a\n-\n", insert("/2", json!("x")), "- a\n-\n- x\n");
}

#[test]
fn what_is_removed_takes_its_comments_along() {
    check("a: 1\n# about b\nb: 2 # two\nc: 3\n", remove("/b"), "a: 1\nc: 3\n");
    check("a: 1\n\n# section\n\n# about b\nb: 2\nc: 3\n", remove("/b"), "a: 1\n\n# section\n\nc: 3\n");
    check("# head\na: 1\nb: 2\n", remove("/a"), "# head\nb: 2\n");
    check("a:\n  b: 1\n  # inside\nc: 3\n", remove("/a"), "c: 3\n");
    check("a: 1\nb:\n  x: |\n    t\n\nc: 3\n", remove("/b"), "a: 1\n\nc: 3\n");
    check("a: 1\nb: 2", remove("/b"), "a: 1");
    check("a: 1\nb: 2", remove("/a"), "b: 2");
    check("a:\n  b: 1 # c\nz: 1\n", remove("/a/b"), "a: {}\nz: 1\n");
    check("a: 1\n", remove("/a"), "{}\n");
    check("a:\n# about nothing\n", remove("/a"), "{}\n# about nothing\n");
    check("l:\n- a\n", remove("/l/0"), "l: []\n");
    check("l:\n- a\n# about b\n- b\n- c\n", remove("/l/1"), "l:\n- a\n- c\n");
    check("l:\n- name: a\n  x: 1\n- name: b\n", remove("/l/[name=a]"), "l:\n- name: b\n");
    check("l:\n- name: a\n  x: 1\n", remove("/l/0/name"), "l:\n- x: 1\n");
    check("l:\n- name: a\n  # about x\n  x: 1\n", remove("/l/0/name"), "l:\n-\n  # about x\n  x: 1\n");
    check("l:\n- name: a\n", remove("/l/0/name"), "l:\n- {}\n");
    check("a: {b: 1, c: 2}\n", remove("/a/b"), "a: {c: 2}\n");
    check("a: {b: 1, c: 2}\n", remove("/a/c"), "a: {b: 1}\n");
    check("a: {b: 1}\n", remove("/a/b"), "a: {}\n");
    check("a: [1, 2, 3]\n", remove("/a/2"), "a: [1, 2]\n");
    check("a: [1, 2,]\n", remove("/a/1"), "a: [1,]\n");
    check("- - a\n  - b\n- c\n", remove("/0/0"), "- - b\n- c\n");
    check("? a\n: 1\n? b\n: 2\n", remove("/b"), "? a\n: 1\n");
}

#[test]
fn of_duplicate_keys_the_one_that_counts_is_set_and_all_are_removed() {
    check("a: 1\nb: 2\na: 3\n", set("/a", json!(4)), "a: 1\nb: 2\na: 4\n");
    check("a: 1\nb: 2\na: 3\n", remove("/a"), "b: 2\n");
}

#[test]
fn line_endings_and_byte_order_marks_stay() {
    check(
        "\u{feff}a: 1\r\nb:\r\n- x\r\n",
        insert("/b/1", json!({"k": [1]})),
        "\u{feff}a: 1\r\nb:\r\n- x\r\n- k:\r\n  - 1\r\n",
    );
    check("\u{feff}a: 1\r\nb: 2\r\n", set("/b", json!("x\ny\n")), "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\n");
    check("\u{feff}a: 1\r\nb: 2\r\n", remove("/a"), "\u{feff}b: 2\r\n");
    check("a: 1\r\nb: 2\r\n", remove("/b"), "a: 1\r\n");
    check("a: 1\r\nb: 2", remove("/b"), "a: 1");
}

#[test]
fn the_document_that_is_meant_is_changed() {
    let before = "# head\n---\na: 1\n--- # second\na: 1\n---\n# nothing\n";
    let edit = |document, new: Value| YamlEdit::Set { document, path: path("/a"), old: Some(json!(1)), new };
    check(before, edit(2, json!(2)), "# head\n---\na: 1\n--- # second\na: 2\n---\n# nothing\n");
    check(before, edit(1, json!([1])), "# head\n---\na:\n- 1\n--- # second\na: 1\n---\n# nothing\n");
    let edit = YamlEdit::Insert { document: 3, path: path("/b"), new: json!(1) };
    check(before, edit, &format!("{before}b: 1\n"));
    let edit = YamlEdit::Remove { document: 2, path: path("/a"), old: None };
    check(before, edit, "# head\n---\na: 1\n--- # second\n{}\n---\n# nothing\n");
    refused(before, YamlEdit::Set { document: 4, path: path("/a"), old: None, new: json!(1) }, "only 4");
}

#[test]
fn json_stays_json() {
    check("{\"a\": 1, \"b\": [1]}\n", set("/a", json!("x\ny")), "{\"a\": \"x\\ny\", \"b\": [1]}\n");
    check("{\"a\": 1}", insert("/b", json!({"c": [1, null]})), "{\"a\": 1, \"b\": {\"c\": [1, null]}}");
    check(
        "{\n  \"a\": \"x\\/y\",\n  \"l\": [\n    1\n  ]\n}\n",
        insert("/b", json!({"c": [1]})),
        "{\n  \"a\": \"x\\/y\",\n  \"b\": {\n    \"c\": [\n      1\n    ]\n  },\n  \"l\": [\n    1\n  ]\n}\n",
    );
    check("{\n\t\"a\": 1,\n\t\"b\": 2\n}\n", remove("/b"), "{\n\t\"a\": 1\n}\n");
    check("{\n  \"l\": [1, 2]\n}\n", insert("/l/2", json!("x")), "{\n  \"l\": [1, 2, \"x\"]\n}\n");
}

#[test]
fn what_is_written_elsewhere_is_refused_with_the_place() {
    let text = "base: &b\n  x: 1\n  k: {z: 2}\nuse: *b\nmerged:\n  <<: *b\n  w: 3\n";
    let error =
        refused(text, set("/use/x", json!(2)), "the alias `*b` in line 4; its value is written in line 1");
    assert!(error.hints()[0].contains("line 1"));
    refused(text, set("/merged/x", json!(2)), "the merge key `<<` in line 6; its value is written in line 2");
    refused(text, set("/merged/k/z", json!(3)), "the merge key `<<` in line 6");
    refused(text, remove("/merged/x"), "the merge key `<<`");
    refused(text, set("/base/x", json!(2)), "the anchor `&b` in line 1, which line 4 refers to");
    refused(text, remove("/base"), "the anchor `&b` in line 1, which line 4 refers to");
    refused(text, insert("/base/new", json!(1)), "the anchor `&b`");
    check("a: &x 1\nb: *x\n", set("/b", json!(2)), "a: &x 1\nb: 2\n");
    check(
        text,
        insert("/merged/x", json!(9)),
        "base: &b\n  x: 1\n  k: {z: 2}\nuse: *b\nmerged:\n  <<: *b\n  w: 3\n  x: 9\n",
    );
    check(text, set("/merged/w", json!(4)), &text.replace("w: 3", "w: 4"));
    let text = "base: &b {x: 1}\nm:\n  x: 3\n  <<: *b\n";
    refused(text, set("/m/x", json!(4)), "comes by the merge key");
    refused(text, insert("/m/x", json!(4)), "is there already, in line 3");
}

#[test]
fn edits_that_do_not_fit_say_what_is_there() {
    let text = "a:\n  b: 1\nl:\n- name: x\n";
    refused(text, set("/a/c", json!(1)), "nothing at `/a/c`; `/a` is a map with the keys b");
    refused(text, set("/l/3", json!(1)), "`/l` is a list of 1 items");
    refused(text, insert("/a/b", json!(1)), "is there already, in line 2");
    refused(text, insert("/l/0", json!(1)), "at the end of the list, at 1");
    refused(text, insert("/l/[name=x]", json!({"name": "x"})), "is there already");
    refused(text, insert("/l/[name=y]", json!({"name": "z"})), "other keys");
    refused(text, remove("/x"), "nothing at `/x`");
    refused(text, remove(""), "whole document");
    let old = YamlEdit::Set { document: 0, path: path("/a/b"), old: Some(json!(2)), new: json!(3) };
    refused(text, old, "expected 2 at `/a/b`, found 1");
    refused("a: [\n", set("/a", json!(1)), "never closed");
    assert!(matches!(apply(b"a: \xff", &[set("/a", json!(1))]), Err(EditError::Encoding)));
}

#[test]
fn edits_of_a_file_compose() {
    let edits = [
        set("/image/tag", json!("2")),
        insert("/image/pull", json!("Always")),
        remove("/old"),
        insert("/list/1", json!("b")),
        insert("/list/2", json!("c")),
    ];
    let before = b"image:\n  tag: \"1\" # t\nold: 1\nlist: [a]\n";
    let after = "image:\n  tag: \"2\" # t\n  pull: Always\nlist: [a, b, c]\n";
    assert_eq!(String::from_utf8(apply(before, &edits).unwrap()).unwrap(), after);
}

#[test]
fn a_tree_is_edited_file_by_file() {
    let file = |name: &str| RepoPath::new(name).unwrap();
    let tree = MemoryTree::new([("a.yaml", "t: 1\n"), ("b.json", "{}\n"), ("c.yaml", "x: 1\n")]);
    let edit = |name: &str, at: &str, new: Value| Edit::Insert {
        file: file(name),
        document: 0,
        path: path(at),
        new,
    };
    let edits = [
        Edit::Copy { file: file("d.yaml"), from: file("a.yaml") },
        edit("d.yaml", "/u", json!(2)),
        edit("d.yaml", "/v", json!(3)),
        edit("b.json", "/k", json!("v")),
        Edit::Delete { file: file("c.yaml") },
        Edit::Write { file: file("e.txt"), content: "e".to_owned() },
    ];
    let changes = apply_to_tree(&tree, &edits).unwrap();
    let text = |name: &str| changes[&file(name)].clone();
    assert_eq!(text("d.yaml"), Some(Bytes::from("t: 1\nu: 2\nv: 3\n")));
    assert_eq!(text("b.json"), Some(Bytes::from("{\"k\": \"v\"}\n")));
    assert_eq!((text("c.yaml"), text("e.txt")), (None, Some(Bytes::from("e"))));
    assert_eq!(changes.len(), 4, "a.yaml is as it was");
    let after_delete = [Edit::Delete { file: file("c.yaml") }, edit("c.yaml", "/y", json!(1))];
    assert!(matches!(apply_to_tree(&tree, &after_delete), Err(EditError::NoFile { .. })));
    let refused = apply_to_tree(&tree, &[edit("a.yaml", "/t", json!(1))]).unwrap_err();
    assert_eq!(refused.to_string(), "a.yaml: `/t` is there already, in line 1");
}

/// A deterministic source of numbers (xorshift), so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// Whatever the text is: an edit changes exactly what it says, or is refused, and nothing panics.
#[test]
fn edits_of_any_text_are_exact_or_refused() {
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        "- ",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n- ",
        "\n\n",
        ": ",
        "# c",
        " # c",
        "? ",
        "!!str ",
        "&x ",
        "*x",
        "<<: *x",
        "|",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "''",
        "\\",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ",",
        "1",
        "null",
        "é",
        "\u{2028}",
        "\r\n",
        "\r",
        "\u{feff}",
        "...",
        "---\n",
        "key: v\n",
        "  - x\n",
        "a: {b: c}\n",
        "l:\n- a\n",
        "m:\n  k: 1\n",
        "{}",
        "[]",
    ];
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let (mut made, mut refused) = (0, 0);
    for _ in 0..6_000 {
        let text: String = (0..1 + numbers.next(9)).map(|_| PIECES[numbers.next(PIECES.len())]).collect();
        let Ok(documents) = super::values(&text, super::Format::Yaml) else {
            assert!(apply(text.as_bytes(), &[set("", json!(1))]).is_err(), "{text:?}");
            continue;
        };
        let Some(document) = documents.first() else { continue };
        let mut at = FieldPath::root();
        let mut value = document;
        loop {
            let next = match value {
                Value::Object(map) if !map.is_empty() => {
                    let mut keys: Vec<&String> = map.keys().collect();
                    keys.sort();
                    let key = keys[numbers.next(keys.len())];
                    at = at.key(key.as_str());
                    &map[key]
                }
                Value::Array(items) if !items.is_empty() => {
                    let index = numbers.next(items.len());
                    at = at.index(index);
                    &items[index]
                }
                _ => break,
            };
            value = next;
            if numbers.next(3) == 0 {
                break;
            }
        }
        let new =
            [json!("v"), json!("1"), json!({"k": [1]}), json!("x\ny\n"), json!([])][numbers.next(5)].clone();
        let edit = match (numbers.next(3), value) {
            (0, Value::Object(_) | Value::Null) => YamlEdit::Insert { document: 0, path: at.key("new"), new },
            (0, Value::Array(items)) => YamlEdit::Insert { document: 0, path: at.index(items.len()), new },
            (1, _) => YamlEdit::Remove { document: 0, path: at, old: None },
            _ => YamlEdit::Set { document: 0, path: at, old: Some(value.clone()), new },
        };
        match apply(text.as_bytes(), std::slice::from_ref(&edit)) {
            Ok(bytes) => {
                let changed = String::from_utf8(bytes).unwrap();
                let after = super::values(&changed, super::Format::Yaml).unwrap();
                match &edit {
                    YamlEdit::Set { path, new, .. } | YamlEdit::Insert { path, new, .. } => {
                        assert_eq!(path.get(&after[0]), Some(new), "{text:?} {edit:?} {changed:?}");
                    }
                    YamlEdit::Remove { .. } => {}
                }
                made += 1;
            }
            Err(_) => refused += 1,
        }
    }
    // What is refused are edits of whole documents behind which something stands that go-yaml does not look at.
    assert!(made > 2 * refused, "{made} made, {refused} refused");
}
