//! Names for what is declared: which application an object stands for, in which environment.
//!
//! A declaration tells its environment in several ways at once: for what its parent was evaluated, the path it
//! reads, its values files, the parameters of its set, the directory it lies in, its name. All declarations are
//! read together, because only repetition tells which part of a path or name is the environment.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{RemoteReference, RepoPath};

use crate::argocd::Declared;
use crate::argocd::parameters::is_unknown;
use crate::environments::{are_spellings_of_one_stage, has_stage_word, is_certain_stage_word, is_stage_word};
use crate::families::segments::{self, Candidate, Placement, is_base, is_container};
use crate::families::suffixes::{self, Split};
use crate::families::values_files::environment_of_file;
use crate::found::Found;
use crate::kustomize::Graph;

/// Keys of parameters that name an environment, best first.
const ENVIRONMENT_KEYS: &[&str] =
    &["environment", "env", "stage", "tier", "cluster", "clusterName", "region", "name"];

/// Names every declaration.
pub(crate) fn name_all(declared: Vec<Declared>, graph: &Graph) -> Named {
    let readings = Readings::new(&declared, graph);
    let signals: Vec<Signals> = declared.iter().map(|each| readings.signals(each)).collect();
    let applications = applications(&declared, &signals);
    let stages = stages_in_use(&signals);
    let spellings = Spellings::new(&signals);
    let mut named = Named { aliases: spellings.aliases(), ..Named::default() };
    for ((each, signals), application) in declared.into_iter().zip(signals).zip(applications) {
        let environment = signals
            .environment()
            .or_else(|| environment_of_root(each.root.as_ref()?, &stages))
            .map(|name| spellings.usual(&name));
        let family = signals.family(each.set.is_some());
        let argocd_application = each.has_known_name.then_some(each.name);
        named.found.push(Found {
            application: Some(application),
            environment,
            sources: each.sources,
            remote: each.remote,
            destination: each.destination,
            argocd_application,
            reason: each.reason,
            declared_in: Some(each.declared_in),
            family,
            revision: None,
            order: each.order,
            problems: each.problems,
        });
    }
    named.found = without_repetitions(named.found);
    named
}

