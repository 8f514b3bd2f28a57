//! The façade itself: what lives as long as the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use slipway_store::{Credentials, Database, Folders, KeptWindow, KeptWindows, Running, Settings};
use tokio::sync::broadcast;

use crate::dto::{ApiError, ApiEvent, AppInfo, CrashInfo, Nothing};
use crate::error::error;
use crate::events::Events;
use crate::opened::Opened;
use crate::remotes::RemoteContent;
use crate::use_cases::desk::without_secrets;
use crate::use_cases::runs::Runs;
use crate::use_cases::runs::logs::Logs;

/// Lines of the log in the report of a program that left none.
const REPORTED_LINES: usize = 40;

/// Which shell asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// The window.
    Window,
    /// A browser.
    Browser,
    /// The command line.
    Terminal,
}

/// How the façade starts.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// Which shell asks.
    pub shell: Shell,
    /// The repository that the shell was asked to open.
    pub initial_repository: Option<PathBuf>,
    /// Where things are kept; the folders of the platform by default.
    pub folders: Option<Folders>,
}

/// Every use case. Clones are the same façade.
#[derive(Clone)]
pub struct Api {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) shell: Shell,
    /// What the page shall open first.
    pub(crate) initial: Mutex<Option<PathBuf>>,
    pub(crate) folders: Folders,
    pub(crate) database: Database,
    /// What the user has set; the file is written before this is replaced.
    pub(crate) settings: RwLock<Settings>,
    pub(crate) opened: Mutex<BTreeMap<String, Arc<Opened>>>,
    pub(crate) events: Events,
    /// Long operations that can be ended, by the id the client chose.
    pub(crate) operations: Mutex<BTreeMap<String, slipway_git::Cancel>>,
    pub(crate) runs: Runs,
    pub(crate) logs: Logs,
    /// The keyring; it is opened when a server first asks for a password.
    pub(crate) credentials: RwLock<Arc<Credentials>>,
    /// What was fetched from elsewhere.
    pub(crate) remotes: RemoteContent,
    /// Tells the next start that this program was closed.
    running: Mutex<Option<Running>>,
    /// Whether the program before this one ended badly.
    ended_badly: bool,
    /// The web view of the window and its version, once the window has told.
    pub(crate) webview: OnceLock<String>,
}

