//! The routes of the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use slipway_api::Api;
use slipway_api::dto::{ApiError, ApiEvent};
use tokio::sync::broadcast::Receiver;

use crate::access::{Access, Refusal};
use crate::guard::{Caller, Reader, Visitor, protect, refuse};
use crate::page;

/// A request of the page is small; only a promotion of thousands of items comes near a megabyte.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// The page says nothing over the socket of events; what says much is not the page.
const LARGEST_MESSAGE: usize = 4 * 1024;

#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) api: Api,
    pub(crate) access: Arc<Access>,
}

pub(crate) fn router(bridge: Bridge) -> Router {
    Router::new()
        // Who only looks whether a link is good, as a preview of it does, must not spend the token.
        .route("/", get(index).head(StatusCode::METHOD_NOT_ALLOWED))
        .route("/ipc/{command}", post(call))
        .route("/events", get(events))
        .fallback(get(file))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::map_response_with_state(bridge.clone(), protect))
        .with_state(bridge)
}

async fn index(
    _: Visitor,
    State(bridge): State<Bridge>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    let signed_in = bridge.access.check_cookie(&headers).is_ok();
    match query.get("token") {
        // A bookmark of the printed address keeps working in the browser that used it.
        Some(_) if signed_in => to_page(None),
        Some(token) => match bridge.access.exchange(token) {
            Ok(cookie) => to_page(Some(&cookie)),
            Err(refusal) => refuse(refusal),
        },
        None if signed_in => page::file("/"),
        None => refuse(Refusal::NotSignedIn),
    }
}

/// Leads to the page without the token, so that it does not stay in the history.
fn to_page(cookie: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    if let Some(cookie) = cookie.and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn file(_: Reader, uri: Uri) -> Response<Body> {
    page::file(uri.path())
}

async fn call(
    _: Caller,
    State(bridge): State<Bridge>,
    Path(command): Path<String>,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Response<Body> {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
    if !json {
        return page::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.");
    }
    let request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let error = ApiError {
                code: "bad-request".to_owned(),
                message: format!("the body is no JSON: {error}"),
                hints: Vec::new(),
                location: None,
            };
            return (StatusCode::BAD_REQUEST, Json(error)).into_response();
        }
    };
    match bridge.api.call(&command, request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let status = match error.code.as_str() {
                "bad-request" => StatusCode::BAD_REQUEST,
                "unknown-command" => StatusCode::NOT_FOUND,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            (status, Json(error)).into_response()
        }
    }
}

async fn events(_: Caller, State(bridge): State<Bridge>, upgrade: WebSocketUpgrade) -> Response<Body> {
    // Heard from before the page knows that it is connected: what it asks then misses nothing.
    let batches = bridge.api.events();
    upgrade
        .max_message_size(LARGEST_MESSAGE)
        .max_frame_size(LARGEST_MESSAGE)
        .on_upgrade(move |socket| forward(socket, batches))
}

/// Sends every batch of events as one JSON array, until the page goes away.
async fn forward(mut socket: WebSocket, mut batches: Receiver<Arc<Vec<ApiEvent>>>) {
    loop {
        tokio::select! {
            batch = batches.recv() => {
                // A page that was too slow missed facts: it connects again, and then asks for everything.
                let Ok(batch) = batch else { return };
                let Ok(text) = serde_json::to_string(&*batch) else { continue };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => {
                if !matches!(message, Some(Ok(_))) {
                    return;
                }
            }
        }
    }
}
