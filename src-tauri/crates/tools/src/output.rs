//! From what a tool prints to manifests.

use std::collections::HashMap;

use slipway_model::{Location, Manifest, Origin, Problem, RepoPath};
use slipway_render::{RenderInputs, add_object};

/// Reads multi-document YAML. `origin` names the file of a document by the number of the line where its content
/// begins. For an instance lists are opened and every document must be a manifest, as Argo CD has it; without
/// one the documents are what the tool prints.
pub(crate) fn read(
    text: &str,
    inputs: &RenderInputs,
    whole: &RepoPath,
    origin: impl Fn(u32) -> RepoPath,
    tool: &str,
) -> (Vec<Manifest>, Vec<Problem>) {
    let documents = match slipway_yaml::decode_stream(text) {
        Ok(documents) => documents,
        Err(error) => {
            let message = format!("{} (line {} of what {tool} prints)", error.message, error.line);
            let file = origin(error.line);
            return (Vec::new(), vec![Problem::error("yaml-syntax", message).at(Location::file(&file))]);
        }
    };
    let mut manifests = Vec::new();
    let mut problems = Vec::new();
    let mut counts: HashMap<RepoPath, usize> = HashMap::new();
    for document in documents {
        if document.value.is_null() {
            continue;
        }
        let file = origin(document.line);
        let count = counts.entry(file.clone()).or_default();
        let origin = Origin { file, document: *count, line: None };
        *count += 1;
        if inputs.instance.is_none() {
            manifests.push(Manifest::new(document.value, origin));
        } else if let Err(missing) = add_object(document.value, &origin, &mut manifests) {
            problems.push(
                Problem::error("not-a-manifest", format!("not a manifest: {missing}"))
                    .at(Location::file(if origin.file.is_root() { whole } else { &origin.file })),
            );
        }
    }
    (manifests, problems)
}

/// Which template each line of helm's output comes from, by its `# Source: NAME/templates/x.yaml` comments.
pub(crate) struct HelmSources(Vec<(u32, RepoPath)>);

impl HelmSources {
    pub(crate) fn of(text: &str, chart: &RepoPath, chart_name: &str) -> Self {
        let mut sources = Vec::new();
        for (number, line) in (1u32..).zip(text.lines()) {
            let Some(source) = line.strip_prefix("# Source: ") else { continue };
            let below = source.strip_prefix(chart_name).and_then(|rest| rest.strip_prefix('/'));
            let file = chart.join(below.unwrap_or(source)).unwrap_or_else(|_| chart.clone());
            sources.push((number, file));
        }
        Self(sources)
    }

    /// The template of the document at a line; `None` where no comment stands before it. The comment stands
    /// above the content, or is its first line.
    pub(crate) fn at(&self, line: u32) -> Option<&RepoPath> {
        let after = self.0.partition_point(|(number, _)| *number <= line);
        self.0.get(after.checked_sub(1)?).map(|(_, file)| file)
    }
}
