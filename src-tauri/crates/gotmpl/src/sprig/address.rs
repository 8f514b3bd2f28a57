//! Checks of IP addresses with the reasons that Go's package `net/netip` gives.

/// The version of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Four,
    Six,
}

/// Why a text is no address, and the part of it that is wrong where one is to blame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault<'a> {
    pub(crate) reason: &'static str,
    pub(crate) at: Option<&'a [u8]>,
}

fn fault<T>(reason: &'static str) -> Result<T, Fault<'static>> {
    Err(Fault { reason, at: None })
}

/// Checks an address, which may have a zone where it is one of version 6.
pub(crate) fn check(text: &[u8]) -> Result<Version, Fault<'_>> {
    match text.iter().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => check_four(text).map(|()| Version::Four),
        Some(b':') => check_six(text).map(|()| Version::Six),
        Some(_) => fault("missing IPv6 address"),
        None => fault("unable to parse IP"),
    }
}

fn check_four(text: &[u8]) -> Result<(), Fault<'_>> {
    let (mut value, mut digits, mut dots) = (0_u32, 0, 0);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return fault("IPv4 field has octet with leading zero");
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return fault("IPv4 field has value >255");
                }
            }
            b'.' => {
                if index == 0 || index == text.len() - 1 || text[index - 1] == b'.' {
                    let at = Some(&text[index..]);
                    return Err(Fault { reason: "IPv4 field must have at least one digit", at });
                }
                if dots == 3 {
                    return fault("IPv4 address too long");
                }
                (value, digits, dots) = (0, 0, dots + 1);
            }
            _ => return Err(Fault { reason: "unexpected character", at: Some(&text[index..]) }),
        }
    }
    if dots < 3 { fault("IPv4 address too short") } else { Ok(()) }
}

fn check_six(whole: &[u8]) -> Result<(), Fault<'_>> {
    let mut rest = whole;
    if let Some(percent) = whole.iter().position(|byte| *byte == b'%') {
        rest = &whole[..percent];
        if percent + 1 == whole.len() {
            return fault("zone must be a non-empty string");
        }
    }
    let mut elided = false;
    if let Some(after) = rest.strip_prefix(b"::") {
        elided = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let at = Some(rest);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 4 {
            return Err(Fault { reason: "each group must have 4 or less digits", at });
        }
        if digits == 0 {
            return Err(Fault { reason: "each colon-separated field must have at least one digit", at });
        }
        if rest.get(digits) == Some(&b'.') {
            if !elided && bytes != 12 {
                let reason = "embedded IPv4 address must replace the final 2 fields of the address";
                return Err(Fault { reason, at });
            }
            if bytes + 4 > 16 {
                let reason = "too many hex fields to fit an embedded IPv4 at the end of the address";
                return Err(Fault { reason, at });
            }
            check_four(rest)?;
            rest = &[];
            bytes += 4;
            break;
        }
        bytes += 2;
        rest = &rest[digits..];
        match rest {
            [] => break,
            [b':'] => {
                return Err(Fault { reason: "colon must be followed by more characters", at: Some(rest) });
            }
            [b':', after @ ..] => rest = after,
            _ => return Err(Fault { reason: "unexpected character, want colon", at: Some(rest) }),
        }
        if rest[0] == b':' {
            if elided {
                return Err(Fault { reason: "multiple :: in address", at: Some(rest) });
            }
            elided = true;
            rest = &rest[1..];
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(Fault { reason: "trailing garbage after address", at: Some(rest) });
    }
    match (bytes < 16, elided) {
        (true, false) => fault("address string too short"),
        (false, true) => fault("the :: must expand to at least one field of zeros"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_mistakes() {
        let reason = |text: &'static str| check(text.as_bytes()).map_err(|fault| fault.reason);
        for text in
            ["::", "::1", "fe80::1%en0", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1::"]
        {
            assert_eq!(reason(text), Ok(Version::Six), "{text}");
        }
        assert_eq!(reason("1.2.3.4"), Ok(Version::Four));
        for (text, expected) in [
            ("zz", "unable to parse IP"),
            ("%en0", "missing IPv6 address"),
            ("::1%", "zone must be a non-empty string"),
            ("1.2.3", "IPv4 address too short"),
            ("01.2.3.4", "IPv4 field has octet with leading zero"),
            ("1.2.3.256", "IPv4 field has value >255"),
            (":", "each colon-separated field must have at least one digit"),
            ("1:::2", "each colon-separated field must have at least one digit"),
            ("1::2::3", "multiple :: in address"),
            ("12345::", "each group must have 4 or less digits"),
            ("1:2", "address string too short"),
            ("1:2:3:4:5:6:7::8", "the :: must expand to at least one field of zeros"),
            ("1:2:3:4:5:6:7:8:9", "trailing garbage after address"),
            ("1:2:", "colon must be followed by more characters"),
            ("fe8&::1", "unexpected character, want colon"),
            ("1:2.3.4.5", "embedded IPv4 address must replace the final 2 fields of the address"),
        ] {
            assert_eq!(reason(text), Err(expected), "{text}");
        }
    }
}
