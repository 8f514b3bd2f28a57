//! A tree with the edits of a plan.

use std::sync::Arc;

use serde_json::Value;
use slipway_diff::{MaskKey, is_secret_path, mask};
use slipway_model::{Edit, FieldPath, Overlay, Problem, Tree};

/// The tree with the edits made, for a preview or for writing them.
///
/// # Errors
/// A problem with the file and place where an edit does not fit what is there.
pub fn apply(tree: &Arc<dyn Tree>, edits: &[Edit]) -> Result<Overlay, Box<Problem>> {
    let changes = slipway_yaml::apply_to_tree(tree.as_ref(), edits).map_err(|error| {
        let file = edits.first().map(|edit| edit.file().clone()).unwrap_or_default();
        Box::new(error.problem(&file))
    })?;
    Ok(changes.into_iter().fold(Overlay::new(tree.clone()), |overlay, (file, content)| match content {
        Some(content) => overlay.write(file, content),
        None => overlay.delete(file),
    }))
}

/// The edit as it may be shown: secret values in what it writes are masked. For display only.
#[must_use]
pub fn shown_edit(edit: &Edit, key: &MaskKey) -> Edit {
    let masked = |value: &Value| mask(value, key);
    match edit.clone() {
        Edit::Write { file, content } => {
            let documents: Vec<Value> = slipway_yaml::decode_stream(&content)
                .map(|documents| documents.into_iter().map(|document| document.value).collect())
                .unwrap_or_default();
            let holds_secrets = documents.iter().any(|document| is_secret_path(document, &FieldPath::root()));
            let masked: Vec<Value> = documents.iter().map(masked).collect();
            let content = if holds_secrets { slipway_yaml::emit_stream(&masked) } else { content };
            Edit::Write { file, content }
        }
        Edit::Set { file, document, path, old, new } => {
            Edit::Set { file, document, path, old: old.as_ref().map(masked), new: masked(&new) }
        }
        Edit::Insert { file, document, path, new } => {
            Edit::Insert { file, document, path, new: masked(&new) }
        }
        Edit::Remove { file, document, path, old } => {
            Edit::Remove { file, document, path, old: old.as_ref().map(masked) }
        }
        other @ (Edit::Copy { .. } | Edit::Delete { .. }) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::RepoPath;

    #[test]
    fn secrets_in_edits_are_masked_for_display() {
        let key = MaskKey::new([1; 32]);
        let file = RepoPath::new("s.yaml").unwrap();
        let secret =
            serde_json::json!({"kind": "Secret", "apiVersion": "v1", "stringData": {"p": "hunter2"}});
        let content = format!("---\n{}---\na: 1\n", slipway_yaml::emit(&secret));
        for edit in [
            Edit::Write { file: file.clone(), content },
            Edit::Insert { file: file.clone(), document: 0, path: FieldPath::root().index(0), new: secret },
        ] {
            assert!(!serde_json::to_string(&shown_edit(&edit, &key)).unwrap().contains("hunter2"));
        }
        let plain = Edit::Write { file, content: "a: 1 # kept\n".to_owned() };
        assert_eq!(shown_edit(&plain, &key), plain);
    }
}
