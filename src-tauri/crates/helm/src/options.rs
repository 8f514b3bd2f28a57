//! What a render is asked for, beside the tree and the chart.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use slipway_model::{RepoPath, Tree};

use crate::cluster::ClusterSnapshot;

/// Which Helm is followed where the two differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HelmVersion {
    /// Helm 3.22.
    #[default]
    V3,
    /// Helm 4.3.
    V4,
}

/// How strict a render is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// As `helm template`: a missing value prints nothing.
    #[default]
    Normal,
    /// A missing value is an error (the engine's `Strict`, as `helm lint --strict` has it).
    Strict,
    /// `required` and `fail` do not fail (`helm lint`).
    Lint,
}

/// What happens where a values file is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The render fails, as Helm does.
    #[default]
    Fail,
    /// It is passed over (`ignoreMissingValueFiles` of Argo CD).
    Ignore,
}

/// What happens where a dependency does not lie in `charts/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LocalDependencies {
    /// It is read from where its repository is, as after `helm dependency build`, which Argo CD and Flux run: for
    /// `file://…` from beside the chart, for a chart repository or registry from where fetched charts are read
    /// ([`slipway_model::RemoteReference::path`]).
    #[default]
    Read,
    /// It is missing, as for `helm template`.
    Refuse,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuesSource {
    /// A file of the tree.
    File {
        /// Where it is.
        path: RepoPath,
        /// How the user named it, for messages; empty where that is the path.
        name: String,
        /// What happens where it is not there.
        missing: Missing,
    },
    /// A text that is not in the tree.
    Text {
        /// What it is called in messages.
        name: String,
        /// YAML.
        text: String,
    },
}

impl ValuesSource {
    /// A file of the tree that has to be there.
    #[must_use]
    pub fn file(path: RepoPath) -> Self {
        Self::File { path, name: String::new(), missing: Missing::Fail }
    }
}

/// Bounds of a render. What goes beyond them fails with the code `helm-limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps of all templates together; making a key counts for many of them, as it takes as long.
    pub steps: u64,
    /// Bytes that all templates together may print, and that one text may have.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000_000, output: 100 << 20 }
    }
}

/// What a render is asked for. The names are those of `helm template`.
#[derive(Clone, Default)]
pub struct Options {
    /// The name of the release.
    pub release: String,
    /// The namespace of the release.
    pub namespace: String,
    /// The revision of the release; 0 means 1.
    pub revision: i64,
    /// Values files and texts, the weakest first.
    pub values: Vec<ValuesSource>,
    /// `--set-json`, in order.
    pub set_json: Vec<String>,
    /// `--set`, in order.
    pub set: Vec<String>,
    /// `--set-string`, in order.
    pub set_string: Vec<String>,
    /// `--set-file`, in order. Each names files of `files`, else of the tree from its root.
    pub set_file: Vec<String>,
    /// Files that `set_file` names and that are not in the tree: name and content.
    pub files: Vec<(String, String)>,
    /// `--kube-version`, as it was written; it counts more than what the cluster says.
    pub kube_version: Option<String>,
    /// `--api-versions`: what is known beside Helm's own list. Where there are any, the cluster's do not count.
    pub api_versions: Vec<String>,
    /// `--include-crds`.
    pub include_crds: bool,
    /// `--skip-tests`.
    pub skip_tests: bool,
    /// `--is-upgrade`.
    pub is_upgrade: bool,
    /// `--skip-schema-validation`.
    pub skip_schema_validation: bool,
    /// `--show-only`: patterns of template paths inside the chart.
    pub show_only: Vec<String>,
    /// Which Helm is followed.
    pub helm: HelmVersion,
    /// How strict it is.
    pub mode: Mode,
    /// What the cluster said; absent without one, as for `helm template`.
    pub cluster: Option<Arc<ClusterSnapshot>>,
    /// What happens to dependencies that are not in `charts/`.
    pub local_dependencies: LocalDependencies,
    /// The time of the render in seconds since 1970, for `now` and certificates.
    pub now: i64,
    /// What everything random follows from; the same seed gives the same passwords.
    pub seed: Vec<u8>,
    /// Bounds.
    pub limits: Limits,
    /// Stops the render when raised.
    pub cancelled: Option<Arc<AtomicBool>>,
}

impl Options {
    /// The options of `helm template RELEASE CHART --namespace NAMESPACE`.
    #[must_use]
    pub fn new(release: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self { release: release.into(), namespace: namespace.into(), ..Self::default() }
    }

    pub(crate) fn has_assignments(&self) -> bool {
        let groups = [&self.set_json, &self.set, &self.set_string, &self.set_file];
        groups.iter().any(|group| !group.is_empty())
    }

    /// The content of a file that `--set-file` names, or Helm's words for why there is none.
    pub(crate) fn file(&self, tree: &dyn Tree, name: &str) -> Result<String, String> {
        if let Some((_, content)) = self.files.iter().find(|(named, _)| named == name) {
            return Ok(content.clone());
        }
        let path = RepoPath::new(name).map_err(|error| format!("open {name}: {error}"))?;
        match slipway_model::read_text(tree, &path) {
            Ok(Some(content)) => Ok(content),
            Ok(None) => Err(format!("open {name}: no such file or directory")),
            Err(error) => Err(format!("open {name}: {error}")),
        }
    }
}
