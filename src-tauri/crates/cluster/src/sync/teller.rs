//! Tells what happens in a sync to whoever listens.

use slipway_model::Problem;
use slipway_sync::OperationPhase;
use tokio::sync::mpsc;

use super::SyncEvent;

/// Tells what happens.
pub(super) struct Teller {
    events: mpsc::Sender<SyncEvent>,
    problems: Vec<Problem>,
    operation: Option<(OperationPhase, String)>,
}

impl Teller {
    pub(super) fn new(events: mpsc::Sender<SyncEvent>) -> Self {
        Self { events, problems: Vec::new(), operation: None }
    }

    /// The problems so far.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.problems.clone()
    }

    /// Tells an event; a problem only once.
    pub(super) async fn tell(&mut self, event: SyncEvent) {
        if let SyncEvent::Problem(problem) = &event {
            if self.problems.contains(problem) {
                return;
            }
            self.problems.push(problem.clone());
        }
        // Whoever does not listen any more does not stop the sync.
        drop(self.events.send(event).await);
    }

    /// Tells how far the operation is, where that is new.
    pub(super) async fn operation(&mut self, phase: OperationPhase, message: &str) {
        if self.operation.as_ref().is_none_or(|(known, text)| (*known, text.as_str()) != (phase, message)) {
            self.operation = Some((phase, message.to_owned()));
            self.tell(SyncEvent::Operation { phase, message: message.to_owned() }).await;
        }
    }
}
