//! Where a field of a rendered resource comes from.

use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_helm::{FieldOrigin, FieldSource};
use slipway_model::{FieldPath, Location, Manifest, Problem, Tree};
use slipway_render::engines::flux::FluxField;
use slipway_render::engines::kustomize::{FieldStep, StepPlaces};
use slipway_render::engines::{FluxEngine, HelmEngine, KustomizeEngine};
use slipway_render::{
    EngineKind, OverlayPlace, RenderInputs, Source, kustomize_options, render_source, written_at,
};

use super::instance::instance_id;
use super::source::{Places, inputs_of, tree_of};
use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::secrets::mask_key;

impl Api {
    pub(crate) async fn field_origin(
        &self,
        request: FieldOriginRequest,
    ) -> Result<FieldOriginInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let id = instance_id(&request.instance)?;
        blocking(move || {
            let instance = fleet.instance(&id)?;
            let rendered = opened.workspace.render(&fleet.tree, instance, &fleet.clusters);
            if let Some(problem) = rendered.problems.iter().find(|problem| problem.is_error()) {
                return Err(error("render-failed", problem.to_string()));
            }
            let wanted = request.resource.as_ref().map(convert::resource_id);
            let shown: Vec<&Manifest> = rendered
                .manifests
                .iter()
                .filter(|manifest| wanted.as_ref().is_none_or(|wanted| manifest.id == *wanted))
                .collect();
            let (manifest, field) = field_at(&shown, &request.field)?;
            let tree = tree_of(&opened, &fleet, instance)?;
            let inputs = inputs_of(instance, &fleet.clusters);
            let source = source_of(&opened, &tree, instance, &inputs, manifest);
            let origin = Origin { tree: &tree, instance, inputs: &inputs, source, manifest, field: &field };
            origin.info().map_err(|problem| error("render-failed", problem.to_string()))
        })
        .await
    }
}

/// The manifest and the field that a request names.
fn field_at<'a>(shown: &[&'a Manifest], field: &FieldAt) -> Result<(&'a Manifest, FieldPath), ApiError> {
    let none = || error("unknown-field", "there is no such field in what is rendered");
    match field {
        FieldAt::Path { path } => {
            let path: FieldPath = path.parse().map_err(|failure: slipway_model::FieldPathError| {
                error("bad-request", failure.to_string())
            })?;
            let manifest = shown.first().ok_or_else(none)?;
            path.get(&manifest.object).ok_or_else(none)?;
            Ok((manifest, path))
        }
        FieldAt::Line { line } => {
            let masked: Vec<_> =
                shown.iter().map(|manifest| slipway_diff::mask(&manifest.object, mask_key())).collect();
            let parsed = slipway_yaml::Parsed::new(slipway_yaml::emit_stream(&masked))
                .map_err(|failure| crate::error::internal(&failure))?;
            let (document, path) = parsed.path_at_line(*line).ok_or_else(none)?;
            Ok((shown.get(document).ok_or_else(none)?, path))
        }
    }
}

/// The source that a manifest comes from: of several that render it the last, whose object is kept.
fn source_of<'a>(
    opened: &Opened,
    tree: &Arc<dyn Tree>,
    instance: &'a Instance,
    inputs: &RenderInputs,
    manifest: &Manifest,
) -> Option<&'a Source> {
    if let [only] = &instance.sources[..] {
        return Some(only);
    }
    let engines = opened.workspace.engines();
    instance.sources.iter().rev().find(|source| {
        let rendered = render_source(engines, tree, source, inputs);
        rendered.manifests.iter().any(|each| each.id == manifest.id && each.origin == manifest.origin)
    })
}

/// Names in backticks.
fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The question, ready to be answered.
struct Origin<'a> {
    tree: &'a Arc<dyn Tree>,
    instance: &'a Instance,
    inputs: &'a RenderInputs,
    source: Option<&'a Source>,
    manifest: &'a Manifest,
    field: &'a FieldPath,
}

