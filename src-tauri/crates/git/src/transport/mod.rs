//! How servers are spoken to: with the user's own `git` where it is installed and recent, so that their ssh
//! configuration, agents, credential helpers and proxies simply work; with libgit2 otherwise.
//!
//! Both run outside the repository's own configuration but for its remotes, which are data: addresses,
//! refspecs, `insteadOf`. Nothing a repository brings along is started.

mod apart;
pub(crate) mod builtin;
pub(crate) mod credentials;
pub(crate) mod installed;
pub(crate) mod known_hosts;
mod process;
pub(crate) mod progress;
pub(crate) mod url;

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::GitError;
use crate::settings::Consent;

pub use credentials::{Credential, CredentialStore};
pub use progress::{Phase, Progress};

/// Oldest `git` that is used: earlier ones lack options that keep a fetch from writing more than it should.
const OLDEST: (u32, u32) = (2, 30);

/// Who speaks to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The user's own `git`.
    InstalledGit {
        /// The program.
        path: PathBuf,
        /// Its version: `2.39.5`.
        version: String,
    },
    /// libgit2, which is part of this program.
    BuiltIn,
}

impl Transport {
    /// The installed `git` where it is on `PATH` and at least 2.30, else the built-in transport.
    #[must_use]
    pub fn choose() -> Self {
        Self::installed().unwrap_or(Self::BuiltIn)
    }

    /// The installed `git`, where it is recent enough.
    #[must_use]
    pub fn installed() -> Option<Self> {
        let path = find_program("git")?;
        let output = Command::new(&path).arg("version").stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.trim().strip_prefix("git version ")?.split(' ').next()?.to_owned();
        let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let found = (numbers.next()?, numbers.next()?);
        (found >= OLDEST).then_some(Self::InstalledGit { path, version })
    }
}

/// What a network operation needs.
#[derive(Clone)]
pub struct Network {
    /// Who speaks to the server.
    pub transport: Transport,
    /// Where passwords are looked up when Git's own helpers know none.
    pub credentials: Option<Arc<dyn CredentialStore>>,
    /// What the user agreed to in this repository.
    pub consent: Consent,
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl Network {
    /// The chosen transport, without a credential store and without consent.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { transport, credentials: None, consent: Consent::default() }
    }
}

/// Lets another thread stop a long operation. Clones belong together.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    stopped: Arc<AtomicBool>,
    /// It stops by itself then.
    at: Option<Instant>,
}

impl Cancel {
    /// Not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the operation at the next opportunity.
    pub fn cancel(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.stopped.load(Ordering::SeqCst) || self.at.is_some_and(|at| Instant::now() >= at)
    }

    /// The same, which also stops by itself after a time.
    pub(crate) fn within(&self, time: Duration) -> Self {
        let at = Instant::now().checked_add(time);
        Self { stopped: Arc::clone(&self.stopped), at: self.at.into_iter().chain(at).min() }
    }

    pub(crate) fn check(&self) -> Result<(), GitError> {
        if self.is_cancelled() { Err(GitError::Cancelled) } else { Ok(()) }
    }
}

/// Where the facts of a long operation go.
pub type ProgressSink<'a> = &'a mut dyn FnMut(Progress);

/// Finds a program on `PATH`. Only absolute directories count, so that a repository that is the working
/// directory can put nothing in the way.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|path| path.is_file())
}
