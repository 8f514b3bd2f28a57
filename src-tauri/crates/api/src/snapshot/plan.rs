//! Plans without a cluster.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_catalog::Instance;
use slipway_model::{InstanceId, Problem};
use slipway_sync::{KindTable, SyncOptions, SyncPlan};

use super::Snapshot;

/// The plan of one instance.
pub struct InstancePlan {
    /// Which.
    pub instance: InstanceId,
    /// The revision it was planned at.
    pub revision: String,
    /// The plan; its problems hold those of the render too.
    pub plan: SyncPlan,
}

impl InstancePlan {
    /// The shape of `contracts.md` §7.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "instance": self.instance,
            "revision": self.revision,
            "phases": self.plan.phases,
            "problems": self.plan.problems,
        })
    }

    /// Whether something keeps it from being synced.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.plan.problems.iter().any(Problem::is_error)
    }
}

impl Snapshot {
    /// Plans a sync of an instance, as if nothing were in the cluster.
    #[must_use]
    pub fn plan(&self, instance: &Instance) -> InstancePlan {
        let rendered = self.workspace.render(&self.tree, instance);
        let options = SyncOptions {
            namespace: instance.destination.namespace.clone().unwrap_or_default(),
            revision: self.revision(),
            ..SyncOptions::default()
        };
        let mut plan = plan_offline(&rendered, &options);
        for problem in &mut plan.problems {
            problem.instance.get_or_insert_with(|| instance.id.clone());
        }
        InstancePlan { instance: instance.id.clone(), revision: self.revision(), plan }
    }
}

/// Plans a render; what is wrong with the render comes first.
pub(crate) fn plan_offline(rendered: &slipway_render::Rendered, options: &SyncOptions) -> SyncPlan {
    let mut kinds = KindTable::built_in();
    for manifest in &rendered.manifests {
        kinds.add_definition(&manifest.object);
    }
    let mut plan = slipway_sync::plan(&rendered.manifests, None, options, Arc::new(kinds));
    let mut problems = rendered.problems.clone();
    problems.append(&mut plan.problems);
    plan.problems = problems;
    plan
}
