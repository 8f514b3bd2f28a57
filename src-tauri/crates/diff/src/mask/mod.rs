//! Hides the values of Secrets.
//!
//! What is hidden: everything of a Secret but its type, its name and its other metadata, however malformed it
//! is (a number in `stringData`, `data` as a list, a misspelt field), wherever it lies (in a `List`, in the
//! template of another object), and the copies of its values in annotations. Other kinds of objects are shown
//! as they are: a password in a ConfigMap is not known to be one.

mod copies;
mod key;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};
use slipway_model::FieldPath;

use crate::canonical::canonical;
use crate::fields::RawChange;
use copies::{Copies, embeds_secret};
pub use key::{MASK, MaskKey};

/// The fields of a Secret that hold nothing secret. All others are hidden, so that a misspelt `stringdata` is
/// no leak.
const OPEN_FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];
/// Below this depth everything of an object that holds Secrets is hidden.
const DEEPEST: usize = 120;

/// The object for display: secret values are replaced by markers.
#[must_use]
pub fn mask(object: &Value, key: &MaskKey) -> Value {
    if !may_hold_secrets(object, 0) {
        return object.clone();
    }
    let copies = Copies::of([object]);
    Masking { copies: &copies, hide: &mut |value| Value::String(key.marker(value)) }.object(object)
}

/// Whether the field at `path` of this object is secret, holds something secret, or would if it were there.
#[must_use]
pub fn is_secret_path(object: &Value, path: &FieldPath) -> bool {
    if !may_hold_secrets(object, 0) {
        return false;
    }
    let mut hidden = Hidden::default();
    let copies = Copies::of([object]);
    let masked = Masking { copies: &copies, hide: &mut |value| hidden.hide(value) }.object(object);
    let mut place = Some((object, &masked));
    for segment in path.segments() {
        let Some((real, shown)) = place else { return false };
        if let (Some(class), slipway_model::Segment::Key(key)) = (SecretClass::of(real), segment)
            && class.hides(key)
        {
            return true;
        }
        let step = FieldPath(vec![segment.clone()]);
        // Keys and positions are the same on both sides; an item's own key may be masked, so that it is looked
        // up by the position that it has in the real list.
        place = match segment {
            slipway_model::Segment::Keyed(_) => step.get(real).and_then(|item| {
                let index = real.as_array()?.iter().position(|each| std::ptr::eq(each, item))?;
                Some((item, shown.get(index)?))
            }),
            _ => step.get(real).and_then(|item| Some((item, step.get(shown)?))),
        };
        if place.is_some_and(|(_, shown)| hidden.is_placeholder(shown)) {
            return true;
        }
    }
    place.is_some_and(|(_, shown)| hidden.holds_placeholder(shown))
}

/// Two objects whose secret values are replaced by placeholders that are equal where the values are. What is
/// computed from the placeholders cannot leak what they stand for.
pub(crate) struct HiddenPair {
    pub(crate) old: Value,
    pub(crate) new: Value,
    hidden: Hidden,
}

impl HiddenPair {
    /// `None` where there is nothing to hide.
    pub(crate) fn of(old: &Value, new: &Value) -> Option<Self> {
        if !may_hold_secrets(old, 0) && !may_hold_secrets(new, 0) {
            return None;
        }
        let copies = Copies::of([old, new]);
        let mut hidden = Hidden::default();
        let mut masking = Masking { copies: &copies, hide: &mut |value| hidden.hide(value) };
        let (old, new) = (masking.object(old), masking.object(new));
        Some(Self { old, new, hidden })
    }

    /// Replaces the placeholders of a change by markers; says whether there were any.
    pub(crate) fn reveal_markers(&self, change: &mut RawChange, key: &MaskKey) -> bool {
        let mut secret = false;
        for value in [&mut change.old, &mut change.new].into_iter().flatten() {
            secret |= self.hidden.replace(value, key);
        }
        for segment in &mut change.path.0 {
            let texts: Vec<&mut String> = match segment {
                slipway_model::Segment::Key(text) => vec![text],
                slipway_model::Segment::Keyed(keys) => keys.iter_mut().map(|(_, text)| text).collect(),
                slipway_model::Segment::Index(_) => Vec::new(),
            };
            for text in texts {
                if let Some(value) = self.hidden.value(text) {
                    *text = key.marker(value);
                    secret = true;
                }
            }
        }
        secret
    }
}

