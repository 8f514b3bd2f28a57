//! Watches: the changes after a revision, as a stream of JSON lines.
//!
//! A watch keeps no queue of its own. It remembers the last revision it has sent and reads on in the log when
//! the store changes, so a slow client costs nothing; one that falls behind the log is told `410 Gone`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::selectors::Selector;
use super::{Change, Event};
use crate::cluster::Cluster;
use crate::registry::Api;
use crate::request::Form;
use crate::state::State;
use crate::status::ApiError;
use crate::tables;

/// How often a watch that asked for bookmarks gets one.
const BOOKMARK_EVERY: Duration = Duration::from_secs(30);
/// How long a watch lasts that says nothing about it.
const DEFAULT_TIMEOUT: u64 = 1800;
/// How many events are written before the client has to take them.
const BATCH: usize = 256;

/// What is watched.
pub(crate) struct Watch {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) api: Arc<Api>,
    /// Empty for every namespace.
    pub(crate) namespace: String,
    pub(crate) selector: Selector,
    pub(crate) form: Form,
    pub(crate) include_object: String,
    pub(crate) bookmarks: bool,
    pub(crate) send_initial_events: bool,
    /// The revision to go on from; `None` begins with what is there.
    pub(crate) from: Option<u64>,
    pub(crate) timeout: Option<u64>,
}

struct Position {
    watch: Watch,
    changes: tokio::sync::watch::Receiver<u64>,
    sent: u64,
    lines: VecDeque<Bytes>,
    ends_at: Instant,
    next_bookmark: Instant,
    columns_sent: bool,
    is_over: bool,
}

/// Starts a watch.
pub(crate) fn stream(watch: Watch) -> Body {
    let changes = watch.cluster.changes();
    let now = Instant::now();
    let timeout = watch.timeout.unwrap_or(DEFAULT_TIMEOUT).min(86_400);
    let mut position = Position {
        changes,
        sent: 0,
        lines: VecDeque::new(),
        ends_at: now + Duration::from_secs(timeout),
        next_bookmark: now + BOOKMARK_EVERY,
        columns_sent: false,
        is_over: false,
        watch,
    };
    position.begin();
    Body::from_stream(futures::stream::unfold(position, |mut position| async move {
        let line = position.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), position))
    }))
}

impl Position {
    /// Queues what is there at the start, or notes where to go on.
    fn begin(&mut self) {
        let cluster = Arc::clone(&self.watch.cluster);
        cluster.with(|state| {
            let current = state.store.revision();
            let wants_initial = self.watch.send_initial_events || self.watch.from.is_none();
            if !wants_initial {
                self.sent = self.watch.from.unwrap_or(current);
                return;
            }
            let namespace = Some(self.watch.namespace.as_str()).filter(|namespace| !namespace.is_empty());
            let objects: Vec<Arc<Value>> = state
                .store
                .list(&self.watch.api.collection(), namespace)
                .filter(|object| self.watch.selector.matches(object))
                .cloned()
                .collect();
            for object in objects {
                self.push("ADDED", &object, state.now);
            }
            self.sent = current;
            if self.watch.send_initial_events {
                self.push_bookmark(state, true);
            }
        });
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(line);
            }
            if self.is_over {
                return None;
            }
            self.read_log();
            if !self.lines.is_empty() {
                continue;
            }
            let now = Instant::now();
            if now >= self.ends_at {
                return None;
            }
            if self.watch.bookmarks && now >= self.next_bookmark {
                self.next_bookmark = now + BOOKMARK_EVERY;
                let cluster = Arc::clone(&self.watch.cluster);
                cluster.with(|state| self.push_bookmark(state, false));
                continue;
            }
            let until =
                if self.watch.bookmarks { self.ends_at.min(self.next_bookmark) } else { self.ends_at };
            if let Ok(Err(_)) = tokio::time::timeout_at(until, self.changes.changed()).await {
                return None; // The cluster is gone.
            }
        }
    }

    fn read_log(&mut self) {
        self.changes.mark_unchanged();
        let cluster = Arc::clone(&self.watch.cluster);
        cluster.with(|state| {
            let Some(events) = state.store.since(self.sent) else {
                let error = ApiError::gone(format!(
                    "too old resource version: {} ({})",
                    self.sent,
                    state.store.compacted()
                ));
                self.push_line(&json!({"type": "ERROR", "object": error.to_status()}));
                self.is_over = true;
                return;
            };
            let collection = self.watch.api.collection();
            let mut found = Vec::new();
            for event in events {
                self.sent = event.revision;
                let in_namespace =
                    self.watch.namespace.is_empty() || event.key.namespace == self.watch.namespace;
                if event.key.collection == collection && in_namespace {
                    if let Some(change) = self.change(event) {
                        found.push((change, Arc::clone(&event.object)));
                    }
                    if found.len() >= BATCH {
                        break;
                    }
                }
            }
            for (change, object) in found {
                self.push(change, &object, state.now);
            }
        });
    }

    /// What a change means to a watch with a selector: an object can enter it, stay in it or leave it.
    fn change(&self, event: &Event) -> Option<&'static str> {
        let selector = &self.watch.selector;
        let before = event.previous.as_ref().is_some_and(|object| selector.matches(object));
        let after = event.change != Change::Deleted && selector.matches(&event.object);
        match (before, after) {
            (false, true) => Some("ADDED"),
            (true, true) => Some("MODIFIED"),
            (true, false) => Some("DELETED"),
            (false, false) => None,
        }
    }

    fn push(&mut self, change: &str, object: &Value, now: jiff::Timestamp) {
        let object = crate::conversion::to_requested(object, &self.watch.api);
        let object = match self.watch.form {
            Form::Table => {
                let mut table = tables::table(&self.watch.api, &[&object], &self.watch.include_object, now);
                table["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"].clone();
                if self.columns_sent {
                    table["columnDefinitions"] = Value::Null;
                }
                self.columns_sent = true;
                table
            }
            Form::Metadata => tables::partial(&object),
            _ => object,
        };
        self.push_line(&json!({"type": change, "object": object}));
    }

    fn push_bookmark(&mut self, state: &State, ends_initial_events: bool) {
        // What was read of the log is the newest the client has been told about.
        let revision = self.sent.min(state.store.revision());
        let mut metadata = json!({"resourceVersion": revision.to_string(), "creationTimestamp": null});
        if ends_initial_events {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = match self.watch.form {
            Form::Metadata => {
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
            }
            Form::Table => {
                let object = json!({"metadata": metadata, "apiVersion": self.watch.api.api_version(), "kind": self.watch.api.kind});
                let mut table =
                    tables::table(&self.watch.api, &[&object], &self.watch.include_object, state.now);
                table["metadata"]["resourceVersion"] = json!(revision.to_string());
                table
            }
            _ => {
                json!({"kind": self.watch.api.kind, "apiVersion": self.watch.api.api_version(), "metadata": metadata})
            }
        };
        self.push_line(&json!({"type": "BOOKMARK", "object": object}));
    }

    fn push_line(&mut self, value: &Value) {
        let mut line = value.to_string();
        line.push('\n');
        self.lines.push_back(Bytes::from(line));
    }
}
