//! The windows: one for each repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use slipway_api::dto::ApiError;
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::single::Asked;

/// Which repository each window shows, by the label of the window. A window at its start screen shows none.
#[derive(Default)]
pub(crate) struct Windows {
    shown: Mutex<BTreeMap<String, PathBuf>>,
    /// The number of the next window.
    next: Mutex<u32>,
}

impl Windows {
    /// The window that shows a repository.
    fn of(&self, path: &Path) -> Option<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = canonical(path);
        shown.iter().find(|(_, each)| canonical(each) == wanted).map(|(label, _)| label.clone())
    }

    fn show(&self, label: &str, path: Option<PathBuf>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match path {
            Some(path) => shown.insert(label.to_owned(), path),
            None => shown.remove(label),
        };
    }

    fn next_label(&self) -> String {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next += 1;
        format!("repository-{next}")
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Makes a window. With a repository it opens that one, else what the program was started with.
pub(crate) fn make(app: &AppHandle, label: &str, repository: Option<&Path>) -> tauri::Result<WebviewWindow> {
    let url = match repository {
        None => WebviewUrl::default(),
        Some(path) => WebviewUrl::App(format!("index.html?repository={}", encode(path)).into()),
    };
    let title = repository
        .and_then(Path::file_name)
        .map_or_else(|| "Slipway".to_owned(), |name| format!("{} – Slipway", name.to_string_lossy()));
    WebviewWindowBuilder::new(app, label, url)
        .title(title)
        .inner_size(1440.0, 900.0)
        .min_inner_size(1024.0, 640.0)
        .build()
}

/// Everything but letters and digits as `%XX`.
fn encode(path: &Path) -> String {
    path.to_string_lossy()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Brings the window of a repository to the front, or makes one; without a repository, any window.
pub(crate) fn open(app: &AppHandle, asked: &Asked) {
    let windows = app.state::<Windows>();
    let label = match asked {
        Asked::Front => app.webview_windows().keys().next().cloned(),
        Asked::Repository(path) => windows.of(path),
    };
    if let Some(window) = label.and_then(|label| app.get_webview_window(&label)) {
        // A window manager may refuse; the window is there all the same.
        let _ = window.unminimize();
        let _ = window.set_focus();
        return;
    }
    let repository = match asked {
        Asked::Front => None,
        Asked::Repository(path) => Some(path.clone()),
    };
    let label = windows.next_label();
    match make(app, &label, repository.as_deref()) {
        Ok(_) => windows.show(&label, repository),
        Err(error) => tracing::error!(%error, "the window cannot be opened"),
    }
}

/// The page tells which repository its window shows, and gets its title.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri gives a command its window by value")]
pub(crate) fn window_shows(window: WebviewWindow, path: Option<String>, name: Option<String>) {
    let windows = window.state::<Windows>();
    windows.show(window.label(), path.map(PathBuf::from));
    let title = name.map_or_else(|| "Slipway".to_owned(), |name| format!("{name} – Slipway"));
    if let Err(error) = window.set_title(&title) {
        tracing::warn!(%error, "the title cannot be set");
    }
}

/// Opens a repository in a window of its own, or brings the one that shows it to the front.
#[tauri::command]
pub(crate) async fn window_open(app: AppHandle, path: String) -> Result<(), ApiError> {
    let path = PathBuf::from(path);
    if !path.is_absolute() {
        return Err(slipway_api::failure("bad-request", format!("`{}` is no absolute path", path.display())));
    }
    open(&app, &Asked::Repository(path));
    Ok(())
}

/// Forgets a window that was closed.
pub(crate) fn closed(app: &AppHandle, label: &str) {
    app.state::<Windows>().show(label, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_window() {
        let windows = Windows::default();
        windows.show("main", Some(PathBuf::from("/no/such/a")));
        windows.show("repository-1", Some(PathBuf::from("/no/such/b")));
        assert_eq!(windows.of(Path::new("/no/such/b")).as_deref(), Some("repository-1"));
        windows.show("repository-1", None);
        assert_eq!(windows.of(Path::new("/no/such/b")), None);
        assert_ne!(windows.next_label(), windows.next_label());
    }

    #[test]
    fn a_path_in_an_address_is_written_so_that_it_reads_back() {
        assert_eq!(encode(Path::new("/a b/ö&x=1#?")), "%2Fa%20b%2F%C3%B6%26x%3D1%23%3F");
    }
}
