//! The listener: TLS, the token, the choice of a cluster by the path.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{HeaderMap, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::cluster::Cluster;
use crate::handlers::{self, Answer, Request};
use crate::status::ApiError;

/// The largest body that is read; the API server has the same limit for most requests.
const MAX_BODY: usize = 3 * 1024 * 1024;
/// How many connections are open at the same time.
const MAX_CONNECTIONS: usize = 1024;
/// How long a client has for its handshake and for the header of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// The clusters behind a listener.
pub(crate) struct Clusters(Vec<Served>);

struct Served {
    cluster: Arc<Cluster>,
    /// The hash of its token, so that comparing takes the same time whatever is sent.
    token: [u8; 32],
}

impl Clusters {
    /// Each cluster has a token of its own, which opens no other.
    pub(crate) fn new(clusters: &[(Arc<Cluster>, String)]) -> Self {
        let served = clusters.iter().map(|(cluster, token)| Served {
            cluster: Arc::clone(cluster),
            token: Sha256::digest(token.as_bytes()).into(),
        });
        Self(served.collect())
    }

    /// The cluster that the token of a request opens.
    fn opened_by(&self, headers: &HeaderMap) -> Option<&Arc<Cluster>> {
        let header = headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
        let hash: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
        self.0.iter().find(|served| served.token == hash).map(|served| &served.cluster)
    }
}

/// The path inside a cluster; `None` where the path names another one. A path that names none is one inside the
/// cluster already: `kubectl get --raw` and some clients leave the prefix of the server's URL out.
fn inside<'a>(cluster: &Cluster, path: &'a str) -> Option<&'a str> {
    let Some(rest) = path.strip_prefix("/clusters/") else { return Some(path) };
    let (name, inside) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (name == cluster.name).then_some(if inside.is_empty() { "/" } else { inside })
}

/// Serves until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, clusters: Arc<Clusters>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= MAX_CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, acceptor.clone(), Arc::clone(&clusters)));
                }
                // Out of file descriptors, or the client went away: neither ends the server.
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, acceptor: TlsAcceptor, clusters: Arc<Clusters>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await else {
        tracing::debug!("a client did not complete its TLS handshake");
        return;
    };
    let service = hyper::service::service_fn(move |request| {
        let clusters = Arc::clone(&clusters);
        async move { Ok::<_, Infallible>(answer(&clusters, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE * 60)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(clusters: &Clusters, request: hyper::Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let refuse = |error: ApiError| {
        handlers::respond(Answer::Json { code: error.code, value: error.to_status(), warnings: Vec::new() })
    };
    let Some(cluster) = clusters.opened_by(&parts.headers) else {
        return refuse(ApiError::new(401, "Unauthorized", "Unauthorized"));
    };
    let Some(path) = inside(cluster, parts.uri.path()) else {
        let message = format!("the token opens the cluster {}, not {}", cluster.name, parts.uri.path());
        return refuse(ApiError::new(403, "Forbidden", message));
    };
    let (cluster, path) = (Arc::clone(cluster), path.to_owned());
    let body = match axum::body::to_bytes(Body::new(body), MAX_BODY).await {
        Ok(body) => body,
        Err(error) => {
            tracing::debug!(%error, "a body could not be read");
            let message = format!("Request entity too large: limit is {MAX_BODY}");
            return refuse(ApiError::new(413, "RequestEntityTooLarge", message));
        }
    };
    let request = Request {
        method: parts.method,
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    handlers::handle(&cluster, &request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(name: &str) -> Arc<Cluster> {
        let clock: Arc<dyn crate::clock::Clock> = Arc::new(crate::clock::ManualClock::new());
        let state = crate::state::State::new(1, crate::Speed::default(), clock.now());
        Arc::new(Cluster::new(name, name, state, clock))
    }

    #[test]
    fn a_token_opens_its_own_cluster_only() {
        let clusters =
            Clusters::new(&[(cluster("a"), "secret-a".to_owned()), (cluster("b"), "secret-b".to_owned())]);
        let opened = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", text.parse().unwrap());
            clusters.opened_by(&headers).map(|cluster| cluster.name.clone())
        };
        assert_eq!(opened("Bearer secret-a").as_deref(), Some("a"));
        assert_eq!(opened("Bearer secret-b").as_deref(), Some("b"));
        for wrong in ["Bearer secret", "Bearer secret-a2", "Basic secret-a", "secret-a", "Bearer "] {
            assert_eq!(opened(wrong), None, "{wrong}");
        }
        assert!(clusters.opened_by(&HeaderMap::new()).is_none());
    }

    #[test]
    fn a_path_may_name_the_cluster_and_no_other() {
        let cluster = cluster("a");
        assert_eq!(inside(&cluster, "/clusters/a/api/v1"), Some("/api/v1"));
        assert_eq!(inside(&cluster, "/clusters/a"), Some("/"));
        assert_eq!(inside(&cluster, "/api/v1"), Some("/api/v1"));
        assert_eq!(inside(&cluster, "/clusters/b/api/v1"), None);
        assert_eq!(inside(&cluster, "/clusters/ab"), None);
    }
}
