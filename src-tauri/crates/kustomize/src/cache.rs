//! Bases that many overlays share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use slipway_model::{Problem, RepoPath, Tree, TreeError};

use crate::build::Accumulator;
use crate::graph::Node;
use crate::resource::Resource;
use crate::source::Answer;

/// What was built before, for the builds of one fleet: files by their content, and what the kustomization of a directory
/// gathers. Both are valid on any tree that gives the same answers, so one cache serves a commit, the working directory
/// and edits laid over either. All builds that share a cache must have the same [`crate::Helpers`].
///
/// What is asked of a tree to find out whether something is valid is what was asked to build it, so a recorder around the
/// tree sees the same reads whether it was built or shared.
#[derive(Default)]
pub struct BuildCache {
    /// Protects the map; not held while a file is parsed.
    files: Mutex<HashMap<RepoPath, Vec<File>>>,
    /// Protects the map; not held while a tree is asked.
    bases: Mutex<HashMap<BaseKey, Vec<Arc<Base>>>>,
}

/// A file's content and the resources in it.
type File = (Bytes, Arc<Vec<Resource>>);

/// How many versions of a file or a base are kept: those of the revisions that are looked at beside one another.
const VERSIONS: usize = 8;

/// What a base depends on beside what it reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BaseKey {
    pub(crate) directory: RepoPath,
    pub(crate) unrestricted: bool,
    pub(crate) charts: bool,
}

/// What the kustomization of a directory gathers.
pub(crate) struct Base {
    /// The namespace that charts got which name none, from whoever uses the base; `None` where there is no such chart.
    pub(crate) chart_namespace: Option<String>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) accumulated: Accumulator,
    pub(crate) nodes: Vec<Node>,
    pub(crate) warnings: Vec<Problem>,
}

impl BuildCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The resources of a file with this content.
    pub(crate) fn file(&self, path: &RepoPath, content: &Bytes) -> Option<Arc<Vec<Resource>>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = files.get(path)?;
        let found = versions.iter().find(|(known, _)| {
            known.len() == content.len() && (known.as_ptr() == content.as_ptr() || known == content)
        });
        found.map(|(_, resources)| Arc::clone(resources))
    }

    pub(crate) fn keep_file(&self, path: &RepoPath, content: Bytes, resources: Arc<Vec<Resource>>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        push(files.entry(path.clone()).or_default(), (content, resources));
    }

    /// What the kustomization of a directory gathers, if that is known for what the tree holds now. Charts in it that name
    /// no namespace get the given one.
    pub(crate) fn base(
        &self,
        key: &BaseKey,
        chart_namespace: &str,
        tree: &dyn Tree,
    ) -> Result<Option<Arc<Base>>, TreeError> {
        let versions = {
            let bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
            bases.get(key).cloned().unwrap_or_default()
        };
        'versions: for base in versions.into_iter().rev() {
            if base.chart_namespace.as_deref().is_some_and(|namespace| namespace != chart_namespace) {
                continue;
            }
            for answer in &base.answers {
                if !answer.holds_on(tree)? {
                    continue 'versions;
                }
            }
            return Ok(Some(base));
        }
        Ok(None)
    }

    pub(crate) fn keep_base(&self, key: BaseKey, base: Base) {
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        push(bases.entry(key).or_default(), Arc::new(base));
    }
}

fn push<T>(versions: &mut Vec<T>, version: T) {
    if versions.len() == VERSIONS {
        versions.remove(0);
    }
    versions.push(version);
}
