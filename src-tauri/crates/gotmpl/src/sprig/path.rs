//! Slash-separated paths as Go's package `path` has them; on Linux, where the truth comes from, `path/filepath` is the
//! same.

use std::borrow::Cow;

/// The last element, without trailing slashes.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    if end == 0 {
        return b"/";
    }
    let start = path[..end].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    &path[start..end]
}

/// All but the last element, cleaned.
pub(crate) fn directory(path: &[u8]) -> Cow<'_, [u8]> {
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    clean(&path[..end])
}

/// From the last dot of the last element on.
pub(crate) fn extension(path: &[u8]) -> &[u8] {
    for (index, byte) in path.iter().enumerate().rev() {
        match byte {
            b'/' => break,
            b'.' => return &path[index..],
            _ => {}
        }
    }
    b""
}

/// The shortest path with the same meaning, by its text alone.
pub(crate) fn clean(path: &[u8]) -> Cow<'_, [u8]> {
    if path.is_empty() {
        return Cow::Borrowed(b".");
    }
    let rooted = path[0] == b'/';
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if elements.last().is_some_and(|last| *last != b"..") => {
                elements.pop();
            }
            b".." if rooted => {}
            _ => elements.push(element),
        }
    }
    let mut cleaned = Vec::with_capacity(path.len());
    if rooted {
        cleaned.push(b'/');
    }
    cleaned.extend_from_slice(&elements.join(&b'/'));
    if cleaned.is_empty() {
        cleaned.push(b'.');
    }
    Cow::Owned(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_their_text() {
        for (path, expected) in [
            ("a/./b/../c", "a/c"),
            ("", "."),
            ("/../a", "/a"),
            ("../a/..", ".."),
            ("a//b/", "a/b"),
            ("/", "/"),
            ("../../x", "../../x"),
            ("a/..", "."),
        ] {
            assert_eq!(&*clean(path.as_bytes()), expected.as_bytes(), "{path}");
        }
        assert_eq!(base(b"a/b//"), b"b");
        assert_eq!(base(b"//"), b"/");
        assert_eq!(&*directory(b"a"), b".");
        assert_eq!(&*directory(b"/foo/bar.txt"), b"/foo");
        assert_eq!(extension(b"a.b/c"), b"");
    }
}
