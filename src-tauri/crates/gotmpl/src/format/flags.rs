//! Padding, and the verbs of single values.

use crate::go;

/// The flags, width and precision of one verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`.
    pub(super) plus_v: bool,
    /// `%#v`.
    pub(super) sharp_v: bool,
}

/// Output that stops growing at a limit.
pub(super) struct Out {
    pub(super) bytes: Vec<u8>,
    pub(super) limit: usize,
}

impl Out {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn repeat(&mut self, byte: u8, count: usize) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.bytes.resize(self.bytes.len() + count.min(room), byte);
    }
}

impl Flags {
    /// Writes a text within the width.
    pub(super) fn pad(&self, out: &mut Out, text: &[u8]) {
        let Some(width) = self.width else { return out.write(text) };
        let padding = width.saturating_sub(go::rune_count(text));
        if self.minus {
            out.write(text);
            self.padding(out, padding);
        } else {
            self.padding(out, padding);
            out.write(text);
        }
    }

    fn padding(&self, out: &mut Out, count: usize) {
        // Zeros stand only on the left.
        out.repeat(if self.zero && !self.minus { b'0' } else { b' ' }, count);
    }

    fn without_zero(self) -> Flags {
        Flags { zero: false, ..self }
    }

    fn truncate<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        match self.precision {
            Some(precision) if precision < text.len() => {
                let end = go::runes(text).nth(precision).map_or(text.len(), |(at, ..)| at);
                &text[..end]
            }
            _ => text,
        }
    }

    /// `%s`.
    pub(super) fn string(&self, out: &mut Out, text: &[u8]) {
        self.pad(out, self.truncate(text));
    }

    /// `%q` of a text.
    pub(super) fn quoted(&self, out: &mut Out, text: &[u8]) {
        let text = self.truncate(text);
        let mut quoted = Vec::with_capacity(text.len() + 2);
        if self.sharp && go::can_backquote(text) {
            quoted.push(b'`');
            quoted.extend_from_slice(text);
            quoted.push(b'`');
        } else {
            go::quote_bytes_into(&mut quoted, text, self.plus);
        }
        self.pad(out, &quoted);
    }

    /// `%x` and `%X` of a text.
    pub(super) fn hexadecimal(&self, out: &mut Out, text: &[u8], upper: bool) {
        let length = self.precision.unwrap_or(text.len()).min(text.len());
        if length == 0 {
            return self.padding(out, self.width.unwrap_or(0));
        }
        let digits = digits(upper);
        let prefix = [b'0', if upper { b'X' } else { b'x' }];
        let mut encoded = Vec::with_capacity(length * 2);
        for (index, &byte) in text[..length].iter().enumerate() {
            if self.space && index > 0 {
                encoded.push(b' ');
            }
            if self.sharp && (self.space || index == 0) {
                encoded.extend_from_slice(&prefix);
            }
            encoded.extend_from_slice(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        self.pad(out, &encoded);
    }

    /// An integer in a base; `verb` tells `%O` from `%o`.
    pub(super) fn integer(&self, out: &mut Out, value: u64, signed: bool, base: u32, verb: u8) {
        let negative = signed && (value as i64) < 0;
        let magnitude = if negative { value.wrapping_neg() } else { value };
        let mut least = 0;
        if let Some(precision) = self.precision {
            if precision == 0 && value == 0 {
                return self.without_zero().padding(out, self.width.unwrap_or(0));
            }
            least = precision;
        } else if let (true, false, Some(width)) = (self.zero, self.minus, self.width) {
            least = width.saturating_sub(usize::from(negative || self.plus || self.space));
        }
        let upper = verb == b'X';
        let mut reversed = Vec::with_capacity(24);
        let mut rest = magnitude;
        loop {
            reversed.push(digits(upper)[(rest % u64::from(base)) as usize]);
            rest /= u64::from(base);
            if rest == 0 {
                break;
            }
        }
        if reversed.len() < least {
            reversed.resize(least, b'0');
        }
        if self.sharp {
            match base {
                2 => reversed.extend_from_slice(b"b0"),
                8 if reversed.last() != Some(&b'0') => reversed.push(b'0'),
                16 => reversed.extend_from_slice(if upper { b"X0" } else { b"x0" }),
                _ => {}
            }
        }
        if verb == b'O' {
            reversed.extend_from_slice(b"o0");
        }
        if negative {
            reversed.push(b'-');
        } else if self.plus {
            reversed.push(b'+');
        } else if self.space {
            reversed.push(b' ');
        }
        reversed.reverse();
        self.without_zero().pad(out, &reversed);
    }

    /// `%c`.
    pub(super) fn character(&self, out: &mut Out, value: u64) {
        let mut text = Vec::with_capacity(4);
        go::append_rune(&mut text, rune(value));
        self.pad(out, &text);
    }

    /// `%q` of an integer.
    pub(super) fn quoted_character(&self, out: &mut Out, value: u64) {
        let mut text = Vec::with_capacity(8);
        go::quote_rune_into(&mut text, rune(value), self.plus);
        self.pad(out, &text);
    }

    /// `%U`.
    pub(super) fn unicode(&self, out: &mut Out, value: u64) {
        let precision = self.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{value:0precision$X}").into_bytes();
        if self.sharp
            && let Some(printed) = u32::try_from(value).ok().filter(|rune| go::is_print(*rune))
        {
            text.extend_from_slice(b" '");
            go::append_rune(&mut text, printed);
            text.push(b'\'');
        }
        self.without_zero().pad(out, &text);
    }

    /// A float with a verb of [`go::append_float`] and the precision it has without one given.
    pub(super) fn float(&self, out: &mut Out, value: f64, single: bool, verb: u8, default: Option<usize>) {
        let precision = self.precision.or(default);
        let mut number = Vec::with_capacity(32);
        go::append_float(&mut number, value, verb, precision, single);
        if !matches!(number.first(), Some(b'-' | b'+')) {
            number.insert(0, b'+');
        }
        if self.space && number[0] == b'+' && !self.plus {
            number[0] = b' ';
        }
        if matches!(number.get(1), Some(b'I' | b'N')) {
            // Infinity keeps its sign; NaN shows one only when asked.
            let start = usize::from(number[1] == b'N' && !self.space && !self.plus);
            return self.without_zero().pad(out, &number[start..]);
        }
        if self.sharp && verb != b'b' {
            keep_point(&mut number, verb, precision);
        }
        if self.plus || number[0] != b'+' {
            if let (true, false, Some(width)) = (self.zero, self.minus, self.width)
                && width > number.len()
            {
                out.write(&number[..1]);
                self.padding(out, width - number.len());
                return out.write(&number[1..]);
            }
            return self.pad(out, &number);
        }
        self.pad(out, &number[1..]);
    }
}

/// What the flag `#` does to floats: a decimal point always, and trailing zeros for `%g`.
fn keep_point(number: &mut Vec<u8>, verb: u8, precision: Option<usize>) {
    let mut wanted = match verb {
        b'v' | b'g' | b'G' | b'x' => precision.map_or(6, |precision| precision as i64),
        _ => 0,
    };
    let mut tail = Vec::new();
    let mut has_point = false;
    let mut significant = false;
    let mut at = 1;
    while at < number.len() {
        match number[at] {
            b'.' => has_point = true,
            b'p' | b'P' => tail = number.split_off(at),
            b'e' | b'E' if !matches!(verb, b'x' | b'X') => tail = number.split_off(at),
            digit => {
                significant |= digit != b'0';
                wanted -= i64::from(significant);
            }
        }
        at += 1;
    }
    if !has_point {
        if number.len() == 2 && number[1] == b'0' {
            wanted -= 1;
        }
        number.push(b'.');
    }
    let zeros = usize::try_from(wanted).unwrap_or(0);
    number.resize(number.len() + zeros, b'0');
    number.append(&mut tail);
}

fn rune(value: u64) -> u32 {
    u32::try_from(value).ok().filter(|rune| *rune <= go::MAX_RUNE).unwrap_or(go::RUNE_ERROR)
}

fn digits(upper: bool) -> &'static [u8; 16] {
    if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" }
}
