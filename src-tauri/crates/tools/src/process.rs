//! Running one program: bounded in time and output, with an environment of its own.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take to say its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a running program looks whether it is cancelled.
const CANCEL_INTERVAL: Duration = Duration::from_millis(50);
/// How much of an error text is kept.
const MAX_ERROR_TEXT: usize = 256 << 10;

/// What a program printed and how it ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Whether it ended with 0.
    pub(crate) is_success: bool,
    /// Standard output.
    pub(crate) output: Vec<u8>,
    /// Standard error, bytes that are no UTF-8 replaced.
    pub(crate) errors: String,
}

/// Why a program gave no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// It could not be started.
    #[error("cannot be started: {0}")]
    Start(#[source] std::io::Error),
    /// It took too long.
    #[error("was stopped after {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// It printed too much.
    #[error("was stopped because it printed more than {0} bytes")]
    TooMuchOutput(usize),
    /// The caller gave up.
    #[error("was stopped because the render was cancelled")]
    Cancelled,
    /// Waiting for it failed.
    #[error("was lost: {0}")]
    Lost(#[source] std::io::Error),
}

/// Bounds of one run.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'a> {
    pub(crate) timeout: Duration,
    pub(crate) max_output: usize,
    pub(crate) cancelled: &'a AtomicBool,
}

/// The standard output of a program that says its version.
pub(crate) fn version_text(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    let bounds =
        Bounds { timeout: VERSION_TIMEOUT, max_output: 64 << 10, cancelled: &AtomicBool::new(false) };
    let finished = run(command, bounds).map_err(|error| error.to_string())?;
    if finished.is_success {
        Ok(String::from_utf8_lossy(&finished.output).into_owned())
    } else {
        Err(finished.errors.lines().next().unwrap_or("it failed without a word").to_owned())
    }
}

/// Runs a command to its end, or stops it and everything that it started.
pub(crate) fn run(mut command: Command, bounds: Bounds<'_>) -> Result<Finished, RunError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // A group of its own, so that what it starts can be stopped with it.
        command.process_group(0);
    }
    let mut child = Running(start(&mut command)?);
    let (Some(stdout), Some(stderr)) = (child.0.stdout.take(), child.0.stderr.take()) else {
        return Err(RunError::Lost(std::io::Error::other("it has no output")));
    };
    let (finished, done) = channel();
    let output_finished = finished.clone();
    let max_output = bounds.max_output;
    thread::scope(|scope| {
        let output = scope.spawn(move || {
            let read = read_up_to(stdout, max_output);
            // The other side is gone only when the run is over.
            let _ = output_finished.send(matches!(read, Ok(None)));
            read
        });
        let errors = scope.spawn(move || {
            let read = read_up_to(stderr, MAX_ERROR_TEXT);
            let _ = finished.send(false);
            read
        });
        let stopped = wait_for_both(&done, &mut child, bounds);
        let output = join(output)?;
        let errors = join(errors)?;
        if let Some(error) = stopped {
            return Err(error);
        }
        let output = output.ok_or(RunError::TooMuchOutput(max_output))?;
        let status = child.0.wait().map_err(RunError::Lost)?;
        // An endless error text is cut off, which stops the program; what there is says enough.
        let errors = errors.unwrap_or_default();
        Ok(Finished {
            is_success: status.success(),
            output,
            errors: String::from_utf8_lossy(&errors).into_owned(),
        })
    })
}

/// Starts a command. A program that was written a moment ago can be busy on Linux while another thread forks;
/// that passes.
fn start(command: &mut Command) -> Result<Child, RunError> {
    for _ in 0..20 {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(5));
            }
            other => return other.map_err(RunError::Start),
        }
    }
    command.spawn().map_err(RunError::Start)
}

/// Waits until both streams have ended (`true`: it was too long); stops the program when a bound is reached, and says which.
fn wait_for_both(done: &Receiver<bool>, child: &mut Running, bounds: Bounds<'_>) -> Option<RunError> {
    let deadline = Instant::now() + bounds.timeout;
    let mut streams = 2;
    while streams > 0 {
        let left = deadline.saturating_duration_since(Instant::now());
        match done.recv_timeout(left.min(CANCEL_INTERVAL)) {
            Ok(false) => streams -= 1,
            Ok(true) => {
                child.stop();
                return Some(RunError::TooMuchOutput(bounds.max_output));
            }
            Err(RecvTimeoutError::Timeout) => {
                let error = if bounds.cancelled.load(Ordering::SeqCst) {
                    RunError::Cancelled
                } else if Instant::now() >= deadline {
                    RunError::Timeout(bounds.timeout)
                } else {
                    continue;
                };
                child.stop();
                return Some(error);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    None
}

fn join(
    reader: thread::ScopedJoinHandle<'_, std::io::Result<Option<Vec<u8>>>>,
) -> Result<Option<Vec<u8>>, RunError> {
    reader
        .join()
        .map_err(|_| RunError::Lost(std::io::Error::other("reading its output failed")))?
        .map_err(RunError::Lost)
}

/// Everything of a stream; `None` where it is longer than `limit`.
fn read_up_to(mut stream: impl Read, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let take = u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1;
    (&mut stream).take(take).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// A program that is stopped when nobody waits for it any more.
struct Running(Child);

impl Running {
    fn stop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // Fails only when the group has ended already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            self.stop();
        }
    }
}
