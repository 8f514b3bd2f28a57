//! The installed `git` as a process: its progress, its end, and stopping it with everything it started.

use std::io::{BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::progress::{self, Progress};
use super::{Cancel, ProgressSink};
use crate::error::GitError;

/// How often cancelling is looked for.
const TICK: Duration = Duration::from_millis(50);
/// How long a process may take to clean up before it is killed.
const GRACE: Duration = Duration::from_secs(3);
/// As much of what is printed as is kept.
const KEPT_BYTES: usize = 64 * 1024;

/// How a run ended.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    /// What was printed as messages, progress left out.
    pub(crate) messages: String,
}

enum Heard {
    Progress(Progress),
    Message(String),
    Output(Vec<u8>),
}

/// Runs the command in a process group of its own, without a terminal to ask on.
pub(crate) fn run(
    command: &mut Command,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Finished, GitError> {
    cancel.check()?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |source| GitError::Program { program: program.clone(), source };
    let mut child = command.spawn().map_err(failed)?;
    let (sender, receiver) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        let sender = sender.clone();
        std::thread::spawn(move || read_messages(stderr, &sender));
    }
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || read_output(stdout, &sender));
    }
    let mut finished = (String::new(), String::new());
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(Heard::Progress(fact)) => report(fact),
            Ok(Heard::Message(line)) => keep(&mut finished.1, &line),
            Ok(Heard::Output(bytes)) => finished.0.push_str(&String::from_utf8_lossy(&bytes)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if cancel.is_cancelled() {
            stop(&mut child);
            return Err(GitError::Cancelled);
        }
    }
    // Both pipes are closed; a process that lingers without them is still stopped by cancelling.
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(Finished { status, output: finished.0, messages: finished.1 });
        }
        if cancel.is_cancelled() {
            stop(&mut child);
            return Err(GitError::Cancelled);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn keep(text: &mut String, line: &str) {
    if text.len() + line.len() < KEPT_BYTES {
        text.push_str(line);
        text.push('\n');
    }
}

fn read_messages(stderr: impl Read, sender: &mpsc::Sender<Heard>) {
    let mut line = Vec::new();
    for byte in BufReader::new(stderr).bytes() {
        let Ok(byte) = byte else {
            break;
        };
        if !matches!(byte, b'\r' | b'\n') {
            if line.len() < KEPT_BYTES {
                line.push(byte);
            }
            continue;
        }
        tell(&line, sender);
        line.clear();
    }
    tell(&line, sender);
}

fn tell(line: &[u8], sender: &mpsc::Sender<Heard>) {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    let heard = match progress::parse(text) {
        Some(fact) => Heard::Progress(fact),
        None => Heard::Message(text.to_owned()),
    };
    // Nobody listens any more after cancelling.
    let _ = sender.send(heard);
}

fn read_output(stdout: impl Read, sender: &mpsc::Sender<Heard>) {
    let mut bytes = Vec::new();
    // What cannot be read is missing from the output, which the exit status explains.
    let _ = stdout.take(4 * 1024 * 1024).read_to_end(&mut bytes);
    let _ = sender.send(Heard::Output(bytes));
}

/// Asks the process and its children to end, so that Git removes its temporary files; kills what does not.
fn stop(child: &mut Child) {
    signal(child, false);
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if matches!(child.try_wait(), Ok(Some(_))) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    signal(child, true);
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(unix)]
fn signal(child: &Child, kill: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if kill { Signal::KILL } else { Signal::TERM };
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // The group may have ended already.
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
fn signal(_child: &Child, _kill: bool) {}
