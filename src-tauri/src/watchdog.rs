//! Says so when the page does not paint.

use std::time::Duration;

use slipway_api::Api;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};

/// A page that has not painted by then never will.
const PATIENCE: Duration = Duration::from_secs(8);

/// Prints `ready: …` when the page is painted; shows a dialog of the desktop when it is not.
pub(crate) fn start(window: tauri::WebviewWindow, api: &Api) {
    let mut ready = api.page_ready();
    tauri::async_runtime::spawn(async move {
        let painted = async { ready.wait_for(|ready| *ready).await.is_ok() };
        if tokio::time::timeout(PATIENCE, painted).await == Ok(true) {
            say_ready();
            return;
        }
        tracing::error!("the page did not paint within {} s", PATIENCE.as_secs());
        window
            .dialog()
            .message(
                "The window stays empty: the page did not paint within 8 seconds.\n\n\
                 Start Slipway with WEBKIT_DISABLE_DMABUF_RENDERER=1 for software rendering, or run \
                 `slipway serve` for the same interface in a browser.",
            )
            .title("Slipway")
            .kind(MessageDialogKind::Error)
            .show(|_| {});
        // A slow machine may still get there; whoever waits for the line shall have it then.
        if ready.wait_for(|ready| *ready).await.is_ok() {
            say_ready();
        }
    });
}

#[expect(clippy::print_stdout, reason = "the line that `cargo xtask demo` and tests wait for")]
fn say_ready() {
    println!("ready: the window is open");
}
