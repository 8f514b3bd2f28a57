//! ArtifactGenerators: sources that are put together from directories of the repository.

use serde_json::Value;
use slipway_model::RepoPath;

use crate::kustomize::Object;

/// One `copy` of an artifact: where from in the repository, where to in the artifact.
#[derive(Clone, Debug)]
struct Copy {
    from: RepoPath,
    to: RepoPath,
}

/// The artifacts that a cluster's generators make, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Artifacts(Vec<(String, Vec<Copy>)>);

impl Artifacts {
    /// Reads the generators among objects.
    pub(super) fn new(objects: &[Object]) -> Self {
        let mut artifacts = Vec::new();
        let generators = objects.iter().filter(|object| &*object.kind.kind == "ArtifactGenerator");
        for value in generators.filter_map(|object| object.value.as_ref()) {
            let list = value.pointer("/spec/artifacts").and_then(Value::as_array);
            for artifact in list.into_iter().flatten() {
                let Some(name) = artifact.get("name").and_then(Value::as_str) else { continue };
                let copies = artifact.get("copy").and_then(Value::as_array).into_iter().flatten();
                artifacts.push((name.to_owned(), copies.filter_map(copy).collect()));
            }
        }
        Self(artifacts)
    }

    /// Adds further artifacts.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The directory of the repository that a path inside an artifact comes from.
    pub(super) fn resolve(&self, artifact: &str, path: &RepoPath) -> Option<RepoPath> {
        let (_, copies) = self.0.iter().find(|(name, _)| name == artifact)?;
        copies
            .iter()
            .filter(|copy| path.is_inside(&copy.to))
            .max_by_key(|copy| copy.to.as_str().len())
            .and_then(|copy| copy.from.join(&path.relative_to(&copy.to)).ok())
    }
}

/// `{from: "@alias/apps/**", to: "@artifact/apps/"}`; a final `/**` copies what is in the directory.
fn copy(value: &Value) -> Option<Copy> {
    let path = |field: &str| {
        let text = value.get(field).and_then(Value::as_str)?;
        let (_, rest) = text.strip_prefix('@')?.split_once('/')?;
        Some(rest.to_owned())
    };
    let from = path("from")?;
    let from = from.strip_suffix("/**").or_else(|| from.strip_suffix("/*")).unwrap_or(if from == "**" {
        ""
    } else {
        &from
    });
    Some(Copy { from: RepoPath::new(from).ok()?, to: RepoPath::new(&path("to")?).ok()? })
}
