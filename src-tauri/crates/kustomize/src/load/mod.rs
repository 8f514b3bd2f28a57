//! From the text of a file to resources, as `kio.FromBytes` and the resource factory of kustomize do it.
//!
//! Documents are cut at lines that begin with `---`; of each part the first document counts. Lists (`kind: List`, and
//! any `…List` with `items`) are replaced by their items, which go to the end.

mod folded;
mod values;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{FieldPath, Location, RepoPath};

use crate::failure::Failure;
use crate::resource::{Resource, Source};
use values::decode;

pub(crate) use values::decode_value;

/// The most that one file may hold, in bytes; larger ones are refused.
pub(crate) const FILE_LIMIT: usize = 64 << 20;

/// What a document of a file holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) value: Value,
    /// The line where its content begins, from 1.
    pub(crate) line: u32,
    /// Its position among the parts, from 0.
    pub(crate) index: usize,
    /// Fields that are written as a key without a value.
    pub(crate) bare_nulls: Vec<FieldPath>,
    /// Numbers that are written in another way than they are printed.
    pub(crate) numbers: Vec<(FieldPath, Value, String)>,
}

/// Reads the resources of a file.
///
/// # Errors
/// When the text is no YAML, an object has no kind or no name, or a key is set twice.
pub(crate) fn resources(text: &[u8], file: &RepoPath) -> Result<Vec<Resource>, Failure> {
    let parts = parts(text, file)?;
    let only = parts.len() == 1;
    let mut queue: std::collections::VecDeque<Part> = std::collections::VecDeque::with_capacity(parts.len());
    for part in parts {
        match unwrap_list(&part, only) {
            Some(items) => queue.extend(items),
            None => queue.push_back(part),
        }
    }
    let mut resources = Vec::with_capacity(queue.len());
    let mut checked = Vec::with_capacity(queue.len());
    for part in queue {
        if !is_nothing(&part.value) {
            check(&part, file)?;
            checked.push(part);
        }
    }
    let mut queue: std::collections::VecDeque<Part> = checked.into();
    while let Some(mut part) = queue.pop_front() {
        let kind = part.value.get("kind").and_then(Value::as_str).unwrap_or_default();
        if kind.ends_with("List")
            && let Some(items) = part.value.get_mut("items")
        {
            let items = match items.take() {
                Value::Null => continue,
                Value::Array(items) => items,
                other => {
                    let kind = part.value.get("kind").and_then(Value::as_str).unwrap_or_default();
                    let message = format!(
                        "expected array in {kind}/items, but found {}",
                        crate::kustomization::go_type(&other)
                    );
                    return Err(Failure::new("kustomize-resource", message).at(at(&part, file)));
                }
            };
            for value in items {
                let item = Part {
                    value,
                    line: part.line,
                    index: part.index,
                    bare_nulls: Vec::new(),
                    numbers: Vec::new(),
                };
                if !is_nothing(&item.value) {
                    check(&item, file)?;
                    queue.push_back(item);
                }
            }
            continue;
        }
        let source = Source { file: file.clone(), document: part.index, line: Some(part.line) };
        let resource = Resource::new(part.value).with_source(Arc::new(source));
        resources.push(resource.with_bare_nulls(part.bare_nulls).with_numbers(part.numbers));
    }
    Ok(resources)
}

/// Reads the documents of a file; empty ones are left out.
///
/// # Errors
/// When the text is no YAML, or a key is set twice.
pub(crate) fn parts(text: &[u8], file: &RepoPath) -> Result<Vec<Part>, Failure> {
    if text.len() > FILE_LIMIT {
        let message = format!("the file has {} bytes, more than the limit of {FILE_LIMIT}", text.len());
        return Err(Failure::new("kustomize-too-large", message).in_file(file));
    }
    let text = slipway_yaml::text(text)
        .map_err(|error| malformed(&error.message, error.line, error.column, file))?;
    let unix;
    let text: &str = if text.contains("\r\n") {
        unix = text.replace("\r\n", "\n");
        &unix
    } else {
        &text
    };
    let cut = cut(text, file)?;
    let several = cut.len() > 1;
    let mut parts = Vec::with_capacity(cut.len());
    for (index, piece) in cut.into_iter().enumerate() {
        let mut value = decode(piece.text).map_err(|error| {
            let failure = if error.message.contains("is in this map already") {
                Failure::new(
                    "yaml-duplicate-key",
                    format!("yaml: line {}: {}", error.line + piece.lines, error.message),
                )
            } else {
                return malformed(&error.message, error.line + piece.lines, error.column, file);
            };
            failure.at(Location::at(file, error.line + piece.lines, error.column))
        })?;
        let is_list = value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        if !is_list {
            folded::print_and_read(piece.text, &mut value);
        }
        if value.is_null() {
            // Of several parts an empty one counts all the same: a list is unwrapped only where it is alone.
            if several {
                parts.push(Part {
                    value: Value::Null,
                    line: piece.lines + 1,
                    index,
                    bare_nulls: Vec::new(),
                    numbers: Vec::new(),
                });
            }
            continue;
        }
        let bare_nulls = values::bare_nulls(piece.text, &value);
        let numbers = values::odd_numbers(piece.text, &value);
        parts.push(Part { value, line: piece.lines + content_line(piece.text), index, bare_nulls, numbers });
    }
    Ok(parts)
}

