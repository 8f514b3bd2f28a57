//! A shorter way for what most files and manifests are: block maps and lists of scalars and blocks of text, without
//! anchors, tags and tabs.
//!
//! It knows the plain case only and never reports a mistake: at anything else it gives up, and the reader that knows
//! everything starts over. What it does read it reads as that one does, which the tests hold against it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::load::{scalar_key, scalar_value};
use crate::resolve::resolve_plain;

/// Deeper nesting is left to the reader that does not recurse.
const DEPTH: usize = 64;

/// Longer keys are left to the reader that counts their characters.
const LONGEST_KEY: usize = 256;

/// What is not plain; no mistake yet.
struct NotPlain;

type Plain<T> = Result<T, NotPlain>;

/// How the text was read.
pub(crate) struct Decoded {
    pub(crate) value: Value,
    /// How many lines stand before its content.
    pub(crate) lines_before: u32,
}

/// The value of a part of a text that holds one document; `None` where it is not plain. Characters that YAML does not
/// allow must have been refused before. `strict` refuses keys that are set twice, `ends_last_line` is that of
/// [`crate::scan::Leniency`].
pub(crate) fn decode(part: &str, strict: bool, ends_last_line: bool) -> Option<Decoded> {
    if !part.is_ascii() && has_other_breaks(part) {
        return None;
    }
    let mut reader =
        Reader { text: part, bytes: part.as_bytes(), line: 0, at: 0, indent: 0, strict, ends_last_line };
    reader.document().ok()
}

