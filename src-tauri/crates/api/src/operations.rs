//! Long operations that a client watches and may end.

use std::sync::Arc;
use std::time::Duration;

use slipway_git::Cancel;

use crate::Api;
use crate::dto::{ApiError, ApiEvent};
use crate::error::error;

/// How soon it is noticed that what is waited for was given up.
const LOOK: Duration = Duration::from_millis(50);

/// A long operation under the id that a client chose; without an id nobody watches it. It is forgotten when it is
/// dropped.
pub(crate) struct Operation {
    api: Api,
    id: Option<String>,
    cancel: Cancel,
}

impl Api {
    /// Begins an operation.
    pub(crate) fn operation(&self, id: Option<String>) -> Arc<Operation> {
        let cancel = match &id {
            Some(id) => self.begin(id),
            None => Cancel::new(),
        };
        Arc::new(Operation { api: self.clone(), id, cancel })
    }
}

impl Operation {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Fails once the client gave it up.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }

    /// Tells how far a step is; `total` is 0 where that is not known.
    pub(crate) fn report(&self, step: &str, done: u32, total: u32) {
        let Some(operation) = self.id.clone() else { return };
        self.api.tell(ApiEvent::OperationProgress { operation, step: step.to_owned(), done, total });
    }

    /// Waits for something that goes on for others as well; given up, only the waiting ends.
    pub(crate) async fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(LOOK) => self.check()?,
            }
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.api.end(id);
        }
    }
}

fn cancelled() -> ApiError {
    error("cancelled", "it was cancelled before it was done")
}
