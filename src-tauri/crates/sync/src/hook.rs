//! Which objects are hooks, when they run and when they are deleted.
//!
//! Rules: `gitops-engine/pkg/sync/hook`, with Helm's hooks mapped to Argo CD's phases.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::annotations::{self, HELM_HOOK, HELM_HOOK_DELETE_POLICY, HOOK, HOOK_DELETE_POLICY};

/// A phase of a sync, in the order in which they run. `SyncFail` runs only after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SyncPhase {
    /// Before anything is applied.
    PreSync,
    /// The manifests themselves.
    Sync,
    /// After they are applied and healthy.
    PostSync,
    /// After a failure.
    SyncFail,
}

impl SyncPhase {
    /// The name as it is written in annotations and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreSync => "PreSync",
            Self::Sync => "Sync",
            Self::PostSync => "PostSync",
            Self::SyncFail => "SyncFail",
        }
    }
}

impl fmt::Display for SyncPhase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a hook annotation can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HookType {
    /// Runs in the phase PreSync.
    PreSync,
    /// Runs in the phase Sync, in place of being applied as a plain object.
    Sync,
    /// Runs in the phase PostSync.
    PostSync,
    /// Runs after a failure.
    SyncFail,
    /// Is not applied at all.
    Skip,
    /// Runs before an application is deleted; no part of a sync.
    PreDelete,
    /// Runs after an application is deleted; no part of a sync.
    PostDelete,
}

impl HookType {
    /// The phase of a sync it runs in, if it has one.
    #[must_use]
    pub fn phase(self) -> Option<SyncPhase> {
        match self {
            Self::PreSync => Some(SyncPhase::PreSync),
            Self::Sync => Some(SyncPhase::Sync),
            Self::PostSync => Some(SyncPhase::PostSync),
            Self::SyncFail => Some(SyncPhase::SyncFail),
            Self::Skip | Self::PreDelete | Self::PostDelete => None,
        }
    }

    /// The word of Argo CD's annotation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreSync => "PreSync",
            Self::Sync => "Sync",
            Self::PostSync => "PostSync",
            Self::SyncFail => "SyncFail",
            Self::Skip => "Skip",
            Self::PreDelete => "PreDelete",
            Self::PostDelete => "PostDelete",
        }
    }

    fn of_argo(text: &str) -> Option<Self> {
        Some(match text {
            "PreSync" => Self::PreSync,
            "Sync" => Self::Sync,
            "PostSync" => Self::PostSync,
            "SyncFail" => Self::SyncFail,
            "Skip" => Self::Skip,
            "PreDelete" => Self::PreDelete,
            "PostDelete" => Self::PostDelete,
            _ => return None,
        })
    }

    fn of_helm(text: &str) -> Option<Self> {
        Some(match text {
            "pre-install" | "pre-upgrade" => Self::PreSync,
            "post-install" | "post-upgrade" => Self::PostSync,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            _ => return None,
        })
    }
}

/// When a hook is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HookDeletePolicy {
    /// After the whole sync succeeded.
    HookSucceeded,
    /// After the whole sync failed.
    HookFailed,
    /// Before it is created anew. The default.
    BeforeHookCreation,
}

/// The hook types of an object, each once, in written order. Helm's types count only where no type of
/// Argo CD is recognised.
#[must_use]
pub fn types(object: &Value) -> Vec<HookType> {
    let mut types: Vec<HookType> = Vec::new();
    for hook_type in recognised(object) {
        if !types.contains(&hook_type) {
            types.push(hook_type);
        }
    }
    types
}

/// The hook types as they are written: two of Helm's types can stand for one of Argo CD's.
pub(crate) fn recognised(object: &Value) -> Vec<HookType> {
    let read = |key: &str, parse: fn(&str) -> Option<HookType>| -> Vec<HookType> {
        annotations::list(object, key).into_iter().filter_map(parse).collect()
    };
    let types = read(HOOK, HookType::of_argo);
    if types.is_empty() { read(HELM_HOOK, HookType::of_helm) } else { types }
}

/// Whether the only recognised type is `Skip`: the object is then neither a hook nor applied.
#[must_use]
pub fn is_skipped(object: &Value) -> bool {
    types(object) == [HookType::Skip]
}

