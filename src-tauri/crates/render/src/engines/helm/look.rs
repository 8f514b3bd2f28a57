//! Looking into a chart: what it is made of, and where a field of what it renders comes from.

use slipway_helm::{Description, Failure, FieldOrigin, ValuesSource};
use slipway_model::{FieldPath, Origin, Problem, ResourceId, Tree};

use super::{HelmEngine, options, problems};
use crate::engine::RenderInputs;
use crate::source::Source;
use crate::written::inside;

impl HelmEngine {
    /// Describes the chart of a source as it is rendered.
    ///
    /// # Errors
    /// Where there is no chart, or it cannot be read.
    pub fn describe(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
    ) -> Result<Description, Box<Problem>> {
        let described = self.charts.describe(tree, &source.path, &options(source, inputs));
        described.map_err(|failure| first(&failure, inputs))
    }

    /// The texts of the user's values of a source, the weakest first: name, whether it is a file of the tree, and YAML.
    /// Files that are not there are left out.
    #[must_use]
    pub fn values_texts(&self, tree: &dyn Tree, source: &Source) -> Vec<(String, bool, String)> {
        let given = options(source, &RenderInputs::default()).values;
        let text = |each| match each {
            ValuesSource::Text { name, text } => Some((name, false, text)),
            ValuesSource::File { path, .. } => {
                let text = slipway_model::read_text(tree, &path).ok().flatten()?;
                Some((path.to_string(), true, text))
            }
        };
        given.into_iter().filter_map(text).collect()
    }

    /// Says where a field of a rendered manifest comes from; `origin` is that of the manifest. The chart is rendered
    /// for it.
    ///
    /// # Errors
    /// Where the chart does not render.
    pub fn field_origin(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
        (id, origin): (&ResourceId, &Origin),
        field: &FieldPath,
    ) -> Result<Option<FieldOrigin>, Box<Problem>> {
        let options = options(source, inputs);
        let failed = |failure| first(&failure, inputs);
        let output = self.charts.render(tree, &source.path, &options).map_err(failed)?;
        let same_place =
            |file: &slipway_model::RepoPath, index| *file == origin.file && index == origin.document;
        let found = output
            .documents
            .iter()
            .filter(|document| same_place(&document.file, document.index))
            .find_map(|document| Some((document, inside(&document.object, id, field)?)));
        let Some((document, field)) = found else { return Ok(None) };
        let place = (document.template.as_str(), document.index);
        self.charts.origin(tree, &source.path, &options, place, &field).map_err(failed)
    }
}

/// The first of the problems; a look shows one.
fn first(failure: &Failure, inputs: &RenderInputs) -> Box<Problem> {
    Box::new(problems(failure, inputs).into_iter().next().unwrap_or_else(|| failure.problem()))
}
