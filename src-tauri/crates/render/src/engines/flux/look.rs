//! Looking into what Flux delivers: which line of which file set a field.

use serde_json::Value;
use slipway_helm::{FieldOrigin, FieldSource};
use slipway_kustomize::graph::Node;
use slipway_kustomize::trace::Text;
use slipway_kustomize::{Output, SUBSTITUTION, Substitution};
use slipway_model::{FieldPath, Location, Manifest, Origin, Problem, ResourceId, Segment, Tree, read_text};
use slipway_yaml::Parsed;

use super::data::{Entries, entries};
use super::objects::{Objects, find};
use super::release::{is_post_rendered_never, is_release, post_renderers, prepare};
use super::values::{self, segments};
use super::{FluxEngine, Noted, substitution};
use crate::declared::{Declaration, is_of};
use crate::engine::{Engine, RenderInputs};
use crate::engines::kustomize::{FieldStep, StepPlaces};
use crate::engines::post_render::post_render_traced;
use crate::flux_parameters::FluxParameters;
use crate::source::Source;
use crate::written::inside;

/// The group of HelmReleases.
const HELM_GROUP: &str = "helm.toolkit.fluxcd.io";

/// Where a field of an object that Flux delivers comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum FluxField {
    /// A kustomization, or the Flux object itself.
    Built(FieldStep),
    /// The chart of a release.
    Chart {
        /// The template and the value.
        origin: FieldOrigin,
        /// Where the release has the value from: a line of it, or of a ConfigMap or Secret.
        given: Option<Location>,
    },
}

/// What takes part in a look.
struct Look<'a> {
    engine: &'a FluxEngine,
    tree: &'a dyn Tree,
    source: &'a Source,
    flux: &'a FluxParameters,
    inputs: &'a RenderInputs,
}

impl FluxEngine {
    /// The directories that take part in what a Kustomization delivers; the first is that of the source.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn graph(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
    ) -> Result<Vec<Node>, Box<Problem>> {
        let none = FluxParameters::default();
        let flux = source.parameters.flux.as_deref().unwrap_or(&none);
        let look = Look { engine: self, tree, source, flux, inputs };
        Ok(look.delivered()?.graph)
    }

    /// The Helm source that the release of a source is rendered as, with each thing that gives it values apart; `None`
    /// where it names none, or where the chart is not here. It is for looking at: the values are merged before the chart
    /// sees them.
    #[must_use]
    pub fn release_layers(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Option<Source> {
        let flux = source.parameters.flux.as_deref()?;
        let all = self.delivered_alone(tree, source, inputs, 0).manifests;
        let own = own_release(flux, &all)?;
        let mut layers = prepare(self, tree, flux, inputs, (&all, own)).ok()?.source;
        let namespace = if own.id.namespace.is_empty() { &flux.namespace } else { &own.id.namespace };
        let objects = Objects::new(self, tree, inputs, &flux.beside, 0).with_own(&all);
        let values = own.object.pointer("/spec/values").filter(|values| values.is_object());
        layers.parameters.inline_values = values.map(slipway_yaml::emit);
        for given in values::given(&own.object, namespace, &own.origin.file, &objects) {
            match given.target {
                Some(target) => layers.parameters.set_string.push(format!("{target}={}", given.text)),
                None => layers.parameters.named_values.push((given.name, given.text)),
            }
        }
        Some(layers)
    }

    /// Says where a field of a rendered manifest comes from; `origin` is that of the manifest. Everything is built for
    /// it.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn field_origin(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
        (id, origin): (&ResourceId, &Origin),
        field: &FieldPath,
    ) -> Result<Option<FluxField>, Box<Problem>> {
        let none = FluxParameters::default();
        let flux = source.parameters.flux.as_deref().unwrap_or(&none);
        let look = Look { engine: self, tree, source, flux, inputs };
        let output = look.delivered()?;
        let is_delivered = output
            .objects
            .iter()
            .any(|each| each.source.file == origin.file && inside(&each.object, id, field).is_some());
        if is_delivered {
            return Ok(look.built(&output, id, field)?.map(FluxField::Built));
        }
        look.of_release(id, origin, field)
    }
}

