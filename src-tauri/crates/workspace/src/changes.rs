//! Which commits changed what an instance reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use slipway_git::CommitInfo;
use slipway_model::{CommitId, InstanceId, Read, RepoPath};

use crate::facts::{Facts, FactsByInstance, differing};
use crate::opened::Workspace;

/// Commits that are looked back on. A promotion that lags further behind is counted up to here.
const COMMITS: usize = 300;

/// A commit of the branch that is checked out, and the files it changed.
pub(crate) struct Step {
    pub(crate) commit: CommitInfo,
    /// Absent where history begins: that commit brought all there was.
    pub(crate) parent: Option<CommitId>,
    pub(crate) paths: Vec<RepoPath>,
}

/// The last commits of a branch, the newest first.
pub(crate) struct Steps {
    /// Where they begin; `None` where nothing is committed yet.
    pub(crate) head: Option<CommitId>,
    pub(crate) steps: Vec<Step>,
    newest: Newest,
}

/// The newest commit that changed a file which an instance reads.
#[derive(Clone, Debug, Default)]
pub struct LastChanges {
    /// The commit that they were found from; `None` before they are.
    pub(crate) head: Option<CommitId>,
    /// The renders whose reads they follow from.
    facts: FactsByInstance,
    by_instance: Arc<BTreeMap<InstanceId, Arc<CommitInfo>>>,
}

impl LastChanges {
    /// That of an instance; `None` where none is known.
    #[must_use]
    pub fn of(&self, id: &InstanceId) -> Option<&CommitInfo> {
        self.by_instance.get(id).map(AsRef::as_ref)
    }
}

impl Workspace {
    /// The first parents of what is checked out; none where history cannot be read. They are walked once for each
    /// head. A shallow clone ends early.
    pub(crate) fn steps(&self) -> Arc<Steps> {
        let head = self.head_commit().ok();
        let mut last = self.walked();
        if let Some(known) = last.as_ref().filter(|known| known.head == head) {
            return known.clone();
        }
        let steps = head.as_ref().map(|head| walk(self, head)).unwrap_or_default();
        let steps = Arc::new(Steps { newest: Newest::of(&steps), steps, head });
        *last = Some(steps.clone());
        steps
    }

    /// The last commits that changed a file which a render read, at most `limit`, the newest first.
    #[must_use]
    pub fn commits_of(&self, facts: &Facts, limit: usize) -> Vec<CommitInfo> {
        let steps = self.steps();
        let touches =
            |step: &&Step| step.parent.is_none() || step.paths.iter().any(|path| facts.reads.touch(path));
        steps.steps.iter().filter(touches).take(limit).map(|step| step.commit.clone()).collect()
    }

    /// The newest change of every rendered instance; taken from those that were known where the commits are the same
    /// and the render is.
    pub(crate) fn last_changes(&self, before: &LastChanges, facts: &FactsByInstance) -> LastChanges {
        let steps = self.steps();
        let is_known = before.head.is_some() && before.head == steps.head;
        let before = if is_known { before.clone() } else { LastChanges::default() };
        let mut by_instance = before.by_instance;
        let mut commits: Vec<Option<Arc<CommitInfo>>> = vec![None; steps.steps.len()];
        for id in differing(&before.facts, facts) {
            let at = facts.get(id).and_then(|facts| steps.newest.change_of(facts));
            let Some(at) = at else {
                Arc::make_mut(&mut by_instance).remove(id);
                continue;
            };
            if by_instance.get(id).is_none_or(|known| known.id != steps.steps[at].commit.id) {
                let commit = commits[at].get_or_insert_with(|| Arc::new(steps.steps[at].commit.clone()));
                Arc::make_mut(&mut by_instance).insert(id.clone(), commit.clone());
            }
        }
        LastChanges { head: steps.head.clone(), facts: facts.clone(), by_instance }
    }
}

fn walk(workspace: &Workspace, head: &CommitId) -> Vec<Step> {
    let repository = workspace.repository();
    let Ok(commits) = repository.history(head, None, COMMITS) else { return Vec::new() };
    let mut steps = Vec::with_capacity(commits.len());
    for commit in commits {
        let parent = commit.parents.first().cloned();
        let paths = match &parent {
            // Where the parent is not there (a shallow clone), history ends.
            Some(parent) => match repository.changed_paths(parent, &commit.id) {
                Ok(paths) => paths,
                Err(_) => break,
            },
            None => Vec::new(),
        };
        steps.push(Step { commit, parent, paths });
    }
    steps
}

/// The newest step that changed each file, and each directory by something in or below it: so an instance is looked
/// up by what it reads, however many commits and instances there are.
struct Newest {
    files: HashMap<RepoPath, usize>,
    directories: HashMap<RepoPath, usize>,
    /// The step with which history began.
    root: Option<usize>,
}

impl Newest {
    fn of(steps: &[Step]) -> Self {
        let (mut files, mut directories) = (HashMap::new(), HashMap::new());
        for (at, step) in steps.iter().enumerate() {
            for path in &step.paths {
                files.entry(path.clone()).or_insert(at);
                let mut above = path.parent();
                while let Some(directory) = above {
                    // A directory that is known is known with all above it.
                    if directories.contains_key(&directory) {
                        break;
                    }
                    above = directory.parent();
                    directories.insert(directory, at);
                }
            }
        }
        Self { files, directories, root: steps.iter().position(|step| step.parent.is_none()) }
    }

    fn change_of(&self, facts: &Facts) -> Option<usize> {
        let of_read = |read: &Read| match read {
            Read::File { path } => self.files.get(path).copied(),
            Read::Listing { path } => self.directories.get(path).copied(),
            Read::Whole { path } => {
                let found = [self.files.get(path), self.directories.get(path)];
                found.into_iter().flatten().min().copied()
            }
        };
        let found = facts.reads.iter().filter_map(|(read, _)| of_read(read)).min();
        found.or(self.root)
    }
}
