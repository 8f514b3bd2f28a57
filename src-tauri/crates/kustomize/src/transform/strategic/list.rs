//! Lists that merge (`kyaml/yaml/walk/associative_sequence.go`), step by step as kustomize does it, because its steps
//! show: an item without its key empties the list before it, an item whose key the patch writes differently loses what
//! the patch says, and what a patch replaces comes back from the target.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{DIRECTIVE, Directive, Merge, Node, Origin, Outcome, replaced};
use crate::failure::Failure;
use crate::transform::scalar::{is_text, text};
use crate::transform::wrong_kind;

impl<'s> Merge<'s> {
    pub(super) fn walk_list(
        self,
        dest: Option<&mut Value>,
        origin: Origin<'_>,
        schema: Option<Node<'s>>,
    ) -> Result<Outcome, Failure> {
        let Some(keys) = schema.and_then(Node::merge_keys) else { return Ok(replaced(origin)) };
        let items = schema.and_then(Node::items);
        match (dest, origin) {
            (Some(Value::Array(target)), Origin::Absent) => {
                self.merge_items(target, Origin::Absent, &keys, items)?;
                Ok(Outcome::Keep)
            }
            (Some(Value::Array(target)), Origin::Same) => {
                if let Some((directive, word)) = list_directive(target)? {
                    if directive == Directive::Delete {
                        return Ok(Outcome::Clear);
                    }
                    elide(target, &word);
                }
                self.merge_items(target, Origin::Same, &keys, items)?;
                Ok(Outcome::Keep)
            }
            (Some(Value::Array(target)), Origin::Node(patch @ Value::Array(list))) => {
                let Some((directive, word)) = list_directive(list)? else {
                    self.merge_items(target, Origin::Node(patch), &keys, items)?;
                    return Ok(Outcome::Keep);
                };
                let mut list = list.clone();
                elide(&mut list, &word);
                match directive {
                    Directive::Delete => Ok(Outcome::Clear),
                    Directive::Replace => {
                        self.merge_items(&mut list, Origin::Same, &keys, items)?;
                        Ok(Outcome::Set(Value::Array(list)))
                    }
                    Directive::Merge => {
                        self.merge_items(target, Origin::Node(&Value::Array(list)), &keys, items)?;
                        Ok(Outcome::Keep)
                    }
                }
            }
            (_, Origin::Node(Value::Array(list))) => {
                let mut list = list.clone();
                self.merge_items(&mut list, Origin::Same, &keys, items)?;
                Ok(Outcome::Set(Value::Array(list)))
            }
            _ => Ok(Outcome::Clear),
        }
    }

    fn merge_items(
        self,
        dest: &mut Vec<Value>,
        origin: Origin<'_>,
        keys: &[&str],
        schema: Option<Node<'s>>,
    ) -> Result<(), Failure> {
        let patch: &[Value] = match origin {
            Origin::Node(Value::Array(items)) => items,
            _ => &[],
        };
        if dest.is_empty() && patch.is_empty() {
            return Ok(());
        }
        if matches!(origin, Origin::Absent) && is_clean(dest, keys) {
            if schema.is_some() {
                for item in dest.iter_mut() {
                    self.without_patch(item, schema)?;
                }
            }
            return Ok(());
        }
        let keys: &[&str] = if keys.is_empty() { &[""] } else { keys };
        let mut wanted = wanted_items(patch, dest, keys);
        if keys.len() > 1 {
            unify(&mut wanted);
        }
        let used = used_keys(&wanted, keys);
        let mut list = Items { dest: std::mem::take(dest).into_iter().map(Some).collect(), new: Vec::new() };
        let mut remaining: Vec<usize> = (0..list.dest.len()).collect();
        let mut items: Vec<Item> = Vec::new();
        let mut read = vec![false; patch.len()];
        for values in &wanted {
            let values: Vec<&str> = used.iter().map(|key| values[*key].as_str()).collect();
            let names: Vec<&str> = used.iter().map(|key| keys[*key]).collect();
            let merged = self.merge_item(
                &mut list,
                &remaining,
                (patch, &mut read),
                origin,
                (&names, &values),
                schema,
            )?;
            match merged {
                Some(item) if !is_null_or_empty(list.get(item)) => {
                    list.write_keys(item, &names, &values);
                    set_item(&list, &mut items, Some(item), &names, &values)?;
                }
                _ => {
                    let mut kept: Vec<Item> = remaining.iter().copied().map(Item::Dest).collect();
                    set_item(&list, &mut kept, None, &names, &values)?;
                    remaining = kept.into_iter().filter_map(Item::position).collect();
                }
            }
        }
        let names: Vec<&str> = used.iter().map(|key| keys[*key]).collect();
        append_items(&list, &mut items, &remaining, &names)?;
        *dest = list.into_values(&items);
        Ok(())
    }