/// Whether a text holds line breaks that are no line feeds, or a byte-order mark.
fn has_other_breaks(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3_iter(0xC2, 0xE2, 0xEF, bytes).any(|at| {
        matches!(bytes[at..], [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..] | [0xEF, 0xBB, 0xBF, ..])
    })
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the line begins that holds the next content.
    line: usize,
    /// Where that content begins; the end of the text where there is none.
    at: usize,
    /// Its column.
    indent: usize,
    strict: bool,
    ends_last_line: bool,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Plain<Decoded> {
        self.go_to(0)?;
        let rest = &self.bytes[self.at..];
        if self.indent == 0 && rest.starts_with(b"---") {
            let end = self.ends_line(self.at + 3)?;
            self.go_to(end)?;
        } else if self.indent == 0 && rest.starts_with(b"...") {
            return Err(NotPlain);
        }
        if self.at_end() {
            return Err(NotPlain);
        }
        let before = self.bytes[..self.at].iter().filter(|byte| **byte == b'\n').count();
        let lines_before = u32::try_from(before).map_err(|_| NotPlain)?;
        let value = self.block(0)?;
        if self.at_end() { Ok(Decoded { value, lines_before }) } else { Err(NotPlain) }
    }

    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Goes to the next content from the begin of a line on: over empty lines and comments.
    fn go_to(&mut self, line: usize) -> Plain<()> {
        self.line = line;
        loop {
            let mut at = self.line;
            while at < self.bytes.len() && self.bytes[at] == b' ' {
                at += 1;
            }
            match self.bytes.get(at) {
                None => {
                    self.at = self.bytes.len();
                    self.indent = 0;
                    return Ok(());
                }
                Some(b'\n') => self.line = at + 1,
                Some(b'#') => {
                    self.line =
                        memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |end| at + end + 1);
                }
                Some(b'\t' | b'\r') => return Err(NotPlain),
                Some(first) => {
                    self.at = at;
                    self.indent = at - self.line;
                    // The end of a document.
                    let indicates = self.indent == 0
                        && matches!(first, b'-' | b'.')
                        && line > 0
                        && (self.bytes[at..].starts_with(b"---") || self.bytes[at..].starts_with(b"..."));
                    return if indicates || *first == b'%' { Err(NotPlain) } else { Ok(()) };
                }
            }
        }
    }

    /// Where the next line begins, if nothing but a comment stands up to the end of this one.
    fn ends_line(&self, from: usize) -> Plain<usize> {
        let mut at = from;
        while self.byte(at) == b' ' {
            at += 1;
        }
        match self.byte(at) {
            b'\n' => Ok((at + 1).min(self.bytes.len())),
            b'#' if at > from => {
                Ok(memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |end| at + end + 1))
            }
            _ => Err(NotPlain),
        }
    }

    /// The map or list that begins at the next content.
    fn block(&mut self, depth: usize) -> Plain<Value> {
        if self.is_item() {
            return self.list(self.indent, false, depth);
        }
        let first = self.key(self.at)?.ok_or(NotPlain)?;
        self.map(first, self.indent, depth)
    }

    /// Whether the next content is a list item.
    fn is_item(&self) -> bool {
        !self.at_end() && self.bytes[self.at] == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    /// A map whose keys stand in one column; the first was read.
    fn map(&mut self, first: (String, usize), indent: usize, depth: usize) -> Plain<Value> {
        if depth > DEPTH {
            return Err(NotPlain);
        }
        let mut map = Map::new();
        let (mut key, mut colon) = first;
        loop {
            let value = self.value(colon + 1, indent, true, depth)?;
            if map.insert(key, value).is_some() && self.strict {
                return Err(NotPlain);
            }
            if self.at_end() || self.indent < indent {
                return Ok(Value::Object(map));
            }
            if self.indent > indent || self.is_item() {
                return Err(NotPlain);
            }
            (key, colon) = self.key(self.at)?.ok_or(NotPlain)?;
        }
    }

    /// A list whose items stand in one column, which may be that of the keys of the map that holds it.
    fn list(&mut self, indent: usize, in_map: bool, depth: usize) -> Plain<Value> {
        if depth > DEPTH {
            return Err(NotPlain);
        }
        let mut items = Vec::new();
        loop {
            let mut at = self.at + 1;
            while self.byte(at) == b' ' {
                at += 1;
            }
            let inner = at - self.line;
            let item = match self.byte(at) {
                b'\n' | b'#' => self.value(self.at + 1, indent, false, depth)?,
                b'-' if matches!(self.byte(at + 1), b' ' | b'\n') => {
                    (self.at, self.indent) = (at, inner);
                    self.block(depth + 1)?
                }
                _ => match self.key(at)? {
                    Some(first) => self.map(first, inner, depth + 1)?,
                    None => self.value(self.at + 1, indent, false, depth)?,
                },
            };
            items.push(item);
            if self.at_end() || self.indent < indent {
                return Ok(Value::Array(items));
            }
            if self.indent > indent {
                return Err(NotPlain);
            }
            if !self.is_item() {
                return if in_map { Ok(Value::Array(items)) } else { Err(NotPlain) };
            }
        }
    }

    /// Whether a scalar without quotes begins at a place outside of brackets.
    fn begins_plain(&self, at: usize) -> bool {
        match self.byte(at) {
            b'-' | b':' | b'?' => !matches!(self.byte(at + 1), b' ' | b'\n'),
            first => begins_plain(first),
        }
    }

    /// The key that begins at a place and where its colon is; `None` where a value begins there.
    fn key(&self, at: usize) -> Plain<Option<(String, usize)>> {
        let (text, end) = match self.byte(at) {
            quote @ (b'"' | b'\'') => {
                // Over several lines it can be a value only.
                let Ok((text, end)) = self.quoted(at, quote, false) else { return Ok(None) };
                if self.byte(end) != b':' {
                    return Ok(None);
                }
                if !matches!(self.byte(end + 1), b' ' | b'\n') || end - at > LONGEST_KEY {
                    return Err(NotPlain);
                }
                return Ok(Some((text.into_owned(), end)));
            }
            _ if self.begins_plain(at) => {
                let mut end = at + 1;
                loop {
                    match self.byte(end) {
                        b':' if matches!(self.byte(end + 1), b' ' | b'\n') => break,
                        b'\n' => return Ok(None),
                        // A comment; what precedes is a value.
                        b'#' if self.byte(end - 1) == b' ' => return Ok(None),
                        b'\t' | b'\r' => return Err(NotPlain),
                        _ => end += 1,
                    }
                }
                (&self.text[at..end], end)
            }
            b'[' | b'{' | b'|' | b'>' => return Ok(None),
            _ => return Err(NotPlain),
        };
        if text.len() > LONGEST_KEY || text.ends_with(' ') || text == "<<" {
            return Err(NotPlain);
        }
        let key = scalar_key(resolve_plain(text), text.into()).map_err(|_| NotPlain)?;
        Ok(Some((key, end)))
    }

    /// What follows the `:` of a key, or the `-` of an item, of a collection in the column `indent`. Goes to the
    /// next content.
    fn value(&mut self, from: usize, indent: usize, of_key: bool, depth: usize) -> Plain<Value> {
        let mut at = from;
        while self.byte(at) == b' ' {
            at += 1;
        }
        let first = self.byte(at);
        let (value, end) = match first {
            b'\n' | b'#' => {
                let end = self.ends_line(from)?;
                self.go_to(end)?;
                if !self.at_end() && self.indent > indent {
                    if self.is_item() {
                        return self.list(self.indent, false, depth + 1);
                    }
                    return match self.key(self.at)? {
                        Some(first) => self.map(first, self.indent, depth + 1),
                        None => self.value(self.at, indent, false, depth + 1),
                    };
                }
                if of_key && self.indent == indent && self.is_item() {
                    return self.list(indent, true, depth + 1);
                }
                return Ok(Value::Null);
            }
            b'|' | b'>' => return self.lines(at, indent),
            b'"' | b'\'' => {
                let (text, end) = self.quoted(at, first, true)?;
                (Value::String(text.into_owned()), end)
            }
            b'[' | b'{' => self.flow(at, 0)?,
            _ if self.begins_plain(at) => {
                let (text, end) = self.plain(at, indent)?;
                (scalar_value(resolve_plain(&text), text).map_err(|_| NotPlain)?, end)
            }
            _ => return Err(NotPlain),
        };
        let next = self.ends_line(end)?;
        self.go_to(next)?;
        // A text that goes on, or a mistake.
        if !self.at_end() && self.indent > indent { Err(NotPlain) } else { Ok(value) }
    }

    /// A scalar without quotes, of a collection in the column `indent`, and where it ends. Further lines of it are
    /// indented deeper.
    fn plain(&self, at: usize, indent: usize) -> Plain<(Cow<'a, str>, usize)> {
        let mut end = self.plain_end(at)?;
        let mut text = Cow::Borrowed(&self.text[at..end]);
        while let Some((breaks, next)) = self.folded(end)? {
            let line = memchr::memrchr(b'\n', &self.bytes[..next]).map_or(0, |before| before + 1);
            if next - line <= indent || self.byte(next) == b'#' {
                break;
            }
            end = self.plain_end(next)?;
            let text = text.to_mut();
            fold(text, breaks);
            text.push_str(&self.text[next..end]);
        }
        Ok((text, end))
    }

    /// Where the part in one line of a scalar without quotes ends.
    fn plain_end(&self, at: usize) -> Plain<usize> {
        let mut end = at;
        loop {
            match self.byte(end) {
                b'\n' => break,
                b'#' if end > at && self.byte(end - 1) == b' ' => break,
                b':' if matches!(self.byte(end + 1), b' ' | b'\n') => return Err(NotPlain),
                b'\t' | b'\r' => return Err(NotPlain),
                _ => end += 1,
            }
        }
        while end > at && self.bytes[end - 1] == b' ' {
            end -= 1;
        }
        Ok(end)
    }

    /// How many line breaks follow a place, and where the next line with content has its first character; `None` where
    /// something else follows, or nothing.
    fn folded(&self, end: usize) -> Plain<Option<(usize, usize)>> {
        let mut at = self.blanks(end);
        let mut breaks = 0;
        while self.bytes.get(at) == Some(&b'\n') {
            breaks += 1;
            at = self.blanks(at + 1);
        }
        match self.bytes.get(at) {
            Some(b'\t' | b'\r') => Err(NotPlain),
            Some(_) if breaks > 0 => Ok(Some((breaks, at))),
            _ => Ok(None),
        }
    }

    /// A scalar in quotes and where it ends; over several lines only where `lines` says so.
    fn quoted(&self, at: usize, quote: u8, lines: bool) -> Plain<(Cow<'a, str>, usize)> {
        let mut owned: Option<String> = None;
        let mut from = at + 1;
        let mut end = from;
        loop {
            let rest = self.bytes.get(end..).unwrap_or_default();
            end += rest
                .iter()
                .position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n' | b'\t' | b'\r'))
                .ok_or(NotPlain)?;
            let (meant, next) = match self.bytes[end] {
                b'\'' if quote == b'\'' && self.byte(end + 1) == b'\'' => ('\'', end + 2),
                byte if byte == quote => break,
                b'\\' if quote == b'\'' => {
                    end += 1;
                    continue;
                }
                b'\\' if lines && self.byte(end + 1) == b'\n' => {
                    let (breaks, next) = self.folded(end + 1)?.ok_or(NotPlain)?;
                    if self.bytes[next - 1] != b' ' {
                        return Err(NotPlain);
                    }
                    let owned = owned.get_or_insert_default();
                    owned.push_str(&self.text[from..end]);
                    owned.extend(std::iter::repeat_n('\n', breaks - 1));
                    (from, end) = (next, next);
                    continue;
                }
                b'\\' => match self.byte(end + 1) {
                    b' ' => (' ', end + 2),
                    b'"' => ('"', end + 2),
                    b'\\' => ('\\', end + 2),
                    b'n' => ('\n', end + 2),
                    b't' => ('\t', end + 2),
                    _ => return Err(NotPlain),
                },
                b'\n' if lines => {
                    let (breaks, next) = self.folded(end)?.ok_or(NotPlain)?;
                    // What begins a line may end the document.
                    if self.bytes[next - 1] != b' ' {
                        return Err(NotPlain);
                    }
                    let owned = owned.get_or_insert_default();
                    owned.push_str(self.text[from..end].trim_end_matches(' '));
                    fold(owned, breaks);
                    (from, end) = (next, next);
                    continue;
                }
                _ => return Err(NotPlain),
            };
            let owned = owned.get_or_insert_default();
            owned.push_str(&self.text[from..end]);
            owned.push(meant);
            (from, end) = (next, next);
        }
        let rest = &self.text[from..end];
        let text = match owned {
            None => Cow::Borrowed(rest),
            Some(mut owned) => {
                owned.push_str(rest);
                Cow::Owned(owned)
            }
        };
        Ok((text, end + 1))
    }

    /// A collection in brackets and where it ends, if it does in its line and holds nothing unusual.
    fn flow(&self, at: usize, depth: usize) -> Plain<(Value, usize)> {
        if depth > DEPTH {
            return Err(NotPlain);
        }
        let is_map = self.byte(at) == b'{';
        let close = if is_map { b'}' } else { b']' };
        let (mut map, mut items) = (Map::new(), Vec::new());
        let mut at = self.blanks(at + 1);
        if self.byte(at) != close {
            loop {
                if is_map {
                    let (key, colon) = match self.byte(at) {
                        quote @ (b'"' | b'\'') => {
                            let (key, colon) = self.quoted(at, quote, false)?;
                            (key.into_owned(), colon)
                        }
                        _ => {
                            let colon = self.word_end(at)?;
                            let text = &self.text[at..colon];
                            (scalar_key(resolve_plain(text), text.into()).map_err(|_| NotPlain)?, colon)
                        }
                    };
                    if self.byte(colon) != b':' || self.byte(colon + 1) != b' ' || colon - at > LONGEST_KEY {
                        return Err(NotPlain);
                    }
                    let (value, end) = self.flow_value(self.blanks(colon + 1), depth)?;
                    if map.insert(key, value).is_some() && self.strict {
                        return Err(NotPlain);
                    }
                    at = self.blanks(end);
                } else {
                    let (value, end) = self.flow_value(at, depth)?;
                    items.push(value);
                    at = self.blanks(end);
                }
                match self.byte(at) {
                    b',' => at = self.blanks(at + 1),
                    byte if byte == close => break,
                    _ => return Err(NotPlain),
                }
                // A comma may follow the last one.
                if self.byte(at) == close {
                    break;
                }
            }
        }
        let value = if is_map { Value::Object(map) } else { Value::Array(items) };
        Ok((value, at + 1))
    }

    fn flow_value(&self, at: usize, depth: usize) -> Plain<(Value, usize)> {
        match self.byte(at) {
            quote @ (b'"' | b'\'') => {
                let (text, end) = self.quoted(at, quote, false)?;
                Ok((Value::String(text.into_owned()), end))
            }
            b'[' | b'{' => self.flow(at, depth + 1),
            _ => {
                let end = self.word_end(at)?;
                let text = &self.text[at..end];
                Ok((scalar_value(resolve_plain(text), text.into()).map_err(|_| NotPlain)?, end))
            }
        }
    }

    fn blanks(&self, mut at: usize) -> usize {
        while self.byte(at) == b' ' {
            at += 1;
        }
        at
    }

    /// Where a word of letters, digits and a few signs ends that mean nothing in brackets. What follows it must end it.
    fn word_end(&self, at: usize) -> Plain<usize> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-');
        let mut end = at;
        while is_word(self.byte(end)) {
            end += 1;
        }
        let begins = begins_plain(self.byte(at)) && end > at;
        let ends = matches!(self.byte(end), b',' | b']' | b'}')
            || (self.byte(end) == b':' && self.byte(end + 1) == b' ')
            || (self.byte(end) == b' ' && matches!(self.byte(self.blanks(end)), b',' | b']' | b'}'));
        if begins && ends { Ok(end) } else { Err(NotPlain) }
    }

    /// A block of text behind `|` or `>`, of a collection in the column `outer`. Goes to the next content.
    fn lines(&mut self, at: usize, outer: usize) -> Plain<Value> {
        let literal = self.byte(at) == b'|';
        let (chomp, head_end) = match self.byte(at + 1) {
            sign @ (b'-' | b'+') => (sign, at + 2),
            _ => (b' ', at + 1),
        };
        let mut line = self.ends_line(head_end)?;
        // The first line that is not empty says how far the block is indented.
        let mut breaks = 0_usize;
        let mut widest = 0;
        let indent = loop {
            let content = self.blanks(line);
            if content >= self.bytes.len() {
                return Err(NotPlain);
            }
            if self.bytes[content] != b'\n' {
                break content - line;
            }
            widest = widest.max(content - line);
            breaks += 1;
            line = content + 1;
        };
        if indent <= outer || widest > indent || self.bytes[line + indent] == b'\t' {
            return Err(NotPlain);
        }
        let mut text = String::new();
        // Whether a line break was read before the line, and whether the line before began with white space.
        let (mut ended, mut blank_before) = (false, false);
        loop {
            let content = line + indent;
            let blank = matches!(self.byte(content), b' ' | b'\t');
            if !literal && ended && !blank_before && !blank {
                if breaks == 0 {
                    text.push(' ');
                }
            } else if ended {
                text.push('\n');
            }
            text.extend(std::iter::repeat_n('\n', std::mem::take(&mut breaks)));
            blank_before = blank;
            let end = memchr::memchr(b'\n', &self.bytes[content..]).map(|end| content + end);
            let Some(end) = end else {
                if self.ends_last_line || self.blanks(content) >= self.bytes.len() {
                    return Err(NotPlain);
                }
                text.push_str(&self.text[content..]);
                ended = false;
                line = self.bytes.len();
                break;
            };
            text.push_str(&self.text[content..end]);
            ended = true;
            line = end + 1;
            // Empty lines, and those of spaces that end before the block's column.
            let mut next;
            loop {
                next = line;
                while next < self.bytes.len() && next - line < indent && self.bytes[next] == b' ' {
                    next += 1;
                }
                match self.bytes.get(next) {
                    Some(b'\n') => {
                        breaks += 1;
                        line = next + 1;
                    }
                    Some(b'\t') if next - line < indent => return Err(NotPlain),
                    _ => break,
                }
            }
            if next >= self.bytes.len() {
                // Spaces without a line break at the end count for some readers.
                if next > line {
                    return Err(NotPlain);
                }
                break;
            }
            if next - line < indent {
                break;
            }
        }
        if chomp != b'-' && ended {
            text.push('\n');
        }
        if chomp == b'+' {
            text.extend(std::iter::repeat_n('\n', breaks));
        }
        if memchr::memchr(b'\r', text.as_bytes()).is_some() {
            return Err(NotPlain);
        }
        self.go_to(line)?;
        if !self.at_end() && self.indent > outer { Err(NotPlain) } else { Ok(Value::String(text)) }
    }
}

/// Joins two lines of a scalar: one line break is a space, further ones are themselves.
fn fold(text: &mut String, breaks: usize) {
    match breaks {
        1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more - 1)),
    }
}

/// Whether a scalar without quotes may begin with a byte, whatever follows.
fn begins_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'_' | b'.' | b'/' | b'$' | b'(' | b'~' | b'+' | b'^' | b'<' | b'=' | b'\\' | b';' | b')'
        )
        || byte >= 0x80
}
