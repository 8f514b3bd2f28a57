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

impl From<slipway_git::GitError> for ApiError {
    fn from(failure: slipway_git::GitError) -> Self {
        use slipway_git::GitError as G;
        let code = match &failure {
            G::NoSuchDirectory { .. } => "no-such-folder",
            G::NotARepository { .. } => "not-a-repository",
            G::UnsafeOwnership { .. } => "unsafe-ownership",
            G::NoCommit { .. } => "no-commit",
            G::UnknownRevision { .. } | G::AmbiguousRevision { .. } => "unknown-revision",
            G::TipMoved { .. } => "base-moved",
            G::UncommittedChanges { .. } => "uncommitted-changes",
            G::WouldBeLost { .. } => "would-be-lost",
            G::InProgress { .. } => "in-progress",
            G::BranchExists { .. } => "branch-exists",
            G::InvalidBranchName { .. } => "invalid-branch-name",
            G::InvalidIdentity { .. } => "invalid-identity",
            G::CheckedOutElsewhere { .. } => "checked-out-elsewhere",
            G::Network { .. } => "network",
            G::NoIdentity => "no-identity",
            G::Authentication { .. } => "authentication",
            G::UnknownHostKey { .. } | G::ChangedHostKey { .. } => "host-key",
            G::Cancelled => "cancelled",
            _ => "git",
        };
        let hints = failure.hints();
        let mut converted = error(code, chain(&failure));
        converted.hints = hints;
        converted
    }
}

impl From<slipway_workspace::WorkspaceError> for ApiError {
    fn from(failure: slipway_workspace::WorkspaceError) -> Self {
        use slipway_workspace::WorkspaceError as W;
        match failure {
            W::Git(failure) => failure.into(),
            W::UnknownInstance(_) | W::AmbiguousInstance { .. } => error("unknown-instance", chain(&failure)),
            W::UnknownEnvironment(_) => error("unknown-environment", chain(&failure)),
            W::Cancelled => error("cancelled", chain(&failure)),
            W::Unborn(_) => {
                error("no-commit", chain(&failure)).hint("make a first commit, or push one to it")
            }
            other => error("workspace", chain(&other)),
        }
    }
}

impl From<slipway_store::StoreError> for ApiError {
    fn from(failure: slipway_store::StoreError) -> Self {
        let mut converted = error("store", chain(&failure));
        if let slipway_store::StoreError::Settings { path, line, column, .. } = &failure {
            converted.code = "settings".to_owned();
            converted.location = Some(format!("{}:{line}:{column}", path.display()));
            converted = converted.hint("correct the file, or remove it to start with the defaults");
        }
        converted
    }
}
