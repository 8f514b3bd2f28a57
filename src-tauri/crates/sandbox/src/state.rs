//! Everything one cluster is: its objects, the kinds it serves, what its controllers still have to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::apply::{Scope, Writer};
use crate::clock::{Ids, later, rfc3339};
use crate::registry::{Api, Registry};
use crate::store::{Collection, Key, Store};

/// How fast the simulated cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// From the creation of a pod to its readiness.
    pub ready_after: Duration,
    /// From the readiness of a Job's pod to its end, unless its annotation says otherwise.
    pub job_after: Duration,
}

impl Default for Speed {
    fn default() -> Self {
        Self { ready_after: Duration::from_millis(1200), job_after: Duration::from_millis(800) }
    }
}

/// The mark of an object's creation.
pub(crate) const BORN: &str = "born";

/// One cluster.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) ids: Ids,
    pub(crate) speed: Speed,
    /// The time of what is being done.
    pub(crate) now: Timestamp,
    /// Objects the controllers have not looked at since they changed.
    pub(crate) queue: BTreeSet<Key>,
    /// When the controllers look at an object again.
    pub(crate) timers: BTreeSet<(Timestamp, Key)>,
    /// When something happened to an object, to a finer grain than objects carry it; by uid and what happened.
    marks: BTreeMap<(String, &'static str), Timestamp>,
    /// Which objects name an owner, by the owner's uid.
    dependents: BTreeMap<String, BTreeSet<Key>>,
    addresses: u32,
    ports: u16,
    /// Events, oldest first, so that only the newest are kept.
    pub(crate) events: std::collections::VecDeque<Key>,
}

impl State {
    pub(crate) fn new(seed: u64, speed: Speed, now: Timestamp) -> Self {
        Self {
            store: Store::default(),
            registry: Registry::new(),
            ids: Ids::new(seed),
            speed,
            now,
            queue: BTreeSet::new(),
            timers: BTreeSet::new(),
            marks: BTreeMap::new(),
            dependents: BTreeMap::new(),
            addresses: 10,
            ports: 30_000,
            events: std::collections::VecDeque::new(),
        }
    }

    /// A cluster as it is after installation: nodes, the usual namespaces, a storage class.
    pub(crate) fn installed(seed: u64, speed: Speed, nodes: usize, now: Timestamp) -> Self {
        let mut state = Self::new(seed, speed, now);
        crate::controllers::nodes::install(&mut state, nodes);
        state
    }

    /// Now, as objects carry it.
    pub(crate) fn time(&self) -> String {
        rfc3339(self.now)
    }

    /// The next address of the service network.
    pub(crate) fn next_address(&mut self) -> String {
        self.addresses = self.addresses.wrapping_add(1);
        format!("10.96.{}.{}", (self.addresses >> 8) & 0xff, self.addresses & 0xff)
    }

    /// The next node port; the range begins anew when it is used up.
    pub(crate) fn next_port(&mut self) -> u16 {
        self.ports = if self.ports >= 32_767 { 30_000 } else { self.ports + 1 };
        self.ports
    }

    /// Writes an object as it is, and lets the controllers know.
    pub(crate) fn put(&mut self, key: &Key, object: Value) -> Arc<Value> {
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        if let Some(before) = self.store.get(key).cloned() {
            self.unlink(key, &before);
        } else {
            self.marks.insert((uid, BORN), self.now);
        }
        self.link(key, &object);
        let object = self.store.put(key, object);
        self.queue.insert(key.clone());
        self.queue_owners(&object);
        if key.collection.plural == "customresourcedefinitions" {
            self.registry.define(&object);
        }
        object
    }

