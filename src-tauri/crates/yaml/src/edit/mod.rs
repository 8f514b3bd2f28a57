//! Edits that change one value of a text and not one byte besides.
//!
//! An edit is planned as splices of bytes, in several ways where several are natural. Each way is tried: the new
//! text is read again, and only if exactly the intended value has changed is it the result. So nothing that is
//! planned wrongly is ever written; at worst an edit is refused.

mod insert;
mod locate;
mod remove;
mod set;
mod splice;
mod tree;
mod value;
mod write;

#[cfg(test)]
mod tests;

use serde_json::Value;
use slipway_model::{FieldPath, Problem, RepoPath, TreeError};

use crate::decode::decode_as;
use crate::error::YamlError;
use crate::span::Parsed;

pub use tree::apply_to_tree;

use splice::Splice;

/// A change of one value of a text. `document` counts from 0, as [`crate::Document::index`].
#[derive(Clone, Debug, PartialEq)]
pub enum YamlEdit {
    /// Replaces the value at a path.
    Set {
        /// The document.
        document: usize,
        /// Where in the document.
        path: FieldPath,
        /// What must be there now.
        old: Option<Value>,
        /// What shall be there.
        new: Value,
    },
    /// Adds a key to a map, or an item to the end of a list.
    Insert {
        /// The document.
        document: usize,
        /// The path that shall be there: the key, the length of the list, or a keyed item that is not there.
        path: FieldPath,
        /// What shall be there.
        new: Value,
    },
    /// Removes a key or an item.
    Remove {
        /// The document.
        document: usize,
        /// Where in the document.
        path: FieldPath,
        /// What must be there now.
        old: Option<Value>,
    },
}

impl YamlEdit {
    fn document(&self) -> usize {
        match self {
            Self::Set { document, .. } | Self::Insert { document, .. } | Self::Remove { document, .. } => {
                *document
            }
        }
    }

    fn path(&self) -> &FieldPath {
        match self {
            Self::Set { path, .. } | Self::Insert { path, .. } | Self::Remove { path, .. } => path,
        }
    }
}

/// What a text is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON, which is YAML too.
    Json,
}

