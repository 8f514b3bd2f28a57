//! Attacks on the bridge over a real socket. Each begins with a request that is allowed, so that a refusal says
//! something, and changes one thing.

use serde_json::Value;
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
    async fn start() -> Self {
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
        let mut rig = Self { _folder: folder, port, token: token.to_owned(), cookie: String::new() };
        let first = rig.open(&format!("GET /?token={token}"), &[]).await;
        assert_eq!(first.status, 303, "the printed address signs in");
        let cookie = first.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        rig.cookie = cookie.split(';').next().unwrap().to_owned();
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
        let mut headers = vec![
            ("host", self.host()),
            ("origin", format!("http://{}", self.host())),
            ("cookie", self.cookie.clone()),
            ("content-type", "application/json".to_owned()),
        ];
        apply(&mut headers, changed);
        send(self.port, &Request { line: "POST /ipc/app_info", headers, body: "{}" }).await
    }

    /// Opens the socket of events as the page does, with these headers in the place of the right ones.
    async fn listen(&self, changed: &[(&str, &str)]) -> Answer {
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
        Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body: String::new() }
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

#[tokio::test(flavor = "multi_thread")]
async fn the_page_itself_may_call_and_listen() {
    let rig = Rig::start().await;
    let answer = rig.call(&[]).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    let body = answer.body.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["shell"], "browser");
    assert_eq!(rig.listen(&[]).await.status, 101);
    let page = rig.open("GET /", &[]).await;
    assert!(page.status == 200 || page.status == 503, "the page may not be built in: {}", page.status);
    assert!(page.head.contains("content-security-policy") && page.head.contains("frame-ancestors 'none'"));
    let foreign = page.head.to_lowercase();
    assert!(!foreign.contains("access-control-allow-origin"), "no other site may read answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_call_or_listen() {
    let rig = Rig::start().await;
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", ""] {
        assert_eq!(rig.call(&[("origin", origin)]).await.status, 403, "call from `{origin}`");
        assert_eq!(rig.listen(&[("origin", origin)]).await.status, 403, "socket from `{origin}`");
    }
    assert_eq!(rig.open("GET /index.html", &[("origin", "http://evil.example")]).await.status, 403);
    assert_eq!(rig.call(&[]).await.status, 200, "the page goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_bound_to_loopback_is_refused() {
    let rig = Rig::start().await;
    let rebound = format!("evil.example:{}", rig.port);
    // With the origin of the same name, as a browser sends it after the name was bound anew.
    let origin = format!("http://{rebound}");
    let changed = [("host", rebound.as_str()), ("origin", origin.as_str())];
    assert_eq!(rig.call(&changed).await.status, 403);
    assert_eq!(rig.listen(&changed).await.status, 403);
    for line in ["GET /", "GET /index.html"] {
        assert_eq!(rig.open(line, &[("host", &rebound)]).await.status, 403, "{line}");
    }
    let other_port = "127.0.0.1:1";
    assert_eq!(rig.open("GET /", &[("host", other_port)]).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_once_and_a_guess_is_not() {
    let rig = Rig::start().await;
    let no_cookie = [("cookie", "")];
    let used = rig.open(&format!("GET /?token={}", rig.token), &no_cookie).await;
    assert_eq!(used.status, 403, "the second use");
    assert!(!used.head.to_lowercase().contains("set-cookie"));
    for token in ["", "guess", &rig.token[..rig.token.len() - 1], &format!("{}x", rig.token)] {
        assert_eq!(rig.open(&format!("GET /?token={token}"), &no_cookie).await.status, 403, "`{token}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_cookie_nothing_is_told() {
    let rig = Rig::start().await;
    let name = rig.cookie.split('=').next().unwrap().to_owned();
    for cookie in ["".to_owned(), format!("{name}=guess"), "slipway-1=x".to_owned()] {
        let changed = [("cookie", cookie.as_str())];
        assert_eq!(rig.call(&changed).await.status, 403, "`{cookie}`");
        assert_eq!(rig.listen(&changed).await.status, 403, "`{cookie}`");
        assert_eq!(rig.open("GET /index.html", &changed).await.status, 403, "`{cookie}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_cannot_call() {
    let rig = Rig::start().await;
    // The kinds of body that a form can send without being asked first, also where no origin is sent.
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""] {
        let foreign = [("content-type", kind), ("origin", "http://evil.example")];
        assert_eq!(rig.call(&foreign).await.status, 403, "`{kind}` from elsewhere");
        assert_eq!(rig.call(&[("content-type", kind), ("origin", "")]).await.status, 403, "`{kind}`");
        // The rule about the body holds by itself, where a browser should send the wrong origin.
        assert_eq!(rig.call(&[("content-type", kind)]).await.status, 415, "`{kind}` from here");
    }
    let get = rig.open("GET /ipc/app_info", &[]).await;
    assert_ne!(get.status, 200, "a link cannot call");
}
