//! Plain, quoted and block scalars.

use std::borrow::Cow;

use super::{Mark, Scan, Scanner, Style, TokenKind};

/// The text of a scalar: a slice of the source until something has to be changed.
struct Text<'a> {
    source: &'a str,
    owned: Option<String>,
    /// Where the part of the source begins that is not in `owned` yet.
    from: usize,
}

impl<'a> Text<'a> {
    fn new(source: &'a str, from: usize) -> Self {
        Self { source, owned: None, from }
    }

    /// Takes the source up to `end`, then `more`; goes on reading at `next`.
    fn splice(&mut self, end: usize, more: &str, next: usize) {
        let owned = self.owned.get_or_insert_with(String::new);
        owned.push_str(&self.source[self.from..end]);
        owned.push_str(more);
        self.from = next;
    }

    fn finish(self, end: usize) -> Cow<'a, str> {
        let rest = &self.source[self.from..end];
        match self.owned {
            None => Cow::Borrowed(rest),
            Some(mut owned) => {
                owned.push_str(rest);
                Cow::Owned(owned)
            }
        }
    }
}

/// The line breaks between two parts of a scalar.
#[derive(Default)]
struct Fold {
    first: String,
    more: String,
}

impl Fold {
    /// One line break is a space, further ones are themselves; LS and PS always are.
    fn joined(&self) -> Cow<'_, str> {
        match (self.first.as_str(), self.more.is_empty()) {
            ("\n", true) => Cow::Borrowed(" "),
            ("\n" | "", false) => Cow::Borrowed(&self.more),
            (first, true) => Cow::Borrowed(first),
            (first, false) => Cow::Owned(format!("{first}{}", self.more)),
        }
    }
}