/// The values that placeholders stand for.
#[derive(Default)]
struct Hidden {
    numbers: HashMap<String, usize>,
    values: Vec<Value>,
}

const PLACEHOLDER: &str = "\u{0}secret:";

impl Hidden {
    fn hide(&mut self, value: &Value) -> Value {
        let next = self.values.len();
        let number = *self.numbers.entry(canonical(value)).or_insert(next);
        if number == next {
            self.values.push(value.clone());
        }
        Value::String(format!("{PLACEHOLDER}{number}"))
    }

    fn value(&self, text: &str) -> Option<&Value> {
        self.values.get(text.strip_prefix(PLACEHOLDER)?.parse::<usize>().ok()?)
    }

    fn is_placeholder(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.value(text).is_some())
    }

    fn holds_placeholder(&self, value: &Value) -> bool {
        match value {
            Value::Object(map) => {
                map.iter().any(|(key, value)| self.value(key).is_some() || self.holds_placeholder(value))
            }
            Value::Array(items) => items.iter().any(|item| self.holds_placeholder(item)),
            scalar => self.is_placeholder(scalar),
        }
    }

    fn replace(&self, value: &mut Value, key: &MaskKey) -> bool {
        if let Some(real) = value.as_str().and_then(|text| self.value(text)) {
            *value = Value::String(key.marker(real));
            return true;
        }
        match value {
            Value::Object(map) => {
                let mut secret = false;
                let entries = std::mem::take(map);
                for (name, mut value) in entries {
                    secret |= self.replace(&mut value, key);
                    let name = match self.value(&name) {
                        Some(real) => {
                            secret = true;
                            key.marker(real)
                        }
                        None => name,
                    };
                    insert_beside(map, &name, value);
                }
                secret
            }
            Value::Array(items) => {
                items.iter_mut().fold(false, |secret, item| self.replace(item, key) | secret)
            }
            _ => false,
        }
    }
}

/// Inserts under a key of its own even where two masked keys look the same.
fn insert_beside(map: &mut Map<String, Value>, key: &str, value: Value) {
    let mut free = key.to_owned();
    let mut number = 2;
    while map.contains_key(&free) {
        free = format!("{key} ({number})");
        number += 1;
    }
    map.insert(free, value);
}

/// What of a map is a Secret's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SecretClass {
    /// A Secret of the core group, or one whose version is no version: all but the open fields.
    Core,
    /// Something of another group that calls itself a Secret: `data` and `stringData`.
    Other,
}

impl SecretClass {
    fn of(value: &Value) -> Option<Self> {
        let kind = value.get("kind")?.as_str()?;
        if !kind.eq_ignore_ascii_case("Secret") {
            return None;
        }
        let group =
            value.get("apiVersion").and_then(Value::as_str).and_then(|version| version.split_once('/'));
        match group {
            Some((group, _)) if group.contains('.') => Some(Self::Other),
            _ => Some(Self::Core),
        }
    }

    fn hides(self, field: &str) -> bool {
        match self {
            Self::Core => !OPEN_FIELDS.contains(&field),
            Self::Other => field.eq_ignore_ascii_case("data") || field.eq_ignore_ascii_case("stringData"),
        }
    }
}

fn is_secret_list(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("SecretList"))
}

/// Whether an object can hold anything to hide. Cheap, because it is asked of every object of a fleet.
fn may_hold_secrets(value: &Value, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    match value {
        Value::Object(map) => {
            SecretClass::of(value).is_some()
                || is_secret_list(value)
                || map.get("annotations").is_some_and(annotations_embed)
                || map.values().any(|value| may_hold_secrets(value, depth + 1))
        }
        Value::Array(items) => items.iter().any(|item| may_hold_secrets(item, depth + 1)),
        _ => false,
    }
}

fn annotations_embed(annotations: &Value) -> bool {
    match annotations {
        Value::Object(map) => map.values().any(|value| value.as_str().is_some_and(embeds_secret)),
        Value::String(text) => embeds_secret(text),
        _ => false,
    }
}

struct Masking<'a> {
    copies: &'a Copies,
    hide: &'a mut dyn FnMut(&Value) -> Value,
}

