use serde_json::{Value, json};

use super::{emit, emit_as_go, emit_stream};
use crate::{decode, decode_stream};

#[test]
fn the_look_is_that_of_sigs_yaml() {
    let value =
        json!({"b": {"y": [1, {"k": "v", "j": []}], "e": {}}, "a": [[1, [2]], [], null], "t": "x\ny\n"});
    let expected = "a:\n- - 1\n  - - 2\n- []\n- null\nb:\n  e: {}\n  \"y\":\n  - 1\n  - j: []\n    k: v\nt: |\n  x\n  y\n";
    assert_eq!(emit(&value), expected);
    assert_eq!(emit_as_go(&value), expected);
}

#[test]
fn numbers_inside_keys_count() {
    let value = json!({"a10": 1, "a2": 2, "A": 3, "_": 4, "10": 5, "9": 6, "v1.10": 7, "v1.9": 8});
    assert_eq!(emit(&value), "_: 4\n\"9\": 6\n\"10\": 5\nA: 3\na2: 2\na10: 1\nv1.9: 8\nv1.10: 7\n");
}

#[test]
fn texts_are_quoted_where_a_reader_would_take_them_for_something_else() {
    for (text, expected) in [
        ("yes", "\"yes\""),
        ("1e3", "\"1e3\""),
        ("0x1", "\"0x1\""),
        ("1:30", "\"1:30\""),
        ("~", "\"~\""),
        ("null", "\"null\""),
        ("", "\"\""),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("a:b", "a:b"),
        ("a#b", "a#b"),
        ("2001-01-01", "\"2001-01-01\""),
        ("2001-02-30", "\"2001-02-30\""),
        ("=", "\"=\""),
        ("1e400", "\"1e400\""),
        ("1.2.3", "1.2.3"),
        ("- a", "'- a'"),
        ("it's", "it's"),
        ("'a", "'''a'"),
        ("a\tb", "\"a\\tb\""),
        ("\u{1b}[0m", "\"\\e[0m\""),
        ("é", "é"),
        ("😀", "\"\\U0001F600\""),
        ("---", "'---'"),
    ] {
        assert_eq!(emit(&json!(text)), format!("{expected}\n"), "{text:?}");
    }
}

#[test]
fn only_go_reads_some_texts_without_quotes() {
    for text in ["=", "<<", "1e400", "2001-02-30", "1_000.5_e"] {
        assert_eq!(emit_as_go(&json!(text)), format!("{text}\n"));
    }
}

#[test]
fn only_go_folds_long_texts() {
    let long = format!("{} {}", "x".repeat(90), "y".repeat(5));
    assert_eq!(emit_as_go(&json!({"k": long})), format!("k: {}\n  yyyyy\n", "x".repeat(90)));
    assert_eq!(emit(&json!({"k": long})), format!("k: {long}\n"));
}

#[test]
fn numbers_read_back_equal() {
    for (number, expected) in [
        (json!(1.0), "1"),
        (json!(1.5), "1.5"),
        (json!(0.1), "0.1"),
        (json!(1e21), "1e+21"),
        (json!(1e-7), "1e-07"),
        (json!(1234567.891), "1.234567891e+06"),
        (json!(-0.0), "0"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(i64::MIN), "-9223372036854775808"),
    ] {
        assert_eq!(emit(&number), format!("{expected}\n"));
    }
}

#[test]
fn documents_of_a_stream_read_back() {
    let values = [json!({"a": 1}), Value::Null, json!(["x"]), json!("end\n\n")];
    let read: Vec<Value> =
        decode_stream(&emit_stream(&values)).unwrap().into_iter().map(|document| document.value).collect();
    assert_eq!(read, values);
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

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a",
            "b",
            " ",
            "  ",
            "\n",
            "\n\n",
            ":",
            ": ",
            "#",
            " #",
            "-",
            "- ",
            "'",
            "\"",
            "\\",
            "\t",
            "{",
            "}",
            "[",
            "]",
            ",",
            "?",
            "!",
            "&",
            "*",
            "|",
            ">",
            "%",
            "@",
            "`",
            "0",
            "1",
            "1e3",
            ".",
            "_",
            "yes",
            "null",
            "~",
            "é",
            "😀",
            "\u{2028}",
            "\u{85}",
            "\r",
            "\r\n",
            "\u{feff}",
            "\u{0}",
            "\u{7f}",
            "---",
            "...",
            "0x1",
            "<<",
            "=",
            "2001-01-01",
            "12:30",
            "\u{a0}",
            "word",
        ];
        let length = self.next(6);
        (0..length).map(|_| PIECES[self.next(PIECES.len())]).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.next(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.next(2) == 0),
            2 => json!(self.next(usize::MAX) as i64),
            3 => json!(self.next(1_000_000) as f64 / 128.0 + 0.001),
            4..=6 => json!(self.text()),
            7 => (0..self.next(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let entries = self.next(4);
                Value::Object((0..entries).map(|_| (self.text(), self.value(depth - 1))).collect())
            }
        }
    }
}

#[test]
fn every_value_reads_back_equal() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for round in 0..20_000 {
        let value = numbers.value(4);
        let mut texts = vec![emit(&value), super::flow(&value)];
        // go-yaml writes the key `<<` so that it reads back as a merge key.
        texts.extend(Some(emit_as_go(&value)).filter(|text| !text.contains("<<:")));
        for text in texts {
            let read = decode(&text).unwrap_or_else(|error| panic!("round {round}: {error}\n{text}"));
            assert_eq!(read, value, "round {round}:\n{text}");
        }
    }
}

#[test]
fn deep_values_are_written_and_read() {
    let mut value = json!("x");
    for level in 0..900 {
        value = if level % 2 == 0 { json!([value]) } else { json!({"k": value}) };
    }
    assert!(decode(&emit(&value)).unwrap() == value);
    assert!(decode(&super::flow(&value)).unwrap() == value);
}
