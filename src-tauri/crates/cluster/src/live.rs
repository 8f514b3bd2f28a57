//! What a cluster holds: objects read by their ids, kept up to date by what is written and what is watched.

use std::collections::{BTreeMap, HashSet};

use futures::StreamExt;
use serde_json::{Value, json};
use slipway_model::ResourceId;
use slipway_sync::{Live, NamespaceState};

use crate::connection::Connection;
use crate::discovery::ApiResource;
use crate::error::{ClusterError, ErrorKind};

/// How many reads run at the same time.
const READS: usize = 16;
/// From how many wanted objects of one kind and namespace on their list is read in place of each of them.
const LIST_FROM: usize = 10;
/// How many objects a page of a list holds.
pub(crate) const PAGE: usize = 500;

/// Something that changed.
#[derive(Debug)]
pub(crate) enum Change {
    /// Everything that is wanted of one kind and namespace, as of a version.
    Snapshot { wanted: Vec<ResourceId>, objects: Vec<Value>, version: u64 },
    /// An object was created or changed.
    Changed(Value),
    /// An object is gone, as of a version.
    Gone(ResourceId, u64),
    /// Objects cannot be read, and why.
    Unreadable(Vec<ResourceId>, String),
}

/// The last known state of every object that a sync is concerned with.
#[derive(Debug, Default)]
pub(crate) struct LiveStore {
    objects: BTreeMap<ResourceId, (u64, Live)>,
    unreadable: BTreeMap<ResourceId, String>,
}

impl LiveStore {
    /// Takes in a change; whether anything is different now. What is older than what is known is left.
    pub(crate) fn take(&mut self, change: Change) -> bool {
        match change {
            Change::Changed(object) => self.put(object),
            Change::Gone(id, version) => {
                self.unreadable.remove(&id);
                let is_newer =
                    self.objects.get(&id).is_some_and(|(known, _)| version == 0 || *known <= version);
                is_newer && self.objects.remove(&id).is_some()
            }
            Change::Snapshot { wanted, objects, version } => {
                let mut changed = false;
                let there: HashSet<ResourceId> = objects.iter().map(ResourceId::of).collect();
                for id in wanted.into_iter().filter(|id| !there.contains(id)) {
                    changed |= self.take(Change::Gone(id, version));
                }
                for object in objects {
                    changed |= self.put(object);
                }
                changed
            }
            Change::Unreadable(ids, reason) => {
                for id in ids {
                    // What was known of it is of no use: nobody can say what becomes of it.
                    self.objects.remove(&id);
                    self.unreadable.insert(id, reason.clone());
                }
                true
            }
        }
    }

    fn put(&mut self, object: Value) -> bool {
        let id = ResourceId::of(&object);
        self.unreadable.remove(&id);
        let version = version_of(&object);
        if let Some((known, live)) = self.objects.get(&id)
            && version != 0
            && (*known > version || (*known == version && *live.object == object))
        {
            return false;
        }
        self.objects.insert(id, (version, Live::of(object)));
        true
    }

    /// The objects, for an observation.
    pub(crate) fn objects(&self) -> BTreeMap<ResourceId, Live> {
        self.objects.iter().map(|(id, (_, live))| (id.clone(), live.clone())).collect()
    }

    pub(crate) fn unreadable(&self) -> &BTreeMap<ResourceId, String> {
        &self.unreadable
    }

    pub(crate) fn get(&self, id: &ResourceId) -> Option<&Live> {
        self.objects.get(id).map(|(_, live)| live)
    }

    /// The state of a namespace, which must have been read before.
    pub(crate) fn namespace(&self, name: &str) -> NamespaceState {
        let id = namespace_id(name);
        match (self.get(&id), self.unreadable.get(&id)) {
            (Some(live), _) => NamespaceState::Present(live.clone()),
            (None, Some(reason)) => NamespaceState::Unreadable(reason.clone()),
            (None, None) => NamespaceState::Missing,
        }
    }
}

/// The id of a namespace.
pub(crate) fn namespace_id(name: &str) -> ResourceId {
    ResourceId {
        group: String::new(),
        kind: "Namespace".to_owned(),
        namespace: String::new(),
        name: name.to_owned(),
    }
}

