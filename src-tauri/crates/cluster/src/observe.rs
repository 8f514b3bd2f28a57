//! What a cluster tells about objects besides their state: events, pods and their logs.
//!
//! Events and pods are read for one namespace and told apart here, because neither can be asked for by the owner
//! of an owner. Logs are followed line by line until the container ends, the caller stops, or the cluster hangs up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{AsyncBufReadExt as _, StreamExt as _};
use http::Request as HttpRequest;
use serde_json::Value;
use slipway_model::ResourceId;
use slipway_sync::Scope;
use tokio_util::sync::CancellationToken;

use crate::connection::Connection;
use crate::discovery::{ApiResource, encode};
use crate::error::{ClusterError, ErrorKind};
use crate::live;

/// Pods and events of a namespace that are looked at; beyond that a namespace is too busy to be shown as a list.
const MOST: usize = 5_000;

/// A line of a log that is longer is cut: it is read by a person.
const LONGEST_LINE: usize = 16 * 1024;

/// An event of a cluster, as `kubectl get events` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterEvent {
    /// When it happened last, as the cluster writes it (RFC 3339).
    pub time: String,
    /// Whether it is a warning.
    pub is_warning: bool,
    /// A word: `FailedScheduling`.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// How often it happened.
    pub count: u64,
    /// The object it is about.
    pub object: ResourceId,
    /// The object of the caller's list that owns that object, or is it.
    pub owner: ResourceId,
}

/// A pod that belongs to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object of the caller's list that owns it.
    pub owner: ResourceId,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// Its containers, those that run first before the others.
    pub containers: Vec<Container>,
}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Whether it runs before the others.
    pub is_init: bool,
    /// How often it was started again.
    pub restarts: u64,
    /// What it does now, in a word or two: `running`, `waiting: CrashLoopBackOff`, `ended: Error (1)`.
    pub state: String,
}

/// Which log is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSource {
    /// The namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The container before its last restart.
    pub previous: bool,
    /// At most so many of the lines that are there already.
    pub tail: u32,
    /// Whether lines are waited for until the container ends.
    pub follow: bool,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, as the cluster writes it; empty where it does not say.
    pub time: String,
    /// The line without its end.
    pub text: String,
}

/// Objects of a namespace with what they own: pods by way of ReplicaSets and Jobs.
struct Family {
    /// The object of the caller's list that owns an object, by kind and name.
    owners: BTreeMap<(String, String), ResourceId>,
    pods: Vec<Value>,
}

/// The events about objects and about what they own, in namespaces where they live, the last first.
///
/// # Errors
/// Where the cluster does not answer, or events may not be read.
pub async fn events(
    connection: &Arc<Connection>,
    objects: &[ResourceId],
) -> Result<Vec<ClusterEvent>, ClusterError> {
    let mut found = Vec::new();
    for (namespace, objects) in by_namespace(objects) {
        let family = family(connection, &namespace, &objects).await?;
        // Events about objects without a namespace are kept in `default`.
        let place = if namespace.is_empty() { "default" } else { &namespace };
        let (all, _) = bounded(connection, &kind("", "Event", "events"), place).await?;
        found.extend(all.iter().filter_map(|event| read_event(event, &family, &objects)));
    }
    found.sort_by(|left, right| (&right.time, &right.object.name).cmp(&(&left.time, &left.object.name)));
    found.dedup();
    Ok(found)
}

/// The pods that objects own, by namespace and name.
///
/// # Errors
/// Where the cluster does not answer, or pods may not be read.
pub async fn pods(connection: &Arc<Connection>, objects: &[ResourceId]) -> Result<Vec<Pod>, ClusterError> {
    let mut found = Vec::new();
    for (namespace, objects) in by_namespace(objects) {
        if namespace.is_empty() {
            continue;
        }
        let family = family(connection, &namespace, &objects).await?;
        found.extend(family.pods.iter().filter_map(|pod| {
            let name = text(pod, "/metadata/name");
            let owner = family.owners.get(&("Pod".to_owned(), name.clone()))?.clone();
            Some(read_pod(pod, name, &namespace, owner))
        }));
    }
    found.sort_by(|left, right| (&left.namespace, &left.name).cmp(&(&right.namespace, &right.name)));
    Ok(found)
}

