//! What was fetched from elsewhere: charts, repositories and files, in the cache folder of the platform.
//!
//! Nothing is fetched by itself. Trees read it through [`RemoteContent::remotes`]; fetching is in `fetch`, and what a
//! fleet lacks in `missing`.

mod fetch;
mod missing;
mod rounds;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use slipway_charts::{ChartStore, FetchedCharts};
use slipway_git::RepositoryCache;
use slipway_model::{Fetched, MemoryTree, RemoteReference, Remotes, RepoPath};
use slipway_store::{FetchedFiles, Folders};

use crate::dto::{ApiError, FetchedRemote, FetchedRemotes, RemoteKind, RemoteReferenceInfo};
use crate::error::{chain, error};

pub(crate) use fetch::Conversation;
pub use missing::MissingRemote;
pub(crate) use missing::{named, of_fleet, used_as, users_of};
pub use rounds::FetchOutcome;
pub(crate) use rounds::WhichRemotes;
pub(crate) use rounds::{fetch_again, fetch_for};

/// The folders of what was fetched. Clones are the same.
#[derive(Clone)]
pub(crate) struct RemoteContent {
    /// Why there is none is said when a chart is fetched.
    charts: Result<ChartStore, String>,
    repositories: RepositoryCache,
    files: FetchedFiles,
}

impl RemoteContent {
    /// What was fetched into these folders.
    #[must_use]
    pub(crate) fn open(folders: &Folders) -> Self {
        let folder = folders.cache.join("remotes");
        Self {
            charts: ChartStore::open(folder.join("charts")).map_err(|failure| chain(&failure)),
            repositories: RepositoryCache::new(&folder.join("repositories")),
            files: FetchedFiles::new(folders),
        }
    }

    /// What is fetched now, as a value that stays the same.
    #[must_use]
    pub(crate) fn remotes(&self) -> Arc<dyn Remotes> {
        if let Ok(charts) = &self.charts
            && let Err(failure) = charts.refresh()
        {
            tracing::warn!("{}", chain(&failure));
        }
        Arc::new(Seen {
            charts: self.charts.as_ref().ok().map(ChartStore::charts),
            repositories: self.repositories.clone(),
            files: self.files.clone(),
            answers: Mutex::default(),
        })
    }

    /// Everything that was fetched: charts, repositories, files, each by its name.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(crate) fn list(&self) -> Result<FetchedRemotes, ApiError> {
        let mut items = Vec::new();
        let mut bytes = 0;
        if let Ok(charts) = &self.charts {
            charts.refresh().map_err(|failure| error("store", chain(&failure)))?;
            bytes += charts.size().map_err(|failure| error("store", chain(&failure)))?;
            for listed in charts.list() {
                items.push(FetchedRemote {
                    remote: info(&listed.stored.reference()),
                    resolved: listed.stored.resolved,
                    bytes: listed.stored.size,
                    fetched_at: seconds(listed.stored.fetched_at),
                    problems: listed.problem.into_iter().collect(),
                    used_by: Vec::new(),
                });
            }
        }
        let mut measured = HashMap::new();
        for fetched in self.repositories.list()? {
            let size = *measured.entry(fetched.id.clone()).or_insert_with(|| {
                let size = self.repositories.size(&fetched);
                bytes += size;
                size
            });
            let failed = fetched.submodules.iter().filter_map(|submodule| {
                let failure = submodule.failure.as_ref()?;
                Some(format!("the submodule `{}` was not fetched: {failure}", submodule.path))
            });
            let reference =
                RemoteReference::Repository { url: fetched.url.clone(), revision: fetched.revision.clone() };
            items.push(FetchedRemote {
                remote: info(&reference),
                problems: failed.collect(),
                used_by: Vec::new(),
                resolved: fetched.commit,
                bytes: size,
                fetched_at: seconds(fetched.fetched_at),
            });
        }
        for file in self.files.list()? {
            bytes += file.size;
            items.push(FetchedRemote {
                remote: info(&RemoteReference::File { url: file.url }),
                resolved: file.digest,
                bytes: file.size,
                fetched_at: seconds(file.fetched_at),
                problems: Vec::new(),
                used_by: Vec::new(),
            });
        }
        Ok(FetchedRemotes { items, bytes })
    }

    /// Forgets what is listed under a reference, which is shown without user and password: all that was fetched from its
    /// address, with whatever password. Whether there was something.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn forget(&self, reference: &RemoteReference) -> Result<bool, ApiError> {
        let shown = reference.without_credentials();
        let mut found = false;
        match &shown {
            RemoteReference::Chart { .. } => {
                let charts = self.charts.as_ref().map_err(|why| error("store", why.clone()))?;
                let failed = |failure| error("store", chain(&failure));
                for listed in charts.list() {
                    let own = listed.stored.reference();
                    if own.without_credentials() == shown {
                        let stored = &listed.stored;
                        found |= charts
                            .remove(&stored.repository, &stored.name, &stored.version)
                            .map_err(failed)?;
                    }
                }
            }
            RemoteReference::Repository { url, revision } => {
                let all = self.repositories.list()?;
                for fetched in all.iter().filter(|each| each.url == *url && each.revision == *revision) {
                    self.repositories.forget(fetched)?;
                    found = true;
                }
            }
            RemoteReference::File { url } => {
                let all = self.files.list()?;
                for file in all.iter().filter(|file| file.url == *url) {
                    self.files.forget(file)?;
                    found = true;
                }
            }
        }
        Ok(found)
    }
}

