//! Follows Kustomizations from the clusters to what they deliver.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::{Location, Order, Problem, RepoPath};
use slipway_render::engines::FluxEngine;
use slipway_render::{ObjectName, Source};

use super::artifacts::Artifacts;
use super::deliveries::{self, Deliveries, name_of};
use super::order::{KUSTOMIZATION, RELEASE, Units};
use super::roots::{Root, inside_root, is_kustomization, roots};
use crate::argocd::Repository;
use crate::catalog::{Destination, Skipped};
use crate::kustomize::{Builder, Built, Graph, Object, apply_patches};

/// Kustomizations that lead to each other deeper than this are not followed.
const MAXIMUM_DEPTH: usize = 24;

/// The name and the namespace that Flux gives to what a cluster is read by.
const FLUX: &str = "flux-system";

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
    /// What orders it among others.
    pub(crate) order: Order,
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
    let engine = FluxEngine::default();
    for root in clusters {
        let deliveries = Deliveries::new(repository.index, graph, &engine);
        Cluster::new(repository, builder, deliveries, &root, &mut walk).follow_root();
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
    deliveries: Deliveries<'a>,
    units: Units,
    /// Applications, whose sources are known when everything was followed.
    open: Vec<Open>,
    /// Addresses of the Git sources that are declared, by name.
    sources: BTreeMap<String, String>,
    followed: BTreeSet<(RepoPath, String)>,
    /// The file of the Kustomization that reads the root itself.
    sync: Option<Object>,
}

/// An application whose source is not known yet.
struct Open {
    delivered: Delivered,
    /// Its key among the units.
    unit: Option<String>,
    /// The number of the delivery.
    delivery: usize,
    /// The HelmRelease.
    release: Option<Value>,
}

impl<'w, 'a> Cluster<'w, 'a> {
    fn new(
        repository: &'a Repository<'a>,
        builder: &'a Builder<'a>,
        deliveries: Deliveries<'a>,
        root: &'w Root,
        walk: &'w mut Walk,
    ) -> Self {
        Self {
            repository,
            builder,
            root,
            walk,
            artifacts: Artifacts::default(),
            deliveries,
            units: Units::new(root.directory.clone()),
            open: Vec::new(),
            sources: BTreeMap::new(),
            followed: BTreeSet::new(),
            sync: None,
        }
    }

    fn follow_root(&mut self) {
        let directory = self.root.directory.clone();
        self.walk.directories.insert(directory.clone());
        self.sync = self.builder.build_tree(&directory).objects.into_iter().find(|object| {
            is_kustomization(&object.kind)
                && object.text("/spec/path").and_then(inside_root).as_ref() == Some(&directory)
        });
        let sync = self.sync.clone();
        if let Some(sync) = &sync {
            self.units.add(self.repository.index, KUSTOMIZATION, sync, None);
        }
        self.deliveries.add_repository(self.synced_from());
        let (built, delivery) = self.deliver(sync.as_ref(), &directory);
        self.learn(&built);
        self.releases(&built, sync.as_ref(), delivery);
        self.follow(&built, sync.as_ref(), 0);
        for open in std::mem::take(&mut self.open) {
            let mut delivered = open.delivered;
            if let Some(mut source) = self.deliveries.source(open.delivery, open.release.as_ref()) {
                source.parameters.namespace.clone_from(&delivered.destination.namespace);
                delivered.source = source;
            }
            delivered.order = open.unit.map(|unit| self.units.order(&unit)).unwrap_or_default();
            self.walk.delivered.push(delivered);
        }
        self.walk.problems.extend(self.units.problems());
    }

    /// What a Kustomization delivers of a directory, as far as its files tell: with its patches and variables.
    fn deliver(&mut self, by: Option<&Object>, path: &RepoPath) -> (Built, usize) {
        let index = self.repository.index;
        let value = by.and_then(|by| by.value.as_ref());
        let has_directory = |path: &RepoPath| index.directory(path).is_some();
        let declared = value.zip(by.map(|by| &by.file));
        let source = deliveries::source(declared, path, &has_directory);
        let mut built = self.builder.build_tree(path);
        self.walk.problems.extend(built.problems.iter().cloned());
        if let Some(patches) = value.and_then(|value| value.pointer("/spec/patches")?.as_array()) {
            apply_patches(patches, &mut built);
        }
        let number = self.deliveries.add(source, built);
        let variables = self.deliveries.variables(number);
        let Some(built) = self.deliveries.built(number) else { return (Built::default(), number) };
        if !variables.variables.is_empty() {
            for value in built.objects.iter_mut().filter_map(|object| object.value.as_mut()) {
                // What cannot be replaced stays; the render of what it declares says why.
                if let Ok(Some(replaced)) = variables.object(value) {
                    *value = replaced;
                }
            }
        }
        (built.clone(), number)
    }

