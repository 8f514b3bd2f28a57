//! One virtual cluster: its state behind a lock, and the task that runs its controllers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::controllers::{self, Next};
use crate::state::State;

/// One virtual cluster.
pub(crate) struct Cluster {
    /// The environment it stands for.
    pub(crate) environment: String,
    /// Its name in paths.
    pub(crate) name: String,
    /// Held for one request or one step of the controllers, never across an await.
    state: Mutex<State>,
    /// The revision of the last write; watches and controllers wait for it to change.
    changed: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
}

impl Cluster {
    pub(crate) fn new(environment: &str, name: &str, state: State, clock: Arc<dyn Clock>) -> Self {
        let (changed, _) = watch::channel(state.store.revision());
        Self {
            environment: environment.to_owned(),
            name: name.to_owned(),
            state: Mutex::new(state),
            changed,
            clock,
        }
    }

    /// Works on the state.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        // A panic in between would be a bug; the state stays usable, every write is complete in itself.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = self.clock.now();
        let result = work(&mut state);
        let revision = state.store.revision();
        drop(state);
        self.changed.send_if_modified(|last| std::mem::replace(last, revision) != revision);
        result
    }

    /// Tells when something was written.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Runs the controllers until the task is dropped.
    pub(crate) async fn run_controllers(self: Arc<Self>) {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            match self.with(controllers::step) {
                Next::Now => tokio::task::yield_now().await,
                Next::At(at) => {
                    let wait = self.clock.now().duration_until(at);
                    let wait = Duration::try_from(wait).unwrap_or_default().max(Duration::from_millis(1));
                    // Either is a reason to look again, and an error only means that nobody writes any more.
                    let _ = tokio::time::timeout(wait, changes.changed()).await;
                }
                Next::Idle => {
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
