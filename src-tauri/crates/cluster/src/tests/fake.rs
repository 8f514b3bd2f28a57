//! An API server that answers what it is told, for what a real one cannot be made to do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{ClusterError, Connection, ConnectionOptions, KubeconfigSource};

/// Answers a path (with its query) with a code and a body. A body that is a list is sent a line each, as a
/// watch does; one that is a text is sent as it is.
pub(super) type Answers = dyn Fn(&str) -> (u16, Value) + Send + Sync;

/// The paths that were asked for, in order.
pub(super) type Log = Arc<Mutex<Vec<String>>>;

/// Starts a server and connects to it. It ends with the test.
pub(super) async fn connect(answers: Box<Answers>) -> (Arc<Connection>, Log) {
    let (address, log) = start(answers, None).await;
    (open(&format!("server: 'http://{address}'")).await.unwrap(), log)
}

/// Starts a server, which speaks TLS where it has a certificate. It ends with the test.
pub(super) async fn start(answers: Box<Answers>, tls: Option<TlsAcceptor>) -> (SocketAddr, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let (answers, asked) = (Arc::new(answers), Arc::clone(&log));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (answers, asked, tls) = (Arc::clone(&answers), Arc::clone(&asked), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => serve(stream, &**answers, &asked).await,
                    Some(tls) => {
                        // Who does not trust it hangs up.
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, &**answers, &asked).await;
                        }
                    }
                }
            });
        }
    });
    (address, log)
}

/// Opens the context `c` of a cluster with these fields.
pub(super) async fn open(cluster: &str) -> Result<Arc<Connection>, ClusterError> {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{{cluster}}}}}]\n\
         users: [{{name: u, user: {{token: t}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
    );
    let options =
        ConnectionOptions { request_timeout: Duration::from_secs(30), ..ConnectionOptions::default() };
    Connection::from_kubeconfig(&KubeconfigSource::Text(text), None, options).await.map(Arc::new)
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, answers: &Answers, log: &Log) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    if stream.read_line(&mut first).await.unwrap_or_default() == 0 {
        return;
    }
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.unwrap();
        if let Some(text) = header.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if header.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let path = first.split(' ').nth(1).unwrap().to_owned();
    let (code, body) = answers(&path);
    log.lock().unwrap().push(path);
    let body = match body {
        Value::Array(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let head = format!(
        "HTTP/1.1 {code} Answer\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A client that is gone needs no answer.
    drop(stream.write_all(format!("{head}{body}").as_bytes()).await);
    drop(stream.shutdown().await);
}
