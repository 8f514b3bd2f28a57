//! Sets of fields: what a manager owns, in the form `managedFields` carries it (`fieldsV1`), and what
//! changed between two objects. Matches `sigs.k8s.io/structured-merge-diff`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::clock::canonical;
use crate::schema::{Schema, Structure};

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A field or a key of a map.
    Field(String),
    /// An item of a list that is a map: its keys with their values as JSON.
    Key(BTreeMap<String, String>),
    /// An item of a set, as JSON.
    Value(String),
    /// A position; only read from what others wrote.
    Index(usize),
}

/// A set of fields, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(BTreeMap<Step, Node>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    member: bool,
    below: FieldSet,
}

/// How deep sets are read from `managedFields`; deeper ones are cut off.
const MAX_DEPTH: usize = 100;

impl Step {
    fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(keys) => {
                let fields: Vec<String> =
                    keys.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
                format!("k:{{{}}}", fields.join(","))
            }
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    fn decode(text: &str) -> Option<Self> {
        let (sort, rest) = text.split_once(':')?;
        match sort {
            "f" => Some(Self::Field(rest.to_owned())),
            "v" => Some(Self::Value(canonical(&serde_json::from_str(rest).ok()?))),
            "i" => rest.parse().ok().map(Self::Index),
            "k" => {
                let keys: Map<String, Value> = serde_json::from_str(rest).ok()?;
                Some(Self::Key(keys.into_iter().map(|(key, value)| (key, canonical(&value))).collect()))
            }
            _ => None,
        }
    }

    /// The step to an item of a list that is a map; an error names the key that is missing.
    pub(crate) fn of_item(item: &Value, keys: &[String], list: &Schema<'_>) -> Result<Self, String> {
        let mut found = BTreeMap::new();
        for key in keys {
            let value = item.get(key).filter(|value| !value.is_null()).cloned();
            let value = value.or_else(|| list.key_default(key)).ok_or_else(|| {
                format!(
                    "associative list with keys has an element that omits key field {key:?} \
                     (and doesn't have default value)"
                )
            })?;
            found.insert(key.clone(), canonical(&value));
        }
        Ok(Self::Key(found))
    }

    pub(crate) fn of_value(value: &Value) -> Self {
        Self::Value(canonical(value))
    }
}