/// A number of seconds since 1970 that the page can count with.
fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// A reference as it crosses the façade, its key too without user and password.
pub(crate) fn info(reference: &RemoteReference) -> RemoteReferenceInfo {
    let kind = match reference {
        RemoteReference::Chart { .. } => RemoteKind::Chart,
        RemoteReference::Repository { .. } => RemoteKind::Repository,
        RemoteReference::File { .. } => RemoteKind::File,
    };
    let key = reference.without_credentials().path().to_string();
    RemoteReferenceInfo { key, kind, text: reference.to_string() }
}

/// The reference of a key that crossed the façade.
pub(crate) fn reference_of(key: &str) -> Result<RemoteReference, ApiError> {
    let path = RepoPath::new(key).ok();
    let reference = path.and_then(|path| RemoteReference::of_path(&path)).filter(|(_, rest)| rest.is_root());
    reference
        .map(|(reference, _)| reference)
        .ok_or_else(|| error("bad-request", format!("`{key}` is no reference to content from elsewhere")))
}

/// What was fetched at one moment: what is asked for twice is answered the same.
struct Seen {
    charts: Option<FetchedCharts>,
    repositories: RepositoryCache,
    files: FetchedFiles,
    /// What was asked for so far. Held while something is looked up, so that it is looked up once.
    answers: Mutex<HashMap<RemoteReference, Option<Fetched>>>,
}

impl Seen {
    fn look_up(&self, reference: &RemoteReference) -> Result<Option<Fetched>, ApiError> {
        Ok(match reference {
            RemoteReference::Chart { .. } => self.charts.as_ref().and_then(|charts| charts.find(reference)),
            RemoteReference::Repository { url, revision } => match self.repositories.find(url, revision)? {
                Some(fetched) => {
                    Some(Fetched { tree: self.repositories.tree(&fetched)?, root: RepoPath::root() })
                }
                None => None,
            },
            RemoteReference::File { url } => self.files.find(url)?.map(|(_, content)| Fetched {
                tree: Arc::new(MemoryTree::new([("content", content)])),
                root: RepoPath::root().child("content"),
            }),
        })
    }
}

impl Remotes for Seen {
    fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(reference) {
            return answer.clone();
        }
        // What is damaged counts as not fetched: fetching it again makes it whole.
        let answer = self.look_up(reference).unwrap_or_else(|failure| {
            tracing::warn!("{}", failure.message);
            None
        });
        answers.insert(reference.clone(), answer.clone());
        answer
    }
}
