//! In what order Flux reconciles what a cluster reads: `dependsOn` of Kustomizations and HelmReleases.
//!
//! A Kustomization with `dependsOn` is applied when the named ones are ready; a HelmRelease is installed when the
//! named releases are. A Kustomization is ready when it is applied, and healthy only where it says so (`wait`,
//! `healthChecks`); a HelmRelease when it is installed, for which Helm waits (`docs/spec/v1/kustomizations.md` and
//! `docs/spec/v2/helmreleases.md` of the controllers).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::{After, Awaited, FieldPath, Location, Order, Problem, Provided, RepoPath, Segment};
use slipway_render::ObjectName;
use slipway_yaml::Parsed;

use super::deliveries::name_of;
use crate::index::Index;
use crate::kustomize::Object;

/// Chains longer than this are not followed.
const MAXIMUM_DEPTH: usize = 64;

/// One declared dependency.
#[derive(Clone, Debug)]
struct Dependency {
    key: String,
    /// The name as it is shown.
    name: String,
    /// Whether a CEL expression (`readyExpr`) says when it is ready.
    has_expression: bool,
    location: Location,
}

/// A Kustomization or HelmRelease.
#[derive(Clone, Debug)]
struct Unit {
    kind: &'static str,
    name: ObjectName,
    depends_on: Vec<Dependency>,
    /// Whether it is ready only when all that it delivers is.
    waits: bool,
    /// What it checks besides, as kind and name.
    checks: Vec<(String, ObjectName)>,
    /// The Kustomization that delivers it.
    by: Option<String>,
    /// Whether it is an application itself.
    is_application: bool,
}

/// The Kustomizations and HelmReleases of a cluster, by key.
#[derive(Default)]
pub(super) struct Units {
    /// What tells the keys of clusters apart.
    cluster: RepoPath,
    all: BTreeMap<String, Unit>,
}

pub(super) const KUSTOMIZATION: &str = "Kustomization";
pub(super) const RELEASE: &str = "HelmRelease";

impl Units {
    pub(super) fn new(cluster: RepoPath) -> Self {
        Self { cluster, all: BTreeMap::new() }
    }

    fn key(&self, kind: &str, name: &ObjectName) -> String {
        format!("{kind} {}/{} of {}", name.namespace, name.name, self.cluster)
    }

