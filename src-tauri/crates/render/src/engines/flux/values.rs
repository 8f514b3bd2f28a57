//! The values of a HelmRelease: `valuesFrom` in order, then `values`.
//!
//! Follows `ChartValuesFromReferences` of `fluxcd/pkg/chartutil`. It merges Go maps without copying them, and an entry
//! with a `targetPath` is put into the merged map: inside a map that came from `values` as it was, it is in `values` too
//! and so outlasts the last merge, elsewhere `values` is stronger. That is kept.

use serde_json::{Map, Value};
use slipway_helm::set::{self, Null, ValueSyntax};
use slipway_model::{Location, Problem, RepoPath};

use super::Lookup;
use super::Noted;
use super::data::{Entries, entries};
use crate::values::{merge, read_values};

/// Merges the values of a release in a namespace; `file` declares it. What only the cluster has is noted and left out.
///
/// # Errors
/// What helm-controller refuses.
pub(super) fn values(
    release: &Value,
    namespace: &str,
    file: &RepoPath,
    objects: &dyn Lookup,
    noted: &mut Noted,
) -> Result<Map<String, Value>, Box<Problem>> {
    let spec = release.get("spec").unwrap_or(&Value::Null);
    let mut inline = spec.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut result = Map::new();
    for from in spec.get("valuesFrom").and_then(Value::as_array).into_iter().flatten() {
        let Some(text) = referenced(from, namespace, file, objects, noted)? else { continue };
        let target = from.get("targetPath").and_then(Value::as_str).unwrap_or_default();
        let name = from.get("name").and_then(Value::as_str).unwrap_or_default();
        if target.is_empty() {
            let read = read_values(&format!("valuesFrom {name}"), &text)
                .map_err(|problem| Box::new(problem.at(Location::file(file))))?;
            merge(&mut result, read);
            continue;
        }
        let shared = shared(&result, &inline);
        merge(&mut result, inline.clone());
        assign(&mut result, target, &text).map_err(|error| {
            let message = format!("`{name}` cannot be put at `{target}`: {error}");
            Box::new(Problem::error("values-reference", message).at(Location::file(file)))
        })?;
        let target = segments(target);
        for path in shared.iter().filter(|path| path.len() < target.len() && target.starts_with(path)) {
            copy(&result, &mut inline, path);
        }
    }
    merge(&mut result, inline);
    Ok(result)
}

/// What an entry of `valuesFrom` gives.
pub(super) struct Given {
    /// What it is: `ConfigMap settings, values.yaml`.
    pub(super) name: String,
    /// The path that it goes to, where it is no file of values.
    pub(super) target: Option<String>,
    /// What it holds; of a Secret only which keys it has.
    pub(super) text: String,
}

/// What stands for a value of a Secret.
const HIDDEN: &str = "••••";

/// Values of which only the keys are told.
fn hidden(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(hidden),
        Value::Array(items) => items.iter_mut().for_each(hidden),
        scalar => *scalar = Value::from(HIDDEN),
    }
}

/// What each entry of `valuesFrom` gives that is here, to be shown.
pub(super) fn given(release: &Value, namespace: &str, file: &RepoPath, objects: &dyn Lookup) -> Vec<Given> {
    let references = release.pointer("/spec/valuesFrom").and_then(Value::as_array);
    let one = |from: &Value| {
        let field = |name: &str| from.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let text = referenced(from, namespace, file, objects, &mut Noted::default()).ok().flatten()?;
        let key = field("valuesKey").unwrap_or("values.yaml");
        let name = format!("{} {}, {key}", field("kind")?, field("name")?);
        let target = field("targetPath").map(str::to_owned);
        let text = match (field("kind"), &target) {
            (Some("Secret"), Some(_)) => HIDDEN.to_owned(),
            (Some("Secret"), None) => {
                let mut values = slipway_yaml::decode(&text).ok()?;
                hidden(&mut values);
                slipway_yaml::emit(&values)
            }
            _ => text,
        };
        Some(Given { name, target, text })
    };
    references.into_iter().flatten().filter_map(one).collect()
}

