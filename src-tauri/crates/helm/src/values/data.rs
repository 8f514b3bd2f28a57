//! Values that do not change: what a chart's `values.yaml` holds, shared between threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use slipway_gotmpl::{List, Map, Source, Str, Type, Value, types};

/// A decoded document. Numbers of YAML and JSON are `float64`, as Helm decodes values; `--set` gives `int64`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Arc<[u8]>),
    List(Vec<Data>),
    Map(Arc<Entries>),
}

/// Sorted by key.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Entries(Vec<(Arc<[u8]>, Data)>);

impl Source for Entries {
    fn entries(&self) -> BTreeMap<Str, Value> {
        self.0.iter().map(|(key, value)| (Str::from(key), value.to_value())).collect()
    }
}

impl Data {
    pub(crate) fn empty_map() -> Self {
        Self::Map(Arc::default())
    }

    /// From YAML or JSON: every number becomes a float.
    pub(crate) fn decoded(json: &Json) -> Self {
        Self::from_json(json, false)
    }

    /// From values in which assignments were made: integers stay what they are.
    pub(crate) fn assigned(json: &Json) -> Self {
        Self::from_json(json, true)
    }

    fn from_json(json: &Json, integers: bool) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(value) if integers && !number.is_f64() => Self::Integer(value),
                _ => Self::Float(number.as_f64().unwrap_or(0.0)),
            },
            Json::String(text) => Self::Text(Arc::from(text.as_bytes())),
            Json::Array(items) => {
                Self::List(items.iter().map(|item| Self::from_json(item, integers)).collect())
            }
            Json::Object(entries) => {
                let mut entries: Vec<(Arc<[u8]>, Self)> = entries
                    .iter()
                    .map(|(key, value)| (Arc::from(key.as_bytes()), Self::from_json(value, integers)))
                    .collect();
                entries.sort_unstable_by(|left, right| left.0.cmp(&right.0));
                Self::Map(Arc::new(Entries(entries)))
            }
        }
    }

    /// A copy that templates may change.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Nil,
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(value) => Value::Int64(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Text(text) => Value::String(Str::from(text)),
            Self::List(items) => {
                // Go's JSON decoder grows slices by doubling; `append` shows what capacity is left.
                let capacity = items.len().next_power_of_two();
                let items = items.iter().map(Self::to_value).collect();
                Value::List(List::with_capacity(types::LIST, items, capacity))
            }
            Self::Map(_) => Value::Map(self.to_map(types::MAP)),
        }
    }

    /// The map as one that templates may change; empty where it is no map.
    pub(crate) fn to_map(&self, kind: &'static Type) -> Map {
        match self {
            Self::Map(entries) => Map::deferred(kind, Arc::<Entries>::clone(entries)),
            _ => Map::of(kind),
        }
    }
}
