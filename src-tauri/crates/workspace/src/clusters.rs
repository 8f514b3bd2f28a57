//! What the clusters of environments said, as renders see it, and rounds of asking for what they looked up.
//!
//! Which objects a template looks up is known only when it runs. So it is rendered with what is known, the cluster is
//! asked for what was missing, and it is rendered again. It is not known here how a cluster is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use slipway_catalog::Instance;
use slipway_model::{CommitId, EnvironmentName, InstanceId, Manifest, Tree};
use slipway_render::{ClusterSnapshot, LookupAnswer, LookupQuestion, Rendered};

use crate::error::WorkspaceError;
use crate::facts::Facts;
use crate::fleet::Fleet;
use crate::opened::Workspace;

/// How often a cluster is asked for what templates look up. Charts look up one thing, and sometimes another that the
/// first one names.
const ROUNDS: usize = 3;

/// What the clusters said, by environment. Empty where none is connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    by_environment: BTreeMap<EnvironmentName, Arc<ClusterSnapshot>>,
    /// In place of all: both sides of a comparison see the same cluster.
    common: Option<Arc<ClusterSnapshot>>,
}

impl Clusters {
    /// One cluster, whatever the environment.
    #[must_use]
    pub fn common(cluster: Arc<ClusterSnapshot>) -> Self {
        Self { by_environment: BTreeMap::new(), common: Some(cluster) }
    }

    /// The same with another cluster for an environment.
    #[must_use]
    pub fn with(mut self, environment: EnvironmentName, cluster: Arc<ClusterSnapshot>) -> Self {
        self.by_environment.insert(environment, cluster);
        self
    }

    /// The same without a cluster for some environments.
    #[must_use]
    pub fn without(mut self, leave_out: impl Fn(&EnvironmentName) -> bool) -> Self {
        self.by_environment.retain(|environment, _| !leave_out(environment));
        self
    }

    /// What the cluster of an environment said.
    #[must_use]
    pub fn of(&self, environment: &EnvironmentName) -> Option<&Arc<ClusterSnapshot>> {
        self.common.as_ref().or_else(|| self.by_environment.get(environment))
    }

    /// What both sides of a comparison are rendered with: the cluster of the second side. Where the first is another
    /// environment, without objects: that two clusters hold different ones is no difference of what Git says.
    #[must_use]
    pub fn for_comparison(&self, from: &EnvironmentName, to: &EnvironmentName) -> Self {
        match self.of(to) {
            None => Self::default(),
            Some(cluster) if from == to => Self::common(Arc::clone(cluster)),
            Some(cluster) => Self::common(Arc::new(cluster.without_objects())),
        }
    }

    fn with_answers(&self, answers: BTreeMap<EnvironmentName, Vec<(LookupQuestion, LookupAnswer)>>) -> Self {
        let mut more = self.clone();
        for (environment, answers) in answers {
            if let Some(known) = more.by_environment.get_mut(&environment) {
                *known = Arc::new(known.with_answers(answers));
            }
        }
        more
    }
}

/// No cluster is there to be asked.
pub struct NoClusters;

impl ClusterSource for NoClusters {
    fn look_up(&self, _: &EnvironmentName, _: &[LookupQuestion]) -> Vec<(LookupQuestion, LookupAnswer)> {
        Vec::new()
    }
}

/// Asks clusters what templates look up.
pub trait ClusterSource: Sync {
    /// What the cluster of an environment answers. What is left out was not answered: the cluster is gone, or takes too
    /// long. A refusal is an answer.
    fn look_up(
        &self,
        environment: &EnvironmentName,
        questions: &[LookupQuestion],
    ) -> Vec<(LookupQuestion, LookupAnswer)>;
}

/// Renders with what a cluster said, asks it for what is looked up and not known, and renders again. What is still
/// missing at the end was not answered.
pub fn render_in_rounds(
    environment: &EnvironmentName,
    mut cluster: Arc<ClusterSnapshot>,
    source: &dyn ClusterSource,
    render: impl Fn(&Arc<ClusterSnapshot>) -> Rendered,
) -> (Rendered, Arc<ClusterSnapshot>) {
    for round in 0..=ROUNDS {
        let rendered = render(&cluster);
        let missing = rendered.cluster.missing_in(&cluster);
        if missing.is_empty() {
            return (rendered, cluster);
        }
        let answers = if round < ROUNDS { source.look_up(environment, &missing) } else { given_up(&missing) };
        let all_answered = answers.len() >= missing.len();
        cluster = Arc::new(cluster.with_answers(answers));
        if !all_answered {
            break;
        }
    }
    (render(&cluster), cluster)
}

