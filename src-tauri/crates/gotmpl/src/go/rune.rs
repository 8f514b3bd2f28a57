//! Runes: decoding as Go does it (an invalid byte is one U+FFFD) and the classes of package `unicode`.

use std::borrow::Cow;

use super::unicode_tables::{DIGIT, LETTER, PRINT};

/// U+FFFD, what an invalid byte decodes to.
pub const RUNE_ERROR: u32 = 0xFFFD;
/// The largest code point.
pub const MAX_RUNE: u32 = 0x10FFFF;

/// The first rune of a text and its width; U+FFFD and 1 for an invalid byte, U+FFFD and 0 for an empty text.
#[inline]
pub fn decode_rune(text: &[u8]) -> (u32, usize) {
    let Some(&first) = text.first() else { return (RUNE_ERROR, 0) };
    if first < 0x80 {
        return (first.into(), 1);
    }
    decode_multibyte(text, first)
}

fn decode_multibyte(text: &[u8], first: u8) -> (u32, usize) {
    let (width, mut rune, low, high) = match first {
        0xC2..=0xDF => (2, u32::from(first & 0x1F), 0x80, 0xBF),
        0xE0 => (3, 0, 0xA0, 0xBF),
        0xED => (3, 0xD, 0x80, 0x9F),
        0xE1..=0xEF => (3, u32::from(first & 0x0F), 0x80, 0xBF),
        0xF0 => (4, 0, 0x90, 0xBF),
        0xF1..=0xF3 => (4, u32::from(first & 0x07), 0x80, 0xBF),
        0xF4 => (4, 4, 0x80, 0x8F),
        _ => return (RUNE_ERROR, 1),
    };
    let Some(rest) = text.get(1..width) else { return (RUNE_ERROR, 1) };
    for (index, &byte) in rest.iter().enumerate() {
        let (low, high) = if index == 0 { (low, high) } else { (0x80, 0xBF) };
        if !(low..=high).contains(&byte) {
            return (RUNE_ERROR, 1);
        }
        rune = rune << 6 | u32::from(byte & 0x3F);
    }
    (rune, width)
}

/// The runes of a text, each with its offset and width, as `for i, r := range text` gives them.
pub fn runes(text: &[u8]) -> impl Iterator<Item = (usize, u32, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let (rune, width) = decode_rune(rest);
        at += width;
        Some((at - width, rune, width))
    })
}

/// How many runes a text has; each invalid byte counts as one.
pub fn rune_count(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { runes(text).count() }
}

/// The text with each invalid byte as U+FFFD, as ranging over it and `encoding/json` see it. (Rust's own conversion makes
/// one of several bytes.)
pub fn to_lossy(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let rune = |(_, rune, _)| char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER);
            Cow::Owned(runes(text).map(rune).collect())
        }
    }
}

/// Appends the UTF-8 of a rune; of one that is no code point, that of U+FFFD.
pub fn append_rune(out: &mut Vec<u8>, rune: u32) {
    let character = char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Whether it is a code point and no surrogate.
pub fn valid_rune(rune: u32) -> bool {
    char::from_u32(rune).is_some()
}

fn within(table: &[(u32, u32)], rune: u32) -> bool {
    let after = table.partition_point(|(low, _)| *low <= rune);
    after > 0 && rune <= table[after - 1].1
}

/// `unicode.IsLetter`.
pub fn is_letter(rune: u32) -> bool {
    match u8::try_from(rune) {
        Ok(byte) if byte < 0x80 => byte.is_ascii_alphabetic(),
        _ => within(LETTER, rune),
    }
}

/// `unicode.IsDigit`.
pub fn is_digit(rune: u32) -> bool {
    match u8::try_from(rune) {
        Ok(byte) if byte < 0x80 => byte.is_ascii_digit(),
        _ => within(DIGIT, rune),
    }
}

/// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(rune: u32) -> bool {
    match u8::try_from(rune) {
        Ok(byte) if byte < 0x80 => (0x20..0x7F).contains(&byte),
        _ => within(PRINT, rune),
    }
}

/// `unicode.IsSpace`.
pub fn is_space(rune: u32) -> bool {
    matches!(
        rune,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
    )
}

/// The spaces of the template language: blank, tab, carriage return, line feed.
pub fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `bytes.TrimSpace`.
pub fn trim_space(text: &[u8]) -> &[u8] {
    let (mut start, mut end) = (None, 0);
    for (at, rune, width) in runes(text) {
        if !is_space(rune) {
            start = start.or(Some(at));
            end = at + width;
        }
    }
    &text[start.unwrap_or(end)..end]
}

/// `%#U`: `U+0040 '@'`, without the character where it does not print.
pub fn unicode_notation(rune: u32) -> String {
    match char::from_u32(rune) {
        Some(character) if is_print(rune) => format!("U+{rune:04X} '{character}'"),
        _ => format!("U+{rune:04X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_decode_to_one_replacement_each() {
        assert_eq!(decode_rune(b"\xff"), (RUNE_ERROR, 1));
        assert_eq!(decode_rune("é".as_bytes()), (0xE9, 2));
        assert_eq!(decode_rune(b"\xc3"), (RUNE_ERROR, 1));
        assert_eq!(decode_rune(b"\xed\xa0\x80"), (RUNE_ERROR, 1), "a surrogate");
        assert_eq!(decode_rune("😀".as_bytes()), (0x1F600, 4));
        assert_eq!(rune_count(b"a\xff\xfe"), 3);
        assert_eq!(to_lossy(b"a\xe2\x82b"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn classes_are_those_of_go() {
        assert!(is_letter(0xE9) && is_letter(0x65E5) && !is_letter(0x30) && !is_letter(0x2160));
        assert!(is_digit(0x0665) && !is_digit(0x2160));
        assert!(
            is_print(0x301) && is_print(0x1F600) && !is_print(0xA0) && !is_print(0x200B) && !is_print(0xAD)
        );
        assert_eq!(trim_space("\u{a0} a b\u{2028}".as_bytes()), b"a b");
        assert_eq!(trim_space(b" \n"), b"");
    }
}
