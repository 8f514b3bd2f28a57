//! The same interface in the user's browser, for a window that cannot show it.

use std::process::Stdio;
use std::time::Duration;

use slipway_api::Api;
use slipway_serve::{ServeOptions, Server};
use tauri::{AppHandle, Manager as _};
use tokio::process::Command;

/// A program that opens addresses and has not failed by then has handed its address over.
const HANDED_OVER: Duration = Duration::from_secs(5);

/// Serves the interface to a browser on loopback, for as long as the program runs, and opens its address, which holds a
/// token that works once.
///
/// The error is a sentence for the user.
pub(crate) async fn open(app: &AppHandle) -> Result<(), String> {
    let api = app.state::<Api>().inner().clone();
    let server = Server::bind(api, ServeOptions::default())
        .await
        .map_err(|failure| format!("The browser cannot be served: {}.", slipway_api::chain(&failure)))?;
    let address = server.address();
    tauri::async_runtime::spawn(async move {
        if let Err(failure) = server.run().await {
            tracing::error!("{}", slipway_api::chain(&failure));
        }
    });
    show(&address).await.map_err(|why| {
        format!("No browser could be opened: {why}.\n\nOpen this address in one, while this window stays open:\n{address}")
    })
}

async fn show(address: &str) -> Result<(), String> {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32.exe", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut child = Command::new(program)
        .args(before)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    match tokio::time::timeout(HANDED_OVER, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(format!("`{program}` failed ({status})")),
        Ok(Err(error)) => Err(format!("`{program}` failed: {error}")),
        Ok(Ok(_)) => Ok(()),
        Err(_) => {
            // It is the browser itself; somebody has to take its exit status.
            tauri::async_runtime::spawn(async move { child.wait().await });
            Ok(())
        }
    }
}
