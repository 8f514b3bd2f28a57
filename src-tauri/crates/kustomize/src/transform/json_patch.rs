//! JSON patches (RFC 6902) as kustomize's library carries them out (`gopkg.in/evanphx/json-patch.v4`): `replace` adds
//! a missing key, negative indexes count from the end, and a null is as good as nothing on the way to a field.

use serde_json::{Map, Value};

use super::bounds::Budget;
use super::watch::{Part, Watch};
use crate::failure::Failure;
use crate::resource::Resource;

/// A list of operations, read once.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPatch {
    operations: Vec<Operation>,
}

#[derive(Clone, Debug, PartialEq)]
struct Operation {
    kind: String,
    path: Option<String>,
    from: Option<String>,
    /// `None` and null are the same to every operation.
    value: Value,
}

impl JsonPatch {
    /// Reads a patch: JSON where the text begins with `[`, else YAML.
    ///
    /// # Errors
    /// When it is neither, or no list of operations.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = |reason: String| Failure::new("kustomize-patch", reason);
        if text.is_empty() {
            return Err(invalid("empty json patch operations".to_owned()));
        }
        let document: Value = if text.starts_with('[') {
            let value = serde_json::from_str(text).map_err(|error| invalid(format!("no JSON: {error}")))?;
            // Numbers of YAML and JSON are written in one way only after the same decoder.
            slipway_yaml::decode(text).unwrap_or(value)
        } else {
            slipway_yaml::decode(text)
                .map_err(|error| invalid(format!("yaml: line {}: {error}", error.line)))?
        };
        let items = match document {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            other => {
                let kind = match other {
                    Value::Object(_) => "object",
                    Value::String(_) => "string",
                    Value::Bool(_) => "bool",
                    _ => "number",
                };
                let reason = format!("json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch");
                return Err(invalid(reason).hint("a JSON patch is a list of operations"));
            }
        };
        let operations = items.into_iter().map(Operation::of).collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }

    /// Whether there is no operation in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// How many segments the path of an operation has.
    pub(crate) fn depth_of(&self, operation: usize) -> usize {
        let path = self.operations.get(operation).and_then(|operation| operation.path.as_deref());
        path.map_or(0, |path| path.matches('/').count())
    }

    /// Carries the operations out, in order.
    ///
    /// # Errors
    /// In the library's words, when an operation does not apply. The document is then half changed.
    pub fn apply(&self, document: &mut Value) -> Result<(), Failure> {
        let mut budget = Budget::default();
        self.operations.iter().try_for_each(|operation| operation.apply(document, &mut budget))?;
        check_result(document)
    }

    /// As [`JsonPatch::apply`], telling what each operation changed.
    pub(crate) fn apply_watched(&self, resource: &mut Resource, watch: &dyn Watch) -> Result<(), Failure> {
        let mut budget = Budget::default();
        for (index, operation) in self.operations.iter().enumerate() {
            operation.apply(resource.object_mut(), &mut budget)?;
            watch.changed(resource, Part::Operation(index));
        }
        check_result(resource.object())
    }
}

/// A patch must leave an object.
fn check_result(document: &Value) -> Result<(), Failure> {
    if document.is_object() {
        return Ok(());
    }
    let kind = if document.is_array() { "array" } else { "scalar" };
    let reason = format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}");
    Err(failed(reason))
}

fn failed(reason: impl Into<String>) -> Failure {
    Failure::new("kustomize-patch", reason)
}

const MISSING: &str = "missing value";

