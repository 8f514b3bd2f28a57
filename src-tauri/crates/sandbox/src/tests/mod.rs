//! Tests of the API: in process with a clock of their own, and with the real kubectl over the wire.

mod api;
mod applied;
mod hostile;
mod kubectl;
mod life;

use std::sync::Arc;
use std::time::Duration;

use hyper::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::clock::{Clock, ManualClock};
use crate::cluster::Cluster;
use crate::controllers::{self, Next};
use crate::handlers::{self, Request};
use crate::state::{Speed, State};

/// A cluster without a network, whose time stands still until told.
pub(super) struct Harness {
    pub(super) cluster: Arc<Cluster>,
    pub(super) clock: Arc<ManualClock>,
}

/// The answer to a request.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) body: Value,
    pub(super) warnings: Vec<String>,
}

impl Harness {
    pub(super) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let speed = Speed { ready_after: Duration::from_secs(2), job_after: Duration::from_secs(1) };
        let state = State::installed(7, speed, 2, clock.now());
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let harness = Self { cluster: Arc::new(Cluster::new("staging", "staging", state, shared)), clock };
        harness.settle();
        harness
    }

    /// Sends a request; `content_type` and body may be empty.
    pub(super) fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", "test/1".parse().unwrap());
        if !content_type.is_empty() {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.to_vec().into(),
        };
        let response = handlers::handle(&self.cluster, &request);
        let code = response.status().as_u16();
        let warnings = response.headers().get_all("warning").iter();
        let warnings = warnings.map(|value| value.to_str().unwrap().to_owned()).collect();
        let bytes =
            futures::executor::block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        Reply { code, body, warnings }
    }

    pub(super) fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", path, "", b"");
        assert_eq!(reply.code, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, "application/json", body.to_string().as_bytes())
    }

    pub(super) fn patch(&self, path: &str, sort: &str, body: &Value) -> Reply {
        self.send("PATCH", path, &format!("application/{sort}"), body.to_string().as_bytes())
    }

    pub(super) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, "", b"")
    }

    /// Runs the controllers until they only wait for time.
    pub(super) fn settle(&self) -> Next {
        for _ in 0..10_000 {
            match self.cluster.with(controllers::step) {
                Next::Now => {}
                next => return next,
            }
        }
        panic!("the controllers do not come to rest");
    }

    /// Lets time pass, in small steps.
    pub(super) fn pass(&self, time: Duration) {
        let step = Duration::from_millis(250);
        let mut left = time;
        while left > Duration::ZERO {
            self.clock.advance(step.min(left));
            left = left.saturating_sub(step);
            self.settle();
        }
    }
}

/// A deployment of one container.
pub(super) fn deployment(name: &str, image: &str, replicas: i64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image}]}}},
    })
}
