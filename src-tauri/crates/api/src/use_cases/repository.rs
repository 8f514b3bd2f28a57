//! Opening, cloning and looking after repositories.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use slipway_git::{BranchTarget, Consent, Head, Repository};
use slipway_model::CommitId;
use slipway_store as store;
use slipway_workspace::{Workspace, WorkspaceOptions};

use crate::app::{Api, blocking};
use crate::clock;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;
use crate::opened::{Opened, id_of};
use crate::sample;
use crate::use_cases::branches::identity;

impl Api {
    pub(crate) async fn repository_recent(&self, _: Nothing) -> Result<RecentRepositories, ApiError> {
        let recent = self.inner.database.recent()?;
        Ok(RecentRepositories {
            repositories: recent
                .into_iter()
                .map(|repository| RecentRepository {
                    exists: repository.path.is_dir(),
                    path: repository.path.display().to_string(),
                    name: repository.name,
                    opened_at: repository.opened_at,
                })
                .collect(),
        })
    }

    pub(crate) async fn repository_open(&self, request: RepositoryOpen) -> Result<RepositoryInfo, ApiError> {
        let path = PathBuf::from(&request.path);
        let repository = blocking(move || Ok(Repository::open(&path)?)).await?;
        self.hold(repository).await
    }

    pub(crate) async fn sample_create(&self, request: SampleCreate) -> Result<RepositoryInfo, ApiError> {
        let path = self.sample_path(request.folder.map(PathBuf::from)).await?;
        self.repository_open(RepositoryOpen { path: path.display().to_string() }).await
    }

    /// The sample's folder, written where it is not there yet.
    pub(crate) async fn sample_path(&self, folder: Option<PathBuf>) -> Result<PathBuf, ApiError> {
        let folder = folder.unwrap_or_else(|| self.inner.folders.data.join("samples").join(sample::NAME));
        blocking(move || {
            if folder.join(".git").exists() {
                return Ok(folder);
            }
            let taken = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
            if taken {
                return Err(error("folder-taken", format!("{} exists and is not empty", folder.display()))
                    .hint("choose another folder"));
            }
            std::fs::create_dir_all(&folder)
                .map_err(|cause| error("store", format!("{} cannot be made: {cause}", folder.display())))?;
            sample::write(&folder, clock::seconds())?;
            Ok(folder)
        })
        .await
    }

    pub(crate) async fn repository_info(&self, request: RepositoryRef) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }

    pub(crate) async fn repository_close(&self, request: RepositoryRef) -> Result<Nothing, ApiError> {
        let opened =
            self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&request.repository);
        if let Some(opened) = opened {
            opened.close().await;
        }
        Ok(Nothing {})
    }

    pub(crate) async fn repository_refresh(
        &self,
        request: RepositoryRef,
    ) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        opened.update(self).await?;
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }

    pub(crate) async fn history(&self, request: HistoryRequest) -> Result<History, ApiError> {
        let opened = self.opened(&request.repository)?;
        blocking(move || {
            let repository = opened.workspace.repository();
            let from: CommitId = match &request.revision {
                Some(revision) => repository.resolve(revision)?,
                None => opened.workspace.head_commit()?,
            };
            let path = request
                .path
                .as_deref()
                .map(slipway_model::RepoPath::new)
                .transpose()
                .map_err(|failure| error("bad-request", failure.to_string()))?;
            let limit = usize::try_from(request.limit).unwrap_or(usize::MAX).min(1_000);
            let commits = repository.history(&from, path.as_ref(), limit + 1)?;
            Ok(History {
                more: commits.len() > limit,
                commits: commits.iter().take(limit).map(convert::commit).collect(),
            })
        })
        .await
    }

    /// Holds a repository open, follows its files, and remembers it.
    pub(crate) async fn hold(&self, repository: Repository) -> Result<RepositoryInfo, ApiError> {
        let path = repository.work_directory().unwrap_or_else(|| repository.git_directory()).to_path_buf();
        let id = id_of(&path);
        let opened = {
            let mut all = self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
            match all.get(&id) {
                Some(opened) => opened.clone(),
                None => {
                    let options = WorkspaceOptions {
                        engines: slipway_render::Engines::built_in(),
                        today: clock::today,
                        renders: Some(Arc::new(store::DiskRenderStore::new(&self.inner.folders))),
                        remotes: self.inner.remotes.remotes(),
                    };
                    let opened = Opened::new(id.clone(), path.clone(), Workspace::of(repository, options));
                    all.insert(id, opened.clone());
                    opened.follow(self);
                    opened
                }
            }
        };
        if is_sample(&opened)? {
            self.start_sandbox_aside(&opened);
        }
        let name = opened.workspace.name();
        self.inner.database.remember(&store::RecentRepository { path, name, opened_at: clock::seconds() })?;
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }
}