    /// Removes an object, and lets the controllers and its dependents know.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let object = self.store.remove(key)?;
        self.unlink(key, &object);
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
        let marks: Vec<_> = self
            .marks
            .range((uid.to_owned(), "")..)
            .map(|(mark, _)| mark.clone())
            .take_while(|(each, _)| each == uid)
            .collect();
        for mark in marks {
            self.marks.remove(&mark);
        }
        self.queue.insert(key.clone());
        self.queue_owners(&object);
        for dependent in self.dependents_of(uid) {
            self.queue.insert(dependent);
        }
        if key.collection.plural == "customresourcedefinitions" {
            self.registry.forget(&object);
        }
        if key.collection.plural == "persistentvolumeclaims" {
            let volume = text(&object, &["spec", "volumeName"]);
            self.queue.insert(Key::new("", "persistentvolumes", "", volume));
        }
        // A namespace or a definition that is going away waits for its content.
        if !key.namespace.is_empty() {
            self.queue.insert(Key::new("", "namespaces", "", &key.namespace));
        }
        if key.collection.group.contains('.') {
            let definition = format!("{}.{}", key.collection.plural, key.collection.group);
            self.queue.insert(Key::new("apiextensions.k8s.io", "customresourcedefinitions", "", &definition));
        }
        Some(object)
    }

    fn link(&mut self, key: &Key, object: &Value) {
        for uid in owner_uids(object) {
            self.dependents.entry(uid.to_owned()).or_default().insert(key.clone());
        }
    }

    fn unlink(&mut self, key: &Key, object: &Value) {
        for uid in owner_uids(object) {
            if let Some(keys) = self.dependents.get_mut(uid) {
                keys.remove(key);
                if keys.is_empty() {
                    self.dependents.remove(uid);
                }
            }
        }
    }

    /// The objects that name an owner.
    pub(crate) fn dependents_of(&self, uid: &str) -> Vec<Key> {
        self.dependents.get(uid).map(|keys| keys.iter().cloned().collect()).unwrap_or_default()
    }

    fn queue_owners(&mut self, object: &Value) {
        for key in self.owners(object) {
            self.queue.insert(key);
        }
    }

    /// The keys of an object's owners.
    pub(crate) fn owners(&self, object: &Value) -> Vec<Key> {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        object["metadata"]["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|reference| {
                let (group, _) = slipway_schema::kinds::split_api_version(reference["apiVersion"].as_str()?);
                let api = self.registry.of_kind(group, reference["kind"].as_str()?)?;
                let namespace = if api.namespaced { namespace } else { "" };
                Some(Key::new(&api.group, &api.plural, namespace, reference["name"].as_str()?))
            })
            .collect()
    }

    /// The dependents of one kind that an object controls, in the order of their names.
    pub(crate) fn controlled(&self, owner: &Value, collection: &Collection) -> Vec<(Key, Arc<Value>)> {
        let uid = owner["metadata"]["uid"].as_str().unwrap_or_default();
        self.dependents
            .get(uid)
            .into_iter()
            .flatten()
            .filter(|key| key.collection == *collection)
            .filter_map(|key| Some((key.clone(), Arc::clone(self.store.get(key)?))))
            .collect()
    }

    /// Has the controllers look at an object again later.
    pub(crate) fn wake(&mut self, key: &Key, at: Timestamp) {
        self.timers.insert((at, key.clone()));
    }

    /// When something happened to an object; now, where it has not happened before.
    pub(crate) fn mark(&mut self, object: &Value, what: &'static str) -> Timestamp {
        let uid = text(object, &["metadata", "uid"]).to_owned();
        *self.marks.entry((uid, what)).or_insert(self.now)
    }

    /// Notes that something happens to an object again.
    pub(crate) fn mark_again(&mut self, object: &Value, what: &'static str) {
        let uid = text(object, &["metadata", "uid"]).to_owned();
        self.marks.insert((uid, what), self.now);
    }

    /// Whether some time has passed since something first happened to an object; if not, the controllers look
    /// again then.
    pub(crate) fn has_passed(
        &mut self,
        key: &Key,
        object: &Value,
        what: &'static str,
        after: Duration,
    ) -> bool {
        let due = later(self.mark(object, what), after);
        if due <= self.now {
            return true;
        }
        self.wake(key, due);
        false
    }

    /// A write by a controller: changes an object if the change makes a difference. The controller manager becomes
    /// the owner of what it changed.
    pub(crate) fn modify(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        let Some(live) = self.store.get(key).cloned() else { return };
        let mut object = Value::clone(&live);
        change(&mut object);
        if object == *live {
            return;
        }
        let Some(api) = self.registry.of_collection(&key.collection) else { return };
        let writer = self.controller(&api, "status");
        crate::apply::update(Some(&live), &mut object, api.schema(), &writer, Scope::Status);
        self.put(key, object);
    }

    /// The controller manager as a writer.
    pub(crate) fn controller(&self, api: &Api, subresource: &str) -> Writer {
        Writer {
            manager: "kube-controller-manager".to_owned(),
            api_version: api.api_version(),
            subresource: subresource.to_owned(),
            time: self.time(),
        }
    }
}

fn owner_uids(object: &Value) -> impl Iterator<Item = &str> {
    let references = object["metadata"]["ownerReferences"].as_array();
    references.into_iter().flatten().filter_map(|reference| reference["uid"].as_str())
}

/// Sets a value at a path of keys, creating the maps on the way; what is in the way and no map is replaced.
pub(crate) fn set(object: &mut Value, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *object = value;
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    set(&mut object[*first], rest, value);
}

/// The text at a path of keys; empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(object, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a path of keys.
pub(crate) fn number(object: &Value, path: &[&str]) -> Option<i64> {
    path.iter().try_fold(object, |value, key| value.get(key))?.as_i64()
}

/// A reference that makes an object the controlling owner of another.
pub(crate) fn owner_reference(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner["apiVersion"], "kind": owner["kind"],
        "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}