impl Operation {
    fn of(item: Value) -> Result<Self, Failure> {
        let mut map = match item {
            Value::Object(map) => map,
            Value::Null => Map::new(),
            _ => {
                let reason = "json: cannot unmarshal value into Go value of type jsonpatch.Operation";
                return Err(
                    failed(reason).hint("each operation is a map with `op`, `path` and often `value`")
                );
            }
        };
        let mut text = |field: &str| match map.remove(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (kind, path, from) = (text("op"), text("path"), text("from"));
        let value = map.remove("value").unwrap_or_default();
        Ok(Self { kind: kind.unwrap_or_else(|| "unknown".to_owned()), path, from, value })
    }

    fn path(&self) -> Result<&str, Failure> {
        self.path
            .as_deref()
            .ok_or_else(|| failed(format!("{} operation failed to decode path: {MISSING}", self.kind)))
    }

    fn from(&self) -> Result<&str, Failure> {
        self.from
            .as_deref()
            .ok_or_else(|| failed(format!("{} operation failed to decode from: {MISSING}", self.kind)))
    }

    fn apply(&self, document: &mut Value, budget: &mut Budget) -> Result<(), Failure> {
        match self.kind.as_str() {
            "add" => self.add(document, budget),
            "remove" => self.remove(document),
            "replace" => self.replace(document),
            "move" => self.move_value(document, budget),
            "test" => self.test(document),
            "copy" => self.copy(document, budget),
            other => Err(failed(format!("Unexpected kind: {other}"))
                .hint("`op` is one of add, remove, replace, move, copy, test")),
        }
    }

    fn add(&self, document: &mut Value, budget: &mut Budget) -> Result<(), Failure> {
        let path = self.path()?;
        budget.check_copy(&self.value, path.matches('/').count())?;
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!("add operation does not apply: doc is missing path: \"{path}\": {MISSING}"))
        })?;
        add(container, key, self.value.clone())
            .map_err(|reason| failed(format!("error in add for path: '{path}': {reason}")))
    }

    fn remove(&self, document: &mut Value) -> Result<(), Failure> {
        let path = self.path()?;
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!("remove operation does not apply: doc is missing path: \"{path}\": {MISSING}"))
        })?;
        remove(container, &key)
            .map_err(|reason| failed(format!("error in remove for path: '{path}': {reason}")))
    }

    fn replace(&self, document: &mut Value) -> Result<(), Failure> {
        let path = self.path()?;
        if path.is_empty() {
            if !self.value.is_object() && !self.value.is_array() {
                return Err(failed("replace operation value must be object or array"));
            }
            *document = self.value.clone();
            return Ok(());
        }
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!("replace operation does not apply: doc is missing path: {path}: {MISSING}"))
        })?;
        match container {
            Value::Object(map) => {
                map.insert(key, self.value.clone());
            }
            Value::Array(items) => match index(&key, items.len()) {
                Ok(at) if at < items.len() => items[at] = self.value.clone(),
                _ => {
                    return Err(failed(format!(
                        "replace operation does not apply: doc is missing key: {path}: {MISSING}"
                    )));
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn move_value(&self, document: &mut Value, budget: &mut Budget) -> Result<(), Failure> {
        let from = self.from()?;
        let (container, key) = find(document, from).ok_or_else(|| {
            failed(format!("move operation does not apply: doc is missing from path: {from}: {MISSING}"))
        })?;
        let in_move = |reason: String| failed(format!("error in move for path: '{key}': {reason}"));
        let value = get(container, &key).map_err(in_move)?.cloned().unwrap_or_default();
        remove(container, &key).map_err(in_move)?;
        let path = self.path()?;
        budget.check_copy(&value, path.matches('/').count())?;
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!(
                "move operation does not apply: doc is missing destination path: {path}: {MISSING}"
            ))
        })?;
        add(container, key, value)
            .map_err(|reason| failed(format!("error in move for path: '{path}': {reason}")))
    }

    fn copy(&self, document: &mut Value, budget: &mut Budget) -> Result<(), Failure> {
        let from = self.from()?;
        let (container, key) = find(document, from).ok_or_else(|| {
            failed(format!("copy operation does not apply: doc is missing from path: {from}: {MISSING}"))
        })?;
        let value = get(container, &key)
            .map_err(|reason| failed(format!("error in copy for from: '{from}': {reason}")))?
            .cloned()
            .unwrap_or_default();
        let path = self.path()?;
        budget.check_copy(&value, path.matches('/').count())?;
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!(
                "copy operation does not apply: doc is missing destination path: {path}: {MISSING}"
            ))
        })?;
        add(container, key, value)
            .map_err(|reason| failed(format!("error while adding value during copy: {reason}")))
    }

    fn test(&self, document: &mut Value) -> Result<(), Failure> {
        let path = self.path()?;
        let differs = || failed(format!("testing value {path} failed: test failed"));
        if path.is_empty() {
            return if *document == self.value { Ok(()) } else { Err(differs()) };
        }
        let (container, key) = find(document, path).ok_or_else(|| {
            failed(format!("test operation does not apply: is missing path: {path}: {MISSING}"))
        })?;
        let value = get(container, &key)
            .map_err(|reason| failed(format!("error in test for path: '{path}': {reason}")))?
            .unwrap_or(&Value::Null);
        if *value == self.value { Ok(()) } else { Err(differs()) }
    }
}