impl Origin<'_> {
    fn info(&self) -> Result<FieldOriginInfo, Box<Problem>> {
        let Some(source) = self.source else { return Ok(self.file()) };
        let (id, field) = (&self.manifest.id, self.field);
        let found = match source.engine {
            EngineKind::Helm => HelmEngine::default()
                .field_origin(self.tree, source, self.inputs, (id, &self.manifest.origin), field)?
                .map(|origin| self.of_chart(origin)),
            EngineKind::Kustomize => KustomizeEngine::default()
                .field_origin(self.tree, source, self.options(source), (id, field))?
                .map(|step| self.of_kustomization(&step)),
            EngineKind::Flux => FluxEngine::default()
                .field_origin(self.tree, source, self.inputs, (id, &self.manifest.origin), field)?
                .map(|found| match found {
                    FluxField::Built(step) => self.of_kustomization(&step),
                    FluxField::Chart { origin, given } => self.of_release(origin, given),
                }),
            EngineKind::Plain => Some(self.answer(
                OriginKind::Written,
                "It is written in the manifest.".to_owned(),
                &[("Manifest", written_at(self.tree, &self.manifest.origin, field))],
            )),
            _ => None,
        };
        Ok(found.unwrap_or_else(|| self.file()))
    }

    fn of_chart(&self, origin: FieldOrigin) -> FieldOriginInfo {
        let FieldOrigin { template, source } = origin;
        let template = ("Template", template);
        match source {
            FieldSource::Literal => {
                self.answer(OriginKind::Template, "It is written in the template.".to_owned(), &[template])
            }
            FieldSource::Computed => {
                self.answer(OriginKind::Computed, "The template computes it.".to_owned(), &[template])
            }
            FieldSource::Value { key, location, assignment } => {
                // The value of an assignment may be a secret; its flag says enough beside the key.
                let flag = assignment.as_deref().and_then(|text| text.split(' ').next());
                let summary = match flag {
                    Some(flag) => format!("It is `{key}`, which a parameter (`{flag}`) sets."),
                    None if location.is_none() => format!("It is `{key}`."),
                    None => format!("It is the value `{key}`."),
                };
                let declared = self.instance.declared_in.as_ref().map(Location::file);
                let is_outside =
                    flag.is_some() || location.as_ref().is_some_and(|at| !self.places().of(at).opens);
                let declared = declared.filter(|_| is_outside).map(|place| ("Declaration", place));
                let value = location.map(|place| ("Value", place));
                let all: Vec<_> = value.into_iter().chain(declared).chain([template]).collect();
                self.answer(OriginKind::Value, summary, &all)
            }
        }
    }

    /// A field of the chart of a HelmRelease, whose values are merged before the chart sees them.
    fn of_release(&self, origin: FieldOrigin, given: Option<Location>) -> FieldOriginInfo {
        let source = match origin.source {
            FieldSource::Value { key, location, assignment } => {
                let location = given.or_else(|| location.filter(|at| self.places().of(at).opens));
                FieldSource::Value { key, location, assignment }
            }
            other => other,
        };
        self.of_chart(FieldOrigin { source, ..origin })
    }

    fn of_kustomization(&self, found: &FieldStep) -> FieldOriginInfo {
        let base = ("Base", found.base.clone());
        let Some(step) = &found.step else {
            return self.answer(OriginKind::Written, "It is as the base has it.".to_owned(), &[base]);
        };
        let StepPlaces { name, place, source, entry, variables } = step;
        let summary = match &variables[..] {
            [] => format!("`{name}` set it."),
            names => format!("`{name}` set it from {}.", listed(names)),
        };
        let source = source.clone().map(|source| ("Source", source));
        let all = [("Step", place.clone())].into_iter().chain(source).chain([("Entry", entry.clone()), base]);
        let mut places: Vec<(&str, Location)> = Vec::new();
        for (role, place) in all {
            // An entry is told where the step is written in another file; a generated object begins with its step.
            let is_told =
                places.iter().any(|(_, told)| *told == place || role == "Entry" && told.file == place.file);
            if !is_told {
                places.push((role, place));
            }
        }
        self.answer(OriginKind::Step, summary, &places)
    }

    /// Where the options that are laid over a kustomization are written.
    fn options(&self, source: &Source) -> Option<OverlayPlace> {
        kustomize_options(self.tree, self.instance.declared_in.as_ref()?, source)
    }

    fn file(&self) -> FieldOriginInfo {
        let origin = &self.manifest.origin;
        let place = match origin.line {
            Some(line) => Location::at(&origin.file, line, 1),
            None => Location::file(&origin.file),
        };
        self.answer(OriginKind::File, "It comes from this file.".to_owned(), &[("File", place)])
    }

    fn places(&self) -> Places<'_> {
        Places { tree: self.tree, on_disk: self.instance.branch.is_none() }
    }

    fn answer(&self, kind: OriginKind, summary: String, places: &[(&str, Location)]) -> FieldOriginInfo {
        let place = |(role, place): &(&str, Location)| OriginPlace {
            role: (*role).to_owned(),
            place: self.places().of(place),
        };
        FieldOriginInfo {
            resource: convert::resource(&self.manifest.id),
            path: self.field.to_string(),
            engine: self.source.map(|source| source.engine.to_string()).unwrap_or_default(),
            kind,
            summary,
            places: places.iter().map(place).collect(),
        }
    }
}
