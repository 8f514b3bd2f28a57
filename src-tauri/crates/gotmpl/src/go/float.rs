//! Floating-point numbers as text and back, as package `strconv` writes and reads them.

use super::integer::underscores_separate_digits;

/// Decimal digits of a number: `0.DIGITS × 10^point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// Appends `strconv.FormatFloat(value, verb, precision, bits)` for the verbs `b e E f g G x X`; without a precision the
/// shortest text that reads back as the same number (of 32 bits where `single`).
pub fn append_float(out: &mut Vec<u8>, value: f64, verb: u8, precision: Option<usize>, single: bool) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_infinite() {
        return out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    let negative = value.is_sign_negative();
    let magnitude = value.abs();
    match verb {
        b'b' => return binary(out, magnitude, negative, single),
        b'x' | b'X' => return hexadecimal(out, magnitude, negative, single, precision, verb),
        _ => {}
    }
    if negative {
        out.push(b'-');
    }
    // More digits than this are zeros: a float64 has no more decimals.
    const EXACT: usize = 1_100;
    let decimal = match (verb, precision) {
        (_, None) => shortest(magnitude, single),
        (b'e' | b'E', Some(precision)) => exponential(magnitude, precision.min(EXACT)),
        (b'f', Some(precision)) => fixed(magnitude, precision.min(EXACT)),
        (_, Some(precision)) => exponential(magnitude, precision.clamp(1, EXACT) - 1),
    };
    let count = decimal.digits.len();
    match verb {
        b'e' | b'E' => write_exponential(out, &decimal, precision.unwrap_or(count.saturating_sub(1)), verb),
        b'f' => {
            let decimals = count as i32 - decimal.point;
            write_fixed(out, &decimal, precision.unwrap_or(decimals.max(0) as usize));
        }
        _ => general(out, &decimal, precision, verb),
    }
}

fn general(out: &mut Vec<u8>, decimal: &Decimal, precision: Option<usize>, verb: u8) {
    let count = decimal.digits.len();
    let wanted = precision.map_or(count, |precision| precision.max(1));
    let mut limit = wanted as i64;
    if limit > count as i64 && count as i64 >= i64::from(decimal.point) {
        limit = count as i64;
    }
    if precision.is_none() {
        limit = 6;
    }
    let exponent = i64::from(decimal.point) - 1;
    if exponent < -4 || exponent >= limit {
        let digits = wanted.min(count);
        return write_exponential(
            out,
            decimal,
            digits.saturating_sub(1),
            if verb == b'G' { b'E' } else { b'e' },
        );
    }
    let digits = if wanted as i64 > i64::from(decimal.point) { count } else { wanted };
    let decimals = digits as i64 - i64::from(decimal.point);
    write_fixed(out, decimal, decimals.max(0) as usize);
}

fn shortest(magnitude: f64, single: bool) -> Decimal {
    let text = if single { format!("{:e}", magnitude as f32) } else { format!("{magnitude:e}") };
    from_exponential(&text)
}

fn exponential(magnitude: f64, precision: usize) -> Decimal {
    from_exponential(&format!("{magnitude:.precision$e}"))
}

/// Takes `d.ddde-x` apart; trailing zeros are dropped, zero has no digits.
fn from_exponential(text: &str) -> Decimal {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let point = if digits.is_empty() { 0 } else { exponent.parse().unwrap_or(0) + 1 };
    Decimal { digits, point }
}

