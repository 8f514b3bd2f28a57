//! What a tool may read: the part of a tree that is copied for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use slipway_model::{Location, Problem, RemoteReference, RepoPath, Tree};
use slipway_render::engines::kustomize::{RepositoryUrl, is_web_url};
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

/// What belongs to a kustomization.
#[derive(Debug, Default)]
pub(crate) struct Closure {
    /// What is copied. What was fetched from elsewhere is there like a part of the repository, and the kustomizations that
    /// name it name its place: the tool fetches nothing.
    pub(crate) plan: Plan,
    /// What is not here: remote bases and charts that were not fetched.
    pub(crate) missing: Vec<Problem>,
}

/// The directories and files of a kustomization and of everything that it names; `own` is what stands for the file of
/// the first one.
pub(crate) fn of_kustomization(
    tree: &dyn Tree,
    directory: &RepoPath,
    own: Option<(&RepoPath, &Value)>,
    charts: Charts,
) -> Result<Closure, Problem> {
    let mut roots = BTreeSet::new();
    let mut closure = Closure::default();
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
        let (mut file, text) = found.unwrap_or_else(|| (current.clone(), String::new()));
        let decoded = match own.filter(|_| current == *directory) {
            Some((own_file, own)) => {
                file.clone_from(own_file);
                own.clone()
            }
            // What is no YAML is reported by the tool.
            None => slipway_yaml::decode(&text).unwrap_or_default(),
        };
        if charts == Charts::Inflated {
            for chart in kustomization::absent_charts(tree, &current, &decoded)? {
                let fetched = chart.reference.path();
                if is_directory(tree, &fetched)? {
                    closure.plan.mounts.push((fetched, chart.place));
                } else {
                    closure.missing.push(remote(&file, &text, &chart.repository));
                }
            }
        }
        let mut renamed = BTreeMap::new();
        for reference in kustomization::references(&decoded) {
            let path = current.join(&reference).ok();
            match path {
                Some(path) if is_directory(tree, &path)? => waiting.push(path),
                Some(path) if is_there(tree, &path)? => {
                    roots.insert(path);
                }
                _ if renamed.contains_key(&reference) => {}
                _ if is_remote(&reference) => match fetched(tree, &reference)? {
                    Some(Fetched::Directory(path)) => {
                        renamed.insert(reference, path.relative_to(&current));
                        waiting.push(path.clone());
                        roots.insert(path);
                    }
                    Some(Fetched::File(path)) => {
                        // Files are read only from the directory of the kustomization.
                        let name = format!(".slipway-fetched-{}", renamed.len());
                        closure.plan.mounts.push((path, current.child(&name)));
                        renamed.insert(reference, name);
                    }
                    None => closure.missing.push(remote(&file, &text, &reference)),
                },
                // A missing file is reported by the tool, inline YAML names none.
                _ => {}
            }
        }
        if !renamed.is_empty() {
            let content = slipway_yaml::emit(&kustomization::renamed(decoded, &renamed));
            closure.plan.overrides.insert(file, content.into_bytes());
        }
    }
    closure.plan.roots = outermost(roots);
    Ok(closure)
}

/// What was fetched for a URL.
enum Fetched {
    /// The directory of a base.
    Directory(RepoPath),
    /// A file.
    File(RepoPath),
}

/// What was fetched for a URL, looked up in the order of kustomize: a file, then a repository.
fn fetched(tree: &dyn Tree, reference: &str) -> Result<Option<Fetched>, Problem> {
    if is_web_url(reference) {
        let path = RemoteReference::File { url: reference.to_owned() }.path();
        if is_there(tree, &path)? && !is_directory(tree, &path)? {
            return Ok(Some(Fetched::File(path)));
        }
    }
    let Some(url) = RepositoryUrl::parse(reference) else { return Ok(None) };
    let Ok(path) = url.remote().path().join(&url.directory) else { return Ok(None) };
    Ok(is_directory(tree, &path)?.then_some(Fetched::Directory(path)))
}

/// The chart's directory and, for dependencies on charts beside it (`file://`) or fetched ones that are not vendored,
/// where they must appear: what `helm dependency build` does for them.
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
        for (name, target) in dependencies(tree, &from)? {
            let place = to.child("charts").child(&name);
            if is_directory(tree, &target)? && !is_vendored(tree, &from, &name)? {
                mounts.push((target.clone(), place.clone()));
                waiting.push((target, place, depth + 1));
            }
        }
    }
    Ok(Plan { roots: vec![chart.clone()], mounts, ..Plan::default() })
}

/// Names and directories of the dependencies in `Chart.yaml` (or `requirements.yaml` of old charts): of those beside the
/// chart, and where those of chart repositories are, if they were fetched: in the version of the lock file, or in the one
/// that is asked for.
fn dependencies(tree: &dyn Tree, chart: &RepoPath) -> Result<Vec<(String, RepoPath)>, Problem> {
    let mut found = Vec::new();
    for file in ["Chart.yaml", "requirements.yaml"] {
        let path = chart.child(file);
        let text = slipway_model::read_text(tree, &path).map_err(|error| unreadable(&path, &error))?;
        // What is no YAML is reported by the tool.
        let value = text.and_then(|text| slipway_yaml::decode(&text).ok()).unwrap_or_default();
        for dependency in value.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| dependency.get(name).and_then(Value::as_str);
            let (Some(name), Some(repository)) = (field("name"), field("repository")) else { continue };
            if name.contains('/') {
                continue;
            }
            let Some(relative) = repository.strip_prefix("file://") else {
                let wanted = field("version").unwrap_or_default();
                let versions = locked(tree, chart, name)?.into_iter().chain([wanted.to_owned()]);
                found.extend(versions.map(|version| {
                    let (repository, name) = (repository.to_owned(), name.to_owned());
                    (name.clone(), RemoteReference::Chart { repository, name, version }.path())
                }));
                continue;
            };
            if let Ok(target) = chart.join(relative) {
                found.push((name.to_owned(), target));
            }
        }
    }
    Ok(found)
}