    /// Adds a Kustomization or HelmRelease that another Kustomization delivers; the result is its key.
    pub(super) fn add(
        &mut self,
        index: &Index<'_>,
        kind: &'static str,
        object: &Object,
        by: Option<&Object>,
    ) -> String {
        let value = object.value.as_ref().unwrap_or(&Value::Null);
        let name = name_of(value);
        let key = self.key(kind, &name);
        let by = by.and_then(|by| by.value.as_ref()).map(|by| self.key(KUSTOMIZATION, &name_of(by)));
        let depends_on = self.dependencies(index, kind, object, value);
        let checks = value.pointer("/spec/healthChecks").and_then(Value::as_array);
        let checks = checks.into_iter().flatten().map(|check| {
            let text = |field: &str| check.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("kind"), ObjectName { namespace: text("namespace"), name: text("name") })
        });
        let is_release = kind == RELEASE;
        let waits = if is_release {
            let off = |action: &str| {
                value.pointer(&format!("/spec/{action}/disableWait")) == Some(&Value::Bool(true))
            };
            !off("install") && !off("upgrade")
        } else {
            value.pointer("/spec/wait") == Some(&Value::Bool(true))
        };
        let unit =
            Unit { kind, name, depends_on, waits, checks: checks.collect(), by, is_application: is_release };
        self.all.entry(key.clone()).or_insert(unit);
        key
    }

    /// Says that a Kustomization delivers objects of its own.
    pub(super) fn delivers(&mut self, key: &str) {
        if let Some(unit) = self.all.get_mut(key) {
            unit.is_application = true;
        }
    }

    fn dependencies(
        &self,
        index: &Index<'_>,
        kind: &'static str,
        object: &Object,
        value: &Value,
    ) -> Vec<Dependency> {
        let own = name_of(value);
        let list = value.pointer("/spec/dependsOn").and_then(Value::as_array);
        let list: Vec<&Value> = list.into_iter().flatten().collect();
        let places = if list.is_empty() { None } else { Places::of(index, kind, object) };
        let mut found = Vec::new();
        for (position, each) in list.into_iter().enumerate() {
            let text = |field: &str| each.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
            let Some(name) = text("name") else { continue };
            let namespace = text("namespace").unwrap_or(&own.namespace).to_owned();
            let named = ObjectName { namespace, name: name.to_owned() };
            found.push(Dependency {
                key: self.key(kind, &named),
                name: if named.namespace == own.namespace {
                    named.name
                } else {
                    format!("{}/{}", named.namespace, named.name)
                },
                has_expression: text("readyExpr").is_some(),
                location: places
                    .as_ref()
                    .and_then(|places| places.dependency(position))
                    .unwrap_or_else(|| Location::file(&object.file)),
            });
        }
        found
    }

    /// The order of the application that a Kustomization is, or of a HelmRelease among those that it delivers.
    pub(super) fn order(&self, key: &str) -> Order {
        let mut order = Order::default();
        let mut own = Some(key);
        let mut awaited = Awaited::Healthy;
        for _ in 0..MAXIMUM_DEPTH {
            let Some((key, unit)) = own.and_then(|key| self.all.get_key_value(key)) else { break };
            // What a Kustomization delivers comes after what it depends on: its own objects, its releases, and the
            // Kustomizations that it makes.
            let made = order.provides.last().and_then(|made| self.all.get(&made.key));
            let made = made.filter(|made| made.kind == KUSTOMIZATION);
            for after in self.after(unit, made) {
                if !order.after.iter().any(|known| known.key == after.key) {
                    order.after.push(after);
                }
            }
            if unit.kind == KUSTOMIZATION
                && order.provides.is_empty()
                && !unit.waits
                && unit.checks.is_empty()
            {
                awaited = Awaited::Applied;
            }
            if unit.kind == RELEASE && !unit.waits {
                awaited = Awaited::Applied;
            }
            order.provides.push(Provided { key: key.clone(), awaited: awaited.clone() });
            own = unit.by.as_deref();
            let Some(by) = own.and_then(|by| self.all.get(by)) else { break };
            let checks = |(kind, name): &(String, ObjectName)| {
                *kind == unit.kind && name.is(&unit.name.namespace, &unit.name.name)
            };
            if !by.waits && !by.checks.iter().any(checks) && !matches!(awaited, Awaited::No(_)) {
                awaited = Awaited::No(format!(
                    "the Kustomization `{}` is ready before what it delivers is: it says neither `wait: true` nor \
                     `healthChecks` for `{}`",
                    by.name.name, unit.name.name
                ));
            }
        }
        order
    }

    /// What a unit depends on, and so a Kustomization that it makes. A Kustomization that delivers no application stands
    /// for what it depends on itself. What an expression says of an object in the cluster is not known here.
    fn after(&self, unit: &Unit, made: Option<&Unit>) -> Vec<After> {
        let mut by = format!("`dependsOn` of the {} `{}`", unit.kind, unit.name.name);
        if let Some(made) = made {
            by.push_str(&format!(", which has to make the {} `{}` first", made.kind, made.name.name));
        }
        let by = |key: &str| match unit.depends_on.iter().find(|each| each.key == key && each.has_expression)
        {
            Some(dependency) => format!(
                "{by}, whose `readyExpr` is not evaluated: `{}` is waited for as without it",
                dependency.name
            ),
            None => by.clone(),
        };
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(&str, &Location)> =
            unit.depends_on.iter().rev().map(|each| (each.key.as_str(), &each.location)).collect();
        while let Some((key, location)) = open.pop() {
            if !seen.insert(key) {
                continue;
            }
            found.push(After { key: key.to_owned(), by: by(key), location: Some(location.clone()) });
            let delivers = self.all.values().any(|other| other.by.as_deref() == Some(key));
            if let Some(other) = self.all.get(key).filter(|other| !other.is_application && !delivers) {
                open.extend(other.depends_on.iter().map(|each| (each.key.as_str(), location)));
            }
        }
        found
    }

    /// Dependencies that nothing declares, and those that lead back to where they begin.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut told = BTreeSet::new();
        for (key, unit) in &self.all {
            for dependency in &unit.depends_on {
                if dependency.name.contains("${") {
                    continue;
                }
                if !self.all.contains_key(&dependency.key) {
                    problems.push(
                        Problem::warning(
                            "missing-dependency",
                            format!(
                                "the {} `{}` depends on `{}`, which nothing in the repository declares for this \
                                 cluster",
                                unit.kind, unit.name.name, dependency.name
                            ),
                        )
                        .hint("Flux waits for it forever, unless the cluster has it from elsewhere; correct the name or its namespace")
                        .at(dependency.location.clone()),
                    );
                } else if let Some(way) = self.way_back(&dependency.key, key) {
                    let mut members: Vec<&str> = way.clone();
                    members.sort_unstable();
                    if !told.insert(members) {
                        continue;
                    }
                    let names: Vec<&str> = std::iter::once(key.as_str())
                        .chain(way)
                        .filter_map(|key| Some(self.all.get(key)?.name.name.as_str()))
                        .collect();
                    problems.push(
                        Problem::error(
                            "dependency-cycle",
                            format!("{}s depend on each other: {}", unit.kind, names.join(" → ")),
                        )
                        .hint("Flux reconciles none of them; remove one of the dependencies")
                        .at(dependency.location.clone()),
                    );
                }
            }
        }
        problems
    }

    /// The shortest chain of dependencies from one to another, both included.
    fn way_back<'s>(&'s self, from: &'s str, to: &'s str) -> Option<Vec<&'s str>> {
        let mut came_from: BTreeMap<&str, Option<&str>> = BTreeMap::from([(from, None)]);
        let mut open = std::collections::VecDeque::from([from]);
        while let Some(key) = open.pop_front() {
            if key == to {
                let mut way = vec![key];
                let mut at = key;
                while let Some(Some(before)) = came_from.get(at) {
                    way.push(before);
                    at = before;
                }
                way.reverse();
                return Some(way);
            }
            for dependency in self.all.get(key).into_iter().flat_map(|unit| &unit.depends_on) {
                if !came_from.contains_key(dependency.key.as_str()) {
                    came_from.insert(&dependency.key, Some(key));
                    open.push_back(&dependency.key);
                }
            }
        }
        None
    }
}

/// Where the fields of one object are written.
struct Places {
    file: RepoPath,
    parsed: Parsed,
    document: usize,
}

impl Places {
    fn of(index: &Index<'_>, kind: &str, object: &Object) -> Option<Self> {
        let text = slipway_model::read_text(index.tree, &object.file).ok()??;
        let documents = slipway_yaml::decode_stream(&text).ok()?;
        let document = documents.iter().position(|document| {
            let text = |pointer: &str| document.value.pointer(pointer).and_then(Value::as_str);
            text("/kind") == Some(kind) && text("/metadata/name") == Some(object.name())
        })?;
        Some(Self { file: object.file.clone(), parsed: Parsed::new(text).ok()?, document })
    }

    fn dependency(&self, position: usize) -> Option<Location> {
        let path = FieldPath(vec![
            Segment::Key("spec".to_owned()),
            Segment::Key("dependsOn".to_owned()),
            Segment::Index(position),
        ]);
        let place = self.parsed.find(self.document, &path)?;
        Some(Location::at(&self.file, place.value.start.line, place.value.start.column))
    }
}
