//! Reading a plan case: what is wanted, what is there, and how the simulated cluster behaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use slipway_model::ResourceId;

use crate::kinds::{KindTable, Scope};
use crate::options::{NamespaceMetadata, PropagationPolicy, SyncOptions};
use crate::time::Time;

/// A plan case.
pub(super) struct Case {
    pub(super) options: SyncOptions,
    pub(super) targets: Vec<Arc<Value>>,
    pub(super) live: Vec<Arc<Value>>,
    pub(super) unmanaged: Vec<Arc<Value>>,
    pub(super) kinds: KindTable,
    pub(super) script: Script,
}

/// How the simulated cluster behaves; keys are `group/kind/namespace/name`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Script {
    /// What is seen one step after the apply, two steps after it, and so on.
    pub(super) health: BTreeMap<String, Vec<ScriptedHealth>>,
    pub(super) apply_errors: BTreeMap<String, String>,
    pub(super) dry_run_errors: BTreeMap<String, String>,
    pub(super) delete_errors: BTreeMap<String, String>,
    pub(super) update_errors: BTreeMap<String, String>,
    /// How many steps an object stays after it was deleted.
    pub(super) delete_delay: BTreeMap<String, u32>,
    /// After how many steps an applied object is gone by itself.
    pub(super) vanish_after: BTreeMap<String, u32>,
    /// `group/Kind`.
    pub(super) not_permitted: Vec<String>,
    pub(super) confirm_at_step: Option<u32>,
    pub(super) terminate_at_step: Option<u32>,
    #[serde(default = "default_steps")]
    pub(super) max_steps: u32,
}

/// A scripted health: empty where the script says nothing, `Error` where judging fails.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ScriptedHealth {
    pub(super) status: String,
    pub(super) message: String,
}

