//! Go maps with string keys. A map is a reference: whoever holds it sees what `set` and `merge` change.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::type_of::{Type, types};
use super::{Str, Value};
use crate::error::FunctionError;

/// What a map is made of when it is first looked into: [`Map::deferred`].
pub trait Source: Send + Sync {
    /// The entries; each time new ones, which share no map with those of before.
    fn entries(&self) -> BTreeMap<Str, Value>;
}

struct Inner {
    nil: bool,
    /// Whether there is a source, of which the entries are still to be made.
    deferred: Cell<bool>,
    source: Cell<Option<Arc<dyn Source>>>,
    /// Shared with whoever goes over the map at the moment; a change meanwhile makes a copy. Empty while `deferred`.
    made: RefCell<Rc<BTreeMap<Str, Value>>>,
}

thread_local! {
    static EMPTY: Rc<BTreeMap<Str, Value>> = Rc::default();
}

impl Inner {
    fn new(nil: bool, entries: Rc<BTreeMap<Str, Value>>) -> Inner {
        Inner { nil, deferred: Cell::new(false), source: Cell::new(None), made: RefCell::new(entries) }
    }

    #[inline]
    fn entries(&self) -> &RefCell<Rc<BTreeMap<Str, Value>>> {
        if self.deferred.get() {
            self.make();
        }
        &self.made
    }

    #[cold]
    fn make(&self) {
        self.deferred.set(false);
        if let Some(source) = self.source.take() {
            *self.made.borrow_mut() = Rc::new(source.entries());
        }
    }
}

/// A Go map with string keys and its type; cloning gives another reference to the same map. Iteration is in the
/// byte order of the keys, as everywhere in Go's templates and printing.
#[derive(Clone)]
pub struct Map {
    kind: &'static Type,
    inner: Rc<Inner>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Map {
        Map::of(types::MAP)
    }

    /// An empty map of a given map type, such as [`types::STRING_MAP`].
    pub fn of(kind: &'static Type) -> Map {
        Map::with_entries(kind, BTreeMap::new())
    }

    /// A map of these entries.
    pub fn with_entries(kind: &'static Type, entries: BTreeMap<Str, Value>) -> Map {
        Map { kind, inner: Rc::new(Inner::new(false, Rc::new(entries))) }
    }

    /// A map whose entries are made when it is first looked into. Values of charts are mostly never looked at, so
    /// neither they nor deep copies of them are made.
    pub fn deferred(kind: &'static Type, source: Arc<dyn Source>) -> Map {
        let inner = Inner::new(false, EMPTY.with(Rc::clone));
        inner.deferred.set(true);
        inner.source.set(Some(source));
        Map { kind, inner: Rc::new(inner) }
    }

    /// A nil map: reads as empty, cannot be written, is `null` in JSON.
    pub fn nil(kind: &'static Type) -> Map {
        Map { kind, inner: Rc::new(Inner::new(true, EMPTY.with(Rc::clone))) }
    }

