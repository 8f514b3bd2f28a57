//! An opened repository as the façade holds it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::use_cases::sandbox::RunningSandbox;
use slipway_workspace::{Fleet, Watcher, Workspace};
use tokio::sync::Notify;

use crate::app::{Api, blocking};
use crate::clusters::KnownClusters;
use crate::dto::{ApiError, ApiEvent};

/// A burst of changes on disk (a checkout, a build) is waited out for this long.
const QUIET: Duration = Duration::from_millis(50);

/// A folder that is gone is looked for this often.
const LOOKED_FOR: Duration = Duration::from_secs(1);

/// Which folder a path leads to, where the platform tells: its device and its number there.
type Folder = (u64, u64);

#[cfg(unix)]
fn folder(path: &Path) -> Option<Folder> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Only whether it is there.
#[cfg(not(unix))]
fn folder(path: &Path) -> Option<Folder> {
    path.is_dir().then_some((0, 0))
}

/// An opened repository.
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) path: PathBuf,
    pub(crate) workspace: Workspace,
    /// Set when the repository is closed: rendering ends.
    pub(crate) cancel: AtomicBool,
    /// Somebody saw a change.
    changed: Arc<Notify>,
    /// A fleet can be asked for, or has more rendered.
    published: Notify,
    watcher: Mutex<Option<Watcher>>,
    /// Held by the one that has the whole fleet rendered for itself and those that wait.
    waiting: tokio::sync::Mutex<()>,
    pub(crate) sandbox: tokio::sync::Mutex<Option<RunningSandbox>>,
    /// The clusters that its environments mean, as far as they answered.
    pub(crate) clusters: KnownClusters,
}

impl Opened {
    pub(crate) fn new(id: String, path: PathBuf, workspace: Workspace) -> Arc<Self> {
        Arc::new(Self {
            id,
            path,
            workspace,
            cancel: AtomicBool::new(false),
            changed: Arc::default(),
            published: Notify::new(),
            watcher: Mutex::default(),
            waiting: tokio::sync::Mutex::default(),
            sandbox: tokio::sync::Mutex::default(),
            clusters: KnownClusters::default(),
        })
    }

    /// Watches the files, scans and renders, now and after every change, until the repository is closed.
    pub(crate) fn follow(self: &Arc<Self>, api: &Api) {
        let (opened, api) = (self.clone(), api.clone());
        let mut watched = opened.watch();
        tokio::spawn(async move {
            while !opened.cancel.load(Ordering::Relaxed) {
                // A folder that was deleted and made anew, as by a new clone, is another one to the platform.
                if folder(&opened.path) != watched {
                    opened.comes_back(&api).await;
                    watched = opened.watch();
                }
                if let Err(failure) = opened.update(&api).await {
                    tracing::warn!("{}: {}", opened.path.display(), failure.message);
                }
                api.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
                opened.changed.notified().await;
                tokio::time::sleep(QUIET).await;
            }
        });
    }

    /// Watches the folder, and tells which one that is.
    fn watch(&self) -> Option<Folder> {
        let watched = folder(&self.path);
        let changed = self.changed.clone();
        let git = self.workspace.repository().git_directory();
        match Watcher::start(&self.path, git, move || changed.notify_one()) {
            Ok(watcher) => {
                *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
            }
            // The refresh button still works; a network file system cannot be watched at all.
            Err(failure) => tracing::warn!("{}", crate::error::chain(&failure)),
        }
        watched
    }

    /// Waits until the repository is there again. What is not there cannot be watched, so it is looked for.
    async fn comes_back(&self, api: &Api) {
        let git = self.workspace.repository().git_directory();
        if !git.is_dir() {
            api.tell(ApiEvent::RepositoryChanged { repository: self.id.clone() });
        }
        while !git.is_dir() && !self.cancel.load(Ordering::Relaxed) {
            // Somebody may ask sooner, or close it.
            let _ = tokio::time::timeout(LOOKED_FOR, self.changed.notified()).await;
        }
        // Handles of the folder of before read from files that are gone.
        self.workspace.repository().forget_handles();
    }

    /// Scans and renders what changed; tells of every step.
    pub(crate) async fn update(self: &Arc<Self>, api: &Api) -> Result<Arc<Fleet>, ApiError> {
        let (opened, api) = (self.clone(), api.clone());
        blocking(move || {
            let published = |fleet: &Arc<Fleet>| {
                opened.published.notify_waiters();
                api.tell(ApiEvent::FleetChanged {
                    repository: opened.id.clone(),
                    generation: fleet.generation,
                    progress: crate::convert::progress(fleet.progress()),
                });
            };
            opened.update_now(&published)
        })
        .await
    }

    /// The fleet, rendered as far as it is; scanned now where nobody did yet.
    pub(crate) async fn fleet(self: &Arc<Self>, api: &Api) -> Result<Arc<Fleet>, ApiError> {
        let mut published = std::pin::pin!(self.published.notified());
        // Heard from here on, so that none is missed between the look and the wait.
        published.as_mut().enable();
        if let Some(fleet) = self.workspace.fleet() {
            return Ok(fleet);
        }
        // What was found is shown while it is rendered; the update goes on when nobody waits for its end.
        let first = tokio::select! {
            whole = self.update(api) => return whole,
            () = published => self.workspace.fleet(),
        };
        match first {
            Some(fleet) => Ok(fleet),
            None => self.update(api).await,
        }
    }

    /// The newest fleet that sees what is fetched now, rendered as far as it is.
    pub(crate) fn seen_fleet(&self) -> Option<Arc<Fleet>> {
        let remotes = self.workspace.remotes();
        self.workspace.fleet().filter(|fleet| fleet.saw(&remotes))
    }

    /// The fleet with everything rendered, with what is fetched now.
    pub(crate) async fn whole_fleet(self: &Arc<Self>, api: &Api) -> Result<Arc<Fleet>, ApiError> {
        let whole = || self.seen_fleet().filter(|fleet| fleet.progress().rendered == fleet.progress().total);
        if let Some(fleet) = whole() {
            return Ok(fleet);
        }
        // Those that wait for the same fleet hold no thread each.
        let _one = self.waiting.lock().await;
        match whole() {
            Some(fleet) => Ok(fleet),
            None => self.update(api).await,
        }
    }

    /// Scans and renders soon, as after a change on disk.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }

    pub(crate) async fn close(&self) {
        self.cancel.store(true, Ordering::Relaxed);
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.changed.notify_one();
        if let Some(sandbox) = self.sandbox.lock().await.take() {
            sandbox.stop().await;
        }
    }
}

/// Names a repository: the same folder always has the same id, so that links keep working.
pub(crate) fn id_of(path: &Path) -> String {
    let id = slipway_model::ContentId::of_bytes(path.as_os_str().as_encoded_bytes());
    id.as_str().rsplit(':').next().and_then(|digits| digits.get(..12)).unwrap_or("repository").to_owned()
}
