//! Which engine a directory is for (`contracts.md` §2, `--engine auto`).

use slipway_model::{EntryKind, Location, Problem, RepoPath, Tree, TreeError};
use slipway_render::EngineKind;

use crate::index::is_structured;

/// The engine of a directory or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The engine.
    pub engine: EngineKind,
    /// `ambiguous-engine`, where the directory could be another one's too.
    pub problem: Option<Problem>,
}

/// Finds the engine of a directory, or of a `.jsonnet` file. The first that applies: what `.slipway.yaml` says
/// of this path; `Chart.yaml`; a kustomization; `*.yaml.j2`, `*.yml.j2` or `*.json.j2`; `main.jsonnet`; manifests
/// as they are; any other `*.jsonnet` (as Argo CD does for a directory). Two of the first four: the first, with a
/// problem. `None` where nothing is there, or nothing that an engine reads.
///
/// # Errors
/// When the tree cannot be read.
pub fn detect(tree: &dyn Tree, path: &RepoPath) -> Result<Option<Detected>, TreeError> {
    if let Some(engine) = engine_by_settings(tree, path)? {
        return Ok(Some(Detected { engine, problem: None }));
    }
    if path.as_str().ends_with(".jsonnet") && tree.read(path)?.is_some() {
        return Ok(Some(Detected { engine: EngineKind::Jsonnet, problem: None }));
    }
    let Some(entries) = tree.list(path)? else { return Ok(None) };
    let files: Vec<&str> = entries
        .iter()
        .filter(|entry| !matches!(entry.kind, EntryKind::Directory | EntryKind::Submodule))
        .map(|entry| entry.name.as_str())
        .collect();
    Ok(engines(&files, path))
}

fn engine_by_settings(tree: &dyn Tree, path: &RepoPath) -> Result<Option<EngineKind>, TreeError> {
    let file = crate::settings::file();
    let Some(text) = slipway_model::read_text(tree, &file)? else { return Ok(None) };
    let (settings, _) = crate::settings::parse(&text);
    Ok(settings.and_then(|settings| {
        settings
            .applications
            .into_iter()
            .flat_map(|application| application.environments)
            .find(|environment| environment.path == *path)
            .and_then(|environment| environment.engine)
    }))
}

/// The engine by the names of a directory's files.
pub(crate) fn engines(files: &[&str], path: &RepoPath) -> Option<Detected> {
    let mut found = Vec::new();
    if files.contains(&"Chart.yaml") {
        found.push((EngineKind::Helm, "Chart.yaml"));
    }
    if let Some(name) = files.iter().find(|name| is_kustomization(name)) {
        found.push((EngineKind::Kustomize, *name));
    }
    if let Some(name) = files.iter().find(|name| is_template(name)) {
        found.push((EngineKind::Minijinja, *name));
    }
    if files.contains(&"main.jsonnet") {
        found.push((EngineKind::Jsonnet, "main.jsonnet"));
    }
    let Some((engine, first)) = found.first().copied() else {
        let engine = if files.iter().any(|name| is_structured(name)) {
            EngineKind::Plain
        } else if files.iter().any(|name| name.ends_with(".jsonnet")) {
            EngineKind::Jsonnet
        } else {
            return None;
        };
        return Some(Detected { engine, problem: None });
    };
    let problem = found.get(1).map(|(other, second)| {
        Problem::warning(
            "ambiguous-engine",
            format!(
                "`{path}` holds `{first}` and `{second}`: it is rendered with {engine}, not with {other}"
            ),
        )
        .hint("name the engine in `.slipway.yaml` under applications, or with `--engine`")
        .at(Location::file(path))
    });
    Some(Detected { engine, problem })
}

/// Whether kustomize reads this file as the kustomization of its directory.
pub(crate) fn is_kustomization(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// Whether minijinja renders this file to manifests.
pub(crate) fn is_template(name: &str) -> bool {
    name.ends_with(".yaml.j2") || name.ends_with(".yml.j2") || name.ends_with(".json.j2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    /// The engine and whether it is ambiguous.
    type Found = Option<(EngineKind, bool)>;

    fn engine(files: &[&str]) -> Found {
        let tree = MemoryTree::new(files.iter().map(|name| (format!("x/{name}"), "")));
        let found = detect(&tree, &RepoPath::new("x").unwrap()).unwrap()?;
        Some((found.engine, found.problem.is_some()))
    }

    #[test]
    fn the_first_engine_wins_and_a_second_is_reported() {
        let cases: [(&[&str], Found); 9] = [
            (&["Chart.yaml", "values.yaml"], Some((EngineKind::Helm, false))),
            (&["Chart.yaml", "kustomization.yml"], Some((EngineKind::Helm, true))),
            (&["Kustomization"], Some((EngineKind::Kustomize, false))),
            (&["a.yaml.j2", "b.yaml"], Some((EngineKind::Minijinja, false))),
            (&["readme.j2", "b.yaml"], Some((EngineKind::Plain, false))),
            (&["main.jsonnet"], Some((EngineKind::Jsonnet, false))),
            (&["ui.jsonnet", "params.libsonnet"], Some((EngineKind::Jsonnet, false))),
            (&["README.md"], None),
            (&[], None),
        ];
        for (files, expected) in cases {
            assert_eq!(engine(files), expected, "{files:?}");
        }
    }

    #[test]
    fn settings_name_the_engine() {
        let settings =
            "version: 1\napplications:\n- name: a\n  environments: [{name: e, path: x, engine: kustomize}]\n";
        let tree = MemoryTree::new([("x/Chart.yaml", ""), (".slipway.yaml", settings)]);
        let found = detect(&tree, &RepoPath::new("x").unwrap()).unwrap().unwrap();
        assert_eq!(found.engine, EngineKind::Kustomize);
    }
}
