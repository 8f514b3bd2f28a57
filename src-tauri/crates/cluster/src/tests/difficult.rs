//! Clusters that do not answer as they should: what is said of each, and that what answers is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;

use super::fake::{self, Answers};
use super::rig;
use crate::{ClusterError, ErrorKind};

fn always(code: u16, body: Value) -> Box<Answers> {
    Box::new(move |_| (code, body.clone()))
}

/// What is said where the version is asked for. The address is left out: its port is another each time.
async fn said_of(answers: Box<Answers>) -> (ErrorKind, String, Vec<String>) {
    let (address, _) = fake::start(answers, None).await;
    let connection = fake::open(&format!("server: 'http://{address}'")).await.unwrap();
    without_address(connection.version().await.unwrap_err(), &address.to_string())
}

fn without_address(failure: ClusterError, address: &str) -> (ErrorKind, String, Vec<String>) {
    (failure.kind, failure.message.replace(address, "HOST"), failure.hints)
}

#[tokio::test]
async fn what_is_no_answer_of_kubernetes_is_told_as_such() {
    let page = "<!DOCTYPE html><html><head><TITLE lang='en'>Sign in to\n the proxy</TITLE></head></html>";
    let unauthorised =
        json!({"kind": "Status", "code": 401, "reason": "Unauthorized", "message": "Unauthorized"});
    for (code, body, kind, message) in [
        (
            200,
            json!(page),
            ErrorKind::Unreachable,
            "what HOST answers is not from a Kubernetes API: “Sign in to the proxy”",
        ),
        (
            200,
            json!("<html>"),
            ErrorKind::Unreachable,
            "what HOST answers is a page, and not from a Kubernetes API",
        ),
        (
            200,
            json!(""),
            ErrorKind::Unreachable,
            "HOST answers with an empty page, which is not from a Kubernetes API",
        ),
        (
            200,
            json!("{\"kind\": \"Sec"),
            ErrorKind::Unreachable,
            "what HOST answers is broken off, or no JSON",
        ),
        (
            403,
            json!(page),
            ErrorKind::Unreachable,
            "a page of something between here and the cluster answers for HOST with 403: “Sign in to the proxy”",
        ),
        (
            407,
            json!("<html></html>"),
            ErrorKind::Unreachable,
            "the proxy on the way to HOST wants to know who is asking (407)",
        ),
        (404, json!("404 page not found\n"), ErrorKind::NotFound, "404 page not found (404)"),
        (401, unauthorised, ErrorKind::Unauthorised, "HOST does not know who is asking (401)"),
    ] {
        let (found, said, hints) = said_of(always(code, body)).await;
        assert_eq!((found, said.as_str()), (kind, message), "{code}");
        assert!(!hints.is_empty() || kind == ErrorKind::NotFound, "{code}: nothing to do about it");
    }
}

