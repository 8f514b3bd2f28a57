//! Why a chart could not be rendered.

use std::fmt;

use slipway_model::{Location, Problem, RemoteReference, RepoPath, TreeError};

use crate::cluster::ClusterReads;

/// Codes of failures, as they stand in [`Failure::code`] and in the problem that is made of one.
pub mod code {
    /// The chart itself: `Chart.yaml`, its archive, `.helmignore`, `charts/`.
    pub const CHART: &str = "helm-chart";
    /// Dependencies that are declared and not there, or not as declared.
    pub const DEPENDENCY: &str = "helm-dependency";
    /// Charts that are named and have to be fetched; [`Failure::missing`](super::Failure::missing) says which.
    pub const REMOTE: &str = "remote-chart";
    /// Values files and assignments.
    pub const VALUES: &str = "helm-values";
    /// Values that a `values.schema.json` refuses, or a schema that is none.
    pub const SCHEMA: &str = "helm-schema";
    /// A template that cannot be parsed or executed.
    pub const TEMPLATE: &str = "helm-template";
    /// What a template printed is no manifest.
    pub const MANIFEST: &str = "helm-manifest";
    /// Options that do not fit: release name, Kubernetes version, `--show-only`.
    pub const OPTIONS: &str = "helm-options";
    /// A bound on depth, size or time was reached.
    pub const LIMIT: &str = "helm-limit";
    /// What Helm logs while it goes on.
    pub const LOG: &str = "helm-log";
}

/// Why a chart could not be rendered: what Helm would print, where it is, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    code: &'static str,
    message: String,
    location: Option<Location>,
    excerpt: Option<String>,
    hints: Vec<String>,
    missing: Vec<RemoteReference>,
    cluster: ClusterReads,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            message: message.into(),
            location: None,
            excerpt: None,
            hints: Vec::new(),
            missing: Vec::new(),
            cluster: ClusterReads::default(),
        }))
    }

    /// Says that charts have to be fetched, of which there is at least one.
    pub(crate) fn not_fetched(missing: Vec<RemoteReference>) -> Self {
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let was = if names.len() == 1 { "was" } else { "were" };
        let mut failure = Self::new(code::REMOTE, format!("{} {was} not fetched", names.join(", ")));
        failure.0.missing = missing;
        failure
    }

    /// Says that something of the tree cannot be read.
    pub(crate) fn unreadable(path: &RepoPath, error: &TreeError) -> Self {
        let (code, hint) = match error {
            TreeError::LinkOutside { .. } => {
                ("link-outside", "a chart can only read files of the repository")
            }
            TreeError::LinkLoop { .. } => ("link-loop", "let the link point at a file or directory"),
            TreeError::TooLarge { .. } => ("file-too-large", "charts cannot hold files of this size"),
            TreeError::LfsPointer { .. } => ("lfs-pointer", "fetch the content with `git lfs pull`"),
            TreeError::InSubmodule { .. } => {
                ("in-submodule", "copy the files, or open the submodule's repository")
            }
            _ => ("unreadable", "look whether the repository is complete: `git fsck`"),
        };
        let why = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
        Self::new(code, format!("{error}{why}")).at(Location::file(path)).hint(hint)
    }

    #[must_use]
    pub(crate) fn at(mut self, location: Location) -> Self {
        self.0.location = Some(location);
        self
    }

    /// Says where it is, with the lines around the place of `text`.
    #[must_use]
    pub(crate) fn at_text(mut self, file: &str, text: &str, line: u32, column: u32) -> Self {
        self.0.location = Some(Location { file: file.to_owned(), line: Some(line), column: Some(column) });
        self.0.excerpt = Some(slipway_yaml::excerpt(text, line, column)).filter(|shown| !shown.is_empty());
        self
    }

    /// Shows lines of a text that is in no file, such as a manifest that was printed.
    #[must_use]
    pub(crate) fn showing(mut self, text: &str, line: u32, column: u32) -> Self {
        self.0.excerpt = Some(slipway_yaml::excerpt(text, line, column)).filter(|shown| !shown.is_empty());
        self
    }

    #[must_use]
    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        self.0.hints.push(text.into());
        self
    }

    /// The same failure with a text before its message.
    #[must_use]
    pub(crate) fn within(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Says what had been asked of the cluster.
    #[must_use]
    pub(crate) fn asking(mut self, cluster: ClusterReads) -> Self {
        self.0.cluster = cluster;
        self
    }

    /// Which kind of failure it is; see [`code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What Helm prints after `Error: `.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// The lines around that place, with a caret.
    #[must_use]
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// What can be done about it.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// What has to be fetched before the chart can be rendered, where that is the reason.
    #[must_use]
    pub fn missing(&self) -> &[RemoteReference] {
        &self.0.missing
    }

    /// What had been asked of the cluster by then.
    #[must_use]
    pub fn cluster(&self) -> &ClusterReads {
        &self.0.cluster
    }

    /// The failure as a problem of an instance. The excerpt is left out.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::error(self.0.code, self.0.message.clone());
        problem.hints.clone_from(&self.0.hints);
        problem.location.clone_from(&self.0.location);
        problem
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl std::error::Error for Failure {}
