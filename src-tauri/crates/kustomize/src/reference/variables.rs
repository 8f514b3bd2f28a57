//! Variables (`vars`): `$(NAME)` in some fields stands for a field of a resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::failure::Failure;
use crate::kustomization::Variable;
use crate::resource::{Gvk, ResId, ResourceMap};
use crate::transform::{At, FieldSpec, Leaf};

/// The variables of a kustomization and of those below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Variables(BTreeMap<String, Variable>);

impl Variables {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the variables of a kustomization and notes with each resource which ones read it.
    ///
    /// # Errors
    /// When a name is taken, or several resources fit.
    pub(crate) fn add(&mut self, incoming: &[Variable], resources: &mut ResourceMap) -> Result<(), Failure> {
        for variable in incoming {
            let variable = with_defaults(variable);
            let target = &variable.objref;
            let gvk = Gvk {
                group: target.group.clone(),
                version: target.version.clone(),
                kind: target.kind.clone(),
            };
            // The kind of a variable is taken as it is written; only a whole object is known to be cluster-scoped.
            let id = ResId {
                gvk,
                name: target.name.clone(),
                namespace: target.namespace.clone(),
                cluster_scoped: false,
            };
            let matches = |other: &ResId| {
                if id.namespace.is_empty() {
                    other.name == id.name && other.gvk == id.gvk
                } else {
                    other.same_as(&id)
                }
            };
            let mut found = Vec::new();
            for (index, resource) in resources.iter().enumerate() {
                if !resource.is_empty()
                    && (matches(&resource.current_id()) || resource.previous_ids().any(|id| matches(&id)))
                {
                    found.push(index);
                }
            }
            match found[..] {
                [] => {}
                [index] => {
                    if let Some(resource) = resources.get_mut(index) {
                        resource.add_variable(&variable.name);
                    }
                }
                ref many => {
                    let message = format!(
                        "found {} resId matches for var {} (unable to disambiguate)",
                        many.len(),
                        shown(&variable)
                    );
                    return Err(Failure::new("kustomize-ambiguous", message));
                }
            }
        }
        incoming.iter().try_for_each(|variable| self.insert(with_defaults(variable)))
    }

    /// Adds the variables of a base.
    ///
    /// # Errors
    /// When a name is taken.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Failure> {
        other.0.values().try_for_each(|variable| self.insert(variable.clone()))
    }

    fn insert(&mut self, variable: Variable) -> Result<(), Failure> {
        if self.0.contains_key(&variable.name) {
            let message = format!("var '{}' already encountered", variable.name);
            return Err(Failure::new("kustomize-duplicate", message));
        }
        self.0.insert(variable.name.clone(), variable);
        Ok(())
    }

    /// Puts the values where the variables are used; the names of those that are used nowhere.
    ///
    /// # Errors
    /// When a variable reads nothing, or a field that may hold variables has another shape.
    pub(crate) fn resolve(
        &self,
        resources: &mut ResourceMap,
        fields: &[FieldSpec],
    ) -> Result<Vec<String>, Failure> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = BTreeMap::new();
        for variable in self.0.values() {
            values.insert(variable.name.as_str(), value_of(variable, resources)?);
        }
        let used = std::cell::RefCell::new(BTreeSet::new());
        let replace = |text: &str| replace(text, &values, &used);
        for resource in resources.iter_mut() {
            for field in fields {
                let touches = |value: Option<&Value>| value.is_some_and(touches);
                let mut set = |value: &mut Value, _: &[At<'_>]| set(value, &replace);
                field.apply(resource, Leaf::Nothing, &touches, &mut set)?;
            }
        }
        let used = used.into_inner();
        Ok(values.into_keys().filter(|name| !used.contains(*name)).map(str::to_owned).collect())
    }
}

/// Fills in what a variable leaves out.
fn with_defaults(variable: &Variable) -> Variable {
    let mut variable = variable.clone();
    if variable.fieldref.field_path.is_empty() {
        "metadata.name".clone_into(&mut variable.fieldref.field_path);
    }
    let target = &mut variable.objref;
    match target.api_version.split('/').collect::<Vec<_>>()[..] {
        [""] => {}
        [version] => target.version = version.to_owned(),
        [group, version] => {
            target.group = group.to_owned();
            target.version = version.to_owned();
        }
        _ => {}
    }
    variable
}

/// A variable as Go prints it.
fn shown(variable: &Variable) -> String {
    let target = &variable.objref;
    let gvk = Gvk { group: target.group.clone(), version: target.version.clone(), kind: target.kind.clone() };
    format!("{{{} {gvk} {{{}}}}}", variable.name, variable.fieldref.field_path)
}

