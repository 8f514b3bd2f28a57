//! Logs that are followed: a ring of lines each, which the page reads on when it is told that there are more.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use slipway_cluster::{Connection, LogLine, LogSource};
use tokio_util::sync::CancellationToken;

use crate::Api;
use crate::dto::*;
use crate::error::error;

/// Lines that are kept of a log; the oldest are dropped.
const LINES_KEPT: usize = 10_000;

/// Bytes that are kept of a log.
const BYTES_KEPT: usize = 8 * 1024 * 1024;

/// Lines that an answer holds.
const LINES_ANSWERED: usize = 2_000;

/// Logs that are followed at a time; the one opened first ends for one more.
const FOLLOWED: usize = 8;

/// Lines of a log that are there already when it is opened.
pub(super) const TAIL: u32 = 2_000;

/// The logs that are followed, by name.
#[derive(Default)]
pub(crate) struct Logs {
    followed: Mutex<BTreeMap<String, Arc<Followed>>>,
    /// The number of the next one.
    next: Mutex<u64>,
}

struct Followed {
    number: u64,
    ring: Mutex<Ring>,
    cancel: CancellationToken,
}

/// The last lines of a log.
#[derive(Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    bytes: usize,
    /// The number of the newest line, from 1.
    newest: u32,
    ended: bool,
    error: Option<String>,
}

impl Ring {
    fn push(&mut self, line: LogLine) {
        self.bytes += line.text.len();
        self.lines.push_back(line);
        self.newest = self.newest.saturating_add(1);
        while self.lines.len() > LINES_KEPT || self.bytes > BYTES_KEPT {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.text.len();
        }
    }

    fn read(&self, after: u32) -> LogLines {
        let first = self.newest - u32::try_from(self.lines.len()).unwrap_or(self.newest) + 1;
        let numbered = (first..).zip(&self.lines);
        let lines: Vec<LogLineInfo> = numbered
            .skip_while(|(number, _)| *number <= after)
            .take(LINES_ANSWERED)
            .map(|(number, line)| LogLineInfo { number, time: line.time.clone(), text: line.text.clone() })
            .collect();
        LogLines {
            lines,
            newest: self.newest,
            dropped: first - 1,
            open: !self.ended,
            error: self.error.clone(),
        }
    }
}

impl Api {
    /// Follows a log from now on; returns its name.
    pub(super) fn follow_log(&self, connection: Arc<Connection>, source: LogSource) -> String {
        let number = {
            let mut next = self.inner.logs.next.lock().unwrap_or_else(PoisonError::into_inner);
            *next += 1;
            *next
        };
        let stream = format!("log-{number}");
        let followed =
            Arc::new(Followed { number, ring: Mutex::default(), cancel: CancellationToken::new() });
        {
            let mut all = self.inner.logs.followed.lock().unwrap_or_else(PoisonError::into_inner);
            while all.len() >= FOLLOWED {
                let Some(oldest) =
                    all.iter().min_by_key(|(_, each)| each.number).map(|(name, _)| name.clone())
                else {
                    break;
                };
                if let Some(ended) = all.remove(&oldest) {
                    ended.cancel.cancel();
                }
            }
            all.insert(stream.clone(), followed.clone());
        }
        let (api, name) = (self.clone(), stream.clone());
        tokio::spawn(async move {
            let outcome = slipway_cluster::log(&connection, &source, &followed.cancel, |line| {
                let newest = {
                    let mut ring = followed.ring.lock().unwrap_or_else(PoisonError::into_inner);
                    ring.push(line);
                    ring.newest
                };
                api.tell(ApiEvent::LogGrew { stream: name.clone(), newest });
            })
            .await;
            let newest = {
                let mut ring = followed.ring.lock().unwrap_or_else(PoisonError::into_inner);
                ring.ended = true;
                ring.error = outcome.err().map(|failure| failure.to_string());
                ring.newest
            };
            api.tell(ApiEvent::LogGrew { stream: name, newest });
        });
        stream
    }

    pub(crate) async fn log_read(&self, request: LogRead) -> Result<LogLines, ApiError> {
        let all = self.inner.logs.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = all.get(&request.stream).cloned();
        drop(all);
        let followed = followed
            .ok_or_else(|| error("log-closed", format!("the log `{}` is not followed", request.stream)))?;
        let ring = followed.ring.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ring.read(request.after))
    }

    pub(crate) async fn log_close(&self, request: LogRef) -> Result<Nothing, ApiError> {
        let mut all = self.inner.logs.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ended) = all.remove(&request.stream) {
            ended.cancel.cancel();
        }
        Ok(Nothing {})
    }

    /// Ends all logs.
    pub(crate) fn close_logs(&self) {
        let mut all = self.inner.logs.followed.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, followed) in std::mem::take(&mut *all) {
            followed.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine { time: String::new(), text: text.to_owned() }
    }

    #[test]
    fn a_ring_keeps_the_last_lines_and_says_what_it_dropped() {
        let mut ring = Ring::default();
        assert_eq!(ring.read(0).lines.len(), 0);
        for number in 1..=LINES_KEPT + 5 {
            ring.push(line(&number.to_string()));
        }
        let first = ring.read(0);
        assert_eq!((first.dropped, first.lines[0].number, first.lines.len()), (5, 6, LINES_ANSWERED));
        assert_eq!(first.lines[0].text, "6");
        let rest = ring.read(first.newest - 1);
        assert_eq!(rest.lines.len(), 1);
        assert_eq!(rest.lines[0].text, (LINES_KEPT + 5).to_string());
        assert!(ring.read(first.newest).lines.is_empty());
    }

    #[test]
    fn long_lines_do_not_fill_the_memory() {
        let mut ring = Ring::default();
        let long = "x".repeat(1024 * 1024);
        for _ in 0..20 {
            ring.push(line(&long));
        }
        assert!(ring.bytes <= BYTES_KEPT);
        assert_eq!(ring.lines.len(), 8);
    }
}
