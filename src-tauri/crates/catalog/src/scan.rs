//! The scan itself: what declares wins, directories tell the rest.

use slipway_model::{Problem, Tree};

use crate::assemble::{Findings, assemble};
use crate::catalog::Catalog;
use crate::families;
use crate::found::Found;
use crate::index::Index;
use crate::kustomize::Graph;
use crate::options::ScanOptions;
use crate::settings::{self, IgnoreGlobs, Settings};

/// Looks at a tree and finds its applications and environments. Never fails: what is broken is among the
/// problems, what is not understood among the skipped, and the rest is there.
#[must_use]
pub fn scan(tree: &dyn Tree, options: &ScanOptions<'_>) -> Catalog {
    let (settings, settings_problems) = settings::load(tree);
    let index = Index::new(tree);
    let graph = Graph::new(&index);
    let mut findings = Findings::default();
    findings.problems.extend(settings_problems);
    let ignored = ignored(&settings, &mut findings.problems);
    let (readings, skipped) = families::read(&index, &graph);
    findings.skipped.extend(skipped);
    findings.found.extend(readings.into_iter().map(Found::from));
    findings.found.retain(|each| {
        let path = each.sources.first().map(|source| &source.path);
        !path.is_some_and(|path| ignored.ignores_directory(path))
    });
    let mut catalog = assemble(&index, &graph, &settings, options, findings);
    catalog.problems.extend(index.into_problems());
    catalog
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
