//! Where the documents of a stream begin and end.

use std::borrow::Cow;

use crate::error::YamlError;
use crate::scan::{Mark, error_at};

/// A document's part of a text. It holds the `---` before it where nothing else precedes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The line of `start`, from 1.
    pub(crate) line: u32,
}

/// Cuts a stream at the lines that begin with `---`, as `kubectl` does (`YAMLReader` of
/// `k8s.io/apimachinery/pkg/util/yaml`): before YAML is parsed, and a `---` that nothing precedes belongs to
/// what follows. A part may hold comments only.
///
/// The error says where a line begins with `---` and goes on with content; the parts before it are whole.
pub(crate) fn parts(text: &str) -> (Vec<Part>, Option<YamlError>) {
    parts_from(text, 0, 1)
}

/// As [`parts`], for the text from an offset on, which lies in a given line.
pub(crate) fn parts_from(text: &str, mut offset: usize, mut line: u32) -> (Vec<Part>, Option<YamlError>) {
    let mut parts = Vec::new();
    let mut open: Option<Part> = None;
    while offset < text.len() {
        let length = text[offset..].find('\n').map_or(text.len() - offset, |at| at + 1);
        let content = &text[offset..offset + length];
        let mut separates = false;
        if let Some(rest) = content.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let mark = Mark { offset: offset + 3, line, line_start: offset };
                let message = "content cannot follow `---` in its line, kubectl refuses it; begin a new line"
                    .to_owned();
                return (parts, Some(error_at(text, mark, message)));
            }
            if let Some(part) = open.take() {
                parts.push(part);
                separates = true;
            }
        }
        if !separates {
            let part = open.get_or_insert(Part { start: offset, end: offset, line });
            part.end = offset + length;
        }
        offset += length;
        line += 1;
    }
    parts.extend(open);
    (parts, None)
}

/// Cuts rendered text as Helm does before it sorts manifests (`SplitManifests` of `helm.sh/helm`): at `---`
/// at the begin of a line, whatever follows it, with the white space around it. Manifests come trimmed and in
/// order; what is empty is left out.
#[must_use]
pub fn split_manifests(text: &str) -> Vec<&str> {
    let is_space = |byte: u8| matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ');
    let text = text.trim();
    let bytes = text.as_bytes();
    let mut manifests = Vec::new();
    let mut begin = 0;
    let mut search = 0;
    loop {
        let found = if search == 0 && text.starts_with("---") {
            Some((0, 3))
        } else {
            text[search..].find("\n---").map(|at| {
                let mut from = search + at;
                while from > search && is_space(bytes[from - 1]) {
                    from -= 1;
                }
                (from, search + at + 4)
            })
        };
        let Some((from, mut to)) = found else { break };
        while to < bytes.len() && is_space(bytes[to]) {
            to += 1;
        }
        if from > begin {
            manifests.push(text[begin..from].trim());
        }
        (begin, search) = (to, to);
        if to >= bytes.len() {
            break;
        }
    }
    if begin < text.len() {
        manifests.push(text[begin..].trim());
    }
    manifests
}

/// The text of a file: UTF-8, or UTF-16 with a byte-order mark, as go-yaml reads it.
///
/// # Errors
/// When it is neither, with the place of the first byte that is not.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, YamlError> {
    let wide = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xFE, 0xFF, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    let Some((rest, unit)) = wide else {
        return std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let byte = bytes[error.valid_up_to()];
            at_end(&valid, format!("the byte 0x{byte:02x} is no UTF-8; YAML is UTF-8 or UTF-16"))
        });
    };
    let mut text = String::with_capacity(rest.len() / 2);
    let (pairs, odd) = rest.as_chunks::<2>();
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => return Err(at_end(&text, "half of a surrogate pair is no UTF-16".to_owned())),
        }
    }
    if !odd.is_empty() {
        return Err(at_end(&text, "the last character is only half there".to_owned()));
    }
    Ok(Cow::Owned(text))
}

fn at_end(text: &str, message: String) -> YamlError {
    let line_start = text.rfind('\n').map_or(0, |at| at + 1);
    let line = u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count() + 1).unwrap_or(u32::MAX);
    error_at(text, Mark { offset: text.len(), line, line_start }, message)
}

/// Refuses characters that YAML does not allow in a part of a text.
pub(crate) fn check_characters(text: &str, range: std::ops::Range<usize>) -> Result<(), YamlError> {
    let bytes = &text.as_bytes()[..range.end];
    let suspicious = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte >= 0x7F;
    let mut from = range.start;
    // Whole chunks are looked at without a branch for each byte.
    let next = |mut from: usize| {
        for chunk in bytes[from..].chunks(64) {
            if chunk.iter().fold(false, |found, byte| found | suspicious(*byte)) {
                return chunk.iter().position(|byte| suspicious(*byte)).map(|at| from + at);
            }
            from += chunk.len();
        }
        None
    };
    while let Some(offset) = next(from) {
        let character = text[offset..].chars().next().unwrap_or('\0');
        let allowed = match character {
            '\u{85}' => true,
            '\u{80}'..='\u{9f}' => false,
            '\u{fffe}' | '\u{ffff}' => false,
            character => character as u32 >= 0x80,
        };
        if !allowed {
            let message = format!(
                "the control character U+{:04X} is not allowed; write it as an escape",
                character as u32
            );
            return Err(at_end(&text[..offset], message));
        }
        from = offset + character.len_utf8();
    }
    Ok(())
}