/// Reads a log and gives every line to `line`, until it ends or is cancelled.
///
/// # Errors
/// Where the pod or container is not there, has no log yet, or the cluster does not answer.
pub async fn log(
    connection: &Arc<Connection>,
    source: &LogSource,
    cancel: &CancellationToken,
    mut line: impl FnMut(LogLine),
) -> Result<(), ClusterError> {
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}/log?container={}&timestamps=true&tailLines={}&follow={}&previous={}",
        encode(&source.namespace),
        encode(&source.pod),
        encode(&source.container),
        source.tail,
        source.follow,
        source.previous,
    );
    let attempt = format!("the log of {}/{}", source.pod, source.container);
    let request = HttpRequest::get(&path).body(Vec::new()).map_err(|error| {
        ClusterError::new(ErrorKind::Invalid, format!("`{path}` cannot be asked for: {error}"))
    })?;
    let stream = tokio::select! {
        () = cancel.cancelled() => return Ok(()),
        stream = connection.stream(request) => stream.map_err(|error| error.while_doing(&attempt))?,
    };
    let mut stream = std::pin::pin!(stream);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            read = read_line(&mut stream, &mut bytes) => read,
        };
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => line(parse_line(&bytes)),
            Err(error) => {
                return Err(ClusterError::new(ErrorKind::Unreachable, format!("{attempt}: {error}")));
            }
        }
    }
}

/// Reads up to the end of a line. What is longer than a line may be is left out, and read past.
async fn read_line<R: futures::AsyncBufRead + Unpin>(
    stream: &mut R,
    line: &mut Vec<u8>,
) -> std::io::Result<usize> {
    let mut total = 0;
    loop {
        let available = stream.fill_buf().await?;
        if available.is_empty() {
            return Ok(total);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(available.len(), |end| end + 1);
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(&available[..used.min(room)]);
        stream.consume_unpin(used);
        total += used;
        if end.is_some() {
            return Ok(total);
        }
    }
}

fn parse_line(bytes: &[u8]) -> LogLine {
    let line = String::from_utf8_lossy(bytes);
    let line = line.trim_end_matches(['\n', '\r']);
    match line.split_once(' ') {
        Some((time, rest)) if is_time(time) => LogLine { time: time.to_owned(), text: rest.to_owned() },
        _ if is_time(line) => LogLine { time: line.to_owned(), text: String::new() },
        _ => LogLine { time: String::new(), text: line.to_owned() },
    }
}

/// Whether a word begins as the time that the cluster puts before each line.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[..4].iter().all(u8::is_ascii_digit)
}

fn by_namespace(objects: &[ResourceId]) -> BTreeMap<String, Vec<ResourceId>> {
    let mut all: BTreeMap<String, Vec<ResourceId>> = BTreeMap::new();
    for object in objects {
        all.entry(object.namespace.clone()).or_default().push(object.clone());
    }
    all
}

fn kind(group: &str, kind: &str, plural: &str) -> ApiResource {
    ApiResource {
        group: group.to_owned(),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        scope: Scope::Namespaced,
        verbs: vec!["list".to_owned()],
    }
}

async fn bounded(
    connection: &Connection,
    resource: &ApiResource,
    namespace: &str,
) -> Result<(Vec<Value>, u64), ClusterError> {
    let (mut objects, version) =
        live::list(connection, resource, &resource.collection(namespace), "").await?;
    objects.truncate(MOST);
    Ok((objects, version))
}

/// Finds out who owns what. Kinds between that may not be read leave their pods out.
async fn family(
    connection: &Arc<Connection>,
    namespace: &str,
    objects: &[ResourceId],
) -> Result<Family, ClusterError> {
    let mut owners: BTreeMap<(String, String), ResourceId> =
        objects.iter().map(|id| ((id.kind.clone(), id.name.clone()), id.clone())).collect();
    let mut pods = Vec::new();
    if namespace.is_empty() {
        return Ok(Family { owners, pods });
    }
    let asked: Vec<ApiResource> = vec![
        kind("apps", "ReplicaSet", "replicasets"),
        kind("batch", "Job", "jobs"),
        kind("", "Pod", "pods"),
    ];
    let lists: Vec<_> = futures::stream::iter(asked)
        .map(|resource| async move {
            let list = bounded(connection, &resource, namespace).await;
            (resource.kind.clone(), list)
        })
        .buffered(3)
        .collect()
        .await;
    for (kind, list) in lists {
        let list = match list {
            Ok((list, _)) => list,
            Err(error) if kind != "Pod" && !error.is_transient() => Vec::new(),
            Err(error) => return Err(error.while_doing(&format!("reading the {kind}s of `{namespace}`"))),
        };
        for object in &list {
            let owner = object
                .pointer("/metadata/ownerReferences")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find_map(|reference| owners.get(&(text(reference, "/kind"), text(reference, "/name"))))
                .cloned();
            if let Some(owner) = owner {
                owners.entry((kind.clone(), text(object, "/metadata/name"))).or_insert(owner);
            }
        }
        if kind == "Pod" {
            pods = list;
        }
    }
    Ok(Family { owners, pods })
}

