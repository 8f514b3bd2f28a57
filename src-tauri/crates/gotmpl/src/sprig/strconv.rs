//! Integers in text as Go's package `strconv` reads them, with the bound that an overflow gives.

/// Why a text is not such a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberFault {
    /// Not a number.
    Syntax,
    /// A number, but not of this size; the nearest one is given.
    Range(i64),
}

/// Go's `strconv.ParseInt(text, base, 64)`. Base 0 goes by the prefix (`0x`, `0o`, `0b`, `0`) and allows underscores
/// between digits.
pub(crate) fn parse_int(text: &[u8], base: u32) -> Result<i64, NumberFault> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let magnitude = match parse_magnitude(digits, base) {
        Ok(magnitude) => magnitude,
        Err(NumberFault::Range(_)) => u64::MAX,
        Err(syntax) => return Err(syntax),
    };
    match (negative, magnitude) {
        (false, 0x8000_0000_0000_0000..) => Err(NumberFault::Range(i64::MAX)),
        (true, 0x8000_0000_0000_0001..) => Err(NumberFault::Range(i64::MIN)),
        (false, magnitude) => Ok(magnitude as i64),
        (true, magnitude) => Ok((magnitude as i64).wrapping_neg()),
    }
}

fn parse_magnitude(text: &[u8], base: u32) -> Result<u64, NumberFault> {
    let (digits, radix) = match (base, text) {
        (0, [b'0', b'x' | b'X', digits, ..]) if *digits != 0 => (&text[2..], 16),
        (0, [b'0', b'o' | b'O', _, ..]) => (&text[2..], 8),
        (0, [b'0', b'b' | b'B', _, ..]) => (&text[2..], 2),
        (0, [b'0', ..]) => (&text[1..], 8),
        (0, _) => (text, 10),
        (base, _) => (text, base),
    };
    if text.is_empty() {
        return Err(NumberFault::Syntax);
    }
    let mut value: u64 = 0;
    let mut overflow = false;
    for byte in digits {
        if *byte == b'_' && base == 0 {
            continue;
        }
        let digit =
            char::from(*byte).to_digit(36).filter(|digit| *digit < radix).ok_or(NumberFault::Syntax)?;
        match value.checked_mul(u64::from(radix)).and_then(|value| value.checked_add(u64::from(digit))) {
            Some(next) => value = next,
            None => overflow = true,
        }
    }
    if digits.contains(&b'_') && !underscores_are_between_digits(text) {
        return Err(NumberFault::Syntax);
    }
    if overflow { Err(NumberFault::Range(0)) } else { Ok(value) }
}

/// Underscores may stand between digits and between a base prefix and a digit.
fn underscores_are_between_digits(text: &[u8]) -> bool {
    let text = match text {
        [b'-' | b'+', rest @ ..] => rest,
        rest => rest,
    };
    let (prefixed, hexadecimal, rest) = match text {
        [b'0', letter, rest @ ..] if matches!(letter.to_ascii_lowercase(), b'b' | b'o' | b'x') => {
            (true, letter.eq_ignore_ascii_case(&b'x'), rest)
        }
        rest => (false, false, rest),
    };
    // What came before: a digit (or the prefix), an underscore, something else, or nothing.
    let mut previous = if prefixed { b'0' } else { b'^' };
    for byte in rest {
        if byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit() {
            previous = b'0';
        } else if *byte == b'_' {
            if previous != b'0' {
                return false;
            }
            previous = b'_';
        } else {
            if previous == b'_' {
                return false;
            }
            previous = b'!';
        }
    }
    previous != b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_follow_their_prefix() {
        for (text, expected) in [
            ("42", Ok(42)),
            ("-5", Ok(-5)),
            ("+5", Ok(5)),
            ("010", Ok(8)),
            ("0x10", Ok(16)),
            ("0b11", Ok(3)),
            ("0o17", Ok(15)),
            ("1_000", Ok(1000)),
            ("0x_1", Ok(1)),
            ("0_7", Ok(7)),
            ("08", Err(NumberFault::Syntax)),
            ("0x", Err(NumberFault::Syntax)),
            ("1__0", Err(NumberFault::Syntax)),
            ("_1", Err(NumberFault::Syntax)),
            ("1_", Err(NumberFault::Syntax)),
            ("", Err(NumberFault::Syntax)),
            (" 5", Err(NumberFault::Syntax)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775808", Err(NumberFault::Range(i64::MAX))),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("-9223372036854775809", Err(NumberFault::Range(i64::MIN))),
        ] {
            assert_eq!(parse_int(text.as_bytes(), 0), expected, "{text}");
        }
    }
}
