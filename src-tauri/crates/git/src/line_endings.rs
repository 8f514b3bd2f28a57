//! Between the bytes on disk and the bytes in a commit: line endings and `$Id$`, as `.gitattributes` and
//! `core.autocrlf` say.
//!
//! The rules are those of gitattributes(5), sections `text`, `eol` and `ident`, and of `core.autocrlf` and
//! `core.eol` in git-config(1). What needs a program (`filter`) or another encoding
//! (`working-tree-encoding`) is named, not done.

use std::borrow::Cow;
use std::path::Path;

use git2::{AttrCheckFlags, AttrValue, Oid};

use crate::error::{Attempt, GitError};

/// How one path is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversion {
    pub(crate) endings: Endings,
    /// Whether `$Id$` is expanded on disk.
    pub(crate) ident: bool,
    /// The filter driver, of which only the name is used.
    pub(crate) filter: Option<String>,
    /// The encoding on disk, where it is not UTF-8.
    pub(crate) encoding: Option<String>,
}

/// What happens to line endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endings {
    /// Nothing.
    Keep,
    /// The file is text: LF in the commit, on disk as given.
    Text { crlf_on_disk: bool },
    /// Text if it looks like text.
    Auto { crlf_on_disk: bool },
}

/// The settings that apply to every path.
#[derive(Clone, Copy, Debug)]
struct Defaults {
    autocrlf: AutoCrlf,
    text_is_crlf: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AutoCrlf {
    False,
    True,
    Input,
}

fn defaults(repository: &git2::Repository) -> Result<Defaults, GitError> {
    let config =
        repository.config().and_then(|mut config| config.snapshot()).attempt("read the configuration")?;
    let autocrlf = match config.get_string("core.autocrlf") {
        Ok(text) if text.eq_ignore_ascii_case("input") => AutoCrlf::Input,
        Ok(_) if config.get_bool("core.autocrlf").unwrap_or(false) => AutoCrlf::True,
        _ => AutoCrlf::False,
    };
    let eol = config.get_string("core.eol").unwrap_or_default().to_ascii_lowercase();
    let text_is_crlf = match autocrlf {
        AutoCrlf::True => true,
        AutoCrlf::Input => false,
        AutoCrlf::False => eol == "crlf" || (eol != "lf" && cfg!(windows)),
    };
    Ok(Defaults { autocrlf, text_is_crlf })
}

enum Attribute {
    Set,
    Unset,
    Value(String),
    Unspecified,
}

fn attribute(repository: &git2::Repository, path: &str, name: &str) -> Result<Attribute, GitError> {
    let value = repository
        .get_attr_bytes(Path::new(path), name, AttrCheckFlags::FILE_THEN_INDEX)
        .attempt("read .gitattributes")?;
    Ok(match AttrValue::from_bytes(value) {
        AttrValue::True => Attribute::Set,
        AttrValue::False => Attribute::Unset,
        AttrValue::String(text) => Attribute::Value(text.to_owned()),
        AttrValue::Bytes(bytes) => Attribute::Value(String::from_utf8_lossy(bytes).into_owned()),
        AttrValue::Unspecified => Attribute::Unspecified,
    })
}

/// Reads how `path` is stored. The attributes are those of the working directory, else of the index.
pub(crate) fn conversion(repository: &git2::Repository, path: &str) -> Result<Conversion, GitError> {
    let (filter, encoding) = programs(repository, path)?;
    Ok(Conversion {
        endings: endings(repository, path)?,
        ident: matches!(attribute(repository, path, "ident")?, Attribute::Set),
        filter,
        encoding,
    })
}

/// The filter and the encoding of `path`: what is not converted here.
pub(crate) fn programs(
    repository: &git2::Repository,
    path: &str,
) -> Result<(Option<String>, Option<String>), GitError> {
    let value_of = |name| -> Result<Option<String>, GitError> {
        Ok(match attribute(repository, path, name)? {
            Attribute::Value(text) if !text.is_empty() => Some(text),
            _ => None,
        })
    };
    let encoding = value_of("working-tree-encoding")?.filter(|name| !is_utf8(name));
    Ok((value_of("filter")?, encoding))
}

fn is_utf8(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

fn endings(repository: &git2::Repository, path: &str) -> Result<Endings, GitError> {
    let defaults = defaults(repository)?;
    let mut text = attribute(repository, path, "text")?;
    if matches!(text, Attribute::Unspecified) {
        // The name this attribute had before Git 1.7.2, still read.
        text = attribute(repository, path, "crlf")?;
    }
    if matches!(text, Attribute::Unset) {
        return Ok(Endings::Keep);
    }
    let eol = match attribute(repository, path, "eol")? {
        Attribute::Value(value) if value == "crlf" => Some(true),
        Attribute::Value(value) if value == "lf" => Some(false),
        _ => None,
    };
    let auto = matches!(&text, Attribute::Value(value) if value == "auto");
    let input = matches!(&text, Attribute::Value(value) if value == "input");
    Ok(match (eol, auto) {
        (Some(crlf_on_disk), true) => Endings::Auto { crlf_on_disk },
        (Some(crlf_on_disk), false) => Endings::Text { crlf_on_disk },
        (None, true) => Endings::Auto { crlf_on_disk: defaults.text_is_crlf },
        (None, false) if input => Endings::Text { crlf_on_disk: false },
        (None, false) if matches!(text, Attribute::Set) => {
            Endings::Text { crlf_on_disk: defaults.text_is_crlf }
        }
        (None, false) => match defaults.autocrlf {
            AutoCrlf::False => Endings::Keep,
            AutoCrlf::True => Endings::Auto { crlf_on_disk: true },
            AutoCrlf::Input => Endings::Auto { crlf_on_disk: false },
        },
    })
}

/// Whether bytes on disk can differ from those in the commit through anything but a filter. Cheap; spares
/// the look into `.gitattributes` for nearly every file.
pub(crate) fn may_convert(content: &[u8]) -> bool {
    contains(content, b"\r\n") || contains(content, b"$Id:") || std::str::from_utf8(content).is_err()
}

/// The bytes as they are in a commit. `has_crlf_in_index` says whether the committed text has CRLF itself, in
/// which case `text=auto` leaves the file alone.
pub(crate) fn to_repository<'a>(
    conversion: &Conversion,
    content: &'a [u8],
    has_crlf_in_index: impl FnOnce() -> bool,
) -> Cow<'a, [u8]> {
    let mut content = Cow::Borrowed(content);
    let convert = match conversion.endings {
        Endings::Keep => false,
        Endings::Text { .. } => true,
        Endings::Auto { .. } => !Statistics::of(&content).is_binary() && !has_crlf_in_index(),
    };
    if convert && contains(&content, b"\r\n") {
        content = Cow::Owned(without_carriage_returns(&content));
    }
    if conversion.ident && contains(&content, b"$Id:") {
        content = Cow::Owned(collapse_ident(&content));
    }
    content
}

