//! `toYaml` and `toYamlPretty`, `fromYaml` and `fromYamlArray`.

use std::sync::Arc;

use serde_json::Value as Json;
use slipway_gotmpl::{List, Map, Numbers, Str, Value, from_json, go};

use super::encode::json_value;
use crate::chart::metadata::cannot;
use crate::decoded::{Decoded, Way};
use crate::go_yaml;

/// YAML of a value without the last line break; empty where it cannot be written, because Helm swallows the error.
pub(crate) fn to_yaml(value: &Value) -> Str {
    let Ok(mut json) = json_value(value) else { return Str::empty() };
    if !make_readable(&mut json) {
        return Str::empty();
    }
    let text = slipway_yaml::emit_as_go(&json);
    Str::from(text.strip_suffix('\n').unwrap_or(&text))
}

/// Applies what the way through JSON text does to strings: go-yaml reads that text, and refuses control characters
/// that JSON does not escape and takes U+0085 for a line break. False where it refuses.
fn make_readable(json: &mut Json) -> bool {
    match json {
        Json::String(text) => make_text_readable(text),
        Json::Array(items) => items.iter_mut().all(make_readable),
        Json::Object(entries) => {
            let plain = entries.keys().all(|key| key.is_ascii() && !key.contains('\u{7f}'));
            if plain {
                return entries.values_mut().all(make_readable);
            }
            let read = std::mem::take(entries).into_iter().map(|(mut key, mut value)| {
                (make_text_readable(&mut key) && make_readable(&mut value)).then_some((key, value))
            });
            match read.collect::<Option<serde_json::Map<_, _>>>() {
                Some(read) => {
                    *entries = read;
                    true
                }
                None => false,
            }
        }
        _ => true,
    }
}

fn make_text_readable(text: &mut String) -> bool {
    if text.bytes().all(|byte| byte < 0x7F) {
        return true;
    }
    let refused =
        |each: char| matches!(each, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if text.chars().any(refused) {
        return false;
    }
    if text.contains('\u{85}') {
        *text = fold(text);
    }
    true
}

/// Folds line breaks U+0085 as in a quoted scalar: one becomes a space, of several all but one stay.
fn fold(text: &str) -> String {
    let blank = [' ', '\t'];
    let mut folded = String::with_capacity(text.len());
    let mut lines = text.split('\u{85}');
    folded.push_str(lines.next().unwrap_or(""));
    let mut breaks = 0;
    let mut rest = lines.peekable();
    while let Some(line) = rest.next() {
        if breaks == 0 {
            folded.truncate(folded.trim_end_matches(blank).len());
        }
        breaks += 1;
        let line =
            if rest.peek().is_some() { line.trim_matches(blank) } else { line.trim_start_matches(blank) };
        if line.is_empty() && rest.peek().is_some() {
            continue;
        }
        match breaks {
            1 => folded.push(' '),
            more => folded.extend(std::iter::repeat_n('\n', more - 1)),
        }
        folded.push_str(line);
        breaks = 0;
    }
    folded
}

/// `fromYaml`: a map; mistakes are told under the key `Error`.
pub(crate) fn from_yaml(text: &Str, known: Option<&Decoded>) -> Map {
    let failed = |message: String| [("Error", message)].into_iter().collect::<Map>();
    let json = match decode(text, known) {
        Err(message) => return failed(message),
        Ok(json) => json,
    };
    match &*json {
        Json::Null => Map::new(),
        Json::Object(_) => match from_json(&json, Numbers::Float) {
            Value::Map(map) => map,
            _ => Map::new(),
        },
        other => {
            failed(format!("{}{}", go_yaml::UNMARSHAL, cannot(other, "Go value", "map[string]interface {}")))
        }
    }
}

/// `fromYamlArray`: a list; a mistake is its only item.
pub(crate) fn from_yaml_array(text: &Str, known: Option<&Decoded>) -> List {
    let failed = |message: String| List::new(vec![Value::from(message)]);
    let json = match decode(text, known) {
        Err(message) => return failed(message),
        Ok(json) => json,
    };
    match &*json {
        Json::Null => List::new(Vec::new()),
        Json::Array(_) => match from_json(&json, Numbers::Float) {
            Value::List(list) => list,
            _ => List::new(Vec::new()),
        },
        other => failed(format!("{}{}", go_yaml::UNMARSHAL, cannot(other, "Go value", "[]interface {}"))),
    }
}

fn decode(text: &Str, known: Option<&Decoded>) -> Result<Arc<Json>, String> {
    let decode = |bytes: &[u8]| go_yaml::decode(bytes).map_err(|error| error.message);
    match (known, text.to_str()) {
        (Some(known), Some(text)) => Ok(known.get(Way::Template, text, |text| decode(text.as_bytes()))?.1),
        _ => decode(text).map(Arc::new),
    }
}

/// `toYamlPretty`: what `go-yaml` v3 writes with an indentation of two.
pub(crate) fn to_yaml_pretty(value: &Value) -> Str {
    let mut out = Vec::new();
    pretty(&mut out, value, 0, true, 1_000);
    if out.last() == Some(&b'\n') {
        out.pop();
    }
    Str::from(out)
}

/// Writes a value at a column. `fresh` says whether the line is empty up to there.
fn pretty(out: &mut Vec<u8>, value: &Value, column: usize, fresh: bool, depth: usize) {
    let Some(below) = depth.checked_sub(1) else { return };
    match value {
        Value::Map(map) if !map.is_nil() && !map.is_empty() => {
            let mut entries = map.entries();
            sort_naturally(&mut entries);
            pretty_entries(out, &entries, column, fresh, below);
        }
        Value::Object(object) if !object.is_nil() && object.string().is_none() => {
            let fields =
                object.fields().into_iter().map(|field| (Str::from(field.name.to_lowercase()), field.value));
            pretty_entries(out, &fields.collect::<Vec<_>>(), column, fresh, below);
        }
        Value::List(list) if !list.is_empty() => {
            for (index, item) in list.iter().enumerate() {
                if index > 0 || !fresh {
                    indent(out, column);
                }
                out.extend_from_slice(b"- ");
                pretty(out, item, column + 2, true, below);
            }
        }
        scalar => {
            pretty_scalar(out, scalar, column);
            out.push(b'\n');
        }
    }
}

fn pretty_entries(out: &mut Vec<u8>, entries: &[(Str, Value)], column: usize, fresh: bool, depth: usize) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 || !fresh {
            indent(out, column);
        }
        pretty_scalar(out, &Value::String(key.clone()), column);
        out.push(b':');
        let nested = match value {
            Value::Map(map) => !map.is_nil() && !map.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Object(object) => !object.is_nil() && object.string().is_none(),
            _ => false,
        };
        if nested {
            out.push(b'\n');
            pretty(out, value, column + 2, false, depth);
        } else {
            out.push(b' ');
            pretty_scalar(out, value, column + 2);
            out.push(b'\n');
        }
    }
}

