//! Reading an instant that is written in a layout (`time.ParseInLocation` with the local zone, which is UTC).

use std::borrow::Cow;

use super::duration::quote;
use super::layout::{Element, Offset, OffsetParts, split};
use super::{MONTHS, Time, WEEKDAYS, Zone, days_in_month, is_leap, seconds_of};

/// What went wrong with one element.
enum Fault {
    /// The text is not such an element.
    Malformed,
    /// It is, but its number is out of range; what is out of range.
    OutOfRange(&'static str),
}

type Read<'a, T> = Result<(T, &'a [u8]), Fault>;

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanoseconds: u32,
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i32>,
    zone_name: Vec<u8>,
}

impl Time {
    /// Reads `value`, which must have the form of `layout`. The error is Go's text.
    pub fn parse(layout: &[u8], value: &[u8]) -> Result<Time, String> {
        let mut fields = Fields::default();
        let (mut layout_rest, mut rest) = (layout, value);
        let cannot = |element: &[u8], at: &[u8]| {
            let (value, layout, at, element) = (quote(value), quote(layout), quote(at), quote(element));
            Err(format!("parsing time {value} as {layout}: cannot parse {at} as {element}"))
        };
        let wrong = |message: &str| Err(format!("parsing time {}: {message}", quote(value)));
        loop {
            let part = split(layout_rest);
            rest = match skip(rest, part.prefix) {
                Ok(rest) => rest,
                Err(at) => return cannot(part.prefix, at),
            };
            let Some(element) = part.element else {
                if !rest.is_empty() {
                    return wrong(&format!("extra text: {}", quote(rest)));
                }
                break;
            };
            layout_rest = part.rest;
            match fields.read(element, rest, layout_rest) {
                Ok(after) => rest = after,
                Err(Fault::Malformed) => return cannot(part.text, rest),
                Err(Fault::OutOfRange(what)) => return wrong(&format!("{what} out of range")),
            }
        }
        fields.time().or_else(wrong)
    }
}

