//! Where a value of a program is written, for errors whose place the evaluator does not know.
//!
//! The evaluator says then only which field or element of the result failed. This follows that path through the
//! text as far as objects and arrays are written out, and gives the place where the value begins that could
//! not be computed. It reads tokens, not the grammar: it needs to be right about brackets, strings and
//! comments only.

use super::token::{Kind, Token, tokens};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A field of an object.
    Field(String),
    /// An element of an array.
    Element(usize),
}

impl Step {
    /// Reads the evaluator's description of a step: `field <NAME> …`, `elem <N> …`.
    pub(super) fn of_description(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(" <")?;
        let (name, _) = rest.rsplit_once('>')?;
        match kind {
            "field" => Some(Self::Field(name.to_owned())),
            "elem" => name.parse().ok().map(Self::Element),
            _ => None,
        }
    }
}

/// The byte where the value at `path` begins, or the value above it that is written out.
pub(super) fn of_value(code: &str, path: &[Step]) -> Option<usize> {
    let tokens = tokens(code);
    let mut at = body(&tokens)?;
    for step in path {
        let inside = match step {
            Step::Field(name) => field(&tokens, at, name),
            Step::Element(index) => element(&tokens, at, *index),
        };
        match inside {
            Some(inside) => at = inside,
            None => break,
        }
    }
    tokens.get(at).map(|token| token.offset)
}

/// The first token after all leading `local …;` and `assert …;`.
fn body(tokens: &[Token]) -> Option<usize> {
    let mut at = 0;
    while matches!(&tokens.get(at)?.kind, Kind::Word(word) if word == "local" || word == "assert") {
        let mut depth = 0;
        // A `;` at depth 0 can belong to a `local` inside the bound value.
        let mut open = 0;
        loop {
            let token = tokens.get(at)?;
            depth += token.depth();
            if depth == 0 && matches!(&token.kind, Kind::Word(word) if word == "local" || word == "assert") {
                open += 1;
            }
            at += 1;
            if depth == 0 && token.is(';') {
                open -= 1;
                if open == 0 {
                    break;
                }
            }
        }
    }
    (at < tokens.len()).then_some(at)
}

/// The value of a field of the object that is written at `at`.
fn field(tokens: &[Token], at: usize, name: &str) -> Option<usize> {
    if !tokens.get(at)?.is('{') {
        return None;
    }
    let mut depth = 0;
    let mut is_start = false;
    let mut position = at;
    while let Some(token) = tokens.get(position) {
        let inside = depth == 1;
        depth += token.depth();
        if depth == 0 {
            return None;
        }
        let is_name = matches!(&token.kind, Kind::Word(word) | Kind::Text(word) if word == name);
        if inside && is_start && is_name {
            return value_after(tokens, position + 1);
        }
        is_start = depth == 1 && (token.is('{') || token.is(','));
        position += 1;
    }
    None
}

/// The token after `:`, `::`, `:::`, with `+` or a function's parameters before it.
fn value_after(tokens: &[Token], mut position: usize) -> Option<usize> {
    let mut depth = 0;
    loop {
        let token = tokens.get(position)?;
        depth += token.depth();
        position += 1;
        if depth == 0 && token.is(':') {
            break;
        }
    }
    while tokens.get(position)?.is(':') {
        position += 1;
    }
    Some(position)
}

/// An element of the array that is written at `at`, or what every element of a comprehension is made of.
fn element(tokens: &[Token], at: usize, index: usize) -> Option<usize> {
    if !tokens.get(at)?.is('[') {
        return None;
    }
    let (mut depth, mut passed) = (0, 0);
    for (position, token) in tokens.iter().enumerate().skip(at) {
        depth += token.depth();
        let is_before_element = depth == 1 && (position == at || token.is(','));
        if depth == 0 {
            return None;
        }
        if matches!(&token.kind, Kind::Word(word) if word == "for" && depth == 1) {
            // Of a comprehension every element is written at its begin.
            return Some(at + 1);
        }
        if is_before_element {
            if passed == index {
                return (position + 1 < tokens.len()).then_some(position + 1);
            }
            passed += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::place_of;

    #[test]
    fn values_are_found_as_far_as_they_are_written_out() {
        let code = "// head {\nlocal a = 1, f(x) = local y = x; y;\nlocal text = |||\n  {a: \n|||;\n{\n  'b-c': [1,\n    {d+: a},\n  ],\n  f(x):: 1, /* } */\n  g:: a + 1,\n  \"h\": [i for i in a],\n}\n";
        for (path, expected) in [
            (vec![], (6, 1)),
            (vec!["field <b-c> evaluation"], (7, 10)),
            (vec!["field <b-c> evaluation", "elem <1> evaluation"], (8, 5)),
            (vec!["field <b-c> manifestification", "elem <1> evaluation", "field <d> evaluation"], (8, 10)),
            (vec!["field <f> evaluation"], (10, 10)),
            (vec!["field <g> evaluation", "field <deeper> evaluation"], (11, 7)),
            (vec!["field <h> evaluation", "elem <3> evaluation"], (12, 9)),
            (vec!["field <h> evaluation", "elem <0> evaluation"], (12, 9)),
            (vec!["field <gone> evaluation"], (6, 1)),
        ] {
            let steps: Vec<Step> = path.iter().filter_map(|text| Step::of_description(text)).collect();
            assert_eq!(steps.len(), path.len());
            assert_eq!(place_of(code, of_value(code, &steps).unwrap()), expected, "{path:?}");
        }
    }

    #[test]
    fn any_text_is_read_without_harm() {
        for code in [
            "",
            "local",
            "local x",
            "'open",
            "|||",
            "|||\n",
            "/*",
            "{a",
            "[",
            "@'",
            "é'é",
            "{ä: 1}",
            "local a = 1;",
        ] {
            for path in [vec![], vec![Step::Field("a".to_owned())], vec![Step::Element(0)]] {
                let _ = of_value(code, &path);
            }
        }
    }
}
