//! Setting a value.

use serde_json::Value;
use slipway_model::FieldPath;

use super::locate::{Located, Step, locate};
use super::splice::{Splice, is_first_in_line, line_end, line_start};
use super::write::{inline, json, layout, wants_lines};
use super::{Context, EditError, Format};
use crate::emit::{Layout, block, is_block};
use crate::node::NodeKind;
use crate::scan::Style;

/// The ways to set a value, the most natural first.
pub(super) fn candidates(
    context: &Context,
    document: usize,
    path: &FieldPath,
    new: &Value,
) -> Result<Vec<Vec<Splice>>, EditError> {
    match locate(context, document, path)? {
        Some(located) => Ok(replacements(context, document, located, new)),
        None => Ok(vec![first_content(context, document, new)]),
    }
}

/// Writes the value of a document that holds nothing but comments.
fn first_content(context: &Context, document: usize, new: &Value) -> Vec<Splice> {
    let text = context.text();
    let end = context.parsed.forest().roots.get(document).map_or(text.len(), |root| root.end);
    let written = match context.format {
        Format::Json => json(new, None),
        Format::Yaml => block(new, 0, Layout::default()),
    };
    let before = if end == 0 || text[..end].ends_with('\n') { "" } else { "\n" };
    let after = if end < text.len() || before.is_empty() { "\n" } else { "" };
    vec![Splice::insert(end, format!("{before}{written}{after}"))]
}

/// The ways to replace a node.
pub(super) fn replacements(
    context: &Context,
    document: usize,
    located: Located,
    new: &Value,
) -> Vec<Vec<Splice>> {
    let forest = context.parsed.forest();
    let node = &forest.nodes[located.node];
    let style = match node.kind {
        NodeKind::Scalar { style } if forest.is_written(located.node) => Some(style),
        _ => None,
    };
    let mut candidates = Vec::new();
    let one_line = |style| {
        let text = match (&node.kind, context.format) {
            (NodeKind::Sequence { .. } | NodeKind::Mapping { .. }, Format::Json) if is_block(new) => {
                pretty(context, node.content.offset, new)
            }
            _ => inline(context, new, style, located.in_flow),
        };
        replace_inline(context, document, located, &text)
    };
    let is_flow =
        matches!(node.kind, NodeKind::Sequence { flow: true, .. } | NodeKind::Mapping { flow: true, .. });
    let was_empty = match &node.kind {
        NodeKind::Sequence { items, .. } => items.is_empty(),
        NodeKind::Mapping { entries, .. } => entries.is_empty(),
        _ => false,
    };
    let keeps_flow = is_flow && !was_empty && is_block(new);
    let quoted = matches!(style, Some(Style::DoubleQuoted | Style::SingleQuoted));
    let lines = context.format == Format::Yaml && !located.in_flow && wants_lines(new);
    // Lines of text need a style that a quoted text does not have.
    let prefers_lines = lines && !keeps_flow && !(quoted && new.is_string());
    if prefers_lines {
        candidates.extend(replace_by_lines(context, document, located, new));
    }
    candidates.push(one_line(style));
    if node.content != node.start {
        // An anchor or a tag that does not fit the new value goes with the old one.
        candidates.push(vec![Splice::replace(
            node.start.offset,
            node.end.offset.max(node.content.offset),
            inline(context, new, style, located.in_flow),
        )]);
    }
    if lines && !prefers_lines {
        candidates.extend(replace_by_lines(context, document, located, new));
    }
    candidates.push(one_line(None));
    candidates
}

/// JSON in lines, where what it replaces stands in lines.
fn pretty(context: &Context, offset: usize, new: &Value) -> String {
    let text = context.text();
    let start = line_start(text, offset);
    let current: String = text[start..offset].chars().take_while(|each| matches!(each, ' ' | '\t')).collect();
    let after = text[offset..].trim_start_matches(['[', '{']);
    let unit: String = after
        .strip_prefix('\n')
        .or_else(|| after.strip_prefix("\r\n"))
        .map(|line| {
            line.chars().take_while(|each| matches!(each, ' ' | '\t')).skip(current.chars().count()).collect()
        })
        .unwrap_or_default();
    if unit.is_empty() { json(new, None) } else { json(new, Some((&unit, &current))) }
}

/// Puts a value in one line where the old one stands.
fn replace_inline(context: &Context, document: usize, located: Located, written: &str) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let text = context.text();
    let node = &forest.nodes[located.node];
    let (content, end) = (node.content.offset, node.end.offset);
    if !forest.is_written(located.node) || end <= content {
        return fill(context, document, located, written);
    }
    let before = before_content(context, document, located);
    if !is_block_collection(&node.kind) || !text[before..content].contains('\n') {
        return vec![Splice::replace(content, end, written)];
    }
    // The old value stands in lines below its key: the new one goes behind the key, before a comment there.
    let head = head_end(text, before);
    let line = line_end(text, before);
    vec![Splice::insert(head, format!(" {written}")), Splice::delete(line, line_end(text, end))]
}

