//! Charts that were fetched: which reference was resolved to what, and the archives by their content.

pub(crate) mod folder;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use slipway_model::{Fetched, RemoteReference, Remotes, RepoPath};

use crate::error::ChartError;
use crate::http::{Http, Timeouts, shown_text};
use crate::request::{Access, ChartRequest, FetchedChart};
use crate::tree::ArchiveTree;
use crate::{registry, repository, tls};
use folder::{Folder, Incoming};

/// A reference with what it was resolved to. A range stays what it was until it is fetched again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The repository, as it was asked for.
    pub repository: String,
    /// The chart's name.
    pub name: String,
    /// The version or range that was asked for; may be empty.
    pub version: String,
    /// The version that was chosen.
    pub resolved: String,
    /// The digest of the archive: `sha256:…`.
    pub digest: String,
    /// The size of the archive in bytes.
    pub size: u64,
    /// When it was fetched, in seconds since 1970.
    pub fetched_at: u64,
}

impl Stored {
    /// The reference that repositories' files write.
    #[must_use]
    pub fn reference(&self) -> RemoteReference {
        reference(&self.repository, &self.name, &self.version)
    }

    fn key(&self) -> String {
        self.reference().path().as_str().to_owned()
    }
}

fn reference(repository: &str, name: &str, version: &str) -> RemoteReference {
    RemoteReference::Chart {
        repository: repository.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// A stored chart in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The entry.
    pub stored: Stored,
    /// Why it counts as not fetched: its archive is gone or damaged.
    pub problem: Option<String>,
}

/// An entry of the table in memory; its tree is made when it is first asked for.
struct Slot {
    stored: Stored,
    tree: OnceLock<Result<Arc<ArchiveTree>, String>>,
}

type Table = BTreeMap<RemoteReference, Arc<Slot>>;

/// What all of a store's values share.
struct Inner {
    folder: Folder,
    /// The table as it is now. A fetch replaces it, so that who holds the former one goes on with that. Held only to
    /// take or replace the pointer.
    table: Mutex<Arc<Table>>,
    /// Trees by digest, for as long as somebody uses them.
    trees: Mutex<BTreeMap<String, Weak<ArchiveTree>>>,
    tls: OnceLock<Arc<rustls::ClientConfig>>,
    timeouts: Timeouts,
}

/// Charts in a folder. Cheap to clone; threads and processes may use one folder at once.
#[derive(Clone)]
pub struct ChartStore(Arc<Inner>);

impl ChartStore {
    /// Opens a folder; it is made where it is not there. What other processes fetch later is seen after
    /// [`Self::refresh`].
    ///
    /// # Errors
    /// Where the folder cannot be made or read.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, ChartError> {
        Self::with_timeouts(folder.as_ref(), Timeouts::default())
    }

    pub(crate) fn with_timeouts(folder: &Path, timeouts: Timeouts) -> Result<Self, ChartError> {
        let store = Self(Arc::new(Inner {
            folder: Folder::open(folder)?,
            table: Mutex::default(),
            trees: Mutex::default(),
            tls: OnceLock::new(),
            timeouts,
        }));
        store.refresh()?;
        Ok(store)
    }

    /// Reads the table again; what did not change keeps its trees.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn refresh(&self) -> Result<(), ChartError> {
        let stored = self.0.folder.references()?;
        let mut current = self.lock_table();
        let table = stored.into_iter().map(|stored| {
            let reference = stored.reference();
            let same = current.get(&reference).filter(|slot| slot.stored == stored && !slot.is_damaged());
            let slot = same.map_or_else(|| Arc::new(Slot::new(stored)), Arc::clone);
            (reference, slot)
        });
        *current = Arc::new(table.collect());
        Ok(())
    }

    /// A chart that was fetched, from memory where it was asked for before; `None` where it was not, or where its
    /// archive is damaged.
    #[must_use]
    pub fn find(&self, repository: &str, name: &str, version: &str) -> Option<Fetched> {
        self.charts().find(&reference(repository, name, version))
    }

    /// What is fetched now, as a value that stays the same.
    #[must_use]
    pub fn charts(&self) -> FetchedCharts {
        FetchedCharts { table: Arc::clone(&self.lock_table()), inner: Arc::clone(&self.0) }
    }

    /// Fetches a chart, also where it was fetched before: a range may have a newer answer. Blocks until it is done; not
    /// to be called on a thread that runs asynchronous tasks.
    ///
    /// # Errors
    /// Where it cannot be fetched. What was stored before stays.
    pub fn fetch(&self, request: &ChartRequest, access: &Access<'_>) -> Result<FetchedChart, ChartError> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|source| {
                ChartError::Store { action: "start a thread for", path: "the network".into(), source }
            })?;
        let brought = runtime.block_on(self.bring(request, access))?;
        let tree = ArchiveTree::unpack(&brought.incoming.bytes()?)
            .map_err(|why| ChartError::NotAChart { url: brought.url.clone(), why })?;
        self.keep(request, brought.version, brought.incoming, tree)
    }

    async fn bring(
        &self,
        request: &ChartRequest,
        access: &Access<'_>,
    ) -> Result<repository::Brought, ChartError> {
        let url = Url::parse(request.repository.trim()).map_err(|error| ChartError::Address {
            url: shown_text(&request.repository),
            why: error.to_string(),
        })?;
        let tls = self.0.tls()?;
        let http = Http::new(&tls, self.0.timeouts, *access)?;
        match url.scheme() {
            "http" | "https" if request.name.is_empty() => Err(ChartError::Address {
                url: shown_text(&request.repository),
                why: "the name of the chart is missing".to_owned(),
            }),
            "http" | "https" => repository::bring(&http, &self.0.folder, &url, request).await,
            "oci" => registry::bring(&http, &self.0.folder, &url, request).await,
            other => Err(ChartError::Address {
                url: shown_text(&request.repository),
                why: format!("`{other}` is not supported"),
            }),
        }
    }

    fn keep(
        &self,
        request: &ChartRequest,
        resolved: String,
        incoming: Incoming,
        tree: ArchiveTree,
    ) -> Result<FetchedChart, ChartError> {
        let (digest, size) = (incoming.digest.clone(), incoming.size);
        let stored = Stored {
            repository: request.repository.clone(),
            name: request.name.clone(),
            version: request.version.clone(),
            resolved: resolved.clone(),
            digest: digest.clone(),
            size,
            // A clock before 1970 is no reason to fail.
            fetched_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        };
        self.0.folder.keep(&stored.key(), &stored, incoming)?;
        let reference = stored.reference();
        let slot = Slot { stored, tree: OnceLock::from(Ok(Arc::new(tree))) };
        let mut table = self.lock_table();
        let mut changed = Table::clone(&table);
        // The archive is whole again for others that refer to it, too.
        for other in changed.values_mut().filter(|other| other.is_damaged() && other.stored.digest == digest)
        {
            *other = Arc::new(Slot::new(other.stored.clone()));
        }
        changed.insert(reference, Arc::new(slot));
        *table = Arc::new(changed);
        Ok(FetchedChart { version: resolved, digest, size })
    }

    /// Everything that is stored, in order.
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let table = Arc::clone(&self.lock_table());
        table.values().map(|slot| self.0.listed(slot)).collect()
    }

    /// Forgets a chart, and its archive where nothing else refers to it. Whether there was one.
    ///
    /// # Errors
    /// Where the files cannot be removed.
    pub fn remove(&self, repository: &str, name: &str, version: &str) -> Result<bool, ChartError> {
        let reference = reference(repository, name, version);
        let removed = self.0.folder.forget(reference.path().as_str())?;
        let mut table = self.lock_table();
        let mut changed = Table::clone(&table);
        changed.remove(&reference);
        *table = Arc::new(changed);
        Ok(removed)
    }

    /// How many bytes archives and indexes take on the disk.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn size(&self) -> Result<u64, ChartError> {
        self.0.folder.size()
    }

    fn lock_table(&self) -> std::sync::MutexGuard<'_, Arc<Table>> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn new(stored: Stored) -> Self {
        Self { stored, tree: OnceLock::new() }
    }

    fn is_damaged(&self) -> bool {
        matches!(self.tree.get(), Some(Err(_)))
    }
}