/// A path the way conflicts print it: `.spec.template.spec.containers[name="web"].image`.
pub(crate) fn display(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Field(name) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Key(keys) => {
                let parts: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                // Writing to a string cannot fail.
                let _ = write!(out, "[{}]", parts.join(","));
            }
            Step::Value(value) => {
                let _ = write!(out, "[={value}]");
            }
            Step::Index(index) => {
                let _ = write!(out, "[{index}]");
            }
        }
    }
    out
}

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.values().all(|node| !node.member && node.below.is_empty())
    }

    pub(crate) fn insert(&mut self, path: &[Step]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = self.0.entry(first.clone()).or_default();
        if rest.is_empty() { node.member = true } else { node.below.insert(rest) }
    }

    /// The fields an applied object names.
    pub(crate) fn of_applied(object: &Value, schema: Schema<'_>) -> Result<Self, String> {
        let mut set = Self::default();
        collect(object, schema, &mut Vec::new(), &mut set)?;
        Ok(set)
    }

    /// Reads `fieldsV1`; what cannot be read is left out.
    pub(crate) fn decode(fields: &Value) -> Self {
        decode(fields, 0)
    }

    /// Writes `fieldsV1`.
    pub(crate) fn encode(&self) -> Value {
        let mut out = Map::new();
        for (step, node) in &self.0 {
            let mut below = node.below.encode();
            let has_below = below.as_object().is_some_and(|map| !map.is_empty());
            if !node.member && !has_below {
                continue;
            }
            if node.member && has_below {
                below["."] = json!({});
            }
            out.insert(step.encode(), below);
        }
        Value::Object(out)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (step, node) in &other.0 {
            let entry = out.0.entry(step.clone()).or_default();
            entry.member |= node.member;
            entry.below = entry.below.union(&node.below);
        }
        out
    }

    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut out = Self::default();
        for (step, node) in &self.0 {
            let theirs = other.0.get(step);
            let member = node.member && theirs.is_none_or(|theirs| !theirs.member);
            let below =
                theirs.map_or_else(|| node.below.clone(), |theirs| node.below.difference(&theirs.below));
            if member || !below.is_empty() {
                out.0.insert(step.clone(), Node { member, below });
            }
        }
        out
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut out = Self::default();
        for (step, node) in &self.0 {
            let Some(theirs) = other.0.get(step) else { continue };
            let member = node.member && theirs.member;
            let below = node.below.intersection(&theirs.below);
            if member || !below.is_empty() {
                out.0.insert(step.clone(), Node { member, below });
            }
        }
        out
    }

    /// This set without everything at and below the removed fields of an object.
    pub(crate) fn without_below(&self, removed: &Self) -> Self {
        let mut out = Self::default();
        for (step, node) in &self.0 {
            let kept = match removed.0.get(step) {
                Some(gone) if gone.member => continue,
                Some(gone) => node.below.without_below(&gone.below),
                None => node.below.clone(),
            };
            if node.member || !kept.is_empty() {
                out.0.insert(step.clone(), Node { member: node.member, below: kept });
            }
        }
        out
    }

    /// Takes a field and everything below it out.
    pub(crate) fn remove(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        let step = Step::Field((*first).to_owned());
        if rest.is_empty() {
            self.0.remove(&step);
        } else if let Some(node) = self.0.get_mut(&step) {
            node.below.remove(rest);
            if !node.member && node.below.is_empty() {
                self.0.remove(&step);
            }
        }
    }

    /// Keeps only one field of the root and what is below it.
    pub(crate) fn keep_only(&mut self, name: &str) {
        self.0.retain(|step, _| matches!(step, Step::Field(field) if field == name));
    }

    /// What is below a step: `None` where the set has nothing there.
    pub(crate) fn below(&self, step: &Step) -> Option<&Self> {
        self.0.get(step).filter(|node| node.member || !node.below.is_empty()).map(|node| &node.below)
    }

    /// The steps of the first level.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&Step, bool, &Self)> {
        self.0.iter().map(|(step, node)| (step, node.member, &node.below))
    }

    /// Every member, in order.
    pub(crate) fn paths(&self) -> Vec<Vec<Step>> {
        fn walk(set: &FieldSet, path: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
            for (step, node) in &set.0 {
                path.push(step.clone());
                if node.member {
                    out.push(path.clone());
                }
                walk(&node.below, path, out);
                path.pop();
            }
        }
        let mut out = Vec::new();
        walk(self, &mut Vec::new(), &mut out);
        out
    }
}

fn decode(fields: &Value, depth: usize) -> FieldSet {
    let mut set = FieldSet::default();
    if depth > MAX_DEPTH {
        return set;
    }
    for (text, below) in fields.as_object().into_iter().flatten() {
        let Some(step) = Step::decode(text) else { continue };
        let is_leaf = below.as_object().is_none_or(Map::is_empty);
        let member = is_leaf || below.get(".").is_some();
        set.0.insert(step, Node { member, below: decode(below, depth + 1) });
    }
    set
}

