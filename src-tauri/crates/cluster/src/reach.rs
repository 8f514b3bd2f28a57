//! Why a cluster is not reached, in the words of somebody who has to do something about it.
//!
//! What a request failed with comes through the layers of three libraries. Here it is told with the address that was
//! asked, without the layers, and with what can be done. Of an answer that is not one of Kubernetes at most a title is shown.

use std::error::Error as StdError;
use std::io;

use http::Uri;
use k8s_openapi::jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError};

use crate::error::{ClusterError, ErrorKind, chain};

/// The longest piece of a foreign answer that is shown.
const LONGEST_PIECE: usize = 200;

/// What is asked, and by which way.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `HOST:PORT` of the server.
    server: String,
    /// `HOST:PORT` of the proxy that requests go through.
    proxy: Option<String>,
    /// Whether TLS is spoken.
    is_tls: bool,
    /// Whether the kubeconfig says who vouches for the server.
    has_authority: bool,
}

impl Place {
    pub(crate) fn of(config: &kube::Config) -> Self {
        Self {
            server: authority(&config.cluster_url),
            proxy: config.proxy_url.as_ref().map(authority),
            is_tls: config.cluster_url.scheme_str() == Some("https"),
            has_authority: config.root_cert.is_some() || config.root_cert_file.is_some(),
        }
    }

    /// A request to it failed.
    pub(crate) fn explain(&self, error: kube::Error) -> ClusterError {
        let told = match &error {
            kube::Error::Api(status) if status.reason == NO_STATUS => self.page(status.code, &status.message),
            // A proxy that speaks for the cluster may leave the code out.
            kube::Error::Api(status) if status.code == 401 || status.reason == "Unauthorized" => {
                self.unknown(&status.message)
            }
            kube::Error::HyperError(_)
            | kube::Error::Service(_)
            | kube::Error::ReadEvents(_)
            | kube::Error::RustlsTls(_) => self.unreachable(&error),
            _ => return ClusterError::from(error),
        };
        ClusterError { source: Some(Box::new(error)), ..told }
    }

    /// Nothing came in time.
    pub(crate) fn timed_out(&self, after: std::time::Duration) -> ClusterError {
        let (server, seconds) = (&self.server, after.as_secs());
        ClusterError::new(ErrorKind::TimedOut, format!("{server} gave no answer within {seconds} s"))
    }

    /// What came with a code of success is no JSON.
    pub(crate) fn no_json(&self, text: &str) -> ClusterError {
        let server = &self.server;
        let what = match piece(text) {
            Some(piece) => format!("what {server} answers is not from a Kubernetes API: “{piece}”"),
            None if text.trim().is_empty() => {
                format!("{server} answers with an empty page, which is not from a Kubernetes API")
            }
            None if is_page(text) => {
                format!("what {server} answers is a page, and not from a Kubernetes API")
            }
            // It may be a piece of an object, and so of a Secret.
            None => format!("what {server} answers is broken off, or no JSON"),
        };
        ClusterError::new(ErrorKind::Unreachable, what).hint_only(SOMETHING_BETWEEN)
    }

    /// The cluster does not know who is asking. Mostly it says no more than that.
    fn unknown(&self, text: &str) -> ClusterError {
        let server = &self.server;
        let why = if text.is_empty() || text == "Unauthorized" { String::new() } else { format!(": {text}") };
        ClusterError::new(ErrorKind::Unauthorised, format!("{server} does not know who is asking (401){why}"))
    }

    /// An answer with a code of failure that no Kubernetes API wrote.
    fn page(&self, code: u16, text: &str) -> ClusterError {
        let server = &self.server;
        if code == 407 {
            let message = format!("the proxy on the way to {server} wants to know who is asking (407)");
            return ClusterError::new(ErrorKind::Unreachable, message).hint_only(PROXY);
        }
        if is_page(text) {
            let title = piece(text).map(|piece| format!(": “{piece}”")).unwrap_or_default();
            let message = format!(
                "a page of something between here and the cluster answers for {server} with {code}{title}"
            );
            let told = ClusterError::new(ErrorKind::Unreachable, message).hint_only(SOMETHING_BETWEEN);
            return match code {
                502..=504 => {
                    told.hint("where it is the load balancer of the cluster, the API behind it is down")
                }
                _ => told,
            };
        }
        let kind = crate::error::kind_of_status(code, "");
        let text = shortened(text);
        let text = if text.is_empty() { "no reason is given".to_owned() } else { text };
        ClusterError::new(kind, format!("{text} ({code})"))
    }

