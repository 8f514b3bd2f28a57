//! Removing a key or an item, with the comments that belong to it.

use serde_json::{Map, Value};
use slipway_model::FieldPath;

use super::locate::{Located, Step, locate};
use super::set::replacements;
use super::splice::{
    Splice, comments_above, comments_below, is_first_in_line, line_end, line_start, next_line,
};
use super::{Context, EditError};
use crate::node::{Entry, Item, NodeKind};

/// The ways to remove a value, the most natural first.
pub(super) fn candidates(
    context: &Context,
    document: usize,
    path: &FieldPath,
) -> Result<Vec<Vec<Splice>>, EditError> {
    let Some(located) = locate(context, document, path)? else { return Ok(Vec::new()) };
    let forest = context.parsed.forest();
    let (parent, empty) = match located.step {
        Step::Root => return Ok(Vec::new()),
        Step::Entry { map, index } => {
            let NodeKind::Mapping { flow, entries } = &forest.nodes[map].kind else { return Ok(Vec::new()) };
            let name = entries[index].name.clone();
            // Of duplicate keys all have to go, or an earlier one would count.
            let gone: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].name == name).collect();
            if gone.len() < entries.len() {
                let parts: Vec<Part> = entries.iter().map(|entry| Part::of_entry(context, entry)).collect();
                return Ok(cut(context, document, &parts, &gone, *flow));
            }
            (map, Value::Object(Map::new()))
        }
        Step::Item { list, index } => {
            let NodeKind::Sequence { flow, items } = &forest.nodes[list].kind else { return Ok(Vec::new()) };
            if items.len() > 1 {
                let parts: Vec<Part> = items.iter().map(|item| Part::of_item(context, item, *flow)).collect();
                return Ok(cut(context, document, &parts, &[index], *flow));
            }
            (list, Value::Array(Vec::new()))
        }
    };
    // The last one leaves an empty map or list.
    let mut above = path.segments().to_vec();
    above.pop();
    let holder = locate(context, document, &FieldPath(above))?;
    let holder = holder.filter(|holder| holder.node == parent);
    Ok(holder.map(|holder: Located| replacements(context, document, holder, &empty)).unwrap_or_default())
}

/// An entry or an item.
struct Part {
    start: usize,
    end: usize,
    column: usize,
}

impl Part {
    fn of_entry(context: &Context, entry: &Entry) -> Self {
        let forest = context.parsed.forest();
        let key = &forest.nodes[entry.key];
        let line = line_start(context.text(), key.start.offset);
        // An explicit key begins with its `?`.
        let before = context.text()[line..key.start.offset].trim_end();
        let start = match before.strip_suffix('?') {
            Some(rest) if rest.trim_start_matches([' ', '-']).is_empty() => line + rest.len(),
            _ => key.start.offset,
        };
        Self { start, end: forest.entry_end(entry), column: start - line }
    }

    fn of_item(context: &Context, item: &Item, flow: bool) -> Self {
        let forest = context.parsed.forest();
        let node = &forest.nodes[item.node];
        if flow {
            return Self { start: node.start.offset, end: node.end.offset, column: 0 };
        }
        let end = if forest.is_written(item.node) { node.end.offset } else { item.dash.offset + 1 };
        Self { start: item.dash.offset, end, column: item.dash.column() }
    }
}

fn cut(context: &Context, document: usize, parts: &[Part], gone: &[usize], flow: bool) -> Vec<Vec<Splice>> {
    if flow {
        return vec![gone.iter().map(|index| cut_flow(parts, *index)).collect()];
    }
    let splices: Vec<Splice> =
        gone.iter().flat_map(|index| cut_block(context, document, parts, *index, gone)).collect();
    vec![splices]
}

/// Removes a part and one comma.
fn cut_flow(parts: &[Part], index: usize) -> Splice {
    match parts.get(index + 1) {
        Some(next) => Splice::delete(parts[index].start, next.start),
        None => Splice::delete(parts[index - 1].end, parts[index].end),
    }
}

/// Removes the lines of a part.
fn cut_block(
    context: &Context,
    document: usize,
    parts: &[Part],
    index: usize,
    gone: &[usize],
) -> Vec<Splice> {
    let text = context.text();
    let root = &context.parsed.forest().roots[document];
    let part = &parts[index];
    let next = parts.get(index + 1);
    let ceiling = next.map_or(root.end, |next| line_start(text, next.start));
    let after = comments_below(text, next_line(text, part.end), part.column, ceiling);
    if is_first_in_line(text, part.start) {
        let line = line_start(text, part.start);
        let floor = match index.checked_sub(1) {
            Some(before) => next_line(text, parts[before].end),
            // The comment at the head of a document is about the document.
            None if part.column == 0 => line,
            None => 0,
        };
        let start = comments_above(text, line, part.column, floor);
        if after >= text.len() && !text.ends_with('\n') && start > 0 {
            // The line before becomes the last one, without a line break too.
            return vec![Splice::delete(line_end(text, start - 1), text.len())];
        }
        // A byte-order mark stays.
        let start = if start == 0 && text.starts_with('\u{feff}') { 3 } else { start };
        return vec![Splice::delete(start, after)];
    }
    // The first part stands behind the `-` of the item it belongs to: what follows moves up.
    let Some(next) = next.filter(|_| !gone.contains(&(index + 1))) else {
        return vec![Splice::delete(part.start, part.end)];
    };
    let between = &text[after.min(next.start)..next.start];
    if between.trim().is_empty() {
        vec![Splice::delete(part.start, next.start)]
    } else {
        let behind_dash = text[..part.start].trim_end_matches(' ').len();
        vec![Splice::delete(behind_dash, line_end(text, part.end))]
    }
}
