//! Flux's `postBuild.substitute`: variables in the text of built objects, with the string functions of bash.
//!
//! Each object is written as YAML, its variables are replaced, and it is read again, so that a value may become a number.
//! Known forms: `${v}`, `${v:=d}`, `${v:-d}`, `${v=d}`, `${#v}`, `${v^}`, `${v^^}`, `${v,}`, `${v,,}`, `${v:1}`,
//! `${v:1:2}`, `${v#p}`, `${v##p}`, `${v%p}`, `${v%%p}`, `${v/a/b}`, `${v//a/b}`, `${v/#a/b}`, `${v/%a/b}`; `$$` stands
//! for `$`. Source: `github.com/fluxcd/pkg/envsubst` and `fluxcd/pkg/kustomize`.

mod functions;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap};

const SWITCH: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// How deep variables may stand in the defaults of others.
const DEPTH_LIMIT: usize = 64;

/// What a variable without value and default gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unset {
    /// An empty text, as in Flux.
    #[default]
    Empty,
    /// An error (`StrictPostBuildSubstitutions` of Flux).
    Error,
    /// Itself as it is written: its value is known elsewhere.
    Keep,
}

/// Variables and how strictly they are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substitution {
    /// The values by name.
    pub variables: BTreeMap<String, String>,
    /// What one without value and default gives.
    pub unset: Unset,
}

impl Substitution {
    /// Replaces the variables of all resources; one that is labelled or annotated
    /// `kustomize.toolkit.fluxcd.io/substitute: disabled` stays as it is. Without variables nothing is replaced.
    ///
    /// # Errors
    /// When a name is no name of a variable, an expression cannot be read, or the result is no YAML.
    pub(crate) fn apply(&self, resources: &mut ResourceMap) -> Result<(), Failure> {
        if self.variables.is_empty() {
            return Ok(());
        }
        if let Some(name) = self.variables.keys().find(|name| !is_name(name)) {
            let message =
                format!("'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'");
            return Err(Failure::new("substitute", message));
        }
        for resource in resources {
            self.apply_to(resource)?;
        }
        Ok(())
    }

    fn apply_to(&self, resource: &mut Resource) -> Result<(), Failure> {
        let replaced = self.object(resource.object()).map_err(|failure| match resource.source() {
            Some(source) => failure.in_file(&source.file),
            None => failure,
        })?;
        if let Some(object) = replaced {
            resource.set_object(object);
        }
        Ok(())
    }

    /// Replaces the variables of an object; `None` where it has none, or opts out.
    ///
    /// # Errors
    /// When an expression cannot be read, or the result is no YAML.
    pub fn object(&self, object: &Value) -> Result<Option<Value>, Failure> {
        let disabled = |field: &str| {
            let map = object.get("metadata").and_then(|metadata| metadata.get(field));
            map.and_then(|map| map.get(SWITCH)).and_then(Value::as_str) == Some("disabled")
        };
        if disabled("labels") || disabled("annotations") || !mentions(object) {
            return Ok(None);
        }
        let id = || Resource::new(object.clone()).current_id();
        let text = self.evaluate(&slipway_yaml::emit_as_go(object)).map_err(|reason| {
            Failure::new("substitute", format!("variable substitution failed: {reason} in {}", id()))
        })?;
        let value = slipway_yaml::decode(&text).map_err(|error| {
            let message = format!(
                "{} is no YAML once its variables are replaced: line {}: {}",
                id(),
                error.line,
                error.message
            );
            Failure::new("substitute", message).hint("quote the value where it is used")
        })?;
        Ok(Some(value))
    }

    /// Replaces the variables of a text.
    ///
    /// # Errors
    /// When an expression cannot be read, or a value is missing and `unset` says so.
    pub fn evaluate(&self, text: &str) -> Result<String, String> {
        let mut reader = Reader {
            text: text.chars().collect(),
            at: 0,
            variables: &self.variables,
            unset: self.unset,
            depth: 0,
            keeps: false,
        };
        reader.all()
    }
}

/// Whether a `$` stands anywhere in a value, keys included.
fn mentions(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('$'),
        Value::Array(items) => items.iter().any(mentions),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('$') || mentions(value)),
        _ => false,
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

struct Reader<'a> {
    text: Vec<char>,
    at: usize,
    variables: &'a BTreeMap<String, String>,
    unset: Unset,
    depth: usize,
    /// Whether the expression at hand stays as it is written.
    keeps: bool,
}

