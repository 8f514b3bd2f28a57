//! Looking into a kustomization: the chain from base to overlay, and which step set a field.

use std::sync::Arc;

use slipway_kustomize::Output;
use slipway_kustomize::graph::Node;
use slipway_kustomize::trace::Step;
use slipway_model::{FieldPath, Location, Origin, Problem, ResourceId, Tree};

use super::KustomizeEngine;
use crate::source::Source;
use crate::written::{inside, written_at};

/// Where a field of a built object comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldStep {
    /// The last step that set the field, or something that holds it; absent where it is as the base has it.
    pub step: Option<Arc<Step>>,
    /// Where the object is written, or what generated it; where the file has the field, the field in it.
    pub base: Location,
}

impl KustomizeEngine {
    /// The directories that take part in a build; the first is that of the source.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn graph(&self, tree: &dyn Tree, source: &Source) -> Result<Vec<Node>, Box<Problem>> {
        self.output(tree, source, false).map(|output| output.graph)
    }

    /// Says where a field of a built object comes from. The kustomization is built for it.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn field_origin(
        &self,
        tree: &dyn Tree,
        source: &Source,
        id: &ResourceId,
        field: &FieldPath,
    ) -> Result<Option<FieldStep>, Box<Problem>> {
        let output = self.output(tree, source, true)?;
        let mut found =
            output.objects.iter().filter_map(|each| Some((each, inside(&each.object, id, field)?)));
        let Some((object, field)) = found.next() else { return Ok(None) };
        // Items of lists are named by position on both sides.
        let last = object.changes.iter().rev().find(|change| field.starts_with(&change.path));
        let at = &object.source;
        let origin = Origin { file: at.file.clone(), document: at.document, line: at.line };
        Ok(Some(FieldStep {
            step: last.map(|change| Arc::clone(&change.step)),
            base: written_at(tree, &origin, &field),
        }))
    }

    fn output(&self, tree: &dyn Tree, source: &Source, trace: bool) -> Result<Output, Box<Problem>> {
        self.built(tree, source, trace)?.map_err(|failure| Box::new(failure.to_problem()))
    }
}
