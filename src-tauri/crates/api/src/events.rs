//! Facts for clients, collapsed so that a burst becomes one batch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};

use crate::dto::ApiEvent;
use crate::moved::Moved;

/// The shortest time between two batches.
const FLUSH: Duration = Duration::from_millis(50);

/// Batches that a slow client may be behind before it has to ask again.
const BEHIND: usize = 64;

/// A batch of facts.
pub(crate) type Batch = Arc<Vec<ApiEvent>>;

/// Where facts go.
#[derive(Clone)]
pub(crate) struct Events {
    facts: mpsc::UnboundedSender<ApiEvent>,
    batches: broadcast::Sender<Batch>,
}

impl Events {
    /// Starts to collect. Must be called inside a runtime.
    pub(crate) fn start() -> Self {
        let (facts, receiver) = mpsc::unbounded_channel();
        let (batches, _) = broadcast::channel(BEHIND);
        tokio::spawn(flush(receiver, batches.clone()));
        Self { facts, batches }
    }

    /// Tells a fact. Of facts about the same thing only the last of a batch is sent.
    pub(crate) fn tell(&self, event: ApiEvent) {
        // Without a receiver the program is ending.
        let _ = self.facts.send(event);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Batch> {
        self.batches.subscribe()
    }
}

async fn flush(mut facts: mpsc::UnboundedReceiver<ApiEvent>, batches: broadcast::Sender<Batch>) {
    let mut moved = Moved::default();
    while let Some(first) = facts.recv().await {
        let mut latest = BTreeMap::new();
        latest.insert(about(&first), first);
        tokio::time::sleep(FLUSH).await;
        while let Ok(event) = facts.try_recv() {
            latest.insert(about(&event), event);
        }
        // Without a subscriber nobody wants to know.
        let _ = batches.send(Arc::new(latest.into_values().map(|event| moved.shorten(event)).collect()));
    }
}

/// What a fact is about.
fn about(event: &ApiEvent) -> String {
    match event {
        ApiEvent::FleetChanged { repository, .. } => format!("fleet {repository}"),
        ApiEvent::RepositoryChanged { repository } => format!("repository {repository}"),
        ApiEvent::RunChanged { run, .. } => format!("run {}", run.id),
        ApiEvent::DraftsChanged { repository } => format!("drafts {repository}"),
        ApiEvent::LogGrew { stream, .. } => format!("log {stream}"),
        ApiEvent::OperationProgress { operation, .. } => format!("operation {operation}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_becomes_one_batch_with_the_last_of_each() {
        let events = Events::start();
        let mut batches = events.subscribe();
        for done in 0..1000 {
            events.tell(ApiEvent::OperationProgress {
                operation: "clone".to_owned(),
                step: "receiving".to_owned(),
                done,
                total: 1000,
            });
        }
        events.tell(ApiEvent::RepositoryChanged { repository: "r".to_owned() });
        let batch = batches.recv().await.unwrap();
        assert_eq!(batch.len(), 2);
        assert!(matches!(batch[0], ApiEvent::OperationProgress { done: 999, .. }));
    }
}
