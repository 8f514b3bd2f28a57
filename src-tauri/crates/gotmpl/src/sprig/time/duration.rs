//! Durations: reading `2h10m`, writing `2h10m0s`, rounding.

use std::fmt;

/// Nanoseconds between two instants (Go's `time.Duration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub i64);

const UNITS: [(&[u8], u64); 8] = [
    (b"ns", 1),
    (b"us", 1_000),
    ("µs".as_bytes(), 1_000),
    ("μs".as_bytes(), 1_000),
    (b"ms", 1_000_000),
    (b"s", 1_000_000_000),
    (b"m", 60_000_000_000),
    (b"h", 3_600_000_000_000),
];

impl Duration {
    /// One second.
    pub const SECOND: Duration = Duration(1_000_000_000);

    /// Reads a signed sequence of numbers with units, such as `-1.5h` or `2h45m`. The error is Go's text.
    pub fn parse(text: &[u8]) -> Result<Duration, String> {
        let invalid = || format!("time: invalid duration {}", quote(text));
        let (negative, mut rest) = match text.first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == b"0" {
            return Ok(Duration(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            if !matches!(rest[0], b'.' | b'0'..=b'9') {
                return Err(invalid());
            }
            let whole_length = digits(rest);
            let whole = bounded_number(&rest[..whole_length]).ok_or_else(invalid)?;
            rest = &rest[whole_length..];
            let mut fraction: &[u8] = &[];
            if rest.first() == Some(&b'.') {
                let length = digits(&rest[1..]);
                fraction = &rest[1..1 + length];
                rest = &rest[1 + length..];
            }
            if whole_length == 0 && fraction.is_empty() {
                return Err(invalid());
            }
            let unit_length = rest.iter().take_while(|byte| !matches!(byte, b'.' | b'0'..=b'9')).count();
            if unit_length == 0 {
                return Err(format!("time: missing unit in duration {}", quote(text)));
            }
            let (unit_text, after) = rest.split_at(unit_length);
            rest = after;
            let unit = UNITS.iter().find(|(name, _)| *name == unit_text).map(|(_, unit)| *unit).ok_or_else(
                || format!("time: unknown unit {} in duration {}", quote(unit_text), quote(text)),
            )?;
            let mut value = whole.checked_mul(unit).filter(|value| *value <= 1 << 63).ok_or_else(invalid)?;
            if !fraction.is_empty() {
                value = value
                    .checked_add(part_of(unit, fraction))
                    .filter(|value| *value <= 1 << 63)
                    .ok_or_else(invalid)?;
            }
            total = total.checked_add(value).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
        }
        if negative {
            return Ok(Duration((total as i64).wrapping_neg()));
        }
        i64::try_from(total).map(Duration).map_err(|_| invalid())
    }

    /// Rounded to a multiple of a positive unit, halves away from zero; held at the ends of the range.
    pub fn round(self, unit: Duration) -> Duration {
        let remainder = self.0 % unit.0;
        let toward_zero = self.0 - remainder;
        if remainder.unsigned_abs() * 2 < unit.0.unsigned_abs() {
            return Duration(toward_zero);
        }
        Duration(toward_zero.saturating_add(if self.0 < 0 { -unit.0 } else { unit.0 }))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        if total == 0 {
            return formatter.write_str("0s");
        }
        if total < 1_000_000_000 {
            let (unit, scale) = match total {
                0..1_000 => ("ns", 1),
                1_000..1_000_000 => ("µs", 1_000),
                _ => ("ms", 1_000_000),
            };
            return write!(formatter, "{sign}{}{unit}", decimal(total, scale));
        }
        let seconds = decimal(total % 60_000_000_000, 1_000_000_000);
        let minutes = total / 60_000_000_000;
        match (minutes / 60, minutes % 60) {
            (0, 0) => write!(formatter, "{sign}{seconds}s"),
            (0, minutes) => write!(formatter, "{sign}{minutes}m{seconds}s"),
            (hours, minutes) => write!(formatter, "{sign}{hours}h{minutes}m{seconds}s"),
        }
    }
}

/// `value / scale` without trailing zeros, exactly; `scale` is a power of ten.
fn decimal(value: u64, scale: u64) -> String {
    let (whole, fraction) = (value / scale, value % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let width = scale.ilog10() as usize;
    format!("{whole}.{}", format!("{fraction:0width$}").trim_end_matches('0'))
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// At most 2^63, which a negative duration can reach.
fn bounded_number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|value| *value <= 1 << 63)
    })
}

/// The fraction of a unit. Digits beyond what 63 bits hold are dropped, and the product is a float's, as in Go.
fn part_of(unit: u64, fraction: &[u8]) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in fraction {
        if value > (i64::MAX as u64) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// Package time's own quoting: bytes beyond ASCII and control bytes are escaped as `\xNN`.
pub(super) fn quote(text: &[u8]) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => quoted.extend(['\\', character]),
                ' '..='\x7f' => quoted.push(character),
                _ => {
                    let mut buffer = [0; 4];
                    escape(&mut quoted, character.encode_utf8(&mut buffer).as_bytes());
                }
            }
        }
        // Go decodes each bad byte to U+FFFD of width one and escapes the byte where it is not that character itself.
        escape(&mut quoted, chunk.invalid());
    }
    quoted.push('"');
    quoted
}

fn escape(output: &mut String, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        output.push_str("\\x");
        output.push(char::from(HEX[usize::from(byte >> 4)]));
        output.push(char::from(HEX[usize::from(byte & 15)]));
    }
}