fn default_steps() -> u32 {
    25
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    options: WrittenOptions,
    #[serde(default)]
    targets: Vec<Value>,
    #[serde(default)]
    live: Vec<Value>,
    #[serde(default)]
    unmanaged: Vec<Value>,
    #[serde(default)]
    custom_kinds: Vec<String>,
    #[serde(default)]
    script: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenOptions {
    namespace: String,
    revision: String,
    started_at: i64,
    prune: bool,
    prune_last: bool,
    prune_confirmed: bool,
    default_prune_option: Option<String>,
    skip_hooks: bool,
    dry_run: bool,
    force: bool,
    replace: bool,
    server_side_apply: bool,
    no_validate: bool,
    skip_dry_run_on_missing_resource: bool,
    create_namespace: bool,
    managed_namespace_metadata: Option<NamespaceMetadata>,
    apply_out_of_sync_only: bool,
    unmodified: Vec<String>,
    resources: Vec<String>,
    prune_propagation_policy: Option<String>,
}

impl Case {
    /// Reads a case.
    pub(super) fn read(case: &Value) -> Result<Self, String> {
        let written: Written = serde_json::from_value(case.clone()).map_err(|error| error.to_string())?;
        let script = match &written.script {
            Value::Null => Script { max_steps: default_steps(), ..Script::default() },
            script => serde_json::from_value(script.clone()).map_err(|error| error.to_string())?,
        };
        let mut kinds = served_kinds();
        for custom in &written.custom_kinds {
            let parts: Vec<&str> = custom.split('/').collect();
            let [group, version, kind, _, scope] = parts[..] else {
                return Err(format!("`{custom}` is no kind: expected group/version/Kind/plural/scope"));
            };
            kinds.add(
                group,
                version,
                kind,
                if scope == "Cluster" { Scope::Cluster } else { Scope::Namespaced },
            );
        }
        for refused in &script.not_permitted {
            let (group, kind) = refused.split_once('/').unwrap_or(("", refused));
            kinds.refuse(group, kind, format!("resource {group}:{kind} is not permitted in project default"));
        }
        Ok(Self {
            options: written.options.read()?,
            targets: super::shared(&written.targets),
            live: super::shared(&written.live),
            unmanaged: super::shared(&written.unmanaged),
            kinds,
            script,
        })
    }
}

impl WrittenOptions {
    fn read(self) -> Result<SyncOptions, String> {
        let Self {
            namespace,
            revision,
            started_at,
            prune,
            prune_last,
            prune_confirmed,
            default_prune_option,
            skip_hooks,
            dry_run,
            force,
            replace,
            server_side_apply,
            no_validate,
            skip_dry_run_on_missing_resource,
            create_namespace,
            managed_namespace_metadata,
            apply_out_of_sync_only,
            unmodified,
            resources,
            prune_propagation_policy,
        } = self;
        let propagation_policy = match prune_propagation_policy.map(|text| text.to_lowercase()).as_deref() {
            None | Some("" | "foreground") => PropagationPolicy::Foreground,
            Some("background") => PropagationPolicy::Background,
            Some("orphan") => PropagationPolicy::Orphan,
            Some(other) => return Err(format!("`{other}` is no propagation policy")),
        };
        Ok(SyncOptions {
            namespace,
            revision,
            started_at: Time::from_seconds(started_at),
            prune,
            prune_last,
            prune_confirmed,
            default_prune_option,
            skip_hooks,
            dry_run,
            force,
            replace,
            server_side_apply,
            no_validate,
            skip_dry_run_on_missing_resource,
            create_namespace,
            managed_namespace_metadata,
            apply_out_of_sync_only,
            unmodified: unmodified.iter().map(|key| id_of(key)).collect::<Result<_, _>>()?,
            resources: resources.iter().map(|key| id_of(key)).collect::<Result<_, _>>()?,
            propagation_policy,
        })
    }
}

/// Reads `group/kind/namespace/name`.
fn id_of(key: &str) -> Result<ResourceId, String> {
    match key.splitn(4, '/').collect::<Vec<_>>()[..] {
        [group, kind, namespace, name] => Ok(ResourceId {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }),
        _ => Err(format!("`{key}` is no key: expected group/kind/namespace/name")),
    }
}

/// The kinds that the simulated cluster serves: a selection of the built-in ones and those of Argo.
fn served_kinds() -> KindTable {
    let mut table = KindTable::new();
    for (group, version, scope, kinds) in SERVED {
        for kind in kinds.split(' ') {
            table.add(group, version, kind, *scope);
        }
    }
    table
}

const SERVED: &[(&str, &str, Scope, &str)] = &[
    ("", "v1", Scope::Cluster, "Namespace PersistentVolume"),
    (
        "",
        "v1",
        Scope::Namespaced,
        "ConfigMap Endpoints LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController \
         ResourceQuota Secret Service ServiceAccount",
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        Scope::Cluster,
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io", "v1", Scope::Cluster, "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "v1", Scope::Cluster, "APIService"),
    ("apps", "v1", Scope::Namespaced, "DaemonSet Deployment ReplicaSet StatefulSet"),
    ("argoproj.io", "v1alpha1", Scope::Namespaced, "AppProject Application Workflow"),
    ("autoscaling", "v2", Scope::Namespaced, "HorizontalPodAutoscaler"),
    ("batch", "v1", Scope::Namespaced, "CronJob Job"),
    ("coordination.k8s.io", "v1", Scope::Namespaced, "Lease"),
    ("discovery.k8s.io", "v1", Scope::Namespaced, "EndpointSlice"),
    ("networking.k8s.io", "v1", Scope::Namespaced, "Ingress NetworkPolicy"),
    ("networking.k8s.io", "v1", Scope::Cluster, "IngressClass"),
    ("policy", "v1", Scope::Namespaced, "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "v1", Scope::Cluster, "ClusterRole ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "v1", Scope::Namespaced, "Role RoleBinding"),
    ("scheduling.k8s.io", "v1", Scope::Cluster, "PriorityClass"),
    ("storage.k8s.io", "v1", Scope::Cluster, "StorageClass"),
];
