//! What a user gives: values files in order, then assignments, later ones over earlier ones.
//!
//! `MergeValues` of `helm.sh/helm/v3/pkg/cli/values`.

use serde_json::{Map, Number, Value};
use slipway_model::{Location, RepoPath, Tree};

use super::Data;
use crate::chart::metadata::cannot;
use crate::failure::{Failure, code};
use crate::go_yaml;
use crate::options::{HelmVersion, Missing, Options, ValuesSource};
use crate::set::{self, Null, SetError, ValueSyntax};

/// The values of a user.
pub(crate) struct UserValues {
    pub(crate) data: Data,
    /// Whether a text in them may use `.Files`, once a template passes it to `tpl`.
    pub(crate) mention_files: bool,
}

/// Reads and merges what the options say. Relative names of files are those of the tree.
pub(crate) fn read(tree: &dyn Tree, options: &Options) -> Result<UserValues, Failure> {
    let mut merged = Value::Object(Map::new());
    let mut mention_files = false;
    for source in &options.values {
        let Some((name, place, text)) = text_of(tree, source)? else { continue };
        mention_files |= mentions_files(&text);
        let values = decode(&name, place.as_ref(), &text)?;
        if merged.as_object().is_some_and(Map::is_empty) {
            merged = values;
        } else {
            slipway_yaml::merge(&mut merged, values);
        }
    }
    if !options.has_assignments() {
        return Ok(UserValues { data: Data::decoded(&merged), mention_files });
    }
    let Value::Object(mut values) = merged else {
        return Ok(UserValues { data: Data::empty_map(), mention_files });
    };
    assign(tree, options, &mut values)?;
    mention_files |= options
        .set
        .iter()
        .chain(&options.set_string)
        .chain(&options.set_json)
        .any(|text| mentions_files(text.as_bytes()))
        || !options.set_file.is_empty();
    Ok(UserValues { data: Data::assigned(&Value::Object(values)), mention_files })
}

/// Whether a text may use the files of its chart when it is a template.
pub(crate) fn mentions_files(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"Files").is_some()
}

type Text = (String, Option<RepoPath>, bytes::Bytes);

/// The name Helm would print, the path in the tree, and the text of a source; `None` where it may be missing and is.
fn text_of(tree: &dyn Tree, source: &ValuesSource) -> Result<Option<Text>, Failure> {
    match source {
        ValuesSource::Text { name, text } => {
            Ok(Some((name.clone(), None, bytes::Bytes::copy_from_slice(text.as_bytes()))))
        }
        ValuesSource::File { path, name, missing } => {
            let name = if name.is_empty() { path.as_str() } else { name };
            match tree.read(path).map_err(|error| Failure::unreadable(path, &error))? {
                Some(bytes) => Ok(Some((name.to_owned(), Some(path.clone()), bytes))),
                None if *missing == Missing::Ignore => Ok(None),
                None => {
                    let message = format!("open {name}: no such file or directory");
                    Err(Failure::new(code::VALUES, message).at(Location::file(path)))
                }
            }
        }
    }
}

fn decode(name: &str, path: Option<&RepoPath>, text: &[u8]) -> Result<Value, Failure> {
    let file = path.map_or(name, RepoPath::as_str);
    let decoded = go_yaml::decode(text).map_err(|error| {
        let message = format!("failed to parse {name}: {}", error.message);
        let failure = Failure::new(code::VALUES, message).hint(error.explanation);
        match error.place {
            Some((text, line, column)) => failure.at_text(file, &text, line, column),
            None => failure,
        }
    })?;
    match decoded {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::Object(_) => Ok(decoded),
        other => {
            let why = cannot(&other, "Go value", "map[string]interface {}");
            let message = format!("failed to parse {name}: {}{why}", go_yaml::UNMARSHAL);
            Err(Failure::new(code::VALUES, message)
                .at_text(file, &String::from_utf8_lossy(text), 1, 1)
                .hint("values are a map: `KEY: VALUE` lines"))
        }
    }
}

/// Makes the assignments in Helm's order: JSON, typed, text, files.
fn assign(tree: &dyn Tree, options: &Options, values: &mut Map<String, Value>) -> Result<(), Failure> {
    let json = match options.helm {
        HelmVersion::V3 => ValueSyntax::KeyedJson,
        HelmVersion::V4 => ValueSyntax::Json,
    };
    for argument in &options.set_json {
        set::assign(values, argument, json, Null::Keep)
            .map_err(|error| invalid("--set-json", argument, &error, true))?;
    }
    values.values_mut().for_each(make_floats);
    for argument in &options.set {
        set::assign(values, argument, ValueSyntax::Typed, Null::Keep)
            .map_err(|error| invalid("--set", argument, &error, false))?;
    }
    for argument in &options.set_string {
        set::assign(values, argument, ValueSyntax::Text, Null::Keep)
            .map_err(|error| invalid("--set-string", argument, &error, false))?;
    }
    for argument in &options.set_file {
        let mut read = |name: &str| options.file(tree, name);
        set::assign_files(values, argument, &mut read)
            .map_err(|error| invalid("--set-file", argument, &error, false))?;
    }
    Ok(())
}

fn invalid(flag: &str, argument: &str, error: &SetError, bare: bool) -> Failure {
    let message = if bare {
        format!("failed parsing {flag} data {argument}")
    } else {
        format!("failed parsing {flag} data: {}", error.as_helm())
    };
    Failure::new(code::VALUES, message).hint(format!("in `{flag} {argument}`: {error}"))
}

/// Every number of values files and JSON is a `float64`.
fn make_floats(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_f64() => {
            if let Some(float) = number.as_f64().and_then(Number::from_f64) {
                *value = Value::Number(float);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_floats),
        Value::Object(entries) => entries.values_mut().for_each(make_floats),
        _ => {}
    }
}
