//! Requests over HTTP: where credentials go, which redirects are followed, how long and how much is read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LOCATION,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};

use crate::error::{ChartError, NetworkFailure};
use crate::request::{Access, Credential, Progress};

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For a connection to be made.
    pub(crate) connect: Duration,
    /// For an answer to begin, and between two pieces of it.
    pub(crate) silence: Duration,
    /// For one answer as a whole.
    pub(crate) whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(60),
            whole: Duration::from_secs(15 * 60),
        }
    }
}

/// How often the caller is asked whether to stop.
const CANCEL_PERIOD: Duration = Duration::from_millis(50);
/// How many redirects are followed, as Go's client does.
const REDIRECTS: usize = 10;
/// How much of a refusal is read for its reason.
const REASON_LIMIT: usize = 16 << 10;
/// After how many bytes progress is told again.
const PROGRESS_STEP: u64 = 256 << 10;

/// Where a server is: scheme, host and port, without a default port. Credentials belong to it.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// An address without user and password, as errors show it.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail for addresses that cannot have a user, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// A text that may be an address, without what may be a user and password.
pub(crate) fn shown_text(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme && !text[scheme + 3..at].contains('/') => {
            format!("{}{}", &text[..scheme + 3], &text[at + 1..])
        }
        _ => text.to_owned(),
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What a request is sent with.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    /// The header `Accept`.
    pub(crate) accept: Option<&'a str>,
    /// The header `Authorization`; not sent on to another server.
    pub(crate) authorization: Option<Authorization>,
    /// Whether the answer may be compressed.
    pub(crate) compressed: bool,
    /// What is known of the content already.
    pub(crate) known: Option<Known>,
}

/// What a server says of a version of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// The value of a header `Authorization`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Authorization(HeaderValue);

impl Authorization {
    /// `Basic`.
    pub(crate) fn basic(credential: &Credential) -> Self {
        let pair = format!("{}:{}", credential.username, credential.password);
        Self::new(&format!("Basic {}", STANDARD.encode(pair)))
    }

    /// `Bearer`; `None` where the token cannot stand in a header.
    pub(crate) fn bearer(token: &str) -> Option<Self> {
        token.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Self::new(&format!("Bearer {token}")))
    }

    fn new(text: &str) -> Self {
        let mut value = HeaderValue::from_str(text).expect("the text is printable ASCII");
        value.set_sensitive(true);
        Self(value)
    }
}

/// An answer whose body was not read yet.
pub(crate) struct Answer {
    response: Response,
    /// What was asked last, after redirects.
    pub(crate) url: Url,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// All headers of a name.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        let all = self.response.headers().get_all(name).iter();
        all.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
    }
}

/// The client of one fetch.
pub(crate) struct Http<'a> {
    client: Client,
    timeouts: Timeouts,
    access: Access<'a>,
    /// Credentials by server, each asked for once. Never held across a request.
    credentials: RefCell<BTreeMap<String, Option<Credential>>>,
}

