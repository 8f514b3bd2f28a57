//! Versions that instances had before, for "behind by n" (`contracts.md` §4).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use slipway_catalog::Instance;
use slipway_model::InstanceId;

use crate::clusters::Clusters;
use crate::facts::Facts;
use crate::opened::{Revision, Workspace};

/// Renders that are spent on the history of one instance.
const RENDERS: usize = 40;

/// The history of versions, found out when it is asked for. The list of commits is walked once for all
/// instances, and not at all where no version differs; only commits that change a file the instance reads are
/// rendered.
pub(crate) struct VersionHistory<'a> {
    workspace: &'a Workspace,
    clusters: &'a Clusters,
    /// Found before; held only while it is looked up or added to.
    found: Mutex<BTreeMap<InstanceId, Vec<String>>>,
}

impl<'a> VersionHistory<'a> {
    /// The first parents of what is checked out. A repository whose history cannot be read (a shallow clone
    /// ends early) has as much history as could be read.
    pub(crate) fn of(workspace: &'a Workspace, clusters: &'a Clusters) -> Self {
        Self { workspace, clusters, found: Mutex::default() }
    }

    /// The versions of an instance, the newest first, without repetition of neighbours. The first is the one
    /// it has now.
    pub(crate) fn versions(&self, instance: &Instance, facts: &Facts) -> Vec<String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&instance.id).cloned();
        if let Some(found) = found {
            return found;
        }
        let versions = self.find(instance, facts);
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(instance.id.clone(), versions.clone());
        versions
    }

    fn find(&self, instance: &Instance, facts: &Facts) -> Vec<String> {
        let mut versions = vec![facts.version.clone()];
        let steps = self.workspace.steps();
        let touching = steps.steps.iter().filter_map(|step| {
            let touches = step.paths.iter().any(|path| facts.reads.touch(path));
            step.parent.as_ref().filter(|_| touches).map(|parent| (&step.commit.id, parent))
        });
        for (commit, parent) in touching.take(RENDERS) {
            // What it was before this commit. A commit that broke it has no version.
            for commit in [commit, parent] {
                let Ok(tree) = self.workspace.tree(&Revision::Commit(commit.clone())) else { continue };
                let rendered = self.workspace.render(&tree, instance, self.clusters);
                if rendered.is_failed() || rendered.manifests.is_empty() {
                    continue;
                }
                let version =
                    slipway_promote::version::version(&instance.id.application, &rendered.manifests, None);
                if versions.last() != Some(&version) {
                    versions.push(version);
                }
            }
        }
        versions
    }
}
