//! Go's regular expressions (RE2 syntax) on the `regex` crate.
//!
//! Both engines find the leftmost match and prefer alternatives in order, so only the syntax has to be translated:
//! Go's classes `\d`, `\w`, `\s` and boundaries `\b` know ASCII only, its character classes do not nest, its error texts
//! are its own. Differences that remain: a text that is not UTF-8 (Go matches a bad byte as U+FFFD), and patterns whose
//! program would be larger than [`LARGEST_PROGRAM`].

pub(super) mod class;
mod syntax;

use std::cell::RefCell;
use std::rc::Rc;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::cache::Bounded;
use crate::go;

/// Bytes that a compiled pattern may take.
const LARGEST_PROGRAM: usize = 16 << 20;
/// Bytes of a compiled pattern that is kept; larger ones are compiled anew each time.
const LARGEST_KEPT: usize = 1 << 20;

type Compiled = Result<Rc<Regexp>, PatternError>;

thread_local! {
    static COMPILED: RefCell<Bounded<Box<[u8]>, Rc<Regexp>>> = RefCell::new(Bounded::new(128));
}

/// Why a pattern does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PatternError {
    /// Go's text.
    pub(crate) text: String,
    /// Whether finding out took long, since the pattern is too large.
    pub(crate) costly: bool,
}

/// A compiled Go regular expression.
#[derive(Debug)]
pub(crate) struct Regexp {
    regex: Regex,
    /// The name of each group, the whole match included; empty where it has none. Go allows a name twice.
    names: Vec<String>,
    /// Whether the pattern is the empty string.
    empty: bool,
    /// Whether it is so large that it is not kept.
    costly: bool,
}

impl Regexp {
    /// The compiled pattern, from this thread's cache where it was compiled before. The error is that of Go's
    /// `regexp.Compile`.
    pub(crate) fn compile(pattern: &[u8]) -> Compiled {
        if let Some(known) = COMPILED.with_borrow(|cache| cache.get(pattern).cloned()) {
            return Ok(known);
        }
        let translated = syntax::translate(pattern).map_err(|fault| PatternError {
            text: format!("error parsing regexp: {}: `{}`", fault.what, fault.expression),
            costly: false,
        })?;
        let build =
            |limit: usize| RegexBuilder::new(&translated.pattern).size_limit(limit).nest_limit(500).build();
        let (regex, kept) = match build(LARGEST_KEPT) {
            Ok(regex) => (Ok(regex), true),
            Err(_) => (build(LARGEST_PROGRAM), false),
        };
        let regex = regex.map_err(|_| PatternError {
            text: format!(
                "error parsing regexp: expression too large: `{}`",
                String::from_utf8_lossy(pattern)
            ),
            costly: true,
        })?;
        let empty = pattern.is_empty();
        let compiled = Rc::new(Regexp { regex, names: translated.names, empty, costly: !kept });
        if kept {
            COMPILED.with_borrow_mut(|cache| cache.insert(pattern.into(), Rc::clone(&compiled)));
        }
        Ok(compiled)
    }

    /// Whether compiling it takes long each time.
    pub(crate) fn is_costly(&self) -> bool {
        self.costly
    }

