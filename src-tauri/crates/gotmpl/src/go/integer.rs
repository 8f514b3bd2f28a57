//! Integers as text, as package `strconv` reads them.

/// `strconv.ParseUint(text, base, 64)`; base 0 reads the prefixes `0x`, `0o`, `0b`, `0` and underscores.
pub fn parse_uint(text: &[u8], base: u32) -> Option<u64> {
    let underscores_allowed = base == 0;
    let (base, digits) = match (base, text) {
        (0, [b'0', b'b' | b'B', rest @ ..]) if !rest.is_empty() => (2, rest),
        (0, [b'0', b'o' | b'O', rest @ ..]) if !rest.is_empty() => (8, rest),
        (0, [b'0', b'x' | b'X', rest @ ..]) if !rest.is_empty() => (16, rest),
        (0, [b'0', rest @ ..]) if !rest.is_empty() => (8, rest),
        (0, _) => (10, text),
        (base, _) => (base, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    let mut underscore = false;
    for &byte in digits {
        if byte == b'_' && underscores_allowed {
            underscore = true;
            continue;
        }
        let digit = char::from(byte).to_digit(base)?;
        value = value.checked_mul(base.into())?.checked_add(digit.into())?;
    }
    (!underscore || underscores_separate_digits(text)).then_some(value)
}

/// `strconv.ParseInt(text, base, 64)`.
pub fn parse_int(text: &[u8], base: u32) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = parse_uint(digits, base)?;
    if negative {
        return 0i64.checked_sub_unsigned(value);
    }
    i64::try_from(value).ok()
}

/// Whether underscores stand only between digits, or after the prefix of a base.
pub(super) fn underscores_separate_digits(text: &[u8]) -> bool {
    let text = match text {
        [b'-' | b'+', rest @ ..] => rest,
        _ => text,
    };
    let (hexadecimal, prefix) = match text {
        [b'0', b'x' | b'X', ..] => (true, 2),
        [b'0', b'b' | b'B' | b'o' | b'O', ..] => (false, 2),
        _ => (false, 0),
    };
    let mut last_digit = prefix > 0;
    let mut last_underscore = false;
    for &byte in &text[prefix..] {
        let digit = byte.is_ascii_digit() || (hexadecimal && byte.is_ascii_hexdigit());
        if (byte == b'_' && !last_digit) || (byte != b'_' && !digit && last_underscore) {
            return false;
        }
        last_digit = digit;
        last_underscore = byte == b'_';
    }
    !last_underscore
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_zero_reads_prefixes_and_underscores() {
        let cases = [
            ("0", Some(0)),
            ("017", Some(15)),
            ("08", None),
            ("0x1F", Some(31)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("1_000", Some(1000)),
            ("1__0", None),
            ("_1", None),
            ("0_7", Some(7)),
            ("0x_1", Some(1)),
            ("1_", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("0x", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_uint(text.as_bytes(), 0), expected, "{text}");
        }
        assert_eq!(parse_int(b"-9223372036854775808", 10), Some(i64::MIN));
        assert_eq!(parse_int(b"9223372036854775808", 10), None);
        assert_eq!(parse_int(b"1_0", 10), None, "underscores need base 0");
    }
}