/// Why an edit was not made. Lines count from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is no YAML.
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.message)]
    Syntax(YamlError),
    /// The text is not in UTF-8, so its bytes cannot be kept.
    #[error("the file is not in UTF-8; only files in UTF-8 are edited")]
    Encoding,
    /// There is no such document.
    #[error("there is no document {document}, only {count}, counted from 0")]
    NoDocument {
        /// The document that was asked for.
        document: usize,
        /// How many there are.
        count: usize,
    },
    /// There is nothing at the path.
    #[error("there is nothing at `{path}`; `{parent}` is {found}")]
    NotFound {
        /// The path that was asked for.
        path: FieldPath,
        /// The last part of it that is there.
        parent: FieldPath,
        /// What is there.
        found: String,
    },
    /// Something else is at the path than the edit expects.
    #[error("expected {expected} at `{path}`, found {found}")]
    Old {
        /// The path.
        path: FieldPath,
        /// What the edit expects, as JSON.
        expected: String,
        /// What is there, as JSON.
        found: String,
    },
    /// What shall be inserted is there already.
    #[error("`{path}` is there already, in line {line}")]
    Exists {
        /// The path.
        path: FieldPath,
        /// Its line.
        line: u32,
    },
    /// The path goes through an alias.
    #[error(
        "`{path}` is the alias `*{anchor}` in line {line}; its value is written in line {written}, and an edit would change it everywhere"
    )]
    Alias {
        /// The part of the path that is an alias.
        path: FieldPath,
        /// The name of the anchor.
        anchor: String,
        /// The line of the alias.
        line: u32,
        /// The line of the anchor.
        written: u32,
    },
    /// The value comes by a merge key.
    #[error(
        "`{path}` comes by the merge key `<<` in line {line}; its value is written in line {written}, and an edit would change it everywhere"
    )]
    Merged {
        /// The path.
        path: FieldPath,
        /// The line of the merge key.
        line: u32,
        /// The line of the value.
        written: u32,
    },
    /// The value is anchored, and other places refer to it.
    #[error(
        "`{path}` belongs to the anchor `&{anchor}` in line {line}, which line {used} refers to; the edit would change that as well"
    )]
    Shared {
        /// The path.
        path: FieldPath,
        /// The name of the anchor.
        anchor: String,
        /// The line of the anchor.
        line: u32,
        /// The line of the first alias.
        used: u32,
    },
    /// The edit makes no sense at its path.
    #[error("`{path}`: {reason}")]
    Impossible {
        /// The path.
        path: FieldPath,
        /// Why.
        reason: String,
    },
    /// No way of writing the edit was found that changes this value and nothing else.
    #[error("`{path}` cannot be changed without changing something else: {reason}")]
    Unproven {
        /// The path.
        path: FieldPath,
        /// What went wrong with the best try.
        reason: String,
    },
    /// An edit of a file of a tree was not made.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: RepoPath,
        /// Why.
        source: Box<EditError>,
    },
    /// A file that is to be edited, copied or deleted is not there.
    #[error("{file}: there is no such file")]
    NoFile {
        /// The file.
        file: RepoPath,
    },
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl EditError {
    /// What can be done about it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Alias { written, .. } => {
                vec![format!("edit line {written} by hand, or set the alias itself to a value of its own")]
            }
            Self::Merged { written, .. } => {
                vec![format!("edit line {written} by hand, or insert the key here, which overrides it")]
            }
            Self::Shared { used, .. } => {
                vec![format!("give line {used} a value of its own first, or edit the file by hand")]
            }
            Self::Unproven { .. } => vec!["edit the file by hand".to_owned()],
            Self::Old { .. } => vec!["plan again: the file has changed since".to_owned()],
            Self::File { source, .. } => source.hints(),
            _ => Vec::new(),
        }
    }

    /// The error as a problem of a file.
    #[must_use]
    pub fn problem(&self, file: &RepoPath) -> Problem {
        let mut problem = match self {
            Self::Syntax(error) => error.problem(file),
            Self::File { file, source } => return source.problem(file),
            _ => Problem::error("edit-refused", self.to_string()).at(slipway_model::Location::file(file)),
        };
        problem.hints.extend(self.hints());
        problem
    }
}

