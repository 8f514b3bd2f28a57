//! Plans without a cluster.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_catalog::Instance;
use slipway_model::{ApplicationName, EnvironmentName, InstanceId, Problem};
use slipway_render::Rendered;
use slipway_sync::order::{LaneGate, LaneGateState};
use slipway_sync::{KindTable, Kinds, SyncOptions, SyncPlan};

use super::{AskedCluster, ClusterAnswers, PathRender, PathRequest, Snapshot};
use crate::order;

/// The plan of one instance.
pub struct InstancePlan {
    /// Which.
    pub instance: InstanceId,
    /// The revision it was planned at.
    pub revision: String,
    /// The plan; its problems hold those of the render too.
    pub plan: SyncPlan,
    /// What it comes after among the instances that are planned with it.
    pub waits_for: Vec<LaneGate>,
    /// The cluster that its templates saw.
    pub cluster: Option<AskedCluster>,
}

impl InstancePlan {
    /// The shape of `contracts.md` §7.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut json = json!({
            "instance": self.instance,
            "revision": self.revision,
            "phases": self.plan.phases,
            "problems": self.plan.problems,
        });
        if !self.waits_for.is_empty() {
            json["waitsFor"] = self.waits_for.iter().map(gate_json).collect();
        }
        if let Some(cluster) = &self.cluster {
            json["cluster"] = cluster.json();
        }
        json
    }

    fn new(id: InstanceId, revision: String, rendered: &Rendered, namespace: Option<String>) -> Self {
        let options = SyncOptions {
            namespace: namespace.unwrap_or_default(),
            revision: revision.clone(),
            ..SyncOptions::default()
        };
        let mut plan = plan_offline(rendered, &options);
        for problem in &mut plan.problems {
            problem.instance.get_or_insert_with(|| id.clone());
        }
        Self { instance: id, revision, plan, waits_for: Vec::new(), cluster: None }
    }

    /// Whether something keeps it from being synced.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.plan.problems.iter().any(Problem::is_error)
    }
}

impl Snapshot {
    /// Plans a sync of instances, as if nothing were in the cluster. None comes before one that it waits for.
    #[must_use]
    pub fn plans(
        &self,
        instances: &[&Instance],
        answers: &ClusterAnswers,
        namespace: Option<&str>,
    ) -> Vec<InstancePlan> {
        let schedule = order::schedule(&self.catalog, instances.iter().map(|instance| &instance.id), 1);
        let mut problems = schedule.problems();
        let planned = schedule.in_order().into_iter().filter_map(|lane| {
            let mut plan = self.plan(instances.get(lane)?, answers, namespace);
            plan.waits_for = schedule.gates(lane);
            plan.plan
                .problems
                .extend(problems.extract_if(.., |problem| problem.instance.as_ref() == Some(&plan.instance)));
            Some(plan)
        });
        planned.collect()
    }

    fn plan(&self, instance: &Instance, answers: &ClusterAnswers, namespace: Option<&str>) -> InstancePlan {
        let rendered = self.rendered(instance, answers);
        let namespace = namespace.map(ToOwned::to_owned).or_else(|| instance.destination.namespace.clone());
        let plan = InstancePlan::new(instance.id.clone(), self.revision(), &rendered, namespace);
        let asked = answers.asked.iter().find(|asked| asked.environment == instance.id.environment);
        InstancePlan { cluster: asked.cloned(), ..plan }
    }
}

fn gate_json(gate: &LaneGate) -> Value {
    let mut json = json!({
        "instances": gate.lanes,
        "more": gate.more,
        "text": gate.text,
        "by": gate.by,
        "enforced": gate.unenforced.is_none() && gate.state != LaneGateState::Outside,
    });
    if let Some(why) = &gate.unenforced {
        json["reason"] = json!(why);
    }
    json
}

/// Plans a sync of any folder as it was rendered. The instance is called `NAME@path`.
#[must_use]
pub fn plan_path(request: &PathRequest, answer: &PathRender, name: Option<&str>) -> InstancePlan {
    let folder = || request.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.map(ToOwned::to_owned).or_else(folder).unwrap_or_else(|| "application".to_owned());
    let id = InstanceId::new(ApplicationName::new(name), EnvironmentName::new("path"));
    let namespace = request.parameters.namespace.clone();
    InstancePlan::new(id, "working directory".to_owned(), &answer.rendered, namespace)
}

/// Plans a render; what is wrong with the render comes first.
pub(crate) fn plan_offline(rendered: &Rendered, options: &SyncOptions) -> SyncPlan {
    let mut kinds = KindTable::built_in();
    for manifest in &rendered.manifests {
        kinds.add_definition(&manifest.object);
    }
    let kinds: Arc<dyn Kinds> = Arc::new(kinds);
    let mut plan = slipway_sync::plan(&rendered.manifests, None, options, &kinds);
    let mut problems = rendered.problems.clone();
    problems.append(&mut plan.problems);
    plan.problems = problems;
    plan
}