/// The bytes as they are on disk.
pub(crate) fn to_disk<'a>(conversion: &Conversion, content: &'a [u8], id: Oid) -> Cow<'a, [u8]> {
    let mut content = Cow::Borrowed(content);
    if conversion.ident && contains(&content, b"$Id") {
        let collapsed = collapse_ident(&content);
        content = Cow::Owned(replace(&collapsed, b"$Id$", format!("$Id: {id} $").as_bytes()));
    }
    let statistics = Statistics::of(&content);
    let convert = match conversion.endings {
        Endings::Text { crlf_on_disk } => crlf_on_disk && statistics.lone_lf > 0,
        Endings::Auto { crlf_on_disk } => {
            crlf_on_disk
                && statistics.lone_lf > 0
                && statistics.lone_cr == 0
                && statistics.crlf == 0
                && !statistics.is_binary()
        }
        Endings::Keep => false,
    };
    if convert {
        content = Cow::Owned(with_carriage_returns(&content));
    }
    content
}

/// Whether a committed text has CRLF, so that `text=auto` does not touch it.
pub(crate) fn is_text_with_crlf(content: &[u8]) -> bool {
    let statistics = Statistics::of(content);
    !statistics.is_binary() && statistics.crlf > 0
}

/// What Git counts to tell text from binary.
#[derive(Default)]
struct Statistics {
    nul: usize,
    lone_cr: usize,
    lone_lf: usize,
    crlf: usize,
    printable: usize,
    other: usize,
}

