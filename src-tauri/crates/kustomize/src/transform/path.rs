//! Paths as text: how kustomize splits them.

/// Splits a path at a delimiter; a backslash before it keeps it. One delimiter at the begin is ignored.
pub(crate) fn split_path(path: &str, delimiter: char) -> Vec<String> {
    let mut parts = path.split(delimiter).peekable();
    if path.starts_with(delimiter) {
        parts.next();
    }
    let mut steps: Vec<String> = Vec::new();
    for part in parts {
        match steps.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(part);
            }
            _ => steps.push(part.to_owned()),
        }
    }
    if steps.is_empty() {
        steps.push(String::new());
    }
    steps
}

/// Splits a field path of a replacement or variable at its dots. What is in brackets stays whole: `[name=a.b]` with its
/// brackets, `[a.b/c]`, a key of a map, without.
pub(crate) fn split_field_path(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut parts = split_path(path, '.').into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            steps.push(part);
            continue;
        }
        let mut whole = part;
        for part in parts.by_ref() {
            whole.push('.');
            whole.push_str(&part);
            if part.ends_with(']') {
                break;
            }
        }
        steps.push(if whole.contains('=') { whole } else { whole.trim_matches(['[', ']']).to_owned() });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_as_kustomize_does() {
        for (path, parts) in [
            ("a/b", vec!["a", "b"]),
            ("/a/b", vec!["a", "b"]),
            (r"a/b\/c/d", vec!["a", "b/c", "d"]),
            ("a//b", vec!["a", "", "b"]),
            ("", vec![""]),
            ("/", vec![""]),
        ] {
            assert_eq!(split_path(path, '/'), parts, "{path}");
        }
        for (path, parts) in [
            ("a.b.c", vec!["a", "b", "c"]),
            ("containers.[name=com.foo.app].image", vec!["containers", "[name=com.foo.app]", "image"]),
            ("metadata.annotations.[a.b.c/d]", vec!["metadata", "annotations", "a.b.c/d"]),
            ("metadata.annotations.[a]", vec!["metadata", "annotations", "[a]"]),
            (r"data.config\.yaml", vec!["data", "config.yaml"]),
            ("a.[b.c", vec!["a", "b.c"]),
            ("spec.0.x", vec!["spec", "0", "x"]),
        ] {
            assert_eq!(split_field_path(path), parts, "{path}");
        }
    }
}
