//! Go's reference layout, `Mon Jan 2 15:04:05 MST 2006`: splitting one into its elements, and writing an instant.
//!
//! Source of the rules: the documentation and behaviour of <https://pkg.go.dev/time#Layout>.

use super::{MONTHS, Time, WEEKDAYS};

/// An element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperMeridiem,
    LowerMeridiem,
    ZoneName,
    Offset(Offset),
    /// Digits of a fraction; `trim` where they are nines, which leave out trailing zeros.
    Fraction {
        digits: usize,
        trim: bool,
        separator: u8,
    },
}

/// A numeric offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` stands for no offset (layouts that start with `Z`).
    pub(super) iso: bool,
    pub(super) parts: OffsetParts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetParts {
    Hours,
    Minutes,
    ColonMinutes,
    Seconds,
    ColonSeconds,
}

/// The spellings after the sign, longest first where one begins with another.
const OFFSETS: [(&[u8], OffsetParts); 5] = [
    (b"070000", OffsetParts::Seconds),
    (b"07:00:00", OffsetParts::ColonSeconds),
    (b"0700", OffsetParts::Minutes),
    (b"07:00", OffsetParts::ColonMinutes),
    (b"07", OffsetParts::Hours),
];

/// A layout split at its first element: literal text before it, the element with its own text, what follows.
pub(super) struct Split<'a> {
    pub(super) prefix: &'a [u8],
    pub(super) element: Option<Element>,
    pub(super) text: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// Finds the first element of a layout.
pub(super) fn split(layout: &[u8]) -> Split<'_> {
    for start in 0..layout.len() {
        if let Some((element, skipped, length)) = element_at(layout, start) {
            let begin = start + skipped;
            return Split {
                prefix: &layout[..begin],
                element: Some(element),
                text: &layout[begin..begin + length],
                rest: &layout[begin + length..],
            };
        }
    }
    Split { prefix: layout, element: None, text: &[], rest: &[] }
}

/// The element that starts at a byte: itself, how many bytes of it are literal after all, and its length.
fn element_at(layout: &[u8], start: usize) -> Option<(Element, usize, usize)> {
    let rest = &layout[start..];
    let lower_after = |length: usize| rest.get(length).is_some_and(u8::is_ascii_lowercase);
    let plain = |element: Element, length: usize| Some((element, 0, length));
    match rest[0] {
        b'J' if rest.starts_with(b"January") => plain(Element::LongMonth, 7),
        b'J' if rest.starts_with(b"Jan") && !lower_after(3) => plain(Element::Month, 3),
        b'M' if rest.starts_with(b"Monday") => plain(Element::LongWeekday, 6),
        b'M' if rest.starts_with(b"Mon") && !lower_after(3) => plain(Element::Weekday, 3),
        b'M' if rest.starts_with(b"MST") => plain(Element::ZoneName, 3),
        b'0' if rest.starts_with(b"002") => plain(Element::ZeroYearDay, 3),
        b'0' => {
            let element = match rest.get(1)? {
                b'1' => Element::ZeroMonth,
                b'2' => Element::ZeroDay,
                b'3' => Element::ZeroHour12,
                b'4' => Element::ZeroMinute,
                b'5' => Element::ZeroSecond,
                b'6' => Element::Year,
                _ => return None,
            };
            plain(element, 2)
        }
        b'1' if rest.starts_with(b"15") => plain(Element::Hour, 2),
        b'1' => plain(Element::NumberMonth, 1),
        b'2' if rest.starts_with(b"2006") => plain(Element::LongYear, 4),
        b'2' => plain(Element::Day, 1),
        // The underscore of `_2006` is text; that of `_2` is padding.
        b'_' if rest.starts_with(b"_2006") => Some((Element::LongYear, 1, 4)),
        b'_' if rest.starts_with(b"_2") => plain(Element::UnderDay, 2),
        b'_' if rest.starts_with(b"__2") => plain(Element::UnderYearDay, 3),
        b'3' => plain(Element::Hour12, 1),
        b'4' => plain(Element::Minute, 1),
        b'5' => plain(Element::Second, 1),
        b'P' if rest.starts_with(b"PM") => plain(Element::UpperMeridiem, 2),
        b'p' if rest.starts_with(b"pm") => plain(Element::LowerMeridiem, 2),
        sign @ (b'-' | b'Z') => {
            let (text, parts) = OFFSETS.iter().find(|(text, _)| rest[1..].starts_with(text))?;
            plain(Element::Offset(Offset { iso: sign == b'Z', parts: *parts }), 1 + text.len())
        }
        separator @ (b'.' | b',') => {
            let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = rest[1..].iter().take_while(|byte| **byte == digit).count();
            if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            plain(Element::Fraction { digits, trim: digit == b'9', separator }, 1 + digits)
        }
        _ => None,
    }
}

