//! What a tool may read: the part of a tree that is copied for it.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath, Tree};
use slipway_render::unreadable;

use crate::copy::Plan;
use crate::kustomization;

/// How many kustomizations one render may consist of.
const MAX_KUSTOMIZATIONS: usize = 2_000;
/// How deep charts may depend on charts beside them.
const MAX_CHART_DEPTH: usize = 8;

/// Whether kustomize inflates charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charts {
    /// It does, and would fetch those that are not there.
    Inflated,
    /// It refuses to.
    Refused,
}

/// The directories and files of a kustomization and of everything that it names, and what is wrong with
/// them: a remote base cannot be fetched here.
pub(crate) fn of_kustomization(
    tree: &dyn Tree,
    directory: &RepoPath,
    own: Option<&Value>,
    charts: Charts,
) -> Result<(Vec<RepoPath>, Vec<Problem>), Problem> {
    let mut roots = BTreeSet::new();
    let mut problems = Vec::new();
    let mut visited = BTreeSet::new();
    let mut waiting = vec![directory.clone()];
    while let Some(current) = waiting.pop() {
        if !visited.insert(current.clone()) {
            continue;
        }
        if visited.len() > MAX_KUSTOMIZATIONS {
            return Err(Problem::error(
                "too-large",
                format!("more than {MAX_KUSTOMIZATIONS} kustomizations belong together"),
            )
            .at(Location::file(directory)));
        }
        roots.insert(current.clone());
        let found = kustomization::find(tree, &current)?;
        let (file, text) = found.unwrap_or_else(|| (current.clone(), String::new()));
        let decoded = match own.filter(|_| current == *directory) {
            Some(own) => own.clone(),
            // What is no YAML is reported by the tool.
            None => slipway_yaml::decode(&text).unwrap_or_default(),
        };
        if charts == Charts::Inflated {
            for chart in kustomization::absent_charts(tree, &current, &decoded)? {
                problems.push(remote(&file, &text, &chart));
            }
        }
        for reference in kustomization::references(&decoded) {
            let path = current.join(&reference).ok();
            match path {
                Some(path) if is_directory(tree, &path)? => waiting.push(path),
                Some(path) if is_there(tree, &path)? => {
                    roots.insert(path);
                }
                _ if is_remote(&reference) => problems.push(remote(&file, &text, &reference)),
                // A missing file is reported by the tool, inline YAML names none.
                _ => {}
            }
        }
    }
    Ok((outermost(roots), problems))
}

/// The chart's directory and, for dependencies on charts beside it (`file://`) that are not vendored, where
/// they must appear: what `helm dependency build` does for them.
pub(crate) fn of_chart(tree: &dyn Tree, chart: &RepoPath) -> Result<Plan, Problem> {
    let mut mounts = Vec::new();
    let mut waiting = vec![(chart.clone(), chart.clone(), 0)];
    while let Some((from, to, depth)) = waiting.pop() {
        if depth > MAX_CHART_DEPTH {
            return Err(Problem::error(
                "too-deep",
                format!("charts depend on each other more than {MAX_CHART_DEPTH} deep"),
            )
            .at(Location::file(chart)));
        }
        for (name, target) in local_dependencies(tree, &from)? {
            let place = to.child("charts").child(&name);
            if is_directory(tree, &target)? && !is_vendored(tree, &from, &name)? {
                mounts.push((target.clone(), place.clone()));
                waiting.push((target, place, depth + 1));
            }
        }
    }
    Ok(Plan { roots: vec![chart.clone()], mounts, ..Plan::default() })
}

/// Names and directories of the `file://` dependencies in `Chart.yaml` (or `requirements.yaml` of old charts).
fn local_dependencies(tree: &dyn Tree, chart: &RepoPath) -> Result<Vec<(String, RepoPath)>, Problem> {
    let mut found = Vec::new();
    for file in ["Chart.yaml", "requirements.yaml"] {
        let path = chart.child(file);
        let text = slipway_model::read_text(tree, &path).map_err(|error| unreadable(&path, &error))?;
        // What is no YAML is reported by the tool.
        let value = text.and_then(|text| slipway_yaml::decode(&text).ok()).unwrap_or_default();
        for dependency in value.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| dependency.get(name).and_then(Value::as_str);
            let (Some(name), Some(repository)) = (field("name"), field("repository")) else { continue };
            let Some(relative) = repository.strip_prefix("file://") else { continue };
            if let Ok(target) = chart.join(relative)
                && !name.contains('/')
            {
                found.push((name.to_owned(), target));
            }
        }
    }
    Ok(found)
}

/// Whether `charts/` holds the dependency, as a directory or packed.
fn is_vendored(tree: &dyn Tree, chart: &RepoPath, name: &str) -> Result<bool, Problem> {
    let charts = chart.child("charts");
    let entries = tree.list(&charts).map_err(|error| unreadable(&charts, &error))?.unwrap_or_default();
    Ok(entries.iter().any(|entry| {
        entry.name == name
            || (entry.name.ends_with(".tgz")
                && entry
                    .name
                    .strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix('-'))
                    .is_some_and(|version| version.starts_with(|character: char| character.is_ascii_digit())))
    }))
}

