//! From text to values.

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath};

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

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, without the place.
    pub message: String,
}

impl YamlError {
    /// The error as a problem of a file.
    #[must_use]
    pub fn problem(&self, file: &RepoPath) -> Problem {
        Problem::error("yaml-syntax", self.message.clone()).at(Location::at(file, self.line, self.column))
    }
}

/// Reads one document as Kubernetes tools do (`sigs.k8s.io/yaml`): YAML 1.1 scalars, the last of duplicate
/// keys wins, keys become strings. An empty text is `Null`; a second document is an error.
///
/// # Errors
/// When the text is no YAML, or cannot be expressed as JSON.
pub fn decode(text: &str) -> Result<Value, YamlError> {
    let mut documents = decode_stream(text)?;
    match documents.len() {
        0 => Ok(Value::Null),
        1 => Ok(documents.remove(0).value),
        _ => Err(YamlError {
            line: documents[1].line,
            column: 1,
            message: "expected one document, found several".to_owned(),
        }),
    }
}

/// Reads every document of a stream; see [`decode`] for how values are read.
///
/// # Errors
/// When any document is no YAML.
pub fn decode_stream(text: &str) -> Result<Vec<Document>, YamlError> {
    let options = serde_saphyr::options! {
        budget: None,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
        strict_booleans: false,
    };
    let values: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
        YamlError {
            line: u32::try_from(line).unwrap_or(1),
            column: u32::try_from(column).unwrap_or(1),
            message: error.to_string(),
        }
    })?;
    Ok(values.into_iter().enumerate().map(|(index, value)| Document { index, line: 1, value }).collect())
}