impl Time {
    /// The instant in a layout.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let civil = self.civil();
        let mut output = Vec::with_capacity(layout.len() + 10);
        let mut layout = layout;
        loop {
            let part = split(layout);
            output.extend_from_slice(part.prefix);
            let Some(element) = part.element else { return output };
            layout = part.rest;
            match element {
                Element::LongMonth => output.extend_from_slice(MONTHS[civil.month as usize - 1].as_bytes()),
                Element::Month => output.extend_from_slice(&MONTHS[civil.month as usize - 1].as_bytes()[..3]),
                Element::NumberMonth => number(&mut output, i64::from(civil.month), 0),
                Element::ZeroMonth => number(&mut output, i64::from(civil.month), 2),
                Element::LongWeekday => output.extend_from_slice(WEEKDAYS[civil.weekday as usize].as_bytes()),
                Element::Weekday => {
                    output.extend_from_slice(&WEEKDAYS[civil.weekday as usize].as_bytes()[..3]);
                }
                Element::Day => number(&mut output, i64::from(civil.day), 0),
                Element::UnderDay => {
                    if civil.day < 10 {
                        output.push(b' ');
                    }
                    number(&mut output, i64::from(civil.day), 0);
                }
                Element::ZeroDay => number(&mut output, i64::from(civil.day), 2),
                Element::UnderYearDay => {
                    for bound in [100, 10] {
                        if civil.year_day < bound {
                            output.push(b' ');
                        }
                    }
                    number(&mut output, i64::from(civil.year_day), 0);
                }
                Element::ZeroYearDay => number(&mut output, i64::from(civil.year_day), 3),
                Element::Hour => number(&mut output, i64::from(civil.hour), 2),
                Element::Hour12 => number(&mut output, i64::from(twelve(civil.hour)), 0),
                Element::ZeroHour12 => number(&mut output, i64::from(twelve(civil.hour)), 2),
                Element::Minute => number(&mut output, i64::from(civil.minute), 0),
                Element::ZeroMinute => number(&mut output, i64::from(civil.minute), 2),
                Element::Second => number(&mut output, i64::from(civil.second), 0),
                Element::ZeroSecond => number(&mut output, i64::from(civil.second), 2),
                Element::LongYear => number(&mut output, civil.year, 4),
                Element::Year => number(&mut output, civil.year.max(0) % 100, 2),
                Element::UpperMeridiem => {
                    output.extend_from_slice(if civil.hour >= 12 { b"PM" } else { b"AM" });
                }
                Element::LowerMeridiem => {
                    output.extend_from_slice(if civil.hour >= 12 { b"pm" } else { b"am" });
                }
                Element::ZoneName if !self.zone.name.is_empty() => {
                    output.extend_from_slice(self.zone.name.as_bytes());
                }
                // Without a name the offset stands for it, in the form `-0700`.
                Element::ZoneName => {
                    self.push_offset(&mut output, Offset { iso: false, parts: OffsetParts::Minutes });
                }
                Element::Offset(offset) => self.push_offset(&mut output, offset),
                Element::Fraction { digits, trim, separator } => {
                    self.push_fraction(&mut output, digits, trim, separator);
                }
            }
        }
    }

    fn push_offset(&self, output: &mut Vec<u8>, offset: Offset) {
        if offset.iso && self.zone.offset == 0 {
            output.push(b'Z');
            return;
        }
        let minutes = self.zone.offset / 60;
        output.push(if minutes < 0 { b'-' } else { b'+' });
        let minutes = i64::from(minutes.abs());
        let colon = matches!(offset.parts, OffsetParts::ColonMinutes | OffsetParts::ColonSeconds);
        number(output, minutes / 60, 2);
        if offset.parts == OffsetParts::Hours {
            return;
        }
        if colon {
            output.push(b':');
        }
        number(output, minutes % 60, 2);
        if matches!(offset.parts, OffsetParts::Seconds | OffsetParts::ColonSeconds) {
            if colon {
                output.push(b':');
            }
            number(output, i64::from(self.zone.offset.abs() % 60), 2);
        }
    }

    fn push_fraction(&self, output: &mut Vec<u8>, digits: usize, trim: bool, separator: u8) {
        if trim && self.nanoseconds == 0 {
            return;
        }
        output.push(separator);
        let text = format!("{:09}", self.nanoseconds);
        let shown = &text[..digits.min(9)];
        output.extend_from_slice(shown.as_bytes());
        if trim {
            while output.last() == Some(&b'0') {
                output.pop();
            }
            if output.last() == Some(&separator) {
                output.pop();
            }
        }
    }
}

fn twelve(hour: u32) -> u32 {
    match hour % 12 {
        0 => 12,
        hour => hour,
    }
}

/// A number padded with zeros after its sign.
fn number(output: &mut Vec<u8>, value: i64, width: usize) {
    if value < 0 {
        output.push(b'-');
    }
    let text = value.unsigned_abs().to_string();
    output.extend(std::iter::repeat_n(b'0', width.saturating_sub(text.len())));
    output.extend_from_slice(text.as_bytes());
}