impl<'a> Http<'a> {
    pub(crate) fn new(
        tls: &rustls::ClientConfig,
        timeouts: Timeouts,
        access: Access<'a>,
    ) -> Result<Self, ChartError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .redirect(Policy::none())
            .connect_timeout(timeouts.connect)
            .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ChartError::Network {
                url: "the network".to_owned(),
                kind: NetworkFailure::Encryption,
                why: chain(&error),
            })?;
        Ok(Self { client, timeouts, access, credentials: RefCell::default() })
    }

    /// The credentials for a server: those in the address, else the caller's.
    pub(crate) fn credential(&self, url: &Url) -> Option<Credential> {
        let server = origin(url);
        let in_address = (!url.username().is_empty() || url.password().is_some()).then(|| Credential {
            username: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
        });
        let mut known = self.credentials.borrow_mut();
        if let Some(in_address) = in_address {
            known.insert(server, Some(in_address.clone()));
            return Some(in_address);
        }
        known.entry(server).or_insert_with_key(|server| (self.access.credentials)(server)).clone()
    }

    /// Asks for an address and follows redirects. Any status is an answer.
    pub(crate) async fn get(&self, url: &Url, asked: &Asked<'_>) -> Result<Answer, ChartError> {
        (self.access.progress)(Progress::Asking { url: shown(url) });
        let mut place = without_user(url);
        let server = origin(url);
        for _ in 0..=REDIRECTS {
            let mut request = self.client.get(place.clone()).headers(headers(asked));
            if let Some(authorization) = asked.authorization.as_ref().filter(|_| origin(&place) == server) {
                request = request.header(AUTHORIZATION, authorization.0.clone());
            }
            let response = self
                .guarded(&place, self.timeouts.silence, request.send())
                .await?
                .map_err(|error| failed(&place, &error))?;
            if !is_redirect(response.status()) {
                return Ok(Answer { response, url: place });
            }
            let Some(target) = response.headers().get(LOCATION) else {
                return Ok(Answer { response, url: place });
            };
            place = followed(&place, target)?;
        }
        let (url, target) = (shown(url), shown(&place));
        Err(ChartError::Redirect { url, target, why: "there are too many redirects" })
    }

    /// Reads the body to the end, at most `limit` bytes.
    pub(crate) async fn read(&self, answer: &mut Answer, limit: u64) -> Result<Vec<u8>, ChartError> {
        let mut bytes = Vec::new();
        self.pieces(answer, limit, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        Ok(bytes)
    }

    /// Writes the body, at most `limit` bytes; says how many there were.
    pub(crate) async fn write(
        &self,
        answer: &mut Answer,
        limit: u64,
        mut out: impl Write,
        on_error: impl Fn(std::io::Error) -> ChartError,
    ) -> Result<u64, ChartError> {
        self.pieces(answer, limit, |piece| out.write_all(piece).map_err(&on_error)).await
    }

    async fn pieces(
        &self,
        answer: &mut Answer,
        limit: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), ChartError>,
    ) -> Result<u64, ChartError> {
        let url = answer.url.clone();
        let too_large = || ChartError::TooLarge { url: shown(&url), limit };
        let total = answer.response.content_length();
        if total.is_some_and(|total| total > limit) {
            return Err(too_large());
        }
        let begun = tokio::time::Instant::now();
        let (mut received, mut told) = (0_u64, 0_u64);
        loop {
            let piece = self
                .guarded(&url, self.timeouts.silence, answer.response.chunk())
                .await?
                .map_err(|error| failed(&url, &error))?;
            let Some(piece) = piece else { break };
            received += piece.len() as u64;
            if received > limit {
                return Err(too_large());
            }
            if begun.elapsed() > self.timeouts.whole {
                let seconds = self.timeouts.whole.as_secs();
                return Err(too_slow(&url, format!("it was not complete after {seconds} seconds")));
            }
            take(&piece)?;
            if received - told >= PROGRESS_STEP {
                told = received;
                (self.access.progress)(Progress::Receiving { url: shown(&url), received, total });
            }
        }
        if received > told {
            (self.access.progress)(Progress::Receiving { url: shown(&url), received, total });
        }
        Ok(received)
    }

    /// The refusal as an error, with the reason that the server gives.
    pub(crate) async fn refusal(&self, mut answer: Answer, had_credentials: bool) -> ChartError {
        let status = answer.status().as_u16();
        let url = shown(&answer.url);
        if matches!(status, 401 | 403) {
            let server = origin(&answer.url);
            return ChartError::Unauthorized { url, server, status, had_credentials };
        }
        let mut body = Vec::new();
        // The reason is a courtesy: where it does not come, the status says enough.
        while body.len() < REASON_LIMIT {
            match self.guarded(&answer.url, Duration::from_secs(5), answer.response.chunk()).await {
                Ok(Ok(Some(piece))) => body.extend_from_slice(&piece),
                Err(ChartError::Cancelled) => return ChartError::Cancelled,
                _ => break,
            }
        }
        ChartError::Status { url, status, reason: reason(answer.status(), &body) }
    }

    /// Waits for something, for as long as it may take and nobody stops it.
    async fn guarded<T>(
        &self,
        url: &Url,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, ChartError> {
        let mut work = std::pin::pin!(work);
        let end = tokio::time::Instant::now() + limit;
        loop {
            if (self.access.cancelled)() {
                return Err(ChartError::Cancelled);
            }
            let wake = (tokio::time::Instant::now() + CANCEL_PERIOD).min(end);
            match tokio::time::timeout_at(wake, work.as_mut()).await {
                Ok(done) => return Ok(done),
                Err(_) if tokio::time::Instant::now() >= end => {
                    return Err(too_slow(url, format!("nothing came for {} seconds", limit.as_secs())));
                }
                Err(_) => {}
            }
        }
    }
}

