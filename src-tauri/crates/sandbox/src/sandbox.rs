//! A running sandbox: started, asked for its kubeconfig, stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::certificates;
use crate::clock::{Clock, SystemClock};
use crate::cluster::Cluster;
use crate::kubeconfig::{self, ClusterEntry, Contents, KubeconfigError};
use crate::registry::KindWithoutSchema;
use crate::server::{self, Clusters};
use crate::state::{Speed, State};

/// How a sandbox is to be.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The environments; each gets a virtual cluster of its own.
    pub environments: Vec<String>,
    /// How many nodes every cluster has.
    pub nodes: usize,
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// How fast the simulated controllers are.
    pub speed: Speed,
    /// Kinds that are served without a definition.
    pub kinds_without_schema: Vec<KindWithoutSchema>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            environments: vec!["default".to_owned()],
            nodes: 3,
            port: 0,
            speed: Speed::default(),
            kinds_without_schema: Vec::new(),
        }
    }
}

/// Why a sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// There is nothing to serve.
    #[error("a sandbox needs at least one environment")]
    NoEnvironment,
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}; choose another port, or 0 for a free one")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What went wrong.
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate for loopback")]
    Certificate(#[source] rcgen::Error),
    /// TLS refused the certificate.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// There is no such environment.
    #[error("the sandbox has no environment `{0}`")]
    UnknownEnvironment(String),
}

/// A running sandbox. Dropping it stops it, and removes the kubeconfigs it wrote.
pub struct Sandbox {
    address: SocketAddr,
    authority_pem: String,
    clusters: Vec<Arc<Cluster>>,
    /// The token of each cluster.
    tokens: Vec<String>,
    contexts: Vec<String>,
    tasks: Vec<JoinHandle<()>>,
    /// The kubeconfigs that were written, to be removed in the end.
    written: Mutex<Vec<PathBuf>>,
}

impl Sandbox {
    /// Starts a sandbox in the running tokio runtime.
    ///
    /// # Errors
    /// When no environment is named, the port is taken, or no certificate can be made.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        if options.environments.is_empty() {
            return Err(SandboxError::NoEnvironment);
        }
        let certificates = certificates::generate().map_err(SandboxError::Certificate)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(SandboxError::Tls)?
            .with_no_client_auth()
            .with_single_cert(vec![certificates.certificate], certificates.key)
            .map_err(SandboxError::Tls)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let listen = |source| SandboxError::Listen { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let mut random = rand::rng();
        let contexts = kubeconfig::context_names(&options.environments);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let clusters: Vec<Arc<Cluster>> = options
            .environments
            .iter()
            .zip(&contexts)
            .map(|(environment, context)| {
                let seed = random.random();
                let mut state = State::installed(seed, options.speed, options.nodes, clock.now());
                options.kinds_without_schema.iter().for_each(|kind| state.registry.accept(kind));
                Arc::new(Cluster::new(environment, context, state, Arc::clone(&clock)))
            })
            .collect();
        let mut tasks: Vec<JoinHandle<()>> =
            clusters.iter().map(|cluster| tokio::spawn(Arc::clone(cluster).run_controllers())).collect();
        let tokens: Vec<String> = clusters
            .iter()
            .map(|_| random.random::<[u8; 24]>().iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        let pairs: Vec<_> = clusters.iter().cloned().zip(tokens.iter().cloned()).collect();
        let served = Arc::new(Clusters::new(&pairs));
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
        tasks.push(tokio::spawn(server::serve(listener, acceptor, served)));
        Ok(Self {
            address,
            authority_pem: certificates.authority_pem,
            clusters,
            tokens,
            contexts,
            tasks,
            written: Mutex::new(Vec::new()),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Environment and kubeconfig context of each cluster.
    #[must_use]
    pub fn contexts(&self) -> Vec<(String, String)> {
        let environments = self.clusters.iter().map(|cluster| cluster.environment.clone());
        environments.zip(self.contexts.iter().cloned()).collect()
    }

    /// The kubeconfig as text, with a context for every cluster.
    #[must_use]
    pub fn kubeconfig(&self) -> String {
        let clusters = self.clusters.iter().zip(&self.contexts).zip(&self.tokens);
        let clusters = clusters.map(|((cluster, context), token)| ClusterEntry {
            context: context.clone(),
            name: cluster.name.clone(),
            token: token.clone(),
        });
        kubeconfig::text(&Contents {
            address: self.address,
            authority_pem: &self.authority_pem,
            clusters: clusters.collect(),
        })
    }

    /// Writes the kubeconfig (mode 0600) and returns where; by default into the runtime directory. The file is
    /// removed when the sandbox stops.
    ///
    /// # Errors
    /// When a file is there that no sandbox wrote, or writing fails.
    pub fn write_kubeconfig(&self, path: Option<&Path>) -> Result<PathBuf, KubeconfigError> {
        let path = path.map_or_else(
            || kubeconfig::runtime_directory().join(format!("sandbox-{}.kubeconfig", self.address.port())),
            Path::to_owned,
        );
        kubeconfig::write(&path, &self.kubeconfig())?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        Ok(path)
    }

    /// Serves a kind without a definition in one environment. A kind that is served already stays as it is.
    ///
    /// # Errors
    /// When there is no such environment.
    pub fn accept_kind(&self, environment: &str, kind: &KindWithoutSchema) -> Result<(), SandboxError> {
        let cluster = self
            .clusters
            .iter()
            .find(|cluster| cluster.environment == environment)
            .ok_or_else(|| SandboxError::UnknownEnvironment(environment.to_owned()))?;
        cluster.with(|state| state.registry.accept(kind));
        Ok(())
    }

    /// The kubeconfig of a sandbox of this user that is running, by looking into the runtime directory and knocking.
    pub async fn find_running() -> Option<PathBuf> {
        for (path, address) in kubeconfig::find(&kubeconfig::runtime_directory()) {
            let knock = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address));
            if address.ip().is_loopback() && matches!(knock.await, Ok(Ok(_))) {
                return Some(path);
            }
        }
        None
    }

    /// Stops it, and waits until nothing of it runs.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // An aborted task ends with an error that says just that.
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        let written = std::mem::take(self.written.get_mut().unwrap_or_else(PoisonError::into_inner));
        for path in written {
            if let Err(error) = kubeconfig::remove(&path) {
                tracing::warn!(path = %path.display(), %error, "the kubeconfig of the sandbox stays behind");
            }
        }
    }
}
