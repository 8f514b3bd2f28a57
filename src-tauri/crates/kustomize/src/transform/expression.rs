//! Go's regular expressions (RE2 syntax) as selectors, images and paths use them.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

/// Bytes of a compiled expression; Go has no limit, and no expression of a kustomization needs more.
const MAX_EXPRESSION: usize = 1 << 20;

/// Whether a text has none of the characters that mean something: as an expression it is itself.
pub(super) fn is_word(expression: &str) -> bool {
    !expression.contains(['\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$'])
}

/// Compiles `expression` between two texts that belong to the engine.
///
/// # Errors
/// `error parsing regexp: REASON`, followed by the expression.
pub(super) fn compile(before: &str, expression: &str, after: &str) -> Result<Regex, String> {
    let whole = format!("{before}{}{after}", with_plain_braces(expression));
    RegexBuilder::new(&whole).size_limit(MAX_EXPRESSION).build().map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim();
        format!("error parsing regexp: {reason}: `{expression}`")
    })
}

/// In Go a brace that begins no repetition is a brace: `${CLUSTER}-pool` compiles there.
fn with_plain_braces(expression: &str) -> Cow<'_, str> {
    if !expression.contains('{') {
        return Cow::Borrowed(expression);
    }
    let mut escaped = String::with_capacity(expression.len() + 4);
    let (mut rest, mut in_class) = (expression, false);
    while let Some(character) = rest.chars().next() {
        let width = match character {
            // A class of characters, `\p{Greek}`, has braces of its own.
            '\\' if rest.starts_with("\\p{") || rest.starts_with("\\P{") || rest.starts_with("\\x{") => 3,
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' if !in_class => {
                in_class = true;
                // `]` as the first of a class is one of its characters.
                ["[^]", "[]", "[^"]
                    .iter()
                    .find(|start| rest.starts_with(**start))
                    .map_or(1, |start| start.len())
            }
            ']' => {
                in_class = false;
                1
            }
            '{' if !in_class && !begins_repetition(rest) => {
                escaped.push('\\');
                1
            }
            other => other.len_utf8(),
        };
        let (copied, left) = rest.split_at(width);
        escaped.push_str(copied);
        rest = left;
    }
    Cow::Owned(escaped)
}

/// `{2}`, `{2,}`, `{2,3}`.
fn begins_repetition(text: &str) -> bool {
    let Some((inner, _)) = text[1..].split_once('}') else { return false };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inner.split_once(',') {
        None => number(inner),
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_that_repeats_nothing_is_a_brace() {
        for (expression, text, matches) in [
            ("a{2}", "aa", true),
            ("a{2,}", "aaa", true),
            ("a{1,2}", "aaa", false),
            ("a{,2}", "a{,2}", true),
            ("a{b}", "a{b}", true),
            ("a{", "a{", true),
            ("x${CLUSTER}-pool", "x${CLUSTER}-pool", false),
            ("x\\${CLUSTER}-pool", "x${CLUSTER}-pool", true),
            ("[{}]", "{", true),
            ("[]{]", "{", true),
            ("[^]{]", "{", false),
            ("\\{a}", "{a}", true),
            ("\\p{Greek}", "α", true),
            ("\\x{61}", "a", true),
            ("é{b}", "é{b}", true),
        ] {
            let compiled = compile("^(?:", expression, ")$").unwrap();
            assert_eq!(compiled.is_match(text), matches, "{expression}");
        }
        assert_eq!(compile("", "a\\", "").unwrap_err().split(':').next(), Some("error parsing regexp"));
    }
}
