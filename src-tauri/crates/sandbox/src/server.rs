//! The listener: TLS, the token, the choice of a cluster by the path.

use std::collections::BTreeMap;
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
pub(crate) struct Clusters {
    pub(crate) by_name: BTreeMap<String, Arc<Cluster>>,
    /// The hash of the token, so that comparing takes the same time whatever is sent.
    pub(crate) token: [u8; 32],
}

impl Clusters {
    pub(crate) fn new(clusters: &[Arc<Cluster>], token: &str) -> Self {
        let by_name = clusters.iter().map(|cluster| (cluster.name.clone(), Arc::clone(cluster))).collect();
        Self { by_name, token: Sha256::digest(token.as_bytes()).into() }
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let header = headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
        let hash: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
        hash == self.token
    }

    /// The cluster a path names, and the path inside it.
    fn resolve<'a>(&self, path: &'a str) -> Option<(&Arc<Cluster>, &'a str)> {
        let rest = path.strip_prefix("/clusters/")?;
        let (name, inside) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Some((self.by_name.get(name)?, if inside.is_empty() { "/" } else { inside }))
    }
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
    if !clusters.is_authorized(&parts.headers) {
        return refuse(ApiError::new(401, "Unauthorized", "Unauthorized"));
    }
    let Some((cluster, path)) = clusters.resolve(parts.uri.path()) else {
        return refuse(ApiError::new(
            404,
            "NotFound",
            format!("no cluster is at {}; the paths are /clusters/NAME", parts.uri.path()),
        ));
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

    #[test]
    fn only_the_token_opens() {
        let clusters = Clusters::new(&[], "secret");
        let with = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", text.parse().unwrap());
            headers
        };
        assert!(clusters.is_authorized(&with("Bearer secret")));
        for wrong in ["Bearer secre", "Bearer secret2", "Basic secret", "secret", "Bearer "] {
            assert!(!clusters.is_authorized(&with(wrong)), "{wrong}");
        }
        assert!(!clusters.is_authorized(&HeaderMap::new()));
    }
}
