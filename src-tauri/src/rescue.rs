//! What a window offers, in a dialog of the desktop, when its page cannot be shown.

use tauri::{Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind, MessageDialogResult};

use crate::{browser, renderer, watchdog};

const RESTART: &str = "Restart with software rendering";
const BROWSER: &str = "Open in browser";
const WAIT: &str = "Wait";
const AGAIN: &str = "Load again";

/// Why the page cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It did not paint in time.
    Empty,
    /// Its process ends again and again.
    Ended,
}

/// What the user chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Restart,
    Browser,
    /// Neither: to wait for the page, or to load it again.
    Stay,
}

/// What the dialog says, and its buttons. A restart is offered where it would change anything.
fn dialog(trouble: Trouble, can_soften: bool) -> (String, MessageDialogButtons) {
    let (what, stay) = match trouble {
        Trouble::Empty => (
            format!(
                "The window stays empty: its page did not paint within {} seconds.",
                watchdog::PATIENCE.as_secs()
            ),
            WAIT,
        ),
        Trouble::Ended => {
            ("The page of this window ended, was loaded again, and ended once more.".to_owned(), AGAIN)
        }
    };
    let (why, buttons) = if can_soften {
        (
            "The graphics driver is often the reason. Software rendering goes without it; the browser shows the same \
             interface.",
            MessageDialogButtons::YesNoCancelCustom(RESTART.to_owned(), BROWSER.to_owned(), stay.to_owned()),
        )
    } else {
        (
            "Software rendering is on already. The browser shows the same interface.",
            MessageDialogButtons::OkCancelCustom(BROWSER.to_owned(), stay.to_owned()),
        )
    };
    (format!("{what}\n\n{why}\n\nYour repositories, runs and drafts are not touched."), buttons)
}

fn choice(result: &MessageDialogResult) -> Choice {
    match result {
        MessageDialogResult::Yes => Choice::Restart,
        MessageDialogResult::No | MessageDialogResult::Ok => Choice::Browser,
        MessageDialogResult::Custom(label) if label == RESTART => Choice::Restart,
        MessageDialogResult::Custom(label) if label == BROWSER => Choice::Browser,
        // Also a dialog that was closed.
        MessageDialogResult::Custom(_) | MessageDialogResult::Cancel => Choice::Stay,
    }
}

/// Asks what to do about a page that cannot be shown, and does it.
pub(crate) async fn offer(window: &WebviewWindow, trouble: Trouble) {
    let variables = renderer::softer();
    let (message, buttons) = dialog(trouble, !variables.is_empty());
    let (answer, answered) = tokio::sync::oneshot::channel();
    window
        .dialog()
        .message(message)
        .title("Slipway")
        .kind(MessageDialogKind::Error)
        .buttons(buttons)
        .show_with_result(|result| {
            // Who asked is gone when the program ends.
            let _ = answer.send(result);
        });
    let Ok(result) = answered.await else { return };
    match choice(&result) {
        Choice::Restart => {
            crate::stop(window.app_handle()).await;
            let error = renderer::start_again(&variables);
            say(
                window,
                &format!("Slipway cannot be started again: {error}. Close this window and start it by hand."),
            );
        }
        Choice::Browser => match browser::open(window.app_handle()).await {
            Ok(()) => {
                // The program serves the browser as long as one of its windows is open.
                let _ = window.set_title("Slipway is open in the browser; closing this window ends it");
                let _ = window.minimize();
            }
            Err(message) => say(window, &message),
        },
        Choice::Stay if trouble == Trouble::Ended => watchdog::load_again(window),
        Choice::Stay => {}
    }
}

fn say(window: &WebviewWindow, message: &str) {
    tracing::error!("{message}");
    window.dialog().message(message).title("Slipway").kind(MessageDialogKind::Error).show(|_| {});
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_is_offered_where_it_changes_anything() {
        for trouble in [Trouble::Empty, Trouble::Ended] {
            let (message, buttons) = dialog(trouble, true);
            assert!(message.contains("not touched"), "{message}");
            assert!(matches!(buttons, MessageDialogButtons::YesNoCancelCustom(first, second, _)
                if first == RESTART && second == BROWSER));
            let (message, buttons) = dialog(trouble, false);
            assert!(message.contains("on already"), "{message}");
            assert!(matches!(buttons, MessageDialogButtons::OkCancelCustom(first, _) if first == BROWSER));
        }
        assert!(dialog(Trouble::Empty, true).0.contains("within 8 seconds"));
    }

    #[test]
    fn a_dialog_that_is_closed_changes_nothing() {
        let custom = |label: &str| MessageDialogResult::Custom(label.to_owned());
        for (result, expected) in [
            (custom(RESTART), Choice::Restart),
            (custom(BROWSER), Choice::Browser),
            (custom(WAIT), Choice::Stay),
            (custom(AGAIN), Choice::Stay),
            (MessageDialogResult::Cancel, Choice::Stay),
        ] {
            assert_eq!(choice(&result), expected, "{result:?}");
        }
    }
}
