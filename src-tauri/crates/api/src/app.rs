//! The façade itself: what lives as long as the program.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use slipway_store::{Credentials, Database, Folders, Settings};
use tokio::sync::{broadcast, watch};

use crate::dto::{ApiError, ApiEvent, AppInfo, CrashInfo, Nothing};
use crate::error::error;
use crate::events::Events;
use crate::opened::Opened;
use crate::remotes::RemoteContent;
use crate::use_cases::runs::Runs;
use crate::use_cases::runs::logs::Logs;

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
    /// Becomes true when the page is painted.
    ready: watch::Sender<bool>,
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
        let (ready, _) = watch::channel(false);
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
                ready,
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
    }

    /// Batches of facts from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Arc<Vec<ApiEvent>>> {
        self.inner.events.subscribe()
    }

    /// Becomes `true` when the page is painted.
    #[must_use]
    pub fn page_ready(&self) -> watch::Receiver<bool> {
        self.inner.ready.subscribe()
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
        let asked = self.inner.initial.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let initial = match asked {
            Some(path) => Some(path),
            None => self.last_repository()?,
        };
        // A report that cannot be read must not keep the program from starting.
        let crash = slipway_store::last_crash(&self.inner.folders).unwrap_or_else(|failure| {
            tracing::warn!("{}", crate::error::chain(&failure));
            None
        });
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
            crash: crash
                .map(|report| CrashInfo { file: report.path.display().to_string(), text: report.text }),
            initial_repository: initial.map(|path| path.display().to_string()),
            licence: include_str!(concat!(env!("OUT_DIR"), "/licence.txt")).to_owned(),
        })
    }

    pub(crate) async fn ui_ready(&self, _: Nothing) -> Result<Nothing, ApiError> {
        self.inner.ready.send_replace(true);
        Ok(Nothing {})
    }

    pub(crate) fn tell(&self, event: ApiEvent) {
        self.inner.events.tell(event);
    }

    /// What the window shows first where nothing was asked for: the last repository, unless the user said no.
    fn last_repository(&self) -> Result<Option<PathBuf>, ApiError> {
        if self.inner.shell != Shell::Window || self.settings_now().reopen == Some(false) {
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

/// Runs work that blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(failure) => Err(error("internal", format!("the work ended early: {failure}"))),
    }
}
