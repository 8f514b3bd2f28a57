//! The objects of one cluster and the log of their changes.
//!
//! The store gives every write the next resource version of one counter, like etcd. The log is bounded: a
//! watch that asks for something older is told `410 Gone` and lists again.

pub(crate) mod selectors;
pub(crate) mod watch;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

/// How many changes the log keeps.
const LOG_LENGTH: usize = 10_000;

/// A set of objects: what a path without a name lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Collection {
    pub(crate) group: String,
    pub(crate) plural: String,
}

impl Collection {
    pub(crate) fn new(group: &str, plural: &str) -> Self {
        Self { group: group.to_owned(), plural: plural.to_owned() }
    }
}

/// What identifies an object; the namespace is empty for cluster-wide ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) collection: Collection,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(group: &str, plural: &str, namespace: &str, name: &str) -> Self {
        Self {
            collection: Collection::new(group, plural),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Modified,
    Deleted,
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) revision: u64,
    pub(crate) change: Change,
    pub(crate) key: Key,
    pub(crate) object: Arc<Value>,
    /// The object before; selectors need it to tell what enters and leaves a watch.
    pub(crate) previous: Option<Arc<Value>>,
}

type Objects = BTreeMap<(String, String), Arc<Value>>;

/// The objects of one cluster.
#[derive(Default)]
pub(crate) struct Store {
    collections: BTreeMap<Collection, Objects>,
    revision: u64,
    log: VecDeque<Event>,
    /// Everything up to this revision is no longer in the log.
    compacted: u64,
}

impl Store {
    /// The revision of the last write.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The oldest revision a watch can start from.
    pub(crate) fn compacted(&self) -> u64 {
        self.compacted
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.collections.get(&key.collection)?.get(&(key.namespace.clone(), key.name.clone()))
    }

    /// The objects of a collection in the order of namespace and name.
    pub(crate) fn list<'a>(
        &'a self,
        collection: &Collection,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<Value>> + use<'a> {
        self.entries(collection, namespace).map(|(_, object)| object)
    }

    /// As [`Self::list`], with namespace and name.
    pub(crate) fn entries<'a>(
        &'a self,
        collection: &Collection,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a (String, String), &'a Arc<Value>)> + use<'a> {
        let start = (namespace.unwrap_or_default().to_owned(), String::new());
        self.collections
            .get(collection)
            .into_iter()
            .flat_map(move |objects| objects.range(start.clone()..))
            .take_while(move |((each, _), _)| namespace.is_none_or(|namespace| each == namespace))
    }

    /// Every object, with its key.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Key, &Arc<Value>)> {
        self.collections.iter().flat_map(|(collection, objects)| {
            objects.iter().map(move |((namespace, name), object)| {
                let key =
                    Key { collection: collection.clone(), namespace: namespace.clone(), name: name.clone() };
                (key, object)
            })
        })
    }

    /// Writes an object and gives it the next resource version.
    pub(crate) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        object["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        let object = Arc::new(object);
        let objects = self.collections.entry(key.collection.clone()).or_default();
        let previous = objects.insert((key.namespace.clone(), key.name.clone()), Arc::clone(&object));
        let change = if previous.is_some() { Change::Modified } else { Change::Added };
        self.record(change, key, Arc::clone(&object), previous);
        object
    }

    /// Removes an object; what is returned carries the resource version of the removal.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let objects = self.collections.get_mut(&key.collection)?;
        let previous = objects.remove(&(key.namespace.clone(), key.name.clone()))?;
        self.revision += 1;
        let mut object = Value::clone(&previous);
        object["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        let object = Arc::new(object);
        self.record(Change::Deleted, key, Arc::clone(&object), Some(previous));
        Some(object)
    }

    fn record(&mut self, change: Change, key: &Key, object: Arc<Value>, previous: Option<Arc<Value>>) {
        self.log.push_back(Event { revision: self.revision, change, key: key.clone(), object, previous });
        if self.log.len() > LOG_LENGTH
            && let Some(oldest) = self.log.pop_front()
        {
            self.compacted = oldest.revision;
        }
    }

    /// The changes after a revision, oldest first; `None` where the log does not reach back that far.
    pub(crate) fn since(&self, revision: u64) -> Option<impl Iterator<Item = &Event>> {
        if revision < self.compacted {
            return None;
        }
        let start = self.log.partition_point(|event| event.revision <= revision);
        Some(self.log.range(start..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new("", "configmaps", "default", name)
    }

    #[test]
    fn every_write_has_the_next_version_and_is_in_the_log() {
        let mut store = Store::default();
        store.put(&key("a"), json!({"metadata": {}}));
        store.put(&key("a"), json!({"metadata": {}}));
        store.remove(&key("a"));
        let changes: Vec<(u64, Change)> =
            store.since(0).unwrap().map(|event| (event.revision, event.change)).collect();
        assert_eq!(changes, [(1, Change::Added), (2, Change::Modified), (3, Change::Deleted)]);
        assert_eq!(store.since(2).unwrap().count(), 1);
    }

    #[test]
    fn the_log_forgets_and_says_so() {
        let mut store = Store::default();
        for _ in 0..LOG_LENGTH + 5 {
            store.put(&key("a"), json!({"metadata": {}}));
        }
        assert!(store.since(1).is_none());
        assert_eq!(store.since(store.compacted()).unwrap().count(), LOG_LENGTH);
    }

    #[test]
    fn a_list_stays_in_its_namespace() {
        let mut store = Store::default();
        for namespace in ["a", "b", "ba"] {
            store.put(&Key::new("", "pods", namespace, "x"), json!({"metadata": {"namespace": namespace}}));
        }
        let pods = Collection::new("", "pods");
        assert_eq!(store.list(&pods, Some("b")).count(), 1);
        assert_eq!(store.list(&pods, None).count(), 3);
    }
}
