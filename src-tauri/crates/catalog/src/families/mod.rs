//! The directory layer: which applications and environments the directories themselves tell, where nothing
//! declares them.

mod deployables;
pub(crate) mod segments;
pub(crate) mod suffixes;
pub(crate) mod values_files;

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{Problem, RepoPath};
use slipway_render::EngineKind;

use crate::catalog::Skipped;
use crate::index::Index;
use crate::kustomize::Graph;
use segments::{Candidate, Placement};

pub(crate) use deployables::{Deployable, deployables};

/// What the directories tell of one instance.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The directory.
    pub(crate) path: RepoPath,
    /// Its engine.
    pub(crate) engine: EngineKind,
    /// What is deployed; `None` where the repository does not name it.
    pub(crate) application: Option<String>,
    /// Where; `None` where there are no environments.
    pub(crate) environment: Option<String>,
    /// Values files for this environment.
    pub(crate) values: Vec<RepoPath>,
    /// The family, as in [`Layout::family`](crate::Layout::family).
    pub(crate) family: &'static str,
    /// The convention, for reading.
    pub(crate) reason: String,
    /// What is wrong with the directory.
    pub(crate) problem: Option<Problem>,
}

/// Reads all deployable directories together.
pub(crate) fn read(index: &Index<'_>, graph: &Graph) -> (Vec<Reading>, Vec<Skipped>) {
    let (deployables, skipped) = deployables(index, graph);
    let charts: Vec<&RepoPath> =
        deployables.iter().filter(|each| each.engine == EngineKind::Helm).map(|each| &each.path).collect();
    let values = values_files::values_by_chart(index, &charts);
    let placed = places(&deployables, &values);
    let splits = split_names(&deployables, &placed, &values);
    let mut readings = Vec::new();
    for deployable in deployables {
        if let Some(environments) = values.get(&deployable.path) {
            readings.extend(by_values(&deployable, environments, placed.get(&deployable.path)));
        } else if let Some(place) = placed.get(&deployable.path) {
            readings.push(by_segments(deployable, place));
        } else {
            let split = splits.get(&deployable.path).cloned();
            readings.push(by_name(deployable, split));
        }
    }
    name_by_place(&mut readings);
    (readings, skipped)
}

/// Beside applications that have a name, a set of environments is not the whole repository: it is called like
/// the directory that holds it.
fn name_by_place(readings: &mut [Reading]) {
    if !readings.iter().any(|reading| reading.application.is_some()) {
        return;
    }
    for reading in readings.iter_mut().filter(|reading| reading.application.is_none()) {
        let holder = reading.path.segments().rev().skip(1);
        reading.application = holder
            .filter(|name| !segments::is_plural(name) && !segments::is_base(name))
            .map(str::to_owned)
            .next();
    }
}

fn places(deployables: &[Deployable], values: &values_files::ValuesByChart) -> BTreeMap<RepoPath, Placement> {
    let candidates: Vec<Candidate<'_>> = deployables
        .iter()
        .filter(|each| !values.contains_key(&each.path))
        .map(|each| Candidate { path: &each.path, bases: &each.bases })
        .collect();
    segments::place(&candidates)
}

fn split_names(
    deployables: &[Deployable],
    placed: &BTreeMap<RepoPath, Placement>,
    values: &values_files::ValuesByChart,
) -> BTreeMap<RepoPath, suffixes::Split> {
    let mut siblings: BTreeMap<RepoPath, BTreeSet<&str>> = BTreeMap::new();
    for each in deployables {
        if let (Some(parent), Some(name)) = (each.path.parent(), each.path.file_name())
            && !placed.contains_key(&each.path)
            && !values.contains_key(&each.path)
        {
            siblings.entry(parent).or_default().insert(name);
        }
    }
    siblings
        .into_iter()
        .flat_map(|(parent, names)| {
            suffixes::split_all(&names)
                .into_iter()
                .map(|(name, split)| (parent.child(name), split))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn by_values(
    deployable: &Deployable,
    environments: &BTreeMap<String, Vec<RepoPath>>,
    placement: Option<&Placement>,
) -> Vec<Reading> {
    let application =
        placement.and_then(|place| place.application.clone()).or_else(|| application_name(&deployable.path));
    environments
        .iter()
        .map(|(environment, files)| Reading {
            path: deployable.path.clone(),
            engine: deployable.engine,
            application: application.clone(),
            environment: Some(environment.clone()),
            values: files.clone(),
            family: "values-per-env",
            reason: format!(
                "the chart has values for `{environment}`: {}",
                files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ")
            ),
            problem: deployable.problem.clone(),
        })
        .collect()
}

fn by_segments(deployable: Deployable, place: &Placement) -> Reading {
    let (family, reason) = match (&place.application, place.application_first) {
        (None, _) => ("base-overlays", "is an environment of the repository's only application"),
        (Some(_), true) if place.has_base => {
            ("app-env-dirs", "repeats below several applications, over a base")
        }
        (Some(_), true) => ("app-env-dirs", "repeats below several applications"),
        (Some(_), false) => ("env-app-dirs", "holds the applications of one environment"),
    };
    Reading {
        reason: format!("in `{}`, the directory `{}` {reason}", deployable.path, place.environment),
        path: deployable.path,
        engine: deployable.engine,
        application: place.application.clone(),
        environment: Some(place.environment.clone()),
        values: Vec::new(),
        family,
        problem: deployable.problem,
    }
}

fn by_name(deployable: Deployable, split: Option<suffixes::Split>) -> Reading {
    let name = application_name(&deployable.path);
    let (application, environment, family, reason) = match split {
        Some(suffixes::Split { application, environment: Some(environment) }) => {
            let reason = format!(
                "the name of `{}` ends with or holds the environment `{environment}`",
                deployable.path
            );
            (Some(application), Some(environment), "env-suffix-dirs", reason)
        }
        Some(suffixes::Split { application, environment: None }) => {
            let reason =
                format!("`{}` is the sibling of directories that name an environment", deployable.path);
            (Some(application), None, "env-suffix-dirs", reason)
        }
        None => {
            let reason = format!(
                "`{}` is rendered with {}; no environment is told",
                deployable.path, deployable.engine
            );
            (name, None, "plain", reason)
        }
    };
    Reading {
        path: deployable.path,
        engine: deployable.engine,
        application,
        environment,
        values: Vec::new(),
        family,
        reason,
        problem: deployable.problem,
    }
}

/// The last segment that names something: not `base`, `overlays`, `deploy` and the like, unless there is
/// nothing else.
pub(crate) fn application_name(path: &RepoPath) -> Option<String> {
    path.segments()
        .rev()
        .find(|name| !segments::is_container(name) && !segments::is_base(name))
        .or_else(|| path.segments().next_back())
        .map(str::to_owned)
}
