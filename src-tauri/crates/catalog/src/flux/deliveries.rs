//! What the Kustomizations of a cluster deliver, and which of them others refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use slipway_model::{Manifest, Origin, RepoPath, Tree};
use slipway_render::engines::FluxEngine;
use slipway_render::engines::flux::{Found, Lookup, find};
use slipway_render::{
    EngineKind, FluxParameters, ObjectName, Parameters, RenderInputs, Rendered, Source, SubstituteFrom,
    kustomize_fields,
};

use crate::index::ObjectKind;
use crate::kustomize::{Built, Object};

/// Deliveries that need others deeper than this are not looked into.
const MAXIMUM_DEPTH: usize = 3;

/// What one Kustomization delivers.
pub(super) struct Delivery {
    source: Source,
    manifests: Vec<Manifest>,
}

/// What the Kustomizations of a cluster deliver, in the order in which they are followed.
#[derive(Default)]
pub(super) struct Deliveries {
    all: Vec<Delivery>,
    /// GitRepositories that are this repository.
    repositories: Vec<ObjectName>,
}

impl Deliveries {
    /// Builds what a source delivers; it finds what it refers to in what is known so far. A Kustomization may name
    /// variables that it delivers itself: they are there once it was applied.
    pub(super) fn build(&self, engine: &FluxEngine, tree: &dyn Tree, source: &Source) -> Rendered {
        let inputs = RenderInputs::default();
        let rendered = engine.delivered(tree, source, &inputs, self);
        let (kinds, namespace) = variables(source);
        let delivers = |from: &&SubstituteFrom| {
            find(&rendered.manifests, &from.kind, namespace, &from.name).is_some()
                && self.find(&from.kind, namespace, &from.name).is_none()
        };
        if kinds.iter().any(|from| delivers(&from)) {
            return engine.delivered(tree, source, &inputs, &WithOwn { all: self, own: &rendered.manifests });
        }
        rendered
    }

    /// Adds what a source delivers; the result is its number.
    pub(super) fn add(&mut self, source: Source, manifests: Vec<Manifest>) -> usize {
        self.all.push(Delivery { source, manifests });
        self.all.len() - 1
    }

    /// Says that a GitRepository is this repository.
    pub(super) fn add_repository(&mut self, repository: ObjectName) {
        if !self.repositories.contains(&repository) {
            self.repositories.push(repository);
        }
    }

    /// The source of a delivery, or of one HelmRelease of it, with the deliveries that it refers to.
    pub(super) fn source(&self, number: usize, release: Option<&Value>) -> Option<Source> {
        self.complete(number, release, 0)
    }

    fn complete(&self, number: usize, release: Option<&Value>, depth: usize) -> Option<Source> {
        let delivery = self.all.get(number)?;
        let mut source = delivery.source.clone();
        let mut flux = source.parameters.flux.take().map(|flux| *flux).unwrap_or_default();
        let mut wanted: Vec<(String, String, String)> = flux
            .substitute_from
            .iter()
            .map(|from| (from.kind.clone(), flux.namespace.clone(), from.name.clone()))
            .collect();
        let mut looked_at_home = 0;
        if let Some(release) = release {
            flux.release = Some(name_of(release));
            flux.repositories.clone_from(&self.repositories);
            // Variables come from elsewhere; a release finds its objects beside it as well.
            looked_at_home = wanted.len();
            self.references(release, &mut wanted);
        }
        let mut numbers = Vec::new();
        for (position, (kind, namespace, name)) in wanted.iter().enumerate() {
            let holds = |delivery: &Delivery| find(&delivery.manifests, kind, namespace, name).is_some();
            if release.is_some() && position >= looked_at_home && holds(delivery) {
                continue;
            }
            let other = self.all.iter().enumerate().find(|(other, each)| *other != number && holds(each));
            let other = other.map(|(other, _)| other).or_else(|| holds(delivery).then_some(number));
            numbers.extend(other.filter(|other| !numbers.contains(other)));
        }
        if depth < MAXIMUM_DEPTH {
            let beside = |other: usize| {
                if other != number {
                    return self.complete(other, None, depth + 1);
                }
                let mut source = delivery.source.clone();
                source.parameters.flux.iter_mut().for_each(|flux| flux.substitute_from.clear());
                Some(source)
            };
            flux.beside = numbers.into_iter().filter_map(beside).collect();
        }
        source.parameters.flux = (flux != FluxParameters::default()).then(|| Box::new(flux));
        Some(source)
    }

    /// The objects that a release refers to: its chart's source and its values, as kind, namespace and name.
    fn references(&self, release: &Value, wanted: &mut Vec<(String, String, String)>) {
        let own = name_of(release);
        let spec = release.get("spec").unwrap_or(&Value::Null);
        let mut add = |reference: &Value, namespace: &str| {
            let text = |field: &str| reference.get(field).and_then(Value::as_str).unwrap_or_default();
            let namespace = Some(text("namespace")).filter(|text| !text.is_empty()).unwrap_or(namespace);
            let named = (text("kind").to_owned(), namespace.to_owned(), text("name").to_owned());
            wanted.push(named.clone());
            named
        };
        for pointer in ["/chart/spec/sourceRef", "/chartRef"] {
            let Some(reference) = spec.pointer(pointer) else { continue };
            let (kind, namespace, name) = add(reference, &own.namespace);
            let chart = self.find(&kind, &namespace, &name);
            if let Some(source) = chart.as_ref().and_then(|chart| chart.object.pointer("/spec/sourceRef")) {
                add(source, &namespace);
            }
        }
        for from in spec.get("valuesFrom").and_then(Value::as_array).into_iter().flatten() {
            // Values are taken from the namespace of the release alone.
            let text = |field: &str| from.get(field).cloned().unwrap_or_default();
            add(&json!({"kind": text("kind"), "name": text("name")}), &own.namespace);
        }
    }
}

