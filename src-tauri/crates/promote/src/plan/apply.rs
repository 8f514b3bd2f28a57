//! A tree with the edits of a plan.

use std::sync::Arc;

use slipway_model::{Edit, Overlay, Problem, Tree};

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
