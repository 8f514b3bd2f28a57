//! Follows Kustomizations from the clusters to what they deliver.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use slipway_model::{Location, Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use super::artifacts::Artifacts;
use super::roots::{Root, inside_root, is_kustomization, roots};
use super::substitute::substitute_all;
use crate::argocd::Repository;
use crate::catalog::{Destination, Skipped};
use crate::kustomize::{Builder, Built, Graph, Object, apply_patches};

/// Kustomizations that lead to each other deeper than this are not followed.
const MAXIMUM_DEPTH: usize = 24;

/// Something that a Kustomization delivers.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    /// The HelmRelease or the Kustomization.
    pub(crate) name: String,
    /// The cluster.
    pub(crate) environment: Option<String>,
    /// What is rendered.
    pub(crate) source: Source,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// The file of the Kustomization.
    pub(crate) declared_in: RepoPath,
    /// Which declaration it is, for reading.
    pub(crate) reason: String,
}

/// What following the clusters gave.
#[derive(Default)]
pub(crate) struct Walk {
    /// The applications.
    pub(crate) delivered: Vec<Delivered>,
    /// What is none, and why.
    pub(crate) skipped: Vec<Skipped>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// Directories that clusters read.
    pub(crate) directories: BTreeSet<RepoPath>,
}

/// Follows all clusters of a repository.
pub(crate) fn walk(repository: &Repository<'_>, graph: &Graph, builder: &Builder<'_>) -> Walk {
    let mut walk = Walk::default();
    let (clusters, others) = roots(repository.index, graph);
    for root in clusters {
        Cluster::new(repository, builder, &root, &mut walk).follow_root();
    }
    walk.skipped.extend(others.into_iter().map(|path| Skipped {
        path,
        reason: "holds Flux Kustomizations that no cluster leads to".to_owned(),
    }));
    walk
}

struct Cluster<'w, 'a> {
    repository: &'a Repository<'a>,
    builder: &'a Builder<'a>,
    root: &'w Root,
    walk: &'w mut Walk,
    artifacts: Artifacts,
    /// Addresses of the Git sources that are declared, by name.
    sources: BTreeMap<String, String>,
    followed: BTreeSet<(RepoPath, String)>,
    /// The file of the Kustomization that reads the root itself.
    sync: Option<Object>,
}

impl<'w, 'a> Cluster<'w, 'a> {
    fn new(
        repository: &'a Repository<'a>,
        builder: &'a Builder<'a>,
        root: &'w Root,
        walk: &'w mut Walk,
    ) -> Self {
        Self {
            repository,
            builder,
            root,
            walk,
            artifacts: Artifacts::default(),
            sources: BTreeMap::new(),
            followed: BTreeSet::new(),
            sync: None,
        }
    }

    fn follow_root(&mut self) {
        self.walk.directories.insert(self.root.directory.clone());
        let mut built = self.builder.build_tree(&self.root.directory);
        self.sync = built
            .objects
            .iter()
            .find(|object| {
                is_kustomization(&object.kind)
                    && object.text("/spec/path").and_then(inside_root).as_ref() == Some(&self.root.directory)
            })
            .cloned();
        if let Some(value) = self.sync.as_ref().and_then(|sync| sync.value.clone()) {
            self.change(&value, &mut built, &[]);
        }
        self.learn(&built);
        self.releases(&built, self.sync.clone().as_ref(), &self.root.directory.clone());
        self.follow(&built, 0);
    }

    /// Remembers the sources that objects declare.
    fn learn(&mut self, built: &Built) {
        let artifacts = Artifacts::new(&built.objects);
        self.artifacts.extend(artifacts);
        for object in &built.objects {
            if &*object.kind.kind == "GitRepository"
                && let Some(address) = object.text("/spec/url")
            {
                self.sources.insert(object.name().to_owned(), address.to_owned());
            }
        }
    }

