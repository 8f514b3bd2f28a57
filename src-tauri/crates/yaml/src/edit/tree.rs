//! Edits of the files of a tree.

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::{Edit, RepoPath, Tree};

use super::{EditError, Format, YamlEdit, apply_as};

/// Applies edits to the files of a tree and returns what changes: the new content of a file, or `None` where it is
/// deleted. Edits of one file see what earlier ones made of it. Nothing is written.
///
/// # Errors
/// When an edit is refused (see [`super::apply`]), or a file that is edited, copied or deleted is not there.
pub fn apply_to_tree(
    tree: &dyn Tree,
    edits: &[Edit],
) -> Result<BTreeMap<RepoPath, Option<Bytes>>, EditError> {
    let mut changes: BTreeMap<RepoPath, Option<Bytes>> = BTreeMap::new();
    for edit in edits {
        let file = edit.file();
        let content = match edit {
            Edit::Write { content, .. } => Some(Bytes::from(content.clone())),
            Edit::Copy { from, .. } => Some(read(tree, &changes, from)?),
            Edit::Delete { .. } => {
                read(tree, &changes, file)?;
                None
            }
            Edit::Set { document, path, old, new, .. } => {
                let edit = YamlEdit::Set {
                    document: *document,
                    path: path.clone(),
                    old: old.clone(),
                    new: new.clone(),
                };
                Some(change(tree, &changes, file, edit)?)
            }
            Edit::Insert { document, path, new, .. } => {
                let edit = YamlEdit::Insert { document: *document, path: path.clone(), new: new.clone() };
                Some(change(tree, &changes, file, edit)?)
            }
            Edit::Remove { document, path, old, .. } => {
                let edit = YamlEdit::Remove { document: *document, path: path.clone(), old: old.clone() };
                Some(change(tree, &changes, file, edit)?)
            }
        };
        changes.insert(file.clone(), content);
    }
    Ok(changes)
}

fn change(
    tree: &dyn Tree,
    changes: &BTreeMap<RepoPath, Option<Bytes>>,
    file: &RepoPath,
    edit: YamlEdit,
) -> Result<Bytes, EditError> {
    let text = read(tree, changes, file)?;
    let is_json = file.file_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".json"));
    let format = if is_json { Format::Json } else { Format::Yaml };
    apply_as(&text, &[edit], format)
        .map(Bytes::from)
        .map_err(|source| EditError::File { file: file.clone(), source: Box::new(source) })
}

fn read(
    tree: &dyn Tree,
    changes: &BTreeMap<RepoPath, Option<Bytes>>,
    file: &RepoPath,
) -> Result<Bytes, EditError> {
    let content = match changes.get(file) {
        Some(changed) => changed.clone(),
        None => tree.read(file)?,
    };
    content.ok_or_else(|| EditError::NoFile { file: file.clone() })
}
