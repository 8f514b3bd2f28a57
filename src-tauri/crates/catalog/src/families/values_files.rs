//! Values files per environment, beside a chart or in a directory per environment.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::RepoPath;

use super::segments::is_plural;
use crate::environments::has_stage_word;
use crate::index::Index;

/// By chart: its environments, each with its values files in order.
pub(crate) type ValuesByChart = BTreeMap<RepoPath, BTreeMap<String, Vec<RepoPath>>>;

/// Finds the values files of every chart. A name counts as an environment where it has a stage word, where it
/// stands in a directory of environments, or where it occurs beside a second chart; `values.yaml` is common to
/// all and never listed.
pub(crate) fn values_by_chart(index: &Index<'_>, charts: &[&RepoPath]) -> ValuesByChart {
    let mut found: BTreeMap<&RepoPath, BTreeMap<String, (Vec<RepoPath>, bool)>> = BTreeMap::new();
    for chart in charts {
        for (environment, file, is_sure) in beside(index, chart) {
            let entry = found.entry(chart).or_default().entry(environment).or_default();
            entry.0.push(file);
            entry.1 |= is_sure;
        }
    }
    for (chart, environment, file) in
        elsewhere(index, charts).into_iter().chain(of_the_only_chart(index, charts))
    {
        let entry = found.entry(chart).or_default().entry(environment).or_default();
        entry.0.push(file);
        entry.1 = true;
    }
    let mut occurrences: BTreeMap<&str, usize> = BTreeMap::new();
    for environments in found.values() {
        environments.keys().for_each(|name| *occurrences.entry(name).or_default() += 1);
    }
    let repeated: BTreeSet<String> = occurrences
        .into_iter()
        .filter(|(name, count)| *count >= 2 || has_stage_word(name))
        .map(|(name, _)| name.to_owned())
        .collect();
    found
        .into_iter()
        .map(|(chart, environments)| {
            let environments = environments
                .into_iter()
                .filter(|(name, (_, is_sure))| *is_sure || repeated.contains(name))
                .map(|(name, (files, _))| (name, files))
                .collect::<BTreeMap<_, _>>();
            (chart.clone(), environments)
        })
        .filter(|(_, environments)| !environments.is_empty())
        .collect()
}

/// The environment that a values file's name tells: `values-dev.yaml`, `values.dev.yaml`, `dev-values.yaml`.
pub(crate) fn environment_of_file(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    let middle = ["values-", "values_", "values."]
        .iter()
        .find_map(|prefix| stem.strip_prefix(prefix))
        .or_else(|| ["-values", "_values", ".values"].iter().find_map(|suffix| stem.strip_suffix(suffix)))?;
    // Secrets are decrypted by another tool, and examples are for people: neither is a values file as it lies here.
    let last = middle.rsplit(['-', '_', '.']).next().unwrap_or(middle);
    let is_something_else = matches!(
        last,
        "enc" | "dec" | "sops" | "secret" | "secrets" | "schema" | "example" | "sample" | "template"
    );
    (!middle.is_empty() && !is_something_else).then_some(middle)
}

fn beside(index: &Index<'_>, chart: &RepoPath) -> Vec<(String, RepoPath, bool)> {
    let mut found = Vec::new();
    let Some(directory) = index.directory(chart) else { return found };
    for name in &directory.files {
        if let Some(environment) = environment_of_file(name) {
            found.push((environment.to_owned(), chart.child(name), false));
        }
    }
    for below in directory.directories.iter().filter(|name| is_plural(name) || name.as_str() == "values") {
        let folder = chart.child(below);
        let Some(listing) = index.directory(&folder) else { continue };
        for name in &listing.files {
            let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
            let environment = environment_of_file(name).or(stem.filter(|stem| *stem != "values"));
            if let Some(environment) = environment {
                found.push((environment.to_owned(), folder.child(name), true));
            }
        }
        for environment in &listing.directories {
            let file = folder.child(environment).child("values.yaml");
            if index.has_file(&file) {
                found.push((environment.clone(), file, true));
            }
        }
    }
    found
}

