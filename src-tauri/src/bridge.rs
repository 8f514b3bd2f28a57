//! The one command of the page, and the events for it.

use slipway_api::Api;
use slipway_api::dto::ApiError;
use tauri::Emitter as _;
use tokio::sync::broadcast::error::RecvError;

use crate::watchdog::Pages;

/// The event that carries a batch of facts.
const EVENTS: &str = "slipway-events";

/// The command by which a page says that it painted.
const PAINTED: &str = "ui_ready";

/// Passes a call on to the façade.
#[tauri::command]
pub(crate) async fn call(
    webview: tauri::Webview,
    api: tauri::State<'_, Api>,
    pages: tauri::State<'_, Pages>,
    name: String,
    request: serde_json::Value,
) -> Result<serde_json::Value, ApiError> {
    if name == PAINTED {
        pages.painted(webview.label());
    }
    let api = api.inner().clone();
    // On a task of its own, so that a mistake of ours is an answer and not a page that waits for ever.
    match tauri::async_runtime::spawn(async move { api.call(&name, request).await }).await {
        Ok(answer) => answer,
        Err(failure) => Err(slipway_api::failure("internal", format!("a mistake of Slipway: {failure}"))),
    }
}

/// Passes every batch of events on to the page.
pub(crate) fn forward_events(handle: tauri::AppHandle, api: &Api) {
    let mut batches = api.events();
    tauri::async_runtime::spawn(async move {
        loop {
            match batches.recv().await {
                Ok(batch) => {
                    if let Err(error) = handle.emit(EVENTS, &*batch) {
                        tracing::warn!(%error, "events cannot be sent to the page");
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}
