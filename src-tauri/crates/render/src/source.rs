//! Where manifests come from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use slipway_model::{RepoPath, Tree, read_text};

use crate::flux_parameters::FluxParameters;

/// What turns a source into manifests. The names are those of the command line and of `.slipway.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// A chart.
    Helm,
    /// A kustomization.
    Kustomize,
    /// A Jsonnet program.
    Jsonnet,
    /// Templates with common values.
    Minijinja,
    /// Manifests as they are.
    Plain,
    /// What a Flux Kustomization delivers.
    Flux,
    /// An Argo CD Application whose source is outside this repository.
    ArgocdApplication,
    /// Something that only the cluster can run.
    Opaque,
}

impl EngineKind {
    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Kustomize => "kustomize",
            Self::Jsonnet => "jsonnet",
            Self::Minijinja => "minijinja",
            Self::Plain => "plain",
            Self::Flux => "flux",
            Self::ArgocdApplication => "argocd-application",
            Self::Opaque => "opaque",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a part of an instance's manifests comes about. An instance may have several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What renders it.
    pub engine: EngineKind,
    /// The directory that is rendered; for Jsonnet the file.
    pub path: RepoPath,
    /// Values files in order, later ones win.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<RepoPath>,
    /// Everything else that the declaration of the instance says.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub parameters: Parameters,
}

/// The parameters of a source: what Argo CD, Flux, `.slipway.yaml` or the command line add to the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameters {
    /// The name of the Helm release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The namespace that the instance is rendered for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `--set` assignments in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// `--set-string` assignments in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_string: Vec<String>,
    /// `--set-file` assignments in order. Each names files of `named_files`, else of the tree (from its root).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_file: Vec<String>,
    /// `--set-json` assignments in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_json: Vec<String>,
    /// Values given inline, as YAML, after all values files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_values: Option<String>,
    /// Values files outside the tree, already read, in order, before `inline_values`: name and content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_values: Vec<(String, String)>,
    /// Files outside the tree that `set_file` names, already read: name and content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_files: Vec<(String, String)>,
    /// The Kubernetes version of `.Capabilities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// Further API versions of `.Capabilities`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_versions: Vec<String>,
    /// Helm: print the objects of `crds/` too.
    #[serde(skip_serializing_if = "is_false")]
    pub include_crds: bool,
    /// Helm: leave tests out.
    #[serde(skip_serializing_if = "is_false")]
    pub skip_tests: bool,
    /// Helm: values files that are not there are passed over (Argo CD `ignoreMissingValueFiles`).
    #[serde(skip_serializing_if = "is_false")]
    pub ignore_missing_values: bool,
    /// Helm: `values.schema.json` is not asked.
    #[serde(skip_serializing_if = "is_false")]
    pub skip_schema_validation: bool,
    /// Helm: `.Release.IsUpgrade`.
    #[serde(skip_serializing_if = "is_false")]
    pub is_upgrade: bool,
    /// Helm: only these templates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub show_only: Vec<String>,
    /// Kustomize: files outside the kustomization's directory may be read.
    #[serde(skip_serializing_if = "is_false")]
    pub load_restrictor_none: bool,
    /// Kustomize: charts are inflated.
    #[serde(skip_serializing_if = "is_false")]
    pub enable_helm: bool,
    /// Jsonnet: external variables that are text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ext_str: BTreeMap<String, String>,
    /// Jsonnet: external variables that are programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ext_code: BTreeMap<String, String>,
    /// Jsonnet: top-level arguments that are text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tla_str: BTreeMap<String, String>,
    /// Jsonnet: top-level arguments that are programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tla_code: BTreeMap<String, String>,
    /// Jsonnet: library directories inside the tree; the last is searched first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jpath: Vec<RepoPath>,
    /// Plain: directories below are read too (Argo CD `directory.recurse`).
    #[serde(skip_serializing_if = "is_false")]
    pub recurse: bool,
    /// Plain: only files whose path below the directory matches (Argo CD `directory.include`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Plain: without files whose path below the directory matches (Argo CD `directory.exclude`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<String>,
    /// Kustomize options of an Argo CD source or a Flux Kustomization, as a partial kustomization (fields of
    /// kustomize.config.k8s.io/v1beta1), laid over the directory's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kustomization: Option<String>,
    /// Kustomize: variables that are replaced in the text of built objects (Flux `postBuild.substitute`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub substitute: BTreeMap<String, String>,
    /// Flux: what is not an option of kustomize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux: Option<Box<FluxParameters>>,
}

impl Parameters {
    /// The content of a file that `set_file` names.
    ///
    /// # Errors
    /// Why there is none.
    pub fn set_file_content(&self, tree: &dyn Tree, name: &str) -> Result<String, String> {
        if let Some((_, content)) = self.named_files.iter().find(|(named, _)| named == name) {
            return Ok(content.clone());
        }
        let path = RepoPath::new(name).map_err(|error| error.to_string())?;
        let text = read_text(tree, &path).map_err(|error| error.to_string())?;
        text.ok_or_else(|| "there is no such file".to_owned())
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