impl Api {
    /// Starts the façade. Must be called inside a runtime.
    ///
    /// # Errors
    /// When the folders, the settings or the database cannot be read.
    pub async fn start(options: ApiOptions) -> Result<Self, ApiError> {
        let folders = match options.folders {
            Some(folders) => folders,
            None => Folders::of_platform()?,
        };
        let settings = Settings::load(&folders)?;
        let database = Database::open(&folders)?;
        // Only a window comes back by itself, and can say what became of the one before.
        let (running, ended_badly) = match options.shell {
            Shell::Window => begin(&folders),
            Shell::Browser | Shell::Terminal => (None, false),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                shell: options.shell,
                initial: Mutex::new(options.initial_repository),
                remotes: RemoteContent::open(&folders),
                folders,
                database,
                settings: RwLock::new(settings),
                opened: Mutex::default(),
                events: Events::start(),
                operations: Mutex::default(),
                runs: Runs::default(),
                logs: Logs::default(),
                credentials: RwLock::new(Arc::new(Credentials::new())),
                running: Mutex::new(running),
                ended_badly,
                webview: OnceLock::new(),
            }),
        })
    }

    /// Ends what is going on. What a sync has applied stays applied.
    pub async fn stop(&self) {
        self.close_logs();
        self.keep_going_runs();
        let opened: Vec<Arc<Opened>> = {
            let mut opened = self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *opened).into_values().collect()
        };
        for repository in opened {
            repository.close().await;
        }
        let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.end();
        }
    }

    /// Batches of facts from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Arc<Vec<ApiEvent>>> {
        self.inner.events.subscribe()
    }

    /// The repository that the page of the first window opens.
    ///
    /// # Errors
    /// When the recent repositories cannot be read.
    pub fn initial_repository(&self) -> Result<Option<PathBuf>, ApiError> {
        let asked = self.inner.initial.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match asked {
            Some(path) => Ok(Some(path)),
            // It may be what the program ended by: the user chooses.
            None if self.inner.ended_badly => Ok(None),
            None => self.last_repository(),
        }
    }

    /// Whether a repository was asked for, which is not the last one then.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.inner.initial.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether this start is the first since the program ended badly.
    #[must_use]
    pub fn ended_badly(&self) -> bool {
        self.inner.ended_badly
    }

    /// The window tells which web view shows its pages, for diagnostics.
    pub fn shown_by(&self, webview: String) {
        self.inner.webview.get_or_init(|| webview);
    }

    /// The windows as they were when the program was closed.
    #[must_use]
    pub fn kept_windows(&self) -> Vec<KeptWindow> {
        KeptWindows::load(&self.inner.folders).map(|kept| kept.windows).unwrap_or_else(|failure| {
            tracing::warn!("{}", crate::error::chain(&failure));
            Vec::new()
        })
    }

    /// Keeps the windows as they are, for the next start.
    pub fn keep_windows(&self, windows: Vec<KeptWindow>) {
        if let Err(failure) = (KeptWindows { windows }).save(&self.inner.folders) {
            tracing::warn!("{}", crate::error::chain(&failure));
        }
    }

    /// Whether the user wants the repositories of before again.
    #[must_use]
    pub fn reopens(&self) -> bool {
        self.settings_now().reopen != Some(false)
    }

    /// Makes the built-in sample and lets the page open it first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn open_sample_first(&self) -> Result<(), ApiError> {
        let path = self.sample_path(None).await?;
        *self.inner.initial.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
        Ok(())
    }

    pub(crate) async fn app_info(&self, _: Nothing) -> Result<AppInfo, ApiError> {
        let initial = self.initial_repository()?;
        // A report that cannot be read must not keep the program from starting.
        let crash = slipway_store::last_crash(&self.inner.folders).unwrap_or_else(|failure| {
            tracing::warn!("{}", crate::error::chain(&failure));
            None
        });
        let ended = self.inner.ended_badly;
        let last_repository =
            if ended && initial.is_none() { self.last_repository()?.as_deref().map(shown) } else { None };
        Ok(AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: std::env::consts::OS.to_owned(),
            shell: match self.inner.shell {
                Shell::Window => "window",
                Shell::Browser | Shell::Terminal => "browser",
            }
            .to_owned(),
            log_folder: self.inner.folders.log.display().to_string(),
            settings_file: Settings::path(&self.inner.folders).display().to_string(),
            crash: crash.map(|report| CrashInfo {
                file: shown(&report.path),
                text: report.text,
                ended,
                last_repository,
            }),
            initial_repository: initial.as_deref().map(shown),
            licence: include_str!(concat!(env!("OUT_DIR"), "/licence.txt")).to_owned(),
        })
    }

    /// The shells listen for it: a window whose page does not call it stays empty.
    pub(crate) async fn ui_ready(&self, _: Nothing) -> Result<Nothing, ApiError> {
        Ok(Nothing {})
    }

    pub(crate) fn tell(&self, event: ApiEvent) {
        self.inner.events.tell(event);
    }

    /// What the window shows first where nothing was asked for: the last repository, unless the user said no.
    fn last_repository(&self) -> Result<Option<PathBuf>, ApiError> {
        if self.inner.shell != Shell::Window || !self.reopens() {
            return Ok(None);
        }
        let recent = self.inner.database.recent()?;
        Ok(recent.into_iter().next().map(|last| last.path).filter(|path| path.is_dir()))
    }

    /// An opened repository that is still on disk.
    ///
    /// A repository whose folder was moved or deleted has its own code: the page keeps what it shows and says so.
    pub(crate) fn opened(&self, id: &str) -> Result<Arc<Opened>, ApiError> {
        let opened = self.opened_or_gone(id)?;
        if opened.workspace.repository().git_directory().is_dir() {
            return Ok(opened);
        }
        Err(error(
            "repository-gone",
            format!(
                "the repository `{}` is not there any more",
                opened.path.display().to_string().trim_end_matches(std::path::MAIN_SEPARATOR)
            ),
        )
        .hint("put the folder back (a drive may have to be mounted again), then read again from disk")
        .hint("or open another repository"))
    }

    /// The repositories that are open.
    pub(crate) fn all_opened(&self) -> Vec<Arc<Opened>> {
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// An opened repository, for what does not need its files.
    pub(crate) fn opened_or_gone(&self, id: &str) -> Result<Arc<Opened>, ApiError> {
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned().ok_or_else(|| {
            error("repository-closed", format!("the repository `{id}` is not open")).hint("open it again")
        })
    }

    pub(crate) fn settings_now(&self) -> Settings {
        self.inner.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Marks the program as running. Where the one before ended badly there is a report of it: its own, or one that says
/// what is known.
fn begin(folders: &Folders) -> (Option<Running>, bool) {
    let now = crate::clock::milliseconds();
    let note = format!(
        "Slipway {} on {} {}, process {}, started {now} ms after 1970",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        std::process::id(),
    );
    let (running, unfinished) = match Running::begin(folders, &std::process::id().to_string(), &note) {
        Ok(begun) => begun,
        Err(failure) => {
            tracing::warn!("{}; a crash will not be noticed", crate::error::chain(&failure));
            return (None, false);
        }
    };
    if unfinished.is_empty() {
        return (Some(running), false);
    }
    let reported = matches!(slipway_store::last_crash(folders), Ok(Some(_)));
    if !reported {
        let log = slipway_store::tail(folders, REPORTED_LINES).unwrap_or_default();
        let lines: Vec<String> = log.iter().map(|line| without_secrets(line)).collect();
        let log = if lines.is_empty() { "it is empty".to_owned() } else { lines.join("\n") };
        let text = format!(
            "{}\n\nIt ended without being closed and left no report of its own: it was killed, or it crashed outside of \
             Slipway's code (the web view, the graphics driver).\n\nThe end of the log:\n{log}\n",
            unfinished.join("\n"),
        );
        if let Err(failure) = slipway_store::write_crash(folders, &now.to_string(), &text) {
            tracing::warn!("{}", crate::error::chain(&failure));
        }
    }
    (Some(running), true)
}

/// Runs work that blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(failure) => Err(error("internal", format!("the work ended early: {failure}"))),
    }
}
