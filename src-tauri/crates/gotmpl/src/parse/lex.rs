//! Tokens. The rules about trim markers, comments and what ends a word are those of Go's lexer.

use crate::go::{decode_rune, is_digit, is_letter, is_print, is_space_byte, unicode_notation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    Variable,
    // Keywords from here on.
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    pub(super) fn is_keyword(self) -> bool {
        self as u8 >= Kind::Block as u8
    }
}

/// A token: what it is, where it stands, on which line it starts.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: usize,
    /// The text of an error.
    pub(super) message: Option<Box<str>>,
}

impl Token {
    pub(super) fn none() -> Token {
        Token { kind: Kind::Error, start: 0, end: 0, line: 0, message: None }
    }
}

pub(super) struct Lexer<'a> {
    input: &'a [u8],
    position: usize,
    start: usize,
    /// The line of `counted`.
    line: usize,
    counted: usize,
    inside_action: bool,
    parentheses: usize,
    failed: bool,
    /// `break` and `continue` are words of the language unless functions have these names.
    pub(super) break_is_keyword: bool,
    pub(super) continue_is_keyword: bool,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";

impl<'a> Lexer<'a> {
    pub(super) fn new(input: &'a [u8]) -> Lexer<'a> {
        Lexer {
            input,
            position: 0,
            start: 0,
            line: 1,
            counted: 0,
            inside_action: false,
            parentheses: 0,
            failed: false,
            break_is_keyword: true,
            continue_is_keyword: true,
        }
    }

    pub(super) fn next_token(&mut self) -> Token {
        if self.failed {
            return self.after_failure();
        }
        if self.inside_action { self.action() } else { self.text() }
    }

    fn rest(&self) -> &'a [u8] {
        &self.input[self.position..]
    }

    fn line_of_start(&mut self) -> usize {
        self.line += memchr::memchr_iter(b'\n', &self.input[self.counted..self.start]).count();
        self.counted = self.start;
        self.line
    }

    fn emit(&mut self, kind: Kind) -> Token {
        let line = self.line_of_start();
        let token = Token { kind, start: self.start, end: self.position, line, message: None };
        self.start = self.position;
        token
    }

    fn error(&mut self, message: impl Into<Box<str>>) -> Token {
        let line = self.line_of_start();
        self.failed = true;
        Token { kind: Kind::Error, start: self.start, end: self.start, line, message: Some(message.into()) }
    }

    /// Go's lexer goes on with an empty input after an error.
    fn after_failure(&mut self) -> Token {
        if self.inside_action {
            return self.error("unclosed action");
        }
        Token { kind: Kind::Eof, start: 0, end: 0, line: self.line, message: None }
    }

    fn ignore(&mut self) {
        self.start = self.position;
    }

    fn text(&mut self) -> Token {
        loop {
            let Some(found) = memchr::memmem::find(self.rest(), LEFT) else {
                self.position = self.input.len();
                return self.emit(if self.position > self.start { Kind::Text } else { Kind::Eof });
            };
            let delimiter = self.position + found;
            if found > 0 {
                self.position = delimiter;
                if has_left_trim_marker(&self.input[delimiter + LEFT.len()..]) {
                    self.position = self.start + trim_end(&self.input[self.start..delimiter]);
                }
                if self.position > self.start {
                    let token = self.emit(Kind::Text);
                    self.position = delimiter;
                    self.ignore();
                    return token;
                }
                self.position = delimiter;
                self.ignore();
            }
            match self.left_delimiter() {
                Some(token) => return token,
                None => continue,
            }
        }
    }

    /// The left delimiter, or `None` after a comment.
    fn left_delimiter(&mut self) -> Option<Token> {
        self.position += LEFT.len();
        let marker = if has_left_trim_marker(self.rest()) { 2 } else { 0 };
        if self.input[self.position + marker..].starts_with(b"/*") {
            self.position += marker;
            self.ignore();
            return self.comment();
        }
        let token = self.emit(Kind::LeftDelimiter);
        self.inside_action = true;
        self.position += marker;
        self.ignore();
        self.parentheses = 0;
        Some(token)
    }

    fn comment(&mut self) -> Option<Token> {
        let Some(end) = memchr::memmem::find(&self.input[self.position + 2..], b"*/") else {
            return Some(self.error("unclosed comment"));
        };
        self.position += 2 + end + 2;
        let Some(marker) = self.at_right_delimiter() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.position += marker + RIGHT.len();
        if marker > 0 {
            self.position += trim_start(self.rest());
        }
        self.ignore();
        None
    }

    /// Whether a right delimiter follows: the length of the trim marker before it, or zero.
    fn at_right_delimiter(&self) -> Option<usize> {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest[2..].starts_with(RIGHT) {
            return Some(2);
        }
        rest.starts_with(RIGHT).then_some(0)
    }

    fn right_delimiter(&mut self) -> Token {
        let marker = self.at_right_delimiter().unwrap_or(0);
        self.position += marker;
        self.ignore();
        self.position += RIGHT.len();
        let token = self.emit(Kind::RightDelimiter);
        if marker > 0 {
            self.position += trim_start(self.rest());
            self.ignore();
        }
        self.inside_action = false;
        token
    }

    fn peek(&self) -> Option<u32> {
        (self.position < self.input.len()).then(|| decode_rune(self.rest()).0)
    }

    fn next(&mut self) -> Option<u32> {
        if self.position >= self.input.len() {
            return None;
        }
        let (rune, width) = decode_rune(self.rest());
        self.position += width;
        Some(rune)
    }

