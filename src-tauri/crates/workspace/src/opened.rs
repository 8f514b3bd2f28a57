//! An opened repository.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rayon::prelude::*;
use slipway_catalog::{Catalog, Instance, ScanMemory, ScanOptions};
use slipway_git::{Head, Repository};
use slipway_model::{
    Changes, CommitId, InstanceId, Manifest, Problem, Reads, Remotes, RepoPath, Tree, WithRemotes,
};
use slipway_render::{EngineKind, Engines, MemoryRenderStore, RenderInputs, RenderStore, Rendered, Source};

use crate::changes::Steps;
use crate::clusters::Clusters;
use crate::error::WorkspaceError;
use crate::facts::{Facts, FactsByInstance};
use crate::fleet::{Fleet, Progress};
use crate::rules::Rules;
use crate::states::{self, Judgements};

/// Objects that are kept of what charts made; about 15 kB each as values.
const KEPT_MANIFESTS: usize = 4_000;

/// After more changes than this at once, reads are looked up instead of compared with the changed paths.
const MOST_CHANGES: usize = 500;

/// Instances that are rendered between two published fleets.
const BATCH: usize = 64;

/// A branch and its files.
type NamedTree = (String, Arc<dyn Tree>);

/// What a fleet shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revision {
    /// The files as they lie on disk, uncommitted changes included.
    WorkingDirectory,
    /// A commit.
    Commit(CommitId),
}

/// How a repository is opened.
#[derive(Clone)]
pub struct WorkspaceOptions {
    /// The engines that render.
    pub engines: Engines,
    /// Tells the day, `YYYY-MM-DD`; differences that are meant expire by it.
    pub today: fn() -> String,
    /// Where renders of charts are kept; in memory by default.
    pub renders: Option<Arc<dyn RenderStore>>,
    /// What was fetched from elsewhere.
    pub remotes: Arc<dyn Remotes>,
}

/// An opened repository: what is known of it, and how more is found out. All methods may be called from
/// several threads; those that read or render block.
pub struct Workspace {
    repository: Repository,
    engines: Engines,
    today: fn() -> String,
    /// The newest fleet; replaced as a whole.
    fleet: RwLock<Option<Arc<Fleet>>>,
    generation: AtomicU32,
    /// Held by the one update that goes on; the next one waits for it.
    updating: Mutex<()>,
    /// Fleets of commits that were asked for, the last few.
    others: Mutex<Vec<Arc<Fleet>>>,
    /// What charts made.
    renders: Arc<dyn RenderStore>,
    /// What was fetched from elsewhere, as all trees from now on see it; held only to take or replace it.
    remotes: RwLock<Arc<dyn Remotes>>,
    /// What the clusters of environments said, as renders from now on see it; held only to take or replace it.
    pub(crate) clusters: RwLock<Arc<Clusters>>,
    /// How instances stood when they were last compared; held only to look it up and to replace it.
    judgements: Mutex<Judgements>,
    /// The last look at the working directory.
    scanned: Mutex<Option<Scanned>>,
    /// The commits of the head that was looked at last; held while they are walked.
    walked: Mutex<Option<Arc<Steps>>>,
}

/// A catalog, and all that it depends on.
struct Scanned {
    catalog: Arc<Catalog>,
    memory: ScanMemory,
    surroundings: Surroundings,
}

/// What a scan depends on beside the tree.
#[derive(PartialEq, Eq)]
struct Surroundings {
    name: String,
    remotes: Vec<String>,
    /// Branches beside the one that is checked out.
    branches: Vec<(String, CommitId)>,
}

impl Workspace {
    /// Opens the repository that holds `path`. Nothing is scanned yet.
    ///
    /// # Errors
    /// When Git cannot open it.
    pub fn open(path: &Path, options: WorkspaceOptions) -> Result<Self, WorkspaceError> {
        Ok(Self::of(Repository::open(path)?, options))
    }

