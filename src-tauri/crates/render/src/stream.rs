//! Manifests as text.

use std::fmt::Write as _;

use slipway_model::{InstanceId, Manifest, readable_path};

/// The manifests as multi-document YAML: each after `---` and `# Source: APP@ENV FILE`, or `# Source: FILE`
/// where they belong to no instance.
#[must_use]
pub fn stream<'a>(
    instance: Option<&InstanceId>,
    manifests: impl IntoIterator<Item = &'a Manifest>,
) -> String {
    let prefix = instance.map(|id| format!("{} ", one_line(&id.to_string()))).unwrap_or_default();
    let mut text = String::new();
    for manifest in manifests {
        let file = one_line(&readable_path(&manifest.origin.file));
        // Writing to a string cannot fail.
        let _ = write!(text, "---\n# Source: {prefix}{file}\n{}", slipway_yaml::emit(&manifest.object));
    }
    text
}

/// A name may hold a line break, and what follows it would be read as YAML.
fn one_line(name: &str) -> String {
    let is_break = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    if !name.contains(is_break) {
        return name.to_owned();
    }
    name.chars()
        .map(
            |character| {
                if is_break(character) {
                    character.escape_unicode().to_string()
                } else {
                    character.to_string()
                }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::{Origin, RepoPath};

    #[test]
    fn every_document_says_where_it_is_from() {
        let manifest = |file: &str| {
            let origin = Origin { file: RepoPath::new(file).unwrap(), document: 0, line: None };
            Manifest::new(serde_json::json!({"kind": "A"}), origin)
        };
        let id: InstanceId = "api@prod/eu".parse().unwrap();
        let manifests = [manifest("a.yaml"), manifest("b\nkind: Evil")];
        assert_eq!(
            stream(Some(&id), &manifests),
            "---\n# Source: api@prod/eu a.yaml\nkind: A\n---\n# Source: api@prod/eu b\\u{a}kind: Evil\nkind: A\n"
        );
        assert_eq!(stream(None, &manifests[..1]), "---\n# Source: a.yaml\nkind: A\n");
    }
}