/// The release that a source names, among what is delivered.
fn own_release<'a>(flux: &FluxParameters, manifests: &'a [Manifest]) -> Option<&'a Manifest> {
    let name = flux.release.as_ref()?;
    manifests.iter().find(|each| is_release(each) && name.is(&each.id.namespace, &each.id.name))
}

impl Look<'_> {
    /// What the Kustomization delivers, with what each step changed.
    fn delivered(&self) -> Result<Output, Box<Problem>> {
        let objects = Objects::new(self.engine, self.tree, self.inputs, &self.flux.beside, 0);
        let variables = substitution(self.source, self.flux, &objects, &mut Noted::default())?;
        self.traced(self.source, variables)
    }

    fn traced(&self, source: &Source, variables: Substitution) -> Result<Output, Box<Problem>> {
        let spec = FieldPath::root().key("spec");
        let declared =
            self.declaration(source).map(|it| it.options(&spec, &[("targetNamespace", "namespace")]));
        let written = declared.into_iter().collect();
        let built = self.engine.kustomize.deliver(self.tree, source, variables, Some(written))?;
        built.map_err(|failure| Box::new(failure.to_problem()))
    }

    /// The Kustomization of a source.
    fn declaration(&self, source: &Source) -> Option<Declaration> {
        let file = source.parameters.flux.as_deref()?.declared_in.as_ref()?;
        Declaration::flux(self.tree, file, &source.path)
    }

    /// The step of the delivery that set a field.
    fn built(
        &self,
        output: &Output,
        id: &ResourceId,
        field: &FieldPath,
    ) -> Result<Option<FieldStep>, Box<Problem>> {
        let declaration = self.declaration(self.source);
        let step = self.engine.kustomize.step_of(self.tree, output, id, field)?;
        let Some(mut step) = step else { return Ok(None) };
        if let Some(place) = declaration.as_ref().and_then(|it| common_metadata(it, field)) {
            let name = "commonMetadata".to_owned();
            let entry = place.clone();
            step.step = Some(StepPlaces { name, place, source: None, entry, variables: Vec::new() });
        }
        if let Some(places) = step.step.as_mut().filter(|places| places.name == SUBSTITUTION) {
            "postBuild".clone_into(&mut places.name);
            let spec = FieldPath::root().key("spec").key("postBuild");
            if let Some(declaration) = &declaration {
                places.entry = declaration.nearest(&spec);
                places.place.clone_from(&places.entry);
            }
            // The first that has a value decides; others are named beside it.
            let variable = |name: &String| self.variable(declaration.as_ref(), name);
            if let Some(place) = places.variables.iter().find_map(variable) {
                places.place = place;
            }
        }
        Ok(Some(step))
    }

    /// Where a variable has its value: in the Kustomization itself, else in the last ConfigMap or Secret that has it.
    fn variable(&self, declaration: Option<&Declaration>, name: &str) -> Option<Location> {
        if self.source.parameters.substitute.contains_key(name) {
            let field = FieldPath::root().key("spec").key("postBuild").key("substitute").key(name);
            return declaration?.at(&field);
        }
        let objects = Objects::new(self.engine, self.tree, self.inputs, &self.flux.beside, 0);
        self.flux.substitute_from.iter().rev().find_map(|from| {
            let found = super::Lookup::find(&objects, &from.kind, &self.flux.namespace, &from.name)?;
            let Entries::Plain(entries) = entries(&found.object) else { return None };
            entries
                .contains_key(name)
                .then(|| self.entry(&from.kind, &self.flux.namespace, &from.name, name))?
        })
    }

    /// Where an entry of a ConfigMap or Secret is written: the field of the object, the literal or the file that it is
    /// generated from.
    fn entry(&self, kind: &str, namespace: &str, name: &str, key: &str) -> Option<Location> {
        std::iter::once(self.source).chain(&self.flux.beside).find_map(|source| {
            let output = self.traced(source, Substitution::default()).ok()?;
            let found = find(&output.manifests(), kind, namespace, name)?;
            let fields =
                ["stringData", "data", "binaryData"].map(|field| FieldPath::root().key(field).key(key));
            let field = fields.into_iter().find(|field| field.get(&found.object).is_some())?;
            let step =
                self.engine.kustomize.step_of(self.tree, &output, &ResourceId::of(&found.object), &field);
            let FieldStep { step, base } = step.ok()??;
            Some(step.map_or(base, |step| step.place))
        })
    }

    /// Where a field of the release's chart comes from: a post-renderer, common metadata, or the chart.
    fn of_release(
        &self,
        id: &ResourceId,
        origin: &Origin,
        field: &FieldPath,
    ) -> Result<Option<FluxField>, Box<Problem>> {
        let all = self.engine.delivered_alone(self.tree, self.source, self.inputs, 0).manifests;
        let Some(own) = own_release(self.flux, &all) else { return Ok(None) };
        let Ok(prepared) = prepare(self.engine, self.tree, self.flux, self.inputs, (&all, own)) else {
            return Ok(None);
        };
        let declaration = Declaration::find(self.tree, &own.origin.file, |value| {
            is_of(value, "HelmRelease", HELM_GROUP)
                && value.pointer("/metadata/name").and_then(Value::as_str) == Some(&own.id.name)
        });
        let tree = prepared.tree(self.tree);
        let rendered = self.engine.helm.render(&tree, &prepared.source, self.inputs);
        let mut field = field.clone();
        let is_changed = !rendered
            .manifests
            .iter()
            .any(|each| each.id == *id && each.origin == *origin && is_post_rendered_never(each));
        if is_changed && let Some(declaration) = &declaration {
            if let Some(place) = common_metadata(declaration, &field) {
                let entry = place.clone();
                let name = "commonMetadata".to_owned();
                let step = StepPlaces { name, place, source: None, entry, variables: Vec::new() };
                let base = Location::file(&origin.file);
                return Ok(Some(FluxField::Built(FieldStep { step: Some(step), base })));
            }
            match self.post_rendered(declaration, own, rendered.manifests, (id, origin), field)? {
                (Some(step), _) => return Ok(Some(FluxField::Built(step))),
                (None, before) => field = before,
            }
        }
        let found =
            self.engine.helm.field_origin(&tree, &prepared.source, self.inputs, (id, origin), &field)?;
        Ok(found.map(|origin| {
            let given = self.given(declaration.as_ref(), own, &prepared.source, &origin);
            FluxField::Chart { origin, given }
        }))
    }

    /// The post-renderer that set a field last; where none did, the field as the chart has it.
    fn post_rendered(
        &self,
        declaration: &Declaration,
        own: &Manifest,
        manifests: Vec<Manifest>,
        (id, origin): (&ResourceId, &Origin),
        mut field: FieldPath,
    ) -> Result<(Option<FieldStep>, FieldPath), Box<Problem>> {
        let mut manifests: Vec<Manifest> =
            manifests.into_iter().filter(|each| !is_post_rendered_never(each)).collect();
        let mut outputs = Vec::new();
        for (index, renderer) in post_renderers(&own.object).iter().enumerate() {
            let Some(options) = renderer.get("kustomize").filter(|_| !manifests.is_empty()) else { continue };
            let below = FieldPath::root().key("spec").key("postRenderers").index(index).key("kustomize");
            let written = declaration.options(&below, &[]);
            let traced = post_render_traced(&manifests, options, written);
            let (changed, output) = traced.map_err(|failure| Box::new(failure.to_problem()))?;
            outputs.push(output);
            manifests = changed;
        }
        for output in outputs.iter().rev() {
            let found = output.objects.iter().find(|each| ResourceId::of(&each.object) == *id);
            let Some(found) = found else { continue };
            let history = slipway_kustomize::trace::find(&found.changes, &field);
            if history.change.is_some() {
                let step = self.engine.kustomize.step_of(self.tree, output, id, &field)?;
                let base = Location::file(&origin.file);
                return Ok((step.map(|step| FieldStep { base, ..step }), field));
            }
            field = history.base;
        }
        Ok((None, field))
    }

    /// Where a release has the value from that a template prints: its own `values`, else the last of `valuesFrom` that has
    /// it.
    fn given(
        &self,
        declaration: Option<&Declaration>,
        own: &Manifest,
        source: &Source,
        origin: &FieldOrigin,
    ) -> Option<Location> {
        let FieldSource::Value { location: Some(location), .. } = &origin.source else { return None };
        let inline = source.parameters.inline_values.as_deref()?;
        if location.file != INLINE {
            return None;
        }
        let (_, key) = Parsed::new(inline).ok()?.path_at_line(location.line?)?;
        let spec = FieldPath::root().key("spec");
        let below =
            |top: FieldPath| key.segments().iter().fold(top, |path, segment| path.with(segment.clone()));
        if let Some(place) = declaration.and_then(|it| it.at(&below(spec.key("values")))) {
            return Some(place);
        }
        let references = own.object.pointer("/spec/valuesFrom").and_then(Value::as_array)?;
        references.iter().enumerate().rev().find_map(|(index, from)| {
            let text = |name: &str| from.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            if let Some(target) = text("targetPath") {
                let target = segments(target);
                let same = |(segment, written): (&Segment, &String)| matches!(segment, Segment::Key(key) if key == written);
                let is_target =
                    target.len() <= key.segments().len() && key.segments().iter().zip(&target).all(same);
                let place = || declaration?.at(&spec.key("valuesFrom").index(index));
                return is_target.then(place).flatten();
            }
            let namespace = if own.id.namespace.is_empty() { &self.flux.namespace } else { &own.id.namespace };
            let (kind, name) = (text("kind")?, text("name")?);
            self.value_in(kind, namespace, name, (text("valuesKey").unwrap_or("values.yaml"), &key))
        })
    }

    /// Where a value is in the values that an entry of a ConfigMap or Secret holds.
    fn value_in(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        (entry, value): (&str, &FieldPath),
    ) -> Option<Location> {
        let all = self.engine.delivered_alone(self.tree, self.source, self.inputs, 0).manifests;
        let objects = Objects::new(self.engine, self.tree, self.inputs, &self.flux.beside, 0).with_own(&all);
        let found = super::Lookup::find(&objects, kind, namespace, name)?;
        let Entries::Plain(entries) = entries(&found.object) else { return None };
        let text = entries.get(entry)?;
        value.get(&slipway_yaml::decode(text).ok()?)?;
        let place = self.entry(kind, namespace, name, entry)?;
        let file = slipway_model::RepoPath::new(&place.file).ok()?;
        let content = read_text(self.tree, &file).ok().flatten()?;
        let inside = if content == *text {
            Text::of_file(&file, content.as_bytes(), None)?.find(value)
        } else {
            let whole = Text::of_file(&file, content.as_bytes(), place.line)?;
            let mut fields =
                ["data", "stringData"].iter().map(|field| FieldPath::root().key(*field).key(entry));
            fields.find_map(|field| whole.inside(&field, text, None)?.find(value))
        };
        Some(inside.unwrap_or(place))
    }
}

/// The name that the Helm engine gives values without a file.
const INLINE: &str = "inline values";

/// Where a label or annotation is written that `commonMetadata` of an object sets.
fn common_metadata(declaration: &Declaration, field: &FieldPath) -> Option<Location> {
    let segments = field.segments();
    let common = FieldPath::root().key("spec").key("commonMetadata");
    let is_metadata = ["labels", "annotations"]
        .iter()
        .any(|map| field.starts_with(&FieldPath::root().key("metadata").key(*map)));
    if !is_metadata || segments.len() != 3 {
        return None;
    }
    declaration.at(&segments[1..].iter().fold(common, |path, segment| path.with(segment.clone())))
}