/// The version of an object. Versions of one kind are numbers that grow; 0 where there is none, or where a
/// server has another idea of versions: its changes then count in the order in which they come.
pub(crate) fn version_of(object: &Value) -> u64 {
    object
        .pointer("/metadata/resourceVersion")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// Reads objects by id. Those that are not there are in `wanted` of a snapshot and not in its objects.
///
/// # Errors
/// Where the cluster does not answer. That an object may not be read is no error but a change.
pub(crate) async fn read(
    connection: &Connection,
    wanted: Vec<(ApiResource, ResourceId)>,
) -> Result<Vec<Change>, ClusterError> {
    let mut groups: BTreeMap<String, Vec<(ApiResource, ResourceId)>> = BTreeMap::new();
    for (resource, id) in wanted {
        groups.entry(resource.collection(&id.namespace)).or_default().push((resource, id));
    }
    let mut lists = Vec::new();
    let mut singles = Vec::new();
    for (path, group) in groups {
        match group.first() {
            Some((resource, _)) if group.len() >= LIST_FROM && resource.can("list") => {
                lists.push((path, resource.clone(), group));
            }
            _ => singles.extend(group),
        }
    }
    let mut changes = Vec::new();
    let mut answers = futures::stream::iter(lists)
        .map(|(path, resource, group)| async move {
            let ids: Vec<ResourceId> = group.iter().map(|(_, id)| id.clone()).collect();
            match list(connection, &resource, &path, "").await {
                Ok((mut objects, version)) => {
                    let names: HashSet<&ResourceId> = ids.iter().collect();
                    objects.retain(|object| names.contains(&ResourceId::of(object)));
                    Ok((Some(Change::Snapshot { wanted: ids.clone(), objects, version }), Vec::new()))
                }
                Err(error) if error.kind == ErrorKind::NotFound => {
                    let gone = Change::Snapshot { wanted: ids, objects: Vec::new(), version: 0 };
                    Ok((Some(gone), Vec::new()))
                }
                Err(error) if concerns_everything(&error) => Err(error),
                // Who may not list may still be allowed to read one by one, and one broken object breaks a list.
                Err(_) => Ok((None, group)),
            }
        })
        .buffer_unordered(READS);
    while let Some(answer) = answers.next().await {
        let (change, left) = answer?;
        changes.extend(change);
        singles.extend(left);
    }
    drop(answers);
    changes.extend(read_singly(connection, singles).await?);
    Ok(changes)
}

/// Reads objects by id, each by itself.
///
/// # Errors
/// As [`read`].
pub(crate) async fn read_singly(
    connection: &Connection,
    wanted: Vec<(ApiResource, ResourceId)>,
) -> Result<Vec<Change>, ClusterError> {
    let mut answers = futures::stream::iter(wanted)
        .map(|(resource, id)| async move { read_one(connection, &resource, id).await })
        .buffer_unordered(READS);
    let mut changes = Vec::new();
    while let Some(answer) = answers.next().await {
        changes.push(answer?);
    }
    Ok(changes)
}

async fn read_one(
    connection: &Connection,
    resource: &ApiResource,
    id: ResourceId,
) -> Result<Change, ClusterError> {
    match connection.get(&resource.object(&id)).await {
        Ok(object) => Ok(Change::Changed(object)),
        Err(error) => match error.kind {
            ErrorKind::NotFound => Ok(Change::Gone(id, 0)),
            _ if concerns_everything(&error) => Err(error.while_doing(&format!("reading {id}"))),
            _ => Ok(Change::Unreadable(vec![id], error.message)),
        },
    }
}

/// Whether a failed read says something about the cluster, not about one object or kind.
fn concerns_everything(error: &ClusterError) -> bool {
    error.is_transient() || error.kind == ErrorKind::Unauthorised
}

/// Reads a list, page by page, and the version it stands for. `query` is added to the path.
pub(crate) async fn list(
    connection: &Connection,
    resource: &ApiResource,
    path: &str,
    query: &str,
) -> Result<(Vec<Value>, u64), ClusterError> {
    list_as(connection, resource, path, query, "application/json").await
}

/// The same, in a given form.
pub(crate) async fn list_as(
    connection: &Connection,
    resource: &ApiResource,
    path: &str,
    query: &str,
    accept: &str,
) -> Result<(Vec<Value>, u64), ClusterError> {
    let separator = if query.is_empty() { "" } else { "&" };
    let mut objects = Vec::new();
    let mut next = String::new();
    loop {
        let page = format!("{path}?limit={PAGE}{separator}{query}{next}");
        let mut answer = connection.get_as(&page, accept).await?;
        if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut) {
            objects.extend(std::mem::take(items).into_iter().map(|item| typed(item, resource)));
        }
        let token = answer.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() {
            return Ok((objects, version_of(&answer)));
        }
        next = format!("&continue={}", crate::discovery::encode(token));
    }
}

/// The items of a list do not say what they are.
pub(crate) fn typed(mut object: Value, resource: &ApiResource) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), json!(resource.api_version()));
        fields.insert("kind".to_owned(), json!(resource.kind));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(version: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "c", "namespace": "shop", "resourceVersion": version}})
    }

    #[test]
    fn what_is_older_than_what_is_known_is_left() {
        let mut store = LiveStore::default();
        let id = ResourceId::of(&object("1"));
        assert!(store.take(Change::Changed(object("10"))));
        assert!(!store.take(Change::Changed(object("9"))), "a late event of a watch");
        assert!(!store.take(Change::Changed(object("10"))), "nothing is different");
        assert!(!store.take(Change::Gone(id.clone(), 9)), "it was created again since");
        let stale = Change::Snapshot { wanted: vec![id.clone()], objects: vec![], version: 8 };
        assert!(!store.take(stale), "it was written after the list was made");
        assert!(store.take(Change::Gone(id.clone(), 11)));
        assert!(store.get(&id).is_none());
    }

    #[test]
    fn a_namespace_that_cannot_be_read_is_not_missing() {
        let mut store = LiveStore::default();
        assert_eq!(store.namespace("shop"), NamespaceState::Missing);
        store.take(Change::Unreadable(vec![namespace_id("shop")], "forbidden".to_owned()));
        assert_eq!(store.namespace("shop"), NamespaceState::Unreadable("forbidden".to_owned()));
    }
}
