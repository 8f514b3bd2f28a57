//! Errors that cross the façade. A code exists only where a client acts on it; nobody matches text.

use std::fmt;

use crate::dto::ApiError;

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

/// An error with a code and a message.
pub(crate) fn error(code: &str, message: impl Into<String>) -> ApiError {
    ApiError { code: code.to_owned(), message: message.into(), hints: Vec::new(), location: None }
}

impl ApiError {
    /// Adds something that can be done.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }
}

pub(crate) fn bad_request(command: &str, cause: &serde_json::Error) -> ApiError {
    error("bad-request", format!("the request of `{command}` cannot be read: {cause}"))
}

pub(crate) fn unknown_command(command: &str) -> ApiError {
    error("unknown-command", format!("there is no command `{command}`"))
        .hint("the page and the program may be of different versions; restart Slipway")
}

pub(crate) fn internal(cause: &dyn fmt::Display) -> ApiError {
    error("internal", cause.to_string())
}

/// A chain of errors as one line.
pub(crate) fn chain(failure: &(dyn std::error::Error + 'static)) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
