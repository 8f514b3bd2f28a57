//! From a field path to the node that an edit may change.

use slipway_model::{FieldPath, Segment};

use super::{Context, EditError};
use crate::node::{Node, NodeId, NodeKind};

/// How a node is reached from its parent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// It is the whole document.
    Root,
    /// It is the value of an entry of a map.
    Entry { map: NodeId, index: usize },
    /// It is an item of a list.
    Item { list: NodeId, index: usize },
}

/// A node that an edit may change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located {
    pub(super) node: NodeId,
    pub(super) step: Step,
    /// Whether it stands inside `{}` or `[]`.
    pub(super) in_flow: bool,
}

/// The node at a path whose value is known to be there; `None` for a document without content.
pub(super) fn locate(
    context: &Context,
    document: usize,
    path: &FieldPath,
) -> Result<Option<Located>, EditError> {
    let forest = context.parsed.forest();
    let Some(mut node) = forest.roots.get(document).and_then(|root| root.node) else { return Ok(None) };
    let mut located = Located { node, step: Step::Root, in_flow: false };
    for (depth, segment) in path.segments().iter().enumerate() {
        let here = FieldPath(path.segments()[..depth].to_vec());
        if let NodeKind::Alias { name, target } = &forest.nodes[node].kind {
            return Err(EditError::Alias {
                path: here,
                anchor: name.clone(),
                line: forest.nodes[node].start.line,
                written: forest.nodes[*target].start.line,
            });
        }
        let lost = || EditError::Impossible {
            path: here.clone(),
            reason: "its place in the text was not found".to_owned(),
        };
        match (&forest.nodes[node].kind, segment) {
            (NodeKind::Mapping { flow, entries }, Segment::Key(key)) => {
                let (entry, merged) = context.parsed.entry(node, key).ok_or_else(lost)?;
                if merged {
                    let merge =
                        entries.iter().rev().find(|entry| entry.merge).map_or(node, |entry| entry.key);
                    return Err(EditError::Merged {
                        path: here.key(key.as_str()),
                        line: forest.nodes[merge].start.line,
                        written: forest.nodes[entry.value].start.line,
                    });
                }
                let index = entries.iter().rposition(|each| each.key == entry.key).ok_or_else(lost)?;
                located.step = Step::Entry { map: node, index };
                located.in_flow |= *flow;
                node = entry.value;
            }
            (NodeKind::Sequence { flow, items }, segment) => {
                let index = match segment {
                    Segment::Index(index) => *index,
                    Segment::Keyed(keys) => {
                        let found = context.parsed.keyed(items, keys).ok_or_else(lost)?;
                        items.iter().position(|item| item.node == found).ok_or_else(lost)?
                    }
                    Segment::Key(_) => return Err(lost()),
                };
                located.step = Step::Item { list: node, index };
                located.in_flow |= *flow;
                node = items.get(index).ok_or_else(lost)?.node;
            }
            _ => return Err(lost()),
        }
        located.node = node;
    }
    Ok(Some(located))
}

/// Whether the last key of a path comes by a merge key into the map that holds it.
pub(super) fn is_merged(context: &Context, document: usize, path: &FieldPath) -> bool {
    match locate(context, document, path) {
        Err(EditError::Merged { path: merged, .. }) => merged == *path,
        _ => false,
    }
}

/// The anchor because of which an edit at a path changes other places too.
pub(super) fn shared(context: &Context, document: usize, path: &FieldPath) -> Option<EditError> {
    let forest = context.parsed.forest();
    let target = locate(context, document, path).ok().flatten();
    let target = target.or_else(|| locate(context, document, &path.parent()?).ok().flatten())?;
    let place = &forest.nodes[target.node];
    let overlaps =
        |node: &Node| node.start.offset <= place.end.offset && place.start.offset <= node.end.offset;
    forest.nodes.iter().find_map(|alias| match &alias.kind {
        NodeKind::Alias { name, target } if overlaps(&forest.nodes[*target]) => Some(EditError::Shared {
            path: path.clone(),
            anchor: name.clone(),
            line: forest.nodes[*target].start.line,
            used: alias.start.line,
        }),
        _ => None,
    })
}