/// Ends what would go on for ever: the look-up fails where the template makes it.
fn given_up(questions: &[LookupQuestion]) -> Vec<(LookupQuestion, LookupAnswer)> {
    let why = |question: &LookupQuestion| {
        LookupAnswer::Failed(format!(
            "`{question}` was not asked for: the templates looked up something else after each of {ROUNDS} answers"
        ))
    };
    questions.iter().map(|question| (question.clone(), why(question))).collect()
}

impl Workspace {
    /// Takes over what clusters said since. The next update renders what asked for anything that is different now.
    pub fn use_clusters(&self, change: impl FnOnce(&Clusters) -> Clusters) {
        let mut clusters = self.clusters.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&clusters);
        if **clusters != changed {
            *clusters = Arc::new(changed);
        }
    }

    /// What clusters said, as renders see it now.
    #[must_use]
    pub fn clusters(&self) -> Arc<Clusters> {
        self.clusters.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As [`Self::update`], then asks for what templates look up, and renders that again.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn update_asking(
        &self,
        source: &dyn ClusterSource,
        cancel: &AtomicBool,
        published: &(dyn Fn(&Arc<Fleet>) + Sync),
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        self.asking(source, cancel, || self.update(cancel, published))
    }

    /// As [`Self::fleet_at`], then asks for what templates look up, and renders that again.
    ///
    /// # Errors
    /// As [`Self::fleet_at`].
    pub fn fleet_at_asking(
        &self,
        commit: &CommitId,
        source: &dyn ClusterSource,
        cancel: &AtomicBool,
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        self.asking(source, cancel, || self.fleet_at(commit, cancel))
    }

    fn asking(
        &self,
        source: &dyn ClusterSource,
        cancel: &AtomicBool,
        render: impl Fn() -> Result<Arc<Fleet>, WorkspaceError>,
    ) -> Result<Arc<Fleet>, WorkspaceError> {
        let mut fleet = render()?;
        for round in 0..=ROUNDS {
            let open = open_questions(&fleet);
            if open.is_empty() || cancel.load(Ordering::Relaxed) {
                break;
            }
            let mut all_answered = true;
            let answers = open
                .into_iter()
                .map(|(environment, questions)| {
                    let questions: Vec<LookupQuestion> = questions.into_iter().collect();
                    let answers = if round < ROUNDS {
                        source.look_up(&environment, &questions)
                    } else {
                        given_up(&questions)
                    };
                    all_answered &= answers.len() >= questions.len();
                    (environment, answers)
                })
                .collect();
            self.use_clusters(|known| known.with_answers(answers));
            fleet = render()?;
            if !all_answered {
                break;
            }
        }
        Ok(fleet)
    }

    /// The objects of an instance as they are compared with another's: both sides see `clusters`
    /// ([`Clusters::for_comparison`]). Where they cannot be rendered so, they are as they are.
    #[must_use]
    pub fn manifests_beside(
        &self,
        tree: &dyn Tree,
        instance: &Instance,
        facts: &Facts,
        clusters: &Clusters,
    ) -> Vec<Manifest> {
        let cluster = clusters.of(&instance.id.environment);
        if !facts.cluster.hold_on(cluster.map(AsRef::as_ref)) {
            let rendered = self.render(tree, instance, clusters);
            if !rendered.is_failed() {
                return rendered.manifests;
            }
        }
        facts.manifests()
    }
}

impl Fleet {
    /// What the templates of an environment look up, in order.
    #[must_use]
    pub fn lookups(&self, environment: &EnvironmentName) -> BTreeSet<LookupQuestion> {
        let of_environment = |(id, _): &(&InstanceId, &Arc<Facts>)| id.environment == *environment;
        let facts = self.facts.iter().filter(of_environment);
        facts.flat_map(|(_, facts)| facts.cluster.lookups().cloned()).collect()
    }
}

/// What was looked up and not answered, by environments with a cluster.
fn open_questions(fleet: &Fleet) -> BTreeMap<EnvironmentName, BTreeSet<LookupQuestion>> {
    let mut open: BTreeMap<EnvironmentName, BTreeSet<LookupQuestion>> = BTreeMap::new();
    for (id, facts) in fleet.facts.iter() {
        let Some(cluster) = fleet.clusters.of(&id.environment) else { continue };
        let missing = facts.cluster.missing_in(cluster);
        if !missing.is_empty() {
            open.entry(id.environment.clone()).or_default().extend(missing);
        }
    }
    open
}

#[cfg(test)]
mod tests;
