use std::cell::RefCell;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use super::server::{Reply, Server};
use super::*;
use crate::Progress;

/// A repository whose charts change while it runs.
fn repository(charts: &Arc<Mutex<Vec<(&'static str, &'static str)>>>) -> Server {
    let charts = Arc::clone(charts);
    Server::start(move |asked| {
        let charts = charts.lock().unwrap();
        if asked.path() == "/charts/index.yaml" {
            let entries: Vec<(String, String)> = charts
                .iter()
                .map(|(name, version)| (format!("{name}-{version}.tgz"), sha256(&chart(name, version))))
                .collect();
            let listed: Vec<(&str, &str, &str, &str)> = charts
                .iter()
                .zip(&entries)
                .map(|((name, version), (file, digest))| (*name, *version, file.as_str(), digest.as_str()))
                .collect();
            let etag = format!("\"{}\"", charts.len());
            if asked.header("if-none-match") == etag {
                return Reply::status(304);
            }
            return Reply::ok(index(&listed)).with("ETag", &etag);
        }
        let found =
            charts.iter().find(|(name, version)| asked.path() == format!("/charts/{name}-{version}.tgz"));
        found.map_or(Reply::status(404), |(name, version)| Reply::ok(chart(name, version)))
    })
}

#[test]
fn a_range_stays_what_it_was_until_it_is_fetched_again() {
    let charts = Arc::new(Mutex::new(vec![
        ("web", "1.2.0"),
        ("web", "1.10.0"),
        ("web", "2.0.0-rc.1"),
        ("db", "3.0.0"),
    ]));
    let server = repository(&charts);
    let repository = format!("{}/charts", server.url);
    let store = store();
    assert!(store.find(&repository, "web", "^1").is_none());
    let brought = store.fetch(&request(&repository, "web", "^1"), &Access::anonymous()).unwrap();
    let archive = chart("web", "1.10.0");
    assert_eq!(brought.version, "1.10.0");
    assert_eq!(brought.digest, format!("sha256:{}", sha256(&archive)));
    assert_eq!(brought.size, archive.len() as u64);
    assert_eq!(server.paths(), ["/charts/index.yaml", "/charts/web-1.10.0.tgz"]);

    charts.lock().unwrap().push(("web", "1.11.0"));
    let before = store.charts();
    assert_eq!(version_of(&store.find(&repository, "web", "^1").unwrap()), "1.10.0");
    assert!(server.paths().is_empty(), "nothing is fetched by itself");
    let again = store.fetch(&request(&repository, "web", "^1"), &Access::anonymous()).unwrap();
    assert_eq!(again.version, "1.11.0");
    assert_eq!(version_of(&store.find(&repository, "web", "^1").unwrap()), "1.11.0");
    let reference = store.list()[0].stored.reference();
    use slipway_model::Remotes as _;
    assert_eq!(
        version_of(&before.find(&reference).unwrap()),
        "1.10.0",
        "a value answers the same as long as it lives"
    );

    for (wanted, version) in [("", "1.11.0"), (">0.0.0-0", "2.0.0-rc.1"), ("1.2.0", "1.2.0")] {
        let found = store.fetch(&request(&repository, "web", wanted), &Access::anonymous()).unwrap();
        assert_eq!(found.version, version, "{wanted}");
    }
    // Another start sees the same.
    let reopened = ChartStore::open(store.folder.path()).unwrap();
    assert_eq!(reopened.list(), store.list());
    assert_eq!(version_of(&reopened.find(&repository, "web", "^1").unwrap()), "1.11.0");
}

#[test]
fn an_index_that_did_not_change_is_not_read_again() {
    let charts = Arc::new(Mutex::new(vec![("web", "1.0.0")]));
    let server = repository(&charts);
    let repository = format!("{}/charts/", server.url);
    let store = store();
    for round in ["", "\"1\"", "\"1\""] {
        store.fetch(&request(&repository, "web", ""), &Access::anonymous()).unwrap();
        let asked = server.asked().into_iter().rfind(|asked| asked.path() == "/charts/index.yaml").unwrap();
        assert_eq!(asked.header("if-none-match"), round);
    }
    // A kept index that was damaged is asked for as if there were none.
    let indexes: Vec<_> = std::fs::read_dir(store.folder.path().join("indexes")).unwrap().flatten().collect();
    assert_eq!(indexes.len(), 1);
    std::fs::write(indexes[0].path(), "{\"url\":").unwrap();
    store.fetch(&request(&repository, "web", ""), &Access::anonymous()).unwrap();
    let asked = server.asked().into_iter().rfind(|asked| asked.path() == "/charts/index.yaml").unwrap();
    assert_eq!(asked.header("if-none-match"), "");
}

