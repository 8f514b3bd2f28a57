//! Values in layers: maps are merged, everything else is replaced.

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Location, Problem, RepoPath, Segment, Tree};

use crate::set::{self, Null, ValueSyntax};
use crate::source::Source;

/// One layer of values: where it comes from and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// A file of the tree, a named file outside it, or an argument such as `--set`.
    pub name: String,
    /// The values of this layer alone.
    pub values: Map<String, Value>,
}

/// Layers of values, the first one weakest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    layers: Vec<Layer>,
    /// Everything after assignments, where there are some.
    sealed: Option<Layer>,
}

impl Layers {
    /// Adds a layer over all others.
    pub fn push(&mut self, name: impl Into<String>, values: Map<String, Value>) {
        self.layers.push(Layer { name: name.into(), values });
    }

    /// The layers, the weakest first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Puts the result of assignments over all layers: `values` is everything, as assignments can delete.
    fn seal(&mut self, name: &str, values: Map<String, Value>) {
        self.sealed = Some(Layer { name: name.to_owned(), values });
    }

    /// All layers as one.
    #[must_use]
    pub fn merged(&self) -> Map<String, Value> {
        if let Some(sealed) = &self.sealed {
            return sealed.values.clone();
        }
        let mut merged = Map::new();
        for layer in &self.layers {
            merge(&mut merged, layer.values.clone());
        }
        merged
    }

    /// The name of the layer that decides the value at `path`: the strongest that sets it, or that replaces
    /// something above it.
    #[must_use]
    pub fn origin(&self, path: &FieldPath) -> Option<&str> {
        if let Some(sealed) = &self.sealed {
            let below = Self { layers: self.layers.clone(), sealed: None };
            if lookup(&sealed.values, path) != lookup(&below.merged(), path) {
                return Some(&sealed.name);
            }
        }
        let mut wanted = Some(path.clone());
        while let Some(current) = wanted {
            let found = self.layers.iter().rev().find(|layer| lookup(&layer.values, &current).is_some());
            if let Some(layer) = found {
                return Some(&layer.name);
            }
            // Inside of a list, the layer that sets the list decides.
            wanted = current.parent().filter(|parent| !parent.segments().is_empty());
        }
        None
    }
}

fn lookup<'a>(values: &'a Map<String, Value>, path: &FieldPath) -> Option<&'a Value> {
    let (first, rest) = path.segments().split_first()?;
    let Segment::Key(key) = first else { return None };
    FieldPath(rest.to_vec()).get(values.get(key)?)
}

/// Lays `over` over `base`: maps are merged, lists and scalars replaced.
pub fn merge(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Reads the text of a values file.
///
/// # Errors
/// A problem of the file `name` where the text is no YAML or no map.
pub(crate) fn read_values(name: &str, text: &str) -> Result<Map<String, Value>, Problem> {
    let at = |line, column| Location { file: name.to_owned(), line: Some(line), column: Some(column) };
    match slipway_yaml::decode(text) {
        Ok(Value::Null) => Ok(Map::new()),
        Ok(Value::Object(values)) => Ok(values),
        Ok(other) => Err(Problem::error(
            "invalid-values",
            format!("values must be a map, found {}", kind_name(&other)),
        )
        .at(at(1, 1))),
        Err(error) => Err(Problem::error("yaml-syntax", error.message).at(at(error.line, error.column))),
    }
}

/// Adds what a source's parameters say, in Helm's order: values files of the tree, named values, inline
/// values, then `--set-json`, `--set`, `--set-string`, `--set-file` (`KEY=PATH`, the path inside the tree).
/// The assignments are made over everything below them and form the last layer.
pub(crate) fn add_parameters(
    tree: &dyn Tree,
    source: &Source,
    null: Null,
    layers: &mut Layers,
    problems: &mut Vec<Problem>,
) {
    let parameters = &source.parameters;
    for file in &source.values {
        match read_values_file(tree, file) {
            Ok(Some(values)) => layers.push(file.as_str(), values),
            Ok(None) => problems.push(
                Problem::error("values-not-found", format!("there is no values file `{file}`"))
                    .at(Location::file(file)),
            ),
            Err(problem) => problems.push(problem),
        }
    }
    let inline = parameters.inline_values.iter().map(|text| ("inline values", text));
    let named = parameters.named_values.iter().map(|(name, text)| (name.as_str(), text));
    for (name, text) in named.chain(inline) {
        match read_values(name, text) {
            Ok(values) => layers.push(name, values),
            Err(problem) => problems.push(problem),
        }
    }
    let mut values = layers.merged();
    let arguments = [
        ("--set-json", &parameters.set_json, ValueSyntax::Json),
        ("--set", &parameters.set, ValueSyntax::Typed),
        ("--set-string", &parameters.set_string, ValueSyntax::Text),
    ];
    for (flag, assignments, syntax) in arguments {
        for argument in assignments {
            if let Err(error) = set::assign(&mut values, argument, syntax, null) {
                problems.push(invalid_assignment(flag, argument, &error.to_string()));
            }
        }
    }
    for argument in &parameters.set_file {
        let mut read = |name: &str| parameters.set_file_content(tree, name);
        if let Err(error) = set::assign_files(&mut values, argument, &mut read) {
            problems.push(invalid_assignment("--set-file", argument, &error.to_string()));
        }
    }
    let assigned = arguments.iter().any(|(_, assignments, _)| !assignments.is_empty());
    if assigned || !parameters.set_file.is_empty() {
        layers.seal("--set", values);
    }
}

fn invalid_assignment(flag: &str, argument: &str, message: &str) -> Problem {
    Problem::error("invalid-set", format!("{flag} {argument}: {message}"))
}

/// Reads a values file of the tree; `None` where there is none.
pub(crate) fn read_values_file(
    tree: &dyn Tree,
    file: &RepoPath,
) -> Result<Option<Map<String, Value>>, Problem> {
    match tree.read(file) {
        Ok(Some(bytes)) => match slipway_yaml::text(&bytes) {
            Ok(text) => read_values(file.as_str(), &text).map(Some),
            Err(error) => Err(error.problem(file)),
        },
        Ok(None) => Ok(None),
        Err(error) => Err(crate::problems::unreadable(file, &error)),
    }
}

/// What a value is, for error messages.
#[must_use]
pub fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn maps_merge_and_lists_are_replaced() {
        let mut layers = Layers::default();
        layers.push("common.yaml", map(&json!({"image": {"name": "api", "tag": "1"}, "args": ["a", "b"]})));
        layers.push("apps/common.yaml", map(&json!({"image": {"tag": "2"}, "args": ["c"]})));
        assert_eq!(
            Value::Object(layers.merged()),
            json!({"image": {"name": "api", "tag": "2"}, "args": ["c"]})
        );
        let origin = |path: &str| layers.origin(&path.parse().unwrap()).map(str::to_owned);
        assert_eq!(origin("/image/tag").unwrap(), "apps/common.yaml");
        assert_eq!(origin("/image/name").unwrap(), "common.yaml");
        assert_eq!(origin("/args/0").unwrap(), "apps/common.yaml");
        assert_eq!(origin("/absent"), None);
    }
}
