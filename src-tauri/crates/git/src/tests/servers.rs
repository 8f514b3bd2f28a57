//! Real Git servers on loopback: `git http-backend` behind a small web server, and `sshd`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;

use super::Rig;

/// Serves the bare repositories below `root`, with basic authentication when a password is given. The thread ends
/// with the process.
pub(crate) fn http(root: &Path, credential: Option<(&str, &str)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let expected = credential.map(|(user, password)| {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
    });
    let root = root.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, expected) = (root.clone(), expected.clone());
            std::thread::spawn(move || drop(answer(stream, &root, expected.as_deref())));
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// A server that accepts connections and never answers.
pub(crate) fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let kept: Vec<_> = listener.incoming().collect();
        drop(kept);
    });
    format!("http://127.0.0.1:{port}")
}

fn answer(stream: TcpStream, root: &Path, expected: Option<&str>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, target) =
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
                None => break,
            };
        }
        let header = |name: &str| headers.get(name).map_or("", String::as_str);
        if header("expect") == "100-continue" {
            out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = body(&mut reader, &headers)?;
        if expected.is_some_and(|expected| header("authorization") != expected) {
            out.write_all(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        }
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut child = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REMOTE_USER", "ada")
            .env("REQUEST_METHOD", &method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("CONTENT_LENGTH", body.len().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&body));
        let output = child.wait_with_output()?;
        drop(writer.join());
        let split = output.stdout.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
        let (head, content) = output.stdout.split_at(split);
        let head = String::from_utf8_lossy(head);
        let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
        let content = content.get(4..).unwrap_or_default();
        write!(out, "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\n\r\n", content.len())?;
        out.write_all(content)?;
    }
}

fn body(reader: &mut impl BufRead, headers: &HashMap<String, String>) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if headers.get("transfer-encoding").map(String::as_str) == Some("chunked") {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
            reader.by_ref().take(size).read_to_end(&mut body)?;
            reader.read_line(&mut String::new())?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut body)?;
    Ok(body)
}

/// An `sshd` of its own: host key, port, authorized key.
pub(crate) struct Sshd {
    child: Child,
    pub(crate) port: u16,
    pub(crate) fingerprint: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Sshd {
    /// `None` where there is none, or where the user may not start it.
    pub(crate) fn start(rig: &Rig, authorized: &Path) -> Option<Self> {
        let program = Path::new("/usr/sbin/sshd");
        // Separating privileges needs this directory, which only root can make.
        if !program.is_file() || std::fs::create_dir_all("/run/sshd").is_err() {
            return None;
        }
        let folder = rig.path("sshd");
        std::fs::create_dir_all(&folder).unwrap();
        let key = folder.join("host_key");
        keygen(&key);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.join("config");
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
             StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n",
            key.display(),
            authorized.display(),
        );
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > Duration::from_secs(10) || child.try_wait().unwrap().is_some() {
                drop(child.kill());
                drop(child.wait());
                return None;
            }
            std::thread::yield_now();
        }
        let shown = Command::new("ssh-keygen").arg("-lf").arg(key.with_extension("pub")).output().unwrap();
        let fingerprint = String::from_utf8_lossy(&shown.stdout).split(' ').nth(1).unwrap().to_owned();
        Some(Self { child, port, fingerprint })
    }
}

/// Makes a key without a passphrase.
pub(crate) fn keygen(path: &Path) -> PathBuf {
    let output =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    path.with_extension("pub")
}
