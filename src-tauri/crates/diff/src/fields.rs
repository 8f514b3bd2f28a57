//! The fields by which two objects differ.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};

use crate::align::align;
use crate::canonical::canonical;
use crate::lists::{ListKeys, ListKind, customary, identifying, key_values};

/// Below this depth two values are compared as a whole.
const DEEPEST: usize = 100;
/// Lists whose product of lengths is greater are compared position by position.
const MOST_CELLS: usize = 250_000;

/// A field that differs, before secrets are masked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawChange {
    pub(crate) path: FieldPath,
    pub(crate) old: Option<Value>,
    pub(crate) new: Option<Value>,
}

/// Compares two objects. A key that is `null` and a key that is not there are the same: the API server drops
/// the one and never sees the other. All else is compared as it is written (`1` and `1.0`, `1000m` and `1`
/// differ).
pub(crate) fn differing_fields(old: &Value, new: &Value, lists: &dyn ListKeys) -> Vec<RawChange> {
    let text = |object: &Value, key: &str| {
        object.get(key).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let mut walk =
        Walk { api_version: text(new, "apiVersion"), kind: text(new, "kind"), lists, changes: Vec::new() };
    walk.value(&FieldPath::root(), Some(old), Some(new));
    walk.changes
}

struct Walk<'a> {
    api_version: String,
    kind: String,
    lists: &'a dyn ListKeys,
    changes: Vec<RawChange>,
}

impl Walk<'_> {
    fn value(&mut self, path: &FieldPath, old: Option<&Value>, new: Option<&Value>) {
        let old = old.filter(|value| !value.is_null());
        let new = new.filter(|value| !value.is_null());
        match (old, new) {
            (None, None) => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) if path.segments().len() < DEEPEST => {
                self.maps(path, old, new);
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) if path.segments().len() < DEEPEST => {
                if old != new {
                    self.lists(path, old, new);
                }
            }
            (old, new) if old == new => {}
            (old, new) => self.add(path.clone(), old, new),
        }
    }

    fn add(&mut self, path: FieldPath, old: Option<&Value>, new: Option<&Value>) {
        self.changes.push(RawChange { path, old: old.cloned(), new: new.cloned() });
    }

    fn maps(&mut self, path: &FieldPath, old: &Map<String, Value>, new: &Map<String, Value>) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let (left, right) = (old.get(key), new.get(key));
            if left != right {
                self.value(&path.key(key), left, right);
            }
        }
    }

    fn lists(&mut self, path: &FieldPath, old: &[Value], new: &[Value]) {
        let known = self.lists.list_kind(&self.api_version, &self.kind, path);
        match known {
            Some(ListKind::Set) => self.sets(path, old, new),
            Some(ListKind::Atomic) => self.sequences(path, old, new),
            Some(ListKind::Keyed(keys)) => match identifying(&keys, old, new) {
                Some(keys) => {
                    let in_order = path.segments().last() == Some(&Segment::Key("initContainers".to_owned()));
                    self.keyed(path, &keys, old, new, in_order);
                }
                None => self.sequences(path, old, new),
            },
            None => match customary(old, new) {
                // The order of a list of which nothing is known may count: routes of a mesh, steps of a rollout.
                Some(keys) => self.keyed(path, &keys, old, new, true),
                None => self.sequences(path, old, new),
            },
        }
    }

    /// Compares items by their keys. Where the order counts and the items that both sides have stand in
    /// another order, the list is a change as a whole as well.
    fn keyed(&mut self, path: &FieldPath, keys: &[String], old: &[Value], new: &[Value], in_order: bool) {
        let by_key = |items: &[Value]| -> HashMap<Vec<(String, String)>, usize> {
            items.iter().enumerate().map(|(index, item)| (key_values(keys, item), index)).collect()
        };
        let (old_by_key, new_by_key) = (by_key(old), by_key(new));
        if in_order {
            let positions: Vec<usize> =
                new.iter().filter_map(|item| old_by_key.get(&key_values(keys, item)).copied()).collect();
            if !positions.is_sorted() {
                let whole = |items: &[Value]| Value::Array(items.to_vec());
                self.add(path.clone(), Some(&whole(old)), Some(&whole(new)));
                return;
            }
        }
        for item in new {
            let key = key_values(keys, item);
            let partner = old_by_key.get(&key).and_then(|index| old.get(*index));
            self.value(&path.with(Segment::Keyed(key)), partner, Some(item));
        }
        for item in old {
            let key = key_values(keys, item);
            if !new_by_key.contains_key(&key) {
                self.add(path.with(Segment::Keyed(key)), Some(item), None);
            }
        }
    }

    fn sets(&mut self, path: &FieldPath, old: &[Value], new: &[Value]) {
        let texts = |items: &[Value]| -> BTreeSet<String> { items.iter().map(canonical).collect() };
        let (old_texts, new_texts) = (texts(old), texts(new));
        for (index, item) in new.iter().enumerate() {
            if !old_texts.contains(&canonical(item)) {
                self.add(path.index(index), None, Some(item));
            }
        }
        for (index, item) in old.iter().enumerate() {
            if !new_texts.contains(&canonical(item)) {
                self.add(path.index(index), Some(item), None);
            }
        }
    }

    /// Compares items in order: equal ones are aligned by the longest common subsequence, those between them
    /// are paired by likeness. A path holds the position on the new side, of a removed item the one on the
    /// old side.
    fn sequences(&mut self, path: &FieldPath, old: &[Value], new: &[Value]) {
        for (left, right) in pair_sequences(old, new) {
            let (left, right) =
                (left.map(|index| (index, &old[index])), right.map(|index| (index, &new[index])));
            match (left, right) {
                (Some((_, left)), Some((index, right))) if left != right => {
                    self.value(&path.index(index), Some(left), Some(right));
                }
                (Some((index, left)), None) => self.add(path.index(index), Some(left), None),
                (None, Some((index, right))) => self.add(path.index(index), None, Some(right)),
                _ => {}
            }
        }
    }
}

