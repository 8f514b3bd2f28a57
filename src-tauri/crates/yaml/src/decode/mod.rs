//! From text to values.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::error::YamlError;
use crate::load::{Duplicates, load};
use crate::parse::Parser;
use crate::plain;
use crate::resolve::float_value;
use crate::scan::Leniency;
use crate::stream::{check_characters, parts_from};

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
    check_characters(text, 0..text.len())?;
    if let Some(plain) = plain::decode(text, duplicates == Duplicates::Error, false) {
        return Ok(plain.value);
    }
    let mut parser = Parser::new(text, 0, text.len(), 1, Leniency::default());
    Ok(load(&mut parser, duplicates)?.value)
}

/// Reads every document of a stream as `kubectl` does (`YAMLOrJSONDecoder` of `k8s.io/apimachinery`): cut at the
/// lines that begin with `---`, each part read like [`decode`]. A part that holds only comments is a document
/// too, with the value `Null`. A text that begins with `{` may be JSON values one after the other instead.
///
/// # Errors
/// When any document is no YAML, or content follows a `---` in its line.
pub fn decode_stream(text: &str) -> Result<Vec<Document>, YamlError> {
    match decode_until_error(text) {
        (documents, None) => Ok(documents),
        (_, Some(error)) => Err(error),
    }
}

/// The documents before the first error, and the error.
pub(crate) fn decode_until_error(text: &str) -> (Vec<Document>, Option<YamlError>) {
    decode_as(text, text.trim_start().starts_with('{'))
}

/// As [`decode_until_error`]; `may_be_json` says whether to try JSON first.
pub(crate) fn decode_as(text: &str, may_be_json: bool) -> (Vec<Document>, Option<YamlError>) {
    let json = if may_be_json { json_values(text) } else { Json::default() };
    let mut documents = json.documents;
    let Some((offset, line)) = json.rest else { return (documents, None) };
    if documents.len() > 1 {
        // More than one JSON value is no accident: what follows is no YAML.
        return (documents, json.error);
    }
    let (parts, separator_error) = parts_from(text, offset, line);
    documents.reserve(parts.len());
    let lenient = Leniency { ends_last_line: true, ..Leniency::default() };
    for part in parts {
        if let Err(error) = check_characters(text, part.start..part.end) {
            return (documents, Some(error));
        }
        if let Some(plain) = plain::decode(&text[part.start..part.end], false, lenient.ends_last_line) {
            let line = part.line + plain.lines_before;
            documents.push(Document { index: documents.len(), line, value: plain.value });
            continue;
        }
        let mut parser = Parser::new(text, part.start, part.end, part.line, lenient);
        match load(&mut parser, Duplicates::LastWins) {
            Ok(loaded) => {
                let line = loaded.start.map_or(part.line, |start| start.line);
                documents.push(Document { index: documents.len(), line, value: loaded.value });
            }
            Err(error) => return (documents, Some(error)),
        }
    }
    (documents, separator_error)
}

/// What a text is as JSON.
struct Json {
    documents: Vec<Document>,
    /// Where what is no JSON begins: offset and line.
    rest: Option<(usize, u32)>,
    error: Option<YamlError>,
}

impl Default for Json {
    fn default() -> Self {
        Self { documents: Vec::new(), rest: Some((0, 1)), error: None }
    }
}

/// Reads JSON values one after the other, as far as there are some.
fn json_values(text: &str) -> Json {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut json = Json::default();
    let mut line = 1;
    let mut counted = 0;
    loop {
        let end = stream.byte_offset();
        let next = stream.next();
        let start = end + (text[end..].len() - text[end..].trim_start().len());
        let lines =
            |part: &str| u32::try_from(part.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(0);
        match next {
            None => return Json { rest: None, ..json },
            Some(Ok(mut value)) => {
                line += lines(&text[counted..start]);
                counted = start;
                normalise_numbers(&mut value);
                json.documents.push(Document { index: json.documents.len(), line, value });
            }
            Some(Err(error)) => {
                // White space up to the end of the line belongs to what precedes.
                let rest = text[end..start].find('\n').map_or(start, |at| end + at + 1);
                json.rest = Some((rest, line + lines(&text[counted..rest])));
                let place = |number: usize| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
                let message = format!("expected one more JSON value: {error}");
                json.error =
                    Some(YamlError { line: place(error.line()), column: place(error.column()), message });
                return json;
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
