//! Inserting a key or an item.

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};

use super::locate::{Located, locate};
use super::set::replacements;
use super::splice::{Splice, is_first_in_line, line_end, line_start};
use super::write::{inline, json, layout};
use super::{Context, EditError, Format, set};
use crate::emit::{Layout, block, is_block};
use crate::node::{Entry, Item, NodeKind};

/// The ways to insert a value, the most natural first.
pub(super) fn candidates(
    context: &Context,
    document: usize,
    path: &FieldPath,
    new: &Value,
) -> Result<Vec<Vec<Splice>>, EditError> {
    let Some((last, parent)) = path.segments().split_last() else { return Ok(Vec::new()) };
    let parent = FieldPath(parent.to_vec());
    let as_whole = match last {
        Segment::Key(key) => Value::Object(Map::from_iter([(key.clone(), new.clone())])),
        _ => Value::Array(vec![new.clone()]),
    };
    let Some(located) = locate(context, document, &parent)? else {
        return set::candidates(context, document, &parent, &as_whole);
    };
    let forest = context.parsed.forest();
    let node = &forest.nodes[located.node];
    match &node.kind {
        NodeKind::Alias { name, target } => Err(EditError::Alias {
            path: parent,
            anchor: name.clone(),
            line: node.start.line,
            written: forest.nodes[*target].start.line,
        }),
        NodeKind::Mapping { flow, entries } if !entries.is_empty() => {
            let Segment::Key(key) = last else { return Ok(Vec::new()) };
            if let Some(entry) = entries.iter().find(|entry| entry.name.as_ref() == Some(key)) {
                let line = forest.nodes[entry.key].start.line;
                return Err(EditError::Exists { path: path.clone(), line });
            }
            Ok(places(entries, key)
                .into_iter()
                .flat_map(|place| {
                    let layouts = layouts(context);
                    layouts.into_iter().map(move |layout| {
                        if *flow {
                            into_flow_map(context, entries, place, key, new)
                        } else {
                            into_block_map(context, located, entries, place, &as_map(key, new), layout)
                        }
                    })
                })
                .collect())
        }
        NodeKind::Sequence { flow, items } if !items.is_empty() => Ok(layouts(context)
            .into_iter()
            .map(|layout| {
                if *flow {
                    into_flow_list(context, items, new)
                } else {
                    into_block_list(context, items, new, layout)
                }
            })
            .collect()),
        _ => Ok(replacements(context, document, located, &as_whole)),
    }
}

fn as_map(key: &str, value: &Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value.clone())]))
}

/// The layout of the file, and the same without lines of text, for where they would not read back.
fn layouts(context: &Context) -> [Layout; 2] {
    let layout = layout(context.parsed.forest());
    [layout, Layout { literals: false, ..layout }]
}

/// Where a new entry stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Behind(usize),
    First,
}

/// The natural places of a new key: in order where the keys are in order, else at the end. A merge key stays before it.
fn places(entries: &[Entry], key: &str) -> Vec<Place> {
    let end = Place::Behind(entries.len() - 1);
    let names: Vec<&str> = entries.iter().filter_map(|entry| entry.name.as_deref()).collect();
    let sorted = names.len() == entries.len() && names.len() > 1 && names.is_sorted();
    if !sorted {
        return vec![end];
    }
    match names.iter().rposition(|name| *name < key) {
        Some(index) => vec![Place::Behind(index), end],
        None => vec![Place::First, end],
    }
}

fn into_block_map(
    context: &Context,
    located: Located,
    entries: &[Entry],
    place: Place,
    new: &Value,
    layout: Layout,
) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let column = forest.nodes[located.node].content.column();
    let written = block(new, column, layout);
    let margin = " ".repeat(column);
    match place {
        Place::Behind(index) => {
            let at = line_end(context.text(), forest.entry_end(&entries[index]));
            vec![Splice::insert(at, format!("\n{margin}{written}"))]
        }
        Place::First => {
            let at = forest.nodes[entries[0].key].start.offset;
            vec![Splice::insert(at, format!("{written}\n{margin}"))]
        }
    }
}

fn into_block_list(context: &Context, items: &[Item], new: &Value, layout: Layout) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let Some(last) = items.last() else { return Vec::new() };
    let column = last.dash.column();
    let node = &forest.nodes[last.node];
    let end = if forest.is_written(last.node) { node.end.offset } else { last.dash.offset + 1 };
    // As much space behind the `-` as before.
    let gap = node.start.offset.saturating_sub(last.dash.offset);
    let same_line = forest.is_written(last.node) && node.start.line == last.dash.line && gap >= 2;
    let gap = if same_line && is_block(new) { gap } else { 2 };
    let written = block(new, column + gap, layout);
    let at = line_end(context.text(), end);
    vec![Splice::insert(at, format!("\n{}-{}{written}", " ".repeat(column), " ".repeat(gap - 1)))]
}

fn into_flow_map(context: &Context, entries: &[Entry], place: Place, key: &str, new: &Value) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let first = forest.nodes[entries[0].key].start.offset;
    let name = match context.format {
        Format::Json => Value::from(key).to_string(),
        Format::Yaml => {
            let map = crate::emit::flow(&as_map(key, &Value::Null));
            map.trim_start_matches('{').trim_end_matches(": null}").to_owned()
        }
    };
    let written = |margin: &str| format!("{name}: {}", in_flow(context, new, first, margin));
    match place {
        Place::Behind(index) => {
            let sibling = forest.nodes[entries[index].key].start.offset;
            let separator = separator(context.text(), sibling);
            let at = forest.entry_end(&entries[index]);
            vec![Splice::insert(at, format!(",{separator}{}", written(&separator)))]
        }
        Place::First => {
            let separator = separator(context.text(), first);
            vec![Splice::insert(first, format!("{},{separator}", written(&separator)))]
        }
    }
}

fn into_flow_list(context: &Context, items: &[Item], new: &Value) -> Vec<Splice> {
    let forest = context.parsed.forest();
    let Some(last) = items.last() else { return Vec::new() };
    let node = &forest.nodes[last.node];
    let separator = separator(context.text(), node.start.offset);
    let written = in_flow(context, new, node.start.offset, &separator);
    vec![Splice::insert(node.end.offset, format!(",{separator}{written}"))]
}

/// What stands between entries: a new line where the sibling begins one, else a space.
fn separator(text: &str, sibling: usize) -> String {
    if is_first_in_line(text, sibling) && line_start(text, sibling) > 0 {
        format!("\n{}", &text[line_start(text, sibling)..sibling])
    } else {
        " ".to_owned()
    }
}

fn in_flow(context: &Context, new: &Value, sibling: usize, separator: &str) -> String {
    let margin = separator.strip_prefix('\n');
    match (context.format, margin) {
        (Format::Json, Some(margin)) => {
            // The unit is what the sibling is indented by more than the line that opened its map.
            let text = context.text();
            let unit = text[..sibling]
                .lines()
                .rev()
                .skip(1)
                .map(|line| &line[..line.len() - line.trim_start().len()])
                .find(|outer| outer.len() < margin.len())
                .map_or("  ", |outer| &margin[outer.len()..]);
            json(new, Some((unit, margin)))
        }
        (Format::Json, None) => json(new, None),
        (Format::Yaml, _) => inline(context, new, None, true),
    }
}