/// A certificate of an authority: the one that is trusted or another one, for a name, valid in these years.
fn acceptor(issuer: &CertifiedIssuer<'_, KeyPair>, name: &str, years: (i32, i32)) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(years.1, 2, 1);
    let certificate = parameters.signed_by(&key, issuer).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    TlsAcceptor::from(Arc::new(server))
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn why_a_certificate_is_not_trusted_is_told_in_words() {
    let (trusted, other) = (issuer(), issuer());
    let authority = rcgen_base64(&trusted.pem());
    let now = (2000, 4000);
    for (acceptor, names_authority, message, hint) in [
        (
            acceptor(&other, "127.0.0.1", now),
            true,
            "the certificate of HOST was not made by the authority that the kubeconfig names for it",
            "certificate-authority-data",
        ),
        (
            acceptor(&other, "127.0.0.1", now),
            false,
            "nobody that this machine trusts vouches for the certificate of HOST",
            "names no authority",
        ),
        (
            acceptor(&trusted, "kube.example", now),
            true,
            "the certificate of HOST is for other names: kube.example",
            "tls-server-name",
        ),
        (
            acceptor(&trusted, "127.0.0.1", (2000, 2024)),
            true,
            "the certificate of HOST has expired on 2024-02-01; this machine says it is ",
            "renewed on the cluster",
        ),
        (
            acceptor(&trusted, "127.0.0.1", (3900, 4000)),
            true,
            "the certificate of HOST is not valid before 3900-01-01; this machine says it is ",
            "clock",
        ),
    ] {
        let (address, log) = fake::start(always(200, json!({"gitVersion": "v1.31.0"})), Some(acceptor)).await;
        let vouched = if names_authority {
            format!(", certificate-authority-data: {authority}")
        } else {
            String::new()
        };
        let connection = fake::open(&format!("server: 'https://{address}'{vouched}")).await.unwrap();
        let failure = connection.version().await.unwrap_err();
        let (kind, said, hints) = without_address(failure, &address.to_string());
        assert!(said.starts_with(message), "{said}");
        assert!(kind == ErrorKind::Unreachable && hints[0].contains(hint), "{hints:?}");
        assert!(log.lock().unwrap().is_empty(), "nothing is asked of who is not trusted");
    }
    let (address, _) = fake::start(
        always(200, json!({"gitVersion": "v1.31.0"})),
        Some(acceptor(&trusted, "127.0.0.1", now)),
    )
    .await;
    let server = format!("server: 'https://{address}', certificate-authority-data: {authority}");
    assert_eq!(fake::open(&server).await.unwrap().version().await.unwrap(), "v1.31.0");
}

/// As a kubeconfig holds a certificate.
fn rcgen_base64(pem: &str) -> String {
    let bytes = k8s_openapi::ByteString(pem.as_bytes().to_vec());
    serde_json::to_value(bytes).unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_does_not_speak_what_is_expected_is_told_so() {
    let (plain, _) = fake::start(always(200, json!({})), None).await;
    let failure =
        fake::open(&format!("server: 'https://{plain}'")).await.unwrap().version().await.unwrap_err();
    let (_, said, hints) = without_address(failure, &plain.to_string());
    assert_eq!(said, "HOST closed the connection before TLS was agreed on");
    assert!(hints[0].contains("plain HTTP"));

    let refused = fake::open("server: 'http://127.0.0.1:1'").await.unwrap().version().await.unwrap_err();
    assert_eq!(refused.message, "nothing listens at 127.0.0.1:1: Connection refused (os error 111)");
    assert!(refused.hints[0].contains("reachable from here"));

    let (proxy, _) = fake::start(always(403, json!("<html></html>")), None).await;
    let server = format!("server: 'https://cluster.example:6443', proxy-url: 'http://jane:secret@{proxy}'");
    let failure = fake::open(&server).await.unwrap().version().await.unwrap_err();
    let (kind, said, hints) = without_address(failure, &proxy.to_string());
    assert!(
        said.starts_with("the proxy HOST, by which cluster.example:6443 is asked, does not let"),
        "{said}"
    );
    assert!(kind == ErrorKind::Unreachable && hints[0].contains("proxy-url"), "{hints:?}");
    assert!(!said.contains("secret"));
}

#[tokio::test]
async fn contexts_that_cannot_be_opened_say_what_is_wrong_with_them() {
    for (cluster, message) in [
        (
            "server: 'https://one.example', certificate-authority: /no/such/ca.crt",
            "the certificate authority of context `c` cannot be read: /no/such/ca.crt: it is not there",
        ),
        (
            "server: 'https://one.example', certificate-authority-data: bm90IGEgY2VydA==",
            "the certificate authority of context `c` holds no certificate in PEM",
        ),
        ("insecure-skip-tls-verify: true", "the cluster of context `c` has no `server`"),
    ] {
        let failure = fake::open(cluster).await.unwrap_err();
        assert_eq!((failure.kind, failure.message.as_str()), (ErrorKind::Kubeconfig, message));
        assert!(failure.hints[0].contains("kubectl config view"));
    }
}

#[tokio::test]
async fn a_kind_with_namespaces_is_not_found_without_one() {
    let rig = rig_or_skip!("a_kind_with_namespaces_is_not_found_without_one");
    let connection = rig.connect("").await;
    // What the sandbox does is held against the same table.
    for (method, path, kind) in [
        (Method::GET, "/api/v1/configmaps/x", ErrorKind::NotFound),
        (Method::PUT, "/api/v1/configmaps/x", ErrorKind::NotFound),
        (Method::PATCH, "/api/v1/configmaps/x", ErrorKind::NotFound),
        (Method::DELETE, "/apis/apps/v1/deployments/x", ErrorKind::NotFound),
        (Method::POST, "/api/v1/configmaps", ErrorKind::Other),
    ] {
        let failure =
            connection.write(method.clone(), path, "application/json", &json!({})).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{method} {path}: {failure}");
    }
    let found = connection.look_up("v1", "ConfigMap", "", "x", 1_000).await.unwrap();
    assert_eq!(found, None, "as Helm has it");
}

/// A cluster one of whose groups is down: each of its kinds that is asked for is answered with 503.
fn one_group_down(path: &str) -> (u16, Value) {
    match path {
        "/api" => (200, json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => (
            200,
            json!({"kind": "APIGroupList", "groups": [{"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}],
                "preferredVersion": {"version": "v1beta1"}}]}),
        ),
        "/api/v1" => (
            200,
            json!({"resources": [{"name": "secrets", "kind": "Secret", "namespaced": true, "verbs": ["get"]}]}),
        ),
        _ => (503, json!("service unavailable\n")),
    }
}

#[tokio::test]
async fn a_group_that_is_down_is_named_at_once_and_the_others_are_used() {
    let (connection, log) = fake::connect(Box::new(one_group_down)).await;
    let began = Instant::now();
    let resources = connection.resources().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(
        resources.problems[0].message,
        "the API group metrics.k8s.io does not answer: service unavailable (503)"
    );
    assert!(resources.find("", "v1", "Secret").is_some());
    let asked = log.lock().unwrap().iter().filter(|path| path.contains("metrics")).count();
    assert_eq!(asked, 1, "what is down is not asked again");

    let failure =
        connection.look_up("metrics.k8s.io/v1beta1", "NodeMetrics", "", "one", 1_000).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (ErrorKind::Other, "the API group metrics.k8s.io does not answer: service unavailable (503)"),
        "the cluster is there"
    );
}

#[tokio::test]
async fn a_cluster_that_is_too_busy_is_asked_again_for_a_moment() {
    for (busy, expected) in [(2, Ok("v1.31.0".to_owned())), (100, Err("try later (503)".to_owned()))] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let answers: Box<Answers> = Box::new(move |_| {
            if counted.fetch_add(1, Ordering::Relaxed) < busy {
                (503, json!("try later"))
            } else {
                (200, json!({"gitVersion": "v1.31.0"}))
            }
        });
        let (connection, _) = fake::connect(answers).await;
        assert_eq!(connection.version().await.map_err(|failure| failure.message), expected);
        assert!(asked.load(Ordering::Relaxed) <= 4);
    }
}
