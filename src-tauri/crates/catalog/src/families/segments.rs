//! Which segment of a directory's path is the environment: found by repetition over all of them.
//!
//! Every position of every path gets points: for what is beside it (siblings at the same place), for where
//! its name occurs again (the same name under other parents), for a plural above it (`envs`, `overlays`,
//! `rings/ring-1`), for a base beside it, and for stage words. The position with the most points is the
//! environment, if it has enough.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use slipway_model::RepoPath;

use crate::environments::{has_stage_word, is_certain_stage_word, is_stage_word};

/// Fewer points than this are no environment.
const ENOUGH: u32 = 5;

/// Where a path is deployed, as its segments tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// What is deployed; `None` where the path names only the environment.
    pub(crate) application: Option<String>,
    /// Where.
    pub(crate) environment: String,
    /// Whether the application's segment comes before the environment's.
    pub(crate) application_first: bool,
    /// Whether a base beside the environments made the difference.
    pub(crate) has_base: bool,
}

/// A path with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'a> {
    /// The directory.
    pub(crate) path: &'a RepoPath,
    /// The directories of this tree that it builds upon.
    pub(crate) bases: &'a [RepoPath],
}

impl Candidate<'_> {
    /// Whether it builds upon a directory beside it.
    fn has_base_beside(&self) -> bool {
        self.bases.iter().any(|base| base.parent() == self.path.parent())
    }
}

/// Reads all paths together; those whose segments tell no environment are absent.
pub(crate) fn place(candidates: &[Candidate<'_>]) -> BTreeMap<RepoPath, Placement> {
    let paths: Vec<Vec<&str>> = candidates.iter().map(|each| each.path.segments().collect()).collect();
    let statistics = Statistics::new(&paths);
    let chosen: Vec<Option<(usize, bool)>> = candidates
        .iter()
        .zip(&paths)
        .map(|(candidate, segments)| choose(candidate, segments, &statistics))
        .collect();
    let chosen = beside_environments(&paths, &chosen);
    let columns = Columns::new(&paths, &chosen);
    candidates
        .iter()
        .zip(&paths)
        .zip(&chosen)
        .filter_map(|((candidate, segments), chosen)| {
            let (position, has_base) = (*chosen)?;
            let place = columns.placement(segments, position, has_base, candidate.has_base_beside());
            Some((candidate.path.clone(), place))
        })
        .collect()
}

/// What stands beside environments is one too, whatever its name. At the root that would be everything.
fn beside_environments(paths: &[Vec<&str>], chosen: &[Option<(usize, bool)>]) -> Vec<Option<(usize, bool)>> {
    let mut environments: HashMap<&[&str], HashSet<&str>> = HashMap::new();
    for (segments, chosen) in paths.iter().zip(chosen) {
        if let Some((position, _)) = chosen {
            environments.entry(&segments[..*position]).or_default().insert(segments[*position]);
        }
    }
    let is_known = |prefix: &[&str]| {
        !prefix.is_empty() && environments.get(prefix).is_some_and(|environments| environments.len() >= 2)
    };
    paths
        .iter()
        .zip(chosen)
        .map(|(segments, chosen)| {
            chosen.or_else(|| {
                (1..segments.len())
                    .rev()
                    .find(|position| is_known(&segments[..*position]))
                    .filter(|position| !is_base(segments[*position]) && !is_plural(segments[*position]))
                    .map(|position| (position, false))
            })
        })
        .collect()
}

/// How often what occurs where.
struct Statistics<'a> {
    /// By parent: how many names are below it, bases left out, and how many of them have a stage word.
    siblings: HashMap<Vec<&'a str>, (usize, usize)>,
    /// By name: the parents it occurs under.
    contexts: HashMap<&'a str, HashSet<Vec<&'a str>>>,
    /// Parents whose children are environments, because the grandchildren repeat below all of them.
    matrices: HashMap<Vec<&'a str>, Dimension>,
}

/// Which dimension of a matrix of directories is the smaller one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Outer,
    Inner,
}

