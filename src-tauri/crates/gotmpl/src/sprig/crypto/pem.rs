//! Privacy-enhanced mail: base64 between lines that name what is there.

use super::super::encoding::{base64_decode, base64_encode};

/// A block: what it holds, and the bytes.
pub(super) struct Block {
    pub(super) label: String,
    pub(super) bytes: Vec<u8>,
}

/// Writes a block with lines of 64 characters.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let text = base64_encode(bytes);
    let mut output = String::with_capacity(text.len() + text.len() / 64 + 2 * label.len() + 40);
    output.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = &text[..];
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        output.push_str(line);
        output.push('\n');
        rest = after;
    }
    output.push_str(&format!("-----END {label}-----\n"));
    output
}

/// The first block that is well-formed, whatever stands around it.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const DASHES: &[u8] = b"-----";
    let find = |text: &[u8], wanted: &[u8]| text.windows(wanted.len()).position(|window| window == wanted);
    let mut rest = text;
    loop {
        let start = find(rest, BEGIN)?;
        let at_line_start = start == 0 || rest[start - 1] == b'\n';
        rest = &rest[start + BEGIN.len()..];
        let line_end = rest.iter().position(|byte| *byte == b'\n')?;
        let label = rest[..line_end].trim_ascii_end().strip_suffix(DASHES);
        let (Some(label), true) = (label, at_line_start) else { continue };
        let after = &rest[line_end + 1..];
        let end_mark = [b"-----END ", label, DASHES].concat();
        let Some(end) = find(after, &end_mark) else { continue };
        let body = &after[..end];
        if let Ok(bytes) = base64_decode(&without_headers(body)) {
            return Some(Block { label: String::from_utf8_lossy(label).into_owned(), bytes });
        }
    }
}

/// The base64 of a body: its lines without `Name: value` headers and white space.
fn without_headers(body: &[u8]) -> Vec<u8> {
    body.split(|byte| *byte == b'\n')
        .filter(|line| !line.contains(&b':'))
        .flat_map(|line| line.iter().copied().filter(|byte| !byte.is_ascii_whitespace()))
        .collect()
}
