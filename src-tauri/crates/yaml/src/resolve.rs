//! What a scalar means, as go-yaml v2 decides it: YAML 1.1 without sexagesimal numbers, with `0o` octals.

use serde_json::{Number, Value};

use crate::scan::Style;

const PREFIX: &str = "tag:yaml.org,2002:";

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text,
    /// Text other than the scalar's own: decoded `!!binary`.
    Decoded(String),
}

impl Scalar {
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) => "int",
            Self::Float(_) => "float",
            Self::Text | Self::Decoded(_) => "str",
        }
    }
}

/// Decides what a scalar means. `plain` is a scalar without quotes; see [`resolve_plain`].
pub(crate) fn resolve(text: &str, style: Style, tag: Option<&str>) -> Result<Scalar, String> {
    let tag = match tag {
        None if style == Style::Plain => return Ok(resolve_plain(text)),
        None => return Ok(Scalar::Text),
        Some(tag) => tag,
    };
    let name = tag.strip_prefix(PREFIX).unwrap_or("");
    match name {
        "binary" => decode_base64(text)
            .map(Scalar::Decoded)
            .ok_or_else(|| "the value of !!binary is no base64".to_owned()),
        "bool" | "int" | "float" | "null" => {
            let scalar = resolve_plain(text);
            match (name, &scalar) {
                ("float", Scalar::Int(number)) => Ok(Scalar::Float(*number as f64)),
                _ if scalar.tag() == name => Ok(scalar),
                _ => Err(format!("`{text}` is no !!{name}")),
            }
        }
        "timestamp" if is_timestamp(text) => Ok(Scalar::Text),
        "timestamp" => Err(format!("`{text}` is no !!timestamp")),
        // `!!str`, `!`, and tags that nobody here knows.
        _ => Ok(Scalar::Text),
    }
}

/// Decides what a scalar without quotes and without a tag means.
pub(crate) fn resolve_plain(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => resolve_word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ if text.contains('_') => {
                // Here, and only here, Go wants a digit on either side of an underscore.
                let separates = text.split('_').collect::<Vec<_>>().windows(2).all(|parts| {
                    parts[0].ends_with(|c: char| c.is_ascii_digit())
                        && parts[1].starts_with(|c: char| c.is_ascii_digit())
                });
                let number = if separates { parse_float(&text.replace('_', "")) } else { None };
                number.map_or(Scalar::Text, Scalar::Float)
            }
            _ => parse_float(text).map_or(Scalar::Text, Scalar::Float),
        },
        b'0'..=b'9' => resolve_number(text),
        b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ => resolve_number(text),
        },
        _ => Scalar::Text,
    }
}

fn resolve_word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Text,
    }
}

fn resolve_number(text: &str) -> Scalar {
    // Names, versions and addresses begin with digits more often than not: refuse them early.
    if text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'-' | b'.' | b'_')) {
        return Scalar::Text;
    }
    let without;
    let plain = if text.contains('_') {
        without = text.replace('_', "");
        &without
    } else {
        text
    };
    let (negative, digits) = match plain.as_bytes().first() {
        Some(b'-') => (true, &plain[1..]),
        Some(b'+') => (false, &plain[1..]),
        _ => (false, plain),
    };
    let signed = digits.len() != plain.len();
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && let Ok(magnitude) = u64::from_str_radix(digits, radix)
    {
        if negative {
            if let Some(number) = 0_i64.checked_sub_unsigned(magnitude) {
                return Scalar::Int(number);
            }
        } else if let Ok(number) = i64::try_from(magnitude) {
            return Scalar::Int(number);
        } else if !signed {
            return Scalar::Uint(magnitude);
        }
    }
    parse_float(plain).map_or(Scalar::Text, Scalar::Float)
}