/// Writes a value where a key, a `-` or an anchor has none.
fn fill(context: &Context, document: usize, located: Located, written: &str) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let text = context.text();
    let node = &forest.nodes[located.node];
    if node.content.offset > node.start.offset {
        return vec![Splice::insert(node.content.offset, format!(" {written}"))];
    }
    match located.step {
        Step::Entry { map, index } => {
            let NodeKind::Mapping { flow, entries } = &forest.nodes[map].kind else { return Vec::new() };
            let entry = &entries[index];
            let key_end = forest.nodes[entry.key].end.offset;
            match entry.colon {
                Some(colon) => vec![Splice::insert(colon.offset, format!(" {written}"))],
                None if *flow => vec![Splice::insert(key_end, format!(": {written}"))],
                None => {
                    let margin = " ".repeat(forest.nodes[map].content.column());
                    vec![Splice::insert(line_end(text, key_end), format!("\n{margin}: {written}"))]
                }
            }
        }
        Step::Item { .. } => {
            vec![Splice::insert(before_content(context, document, located), format!(" {written}"))]
        }
        Step::Root => {
            let end = forest.roots[document].end;
            let at = text[..end].trim_end().len();
            vec![Splice::insert(at, format!("\n{written}"))]
        }
    }
}

/// Puts a value in lines where the old one stands.
fn replace_by_lines(context: &Context, document: usize, located: Located, new: &Value) -> Vec<Vec<Splice>> {
    let forest = context.parsed.forest();
    let text = context.text();
    let node = &forest.nodes[located.node];
    let layout = layout(forest);
    let (content, end) = (node.content.offset, node.end.offset.max(node.content.offset));
    let written = forest.is_written(located.node);
    let before = before_content(context, document, located);
    if is_block_collection(&node.kind) && !new.is_string() {
        let column = node.content.column();
        // A list may stand in the column of its key, a map has to be deeper.
        let least = match located.step {
            Step::Entry { map, .. } if new.is_object() => forest.nodes[map].content.column() + layout.map,
            _ => column,
        };
        let target = if column + layout.map > least { column } else { least };
        let deeper = " ".repeat(target - column);
        let written = block(new, target, layout);
        return vec![vec![Splice::replace(content, end, format!("{deeper}{written}"))]];
    }
    match located.step {
        Step::Root if !written => vec![first_content(context, document, new)],
        Step::Root => vec![vec![Splice::replace(content, end, block(new, 0, layout))]],
        Step::Item { list, index } => {
            let NodeKind::Sequence { items, .. } = &forest.nodes[list].kind else { return Vec::new() };
            let dash = items[index].dash;
            if !written {
                return vec![vec![Splice::insert(
                    before,
                    format!(" {}", block(new, dash.column() + 2, layout)),
                )]];
            }
            let column = if text[before..content].contains('\n') {
                node.content.column()
            } else {
                dash.column() + (content - dash.offset)
            };
            vec![vec![Splice::replace(content, end, block(new, column, layout))]]
        }
        Step::Entry { map, index } => {
            let NodeKind::Mapping { entries, .. } = &forest.nodes[map].kind else { return Vec::new() };
            let column = forest.nodes[map].content.column();
            let Some(colon) = entries[index].colon else { return Vec::new() };
            let lines = |layout: Layout| {
                let inner = column + if new.is_array() { layout.list } else { layout.map };
                if new.is_string() {
                    let text = block(new, column + 2, layout);
                    let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
                    (format!(" {head}"), format!("\n{body}"))
                } else {
                    (String::new(), format!("\n{}{}", " ".repeat(inner), block(new, inner, layout)))
                }
            };
            let (head, body) = lines(layout);
            // What stands between the colon and the value (an anchor) stays; a comment behind the value too.
            let kept = if content > node.start.offset { head_end(text, colon.offset) } else { colon.offset };
            let line = line_end(text, end);
            let replaced = if is_first_in_line(text, content) && written && line_start(text, content) > kept {
                // The old value stands in a line below its key.
                vec![Splice::insert(kept, head), Splice::replace(line_end(text, colon.offset), line, body)]
            } else {
                vec![Splice::replace(kept, end.max(kept), head), Splice::insert(line, body)]
            };
            vec![replaced]
        }
    }
}

/// Behind the colon or the `-` that leads to a node; where the node begins, if nothing does.
fn before_content(context: &Context, document: usize, located: Located) -> usize {
    let forest = context.parsed.forest();
    let start = forest.nodes[located.node].start.offset;
    match located.step {
        Step::Root => forest.roots.get(document).map_or(start, |_| start),
        Step::Entry { map, index } => match &forest.nodes[map].kind {
            NodeKind::Mapping { entries, .. } => entries[index].colon.map_or(start, |colon| colon.offset),
            _ => start,
        },
        Step::Item { list, index } => match &forest.nodes[list].kind {
            NodeKind::Sequence { flow: false, items } => items[index].dash.offset + 1,
            _ => start,
        },
    }
}

/// Where the content of a line ends that goes on behind an offset: before a comment, without the white space.
fn head_end(text: &str, from: usize) -> usize {
    let line = &text[from..line_end(text, from)];
    let comment = line
        .char_indices()
        .find(|(at, character)| *character == '#' && (*at == 0 || line[..*at].ends_with([' ', '\t'])))
        .map_or(line.len(), |(at, _)| at);
    from + line[..comment].trim_end().len()
}

fn is_block_collection(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::Sequence { flow: false, .. } | NodeKind::Mapping { flow: false, .. })
}