impl Inner {
    fn tls(&self) -> Result<Arc<rustls::ClientConfig>, ChartError> {
        if let Some(known) = self.tls.get() {
            return Ok(Arc::clone(known));
        }
        let made = tls::trusting_the_system()?;
        Ok(Arc::clone(self.tls.get_or_init(|| made)))
    }

    /// The tree of a slot, made where it was not yet.
    fn tree(&self, slot: &Slot) -> Result<Arc<ArchiveTree>, String> {
        let made = slot.tree.get_or_init(|| {
            let tree = self.shared_tree(&slot.stored.digest);
            if let Err(why) = &tree {
                let Stored { name, resolved, .. } = &slot.stored;
                tracing::warn!(chart = %name, version = %resolved, %why, "a stored chart counts as not fetched");
            }
            tree
        });
        made.clone()
    }

    fn shared_tree(&self, digest: &str) -> Result<Arc<ArchiveTree>, String> {
        let known = |trees: &BTreeMap<String, Weak<ArchiveTree>>| trees.get(digest).and_then(Weak::upgrade);
        if let Some(tree) = known(&self.trees.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(tree);
        }
        let path = self.folder.archive(digest);
        let packed = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "its archive is gone; fetch it again".to_owned(),
            _ => format!("its archive cannot be read: {error}"),
        })?;
        let found = format!("sha256:{}", folder::hex(&Sha256::digest(&packed)));
        if found != digest {
            return Err("its archive is damaged; fetch it again".to_owned());
        }
        let tree = Arc::new(ArchiveTree::unpack(&packed)?);
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.retain(|_, tree| tree.strong_count() > 0);
        trees.insert(digest.to_owned(), Arc::downgrade(&tree));
        Ok(tree)
    }

    /// An entry with what is known to be wrong; an archive that nobody asked for is only looked at from outside.
    fn listed(&self, slot: &Slot) -> Listed {
        let stored = slot.stored.clone();
        let problem = match slot.tree.get() {
            Some(Ok(_)) => None,
            Some(Err(why)) => Some(why.clone()),
            None => match std::fs::metadata(self.folder.archive(&stored.digest)) {
                Ok(about) if about.len() == stored.size => None,
                Ok(_) => Some("its archive is damaged; fetch it again".to_owned()),
                Err(_) => Some("its archive is gone; fetch it again".to_owned()),
            },
        };
        Listed { stored, problem }
    }
}

/// The charts that were fetched at one moment. What is fetched later is not in it.
#[derive(Clone)]
pub struct FetchedCharts {
    table: Arc<Table>,
    inner: Arc<Inner>,
}

impl FetchedCharts {
    /// What a reference was resolved to; `None` where it was not fetched.
    #[must_use]
    pub fn stored(&self, reference: &RemoteReference) -> Option<&Stored> {
        self.table.get(reference).map(|slot| &slot.stored)
    }
}

impl Remotes for FetchedCharts {
    fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
        let tree = self.inner.tree(self.table.get(reference)?).ok()?;
        Some(Fetched { tree, root: RepoPath::root() })
    }
}
