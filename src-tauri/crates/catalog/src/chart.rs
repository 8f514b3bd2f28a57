//! Charts that declare: their templates hold Applications or Flux objects. Rendered by the engine for charts, so leniently
//! that what is wrong with one template leaves the others.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_helm::{Charts, Failure, Missing, Mode, Options, ValuesSource, code};
use slipway_model::{Location, Problem, RepoPath};
use slipway_render::{Source, WithFiles};

use crate::index::{Index, ObjectKind};
use crate::kustomize::{Built, Object};

/// How many templates of a chart may fail until it is given up.
const MOST_FAILURES: usize = 64;

/// Whether a template of the chart holds declarations.
pub(crate) fn declares(index: &Index<'_>, chart: &RepoPath) -> bool {
    let templates = chart.child("templates");
    index.below(&templates).any(|(path, _)| index.manifests_in(path).any(|(_, facts)| facts.declares()))
}

/// What a chart gives. Templates that cannot be rendered are problems; the others are there. Dependencies that are not in
/// the repository, values files that are absent, a schema and what `required` and `fail` say keep nothing from being known.
pub(crate) fn render(charts: &Charts, index: &Index<'_>, source: &Source) -> Built {
    let mut built = Built::default();
    let options = options(source);
    let mut tree = WithFiles::new(index.tree);
    let mut left_out = BTreeSet::new();
    let mut is_as_written = true;
    loop {
        let failure = match charts.render(&tree, &source.path, &options) {
            Ok(output) => {
                built.objects.extend(output.documents.into_iter().filter_map(|document| {
                    let kind = ObjectKind::of(&document.object)?;
                    let value = kind.is_declaration().then(|| (*document.object).clone());
                    Some(Object { file: document.file, kind, value })
                }));
                return built;
            }
            Err(failure) => failure,
        };
        built.problems.push(problem(&source.path, &failure));
        if is_as_written && matches!(failure.code(), code::DEPENDENCY | code::CHART) {
            is_as_written = false;
            tree = repaired(tree, index, &source.path);
            continue;
        }
        match template(&source.path, &failure) {
            Some(file) if left_out.len() < MOST_FAILURES && left_out.insert(file.clone()) => {
                tree = tree.with(file, "");
            }
            _ => return built,
        }
    }
}

fn options(source: &Source) -> Options {
    let parameters = &source.parameters;
    let file = |path: &RepoPath| ValuesSource::File {
        path: path.clone(),
        name: String::new(),
        missing: Missing::Ignore,
    };
    let inline = parameters
        .inline_values
        .iter()
        .map(|text| ValuesSource::Text { name: "inline values".to_owned(), text: text.clone() });
    Options {
        values: source.values.iter().map(file).chain(inline).collect(),
        set: parameters.set.clone(),
        set_string: parameters.set_string.clone(),
        set_json: parameters.set_json.clone(),
        kube_version: parameters.kube_version.clone(),
        api_versions: parameters.api_versions.clone(),
        skip_schema_validation: true,
        mode: Mode::Lint,
        ..Options::new(
            parameters.release.as_deref().unwrap_or("release-name"),
            parameters.namespace.as_deref().unwrap_or("default"),
        )
    }
}

/// The tree with a chart that depends on nothing and says all that a chart has to say.
fn repaired<'t>(tree: WithFiles<'t>, index: &Index<'_>, chart: &RepoPath) -> WithFiles<'t> {
    let mut tree = tree;
    for name in ["Chart.yaml", "requirements.yaml"] {
        let file = chart.child(name);
        let Some(Value::Object(mut content)) = index.document(&file) else { continue };
        content.remove("dependencies");
        if name == "Chart.yaml" {
            let own = chart.file_name().unwrap_or("chart");
            for (field, value) in [("apiVersion", "v2"), ("name", own), ("version", "0.0.0")] {
                content.entry(field).or_insert_with(|| Value::from(value));
            }
        }
        tree = tree.with(file, slipway_yaml::emit(&Value::Object(content)));
    }
    tree
}

/// The template of the chart in which a render failed.
fn template(chart: &RepoPath, failure: &Failure) -> Option<RepoPath> {
    let file = RepoPath::new(&failure.location()?.file).ok()?;
    let is_template = file.segments().any(|segment| segment == "templates");
    (is_template && file.is_inside(chart)).then_some(file)
}

fn problem(chart: &RepoPath, failure: &Failure) -> Problem {
    let location = failure.location().cloned().unwrap_or_else(|| Location::file(chart));
    Problem::warning(
        "template-not-evaluated",
        format!("the template is not evaluated: {}", failure.message()),
    )
    .hint("what it declares is missing from the catalog; declare it in `.slipway.yaml`")
    .at(location)
}