    /// Merges what both lists have for one combination of keys. `None` where nothing is left.
    fn merge_item(
        self,
        list: &mut Items,
        remaining: &[usize],
        (patch, read): (&[Value], &mut [bool]),
        origin: Origin<'_>,
        (names, values): (&[&str], &[&str]),
        schema: Option<Node<'s>>,
    ) -> Result<Option<Item>, Failure> {
        // Keys without a value do not count, unless none has one.
        let any = values.iter().any(|value| !value.is_empty());
        let wanted: Vec<(&str, &str)> = names
            .iter()
            .copied()
            .zip(values.iter().copied())
            .filter(|(_, value)| !any || !value.is_empty())
            .collect();
        let position =
            remaining.iter().copied().find(|position| matches(list.get(Item::Dest(*position)), &wanted));
        let of_patch = patch.iter().position(|item| matches(item, &wanted));
        // Reading a directive takes it out of the patch, so that a second look at the item does not find it.
        let mut plain = None;
        if let Some(at) = of_patch
            && std::mem::replace(&mut read[at], true)
        {
            let mut item = patch[at].clone();
            without_directives(&mut item);
            plain = Some(item);
        }
        let origin = match (origin, of_patch) {
            (Origin::Same, _) if position.is_some() => Origin::Same,
            (_, Some(at)) => Origin::Node(plain.as_ref().unwrap_or(&patch[at])),
            _ => Origin::Absent,
        };
        let outcome = match position {
            Some(position) => self.walk(list.dest[position].as_mut(), origin, schema)?,
            None => self.walk(None, origin, schema)?,
        };
        Ok(match outcome {
            Outcome::Keep => position.map(Item::Dest),
            Outcome::Set(value) => {
                list.new.push(value);
                Some(Item::New(list.new.len() - 1))
            }
            Outcome::Clear => None,
        })
    }
}

/// An item of the list that is built: one of the target's, merged in place, or one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Dest(usize),
    New(usize),
}

impl Item {
    fn position(self) -> Option<usize> {
        match self {
            Self::Dest(position) => Some(position),
            Self::New(_) => None,
        }
    }
}

struct Items {
    dest: Vec<Option<Value>>,
    new: Vec<Value>,
}

impl Items {
    fn get(&self, item: Item) -> &Value {
        match item {
            Item::Dest(position) => self.dest[position].as_ref().unwrap_or(&Value::Null),
            Item::New(position) => &self.new[position],
        }
    }

    fn get_mut(&mut self, item: Item) -> Option<&mut Value> {
        match item {
            Item::Dest(position) => self.dest[position].as_mut(),
            Item::New(position) => self.new.get_mut(position),
        }
    }

    /// Writes the keys into an item that was found by fewer.
    fn write_keys(&mut self, item: Item, names: &[&str], values: &[&str]) {
        let Some(Value::Object(map)) = self.get_mut(item) else { return };
        for (name, value) in names.iter().zip(values) {
            if !value.is_empty() && !map.contains_key(*name) {
                map.insert((*name).to_owned(), Value::from(*value));
            }
        }
    }

    fn into_values(mut self, items: &[Item]) -> Vec<Value> {
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            if items[at + 1..].contains(item) {
                values.push(self.get(*item).clone());
            } else if let Some(value) = self.get_mut(*item) {
                values.push(std::mem::take(value));
            }
        }
        values
    }
}

/// The combinations of key values of both lists, the patch's first; primitive items are their own key.
fn wanted_items(patch: &[Value], dest: &[Value], keys: &[&str]) -> Vec<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    let mut wanted = Vec::new();
    for item in patch.iter().chain(dest) {
        let values: Vec<String> = keys
            .iter()
            .map(|key| {
                let value =
                    if key.is_empty() { Some(item) } else { item.as_object().and_then(|map| map.get(*key)) };
                value.and_then(text).unwrap_or_default().into_owned()
            })
            .collect();
        if seen.insert(values.clone()) {
            wanted.push(values);
        }
    }
    wanted
}

/// Makes combinations equal that share a value and differ only where one has none.
fn unify(wanted: &mut [Vec<String>]) {
    for left in 0..wanted.len() {
        // What was found first is compared to the end, as in kustomize, whatever it has become meanwhile.
        let first = wanted[left].clone();
        for right in 0..wanted.len() {
            let pairs = || first.iter().zip(&wanted[right]);
            let agree = pairs().all(|(left, right)| left == right || left.is_empty() || right.is_empty());
            if agree && pairs().any(|(left, right)| left == right) {
                let merged: Vec<String> = pairs()
                    .map(|(left, right)| if left.is_empty() { right } else { left })
                    .cloned()
                    .collect();
                wanted[left].clone_from(&merged);
                wanted[right] = merged;
            }
        }
    }
}

/// The positions of the keys that any item has, or of all where none has one.
fn used_keys(wanted: &[Vec<String>], keys: &[&str]) -> Vec<usize> {
    let used: Vec<usize> =
        (0..keys.len()).filter(|key| wanted.iter().any(|values| !values[*key].is_empty())).collect();
    if used.is_empty() { (0..keys.len()).collect() } else { used }
}

