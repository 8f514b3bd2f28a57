//! The declarations that a kustomization gives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use slipway_model::{Location, Problem, RepoPath};

use super::graph::{Graph, Kustomization};
use super::{patches, replacements};
use crate::index::{Index, ObjectKind};

/// Kustomizations that build upon each other deeper than this are refused.
const MAXIMUM_DEPTH: usize = 32;

/// An object of a directory.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// The file it comes from.
    pub(crate) file: RepoPath,
    /// Its group and kind.
    pub(crate) kind: ObjectKind,
    /// Its content, where it is a declaration; other objects are only counted.
    pub(crate) value: Option<Value>,
}

impl Object {
    /// The text at a pointer of a declaration.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.value.as_ref()?.pointer(pointer)?.as_str()
    }

    /// The name of a declaration.
    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }
}

/// What a directory gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Built {
    /// Its objects.
    pub(crate) objects: Vec<Object>,
    /// Whether it also has objects that are not in the tree, or are generated.
    pub(crate) has_more: bool,
    /// What keeps kustomize from building it.
    pub(crate) problems: Vec<Problem>,
}

/// Builds directories, each once.
pub(crate) struct Builder<'a> {
    index: &'a Index<'a>,
    graph: &'a Graph,
    /// Held only to look up and to insert.
    built: Mutex<HashMap<RepoPath, Arc<Built>>>,
}

impl<'a> Builder<'a> {
    /// A builder of the directories of an index.
    pub(crate) fn new(index: &'a Index<'a>, graph: &'a Graph) -> Self {
        Self { index, graph, built: Mutex::default() }
    }

    /// What the kustomization of a directory gives; without one, the manifests directly in it.
    pub(crate) fn build(&self, directory: &RepoPath) -> Arc<Built> {
        self.build_at(directory, 0)
    }

    /// What Flux builds of a directory: its kustomization; without one, everything in and below it, where
    /// directories with a kustomization count as that.
    pub(crate) fn build_tree(&self, directory: &RepoPath) -> Built {
        let mut built = Built::default();
        self.add_tree(directory, &mut built, 0);
        built
    }

    fn add_tree(&self, directory: &RepoPath, built: &mut Built, depth: usize) {
        let Some(names) = self.index.directory(directory).filter(|_| depth < MAXIMUM_DEPTH) else { return };
        let own = if self.graph.get(directory).is_some() {
            self.build(directory)
        } else {
            for name in &names.directories {
                self.add_tree(&directory.child(name), built, depth + 1);
            }
            Arc::new(self.manifests(directory, false, |_| true))
        };
        built.objects.extend(own.objects.iter().cloned());
        built.problems.extend(own.problems.iter().cloned());
        built.has_more |= own.has_more;
    }

    fn build_at(&self, directory: &RepoPath, depth: usize) -> Arc<Built> {
        if let Some(built) = self.built.lock().unwrap_or_else(PoisonError::into_inner).get(directory) {
            return Arc::clone(built);
        }
        let built = match self.graph.get(directory) {
            Some(kustomization) if depth < MAXIMUM_DEPTH => {
                let mut built = Built::default();
                self.lay_over(&mut built, directory, kustomization, depth);
                built
            }
            Some(kustomization) => {
                let problem =
                    Problem::error("kustomize-cycle", "kustomizations build upon each other without end")
                        .at(Location::file(&kustomization.file));
                Built { problems: vec![problem], ..Built::default() }
            }
            None => self.manifests(directory, false, |_| true),
        };
        let built = Arc::new(built);
        self.built
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(directory.clone(), Arc::clone(&built));
        built
    }

    /// The manifests in a directory, and below it where `recurse`, whose path below it is wanted.
    pub(crate) fn manifests(
        &self,
        directory: &RepoPath,
        recurse: bool,
        wanted: impl Fn(&str) -> bool,
    ) -> Built {
        let mut built = Built::default();
        for (path, _) in self.index.below(directory).take_while(|(path, _)| recurse || *path == directory) {
            for (file, _) in self.index.manifests_in(path) {
                if wanted(&file.relative_to(directory)) {
                    self.add_file(&mut built, &file);
                }
            }
        }
        built
    }