fn value_of(variable: &Variable, resources: &ResourceMap) -> Result<Value, Failure> {
    let read = resources.iter().find(|resource| resource.variables().contains(&variable.name));
    let Some(resource) = read else {
        let message =
            format!("var '{}' cannot be mapped to a field in the set of known resources", shown(variable));
        return Err(Failure::new("kustomize-variable", message));
    };
    let mut at = Some(resource.object());
    for field in split(&variable.fieldref.field_path) {
        at = at.and_then(|value| match value {
            Value::Array(items) => match field.strip_prefix('[').and_then(|field| field.strip_suffix(']')) {
                // `[name=value]` picks the item of a list.
                Some(keyed) if keyed.contains('=') => {
                    let (key, wanted) = keyed.split_once('=')?;
                    items.iter().find(|item| {
                        item.get(key).is_some_and(|value| crate::resource::scalar_text(value) == wanted)
                    })
                }
                // `-` is the last one.
                _ if field == "-" => items.last(),
                _ => items.get(field.parse::<usize>().ok()?),
            },
            value => value.get(&field),
        });
    }
    match at {
        Some(Value::Null) => Ok(Value::from("")),
        Some(value) => Ok(value.clone()),
        None => {
            let message =
                format!("field specified in var '{}' not found in corresponding resource", shown(variable));
            Err(Failure::new("kustomize-variable", message))
        }
    }
}

/// Splits a path at its dots, which may be escaped or stand in brackets; `ports[0]` is two steps.
fn split(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut inside = false;
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'.') => {
                part.push('.');
                characters.next();
            }
            '.' if !inside => parts.push(std::mem::take(&mut part)),
            '[' => {
                inside = true;
                part.push('[');
            }
            ']' => {
                inside = false;
                part.push(']');
            }
            other => part.push(other),
        }
    }
    parts.push(part);
    let mut steps = Vec::with_capacity(parts.len());
    for part in parts {
        match part.strip_suffix(']').and_then(|head| head.rsplit_once('[')) {
            Some((name, inner)) if inner.contains('=') => {
                if !name.is_empty() {
                    steps.push(name.to_owned());
                }
                steps.push(format!("[{inner}]"));
            }
            Some((name, inner)) => {
                if inner.parse::<usize>().is_ok() {
                    if !name.is_empty() {
                        steps.push(name.to_owned());
                    }
                    steps.push(inner.to_owned());
                } else {
                    steps.push(format!("{name}{inner}"));
                }
            }
            None => steps.push(part),
        }
    }
    steps
}

fn touches(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('$'),
        Value::Object(map) => map.values().any(|value| value.as_str().is_some_and(|text| text.contains('$'))),
        Value::Array(items) => items.iter().any(|item| item.as_str().is_none_or(|text| text.contains('$'))),
        _ => false,
    }
}

fn set(value: &mut Value, replace: &dyn Fn(&str) -> Value) -> Result<(), Failure> {
    match value {
        Value::String(text) => *value = replace(text),
        Value::Object(map) => {
            for value in map.values_mut() {
                if let Value::String(text) = value {
                    *value = replace(text);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                let Value::String(text) = item else {
                    return Err(Failure::new("kustomize-variable", "invalid value type expect a string"));
                };
                *item = replace(text);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Replaces the variables of a text. A text that is one variable and nothing else becomes its value, whatever type that
/// has; `$$` stands for `$`; what is no known variable stays.
fn replace(text: &str, values: &BTreeMap<&str, Value>, used: &std::cell::RefCell<BTreeSet<String>>) -> Value {
    let bytes = text.as_bytes();
    let mut result: Vec<u8> = Vec::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'$' || at + 1 == bytes.len() {
            at += 1;
            continue;
        }
        result.extend_from_slice(&bytes[copied..at]);
        let rest = &text.as_bytes()[at + 1..];
        let advance = match rest[0] {
            b'$' => {
                result.push(b'$');
                1
            }
            b'(' => match rest.iter().position(|byte| *byte == b')') {
                Some(end) => {
                    let name = &text[at + 2..at + 1 + end];
                    let value = values.get(name).filter(|value| !value.is_object() && !value.is_array());
                    match value {
                        Some(value) => {
                            used.borrow_mut().insert(name.to_owned());
                            if at == 0 && end + 2 == bytes.len() {
                                return value.clone();
                            }
                            result.extend_from_slice(as_go_prints(value).as_bytes());
                        }
                        None => result.extend_from_slice(format!("$({name})").as_bytes()),
                    }
                    end + 1
                }
                None => {
                    result.extend_from_slice(b"$(");
                    1
                }
            },
            other if other.is_ascii() => {
                result.extend_from_slice(&[b'$', other]);
                1
            }
            // Go takes the first byte of a longer character for a character of its own; the text is lost there.
            _ => {
                result.push(b'$');
                0
            }
        };
        at += advance + 1;
        copied = at;
    }
    result.extend_from_slice(&bytes[copied.min(bytes.len())..]);
    Value::String(String::from_utf8_lossy(&result).into_owned())
}

/// A scalar as Go's `%v` prints it.
fn as_go_prints(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