/// Whether every item has a combination of keys of its own, so that walking the list changes nothing of its order.
fn is_clean(items: &[Value], keys: &[&str]) -> bool {
    let key_of = |item: &'_ Value, key: &str| -> Option<String> {
        let value = if key.is_empty() { Some(item) } else { item.as_object()?.get(key) };
        text(value?).filter(|text| !text.is_empty()).map(Cow::into_owned)
    };
    let all: &[&str] = if keys.is_empty() { &[""] } else { keys };
    let used: Vec<&str> =
        all.iter().copied().filter(|key| items.iter().any(|item| key_of(item, key).is_some())).collect();
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    !used.is_empty()
        && items.iter().all(|item| {
            let values: Option<Vec<String>> = used.iter().map(|key| key_of(item, key)).collect();
            values.is_some_and(|values| seen.insert(values))
        })
}

fn is_null_or_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether an item has all these values (`ElementMatcher`).
fn matches(item: &Value, wanted: &[(&str, &str)]) -> bool {
    match (item, wanted) {
        (item, [("", value), ..]) => text(item).map_or(value.is_empty(), |text| text == *value),
        (Value::Object(map), wanted) => {
            wanted.iter().all(|(name, value)| map.get(*name).is_some_and(|field| has_text(field, value)))
        }
        _ => false,
    }
}

/// Whether a node has this text; a map or list has none.
fn has_text(field: &Value, wanted: &str) -> bool {
    is_text(field, wanted) || wanted.is_empty() && text(field).is_none()
}

/// Puts an item in the place of those with the same keys, else at the end; without one, removes them
/// (`ElementSetter`). Empty items are dropped on the way.
fn set_item(
    list: &Items,
    items: &mut Vec<Item>,
    item: Option<Item>,
    names: &[&str],
    values: &[&str],
) -> Result<(), Failure> {
    let keyed = names.first().is_some_and(|name| !name.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut kept = Vec::with_capacity(items.len() + 1);
    let mut found_any = false;
    for each in items.iter().copied() {
        let value = list.get(each);
        if is_null_or_empty(value) {
            continue;
        }
        if keyed && !value.is_object() {
            kept.push(each);
            continue;
        }
        // A key without a value takes over the answer of the key before it.
        let mut found = !values.is_empty();
        for (name, wanted) in names.iter().zip(values) {
            found = found && field_matches(value, name, wanted)?;
        }
        if found {
            found_any = true;
            kept.extend(item);
        } else if !values.is_empty() {
            kept.push(each);
        }
    }
    *items = kept;
    if let Some(item) = item
        && !found_any
        && !list.get(item).is_null()
    {
        items.push(item);
    }
    Ok(())
}

/// Whether an item has a field, with this text where there is one (`FieldMatcher`).
fn field_matches(item: &Value, name: &str, wanted: &str) -> Result<bool, Failure> {
    if name.is_empty() {
        return match text(item) {
            Some(text) => Ok(text == wanted),
            None => Err(wrong_kind("ScalarNode", item)),
        };
    }
    let map: &Map<String, Value> = item.as_object().ok_or_else(|| wrong_kind("MappingNode", item))?;
    Ok(map.get(name).is_some_and(|field| wanted.is_empty() || has_text(field, wanted)))
}

/// Adds the target's items behind those that were merged, each in the place of the one with its keys
/// (`appendListNode`).
fn append_items(
    list: &Items,
    items: &mut Vec<Item>,
    remaining: &[usize],
    names: &[&str],
) -> Result<(), Failure> {
    for position in remaining {
        let item = Item::Dest(*position);
        let value = list.get(item);
        if names.first().is_some_and(|name| name.is_empty()) {
            let own = text(value).unwrap_or_default();
            set_item(list, items, Some(item), names, &[&own])?;
            continue;
        }
        let mut values: Vec<Cow<'_, str>> = Vec::with_capacity(names.len());
        for name in names {
            let field = match value {
                Value::Null => None,
                Value::Object(map) => map.get(*name),
                other => return Err(wrong_kind("MappingNode", other)),
            };
            match field {
                Some(field) => values.push(text(field).unwrap_or_default()),
                None => items.push(item),
            }
        }
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        if names.len() > 1 {
            set_item(list, items, None, names, &values)?;
        }
        set_item(list, items, Some(item), names, &values)?;
    }
    Ok(())
}

/// Takes the directives out of a map and of the maps in it.
fn without_directives(value: &mut Value) {
    if let Value::Object(map) = value {
        if Directive::of(map).is_ok() {
            map.remove(DIRECTIVE);
        }
        map.values_mut().for_each(without_directives);
    }
}

/// The directive of a whole list, which is an item that has nothing but `$patch`, and its word.
fn list_directive(items: &[Value]) -> Result<Option<(Directive, String)>, Failure> {
    let found = items.iter().filter_map(Value::as_object).find_map(|map| Some((map, map.get(DIRECTIVE)?)));
    match found {
        Some((map, value)) if map.len() == 1 => {
            Ok(Some((Directive::parse(value)?, text(value).unwrap_or_default().into_owned())))
        }
        _ => Ok(None),
    }
}

/// Removes the items with this directive.
fn elide(items: &mut Vec<Value>, word: &str) {
    items.retain(|item| match item {
        Value::Object(map) => {
            !map.is_empty() && !map.get(DIRECTIVE).is_some_and(|value| is_text(value, word))
        }
        other => !other.is_null(),
    });
}
