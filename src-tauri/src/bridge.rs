//! The one command of the page, and the events for it.

use slipway_api::Api;
use slipway_api::dto::ApiError;
use tauri::Emitter as _;
use tokio::sync::broadcast::error::RecvError;

/// The event that carries a batch of facts.
const EVENTS: &str = "slipway-events";

/// Passes a call on to the façade.
#[tauri::command]
pub(crate) async fn call(
    api: tauri::State<'_, Api>,
    name: String,
    request: serde_json::Value,
) -> Result<serde_json::Value, ApiError> {
    api.call(&name, request).await
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