fn pair_sequences(old: &[Value], new: &[Value]) -> Vec<(Option<usize>, Option<usize>)> {
    let head = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail =
        old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(left, right)| left == right).count();
    let old_middle = &old_rest[..old_rest.len() - tail];
    let new_middle = &new_rest[..new_rest.len() - tail];
    if old_middle.len().saturating_mul(new_middle.len()) > MOST_CELLS {
        let longest = old_middle.len().max(new_middle.len());
        return (0..longest)
            .map(|index| {
                let at = |length: usize| (index < length).then_some(head + index);
                (at(old_middle.len()), at(new_middle.len()))
            })
            .collect();
    }
    let (old_texts, new_texts): (Vec<String>, Vec<String>) =
        (old_middle.iter().map(canonical).collect(), new_middle.iter().map(canonical).collect());
    // Equal items outweigh any number of merely similar ones in a list that is this short.
    let pairs = align(old_middle.len(), new_middle.len(), |i, j| {
        if old_texts[i] == new_texts[j] { 1_000_000 } else { likeness(&old_middle[i], &new_middle[j]) }
    });
    pairs.into_iter().map(|(left, right)| (left.map(|i| i + head), right.map(|j| j + head))).collect()
}

/// How alike two values are that are not equal, from 0 to 100. Two scalars that stand alone in one place are
/// the same field with a new value, so that they are never wholly unlike.
fn likeness(old: &Value, new: &Value) -> u32 {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let common: Vec<(&Value, &Value)> =
                old.iter().filter_map(|(key, value)| new.get(key).map(|other| (value, other))).collect();
            let equal = common.iter().filter(|(left, right)| left == right).count();
            let total = old.len() + new.len();
            let share = (common.len() + 3 * equal) * 50 / total.max(1);
            u32::try_from(share.min(99)).unwrap_or(99).max(u32::from(!common.is_empty()))
        }
        (Value::String(old), Value::String(new)) => {
            let common = old.bytes().zip(new.bytes()).take_while(|(left, right)| left == right).count();
            let longest = old.len().max(new.len()).max(1);
            1 + u32::try_from(common * 90 / longest).unwrap_or(90)
        }
        (Value::Array(_), Value::Array(_)) => 1,
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => 0,
        _ => 1,
    }
}
