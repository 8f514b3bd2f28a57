//! A connection to one cluster: its client, and what was learnt about it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt;
use http::{Method, Request as HttpRequest};
use kube::Client;
use kube::config::{Config, KubeConfigOptions};
use kube::core::WatchEvent;
use serde_json::Value;

use crate::discovery::ApiResources;
use crate::error::{ClusterError, ErrorKind};
use crate::kubeconfig::{self, KubeconfigSource};

/// How long a discovery holds: others install kinds too.
const KINDS_HOLD: Duration = Duration::from_secs(60);

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// For one request to be answered. Watches are not bound by it.
    pub request_timeout: Duration,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(10), request_timeout: Duration::from_secs(60) }
    }
}

/// A connection to one cluster. Cheap to share behind an [`Arc`]; all requests of it run at the same time.
pub struct Connection {
    client: Client,
    context: String,
    server: String,
    default_namespace: String,
    options: ConnectionOptions,
    /// The last discovery and its time. Never held across a request.
    resources: Mutex<Option<(Instant, Arc<ApiResources>)>>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("context", &self.context)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Opens a context of a kubeconfig. A program that gets its credentials runs now; no request is sent.
    ///
    /// # Errors
    /// Where the kubeconfig or the context cannot be used, or the program fails.
    pub async fn from_kubeconfig(
        source: &KubeconfigSource,
        context: Option<&str>,
        options: ConnectionOptions,
    ) -> Result<Self, ClusterError> {
        install_crypto_provider();
        let file = source.read()?;
        let context = kubeconfig::choose(&file, context)?;
        let selection = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
        let mut config = Config::from_custom_kubeconfig(file, &selection)
            .await
            .map_err(|error| ClusterError::from(error).while_doing(&format!("context `{context}`")))?;
        config.connect_timeout = Some(options.connect_timeout);
        let server = config.cluster_url.to_string();
        let default_namespace = config.default_namespace.clone();
        // A credential program is waited for here, so it must not hold up other tasks. The client is made
        // inside the runtime, which its connections belong to.
        let runtime = tokio::runtime::Handle::current();
        let client = tokio::task::spawn_blocking(move || {
            let _entered = runtime.enter();
            Client::try_from(config)
        })
        .await
        .map_err(|error| ClusterError::new(ErrorKind::Other, error.to_string()))?
        .map_err(|error| ClusterError::from(error).while_doing(&format!("context `{context}`")))?;
        Ok(Self { client, context, server, default_namespace, options, resources: Mutex::new(None) })
    }

    /// The context it was opened for.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The cluster's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The namespace of the context.
    #[must_use]
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// The version of the cluster (`v1.36.1`): the cheapest way to see whether it answers.
    ///
    /// # Errors
    /// Where the cluster does not answer.
    pub async fn version(&self) -> Result<String, ClusterError> {
        let known = self.server_version().await?.version;
        Ok(if known.is_empty() { "unknown".to_owned() } else { known })
    }

    /// The kinds that the cluster serves, from the last discovery where that was less than a minute ago.
    ///
    /// # Errors
    /// Where the cluster does not answer at all. Groups that do not answer are noted in the result.
    pub async fn resources(&self) -> Result<Arc<ApiResources>, ClusterError> {
        let known = self.resources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((when, resources)) if when.elapsed() < KINDS_HOLD => Ok(resources),
            _ => self.discover().await,
        }
    }

    /// How long one request may take.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.options.request_timeout
    }

    /// Forgets the kinds of the cluster: they have changed.
    pub(crate) fn forget_resources(&self) {
        *self.resources.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Asks the cluster anew for its kinds.
    ///
    /// # Errors
    /// As [`Connection::resources`].
    pub async fn discover(&self) -> Result<Arc<ApiResources>, ClusterError> {
        let resources = Arc::new(ApiResources::discover(self).await?);
        *self.resources.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&resources)));
        Ok(resources)
    }

    /// Reads a path.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ClusterError> {
        self.send(Method::GET, path, None, "application/json").await
    }

    /// Reads a path in a given form.
    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Result<Value, ClusterError> {
        self.send(Method::GET, path, None, accept).await
    }

    /// Sends a body of a given type.
    pub(crate) async fn write(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> Result<Value, ClusterError> {
        self.send(method, path, Some((content_type, body)), "application/json").await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
        accept: &str,
    ) -> Result<Value, ClusterError> {
        let mut request =
            HttpRequest::builder().method(method).uri(path).header(http::header::ACCEPT, accept);
        let mut bytes = Vec::new();
        if let Some((content_type, body)) = body {
            request = request.header(http::header::CONTENT_TYPE, content_type);
            bytes = serde_json::to_vec(body)
                .map_err(|error| ClusterError::new(ErrorKind::Invalid, error.to_string()))?;
        }
        let request = request.body(bytes).map_err(|error| {
            ClusterError::new(ErrorKind::Invalid, format!("`{path}` cannot be asked for: {error}"))
        })?;
        let limit = self.options.request_timeout;
        match tokio::time::timeout(limit, self.client.request::<Value>(request)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ClusterError::timed_out(limit)),
        }
    }

    /// Reads an answer as it comes. Only its beginning is bound by the limit of time.
    pub(crate) async fn stream(
        &self,
        request: HttpRequest<Vec<u8>>,
    ) -> Result<impl futures::AsyncBufRead + use<>, ClusterError> {
        let limit = self.options.request_timeout;
        match tokio::time::timeout(limit, self.client.request_stream(request)).await {
            Ok(stream) => Ok(stream?),
            Err(_) => Err(ClusterError::timed_out(limit)),
        }
    }

    /// Follows changes under a path with `watch=1`. The stream ends when the cluster ends it.
    pub(crate) async fn watch(
        &self,
        path: &str,
    ) -> Result<impl futures::Stream<Item = Result<WatchEvent<Value>, ClusterError>> + use<>, ClusterError>
    {
        let request = HttpRequest::get(path).body(Vec::new()).map_err(|error| {
            ClusterError::new(ErrorKind::Invalid, format!("`{path}` cannot be asked for: {error}"))
        })?;
        let limit = self.options.request_timeout;
        let stream = tokio::time::timeout(limit, self.client.request_events::<Value>(request))
            .await
            .map_err(|_| ClusterError::timed_out(limit))??;
        Ok(stream.map(|event| event.map_err(ClusterError::from)))
    }
}

/// rustls needs to be told which cryptography it uses; the first one told in a process counts.
fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was first, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