    /// A connection was not made, or broke.
    fn unreachable(&self, error: &kube::Error) -> ClusterError {
        if let Some(failure) = found::<rustls::Error>(error) {
            return self.untrusted(failure);
        }
        let way = self.proxy.as_ref().map_or_else(
            || self.server.clone(),
            |proxy| format!("the proxy {proxy}, by which {} is asked,", self.server),
        );
        let reason = without_layers(&chain(error));
        let fails = |kind, text: String| ClusterError::new(kind, text);
        if reason.contains("tunnel error") {
            let message = format!("{way} does not let a connection through: {reason}");
            return fails(ErrorKind::Unreachable, message).hint_only(PROXY);
        }
        if let Some((_, why)) = reason.split_once("dns error: ") {
            let host = way.rsplit_once(':').map_or(way.as_str(), |(host, _)| host);
            let host = if self.proxy.is_some() { way.as_str() } else { host };
            let why = why.strip_prefix("failed to lookup address information: ").unwrap_or(why);
            return fails(ErrorKind::Unreachable, format!("the name of {host} is not known here: {why}"))
                .hint_only("check the server of this context; the name may be known only inside a VPN");
        }
        match found::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => {
                fails(ErrorKind::Unreachable, format!("nothing listens at {way}: {reason}"))
            }
            Some(io::ErrorKind::TimedOut) => {
                fails(ErrorKind::TimedOut, format!("{way} does not take a connection in time"))
            }
            _ if reason.contains("error reading a body") => {
                fails(ErrorKind::Unreachable, format!("{way} broke its answer off"))
            }
            _ if reason.contains("tls handshake eof") => {
                fails(ErrorKind::Unreachable, format!("{way} closed the connection before TLS was agreed on"))
                    .hint_only(NO_TLS)
            }
            _ if reason.contains("connection closed before message completed") && !self.is_tls => {
                fails(ErrorKind::Unreachable, format!("{way} closed the connection without an answer")).hint(
                    "the server of this context begins with http://; what listens there may speak https://",
                )
            }
            _ => fails(ErrorKind::Unreachable, format!("{way}: {reason}")),
        }
    }

    /// TLS was not agreed on.
    fn untrusted(&self, failure: &rustls::Error) -> ClusterError {
        let server = &self.server;
        let (message, hint) = match failure {
            rustls::Error::InvalidCertificate(why) => self.certificate(why),
            rustls::Error::InvalidMessage(_) => {
                (format!("what listens at {server} does not speak TLS"), NO_TLS.to_owned())
            }
            rustls::Error::AlertReceived(
                alert @ (AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateRequired),
            ) => {
                let message =
                    format!("{server} does not accept the client certificate of this context ({alert:?})");
                return ClusterError::new(ErrorKind::Unauthorised, message);
            }
            other => (
                format!("{server} and this program agree on no TLS connection: {other}"),
                "something between here and the cluster may take part in the connection (proxy, firewall)"
                    .to_owned(),
            ),
        };
        ClusterError::new(ErrorKind::Unreachable, message).hint_only(hint)
    }

    /// What is wrong with the certificate of the server, and what to do.
    fn certificate(&self, why: &CertificateError) -> (String, String) {
        let server = &self.server;
        match why {
            CertificateError::UnknownIssuer | CertificateError::BadSignature if self.has_authority => (
                format!(
                    "the certificate of {server} was not made by the authority that the kubeconfig names for it"
                ),
                "the cluster was made anew, or the server of this context is another one: get its kubeconfig again and \
                 compare `certificate-authority-data`; a proxy that looks into TLS shows a certificate of its own"
                    .to_owned(),
            ),
            CertificateError::UnknownIssuer | CertificateError::BadSignature => (
                format!("nobody that this machine trusts vouches for the certificate of {server}"),
                "the kubeconfig names no authority for this cluster: put it into `certificate-authority-data`, or have it \
                 trusted by this machine"
                    .to_owned(),
            ),
            CertificateError::NotValidForName => self.other_name("others"),
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names: Vec<String> = presented.iter().map(|name| plain_name(name)).collect();
                self.other_name(&if names.is_empty() { "none at all".to_owned() } else { names.join(", ") })
            }
            CertificateError::Expired => self.expired(""),
            CertificateError::ExpiredContext { time, not_after } => {
                self.expired(&format!(" on {}; this machine says it is {}", date(*not_after), date(*time)))
            }
            CertificateError::NotValidYet => self.not_yet(""),
            CertificateError::NotValidYetContext { time, not_before } => {
                self.not_yet(&format!(" before {}; this machine says it is {}", date(*not_before), date(*time)))
            }
            CertificateError::Revoked => (
                format!("the certificate of {server} was revoked by who made it"),
                "it has to be renewed on the cluster; until then nobody can say who answers there".to_owned(),
            ),
            other => (
                format!("the certificate of {server} cannot be trusted: {other}"),
                "compare it with what the cluster has; `openssl s_client -connect` shows it".to_owned(),
            ),
        }
    }

    fn other_name(&self, names: &str) -> (String, String) {
        let server = &self.server;
        (
            format!("the certificate of {server} is for other names: {names}"),
            "write one of these names into `server`, or into `tls-server-name`, of the cluster in the kubeconfig"
                .to_owned(),
        )
    }

    fn expired(&self, when: &str) -> (String, String) {
        let server = &self.server;
        (
            format!("the certificate of {server} has expired{when}"),
            "it has to be renewed on the cluster (`kubeadm certs renew all`); check the clock of this machine too"
                .to_owned(),
        )
    }

    fn not_yet(&self, when: &str) -> (String, String) {
        let server = &self.server;
        (
            format!("the certificate of {server} is not valid{when}"),
            "check the clock of this machine and that of the cluster".to_owned(),
        )
    }
}

