//! What stands before and after every route: who is let in, and what a browser may do with an answer.
//!
//! Who is let in is decided from the head of a request alone, before anything of its body is read.

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::access::{NAMES, Origin, Refusal};
use crate::page;
use crate::routes::Bridge;

/// A browser that is signed in and loads a file of the page.
pub(crate) struct Reader;

/// The page itself, which may call and listen.
pub(crate) struct Caller;

/// Anybody who asks this server and no other, and does not come from another site.
pub(crate) struct Visitor;

impl FromRequestParts<Bridge> for Visitor {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, bridge: &Bridge) -> Result<Self, Self::Rejection> {
        bridge.access.check_origin(&parts.headers, Origin::MayBeMissing).map_err(refuse)?;
        Ok(Self)
    }
}

impl FromRequestParts<Bridge> for Reader {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, bridge: &Bridge) -> Result<Self, Self::Rejection> {
        bridge.access.check_origin(&parts.headers, Origin::MayBeMissing).map_err(refuse)?;
        bridge.access.check_cookie(&parts.headers).map_err(refuse)?;
        Ok(Self)
    }
}

impl FromRequestParts<Bridge> for Caller {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, bridge: &Bridge) -> Result<Self, Self::Rejection> {
        bridge.access.check_origin(&parts.headers, Origin::Needed).map_err(refuse)?;
        bridge.access.check_cookie(&parts.headers).map_err(refuse)?;
        Ok(Self)
    }
}

/// Tells a person why.
pub(crate) fn refuse(refusal: Refusal) -> Response<Body> {
    let mut text = refusal.message().to_owned();
    if let Some(first) = text.get(..1) {
        let upper = first.to_uppercase();
        text.replace_range(..1, &upper);
    }
    text.push('.');
    page::text(StatusCode::FORBIDDEN, &text)
}

/// What the page may load: itself and nothing else. Styles of the component library are set by script.
///
/// The socket is named with its port: not every browser counts it to `'self'`, and other sockets of this machine are
/// none of the page's business.
fn policy(port: u16) -> String {
    let sockets: Vec<String> = NAMES.iter().map(|name| format!("ws://{name}:{port}")).collect();
    format!(
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' {}; \
         object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        sockets.join(" ")
    )
}

/// Every answer says what a browser may do with it: show it in no frame, guess no other kind of content, keep nothing,
/// and give nothing to another site, which another port of this machine is.
pub(crate) async fn protect(State(bridge): State<Bridge>, mut response: Response<Body>) -> Response<Body> {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy(bridge.access.port())) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