fn collect(
    value: &Value,
    schema: Schema<'_>,
    path: &mut Vec<Step>,
    set: &mut FieldSet,
) -> Result<(), String> {
    let at = |path: &[Step], message: String| format!("{}: {message}", display(path));
    match (schema.structure(value), value) {
        (Structure::Map, Value::Object(map)) => {
            for (key, below) in map {
                path.push(Step::Field(key.clone()));
                let inner = schema.key(key);
                collect(below, inner, path, set)?;
                let is_leaf = below.is_null() || below.as_object().is_some_and(Map::is_empty);
                if is_leaf || !schema.declares(key) && !path.is_empty() && !is_root_field(path) {
                    set.insert(path);
                }
                path.pop();
            }
        }
        (Structure::Set, Value::Array(items)) => {
            for item in items {
                path.push(Step::of_value(item));
                set.insert(path);
                path.pop();
            }
        }
        (Structure::ListMap(keys), Value::Array(items)) => {
            let mut seen = std::collections::BTreeSet::new();
            for item in items {
                let step = Step::of_item(item, &keys, &schema).map_err(|why| at(path, why))?;
                if !seen.insert(step.clone()) {
                    let key = display(std::slice::from_ref(&step));
                    return Err(at(path, format!("duplicate entries for key {key}")));
                }
                path.push(step);
                collect(item, schema.item(), path, set)?;
                set.insert(path);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
    Ok(())
}

/// The fields every object has; they are structures even where no schema says so.
fn is_root_field(path: &[Step]) -> bool {
    matches!(path, [Step::Field(name)] if matches!(name.as_str(), "metadata" | "spec" | "status"))
}

/// What differs between two objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) added: FieldSet,
    pub(crate) modified: FieldSet,
    pub(crate) removed: FieldSet,
}

/// Compares two objects field by field.
pub(crate) fn compare(old: &Value, new: &Value, schema: Schema<'_>) -> Comparison {
    let mut out = Comparison::default();
    compare_at(Some(old), Some(new), schema, &mut Vec::new(), &mut out);
    out
}

fn compare_at(
    old: Option<&Value>,
    new: Option<&Value>,
    schema: Schema<'_>,
    path: &mut Vec<Step>,
    out: &mut Comparison,
) {
    let old = old.filter(|value| !value.is_null());
    let new = new.filter(|value| !value.is_null());
    let Some(sample) = new.or(old) else { return };
    match (old, new) {
        (None, Some(_)) if !is_root_field(path) => out.added.insert(path),
        (Some(_), None) => out.removed.insert(path),
        (Some(old), Some(new)) if old == new => return,
        _ => {}
    }
    let same_sort = match (old, new) {
        (Some(old), Some(new)) => old.is_object() && new.is_object() || old.is_array() && new.is_array(),
        _ => true,
    };
    let structure = if same_sort { schema.structure(sample) } else { Structure::Atomic };
    match structure {
        Structure::Map => {
            let (old, new) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
            let keys = old.into_iter().flat_map(Map::keys);
            let more = new.into_iter().flat_map(Map::keys);
            let more = more.filter(|key| old.is_none_or(|old| !old.contains_key(*key)));
            for key in keys.chain(more) {
                let (before, after) = (old.and_then(|old| old.get(key)), new.and_then(|new| new.get(key)));
                if before == after {
                    continue;
                }
                path.push(Step::Field(key.clone()));
                compare_at(before, after, schema.key(key), path, out);
                path.pop();
            }
        }
        Structure::Set | Structure::ListMap(_) => {
            let (Some(before), Some(after)) =
                (items(old, &structure, &schema), items(new, &structure, &schema))
            else {
                modified(old, new, path, out);
                return;
            };
            for (step, item) in &before {
                path.push(step.clone());
                compare_at(Some(item), after.get(step).copied(), schema.item(), path, out);
                path.pop();
            }
            for (step, item) in after.iter().filter(|(step, _)| !before.contains_key(*step)) {
                path.push(step.clone());
                compare_at(None, Some(item), schema.item(), path, out);
                path.pop();
            }
        }
        Structure::Atomic => modified(old, new, path, out),
    }
}

fn modified(old: Option<&Value>, new: Option<&Value>, path: &[Step], out: &mut Comparison) {
    if old.is_some() && new.is_some() && old != new {
        out.modified.insert(path);
    }
}

/// The items of a list by their step; `None` where a step cannot be told or occurs twice.
pub(crate) fn items<'a>(
    list: Option<&'a Value>,
    structure: &Structure,
    schema: &Schema<'_>,
) -> Option<BTreeMap<Step, &'a Value>> {
    let mut out = BTreeMap::new();
    for item in list.and_then(Value::as_array).into_iter().flatten() {
        let step = match structure {
            Structure::ListMap(keys) => Step::of_item(item, keys, schema).ok()?,
            _ => Step::of_value(item),
        };
        if out.insert(step, item).is_some() {
            return None;
        }
    }
    Some(out)
}
