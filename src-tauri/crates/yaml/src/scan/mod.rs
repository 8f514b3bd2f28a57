//! From bytes to tokens.
//!
//! The rules are those of libyaml as go-yaml v2 carries them (YAML 1.1 with its known liberties), because that
//! is the reader behind `kubectl`, Helm, Kustomize and Argo CD: a text that they refuse is refused here, and a
//! text that they read is read the same way. A parser of YAML 1.2 differs in line breaks, tabs, escapes,
//! directives and flow indicators.

mod properties;
mod scalar;

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::error::YamlError;

/// How many characters may lie between the begin of a key and its `:`.
const SIMPLE_KEY_LIMIT: usize = 1024;

/// How deep collections may be nested, in text and in values. Go allows 10,000; nothing real comes near either.
pub(crate) const DEPTH_LIMIT: usize = 1000;

/// A place in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes before it.
    pub(crate) offset: usize,
    /// The line, from 1.
    pub(crate) line: u32,
    /// Where its line begins, in bytes.
    pub(crate) line_start: usize,
}

impl Mark {
    /// Bytes before it in its line. Only ever compared where what precedes is ASCII: indentation and indicators.
    pub(crate) fn column(self) -> usize {
        self.offset - self.line_start
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'a> {
    StreamEnd,
    VersionDirective { major: u32, minor: u32 },
    TagDirective { handle: &'a str, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag { handle: &'a str, suffix: String },
    Scalar { text: Cow<'a, str>, style: Style },
}

/// A token and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind<'a>,
    pub(crate) start: Mark,
    pub(crate) end: Mark,
}

/// A place where a key without `?` may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

/// Reads tokens from a part of a text. Offsets and lines are those of the whole text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// The text up to the end of the part.
    bytes: &'a [u8],
    mark: Mark,
    tokens: VecDeque<Token<'a>>,
    /// Tokens that were handed out.
    taken: usize,
    ended: bool,
    /// The column of the innermost block collection; -1 outside of all.
    indent: isize,
    indents: Vec<isize>,
    flow_level: usize,
    simple_key_allowed: bool,
    /// One for each flow level, the block context first.
    simple_keys: Vec<SimpleKey>,
    lenient: Leniency,
}

/// Where a reader accepts more than go-yaml does on a whole text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Leniency {
    /// The last line counts as ended, as for the line reader of `kubectl`.
    pub(crate) ends_last_line: bool,
    /// `\/` is an escape, as in JSON.
    pub(crate) json_escapes: bool,
}

type Scan<T> = Result<T, YamlError>;

impl<'a> Scanner<'a> {
    /// A scanner of `text[start..end]`, whose first byte is in line `line`.
    pub(crate) fn new(text: &'a str, start: usize, end: usize, line: u32, lenient: Leniency) -> Self {
        let mut mark = Mark { offset: start, line, line_start: start };
        // The reader of go-yaml takes one byte-order mark off, its scanner another one.
        for _ in 0..2 {
            if text[mark.offset..end].starts_with('\u{feff}') {
                mark.offset += 3;
                mark.line_start += 3;
            }
        }
        Self {
            text,
            bytes: &text.as_bytes()[..end],
            mark,
            tokens: VecDeque::with_capacity(8),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            lenient,
        }
    }