impl Masking<'_> {
    fn object(&mut self, object: &Value) -> Value {
        self.any(object, false, 0)
    }

    /// `within_list` says that the map is a Secret because it is an item of a SecretList.
    fn any(&mut self, value: &Value, within_list: bool, depth: usize) -> Value {
        if depth > DEEPEST {
            return (self.hide)(value);
        }
        match value {
            Value::Object(map) => {
                let class = SecretClass::of(value).or(within_list.then_some(SecretClass::Core));
                let items_are_secrets = is_secret_list(value);
                let mut shown = Map::new();
                for (key, value) in map {
                    let value = match class {
                        Some(class) if class.hides(key) => self.content(value),
                        Some(_) if key == "metadata" => self.metadata(value, depth + 1),
                        _ if key == "annotations" => self.annotations(value, class.is_some()),
                        _ if items_are_secrets && key == "items" => match value {
                            Value::Array(items) => Value::Array(
                                items.iter().map(|item| self.any(item, true, depth + 1)).collect(),
                            ),
                            other => self.content(other),
                        },
                        _ => self.any(value, false, depth + 1),
                    };
                    shown.insert(key.clone(), value);
                }
                Value::Object(shown)
            }
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.any(item, within_list, depth + 1)).collect())
            }
            scalar if within_list => (self.hide)(scalar),
            scalar => scalar.clone(),
        }
    }

    /// The content of `data`: the names of its entries stay, where they are names; everything else goes.
    fn content(&mut self, value: &Value) -> Value {
        match value {
            Value::Null => Value::Null,
            Value::Object(map) => {
                let mut shown = Map::new();
                for (key, value) in map {
                    let value = if value.is_null() { Value::Null } else { (self.hide)(value) };
                    let key = if is_data_key(key) && !self.copies.holds(key) {
                        key.clone()
                    } else {
                        match (self.hide)(&Value::String(key.clone())) {
                            Value::String(marker) => marker,
                            other => other.to_string(),
                        }
                    };
                    insert_beside(&mut shown, &key, value);
                }
                Value::Object(shown)
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| (self.hide)(item)).collect()),
            scalar => (self.hide)(scalar),
        }
    }

    /// The metadata of a Secret: names stay, whatever holds a copy of a value goes.
    fn metadata(&mut self, value: &Value, depth: usize) -> Value {
        let Value::Object(map) = value else { return self.without_copies(value, depth) };
        let mut shown = Map::new();
        for (key, value) in map {
            let value = match key.as_str() {
                "name" | "namespace" | "generateName" if value.is_string() => value.clone(),
                "annotations" => self.annotations(value, true),
                _ => self.without_copies(value, depth + 1),
            };
            shown.insert(key.clone(), value);
        }
        Value::Object(shown)
    }

    fn annotations(&mut self, value: &Value, of_secret: bool) -> Value {
        match value {
            Value::Object(map) => {
                let mut shown = Map::new();
                for (key, value) in map {
                    let copy = match value {
                        Value::Null => false,
                        Value::String(text) => {
                            (of_secret && is_last_applied(key))
                                || embeds_secret(text)
                                || self.copies.found_in(text)
                        }
                        // An annotation that is no text is malformed: in a Secret nothing is known of it.
                        other => of_secret || self.copies.found_in(&canonical(other)),
                    };
                    shown.insert(key.clone(), if copy { (self.hide)(value) } else { value.clone() });
                }
                Value::Object(shown)
            }
            Value::Null => Value::Null,
            other if of_secret => (self.hide)(other),
            Value::String(text) if embeds_secret(text) => (self.hide)(value),
            other => other.clone(),
        }
    }

    fn without_copies(&mut self, value: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return (self.hide)(value);
        }
        match value {
            Value::Object(map) => {
                let mut shown = Map::new();
                for (key, value) in map {
                    shown.insert(key.clone(), self.without_copies(value, depth + 1));
                }
                Value::Object(shown)
            }
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.without_copies(item, depth + 1)).collect())
            }
            Value::Null | Value::Bool(_) => value.clone(),
            scalar => {
                let text = slipway_model::field_path::scalar_text(scalar);
                if self.copies.found_in(&text) { (self.hide)(scalar) } else { scalar.clone() }
            }
        }
    }
}

/// What the API server accepts as a key of `data`.
fn is_data_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 253
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `kubectl.kubernetes.io/last-applied-configuration` and those that other tools name after it.
fn is_last_applied(annotation: &str) -> bool {
    annotation.ends_with("last-applied-configuration") || annotation.ends_with("last-applied")
}