/// The reason that kube gives an answer that is no `Status` of Kubernetes.
const NO_STATUS: &str = "Failed to parse error data";

const NO_TLS: &str =
    "the server of this context begins with https://; what listens there speaks plain HTTP, or is a proxy";

const SOMETHING_BETWEEN: &str = "a proxy or a login page may answer at this address; check the server in the kubeconfig, HTTPS_PROXY and NO_PROXY";

const PROXY: &str = "check `proxy-url` of the cluster in the kubeconfig, HTTPS_PROXY and NO_PROXY; a login belongs into that address";

/// `HOST:PORT` without what may be secret.
fn authority(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (Some(port), _) => format!("{host}:{port}"),
        (None, Some("https")) => format!("{host}:443"),
        (None, _) => format!("{host}:80"),
    }
}

/// The first cause of a type. An I/O error hides its own cause from those that ask for causes.
fn found<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<E>() {
            let hidden = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            // What is inside says more than what holds it.
            return hidden.and_then(|hidden| found_within(hidden)).or(Some(found));
        }
        if let Some(hidden) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = found_within::<E>(hidden)
        {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn found_within<'a, E: StdError + 'static>(
    hidden: &'a (dyn StdError + Send + Sync + 'static),
) -> Option<&'a E> {
    let hidden: &'a (dyn StdError + 'static) = hidden;
    found(hidden)
}

/// What kept a request from being answered, without the names of the layers that it went through.
fn without_layers(chain: &str) -> String {
    const LAYERS: [&str; 7] = [
        "ServiceError: ",
        "HyperError: ",
        "client error (Connect): ",
        "client error (SendRequest): ",
        "tcp connect error: ",
        "error trying to connect: ",
        "Error reading events stream: ",
    ];
    let mut reason = chain;
    while let Some(rest) = LAYERS.iter().find_map(|layer| reason.strip_prefix(layer)) {
        reason = rest;
    }
    reason.to_owned()
}

/// Whether a text is for a browser.
fn is_page(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// The title of a page.
fn piece(text: &str) -> Option<String> {
    if !is_page(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let begin = lower.find("<title")?;
    let begin = begin + lower.get(begin..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find('<')?;
    let title = shortened(text.get(begin..end)?);
    (!title.is_empty()).then_some(title)
}

/// A text in one line, at most so long.
fn shortened(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST_PIECE) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

/// `DnsName("example.com")` and `IpAddress(127.0.0.1)` as people write them.
fn plain_name(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"').to_owned()
}

/// `2024-02-01`.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match Timestamp::from_second(seconds) {
        Ok(moment) => moment.strftime("%Y-%m-%d").to_string(),
        Err(_) => "a day that no calendar has".to_owned(),
    }
}
