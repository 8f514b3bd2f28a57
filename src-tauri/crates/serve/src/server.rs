//! The server.

use std::net::SocketAddr;
use std::sync::Arc;

use slipway_api::Api;
use tokio::net::TcpListener;

use crate::access::Access;
use crate::routes::{Bridge, router};

/// How to listen.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServeOptions {
    /// The port; any free one by default.
    pub port: u16,
}

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// Which.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Serving ended.
    #[error("the server ended")]
    Serve(#[source] std::io::Error),
}

/// A bridge that listens. It serves while [`Server::run`] is awaited.
pub struct Server {
    listener: TcpListener,
    access: Arc<Access>,
    api: Api,
}

impl Server {
    /// Listens on loopback.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn bind(api: Api, options: ServeOptions) -> Result<Self, ServeError> {
        let wanted = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listen = |source| ServeError::Listen { port: options.port, source };
        let listener = TcpListener::bind(wanted).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { listener, access: Arc::new(Access::new(address)), api })
    }

    /// The address to open, with its one-time token.
    #[must_use]
    pub fn address(&self) -> String {
        self.access.address()
    }

    /// Serves until the future is dropped.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self) -> Result<(), ServeError> {
        let bridge = Bridge { api: self.api, access: self.access };
        axum::serve(self.listener, router(bridge)).await.map_err(ServeError::Serve)
    }
}