#[test]
fn an_index_may_be_packed_and_progress_is_told() {
    let text = index(&[("web", "1.0.0", "web.tgz", "")]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let server = Server::start(move |asked| match asked.path() {
        "/index.yaml" => Reply::ok(packed.clone()).with("Content-Encoding", "gzip"),
        _ => Reply::ok(chart("web", "1.0.0")),
    });
    let told = RefCell::new(Vec::new());
    let tell = |progress| told.borrow_mut().push(progress);
    let access = Access { progress: &tell, ..Access::anonymous() };
    let brought = store().fetch(&request(&server.url, "web", "1.0.0"), &access).unwrap();
    let told = told.into_inner();
    assert_eq!(told[0], Progress::Asking { url: format!("{}/index.yaml", server.url) });
    let url = format!("{}/web.tgz", server.url);
    assert_eq!(told[3], Progress::Receiving { url, received: brought.size, total: Some(brought.size) });
    let asked = server.asked();
    assert_eq!(asked[0].header("accept-encoding"), "gzip");
    assert_eq!(
        asked[1].header("accept-encoding"),
        "identity",
        "an archive keeps the bytes that its digest is of"
    );
}

#[test]
fn credentials_go_to_the_repository_and_no_further() {
    let other = Server::start(|_| Reply::ok(chart("web", "1.0.0")));
    let elsewhere = format!("{}/web.tgz", other.url);
    let listed = index(&[
        ("web", "1.0.0", "web.tgz", ""),
        ("far", "1.0.0", &elsewhere, ""),
        ("led", "1.0.0", "led.tgz", ""),
    ]);
    let target = elsewhere;
    let server = Server::start(move |asked| match (asked.header("authorization"), asked.path()) {
        (ADA, "/index.yaml") => Reply::ok(listed.clone()),
        (ADA, "/led.tgz") => Reply::redirect(&target),
        (ADA, "/web.tgz") => Reply::ok(chart("web", "1.0.0")),
        _ => Reply::status(401),
    });
    let store = store();
    let refused = store.fetch(&request(&server.url, "web", ""), &Access::anonymous()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("{0} refuses access to {0}/index.yaml (401): it needs credentials", server.url)
    );
    let hint =
        format!("save a user and a password or token for {} in Settings, under Credentials", server.url);
    assert_eq!(refused.hints(), [hint]);

    let sent = || other.asked().last().unwrap().header("authorization").to_owned();
    store.fetch(&request(&server.url, "web", ""), &as_ada()).unwrap();
    for name in ["far", "led"] {
        store.fetch(&request(&server.url, name, ""), &as_ada()).unwrap();
        assert_eq!(sent(), "", "{name}");
    }
    let passing = ChartRequest { pass_credentials: true, ..request(&server.url, "far", "") };
    store.fetch(&passing, &as_ada()).unwrap();
    assert_eq!(sent(), ADA);

    // Those in the address come before others, and are shown nowhere.
    let inside = server.url.replace("http://", "http://ada:secret@");
    let nobody = |_: &str| -> Option<Credential> { panic!("the address has credentials") };
    let access = Access { credentials: &nobody, ..Access::anonymous() };
    store.fetch(&request(&inside, "web", ""), &access).unwrap();
    let error = store.fetch(&request(&inside, "none", ""), &access).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_large_index_is_read_as_a_stream() {
    let mut text = "apiVersion: v1\nentries:\n".to_owned();
    for chart in 0..40 {
        text.push_str(&format!("  chart-{chart}:\n"));
        for version in 0..50 {
            text.push_str(&format!(
                "  - apiVersion: v2\n    name: chart-{chart}\n    version: 1.{version}.0\n    description: |\n      Some words about it: \"quoted\".\n    urls:\n    - web.tgz\n"
            ));
        }
    }
    let server = Server::start(move |asked| match asked.path() {
        "/index.yaml" => Reply::ok(text.clone()),
        _ => Reply::ok(chart("chart-39", "1.49.0")),
    });
    let store = store();
    let found = store.fetch(&request(&server.url, "chart-39", "~1"), &Access::anonymous()).unwrap();
    assert_eq!(found.version, "1.49.0");
}
