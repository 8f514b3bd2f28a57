//! Finding the objects that carry an instance's mark: what may be pruned.
//!
//! Every kind that can be listed and deleted is looked through, metadata only. A list is narrowed by the
//! label where the mark has one; the annotation decides. A mark of Argo CD has no label, so the metadata of all objects
//! are read then.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use serde_json::Value;
use slipway_model::{Problem, ResourceId};
use slipway_sync::ownership::Mark;

use crate::connection::Connection;
use crate::discovery::{ApiResource, ApiResources, encode};
use crate::error::{ClusterError, ErrorKind};
use crate::live;

/// How many lists are read at the same time.
const LISTS: usize = 16;
/// Asks for the metadata of objects alone.
pub(crate) const METADATA: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// Kinds that controllers make and remove by themselves; Argo CD leaves them out as well.
const LEFT_OUT: &[(&str, &str)] = &[
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("coordination.k8s.io", "Lease"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("metrics.k8s.io", "PodMetrics"),
    ("metrics.k8s.io", "NodeMetrics"),
    ("cilium.io", "CiliumIdentity"),
    ("cilium.io", "CiliumEndpoint"),
];

/// What was found.
pub(crate) struct Marked {
    /// The objects, with the kind they were found as. Only their metadata is there.
    pub(crate) objects: Vec<(ApiResource, Value)>,
    /// Kinds that could not be looked through.
    pub(crate) problems: Vec<Problem>,
}

/// Looks for the objects that carry a mark. Where a kind may not be listed in the whole cluster, it is listed
/// in `namespace`.
///
/// # Errors
/// Where the cluster does not answer. A kind that may not be listed is a problem, not an error.
pub(crate) async fn find(
    connection: &Connection,
    resources: &ApiResources,
    mark: &Mark,
    namespace: &str,
) -> Result<Marked, ClusterError> {
    let kinds: Vec<ApiResource> = resources
        .kinds()
        .filter(|kind| kind.can("list") && kind.can("delete"))
        .filter(|kind| !LEFT_OUT.contains(&(kind.group.as_str(), kind.kind.as_str())))
        .cloned()
        .collect();
    let query = mark
        .label_selector()
        .map(|selector| format!("labelSelector={}", encode(&selector)))
        .unwrap_or_default();
    let query = query.as_str();
    let mut answers = futures::stream::iter(kinds)
        .map(|kind| async move {
            let answer = list(connection, &kind, query, namespace).await;
            (kind, answer)
        })
        .buffer_unordered(LISTS);
    let mut objects: BTreeMap<ResourceId, (ApiResource, Value)> = BTreeMap::new();
    let mut problems = Vec::new();
    while let Some((kind, answer)) = answers.next().await {
        match answer {
            Ok(list) => {
                for object in list.into_iter().filter(|object| mark.is_on(object)) {
                    objects.insert(ResourceId::of(&object), (kind.clone(), object));
                }
            }
            // It went since the kinds were asked for, or is not served yet.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) if error.is_transient() || error.kind == ErrorKind::Unauthorised => {
                return Err(error.while_doing(&format!("listing {}", kind.plural)));
            }
            Err(error) => problems.push(
                Problem::warning(
                    "kind-not-listed",
                    format!("objects of the kind {} are not pruned: {}", kind.kind, error.message),
                )
                .hint("ask for a role that may list it"),
            ),
        }
    }
    problems.sort_by(|a, b| a.message.cmp(&b.message));
    Ok(Marked { objects: each_once(objects), problems })
}

async fn list(
    connection: &Connection,
    kind: &ApiResource,
    query: &str,
    namespace: &str,
) -> Result<Vec<Value>, ClusterError> {
    let answer = live::list_as(connection, kind, &kind.collection(""), query, METADATA).await;
    match answer {
        Err(error)
            if error.kind == ErrorKind::Forbidden
                && kind.scope == slipway_sync::Scope::Namespaced
                && !namespace.is_empty() =>
        {
            Ok(live::list_as(connection, kind, &kind.collection(namespace), query, METADATA).await?.0)
        }
        answer => Ok(answer?.0),
    }
}

/// The same object can be served under several groups; its uid tells.
fn each_once(objects: BTreeMap<ResourceId, (ApiResource, Value)>) -> Vec<(ApiResource, Value)> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    objects
        .into_values()
        .filter(|(_, object)| match object.pointer("/metadata/uid").and_then(Value::as_str) {
            Some(uid) => seen.insert(uid.to_owned()),
            None => true,
        })
        .collect()
}
