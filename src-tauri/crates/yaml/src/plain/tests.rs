//! The short way against the reader that knows everything.

use super::*;
use crate::load::{Duplicates, load};
use crate::parse::Parser;
use crate::scan::Leniency;
use crate::stream::check_characters;

const TEXTS: [&str; 42] = [
    "a: 1\nb: x y\nc:\n  d: true\n  e: [a, \"b\", 1.0]\nf:\n- 1\n- g: h\n  i:\n  - j\n-   k: l\n    m: {}\nn: []\n",
    "# head\n---\n# more\n  a: b # c\n  c: d#e\n\n  # last\n",
    "a: |\n  x\n   y\n\n  z\n\n\nb: |-\n    x\nc: |+\n x\n\nd: 1\n",
    "a: >\n  x\n  y\n\n  z\n   w\n  v\n\n\nb: >-\n    x\n    y\nc: >+\n x\n\n\nd: 1\n",
    "a: |\n\n   \n  x\n",
    "a: |\n     \n  x\n",
    "- |\n  x\n- a: |\n    y\n  b: z\n- - |\n    q\n  - r\n",
    "a: |\n  x\n  ",
    "a: |\n  x\n    ",
    "a: |\n  x\n \ty\n",
    "a: >\n  x\n  \ty\n  z\n",
    "a:\n- b\n- c\nd:\n  - e\n  -\n  - f: 1\n    g:\n  -\n    h: i\n",
    "- - - a\n    - b\n  - c\n- d\n",
    "a: x\n  y\nb: z\n",
    "a: x  \n   - y  # c\nb: z\n\n\n  {w}\n  \n  'v\nc:\n- d\n  e\n- f: g\n   h\n",
    "a: 'x\n  y  \n\n    it''s \\ #z'\nb: \"p \n  q\\n r\n\n\n  s\"\n- 't\n  u'\n",
    "a:\n  {}\nb:\n    [c]\nd:\n  e f\n  g\nh:\n  'i'\nj:\n  |\n  k\nl:\n- m:\n    n\n-\n  o\n",
    "- 'a\n  b'\n- \"c\n d\"\n-   e\n  f\n- 'g': h\n  i: \"j\n k\"\n",
    "a: x\n  # y\n  z\nb: 'c\n---\nd'\ne: \"f\ng\"\n",
    "a: \"b \\\n  c\\\n\n   \\ d\\ \n  e\"\n- 1\n",
    "a: :8080\n:b: ?c\n?d: :\ne: - f\n",
    "a: x\n  y: z\nb: c\n d:\n",
    "a: \"x\n  y\"\nb: z\n",
    "a: 'it''s'\nb: 'x'\nc: \"q\\\"\\\\\\n\\t\"\nd: \"\\u0041\"\n",
    "\"a b\": 1\n'c': 2\n\"d\":3\ne : 4\n",
    "a: b: c\n",
    "a: &x 1\nb: *x\n",
    "a: !!str 1\n",
    "<<: {a: b}\nc: <<\nd: [x: y]\n",
    "a: {b: c, \"d\": [e, f], g: {}}\nh: {i: j,}\nk: [l,]\nm: {n: o: p}\n",
    "a: [x y, z]\n",
    "a: [1, -1, +1, .5, 0x1F, 1e3, ~, null, yes]\nb: -1\nc: +1\nd: ~\ne: .5\nf: -\n",
    "a: 1\na: 2\n",
    "~: 1\n",
    "yes: 1\n1: 2\n1.5: 3\n18446744073709551615: 4\n",
    "a: .inf\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n...\nb: 2\n",
    "...\na: 1\n",
    "a: -b\n--c: --d\n-e: f\n- g\n",
    "a: \u{e9}\nb\u{2028}c: d\n\u{e9}: x\u{85}y\n",
    "a:\tb\nc: d\t# e\nf: g\r\nh: i\rj\n%k: l\n",
];

fn agrees(text: &str) -> bool {
    let mut read = false;
    for (strict, ends_last_line) in [(false, false), (false, true), (true, false)] {
        if check_characters(text, 0..text.len()).is_err() {
            continue;
        }
        let Some(plain) = decode(text, strict, ends_last_line) else { continue };
        read = true;
        let lenient = Leniency { ends_last_line, ..Leniency::default() };
        let mut parser = Parser::new(text, 0, text.len(), 1, lenient);
        let duplicates = if strict { Duplicates::Error } else { Duplicates::LastWins };
        let whole = load(&mut parser, duplicates);
        let whole = whole.map(|whole| (whole.value, whole.start.map(|start| start.line)));
        assert_eq!(Ok((plain.value, Some(plain.lines_before + 1))), whole, "{text:?}");
    }
    read
}

#[test]
fn what_is_read_is_what_the_whole_reader_reads() {
    let mut read = 0;
    for text in TEXTS {
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            read += usize::from(agrees(&text[..end]));
        }
        // A character more or less at any place.
        for (at, character) in text.char_indices() {
            read += usize::from(agrees(&format!("{}{}", &text[..at], &text[at + character.len_utf8()..])));
            for more in [" ", "\n", ":", "-", "#", "'", "\"", "]", "|", "  "] {
                read += usize::from(agrees(&format!("{}{more}{}", &text[..at], &text[at..])));
            }
        }
    }
    assert!(read > 2_500, "only {read} texts were plain");
}

#[test]
fn what_is_usual_is_plain() {
    for text in [TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[3], TEXTS[6], TEXTS[11], TEXTS[12]] {
        assert!(decode(text, true, false).is_some(), "{text}");
    }
}

#[test]
fn deep_nesting_is_left_to_the_reader_that_does_not_recurse() {
    for text in ["- ".repeat(100_000), "[".repeat(100_000), format!("a: {}", "{a: ".repeat(100_000))] {
        assert!(decode(&text, false, false).is_none());
    }
    let steps: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(decode(&steps, false, false).is_none());
}
