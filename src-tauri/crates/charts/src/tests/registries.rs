//! A registry of the OCI distribution specification, as much of it as a client that pulls can see.

use serde_json::json;

use super::server::{Asked, Reply, Server};
use super::*;
use crate::ChartError;

const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";

/// What lies in the registry.
#[derive(Clone, Default)]
struct Content {
    /// Tag and manifest of `charts/web`.
    manifests: Vec<(String, Vec<u8>)>,
    blobs: Vec<Vec<u8>>,
}

impl Content {
    /// Adds a chart as `helm push` does, with a signature beside it.
    fn push(&mut self, tag: &str, archive: Vec<u8>) {
        let blob = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len()});
        let manifest = json!({
            "schemaVersion": 2,
            "config": blob(CONFIG, b"{}"),
            "layers": [blob(PROVENANCE, b"signed"), blob(CHART, &archive)],
        });
        self.manifests.push((tag.to_owned(), serde_json::to_vec(&manifest).unwrap()));
        self.blobs.push(archive);
    }

    fn with(versions: &[(&str, &str)]) -> Self {
        let mut content = Self::default();
        for (tag, version) in versions {
            content.push(tag, chart("web", version));
        }
        content
    }

    fn digest(&self, tag: &str) -> String {
        let (_, manifest) = self.manifests.iter().find(|(known, _)| known == tag).unwrap();
        format!("sha256:{}", sha256(manifest))
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let Some(rest) = asked.path().strip_prefix("/v2/charts/web/") else {
            return Reply::status(404);
        };
        if rest == "tags/list" {
            return self.tags(asked);
        }
        if let Some(reference) = rest.strip_prefix("manifests/") {
            assert!(asked.header("accept").contains("application/vnd.oci.image.manifest.v1+json"));
            let found = self.manifests.iter().find(|(tag, manifest)| {
                tag == reference || format!("sha256:{}", sha256(manifest)) == reference
            });
            return found.map_or(Reply::status(404), |(tag, manifest)| {
                Reply::ok(manifest.clone()).with("Docker-Content-Digest", &self.digest(tag))
            });
        }
        let digest = rest.strip_prefix("blobs/sha256:").unwrap_or_default();
        let found = self.blobs.iter().find(|blob| sha256(blob) == digest);
        found.map_or(Reply::status(404), |blob| Reply::ok(blob.clone()))
    }

    /// Two tags a page.
    fn tags(&self, asked: &Asked) -> Reply {
        let all: Vec<&String> = self.manifests.iter().map(|(tag, _)| tag).collect();
        let after = asked.query("last").and_then(|last| all.iter().position(|tag| **tag == last));
        let rest = &all[after.map_or(0, |at| at + 1)..];
        let page = &rest[..rest.len().min(2)];
        let reply = Reply::ok(serde_json::to_vec(&json!({"name": "charts/web", "tags": page})).unwrap());
        match page.last() {
            Some(last) if rest.len() > 2 => {
                let last = last.replace('+', "%2B");
                reply.with("Link", &format!("</v2/charts/web/tags/list?n=2&last={last}>; rel=\"next\""))
            }
            _ => reply,
        }
    }
}

fn address(server: &Server) -> String {
    format!("oci://{}/charts", server.host())
}

#[test]
fn versions_are_found_among_the_tags_of_all_pages() {
    let content = Content::with(&[
        ("1.0.0", "1.0.0"),
        ("latest", "9.9.9"),
        ("1.2.0_build.5", "1.2.0+build.5"),
        ("v3.0.0", "3.0.0"),
        ("2.0.0-rc.1", "2.0.0-rc.1"),
        ("1.1.0", "1.1.0"),
    ]);
    let digest = content.digest("1.0.0");
    let served = content;
    let server = Server::start(move |asked| served.answer(asked));
    let store = store();
    let pinned = format!("1.0.0@{digest}");
    for (wanted, version, chart) in [
        ("", "1.2.0+build.5", "1.2.0+build.5"),
        ("~1.1", "1.1.0", "1.1.0"),
        ("1.2.0+build.5", "1.2.0+build.5", "1.2.0+build.5"),
        (">0.0.0-0", "2.0.0-rc.1", "2.0.0-rc.1"),
        (&digest, &digest, "1.0.0"),
        (&pinned, &pinned, "1.0.0"),
    ] {
        let found = store.fetch(&request(&address(&server), "web", wanted), &Access::anonymous()).unwrap();
        assert_eq!(found.version, version, "{wanted}");
        assert_eq!(version_of(&store.find(&address(&server), "web", wanted).unwrap()), chart);
    }
    server.paths();
    store.fetch(&request(&format!("{}/web", address(&server)), "", "1.0.0"), &Access::anonymous()).unwrap();
    assert_eq!(server.paths()[0], "/v2/charts/web/manifests/1.0.0", "an exact version asks for no tags");
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let content = Content::with(&[("1.0.0", "1.0.0"), ("1.1.0", "1.1.0")]);
    let server = Server::start(move |asked| content.answer(asked));
    for wanted in ["1.5.0", "^2", "sha256:0000000000000000000000000000000000000000000000000000000000000000"] {
        let error =
            store().fetch(&request(&address(&server), "web", wanted), &Access::anonymous()).unwrap_err();
        let expected =
            format!("chart `web` of oci://{}/charts has no version that is `{wanted}`", server.host());
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.hints(), ["it has 1.1.0, 1.0.0"]);
    }
    let error = store().fetch(&request(&address(&server), "none", ""), &Access::anonymous()).unwrap_err();
    assert_eq!(error.to_string(), format!("oci://{}/charts has no chart `none`", server.host()));
}