    /// The next token, without taking it.
    pub(crate) fn peek(&mut self) -> Scan<&Token<'a>> {
        self.fill()?;
        Ok(self.tokens.front().expect("filling leaves a token, at the end the one that says so"))
    }

    /// Takes the token that was seen last.
    pub(crate) fn take(&mut self) -> Scan<Token<'a>> {
        self.fill()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().expect("filling leaves a token, at the end the one that says so"))
    }

    /// An error at a place.
    pub(crate) fn error_at(&self, mark: Mark, message: impl Into<String>) -> YamlError {
        error_at(self.text, mark, message)
    }

    /// Whether the text that was read ends inside `[` or `{`.
    pub(crate) fn in_flow(&self) -> bool {
        self.flow_level > 0
    }

    /// The character at a place.
    pub(crate) fn character_at(&self, mark: Mark) -> char {
        self.text[mark.offset..].chars().next().unwrap_or(' ')
    }

    fn error<T>(&self, message: impl Into<String>) -> Scan<T> {
        Err(self.error_at(self.mark, message))
    }

    /// Fetches until the first token is certain: as long as it may turn out to be a key, it is not.
    fn fill(&mut self) -> Scan<()> {
        loop {
            if self.tokens.is_empty() {
                if self.ended {
                    let mark = self.mark;
                    self.tokens.push_back(Token { kind: TokenKind::StreamEnd, start: mark, end: mark });
                    return Ok(());
                }
            } else {
                // Nothing that follows can make a key of what is there.
                if self.ended {
                    return Ok(());
                }
                let head = self.taken;
                let Some(level) = self.simple_keys.iter().position(|key| key.possible && key.token == head)
                else {
                    return Ok(());
                };
                if !self.key_is_still_possible(level)? {
                    return Ok(());
                }
            }
            self.fetch()?;
        }
    }

    fn fetch(&mut self) -> Scan<()> {
        self.skip_to_token()?;
        self.unroll(self.mark.column() as isize);
        let at = self.byte(0);
        if self.at_end() {
            self.unroll(-1);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            self.ended = true;
            self.push(TokenKind::StreamEnd, self.mark);
            return Ok(());
        }
        if self.mark.column() == 0 {
            if at == b'%' {
                self.unroll(-1);
                self.remove_simple_key()?;
                self.simple_key_allowed = false;
                return self.scan_directive();
            }
            if let Some(indicator) = self.document_indicator() {
                self.unroll(-1);
                self.remove_simple_key()?;
                self.simple_key_allowed = false;
                let kind = if indicator == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
                self.push_indicator(kind, 3);
                return Ok(());
            }
        }
        let flow = self.flow_level > 0;
        match at {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if flow || self.is_blank_or_end(1) => self.fetch_key(),
            b':' if flow || self.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_anchor(at == b'*')
            }
            b'!' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_tag()
            }
            b'|' | b'>' if !flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.scan_block_scalar(at == b'|')
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_quoted(at == b'\'')
            }
            b'-' => self.fetch_plain(),
            b'?' | b':' if !flow => self.fetch_plain(),
            b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => self.error(cannot_start(at)),
            _ => self.fetch_plain(),
        }
    }

    fn fetch_plain(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_plain()
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey::default());
        self.flow_level += 1;
        if self.flow_level > DEPTH_LIMIT {
            return self.error(too_deep());
        }
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Scan<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("a list item cannot begin here; write it in a line of its own");
            }
            self.roll(self.mark.column(), None, TokenKind::BlockSequenceStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("a key cannot begin here");
            }
            self.roll(self.mark.column(), None, TokenKind::BlockMappingStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let level = self.simple_keys.len() - 1;
        if self.simple_keys[level].possible && self.key_is_still_possible(level)? {
            let SimpleKey { token, mark, .. } = self.simple_keys[level];
            self.insert(token, TokenKind::Key, mark);
            self.roll(mark.column(), Some(token), TokenKind::BlockMappingStart, mark)?;
            self.simple_keys[level].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.error(
                        "`: ` cannot stand here: the line already has a value; quote the text if it holds `: `",
                    );
                }
                self.roll(self.mark.column(), None, TokenKind::BlockMappingStart, self.mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Opens a block collection when the column is deeper than the innermost one.
    fn roll(&mut self, column: usize, token: Option<usize>, kind: TokenKind<'a>, mark: Mark) -> Scan<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        if self.indents.len() > DEPTH_LIMIT {
            return Err(self.error_at(mark, too_deep()));
        }
        self.indent = column as isize;
        match token {
            Some(token) => self.insert(token, kind, mark),
            None => self.tokens.push_back(Token { kind, start: mark, end: mark }),
        }
        Ok(())
    }

    /// Closes block collections that are deeper than the column.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn save_simple_key(&mut self) -> Scan<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_simple_key()?;
        let required = self.flow_level == 0 && self.indent == self.mark.column() as isize;
        let token = self.taken + self.tokens.len();
        let level = self.simple_keys.len() - 1;
        self.simple_keys[level] = SimpleKey { possible: true, required, token, mark: self.mark };
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scan<()> {
        let level = self.simple_keys.len() - 1;
        let key = self.simple_keys[level];
        if key.possible && key.required {
            return Err(self.error_at(key.mark, NO_COLON));
        }
        self.simple_keys[level].possible = false;
        Ok(())
    }

    fn key_is_still_possible(&mut self, level: usize) -> Scan<bool> {
        let key = self.simple_keys[level];
        let far = self.mark.offset - key.mark.offset > SIMPLE_KEY_LIMIT
            && self.text[key.mark.offset..self.mark.offset].chars().count() > SIMPLE_KEY_LIMIT;
        if key.mark.line < self.mark.line || far {
            if key.required {
                return Err(self.error_at(key.mark, NO_COLON));
            }
            self.simple_keys[level].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn push(&mut self, kind: TokenKind<'a>, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.mark });
    }

    fn push_indicator(&mut self, kind: TokenKind<'a>, length: usize) {
        let start = self.mark;
        self.mark.offset += length;
        self.push(kind, start);
    }

    fn insert(&mut self, token: usize, kind: TokenKind<'a>, mark: Mark) {
        self.tokens.insert(token - self.taken, Token { kind, start: mark, end: mark });
    }

    /// Skips white space and comments. Tabs only where no key can begin, so that they never indent.
    fn skip_to_token(&mut self) -> Scan<()> {
        loop {
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            while self.byte(0) == b' ' || (tabs && self.byte(0) == b'\t') {
                self.mark.offset += 1;
            }
            if self.byte(0) == b'#' {
                self.skip_comment();
            }
            if self.break_length(0) == 0 {
                return Ok(());
            }
            self.skip_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn skip_comment(&mut self) {
        while !self.at_end() && self.break_length(0) == 0 {
            self.mark.offset += 1;
        }
    }

    /// The byte so many bytes ahead; 0 past the end, which no text holds.
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.mark.offset + ahead).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.mark.offset >= self.bytes.len()
    }

    /// The bytes of the line break so many bytes ahead; 0 where none is. NEL, LS and PS are line breaks in YAML 1.1.
    fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\n' => 1,
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' => 1,
            0xC2 if self.byte(ahead + 1) == 0x85 => 2,
            0xE2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    fn is_break_or_end(&self, ahead: usize) -> bool {
        self.mark.offset + ahead >= self.bytes.len() || self.break_length(ahead) > 0
    }

    fn is_blank_or_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// `-` or `.` at the begin of a line with `---` or `...`.
    fn document_indicator(&self) -> Option<u8> {
        let first = self.byte(0);
        let marks = self.mark.column() == 0
            && matches!(first, b'-' | b'.')
            && self.byte(1) == first
            && self.byte(2) == first
            && self.is_blank_or_end(3);
        marks.then_some(first)
    }

    /// Skips a line break; there must be one.
    fn skip_break(&mut self) {
        self.mark.offset += self.break_length(0);
        self.mark.line += 1;
        self.mark.line_start = self.mark.offset;
    }

    /// Skips a line break and appends what it means: `\n`, or itself for LS and PS.
    fn read_break(&mut self, into: &mut String) {
        match self.break_length(0) {
            3 => into.push_str(&self.text[self.mark.offset..self.mark.offset + 3]),
            _ => into.push('\n'),
        }
        self.skip_break();
    }

    fn slice(&self, start: Mark, end: Mark) -> &'a str {
        &self.text[start.offset..end.offset]
    }
}

/// An error at a place of a text.
pub(crate) fn error_at(text: &str, mark: Mark, message: impl Into<String>) -> YamlError {
    let column = text[mark.line_start..mark.offset].chars().count() + 1;
    let column = u32::try_from(column).unwrap_or(u32::MAX);
    match conflict_at(text, mark) {
        // That a key lacks its `:` is true and helps nobody here.
        Some(line) => YamlError { line, column: 1, message: CONFLICT.to_owned() },
        None => YamlError { line: mark.line, column, message: message.into() },
    }
}

const CONFLICT: &str =
    "a merge conflict of Git begins here (`<<<<<<<`); keep one of its sides and remove the marks";

/// The line in which the merge conflict begins that a place lies in.
fn conflict_at(text: &str, mark: Mark) -> Option<u32> {
    let end = text[mark.offset..].find('\n').map_or(text.len(), |rest| mark.offset + rest);
    let before = &text[..end];
    let begin =
        before.rfind("\n<<<<<<< ").map(|at| at + 1).or(before.starts_with("<<<<<<< ").then_some(0))?;
    // The line that ends it may be the one that is no YAML.
    let is_over = text[begin..mark.line_start].contains("\n>>>>>>> ");
    let lines = before[begin..].matches('\n').count();
    (!is_over).then(|| mark.line.saturating_sub(u32::try_from(lines).unwrap_or(u32::MAX)).max(1))
}

const NO_COLON: &str = "expected `:` after this key; a key and its `:` stand in one line";

pub(crate) fn too_deep() -> String {
    format!("nested deeper than {DEPTH_LIMIT} levels")
}

fn cannot_start(byte: u8) -> String {
    match byte {
        b'\t' => "a tab cannot indent YAML; use spaces".to_owned(),
        _ => format!("a value cannot begin with `{}`; quote it", byte as char),
    }
}
