//! Uniform resource locators as Go's package `net/url` takes them apart and puts them together.

use super::address::{self, Version};
use crate::go::quote;

/// What a part of a URL may hold unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    UserInfo,
    Fragment,
}

/// A URL in its parts, unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Url {
    /// Such as `https`, in lower case.
    pub(crate) scheme: Vec<u8>,
    /// What follows the scheme where that is no slash.
    pub(crate) opaque: Vec<u8>,
    pub(crate) user: Option<UserInfo>,
    /// Host and port.
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    /// After the question mark, still escaped.
    pub(crate) query: Vec<u8>,
    pub(crate) fragment: Vec<u8>,
}

/// A user's name, and a password where a colon follows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    /// Both, escaped.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::UserInfo);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape(password, Part::UserInfo));
        }
        text
    }
}

impl Url {
    /// Takes a URL apart. The error is Go's text, `parse "…": …`.
    pub(crate) fn parse(text: &[u8]) -> Result<Url, String> {
        let (before, fragment) = cut(text, b'#');
        let failed = |text: &[u8], error: String| format!("parse {}: {error}", quote(text));
        let mut url = Url::parse_before_fragment(before).map_err(|error| failed(before, error))?;
        if let Some(fragment) = fragment {
            url.fragment = unescape(fragment, Part::Fragment).map_err(|error| failed(text, error))?;
        }
        Ok(url)
    }

    fn parse_before_fragment(text: &[u8]) -> Result<Url, String> {
        if text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text == b"*" {
            url.path = text.to_vec();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (mut rest, query) = cut(rest, b'?');
        url.query = query.unwrap_or_default().to_vec();
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        if rest.starts_with(b"//") && (!url.scheme.is_empty() || !rest.starts_with(b"///")) {
            let authority = &rest[2..];
            let end = authority.iter().position(|byte| *byte == b'/').unwrap_or(authority.len());
            (url.user, url.host) = parse_authority(&url.scheme, &authority[..end])?;
            rest = &authority[end..];
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    /// The host without its port and without the brackets of an IPv6 address.
    pub(crate) fn host_name(&self) -> &[u8] {
        let host = match self.host.iter().rposition(|byte| *byte == b':') {
            Some(colon) if is_optional_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host[..],
        };
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    /// The URL put together again, escaped anew.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut output = Vec::new();
        if !self.scheme.is_empty() {
            output.extend_from_slice(&self.scheme);
            output.push(b':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some() {
                if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                    output.extend_from_slice(b"//");
                }
                if let Some(user) = &self.user {
                    output.extend(user.text());
                    output.push(b'@');
                }
                output.extend(escape(&self.host, Part::Host));
            }
            let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
            if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
                output.push(b'/');
            }
            // `this:that` at the start would be read as a scheme.
            if output.is_empty() && cut(&path, b'/').0.contains(&b':') {
                output.extend_from_slice(b"./");
            }
            output.extend(path);
        } else {
            output.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            output.push(b'?');
            output.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            output.push(b'#');
            output.extend(escape(&self.fragment, Part::Fragment));
        }
        output
    }
}

fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == at) {
        Some(position) => (&text[..position], Some(&text[position + 1..])),
        None => (text, None),
    }
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..index], &text[index + 1..])),
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<UserInfo>, Vec<u8>), String> {
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let info = &authority[..at];
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !info.iter().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(info, b':');
    let name = unescape(name, Part::UserInfo)?;
    let password = password.map(|password| unescape(password, Part::UserInfo)).transpose()?;
    Ok((Some(UserInfo { name, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let bad_port = |port: &[u8]| format!("invalid port {} after host", quote(port));
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => {
            let end = host.iter().rposition(|byte| *byte == b']').ok_or("missing ']' in host")?;
            let port = &host[end + 1..];
            if !is_optional_port(port) {
                return Err(bad_port(port));
            }
            let name = &host[1..end];
            let name = match name.windows(3).position(|window| window == b"%25") {
                Some(zone) => {
                    [unescape(&name[..zone], Part::Host)?, unescape(&name[zone..], Part::Zone)?].concat()
                }
                None => unescape(name, Part::Host)?,
            };
            check_address(&name)?;
            return Ok([b"[", &*name, b"]", port].concat());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let colons = (host.iter().position(|byte| *byte == b':'), host.iter().rposition(|byte| *byte == b':'));
    if let (Some(first), Some(last)) = colons {
        // Lists of hosts with ports are let through, but not where the scheme is the web's.
        let port = if matches!(scheme, b"http" | b"https") { &host[first..] } else { &host[last..] };
        if !is_optional_port(port) {
            return Err(bad_port(port));
        }
    }
    unescape(host, Part::Host)
}

/// What stands in brackets has to be an IPv6 address, possibly with a zone.
fn check_address(name: &[u8]) -> Result<(), String> {
    match address::check(name) {
        Ok(Version::Six) => Ok(()),
        Ok(Version::Four) => Err("invalid IP-literal".to_owned()),
        Err(fault) => {
            let at = fault.at.map(|at| format!(" (at {})", quote(at))).unwrap_or_default();
            Err(format!("invalid host: ParseAddr({}): {}{at}", quote(name), fault.reason))
        }
    }
}

fn is_optional_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    let allowed: &[u8] = match part {
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"",
        Part::Path => b"$&+,/:;=@",
        Part::UserInfo => b"$&+,;=",
        Part::Fragment => b"$&+,/:;=?@!()*",
    };
    !allowed.contains(&byte)
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut output = Vec::with_capacity(text.len());
    for byte in text {
        if must_escape(*byte, part) {
            output.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        } else {
            output.push(*byte);
        }
    }
    output
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut output = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let value = match after {
                [high, low, ..] => {
                    hexadecimal(*high).zip(hexadecimal(*low)).map(|(high, low)| high << 4 | low)
                }
                _ => None,
            };
            let shown = &rest[..rest.len().min(3)];
            let invalid = || format!("invalid URL escape {}", quote(shown));
            let value = value.ok_or_else(invalid)?;
            let percent = shown == b"%25";
            let allowed = match part {
                // A host may only escape what is not ASCII; a zone also what a host may hold, and spaces.
                Part::Host => value >= 0x80 || percent,
                Part::Zone => percent || value == b' ' || !must_escape(value, Part::Host),
                _ => true,
            };
            if !allowed {
                return Err(invalid());
            }
            output.push(value);
            rest = &after[2..];
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && must_escape(*byte, part) {
            return Err(format!("invalid character {} in host name", quote(&[*byte])));
        }
        output.push(*byte);
        rest = after;
    }
    Ok(output)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}
