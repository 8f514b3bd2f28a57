//! Watches whether the page of each window paints, and whether it lives on.
//!
//! A page that does not paint in time, and one that ends again and again, are a matter for [`crate::rescue`]. A page
//! that ended once is loaded again: the repository, its runs and drafts live in the core and are not touched.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager as _, WebviewWindow};
use tokio::sync::watch;

use crate::rescue::{self, Trouble};

/// A page that has not painted by then never will.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// A page that ends again within this time would go on to do so.
const SOON: Duration = Duration::from_secs(5 * 60);

/// What is known of the page of each window, by the label of the window.
#[derive(Default)]
pub(crate) struct Pages {
    pages: Mutex<BTreeMap<String, Page>>,
}

struct Page {
    /// How often it painted: once for each time that it was loaded.
    painted: watch::Sender<u32>,
    /// When it ended last.
    ended: Option<Instant>,
}

/// What is done about a page that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    LoadAgain,
    Ask,
}

impl Pages {
    fn with<T>(&self, label: &str, work: impl FnOnce(&mut Page) -> T) -> T {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let page = pages
            .entry(label.to_owned())
            .or_insert_with(|| Page { painted: watch::channel(0).0, ended: None });
        work(page)
    }

    /// The page of a window says that it painted.
    pub(crate) fn painted(&self, label: &str) {
        self.with(label, |page| page.painted.send_modify(|count| *count += 1));
    }

    /// Forgets a window that was closed.
    pub(crate) fn closed(&self, label: &str) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    }

    fn ended(&self, label: &str, now: Instant) -> Step {
        self.with(label, |page| {
            let again = page.ended.replace(now).is_some_and(|before| now.duration_since(before) < SOON);
            if again { Step::Ask } else { Step::LoadAgain }
        })
    }
}

/// Waits until the page of a window paints, which it is about to; offers a way out where it does not. The first
/// window says so on the terminal.
pub(crate) fn expect_paint(window: &WebviewWindow) {
    let window = window.clone();
    let mut painted = window.state::<Pages>().with(window.label(), |page| page.painted.subscribe());
    let before = *painted.borrow();
    tauri::async_runtime::spawn(async move {
        let in_time = tokio::time::timeout(PATIENCE, paints(&mut painted, before)).await;
        let painted = match in_time {
            Ok(painted) => painted,
            Err(_) => {
                tracing::error!("the page did not paint within {} s", PATIENCE.as_secs());
                let asked = window.clone();
                tauri::async_runtime::spawn(async move { rescue::offer(&asked, Trouble::Empty).await });
                // A slow machine may still get there; whoever waits for the line shall have it then.
                paints(&mut painted, before).await
            }
        };
        if painted && window.label() == crate::windows::FIRST && before == 0 {
            say_ready();
        }
    });
}

/// Waits for the page to paint once more than before; false where its window is closed meanwhile.
async fn paints(painted: &mut watch::Receiver<u32>, before: u32) -> bool {
    painted.wait_for(|count| *count > before).await.is_ok()
}

/// Loads the page of a window again after its process ended; where it ends again and again the user chooses.
pub(crate) fn page_ended(app: &AppHandle, label: &str, reason: &str) {
    let Some(window) = app.get_webview_window(label) else { return };
    let step = app.state::<Pages>().ended(label, Instant::now());
    tracing::error!("the process of the page of window `{label}` ended: {reason}");
    match step {
        Step::LoadAgain => load_again(&window),
        Step::Ask => {
            tauri::async_runtime::spawn(async move { rescue::offer(&window, Trouble::Ended).await });
        }
    }
}

/// Loads the page again, and watches that it paints.
pub(crate) fn load_again(window: &WebviewWindow) {
    expect_paint(window);
    if let Err(error) = window.reload() {
        tracing::error!(%error, "the page cannot be loaded again");
    }
}

/// Has the web view tell when the process of its page ends. WebKit leaves an empty window where nobody does anything.
#[cfg(target_os = "linux")]
pub(crate) fn hear_of_ends(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{WebProcessTerminationReason, WebViewExt as _};

    let (app, label) = (window.app_handle().clone(), window.label().to_owned());
    window.with_webview(move |view| {
        view.inner().connect_web_process_terminated(move |_, reason| {
            let reason = match reason {
                WebProcessTerminationReason::ExceededMemoryLimit => "it used more memory than it may",
                _ => "it crashed",
            };
            page_ended(&app, &label, reason);
        });
    })
}

/// macOS tells the builder of the program; the web view of Windows loads its page again by itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn hear_of_ends(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the line that `cargo xtask demo` and tests wait for")]
fn say_ready() {
    println!("ready: the window is open");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_loaded_again_once_and_then_the_user_chooses() {
        let pages = Pages::default();
        let start = Instant::now();
        assert_eq!(pages.ended("main", start), Step::LoadAgain);
        assert_eq!(pages.ended("repository-1", start), Step::LoadAgain, "each window for itself");
        assert_eq!(pages.ended("main", start + Duration::from_secs(30)), Step::Ask);
        assert_eq!(pages.ended("main", start + Duration::from_secs(60)), Step::Ask);
        let later = start + Duration::from_secs(60) + SOON;
        assert_eq!(pages.ended("main", later), Step::LoadAgain, "after a good while it is another matter");
    }

    #[test]
    fn each_load_is_to_paint() {
        let pages = Pages::default();
        let first = pages.with("main", |page| page.painted.subscribe());
        assert_eq!(*first.borrow(), 0);
        pages.painted("main");
        pages.painted("repository-1");
        assert_eq!(*first.borrow(), 1);
        pages.closed("main");
        assert!(first.has_changed().is_err(), "who waits for a closed window is let go");
    }
}