/// The map or list that holds what a path means, and its key in there. What precedes the first `/` is ignored.
fn find<'d>(document: &'d mut Value, path: &str) -> Option<(&'d mut Value, String)> {
    let (_, rest) = path.split_once('/')?;
    let (parents, key) = rest.rsplit_once('/').map_or((None, rest), |(parents, key)| (Some(parents), key));
    let mut at = document;
    for part in parents.into_iter().flat_map(|parents| parents.split('/')) {
        let key = unescape(part);
        at = match at {
            Value::Object(map) => map.get_mut(&key)?,
            Value::Array(items) => {
                let position = index(&key, items.len()).ok()?;
                items.get_mut(position)?
            }
            _ => return None,
        };
    }
    (at.is_object() || at.is_array()).then(|| (at, unescape(key)))
}

/// `~1` is `/`, `~0` is `~`, in one pass from the left.
fn unescape(part: &str) -> String {
    if !part.contains('~') {
        return part.to_owned();
    }
    let mut plain = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('~') {
        plain.push_str(&rest[..at]);
        let (character, length) = match rest.as_bytes().get(at + 1) {
            Some(b'0') => ('~', 2),
            Some(b'1') => ('/', 2),
            _ => ('~', 1),
        };
        plain.push(character);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    plain
}

fn invalid_index(number: i64) -> String {
    format!("Unable to access invalid index: {number}: invalid index referenced")
}

fn parse_index(key: &str) -> Result<i64, String> {
    key.parse().map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", super::quoted(key)))
}

/// A position in a list of a length; one behind the end is given back as it is.
fn index(key: &str, length: usize) -> Result<usize, String> {
    let number = parse_index(key)?;
    if number >= 0 {
        return usize::try_from(number).map_err(|_| invalid_index(number));
    }
    let back = usize::try_from(number.unsigned_abs()).map_err(|_| invalid_index(number))?;
    length.checked_sub(back).ok_or_else(|| invalid_index(number))
}

fn get<'d>(container: &'d Value, key: &str) -> Result<Option<&'d Value>, String> {
    match container {
        Value::Object(map) => Ok(map.get(key)),
        Value::Array(items) => {
            let position = index(key, items.len())?;
            items
                .get(position)
                .map(Some)
                .ok_or_else(|| invalid_index(position.try_into().unwrap_or(i64::MAX)))
        }
        _ => Ok(None),
    }
}

