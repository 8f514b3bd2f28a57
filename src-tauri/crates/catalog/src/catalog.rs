//! What a scan finds.

use serde::{Deserialize, Serialize};
use slipway_model::{
    ApplicationName, EnvironmentName, InstanceId, Order, Problem, RemoteReference, RepoPath,
};
use slipway_render::Source;

/// Everything that a scan finds. Nothing is dropped: what is not understood is in `skipped`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// How the repository is laid out.
    pub layout: Layout,
    /// The environments in promotion order.
    pub environments: Vec<Environment>,
    /// The applications, sorted by name.
    pub applications: Vec<Application>,
    /// Directories and files that were looked at and not understood.
    pub skipped: Vec<Skipped>,
    /// What is wrong with declarations and with `.slipway.yaml`.
    pub problems: Vec<Problem>,
}

impl Catalog {
    /// All instances, by application, then by environment in promotion order.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.applications.iter().flat_map(|application| &application.instances)
    }

    /// The instance with this id. An id without a path finds an instance only where it is the only one.
    #[must_use]
    pub fn instance(&self, id: &InstanceId) -> Option<&Instance> {
        self.instances().find(|instance| instance.id == *id)
    }

    /// The environment with this name.
    #[must_use]
    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == *name)
    }
}

/// How the repository is laid out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// A word of the field: `app-env-dirs`, `env-app-dirs`, `base-overlays`, `values-per-env`,
    /// `env-suffix-dirs`, `argocd-applications`, `applicationsets`, `flux-clusters`, `env-branches`,
    /// `jsonnet-environments`, `plain`, `mixed`, `empty`.
    pub family: String,
    /// From 0 to 1: the share of deployable directories that this reading explains.
    pub confidence: f64,
    /// Why, in a sentence that the user can check.
    pub reason: String,
}

/// Where applications are deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// Other spellings of it in the repository.
    pub aliases: Vec<String>,
    /// Whether it asks before it is changed.
    pub protected: bool,
    /// The namespace that `.slipway.yaml` gives its instances.
    pub namespace: Option<String>,
}

/// A thing that is deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// Its name without its environment.
    pub name: ApplicationName,
    /// Where it is deployed, in promotion order.
    pub instances: Vec<Instance>,
}

/// One application in one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Application and environment.
    pub id: InstanceId,
    /// How its manifests come about; at least one.
    pub sources: Vec<Source>,
    /// Where it goes.
    pub destination: Destination,
    /// The Argo CD Application that declares it: its name, as it is in the cluster.
    pub argocd_application: Option<String>,
    /// Which declaration or convention it was found by, for reading.
    pub reason: String,
    /// The file that declares it, where one does.
    pub declared_in: Option<RepoPath>,
    /// The branch whose tree its sources lie in, where that is another than the one that is scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// What orders it among the other instances.
    #[serde(default, skip_serializing_if = "Order::is_empty")]
    pub order: Order,
}

impl Instance {
    /// Where it is found in the repository: its first source that lies here, else the file that declares it.
    #[must_use]
    pub fn place(&self) -> RepoPath {
        let here = self.sources.iter().find(|source| RemoteReference::of_path(&source.path).is_none());
        here.map(|source| source.path.clone()).or_else(|| self.declared_in.clone()).unwrap_or_default()
    }
}

/// Where an instance goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The namespace, by the order of `contracts.md` §3.
    pub namespace: Option<String>,
    /// The cluster's name or address as the declaration gives it.
    pub cluster: Option<String>,
}

/// Something that was looked at and not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The directory or file.
    pub path: RepoPath,
    /// Why it is no application.
    pub reason: String,
}