    fn action(&mut self) -> Token {
        if self.at_right_delimiter().is_some() {
            if self.parentheses == 0 {
                return self.right_delimiter();
            }
            return self.error("unclosed left paren");
        }
        let Some(&byte) = self.input.get(self.position) else { return self.error("unclosed action") };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.space(),
            b'=' => self.single(Kind::Assign),
            b':' => {
                self.position += 1;
                if self.next() != Some(u32::from('=')) {
                    return self.error("expected :=");
                }
                self.emit(Kind::Declare)
            }
            b'|' => self.single(Kind::Pipe),
            b'"' => self.quoted(b'"', Kind::String, "unterminated quoted string"),
            b'\'' => self.quoted(b'\'', Kind::CharConstant, "unterminated character constant"),
            b'`' => {
                let Some(end) = memchr::memchr(b'`', &self.input[self.position + 1..]) else {
                    return self.error("unterminated raw quoted string");
                };
                self.position += end + 2;
                self.emit(Kind::RawString)
            }
            b'$' => {
                self.position += 1;
                self.field_or_variable(Kind::Variable)
            }
            b'.' if self.input.get(self.position + 1).is_some_and(|next| !next.is_ascii_digit()) => {
                self.position += 1;
                self.field_or_variable(Kind::Field)
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' => self.number(),
            b'(' => {
                self.parentheses += 1;
                self.single(Kind::LeftParenthesis)
            }
            b')' => {
                if self.parentheses == 0 {
                    return self.error("unexpected right paren");
                }
                self.parentheses -= 1;
                self.single(Kind::RightParenthesis)
            }
            _ => {
                let (rune, _) = decode_rune(self.rest());
                if is_alphanumeric(rune) {
                    return self.identifier();
                }
                if rune < 0x80 && is_print(rune) {
                    return self.single(Kind::Char);
                }
                self.error(format!("unrecognized character in action: {}", unicode_notation(rune)))
            }
        }
    }

    fn single(&mut self, kind: Kind) -> Token {
        self.position += 1;
        self.emit(kind)
    }

    fn space(&mut self) -> Token {
        let spaces = self.rest().iter().take_while(|byte| is_space_byte(**byte)).count();
        self.position += spaces;
        // A trim marker begins with a space; that one belongs to the delimiter.
        self.position -= 1;
        if self.at_right_delimiter() == Some(2) {
            if spaces == 1 {
                return self.right_delimiter();
            }
        } else {
            self.position += 1;
        }
        self.emit(Kind::Space)
    }

    fn quoted(&mut self, quote: u8, kind: Kind, unterminated: &str) -> Token {
        let mut at = self.position + 1;
        loop {
            match self.input.get(at) {
                Some(b'\\') if self.input.get(at + 1).is_some_and(|next| *next != b'\n') => {
                    let (_, width) = decode_rune(&self.input[at + 1..]);
                    at += 1 + width;
                }
                None | Some(b'\\' | b'\n') => return self.error(unterminated),
                Some(&byte) => {
                    at += 1;
                    if byte == quote {
                        self.position = at;
                        return self.emit(kind);
                    }
                }
            }
        }
    }

    fn skip_alphanumeric(&mut self) {
        while let Some(rune) = self.peek() {
            if !is_alphanumeric(rune) {
                break;
            }
            self.next();
        }
    }

    fn bad_character(&mut self) -> Token {
        // Only a character that is there can be no terminator.
        let rune = self.peek().unwrap_or(0xFFFD);
        self.error(format!("bad character {}", unicode_notation(rune)))
    }

    fn identifier(&mut self) -> Token {
        self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match &self.input[self.start..self.position] {
            b"block" => Kind::Block,
            b"break" if self.break_is_keyword => Kind::Break,
            b"continue" if self.continue_is_keyword => Kind::Continue,
            b"define" => Kind::Define,
            b"else" => Kind::Else,
            b"end" => Kind::End,
            b"if" => Kind::If,
            b"range" => Kind::Range,
            b"nil" => Kind::Nil,
            b"template" => Kind::Template,
            b"with" => Kind::With,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind)
    }

    fn field_or_variable(&mut self, kind: Kind) -> Token {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Field { Kind::Dot } else { kind });
        }
        self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.emit(kind)
    }

    /// Whether what follows may end a word.
    fn at_terminator(&self) -> bool {
        match self.input.get(self.position) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            _ => self.rest().starts_with(RIGHT),
        }
    }

    fn number(&mut self) -> Token {
        if !self.scan_number() {
            return self.bad_number();
        }
        if let Some(b'+' | b'-') = self.input.get(self.position) {
            if !self.scan_number() || self.input[self.position - 1] != b'i' {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Token {
        let text = crate::go::quote(&self.input[self.start..self.position]);
        self.error(format!("bad number syntax: {text}"))
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let accepted = self.input.get(self.position).is_some_and(|byte| valid.contains(byte));
        self.position += usize::from(accepted);
        accepted
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }

    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEXADECIMAL;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if (digits == DECIMAL && self.accept(b"eE")) || (digits == HEXADECIMAL && self.accept(b"pP")) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn is_alphanumeric(rune: u32) -> bool {
    rune == u32::from('_') || is_letter(rune) || is_digit(rune)
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && text[0] == b'-' && is_space_byte(text[1])
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && is_space_byte(text[0]) && text[1] == b'-'
}

fn trim_end(text: &[u8]) -> usize {
    text.iter().rposition(|byte| !is_space_byte(*byte)).map_or(0, |last| last + 1)
}

fn trim_start(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_space_byte(*byte)).unwrap_or(text.len())
}
