//! Environments that are branches.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_model::RepoPath;
use slipway_render::{EngineKind, Parameters, Source};

use crate::catalog::Destination;
use crate::environments::{has_stage_word, is_stage_word};
use crate::families;
use crate::found::Found;
use crate::index::Index;
use crate::kustomize::Graph;
use crate::options::ScanOptions;

/// The environment that a long-lived branch is; `None` for branches of work, releases and proposals.
pub(crate) fn environment(branch: &str) -> Option<&str> {
    let (folder, last) =
        branch.rsplit_once('/').map_or((None, branch), |(folder, last)| (Some(folder), last));
    let in_folder = folder.is_some_and(|folder| {
        matches!(
            folder,
            "env"
                | "envs"
                | "environment"
                | "environments"
                | "deploy"
                | "stage"
                | "stages"
                | "cluster"
                | "clusters"
        )
    });
    let is_proposal = last.ends_with("-next") || last.ends_with("-preview");
    if is_proposal {
        return None;
    }
    match folder {
        Some(_) if in_folder => Some(last),
        Some(_) => None,
        None => is_environment_alone(last).then_some(last),
    }
}

/// Without a folder, the name must be a stage, alone or with a region: `staging`, `prod-eu`.
fn is_environment_alone(name: &str) -> bool {
    is_stage_word(name) || (has_stage_word(name) && name.split('-').next().is_some_and(is_stage_word))
}

/// The promotion orders that the repository states: the branches of a PromotionStrategy.
pub(crate) fn declared_orders(index: &Index<'_>) -> Vec<Vec<String>> {
    let mut orders = Vec::new();
    for (file, facts) in index.files_with_objects() {
        let is_strategy =
            facts.objects.iter().any(|kind| kind.is("promoter.argoproj.io", "PromotionStrategy"));
        if !is_strategy || index.is_in_chart(file) {
            continue;
        }
        for document in index.documents(file).iter() {
            let list = document.pointer("/spec/environments").and_then(Value::as_array).into_iter().flatten();
            let order: Vec<String> = list
                .filter_map(|each| each.get("branch")?.as_str())
                .map(|branch| environment(branch).unwrap_or(branch).to_owned())
                .collect();
            if order.len() >= 2 {
                orders.push(order);
            }
        }
    }
    orders
}

/// What the branches add to what the scanned tree tells: nothing, where its instances already have
/// environments; else the instances of every branch that is one. A hydrated branch is written by a controller
/// and repeats what a declaration names.
pub(crate) fn read(options: &ScanOptions<'_>, found: &[Found]) -> Vec<Found> {
    let known: BTreeSet<&str> = found.iter().filter_map(|each| each.environment.as_deref()).collect();
    let mut result = Vec::new();
    for (branch, tree) in options.branches {
        let Some(name) = environment(branch).filter(|name| !known.contains(name)) else { continue };
        let index = Index::new(tree.as_ref());
        if is_hydrated(&index) {
            result.extend(hydrated(&index, branch, name));
        } else if known.is_empty() && is_alike(&index, found) {
            result.extend(branch_of_sources(&index, branch, name));
        }
    }
    result
}

fn is_hydrated(index: &Index<'_>) -> bool {
    index.directory(&RepoPath::root()).is_some_and(|names| names.has("hydrator.metadata"))
}

/// Whether a branch deploys at least half of the directories that the scanned tree deploys.
fn is_alike(index: &Index<'_>, found: &[Found]) -> bool {
    let paths: BTreeSet<&RepoPath> =
        found.iter().flat_map(|each| &each.sources).map(|source| &source.path).collect();
    let there = paths.iter().filter(|path| index.directory(path).is_some()).count();
    found.is_empty() || there * 2 >= paths.len()
}

fn hydrated(index: &Index<'_>, branch: &str, environment: &str) -> Vec<Found> {
    index
        .directories()
        .iter()
        .filter(|(path, names)| {
            !path.is_root() && names.has("manifest.yaml") && names.has("hydrator.metadata")
        })
        .map(|(path, _)| {
            let name = path.file_name().unwrap_or_default();
            let application =
                name.strip_suffix(environment).and_then(|name| name.strip_suffix('-')).unwrap_or(name);
            let source = Source {
                engine: EngineKind::Plain,
                path: path.clone(),
                values: Vec::new(),
                parameters: Parameters { include: Some("manifest.yaml".to_owned()), ..Parameters::default() },
            };
            on_branch(Some(application.to_owned()), environment, branch, source, "hydrated manifests")
        })
        .collect()
}

fn branch_of_sources(index: &Index<'_>, branch: &str, environment: &str) -> Vec<Found> {
    let graph = Graph::new(index);
    let (readings, _) = families::read(index, &graph);
    readings
        .into_iter()
        .map(|reading| {
            let mut found = Found::from(reading);
            found.environment = Some(environment.to_owned());
            found.family = "env-branches";
            found.revision = Some(branch.to_owned());
            found.reason = format!("the branch `{branch}` is an environment");
            found
        })
        .collect()
}

fn on_branch(
    application: Option<String>,
    environment: &str,
    branch: &str,
    source: Source,
    what: &str,
) -> Found {
    Found {
        application,
        environment: Some(environment.to_owned()),
        sources: vec![source],
        remote: Vec::new(),
        destination: Destination::default(),
        argocd_application: None,
        reason: format!("the branch `{branch}` holds its {what}"),
        declared_in: None,
        family: "env-branches",
        revision: Some(branch.to_owned()),
        order: slipway_model::Order::default(),
        problems: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_of_work_are_no_environments() {
        for (branch, expected) in [
            ("env/dev", Some("dev")),
            ("environments/production", Some("production")),
            ("staging", Some("staging")),
            ("prod-eu", Some("prod-eu")),
            ("env/dev-next", None),
            ("renovate/helm", None),
            ("feature/prod", None),
            ("release-1.2", None),
            ("gh-pages", None),
            ("main", None),
        ] {
            assert_eq!(environment(branch), expected, "{branch}");
        }
    }
}
