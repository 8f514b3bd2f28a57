//! Charts that declare: their templates hold Applications or Flux objects. Evaluated as far as needed to know
//! what they declare; see [`gotemplate`](crate::gotemplate) for what that leaves out.

use serde_json::{Map, Value, json};
use slipway_model::{Location, Problem, RepoPath};

use crate::gotemplate::{Missing, Templates, merged};
use crate::index::{Index, ObjectKind};
use crate::kustomize::{Built, Object};

/// What a chart is evaluated with, beside its own `values.yaml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChartInputs {
    /// The name of the release.
    pub(crate) release: String,
    /// The namespace of the release.
    pub(crate) namespace: String,
    /// Values in order, later ones win.
    pub(crate) values: Vec<Value>,
}

/// Whether a template of the chart holds declarations.
pub(crate) fn declares(index: &Index<'_>, chart: &RepoPath) -> bool {
    let templates = chart.child("templates");
    index.below(&templates).any(|(path, _)| index.manifests_in(path).any(|(_, facts)| facts.declares()))
}

/// The declarations of a chart. Templates that cannot be evaluated are problems; the others are there.
pub(crate) fn render(index: &Index<'_>, chart: &RepoPath, inputs: &ChartInputs) -> Built {
    let mut built = Built::default();
    let data = data(index, chart, inputs);
    let folder = chart.child("templates");
    let mut templates = Templates::default();
    let mut files = Vec::new();
    for (path, directory) in index.below(&folder) {
        for name in &directory.files {
            let file = path.child(name);
            let is_helper = name.ends_with(".tpl");
            let is_declaration = index.facts(&file).is_some_and(crate::index::FileFacts::declares);
            if !is_helper && !is_declaration {
                // Counted, so that a chart that deploys more than Applications is known as such.
                let others = index.facts(&file).into_iter().flat_map(|facts| &facts.objects);
                built.objects.extend(others.map(|kind| Object {
                    file: file.clone(),
                    kind: kind.clone(),
                    value: None,
                }));
                continue;
            }
            let Ok(Some(text)) = slipway_model::read_text(index.tree, &file) else { continue };
            match templates.add(file.as_str(), &text) {
                Ok(()) if is_declaration => files.push(file),
                Ok(()) => {}
                Err(error) => built.problems.push(problem(&file, &error.to_string())),
            }
        }
    }
    for file in files {
        match templates.evaluate(file.as_str(), &data, Missing::Nothing) {
            Ok(text) => add(&mut built, &file, &text),
            Err(error) => built.problems.push(problem(&file, &error.to_string())),
        }
    }
    built
}

fn problem(file: &RepoPath, message: &str) -> Problem {
    Problem::warning("template-not-evaluated", format!("the template is not evaluated: {message}"))
        .hint("what it declares is missing from the catalog; declare it in `.slipway.yaml`")
        .at(Location::file(file))
}

fn add(built: &mut Built, file: &RepoPath, text: &str) {
    let documents = match slipway_yaml::decode_stream(text) {
        Ok(documents) => documents,
        Err(error) => {
            built.problems.push(problem(file, &format!("what it prints is no YAML: {error}")));
            return;
        }
    };
    for document in documents {
        let Some(kind) = ObjectKind::of(&document.value) else { continue };
        let value = kind.is_declaration().then_some(document.value);
        built.objects.push(Object { file: file.clone(), kind, value });
    }
}

fn data(index: &Index<'_>, chart: &RepoPath, inputs: &ChartInputs) -> Value {
    let own =
        index.document(&chart.child("values.yaml")).filter(Value::is_object).unwrap_or_else(|| json!({}));
    let values = inputs.values.iter().fold(own, merged);
    let metadata = index.document(&chart.child("Chart.yaml")).unwrap_or_default();
    let mut described = Map::new();
    for (key, value) in metadata.as_object().into_iter().flatten() {
        let mut characters = key.chars();
        let name =
            characters.next().map(|first| first.to_uppercase().collect::<String>() + characters.as_str());
        described.insert(name.unwrap_or_default(), value.clone());
    }
    json!({
        "Values": values,
        "Chart": described,
        "Release": {
            "Name": inputs.release,
            "Namespace": inputs.namespace,
            "Service": "Helm",
            "IsInstall": true,
            "IsUpgrade": false,
            "Revision": 1,
        },
        "Capabilities": {"KubeVersion": {"Version": "v1.33.0", "Major": "1", "Minor": "33"}, "APIVersions": []},
        "Template": {"Name": "", "BasePath": ""},
        "Files": {},
    })
}
