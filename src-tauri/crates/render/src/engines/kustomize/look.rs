//! Looking into a kustomization: the chain from base to overlay, and which step set a field.

use slipway_helm::{FieldOrigin, FieldSource};
use slipway_kustomize::graph::Node;
use slipway_kustomize::trace::{FieldChange, find};
use slipway_kustomize::{Object, Output, OverlayPlace};
use slipway_model::{FieldPath, Location, Origin, Problem, ResourceId, Tree};

use super::KustomizeEngine;
use super::charts::Inflator;
use crate::source::Source;
use crate::written::{inside, written_at};

/// Where a field of a built object comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldStep {
    /// The last step that set the field, or something that holds it; absent where it is as the base has it.
    pub step: Option<StepPlaces>,
    /// Where the object is written, or what generated it; where the file has the field, the field in it.
    pub base: Location,
}

/// A step that set a field, and where that is written.
#[derive(Clone, Debug, PartialEq)]
pub struct StepPlaces {
    /// The transformer or generator.
    pub name: String,
    /// The line that decides: of the patch, the literal, the template, the entry.
    pub place: Location,
    /// Where the value is taken from, where that is written elsewhere: the source of a replacement, a value of a chart.
    pub source: Option<Location>,
    /// Where the kustomization asks for it.
    pub entry: Location,
    /// Variables that were replaced in it.
    pub variables: Vec<String>,
}

impl KustomizeEngine {
    /// The directories that take part in a build; the first is that of the source.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn graph(&self, tree: &dyn Tree, source: &Source) -> Result<Vec<Node>, Box<Problem>> {
        let output = self.built(tree, source, None)?.map_err(|failure| Box::new(failure.to_problem()))?;
        Ok(output.graph)
    }

    /// Says where a field of a built object comes from. The kustomization is built for it. `declared` tells where the
    /// options that are laid over it are written.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn field_origin(
        &self,
        tree: &dyn Tree,
        source: &Source,
        declared: Option<OverlayPlace>,
        (id, field): (&ResourceId, &FieldPath),
    ) -> Result<Option<FieldStep>, Box<Problem>> {
        let written: Vec<OverlayPlace> = declared.into_iter().collect();
        let built = self.built(tree, source, Some(written))?;
        let output = built.map_err(|failure| Box::new(failure.to_problem()))?;
        self.step_of(tree, &output, id, field)
    }

    /// The step of a traced build that set a field.
    pub(crate) fn step_of(
        &self,
        tree: &dyn Tree,
        output: &Output,
        id: &ResourceId,
        field: &FieldPath,
    ) -> Result<Option<FieldStep>, Box<Problem>> {
        let mut found =
            output.objects.iter().filter_map(|each| Some((each, inside(&each.object, id, field)?)));
        let Some((object, field)) = found.next() else { return Ok(None) };
        let history = find(&object.changes, &field);
        let base = written_at(tree, &origin_of(object), &history.base);
        let step = history.change.map(|change| self.places(tree, change)).transpose()?;
        Ok(Some(FieldStep { step, base }))
    }

    fn places(&self, tree: &dyn Tree, change: FieldChange) -> Result<StepPlaces, Box<Problem>> {
        let FieldChange { step, place, source, variables, field } = change;
        let entry = step.place.clone();
        let mut places = StepPlaces { name: step.name.clone(), place, source, entry, variables };
        if let Some(chart) = step.chart() {
            let inflator = Inflator { helm: &self.helm };
            let found = inflator.field_origin(tree, chart, &field);
            let found = found.map_err(|failure| Box::new(failure.to_problem()))?;
            match found {
                Some(FieldOrigin { template, source }) => {
                    places.place = template;
                    if let FieldSource::Value { location, .. } = source {
                        // Values of the kustomization are merged before the chart sees them.
                        places.source = location.filter(|at| at.line.is_some() && at.file.contains('/'));
                    }
                }
                None => places.place = Location::file(&chart.document.file),
            }
        }
        Ok(places)
    }
}

fn origin_of(object: &Object) -> Origin {
    let at = &object.source;
    Origin { file: at.file.clone(), document: at.document, line: at.line }
}