impl Fields {
    /// Reads one element; `layout_rest` is the layout after it, which decides whether a fraction may follow seconds.
    fn read<'a>(&mut self, element: Element, value: &'a [u8], layout_rest: &[u8]) -> Result<&'a [u8], Fault> {
        let rest;
        match element {
            Element::Year => {
                let (text, after) = take(value, 2)?;
                let year = signed(text)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                rest = after;
            }
            Element::LongYear => {
                let (text, after) = take(value, 4)?;
                if !text[0].is_ascii_digit() {
                    return Err(Fault::Malformed);
                }
                self.year = signed(text)?;
                rest = after;
            }
            Element::Month => {
                let (index, after) = look_up(MONTHS.iter().map(|name| &name[..3]), value)?;
                self.month = Some(index + 1);
                rest = after;
            }
            Element::LongMonth => {
                let (index, after) = look_up(MONTHS.iter().copied(), value)?;
                self.month = Some(index + 1);
                rest = after;
            }
            Element::NumberMonth | Element::ZeroMonth => {
                let (month, after) = two_digits(value, element == Element::ZeroMonth)?;
                if !(1..=12).contains(&month) {
                    return Err(Fault::OutOfRange("month"));
                }
                self.month = Some(month);
                rest = after;
            }
            Element::Weekday => rest = look_up(WEEKDAYS.iter().map(|name| &name[..3]), value)?.1,
            Element::LongWeekday => rest = look_up(WEEKDAYS.iter().copied(), value)?.1,
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                let value = match value {
                    [b' ', after @ ..] if element == Element::UnderDay => after,
                    _ => value,
                };
                let (day, after) = two_digits(value, element == Element::ZeroDay)?;
                self.day = Some(day);
                rest = after;
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                let mut value = value;
                if element == Element::UnderYearDay {
                    for _ in 0..2 {
                        value = value.strip_prefix(b" ").unwrap_or(value);
                    }
                }
                let (day, after) = three_digits(value, element == Element::ZeroYearDay)?;
                self.year_day = Some(day);
                rest = after;
            }
            Element::Hour | Element::Hour12 | Element::ZeroHour12 => {
                let (hour, after) = two_digits(value, element == Element::ZeroHour12)?;
                if hour > if element == Element::Hour { 23 } else { 12 } {
                    return Err(Fault::OutOfRange("hour"));
                }
                self.hour = hour;
                rest = after;
            }
            Element::Minute | Element::ZeroMinute => {
                let (minute, after) = two_digits(value, element == Element::ZeroMinute)?;
                if minute > 59 {
                    return Err(Fault::OutOfRange("minute"));
                }
                self.minute = minute;
                rest = after;
            }
            Element::Second | Element::ZeroSecond => {
                let (second, after) = two_digits(value, element == Element::ZeroSecond)?;
                if second > 59 {
                    return Err(Fault::OutOfRange("second"));
                }
                self.second = second;
                rest = self.undeclared_fraction(after, layout_rest)?;
            }
            Element::UpperMeridiem | Element::LowerMeridiem => {
                let (text, after) = take(value, 2)?;
                self.afternoon = Some(match (element, text) {
                    (Element::UpperMeridiem, b"PM") | (Element::LowerMeridiem, b"pm") => true,
                    (Element::UpperMeridiem, b"AM") | (Element::LowerMeridiem, b"am") => false,
                    _ => return Err(Fault::Malformed),
                });
                rest = after;
            }
            Element::Offset(offset) => match value {
                [b'Z', after @ ..] if offset.iso => {
                    self.utc = true;
                    rest = after;
                }
                _ => {
                    let (seconds, after) = numeric_offset(value, offset)?;
                    self.offset = Some(seconds);
                    rest = after;
                }
            },
            Element::ZoneName => {
                if let Some(after) = value.strip_prefix(b"UTC") {
                    self.utc = true;
                    return Ok(after);
                }
                let (name, after) = value.split_at(zone_name_length(value).ok_or(Fault::Malformed)?);
                self.zone_name = name.to_vec();
                rest = after;
            }
            Element::Fraction { digits, trim: false, .. } => {
                let (text, after) = take(value, 1 + digits)?;
                self.nanoseconds = nanoseconds(text)?;
                rest = after;
            }
            Element::Fraction { .. } => match value {
                [b'.' | b',', digit, ..] if digit.is_ascii_digit() => {
                    let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    let (text, after) = value.split_at(1 + digits);
                    self.nanoseconds = nanoseconds(text)?;
                    rest = after;
                }
                _ => rest = value,
            },
        }
        Ok(rest)
    }

    /// A fraction after the seconds is accepted though the layout has none.
    fn undeclared_fraction<'a>(&mut self, value: &'a [u8], layout_rest: &[u8]) -> Result<&'a [u8], Fault> {
        let [b'.' | b',', digit, ..] = value else { return Ok(value) };
        if !digit.is_ascii_digit() || matches!(split(layout_rest).element, Some(Element::Fraction { .. })) {
            return Ok(value);
        }
        let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (text, after) = value.split_at(1 + digits);
        self.nanoseconds = nanoseconds(text)?;
        Ok(after)
    }

    /// The instant, once everything has been read; the error is what is out of range.
    fn time(mut self) -> Result<Time, &'static str> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let (month, day) = match self.year_day {
            Some(year_day) => {
                let (month, day) = month_and_day(self.year, year_day).ok_or("day-of-year out of range")?;
                if self.month.is_some_and(|seen| seen != month) {
                    return Err("day-of-year does not match month");
                }
                if self.day.is_some_and(|seen| seen != day) {
                    return Err("day-of-year does not match day");
                }
                (month, day)
            }
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in_month(self.year, month) {
            return Err("day out of range");
        }
        let (hour, minute, second) = (self.hour.into(), self.minute.into(), self.second.into());
        let mut time = Time::utc(seconds_of(self.year, month, day, hour, minute, second), self.nanoseconds);
        if self.utc {
            return Ok(time);
        }
        let name = String::from_utf8_lossy(&self.zone_name).into_owned();
        if let Some(offset) = self.offset {
            time.seconds -= i64::from(offset);
            if offset != 0 || !(name.is_empty() || name == "UTC") {
                time.zone = Zone { name: Cow::Owned(name), offset };
            }
        } else if !name.is_empty() {
            // An abbreviation the local zone does not know has an unknown offset, except that GMT+3 says it.
            let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok()).unwrap_or(0);
            time.zone = Zone { name: Cow::Owned(name), offset: hours * 3600 };
        }
        Ok(time)
    }
}

fn take(value: &[u8], length: usize) -> Read<'_, &[u8]> {
    value.split_at_checked(length).ok_or(Fault::Malformed)
}

/// A decimal number with an optional sign.
fn signed(text: &[u8]) -> Result<i64, Fault> {
    let digits = match text {
        [b'-' | b'+', digits @ ..] => digits,
        digits => digits,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Malformed);
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Ok(if text.first() == Some(&b'-') { -value } else { value })
}

/// One or two digits; exactly two where `fixed`.
fn two_digits(value: &[u8], fixed: bool) -> Read<'_, u32> {
    match value {
        [one @ b'0'..=b'9', two @ b'0'..=b'9', rest @ ..] => {
            Ok((u32::from(one - b'0') * 10 + u32::from(two - b'0'), rest))
        }
        [one @ b'0'..=b'9', rest @ ..] if !fixed => Ok((u32::from(one - b'0'), rest)),
        _ => Err(Fault::Malformed),
    }
}

