//! What is refused before a template runs: charts that cannot be installed, names, values that a schema forbids.

use std::rc::Rc;

use slipway_gotmpl::{Map, Value};
use slipway_model::{FieldPath, Location, Problem, RepoPath, Segment, Tree};

use crate::chart::Chart;
use crate::engine::json_value;
use crate::failure::{Failure, code};
use crate::node::Node;
use crate::options::{Options, ValuesSource};
use crate::render::table_of;

/// Refuses charts that only others use.
pub(crate) fn installable(chart: &Chart) -> Result<(), Failure> {
    match chart.metadata.kind.as_str() {
        "" | "application" => Ok(()),
        kind => Err(Failure::new(code::CHART, format!("{kind} charts are not installable"))
            .at(Location::file(&chart.path("Chart.yaml")))
            .hint("render a chart that depends on it")),
    }
}

/// The longest name of a release.
const RELEASE_NAME_LIMIT: usize = 53;

/// Refuses names that Kubernetes would refuse in what is made of them.
pub(crate) fn release_name(name: &str) -> Result<(), Failure> {
    let message = if name.is_empty() {
        "no name provided"
    } else if name.len() > RELEASE_NAME_LIMIT || !name.split('.').all(is_label) {
        "invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    } else {
        return Ok(());
    };
    Err(Failure::new(code::OPTIONS, format!("release name {name:?}: {message}"))
        .hint("set another name for the release"))
}

fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
        && bytes.first().copied().is_some_and(plain)
        && bytes.last().copied().is_some_and(plain)
}

/// Checks values against the schemas of a chart and of all charts in it.
pub(crate) fn schemas(
    root: &Rc<Node>,
    values: &Map,
    tree: Option<&dyn Tree>,
    options: &Options,
    log: &mut Vec<Problem>,
) -> Result<(), Failure> {
    let mut found = Found::default();
    check_level(root, values, &[], &mut found, log);
    if found.text.is_empty() {
        return Ok(());
    }
    let message = format!(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n{}",
        found.text
    );
    let failure = Failure::new(code::SCHEMA, message);
    let failure = match found.places.first().zip(tree) {
        Some((place, tree)) => locate(failure, place, tree, root, options),
        None => failure,
    };
    let failure = if failure.location().is_some() {
        failure
    } else {
        failure.at(Location::file(&found.schema.unwrap_or_else(|| root.chart.path("values.schema.json"))))
    };
    Err(failure)
}

#[derive(Default)]
struct Found {
    text: String,
    /// Paths from the values of the root chart.
    places: Vec<Vec<String>>,
    schema: Option<RepoPath>,
}

fn check_level(node: &Node, values: &Map, prefix: &[String], found: &mut Found, log: &mut Vec<Problem>) {
    if let Some(schema) = &node.chart.schema {
        let path = node.chart.path("values.schema.json");
        let checked = match json_value(&Value::Map(values.clone())) {
            Ok(json) => schema.check(&json),
            Err(message) => crate::schema::Checked { errors: message, ..Default::default() },
        };
        for url in checked.unread {
            let message =
                format!("the schema refers to {url}, which is not read: what it says is not checked");
            let problem = Problem::warning(code::SCHEMA, message).at(Location::file(&path));
            log.push(problem.hint("put what it refers to into the schema itself"));
        }
        if !checked.errors.is_empty() {
            found.text.push_str(&format!("{}:\n{}", node.name(), checked.errors));
            found.schema.get_or_insert(path);
            found.places.extend(checked.places.into_iter().map(|place| {
                let mut full = prefix.to_vec();
                full.extend(place);
                full
            }));
        }
    }
    for child in node.children().iter() {
        match table_of(values, child.name()) {
            None => {}
            Some(Ok(inner)) => {
                let mut prefix = prefix.to_vec();
                prefix.push(child.name().clone());
                check_level(child, &inner, &prefix, found, log);
            }
            Some(Err(other)) => found.text.push_str(&format!(
                "{}:\ninvalid type for values: expected object (map), got {}\n",
                child.name(),
                other.type_name()
            )),
        }
    }
}

/// Finds where a value is written: the last values file that sets it, else the chart's own.
fn locate(failure: Failure, place: &[String], tree: &dyn Tree, root: &Node, options: &Options) -> Failure {
    let files = options.values.iter().rev().filter_map(|source| match source {
        ValuesSource::File { path, .. } => Some(path.clone()),
        ValuesSource::Text { .. } => None,
    });
    for path in files.chain([root.chart.path("values.yaml")]) {
        let Ok(Some(text)) = slipway_model::read_text(tree, &path) else { continue };
        let Ok(parsed) = slipway_yaml::Parsed::new(&text) else { continue };
        let field = FieldPath(place.iter().map(|key| segment(key)).collect());
        if let Some(written) = parsed.find(0, &field) {
            let at = written.key.unwrap_or(written.value).start;
            return failure.at_text(path.as_str(), &text, at.line, at.column);
        }
    }
    failure
}

fn segment(key: &str) -> Segment {
    match key.parse::<usize>() {
        Ok(index) => Segment::Index(index),
        Err(_) => Segment::Key(key.to_owned()),
    }
}
