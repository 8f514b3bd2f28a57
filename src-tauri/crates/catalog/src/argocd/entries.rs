//! Where declarations are found, before any of them is followed.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::RepoPath;

use super::Repository;
use crate::catalog::Skipped;
use crate::index::ObjectKind;
use crate::kustomize::Graph;

/// A place where declarations are found without following any.
pub(super) struct Entry {
    pub(super) directory: RepoPath,
    /// The files, where no kustomization reads them.
    pub(super) files: Vec<RepoPath>,
    pub(super) kind: EntryKind,
}

#[derive(PartialEq)]
pub(super) enum EntryKind {
    Kustomization,
    Files,
    Chart,
}

/// A directory that an Application reads.
pub(super) struct Target {
    pub(super) path: RepoPath,
    pub(super) recurse: bool,
    /// The entry that holds the Application.
    pub(super) from: RepoPath,
}

impl Entry {
    pub(super) fn is_target(&self, targets: &[Target]) -> bool {
        targets.iter().any(|target| target.from != self.directory && target.reads(&self.directory))
    }

    pub(super) fn is_read_from_above(&self, targets: &[Target]) -> bool {
        targets
            .iter()
            .any(|target| target.recurse && target.path != self.directory && target.reads(&self.directory))
    }

    /// The directory above whose reader does not read this one; then no one does.
    pub(super) fn parked_below<'t>(&self, targets: &'t [Target]) -> Option<&'t RepoPath> {
        if self.kind != EntryKind::Files || targets.iter().any(|target| target.reads(&self.directory)) {
            return None;
        }
        targets
            .iter()
            .map(|target| &target.path)
            .find(|path| !path.is_root() && self.directory != **path && self.directory.is_inside(path))
    }
}

impl Target {
    fn reads(&self, directory: &RepoPath) -> bool {
        *directory == self.path || (self.recurse && directory.is_inside(&self.path))
    }
}

pub(super) fn entries(repository: &Repository<'_>, graph: &Graph) -> Vec<Entry> {
    let index = repository.index;
    let mut charts = BTreeSet::new();
    let mut files: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
    let mut roots = BTreeSet::new();
    for (file, facts) in index.files_with_objects() {
        let is_hidden = file.segments().any(|segment| segment.starts_with('.'));
        if is_hidden || is_about(file) || !facts.objects.iter().any(deploys) {
            continue;
        }
        let directory = file.parent().unwrap_or_default();
        let chart = directory
            .ancestors()
            .find(|above| index.directory(above).is_some_and(|names| names.has("Chart.yaml")));
        if let Some(chart) = chart {
            charts.insert(chart);
        } else if graph.reads_file(file) {
            roots.extend(readers(graph, file));
        } else if graph.get(&directory).is_none() {
            files.entry(directory).or_default().push(file.clone());
        }
    }
    let mut result: Vec<Entry> = roots
        .into_iter()
        .map(|directory| Entry { directory, files: Vec::new(), kind: EntryKind::Kustomization })
        .collect();
    result.extend(files.into_iter().map(|(directory, files)| Entry {
        directory,
        files,
        kind: EntryKind::Files,
    }));
    let outermost: Vec<RepoPath> = charts
        .iter()
        .filter(|chart| !charts.iter().any(|other| other != *chart && chart.is_inside(other)))
        .cloned()
        .collect();
    result.extend(outermost.into_iter().map(|directory| Entry {
        directory,
        files: Vec::new(),
        kind: EntryKind::Chart,
    }));
    result
}

/// The kustomizations that a file ends up in and that nothing else builds upon.
fn readers(graph: &Graph, file: &RepoPath) -> BTreeSet<RepoPath> {
    let mut seen = BTreeSet::new();
    let mut roots = BTreeSet::new();
    let mut open: Vec<RepoPath> = graph.readers(file).cloned().collect();
    while let Some(directory) = open.pop() {
        if !seen.insert(directory.clone()) {
            continue;
        }
        let above: Vec<RepoPath> = graph.referrers(&directory).cloned().collect();
        let is_component = graph.get(&directory).is_some_and(|kustomization| kustomization.is_component);
        if above.is_empty() && !is_component {
            roots.insert(directory);
        }
        open.extend(above);
    }
    roots
}

/// Whether an object makes Argo CD deploy something.
pub(super) fn deploys(kind: &ObjectKind) -> bool {
    kind.is("argoproj.io", "Application") || kind.is("argoproj.io", "ApplicationSet")
}

/// Whether a declaration serves tests or documentation.
pub(super) fn is_about(file: &RepoPath) -> bool {
    let top = file.segments().next().unwrap_or_default();
    matches!(top, "docs" | "doc" | "test" | "tests" | "testdata" | "fixtures")
}

/// Declarations that are not followed: beside a kustomization that does not list them, or for tests.
pub(super) fn unlisted(repository: &Repository<'_>, graph: &Graph) -> Vec<Skipped> {
    let index = repository.index;
    let is_unlisted = |file: &RepoPath| {
        !graph.reads_file(file) && file.parent().is_some_and(|directory| graph.get(&directory).is_some())
    };
    index
        .files_with_objects()
        .filter(|(_, facts)| facts.objects.iter().any(deploys))
        .filter_map(|(file, _)| {
            let reason = if is_about(file) {
                "a declaration for tests or documentation: not deployed"
            } else if is_unlisted(file) {
                "a declaration that the kustomization beside it does not list: not deployed"
            } else {
                return None;
            };
            Some(Skipped { path: file.clone(), reason: reason.to_owned() })
        })
        .collect()
}
