//! What a browser may do with an answer.

use super::{Answer, Rig};

fn is_protected(what: &str, answer: &Answer, port: u16) {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let sockets = format!("connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port};");
    for rule in [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        &sockets,
    ] {
        assert!(policy.contains(rule), "{what}: `{rule}` is not in `{policy}`");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    for line in answer.head.lines() {
        assert!(!line.starts_with("access-control-"), "{what} lets another site in: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_protected() {
    let rig = Rig::unopened().await;
    let opens = format!("GET /?token={}", rig.token);
    is_protected("a refusal", &rig.open("GET /", &[]).await, rig.port);
    is_protected("signing in", &rig.open(&opens, &[]).await, rig.port);
    let rig = Rig::start().await;
    for line in
        ["GET /", "GET /index.html", "GET /no-such-file", "DELETE /", "GET /ipc/app_info", "GET /events"]
    {
        is_protected(line, &rig.open(line, &[]).await, rig.port);
    }
    is_protected("a call", &rig.call(&[]).await, rig.port);
    is_protected("a call of no JSON", &rig.call(&[("content-type", "text/plain")]).await, rig.port);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_is_not_told_that_it_may_ask() {
    let rig = Rig::start().await;
    let asks = [
        ("origin", "http://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
        ("access-control-request-private-network", "true"),
    ];
    for line in ["OPTIONS /ipc/app_info", "OPTIONS /", "OPTIONS /events", "OPTIONS /index.html"] {
        let answer = rig.open(line, &asks).await;
        assert!([403, 405].contains(&answer.status), "{line}: {}", answer.status);
        assert!(!answer.head.contains("access-control-"), "{line}: {}", answer.head);
    }
    for line in ["HEAD /ipc/app_info", "PUT /ipc/app_info", "GET /ipc/app_info", "POST /", "POST /index.html"]
    {
        assert_eq!(rig.open(line, &[]).await.status, 405, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_leads_to_files_of_the_page_only() {
    let rig = Rig::start().await;
    for path in [
        "/../Cargo.toml",
        "/assets/../../Cargo.toml",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/etc/passwd",
        "/..\\..\\etc\\passwd",
        "/index.html%00.js",
    ] {
        let answer = rig.open(&format!("GET {path}"), &[]).await;
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:"), "{path}");
    }
}
