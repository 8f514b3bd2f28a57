//! Something wrong with input, as data.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::InstanceId;
use crate::path::RepoPath;
use crate::tree::{REMOTE_DIRECTORY, RemoteReference, readable_path};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing is wrong.
    Info,
    /// Works, but not as its author expects.
    Warning,
    /// Does not work.
    Error,
}

/// A place in a file. Lines and columns count from 1; a column counts characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The file, relative to the root of the repository, or as the user named it.
    pub file: String,
    /// The line; absent where the whole file is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Location {
    /// A whole file.
    #[must_use]
    pub fn file(path: &RepoPath) -> Self {
        Self { file: path.to_string(), line: None, column: None }
    }

    /// A place in a file.
    #[must_use]
    pub fn at(path: &RepoPath, line: u32, column: u32) -> Self {
        Self { file: path.to_string(), line: Some(line), column: Some(column) }
    }

    /// The file as a reader wants to see it: one that was fetched by its reference.
    #[must_use]
    pub fn readable_file(&self) -> Cow<'_, str> {
        let remote =
            self.file.starts_with(REMOTE_DIRECTORY).then(|| RepoPath::new(&self.file).ok()).flatten();
        remote.map_or(Cow::Borrowed(&*self.file), |path| Cow::Owned(readable_path(&path)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.readable_file())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
            if let Some(column) = self.column {
                write!(formatter, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// Something wrong with input: what, where, why, and what to do about it.
///
/// `code` is a stable kebab-case word (`ambiguous-engine`, `yaml-syntax`). `message` is lower case without
/// a trailing period; `hints` are what the user can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable kebab-case word.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and why.
    pub message: String,
    /// What can be done about it.
    #[serde(default)]
    pub hints: Vec<String>,
    /// The instance it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The content from outside the repository that would have to be fetched, where that is what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<RemoteReference>,
}

impl Problem {
    /// A problem that keeps something from working.
    #[must_use]
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A problem that does not.
    #[must_use]
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Something good to know.
    #[must_use]
    pub fn info(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, message)
    }

    fn new(code: &str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message: message.into(),
            hints: Vec::new(),
            instance: None,
            location: None,
            missing: None,
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Says that content from outside the repository is not here, and which.
    #[must_use]
    pub fn lacks(mut self, reference: RemoteReference) -> Self {
        self.missing = Some(reference);
        self
    }

    /// Says whose it is.
    #[must_use]
    pub fn of(mut self, instance: InstanceId) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Whether it keeps something from working.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(formatter, "{location}: ")?;
        }
        formatter.write_str(&self.message)
    }
}
