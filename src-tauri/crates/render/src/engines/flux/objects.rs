//! Objects by kind, namespace and name, in what Kustomizations deliver.

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Manifest, Origin, Tree};

use super::{FluxEngine, MAXIMUM_DEPTH};
use crate::engine::RenderInputs;
use crate::source::Source;

/// An object and where it comes from.
#[derive(Clone, Debug)]
pub struct Found {
    /// The object.
    pub object: Arc<Value>,
    /// Where it is written.
    pub origin: Origin,
}

/// Finds objects that are delivered.
pub trait Lookup {
    /// The object of a kind, whatever its version.
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found>;
}

impl<F: Fn(&str, &str, &str) -> Option<Found>> Lookup for F {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found> {
        self(kind, namespace, name)
    }
}

/// The object of a kind, whatever its version. One of this namespace is preferred; one that names no namespace may be in
/// any.
#[must_use]
pub fn find(manifests: &[Manifest], kind: &str, namespace: &str, name: &str) -> Option<Found> {
    let mut named = manifests.iter().filter(|each| each.id.kind == kind && each.id.name == name);
    let found = named
        .clone()
        .find(|each| each.id.namespace == namespace)
        .or_else(|| named.find(|each| each.id.namespace.is_empty() || namespace.is_empty()))?;
    Some(Found { object: Arc::clone(&found.object), origin: found.origin.clone() })
}

/// What Kustomizations deliver, each built when something is first looked for in it.
pub(super) struct Objects<'a> {
    engine: &'a FluxEngine,
    tree: &'a dyn Tree,
    inputs: &'a RenderInputs,
    own: &'a [Manifest],
    beside: &'a [Source],
    built: Vec<OnceCell<Vec<Manifest>>>,
    depth: usize,
}

impl<'a> Objects<'a> {
    pub(super) fn new(
        engine: &'a FluxEngine,
        tree: &'a dyn Tree,
        inputs: &'a RenderInputs,
        beside: &'a [Source],
        depth: usize,
    ) -> Self {
        let built = beside.iter().map(|_| OnceCell::new()).collect();
        Self { engine, tree, inputs, own: &[], beside, built, depth }
    }

    /// Looks among these first.
    pub(super) fn with_own(mut self, own: &'a [Manifest]) -> Self {
        self.own = own;
        self
    }
}

impl Lookup for Objects<'_> {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found> {
        if let Some(found) = find(self.own, kind, namespace, name) {
            return Some(found);
        }
        self.beside.iter().zip(&self.built).find_map(|(source, built)| {
            if self.depth >= MAXIMUM_DEPTH {
                return None;
            }
            let manifests = built.get_or_init(|| {
                // What is wrong with it is told where it is an instance of its own.
                self.engine.delivered_alone(self.tree, source, self.inputs, self.depth + 1).manifests
            });
            find(manifests, kind, namespace, name)
        })
    }
}
