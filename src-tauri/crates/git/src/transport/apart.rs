//! libgit2's transfers on a thread of their own, so that cancelling does not wait for a server that is silent.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Cancel, Progress, ProgressSink};
use crate::error::GitError;

/// How often cancelling is looked for.
const TICK: Duration = Duration::from_millis(50);
/// How long a cancelled transfer may take to notice. Afterwards it is left to end by itself, at the latest when the
/// server's time is up.
const GRACE: Duration = Duration::from_secs(1);

enum Heard<T> {
    Progress(Progress),
    Done(Result<T, GitError>),
}

/// Runs `work` and passes on what it reports. When the user stops it, `work` is told, and not waited for long.
pub(crate) fn run<T: Send + 'static>(
    report: ProgressSink<'_>,
    cancel: &Cancel,
    work: impl FnOnce(ProgressSink<'_>, &Cancel) -> Result<T, GitError> + Send + 'static,
) -> Result<T, GitError> {
    cancel.check()?;
    let (sender, receiver) = mpsc::channel();
    let told = cancel.clone();
    std::thread::spawn(move || {
        let facts = sender.clone();
        // Nobody listens any more after cancelling.
        let result = work(&mut |fact| drop(facts.send(Heard::Progress(fact))), &told);
        let _ = sender.send(Heard::Done(result));
    });
    let mut cancelled: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(Heard::Progress(fact)) => report(fact),
            Ok(Heard::Done(result)) => return result,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(GitError::Cancelled),
        }
        if cancel.is_cancelled() && cancelled.get_or_insert_with(Instant::now).elapsed() > GRACE {
            return Err(GitError::Cancelled);
        }
    }
}