/// A part of a text and how many lines stand before it.
struct Piece<'a> {
    text: &'a str,
    lines: u32,
}

/// Cuts a text at the lines that begin with `---`, the first line excepted.
fn cut<'a>(text: &'a str, file: &RepoPath) -> Result<Vec<Piece<'a>>, Failure> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut lines = 0_u32;
    let mut from = 0;
    while let Some(found) = text[from..].find("\n---") {
        let line_start = from + found + 1;
        let Some(length) = text[line_start..].find('\n') else { break };
        let rest = text[line_start + 3..line_start + length].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let separator = text[line_start..line_start + length].trim();
            let before = count(&text[start..line_start]);
            let message = format!("invalid document separator: {separator}");
            return Err(Failure::new("yaml-syntax", message).at(Location::at(file, lines + before + 1, 1)));
        }
        let end = line_start + length + 1;
        pieces.push(Piece { text: &text[start..line_start], lines });
        lines += count(&text[start..end]);
        start = end;
        // The line break behind a separator is used up, so that a separator that follows directly is none.
        from = end;
    }
    pieces.push(Piece { text: &text[start..], lines });
    Ok(pieces)
}

fn count(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The line of the first content, from 1.
fn content_line(text: &str) -> u32 {
    let skipped = text.lines().take_while(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with("---")
    });
    u32::try_from(skipped.count() + 1).unwrap_or(u32::MAX)
}

fn malformed(message: &str, line: u32, column: u32, file: &RepoPath) -> Failure {
    let name = file.file_name().unwrap_or_default();
    Failure::new("yaml-syntax", format!("MalformedYAMLError: yaml: line {line}: {message} in File: {name}"))
        .at(Location::at(file, line, column))
}

fn at(part: &Part, file: &RepoPath) -> Location {
    Location::at(file, part.line, 1)
}

/// The items of a `List` that is the only document of its file.
fn unwrap_list(part: &Part, only: bool) -> Option<Vec<Part>> {
    let kind = part.value.get("kind").and_then(Value::as_str)?;
    if !only || !matches!(kind, "List" | "ResourceList") {
        return None;
    }
    match part.value.get("items") {
        Some(Value::Array(items)) => {
            let part = |value: &Value| Part {
                value: value.clone(),
                line: part.line,
                index: part.index,
                bare_nulls: Vec::new(),
                numbers: Vec::new(),
            };
            Some(items.iter().map(part).collect())
        }
        Some(_) => Some(Vec::new()),
        None => part.value.get("functionConfig").map(|_| Vec::new()),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether an object has a kind and a name.
fn check(part: &Part, file: &RepoPath) -> Result<(), Failure> {
    check_identity(&part.value)
        .map_err(|message| Failure::new("kustomize-resource", message).at(at(part, file)))
}

/// Why an object is no resource: it has no kind, or no name.
pub(crate) fn check_identity(object: &Value) -> Result<(), String> {
    let field = |name: &str| object.get(name).map(crate::resource::scalar_text).unwrap_or_default();
    let metadata = object.get("metadata").filter(|metadata| !is_nothing(metadata));
    let (kind, api_version) = (field("kind"), field("apiVersion"));
    if kind.is_empty() && api_version.is_empty() && metadata.is_none() {
        return Err("missing Resource metadata".to_owned());
    }
    if kind.is_empty() {
        return Err(format!("missing kind in object {}", describe(object)));
    }
    let name = metadata.and_then(|metadata| metadata.get("name")).map(crate::resource::scalar_text);
    if !kind.ends_with("List") && name.unwrap_or_default().is_empty() {
        return Err(format!("missing metadata.name in object {}", describe(object)));
    }
    Ok(())
}

/// What identifies an object, as Go prints it: `{{v1 ConfigMap} {{a b} map[] map[]}}`.
fn describe(value: &Value) -> String {
    let field = |name: &str| value.get(name).map(crate::resource::scalar_text).unwrap_or_default();
    let metadata = |name: &str| value.pointer(&format!("/metadata/{name}"));
    let text = |name: &str| metadata(name).map(crate::resource::scalar_text).unwrap_or_default();
    let map = |name: &str| {
        let Some(Value::Object(map)) = metadata(name) else { return String::new() };
        let mut pairs: Vec<String> =
            map.iter().map(|(key, value)| format!("{key}:{}", crate::resource::scalar_text(value))).collect();
        pairs.sort();
        pairs.join(" ")
    };
    format!(
        "{{{{{} {}}} {{{{{} {}}} map[{}] map[{}]}}}}",
        field("apiVersion"),
        field("kind"),
        text("name"),
        text("namespace"),
        map("labels"),
        map("annotations")
    )
}
