//! Quoted Go literals: `strconv.Quote` and back.

use super::rune::{RUNE_ERROR, append_rune, decode_rune, is_print, valid_rune};

/// `strconv.Quote`: the text in double quotes with Go's escapes.
pub fn quote(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    quote_bytes_into(&mut out, text, false);
    // Invalid bytes are escaped, so this copies nothing.
    super::rune::to_lossy(&out).into_owned()
}

/// Appends `strconv.Quote(text)`, or `strconv.QuoteToASCII(text)`.
pub fn quote_bytes_into(out: &mut Vec<u8>, text: &[u8], ascii: bool) {
    out.push(b'"');
    let mut at = 0;
    while at < text.len() {
        let plain = text[at..]
            .iter()
            .position(|byte| !(0x20..0x7F).contains(byte) || matches!(byte, b'"' | b'\\'))
            .unwrap_or(text.len() - at);
        out.extend_from_slice(&text[at..at + plain]);
        at += plain;
        if at == text.len() {
            break;
        }
        let (rune, width) = decode_rune(&text[at..]);
        if rune == RUNE_ERROR && width == 1 {
            out.extend_from_slice(format!("\\x{:02x}", text[at]).as_bytes());
        } else {
            escape(out, rune, b'"', ascii);
        }
        at += width;
    }
    out.push(b'"');
}

/// Appends `strconv.QuoteRune(rune)`, or `strconv.QuoteRuneToASCII(rune)`.
pub fn quote_rune_into(out: &mut Vec<u8>, rune: u32, ascii: bool) {
    out.push(b'\'');
    escape(out, if valid_rune(rune) { rune } else { RUNE_ERROR }, b'\'', ascii);
    out.push(b'\'');
}

fn escape(out: &mut Vec<u8>, rune: u32, quote: u8, ascii: bool) {
    if rune == u32::from(quote) || rune == u32::from('\\') {
        out.push(b'\\');
        append_rune(out, rune);
        return;
    }
    if is_print(rune) && (!ascii || rune < 0x80) {
        append_rune(out, rune);
        return;
    }
    let short = match rune {
        0x07 => b'a',
        0x08 => b'b',
        0x0C => b'f',
        0x0A => b'n',
        0x0D => b'r',
        0x09 => b't',
        0x0B => b'v',
        _ => {
            let text = match rune {
                0..0x20 | 0x7F => format!("\\x{rune:02x}"),
                0x80..0x10000 => format!("\\u{rune:04x}"),
                _ => format!("\\U{rune:08x}"),
            };
            out.extend_from_slice(text.as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// `strconv.CanBackquote`: whether the text can stand unchanged between backquotes.
pub fn can_backquote(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let (rune, width) = decode_rune(&text[at..]);
        at += width;
        if width > 1 {
            if rune == 0xFEFF {
                return false;
            }
        } else if rune == RUNE_ERROR
            || (rune < 0x20 && rune != 0x09)
            || rune == u32::from('`')
            || rune == 0x7F
        {
            return false;
        }
    }
    true
}

/// `strconv.Unquote` of a literal in double quotes, single quotes or backquotes; `None` where it is no such literal.
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&mark, rest) = literal.split_first()?;
    let (&last, inner) = rest.split_last()?;
    if mark != last {
        return None;
    }
    match mark {
        b'`' => {
            if inner.contains(&b'`') {
                return None;
            }
            Some(inner.iter().copied().filter(|byte| *byte != b'\r').collect())
        }
        b'"' | b'\'' => {
            let mut out = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while let Some(&first) = rest.first() {
                if first == b'\n' {
                    return None;
                }
                let (rune, multibyte, width) = unquote_char(rest, mark)?;
                if rune < 0x80 || !multibyte {
                    // Not multibyte: a byte or an escape of one.
                    out.push(rune as u8);
                } else {
                    append_rune(&mut out, rune);
                }
                rest = &rest[width..];
                if mark == b'\'' && !rest.is_empty() {
                    return None;
                }
            }
            (mark == b'"' || !out.is_empty()).then_some(out)
        }
        _ => None,
    }
}

/// `strconv.UnquoteChar`: the first character or escape of a text, whether it takes more than a byte, and how many
/// bytes it was written with.
pub fn unquote_char(text: &[u8], quote: u8) -> Option<(u32, bool, usize)> {
    let first = *text.first()?;
    if first == quote && matches!(quote, b'\'' | b'"') {
        return None;
    }
    if first >= 0x80 {
        let (rune, width) = decode_rune(text);
        return Some((rune, true, width));
    }
    if first != b'\\' {
        return Some((first.into(), false, 1));
    }
    let escape = *text.get(1)?;
    let simple = match escape {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => 0x0A,
        b'r' => 0x0D,
        b't' => 0x09,
        b'v' => 0x0B,
        b'\\' => b'\\',
        b'\'' | b'"' if escape == quote => escape,
        b'x' | b'u' | b'U' => {
            let digits = match escape {
                b'x' => 2,
                b'u' => 4,
                _ => 8,
            };
            let mut value: u32 = 0;
            for &digit in text.get(2..2 + digits)? {
                value = value.wrapping_shl(4) | char::from(digit).to_digit(16)?;
            }
            if escape == b'x' {
                return Some((value, false, 4));
            }
            return valid_rune(value).then_some((value, true, 2 + digits));
        }
        b'0'..=b'7' => {
            let mut value = u32::from(escape - b'0');
            for &digit in text.get(2..4)? {
                value = value << 3 | char::from(digit).to_digit(8)?;
            }
            return (value <= 255).then_some((value, false, 4));
        }
        _ => return None,
    };
    Some((simple.into(), false, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_escapes_what_go_escapes() {
        assert_eq!(quote("a\"b\\c\n\t\u{7f}é\u{200b}😀".as_bytes()), "\"a\\\"b\\\\c\\n\\t\\x7fé\\u200b😀\"");
        assert_eq!(quote(b"a\xffb"), "\"a\\xffb\"");
        let mut out = Vec::new();
        quote_bytes_into(&mut out, "é😀".as_bytes(), true);
        assert_eq!(out, b"\"\\u00e9\\U0001f600\"");
    }

    #[test]
    fn unquoting_reads_every_escape_and_rejects_bad_ones() {
        let cases: [(&[u8], Option<&[u8]>); 11] = [
            (b"\"a\\n\\x41\\101\\u00e9\"", Some("a\nAA\u{e9}".as_bytes())),
            (b"\"\\xff\"", Some(b"\xff")),
            (b"`a\\n\r`", Some(b"a\\n")),
            (b"'x'", Some(b"x")),
            (b"\"\\'\"", None),
            (b"\"\\q\"", None),
            (b"\"\\ud800\"", None),
            (b"\"\\400\"", None),
            (b"\"a\nb\"", None),
            (b"''", None),
            (b"\"", None),
        ];
        for (literal, expected) in cases {
            assert_eq!(unquote(literal).as_deref(), expected, "{literal:?}");
        }
    }
}
