//! Paths to a field of an object.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a map.
    Key(String),
    /// An item of a list by its position, from 0.
    Index(usize),
    /// An item of a list by the values of its keys, in the order of the keys: `[name=api]`,
    /// `[containerPort=80,protocol=TCP]`.
    Keyed(Vec<(String, String)>),
}

/// A JSON Pointer (RFC 6901) whose list items may be keyed:
/// `/spec/template/spec/containers/[name=api]/image`. In keys, `~` is written `~0` and `/` is written `~1`;
/// a map key that itself begins with `[` or consists of digits is written with `~2` before it, and in the
/// values of keyed items `,` is `~3`, `]` is `~4` and `=` is `~5`.
///
/// ```
/// use slipway_model::FieldPath;
/// let path: FieldPath = "/spec/containers/[name=api]/image".parse().unwrap();
/// let object = serde_json::json!({"spec": {"containers": [{"name": "api", "image": "a:1"}]}});
/// assert_eq!(path.get(&object).unwrap(), "a:1");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub Vec<Segment>);

/// Why a text is no field path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldPathError {
    /// It does not begin with `/`.
    #[error("`{0}` is no field path: it must be empty or begin with `/`")]
    NoSlash(String),
    /// A keyed segment is not `[key=value,…]`.
    #[error("`{0}` is no list item: expected `[key=value]`")]
    Keyed(String),
}

impl FieldPath {
    /// The whole object.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This path and one more key.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Segment::Key(key.into()))
    }

    /// This path and one more position.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// This path and one more segment.
    #[must_use]
    pub fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The path of what holds this field; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, head) = self.0.split_last()?;
        Some(Self(head.to_vec()))
    }

    /// The segments.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is `other` or lies below it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path.
    #[must_use]
    pub fn get<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(object, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(*index),
            Segment::Keyed(keys) => value.as_array()?.iter().find(|item| matches_keys(item, keys)),
        })
    }

    /// The value at this path, for changing it.
    pub fn get_mut<'a>(&self, object: &'a mut Value) -> Option<&'a mut Value> {
        self.0.iter().try_fold(object, |value, segment| match segment {
            Segment::Key(key) => value.get_mut(key),
            Segment::Index(index) => value.get_mut(*index),
            Segment::Keyed(keys) => value.as_array_mut()?.iter_mut().find(|item| matches_keys(item, keys)),
        })
    }
}

fn matches_keys(item: &Value, keys: &[(String, String)]) -> bool {
    keys.iter().all(|(key, expected)| item.get(key).is_some_and(|value| scalar_text(value) == *expected))
}

/// The text by which a scalar is named in a keyed segment.
#[must_use]
pub fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn escape_key(key: &str) -> String {
    let escaped = key.replace('~', "~0").replace('/', "~1");
    let looks_like_an_item =
        key.starts_with('[') || (!key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()));
    if looks_like_an_item { format!("~2{escaped}") } else { escaped }
}

fn escape_value(value: &str) -> String {
    value.replace('~', "~0").replace('/', "~1").replace(',', "~3").replace(']', "~4").replace('=', "~5")
}

fn unescape(text: &str) -> String {
    let text = text.strip_prefix("~2").unwrap_or(text);
    text.replace("~5", "=").replace("~4", "]").replace("~3", ",").replace("~1", "/").replace("~0", "~")
}

impl fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Key(key) => write!(formatter, "/{}", escape_key(key))?,
                Segment::Index(index) => write!(formatter, "/{index}")?,
                Segment::Keyed(keys) => {
                    let parts: Vec<String> = keys
                        .iter()
                        .map(|(key, value)| format!("{}={}", escape_value(key), escape_value(value)))
                        .collect();
                    write!(formatter, "/[{}]", parts.join(","))?;
                }
            }
        }
        Ok(())
    }
}

impl FromStr for FieldPath {
    type Err = FieldPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let rest = text.strip_prefix('/').ok_or_else(|| FieldPathError::NoSlash(text.to_owned()))?;
        rest.split('/').map(parse_segment).collect::<Result<Vec<_>, _>>().map(Self)
    }
}

fn parse_segment(text: &str) -> Result<Segment, FieldPathError> {
    if let Some(inner) = text.strip_prefix('[') {
        let error = || FieldPathError::Keyed(text.to_owned());
        let inner = inner.strip_suffix(']').ok_or_else(error)?;
        let keys = inner
            .split(',')
            .map(|part| {
                part.split_once('=').map(|(key, value)| (unescape(key), unescape(value))).ok_or_else(error)
            })
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(Segment::Keyed(keys));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(index) = text.parse()
    {
        return Ok(Segment::Index(index));
    }
    Ok(Segment::Key(unescape(text)))
}

impl Serialize for FieldPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_reads_back() {
        for text in [
            "",
            "/spec/replicas",
            "/spec/ports/[containerPort=80,protocol=TCP]/name",
            "/metadata/annotations/argocd.argoproj.io~1sync-wave",
            "/data/~28080",
            "/data/~2[x]",
            "/items/0/name",
            "/list/[name=a~3b~5c]",
        ] {
            assert_eq!(text.parse::<FieldPath>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn keyed_items_are_found_by_number_and_text() {
        let object = serde_json::json!({"ports": [{"port": 80}, {"port": 443, "name": "https"}]});
        let path: FieldPath = "/ports/[port=443]/name".parse().unwrap();
        assert_eq!(path.get(&object).unwrap(), "https");
    }
}
