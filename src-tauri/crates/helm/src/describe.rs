//! What a chart is made of, for people to look at: its `Chart.yaml`, the charts it needs, its default values.

use std::rc::Rc;

use slipway_model::{Location, Problem, RepoPath, Tree};

use crate::chart::Chart;
use crate::charts::Charts;
use crate::failure::Failure;
use crate::node::Node;
use crate::options::Options;
use crate::render;
use crate::version;

/// How deep charts in charts are looked into.
const DEEPEST: usize = 8;

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs, as it is written; empty where it says none.
    pub app_version: String,
    /// Where its `Chart.yaml` is; the archive where it is in one.
    pub file: RepoPath,
    /// The Kubernetes version that templates see.
    pub kube_version: String,
    /// Which Kubernetes versions it accepts; empty for all.
    pub accepts: String,
    /// What it declares to need, in order.
    pub dependencies: Vec<DependencyDescription>,
    /// Default values of the chart and of the charts in it that take part, the strongest first.
    pub defaults: Vec<Defaults>,
    /// Why it cannot be said which dependencies take part.
    pub problem: Option<Problem>,
}

/// A chart that a chart declares to need.
#[derive(Clone, Debug, PartialEq)]
pub struct DependencyDescription {
    /// Its name, or the name it is used under.
    pub name: String,
    /// The versions that are asked for.
    pub wanted: String,
    /// The version that is there; absent where there is none that fits.
    pub version: Option<String>,
    /// Where it comes from, as it is declared: a repository, `file://…`, or nothing.
    pub repository: String,
    /// Where it is in the tree: a directory or an archive.
    pub place: Option<Location>,
    /// The values that switch it on and off; empty where none does.
    pub condition: String,
    /// Whether it takes part; absent where that cannot be said.
    pub enabled: Option<bool>,
}

/// Default values.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// The names of the charts from the root to the one they are of; the root is left out.
    pub chart: Vec<String>,
    /// The file; the archive where it is in one.
    pub file: RepoPath,
    /// YAML.
    pub text: String,
}

impl Charts {
    /// Describes the chart at a path as it takes part in a render with these options.
    ///
    /// # Errors
    /// Where the chart itself cannot be loaded. What only keeps it from being rendered is told in the description.
    pub fn describe(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        options: &Options,
    ) -> Result<Description, Failure> {
        stacker::maybe_grow(1 << 20, 16 << 20, || self.describe_here(tree, path, options))
    }

    fn describe_here(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        options: &Options,
    ) -> Result<Description, Failure> {
        let loaded = self.load(tree, path)?;
        let chart = &loaded.chart;
        let ready = self.ready(tree, path, options);
        let (root, problem) = match &ready {
            Ok(ready) => (Some(&ready.root), None),
            Err(failure) => (None, Some(failure.problem())),
        };
        let mut defaults = Vec::new();
        match root {
            Some(root) => collect(root, &mut Vec::new(), &mut defaults),
            None => defaults.extend(defaults_of(chart, &[])),
        }
        let metadata = &chart.metadata;
        let kube_version = render::kube_version(options)
            .map_or_else(|_| options.kube_version.clone().unwrap_or_default(), |known| known.version);
        Ok(Description {
            name: metadata.name.clone(),
            version: metadata.version.clone(),
            app_version: metadata.app_version.clone(),
            file: chart.path("Chart.yaml"),
            kube_version,
            accepts: metadata.kube_version.clone(),
            dependencies: dependencies(chart, root),
            defaults,
            problem,
        })
    }
}

fn dependencies(chart: &Chart, root: Option<&Rc<Node>>) -> Vec<DependencyDescription> {
    let Some(declared) = chart.metadata.declared() else { return Vec::new() };
    declared
        .map(|each| {
            let name = each.effective_name();
            let child =
                root.and_then(|root| root.children().iter().find(|child| child.name() == name).cloned());
            let inner = child.as_ref().map(|child| &child.chart).or_else(|| {
                chart.dependencies.iter().find(|inner| {
                    inner.name() == each.name && version::satisfies(&inner.metadata.version, &each.version)
                })
            });
            DependencyDescription {
                name: name.to_owned(),
                wanted: each.version.clone(),
                version: inner.map(|inner| inner.metadata.version.clone()),
                repository: each.repository.clone(),
                place: inner.map(|inner| Location::file(&inner.path("Chart.yaml"))),
                condition: each.condition.clone(),
                enabled: root.map(|_| child.is_some()),
            }
        })
        .collect()
}

fn collect(node: &Rc<Node>, names: &mut Vec<String>, defaults: &mut Vec<Defaults>) {
    defaults.extend(defaults_of(&node.chart, names));
    if names.len() >= DEEPEST {
        return;
    }
    for child in node.children().iter() {
        names.push(child.name().clone());
        collect(child, names, defaults);
        names.pop();
    }
}

fn defaults_of(chart: &Chart, names: &[String]) -> Option<Defaults> {
    let text = chart.values_text.as_ref()?;
    Some(Defaults {
        chart: names.to_vec(),
        file: chart.path("values.yaml"),
        text: String::from_utf8_lossy(text).into_owned(),
    })
}