/// A number in the syntax of floats, where it is finite.
fn parse_float(text: &str) -> Option<f64> {
    if !float_syntax(text) {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn float_syntax(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(at);
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if whole + fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    } else if whole == 0 {
        return false;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        let exponent = digits(at.min(bytes.len()));
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

/// The value of a number, as it is after Go has written it as JSON and read it again: `1.0` is the integer 1.
pub(crate) fn float_value(number: f64) -> Result<Value, String> {
    if !number.is_finite() {
        return Err("JSON, and so Kubernetes, has no number for infinity or not-a-number".to_owned());
    }
    if number.fract() == 0.0 && number.abs() < 1e21 {
        // Go writes the shortest digits that read back, padded with zeros; so does Rust.
        let digits = format!("{number}");
        if let Ok(integer) = digits.parse::<i64>() {
            return Ok(Value::from(integer));
        }
        if let Ok(integer) = digits.parse::<u64>() {
            return Ok(Value::from(integer));
        }
    }
    Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

/// Whether some reader may take a text for a date: it begins like one, with whatever numbers.
pub(crate) fn is_date_like(text: &str) -> bool {
    let date = text.split(['T', 't', ' ', '\t']).next().unwrap_or("");
    let mut parts = date.split('-');
    let mut number = |widths: std::ops::RangeInclusive<usize>| {
        parts
            .next()
            .is_some_and(|part| widths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let begins = number(4..=4) && number(1..=2) && number(1..=2);
    begins && parts.next().is_none()
}

/// Whether some reader may take a text for a number: underscores anywhere, and numbers too large for Go.
pub(crate) fn is_number_like(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        && float_syntax(&text.replace('_', ""))
}

/// A date, or a date and a time, as go-yaml reads them.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let number = |part: &str, widths: std::ops::RangeInclusive<usize>| {
        (widths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let split = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = text.split_at(split);
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) =
        (number(year, 4..=4), number(month, 1..=2), number(day, 1..=2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    if !(1..=days).contains(&day) {
        return false;
    }
    if time.is_empty() {
        return true;
    }
    let (zoned, time) = (!time.starts_with(' '), &time[1..]);
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let mut parts = clock.splitn(3, ':');
    let (Some(hour), Some(minute), Some(second)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let zone_fits = match zone.as_bytes() {
        [] => !zoned,
        [b'Z'] => zoned,
        [b'+' | b'-', offset @ ..] => {
            zoned
                && offset.len() == 5
                && offset[2] == b':'
                && number(&zone[1..3], 2..=2).is_some_and(|hours| hours <= 24)
                && number(&zone[4..6], 2..=2).is_some_and(|minutes| minutes < 60)
        }
        _ => false,
    };
    zone_fits
        && number(hour, 1..=2).is_some_and(|hour| hour < 24)
        && number(minute, 1..=2).is_some_and(|minute| minute < 60)
        && number(second, 1..=2).is_some_and(|second| second < 60)
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && !fraction.is_empty()
}

/// Standard base64 with padding; line breaks are skipped, as Go does. Bytes that are no UTF-8 become U+FFFD,
/// as in JSON written by Go.
fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0_u32;
    let mut digits = 0;
    let mut padding = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        if byte == b'=' {
            padding += 1;
            continue;
        }
        if padding > 0 {
            return None;
        }
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        group = (group << 6) | u32::from(digit);
        digits += 1;
        if digits == 4 {
            bytes.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, digits) = (0, 0);
        }
    }
    match (digits, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push((group >> 4) as u8),
        (3, 1) => bytes.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(replace_invalid(&bytes))
}

/// Each byte that is no UTF-8 becomes one U+FFFD.
fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    text
}

/// The text of a number that is a key, as `sigs.k8s.io/yaml` writes it: shortest digits of a 32-bit float.
pub(crate) fn float_key(number: f64) -> String {
    let number = number as f32;
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    go_shortest(&format!("{number:e}"))
}

/// Go's format `g` of shortest digits, from Rust's `{:e}`: an exponent from 10^6 on and below 10^-4.
pub(crate) fn go_shortest(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    if !(-4..6).contains(&exponent) {
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{exponent_sign}{:02}", exponent.abs());
    }
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent + 1;
    let text = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else {
        let point = point as usize;
        if digits.len() <= point {
            format!("{digits}{}", "0".repeat(point - digits.len()))
        } else {
            format!("{}.{}", &digits[..point], &digits[point..])
        }
    };
    format!("{sign}{text}")
}