fn add(container: &mut Value, key: String, value: Value) -> Result<(), String> {
    match container {
        Value::Object(map) => {
            map.insert(key, value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let number = key.parse::<i64>().map_err(|_| {
                let reason = format!("strconv.Atoi: parsing {}: invalid syntax", super::quoted(&key));
                format!("value was not a proper array index: '{key}': {reason}")
            })?;
            let position = index(&key, items.len() + 1)?;
            if position > items.len() {
                return Err(invalid_index(number));
            }
            items.insert(position, value);
        }
        _ => {}
    }
    Ok(())
}

fn remove(container: &mut Value, key: &str) -> Result<(), String> {
    match container {
        Value::Object(map) => map
            .remove(key)
            .map(drop)
            .ok_or_else(|| format!("Unable to remove nonexistent key: {key}: {MISSING}")),
        Value::Array(items) => {
            let position = index(key, items.len())?;
            if position >= items.len() {
                return Err(invalid_index(position.try_into().unwrap_or(i64::MAX)));
            }
            items.remove(position);
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(document: &str, patch: &str) -> Result<String, String> {
        let mut document = slipway_yaml::decode(document).unwrap();
        let patch = JsonPatch::parse(patch).map_err(|failure| failure.message().to_owned())?;
        patch.apply(&mut document).map_err(|failure| failure.message().to_owned())?;
        Ok(document.to_string())
    }

    #[test]
    fn operations_change_the_document() {
        for (document, patch, expected) in [
            ("a: {b: 1}", "[{op: add, path: /a/c, value: 2}]", Err("no JSON: ")),
            ("a: {b: 1}", r#"[{"op": "add", "path": "/a/c", "value": 2}]"#, Ok(r#"{"a":{"b":1,"c":2}}"#)),
            ("a: [1, 2]", "- {op: add, path: /a/-, value: 3}", Ok(r#"{"a":[1,2,3]}"#)),
            ("a: [1, 2]", "- {op: add, path: /a/0, value: 0}", Ok(r#"{"a":[0,1,2]}"#)),
            ("a: [1, 2]", "- {op: add, path: /a/-1, value: 3}", Ok(r#"{"a":[1,2,3]}"#)),
            ("a: [1, 2]", "- {op: remove, path: /a/-1}", Ok(r#"{"a":[1]}"#)),
            ("a: {x/y: 1, m~n: 2}", "- {op: remove, path: /a/x~1y}", Ok(r#"{"a":{"m~n":2}}"#)),
            (
                "a: {x/y: 1, m~n: 2}",
                "- {op: replace, path: /a/m~0n, value: 3}",
                Ok(r#"{"a":{"m~n":3,"x/y":1}}"#),
            ),
            ("a: {}", "- {op: replace, path: /a/b, value: 3}", Ok(r#"{"a":{"b":3}}"#)),
            ("a: {b: 1}", "- {op: move, from: /a/b, path: /c}", Ok(r#"{"a":{},"c":1}"#)),
            ("a: {b: 1}", "- {op: copy, from: /a, path: /a/d}", Ok(r#"{"a":{"b":1,"d":{"b":1}}}"#)),
            ("a: 1", "- {op: test, path: /a, value: 1}\n- {op: remove, path: /a}", Ok("{}")),
            ("a: 1", "- {op: add, path: /b}", Ok(r#"{"a":1,"b":null}"#)),
            ("a: 1", "- {op: replace, path: '', value: {b: 2}}", Ok(r#"{"b":2}"#)),
        ] {
            let result = apply(document, patch);
            match (expected, result) {
                (Ok(expected), Ok(result)) => {
                    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
                    assert_eq!(value(&result), value(expected), "{patch}");
                }
                (Err(expected), Err(result)) => assert!(result.starts_with(expected), "{patch}: {result}"),
                (_, result) => panic!("{patch}: {result:?}"),
            }
        }
    }

    #[test]
    fn what_does_not_apply_says_why() {
        for (document, patch, expected) in [
            (
                "a: 1",
                "- {op: add, path: /b/c, value: 2}",
                "add operation does not apply: doc is missing path: \"/b/c\": missing value",
            ),
            (
                "a: null",
                "- {op: add, path: /a/c, value: 2}",
                "add operation does not apply: doc is missing path: \"/a/c\": missing value",
            ),
            (
                "a: {}",
                "- {op: remove, path: /a/b}",
                "error in remove for path: '/a/b': Unable to remove nonexistent key: b: missing value",
            ),
            (
                "a: [1]",
                "- {op: replace, path: /a/1, value: 2}",
                "replace operation does not apply: doc is missing key: /a/1: missing value",
            ),
            (
                "a: [1]",
                "- {op: add, path: /a/3, value: 2}",
                "error in add for path: '/a/3': Unable to access invalid index: 3: invalid index referenced",
            ),
            (
                "a: [1]",
                "- {op: add, path: /a/x, value: 2}",
                "error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            ("a: 1", "- {op: test, path: /a, value: 2}", "testing value /a failed: test failed"),
            ("a: 1", "- {op: merge, path: /a}", "Unexpected kind: merge"),
            ("a: 1", "- {path: /a}", "Unexpected kind: unknown"),
            ("a: 1", "- {op: add, value: 1}", "add operation failed to decode path: missing value"),
            ("a: 1", "op: add", "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        ] {
            assert_eq!(apply(document, patch), Err(expected.to_owned()), "{patch}");
        }
    }
}
