//! Renders that need not be made again.
//!
//! A render is kept under a key of everything it depends on but the tree: the versions of the engines, the
//! sources, the inputs. Under one key there may be several renders, of different trees; one is valid on a
//! tree that gives the same answers to everything it read, and with a cluster that does so to everything it asked.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use slipway_model::Tree;

use crate::engine::{RenderInputs, Rendered};
use crate::registry::{Engines, render_sources};
use crate::source::Source;

/// Bumped where the meaning of a stored render changes.
const FORMAT: u32 = 2;
/// How many renders are kept under one key: a tree and its overlays, the same files on two branches.
const MAX_PER_KEY: usize = 4;

/// Names everything that a render depends on but the tree: a SHA-256 in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RenderKey(String);

impl RenderKey {
    /// The key of rendering `sources` with `inputs`.
    #[must_use]
    pub fn of(engines: &Engines, sources: &[Source], inputs: &RenderInputs) -> Self {
        let versions: Vec<Option<String>> =
            sources.iter().map(|source| engines.get(source.engine).map(|engine| engine.version())).collect();
        // All maps in these types are sorted, so equal values give equal text.
        let text = serde_json::to_vec(&(FORMAT, versions, sources, inputs))
            .expect("sources and inputs hold texts, lists and maps with text keys only");
        let mut key = String::with_capacity(64);
        for byte in Sha256::digest(&text) {
            // Writing to a string cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        Self(key)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a store could not give or keep a render.
#[derive(Debug, thiserror::Error)]
#[error("the render cache cannot be used")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Keeps renders. Losing one costs time only.
pub trait RenderStore: Send + Sync {
    /// The renders under a key, in any order.
    ///
    /// # Errors
    /// When the store cannot be read; the caller renders again.
    fn get(&self, key: &RenderKey) -> Result<Vec<Arc<Rendered>>, StoreError>;

    /// Keeps a render under a key. The store may forget any other for it.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn put(&self, key: &RenderKey, rendered: &Arc<Rendered>) -> Result<(), StoreError>;
}

/// Where a render came from.
#[derive(Debug)]
pub enum CacheOutcome {
    /// It was kept and is still valid.
    Hit,
    /// It was made and is kept now.
    Stored,
    /// It was made and is not kept: it depends on passing circumstances, or holds what a cluster gave.
    Transient,
    /// It was made; the store failed.
    Failed(StoreError),
}

/// Renders `sources`, or takes a kept render that is valid on `tree`. For many instances of one tree pass a
/// [`crate::TreeAnswers`], so that what they have in common is checked once.
#[must_use]
pub fn render_cached(
    engines: &Engines,
    store: &dyn RenderStore,
    tree: &dyn Tree,
    sources: &[Source],
    inputs: &RenderInputs,
) -> (Arc<Rendered>, CacheOutcome) {
    let key = RenderKey::of(engines, sources, inputs);
    let (kept, mut failure) = match store.get(&key) {
        Ok(kept) => (kept, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    for rendered in kept {
        // A tree that cannot be read has changed; rendering says what is wrong.
        if rendered.cluster.hold_on(inputs.cluster.as_deref())
            && rendered.reads.hold_on(tree).unwrap_or(false)
        {
            return (rendered, CacheOutcome::Hit);
        }
    }
    let rendered = Arc::new(render_sources(engines, tree, sources, inputs));
    // A store may be a disk, where objects of a cluster have no business.
    if rendered.is_transient() || rendered.cluster.has_content() {
        return (rendered, CacheOutcome::Transient);
    }
    if failure.is_none() {
        failure = store.put(&key, &rendered).err();
    }
    (rendered, failure.map_or(CacheOutcome::Stored, CacheOutcome::Failed))
}

/// A store in memory, bounded by the number of manifests that it holds; the longest unused go first.
pub struct MemoryRenderStore {
    max_manifests: usize,
    /// Protects the whole content; held for look-ups only.
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    renders: HashMap<RenderKey, Kept>,
    /// When each key was last used, oldest first; a counter stands for time.
    uses: BTreeMap<u64, RenderKey>,
    counter: u64,
    manifests: usize,
}

struct Kept {
    used: u64,
    renders: Vec<Arc<Rendered>>,
}

impl MemoryRenderStore {
    /// A store of at most `max_manifests` manifests.
    #[must_use]
    pub fn new(max_manifests: usize) -> Self {
        Self { max_manifests, content: Mutex::default() }
    }
}

/// What a render weighs: an empty one weighs something too.
fn weight(rendered: &Rendered) -> usize {
    rendered.manifests.len() + 1
}

impl RenderStore for MemoryRenderStore {
    fn get(&self, key: &RenderKey) -> Result<Vec<Arc<Rendered>>, StoreError> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let Content { renders, uses, counter, .. } = &mut *content;
        let Some(kept) = renders.get_mut(key) else { return Ok(Vec::new()) };
        *counter += 1;
        uses.remove(&kept.used);
        kept.used = *counter;
        uses.insert(*counter, key.clone());
        Ok(kept.renders.clone())
    }

    fn put(&self, key: &RenderKey, rendered: &Arc<Rendered>) -> Result<(), StoreError> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let Content { renders, uses, counter, manifests } = &mut *content;
        *counter += 1;
        let kept = renders.entry(key.clone()).or_insert_with(|| Kept { used: *counter, renders: Vec::new() });
        uses.remove(&kept.used);
        kept.used = *counter;
        uses.insert(*counter, key.clone());
        kept.renders.insert(0, Arc::clone(rendered));
        *manifests += weight(rendered);
        while kept.renders.len() > MAX_PER_KEY {
            *manifests -= kept.renders.pop().map_or(0, |old| weight(&old));
        }
        while *manifests > self.max_manifests {
            let Some((_, oldest)) = uses.pop_first() else { break };
            if let Some(old) = renders.remove(&oldest) {
                *manifests -= old.renders.iter().map(|rendered| weight(rendered)).sum::<usize>();
            }
        }
        Ok(())
    }
}
