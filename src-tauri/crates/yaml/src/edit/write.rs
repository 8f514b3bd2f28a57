//! How new values are written where they are put: style, indentation, JSON.

use serde_json::Value;

use super::{Context, Format};
use crate::emit::scalar::{
    Context as Place, Readers, is_plain, is_single_quotable, write_double_quoted, write_text,
};
use crate::emit::{Layout, block, flow, is_block};
use crate::node::{Forest, NodeKind};
use crate::scan::Style;

/// How a document is indented, found out from its first nested map and list.
pub(super) fn layout(forest: &Forest) -> Layout {
    let mut layout = Layout::default();
    let (mut map_known, mut list_known) = (false, false);
    for node in &forest.nodes {
        let NodeKind::Mapping { flow: false, entries } = &node.kind else { continue };
        let column = node.content.column();
        for entry in entries {
            let value = &forest.nodes[entry.value];
            let deeper = value.content.column().checked_sub(column);
            match (&value.kind, deeper) {
                (NodeKind::Mapping { flow: false, .. }, Some(deeper @ 1..)) if !map_known => {
                    (layout.map, map_known) = (deeper, true);
                }
                (NodeKind::Sequence { flow: false, .. }, Some(deeper)) if !list_known => {
                    (layout.list, list_known) = (deeper, true);
                }
                _ => {}
            }
        }
        if map_known && list_known {
            break;
        }
    }
    layout
}

/// A value in one line that replaces what is written in a style: with the same quotes where they can hold it.
pub(super) fn inline(context: &Context, value: &Value, old: Option<Style>, in_flow: bool) -> String {
    if context.format == Format::Json {
        return json(value, None);
    }
    let Value::String(text) = value else { return flow(value) };
    let place = if in_flow { Place::Flow } else { Place::Block };
    let mut out = String::new();
    match old {
        Some(Style::DoubleQuoted) => write_double_quoted(&mut out, text),
        Some(Style::SingleQuoted) if is_single_quotable(text) => {
            out = format!("'{}'", text.replace('\'', "''"));
        }
        Some(Style::Plain) if is_plain(text, place) => out.push_str(text),
        _ => {
            let place = if in_flow || text.contains('\n') { Place::Flow } else { place };
            write_text(&mut out, text, place, Readers::All);
        }
    }
    out
}

/// Whether a value is best written in lines of its own.
pub(super) fn wants_lines(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let mut out = String::new();
            text.contains('\n')
                && block(value, 2, Layout::default()).starts_with('|')
                && write_text(&mut out, text, Place::Block, Readers::All)
                    == crate::emit::scalar::Written::WantsLines
        }
        _ => is_block(value),
    }
}

/// JSON with sorted keys: in one line, or indented where a unit and the present indentation are given.
pub(super) fn json(value: &Value, indent: Option<(&str, &str)>) -> String {
    let mut out = String::new();
    let current = indent.map_or("", |(_, current)| current);
    write_json(&mut out, value, indent.map(|(unit, _)| unit), current);
    out
}

fn write_json(out: &mut String, value: &Value, unit: Option<&str>, current: &str) {
    let inner = unit.map(|unit| format!("{current}{unit}"));
    let inner = inner.as_deref().unwrap_or(current);
    let separate = |out: &mut String, first: bool| {
        if !first {
            out.push(',');
        }
        match unit {
            Some(_) => {
                out.push('\n');
                out.push_str(inner);
            }
            None if !first => out.push(' '),
            None => {}
        }
    };
    let (open, close) = match value {
        Value::Array(items) if !items.is_empty() => ('[', ']'),
        Value::Object(map) if !map.is_empty() => ('{', '}'),
        _ => {
            out.push_str(&value.to_string());
            return;
        }
    };
    out.push(open);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                separate(out, index == 0);
                write_json(out, item, unit, inner);
            }
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            for (index, (key, value)) in entries.into_iter().enumerate() {
                separate(out, index == 0);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write_json(out, value, unit, inner);
            }
        }
        _ => {}
    }
    if unit.is_some() {
        out.push('\n');
        out.push_str(current);
    }
    out.push(close);
}
