//! A bridge over a real socket, and requests as programs other than a browser can send them.

mod answers;
mod attacks;
mod bodies;

use slipway_api::{Api, ApiOptions, Folders, Shell};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{ServeOptions, Server};

/// A bridge that serves, and a browser that has opened the printed address.
struct Rig {
    _folder: tempfile::TempDir,
    port: u16,
    token: String,
    cookie: String,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// A header by its name in small letters.
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A request as a program other than a browser can send it: every header is free.
struct Request<'a> {
    line: &'a str,
    headers: Vec<(&'a str, String)>,
    body: &'a str,
}

async fn send(port: u16, request: &Request<'_>) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut text = format!("{} HTTP/1.1\r\n", request.line);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!(
        "content-length: {}\r\nconnection: close\r\n\r\n{}",
        request.body.len(),
        request.body
    ));
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    // A socket that was upgraded stays open: its head is all there is to read.
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        answer.extend_from_slice(&buffer[..count]);
        if count == 0 || answer.starts_with(b"HTTP/1.1 101") {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

impl Rig {
    /// A bridge whose printed address nobody opened yet.
    async fn unopened() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = ApiOptions {
            shell: Shell::Browser,
            initial_repository: None,
            folders: Some(Folders::below(folder.path())),
        };
        let server = Server::bind(Api::start(options).await.unwrap(), ServeOptions::default()).await.unwrap();
        let address = server.address();
        let (origin, token) = address.split_once("/?token=").unwrap();
        let port: u16 = origin.rsplit(':').next().unwrap().parse().unwrap();
        tokio::spawn(server.run());
        Self { _folder: folder, port, token: token.to_owned(), cookie: String::new() }
    }

    /// A bridge and the browser that opened its printed address.
    async fn start() -> Self {
        let mut rig = Self::unopened().await;
        let first = rig.open(&format!("GET /?token={}", rig.token), &[]).await;
        assert_eq!(first.status, 303, "the printed address signs in");
        rig.cookie = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        rig
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Loads a page, with these headers in the place of the right ones.
    async fn open(&self, line: &str, changed: &[(&str, &str)]) -> Answer {
        let mut headers = vec![("host", self.host()), ("cookie", self.cookie.clone())];
        apply(&mut headers, changed);
        send(self.port, &Request { line, headers, body: "" }).await
    }

    /// Calls a command as the page does, with these headers in the place of the right ones.
    async fn call(&self, changed: &[(&str, &str)]) -> Answer {
        self.call_with(changed, "{}").await
    }

    /// As [`Self::call`], with a body.
    async fn call_with(&self, changed: &[(&str, &str)], body: &str) -> Answer {
        let mut headers = vec![
            ("host", self.host()),
            ("origin", format!("http://{}", self.host())),
            ("cookie", self.cookie.clone()),
            ("content-type", "application/json".to_owned()),
        ];
        apply(&mut headers, changed);
        send(self.port, &Request { line: "POST /ipc/app_info", headers, body }).await
    }

    /// Opens the socket of events as the page does, with these headers in the place of the right ones.
    async fn listen(&self, changed: &[(&str, &str)]) -> Answer {
        self.socket(changed).await.0
    }

    /// As [`Self::listen`], with the connection.
    async fn socket(&self, changed: &[(&str, &str)]) -> (Answer, TcpStream) {
        let mut headers = vec![
            ("host", self.host()),
            ("origin", format!("http://{}", self.host())),
            ("cookie", self.cookie.clone()),
            ("upgrade", "websocket".to_owned()),
            ("sec-websocket-version", "13".to_owned()),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==".to_owned()),
        ];
        apply(&mut headers, changed);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let mut text = "GET /events HTTP/1.1\r\nconnection: upgrade\r\n".to_owned();
        for (name, value) in &headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        let head = String::from_utf8_lossy(&buffer[..count]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (Answer { status, head, body: String::new() }, stream)
    }
}

/// Replaces headers; an empty value leaves the header out.
fn apply<'a>(headers: &mut Vec<(&'a str, String)>, changed: &[(&'a str, &str)]) {
    for (name, value) in changed {
        headers.retain(|(other, _)| other != name);
        if !value.is_empty() {
            headers.push((name, (*value).to_owned()));
        }
    }
}
