//! What is sent to the bridge: too long, too deep, and before anybody is known.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Rig;

/// Long enough for a loaded machine; a test that gets here fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the head of a call that promises a body of this length, then as much of it as `sent`; the answer is the first
/// line of what comes back.
async fn promise(rig: &Rig, cookie: &str, length: usize, sent: usize) -> String {
    let stream = TcpStream::connect(("127.0.0.1", rig.port)).await.unwrap();
    let head = format!(
        "POST /ipc/app_info HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
        host = rig.host()
    );
    let (mut reading, mut writing) = stream.into_split();
    tokio::spawn(async move {
        // Whoever refuses to read more may close before all of it is written.
        let _ = writing.write_all(head.as_bytes()).await;
        let _ = writing.write_all(&vec![b' '; sent]).await;
        std::future::pending::<()>().await;
    });
    let mut buffer = [0; 64];
    let count = tokio::time::timeout(PATIENCE, reading.read(&mut buffer)).await.expect("an answer").unwrap();
    String::from_utf8_lossy(&buffer[..count]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_not_read_to_its_end() {
    let rig = Rig::start().await;
    // The rest never comes: who waits for all of it does not answer.
    assert!(promise(&rig, &rig.cookie, 1 << 30, 17 << 20).await.contains("413"), "a gigabyte");
    assert_eq!(rig.call(&[]).await.status, 200, "the page goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_is_read_of_somebody_who_is_not_signed_in() {
    let rig = Rig::start().await;
    assert!(promise(&rig, "", 1_000, 0).await.contains("403"), "refused before the body is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_request_is_an_error_and_no_end() {
    let rig = Rig::start().await;
    let nested = "[".repeat(1_000_000);
    for (what, body) in [("nothing", ""), ("no JSON", "{"), ("nested", nested.as_str())] {
        let answer = rig.call_with(&[], body).await;
        assert_eq!(answer.status, 400, "{what}");
        assert!(answer.body.contains("bad-request"), "{what}: {}", answer.body);
    }
    assert_eq!(rig.call(&[]).await.status, 200, "the page goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_says_much_is_closed() {
    let rig = Rig::start().await;
    let (answer, mut stream) = rig.socket(&[]).await;
    assert_eq!(answer.status, 101);
    // One text frame of 64 KiB, masked as a browser does, with a mask of zeros.
    let mut frame = vec![0x81, 0xff];
    frame.extend_from_slice(&65_536_u64.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.resize(frame.len() + 65_536, b'x');
    // It may be closed while this is still being sent.
    let _ = stream.write_all(&frame).await;
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the socket stays open");
}
