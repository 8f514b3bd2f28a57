//! From text to values.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::error::YamlError;
use crate::load::{Duplicates, load};
use crate::parse::Parser;
use crate::resolve::float_value;
use crate::scan::Leniency;
use crate::stream::{check_characters, parts};

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its position among all documents of the stream, empty ones included, from 0.
    pub index: usize,
    /// The line of the stream where its content begins, from 1.
    pub line: u32,
    /// Its value; `Null` for an empty document.
    pub value: Value,
}

/// Reads one document as Kubernetes tools do (`YAMLToJSON` of `sigs.k8s.io/yaml`): YAML 1.1 scalars, the last
/// of duplicate keys wins, keys become strings, numbers are as after a way through JSON (`1.0` is 1). An empty
/// text is `Null`. Of several documents the first is read and the others are not looked at, as in Go; use
/// [`decode_stream`] where there may be several.
///
/// # Errors
/// When the text is no YAML, or cannot be expressed as JSON.
pub fn decode(text: &str) -> Result<Value, YamlError> {
    first(text, Duplicates::LastWins)
}

/// As [`decode`], but a key that is set twice in a map is an error, as in `YAMLToJSONStrict`. That includes keys that
/// come by a merge key (`<<`), from whichever side.
///
/// # Errors
/// As [`decode`], and for duplicate keys.
pub fn decode_strict(text: &str) -> Result<Value, YamlError> {
    first(text, Duplicates::Error)
}

fn first(text: &str, duplicates: Duplicates) -> Result<Value, YamlError> {
    check_characters(text)?;
    let mut parser = Parser::new(text, 0, text.len(), 1, Leniency::default());
    Ok(load(&mut parser, duplicates)?.value)
}

/// Reads every document of a stream as `kubectl` does (`YAMLOrJSONDecoder` of `k8s.io/apimachinery`): cut at the
/// lines that begin with `---`, each part read like [`decode`]. A part that holds only comments is a document
/// too, with the value `Null`. JSON objects one after the other are documents as well.
///
/// # Errors
/// When any document is no YAML, or content follows a `---` in its line.
pub fn decode_stream(text: &str) -> Result<Vec<Document>, YamlError> {
    let (documents, error) = decode_until_error(text);
    match error {
        Some(error) => json_stream(text).ok_or(error),
        None => Ok(documents),
    }
}

/// The documents before the first error, and the error.
pub(crate) fn decode_until_error(text: &str) -> (Vec<Document>, Option<YamlError>) {
    let (parts, separator_error) = parts(text);
    let mut documents = Vec::with_capacity(parts.len());
    if let Err(error) = check_characters(text) {
        return (documents, Some(error));
    }
    let lenient = Leniency { ends_last_line: true, ..Leniency::default() };
    for (index, part) in parts.into_iter().enumerate() {
        let mut parser = Parser::new(text, part.start, part.end, part.line, lenient);
        match load(&mut parser, Duplicates::LastWins) {
            Ok(loaded) => {
                let line = loaded.start.map_or(part.line, |start| start.line);
                documents.push(Document { index, line, value: loaded.value });
            }
            Err(error) => return (documents, Some(error)),
        }
    }
    (documents, separator_error)
}

/// JSON values one after the other; `None` where the text is something else.
fn json_stream(text: &str) -> Option<Vec<Document>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut documents = Vec::new();
    let mut line = 1;
    let mut counted = 0;
    loop {
        let start = stream.byte_offset();
        let blank = text[start..].len() - text[start..].trim_start().len();
        line += text[counted..start + blank].bytes().filter(|byte| *byte == b'\n').count();
        counted = start + blank;
        match stream.next() {
            None => return Some(documents),
            Some(Err(_)) => return None,
            Some(Ok(mut value)) => {
                normalise_numbers(&mut value);
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                documents.push(Document { index: documents.len(), line, value });
            }
        }
    }
}

/// Makes the numbers of JSON what they are after Go has read them.
fn normalise_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(normal) = number.as_f64().and_then(|float| float_value(float).ok()) {
                *value = normal;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise_numbers),
        Value::Object(map) => map.values_mut().for_each(normalise_numbers),
        _ => {}
    }
}

/// Merges `over` into `base`: maps are merged deep, everything else is replaced, `null` included.
pub fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(existing) => merge(existing, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}