    /// Takes a repository that is open already.
    #[must_use]
    pub fn of(repository: Repository, options: WorkspaceOptions) -> Self {
        Self {
            repository,
            engines: options.engines,
            today: options.today,
            fleet: RwLock::default(),
            generation: AtomicU32::new(0),
            updating: Mutex::default(),
            others: Mutex::default(),
            renders: options.renders.unwrap_or_else(|| Arc::new(MemoryRenderStore::new(KEPT_MANIFESTS))),
            remotes: RwLock::new(options.remotes),
            clusters: RwLock::default(),
            judgements: Mutex::default(),
            scanned: Mutex::default(),
            walked: Mutex::default(),
        }
    }

    /// Takes over what was fetched since. The next update scans again and renders what read it, or looked for it in
    /// vain.
    pub fn use_remotes(&self, remotes: Arc<dyn Remotes>) {
        *self.remotes.write().unwrap_or_else(PoisonError::into_inner) = remotes;
        self.others.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.judgements.lock().unwrap_or_else(PoisonError::into_inner) = Judgements::default();
    }

    /// What was fetched from elsewhere, as trees see it now.
    #[must_use]
    pub fn remotes(&self) -> Arc<dyn Remotes> {
        self.remotes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The engines that render.
    #[must_use]
    pub fn engines(&self) -> &Engines {
        &self.engines
    }

    /// The newest fleet of the working directory; `None` before the first update.
    #[must_use]
    pub fn fleet(&self) -> Option<Arc<Fleet>> {
        self.fleet.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The files of a revision, with what was fetched for them. A repository without a working directory shows its head
    /// instead.
    ///
    /// # Errors
    /// When the commit, or the files, cannot be read.
    pub fn tree(&self, revision: &Revision) -> Result<Arc<dyn Tree>, WorkspaceError> {
        self.tree_with(revision, self.remotes())
    }

    fn tree_with(
        &self,
        revision: &Revision,
        remotes: Arc<dyn Remotes>,
    ) -> Result<Arc<dyn Tree>, WorkspaceError> {
        let commit = match revision {
            Revision::Commit(commit) => commit.clone(),
            Revision::WorkingDirectory if self.repository.work_directory().is_some() => {
                return Ok(Arc::new(WithRemotes::new(self.repository.work_tree()?, remotes)));
            }
            Revision::WorkingDirectory => self.head_commit()?,
        };
        Ok(Arc::new(WithRemotes::new(self.repository.tree(&commit)?, remotes)))
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// When there is none yet.
    pub fn head_commit(&self) -> Result<CommitId, WorkspaceError> {
        match self.repository.head()? {
            Head::Branch { commit, .. } | Head::Detached { commit } => Ok(commit),
            Head::Unborn { name } => Err(WorkspaceError::Unborn(name)),
        }
    }

    /// Finds the applications and environments of a tree.
    ///
    /// # Errors
    /// When Git cannot tell branches or remotes.
    pub fn scan(&self, tree: &dyn Tree) -> Result<Catalog, WorkspaceError> {
        Ok(self.look(tree, &self.surroundings()?, None)?.0)
    }

    fn surroundings(&self) -> Result<Surroundings, WorkspaceError> {
        Ok(Surroundings {
            name: self.name(),
            remotes: self.repository.remotes()?.into_iter().map(|remote| remote.url).collect(),
            branches: self.other_branches()?,
        })
    }

    fn look(
        &self,
        tree: &dyn Tree,
        surroundings: &Surroundings,
        before: Option<(ScanMemory, &Changes)>,
    ) -> Result<(Catalog, ScanMemory), WorkspaceError> {
        let branches: Vec<NamedTree> = surroundings
            .branches
            .iter()
            .map(|(name, commit)| Ok((name.clone(), self.tree(&Revision::Commit(commit.clone()))?)))
            .collect::<Result<_, WorkspaceError>>()?;
        let render = |tree: &dyn Tree, source: &slipway_render::Source| {
            slipway_render::render_source(&self.engines, tree, source, &RenderInputs::default())
        };
        let options = ScanOptions {
            repository_name: Some(&surroundings.name),
            remote_urls: &surroundings.remotes,
            branches: &branches,
            render: Some(&render),
        };
        Ok(match before {
            Some((memory, changes)) => slipway_catalog::scan_after(tree, &options, memory, changes),
            None => slipway_catalog::scan_with_memory(tree, &options),
        })
    }

    /// The catalog of the working directory; that of the last look where nothing that was read for it changed.
    fn catalog(
        &self,
        tree: &Arc<dyn Tree>,
        changes: Option<&Changes>,
    ) -> Result<Arc<Catalog>, WorkspaceError> {
        let surroundings = self.surroundings()?;
        let mut last = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(scanned), Some(changes)) = (&*last, changes)
            && scanned.surroundings == surroundings
            && scanned.memory.holds(tree, changes)
        {
            return Ok(scanned.catalog.clone());
        }
        let memory = last.take().map(|scanned| scanned.memory);
        let (catalog, memory) = self.look(tree, &surroundings, memory.zip(changes))?;
        let catalog = Arc::new(catalog);
        *last = Some(Scanned { catalog: catalog.clone(), memory, surroundings });
        Ok(catalog)
    }

    /// What changed since the fleet of before, where that can be told from its paths alone.
    fn changes_since(&self, before: &Fleet, tree: &Arc<dyn Tree>) -> Result<Option<Changes>, WorkspaceError> {
        let last = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|scanned| scanned.memory.has_links()) {
            return Ok(None);
        }
        drop(last);
        Ok(slipway_model::changes(&before.tree, tree, MOST_CHANGES)?)
    }

    /// The name for reading: the last part of the remote's URL, else of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        let of_remote = self.repository.remotes().ok().and_then(|remotes| {
            let remote = remotes.iter().find(|remote| remote.name == "origin").or(remotes.first())?;
            let url = remote.url.trim_end_matches('/');
            let path = url.strip_suffix(".git").or_else(|| url.strip_suffix(".bundle")).unwrap_or(url);
            let name = path.rsplit(['/', ':']).next()?;
            (!name.is_empty()).then(|| name.to_owned())
        });
        let of_folder = || {
            let folder = self.repository.work_directory().unwrap_or_else(|| self.repository.git_directory());
            folder.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        of_remote.or_else(of_folder).unwrap_or_else(|| "repository".to_owned())
    }

    /// Branches beside the one that is checked out; a remote-tracking branch only where no local one has its
    /// name.
    fn other_branches(&self) -> Result<Vec<(String, CommitId)>, WorkspaceError> {
        let mut commits: BTreeMap<String, CommitId> = BTreeMap::new();
        let branches = self.repository.branches()?;
        let head = branches.iter().find(|branch| branch.is_head).map(|branch| branch.name.clone());
        let (local, remote): (Vec<_>, Vec<_>) =
            branches.into_iter().partition(|branch| branch.remote.is_none());
        for branch in local.into_iter().chain(remote) {
            let name = match &branch.remote {
                Some(remote) => {
                    branch.name.strip_prefix(&format!("{remote}/")).unwrap_or(&branch.name).to_owned()
                }
                None => branch.name.clone(),
            };
            if Some(&name) == head.as_ref() || name == "HEAD" || commits.contains_key(&name) {
                continue;
            }
            commits.insert(name, branch.commit);
        }
        Ok(commits.into_iter().collect())
    }

    /// Reads the working directory again, keeps the renders that are still valid, and renders the others.
    /// Publishes a fleet after the scan and after each batch; `published` is told of each.
    ///
    /// # Errors
    /// When the files cannot be read. The fleet of before stays then.
    pub fn update(
        &self,
        cancel: &AtomicBool,
        published: &(dyn Fn(&Arc<Fleet>) + Sync),
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        let _one_at_a_time = self.updating.lock().unwrap_or_else(PoisonError::into_inner);
        let remotes = self.remotes();
        let clusters = self.clusters();
        let tree = self.tree_with(&Revision::WorkingDirectory, remotes.clone())?;
        let before = self.fleet();
        // Before anything is read: the tree keeps the ids of its directories from this look, and an edit that
        // happens while the fleet is rendered must differ from them the next time.
        let id = tree.content_id(&RepoPath::root())?;
        if let Some(before) = &before {
            let same = before.saw(&remotes)
                && before.heard(&clusters)
                && id == before.tree.content_id(&RepoPath::root())?
                && before.progress().total == before.facts.len();
            if same {
                // A commit of what lies on disk changes no file, and yet it is the last change of what it holds.
                return Ok(self.with_changes(before.clone(), &|fleet| self.publish(fleet, published)));
            }
        }
        // The paths that changed tell nothing of what was fetched.
        let changes = match &before {
            Some(before) if before.saw(&remotes) => self.changes_since(before, &tree)?,
            _ => None,
        };
        let catalog = self.catalog(&tree, changes.as_ref())?;
        let rules = match (&before, &changes) {
            (Some(before), Some(changes))
                if Arc::ptr_eq(&before.catalog, &catalog)
                    && !changes.iter().any(|path| *path == slipway_catalog::settings::file()) =>
            {
                before.rules.clone()
            }
            _ => Arc::new(rules(&tree, &catalog)),
        };
        let fleet = Fleet {
            generation: self.generation.fetch_add(1, Ordering::Relaxed) + 1,
            revision: Revision::WorkingDirectory,
            facts: before
                .as_deref()
                .map(|before| still_valid(before, &catalog, &tree, &clusters, changes.as_ref()))
                .unwrap_or_default(),
            standings: before.as_ref().map(|before| before.standings.clone()).unwrap_or_default(),
            changes: before.map(|before| before.changes.clone()).unwrap_or_default(),
            rules,
            remotes,
            clusters,
            tree,
            catalog,
        };
        let fleet = self.publish(fleet, published);
        let goes_on = |_: Progress| !cancel.load(Ordering::Relaxed);
        self.render_missing(fleet, &goes_on, &|fleet| self.publish(fleet, published))
    }

    /// The whole fleet of a commit, rendered. The last few are kept.
    ///
    /// # Errors
    /// When the commit cannot be read, or it was cancelled.
    pub fn fleet_at(&self, commit: &CommitId, cancel: &AtomicBool) -> Result<Arc<Fleet>, WorkspaceError> {
        self.fleet_at_watched(commit, &|_| !cancel.load(Ordering::Relaxed))
    }

    /// As [`Self::fleet_at`]. `goes_on` is told how far rendering is, before each instance, and ends it by saying no.
    ///
    /// # Errors
    /// When the commit cannot be read, or it was ended.
    pub fn fleet_at_watched(
        &self,
        commit: &CommitId,
        goes_on: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        let revision = Revision::Commit(commit.clone());
        let clusters = self.clusters();
        let mut kept = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        // Sides of a comparison see the same clusters.
        kept.retain(|fleet| fleet.heard(&clusters));
        if let Some(found) = kept.iter().find(|fleet| fleet.revision == revision) {
            return Ok(found.clone());
        }
        drop(kept);
        let remotes = self.remotes();
        let tree = self.tree_with(&revision, remotes.clone())?;
        let catalog = Arc::new(self.scan(&tree)?);
        // Most of a commit is equal to what is on disk.
        let facts = self
            .fleet()
            .map(|newest| still_valid(&newest, &catalog, &tree, &clusters, None))
            .unwrap_or_default();
        let rules = Arc::new(rules(&tree, &catalog));
        let standings = Arc::default();
        let changes = Arc::default();
        let fleet = Arc::new(Fleet {
            generation: 0,
            revision,
            remotes: remotes.clone(),
            clusters,
            tree,
            catalog,
            rules,
            facts,
            standings,
            changes,
        });
        let fleet = self.render_missing(fleet, goes_on, &Arc::new)?;
        let progress = fleet.progress();
        if progress.rendered < progress.total {
            return Err(WorkspaceError::Cancelled);
        }
        let mut kept = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&remotes, &self.remotes()) {
            kept.push(fleet.clone());
        }
        if kept.len() > 4 {
            kept.remove(0);
        }
        Ok(fleet)
    }

    fn publish(&self, fleet: Fleet, published: &(dyn Fn(&Arc<Fleet>) + Sync)) -> Arc<Fleet> {
        let fleet = Arc::new(fleet);
        *self.fleet.write().unwrap_or_else(PoisonError::into_inner) = Some(fleet.clone());
        published(&fleet);
        fleet
    }

    /// Renders what has no facts yet, batch by batch, then compares neighbours. Ended early, it gives what is rendered.
    fn render_missing(
        &self,
        mut fleet: Arc<Fleet>,
        goes_on: &(dyn Fn(Progress) -> bool + Sync),
        publish: &dyn Fn(Fleet) -> Arc<Fleet>,
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        let catalog = fleet.catalog.clone();
        let known: HashSet<&InstanceId> = fleet.facts.keys().collect();
        let missing: Vec<&Instance> =
            catalog.instances().filter(|instance| !known.contains(&instance.id)).collect();
        let ended = AtomicBool::new(false);
        for batch in missing.chunks(BATCH) {
            let (tree, clusters) = (fleet.tree.clone(), fleet.clusters.clone());
            let before = fleet.progress();
            let done = AtomicUsize::new(before.rendered);
            let rendered: Vec<(InstanceId, Arc<Facts>)> = batch
                .par_iter()
                .filter_map(|instance| {
                    let progress = Progress { rendered: done.load(Ordering::Relaxed), ..before };
                    if ended.load(Ordering::Relaxed) || !goes_on(progress) {
                        ended.store(true, Ordering::Relaxed);
                        return None;
                    }
                    let rendered = self.render(&tree, instance, &clusters);
                    done.fetch_add(1, Ordering::Relaxed);
                    Some((instance.id.clone(), Arc::new(Facts::of(instance, &rendered))))
                })
                .collect();
            let mut next = (*fleet).clone();
            next.generation = self.next_generation(&fleet);
            Arc::make_mut(&mut next.facts).extend(rendered);
            fleet = publish(next);
            if ended.load(Ordering::Relaxed) {
                return Ok(fleet);
            }
        }
        let mut next = (*fleet).clone();
        next.generation = self.next_generation(&fleet);
        next.standings = states::standings(&fleet, self, &(self.today)(), &self.judgements);
        if let Revision::Commit(_) = fleet.revision {
            return Ok(publish(next));
        }
        if !self.has_walked() {
            // History takes longer than the render; until it is known, what was known before is shown.
            fleet = publish(next);
            next = (*fleet).clone();
            next.generation = self.next_generation(&fleet);
        }
        next.changes = Arc::new(self.last_changes(&next.changes, &next.facts));
        Ok(publish(next))
    }

    /// A fleet of the working directory with what last changed each instance, found from what is checked out now.
    fn with_changes(&self, fleet: Arc<Fleet>, publish: &dyn Fn(Fleet) -> Arc<Fleet>) -> Arc<Fleet> {
        if fleet.changes.head.is_some() && fleet.changes.head == self.head_commit().ok() {
            return fleet;
        }
        let mut next = (*fleet).clone();
        next.generation = self.next_generation(&fleet);
        next.changes = Arc::new(self.last_changes(&fleet.changes, &fleet.facts));
        if next.changes.head == fleet.changes.head {
            return fleet;
        }
        publish(next)
    }

    /// Whether the commits of what is checked out were walked.
    fn has_walked(&self) -> bool {
        self.walked().as_ref().is_some_and(|steps| steps.head == self.head_commit().ok())
    }

    /// The commits that were walked last.
    pub(crate) fn walked(&self) -> MutexGuard<'_, Option<Arc<Steps>>> {
        self.walked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_generation(&self, fleet: &Fleet) -> u32 {
        match fleet.revision {
            Revision::WorkingDirectory => self.generation.fetch_add(1, Ordering::Relaxed) + 1,
            Revision::Commit(_) => fleet.generation,
        }
    }

    /// The files of a branch, local or remote-tracking.
    fn branch_tree(&self, name: &str) -> Result<Arc<dyn Tree>, WorkspaceError> {
        let commit = self
            .repository
            .resolve(&format!("refs/heads/{name}"))
            .or_else(|_| self.repository.resolve(&format!("refs/remotes/origin/{name}")))?;
        self.tree(&Revision::Commit(commit))
    }

    /// Renders one instance on a tree, with what the cluster of its environment said; one whose sources lie on a branch
    /// of their own, on that branch.
    #[must_use]
    pub fn render(&self, tree: &dyn Tree, instance: &Instance, clusters: &Clusters) -> Rendered {
        let inputs = RenderInputs {
            instance: Some(instance.id.clone()),
            namespace: instance.destination.namespace.clone(),
            cluster: clusters.of(&instance.id.environment).cloned(),
        };
        if let Some(branch) = &instance.branch {
            return match self.branch_tree(branch) {
                Ok(tree) => self.render_sources(&tree, &instance.sources, &inputs),
                Err(failure) => Rendered::failed(
                    vec![Problem::error("branch-unreadable", format!("the branch `{branch}`: {failure}"))],
                    Reads::default(),
                ),
            };
        }
        self.render_sources(tree, &instance.sources, &inputs)
    }

    /// Renders sources. What a chart made is kept for as long as its reads hold: a large one takes longer than looking
    /// them up, and a promotion renders the same instance many times. The other engines are quicker than a look-up.
    fn render_sources(&self, tree: &dyn Tree, sources: &[Source], inputs: &RenderInputs) -> Rendered {
        if sources.iter().any(has_chart) {
            let (rendered, _) =
                slipway_render::render_cached(&self.engines, self.renders.as_ref(), tree, sources, inputs);
            return Rendered::clone(&rendered);
        }
        slipway_render::render_sources(&self.engines, tree, sources, inputs)
    }

    /// The rendered objects of an instance of a fleet; `None` where it is not rendered or failed.
    #[must_use]
    pub fn manifests(&self, fleet: &Fleet, id: &InstanceId) -> Option<Vec<Manifest>> {
        fleet.facts.get(id).map(|facts| facts.manifests())
    }
}