impl Statistics {
    fn of(content: &[u8]) -> Self {
        let mut counts = Self::default();
        let mut bytes = content.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\r' if bytes.peek() == Some(&b'\n') => {
                    bytes.next();
                    counts.crlf += 1;
                }
                b'\r' => counts.lone_cr += 1,
                b'\n' => counts.lone_lf += 1,
                0x08 | b'\t' | 0x1b | 0x0c => counts.printable += 1,
                0 => {
                    counts.nul += 1;
                    counts.other += 1;
                }
                0x7f => counts.other += 1,
                byte if byte < 0x20 => counts.other += 1,
                _ => counts.printable += 1,
            }
        }
        // A DOS end-of-file mark does not make a text binary.
        if content.last() == Some(&0x1a) {
            counts.other = counts.other.saturating_sub(1);
        }
        counts
    }

    fn is_binary(&self) -> bool {
        self.lone_cr > 0 || self.nul > 0 || (self.printable >> 7) < self.other
    }
}

fn without_carriage_returns(content: &[u8]) -> Vec<u8> {
    replace(content, b"\r\n", b"\n")
}

fn with_carriage_returns(content: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(content.len() + content.len() / 16);
    let mut previous = 0;
    for &byte in content {
        if byte == b'\n' && previous != b'\r' {
            result.push(b'\r');
        }
        result.push(byte);
        previous = byte;
    }
    result
}

/// `$Id: anything $` on one line becomes `$Id$`.
fn collapse_ident(content: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = find(rest, b"$Id:") {
        let (before, mark) = rest.split_at(start);
        result.extend_from_slice(before);
        let body = mark.get(4..).unwrap_or_default();
        let end = body.iter().position(|byte| matches!(byte, b'$' | b'\n'));
        match end {
            Some(end) if body.get(end) == Some(&b'$') => {
                result.extend_from_slice(b"$Id$");
                rest = body.get(end + 1..).unwrap_or_default();
            }
            _ => {
                result.extend_from_slice(b"$Id:");
                rest = body;
            }
        }
    }
    result.extend_from_slice(rest);
    result
}

fn replace(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = find(rest, from) {
        result.extend_from_slice(rest.get(..start).unwrap_or_default());
        result.extend_from_slice(to);
        rest = rest.get(start + from.len()..).unwrap_or_default();
    }
    result.extend_from_slice(rest);
    result
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    find(content, wanted).is_some()
}

fn find(content: &[u8], wanted: &[u8]) -> Option<usize> {
    content.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(endings: Endings) -> Conversion {
        Conversion { endings, ident: false, filter: None, encoding: None }
    }

    #[test]
    fn automatic_text_loses_its_carriage_returns() {
        let auto = of(Endings::Auto { crlf_on_disk: true });
        assert_eq!(&*to_repository(&auto, b"a\r\nb\r\n", || false), b"a\nb\n");
        assert_eq!(&*to_repository(&auto, b"a\r\nb\0", || false), b"a\r\nb\0", "binary stays");
        assert_eq!(&*to_repository(&auto, b"a\r\n", || true), b"a\r\n", "committed with CRLF stays");
        assert_eq!(&*to_disk(&auto, b"a\nb\n", Oid::ZERO_SHA1), b"a\r\nb\r\n");
        assert_eq!(&*to_disk(&auto, b"a\r\nb\n", Oid::ZERO_SHA1), b"a\r\nb\n", "mixed stays");
    }

    #[test]
    fn declared_text_is_converted_whatever_it_holds() {
        let text = of(Endings::Text { crlf_on_disk: true });
        assert_eq!(&*to_repository(&text, b"a\r\nb\r\0", || true), b"a\nb\r\0");
        assert_eq!(&*to_disk(&text, b"a\r\nb\n", Oid::ZERO_SHA1), b"a\r\nb\r\n");
        let keep = of(Endings::Keep);
        assert_eq!(&*to_repository(&keep, b"a\r\n", || false), b"a\r\n");
    }

    #[test]
    fn an_ident_is_expanded_on_disk_only() {
        let ident = Conversion { ident: true, ..of(Endings::Keep) };
        let disk = to_disk(&ident, b"# $Id$\n", Oid::ZERO_SHA1).into_owned();
        assert_eq!(disk, format!("# $Id: {} $\n", Oid::ZERO_SHA1).into_bytes());
        assert_eq!(&*to_repository(&ident, &disk, || false), b"# $Id$\n");
        assert_eq!(&*to_repository(&ident, b"$Id: open\n$", || false), b"$Id: open\n$", "one line only");
    }
}
