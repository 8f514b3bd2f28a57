//! `ValueAddTransformer`: one value that is put into fields, or into file paths in them.

use serde_json::{Map, Value};

use super::bounds::check_path;
use super::namespace::NamespaceTransformer;
use super::selector::{CompiledSelector, parse_selector};
use super::{decode, scalar, wrong_kind};
use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap};

/// The transformer.
#[derive(Clone, Debug)]
pub struct ValueAdd {
    value: String,
    targets: Vec<Target>,
}

#[derive(Clone, Debug)]
struct Target {
    select: Option<CompiledSelector>,
    field_path: String,
    position: i64,
}

impl ValueAdd {
    /// Reads `kind: ValueAddTransformer`. `more` is the decoded file of `targetFilePath`, `root_name` the name of the
    /// directory, which is the value where none is given.
    pub(crate) fn parse(config: &Value, more: Option<&Value>, root_name: &str) -> Result<Self, Failure> {
        let value = decode::text_field(config, "value")?;
        let value = if value.trim().is_empty() { root_name } else { value.trim() }.to_owned();
        let invalid = |message: &str| Failure::new("kustomize-configuration", message);
        let mut targets = Vec::new();
        for document in std::iter::once(config).chain(more) {
            for target in decode::list_field(document, "targets")? {
                let select = decode::field(target, "selector").map(parse_selector).transpose()?;
                let select = select.map(|selector| selector.compile()).transpose()?;
                let field_path = decode::text_field(target, "fieldPath")?;
                let position = decode::integer_field(target, "filePathPosition")?;
                if field_path.is_empty() {
                    return Err(invalid("fieldPath cannot be empty"));
                }
                if position < 0 {
                    return Err(invalid(&format!(
                        "value of FilePathPosition ({position}) cannot be negative"
                    )));
                }
                targets.push(Target { select, field_path, position });
            }
        }
        if targets.is_empty() {
            return Err(invalid("must specify at least one target"));
        }
        Ok(Self { value, targets })
    }

    /// Puts the value where the targets say.
    ///
    /// # Errors
    /// When there is a map or list at a field.
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        for target in &self.targets {
            let selected = match &target.select {
                None => (0..map.len()).collect(),
                Some(select) => select.select(map)?,
            };
            for position in selected {
                if let Some(resource) = map.get_mut(position) {
                    self.add(resource, target)?;
                }
            }
        }
        Ok(())
    }

    fn add(&self, resource: &mut Resource, target: &Target) -> Result<(), Failure> {
        if target.field_path == "metadata/namespace" {
            return NamespaceTransformer::new(&self.value, std::sync::Arc::default()).apply_to(resource);
        }
        let steps = split(&target.field_path);
        check_path(steps.len())?;
        let field = look_up_or_create(resource.object_mut(), &steps)?;
        let Some(old) = scalar::text(field) else { return Err(wrong_kind("ScalarNode", field)) };
        let new = match usize::try_from(target.position) {
            Ok(position) if position > 0 => insert_part(&old, position - 1, &self.value),
            _ => self.value.clone(),
        };
        *field = Value::String(new);
        Ok(())
    }
}

/// A JSON-like path; a backslash keeps a `/` in a field.
fn split(path: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for part in path.split('/') {
        match fields.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            _ => fields.push(part.to_owned()),
        }
    }
    fields.retain(|field| !field.trim().is_empty());
    fields
}

