//! A connection to one cluster: its client, and what was learnt about it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures::StreamExt;
use http::{Method, Request as HttpRequest};
use kube::Client;
use kube::config::{Config, KubeConfigOptions};
use kube::core::WatchEvent;
use serde_json::Value;

use crate::discovery::ApiResources;
use crate::error::{ClusterError, ErrorKind};
use crate::kubeconfig::{self, KubeconfigSource};
use crate::login::{Interaction, Login, Program};
use crate::reach::Place;

/// How long a discovery holds: others install kinds too.
const KINDS_HOLD: Duration = Duration::from_secs(60);

/// How long is waited before a cluster that is too busy (429, 503) is asked again. The library's own way goes on for
/// almost three minutes, which nobody sees.
const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3)];

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// For one request to be answered. Watches are not bound by it.
    pub request_timeout: Duration,
    /// For a program to get the credentials, where it asks nobody.
    pub login_timeout: Duration,
    /// Whom such a program may ask.
    pub interaction: Interaction,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            login_timeout: Duration::from_secs(60),
            interaction: Interaction::None,
        }
    }
}

impl ConnectionOptions {
    /// For a command in a terminal, where somebody can be asked.
    #[must_use]
    pub fn of_terminal() -> Self {
        Self { interaction: Interaction::Terminal, ..Self::default() }
    }
}

/// Who asks, for as long as that holds.
struct Session {
    client: Client,
    /// When the program has to be asked again.
    ends: Option<SystemTime>,
}

/// A connection to one cluster. Cheap to share behind an [`Arc`]; all requests of it run at the same time.
pub struct Connection {
    /// Without credentials that a program gets.
    config: Config,
    program: Option<Program>,
    /// Never held across a request.
    session: Mutex<Session>,
    /// Held while a program gets new credentials.
    renewing: tokio::sync::Mutex<()>,
    place: Place,
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
            .map_err(|error| kubeconfig::unusable(&error, &context))?;
        config.connect_timeout = Some(options.connect_timeout);
        config.default_retry = false;
        if config.root_cert.as_ref().is_some_and(Vec::is_empty) {
            return Err(kubeconfig::no_authority(&context));
        }
        let program = Program::take(&mut config.auth_info, &context)?;
        let session = open(&config, program.as_ref(), &context, options).await?;
        Ok(Self {
            server: config.cluster_url.to_string(),
            default_namespace: config.default_namespace.clone(),
            place: Place::of(&config),
            config,
            program,
            session: Mutex::new(session),
            renewing: tokio::sync::Mutex::new(()),
            context,
            options,
            resources: Mutex::new(None),
        })
    }

    /// The client, with credentials that hold.
    async fn client(&self) -> Result<Client, ClusterError> {
        if let Some(client) = self.client_that_holds() {
            return Ok(client);
        }
        let _one_at_a_time = self.renewing.lock().await;
        if let Some(client) = self.client_that_holds() {
            return Ok(client);
        }
        let session = open(&self.config, self.program.as_ref(), &self.context, self.options).await?;
        let client = session.client.clone();
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
        Ok(client)
    }

    fn client_that_holds(&self) -> Option<Client> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        (!Login::has_ended(session.ends)).then(|| session.client.clone())
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

    /// Reads a path, and waits for nobody who is too busy.
    pub(crate) async fn get_once(&self, path: &str, within: Duration) -> Result<Value, ClusterError> {
        let request = self.request(Method::GET, path, "application/json", Vec::new(), None)?;
        let limit = within.min(self.options.request_timeout);
        self.within(limit, self.ask(request, &[])).await
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
        let mut bytes = Vec::new();
        if let Some((_, body)) = body {
            bytes = serde_json::to_vec(body)
                .map_err(|error| ClusterError::new(ErrorKind::Invalid, error.to_string()))?;
        }
        let request =
            self.request(method, path, accept, bytes, body.map(|(content_type, _)| content_type))?;
        self.within(self.options.request_timeout, self.ask(request, &PAUSES)).await
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        body: Vec<u8>,
        content_type: Option<&str>,
    ) -> Result<HttpRequest<Vec<u8>>, ClusterError> {
        let mut request =
            HttpRequest::builder().method(method).uri(path).header(http::header::ACCEPT, accept);
        if let Some(content_type) = content_type {
            request = request.header(http::header::CONTENT_TYPE, content_type);
        }
        request.body(body).map_err(|error| {
            ClusterError::new(ErrorKind::Invalid, format!("`{path}` cannot be asked for: {error}"))
        })
    }

    /// Asks, and asks again after each pause for as long as the cluster is too busy.
    async fn ask(&self, request: HttpRequest<Vec<u8>>, pauses: &[Duration]) -> Result<Value, ClusterError> {
        let mut pauses = pauses.iter();
        loop {
            let client = self.client().await?;
            let failure = match client.request_text(request.clone()).await {
                Ok(text) => {
                    return serde_json::from_str(&text).map_err(|_| self.place.no_json(&text));
                }
                Err(failure) => failure,
            };
            match pauses.next() {
                Some(pause) if is_busy(&failure) => tokio::time::sleep(*pause).await,
                _ => return Err(self.place.explain(failure)),
            }
        }
    }

    /// Waits for an answer, and no longer than so long.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        asking: impl Future<Output = Result<T, ClusterError>>,
    ) -> Result<T, ClusterError> {
        tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| Err(self.place.timed_out(limit)))
    }

    /// Reads an answer as it comes. Only its beginning is bound by the limit of time.
    pub(crate) async fn stream(
        &self,
        request: HttpRequest<Vec<u8>>,
    ) -> Result<impl futures::AsyncBufRead + use<>, ClusterError> {
        self.within(self.options.request_timeout, async {
            let client = self.client().await?;
            client.request_stream(request).await.map_err(|failure| self.place.explain(failure))
        })
        .await
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
        let stream = self
            .within(self.options.request_timeout, async {
                let client = self.client().await?;
                client.request_events::<Value>(request).await.map_err(|failure| self.place.explain(failure))
            })
            .await?;
        let place = self.place.clone();
        Ok(stream.map(move |event| event.map_err(|failure| place.explain(failure))))
    }
}

