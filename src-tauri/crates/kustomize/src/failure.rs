//! Why a build failed.

use std::error::Error as _;
use std::fmt;

use slipway_model::{Location, Problem, RemoteReference, RepoPath, Severity, TreeError};

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
    missing: Option<RemoteReference>,
    others: Vec<Failure>,
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
            missing: None,
            others: Vec::new(),
        };
        Self(Box::new(inner))
    }

    /// A file or directory that is there and cannot be read.
    #[must_use]
    pub fn unreadable(path: &RepoPath, error: &TreeError) -> Self {
        let mut message = error.to_string();
        if let Some(source) = error.source() {
            message.push_str(": ");
            message.push_str(&source.to_string());
        }
        let code = match error {
            TreeError::LinkOutside { .. } => "link-outside",
            TreeError::LinkLoop { .. } => "link-loop",
            TreeError::TooLarge { .. } => "file-too-large",
            TreeError::LfsPointer { .. } => "lfs-pointer",
            TreeError::InSubmodule { .. } => "in-submodule",
            _ => "unreadable",
        };
        let failure = Self::new(code, message).in_file(path);
        match error {
            TreeError::LfsPointer { .. } => failure.hint("fetch it with `git lfs pull`"),
            TreeError::LinkOutside { .. } => failure.hint("copy the file into the repository"),
            _ => failure,
        }
    }

    /// Something that is not in the repository, and was not fetched.
    #[must_use]
    pub(crate) fn missing_remote(reference: RemoteReference, written: &str) -> Self {
        let message = format!("`{written}` is not in this repository and was not fetched");
        let failure = Self::new("remote-offline", message).lacks(reference);
        failure.hint("fetch it (`slipway fetch`), or copy it into the repository")
    }

    /// Says that something from outside the repository is not here, and what. A build that meets such a failure goes on
    /// to find what else is missing.
    #[must_use]
    pub fn lacks(mut self, reference: RemoteReference) -> Self {
        self.0.missing = Some(reference);
        self
    }

    /// What is not here and has to be fetched, where that is the reason.
    #[must_use]
    pub fn missing(&self) -> Option<&RemoteReference> {
        self.0.missing.as_ref()
    }

    /// Goes on past something that is not here: it is kept in `found`, and `None` comes out. Other failures come out.
    ///
    /// # Errors
    /// The failure, where it has another reason.
    pub(crate) fn kept<T>(result: Result<T, Self>, found: &mut Vec<Self>) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.missing().is_some() => {
                found.push(failure);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The first of several failures with the others beside it.
    pub(crate) fn first(found: Vec<Self>) -> Option<Self> {
        let mut found = found.into_iter();
        found.next().map(|first| first.and(found))
    }

    /// Adds failures that were found beside this one.
    #[must_use]
    pub(crate) fn and(mut self, others: impl IntoIterator<Item = Self>) -> Self {
        self.0.others.extend(others);
        self
    }

    /// Takes away the failures that were found beside this one.
    pub(crate) fn take_others(&mut self) -> Vec<Self> {
        std::mem::take(&mut self.0.others)
    }

    /// Puts what was being done before the reason: `context: reason`. That something is not here is said without it: the
    /// place tells who asks for it.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        if self.0.missing.is_some() {
            return self;
        }
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Puts another reason in its place; code, place and hints stay. Not where something is not here, as with
    /// [`Failure::context`].
    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        if self.0.missing.is_some() {
            return self;
        }
        self.0.message = message.into();
        self
    }

    /// Says where it is, unless a nearer place is known already.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        for other in &mut self.0.others {
            other.0.location.get_or_insert_with(|| location.clone());
        }
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

    /// The reason as a problem of an instance. One that is opaque is nothing wrong.
    #[must_use]
    pub fn to_problem(&self) -> Problem {
        let mut problem = Problem::error(&self.0.code, self.0.message.clone());
        problem.hints.clone_from(&self.0.hints);
        problem.location.clone_from(&self.0.location);
        problem.missing.clone_from(&self.0.missing);
        if self.0.opaque {
            problem.severity = Severity::Info;
        }
        problem
    }

    /// The same as problems of an instance: the reason, then what else was found.
    #[must_use]
    pub fn to_problems(&self) -> Vec<Problem> {
        let mut problems = vec![self.to_problem()];
        for other in &self.0.others {
            for problem in other.to_problems() {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        problems
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