/// The text that a reference means; `None` where it is left out.
fn referenced(
    from: &Value,
    namespace: &str,
    file: &RepoPath,
    objects: &dyn Lookup,
    noted: &mut Noted,
) -> Result<Option<String>, Box<Problem>> {
    let text = |field: &str| from.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (kind, name) = (text("kind").unwrap_or_default(), text("name").unwrap_or_default());
    let key = text("valuesKey").unwrap_or("values.yaml");
    let optional = from.get("optional") == Some(&Value::Bool(true));
    let refused =
        |message: String| Box::new(Problem::error("values-reference", message).at(Location::file(file)));
    if !matches!(kind, "ConfigMap" | "Secret") {
        return Err(refused(format!("`valuesFrom` names a {kind}; it can be a ConfigMap or a Secret")));
    }
    let Some(found) = objects.find(kind, namespace, name) else {
        if !optional {
            let message = format!(
                "nothing in this repository delivers the {kind} `{name}` of `valuesFrom`; rendered without its values"
            );
            noted.add("values-elsewhere", message, file);
        }
        return Ok(None);
    };
    match entries(&found.object) {
        Entries::Encrypted => {
            let message =
                format!("the {kind} `{name}` of `valuesFrom` is encrypted; rendered without its values");
            noted.add("encrypted-values", message, &found.origin.file);
            Ok(None)
        }
        Entries::Invalid(why) => Err(refused(format!("the {kind} `{name}` of `valuesFrom`: {why}"))),
        Entries::Plain(mut entries) => match entries.remove(key) {
            Some(text) => Ok(Some(text)),
            None if optional => Ok(None),
            None => Err(refused(format!("the {kind} `{name}` of `valuesFrom` has no key `{key}`"))),
        },
    }
}

/// Puts a text at a path as `--set` does; one in quotes stays a text (`ReplacePathValue`).
fn assign(values: &mut Map<String, Value>, path: &str, text: &str) -> Result<(), set::SetError> {
    let is_quoted = |quote: char| text.starts_with(quote) && text.ends_with(quote);
    if is_quoted('\'') || is_quoted('"') {
        let bare = text.trim_matches(['\'', '"']);
        return set::assign(values, &format!("{path}={bare}"), ValueSyntax::Text, Null::Keep);
    }
    set::assign(values, &format!("{path}={text}"), ValueSyntax::Typed, Null::Keep)
}

/// The paths at which merging `over` into `base` takes a map of `over` as it is.
fn shared(base: &Map<String, Value>, over: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), base, over)];
    while let Some((path, base, over)) = open.pop() {
        for (key, value) in over {
            let Value::Object(over) = value else { continue };
            let mut path: Vec<String> = path.clone();
            path.push(key.clone());
            match base.get(key) {
                Some(Value::Object(base)) => open.push((path, base, over)),
                _ => found.push(path),
            }
        }
    }
    found
}

/// The keys of a path of `--set`.
pub(super) fn segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match (character, segments.last_mut()) {
            ('.', _) => segments.push(String::new()),
            ('\\', Some(last)) => last.extend(characters.next()),
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
    }
    segments
}

/// Makes the map at a path of `into` that of `from`.
fn copy(from: &Map<String, Value>, into: &mut Map<String, Value>, path: &[String]) {
    let Some((last, above)) = path.split_last() else { return };
    let mut source = Some(from);
    let mut target = Some(into);
    for key in above {
        source = source.and_then(|map| map.get(key)?.as_object());
        target = target.and_then(|map| map.get_mut(key)?.as_object_mut());
    }
    if let (Some(value), Some(target)) = (source.and_then(|map| map.get(last)), target) {
        target.insert(last.clone(), value.clone());
    }
}
