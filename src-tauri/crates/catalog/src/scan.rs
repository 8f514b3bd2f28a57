//! The scan itself: what declares wins, directories tell the rest.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{Changes, Problem, Reads, Recorder, RepoPath, Tree};

use crate::argocd::{Repository, walk};
use crate::assemble::{Findings, assemble};
use crate::branches;
use crate::catalog::{Catalog, Skipped};
use crate::families::{self, Reading};
use crate::flux;
use crate::found::Found;
use crate::index::{Index, Known, is_structured};
use crate::jsonnet;
use crate::kustomize::{Builder, Graph};
use crate::naming::name_all;
use crate::options::ScanOptions;
use crate::settings::{self, IgnoreGlobs, Settings};

/// Looks at a tree and finds its applications and environments. Never fails: what is broken is among the
/// problems, what is not understood among the skipped, and the rest is there.
#[must_use]
pub fn scan(tree: &dyn Tree, options: &ScanOptions<'_>) -> Catalog {
    scan_with_memory(tree, options).0
}

/// As [`scan`], and what is needed to tell whether a later tree has the same catalog.
#[must_use]
pub fn scan_with_memory(tree: &dyn Tree, options: &ScanOptions<'_>) -> (Catalog, ScanMemory) {
    look(tree, options, None)
}

/// As [`scan_with_memory`], of a tree that differs from the remembered one by `changes`: where files were only edited,
/// what was listed and decoded before is not listed and decoded again.
#[must_use]
pub fn scan_after(
    tree: &dyn Tree,
    options: &ScanOptions<'_>,
    memory: ScanMemory,
    changes: &Changes,
) -> (Catalog, ScanMemory) {
    // What is ignored decides what is listed.
    let settings = settings::file();
    let only_edited = !memory.has_links()
        && changes.others.is_empty()
        && changes.modified.iter().all(|path| *path != settings);
    look(tree, options, only_edited.then_some((memory.known, &changes.modified[..])))
}

/// What a scan knew of the files.
pub struct ScanMemory {
    known: Known,
    /// What was read beyond the facts.
    reads: Reads,
}

impl ScanMemory {
    /// Whether a scan of `tree` finds the same catalog: files were only edited, hold the same kinds of object,
    /// and nothing else of their content was read. Through links a file can be read by another name, so that a
    /// tree with links is always scanned again.
    #[must_use]
    pub fn holds(&self, tree: &dyn Tree, changes: &Changes) -> bool {
        !self.has_links()
            && changes.others.is_empty()
            && changes.modified.iter().all(|path| {
                let is_structured = path.file_name().is_some_and(is_structured);
                (!is_structured || self.known.holds(tree, path))
                    && !self.known.has_decoded(path)
                    && !self.reads.touch(path)
            })
    }

    /// Whether the tree has symbolic links, by which a file may have been read under another name.
    #[must_use]
    pub fn has_links(&self) -> bool {
        self.known.has_links()
    }
}

/// The catalog and what is to be remembered. Everything beyond listings, facts and what was decoded before is read
/// through a recorder. With what was known of a tree before, and which files are others since.
fn look(
    tree: &dyn Tree,
    options: &ScanOptions<'_>,
    before: Option<(Known, &[RepoPath])>,
) -> (Catalog, ScanMemory) {
    let recorder = Recorder::new(tree);
    let (settings, settings_problems) = settings::load(&recorder);
    let mut findings = Findings::default();
    findings.problems.extend(settings_problems);
    let ignored = ignored(&settings, &mut findings.problems);
    let index = match before {
        Some((known, modified)) => Index::after(tree, known, modified),
        None => Index::without(tree, &ignored),
    };
    let index = index.reading(&recorder);
    let graph = Graph::new(&index);
    let declarations = declared(&index, &graph, options, &mut findings);
    let (readings, skipped) = families::read(&index, &graph);
    findings.skipped.extend(skipped);
    add_readings(readings, &declarations, &mut findings);
    findings.orders.extend(branches::declared_orders(&index));
    let on_branches = branches::read(options, &findings.found);
    findings.found.extend(on_branches);
    let mut catalog = assemble(&index, &graph, &settings, options, findings);
    let (known, problems) = index.into_known();
    catalog.problems.extend(problems);
    (catalog, ScanMemory { known, reads: recorder.into_reads() })
}

/// Adds what is declared; the result are the directories that hold declarations.
fn declared(
    index: &Index<'_>,
    graph: &Graph,
    options: &ScanOptions<'_>,
    findings: &mut Findings,
) -> BTreeSet<RepoPath> {
    let builder = Builder::new(index, graph);
    let repository = Repository::new(index, options);
    let walk = walk(&repository, graph, &builder, options);
    findings.skipped.extend(walk.skipped);
    findings.problems.extend(walk.problems);
    let named = name_all(walk.declared, graph);
    findings.found.extend(named.found);
    findings.aliases.extend(named.aliases);
    let mut directories = walk.directories;
    let walk = flux::walk(&repository, graph, &builder);
    findings.skipped.extend(walk.skipped);
    findings.problems.extend(walk.problems);
    findings.found.extend(walk.delivered.into_iter().map(Found::from));
    directories.extend(walk.directories);
    let environments = jsonnet::environments(index, options);
    directories.extend(environments.iter().flat_map(|each| &each.sources).map(|source| source.path.clone()));
    findings.found.extend(environments);
    directories
}

/// Adds what only the directories tell. Beside declarations, that is what no declaration is near: a top
/// directory of its own, in which one application has several environments.
fn add_readings(readings: Vec<Reading>, declarations: &BTreeSet<RepoPath>, findings: &mut Findings) {
    if findings.found.is_empty() && declarations.is_empty() {
        findings.found.extend(readings.into_iter().map(Found::from));
        return;
    }
    let top = |path: &RepoPath| path.segments().next().unwrap_or_default().to_owned();
    let paths: BTreeSet<RepoPath> =
        findings.found.iter().flat_map(|each| &each.sources).map(|source| source.path.clone()).collect();
    let known: BTreeSet<String> = paths.iter().chain(declarations).map(top).collect();
    let mut environments: BTreeMap<(String, Option<String>), BTreeSet<String>> = BTreeMap::new();
    for reading in &readings {
        if let Some(environment) = &reading.environment {
            environments
                .entry((top(&reading.path), reading.application.clone()))
                .or_default()
                .insert(environment.clone());
        }
    }
    for mut reading in readings {
        if paths.contains(&reading.path) || declarations.contains(&reading.path) {
            continue;
        }
        let top = top(&reading.path);
        let is_told = reading.environment.is_some()
            && environments
                .get(&(top.clone(), reading.application.clone()))
                .is_some_and(|environments| environments.len() >= 2);
        if is_told && !known.contains(&top) {
            // Without a name of its own, a top directory beside others is the application.
            reading.application.get_or_insert(top);
            findings.found.push(Found::from(reading));
        } else {
            findings.unexplained += 1;
            let reason = "could be deployed, but nothing declares it".to_owned();
            findings.skipped.push(Skipped { path: reading.path, reason });
        }
    }
}

fn ignored(settings: &Settings, problems: &mut Vec<Problem>) -> IgnoreGlobs {
    let (globs, broken) = IgnoreGlobs::new(&settings.ignore);
    for (pattern, reason) in broken {
        problems.push(
            Problem::warning(
                "invalid-settings",
                format!("`{pattern}` under `ignore` is no pattern: {reason}"),
            )
            .at(slipway_model::Location::file(&settings::file())),
        );
    }
    globs
}