fn headers(asked: &Asked<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name, text: &str| {
        // What a server once sent as a header can be sent back as one.
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    add(ACCEPT, asked.accept.unwrap_or("*/*"));
    add(ACCEPT_ENCODING, if asked.compressed { "gzip" } else { "identity" });
    if let Some(known) = &asked.known {
        if let Some(etag) = &known.etag {
            add(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &known.last_modified {
            add(IF_MODIFIED_SINCE, last_modified);
        }
    }
    headers
}

fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads. From an encrypted connection none leads to a plain one, for what comes over it may be changed
/// by anyone.
fn followed(place: &Url, target: &HeaderValue) -> Result<Url, ChartError> {
    let text = String::from_utf8_lossy(target.as_bytes()).into_owned();
    let refused = |why| ChartError::Redirect { url: shown(place), target: shown_text(&text), why };
    let target = place.join(&text).map_err(|_| refused("it is no address"))?;
    match (place.scheme(), target.scheme()) {
        (_, "https") | ("http", "http") => Ok(without_user(&target)),
        ("https", "http") => Err(refused("it leaves the encrypted connection")),
        _ => Err(refused("it is not `https` or `http`")),
    }
}

fn too_slow(url: &Url, why: String) -> ChartError {
    ChartError::Network { url: shown(url), kind: NetworkFailure::Time, why }
}

/// A failure of the client, by what lies at its bottom.
fn failed(url: &Url, error: &reqwest::Error) -> ChartError {
    let why = chain(error);
    let is_encryption = causes(error).any(|cause| {
        // A server that ends the connection gives no error of encryption of its own.
        cause.to_string() == "tls handshake eof" || is_of_encryption(cause)
    });
    let why = in_words(url, why);
    let kind = if error.is_timeout() {
        NetworkFailure::Time
    } else if is_encryption {
        NetworkFailure::Encryption
    } else if causes(error).any(|cause| cause.to_string().starts_with("dns error")) {
        NetworkFailure::Name
    } else if error.is_connect() {
        NetworkFailure::Connection
    } else {
        NetworkFailure::Answer
    };
    ChartError::Network { url: shown(url), kind, why }
}

/// Whether an error is one of TLS. Each layer puts it into another error of input and output.
fn is_of_encryption(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<rustls::Error>()
        || error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .is_some_and(|inner| is_of_encryption(inner))
}

/// The reason of a failed connection, without the library's word for a certificate that nobody vouches for.
fn in_words(url: &Url, why: String) -> String {
    if !why.contains("invalid peer certificate: UnknownIssuer") {
        return why;
    }
    let host = url.host_str().unwrap_or("the server");
    format!("the certificate of {host} was issued by an authority that this machine does not know")
}

fn causes<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

/// What lies at the bottom of an error; the client's own words only repeat the address.
fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        // Outer errors often repeat inner ones.
        texts.retain(|outer| !outer.contains(&text) && !text.contains(outer.as_str()));
        texts.push(text);
    }
    texts.retain(|text| text != "client error (Connect)" && text != "client error (SendRequest)");
    if texts.is_empty() { error.to_string() } else { texts.join(": ") }
}

/// What a refusal says: the messages of a registry, a short plain text, else the words of the status.
fn reason(status: StatusCode, body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(serde::Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    if let Ok(Errors { errors }) = serde_json::from_slice(body) {
        let told: Vec<String> = errors
            .into_iter()
            .map(|one| if one.message.is_empty() { one.code } else { one.message })
            .filter(|text| !text.is_empty())
            .collect();
        if !told.is_empty() {
            return told.join("; ");
        }
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let is_plain = !text.is_empty()
        && text.len() <= 200
        && !text.starts_with(['<', '{'])
        && !text.contains(|each: char| each.is_control());
    if is_plain { text.to_owned() } else { status.canonical_reason().unwrap_or_default().to_owned() }
}

/// A part of an address without its escapes.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_nobody_vouches_for_is_told_with_whose_it_is() {
        let url: Url = "https://charts.example:8443/index.yaml".parse().unwrap();
        let told = in_words(&url, "client error: invalid peer certificate: UnknownIssuer".to_owned());
        assert_eq!(
            told,
            "the certificate of charts.example was issued by an authority that this machine does not know"
        );
        assert_eq!(in_words(&url, "connection reset".to_owned()), "connection reset");
    }

    #[test]
    fn an_error_of_encryption_is_found_below_others() {
        let untrusted = || rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let once = std::io::Error::other(untrusted());
        assert!(is_of_encryption(&untrusted()) && is_of_encryption(&once));
        assert!(is_of_encryption(&std::io::Error::other(once)));
        assert!(!is_of_encryption(&std::io::Error::other("reset")));
    }
}
