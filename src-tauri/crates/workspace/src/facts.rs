//! What is kept of a rendered instance.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_model::{InstanceId, Manifest, Problem, Reads, ResourceId};
use slipway_render::{ClusterReads, Fidelity, FidelityLevel, Rendered};
use zstd::bulk::{Compressor, Decompressor};

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

/// What is kept of each rendered instance; shared by fleets that hold the same.
pub type FactsByInstance = Arc<BTreeMap<InstanceId, Arc<Facts>>>;

/// The instances that are rendered otherwise, or on one side only: told by address, without looking into them.
pub(crate) fn differing<'a>(
    before: &'a BTreeMap<InstanceId, Arc<Facts>>,
    after: &'a BTreeMap<InstanceId, Arc<Facts>>,
) -> Vec<&'a InstanceId> {
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    let mut found = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((old, _)), Some((new, _))) => old.cmp(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return found,
        };
        match order {
            Ordering::Less => found.extend(old.next().map(|(id, _)| id)),
            Ordering::Greater => found.extend(new.next().map(|(id, _)| id)),
            Ordering::Equal => {
                if let (Some((id, old)), Some((_, new))) = (old.next(), new.next())
                    && !Arc::ptr_eq(old, new)
                {
                    found.push(id);
                }
            }
        }
    }
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
    packed: Packed,
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
            packed: Packed::of(&rendered.manifests),
        }
    }

    /// The rendered objects.
    #[must_use]
    pub fn manifests(&self) -> Vec<Manifest> {
        self.packed.manifests()
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

thread_local! {
    /// What compresses takes longer to make than to use, so that each thread keeps its own.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Manifests as compressed JSON: JSON is quick to write and read; level 1 of zstd makes a tenth of it at hundreds of
/// megabytes per second.
#[derive(Debug, Default)]
struct Packed {
    bytes: Vec<u8>,
    /// How long the JSON is.
    length: usize,
}

impl Packed {
    fn of(manifests: &[Manifest]) -> Self {
        if manifests.is_empty() {
            return Self::default();
        }
        let json = serde_json::to_vec(manifests).expect("manifests have string keys and finite numbers");
        let bytes = PACKER.with_borrow_mut(|packer| {
            let packer = packer
                .get_or_insert_with(|| Compressor::new(1).expect("level 1 is one that every version has"));
            packer.compress(&json).expect("compressing memory into memory cannot fail")
        });
        Self { bytes, length: json.len() }
    }

    fn manifests(&self) -> Vec<Manifest> {
        if self.bytes.is_empty() {
            return Vec::new();
        }
        let json = UNPACKER.with_borrow_mut(|unpacker| {
            let unpacker =
                unpacker.get_or_insert_with(|| Decompressor::new().expect("no dictionary is wanted"));
            unpacker.decompress(&self.bytes, self.length).expect("the bytes were packed by this program")
        });
        serde_json::from_slice(&json).expect("the bytes were packed by this program")
    }
}
