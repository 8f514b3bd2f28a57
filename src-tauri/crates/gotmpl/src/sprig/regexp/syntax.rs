//! Reads Go's syntax and writes that of the `regex` crate.
//!
//! Rules and error texts: <https://pkg.go.dev/regexp/syntax> and the behaviour of Go 1.26.

use super::class::{complement, perl_group, posix_group, push_ranges, unicode_class};

/// The nesting that Go allows.
const DEEPEST: usize = 1000;
/// The count that Go allows, also as the product of nested counts.
const LARGEST_COUNT: i64 = 1000;

/// A pattern of the `regex` crate with the same meaning.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The names of the groups, the whole match first; empty where a group has none.
    pub(super) names: Vec<String>,
}

/// What is wrong with a pattern, and the part of it that is.
pub(super) struct Fault {
    pub(super) what: &'static str,
    pub(super) expression: String,
}

type Parsed<T> = Result<T, Fault>;

fn fault<T>(what: &'static str, expression: &str) -> Parsed<T> {
    Err(Fault { what, expression: expression.to_owned() })
}

const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
const BAD_COUNT: &str = "invalid repeat count";
const BAD_RANGE: &str = "invalid character class range";

/// Translates a pattern.
pub(super) fn translate(pattern: &[u8]) -> Parsed<Translated> {
    let Ok(whole) = std::str::from_utf8(pattern) else {
        return fault("invalid UTF-8", &String::from_utf8_lossy(pattern));
    };
    let mut translator = Translator {
        whole,
        flags: Flags::default(),
        frames: vec![Frame::new(String::new(), Flags::default())],
        names: vec![String::new()],
    };
    translator.run()?;
    let Translator { mut frames, names, .. } = translator;
    match (frames.pop(), frames.is_empty()) {
        (Some(frame), true) => Ok(Translated { pattern: frame.finish().text, names }),
        _ => fault("missing closing )", whole),
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    swap_greed: bool,
}

/// A piece of the translation that a repetition can be applied to.
struct Atom {
    text: String,
    /// Whether a repetition operator can follow the text as it stands.
    single: bool,
    height: usize,
    /// The product of the nested counts within.
    count: i64,
}

impl Atom {
    fn single(text: String) -> Atom {
        Atom { text, single: true, height: 1, count: 1 }
    }
}

/// A group that is still open, or the whole pattern.
struct Frame {
    opening: String,
    /// The flags to go back to when it closes.
    flags: Flags,
    branches: Vec<Atom>,
    atoms: Vec<Atom>,
}

impl Frame {
    fn new(opening: String, flags: Flags) -> Frame {
        Frame { opening, flags, branches: Vec::new(), atoms: Vec::new() }
    }

    /// Ends the current alternative.
    fn end_branch(&mut self) {
        let atoms = std::mem::take(&mut self.atoms);
        let nested = usize::from(atoms.len() > 1);
        let height = nested + atoms.iter().map(|atom| atom.height).max().unwrap_or(1);
        let count = atoms.iter().map(|atom| atom.count).max().unwrap_or(1);
        let text = atoms.into_iter().fold(String::new(), |text, atom| text + &atom.text);
        self.branches.push(Atom { text, single: false, height, count });
    }

    /// All alternatives, without the parentheses.
    fn finish(mut self) -> Atom {
        self.end_branch();
        let nested = usize::from(self.branches.len() > 1);
        let height = nested + self.branches.iter().map(|branch| branch.height).max().unwrap_or(1);
        let count = self.branches.iter().map(|branch| branch.count).max().unwrap_or(1);
        let mut text = String::new();
        for (index, branch) in self.branches.into_iter().enumerate() {
            if index > 0 {
                text.push('|');
            }
            text.push_str(&branch.text);
        }
        Atom { text, single: false, height, count }
    }
}

struct Translator<'p> {
    whole: &'p str,
    flags: Flags,
    frames: Vec<Frame>,
    names: Vec<String>,
}

