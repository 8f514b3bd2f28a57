//! What can go wrong: while parsing, while executing, inside a function.

use std::fmt;
use std::sync::Arc;

/// A template's text that does not parse. Displays as Go's whole error text (`template: main:1: unexpected EOF`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template: {template}:{line}: {message}")]
pub struct ParseError {
    /// The name the text was parsed under.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, without the place.
    pub message: String,
}

/// Which limit of [`Limits`](crate::Limits) ended an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReached {
    /// Too many steps.
    Fuel,
    /// Too much output, or a text or list larger than allowed.
    Size,
    /// Templates, includes or values nested too deep.
    Depth,
    /// The flag to stop was raised.
    Cancelled,
}

/// An execution that failed. Displays as Go's whole error text
/// (`template: main:1:2: executing "main" at <.x>: nil pointer evaluating interface {}.x`).
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ExecError {
    /// The name of the file or text that the failing node stands in (Go's parse name; not the `define`).
    pub file: Arc<str>,
    /// The name of the template that was executing, a `define`'s where the node is inside one.
    pub template: Arc<str>,
    /// The line, from 1; 0 where there is no place.
    pub line: usize,
    /// The column in bytes, from 0, as in Go's text.
    pub column: usize,
    /// The node, printed as Go prints it (`.x`).
    pub context: String,
    /// What is wrong, without the place.
    pub message: String,
    /// The whole text.
    pub text: String,
    /// Whether this is Go's type `ExecError`; false for `no template … associated with template …`.
    pub located: bool,
    /// The innermost error, where the failing call executed a template (`include`, `tpl`) that failed.
    pub inner: Option<Box<ExecError>>,
    /// The limit that ended the execution, where that was the reason.
    pub limit: Option<LimitReached>,
}

impl ExecError {
    /// The innermost error of nested `include`s and `tpl`s: where the mistake is.
    pub fn root(&self) -> &ExecError {
        self.inner.as_deref().unwrap_or(self)
    }
}

impl fmt::Debug for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExecError({})", self.text)
    }
}

/// An execution that failed, with what had been written before.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// Why.
    #[source]
    pub error: Box<ExecError>,
    /// The output up to there.
    pub partial: Vec<u8>,
}

/// The error of a template function. Go shows it as `error calling NAME: TEXT`, be it a returned error or a panic.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.text)]
pub struct FunctionError(Box<Parts>);

/// Kept out of line: results of functions are moved about all the time, errors seldom.
#[derive(Clone, Debug)]
struct Parts {
    text: String,
    panic: bool,
    inner: Option<Box<ExecError>>,
    limit: Option<LimitReached>,
}

impl FunctionError {
    /// An error that the Go function returns; `text` is its whole text.
    pub fn new(text: impl Into<String>) -> FunctionError {
        FunctionError(Box::new(Parts { text: text.into(), panic: false, inner: None, limit: None }))
    }

    /// A Go panic inside the function, such as `runtime error: index out of range [3] with length 2`. Templates show
    /// it like a returned error.
    pub fn panic(text: impl Into<String>) -> FunctionError {
        let mut error = FunctionError::new(text);
        error.0.panic = true;
        error
    }

    /// A limit was reached; `text` says which and what to do.
    pub fn limit(limit: LimitReached, text: impl Into<String>) -> FunctionError {
        let mut error = FunctionError::new(text);
        error.0.limit = Some(limit);
        error
    }

    /// The same error with text before it: `PREFIX: TEXT` (Go's `errors.Wrap`).
    #[must_use = "the error with its prefix is returned"]
    pub fn context(mut self, prefix: &str) -> FunctionError {
        self.0.text = format!("{prefix}: {}", self.0.text);
        self
    }

    /// Whether it stands for a Go panic.
    pub fn is_panic(&self) -> bool {
        self.0.panic
    }

    /// The error of the template that the function executed, where that failed.
    pub fn inner(&self) -> Option<&ExecError> {
        self.0.inner.as_deref()
    }

    /// The limit that was reached, where that is the reason. Such an error must not be swallowed.
    pub fn limit_reached(&self) -> Option<LimitReached> {
        self.0.limit
    }

    pub(crate) fn into_parts(self) -> (String, Option<Box<ExecError>>, Option<LimitReached>) {
        (self.0.text, self.0.inner, self.0.limit)
    }
}

impl From<Box<ExecError>> for FunctionError {
    fn from(error: Box<ExecError>) -> FunctionError {
        let (text, limit) = (error.text.clone(), error.limit);
        FunctionError(Box::new(Parts { text, panic: false, limit, inner: Some(error) }))
    }
}

impl From<ParseError> for FunctionError {
    fn from(error: ParseError) -> FunctionError {
        FunctionError::new(error.to_string())
    }
}