    fn add_file(&self, built: &mut Built, file: &RepoPath) {
        let Some(facts) = self.index.facts(file) else { return };
        if !facts.declares() {
            let objects = facts.objects.iter().map(|kind| Object {
                file: file.clone(),
                kind: kind.clone(),
                value: None,
            });
            built.objects.extend(objects);
            return;
        }
        for value in self.index.documents(file).iter() {
            let items = match value.get("items").and_then(Value::as_array) {
                Some(items)
                    if value
                        .get("kind")
                        .and_then(Value::as_str)
                        .is_some_and(|kind| kind.ends_with("List")) =>
                {
                    items.as_slice()
                }
                _ => std::slice::from_ref(value),
            };
            for item in items {
                let Some(kind) = ObjectKind::of(item) else { continue };
                let value = kind.is_declaration().then(|| item.clone());
                built.objects.push(Object { file: file.clone(), kind, value });
            }
        }
    }

    fn lay_over(&self, built: &mut Built, directory: &RepoPath, kustomization: &Kustomization, depth: usize) {
        let value = &kustomization.value;
        for field in ["resources", "bases"] {
            for entry in entries(value, field) {
                match super::graph::local(directory, entry) {
                    Some(path) if self.index.directory(&path).is_some() => {
                        let below = self.build_at(&path, depth + 1);
                        built.objects.extend(below.objects.iter().cloned());
                        built.problems.extend(below.problems.iter().cloned());
                        built.has_more |= below.has_more;
                    }
                    Some(path) if self.index.has_file(&path) => self.add_file(built, &path),
                    Some(_) => {}
                    None => built.has_more = true,
                }
            }
        }
        for missing in &kustomization.missing {
            built.problems.push(
                Problem::error("missing-resource", format!("`{missing}` is listed and is not there"))
                    .hint("kustomize refuses the whole directory until the entry is removed or the file is added")
                    .at(Location::file(&kustomization.file)),
            );
        }
        for entry in entries(value, "components") {
            let Some(path) = super::graph::local(directory, entry) else { continue };
            if let Some(component) = self.graph.get(&path).filter(|_| depth < MAXIMUM_DEPTH) {
                self.lay_over(built, &path, component, depth + 1);
            }
        }
        built.has_more |= [
            "configMapGenerator",
            "secretGenerator",
            "helmCharts",
            "helmChartInflationGenerator",
            "generators",
        ]
        .iter()
        .any(|field| value.get(field).and_then(Value::as_array).is_some_and(|items| !items.is_empty()));
        patches::apply(self.index, directory, kustomization, built);
        transform(value, built);
        replacements::apply(self.index, value, built);
    }
}

fn entries<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Namespace, prefix, suffix and labels, on declarations.
fn transform(kustomization: &Value, built: &mut Built) {
    let text = |field: &str| kustomization.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (prefix, suffix) = (text("namePrefix").unwrap_or_default(), text("nameSuffix").unwrap_or_default());
    let mut labels = serde_json::Map::new();
    if let Some(common) = kustomization.get("commonLabels").and_then(Value::as_object) {
        labels.extend(common.clone());
    }
    for entry in kustomization.get("labels").and_then(Value::as_array).into_iter().flatten() {
        if let Some(pairs) = entry.get("pairs").and_then(Value::as_object) {
            labels.extend(pairs.clone());
        }
    }
    for object in &mut built.objects {
        let Some(Value::Object(value)) = &mut object.value else { continue };
        let metadata = value.entry("metadata").or_insert_with(|| json!({}));
        // What is no map is broken anyway, and stays as it is.
        let Value::Object(metadata) = metadata else { continue };
        if let Some(namespace) = text("namespace") {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        if !prefix.is_empty() || !suffix.is_empty() {
            let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default();
            let name = json!(format!("{prefix}{name}{suffix}"));
            metadata.insert("name".to_owned(), name);
        }
        if !labels.is_empty() {
            let own = metadata.entry("labels").or_insert_with(|| json!({}));
            if let Value::Object(own) = own {
                own.extend(labels.clone());
            }
        }
    }
}