    /// Remembers the sources that objects declare.
    fn learn(&mut self, built: &Built) {
        let artifacts = Artifacts::new(&built.objects);
        self.artifacts.extend(artifacts);
        for object in &built.objects {
            if &*object.kind.kind == "GitRepository"
                && let Some(address) = object.text("/spec/url")
            {
                if self.repository.is_own(address) {
                    self.deliveries.add_repository(object.value.as_ref().map(name_of).unwrap_or_default());
                }
                self.sources.insert(object.name().to_owned(), address.to_owned());
            }
        }
    }

    fn follow(&mut self, built: &Built, by: Option<&Object>, depth: usize) {
        for object in built.objects.iter().filter(|object| is_kustomization(&object.kind)) {
            self.kustomization(object, by, depth);
        }
    }

    fn kustomization(&mut self, object: &Object, by: Option<&Object>, depth: usize) {
        let Some(value) = &object.value else { return };
        let unit = self.units.add(self.repository.index, KUSTOMIZATION, object, by);
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
        let (built, delivery) = self.deliver(Some(object), &path);
        self.learn(&built);
        let has_releases = self.releases(&built, Some(object), delivery);
        let has_children = built.objects.iter().any(|object| is_kustomization(&object.kind));
        if !has_releases && !has_children {
            self.plain(&built, object, &path, delivery, unit);
        }
        self.follow(&built, Some(object), depth + 1);
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
            Some(address) if !self.repository.is_own(address) && self.synced_from().name != name => {
                Err(format!("reads another repository, `{address}`"))
            }
            _ => Ok(path),
        }
    }

    /// The source that the cluster itself is read from: this repository, whatever its address.
    fn synced_from(&self) -> ObjectName {
        let Some(sync) = &self.sync else {
            return ObjectName { namespace: FLUX.to_owned(), name: FLUX.to_owned() };
        };
        let text = |pointer: &str| sync.text(pointer).unwrap_or_default().to_owned();
        let namespace = Some(text("/spec/sourceRef/namespace")).filter(|text| !text.is_empty());
        ObjectName {
            namespace: namespace.unwrap_or_else(|| text("/metadata/namespace")),
            name: text("/spec/sourceRef/name"),
        }
    }

    /// Adds the HelmReleases among objects; whether there are any.
    fn releases(&mut self, built: &Built, by: Option<&Object>, delivery: usize) -> bool {
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
            let delivered = self.delivered(release.name(), by.unwrap_or(release), namespace, reason);
            let unit = Some(self.units.add(self.repository.index, RELEASE, release, by));
            self.open.push(Open { delivered, unit, delivery, release: release.value.clone() });
        }
        found
    }

    /// A Kustomization that delivers objects of its own is an application.
    fn plain(&mut self, built: &Built, object: &Object, path: &RepoPath, delivery: usize, unit: String) {
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
        let delivered = self.delivered(object.name(), object, namespace, reason);
        self.units.delivers(&unit);
        self.open.push(Open { delivered, unit: Some(unit), delivery, release: None });
    }

    /// An application without its source.
    fn delivered(&self, name: &str, by: &Object, namespace: Option<String>, reason: String) -> Delivered {
        let environment = self.root.environment.clone();
        let name = environment
            .as_ref()
            .and_then(|environment| name.strip_suffix(environment.as_str())?.strip_suffix('-'))
            .filter(|name| !name.is_empty())
            .unwrap_or(name);
        Delivered {
            name: name.to_owned(),
            environment,
            source: deliveries::source(None, &self.root.directory, &|_| true),
            destination: Destination {
                namespace,
                cluster: by.text("/spec/kubeConfig/secretRef/name").map(str::to_owned),
            },
            declared_in: by.file.clone(),
            reason,
            order: Order::default(),
        }
    }
}