/// The field at a path, made with what leads to it where it is absent (`yaml.LookupCreate`).
fn look_up_or_create<'v>(mut at: &'v mut Value, steps: &[String]) -> Result<&'v mut Value, Failure> {
    let failed = |message: String| Failure::new("kustomize-field-path", message);
    for (index, step) in steps.iter().map(|step| step.trim()).enumerate() {
        let next_is_item = steps.get(index + 1).is_some_and(|next| {
            let next = next.trim();
            next.starts_with('[') && next.ends_with(']') || next.parse::<u64>().is_ok()
        });
        let empty = || {
            if index + 1 == steps.len() {
                Value::String(String::new())
            } else if next_is_item {
                Value::Array(Vec::new())
            } else {
                Value::Object(Map::new())
            }
        };
        at = if step == "-" || step.parse::<i64>().is_ok() {
            let items = at.as_array_mut().ok_or_else(|| failed(format!("`{step}` needs a list")))?;
            let position = if step == "-" { items.len().checked_sub(1) } else { step.parse().ok() };
            let length = items.len();
            position
                .and_then(|position| items.get_mut(position))
                .ok_or_else(|| failed(format!("index {step} specified but only {length} elements found")))?
        } else if let Some(inner) = step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
            let (key, wanted) = inner.split_once('=').ok_or_else(|| {
                failed("list path element must contain fieldName=fieldValue for element to match".to_owned())
            })?;
            let is_meant = |item: &Value| match key {
                "" => scalar::is_text(item, wanted),
                _ => item.get(key).is_some_and(|value| scalar::is_text(value, wanted)),
            };
            let items = match at {
                Value::Array(items) => items,
                other => return Err(wrong_kind("SequenceNode", other)),
            };
            let position = match items.iter().position(is_meant) {
                Some(position) => position,
                None => {
                    let value = scalar::resolve_plain(wanted);
                    items.push(if key.is_empty() {
                        value
                    } else {
                        Value::Object(Map::from_iter([(key.to_owned(), value)]))
                    });
                    items.len() - 1
                }
            };
            &mut items[position]
        } else if step == "*" {
            return Err(failed("wildcard is not supported in PathGetter".to_owned()));
        } else {
            match at {
                Value::Object(map) => map.entry(step).or_insert_with(empty),
                other => return Err(wrong_kind("MappingNode", other)),
            }
        };
    }
    Ok(at)
}

/// Puts a part into a file path; an absolute path stays one, and a position behind the end is the end.
fn insert_part(path: &str, position: usize, part: &str) -> String {
    if part.is_empty() {
        return path.to_owned();
    }
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_put_into_paths() {
        for (path, position, expected) in [
            ("", 0, "PEACH"),
            ("/", 0, "/PEACH"),
            ("pie", 0, "PEACH/pie"),
            ("/pie", 0, "/PEACH/pie"),
            ("raw", 1, "raw/PEACH"),
            ("/raw", 9, "/raw/PEACH"),
            ("/a/nice/warm/pie", 3, "/a/nice/warm/PEACH/pie"),
        ] {
            assert_eq!(insert_part(path, position, "PEACH"), expected, "{path}");
        }
    }

    #[test]
    fn values_are_put_into_fields() {
        let config = json!({"value": "x", "targets": [
            {"selector": {"kind": "Pod"}, "fieldPath": "spec/containers/[name=a]/image"},
            {"fieldPath": "metadata/annotations/a.b\\/c", "filePathPosition": 2},
            {"fieldPath": "metadata/namespace"}
        ]});
        let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"a.b/c": "r/s"}},
            "spec": {"containers": [{"name": "a"}]}});
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        ValueAdd::parse(&config, None, "dir").unwrap().apply(&mut map).unwrap();
        assert_eq!(
            *map.as_slice()[0].object(),
            json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "p", "namespace": "x", "annotations": {"a.b/c": "r/x/s"}},
                "spec": {"containers": [{"name": "a", "image": "x"}]}})
        );
    }

    #[test]
    fn targets_are_needed() {
        let parse =
            |config: Value| ValueAdd::parse(&config, None, "dir").map(|transformer| transformer.value);
        assert_eq!(parse(json!({})).unwrap_err().message(), "must specify at least one target");
        assert_eq!(parse(json!({"targets": [{}]})).unwrap_err().message(), "fieldPath cannot be empty");
        assert_eq!(parse(json!({"targets": [{"fieldPath": "a"}]})).unwrap(), "dir");
    }
}