    fn follow(&mut self, built: &Built, depth: usize) {
        for object in built.objects.iter().filter(|object| is_kustomization(&object.kind)) {
            self.kustomization(object, built, depth);
        }
    }

    fn kustomization(&mut self, object: &Object, siblings: &Built, depth: usize) {
        let Some(value) = &object.value else { return };
        let path = match self.path(value) {
            Ok(path) => path,
            Err(reason) => {
                self.walk.skipped.push(Skipped {
                    path: object.file.clone(),
                    reason: format!("the Kustomization `{}` {reason}", object.name()),
                });
                return;
            }
        };
        let key = format!("{}/{}", object.text("/metadata/namespace").unwrap_or_default(), object.name());
        if path == self.root.directory || depth > MAXIMUM_DEPTH || !self.followed.insert((path.clone(), key))
        {
            return;
        }
        if self.repository.index.directory(&path).is_none() {
            self.walk.skipped.push(Skipped {
                path: object.file.clone(),
                reason: format!("the Kustomization `{}` reads `{path}`, which is not there", object.name()),
            });
            self.walk.problems.push(
                Problem::warning(
                    "missing-path",
                    format!("the Kustomization `{}` reads `{path}`: not there", object.name()),
                )
                .at(Location::file(&object.file)),
            );
            return;
        }
        self.walk.directories.insert(path.clone());
        let mut built = self.builder.build_tree(&path);
        self.walk.problems.extend(built.problems.iter().cloned());
        self.change(value, &mut built, &siblings.objects);
        self.learn(&built);
        let has_releases = self.releases(&built, Some(object), &path);
        let has_children = built.objects.iter().any(|object| is_kustomization(&object.kind));
        if !has_releases && !has_children {
            self.plain(&built, object, &path);
        }
        self.follow(&built, depth + 1);
    }

