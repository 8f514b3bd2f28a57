//! Base64 and base32 with Go's error texts, which name the byte that is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Standard base64 with padding.
pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Appends standard base64 with padding.
pub(crate) fn base64_encode_into(bytes: &[u8], output: &mut Vec<u8>) {
    let start = output.len();
    output.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut output[start..]).unwrap_or(0);
    output.truncate(start + written);
}

/// Reads standard base64 as Go does: padded, line ends skipped, unused bits of the last character ignored.
pub(crate) fn base64_decode(text: &[u8]) -> Result<Vec<u8>, String> {
    // Well-formed text takes the fast way; what that rejects may still be fine for Go.
    if let Ok(bytes) = STANDARD.decode(text) {
        return Ok(bytes);
    }
    let corrupt = |position: usize| Err(format!("illegal base64 data at input byte {position}"));
    let mut output = Vec::with_capacity(text.len() / 4 * 3);
    let line_end = |position: usize| matches!(text.get(position), Some(b'\n' | b'\r'));
    let mut position = 0;
    loop {
        let (mut bits, mut count) = (0_u32, 0);
        while count < 4 {
            let Some(byte) = text.get(position) else {
                return if count == 0 { Ok(output) } else { corrupt(position - count) };
            };
            position += 1;
            if let Some(value) = base64_value(*byte) {
                bits = bits << 6 | value;
                count += 1;
                continue;
            }
            match byte {
                b'\n' | b'\r' => continue,
                b'=' => {}
                _ => return corrupt(position - 1),
            }
            if count < 2 {
                return corrupt(position - 1);
            }
            if count == 2 {
                while line_end(position) {
                    position += 1;
                }
                match text.get(position) {
                    None => return corrupt(text.len()),
                    Some(b'=') => position += 1,
                    Some(_) => return corrupt(position - 1),
                }
            }
            while line_end(position) {
                position += 1;
            }
            if position < text.len() {
                return corrupt(position);
            }
            let whole = bits << (6 * (4 - count));
            output.extend_from_slice(&whole.to_be_bytes()[1..count]);
            return Ok(output);
        }
        output.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(
        match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }
        .into(),
    )
}

/// Standard base32 with padding.
pub(crate) fn base32_encode(bytes: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let digits = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = (bits >> (35 - 5 * index)) & 31;
            output.push(if index < digits { BASE32[digit as usize] } else { b'=' });
        }
    }
    output
}

/// Reads standard base32 as Go does: upper case, padded, line ends skipped.
pub(crate) fn base32_decode(text: &[u8]) -> Result<Vec<u8>, String> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let length = text.len();
    let corrupt = |position: usize| Err(format!("illegal base32 data at input byte {position}"));
    let mut output = Vec::with_capacity(length / 8 * 5);
    let mut rest = &text[..];
    while !rest.is_empty() {
        let (mut bits, mut count) = (0_u64, 0);
        let mut end = false;
        while count < 8 {
            let Some((byte, after)) = rest.split_first() else { return corrupt(length - count) };
            rest = after;
            if *byte == b'=' && count >= 2 && rest.len() < 8 {
                if rest.len() + count < 7 {
                    return corrupt(length);
                }
                for index in 0..7 - count {
                    if rest.get(index).is_some_and(|byte| *byte != b'=') {
                        return corrupt(length - rest.len() + index - 1);
                    }
                }
                if matches!(count, 3 | 6) {
                    return corrupt(length - rest.len() - 1);
                }
                end = true;
                break;
            }
            let Some(value) = BASE32.iter().position(|digit| digit == byte) else {
                return corrupt(length - rest.len() - 1);
            };
            bits = bits << 5 | value as u64;
            count += 1;
        }
        let whole = bits << (5 * (8 - count));
        output.extend_from_slice(&whole.to_be_bytes()[3..3 + count * 5 / 8]);
        if end {
            break;
        }
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_base64_is_reported_where_go_reports_it() {
        for (text, position) in [
            ("aGVsbG8", 4),
            ("!!!", 0),
            ("Pz8-Pg==", 3),
            ("aGVsbG8 =", 7),
            ("a", 0),
            ("ab=c", 2),
            ("ab=", 3),
            ("=", 0),
            ("abc=x", 4),
        ] {
            let expected = format!("illegal base64 data at input byte {position}");
            assert_eq!(base64_decode(text.as_bytes()), Err(expected), "{text}");
        }
        assert_eq!(base64_decode(b"aGVsbG9=").unwrap(), b"hello");
        assert_eq!(base64_decode(b"aGVs\nbG8=\n").unwrap(), b"hello");
    }

    #[test]
    fn base32_goes_both_ways() {
        for text in ["", "a", "ab", "abc", "abcd", "abcde", "abcdef"] {
            assert_eq!(base32_decode(&base32_encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(base32_decode(b"M1======"), Err("illegal base32 data at input byte 1".to_owned()));
    }
}
