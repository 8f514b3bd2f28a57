//! What every engine does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use slipway_helm::{ClusterReads, ClusterSnapshot};
use slipway_model::{InstanceId, Manifest, Problem, Reads, Tree};

use crate::source::{EngineKind, Source};

/// How far a render can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FidelityLevel {
    /// The same as the real tool prints.
    Exact,
    /// Something was guessed or left out; the reasons say what.
    Approximated,
    /// Only the cluster can render it.
    Opaque,
}

/// How far a render can be trusted, and why not further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fidelity {
    /// How far.
    pub level: FidelityLevel,
    /// Why not further; also which version of an installed tool rendered it.
    #[serde(default)]
    pub reasons: Vec<String>,
}

impl Fidelity {
    /// As the real tool prints it.
    #[must_use]
    pub fn exact() -> Self {
        Self { level: FidelityLevel::Exact, reasons: Vec::new() }
    }

    /// With something guessed or left out.
    #[must_use]
    pub fn approximated(reason: impl Into<String>) -> Self {
        Self { level: FidelityLevel::Approximated, reasons: vec![reason.into()] }
    }

    /// Not rendered here at all.
    #[must_use]
    pub fn opaque(reason: impl Into<String>) -> Self {
        Self { level: FidelityLevel::Opaque, reasons: vec![reason.into()] }
    }

    /// The weaker of two.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.level = self.level.max(other.level);
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        self
    }
}

/// The inputs of a render beside the tree and the source. Together with them they determine the result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderInputs {
    /// Whom it is rendered for: application and environment, as variables of templates.
    pub instance: Option<InstanceId>,
    /// The namespace of the instance's destination, where one is known.
    pub namespace: Option<String>,
    /// What the cluster of its environment said; none where none is connected. It is no part of a key: a render says
    /// what it asked of it, and is valid on every cluster that answers the same.
    #[serde(skip)]
    pub cluster: Option<Arc<ClusterSnapshot>>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// The objects in order. Empty where a problem of severity error is among the problems: never half of an
    /// instance.
    pub manifests: Vec<Manifest>,
    /// What is wrong with the input.
    pub problems: Vec<Problem>,
    /// Everything that was asked of the tree.
    pub reads: Reads,
    /// Everything that was asked of the cluster.
    #[serde(default, skip_serializing_if = "ClusterReads::is_empty")]
    pub cluster: ClusterReads,
    /// How far it can be trusted.
    pub fidelity: Fidelity,
}

impl Rendered {
    /// Nothing: no manifest, no problem, exact.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            manifests: Vec::new(),
            problems: Vec::new(),
            reads: Reads::default(),
            cluster: ClusterReads::default(),
            fidelity: Fidelity::exact(),
        }
    }

    /// A render that failed.
    #[must_use]
    pub fn failed(problems: Vec<Problem>, reads: Reads) -> Self {
        Self { problems, reads, ..Self::empty() }
    }

    /// Whether the result depends on more than the tree, the source and the inputs: an engine crashed, a tool is
    /// missing or was stopped, a file could not be read. Such a result must not be kept.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        const CODES: [&str; 11] = [
            "engine-crashed",
            "engine-missing",
            "tool-missing",
            "tool-too-old",
            "tool-stopped",
            "unreadable",
            "link-outside",
            "link-loop",
            "file-too-large",
            "lfs-pointer",
            "in-submodule",
        ];
        self.problems.iter().any(|problem| CODES.contains(&problem.code.as_str()))
    }

    /// Whether it failed for one reason alone: something from outside the tree is not here, a remote base or a
    /// chart that was not fetched, an engine that is not installed. What the files of the tree say is still true.
    #[must_use]
    pub fn lacks_content(&self) -> bool {
        const CODES: [&str; 5] =
            ["remote-base", "remote-offline", "remote-chart", "engine-missing", "tool-missing"];
        self.is_failed()
            && self
                .problems
                .iter()
                .filter(|problem| problem.is_error())
                .all(|problem| CODES.contains(&problem.code.as_str()))
    }

    /// Whether anything keeps the manifests from being used.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}

/// Turns one source into manifests. Reads files only through the tree it is given.
pub trait Engine: Send + Sync {
    /// Which sources it renders.
    fn kind(&self) -> EngineKind;

    /// Name and version, part of every cache key.
    fn version(&self) -> String;

    /// Renders a source. The caller records the reads; `reads` of the result is left empty.
    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered;
}
