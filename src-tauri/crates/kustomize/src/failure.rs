//! Why a build failed.

use std::fmt;

use slipway_model::{Location, Problem, RepoPath};

/// Why a build, a file or a transformer failed, in kustomize's words where it has some.
///
/// `code` is a stable kebab-case word. `message` is the reason; paths in it are relative to the root of the tree. A
/// transformer gives a failure without a location; who called it adds the place ([`Failure::at`]) and what was being
/// done ([`Failure::context`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    code: String,
    message: String,
    location: Option<Location>,
    hints: Vec<String>,
    opaque: bool,
}

impl Failure {
    /// A failure with a code and kustomize's reason.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let inner = Inner {
            code: code.to_owned(),
            message: message.into(),
            location: None,
            hints: Vec::new(),
            opaque: false,
        };
        Self(Box::new(inner))
    }

    /// Puts what was being done before the reason: `context: reason`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Puts another reason in its place; code, place and hints stay.
    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Says where it is, unless a nearer place is known already.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// Says in which file it is, unless a place is known already.
    #[must_use]
    pub fn in_file(self, file: &RepoPath) -> Self {
        self.at(Location::file(file))
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.0.hints.push(text.into());
        self
    }

    /// Marks it as something that no build in process can do (a plugin that is a program or a container).
    #[must_use]
    pub fn opaque(mut self) -> Self {
        self.0.opaque = true;
        self
    }

    /// The stable word for what is wrong.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The reason.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// What the user can do.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Whether the input may be right and only a program or a container could build it.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.0.opaque
    }

    /// The same as a problem of an instance.
    #[must_use]
    pub fn to_problem(&self) -> Problem {
        let mut problem = Problem::error(&self.0.code, self.0.message.clone());
        problem.hints.clone_from(&self.0.hints);
        problem.location.clone_from(&self.0.location);
        problem
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.0.location {
            write!(formatter, "{location}: ")?;
        }
        formatter.write_str(&self.0.message)
    }
}

impl std::error::Error for Failure {}