    /// The map type.
    pub fn type_of(&self) -> &'static Type {
        self.kind
    }

    /// The type of the values.
    pub fn element_type(&self) -> &'static Type {
        self.kind.element().unwrap_or(types::INTERFACE)
    }

    /// Whether it is a nil map (an empty one that was made is not).
    pub fn is_nil(&self) -> bool {
        self.inner.nil
    }

    /// The value of a key; `None` where the key is not there (a key may be there with `Value::Nil`).
    #[inline]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.inner.entries().borrow().get(key.as_ref()).cloned()
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.inner.entries().borrow().contains_key(key.as_ref())
    }

    /// Sets a key; the value it had before is returned.
    ///
    /// # Errors
    ///
    /// Go's panic where the map is nil.
    pub fn insert(
        &self,
        key: impl Into<Str>,
        value: impl Into<Value>,
    ) -> Result<Option<Value>, FunctionError> {
        if self.inner.nil {
            return Err(FunctionError::panic("assignment to entry in nil map"));
        }
        let (key, value) = (key.into(), value.into());
        Ok(Rc::make_mut(&mut self.inner.entries().borrow_mut()).insert(key, value))
    }

    /// Removes a key and returns its value.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        Rc::make_mut(&mut self.inner.entries().borrow_mut()).remove(key.as_ref())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.inner.entries().borrow().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.inner.entries().borrow().is_empty()
    }

    /// The keys in byte order.
    pub fn keys(&self) -> Vec<Str> {
        self.inner.entries().borrow().keys().cloned().collect()
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> Vec<Value> {
        self.inner.entries().borrow().values().cloned().collect()
    }

    /// A snapshot of the entries in the order of their keys: later changes of the map do not show.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.inner.entries().borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The entries as they are now, shared until the map is changed.
    pub(crate) fn snapshot(&self) -> Rc<BTreeMap<Str, Value>> {
        Rc::clone(&self.inner.entries().borrow())
    }

    /// Reads the entries without copying them. Where `read` changes the map, it goes on seeing what was there.
    pub fn read<R>(&self, read: impl FnOnce(&BTreeMap<Str, Value>) -> R) -> R {
        read(&self.snapshot())
    }

    /// Looks at the value of a key in place. `look` must not change this map.
    pub(crate) fn look<R>(&self, key: &str, look: impl FnOnce(&Value) -> R) -> Option<R> {
        self.inner.entries().borrow().get(key.as_bytes()).map(look)
    }

    /// A new map of the same type with the same entries; nested values are shared (Go's shallow copy).
    pub fn shallow_copy(&self) -> Map {
        Map { kind: self.kind, inner: Rc::new(Inner::new(self.inner.nil, self.snapshot())) }
    }

    /// A copy that shares nothing, where nobody has looked into the map yet.
    pub(super) fn deferred_copy(&self) -> Option<Map> {
        if !self.inner.deferred.get() {
            return None;
        }
        let source = self.inner.source.take()?;
        self.inner.source.set(Some(Arc::clone(&source)));
        Some(Map::deferred(self.kind, source))
    }

    /// The same map seen as another map type, as a conversion gives it: what is set in one is seen in the other.
    pub fn retyped(&self, kind: &'static Type) -> Map {
        Map { kind, inner: Rc::clone(&self.inner) }
    }

    /// Whether both are references to the very same map.
    pub fn ptr_eq(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }

    /// Tells maps apart while they live.
    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.inner) as usize
    }

    /// Takes the values out where nobody else has the map.
    pub(super) fn dismantle(self, into: &mut Vec<Value>) {
        if let Ok(mut inner) = Rc::try_unwrap(self.inner) {
            inner.take(into);
        }
    }
}

impl Inner {
    fn take(&mut self, into: &mut Vec<Value>) {
        if let Some(entries) = Rc::get_mut(self.made.get_mut()) {
            into.extend(std::mem::take(entries).into_values());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if Rc::strong_count(self.made.get_mut()) == 1 && self.made.get_mut().values().any(Value::is_container)
        {
            let mut values = Vec::new();
            self.take(&mut values);
            super::dismantle(values);
        }
    }
}

impl Default for Map {
    fn default() -> Map {
        Map::new()
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Map::with_entries(types::MAP, entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Letters;

    impl Source for Letters {
        fn entries(&self) -> BTreeMap<Str, Value> {
            let inner = Map::deferred(types::MAP, Arc::new(Inside));
            BTreeMap::from([(Str::from("a"), Value::Map(inner))])
        }
    }

    struct Inside;

    impl Source for Inside {
        fn entries(&self) -> BTreeMap<Str, Value> {
            BTreeMap::from([(Str::from("b"), Value::Int(1))])
        }
    }

    #[test]
    fn a_deferred_map_is_as_any_other() {
        let map = Map::deferred(types::MAP, Arc::new(Letters));
        let (copy, same) = (Value::Map(map.clone()).deep_copy(), map.clone());
        let shallow = map.shallow_copy();
        let inner = |map: &Map| map.get("a").and_then(|value| value.as_map().cloned()).unwrap();
        inner(&map).insert("b", Value::Int(2)).unwrap();
        map.insert("c", "d").unwrap();
        let shown = |value: Value| value.to_text().to_string();
        assert_eq!(shown(map.into()), "map[a:map[b:2] c:d]");
        assert_eq!(shown(same.into()), "map[a:map[b:2] c:d]");
        assert_eq!(shown(shallow.into()), "map[a:map[b:2]]", "what is inside is shared");
        assert_eq!(shown(copy), "map[a:map[b:1]]", "a deep copy shares nothing");
    }
}
