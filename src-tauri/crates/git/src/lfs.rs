//! Git LFS pointers: small text files that stand for content that is kept elsewhere.
//!
//! The format: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>. Slipway does not fetch the
//! content; a file that is a pointer is an error for whoever reads it.

/// Pointers are shorter than this.
pub(crate) const POINTER_LIMIT: usize = 1024;

/// Whether the content is a pointer.
pub(crate) fn is_pointer(content: &[u8]) -> bool {
    content.len() < POINTER_LIMIT
        && [&b"version https://git-lfs.github.com/spec/"[..], b"version https://hawser.github.com/spec/"]
            .iter()
            .any(|start| content.starts_with(start))
        && content.windows(5).any(|window| window == b"\noid ")
}

#[cfg(test)]
mod tests {
    use super::is_pointer;

    #[test]
    fn a_pointer_begins_with_the_version_and_names_an_object() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert!(is_pointer(pointer));
        assert!(!is_pointer(b"version: 1\noid sha256:4d7a\n"), "an ordinary YAML file");
        assert!(!is_pointer(b"version https://git-lfs.github.com/spec/v1\n"), "no object");
        let mut long = pointer.to_vec();
        long.resize(2000, b' ');
        assert!(!is_pointer(&long), "pointers are short");
    }
}
