//! Formats with verbs: flags, widths, precisions, argument indexes, and what Go prints where they do not fit.

use super::flags::Flags;
use super::printer::Printer;
use crate::go;
use crate::value::{Plain, Value};

/// Go takes no width or precision beyond this.
const TOO_LARGE: i64 = 1_000_000;

struct Format<'a> {
    text: &'a [u8],
    at: usize,
    values: &'a [Value],
    /// The operand that comes next.
    next: usize,
    reordered: bool,
    good_index: bool,
}

impl Printer {
    pub(crate) fn printf(&mut self, format: &[u8], values: &[Value]) {
        let mut state = Format { text: format, at: 0, values, next: 0, reordered: false, good_index: true };
        while state.at < format.len() {
            let rest = &format[state.at..];
            let plain = memchr::memchr(b'%', rest).unwrap_or(rest.len());
            self.out.write(&rest[..plain]);
            state.at += plain;
            if state.at >= format.len() {
                break;
            }
            state.at += 1;
            if !self.directive(&mut state) {
                break;
            }
        }
        if !state.reordered && state.next < values.len() {
            self.extra(&values[state.next..]);
        }
    }

    /// One verb with all that belongs to it; false at the end of the format.
    fn directive(&mut self, state: &mut Format<'_>) -> bool {
        state.good_index = true;
        self.flags = state.flags();
        let mut after_index = state.index();
        if state.eat(b'*') {
            after_index = false;
            match state.operand_number() {
                Some(width) => {
                    self.flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        self.flags.minus = true;
                        self.flags.zero = false;
                    }
                }
                None => self.out.write(b"%!(BADWIDTH)"),
            }
        } else {
            self.flags.width = state.number();
            if after_index && self.flags.width.is_some() {
                state.good_index = false;
            }
        }
        if state.at + 1 < state.text.len() && state.text[state.at] == b'.' {
            state.at += 1;
            if after_index {
                state.good_index = false;
            }
            after_index = state.index();
            if state.eat(b'*') {
                after_index = false;
                self.flags.precision =
                    state.operand_number().and_then(|precision| usize::try_from(precision).ok());
                if self.flags.precision.is_none() {
                    self.out.write(b"%!(BADPREC)");
                }
            } else {
                self.flags.precision = Some(state.number().unwrap_or(0));
            }
        }
        if !after_index {
            state.index();
        }
        if state.at >= state.text.len() {
            self.out.write(b"%!(NOVERB)");
            return false;
        }
        let (verb, width) = go::decode_rune(&state.text[state.at..]);
        state.at += width;
        if verb == u32::from('%') {
            self.out.write(b"%");
        } else if !state.good_index {
            self.complain(verb, b"(BADINDEX)");
        } else if state.next >= state.values.len() {
            self.complain(verb, b"(MISSING)");
        } else {
            if matches!(char::from_u32(verb), Some('v' | 'w')) {
                self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                self.flags.plus_v = std::mem::take(&mut self.flags.plus);
            }
            let value = &state.values[state.next];
            state.next += 1;
            self.argument(value, verb);
        }
        true
    }

    fn complain(&mut self, verb: u32, what: &[u8]) {
        let mut text = b"%!".to_vec();
        go::append_rune(&mut text, verb);
        text.extend_from_slice(what);
        self.out.write(&text);
    }

    fn extra(&mut self, values: &[Value]) {
        self.flags = Flags::default();
        self.out.write(b"%!(EXTRA ");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.out.write(b", ");
            }
            if matches!(value, Value::Nil) {
                self.out.write(b"<nil>");
            } else {
                self.out.write(value.type_name().as_bytes());
                self.out.write(b"=");
                self.argument(value, b'v'.into());
            }
        }
        self.out.write(b")");
    }
}

impl Format<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        flags
    }

    /// `[3]`: the next operand. True where an index was read.
    fn index(&mut self) -> bool {
        if self.text.get(self.at) != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.text[self.at..];
        let close = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.good_index = false;
            self.at += 1;
            return false;
        };
        let inner = &rest[1..close];
        let (number, read) = parse_number(inner);
        self.at += close + 1;
        match number {
            Some(number) if read == inner.len() => {
                match number.checked_sub(1).filter(|index| *index < self.values.len()) {
                    Some(index) => self.next = index,
                    None => self.good_index = false,
                }
                true
            }
            _ => {
                self.good_index = false;
                false
            }
        }
    }

    /// A number in the format; one that is too large ends the format, as in Go.
    fn number(&mut self) -> Option<usize> {
        let (number, read) = parse_number(&self.text[self.at..]);
        self.at += read;
        number
    }

    /// The operand that `*` takes as width or precision.
    fn operand_number(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value {
            Value::Int(n) | Value::Int64(n) => *n,
            Value::Number(number) => match number.plain() {
                Plain::Signed(n) => n,
                Plain::Unsigned(n) => i64::try_from(n).ok()?,
                Plain::Float(_) | Plain::Complex(..) => return None,
            },
            _ => return None,
        };
        (-TOO_LARGE..=TOO_LARGE).contains(&number).then_some(number)
    }
}

/// The number a text begins with and the bytes it takes; all of the text where the number is too large.
fn parse_number(text: &[u8]) -> (Option<usize>, usize) {
    let mut number = None;
    for (index, &byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return (number, index);
        }
        let so_far = number.unwrap_or(0);
        if so_far as i64 > TOO_LARGE {
            return (None, text.len());
        }
        number = Some(so_far * 10 + usize::from(byte - b'0'));
    }
    (number, text.len())
}