fn three_digits(value: &[u8], fixed: bool) -> Read<'_, u32> {
    let length = value.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || fixed && length != 3 {
        return Err(Fault::Malformed);
    }
    let number = value[..length].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    Ok((number, &value[length..]))
}

/// A name of a list, in either case of ASCII letters.
fn look_up<'a, 'b>(names: impl Iterator<Item = &'b str>, value: &'a [u8]) -> Read<'a, u32> {
    for (index, name) in names.enumerate() {
        if value.len() >= name.len() && value[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            return Ok((index as u32, &value[name.len()..]));
        }
    }
    Err(Fault::Malformed)
}

/// Removes literal text of the layout; a run of spaces matches any run of spaces, also none at the end.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some(first) = prefix.first() {
        if *first == b' ' {
            if value.first().is_some_and(|byte| *byte != b' ') {
                return Err(value);
            }
            prefix = without_spaces(prefix);
            value = without_spaces(value);
            continue;
        }
        if value.first() != Some(first) {
            return Err(value);
        }
        prefix = &prefix[1..];
        value = &value[1..];
    }
    Ok(value)
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    &text[spaces..]
}

/// A separator and digits; beyond nanoseconds they are dropped.
fn nanoseconds(text: &[u8]) -> Result<u32, Fault> {
    let (separator, digits) = text.split_first().ok_or(Fault::Malformed)?;
    if !matches!(separator, b'.' | b',') {
        return Err(Fault::Malformed);
    }
    let digits = &digits[..digits.len().min(9)];
    let value = signed(digits)?;
    if value < 0 {
        return Err(Fault::OutOfRange("fractional second"));
    }
    Ok(value as u32 * 10_u32.pow(9 - digits.len() as u32))
}

fn numeric_offset(value: &[u8], offset: Offset) -> Read<'_, i32> {
    let zero: &[u8] = b"00";
    let length = match offset.parts {
        OffsetParts::Hours => 3,
        OffsetParts::Minutes => 5,
        OffsetParts::ColonMinutes => 6,
        OffsetParts::Seconds => 7,
        OffsetParts::ColonSeconds => 9,
    };
    let (text, rest) = take(value, length)?;
    let (hours, minutes, seconds) = match offset.parts {
        OffsetParts::Hours => (&text[1..3], zero, zero),
        OffsetParts::Minutes => (&text[1..3], &text[3..5], zero),
        OffsetParts::ColonMinutes if text[3] == b':' => (&text[1..3], &text[4..6], zero),
        OffsetParts::Seconds => (&text[1..3], &text[3..5], &text[5..7]),
        OffsetParts::ColonSeconds if text[3] == b':' && text[6] == b':' => {
            (&text[1..3], &text[4..6], &text[7..9])
        }
        OffsetParts::ColonMinutes | OffsetParts::ColonSeconds => return Err(Fault::Malformed),
    };
    let number = |text| two_digits(text, true).map(|(number, _)| number as i32);
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    // 24 hours and 60 minutes are let through, since some people write such offsets.
    if hours > 24 {
        return Err(Fault::OutOfRange("time zone offset hour"));
    }
    if minutes > 60 {
        return Err(Fault::OutOfRange("time zone offset minute"));
    }
    if seconds > 60 {
        return Err(Fault::OutOfRange("time zone offset second"));
    }
    let total = (hours * 60 + minutes) * 60 + seconds;
    match text[0] {
        b'+' => Ok((total, rest)),
        b'-' => Ok((-total, rest)),
        _ => Err(Fault::Malformed),
    }
}

/// How much of the text looks like an abbreviation of a time zone.
fn zone_name_length(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if value.starts_with(b"GMT") {
        return Some(3 + signed_hours_length(&value[3..]));
    }
    if matches!(value[0], b'+' | b'-') {
        return Some(signed_hours_length(value)).filter(|length| *length > 0);
    }
    let upper = value.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match upper {
        5 if value[4] == b'T' => Some(5),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of `+N` or `-N` with N up to 23, or 0.
fn signed_hours_length(value: &[u8]) -> usize {
    if !matches!(value.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = value[1..1 + digits]
        .iter()
        .fold(0_u32, |hours, digit| hours.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    if digits == 0 || hours > 23 { 0 } else { 1 + digits }
}

/// The date of a day of a year; `None` beyond the year's end.
fn month_and_day(year: i64, year_day: u32) -> Option<(u32, u32)> {
    if year_day < 1 || year_day > if is_leap(year) { 366 } else { 365 } {
        return None;
    }
    let mut day = year_day;
    for month in 1..=12 {
        let length = days_in_month(year, month);
        if day <= length {
            return Some((month, day));
        }
        day -= length;
    }
    None
}