impl Scanner<'_> {
    pub(super) fn scan_plain(&mut self) -> Scan<()> {
        let start = self.mark;
        let mut end = self.mark;
        let mut text = Text::new(self.text, start.offset);
        let mut fold: Option<Fold> = None;
        let least = self.indent + 1;
        loop {
            if self.document_indicator().is_some() || self.byte(0) == b'#' {
                break;
            }
            let word = self.mark.offset;
            self.skip_plain_word();
            if self.mark.offset > word {
                if let Some(fold) = fold.take() {
                    text.splice(end.offset, &fold.joined(), word);
                }
                end = self.mark;
            }
            if !self.is_blank(0) && self.break_length(0) == 0 {
                break;
            }
            loop {
                if self.is_blank(0) {
                    if fold.is_some() && (self.mark.column() as isize) < least && self.byte(0) == b'\t' {
                        return self.error("a tab cannot indent YAML; use spaces");
                    }
                    self.mark.offset += 1;
                } else if self.break_length(0) > 0 {
                    match &mut fold {
                        None => {
                            let mut begun = Fold::default();
                            self.read_break(&mut begun.first);
                            fold = Some(begun);
                        }
                        Some(fold) => self.read_break(&mut fold.more),
                    }
                } else {
                    break;
                }
            }
            if self.flow_level == 0 && (self.mark.column() as isize) < least {
                break;
            }
        }
        if fold.is_some() {
            self.simple_key_allowed = true;
        }
        let text = text.finish(end.offset);
        self.tokens.push_back(super::Token {
            kind: TokenKind::Scalar { text, style: Style::Plain },
            start,
            end,
        });
        Ok(())
    }

    /// Skips characters of a plain scalar up to white space or an indicator that ends it.
    fn skip_plain_word(&mut self) {
        let flow = self.flow_level > 0;
        while let Some(&byte) = self.bytes.get(self.mark.offset) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => return,
                b':' if self.is_blank_or_end(1) => return,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => return,
                0xC2 | 0xE2 if self.break_length(0) > 0 => return,
                _ => self.mark.offset += 1,
            }
        }
    }

    pub(super) fn scan_quoted(&mut self, single: bool) -> Scan<()> {
        let start = self.mark;
        self.mark.offset += 1;
        let quote = if single { b'\'' } else { b'"' };
        let mut text = Text::new(self.text, self.mark.offset);
        loop {
            if self.document_indicator().is_some() {
                return self.error(unclosed("found the end of the document", start, quote));
            }
            if self.at_end() {
                return Err(self.error_at(start, unclosed("found the end of the text", start, quote)));
            }
            let mut fold: Option<Fold> = None;
            while !self.is_blank_or_end(0) {
                match self.byte(0) {
                    b'\'' if single && self.byte(1) == b'\'' => {
                        let offset = self.mark.offset;
                        text.splice(offset, "'", offset + 2);
                        self.mark.offset += 2;
                    }
                    byte if byte == quote => break,
                    b'\\' if !single && self.break_length(1) > 0 => {
                        text.splice(self.mark.offset, "", self.mark.offset);
                        self.mark.offset += 1;
                        self.skip_break();
                        fold = Some(Fold::default());
                        break;
                    }
                    b'\\' if !single => {
                        let offset = self.mark.offset;
                        let character = self.scan_escape()?;
                        text.splice(offset, character.encode_utf8(&mut [0; 4]), self.mark.offset);
                    }
                    _ => self.mark.offset += 1,
                }
            }
            if self.byte(0) == quote && fold.is_none() {
                break;
            }
            let end = self.mark.offset;
            // Where an escaped line break was read, the text before it is taken already.
            let taken = fold.is_some();
            loop {
                if self.is_blank(0) {
                    self.mark.offset += 1;
                } else if self.break_length(0) > 0 {
                    match &mut fold {
                        None => {
                            let mut begun = Fold::default();
                            self.read_break(&mut begun.first);
                            fold = Some(begun);
                        }
                        Some(fold) => self.read_break(&mut fold.more),
                    }
                } else {
                    break;
                }
            }
            if let Some(fold) = fold {
                if taken {
                    text.from = end;
                }
                text.splice(end, &fold.joined(), self.mark.offset);
            }
        }
        let text = text.finish(self.mark.offset);
        self.mark.offset += 1;
        let style = if single { Style::SingleQuoted } else { Style::DoubleQuoted };
        self.push(TokenKind::Scalar { text, style }, start);
        Ok(())
    }

    fn scan_escape(&mut self) -> Scan<char> {
        let start = self.mark;
        let digits = match self.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            byte => {
                let character = match byte {
                    b'0' => '\0',
                    b'a' => '\u{7}',
                    b'b' => '\u{8}',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\u{b}',
                    b'f' => '\u{c}',
                    b'r' => '\r',
                    b'e' => '\u{1b}',
                    b' ' => ' ',
                    b'"' => '"',
                    b'\'' => '\'',
                    b'\\' => '\\',
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    b'/' if self.lenient.json_escapes => '/',
                    _ => {
                        let escape: String = self.text[start.offset..].chars().take(2).collect();
                        return self.error(format!(
                            "`{escape}` is no escape of YAML; write `\\\\` for a backslash, or use single quotes"
                        ));
                    }
                };
                self.mark.offset += 2;
                return Ok(character);
            }
        };
        self.mark.offset += 2;
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = char::from(self.byte(0)).to_digit(16) else {
                return self.error(format!("expected {digits} hexadecimal digits in this escape"));
            };
            code = code.wrapping_mul(16).wrapping_add(digit);
            self.mark.offset += 1;
        }
        char::from_u32(code).ok_or_else(|| {
            self.error_at(start, "this escape names no character (a half of a pair, or beyond U+10FFFF)")
        })
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Scan<()> {
        let start = self.mark;
        self.mark.offset += 1;
        let mut chomp = None;
        let mut increment = 0;
        for _ in 0..2 {
            match self.byte(0) {
                sign @ (b'+' | b'-') if chomp.is_none() => chomp = Some(sign),
                b'0' if increment == 0 => {
                    return self.error("a block of text cannot be indented by 0 spaces");
                }
                digit @ b'1'..=b'9' if increment == 0 => increment = isize::from(digit - b'0'),
                _ => break,
            }
            self.mark.offset += 1;
        }
        while self.is_blank(0) {
            self.mark.offset += 1;
        }
        if self.byte(0) == b'#' {
            self.skip_comment();
        }
        if !self.is_break_or_end(0) {
            return self.error("expected the end of the line; a block of text begins in the next line");
        }
        if !self.at_end() {
            self.skip_break();
        }
        let mut end = self.mark;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let mut text = String::new();
        let mut first = String::new();
        let mut more = String::new();
        self.scan_block_breaks(&mut indent, &mut more, &mut end)?;
        let mut blank_before = false;
        while self.mark.column() as isize == indent && !self.at_end() {
            let blank = self.is_blank(0);
            if !literal && first == "\n" && !blank_before && !blank {
                if more.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first);
            }
            first.clear();
            text.push_str(&more);
            more.clear();
            blank_before = blank;
            let line = self.mark;
            while !self.is_break_or_end(0) {
                self.mark.offset += 1;
            }
            text.push_str(self.slice(line, self.mark));
            if !self.at_end() {
                self.read_break(&mut first);
            } else if self.lenient.ends_last_line {
                first.push('\n');
            }
            self.scan_block_breaks(&mut indent, &mut more, &mut end)?;
        }
        if chomp != Some(b'-') {
            text.push_str(&first);
        }
        if chomp == Some(b'+') {
            text.push_str(&more);
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        self.tokens.push_back(super::Token {
            kind: TokenKind::Scalar { text: Cow::Owned(text), style },
            start,
            end,
        });
        Ok(())
    }

    /// Skips indentation and empty lines; finds out the indentation where it is still 0.
    fn scan_block_breaks(&mut self, indent: &mut isize, breaks: &mut String, end: &mut Mark) -> Scan<()> {
        *end = self.mark;
        let begin = self.mark.offset;
        let mut widest = 0;
        loop {
            let open = |scanner: &Self| *indent == 0 || (scanner.mark.column() as isize) < *indent;
            while open(self) && self.byte(0) == b' ' {
                self.mark.offset += 1;
            }
            widest = widest.max(self.mark.column() as isize);
            if open(self) && self.byte(0) == b'\t' {
                return self.error("a tab cannot indent a block of text; use spaces");
            }
            if self.break_length(0) == 0 {
                // A last line of spaces only counts as a line, where last lines count as ended.
                if self.at_end()
                    && self.lenient.ends_last_line
                    && self.mark.offset > begin
                    && self.mark.column() > 0
                {
                    breaks.push('\n');
                }
                break;
            }
            self.read_break(breaks);
            *end = self.mark;
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

fn unclosed(found: &str, start: Mark, quote: u8) -> String {
    format!(
        "{found} inside a quoted text; it begins in line {} and needs a closing `{}`",
        start.line, quote as char
    )
}
