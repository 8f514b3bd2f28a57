//! Repositories that were fetched to be read: one bare repository for each address, and which commit a branch or tag
//! was when it was fetched.
//!
//! What a reference was fetched as stays until it is fetched again; a branch that moves on its server changes nothing
//! here. Nothing is fetched by itself. Below the folder:
//!
//! ```text
//! ID/git/                 the bare repository of an address; ID is a digest of the address
//! ID/revisions/ID.json    what a branch, tag or commit was fetched as
//! ```

mod address;
mod fetch;
mod record;
mod submodules;
mod with_submodules;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use slipway_model::{CommitId, ContentId, Tree};

use crate::error::GitError;
use crate::repository::Repository;
use crate::transport::{Cancel, Network, ProgressSink};
use address::Address;
use with_submodules::WithSubmodules;

pub use record::{FetchedRevision, FetchedSubmodule};

/// Submodules within submodules are fetched as deep as this.
const SUBMODULE_DEPTH: usize = 4;

/// A folder of fetched repositories. Clones share what is open.
#[derive(Clone)]
pub struct RepositoryCache {
    folder: PathBuf,
    /// Repositories that were opened. Not held while one is opened or read.
    opened: Arc<Mutex<HashMap<PathBuf, Repository>>>,
}

impl RepositoryCache {
    /// The cache in a folder, which is made when something is fetched.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), opened: Arc::default() }
    }

    /// What a revision of an address was fetched as; an empty one is the default branch. `None` where it was not
    /// fetched.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn find(&self, url: &str, revision: &str) -> Result<Option<FetchedRevision>, GitError> {
        record::read(&self.record(url, revision))
    }

    /// The files of a fetched revision, with those of its submodules that were fetched.
    ///
    /// # Errors
    /// When the repository of it is gone or damaged.
    pub fn tree(&self, fetched: &FetchedRevision) -> Result<Arc<dyn Tree>, GitError> {
        self.tree_within(fetched, 0)
    }

    fn tree_within(&self, fetched: &FetchedRevision, depth: usize) -> Result<Arc<dyn Tree>, GitError> {
        let tree = self.open(&fetched.id)?.tree(&CommitId::new(fetched.commit.clone()))?;
        if fetched.submodules.is_empty() || depth > SUBMODULE_DEPTH {
            return Ok(Arc::new(tree));
        }
        let mut inner = Vec::new();
        for submodule in &fetched.submodules {
            let path = self.folder.join(&submodule.id).join("revisions").join(name_of(&submodule.commit));
            // One that could not be fetched is a submodule without files, as in any clone without it.
            if let Some(found) = record::read(&path)? {
                inner.push((submodule.path.clone(), self.tree_within(&found, depth + 1)?));
            }
        }
        Ok(Arc::new(WithSubmodules::new(tree, inner)))
    }

    /// Fetches a revision of an address, behind which `?submodules=false` and `?timeout=90000ms` (joined by `&`) may stand:
    /// a branch, a tag, or the id of a commit; empty for the default branch. Of its history nothing
    /// is fetched where the server can do that. Its submodules are fetched with it; one that cannot be is noted in the
    /// record, and its files are not there.
    ///
    /// # Errors
    /// When the address is refused, the server cannot be reached or wants other credentials, its host key is not known,
    /// it has no such revision, or the user stopped it. What was fetched before stays then.
    pub fn fetch(
        &self,
        url: &str,
        revision: &str,
        network: &Network,
        report: ProgressSink<'_>,
        cancel: &Cancel,
    ) -> Result<FetchedRevision, GitError> {
        self.fetch_within(url, revision, &[], network, report, cancel)
    }

    /// Everything that was fetched, by address and revision.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<FetchedRevision>, GitError> {
        let mut all = Vec::new();
        for folder in record::entries(&self.folder)? {
            for file in record::entries(&folder.join("revisions"))? {
                all.extend(record::read(&file)?);
            }
        }
        all.sort_by(|left, right| (&left.url, &left.revision).cmp(&(&right.url, &right.revision)));
        Ok(all)
    }

    /// How many bytes the repository of an address takes on disk, with all its revisions.
    #[must_use]
    pub fn size(&self, fetched: &FetchedRevision) -> u64 {
        record::size(&self.folder.join(&fetched.id).join("git"))
    }

    /// Forgets a revision, and the repository with its last one.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget(&self, fetched: &FetchedRevision) -> Result<(), GitError> {
        let folder = self.folder.join(&fetched.id);
        record::remove(&folder.join("revisions").join(name_of(&fetched.revision)))?;
        if record::entries(&folder.join("revisions"))?.is_empty() {
            self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&folder.join("git"));
            std::fs::remove_dir_all(&folder).map_err(|error| GitError::io("remove", &folder, error))?;
        }
        Ok(())
    }

    fn record(&self, url: &str, revision: &str) -> PathBuf {
        self.folder.join(id_of(url)).join("revisions").join(name_of(revision))
    }

    fn open(&self, id: &str) -> Result<Repository, GitError> {
        let path = self.folder.join(id).join("git");
        let known = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        if let Some(repository) = known {
            return Ok(repository);
        }
        let repository = Repository::open(&path)?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(path, repository.clone());
        Ok(repository)
    }
}

/// The name of an address's folder. It tells nothing of the address, which may hold credentials.
fn id_of(url: &str) -> String {
    digest(&Address::parse(url).name())
}

/// The name of a revision's record.
fn name_of(revision: &str) -> String {
    format!("{}.json", digest(revision))
}

fn digest(text: &str) -> String {
    let id = ContentId::of_bytes(text.as_bytes());
    id.as_str().trim_start_matches("sha256:").chars().take(40).collect()
}