#[test]
fn a_token_is_got_where_the_registry_asks_for_one() {
    let content = Content::with(&[("1.0.0", "1.0.0")]);
    let tokens = Server::start(|asked| {
        let user = if asked.header("authorization") == ADA { "ada" } else { "anybody" };
        assert_eq!(asked.query("service").as_deref(), Some("registry"));
        assert_eq!(asked.query("scope").as_deref(), Some("repository:charts/web:pull"));
        Reply::ok(format!("{{\"token\": \"of-{user}\"}}"))
    });
    let realm = format!(
        "Bearer realm=\"{}/token\",service=\"registry\",scope=\"repository:charts/web:pull\"",
        tokens.url
    );
    let server = Server::start(move |asked| match asked.header("authorization") {
        "Bearer of-ada" => content.answer(asked),
        "Bearer of-anybody" => Reply::status(403),
        _ => Reply::status(401).with("WWW-Authenticate", &realm),
    });
    store().fetch(&request(&address(&server), "web", "1.0.0"), &as_ada()).unwrap();
    assert_eq!(tokens.paths(), ["/token"], "one token is enough for manifest and archive");
    let error = store().fetch(&request(&address(&server), "web", "1.0.0"), &Access::anonymous()).unwrap_err();
    assert!(matches!(error, ChartError::Unauthorized { status: 403, had_credentials: false, .. }), "{error}");
    assert!(error.hints()[0].contains(&server.url), "{:?}", error.hints());
}

#[test]
fn a_password_goes_to_no_token_server_without_encryption() {
    let server = Server::start(|_| {
        Reply::status(401).with("WWW-Authenticate", "Bearer realm=\"http://tokens.invalid/t\",service=\"x\"")
    });
    let error = store().fetch(&request(&address(&server), "web", ""), &as_ada()).unwrap_err();
    let expected = format!(
        "{} leads to http://tokens.invalid/t, which is not followed: its token server is not encrypted",
        server.url
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_password_is_sent_when_it_is_asked_for_and_not_to_where_blobs_lie() {
    let content = Content::with(&[("1.0.0", "1.0.0")]);
    let storage = content.clone();
    let storage = Server::start(move |asked| storage.answer(asked));
    let place = storage.url.clone();
    let server = Server::start(move |asked| match asked.header("authorization") {
        "" => Reply::status(401).with("WWW-Authenticate", "Basic realm=\"x\""),
        ADA if asked.path().contains("/blobs/") => Reply::redirect(&format!("{place}{}", asked.target)),
        ADA => content.answer(asked),
        _ => Reply::status(401),
    });
    store().fetch(&request(&address(&server), "web", "1.0.0"), &as_ada()).unwrap();
    assert_eq!(storage.asked()[0].header("authorization"), "");
    let error = store().fetch(&request(&address(&server), "web", "1.0.0"), &Access::anonymous()).unwrap_err();
    assert!(matches!(error, ChartError::Unauthorized { status: 401, had_credentials: false, .. }), "{error}");
}

#[test]
fn an_index_of_manifests_leads_to_the_chart() {
    let mut content = Content::with(&[("hidden", "1.0.0")]);
    let image = serde_json::to_vec(&json!({"config": {"mediaType": "x", "digest": "sha256:1"}})).unwrap();
    let named = |bytes: &[u8]| json!({"mediaType": "m", "digest": format!("sha256:{}", sha256(bytes))});
    let list = json!({"manifests": [named(&image), named(&content.manifests[0].1)]});
    content.manifests.push(("1.0.0".to_owned(), serde_json::to_vec(&list).unwrap()));
    content.manifests.push(("2.0.0".to_owned(), image));
    let server = Server::start(move |asked| content.answer(asked));
    let store = store();
    store.fetch(&request(&address(&server), "web", "1.0.0"), &Access::anonymous()).unwrap();
    let error = store.fetch(&request(&address(&server), "web", "2.0.0"), &Access::anonymous()).unwrap_err();
    assert!(error.to_string().contains("it is an image of another kind (`x`), not a chart"), "{error}");
}

#[test]
fn content_that_is_not_what_its_digest_says_is_refused() {
    let content = Content::with(&[("1.0.0", "1.0.0")]);
    let digest = content.digest("1.0.0");
    for (place, wanted) in [("/blobs/", "1.0.0"), ("/manifests/", digest.as_str()), ("/manifests/", "1.0.0")]
    {
        let content = content.clone();
        let announced = digest.clone();
        let server = Server::start(move |asked| {
            if asked.path().contains(place) {
                return Reply::ok("{}").with("Docker-Content-Digest", &announced);
            }
            content.answer(asked)
        });
        let error =
            store().fetch(&request(&address(&server), "web", wanted), &Access::anonymous()).unwrap_err();
        assert!(matches!(error, ChartError::Digest { .. }), "{place} {wanted}: {error}");
    }
}