/// Whether a source renders a chart: by itself, for a HelmRelease, or in a kustomization.
fn has_chart(source: &Source) -> bool {
    match source.engine {
        EngineKind::Helm => true,
        EngineKind::Flux => source.parameters.flux.as_ref().is_some_and(|flux| flux.release.is_some()),
        EngineKind::Kustomize => source.parameters.enable_helm,
        _ => false,
    }
}

/// The rules of `.slipway.yaml`; none where it cannot be read, which the catalog says.
fn rules(tree: &dyn Tree, catalog: &Catalog) -> Rules {
    let (settings, _) = slipway_catalog::settings::load(tree);
    Rules::new(&settings, slipway_promote::environment_words(catalog))
}

/// The facts of `before` that hold for the same instance on another tree, with what clusters say now; `changes` are the
/// differences of the two trees, where they are known.
fn still_valid(
    before: &Fleet,
    catalog: &Arc<Catalog>,
    tree: &dyn Tree,
    clusters: &Clusters,
    changes: Option<&Changes>,
) -> FactsByInstance {
    let answers_hold = |id: &InstanceId, facts: &Facts| {
        facts.cluster.hold_on(clusters.of(&id.environment).map(AsRef::as_ref))
    };
    let touched = |changes: &Changes, facts: &Facts| changes.iter().any(|path| facts.reads.touch(path));
    // The files of an instance on a branch of its own are not those of the tree.
    let is_on_branch = |instance: &Instance| instance.branch.is_some();
    if let Some(changes) = changes
        && Arc::ptr_eq(&before.catalog, catalog)
        && !catalog.instances().any(is_on_branch)
    {
        let stale =
            |(id, facts): &(&InstanceId, &Arc<Facts>)| !answers_hold(id, facts) || touched(changes, facts);
        let stale: Vec<&InstanceId> = before.facts.par_iter().filter(stale).map(|(id, _)| id).collect();
        let mut facts = before.facts.clone();
        for id in stale {
            Arc::make_mut(&mut facts).remove(id);
        }
        return facts;
    }
    let old: BTreeMap<&InstanceId, &Instance> =
        before.catalog.instances().map(|instance| (&instance.id, instance)).collect();
    let instances: Vec<&Instance> = catalog.instances().collect();
    let valid: BTreeMap<InstanceId, Arc<Facts>> = instances
        .par_iter()
        .filter_map(|instance| {
            let facts = before.facts.get(&instance.id)?;
            let same = old.get(&instance.id).is_some_and(|old| {
                old.sources == instance.sources && old.destination == instance.destination
            });
            // What cannot be read now is rendered again and says so then.
            let holds = || match changes {
                Some(changes) if !is_on_branch(instance) => !touched(changes, facts),
                _ => facts.reads.hold_on(tree).unwrap_or(false),
            };
            (same && answers_hold(&instance.id, facts) && holds())
                .then(|| (instance.id.clone(), facts.clone()))
        })
        .collect();
    Arc::new(valid)
}