impl Lookup for Deliveries {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found> {
        self.all.iter().find_map(|delivery| find(&delivery.manifests, kind, namespace, name))
    }
}

/// Deliveries, and one that is not yet among them.
struct WithOwn<'a> {
    all: &'a Deliveries,
    own: &'a [Manifest],
}

impl Lookup for WithOwn<'_> {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found> {
        self.all.find(kind, namespace, name).or_else(|| find(self.own, kind, namespace, name))
    }
}

/// Where a source takes variables from, and in which namespace.
fn variables(source: &Source) -> (&[SubstituteFrom], &str) {
    let flux = source.parameters.flux.as_deref();
    flux.map_or((&[], ""), |flux| (flux.substitute_from.as_slice(), flux.namespace.as_str()))
}

/// The source that a Kustomization is, beside what it refers to; without one, a directory that is read as it lies.
pub(super) fn source(
    kustomization: Option<&Value>,
    path: &RepoPath,
    has_directory: &dyn Fn(&RepoPath) -> bool,
) -> Source {
    let mut parameters = Parameters::default();
    if let Some(value) = kustomization {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let texts = |pointer: &str| -> BTreeMap<String, String> {
            let map = value.pointer(pointer).and_then(Value::as_object);
            map.into_iter().flatten().map(|(key, value)| (key.clone(), written(value))).collect()
        };
        let from = value.pointer("/spec/postBuild/substituteFrom").and_then(Value::as_array);
        let flux = FluxParameters {
            namespace: text("/metadata/namespace").to_owned(),
            substitute_from: from.into_iter().flatten().map(substitute_from).collect(),
            labels: texts("/spec/commonMetadata/labels"),
            annotations: texts("/spec/commonMetadata/annotations"),
            ..FluxParameters::default()
        };
        parameters.substitute = texts("/spec/postBuild/substitute");
        parameters.flux = Some(Box::new(flux));
        parameters.kustomization = options(value, path, has_directory);
    }
    Source { engine: EngineKind::Flux, path: path.clone(), values: Vec::new(), parameters }
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn substitute_from(value: &Value) -> SubstituteFrom {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    SubstituteFrom {
        kind: text("kind"),
        name: text("name"),
        optional: value.get("optional") == Some(&Value::Bool(true)),
    }
}

/// What the spec of a Flux Kustomization lays over the directory's own kustomization.
fn options(value: &Value, path: &RepoPath, has_directory: &dyn Fn(&RepoPath) -> bool) -> Option<String> {
    let spec = value.get("spec")?;
    let mut result = kustomize_fields(spec);
    for (field, own) in
        [("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix"), ("targetNamespace", "namespace")]
    {
        if let Some(value) = spec.get(field).filter(|value| !value.is_null()) {
            result.insert(own.to_owned(), value.clone());
        }
    }
    let ignores_missing = spec.get("ignoreMissingComponents") == Some(&Value::Bool(true));
    let is_there = |component: &&Value| {
        let path = component.as_str().and_then(|component| path.join(component).ok());
        !ignores_missing || path.is_some_and(|path| has_directory(&path))
    };
    let components = spec.get("components").and_then(Value::as_array).into_iter().flatten();
    let components: Vec<Value> = components.filter(is_there).cloned().collect();
    if !components.is_empty() {
        result.insert("components".to_owned(), Value::from(components));
    }
    (!result.is_empty()).then(|| slipway_yaml::emit(&Value::Object(result)))
}

/// Namespace and name of an object.
pub(super) fn name_of(object: &Value) -> ObjectName {
    let text = |field: &str| {
        let metadata = object.get("metadata").and_then(Value::as_object);
        metadata.and_then(|map: &Map<String, Value>| map.get(field)?.as_str()).unwrap_or_default().to_owned()
    };
    ObjectName { namespace: text("namespace"), name: text("name") }
}

/// What was built, as the walk sees it: declarations with their content, all others by kind.
pub(super) fn built_of(manifests: &[Manifest]) -> Built {
    let objects = manifests
        .iter()
        .filter_map(|manifest| {
            let kind = ObjectKind::of(&manifest.object)?;
            let value = kind.is_declaration().then(|| (*manifest.object).clone());
            Some(Object { file: manifest.origin.file.clone(), kind, value })
        })
        .collect();
    Built { objects, ..Built::default() }
}

/// What the walk saw where kustomize refuses a directory, as manifests: the declarations.
pub(super) fn manifests_of(built: &Built) -> Vec<Manifest> {
    let whole = |object: &Object| {
        let origin = Origin { file: object.file.clone(), document: 0, line: None };
        Some(Manifest::new(object.value.clone()?, origin))
    };
    built.objects.iter().filter_map(whole).collect()
}
