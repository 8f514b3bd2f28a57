//! Go strings: bytes that are usually, not always, UTF-8; cheap to clone, short ones without an allocation.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

const INLINE: usize = 16;

/// Aligned so that a value is copied in two pieces: odd pieces cost more than the bytes they save.
#[derive(Clone, Copy)]
#[repr(align(8))]
pub(crate) struct Buffer([u8; INLINE]);

#[derive(Clone)]
enum Repr {
    /// Up to [`INLINE`] bytes, the length first.
    Inline(u8, Buffer),
    /// A longer text made while executing.
    Local(Rc<[u8]>),
    /// A longer literal of a parsed template, which threads share.
    Shared(Arc<[u8]>),
    /// A text of the program.
    Static(&'static [u8]),
}

/// The text of a literal as a parsed template keeps it, which threads share: ready to become a [`Str`].
#[derive(Clone)]
pub(crate) enum Literal {
    Inline(u8, Buffer),
    Shared(Arc<[u8]>),
}

impl Literal {
    pub(crate) fn new(text: Vec<u8>) -> Literal {
        match Str::from_bytes(&text).0 {
            Repr::Inline(length, buffer) => Literal::Inline(length, buffer),
            _ => Literal::Shared(text.into()),
        }
    }

    #[inline]
    pub(crate) fn to_str(&self) -> Str {
        Str(match self {
            Literal::Inline(length, buffer) => Repr::Inline(*length, *buffer),
            Literal::Shared(text) => Repr::Shared(Arc::clone(text)),
        })
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

/// A Go string: any bytes, normally UTF-8. Dereferences to `[u8]`; compares and hashes by its bytes.
#[derive(Clone)]
pub struct Str(Repr);

impl Str {
    /// The empty string.
    pub const fn empty() -> Str {
        Str(Repr::Static(b""))
    }

    /// A text of the program, never copied.
    pub const fn from_static(text: &'static str) -> Str {
        Str(Repr::Static(text.as_bytes()))
    }

    /// A copy of the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Str {
        if bytes.len() <= INLINE {
            let mut buffer = [0; INLINE];
            buffer[..bytes.len()].copy_from_slice(bytes);
            // At most INLINE, so it fits.
            return Str(Repr::Inline(bytes.len() as u8, Buffer(buffer)));
        }
        Str(Repr::Local(Rc::from(bytes)))
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(length, buffer) => &buffer.0[..usize::from(*length)],
            Repr::Local(bytes) => bytes,
            Repr::Shared(bytes) => bytes,
            Repr::Static(bytes) => bytes,
        }
    }

    /// The text, where it is valid UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// The text; each invalid sequence becomes U+FFFD.
    pub fn to_lossy(&self) -> Cow<'_, str> {
        crate::go::to_lossy(self.as_bytes())
    }
}

impl Deref for Str {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Str {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<[u8]> for Str {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Str {
        Str::from_bytes(bytes)
    }
}

impl From<String> for Str {
    fn from(text: String) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Str {
        Str::from_bytes(&bytes)
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}

/// Shares a text that threads have in common, instead of copying it.
impl From<&Arc<[u8]>> for Str {
    fn from(bytes: &Arc<[u8]>) -> Str {
        if bytes.len() <= INLINE { Str::from_bytes(bytes) } else { Str(Repr::Shared(Arc::clone(bytes))) }
    }
}

impl Default for Str {
    fn default() -> Str {
        Str::empty()
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Str {}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Str {
    #[inline]
    fn partial_cmp(&self, other: &Str) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    #[inline]
    fn cmp(&self, other: &Str) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_lossy())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_lossy(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_texts_compare_by_their_bytes() {
        let long = "a text that is longer than what is kept in place";
        assert_eq!(Str::from(long), Literal::new(long.into()).to_str());
        assert_eq!(Str::from("short"), Literal::new("short".into()).to_str());
        assert_eq!(Str::from("short"), Str::from_static("short"));
        assert_eq!(Str::from("a").cmp(&Str::from("b")), Ordering::Less);
        assert_eq!(Str::from(&b"\xff"[..]).to_str(), None);
        assert_eq!(Str::from(&b"a\xff"[..]).to_string(), "a\u{fffd}");
    }
}