fn indent(out: &mut Vec<u8>, columns: usize) {
    out.extend(std::iter::repeat_n(b' ', columns));
}

fn pretty_scalar(out: &mut Vec<u8>, value: &Value, column: usize) {
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Float(number) if number.is_nan() => out.extend_from_slice(b".nan"),
        Value::Float(number) if number.is_infinite() => {
            out.extend_from_slice(if *number > 0.0 { b".inf" } else { b"-.inf" });
        }
        Value::Float(number) => go::append_float(out, *number, b'g', None, false),
        Value::List(_) => out.extend_from_slice(b"[]"),
        Value::Map(_) => out.extend_from_slice(b"{}"),
        Value::Bytes(bytes) => {
            let numbers: Vec<Value> = bytes.iter().map(|byte| Value::Int(i64::from(*byte))).collect();
            for (index, number) in numbers.iter().enumerate() {
                out.extend_from_slice(if index == 0 { b"\n" } else { b"" });
                indent(out, column);
                out.extend_from_slice(format!("- {}\n", number.to_text()).as_bytes());
            }
        }
        Value::String(text) => match text.to_str() {
            None => {
                use base64::Engine as _;
                out.extend_from_slice(b"!!binary ");
                out.extend_from_slice(base64::engine::general_purpose::STANDARD.encode(text).as_bytes());
            }
            Some(text) => pretty_text(out, text, column),
        },
        other => out.extend_from_slice(other.to_text().as_bytes()),
    }
}

fn pretty_text(out: &mut Vec<u8>, text: &str, column: usize) {
    if text.contains('\n') && is_literal(text) {
        return literal(out, text, column.max(2));
    }
    let json = Json::from(text);
    let mut written = slipway_yaml::emit_as_go(&json);
    if written.trim_end_matches('\n').contains('\n') {
        // Version 3 does not fold.
        written = slipway_yaml::emit(&json);
    }
    out.extend_from_slice(written.trim_end_matches('\n').as_bytes());
}

/// Whether a text of several lines can be written as lines.
fn is_literal(text: &str) -> bool {
    let printable = |each: char| {
        matches!(each, '\t' | '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            && each != '\u{feff}'
    };
    text.chars().all(printable) && !text.contains(" \n") && !text.ends_with(' ')
}

fn literal(out: &mut Vec<u8>, text: &str, column: usize) {
    out.push(b'|');
    if text.starts_with([' ', '\n']) {
        out.push(b'2');
    }
    if !text.ends_with('\n') {
        out.push(b'-');
    } else if text == "\n" || text.ends_with("\n\n") {
        out.push(b'+');
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push(b'\n');
        if !line.is_empty() {
            indent(out, column);
            out.extend_from_slice(line.as_bytes());
        }
    }
}

/// The order of keys of go-yaml, taken from what is written for them.
fn sort_naturally(entries: &mut Vec<(Str, Value)>) {
    let mut keys = serde_json::Map::new();
    for (index, (key, _)) in entries.iter().enumerate() {
        keys.insert(key.to_lossy().into_owned(), Json::from(index));
    }
    let text = slipway_yaml::emit_as_go(&Json::Object(keys));
    let order: Vec<usize> = text.lines().filter_map(|line| line.rsplit(": ").next()?.parse().ok()).collect();
    if order.len() != entries.len() {
        return;
    }
    let mut taken: Vec<Option<(Str, Value)>> = std::mem::take(entries).into_iter().map(Some).collect();
    *entries = order.into_iter().filter_map(|index| taken.get_mut(index)?.take()).collect();
}
