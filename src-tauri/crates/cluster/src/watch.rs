//! Following the objects of one kind in one namespace.
//!
//! A follower reads a list, then watches from its version. A version that is too old means reading again; a
//! broken connection means going on from the last version, later and later. Where watching is not allowed the
//! list is read every two seconds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::core::WatchEvent;
use serde_json::Value;
use slipway_model::ResourceId;
use tokio::sync::mpsc;

use crate::connection::Connection;
use crate::discovery::{ApiResource, encode};
use crate::error::{ClusterError, ErrorKind, kind_of_status};
use crate::live::{self, Change, version_of};

const POLL: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After how many seconds the cluster ends a watch by itself.
const WATCH_SECONDS: u32 = 290;

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) struct Followed {
    pub(crate) resource: ApiResource,
    pub(crate) namespace: String,
    pub(crate) names: BTreeSet<String>,
}

/// Why watching came to an end.
enum Ended {
    /// The version is too old.
    Expired,
    /// It is not possible here.
    Refused,
}

impl Followed {
    /// Tells one from another.
    pub(crate) fn path(&self) -> String {
        self.resource.collection(&self.namespace)
    }

    fn ids(&self) -> Vec<ResourceId> {
        let id = |name: &String| ResourceId {
            group: self.resource.group.clone(),
            kind: self.resource.kind.clone(),
            namespace: self.namespace.clone(),
            name: name.clone(),
        };
        self.names.iter().map(id).collect()
    }

    /// One object is selected by the cluster; several are picked out here.
    fn selector(&self) -> String {
        match (self.names.len(), self.names.first()) {
            (1, Some(name)) => format!("fieldSelector=metadata.name%3D{}", encode(name)),
            _ => String::new(),
        }
    }

    fn concerns(&self, object: &Value) -> bool {
        object.pointer("/metadata/name").and_then(Value::as_str).is_some_and(|name| self.names.contains(name))
    }
}

/// Follows until the receiver is gone.
pub(crate) async fn follow(connection: Arc<Connection>, followed: Followed, changes: mpsc::Sender<Change>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match live::list(&connection, &followed.resource, &followed.path(), &followed.selector()).await {
            Ok((mut objects, version)) => {
                pause = FIRST_PAUSE;
                objects.retain(|object| followed.concerns(object));
                let snapshot = Change::Snapshot { wanted: followed.ids(), objects, version };
                if changes.send(snapshot).await.is_err() {
                    return;
                }
                match watch(&connection, &followed, version, &changes).await {
                    None => return,
                    Some(Ended::Expired) => {}
                    Some(Ended::Refused) => tokio::time::sleep(POLL).await,
                }
            }
            // Who may not list may still be allowed to read one by one.
            Err(error) if error.kind == ErrorKind::Forbidden => {
                if !read_each(&connection, &followed, &changes).await {
                    return;
                }
                tokio::time::sleep(POLL).await;
            }
            Err(error) => {
                tracing::debug!(path = followed.path(), %error, "the list cannot be read; trying again");
                tokio::time::sleep(pause).await;
                pause = longer(pause);
            }
        }
        if changes.is_closed() {
            return;
        }
    }
}

/// Reads every object by itself; false when the receiver is gone.
async fn read_each(connection: &Connection, followed: &Followed, changes: &mpsc::Sender<Change>) -> bool {
    let wanted = followed.ids().into_iter().map(|id| (followed.resource.clone(), id)).collect();
    match live::read_singly(connection, wanted).await {
        Ok(read) => {
            for change in read {
                if changes.send(change).await.is_err() {
                    return false;
                }
            }
        }
        Err(error) => tracing::debug!(path = followed.path(), %error, "objects cannot be read; trying again"),
    }
    !changes.is_closed()
}

/// Watches from a version on; `None` when the receiver is gone.
async fn watch(
    connection: &Connection,
    followed: &Followed,
    from: u64,
    changes: &mpsc::Sender<Change>,
) -> Option<Ended> {
    if !followed.resource.can("watch") {
        return Some(Ended::Refused);
    }
    let selector = followed.selector();
    let separator = if selector.is_empty() { "" } else { "&" };
    let mut version = from;
    let mut pause = FIRST_PAUSE;
    loop {
        let path = format!(
            "{}?watch=1&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}{separator}{selector}",
            followed.path()
        );
        let failure = match connection.watch(&path).await {
            Ok(stream) => {
                let before = version;
                let ended = take_events(stream, followed, &mut version, changes).await;
                match ended {
                    Ok(true) => return None,
                    Ok(false) => {
                        if version != before {
                            pause = FIRST_PAUSE;
                        }
                        None
                    }
                    Err(error) => Some(error),
                }
            }
            Err(error) => Some(error),
        };
        match failure.as_ref().map(|error| error.kind) {
            Some(ErrorKind::Expired) => return Some(Ended::Expired),
            Some(ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Invalid) => {
                return Some(Ended::Refused);
            }
            _ => {}
        }
        if changes.is_closed() {
            return None;
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause);
    }
}

/// Takes in the events of one watch; true when the receiver is gone.
async fn take_events(
    stream: impl futures::Stream<Item = Result<WatchEvent<Value>, ClusterError>>,
    followed: &Followed,
    version: &mut u64,
    changes: &mpsc::Sender<Change>,
) -> Result<bool, ClusterError> {
    let mut stream = std::pin::pin!(stream);
    while let Some(event) = stream.next().await {
        let change = match event? {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                *version = (*version).max(version_of(&object));
                followed.concerns(&object).then_some(Change::Changed(object))
            }
            WatchEvent::Deleted(object) => {
                *version = (*version).max(version_of(&object));
                followed.concerns(&object).then(|| Change::Gone(ResourceId::of(&object), version_of(&object)))
            }
            WatchEvent::Bookmark(bookmark) => {
                *version = (*version).max(bookmark.metadata.resource_version.parse().unwrap_or_default());
                None
            }
            WatchEvent::Error(status) => {
                let kind = kind_of_status(status.code, &status.reason);
                return Err(ClusterError::new(kind, status.message.clone()));
            }
        };
        if let Some(change) = change
            && changes.send(change).await.is_err()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST_PAUSE)
}
