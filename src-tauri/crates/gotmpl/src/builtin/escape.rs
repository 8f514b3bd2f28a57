//! `html`, `js`, `urlquery`.

use crate::go;

pub(super) fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(other),
        }
    }
    out
}

pub(super) fn javascript(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (at, rune, width) in go::runes(text) {
        match char::from_u32(rune) {
            Some('\\') => out.extend_from_slice(br"\\"),
            Some('\'') => out.extend_from_slice(br"\'"),
            Some('"') => out.extend_from_slice(br#"\""#),
            Some('<' | '>' | '&' | '=') => out.extend_from_slice(format!("\\u{rune:04X}").as_bytes()),
            _ if rune < 0x20 => out.extend_from_slice(format!("\\u{rune:04X}").as_bytes()),
            // U+007F does not print, but Go lets everything of ASCII pass that is not named above.
            _ if rune < 0x80 || go::is_print(rune) => out.extend_from_slice(&text[at..at + width]),
            _ => out.extend_from_slice(format!("\\u{rune:04X}").as_bytes()),
        }
    }
    out
}

pub(super) fn url_query(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            other => out.extend_from_slice(format!("%{other:02X}").as_bytes()),
        }
    }
    out
}