impl<'p> Translator<'p> {
    fn run(&mut self) -> Parsed<()> {
        let mut rest = self.whole;
        // Where the repetition operator just read began, if the last thing read was one.
        let mut last_repeat = None;
        while let Some(first) = rest.bytes().next() {
            let before = rest;
            let mut repeated = None;
            rest = match first {
                b'(' if rest.starts_with("(?") => self.flags_or_group(rest)?,
                b'(' => {
                    self.names.push(String::new());
                    self.open("(");
                    &rest[1..]
                }
                b'|' => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.end_branch();
                    }
                    &rest[1..]
                }
                b')' => {
                    self.close()?;
                    &rest[1..]
                }
                b'^' => {
                    self.push(if self.flags.multi_line { "(?m:^)" } else { r"\A" });
                    &rest[1..]
                }
                b'$' => {
                    self.push(if self.flags.multi_line { "(?m:$)" } else { r"\z" });
                    &rest[1..]
                }
                b'.' => {
                    self.push(if self.flags.dot_newline { "(?s:.)" } else { r"[^\n]" });
                    &rest[1..]
                }
                b'[' => self.class(rest)?,
                b'*' | b'+' | b'?' => {
                    repeated = Some(before);
                    self.repeat(before, &rest[1..], 1, 1, last_repeat)?
                }
                b'{' => match counts(rest) {
                    None => {
                        self.literal('{');
                        &rest[1..]
                    }
                    Some((low, high, after)) => {
                        let operator = &before[..before.len() - after.len()];
                        let beyond = |count: Option<i64>| {
                            count.is_some_and(|count| !(0..=LARGEST_COUNT).contains(&count))
                        };
                        if beyond(Some(low)) || beyond(high) || high.is_some_and(|high| high < low) {
                            return fault(BAD_COUNT, operator);
                        }
                        repeated = Some(before);
                        // Without an upper bound the lower one counts; with an upper bound of 0, nothing does.
                        let count = high.unwrap_or(low).max(1);
                        let checked = if low >= 2 || high.is_some_and(|high| high >= 2) { count } else { 1 };
                        let reset = high == Some(0);
                        self.repeat(before, after, if reset { 0 } else { count }, checked, last_repeat)?
                    }
                },
                b'\\' => self.escape(rest)?,
                _ => {
                    let Some(character) = rest.chars().next() else { break };
                    self.literal(character);
                    &rest[character.len_utf8()..]
                }
            };
            last_repeat = repeated;
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        self.push_atom(Atom::single(text.to_owned()));
    }

    fn push_atom(&mut self, atom: Atom) {
        if let Some(frame) = self.frames.last_mut() {
            frame.atoms.push(atom);
        }
    }

    fn literal(&mut self, character: char) {
        let mut text = String::with_capacity(8);
        if character.is_ascii_alphanumeric()
            || matches!(character, ' ' | '_' | '/' | ':' | ',' | '=' | '@' | '!' | '%' | '"' | '\'' | ';')
        {
            text.push(character);
        } else {
            push_ranges(&mut text, [(character.into(), character.into())]);
        }
        self.push_folded(text);
    }

    fn push_folded(&mut self, text: String) {
        let text = if self.flags.fold_case { format!("(?i:{text})") } else { text };
        self.push_atom(Atom::single(text));
    }

    fn open(&mut self, opening: &str) {
        self.frames.push(Frame::new(opening.to_owned(), self.flags));
    }

    fn close(&mut self) -> Parsed<()> {
        let frame = if self.frames.len() > 1 { self.frames.pop() } else { None };
        let Some(frame) = frame else { return fault("unexpected )", self.whole) };
        self.flags = frame.flags;
        let capturing = frame.opening == "(";
        let opening = frame.opening.clone();
        let inner = frame.finish();
        let height = inner.height + usize::from(capturing);
        let atom =
            Atom { text: format!("{opening}{})", inner.text), single: true, height, count: inner.count };
        self.check_height(&atom)?;
        self.push_atom(atom);
        Ok(())
    }

    fn check_height(&self, atom: &Atom) -> Parsed<()> {
        if atom.height > DEEPEST { fault("expression nests too deeply", self.whole) } else { Ok(()) }
    }

    /// Applies the repetition operator at the start of `before` to the last atom; `after` is what follows it. `count` is
    /// what it multiplies the nested counts by (0 drops them), `checked` what is held against the limit.
    fn repeat(
        &mut self,
        before: &'p str,
        after: &'p str,
        count: i64,
        checked: i64,
        last_repeat: Option<&'p str>,
    ) -> Parsed<&'p str> {
        let operator = &before[..before.len() - after.len()];
        let (after, lazy) = match after.strip_prefix('?') {
            Some(after) => (after, !self.flags.swap_greed),
            None => (after, self.flags.swap_greed),
        };
        if let Some(last) = last_repeat {
            return fault("invalid nested repetition operator", &last[..last.len() - after.len()]);
        }
        let shown = &before[..before.len() - after.len()];
        let Some(atom) = self.frames.last_mut().and_then(|frame| frame.atoms.pop()) else {
            return fault(MISSING_ARGUMENT, shown);
        };
        let nested = if count == 0 { 1 } else { atom.count.saturating_mul(count) };
        if checked > 1 && nested > LARGEST_COUNT {
            return fault(BAD_COUNT, shown);
        }
        let lazy = if lazy { "?" } else { "" };
        let text = if atom.single {
            format!("{}{operator}{lazy}", atom.text)
        } else {
            format!("(?:{}){operator}{lazy}", atom.text)
        };
        let atom = Atom { text, single: false, height: atom.height + 1, count: nested };
        self.check_height(&atom)?;
        self.push_atom(atom);
        Ok(after)
    }

    /// `(?P<name>`, `(?<name>`, `(?i)`, `(?i-s:` and so on.
    fn flags_or_group(&mut self, text: &'p str) -> Parsed<&'p str> {
        let name_start = if text.len() > 4 && text[2..].starts_with("P<") {
            Some(4)
        } else if text.len() > 3 && text[2..].starts_with('<') {
            Some(3)
        } else {
            None
        };
        if let Some(start) = name_start {
            const BAD_NAME: &str = "invalid named capture";
            let Some(end) = text.find('>') else { return fault(BAD_NAME, text) };
            let name = text.get(start..end).unwrap_or("");
            if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return fault(BAD_NAME, &text[..=end]);
            }
            self.names.push(name.to_owned());
            self.open("(");
            return Ok(&text[end + 1..]);
        }
        let mut flags = self.flags;
        let (mut value, mut seen) = (true, false);
        let mut characters = text[2..].char_indices();
        let mut read = text.len();
        for (offset, character) in characters.by_ref() {
            read = 2 + offset + character.len_utf8();
            match character {
                'i' => flags.fold_case = value,
                'm' => flags.multi_line = value,
                's' => flags.dot_newline = value,
                'U' => flags.swap_greed = value,
                '-' if value => {
                    (value, seen) = (false, false);
                    continue;
                }
                ':' | ')' if value || seen => {
                    if character == ':' {
                        self.open("(?:");
                    }
                    self.flags = flags;
                    return Ok(&text[read..]);
                }
                _ => return fault("invalid or unsupported Perl syntax", &text[..read]),
            }
            seen = true;
        }
        fault("invalid or unsupported Perl syntax", &text[..read])
    }

    /// What a backslash outside a class begins.
    fn escape(&mut self, text: &'p str) -> Parsed<&'p str> {
        let simple = match text.as_bytes().get(1) {
            Some(b'A') => Some(r"\A"),
            Some(b'z') => Some(r"\z"),
            Some(b'b') => Some(r"(?-u:\b)"),
            Some(b'B') => Some(r"(?-u:\B)"),
            _ => None,
        };
        if let Some(simple) = simple {
            self.push(simple);
            return Ok(&text[2..]);
        }
        match text.as_bytes().get(1) {
            Some(b'C') => return fault("invalid escape sequence", &text[..2]),
            Some(b'Q') => {
                let quoted = &text[2..];
                let (literal, rest) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
                for character in literal.chars() {
                    self.literal(character);
                }
                return Ok(rest);
            }
            Some(b'p' | b'P') => {
                let (class, rest) = unicode_escape(text)?;
                self.push_folded(class);
                return Ok(rest);
            }
            Some(letter) => {
                if let Some((ranges, negated)) = perl_group(*letter) {
                    let mut class = String::from(if negated { "[^" } else { "[" });
                    push_ranges(&mut class, ranges.iter().copied());
                    class.push(']');
                    self.push_folded(class);
                    return Ok(&text[2..]);
                }
            }
            None => {}
        }
        let (code, rest) = character_escape(text)?;
        match char::from_u32(code) {
            Some(character) => self.literal(character),
            None => self.push(NOTHING),
        }
        Ok(rest)
    }

    /// A class in brackets.
    fn class(&mut self, text: &'p str) -> Parsed<&'p str> {
        let mut rest = &text[1..];
        let negated = rest.starts_with('^');
        if negated {
            rest = &rest[1..];
        }
        let mut members = String::new();
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            if let Some(inner) = rest.strip_prefix("[:")
                && let Some(end) = inner.find(":]")
            {
                let Some((ranges, negated)) = posix_group(&inner[..end]) else {
                    return fault(BAD_RANGE, &rest[..end + 4]);
                };
                push_group(&mut members, ranges, negated);
                rest = &inner[end + 2..];
                continue;
            }
            if rest.starts_with(r"\p") || rest.starts_with(r"\P") {
                let (class, after) = unicode_escape(rest)?;
                members.push_str(&class);
                rest = after;
                continue;
            }
            if let [b'\\', letter, ..] = rest.as_bytes()
                && let Some((ranges, negated)) = perl_group(*letter)
            {
                push_group(&mut members, ranges, negated);
                rest = &rest[2..];
                continue;
            }
            let start = rest;
            let (low, after) = class_character(rest, text)?;
            let mut high = low;
            rest = after;
            if rest.len() >= 2 && rest.starts_with('-') && !rest[1..].starts_with(']') {
                let (upper, after) = class_character(&rest[1..], text)?;
                rest = after;
                high = upper;
                if high < low {
                    return fault(BAD_RANGE, &start[..start.len() - rest.len()]);
                }
            }
            push_ranges(&mut members, [(low, high)]);
        }
        let class = match (members.is_empty(), negated) {
            // Only surrogates: no text has them.
            (true, false) => NOTHING.to_owned(),
            (true, true) => "(?s:.)".to_owned(),
            (false, false) => format!("[{members}]"),
            (false, true) => format!("[^{members}]"),
        };
        self.push_folded(class);
        Ok(&rest[1..])
    }
}

