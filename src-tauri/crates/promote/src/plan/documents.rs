//! The documents of source files, and which of two files play the same role.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_diff::EnvironmentWords;
use slipway_model::{RepoPath, ResourceId};

/// A file of several documents, or a text that is none.
pub(super) enum Content {
    Documents(Vec<Value>),
    Text,
}

pub(super) fn content(file: &RepoPath, text: &str) -> Content {
    let ending = file.file_name().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    if !matches!(ending, Some("yaml" | "yml" | "json")) {
        return Content::Text;
    }
    match slipway_yaml::decode_stream(text) {
        Ok(documents) => Content::Documents(documents.into_iter().map(|document| document.value).collect()),
        // A template, or something that the render has complained of.
        Err(_) => Content::Text,
    }
}

pub(super) fn is_manifest(value: &Value) -> bool {
    value.get("kind").is_some() && value.get("apiVersion").is_some()
}

/// Documents without a partner, by their positions.
pub(super) struct Lone {
    pub(super) source: Vec<usize>,
    pub(super) target: Vec<usize>,
}

fn role(value: &Value, words: &EnvironmentWords) -> Option<(String, String, String)> {
    let id = ResourceId::of(value);
    (is_manifest(value)).then(|| (id.group, id.kind, words.neutral_text(&id.name)))
}

/// The documents of two files that play the same role: manifests by kind and name, others by position.
pub(super) fn pair_documents<'a>(
    source: &'a [Value],
    target: &'a [Value],
    words: &EnvironmentWords,
) -> Vec<(usize, &'a Value, &'a Value)> {
    if let ([left], [right]) = (source, target) {
        return vec![(0, left, right)];
    }
    let mut pairs = Vec::new();
    let mut taken = BTreeSet::new();
    for (index, right) in target.iter().enumerate() {
        let partner = match role(right, words) {
            Some(wanted) => (0..source.len()).find(|place| {
                !taken.contains(place) && role(&source[*place], words).as_ref() == Some(&wanted)
            }),
            None => Some(index).filter(|place| {
                source.get(*place).is_some_and(|left| role(left, words).is_none()) && !taken.contains(place)
            }),
        };
        if let Some(place) = partner {
            taken.insert(place);
            pairs.push((index, &source[place], right));
        }
    }
    pairs
}

pub(super) fn lone(source: &[Value], target: &[Value], words: &EnvironmentWords) -> Lone {
    let pairs = pair_documents(source, target, words);
    let is_paired = |value: &Value, side: fn(&(usize, &Value, &Value)) -> *const Value| {
        pairs.iter().any(|pair| std::ptr::eq(side(pair), value))
    };
    Lone {
        source: (0..source.len()).filter(|index| !is_paired(&source[*index], |pair| pair.1)).collect(),
        target: (0..target.len()).filter(|index| !is_paired(&target[*index], |pair| pair.2)).collect(),
    }
}

/// The text of a stream without one of its documents; `None` where the documents cannot be told apart by their
/// `---` lines, or where nothing would be left.
pub(super) fn without_document(text: &str, index: usize) -> Option<String> {
    let mut starts = vec![0];
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        let is_mark = line.trim_end() == "---";
        if is_mark && !text[..position].trim().is_empty() {
            starts.push(position);
        }
        position += line.len();
    }
    let end = starts.get(index + 1).copied().unwrap_or(text.len());
    let start = *starts.get(index)?;
    let rest = format!("{}{}", &text[..start], &text[end..]);
    (!rest.trim().is_empty()).then_some(rest)
}