    /// Whether the text contains a match.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// The first match.
    pub(crate) fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        self.regex.find(text).map(|found| found.as_bytes())
    }

    /// The range of the first match from a position on.
    fn find_from(&self, text: &[u8], mut position: usize) -> Option<(usize, usize)> {
        loop {
            let found = self.regex.find_at(text, position)?;
            // `\B` of ASCII, which knows bytes only, holds within a character too.
            if found.start() < found.end() || !is_within_character(text, found.start()) {
                return Some((found.start(), found.end()));
            }
            position = found.start() + 1;
        }
    }

    /// The ranges of up to `most` matches; a negative number means all.
    pub(crate) fn find_all(&self, text: &[u8], most: i64) -> Vec<(usize, usize)> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut position = 0;
        let mut previous_end = None;
        while found.len() < most && position <= text.len() {
            let Some((start, end)) = self.find_from(text, position) else { break };
            // An empty match right after another match does not count.
            let accepted = end != position || Some(start) != previous_end;
            position = if end == position { end + character_width(&text[end..]).max(1) } else { end };
            previous_end = Some(end);
            if accepted {
                found.push((start, end));
            }
        }
        found
    }

    /// Appends the text with every match replaced: by the template, in which `$1` and `${name}` stand for groups, or by the
    /// replacement as it is where `literal`.
    pub(crate) fn replace_all(&self, text: &[u8], replacement: &[u8], literal: bool, output: &mut Vec<u8>) {
        let literal = literal || !replacement.contains(&b'$');
        output.reserve(text.len());
        let (mut copied, mut position) = (0, 0);
        while position <= text.len() {
            let Some((start, end)) = self.find_from(text, position) else { break };
            // Groups are looked for only where they are needed.
            let captures = if literal { None } else { self.regex.captures_at(text, start) };
            output.extend_from_slice(&text[copied..start]);
            // The replacement is left out for an empty match right after another match.
            if end > copied || start == 0 {
                match &captures {
                    Some(captures) => self.expand(replacement, captures, output),
                    None => output.extend_from_slice(replacement),
                }
            }
            copied = end;
            let width = text.get(position..).map_or(0, character_width);
            position = if position + width > end {
                position + width
            } else {
                end.max(position + usize::from(width == 0))
            };
        }
        output.extend_from_slice(&text[copied..]);
    }

    /// Pieces of the text between matches, at most `most` of them; a negative number means all.
    pub(crate) fn split<'t>(&self, text: &'t [u8], most: i64) -> Option<Vec<&'t [u8]>> {
        if most == 0 {
            return None;
        }
        if !self.empty && text.is_empty() {
            return Some(vec![b""]);
        }
        let mut pieces = Vec::new();
        let (mut begin, mut last_start) = (0, 0);
        for (start, end) in self.find_all(text, most) {
            if most > 0 && pieces.len() as i64 >= most - 1 {
                break;
            }
            last_start = start;
            if end != 0 {
                pieces.push(&text[begin..start]);
            }
            begin = end;
        }
        if last_start != text.len() {
            pieces.push(&text[begin..]);
        }
        Some(pieces)
    }

    /// Writes a replacement template with the groups of a match. `$x` takes the longest name, so that `$1W` is the group
    /// named `1W`; what is no group is empty.
    fn expand(&self, template: &[u8], captures: &Captures<'_>, output: &mut Vec<u8>) {
        let mut template = template;
        while let Some(dollar) = template.iter().position(|byte| *byte == b'$') {
            output.extend_from_slice(&template[..dollar]);
            template = &template[dollar + 1..];
            if let Some(rest) = template.strip_prefix(b"$") {
                output.push(b'$');
                template = rest;
                continue;
            }
            let Some((name, rest)) = reference(template) else {
                output.push(b'$');
                continue;
            };
            template = rest;
            let group = match group_number(name) {
                Some(number) => captures.get(number),
                None => (0..self.names.len())
                    .filter(|index| self.names[*index].as_bytes() == name)
                    .find_map(|index| captures.get(index)),
            };
            if let Some(group) = group {
                output.extend_from_slice(group.as_bytes());
            }
        }
        output.extend_from_slice(template);
    }
}

/// The name after a dollar sign, with or without braces, and what follows it.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (braced, text) = match text.strip_prefix(b"{") {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let in_name = |rune: u32| rune == u32::from('_') || go::is_letter(rune) || go::is_digit(rune);
    let length = go::runes(text).find(|(_, rune, _)| !in_name(*rune)).map_or(text.len(), |(at, _, _)| at);
    let (name, rest) = text.split_at(length);
    if name.is_empty() {
        return None;
    }
    if braced { rest.strip_prefix(b"}").map(|rest| (name, rest)) } else { Some((name, rest)) }
}

/// A group's number: decimal digits without a leading zero, not absurdly large.
fn group_number(name: &[u8]) -> Option<usize> {
    if name.len() > 9 || name.len() > 1 && name[0] == b'0' {
        return None;
    }
    name.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + usize::from(byte - b'0')))
}

/// The width of the first character; 1 for a byte that starts none, 0 at the end.
fn character_width(text: &[u8]) -> usize {
    go::decode_rune(text).1
}

/// Whether a position lies between the bytes of one character.
fn is_within_character(text: &[u8], position: usize) -> bool {
    text.get(position).is_some_and(|byte| (0x80..0xc0).contains(byte))
        && (1..=3.min(position)).any(|back| character_width(&text[position - back..]) > back)
}

/// The text with every special character escaped.
pub(crate) fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len() + 8);
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted
}
