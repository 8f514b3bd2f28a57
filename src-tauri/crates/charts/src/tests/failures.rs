use super::server::{Reply, Server};
use super::*;
use crate::{ChartError, NetworkFailure};

/// Fetches `web` of a server that answers `/index.yaml` and everything else so.
fn error_of(name: &str, version: &str, index: Reply, archive: Reply) -> (String, ChartError) {
    let server = Server::start(move |asked| match asked.path() {
        "/index.yaml" => index.clone(),
        _ => archive.clone(),
    });
    let error = store().fetch(&request(&server.url, name, version), &as_ada()).unwrap_err();
    let text = error.to_string().replace(&server.url, "SERVER");
    (text, error)
}

fn listed() -> Reply {
    let archive = sha256(&chart("web", "1.0.0"));
    Reply::ok(index(&[
        ("web", "1.0.0", "web.tgz", &archive),
        ("web", "1.1.0", "web.tgz", ""),
        ("web", "2.0.0-rc.1", "web.tgz", ""),
        ("pre", "1.0.0-rc.1", "web.tgz", ""),
        ("odd", "1.0.0", "ftp://host/web.tgz", ""),
    ]))
}

#[test]
fn a_failure_says_what_where_and_why() {
    let ok = || Reply::ok(chart("web", "1.0.0"));
    let page = || Reply::ok("<!DOCTYPE html><html></html>").with("Content-Type", "text/html");
    let table = [
        (
            error_of("web", "", Reply::status(404), ok()),
            "SERVER/index.yaml is no chart repository: there is no `index.yaml`",
        ),
        (
            error_of("web", "", page(), ok()),
            "SERVER/index.yaml is no chart repository: a web page (HTML) lies where its `index.yaml` should be",
        ),
        (
            error_of("web", "", Reply::status(403), ok()),
            "SERVER refuses access to SERVER/index.yaml (403): the saved credentials are not accepted",
        ),
        (
            error_of("web", "", Reply::status(503), ok()),
            "SERVER/index.yaml answered 503: Service Unavailable",
        ),
        (error_of("wbe", "", listed(), ok()), "SERVER/ has no chart `wbe`"),
        (error_of("web", "^3", listed(), ok()), "chart `web` of SERVER/ has no version that is `^3`"),
        (error_of("pre", "", listed(), ok()), "chart `pre` of SERVER/ has no version that is no pre-release"),
        (
            error_of("web", "newest", listed(), ok()),
            "`newest` is neither a version nor a range of versions: improper constraint: \"newest\"",
        ),
        (
            error_of("odd", "", listed(), ok()),
            "SERVER/index.yaml does not lead to the archive of a chart: `ftp://host/web.tgz` is no address of an archive: `ftp` is not supported",
        ),
        (
            error_of("web", "1.1.0", listed(), page()),
            "what SERVER/web.tgz gives is no chart: gzip: invalid header",
        ),
        (
            error_of("web", "1.1.0", listed(), Reply::ok(pack(&[("web/values.yaml", "")]))),
            "what SERVER/web.tgz gives is no chart: it has no Chart.yaml",
        ),
        (
            error_of("web", "1.1.0", listed(), Reply::ok("").of_length(1 << 40)),
            "SERVER/web.tgz has more than the 104857600 bytes that are read",
        ),
        (
            error_of("web", "1.1.0", listed(), Reply::redirect("/web.tgz")),
            "SERVER/web.tgz leads to SERVER/web.tgz, which is not followed: there are too many redirects",
        ),
        (
            error_of("web", "1.1.0", listed(), Reply::redirect("file:///etc/passwd")),
            "SERVER/web.tgz leads to file:///etc/passwd, which is not followed: it is not `https` or `http`",
        ),
        (
            error_of("web", "", Reply::hang(), ok()),
            "cannot reach SERVER/index.yaml: nothing came for 0 seconds",
        ),
    ];
    for ((text, _), expected) in &table {
        assert_eq!(text, expected);
    }
    let hints = |at: usize| table[at].0.1.hints();
    assert_eq!(hints(4), ["it has web"]);
    assert_eq!(hints(5), ["it has 2.0.0-rc.1, 1.1.0, 1.0.0"]);
    assert!(hints(2)[0].starts_with("save another user and password for http://127.0.0.1:"));
}

#[test]
fn what_is_not_as_announced_is_not_kept() {
    let (text, error) = error_of("web", "1.0.0", listed(), Reply::ok(chart("web", "9.9.9")));
    assert!(matches!(error, ChartError::Digest { .. }), "{text}");
    let whole = chart("web", "1.0.0");
    let half = Reply::ok(&whole[..whole.len() / 2]).of_length(whole.len() as u64);
    let (text, error) = error_of("web", "1.0.0", listed(), half);
    assert!(matches!(error, ChartError::Network { kind: NetworkFailure::Answer, .. }), "{text}");
}

#[test]
fn an_address_that_cannot_be_used_says_so() {
    let fetch = |repository: &str, name: &str| {
        store().fetch(&request(repository, name, ""), &Access::anonymous()).unwrap_err()
    };
    for (repository, name, expected) in [
        ("file:///charts", "web", "cannot fetch from `file:///charts`: `file` is not supported"),
        ("@bitnami", "web", "cannot fetch from `@bitnami`: relative URL without a base"),
        ("https://host", "", "cannot fetch from `https://host`: the name of the chart is missing"),
        (
            "git+https://u:p@host/x",
            "web",
            "cannot fetch from `git+https://host/x`: `git+https` is not supported",
        ),
    ] {
        assert_eq!(fetch(repository, name).to_string(), expected);
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = fetch(&format!("http://{address}"), "web");
    assert!(matches!(error, ChartError::Network { kind: NetworkFailure::Connection, .. }), "{error}");
    let error = fetch("http://charts.invalid", "web");
    assert!(matches!(error, ChartError::Network { kind: NetworkFailure::Name, .. }), "{error}");
    let plain = Server::start(|_| Reply::status(400));
    let error = fetch(&plain.url.replace("http", "https"), "web");
    assert!(matches!(error, ChartError::Network { kind: NetworkFailure::Encryption, .. }), "{error}");
}
