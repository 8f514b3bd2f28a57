//! Numbers as Go prints and raises them.

use jrsonnet_evaluator::function::builtin;

/// A number as text: whole numbers with all their digits, fractions with 17 (`%.17g`).
pub(super) fn number_text(number: f64) -> String {
    if number == number.floor() {
        return format!("{number:.0}");
    }
    let scientific = format!("{number:.16e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let with_point = |whole: &str, fraction: &str| {
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    };
    if !(-4..17).contains(&exponent) {
        let mantissa = with_point(&digits[..1], &digits[1..]);
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    // It is a fraction, so there are digits behind the point.
    let whole = exponent.unsigned_abs() as usize + 1;
    format!("{sign}{}", with_point(&digits[..whole], &digits[whole..]))
}

/// `math.Pow` of Go: the whole part of the exponent by squaring, the rest by the exponential function.
#[builtin]
pub(super) fn pow(x: f64, n: f64) -> f64 {
    let is_special = n == 0.0 || n == 1.0 || x == 0.0 || x == 1.0 || !x.is_finite() || !n.is_finite();
    if is_special {
        return x.powf(n);
    }
    if n.abs() == 0.5 && x > 0.0 {
        return if n > 0.0 { x.sqrt() } else { 1.0 / x.sqrt() };
    }
    let (mut whole, mut fraction) = (n.abs().trunc(), n.abs().fract());
    if fraction != 0.0 && x < 0.0 || whole >= 9.2e18 {
        return x.powf(n);
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * x.ln()).exp();
    }
    // The result is `result` times two to the power `exponent`; the powers of `x` by squaring are kept the same way.
    let mut exponent = 0_i64;
    let (mut base, mut base_exponent) = parts(x);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and less than 2^63")]
    let mut left = whole as i64;
    while left != 0 {
        if base_exponent.abs() > 1 << 12 {
            exponent += base_exponent;
            break;
        }
        if left & 1 == 1 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent <<= 1;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        left >>= 1;
    }
    if n < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    scaled(result, exponent)
}

/// A finite number that is not zero as a fraction between 0.5 and 1 and a power of two.
fn parts(x: f64) -> (f64, i64) {
    const EXPONENT: u64 = 0x7ff << 52;
    let (x, shift) = if x.is_subnormal() { (x * 2f64.powi(64), 64) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i64::try_from((bits & EXPONENT) >> 52).unwrap_or(0) - 1022 - shift;
    (f64::from_bits(bits & !EXPONENT | 0x3fe << 52), exponent)
}

/// A number times a power of two, rounded once.
fn scaled(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, own) = parts(x);
    let exponent = (exponent + own).clamp(-2_000, 2_000);
    // In two steps, because one power of two alone may be out of range.
    let half = exponent / 2;
    let power = |exponent: i64| 2f64.powi(i32::try_from(exponent).unwrap_or(0));
    fraction * power(half) * power(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_with_seventeen_digits() {
        for (number, text) in [
            (0.0, "0"),
            (-1.0, "-1"),
            (1e21, "1000000000000000000000"),
            (1.42, "1.4199999999999999"),
            (0.5, "0.5"),
            (0.1, "0.10000000000000001"),
            (1e-7, "9.9999999999999995e-08"),
            (-0.000_25, "-0.00025000000000000001"),
            (1234.5, "1234.5"),
            (1.5e-300, "1.5000000000000001e-300"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn powers_are_those_of_go() {
        for (x, n, expected) in [
            (2.0, 10.0, 1024.0),
            (2.0, -2.0, 0.25),
            (-2.0, 3.0, -8.0),
            (9.0, 0.5, 3.0),
            (2.0, 1023.0, 8.98846567431158e307),
            (10.0, -320.0, 1e-320),
            (0.0, 0.0, 1.0),
            (10.0, 400.0, f64::INFINITY),
        ] {
            assert_eq!(pow(x, n), expected, "{x} to the power {n}");
        }
    }
}
