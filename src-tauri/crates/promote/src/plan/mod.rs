//! Promotion plans: what differs, what of it goes along, and the edits that carry it.

mod apply;
mod build;
mod candidates;
mod declaration;
mod documents;
mod files;
mod items;
mod lines;
mod newcomers;
mod pairs;
mod solve;
mod structure;
mod unrendered;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_catalog::Instance;
use slipway_diff::{EnvironmentWords, ListKeys, MaskKey, Report};
use slipway_model::{
    CommitId, Edit, EnvironmentName, FieldPath, InstanceId, Problem, RepoPath, ResourceId, Tree,
};
use slipway_render::Rendered;

use crate::class::SettingClass;
use crate::pins::Pin;
use crate::selection::Selection;

pub use apply::{apply, shown_edit};
pub use build::plan;
pub(crate) use items::own_lines;
pub use newcomers::Newcomer;
pub use pairs::{InstancePair, Pairing, environment_words, pairs};
pub(crate) use structure::differences;

/// What a promotion does, as a value: it can be shown, stored and dropped, and writes nothing by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionPlan {
    /// The environment that is taken from.
    pub from: EnvironmentName,
    /// The environments that are changed.
    pub to: Vec<EnvironmentName>,
    /// The commit that the plan was made on.
    pub base: CommitId,
    /// Every difference, chosen or not, by instance, then in the order of its resources.
    pub items: Vec<PromotionItem>,
    /// The edits that carry the chosen items, in the order in which they are applied.
    pub edits: Vec<Edit>,
    /// What the edits change in every instance that they reach.
    pub preview: Report,
    /// Instances that change although they were not chosen.
    pub also_changed: Vec<InstanceId>,
    /// What was written; `None` before.
    pub written: Option<Written>,
    /// What keeps items from being carried, and what to know beside.
    pub problems: Vec<Problem>,
}

/// One difference between the environments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionItem {
    /// The instance that would be changed.
    pub instance: InstanceId,
    /// The resource, by its id in the changed environment; by the other's where it is new.
    pub resource: ResourceId,
    /// The field; the root where the whole resource is new or gone.
    pub path: FieldPath,
    /// What is there now; absent where nothing is.
    pub old: Option<Value>,
    /// What would be there; absent where the field goes.
    pub new: Option<Value>,
    /// The class of the setting.
    pub class: SettingClass,
    /// Why it has this class, a sentence.
    pub reason: String,
    /// Whether the values are secret; they are masked then.
    pub secret: bool,
    /// Whether it goes along.
    pub chosen: bool,
    /// The edits that carry it, as positions in the plan's edits. Empty where it is not chosen, or where none
    /// was found; a problem then says why.
    pub edits: Vec<usize>,
    /// Items that its edits change as well although they were not chosen, as positions in the plan's items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_carries: Vec<usize>,
}

/// Where a plan was written to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The patch file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// The address of the pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<String>,
}

/// Renders an instance on a tree. The result holds what was read; the same tree gives the same result. Several are
/// rendered at the same time.
pub type RenderInstance<'a> = &'a (dyn Fn(&dyn Tree, &Instance) -> Rendered + Sync);
/// The instances whose renders read any of these files.
pub type AffectedInstances<'a> = &'a (dyn Fn(&[RepoPath]) -> Vec<Instance> + Sync);

/// The instance as its declaration on a tree has it; `None` where it is not declared there any more.
pub type RedeclareInstance<'a> = &'a (dyn Fn(&dyn Tree, &Instance) -> Option<Instance> + Sync);

/// What is planned, and everything that planning needs.
#[derive(Clone)]
pub struct Request<'a> {
    /// The tip of the target branch.
    pub tree: Arc<dyn Tree>,
    /// Its commit.
    pub base: CommitId,
    /// The environment that is taken from.
    pub from: EnvironmentName,
    /// The environments that are changed.
    pub to: Vec<EnvironmentName>,
    /// The instances, see [`pairs`].
    pub pairs: Vec<InstancePair<'a>>,
    /// The applications that come to an environment, see [`pairs`].
    pub newcomers: Vec<Newcomer<'a>>,
    /// The names of all environments, see [`environment_words`].
    pub words: EnvironmentWords,
    /// The pinned classes.
    pub pins: &'a [Pin],
    /// Applications that move together (`.slipway.yaml`, `versionGroups`).
    pub version_groups: &'a [Vec<String>],
    /// What is ticked.
    pub selection: Selection,
    /// The key of the fingerprints of secret values. Without fingerprints no secret value compares equal.
    pub key: MaskKey,
    /// How items of lists are told apart.
    pub lists: &'a dyn ListKeys,
    /// Renders an instance.
    pub render: RenderInstance<'a>,
    /// Reads an instance's declaration again, where edits change the file that holds it.
    pub redeclare: RedeclareInstance<'a>,
    /// Finds the instances that files reach.
    pub affected: AffectedInstances<'a>,
}