/// Makes a client. A program that gets the credentials runs now.
async fn open(
    config: &Config,
    program: Option<&Program>,
    context: &str,
    options: ConnectionOptions,
) -> Result<Session, ClusterError> {
    let mut config = config.clone();
    let mut ends = None;
    if let Some(program) = program {
        let login = program.run(options.interaction, options.login_timeout).await?;
        ends = login.ends;
        login.put_into(&mut config.auth_info);
    }
    // The older way to name a program is waited for here, so it must not hold up other tasks. The client is made inside
    // the runtime, which its connections belong to.
    let runtime = tokio::runtime::Handle::current();
    let opening = tokio::task::spawn_blocking(move || {
        let _entered = runtime.enter();
        Client::try_from(config)
    });
    let client = tokio::time::timeout(options.login_timeout, opening)
        .await
        .map_err(|_| {
            let after = options.login_timeout.as_secs();
            let message =
                format!("what gets the credentials of context `{context}` is not done after {after} s");
            ClusterError::new(ErrorKind::Unauthorised, message)
        })?
        .map_err(|error| ClusterError::new(ErrorKind::Other, error.to_string()))?
        .map_err(|error| kubeconfig::unusable(&error, context))?;
    Ok(Session { client, ends })
}

/// Whether the same may be answered a moment later: what is asked for was not begun.
fn is_busy(failure: &kube::Error) -> bool {
    matches!(failure, kube::Error::Api(status) if matches!(status.code, 429 | 503))
}

/// rustls needs to be told which cryptography it uses; the first one told in a process counts.
fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was first, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