    /// The directory of this repository that a Kustomization reads, or why there is none.
    fn path(&self, value: &Value) -> Result<RepoPath, String> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let written = text("/spec/path");
        let path = inside_root(written)
            .ok_or_else(|| format!("reads `{written}`, whose variables the repository does not tell"))?;
        let name = text("/spec/sourceRef/name");
        if text("/spec/sourceRef/kind") == "ExternalArtifact" {
            return self.artifacts.resolve(name, &path).ok_or_else(|| {
                format!("reads the artifact `{name}`, which nothing in the repository makes")
            });
        }
        match self.sources.get(name) {
            Some(address) if !self.repository.is_own(address) && !self.is_synced_from(name) => {
                Err(format!("reads another repository, `{address}`"))
            }
            _ => Ok(path),
        }
    }

    /// Whether the cluster itself is read from this source: then it is this repository, whatever its address.
    fn is_synced_from(&self, source: &str) -> bool {
        match &self.sync {
            Some(sync) => sync.text("/spec/sourceRef/name") == Some(source),
            None => source == "flux-system",
        }
    }

    /// Applies what the Kustomization itself changes: patches, then variables.
    fn change(&self, value: &Value, built: &mut Built, siblings: &[Object]) {
        if let Some(patches) = value.pointer("/spec/patches").and_then(Value::as_array) {
            apply_patches(patches, built);
        }
        let variables = self.variables(value, siblings);
        if !variables.is_empty() {
            for value in built.objects.iter_mut().filter_map(|object| object.value.as_mut()) {
                substitute_all(value, &variables);
            }
        }
    }

    fn variables(&self, value: &Value, siblings: &[Object]) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        let mut add = |map: Option<&Map<String, Value>>| {
            for (name, value) in map.into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                variables.insert(name.clone(), text);
            }
        };
        for from in
            value.pointer("/spec/postBuild/substituteFrom").and_then(Value::as_array).into_iter().flatten()
        {
            let text = |field: &str| from.get(field).and_then(Value::as_str).unwrap_or_default();
            if text("kind") != "ConfigMap" {
                continue;
            }
            for object in siblings.iter().filter(|object| object.kind.is("", "ConfigMap")) {
                for document in self.repository.index.documents(&object.file).iter() {
                    if document.pointer("/metadata/name").and_then(Value::as_str) == Some(text("name")) {
                        add(document.get("data").and_then(Value::as_object));
                    }
                }
            }
        }
        add(value.pointer("/spec/postBuild/substitute").and_then(Value::as_object));
        variables
    }

    /// Adds the HelmReleases among objects; whether there are any.
    fn releases(&mut self, built: &Built, by: Option<&Object>, path: &RepoPath) -> bool {
        let mut found = false;
        for release in built.objects.iter().filter(|object| &*object.kind.kind == "HelmRelease") {
            found = true;
            let namespace = release
                .text("/spec/targetNamespace")
                .or_else(|| by.and_then(|by| by.text("/spec/targetNamespace")))
                .or_else(|| release.text("/metadata/namespace"))
                .map(str::to_owned);
            let reason = match by {
                Some(by) => format!(
                    "the Kustomization `{}` in `{}` delivers the HelmRelease `{}`",
                    by.name(),
                    by.file,
                    release.name()
                ),
                None => {
                    format!("the cluster reads the HelmRelease `{}` in `{}`", release.name(), release.file)
                }
            };
            self.push(release.name(), by.unwrap_or(release), path, namespace, reason);
        }
        found
    }

    /// A Kustomization that delivers objects of its own is an application.
    fn plain(&mut self, built: &Built, object: &Object, path: &RepoPath) {
        let has_objects = built.has_more || built.objects.iter().any(|object| !object.kind.is_flux());
        if !has_objects {
            self.walk.skipped.push(Skipped {
                path: path.clone(),
                reason: format!(
                    "the Kustomization `{}` delivers only objects of Flux itself, or nothing",
                    object.name()
                ),
            });
            return;
        }
        let namespace = object.text("/spec/targetNamespace").map(str::to_owned);
        let reason = format!("the Kustomization `{}` in `{}` delivers it", object.name(), object.file);
        self.push(object.name(), object, path, namespace, reason);
    }

    fn push(&mut self, name: &str, by: &Object, path: &RepoPath, namespace: Option<String>, reason: String) {
        let environment = self.root.environment.clone();
        let name = environment
            .as_ref()
            .and_then(|environment| name.strip_suffix(environment.as_str())?.strip_suffix('-'))
            .filter(|name| !name.is_empty())
            .unwrap_or(name);
        let parameters = Parameters {
            namespace: namespace.clone(),
            kustomization: by.value.as_ref().filter(|_| is_kustomization(&by.kind)).and_then(kustomization),
            ..Parameters::default()
        };
        self.walk.delivered.push(Delivered {
            name: name.to_owned(),
            environment,
            source: Source { engine: EngineKind::Flux, path: path.clone(), values: Vec::new(), parameters },
            destination: Destination {
                namespace,
                cluster: by.text("/spec/kubeConfig/secretRef/name").map(str::to_owned),
            },
            declared_in: by.file.clone(),
            reason,
        });
    }
}

/// What the spec of a Flux Kustomization lays over the directory's own kustomization.
fn kustomization(value: &Value) -> Option<String> {
    let spec = value.get("spec")?;
    let mut result = Map::new();
    for (field, own) in [
        ("patches", "patches"),
        ("images", "images"),
        ("components", "components"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
        ("targetNamespace", "namespace"),
    ] {
        if let Some(value) = spec.get(field).filter(|value| !value.is_null()) {
            result.insert(own.to_owned(), value.clone());
        }
    }
    if let Some(labels) = spec.pointer("/commonMetadata/labels").filter(|labels| labels.is_object()) {
        result.insert("labels".to_owned(), json!([{"pairs": labels}]));
    }
    if let Some(annotations) = spec.pointer("/commonMetadata/annotations") {
        result.insert("commonAnnotations".to_owned(), annotations.clone());
    }
    (!result.is_empty()).then(|| slipway_yaml::emit(&Value::Object(result)))
}