fn fixed(magnitude: f64, precision: usize) -> Decimal {
    let text = format!("{magnitude:.precision$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let zeros = all.iter().take_while(|digit| **digit == b'0').count();
    let mut digits = all[zeros..].to_vec();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let point = if digits.is_empty() { 0 } else { whole.len() as i32 - zeros as i32 };
    Decimal { digits, point }
}

fn write_exponential(out: &mut Vec<u8>, decimal: &Decimal, precision: usize, mark: u8) {
    out.push(decimal.digits.first().copied().unwrap_or(b'0'));
    if precision > 0 {
        out.push(b'.');
        let given = decimal.digits.len().min(precision + 1).max(1);
        out.extend_from_slice(decimal.digits.get(1..given).unwrap_or_default());
        out.resize(out.len() + (precision + 1 - given), b'0');
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    out.push(mark);
    out.extend_from_slice(
        format!("{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()).as_bytes(),
    );
}

fn write_fixed(out: &mut Vec<u8>, decimal: &Decimal, precision: usize) {
    let digit = |index: i64| usize::try_from(index).ok().and_then(|index| decimal.digits.get(index)).copied();
    let point = i64::from(decimal.point);
    if point > 0 {
        out.extend((0..point).map(|index| digit(index).unwrap_or(b'0')));
    } else {
        out.push(b'0');
    }
    if precision > 0 {
        out.push(b'.');
        // Whatever the precision, digits end where the number ends.
        let exact = (precision as i64).min(decimal.digits.len() as i64 - point.min(0) + 1).max(0);
        out.extend((0..exact).map(|index| digit(point + index).unwrap_or(b'0')));
        out.resize(out.len() + (precision - exact as usize), b'0');
    }
}

/// Mantissa and exponent so that the number is `mantissa × 2^exponent`, with the number of mantissa bits.
fn parts(magnitude: f64, single: bool) -> (u64, i32, u32) {
    if single {
        let bits = (magnitude as f32).to_bits();
        let (exponent, mantissa) = ((bits >> 23) as i32, u64::from(bits & ((1 << 23) - 1)));
        return if exponent == 0 {
            (mantissa, 1 - 127, 23)
        } else {
            (mantissa | 1 << 23, exponent - 127, 23)
        };
    }
    let bits = magnitude.to_bits();
    let (exponent, mantissa) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 { (mantissa, 1 - 1023, 52) } else { (mantissa | 1 << 52, exponent - 1023, 52) }
}

fn binary(out: &mut Vec<u8>, magnitude: f64, negative: bool, single: bool) {
    let (mantissa, exponent, bits) = parts(magnitude, single);
    let exponent = exponent - bits as i32;
    let sign = if negative { "-" } else { "" };
    out.extend_from_slice(format!("{sign}{mantissa}p{exponent:+}").as_bytes());
}

fn hexadecimal(
    out: &mut Vec<u8>,
    magnitude: f64,
    negative: bool,
    single: bool,
    precision: Option<usize>,
    verb: u8,
) {
    let (mut mantissa, mut exponent, bits) = parts(magnitude, single);
    if mantissa == 0 {
        exponent = 0;
    }
    // The leading one moves to bit 60: fifteen digits behind the point.
    mantissa <<= 60 - bits;
    while mantissa != 0 && mantissa & (1 << 60) == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = precision as u32 * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let upper = verb == b'X';
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(&[b'0', verb, b'0' + ((mantissa >> 60) & 1) as u8]);
    mantissa <<= 4;
    let digit = |mantissa: u64| {
        let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        digits[(mantissa >> 60) as usize & 15]
    };
    match precision {
        None if mantissa != 0 => {
            out.push(b'.');
            while mantissa != 0 {
                out.push(digit(mantissa));
                mantissa <<= 4;
            }
        }
        Some(precision) if precision > 0 => {
            out.push(b'.');
            for _ in 0..precision {
                out.push(digit(mantissa));
                mantissa <<= 4;
            }
        }
        _ => {}
    }
    let mark = if upper { 'P' } else { 'p' };
    let sign = if exponent < 0 { '-' } else { '+' };
    out.extend_from_slice(format!("{mark}{sign}{:02}", exponent.abs()).as_bytes());
}

/// `strconv.ParseFloat(text, 64)`: decimal and hexadecimal notation, underscores between digits, `inf`, `nan`; `None`
/// where it is no number or too large.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let (negative, magnitude) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let lower = magnitude.to_ascii_lowercase();
    let value = match &*lower {
        b"inf" | b"infinity" => f64::INFINITY,
        // Go reads no sign before it.
        b"nan" if magnitude.len() == text.len() => f64::NAN,
        [b'0', b'x', digits @ ..] => finite(parse_hexadecimal(&without_underscores(text, digits)?)?)?,
        digits => {
            let digits = without_underscores(text, digits)?;
            let well_formed =
                digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'))
                    && digits.first().is_some_and(|first| !matches!(first, b'+' | b'-'));
            if !well_formed {
                return None;
            }
            finite(std::str::from_utf8(&digits).ok()?.parse().ok()?)?
        }
    };
    Some(if negative { -value } else { value })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn without_underscores(text: &[u8], digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.contains(&b'_') {
        return Some(digits.to_vec());
    }
    underscores_separate_digits(text).then(|| digits.iter().copied().filter(|byte| *byte != b'_').collect())
}

/// What follows `0x`: digits, a point, and the exponent, which hexadecimal notation requires.
fn parse_hexadecimal(digits: &[u8]) -> Option<f64> {
    let split = digits.iter().position(|byte| *byte == b'p')?;
    let (mantissa_text, exponent_text) = (&digits[..split], &digits[split + 1..]);
    let (mut mantissa, mut exponent, mut seen_point, mut seen_digit, mut sticky) =
        (0u64, 0i64, false, false, false);
    for &byte in mantissa_text {
        if byte == b'.' {
            if seen_point {
                return None;
            }
            seen_point = true;
            continue;
        }
        let digit = u64::from(char::from(byte).to_digit(16)?);
        seen_digit = true;
        if mantissa >> 58 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if seen_point { 4 } else { 0 };
        } else {
            // Beyond 58 bits only whether something is left matters for rounding.
            sticky |= digit != 0;
            exponent += if seen_point { 0 } else { 4 };
        }
    }
    if !seen_digit || exponent_text.is_empty() {
        return None;
    }
    let written = super::parse_int(exponent_text, 10)?;
    exponent = exponent.checked_add(written.clamp(-100_000, 100_000))?;
    if mantissa == 0 {
        return Some(0.0);
    }
    Some(scale(mantissa, exponent, sticky))
}

/// `mantissa × 2^exponent`, rounded to even once.
fn scale(mut mantissa: u64, mut exponent: i64, sticky: bool) -> f64 {
    let shift = mantissa.leading_zeros();
    mantissa <<= shift;
    exponent -= i64::from(shift);
    // The number is now 1.xxx × 2^(exponent + 63).
    let top = exponent + 63;
    if top > 1023 {
        return f64::INFINITY;
    }
    let kept = if top >= -1022 { 53 } else { 53 - (-1022 - top) };
    if kept < 0 {
        return 0.0;
    }
    let drop = 64 - kept as u32;
    let (whole, rest) = if drop >= 64 { (0, mantissa) } else { (mantissa >> drop, mantissa << (64 - drop)) };
    let half = 1u64 << 63;
    let up = rest > half || (rest == half && (sticky || whole & 1 == 1));
    let rounded = whole + u64::from(up);
    // An exact product: the factor is a power of two and the result was rounded to what its exponent can hold.
    let factor_exponent = exponent + i64::from(drop);
    rounded as f64
        * power_of_two(factor_exponent.max(-1074))
        * power_of_two(factor_exponent - factor_exponent.max(-1074))
}

fn power_of_two(exponent: i64) -> f64 {
    match exponent {
        -1022..=1023 => f64::from_bits(((exponent + 1023) as u64) << 52),
        -1074..=-1023 => f64::from_bits(1 << (exponent + 1074)),
        ..-1074 => 0.0,
        _ => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64, verb: u8, precision: Option<usize>) -> String {
        let mut out = Vec::new();
        append_float(&mut out, value, verb, precision, false);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        let cases = [
            (999_999.0, b'g', None, "999999"),
            (1e6, b'g', None, "1e+06"),
            (1_234_567.0, b'g', None, "1.234567e+06"),
            (0.00001, b'g', None, "1e-05"),
            (0.0001, b'g', None, "0.0001"),
            (0.0, b'g', None, "0"),
            (-0.0, b'g', None, "-0"),
            (100.0, b'g', Some(2), "1e+02"),
            (1.0, b'g', Some(3), "1"),
            (123.456, b'g', Some(4), "123.5"),
            (2.71, b'f', Some(1), "2.7"),
            (2.5, b'f', Some(0), "2"),
            (0.05, b'f', Some(1), "0.1"),
            (1e21, b'f', None, "1000000000000000000000"),
            (0.5, b'e', Some(3), "5.000e-01"),
            (1.0, b'f', Some(6), "1.000000"),
            (1.5, b'x', None, "0x1.8p+00"),
            (1.0, b'b', None, "4503599627370496p-52"),
            (f64::INFINITY, b'g', None, "+Inf"),
        ];
        for (value, verb, precision, expected) in cases {
            assert_eq!(text(value, verb, precision), expected, "{value} %{}", char::from(verb));
        }
        assert_eq!(text(1.0, b'f', Some(70_000)).len(), 70_002);
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        let cases = [
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            (".", None),
            ("1e", None),
            ("1e400", None),
            ("1_000.5", Some(1000.5)),
            ("1__0", None),
            ("0x1p4", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("0x10", None),
            ("0x1p-1074", Some(f64::from_bits(1))),
            ("0x1p-1075", Some(0.0)),
            ("0x.8p1", Some(1.0)),
            ("-2.5", Some(-2.5)),
            ("--2", None),
            ("inf", Some(f64::INFINITY)),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_float(text.as_bytes()), expected, "{text}");
        }
    }
}