/// Applies edits to a text, each to the result of the one before. Everything that is not edited keeps its bytes:
/// comments, order, quotes, anchors, indentation, line endings, the byte-order mark. JSON stays JSON.
///
/// ```
/// use slipway_yaml::{YamlEdit, apply};
/// let text = b"image:\n  tag: \"1.2\"   # current\n";
/// let path = "/image/tag".parse().unwrap();
/// let edit = YamlEdit::Set { document: 0, path, old: Some("1.2".into()), new: "1.3".into() };
/// assert_eq!(apply(text, &[edit]).unwrap(), b"image:\n  tag: \"1.3\"   # current\n");
/// ```
///
/// # Errors
/// When an edit does not fit the text, or cannot be made without changing something else. Then nothing is applied.
pub fn apply(text: &[u8], edits: &[YamlEdit]) -> Result<Vec<u8>, EditError> {
    let json = match serde_json::from_slice::<Value>(text) {
        // `{}` and scalars are as much YAML as JSON.
        Ok(Value::Object(map)) => !map.is_empty(),
        Ok(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    apply_as(text, edits, if json { Format::Json } else { Format::Yaml })
}

/// As [`apply`], for a text whose format is known.
///
/// # Errors
/// As [`apply`].
pub fn apply_as(text: &[u8], edits: &[YamlEdit], format: Format) -> Result<Vec<u8>, EditError> {
    let mut text = std::str::from_utf8(text).map_err(|_| EditError::Encoding)?.to_owned();
    for edit in edits {
        text = apply_one(text, edit, format)?;
    }
    Ok(text.into_bytes())
}

/// Everything that planning an edit needs.
struct Context {
    parsed: Parsed,
    values: Vec<Value>,
    format: Format,
}

impl Context {
    fn read(text: String, format: Format) -> Result<Self, EditError> {
        let values = values(&text, format).map_err(EditError::Syntax)?;
        let parsed = Parsed::new(text).map_err(EditError::Syntax)?;
        Ok(Self { parsed, values, format })
    }

    fn text(&self) -> &str {
        self.parsed.text()
    }
}

/// The value of each document.
fn values(text: &str, format: Format) -> Result<Vec<Value>, YamlError> {
    match decode_as(text, format == Format::Json) {
        (_, Some(error)) => Err(error),
        // An empty file is a document without content.
        (documents, None) if documents.is_empty() => Ok(vec![Value::Null]),
        (documents, None) => Ok(documents.into_iter().map(|document| document.value).collect()),
    }
}

fn apply_one(text: String, edit: &YamlEdit, format: Format) -> Result<String, EditError> {
    let context = Context::read(text, format)?;
    let document = edit.document();
    let Some(value) = context.values.get(document) else {
        return Err(EditError::NoDocument { document, count: context.values.len() });
    };
    let expected = value::after(&context, value, edit)?;
    if expected == *value {
        return Ok(context.parsed.text().to_owned());
    }
    let mut reason = None;
    if let YamlEdit::Set { path, new, .. } = edit
        && let Some(smaller) = value::smaller_edits(document, path, path.get(value), new)
        && let Some(text) = apply_smaller(&context, &smaller, document, &expected)
    {
        return Ok(text);
    }
    let candidates: Vec<Vec<Splice>> = match edit {
        YamlEdit::Set { path, new, .. } => set::candidates(&context, document, path, new)?,
        YamlEdit::Insert { path, new, .. } => insert::candidates(&context, document, path, new)?,
        YamlEdit::Remove { path, .. } => remove::candidates(&context, document, path)?,
    };
    for splices in candidates {
        let changed = splice::apply(context.text(), splices);
        match prove(&changed, &context, document, &expected) {
            Ok(()) => return Ok(changed),
            Err(failure) => {
                reason.get_or_insert(failure);
            }
        }
    }
    let path = edit.path().clone();
    if let Some(error) = locate::shared(&context, document, &path) {
        return Err(error);
    }
    let reason = reason.unwrap_or_else(|| "there is no way to write it in this style".to_owned());
    Err(EditError::Unproven { path, reason })
}

/// Applies the edits that make up one; `None` where one of them is refused or the result is another one.
fn apply_smaller(context: &Context, edits: &[YamlEdit], document: usize, expected: &Value) -> Option<String> {
    let mut text = context.text().to_owned();
    for edit in edits {
        text = apply_one(text, edit, context.format).ok()?;
    }
    prove(&text, context, document, expected).ok().map(|()| text)
}

/// Proves that one document of the changed text has the expected value and all others are what they were.
fn prove(changed: &str, before: &Context, document: usize, expected: &Value) -> Result<(), String> {
    let after = values(changed, before.format).map_err(|error| {
        format!("line {}, column {} of the result: {}", error.line, error.column, error.message)
    })?;
    if before.format == Format::Json
        && serde_json::from_str::<Value>(changed.trim_start_matches('\u{feff}')).is_err()
    {
        return Err("the result is no JSON".to_owned());
    }
    if after.len() != before.values.len() {
        return Err(format!("the result has {} documents instead of {}", after.len(), before.values.len()));
    }
    for (index, (after, before)) in after.iter().zip(&before.values).enumerate() {
        if index == document && after != expected {
            return Err("other values of the document would change".to_owned());
        }
        if index != document && after != before {
            return Err(format!("document {index} would change"));
        }
    }
    Ok(())
}