/// The version of a dependency in the lock file.
fn locked(tree: &dyn Tree, chart: &RepoPath, name: &str) -> Result<Option<String>, Problem> {
    for file in ["Chart.lock", "requirements.lock"] {
        let path = chart.child(file);
        let text = slipway_model::read_text(tree, &path).map_err(|error| unreadable(&path, &error))?;
        let value = text.and_then(|text| slipway_yaml::decode(&text).ok()).unwrap_or_default();
        let all = value.get("dependencies").and_then(Value::as_array);
        let is_meant = |each: &&Value| each.get("name").and_then(Value::as_str) == Some(name);
        let version = all.and_then(|all| all.iter().find(is_meant)?.get("version")?.as_str());
        if version.is_some() {
            return Ok(version.map(str::to_owned));
        }
    }
    Ok(None)
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
    Problem::error("remote-base", format!("`{reference}` is not in this repository and was not fetched"))
        .hint("fetch it (`slipway fetch`), or copy it into the repository: charts go into `charts/`")
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
        let closure =
            of_kustomization(&tree, &RepoPath::new("app/prod").unwrap(), None, Charts::Refused).unwrap();
        let problems = closure.missing;
        assert_eq!(texts(&closure.plan.roots), ["app/base", "app/prod", "p/x.yaml", "shared/c"]);
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "shared/c/kustomization.yaml:2: `https://example.com/x.yaml` is not in this repository and was not fetched"
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
        let problems = of_kustomization(&tree, &directory, None, Charts::Inflated).unwrap().missing;
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "k/kustomization.yaml:4: `https://charts.example` is not in this repository and was not fetched"
        );
        assert!(problems[0].hints[0].contains("charts/"), "{problems:?}");
        assert!(of_kustomization(&tree, &directory, None, Charts::Refused).unwrap().missing.is_empty());
    }

    #[test]
    fn what_was_fetched_is_copied_and_named_by_its_place() {
        let repository = RemoteReference::Repository {
            url: "https://git.example/acme/base".to_owned(),
            revision: "v1".to_owned(),
        };
        let file = RemoteReference::File { url: "https://web.example/more.yaml".to_owned() };
        let chart = |version: &str| RemoteReference::Chart {
            repository: "https://charts.example".to_owned(),
            name: "web".to_owned(),
            version: version.to_owned(),
        };
        let base = repository.path();
        let tree = MemoryTree::new([
            (
                "k/kustomization.yaml".to_owned(),
                "resources:\n- https://git.example/acme/base//deploy?ref=v1\n- https://web.example/more.yaml\nconfigMapGenerator:\n- name: a\n  files: ['https://web.example/more.yaml']\nhelmCharts:\n- {name: web, repo: 'https://charts.example', version: 1.0.0}\n"
                    .to_owned(),
            ),
            (format!("{base}/deploy/kustomization.yaml"), "resources: [../shared]\n".to_owned()),
            (format!("{base}/shared/kustomization.yaml"), "resources: [a.yaml]\n".to_owned()),
            (file.path().to_string(), "a: 1\n".to_owned()),
            (format!("{}/Chart.yaml", chart("1.0.0").path()), String::new()),
            (
                "c/Chart.yaml".to_owned(),
                "dependencies:\n- {name: web, version: ^1.0.0, repository: 'https://charts.example'}\n".to_owned(),
            ),
            ("c/Chart.lock".to_owned(), "dependencies:\n- {name: web, version: 1.0.0}\n".to_owned()),
        ]);
        let directory = RepoPath::new("k").unwrap();
        let closure = of_kustomization(&tree, &directory, None, Charts::Inflated).unwrap();
        assert_eq!(closure.missing, []);
        let root = base.child("deploy");
        assert_eq!(closure.plan.roots, [root.clone(), base.child("shared"), directory.clone()]);
        assert_eq!(
            closure.plan.mounts,
            [
                (chart("1.0.0").path(), RepoPath::new("k/charts/web-1.0.0/web").unwrap()),
                (file.path(), directory.child(".slipway-fetched-1")),
            ]
        );
        let written = &closure.plan.overrides[&directory.child("kustomization.yaml")];
        let written = slipway_yaml::decode(&String::from_utf8_lossy(written)).unwrap();
        assert_eq!(
            written["resources"],
            serde_json::json!([root.relative_to(&directory), ".slipway-fetched-1"])
        );
        assert_eq!(written["configMapGenerator"][0]["files"][0], "more.yaml=.slipway-fetched-1");
        let plan = of_chart(&tree, &RepoPath::new("c").unwrap()).unwrap();
        assert_eq!(plan.mounts, [(chart("1.0.0").path(), RepoPath::new("c/charts/web").unwrap())]);
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