fn text(object: &Value, path: &str) -> String {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn read_event(event: &Value, family: &Family, objects: &[ResourceId]) -> Option<ClusterEvent> {
    let about = event.get("involvedObject").or_else(|| event.get("regarding"))?;
    let (kind, name) = (text(about, "/kind"), text(about, "/name"));
    let namespaces: BTreeSet<&str> = objects.iter().map(|id| id.namespace.as_str()).collect();
    let namespace = text(about, "/namespace");
    if !namespaces.contains(namespace.as_str()) {
        return None;
    }
    let owner = family.owners.get(&(kind.clone(), name.clone()))?.clone();
    let api_version = text(about, "/apiVersion");
    let group = api_version.split_once('/').map(|(group, _)| group.to_owned()).unwrap_or_default();
    let time = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"]
        .iter()
        .map(|path| text(event, path))
        .find(|time| !time.is_empty())
        .unwrap_or_default();
    let count =
        event.pointer("/series/count").or_else(|| event.get("count")).and_then(Value::as_u64).unwrap_or(1);
    Some(ClusterEvent {
        time,
        is_warning: text(event, "/type") == "Warning",
        reason: text(event, "/reason"),
        message: text(event, "/message"),
        count,
        object: ResourceId { group, kind, namespace, name },
        owner,
    })
}

fn read_pod(pod: &Value, name: String, namespace: &str, owner: ResourceId) -> Pod {
    let list = |path: &str| pod.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    let containers = [
        (true, "/spec/initContainers", "/status/initContainerStatuses"),
        (false, "/spec/containers", "/status/containerStatuses"),
    ]
    .into_iter()
    .flat_map(|(is_init, specs, statuses)| {
        let statuses = list(statuses);
        list(specs).into_iter().map(move |spec| {
            let name = text(&spec, "/name");
            let status = statuses.iter().find(|status| text(status, "/name") == name);
            Container {
                is_init,
                restarts: status
                    .and_then(|status| status.get("restartCount"))
                    .and_then(Value::as_u64)
                    .unwrap_or_default(),
                state: status.map_or_else(|| "not started".to_owned(), container_state),
                name,
            }
        })
    })
    .collect();
    Pod { namespace: namespace.to_owned(), name, owner, phase: text(pod, "/status/phase"), containers }
}

fn container_state(status: &Value) -> String {
    if status.pointer("/state/running").is_some() {
        return "running".to_owned();
    }
    let reason = |path: &str| text(status, path);
    if status.pointer("/state/waiting").is_some() {
        let reason = reason("/state/waiting/reason");
        return if reason.is_empty() { "waiting".to_owned() } else { format!("waiting: {reason}") };
    }
    if let Some(ended) = status.pointer("/state/terminated") {
        let code = ended.get("exitCode").and_then(Value::as_i64).unwrap_or_default();
        let reason = reason("/state/terminated/reason");
        return if reason.is_empty() {
            format!("ended ({code})")
        } else {
            format!("ended: {reason} ({code})")
        };
    }
    "not started".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_told_apart_from_its_time() {
        let line = parse_line(b"2026-11-25T14:02:40.001234567Z ERROR migration failed\r\n");
        assert_eq!(line.time, "2026-11-25T14:02:40.001234567Z");
        assert_eq!(line.text, "ERROR migration failed");
        assert_eq!(parse_line(b"2026-11-25T14:02:40Z\n").text, "");
        assert_eq!(parse_line(b"no time here\n").time, "");
        assert_eq!(parse_line(b"\xff\xfe bytes\n").text, "\u{fffd}\u{fffd} bytes");
    }

    #[tokio::test]
    async fn a_line_without_an_end_is_cut_and_read_past() {
        let mut long = vec![b'x'; 3 * LONGEST_LINE];
        long.extend_from_slice(b"\nnext\n");
        let mut stream = futures::io::Cursor::new(long);
        let mut line = Vec::new();
        assert_eq!(read_line(&mut stream, &mut line).await.unwrap(), 3 * LONGEST_LINE + 1);
        assert_eq!(line.len(), LONGEST_LINE);
        line.clear();
        read_line(&mut stream, &mut line).await.unwrap();
        assert_eq!(line, b"next\n");
    }

    #[test]
    fn containers_say_what_they_do() {
        for (state, expected) in [
            (json!({"running": {}}), "running"),
            (json!({"waiting": {"reason": "CrashLoopBackOff"}}), "waiting: CrashLoopBackOff"),
            (json!({"terminated": {"reason": "Error", "exitCode": 1}}), "ended: Error (1)"),
            (json!({}), "not started"),
        ] {
            assert_eq!(container_state(&json!({"state": state})), expected);
        }
    }
}
