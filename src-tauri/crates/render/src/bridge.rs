//! A tree for evaluators that insist on owning what they read from.
//!
//! The template and Jsonnet libraries take loaders without a lifetime, while an engine only borrows its tree.
//! So the evaluator runs on a thread of its own and asks the calling thread, which holds the tree, over a
//! channel. This also gives it a stack of a known size, and confines a panic. Threads wait for the next
//! evaluation: starting one, and touching a large new stack, takes longer than many templates.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use slipway_model::{RepoPath, Tree, TreeError};

/// What the evaluator's thread tells the calling one.
enum Message {
    /// It wants a file.
    Read { path: RepoPath, answer: SyncSender<Result<Option<Bytes>, TreeError>> },
    /// It is done. A library may keep handles of the tree beyond that.
    Done,
}

/// Reads files of a tree that lives on another thread.
#[derive(Clone)]
pub(crate) struct RemoteTree {
    messages: SyncSender<Message>,
}

impl RemoteTree {
    /// As [`Tree::read`]; `None` also when the tree is gone, which does not happen while the caller waits.
    pub(crate) fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let (answer, received) = sync_channel(1);
        if self.messages.send(Message::Read { path: path.clone(), answer }).is_err() {
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

type Job = Box<dyn FnOnce() + Send>;

/// A thread that waits for evaluations.
struct Worker {
    jobs: SyncSender<Job>,
    stack: usize,
}

impl Worker {
    fn start(stack: usize) -> std::io::Result<Self> {
        let (jobs, received): (_, Receiver<Job>) = sync_channel(0);
        thread::Builder::new()
            .name("slipway-evaluator".to_owned())
            .stack_size(stack)
            .spawn(move || received.into_iter().for_each(|job| job()))?;
        Ok(Self { jobs, stack })
    }
}

/// Threads that wait; held only to take one or to put it back.
static IDLE: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

/// More threads than this do not wait: each holds the part of its stack that it has touched.
const MOST_IDLE: usize = 16;

fn worker(stack: usize) -> std::io::Result<Worker> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let found = idle.iter().position(|worker| worker.stack == stack).map(|place| idle.swap_remove(place));
    drop(idle);
    found.map_or_else(|| Worker::start(stack), Ok)
}

fn put_back(worker: Worker) {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < MOST_IDLE {
        idle.push(worker);
    }
}

/// Runs `work` on a thread with a stack of `stack` bytes and answers its reads from `tree`. The thread waits for
/// the next evaluation afterwards, so that the library must leave nothing behind on it.
pub(crate) fn run<T: Send + 'static>(
    tree: &dyn Tree,
    stack: usize,
    work: impl FnOnce(RemoteTree) -> T + Send + 'static,
) -> Result<T, BridgeError> {
    let worker = worker(stack).map_err(BridgeError::Spawn)?;
    let result = run_on(&worker, tree, work);
    put_back(worker);
    result
}

/// As [`run`], on a thread that ends with the evaluation: for libraries that keep garbage for as long as their
/// thread lives.
pub(crate) fn run_apart<T: Send + 'static>(
    tree: &dyn Tree,
    stack: usize,
    work: impl FnOnce(RemoteTree) -> T + Send + 'static,
) -> Result<T, BridgeError> {
    run_on(&Worker::start(stack).map_err(BridgeError::Spawn)?, tree, work)
}

fn run_on<T: Send + 'static>(
    worker: &Worker,
    tree: &dyn Tree,
    work: impl FnOnce(RemoteTree) -> T + Send + 'static,
) -> Result<T, BridgeError> {
    let (messages, received): (_, Receiver<Message>) = sync_channel(0);
    let (finished, result) = sync_channel(1);
    let job: Job = Box::new(move || {
        let remote = RemoteTree { messages: messages.clone() };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(remote)));
        // The caller waits for both, unless it has unwound itself.
        let _ = finished.send(outcome);
        let _ = messages.send(Message::Done);
    });
    let ended = || BridgeError::Panic("the thread of the evaluator ended".to_owned());
    worker.jobs.send(job).map_err(|_| ended())?;
    for message in received {
        match message {
            // Nobody waits for the answer where the work has unwound already.
            Message::Read { path, answer } => drop(answer.send(tree.read(&path))),
            Message::Done => break,
        }
    }
    match result.recv() {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(payload)) => Err(BridgeError::Panic(panic_text(payload.as_ref()))),
        Err(_) => Err(ended()),
    }
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
        for _ in 0..3 {
            let error = run(&tree, 1 << 20, |_| -> () { panic!("on purpose") }).unwrap_err();
            assert_eq!(error.to_string(), "on purpose");
        }
        assert_eq!(run(&tree, 1 << 20, |_| 7).unwrap(), 7);
    }
}
