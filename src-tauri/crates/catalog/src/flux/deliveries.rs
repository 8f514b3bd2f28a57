//! What the Kustomizations of a cluster deliver, and which of them others refer to.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use slipway_model::{Manifest, RepoPath};
use slipway_render::engines::FluxEngine;
use slipway_render::engines::flux::{Found, Lookup, find};
use slipway_render::{
    EngineKind, FluxParameters, ObjectName, Parameters, RenderInputs, Source, SubstituteFrom, Substitution,
    Unset, kustomize_fields,
};

use crate::index::Index;
use crate::kustomize::{Built, Graph, Object};

/// Deliveries that need others deeper than this are not looked into.
const MAXIMUM_DEPTH: usize = 3;

/// The kinds that hold variables and values, with the field of a kustomization that generates them.
const DATA: [(&str, &str); 2] = [("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")];

/// What one Kustomization delivers.
struct Delivery {
    source: Source,
    /// Declarations with their content, all others by kind.
    built: Built,
    /// The ConfigMaps and Secrets in it by kind, found when one is asked for.
    data: OnceCell<Vec<(&'static str, ObjectName)>>,
    /// Everything, built when a ConfigMap or Secret of it is asked for.
    manifests: OnceCell<Vec<Manifest>>,
}

/// What the Kustomizations of a cluster deliver, in the order in which they are followed.
pub(super) struct Deliveries<'a> {
    index: &'a Index<'a>,
    graph: &'a Graph,
    engine: &'a FluxEngine,
    all: Vec<Delivery>,
    /// GitRepositories that are this repository.
    repositories: Vec<ObjectName>,
}

impl<'a> Deliveries<'a> {
    pub(super) fn new(index: &'a Index<'a>, graph: &'a Graph, engine: &'a FluxEngine) -> Self {
        Self { index, graph, engine, all: Vec::new(), repositories: Vec::new() }
    }

    /// Adds what a source delivers, before its variables are replaced; the result is its number.
    pub(super) fn add(&mut self, source: Source, built: Built) -> usize {
        self.all.push(Delivery { source, built, data: OnceCell::new(), manifests: OnceCell::new() });
        self.all.len() - 1
    }

    /// What was added, to be changed.
    pub(super) fn built(&mut self, number: usize) -> Option<&mut Built> {
        self.all.get_mut(number).map(|delivery| &mut delivery.built)
    }

    /// The variables of a delivery, found in what is known so far. A Kustomization may name variables that it delivers
    /// itself: they are there once it was applied.
    pub(super) fn variables(&self, number: usize) -> Substitution {
        let Some(delivery) = self.all.get(number) else { return Substitution::default() };
        // What is wrong with a ConfigMap is told where its variables are used; here they are not known.
        FluxEngine::variables(&delivery.source, self).unwrap_or_else(|_| Substitution {
            variables: delivery.source.parameters.substitute.clone(),
            unset: Unset::Keep,
        })
    }

    /// Says that a GitRepository is this repository.
    pub(super) fn add_repository(&mut self, repository: ObjectName) {
        if !self.repositories.contains(&repository) {
            self.repositories.push(repository);
        }
    }

    /// Whether a delivery holds an object, by a look at its files. Names that kustomizations change are not followed.
    fn holds(&self, delivery: &Delivery, kind: &str, namespace: &str, name: &str) -> bool {
        if DATA.iter().any(|(data, _)| *data == kind) {
            let data = delivery.data.get_or_init(|| self.data(delivery));
            return data.iter().any(|(own, named)| *own == kind && named.is(namespace, name));
        }
        delivery
            .built
            .objects
            .iter()
            .filter(|object| &*object.kind.kind == kind)
            .any(|object| object.value.as_ref().is_some_and(|value| name_of(value).is(namespace, name)))
    }

    /// The ConfigMaps and Secrets of a delivery: those in its files and those that its kustomizations generate.
    fn data(&self, delivery: &Delivery) -> Vec<(&'static str, ObjectName)> {
        let mut found = Vec::new();
        for (kind, generator) in DATA {
            let files: BTreeSet<&RepoPath> = delivery
                .built
                .objects
                .iter()
                .filter(|object| &*object.kind.kind == kind)
                .map(|object| &object.file)
                .collect();
            for file in files {
                let documents = self.index.documents(file);
                let own =
                    documents.iter().filter(|value| value.get("kind").and_then(Value::as_str) == Some(kind));
                found.extend(own.map(|value| (kind, name_of(value))));
            }
            let names = self.graph.generated(&delivery.source.path, generator);
            found.extend(names.map(|name| (kind, ObjectName { namespace: String::new(), name })));
        }
        found
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
            let holds = |delivery: &Delivery| self.holds(delivery, kind, namespace, name);
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
                Some(delivery.alone())
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
            let meant = ObjectName { namespace, name };
            let is_meant = |object: &&Object| {
                *object.kind.kind == *kind
                    && object.value.as_ref().is_some_and(|value| {
                        let own = name_of(value);
                        meant.is(&own.namespace, &own.name)
                    })
            };
            let chart = self.all.iter().flat_map(|delivery| &delivery.built.objects).find(is_meant);
            let source = chart.and_then(|chart| chart.value.as_ref()?.pointer("/spec/sourceRef"));
            if let Some(source) = source {
                add(source, &meant.namespace);
            }
        }
        for from in spec.get("valuesFrom").and_then(Value::as_array).into_iter().flatten() {
            // Values are taken from the namespace of the release alone.
            let text = |field: &str| from.get(field).cloned().unwrap_or_default();
            add(&json!({"kind": text("kind"), "name": text("name")}), &own.namespace);
        }
    }
}

impl Delivery {
    /// Its source, without variables from elsewhere.
    fn alone(&self) -> Source {
        let mut source = self.source.clone();
        source.parameters.flux.iter_mut().for_each(|flux| flux.substitute_from.clear());
        source
    }
}

impl Lookup for Deliveries<'_> {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Found> {
        self.all.iter().filter(|delivery| self.holds(delivery, kind, namespace, name)).find_map(|delivery| {
            let manifests = delivery.manifests.get_or_init(|| {
                let inputs = RenderInputs::default();
                let nothing = |_: &str, _: &str, _: &str| None;
                // What cannot be built is told where it is an instance.
                self.engine.delivered(self.index.tree, &delivery.alone(), &inputs, &nothing).manifests
            });
            find(manifests, kind, namespace, name)
        })
    }
}

/// The source that a Kustomization is, with the file that declares it, beside what it refers to; without one, a
/// directory that is read as it lies.
pub(super) fn source(
    kustomization: Option<(&Value, &RepoPath)>,
    path: &RepoPath,
    has_directory: &dyn Fn(&RepoPath) -> bool,
) -> Source {
    let mut parameters = Parameters::default();
    if let Some((value, file)) = kustomization {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let texts = |pointer: &str| -> BTreeMap<String, String> {
            let map = value.pointer(pointer).and_then(Value::as_object);
            map.into_iter().flatten().map(|(key, value)| (key.clone(), written(value))).collect()
        };
        let from = value.pointer("/spec/postBuild/substituteFrom").and_then(Value::as_array);
        let flux = FluxParameters {
            declared_in: Some(file.clone()),
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