/// A class that matches nothing.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

fn push_group(members: &mut String, ranges: &[(u32, u32)], negated: bool) {
    if negated {
        push_ranges(members, complement(ranges));
    } else {
        push_ranges(members, ranges.iter().copied());
    }
}

/// One character of a class, escaped or not; `whole` is the class for the error at the end of the pattern.
fn class_character<'p>(text: &'p str, whole: &str) -> Parsed<(u32, &'p str)> {
    match text.chars().next() {
        None => fault("missing closing ]", whole),
        Some('\\') => character_escape(text),
        Some(character) => Ok((character.into(), &text[character.len_utf8()..])),
    }
}

/// `\pL`, `\p{Greek}`, `\P{^Lu}`.
fn unicode_escape(text: &str) -> Parsed<(String, &str)> {
    let mut negated = text.starts_with(r"\P");
    let Some(first) = text[2..].chars().next() else { return fault(BAD_RANGE, text) };
    let (name, length) = if first == '{' {
        let Some(end) = text.find('}') else { return fault(BAD_RANGE, text) };
        (&text[3..end], end + 1)
    } else {
        (&text[2..2 + first.len_utf8()], 2 + first.len_utf8())
    };
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negated = !negated;
            name
        }
        None => name,
    };
    // The surrogates, which no text has.
    if name.eq_ignore_ascii_case("cs") || name.eq_ignore_ascii_case("surrogate") {
        let class = if negated { r"[\x{0}-\x{10FFFF}]" } else { NOTHING };
        return Ok((class.to_owned(), &text[length..]));
    }
    match unicode_class(name) {
        Some(class) => Ok((format!(r"\{}{class}", if negated { 'P' } else { 'p' }), &text[length..])),
        None => fault(BAD_RANGE, &text[..length]),
    }
}

