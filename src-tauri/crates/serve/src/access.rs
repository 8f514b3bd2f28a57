//! Who may talk to the bridge.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine as _;

/// The name of the cookie. The port is part of it, because cookies do not tell ports apart.
fn cookie_name(port: u16) -> String {
    format!("slipway-{port}")
}

/// The names of the address that is listened on.
pub(crate) const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// Whether a request has to say where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It has, as everything that can change something.
    Needed,
    /// A browser sends none when it loads a page.
    MayBeMissing,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `Host` is not the address that is listened on.
    Host,
    /// `Origin` is another site, or is missing where one is needed.
    Origin,
    /// There is no valid cookie.
    NotSignedIn,
    /// The token was used before, or is wrong.
    Token,
}

impl Refusal {
    /// What is so and what to do.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Host => "the request names another host; open the address that Slipway printed",
            Self::Origin => "the request comes from another site",
            Self::NotSignedIn => "this browser is not signed in; open the address that Slipway printed",
            Self::Token => {
                "the token of this address is wrong or was used before; start `slipway serve` again for a new one"
            }
        }
    }
}

/// The secrets of one server.
pub(crate) struct Access {
    port: u16,
    /// The token of the printed address; gone once it was used.
    token: Mutex<Option<String>>,
    session: String,
}

impl Access {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { port: address.port(), token: Mutex::new(Some(random_text())), session: random_text() }
    }

    /// The address to print, with the token while it is unused.
    pub(crate) fn address(&self) -> String {
        let token = self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*token {
            Some(token) => format!("http://127.0.0.1:{}/?token={token}", self.port),
            None => format!("http://127.0.0.1:{}/", self.port),
        }
    }

    /// Takes the token of a first visit; the answer is the cookie to set.
    pub(crate) fn exchange(&self, offered: &str) -> Result<String, Refusal> {
        let mut token = self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !token.as_deref().is_some_and(|expected| same(expected, offered)) {
            return Err(Refusal::Token);
        }
        *token = None;
        Ok(format!("{}={}; Path=/; HttpOnly; SameSite=Strict", cookie_name(self.port), self.session))
    }

    /// The port that is listened on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the request is meant for this server: `Host` is its own address. The answer is that address.
    pub(crate) fn check_host<'a>(&self, headers: &'a HeaderMap) -> Result<&'a str, Refusal> {
        let host = only(headers, &header::HOST).ok_or(Refusal::Host)?;
        let own = host.strip_suffix(&format!(":{}", self.port));
        if own.is_some_and(|name| NAMES.contains(&name)) { Ok(host) } else { Err(Refusal::Host) }
    }

    /// Whether the request comes from this server's own page. A browser sends `Origin` with every request
    /// that can change something and with every socket; a page load has none.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, origin: Origin) -> Result<(), Refusal> {
        let host = self.check_host(headers)?;
        if origin == Origin::MayBeMissing && !headers.contains_key(header::ORIGIN) {
            return Ok(());
        }
        let own = format!("http://{host}");
        if only(headers, &header::ORIGIN) == Some(own.as_str()) { Ok(()) } else { Err(Refusal::Origin) }
    }

    /// Whether the browser has exchanged the token.
    pub(crate) fn check_cookie(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let name = cookie_name(self.port);
        let signed_in = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(key, value)| key == name && same(&self.session, value));
        if signed_in { Ok(()) } else { Err(Refusal::NotSignedIn) }
    }
}

/// The value of a header that is there once; who sends two wants one of them to be overlooked.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// 256 random bits as text that is safe in URLs and cookies.
fn random_text() -> String {
    let bytes: [u8; 32] = rand::random();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Compares secrets in a time that does not tell how much of them is right.
fn same(expected: &str, offered: &str) -> bool {
    let (expected, offered) = (expected.as_bytes(), offered.as_bytes());
    let mut difference = expected.len() ^ offered.len();
    for (index, byte) in expected.iter().enumerate() {
        difference |= usize::from(byte ^ offered.get(index).copied().unwrap_or(0));
    }
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(SocketAddr::from(([127, 0, 0, 1], 4711)))
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_token_works_once() {
        let access = access();
        let address = access.address();
        let token = address.split_once("token=").unwrap().1;
        let cookie = access.exchange(token).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        assert_eq!(access.exchange(token), Err(Refusal::Token), "the second use is refused");
        let pair = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(access.check_cookie(&headers(&[("cookie", &pair)])), Ok(()));
    }

    #[test]
    fn a_wrong_token_is_refused_and_spends_nothing() {
        let access = access();
        assert_eq!(access.exchange("guess"), Err(Refusal::Token));
        assert_eq!(access.exchange(""), Err(Refusal::Token));
        assert!(access.address().contains("token="));
    }

    #[test]
    fn another_name_for_loopback_is_refused() {
        let access = access();
        for host in ["127.0.0.1:4711", "localhost:4711"] {
            assert_eq!(access.check_host(&headers(&[("host", host)])), Ok(host));
        }
        for host in ["evil.example:4711", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:14711", "[::1]:4711", ""] {
            assert_eq!(access.check_host(&headers(&[("host", host)])), Err(Refusal::Host), "{host}");
        }
        let two = headers(&[("host", "127.0.0.1:4711"), ("host", "evil.example:4711")]);
        assert_eq!(access.check_host(&two), Err(Refusal::Host), "two hosts");
    }

    #[test]
    fn another_site_is_refused() {
        let access = access();
        let own = [("host", "127.0.0.1:4711"), ("origin", "http://127.0.0.1:4711")];
        assert_eq!(access.check_origin(&headers(&own), Origin::Needed), Ok(()));
        let foreign = [("host", "127.0.0.1:4711"), ("origin", "http://evil.example")];
        assert_eq!(access.check_origin(&headers(&foreign), Origin::MayBeMissing), Err(Refusal::Origin));
        let none = [("host", "127.0.0.1:4711")];
        assert_eq!(access.check_origin(&headers(&none), Origin::Needed), Err(Refusal::Origin));
        assert_eq!(access.check_origin(&headers(&none), Origin::MayBeMissing), Ok(()));
        let two = [own.as_slice(), &[("origin", "http://evil.example")]].concat();
        assert_eq!(
            access.check_origin(&headers(&two), Origin::MayBeMissing),
            Err(Refusal::Origin),
            "two origins"
        );
    }
}
