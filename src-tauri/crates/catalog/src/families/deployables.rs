//! Which directories could be deployed, before any of them has a name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::{Problem, RepoPath};
use slipway_render::EngineKind;

use crate::catalog::Skipped;
use crate::engine_detection::engines;
use crate::index::Index;
use crate::kustomize::Graph;

/// A directory that an engine turns into objects and that nothing else is built upon.
#[derive(Clone, Debug)]
pub(crate) struct Deployable {
    /// The directory.
    pub(crate) path: RepoPath,
    /// Its engine.
    pub(crate) engine: EngineKind,
    /// `ambiguous-engine`.
    pub(crate) problem: Option<Problem>,
    /// For a kustomization: the directories it builds upon.
    pub(crate) bases: Vec<RepoPath>,
}

/// Top directories that hold what is about the repository, not what it deploys.
const ABOUT: &[&str] =
    &["docs", "doc", "test", "tests", "testdata", "fixtures", "hack", "examples", "scripts"];

/// Finds the deployable directories, and why the others that look like one are none.
pub(crate) fn deployables(index: &Index<'_>, graph: &Graph) -> (Vec<Deployable>, Vec<Skipped>) {
    let charts = charts(index);
    let libraries = libraries(index, &charts);
    let mut found: Vec<Deployable> = Vec::new();
    let mut skipped = Vec::new();
    for (path, directory) in index.directories() {
        let files: Vec<&str> = directory.files.iter().map(String::as_str).collect();
        if let Some(name) =
            files.iter().find(|name| matches!(**name, "helmfile.yaml" | "helmfile.yaml.gotmpl"))
        {
            skipped.push(Skipped {
                path: path.child(name),
                reason: "a helmfile, which is not read here".to_owned(),
            });
        }
        let Some(detected) = engines(&files, path) else { continue };
        let mut skip = |reason: String| skipped.push(Skipped { path: path.clone(), reason });
        if path.segments().any(|segment| segment.starts_with('.')) {
            continue;
        }
        if path.ancestors().skip(1).any(|above| charts.contains(&above)) {
            continue;
        }
        let holds_objects = match detected.engine {
            EngineKind::Plain => index.manifests_in(path).any(|(_, facts)| facts.has_plain_objects()),
            _ => true,
        };
        if !holds_objects {
            continue;
        }
        if path.segments().next().is_some_and(|top| ABOUT.contains(&top)) && path.segments().count() > 1 {
            skip(format!(
                "`{}` is about the repository, not deployed",
                path.segments().next().unwrap_or_default()
            ));
            continue;
        }
        let mut bases = Vec::new();
        match detected.engine {
            EngineKind::Helm if libraries.contains(path) => {
                skip("a chart that other charts are built upon".to_owned());
                continue;
            }
            EngineKind::Kustomize => {
                let Some(kustomization) = graph.get(path) else { continue };
                if kustomization.is_component {
                    skip(format!("a component, used by {}", names(graph, path)));
                    continue;
                }
                if graph.is_used(path) {
                    skip(format!("a base, used by {}", names(graph, path)));
                    continue;
                }
                if graph.is_list(path) {
                    skip("a list of kustomizations that stand for themselves".to_owned());
                    continue;
                }
                bases.clone_from(&kustomization.directories);
            }
            EngineKind::Plain => {
                let mut manifests = index.manifests_in(path).filter(|(_, facts)| facts.has_plain_objects());
                if manifests.any(|(_, facts)| facts.has_templated_names) {
                    skip("manifests with placeholders, for a tool that is not known here".to_owned());
                    continue;
                }
                if is_part_of_another(index, graph, path) {
                    continue;
                }
            }
            EngineKind::Jsonnet if path.segments().any(|segment| matches!(segment, "vendor" | "lib")) => {
                continue;
            }
            _ => {}
        }
        found.push(Deployable {
            path: path.clone(),
            engine: detected.engine,
            problem: detected.problem,
            bases,
        });
    }
    drop_nested(index, &mut found, &mut skipped);
    (found, skipped)
}

fn names(graph: &Graph, path: &RepoPath) -> String {
    let all: Vec<String> = graph.referrers(path).map(|referrer| format!("`{referrer}`")).collect();
    match all.as_slice() {
        [] => "nothing in this repository".to_owned(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

/// Every directory with a `Chart.yaml`.
fn charts(index: &Index<'_>) -> BTreeSet<RepoPath> {
    index
        .directories()
        .iter()
        .filter(|(_, directory)| directory.has("Chart.yaml"))
        .map(|(path, _)| path.clone())
        .collect()
}

/// Charts of type library, and charts that others depend on by a `file://` address.
fn libraries(index: &Index<'_>, charts: &BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
    let mut libraries = BTreeSet::new();
    for path in charts {
        let Some(chart) = index.document(&path.child("Chart.yaml")) else { continue };
        if chart.get("type").and_then(Value::as_str) == Some("library") {
            libraries.insert(path.clone());
        }
        for dependency in chart.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let address = dependency.get("repository").and_then(Value::as_str).unwrap_or_default();
            let target = address.strip_prefix("file://").and_then(|relative| path.join(relative).ok());
            libraries.extend(target.filter(|target| charts.contains(target)));
        }
    }
    libraries
}

/// Whether the manifests of a directory are read by a kustomization, or lie below one that owns them.
fn is_part_of_another(index: &Index<'_>, graph: &Graph, path: &RepoPath) -> bool {
    let read_by_others = index
        .manifests_in(path)
        .filter(|(_, facts)| facts.has_plain_objects())
        .all(|(file, _)| graph.reads_file(&file));
    read_by_others
        || path.ancestors().skip(1).filter(|above| !above.is_root()).any(|above| {
            graph.get(&above).is_some_and(|kustomization| {
                !graph.is_list(&above) && kustomization.files.iter().any(|file| file.is_inside(path))
            })
        })
        || graph.referrers(path).next().is_some()
        || path
            .parent()
            .filter(|parent| !parent.is_root())
            .is_some_and(|parent| graph.get(&parent).is_some() && !graph.is_list(&parent))
}

/// What lies below a directory of manifests or templates belongs to it; a directory with more directories of
/// manifests than manifests collects them and is none itself.
fn drop_nested(index: &Index<'_>, found: &mut Vec<Deployable>, skipped: &mut Vec<Skipped>) {
    let mut children: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for each in found.iter() {
        *children.entry(each.path.parent().unwrap_or_default()).or_default() += 1;
    }
    let is_leaf = |each: &Deployable| matches!(each.engine, EngineKind::Plain | EngineKind::Minijinja);
    let mut owners = BTreeSet::new();
    let mut collectors = BTreeSet::new();
    for each in found.iter().filter(|each| is_leaf(each)) {
        let below = children.get(&each.path).copied().unwrap_or_default();
        let own = index.manifests_in(&each.path).filter(|(_, facts)| facts.has_plain_objects()).count();
        if below > own || (each.path.is_root() && found.len() > 1) {
            collectors.insert(each.path.clone());
        } else {
            owners.insert(each.path.clone());
        }
    }
    found.retain(|each| {
        if collectors.contains(&each.path) {
            let reason =
                "holds directories of manifests; the manifests beside them are no application".to_owned();
            skipped.push(Skipped { path: each.path.clone(), reason });
            return false;
        }
        let owner = is_leaf(each)
            .then(|| each.path.ancestors().skip(1).find(|above| owners.contains(above)))
            .flatten();
        if let Some(owner) = &owner {
            let reason = format!("below `{owner}`, which is a directory of manifests itself");
            skipped.push(Skipped { path: each.path.clone(), reason });
        }
        owner.is_none()
    });
}