/// Whether an object is a hook: it has Argo CD's annotation with any value (but `Skip` alone), or Helm's
/// with any value but `crd-install`.
#[must_use]
pub fn is_hook(object: &Value) -> bool {
    if annotations::annotation(object, HOOK).is_some() {
        return !is_skipped(object);
    }
    annotations::annotation(object, HELM_HOOK).is_some_and(|value| value != "crd-install")
}

/// Whether a sync leaves an object out altogether: a hook of which no type belongs to a sync (a misspelt
/// one, Helm's `test` or `pre-rollback`, hooks of a deletion).
#[must_use]
pub fn is_ignored(object: &Value) -> bool {
    is_hook(object) && phases(object).is_empty()
}

/// The phases in which an object runs, in order: those of its hook types, `Sync` for a plain object, none
/// for a skipped or ignored one.
#[must_use]
pub fn phases(object: &Value) -> Vec<SyncPhase> {
    if is_skipped(object) {
        return Vec::new();
    }
    if !is_hook(object) {
        return vec![SyncPhase::Sync];
    }
    let mut phases: Vec<SyncPhase> = types(object).into_iter().filter_map(HookType::phase).collect();
    phases.sort_unstable();
    phases.dedup();
    phases
}

/// When a hook is deleted: the policies of Argo CD and of Helm together, `BeforeHookCreation` where there
/// are none. Meaningless on objects that are no hooks.
#[must_use]
pub fn delete_policies(object: &Value) -> Vec<HookDeletePolicy> {
    let argo = annotations::list(object, HOOK_DELETE_POLICY).into_iter().filter_map(|text| match text {
        "HookSucceeded" => Some(HookDeletePolicy::HookSucceeded),
        "HookFailed" => Some(HookDeletePolicy::HookFailed),
        "BeforeHookCreation" => Some(HookDeletePolicy::BeforeHookCreation),
        _ => None,
    });
    let helm = annotations::list(object, HELM_HOOK_DELETE_POLICY).into_iter().filter_map(|text| match text {
        "hook-succeeded" => Some(HookDeletePolicy::HookSucceeded),
        "hook-failed" => Some(HookDeletePolicy::HookFailed),
        "before-hook-creation" => Some(HookDeletePolicy::BeforeHookCreation),
        _ => None,
    });
    let mut policies: Vec<HookDeletePolicy> = Vec::new();
    for policy in argo.chain(helm) {
        if !policies.contains(&policy) {
            policies.push(policy);
        }
    }
    if policies.is_empty() {
        policies.push(HookDeletePolicy::BeforeHookCreation);
    }
    policies
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(annotations: &Value) -> Value {
        json!({"kind": "Job", "metadata": {"name": "j", "annotations": annotations}})
    }

    #[test]
    fn phases_follow_the_annotations() {
        use SyncPhase::{PostSync, PreSync, Sync};
        let table: &[(Value, &[SyncPhase])] = &[
            (json!({}), &[Sync]),
            (json!({HOOK: "PostSync,PreSync"}), &[PreSync, PostSync]),
            (json!({HOOK: "Skip"}), &[]),
            (json!({HOOK: "Skip,PreSync"}), &[PreSync]),
            (json!({HOOK: "presync"}), &[]),
            (json!({HOOK: "presync", HELM_HOOK: "post-install"}), &[PostSync]),
            (json!({HOOK: "PreSync", HELM_HOOK: "post-install"}), &[PreSync]),
            (json!({HELM_HOOK: "pre-install,pre-upgrade"}), &[PreSync]),
            (json!({HELM_HOOK: "crd-install"}), &[Sync]),
            (json!({HELM_HOOK: "test"}), &[]),
            (json!({HOOK: "PreSync,PostDelete"}), &[PreSync]),
        ];
        for (annotations, expected) in table {
            assert_eq!(phases(&with(annotations)), *expected, "{annotations}");
        }
    }

    #[test]
    fn policies_of_both_tools_are_joined() {
        let object =
            with(&json!({HOOK_DELETE_POLICY: "HookFailed", HELM_HOOK_DELETE_POLICY: "hook-succeeded"}));
        assert_eq!(delete_policies(&object), [HookDeletePolicy::HookFailed, HookDeletePolicy::HookSucceeded]);
        assert_eq!(
            delete_policies(&with(&json!({HOOK_DELETE_POLICY: "never"}))),
            [HookDeletePolicy::BeforeHookCreation]
        );
    }
}
