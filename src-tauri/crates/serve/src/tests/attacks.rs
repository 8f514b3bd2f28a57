//! Attacks on the bridge. Each begins with a request that is allowed, so that a refusal says something, and changes
//! one thing.

use serde_json::Value;

use super::Rig;

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
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_call_or_listen() {
    let rig = Rig::start().await;
    // Another port of this machine gets our cookie, because cookies do not tell ports apart: the origin does.
    let other_name = format!("http://localhost:{}", rig.port);
    let other_scheme = format!("https://{}", rig.host());
    let origins = [
        "http://evil.example",
        "null",
        &other_scheme,
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        &other_name,
        "",
    ];
    for origin in origins {
        assert_eq!(rig.call(&[("origin", origin)]).await.status, 403, "call from `{origin}`");
        assert_eq!(rig.listen(&[("origin", origin)]).await.status, 403, "socket from `{origin}`");
    }
    for line in ["GET /", "GET /index.html"] {
        assert_eq!(rig.open(line, &[("origin", "http://evil.example")]).await.status, 403, "{line}");
    }
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
async fn only_the_right_visit_spends_the_token() {
    let mut rig = Rig::unopened().await;
    let opens = format!("GET /?token={}", rig.token);
    let guess = rig.open("GET /?token=guess", &[]).await;
    assert_eq!((guess.status, guess.header("set-cookie")), (403, None));
    // A rebound name that learned the address, and the page of another port.
    assert_eq!(rig.open(&opens, &[("host", "evil.example")]).await.status, 403);
    assert_eq!(rig.open(&opens, &[("origin", "http://127.0.0.1:1")]).await.status, 403);
    // A preview of the link only looks.
    let preview = rig.open(&opens.replace("GET", "HEAD"), &[]).await;
    assert_eq!((preview.status, preview.header("set-cookie")), (405, None));
    let visit = rig.open(&opens, &[]).await;
    assert_eq!(
        (visit.status, visit.header("location")),
        (303, Some("/")),
        "the address has no token any more"
    );
    rig.cookie = visit.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(rig.open(&opens, &[]).await.status, 303, "a bookmark of the address works where it was used");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_for_this_server_and_no_script() {
    let rig = Rig::unopened().await;
    let visit = rig.open(&format!("GET /?token={}", rig.token), &[]).await;
    let cookie = visit.header("set-cookie").unwrap().to_owned();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    // No `Domain`, which would give it to other hosts, and no `Expires`, so that it goes with the browser.
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(name, format!("slipway-{}", rig.port), "the name tells servers apart");
    assert_eq!(value.len(), 43, "256 bits");
    assert_ne!(value, rig.token);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn it_listens_on_one_address_of_loopback() {
    let rig = Rig::unopened().await;
    // Every address below 127 leads here: a server for all interfaces would answer.
    assert!(tokio::net::TcpStream::connect(("127.0.0.2", rig.port)).await.is_err());
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", rig.port)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_cookie_nothing_is_told() {
    let rig = Rig::start().await;
    let name = rig.cookie.split('=').next().unwrap().to_owned();
    for cookie in ["".to_owned(), format!("{name}=guess"), "slipway-1=x".to_owned()] {
        let changed = [("cookie", cookie.as_str())];
        assert_eq!(rig.call(&changed).await.status, 403, "`{cookie}`");
        assert_eq!(rig.listen(&changed).await.status, 403, "`{cookie}`");
        for line in ["GET /", "GET /index.html"] {
            assert_eq!(rig.open(line, &changed).await.status, 403, "{line} with `{cookie}`");
        }
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