/// Which characters a backslash or a dollar hides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    All,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn opens(&self) -> bool {
        self.peek() == Some('$') && self.text.get(self.at + 1) == Some(&'{')
    }

    fn all(&mut self) -> Result<String, String> {
        let mut result = String::with_capacity(self.text.len());
        while let Some(character) = self.peek() {
            if self.opens() {
                self.at += 2;
                result.push_str(&self.expression()?);
                continue;
            }
            self.at += 1;
            if character == '$' && self.peek() == Some('$') {
                self.at += 1;
            }
            result.push(character);
        }
        Ok(result)
    }

    /// What follows `${`, the closing brace included.
    fn expression(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(format!("variables stand more than {DEPTH_LIMIT} deep inside one another"));
        }
        let outer = std::mem::take(&mut self.keeps);
        // Behind `${`.
        let start = self.at - 2;
        let result = self.expression_inside();
        self.depth -= 1;
        if std::mem::replace(&mut self.keeps, outer) && result.is_ok() {
            return Ok(self.text[start..self.at].iter().collect());
        }
        result
    }

    fn expression_inside(&mut self) -> Result<String, String> {
        if self.peek() == Some('#') {
            self.at += 1;
            let name = self.name().ok_or("bad substitution")?;
            self.close()?;
            return Ok(self.value(&name)?.len().to_string());
        }
        let name = self.name().ok_or("unable to parse variable name")?;
        match self.peek() {
            Some(':') if matches!(self.text.get(self.at + 1), Some('=' | '-' | '?' | '+')) => {
                self.at += 2;
                self.default(&name)
            }
            Some('=') => {
                self.at += 1;
                self.default(&name)
            }
            Some(':') => {
                self.at += 1;
                let position = self.parameter(&[':', '}'], Escapes::None)?;
                let mut length = None;
                if self.peek() == Some(':') {
                    self.skip(':', usize::MAX);
                    length = Some(self.parameter(&['}'], Escapes::None)?);
                }
                self.close()?;
                Ok(functions::part(&self.value(&name)?, &position, length.as_deref()))
            }
            Some(first @ (',' | '^')) => {
                let mut operator = String::from(first);
                self.at += 1;
                if let Some(second @ (',' | '^')) = self.peek() {
                    operator.push(second);
                    self.at += 1;
                }
                self.close()?;
                Ok(functions::letters(&self.value(&name)?, &operator))
            }
            Some('/') => {
                self.at += 1;
                let mode = self.peek().filter(|mode| matches!(mode, '/' | '#' | '%'));
                if mode.is_some() {
                    self.at += 1;
                }
                let pattern = self.parameter(&['/'], Escapes::All)?;
                if self.skip('/', usize::MAX) == 0 {
                    return Err("bad substitution".to_owned());
                }
                let replacement = match self.peek() {
                    Some('}') => None,
                    _ => Some(self.parameter(&['}'], Escapes::All)?),
                };
                self.close()?;
                Ok(functions::replaced(&self.value(&name)?, mode, &pattern, replacement.as_deref()))
            }
            Some(side @ ('#' | '%')) => {
                let count = self.skip(side, 2);
                let pattern = self.parameter(&['}'], Escapes::None)?;
                self.close()?;
                Ok(functions::trimmed(&self.value(&name)?, side, count == 2, &pattern))
            }
            Some('}') => {
                self.at += 1;
                self.value(&name)
            }
            _ => Err("missing closing brace".to_owned()),
        }
    }

    fn default(&mut self, name: &str) -> Result<String, String> {
        let mut default = String::new();
        while self.peek() != Some('}') {
            default.push_str(&self.parameter(&['}'], Escapes::None)?);
        }
        self.close()?;
        Ok(self.variables.get(name).filter(|value| !value.is_empty()).cloned().unwrap_or(default))
    }

    fn value(&mut self, name: &str) -> Result<String, String> {
        match (self.variables.get(name), self.unset) {
            (Some(value), _) => Ok(value.clone()),
            (None, Unset::Error) => Err(format!("variable not set (strict mode): \"{name}\"")),
            (None, unset) => {
                self.keeps |= unset == Unset::Keep;
                Ok(String::new())
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.at += 1;
        }
        (self.at > start).then(|| self.text[start..self.at].iter().collect())
    }

    /// A variable, or text up to one of `ends` or to a variable; at least one character.
    fn parameter(&mut self, ends: &[char], escapes: Escapes) -> Result<String, String> {
        if self.opens() {
            self.at += 2;
            return self.expression();
        }
        let mut result = String::new();
        let start = self.at;
        while let Some(character) = self.peek() {
            let next = self.text.get(self.at + 1);
            let hidden = escapes == Escapes::All
                && (character == '$' && next == Some(&'$')
                    || character == '\\' && matches!(next, Some('/' | '\\')));
            if hidden {
                result.extend(next);
                self.at += 2;
                continue;
            }
            if ends.contains(&character) || self.opens() {
                break;
            }
            result.push(character);
            self.at += 1;
        }
        if self.at == start {
            return Err("unable to parse substitution within function".to_owned());
        }
        Ok(result)
    }

    fn skip(&mut self, character: char, most: usize) -> usize {
        let mut count = 0;
        while count < most && self.peek() == Some(character) {
            self.at += 1;
            count += 1;
        }
        count
    }

    fn close(&mut self) -> Result<(), String> {
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(());
        }
        Err("bad substitution".to_owned())
    }
}
