//! What is kept of a rendered instance.

use slipway_catalog::Instance;
use slipway_model::{Manifest, Problem, Reads, ResourceId};
use slipway_render::{ClusterReads, Fidelity, FidelityLevel, Rendered};

/// How a render went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderStatus {
    /// It rendered.
    Ok,
    /// It failed; the problems say why.
    Failed,
    /// Only the cluster can render it.
    Opaque,
}

/// A rendered resource without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceFact {
    /// Which.
    pub id: ResourceId,
    /// Its `apiVersion`.
    pub api_version: String,
    /// The file it comes from.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// Its sync wave as it is written.
    pub wave: Option<i32>,
    /// Its hook types as they are written.
    pub hooks: Vec<String>,
}

/// What is kept of a rendered instance: the facts that lists, matrix and search need. The documents are kept
/// compressed, because a fleet of thousands would not fit into memory as trees of values.
#[derive(Debug)]
pub struct Facts {
    /// How it went.
    pub status: RenderStatus,
    /// Its version (`contracts.md` §4).
    pub version: String,
    /// What it renders.
    pub resources: Vec<ResourceFact>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// How far it can be trusted.
    pub fidelity: Fidelity,
    /// What it read.
    pub reads: Reads,
    /// What it asked of the cluster.
    pub cluster: ClusterReads,
    packed: Vec<u8>,
}

impl Facts {
    /// Takes the facts out of a render.
    #[must_use]
    pub fn of(instance: &Instance, rendered: &Rendered) -> Self {
        let status = if rendered.is_failed() {
            RenderStatus::Failed
        } else if rendered.fidelity.level == FidelityLevel::Opaque {
            RenderStatus::Opaque
        } else {
            RenderStatus::Ok
        };
        let mut problems = rendered.problems.clone();
        for problem in &mut problems {
            problem.instance.get_or_insert_with(|| instance.id.clone());
        }
        Self {
            status,
            version: slipway_promote::version::version(&instance.id.application, &rendered.manifests, None),
            resources: rendered.manifests.iter().map(resource).collect(),
            problems,
            fidelity: rendered.fidelity.clone(),
            reads: rendered.reads.clone(),
            cluster: rendered.cluster.clone(),
            packed: pack(&rendered.manifests),
        }
    }

    /// The rendered objects.
    #[must_use]
    pub fn manifests(&self) -> Vec<Manifest> {
        unpack(&self.packed)
    }

    /// How many problems keep it from working, and how many do not.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.problems.iter().filter(|problem| problem.is_error()).count();
        (errors, self.problems.len() - errors)
    }
}

fn resource(manifest: &Manifest) -> ResourceFact {
    let wave = manifest.annotation("argocd.argoproj.io/sync-wave").and_then(|text| text.parse().ok());
    let hooks = ["argocd.argoproj.io/hook", "helm.sh/hook"]
        .iter()
        .filter_map(|name| manifest.annotation(name))
        .flat_map(|text| text.split(','))
        .map(|hook| hook.trim().to_owned())
        .filter(|hook| !hook.is_empty())
        .collect();
    ResourceFact {
        id: manifest.id.clone(),
        api_version: manifest.api_version().to_owned(),
        file: manifest.origin.file.to_string(),
        line: manifest.origin.line,
        wave,
        hooks,
    }
}

/// JSON is quick to write and read; level 1 of zstd makes a tenth of it at hundreds of megabytes per second.
fn pack(manifests: &[Manifest]) -> Vec<u8> {
    if manifests.is_empty() {
        return Vec::new();
    }
    let json = serde_json::to_vec(manifests).expect("manifests have string keys and finite numbers");
    zstd::bulk::compress(&json, 1).expect("compressing memory into memory cannot fail")
}

fn unpack(packed: &[u8]) -> Vec<Manifest> {
    if packed.is_empty() {
        return Vec::new();
    }
    let json = zstd::stream::decode_all(packed).expect("the bytes were packed by this program");
    serde_json::from_slice(&json).expect("the bytes were packed by this program")
}