/// The environments that paths, parameters and names tell.
fn stages_in_use(signals: &[Signals]) -> BTreeSet<String> {
    signals
        .iter()
        .filter_map(Signals::environment)
        .flat_map(|name| name.split('/').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The environment in the name of the directory whose declarations were followed, where others use it too:
/// `overlays/public-staging` is `staging`.
fn environment_of_root(root: &RepoPath, stages: &BTreeSet<String>) -> Option<String> {
    root.segments().rev().find_map(|segment| {
        if stages.contains(segment) {
            return Some(segment.to_owned());
        }
        segment
            .split(['-', '_'])
            .find(|word| is_certain_stage_word(word) && stages.contains(*word))
            .map(str::to_owned)
    })
}

/// The name of every application. All that a set generates of one application is called like the set, where
/// the set's name says more than the template's.
fn applications(declared: &[Declared], signals: &[Signals]) -> Vec<String> {
    let mut names: Vec<String> =
        declared.iter().zip(signals).map(|(each, signals)| application(each, signals)).collect();
    let mut by_set: BTreeMap<(&RepoPath, &str), BTreeSet<String>> = BTreeMap::new();
    for (each, name) in declared.iter().zip(&names) {
        if let Some(set) = &each.set {
            by_set.entry((&each.declared_in, set)).or_default().insert(name.clone());
        }
    }
    for (each, name) in declared.iter().zip(&mut names) {
        let Some(set) = &each.set else { continue };
        let is_one = by_set.get(&(&each.declared_in, set.as_str())).is_some_and(|names| names.len() == 1);
        if is_one && set.strip_suffix(name.as_str()).is_some_and(|head| head.ends_with('-')) {
            name.clone_from(set);
        }
    }
    names
}

/// Declarations with their names.
#[derive(Default)]
pub(crate) struct Named {
    /// The instances.
    pub(crate) found: Vec<Found>,
    /// Other spellings of environments.
    pub(crate) aliases: BTreeMap<String, BTreeSet<String>>,
}

/// What tells the environment of one declaration, best first.
#[derive(Clone, Debug, Default)]
struct Signals {
    parent: Option<String>,
    branch: Option<String>,
    path: Option<Placement>,
    values: Option<String>,
    parameter: Option<String>,
    directory: Option<String>,
    split: Option<Split>,
    revision: Option<String>,
}

impl Signals {
    fn environment(&self) -> Option<String> {
        let by_path = self.path.as_ref().map(|place| place.environment.clone());
        let by_name = self.split.as_ref().and_then(|split| split.environment.clone());
        // A declaration whose directory and name agree knows better than the overlay that it shares.
        let agreed = self.directory.clone().filter(|directory| {
            by_name
                .as_ref()
                .is_some_and(|name| name == directory || are_spellings_of_one_stage(name, directory))
        });
        [
            self.parent.clone(),
            self.branch.clone(),
            agreed,
            by_path,
            self.values.clone(),
            self.parameter.clone(),
            self.directory.clone(),
            by_name,
            self.revision.clone(),
        ]
        .into_iter()
        .flatten()
        .next()
    }

    /// How the environment is told, where that is more than the declaration itself.
    fn family(&self, is_generated: bool) -> &'static str {
        if self.branch.is_some() {
            "env-branches"
        } else if self.parent.is_some() || (self.path.is_none() && self.values.is_some()) {
            "values-per-env"
        } else if self.directory.is_some() {
            "env-app-dirs"
        } else if is_generated {
            "applicationsets"
        } else {
            "argocd-applications"
        }
    }

    fn all(&self) -> Vec<String> {
        [
            self.parent.clone(),
            self.path.as_ref().map(|place| place.environment.clone()),
            self.values.clone(),
            self.parameter.clone(),
            self.directory.clone(),
            self.split.as_ref().and_then(|split| split.environment.clone()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What all declarations together tell of paths, directories and names.
struct Readings {
    paths: BTreeMap<RepoPath, Placement>,
    directories: BTreeMap<RepoPath, Placement>,
    names: BTreeMap<String, Split>,
    /// By directory: what the values files of its instances may name.
    values: BTreeMap<RepoPath, BTreeSet<String>>,
    /// By set: the parameters that differ between its Applications.
    varying: BTreeMap<(RepoPath, String), BTreeSet<String>>,
}

impl Readings {
    fn new(declared: &[Declared], graph: &Graph) -> Self {
        let paths: BTreeSet<&RepoPath> = declared
            .iter()
            .filter_map(|each| each.sources.first())
            .filter(|source| source.engine != slipway_render::EngineKind::ArgocdApplication)
            .map(|source| &source.path)
            .collect();
        let candidates: Vec<Candidate<'_>> = paths
            .iter()
            .map(|path| Candidate {
                path,
                bases: graph.get(path).map_or(&[], |kustomization| kustomization.directories.as_slice()),
            })
            .collect();
        let files: BTreeSet<RepoPath> = declared
            .iter()
            .filter(|each| each.set.is_none())
            .map(|each| place_of(&each.declared_in))
            .collect();
        let file_candidates: Vec<Candidate<'_>> =
            files.iter().map(|path| Candidate { path, bases: &[] }).collect();
        let mut values: BTreeMap<RepoPath, BTreeSet<String>> = BTreeMap::new();
        for source in declared.iter().filter_map(|each| each.sources.first()) {
            values.entry(source.path.clone()).or_default().extend(values_environments(source));
        }
        let names: BTreeSet<&str> = declared.iter().map(|each| each.name.as_str()).collect();
        Self {
            paths: segments::place(&candidates),
            directories: segments::place(&file_candidates),
            names: suffixes::split_all(&names)
                .into_iter()
                .map(|(name, split)| (name.to_owned(), split))
                .collect(),
            values,
            varying: varying(declared),
        }
    }

    fn signals(&self, each: &Declared) -> Signals {
        let source = each.sources.first();
        let path = source.and_then(|source| self.paths.get(&source.path)).cloned();
        let directory = each
            .set
            .is_none()
            .then(|| self.directories.get(&place_of(&each.declared_in)))
            .flatten()
            .map(|place| place.environment.clone());
        let split = inner(&each.name, path.as_ref(), directory.as_deref())
            .or_else(|| self.names.get(&each.name).cloned());
        let branch = each
            .branch
            .as_deref()
            .map(|branch| crate::branches::environment(branch).unwrap_or(branch).to_owned());
        Signals {
            parent: each.parent_environment.clone(),
            branch,
            path,
            values: source.and_then(|source| self.values_environment(source)),
            parameter: self.parameter(each),
            directory,
            split,
            revision: each
                .revision
                .as_deref()
                .and_then(crate::branches::environment)
                .filter(|name| has_stage_word(name))
                .map(str::to_owned),
        }
    }

    /// The environment that the values files of a source tell: a stage, or a name that occurs beside another
    /// one for the same chart.
    fn values_environment(&self, source: &slipway_render::Source) -> Option<String> {
        let beside = self.values.get(&source.path).map_or(0, BTreeSet::len);
        values_environments(source).into_iter().find(|name| has_stage_word(name) || beside >= 2)
    }

    /// The parameter of the set that names the environment: by its key, or the one that differs and is a part
    /// of the Application's name.
    fn parameter(&self, each: &Declared) -> Option<String> {
        let set = each.set.clone()?;
        let varying = self.varying.get(&(each.declared_in.clone(), set))?;
        let text = |name: &str| {
            each.parameters
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty() && !is_unknown(value) && !value.contains("://"))
        };
        let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
        for wanted in ENVIRONMENT_KEYS {
            let found = each
                .parameters
                .iter()
                .map(|(key, _)| key)
                .filter(|key| !key.starts_with("path") && !key.starts_with("metadata"))
                .filter(|key| last(key) == *wanted)
                .find_map(|key| {
                    let value = text(key)?;
                    let is_fixed_stage = matches!(*wanted, "environment" | "env" | "stage");
                    (is_fixed_stage || varying.contains(key)).then(|| value.clone())
                });
            if found.is_some() {
                return found;
            }
        }
        varying
            .iter()
            .filter(|key| !key.starts_with("path") && !key.starts_with("metadata"))
            .filter_map(|key| text(key))
            .find(|value| {
                let value = value.to_lowercase();
                each.name
                    .split(['-', '.', '_'])
                    .collect::<Vec<_>>()
                    .windows(value.split('-').count())
                    .any(|words| words.join("-") == value)
            })
            .cloned()
    }
}

fn varying(declared: &[Declared]) -> BTreeMap<(RepoPath, String), BTreeSet<String>> {
    let mut values: BTreeMap<(RepoPath, String), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for each in declared {
        let Some(set) = &each.set else { continue };
        let entry = values.entry((each.declared_in.clone(), set.clone())).or_default();
        for (key, value) in &each.parameters {
            entry.entry(key).or_default().insert(value);
        }
    }
    values
        .into_iter()
        .map(|(set, keys)| {
            let varying =
                keys.into_iter().filter(|(_, values)| values.len() >= 2).map(|(key, _)| key.to_owned());
            (set, varying.collect())
        })
        .collect()
}

/// The place of a declaration as a path: its directory and its name without the ending.
fn place_of(file: &RepoPath) -> RepoPath {
    let name = file.file_name().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    file.parent().unwrap_or_default().child(stem)
}

/// How another repository is laid out is not known; its folders name nothing of this one.
fn is_in_another_repository(file: &RepoPath) -> bool {
    matches!(
        RemoteReference::of_path(file),
        Some((RemoteReference::Repository { .. } | RemoteReference::File { .. }, _))
    )
}

/// The environments that the values files of a source tell, the last file first.
fn values_environments(source: &slipway_render::Source) -> Vec<String> {
    source
        .values
        .iter()
        .filter(|file| !is_in_another_repository(file))
        .rev()
        .filter_map(|file| {
            let name = file.file_name()?;
            if let Some(environment) = environment_of_file(name) {
                return Some(environment.to_owned());
            }
            let parent = file.parent()?;
            let (own, above) = (parent.file_name()?.to_owned(), parent.parent()?);
            let is_environment = above.file_name().is_some_and(segments::is_plural) || has_stage_word(&own);
            if is_environment && !is_container(&own) && !is_base(&own) {
                return Some(own);
            }
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            (segments::is_plural(&own) || is_certain_stage_word(stem)).then(|| stem.to_owned())
        })
        .collect()
}

/// `shop-dev-web`: the environment that the path or the directory tells, in the middle of the name.
fn inner(name: &str, path: Option<&Placement>, directory: Option<&str>) -> Option<Split> {
    let words: Vec<&str> = name.split('-').collect();
    let expected: Vec<&str> =
        path.map(|place| place.environment.as_str()).into_iter().chain(directory).collect();
    let at = words.iter().position(|word| {
        expected
            .iter()
            .any(|environment| word == environment || are_spellings_of_one_stage(word, environment))
    })?;
    let mut rest = words.clone();
    let environment = rest.remove(at);
    (!rest.is_empty())
        .then(|| Split { application: rest.join("-"), environment: Some(environment.to_owned()) })
}

/// The name without its environment; where nothing can be taken away, what the path calls the application.
fn application(each: &Declared, signals: &Signals) -> String {
    let mut name = each.name.clone();
    let mut parts: Vec<String> = Vec::new();
    let chosen = signals.environment();
    let is_meant = |other: &String| {
        chosen.as_ref().is_none_or(|chosen| {
            chosen == other
                || chosen
                    .split(['/', '-', '_'])
                    .any(|word| word == other || are_spellings_of_one_stage(word, other))
        })
    };
    for environment in chosen.iter().cloned().chain(signals.all().into_iter().filter(is_meant)) {
        parts.push(environment.replace(['/', '_'], "-"));
        let mut pieces: Vec<String> = environment.split('/').map(str::to_owned).collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        parts.extend(pieces);
    }
    let clusters =
        each.parameters.iter().filter(|(key, _)| matches!(key.as_str(), "name" | "nameNormalized"));
    parts.extend(clusters.map(|(_, value)| value.clone()).filter(|value| !is_unknown(value)));
    let mut is_shorter = false;
    for part in &parts {
        if let Some(shorter) = without(&name, part) {
            name = shorter;
            is_shorter = true;
        }
    }
    if !is_shorter {
        if let Some(split) = &signals.split
            && split.environment.as_ref().is_some_and(is_meant)
        {
            return split.application.clone();
        }
        let still_staged = name.split(['-', '_', '.']).any(is_stage_word);
        let by_path = signals.path.as_ref().and_then(|place| place.application.clone());
        if let Some(by_path) = by_path.filter(|_| still_staged && each.set.is_some()) {
            return by_path;
        }
    }
    if name.is_empty() {
        let by_path = signals.path.as_ref().and_then(|place| place.application.clone());
        return by_path.or_else(|| each.set.clone()).unwrap_or_else(|| each.name.clone());
    }
    name
}

/// Takes a part out of a name at a boundary of words; `None` where it is not there or nothing would be left.
fn without(name: &str, part: &str) -> Option<String> {
    if part.is_empty() {
        return None;
    }
    let words: Vec<&str> = name.split('-').collect();
    let wanted: Vec<&str> = part.split('-').collect();
    let place = (0..=words.len().checked_sub(wanted.len())?).rev().find(|place| {
        words[*place..*place + wanted.len()]
            .iter()
            .zip(&wanted)
            .all(|(left, right)| left.eq_ignore_ascii_case(right))
    })?;
    let mut rest = words;
    rest.drain(place..place + wanted.len());
    (!rest.is_empty()).then(|| rest.join("-"))
}

/// Spellings of one stage that declarations use for the same instance: `prod` the directory, `production` the
/// overlay. Only what stands together is made equal.
struct Spellings {
    usual: BTreeMap<String, String>,
}

impl Spellings {
    fn new(signals: &[Signals]) -> Self {
        let mut together: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for each in signals {
            let all = each.all();
            for left in &all {
                *counts.entry(left.clone()).or_default() += 1;
                for right in &all {
                    if left != right && are_spellings_of_one_stage(left, right) {
                        together.entry(left.clone()).or_default().insert(right.clone());
                    }
                }
            }
        }
        let mut usual = BTreeMap::new();
        for (name, others) in &together {
            let best = others
                .iter()
                .chain([name])
                .max_by(|left, right| counts.get(*left).cmp(&counts.get(*right)).then(right.cmp(left)));
            if let Some(best) = best {
                usual.insert(name.clone(), best.clone());
            }
        }
        Self { usual }
    }

    fn usual(&self, name: &str) -> String {
        self.usual.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn aliases(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut aliases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, usual) in &self.usual {
            if name != usual {
                aliases.entry(usual.clone()).or_default().insert(name.clone());
            }
        }
        aliases
    }
}

/// The same Application declared in two files, or generated for several clusters that the repository does not
/// tell apart, is one instance.
fn without_repetitions(found: Vec<Found>) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let mut result = Vec::new();
    for each in found {
        let paths: Vec<(String, Vec<String>)> = each
            .sources
            .iter()
            .map(|source| {
                let values = source
                    .values
                    .iter()
                    .filter(|file| !is_in_another_repository(file))
                    .map(ToString::to_string);
                let values = values.collect();
                (format!("{} {}", source.engine, source.path), values)
            })
            .collect();
        let key = (
            each.environment.clone(),
            paths,
            each.destination.namespace.clone(),
            each.destination.cluster.clone(),
        );
        if seen.insert(key) {
            result.push(each);
        }
    }
    result
}