/// `environments/dev/shop.yaml`, `environments/dev/shop/values.yaml`, `dev/shop-values.yaml` for a chart
/// `charts/shop`.
fn elsewhere<'c>(index: &Index<'_>, charts: &[&'c RepoPath]) -> Vec<(&'c RepoPath, String, RepoPath)> {
    let by_name: BTreeMap<&str, &RepoPath> =
        charts.iter().filter_map(|chart| Some((chart.file_name()?, *chart))).collect();
    let folders: BTreeSet<&RepoPath> = charts.iter().copied().collect();
    let mut found = Vec::new();
    for (path, directory) in index.directories() {
        if path.ancestors().any(|above| folders.contains(&above)) {
            continue;
        }
        let Some(own) = path.file_name() else { continue };
        let parent = path.parent().unwrap_or_default();
        let above = parent.file_name().unwrap_or_default();
        let is_environment =
            |name: &str, above: &str| is_plural(above) || above == "values" || has_stage_word(name);
        for name in &directory.files {
            let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
            let chart = stem
                .and_then(|stem| by_name.get(stem))
                .or_else(|| environment_of_file(name).and_then(|middle| by_name.get(middle)));
            if let Some(chart) = chart.filter(|_| is_environment(own, above)) {
                found.push((*chart, own.to_owned(), path.child(name)));
            }
        }
        let grandparent = parent.parent().unwrap_or_default();
        if let Some(chart) = by_name.get(own).filter(|_| directory.has("values.yaml"))
            && is_environment(above, grandparent.file_name().unwrap_or_default())
            && !directory.has("Chart.yaml")
        {
            found.push((*chart, above.to_owned(), path.child("values.yaml")));
        }
    }
    found.retain(|(_, _, file)| index.facts(file).is_none());
    found
}

/// `values/dev.yaml`, `environments/dev/values.yaml` beside the only chart of a repository.
fn of_the_only_chart<'c>(
    index: &Index<'_>,
    charts: &[&'c RepoPath],
) -> Vec<(&'c RepoPath, String, RepoPath)> {
    let [chart] = charts else { return Vec::new() };
    let mut found = Vec::new();
    for (path, directory) in index.directories() {
        let is_place = path.file_name().is_some_and(|name| is_plural(name) || name == "values");
        if !is_place || path.is_inside(chart) {
            continue;
        }
        for name in &directory.files {
            let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
            let environment = environment_of_file(name).or(stem.filter(|stem| *stem != "values"));
            if let Some(environment) = environment {
                found.push((*chart, environment.to_owned(), path.child(name)));
            }
        }
        for environment in &directory.directories {
            let file = path.child(environment).child("values.yaml");
            if index.has_file(&file) {
                found.push((*chart, environment.clone(), file));
            }
        }
    }
    found.retain(|(_, _, file)| index.facts(file).is_none());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    fn values(files: &[&str]) -> Vec<String> {
        let tree = MemoryTree::new(files.iter().map(|name| (*name, "a: 1\n")));
        let index = Index::new(&tree);
        let charts: Vec<RepoPath> = index
            .directories()
            .iter()
            .filter(|(_, directory)| directory.has("Chart.yaml"))
            .map(|(path, _)| path.clone())
            .collect();
        values_by_chart(&index, &charts.iter().collect::<Vec<_>>())
            .into_iter()
            .flat_map(|(chart, environments)| {
                environments.into_iter().map(move |(name, files)| format!("{chart}@{name}: {}", files[0]))
            })
            .collect()
    }

    #[test]
    fn values_files_tell_environments() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &[
                    "c/Chart.yaml",
                    "c/values.yaml",
                    "c/values-dev.yaml",
                    "c/values-other.yaml",
                    "c/values-dev.enc.yaml",
                ],
                &["c@dev: c/values-dev.yaml"],
            ),
            (
                &["a/Chart.yaml", "a/values-summit.yaml", "b/Chart.yaml", "b/values-summit.yaml"],
                &["a@summit: a/values-summit.yaml", "b@summit: b/values-summit.yaml"],
            ),
            (
                &["c/Chart.yaml", "c/env/e2e/values.yaml", "c/env/prd/values.yaml"],
                &["c@e2e: c/env/e2e/values.yaml", "c@prd: c/env/prd/values.yaml"],
            ),
            (
                &["chart/Chart.yaml", "values/dev.yaml", "environments/eu/values.yaml"],
                &["chart@dev: values/dev.yaml", "chart@eu: environments/eu/values.yaml"],
            ),
            (
                &["charts/shop/Chart.yaml", "environments/eu/shop.yaml", "environments/us/shop/values.yaml"],
                &[
                    "charts/shop@eu: environments/eu/shop.yaml",
                    "charts/shop@us: environments/us/shop/values.yaml",
                ],
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(values(files), *expected, "{files:?}");
        }
    }
}
