//! A map of bounded size for compiled patterns and constraints.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// A map that is emptied when it is full. Templates use few distinct patterns; what fills the cache is text put
/// together per object, and for that no replacement order is better than another.
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    capacity: usize,
}

impl<K: Eq + Hash, V> Bounded<K, V> {
    /// An empty cache for at most `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        Bounded { entries: HashMap::new(), capacity }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.entries.len() >= self.capacity {
            self.entries.clear();
        }
        self.entries.insert(key, value);
    }
}