/// The remote that the current branch follows, else `origin`, else the only one.
pub(crate) fn remote_of(repository: &Repository) -> Result<Option<String>, ApiError> {
    let remotes = repository.remotes()?;
    let upstream =
        repository.branches()?.into_iter().find(|branch| branch.is_head).and_then(|branch| branch.upstream);
    let followed = upstream.and_then(|upstream| {
        remotes
            .iter()
            .find(|remote| upstream.starts_with(&format!("{}/", remote.name)))
            .map(|remote| remote.name.clone())
    });
    let origin = || remotes.iter().find(|remote| remote.name == "origin").map(|remote| remote.name.clone());
    let only = || if remotes.len() == 1 { remotes.first().map(|remote| remote.name.clone()) } else { None };
    Ok(followed.or_else(origin).or_else(only))
}

/// Whether a repository is the built-in sample.
fn is_sample(opened: &Opened) -> Result<bool, ApiError> {
    let named = opened.path.file_name().is_some_and(|name| name == sample::NAME);
    Ok(named && remote_of(opened.workspace.repository())?.is_none())
}

/// Everything the top bar shows.
pub(crate) fn info(opened: &Arc<Opened>, settings: &store::Settings) -> Result<RepositoryInfo, ApiError> {
    let repository = opened.workspace.repository();
    let commit = |id: &CommitId| repository.commit(id).map(|commit| convert::commit(&commit));
    let head = match repository.head()? {
        Head::Branch { name, commit: id } => HeadInfo::Branch { branch: name, commit: commit(&id)? },
        Head::Detached { commit: id } => HeadInfo::Detached { commit: commit(&id)? },
        Head::Unborn { name } => HeadInfo::Unborn { branch: name },
    };
    let (status, read_only) = match repository.work_directory() {
        Some(_) => (repository.status()?, repository.write_protection()),
        None => (
            slipway_git::Status::default(),
            Some("the repository is bare: it has no working directory".to_owned()),
        ),
    };
    let remote = match remote_of(repository)? {
        None => None,
        Some(name) => {
            repository.remotes()?.into_iter().find(|remote| remote.name == name).map(|remote| RemoteInfo {
                name: remote.name,
                url: remote.url,
                ahead: count(status.upstream.map_or(0, |upstream| upstream.ahead)),
                behind: count(status.upstream.map_or(0, |upstream| upstream.behind)),
            })
        }
    };
    let mut changed: Vec<String> = [&status.changed, &status.staged, &status.untracked, &status.conflicted]
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    changed.sort();
    changed.dedup();
    let branches = repository.branches()?;
    let upstream = branches.iter().find(|branch| branch.is_head).and_then(|branch| branch.upstream.clone());
    let identity = identity(repository, settings)?;
    let mut problems = repository.preflight(&BranchTarget::Current, &[], &Consent::default())?;
    if identity.is_some() {
        problems.retain(|problem| problem.code != "no-author");
    }
    Ok(RepositoryInfo {
        id: opened.id.clone(),
        name: opened.workspace.name(),
        path: opened.path.display().to_string(),
        head,
        remote,
        branches: branches
            .into_iter()
            .filter(|branch| branch.remote.is_none())
            .map(|branch| branch.name)
            .collect(),
        upstream,
        changed_files: changed,
        conflicted_files: status.conflicted.iter().map(ToString::to_string).collect(),
        identity,
        in_progress: status.in_progress,
        read_only,
        sample: is_sample(opened)?,
        problems: convert::problems(&problems),
    })
}