/// An escape that stands for one character.
fn character_escape(text: &str) -> Parsed<(u32, &str)> {
    let after = &text[1..];
    let Some(letter) = after.chars().next() else {
        return fault("trailing backslash at end of expression", "");
    };
    let mut rest = &after[letter.len_utf8()..];
    let simple = match letter {
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Some(letter.into()),
        _ => None,
    };
    if let Some(code) = simple {
        return Ok((code, rest));
    }
    let octal = |text: &str| text.bytes().next().filter(|byte| (b'0'..=b'7').contains(byte));
    // A single digit other than zero would be a back-reference.
    if letter == '0' || ('1'..='7').contains(&letter) && octal(rest).is_some() {
        let mut code = u32::from(letter) - u32::from('0');
        for _ in 0..2 {
            let Some(digit) = octal(rest) else { break };
            code = code * 8 + u32::from(digit - b'0');
            rest = &rest[1..];
        }
        return Ok((code, rest));
    }
    if letter == 'x' {
        match hexadecimal(rest) {
            Ok(found) => return Ok(found),
            Err(unread) => rest = unread,
        }
    }
    fault("invalid escape sequence", &text[..text.len() - rest.len()])
}

/// What follows `\x`: two digits, or digits in braces. The error is what is left after the text that Go blames.
fn hexadecimal(text: &str) -> Result<(u32, &str), &str> {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return Err(text) };
    if first != '{' {
        let Some(second) = characters.next() else { return Err("") };
        return match (first.to_digit(16), second.to_digit(16)) {
            (Some(high), Some(low)) => Ok((high * 16 + low, characters.as_str())),
            _ => Err(characters.as_str()),
        };
    }
    let mut code = 0;
    let mut digits = 0;
    loop {
        let Some(character) = characters.next() else { return Err("") };
        if character == '}' {
            return if digits > 0 { Ok((code, characters.as_str())) } else { Err(characters.as_str()) };
        }
        let Some(digit) = character.to_digit(16) else { return Err(characters.as_str()) };
        code = code * 16 + digit;
        if code > 0x10_ffff {
            return Err(characters.as_str());
        }
        digits += 1;
    }
}

/// `{2}`, `{2,}`, `{2,5}`: the bounds and what follows; `None` where the brace is just a character. A number too large
/// for any use is -1.
fn counts(text: &str) -> Option<(i64, Option<i64>, &str)> {
    let (low, rest) = count(text.strip_prefix('{')?)?;
    let Some(rest) = rest.strip_prefix(',') else {
        return Some((low, Some(low), rest.strip_prefix('}')?));
    };
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((low, None, rest));
    }
    let (high, rest) = count(rest)?;
    Some((low, Some(high), rest.strip_prefix('}')?))
}

fn count(text: &str) -> Option<(i64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let digits = &text[..length];
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    let number = if digits.len() > 8 { -1 } else { digits.parse().ok()? };
    Some((number, &text[length..]))
}
