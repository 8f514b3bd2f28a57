//! The built page.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use include_dir::{Dir, include_dir};

static PAGE: Dir<'static> = include_dir!("$OUT_DIR/page");

/// A file of the page; the page itself for `/`.
pub(crate) fn file(path: &str) -> Response<Body> {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    match PAGE.get_file(name) {
        Some(file) => respond(StatusCode::OK, content_type(name), Body::from(file.contents())),
        None if name == "index.html" => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "The page was not built into this program. Run `npm ci && npm run build` in `ui`, then build again.",
        ),
        None => text(StatusCode::NOT_FOUND, "There is no such file."),
    }
}

/// A sentence for a person.
pub(crate) fn text(status: StatusCode, message: &str) -> Response<Body> {
    respond(status, "text/plain; charset=utf-8", Body::from(format!("{message}\n")))
}

fn respond(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
