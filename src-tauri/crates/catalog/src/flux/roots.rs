//! Where Flux begins: the directories that a cluster reads first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::RepoPath;

use crate::families::segments::{self, Candidate, is_container};
use crate::index::{FileFacts, Index, ObjectKind};
use crate::kustomize::Graph;

/// Whether an object is a Flux Kustomization; one of kustomize has another group.
pub(super) fn is_kustomization(kind: &ObjectKind) -> bool {
    kind.is("kustomize.toolkit.fluxcd.io", "Kustomization")
}

/// A directory that a cluster reads first, and the cluster's name.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) directory: RepoPath,
    pub(super) environment: Option<String>,
}

/// Finds the roots: the path of a Kustomization that holds itself (`gotk-sync.yaml`); else a directory with
/// Kustomizations that no other Kustomization leads to.
///
/// Where some roots are clusters by their place, the others are examples or left over; they are returned second.
pub(super) fn roots(index: &Index<'_>, graph: &Graph) -> (Vec<Root>, Vec<RepoPath>) {
    let mut entries: BTreeSet<RepoPath> = BTreeSet::new();
    let mut paths: Vec<(RepoPath, RepoPath)> = Vec::new();
    for (file, facts) in index.files_with_objects() {
        if !facts.objects.iter().any(is_kustomization) || is_elsewhere(index, file) {
            continue;
        }
        let directory = file.parent().unwrap_or_default();
        if graph.reads_file(file) {
            entries.extend(top_readers(graph, file));
        } else if graph.get(&directory).is_none() {
            entries.insert(directory);
        } else {
            continue;
        }
        for document in index.documents(file).iter() {
            if ObjectKind::of(document).as_ref().is_some_and(is_kustomization)
                && let Some(path) = written_path(document).filter(|path| index.directory(path).is_some())
            {
                paths.push((file.clone(), path));
            }
        }
    }
    let own: BTreeSet<RepoPath> = paths
        .iter()
        .filter(|(file, path)| !path.is_root() && file.is_inside(path))
        .map(|(_, path)| path.clone())
        .collect();
    // The outermost, where one lies in another.
    let mut found: BTreeSet<RepoPath> = own
        .iter()
        .filter(|path| !own.iter().any(|other| other != *path && path.is_inside(other)))
        .cloned()
        .collect();
    for entry in entries {
        let is_inside = found.iter().any(|root| entry.is_inside(root));
        let is_led_to =
            paths.iter().any(|(file, path)| reads(index, graph, path, &entry) && !file.is_inside(&entry));
        if !is_inside && !is_led_to {
            found.insert(entry);
        }
    }
    let found: Vec<RepoPath> = found
        .iter()
        .filter(|root| !found.iter().any(|other| other != *root && root.is_inside(other)))
        .cloned()
        .collect();
    let names = names(&found, &own);
    let (mut clusters, mut others) = (Vec::new(), Vec::new());
    for directory in found {
        match names.get(&directory) {
            Some(name) => clusters.push(Root { directory, environment: Some(name.clone()) }),
            None => others.push(directory),
        }
    }
    if clusters.is_empty() {
        clusters = others.drain(..).map(|directory| Root { directory, environment: None }).collect();
    }
    (clusters, others)
}

/// Examples in hidden directories and templates of charts declare nothing.
fn is_elsewhere(index: &Index<'_>, file: &RepoPath) -> bool {
    file.segments().any(|segment| segment.starts_with('.')) || index.is_in_chart(file)
}

/// The path of a Kustomization as it is written: relative to the root of its source, with `..` resolved there.
pub(super) fn written_path(kustomization: &Value) -> Option<RepoPath> {
    let text = kustomization.pointer("/spec/path").and_then(Value::as_str).unwrap_or(".");
    inside_root(text)
}

/// Resolves a path below a root that nothing leads out of.
pub(super) fn inside_root(text: &str) -> Option<RepoPath> {
    if text.contains("${") {
        return None;
    }
    let mut rest = text.trim().trim_start_matches('/');
    while let Some(shorter) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = shorter;
    }
    RepoPath::new(rest).ok()
}

/// Whether building a directory reads another one: below it, or by kustomizations.
fn reads(index: &Index<'_>, graph: &Graph, path: &RepoPath, directory: &RepoPath) -> bool {
    if !directory.is_inside(path) || graph.get(path).is_none() {
        return directory.is_inside(path);
    }
    let holds = |facts: &FileFacts| facts.objects.iter().any(is_kustomization);
    directory == path || graph.leads_to(index, path, &holds)
}

fn top_readers(graph: &Graph, file: &RepoPath) -> BTreeSet<RepoPath> {
    let mut seen = BTreeSet::new();
    let mut roots = BTreeSet::new();
    let mut open: Vec<RepoPath> = graph.readers(file).cloned().collect();
    while let Some(directory) = open.pop() {
        if !seen.insert(directory.clone()) {
            continue;
        }
        let above: Vec<RepoPath> = graph.referrers(&directory).cloned().collect();
        if above.is_empty() && graph.get(&directory).is_some_and(|kustomization| !kustomization.is_component)
        {
            roots.insert(directory);
        }
        open.extend(above);
    }
    roots
}

/// The names of clusters: the segment below `clusters`, or the one in which the roots differ.
fn names(roots: &[RepoPath], synced: &BTreeSet<RepoPath>) -> BTreeMap<RepoPath, String> {
    let candidates: Vec<Candidate<'_>> = roots.iter().map(|path| Candidate { path, bases: &[] }).collect();
    let placed = segments::place(&candidates);
    let split: Vec<Vec<&str>> = roots.iter().map(|path| path.segments().collect()).collect();
    let first = split.first().cloned().unwrap_or_default();
    let head =
        (0..first.len()).take_while(|at| split.iter().all(|each| each.get(*at) == first.get(*at))).count();
    let tail = (0..first.len().saturating_sub(head))
        .take_while(|at| {
            split.iter().all(|each| {
                each.len() > head + at && each[each.len() - 1 - at] == first[first.len() - 1 - at]
            })
        })
        .count();
    roots
        .iter()
        .zip(&split)
        .filter_map(|(path, segments)| {
            if let Some(place) = placed.get(path) {
                // `clusters/production/eu`: what follows the group names a cluster, no application.
                let name = match &place.application {
                    Some(rest) if !place.application_first => format!("{}/{rest}", place.environment),
                    _ => place.environment.clone(),
                };
                return Some((path.clone(), name));
            }
            let is_beside_clusters = !placed.is_empty() && !synced.contains(path);
            if roots.len() < 2 || segments.len() < head + tail || is_beside_clusters {
                return None;
            }
            let different: Vec<&str> = segments[head..segments.len() - tail]
                .iter()
                .copied()
                .filter(|name| !is_container(name))
                .collect();
            (!different.is_empty()).then(|| (path.clone(), different.join("/")))
        })
        .collect()
}
