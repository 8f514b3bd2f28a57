//! A repository at one revision, opened for one question: what the command line works on.
//!
//! Nothing is watched and nothing is kept in the background; every answer is computed when it is asked for.

mod diff;
mod parity;
mod path;
mod plan;
mod promote;
mod remotes;
mod render;
mod sync;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use slipway_catalog::{Catalog, Instance};
use slipway_model::{CommitId, InstanceId, Problem, Tree};
use slipway_render::RenderStore;
use slipway_store::{DiskRenderStore, Folders, Settings};
use slipway_workspace::{
    ClusterSource, Fleet, NoClusters, Revision, Workspace, WorkspaceError, WorkspaceOptions,
};

use crate::clusters::Asking;
use crate::dto::ApiError;
use crate::error::error;
use crate::remotes::RemoteContent;

pub use crate::parity::{FirstDifference, InstanceParity, ParityStatus};
pub use path::{PathRender, PathRequest};
pub(crate) use plan::plan_offline;
pub use plan::{InstancePlan, plan_path};
pub use promote::{PromoteQuestion, WriteTo};
pub use render::{AskedCluster, ClusterAnswers, InstanceRender, Shard};
pub use sync::{ClusterQuestion, SyncLine, SyncQuestion, WantedSet, sync, wanted_path};

/// A repository at one revision.
pub struct Snapshot {
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) revision: Revision,
    pub(crate) tree: Arc<dyn Tree>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) settings: Settings,
    pub(crate) content: RemoteContent,
    /// Whom to ask for what templates look up, once clusters were asked.
    asking: Option<Asking>,
}

impl Snapshot {
    /// Opens a repository as it lies on disk, or at a revision, and scans it.
    ///
    /// # Errors
    /// When it is no repository, the revision is unknown, or files cannot be read.
    pub fn open(path: &Path, revision: Option<&str>, settings: Settings) -> Result<Self, ApiError> {
        let folders = Folders::of_platform()?;
        let content = RemoteContent::open(&folders);
        let renders: Arc<dyn RenderStore> = Arc::new(DiskRenderStore::new(&folders));
        let workspace = Workspace::open(
            path,
            WorkspaceOptions {
                engines: slipway_render::Engines::built_in(),
                today: crate::clock::today,
                renders: Some(renders),
                remotes: content.remotes(),
            },
        )?;
        let revision = match revision {
            Some(revision) => Revision::Commit(workspace.repository().resolve(revision)?),
            None => Revision::WorkingDirectory,
        };
        let tree = workspace.tree(&revision)?;
        let catalog = Arc::new(workspace.scan(&tree)?);
        Ok(Self { workspace: Arc::new(workspace), revision, tree, catalog, settings, content, asking: None })
    }

    /// What the scan found.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The commit, or `working directory`.
    #[must_use]
    pub fn revision(&self) -> String {
        match &self.revision {
            Revision::WorkingDirectory => "working directory".to_owned(),
            Revision::Commit(commit) => commit.as_str().to_owned(),
        }
    }

    /// The instances with these names, in scan order of the names.
    ///
    /// # Errors
    /// When a name is no instance, or names several. All that are wrong are named.
    pub fn instances(&self, names: &[String]) -> Result<Vec<&Instance>, ApiError> {
        let mut found = Vec::new();
        let mut wrong = Vec::new();
        for name in names {
            match self.instance(name) {
                Ok(instance) => found.push(instance),
                Err(failure) => wrong.push(failure),
            }
        }
        if wrong.is_empty() {
            return Ok(found);
        }
        let message = wrong.iter().map(|failure| failure.message.as_str()).collect::<Vec<_>>().join("; ");
        let mut all = error("unknown-instance", message);
        all.hints = wrong.into_iter().flat_map(|failure| failure.hints).collect();
        all.hints.dedup();
        Err(all)
    }

    /// The instance with this name.
    ///
    /// # Errors
    /// When there is none, or when there are several.
    pub fn instance(&self, name: &str) -> Result<&Instance, ApiError> {
        let id: InstanceId = name.parse().map_err(|failure: slipway_model::InstanceIdError| {
            error("unknown-instance", failure.to_string())
        })?;
        slipway_workspace::find_instance(&self.catalog, &id)
            .map_err(|failure| self.with_suggestion(failure, &id))
    }

    fn with_suggestion(&self, failure: WorkspaceError, id: &InstanceId) -> ApiError {
        match failure {
            WorkspaceError::UnknownInstance(_) => ApiError::from(failure).hint(self.suggestion(id)),
            other => other.into(),
        }
    }

    /// What the user may have meant.
    fn suggestion(&self, id: &InstanceId) -> String {
        let of_application: Vec<String> = self
            .catalog
            .instances()
            .filter(|each| each.id.application == id.application)
            .map(|each| each.id.to_string())
            .collect();
        if of_application.is_empty() {
            "`slipway scan` lists the applications and environments".to_owned()
        } else {
            format!("there is {}", of_application.join(", "))
        }
    }

    /// Takes over what clusters say: comparisons and promotions see it from now on.
    pub fn use_clusters(&mut self, answers: ClusterAnswers) {
        self.workspace.use_clusters(|_| answers.clusters);
        self.asking = answers.asking;
    }

    /// Everything rendered.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub(crate) fn fleet(&self) -> Result<Arc<Fleet>, ApiError> {
        match &self.revision {
            Revision::WorkingDirectory => {
                let cancel = AtomicBool::new(false);
                Ok(self.workspace.update_asking(self.source(), &cancel, &|_| {})?)
            }
            Revision::Commit(commit) => self.fleet_at(commit),
        }
    }

    /// Everything rendered at a commit.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub(crate) fn fleet_at(&self, commit: &CommitId) -> Result<Arc<Fleet>, ApiError> {
        Ok(self.workspace.fleet_at_asking(commit, self.source(), &AtomicBool::new(false))?)
    }

    /// What is not known because a cluster went away.
    pub(crate) fn silent_clusters(&self) -> impl Iterator<Item = Problem> {
        self.asking.iter().flat_map(Asking::problems).map(|(_, problem)| problem)
    }

    fn source(&self) -> &dyn ClusterSource {
        match &self.asking {
            Some(asking) => asking,
            None => &NoClusters,
        }
    }
}