fn is_directory(tree: &dyn Tree, path: &RepoPath) -> Result<bool, Problem> {
    Ok(tree.list(path).map_err(|error| unreadable(path, &error))?.is_some())
}

fn is_there(tree: &dyn Tree, path: &RepoPath) -> Result<bool, Problem> {
    Ok(tree.content_id(path).map_err(|error| unreadable(path, &error))?.is_some())
}

/// Whether kustomize would fetch this: a URL, a Git address, a host with a path.
fn is_remote(reference: &str) -> bool {
    !reference.contains(['\n', ' '])
        && (reference.contains("://")
            || reference.contains("?ref=")
            || reference.starts_with("git@")
            || reference.starts_with("git::")
            || ["github.com/", "gitlab.com/", "bitbucket.org/"]
                .iter()
                .any(|host| reference.starts_with(host)))
}

fn remote(file: &RepoPath, text: &str, reference: &str) -> Problem {
    let line = text.lines().position(|line| line.contains(reference));
    let location = Location {
        file: file.to_string(),
        line: line.and_then(|line| u32::try_from(line + 1).ok()),
        column: None,
    };
    Problem::error("remote-base", format!("`{reference}` is not in this repository and is not fetched"))
        .hint("copy it into the repository: `kustomize localize` does that, charts go into `charts/`")
        .at(location)
}

/// Without what lies inside another root.
fn outermost(roots: BTreeSet<RepoPath>) -> Vec<RepoPath> {
    let mut kept: Vec<RepoPath> = Vec::new();
    // Sorted: a directory comes before what is inside it, though not always right before.
    for root in roots {
        if !kept.iter().any(|other| root.is_inside(other)) {
            kept.push(root);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    fn texts(paths: &[RepoPath]) -> Vec<&str> {
        paths.iter().map(RepoPath::as_str).collect()
    }

    #[test]
    fn bases_components_and_files_elsewhere_belong_to_a_kustomization() {
        let tree = MemoryTree::new([
            (
                "app/prod/kustomization.yaml",
                "resources: [../base, gone.yaml]\ncomponents: [../../shared/c]\npatches: [{path: ../../p/x.yaml}]\n",
            ),
            ("app/base/kustomization.yml", "resources: [d.yaml, ../prod]\n"),
            ("app/base/d.yaml", ""),
            ("app/other/x.yaml", ""),
            ("shared/c/kustomization.yaml", "resources:\n- https://example.com/x.yaml\n"),
            ("p/x.yaml", ""),
        ]);
        let (roots, problems) =
            of_kustomization(&tree, &RepoPath::new("app/prod").unwrap(), None, Charts::Refused).unwrap();
        assert_eq!(texts(&roots), ["app/base", "app/prod", "p/x.yaml", "shared/c"]);
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "shared/c/kustomization.yaml:2: `https://example.com/x.yaml` is not in this repository and is not fetched"
        );
    }

    #[test]
    fn charts_that_would_be_fetched_are_named() {
        let tree = MemoryTree::new([
            (
                "k/kustomization.yaml",
                "helmCharts:\n- {name: here, repo: 'https://x'}\n- name: gone\n  repo: https://charts.example\n",
            ),
            ("k/charts/here/Chart.yaml", ""),
        ]);
        let directory = RepoPath::new("k").unwrap();
        let (_, problems) = of_kustomization(&tree, &directory, None, Charts::Inflated).unwrap();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "k/kustomization.yaml:4: `https://charts.example` is not in this repository and is not fetched"
        );
        assert!(problems[0].hints[0].contains("charts/"), "{problems:?}");
        assert!(of_kustomization(&tree, &directory, None, Charts::Refused).unwrap().1.is_empty());
    }

    #[test]
    fn charts_beside_a_chart_appear_where_helm_looks() {
        let tree = MemoryTree::new([
            (
                "c/a/Chart.yaml",
                "dependencies:\n- {name: lib, repository: 'file://../lib'}\n- {name: v, repository: 'file://../v'}\n",
            ),
            ("c/a/charts/v-1.0.0.tgz", ""),
            ("c/lib/Chart.yaml", "dependencies: [{name: deep, repository: 'file://../deep'}]\n"),
            ("c/deep/Chart.yaml", ""),
            ("c/v/Chart.yaml", ""),
        ]);
        let plan = of_chart(&tree, &RepoPath::new("c/a").unwrap()).unwrap();
        let mounts: Vec<(&str, &str)> =
            plan.mounts.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(mounts, [("c/lib", "c/a/charts/lib"), ("c/deep", "c/a/charts/lib/charts/deep")]);
    }
}
