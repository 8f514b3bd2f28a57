//! A tree for evaluators that insist on owning what they read from.
//!
//! The template and Jsonnet libraries take loaders without a lifetime, while an engine only borrows its tree.
//! So the evaluator runs on a thread of its own and asks the calling thread, which holds the tree, over a
//! channel. This also gives it a stack of a known size, and confines a panic.

use std::any::Any;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;
use slipway_model::{RepoPath, Tree, TreeError};

struct Request {
    path: RepoPath,
    answer: SyncSender<Result<Option<Bytes>, TreeError>>,
}

/// Reads files of a tree that lives on another thread.
#[derive(Clone)]
pub(crate) struct RemoteTree {
    requests: SyncSender<Request>,
}

impl RemoteTree {
    /// As [`Tree::read`]; `None` also when the tree is gone, which does not happen while the caller waits.
    pub(crate) fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let (answer, received) = sync_channel(1);
        if self.requests.send(Request { path: path.clone(), answer }).is_err() {
            return Ok(None);
        }
        received.recv().unwrap_or(Ok(None))
    }
}

/// Why the work on the other thread gave no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BridgeError {
    /// No thread could be started.
    #[error("no thread could be started")]
    Spawn(#[source] std::io::Error),
    /// The work panicked.
    #[error("{0}")]
    Panic(String),
}

/// Runs `work` on a thread with a stack of `stack` bytes and answers its reads from `tree`.
pub(crate) fn run<T: Send + 'static>(
    tree: &dyn Tree,
    stack: usize,
    work: impl FnOnce(RemoteTree) -> T + Send + 'static,
) -> Result<T, BridgeError> {
    let (requests, received): (_, Receiver<Request>) = sync_channel(0);
    let worker = thread::Builder::new()
        .name("slipway-evaluator".to_owned())
        .stack_size(stack)
        .spawn(move || work(RemoteTree { requests }))
        .map_err(BridgeError::Spawn)?;
    // Ends when the worker has dropped its last handle.
    for request in received {
        // Nobody waits for the answer where the worker has unwound already.
        let _ = request.answer.send(tree.read(&request.path));
    }
    worker.join().map_err(|payload| BridgeError::Panic(panic_text(payload.as_ref())))
}

/// The text of a panic.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it gave no reason".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    #[test]
    fn reads_are_answered_and_a_panic_is_confined() {
        let tree = MemoryTree::new([("a", "1")]);
        let path = RepoPath::new("a").unwrap();
        let text = run(&tree, 1 << 20, move |remote| remote.read(&path).unwrap().unwrap()).unwrap();
        assert_eq!(text, "1");
        let error = run(&tree, 1 << 20, |_| -> () { panic!("on purpose") }).unwrap_err();
        assert_eq!(error.to_string(), "on purpose");
    }
}
