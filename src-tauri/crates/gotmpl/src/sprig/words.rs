//! Wrapping, abbreviating and the like, as Masterminds/goutils does them: by bytes, also where that cuts a character.

use super::regexp::class::{is_lower, is_title, is_upper};
use crate::go;

/// Go's `unicode.IsSpace`.
pub(crate) fn is_space(character: char) -> bool {
    go::is_space(character.into())
}

/// The first character and its width; U+FFFD of width 1 for a bad byte.
pub(crate) fn first_character(text: &[u8]) -> Option<(char, usize)> {
    let (rune, width) = go::decode_rune(text);
    (width > 0).then(|| (char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER), width))
}

/// The characters of a text, U+FFFD for each bad byte (a Go string as `[]rune`).
pub(crate) fn characters(text: &[u8]) -> impl Iterator<Item = char> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (character, width) = first_character(rest)?;
        rest = &rest[width..];
        Some(character)
    })
}

/// The text shortened to a width, with an ellipsis. `None` where goutils reports an error and sprig an empty string.
pub(crate) fn abbreviate(text: &[u8], offset: i64, width: i64) -> Option<Vec<u8>> {
    let length = text.len() as i64;
    if text.is_empty() {
        return Some(Vec::new());
    }
    if width < 4 {
        return None;
    }
    if length <= width {
        return Some(text.to_vec());
    }
    let kept = width - 3;
    let mut offset = offset.clamp(0, length);
    if length - offset < kept {
        offset = length - kept;
    }
    if offset <= 4 {
        return Some([&text[..kept as usize], b"..."].concat());
    }
    if width < 7 {
        return None;
    }
    if offset + kept < length {
        // An inner width below 4 is an error that goutils drops, and with it the text.
        let inner = abbreviate(&text[offset as usize..], 0, kept).unwrap_or_default();
        return Some([b"...", &*inner].concat());
    }
    Some([b"...", &text[(length - kept) as usize..]].concat())
}

/// The text broken at spaces so that lines have at most `width` bytes; longer words are broken too where `break_words`.
pub(crate) fn wrap(text: &[u8], width: i64, line_end: &[u8], break_words: bool) -> Vec<u8> {
    let line_end = if line_end.is_empty() { b"\n" } else { line_end };
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut output = Vec::with_capacity(text.len() + text.len() / width.max(16));
    let mut offset = 0;
    while text.len() - offset > width {
        if text[offset] == b' ' {
            offset += 1;
            continue;
        }
        let line = &text[offset..offset + width + 1];
        if let Some(space) = line.iter().rposition(|byte| *byte == b' ') {
            output.extend_from_slice(&line[..space]);
            output.extend_from_slice(line_end);
            offset += space + 1;
        } else if break_words {
            output.extend_from_slice(&line[..width]);
            output.extend_from_slice(line_end);
            offset += width;
        } else if let Some(space) = text[offset + width..].iter().position(|byte| *byte == b' ') {
            output.extend_from_slice(&text[offset..offset + width + space]);
            output.extend_from_slice(line_end);
            offset += width + space + 1;
        } else {
            break;
        }
    }
    output.extend_from_slice(&text[offset..]);
    output
}

/// The text without white space. goutils takes each byte for a character: a text with any white space comes back with
/// its other bytes as U+0080 to U+00FF.
pub(crate) fn without_space(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().any(|byte| is_space(char::from(*byte))) {
        return None;
    }
    let kept: String =
        text.iter().map(|byte| char::from(*byte)).filter(|character| !is_space(*character)).collect();
    Some(kept.into_bytes())
}

/// The first letter of each word, a byte taken for a character as in [`without_space`].
pub(crate) fn initials(text: &[u8]) -> String {
    let mut initials = String::new();
    let mut after_gap = true;
    for character in text.iter().map(|byte| char::from(*byte)) {
        if is_space(character) {
            after_gap = true;
        } else if after_gap {
            initials.push(character);
            after_gap = false;
        }
    }
    initials
}

/// The first letter of each word in lower case.
pub(crate) fn uncapitalize(text: &[u8]) -> String {
    let mut next = true;
    characters(text)
        .map(|character| {
            if is_space(character) {
                next = true;
                character
            } else if std::mem::take(&mut next) {
                to_lower(character)
            } else {
                character
            }
        })
        .collect()
}

/// Upper case becomes lower case and the other way round; a lower case letter at the start of a word becomes title case.
pub(crate) fn swap_case(text: &[u8]) -> String {
    let mut at_start = true;
    characters(text)
        .map(|character| {
            if is_upper(character) || is_title(character) {
                at_start = false;
                to_lower(character)
            } else if is_lower(character) {
                if std::mem::take(&mut at_start) { to_title(character) } else { to_upper(character) }
            } else {
                at_start = is_space(character);
                character
            }
        })
        .collect()
}

/// Go's `strings.Title`: the first letter of each word in title case. An underscore is part of a word, a hyphen is not.
pub(crate) fn title(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut previous = ' ';
    let mut rest = text;
    while let Some((character, width)) = first_character(rest) {
        let titled = if separates_words(previous) { to_title(character) } else { character };
        previous = character;
        push_character(&mut output, titled);
        rest = &rest[width..];
    }
    output
}

fn separates_words(character: char) -> bool {
    if character.is_ascii() {
        return !(character.is_ascii_alphanumeric() || character == '_');
    }
    !go::is_letter(character.into()) && !go::is_digit(character.into()) && is_space(character)
}

fn push_character(output: &mut Vec<u8>, character: char) {
    output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Go's `unicode.ToLower`: one character to one character.
pub(crate) fn to_lower(character: char) -> char {
    match character {
        // The full mapping has two characters, the simple one has one.
        '\u{130}' => 'i',
        _ => single(character.to_lowercase(), character),
    }
}

/// Go's `unicode.ToUpper`: one character to one character (ß stays).
pub(crate) fn to_upper(character: char) -> char {
    match character {
        // Letters with iota below have a simple mapping to the letter with iota beside, which the full one splits.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(u32::from(character) + 8).unwrap_or(character)
        }
        '\u{1fb3}' => '\u{1fbc}',
        '\u{1fc3}' => '\u{1fcc}',
        '\u{1ff3}' => '\u{1ffc}',
        _ => single(character.to_uppercase(), character),
    }
}

/// Go's `unicode.ToTitle`, which is upper case except for the digraphs.
pub(crate) fn to_title(character: char) -> char {
    match character {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has no title case of its own.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => character,
        _ => to_upper(character),
    }
}

fn single(mut mapped: impl Iterator<Item = char>, character: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

/// Go's `strings.ToUpper` and `ToLower`: character by character. `None` where nothing changes.
pub(crate) fn map_case(text: &[u8], ascii: fn(&u8) -> u8, unicode: fn(char) -> char) -> Option<Vec<u8>> {
    if text.is_ascii() {
        if text.iter().all(|byte| ascii(byte) == *byte) {
            return None;
        }
        return Some(text.iter().map(ascii).collect());
    }
    // A bad byte counts as a change: it becomes U+FFFD.
    if std::str::from_utf8(text)
        .is_ok_and(|text| text.chars().all(|character| unicode(character) == character))
    {
        return None;
    }
    let mut output = Vec::with_capacity(text.len() + 4);
    for character in characters(text) {
        push_character(&mut output, unicode(character));
    }
    Some(output)
}
