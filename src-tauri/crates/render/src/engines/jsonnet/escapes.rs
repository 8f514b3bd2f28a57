//! Escapes in strings that go-jsonnet reads and the library does not.
//!
//! Both come with JSON files, which programs import as code: `\/`, and characters beyond the first 65,536 as two
//! halves (`\ud83d\ude00`).

use std::borrow::Cow;

use super::token::{Kind, string, tokens};

/// The same program with those escapes written as the characters that they mean. Only the columns after them, in
/// their own line, move.
pub(super) fn without_foreign_escapes(code: &str) -> Cow<'_, str> {
    if !["\\/", "\\ud", "\\uD"].iter().any(|escape| code.contains(escape)) {
        return Cow::Borrowed(code);
    }
    let mut plain = String::with_capacity(code.len());
    let mut copied = 0;
    for token in tokens(code) {
        // Verbatim strings and text blocks have no escapes; they begin with `@` and `|`.
        let is_escaped = code[token.offset..].starts_with(['"', '\'']);
        if !matches!(token.kind, Kind::Text(_)) || !is_escaped {
            continue;
        }
        let (_, length) = string(&code[token.offset..], false);
        let end = (token.offset + length).min(code.len());
        plain.push_str(&code[copied..token.offset]);
        push_string(&code[token.offset..end], &mut plain);
        copied = end;
    }
    plain.push_str(&code[copied..]);
    Cow::Owned(plain)
}

fn push_string(text: &str, plain: &mut String) {
    let mut rest = text;
    while let Some(begin) = rest.find('\\') {
        plain.push_str(&rest[..begin]);
        rest = &rest[begin..];
        if let Some(after) = rest.strip_prefix("\\/") {
            plain.push('/');
            rest = after;
        } else if let Some((character, after)) = surrogate_pair(rest) {
            plain.push(character);
            rest = after;
        } else {
            // The backslash and what it escapes, so that `\\/` keeps its meaning.
            let length = rest.chars().take(2).map(char::len_utf8).sum();
            plain.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    plain.push_str(rest);
}

/// The character of `\uD8…\uDC…` at the begin of a text, and what follows.
fn surrogate_pair(text: &str) -> Option<(char, &str)> {
    let (high, after) = unit(text)?;
    let (low, after) = unit(after)?;
    let character = char::decode_utf16([high, low]).next()?.ok()?;
    // Two characters of their own are no pair.
    (0xd800..0xdc00).contains(&high).then_some((character, after))
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
        .map(|unit| (unit, &text[6..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_escapes_become_what_they_mean() {
        for (code, expected) in [
            (r#"{"a": "x\/y", 'b': '\ud83d\ude00!'}"#, r#"{"a": "x/y", 'b': '😀!'}"#),
            (r"'a\\/b\n\u0041\ud83d'", r"'a\\/b\n\u0041\ud83d'"),
            (r"@'a\/b' + 'c\/' // \/ '", r"@'a\/b' + 'c/' // \/ '"),
            (r"'\ud83dx\/", r"'\ud83dx/"),
            ("'é\\/'", "'é/'"),
        ] {
            assert_eq!(without_foreign_escapes(code), expected);
        }
    }
}