impl<'a> Statistics<'a> {
    fn new(paths: &[Vec<&'a str>]) -> Self {
        let mut siblings: HashMap<Vec<&'a str>, BTreeSet<&'a str>> = HashMap::new();
        let mut contexts: HashMap<&'a str, HashSet<Vec<&'a str>>> = HashMap::new();
        for segments in paths {
            for (position, name) in segments.iter().enumerate() {
                let parent = segments[..position].to_vec();
                contexts.entry(name).or_default().insert(parent.clone());
                siblings.entry(parent).or_default().insert(name);
            }
        }
        let matrices = matrices(&siblings);
        let siblings = siblings
            .into_iter()
            .map(|(parent, names)| {
                let beside = names.iter().filter(|name| !is_base(name)).count();
                let staged = names.iter().filter(|name| has_stage_word(name)).count();
                (parent, (beside, staged))
            })
            .collect();
        Self { siblings, contexts, matrices }
    }
}

/// Finds parents whose children all hold the same names: the smaller side of the matrix is the environment.
fn matrices<'a>(siblings: &HashMap<Vec<&'a str>, BTreeSet<&'a str>>) -> HashMap<Vec<&'a str>, Dimension> {
    let mut found = HashMap::new();
    for (parent, outer) in siblings {
        if outer.len() < 2 {
            continue;
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rows = 0;
        for name in outer {
            let mut child = parent.clone();
            child.push(name);
            if let Some(inner) = siblings.get(&child) {
                rows += 1;
                inner.iter().for_each(|name| *seen.entry(name).or_default() += 1);
            }
        }
        let repeated = seen.values().filter(|count| **count >= 2).count();
        if rows < 2 || repeated < 2 || repeated * 2 < seen.len() {
            continue;
        }
        match rows.cmp(&seen.len()) {
            std::cmp::Ordering::Less => found.insert(parent.clone(), Dimension::Outer),
            std::cmp::Ordering::Greater => found.insert(parent.clone(), Dimension::Inner),
            std::cmp::Ordering::Equal => None,
        };
    }
    found
}

/// The best position of a path and whether a base helped to find it.
fn choose(
    candidate: &Candidate<'_>,
    segments: &[&str],
    statistics: &Statistics<'_>,
) -> Option<(usize, bool)> {
    let mut best: Option<(u32, usize, bool)> = None;
    for position in 0..segments.len() {
        let (points, has_base) = points(candidate, segments, position, statistics);
        if points >= ENOUGH && best.is_none_or(|(most, _, _)| points > most) {
            best = Some((points, position, has_base));
        }
    }
    best.map(|(_, position, has_base)| (position, has_base))
}

fn points(
    candidate: &Candidate<'_>,
    segments: &[&str],
    position: usize,
    statistics: &Statistics<'_>,
) -> (u32, bool) {
    let name = segments[position];
    if is_base(name) || is_plural(name) {
        return (0, false);
    }
    let parent = &segments[..position];
    let (beside, staged_beside) = statistics.siblings.get(parent).copied().unwrap_or_default();
    let elsewhere = statistics.contexts.get(name).map_or(0, HashSet::len);
    let mut points = 0;
    if let Some(above) = parent.last()
        && (is_plural(above) || is_plural_of(above, name))
    {
        points += 12;
    }
    let is_last = position + 1 == segments.len();
    let has_base = !candidate.bases.is_empty() && is_last && beside >= 2;
    points += match name {
        _ if is_certain_stage_word(name) => 8,
        _ if is_stage_word(name) && (staged_beside >= 2 || elsewhere >= 2) => 5,
        // `prod-eu` is an environment where a base or other parents say so; `shop-prod` is left to suffixes.
        _ if first_word(name).is_some_and(is_stage_word)
            && staged_beside >= 2
            && (has_base || elsewhere >= 2) =>
        {
            4
        }
        _ if last_word(name).is_some_and(is_stage_word) && staged_beside >= 2 && elsewhere >= 2 => 4,
        _ => 0,
    };
    if beside >= 2 && elsewhere >= 2 {
        points += 2;
    } else if beside >= 2 && staged_beside * 2 >= beside {
        points += 1;
    }
    if has_base {
        points += 2;
    }
    let dimension = |length: usize| statistics.matrices.get(&segments[..length]);
    if dimension(position) == Some(&Dimension::Outer)
        || (position > 0 && dimension(position - 1) == Some(&Dimension::Inner))
    {
        points += ENOUGH;
    }
    (points, has_base)
}

/// Directories whose children are environments by their name.
pub(crate) fn is_plural(name: &str) -> bool {
    matches!(
        name,
        "overlays"
            | "overlay"
            | "envs"
            | "env"
            | "environments"
            | "environment"
            | "stages"
            | "clusters"
            | "cluster"
            | "regions"
            | "rings"
            | "targets"
    )
}

/// `rings/ring-1`: a plural and one of its own.
fn is_plural_of(above: &str, name: &str) -> bool {
    above.strip_suffix('s').filter(|stem| stem.len() >= 3).is_some_and(|stem| {
        name.strip_prefix(stem).is_some_and(|rest| {
            rest.starts_with(['-', '_']) || rest.starts_with(|first: char| first.is_ascii_digit())
        })
    })
}

/// What is shared by siblings, not one of them.
pub(crate) fn is_base(name: &str) -> bool {
    matches!(
        name,
        "base" | "bases" | "common" | "shared" | "default" | "defaults" | "empty-base" | "lib" | "libs"
    )
}

/// Directories that collect applications and name none.
pub(crate) fn is_container(name: &str) -> bool {
    is_plural(name)
        || matches!(
            name,
            "apps"
                | "app"
                | "applications"
                | "components"
                | "component"
                | "services"
                | "workloads"
                | "projects"
                | "deploy"
                | "deployment"
                | "deployments"
                | "k8s"
                | "kubernetes"
                | "kustomize"
                | "manifests"
                | "charts"
                | "helm"
                | "gitops"
                | "argocd"
                | "argo"
                | "flux"
                | "infrastructure"
                | "infra"
                | "configs"
                | "config"
                | "src"
                | "namespaces"
                | "tenants"
                | "releases"
                | "variants"
                | "jsonnet"
                | "tanka"
                | "platform"
        )
}

fn first_word(name: &str) -> Option<&str> {
    name.split(['-', '_']).next()
}

fn last_word(name: &str) -> Option<&str> {
    name.rsplit(['-', '_']).next()
}

/// What the positions of all paths together tell: whether the application comes before or after.
struct Columns<'a> {
    /// The prefixes before the environment.
    prefixes: HashSet<Vec<&'a str>>,
    /// By the first name after the environment: the prefixes under which it occurs.
    after: HashMap<&'a str, HashSet<Vec<&'a str>>>,
    /// By prefix: how many different first names after its environments there are, and how many of them occur
    /// in several environments.
    repeated_inside: HashMap<Vec<&'a str>, (usize, usize)>,
}

impl<'a> Columns<'a> {
    fn new(paths: &[Vec<&'a str>], chosen: &[Option<(usize, bool)>]) -> Self {
        let mut prefixes = HashSet::new();
        let mut after: HashMap<&str, HashSet<Vec<&str>>> = HashMap::new();
        let mut inside: HashMap<Vec<&str>, HashMap<&str, HashSet<&str>>> = HashMap::new();
        for (segments, chosen) in paths.iter().zip(chosen) {
            let Some((position, _)) = chosen else { continue };
            let prefix = segments[..*position].to_vec();
            if let Some(first) = segments.get(position + 1) {
                after.entry(first).or_default().insert(prefix.clone());
                inside
                    .entry(prefix.clone())
                    .or_default()
                    .entry(first)
                    .or_default()
                    .insert(segments[*position]);
            }
            prefixes.insert(prefix);
        }
        let repeated_inside = inside
            .into_iter()
            .map(|(prefix, names)| {
                let repeated = names.values().filter(|environments| environments.len() >= 2).count();
                (prefix, (names.len(), repeated))
            })
            .collect();
        Self { prefixes, after, repeated_inside }
    }

    fn placement(
        &self,
        segments: &[&'a str],
        position: usize,
        has_base: bool,
        has_base_beside: bool,
    ) -> Placement {
        let prefix = &segments[..position];
        // `regions/eu/prod/web`: stages inside an environment are part of it.
        let stages = segments[position + 1..].iter().take_while(|name| is_certain_stage_word(name)).count();
        let rest: Vec<&str> =
            segments[position + 1 + stages..].iter().copied().filter(|name| !is_base(name)).collect();
        let environment = segments[position..=position + stages].join("/");
        let before = prefix.iter().rev().find(|name| !is_container(name) && !is_base(name));
        let rest_is_environment = before.is_some()
            && (has_base_beside || self.rest_belongs_to_environment(prefix, &rest, segments, position));
        if rest.is_empty() || rest_is_environment {
            let environment = std::iter::once(environment.as_str())
                .chain(rest.iter().copied().filter(|name| !is_container(name)))
                .collect::<Vec<_>>()
                .join("/");
            return Placement {
                application: before.map(|name| (*name).to_owned()),
                environment,
                application_first: before.is_some(),
                has_base,
            };
        }
        let application = rest.iter().rev().find(|name| !is_container(name)).or(rest.last());
        Placement {
            application: application.map(|name| (*name).to_owned()),
            environment,
            application_first: false,
            has_base,
        }
    }

    /// `components/web/production/cluster-1`: the clusters repeat below many applications and not below the
    /// stages of one, so they are part of the environment. `teams/a/production/web`: the other way round.
    fn rest_belongs_to_environment(
        &self,
        prefix: &[&'a str],
        rest: &[&'a str],
        segments: &[&'a str],
        position: usize,
    ) -> bool {
        if rest.is_empty() || self.prefixes.len() < 2 {
            return false;
        }
        let Some(first) = segments.get(position + 1) else { return false };
        let elsewhere = self.after.get(first).map_or(0, HashSet::len);
        let (names, repeated) = self.repeated_inside.get(prefix).copied().unwrap_or_default();
        let repeats_between_stages = names > 0 && repeated * 2 > names;
        elsewhere >= 2 || (names > 0 && !repeats_between_stages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(paths: &[&str], has_base: bool) -> Vec<String> {
        let paths: Vec<RepoPath> = paths.iter().map(|path| RepoPath::new(path).unwrap()).collect();
        let bases = if has_base { vec![RepoPath::new("bases/x").unwrap()] } else { Vec::new() };
        let candidates: Vec<Candidate<'_>> =
            paths.iter().map(|path| Candidate { path, bases: &bases }).collect();
        let placed = place(&candidates);
        paths
            .iter()
            .map(|path| match placed.get(path) {
                Some(place) => {
                    format!("{}@{}", place.application.as_deref().unwrap_or("-"), place.environment)
                }
                None => "none".to_owned(),
            })
            .collect()
    }

    #[test]
    fn environments_are_found_by_repetition() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["apps/web/dev", "apps/web/prod", "apps/api/dev"], &["web@dev", "web@prod", "api@dev"]),
            (&["dev/web", "prod/web", "prod/api"], &["web@dev", "web@prod", "api@prod"]),
            (&["envs/qa", "envs/prod-eu"], &["-@qa", "-@prod-eu"]),
            (&["web/overlays/kenobi", "web/overlays/yoda"], &["web@kenobi", "web@yoda"]),
            (
                &["a/kenobi", "a/yoda", "b/kenobi", "b/yoda", "c/kenobi", "c/yoda"],
                &["a@kenobi", "a@yoda", "b@kenobi", "b@yoda", "c@kenobi", "c@yoda"],
            ),
            (
                &["kenobi/a", "kenobi/b", "kenobi/c", "yoda/a", "yoda/b", "yoda/c"],
                &["a@kenobi", "b@kenobi", "c@kenobi", "a@yoda", "b@yoda", "c@yoda"],
            ),
            (
                &["c/web/production/x1", "c/web/staging/x2", "c/api/production/x1", "c/api/staging/x2"],
                &["web@production/x1", "web@staging/x2", "api@production/x1", "api@staging/x2"],
            ),
            (&["regions/eu/prod/web", "regions/us/prod/web"], &["web@eu/prod", "web@us/prod"]),
            (
                &[
                    "clusters/prod-eu/web",
                    "clusters/prod-us/web",
                    "clusters/dev-eu/web",
                    "clusters/dev-eu/api",
                ],
                &["web@prod-eu", "web@prod-us", "web@dev-eu", "api@dev-eu"],
            ),
            (
                &[
                    "t/red/web/envs/dev/eu",
                    "t/red/web/envs/prod/eu",
                    "t/blue/api/envs/dev/eu",
                    "t/blue/api/envs/dev/us",
                ],
                &["web@dev/eu", "web@prod/eu", "api@dev/eu", "api@dev/us"],
            ),
            (
                &["teams/red/dev/web", "teams/red/prod/web", "teams/blue/dev/api", "teams/blue/prod/api"],
                &["web@dev", "web@prod", "api@dev", "api@prod"],
            ),
            (&["c/web/rings/ring-1/x1", "c/api/rings/ring-0"], &["web@ring-1/x1", "api@ring-0"]),
            (&["web-dev", "web-prod", "api-dev"], &["none", "none", "none"]),
            (&["web", "api", "db"], &["none", "none", "none"]),
            (&["apps/web/base", "apps/api/base"], &["none", "none"]),
        ];
        for (paths, expected) in cases {
            assert_eq!(placed(paths, false), *expected, "{paths:?}");
        }
    }

    #[test]
    fn a_word_that_only_looks_like_a_stage_is_no_environment() {
        assert_eq!(placed(&["live.example.com/web", "live.example.com/api"], false), ["none", "none"]);
        assert_eq!(placed(&["tools/load-test", "tools/web"], false), ["none", "none"]);
    }
}
