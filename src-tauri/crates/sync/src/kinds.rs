//! Which kinds exist, and whether their objects live in a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// Group, version and kind of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersionKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl GroupVersionKind {
    /// Reads them from an object as it is written.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
        Self { group: group.to_owned(), version: version.to_owned(), kind: text("kind").to_owned() }
    }

    /// `group/version`, or the version alone for the core group: what stands in `apiVersion`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

impl fmt::Display for GroupVersionKind {
    /// As Kubernetes writes it in messages: `apps/v1, Kind=Deployment`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}, Kind={}", self.group, self.version, self.kind)
    }
}

/// Where the objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster.
    Cluster,
}

/// Why a kind cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// The server does not know it. The only error that a sync may tolerate: the kind can come with a
    /// CustomResourceDefinition of the same sync.
    #[error("{0}")]
    Missing(String),
    /// It exists and may not be used.
    #[error("{0}")]
    Refused(String),
    /// The server did not say.
    #[error("{0}")]
    Unavailable(String),
}

/// Which kinds exist.
pub trait Kinds: fmt::Debug + Send + Sync {
    /// Where the objects of a kind live.
    ///
    /// # Errors
    /// Says whether the kind is missing, refused, or could not be asked for.
    fn scope(&self, kind: &GroupVersionKind) -> Result<Scope, KindError>;

    /// Where the objects of a kind live, whatever its version; `None` where the kind is not known.
    fn scope_of(&self, group: &str, kind: &str) -> Option<Scope>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    scope: Scope,
    versions: BTreeSet<String>,
}

/// Kinds as a table: the built-in ones, or what a cluster answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindTable {
    entries: BTreeMap<(String, String), Entry>,
    unavailable: BTreeMap<String, String>,
    refused: BTreeMap<(String, String), String>,
}

impl KindTable {
    /// A table without kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The kinds that every Kubernetes of today serves.
    #[must_use]
    pub fn built_in() -> Self {
        let mut table = Self::new();
        for (group_version, scope, kinds) in BUILT_IN {
            let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
            for kind in kinds.split(' ') {
                table.add(group, version, kind, *scope);
            }
        }
        table
    }

    /// Adds a version of a kind. The scope given last counts.
    pub fn add(&mut self, group: &str, version: &str, kind: &str, scope: Scope) {
        let entry = self
            .entries
            .entry((group.to_owned(), kind.to_owned()))
            .or_insert_with(|| Entry { scope, versions: BTreeSet::new() });
        entry.scope = scope;
        entry.versions.insert(version.to_owned());
    }

    /// Adds the kinds of a CustomResourceDefinition; does nothing for other objects and unusable ones.
    pub fn add_definition(&mut self, object: &Value) {
        let Some(definition) = Definition::of(object) else { return };
        for version in &definition.versions {
            self.add(definition.group, version, definition.kind, definition.scope);
        }
    }

    /// Says that a group was there and did not answer, and why: its kinds are then unavailable, not missing.
    pub fn mark_unavailable(&mut self, group: &str, reason: impl Into<String>) {
        self.unavailable.insert(group.to_owned(), reason.into());
    }

    /// Says that a kind may not be used, and why.
    pub fn refuse(&mut self, group: &str, kind: &str, reason: impl Into<String>) {
        self.refused.insert((group.to_owned(), kind.to_owned()), reason.into());
    }
}

impl Kinds for KindTable {
    fn scope(&self, kind: &GroupVersionKind) -> Result<Scope, KindError> {
        let key = (kind.group.clone(), kind.kind.clone());
        match self.entries.get(&key) {
            Some(entry) if entry.versions.contains(&kind.version) => match self.refused.get(&key) {
                Some(reason) => Err(KindError::Refused(reason.clone())),
                None => Ok(entry.scope),
            },
            known => {
                if let Some(reason) = self.unavailable.get(&kind.group) {
                    return Err(KindError::Unavailable(format!(
                        "failed to discover server resources for group version {}: {reason}",
                        kind.api_version()
                    )));
                }
                let served = known.map(|entry| entry.versions.iter().cloned().collect::<Vec<_>>().join(", "));
                Err(KindError::Missing(match served {
                    Some(versions) => format!(
                        "the server does not serve {} in version {}; it serves {versions}",
                        kind.kind,
                        kind.api_version()
                    ),
                    None => format!(
                        "the server could not find the requested resource: no {} in {}",
                        kind.kind,
                        kind.api_version()
                    ),
                }))
            }
        }
    }

    fn scope_of(&self, group: &str, kind: &str) -> Option<Scope> {
        self.entries.get(&(group.to_owned(), kind.to_owned())).map(|entry| entry.scope)
    }
}

/// What a CustomResourceDefinition defines.
pub(crate) struct Definition<'a> {
    pub(crate) group: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) scope: Scope,
    pub(crate) versions: Vec<String>,
}

impl<'a> Definition<'a> {
    /// Reads a definition; `None` where the object is none or names no group and kind.
    pub(crate) fn of(object: &'a Value) -> Option<Self> {
        if !is_definition(object) {
            return None;
        }
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let mut versions: Vec<String> = object
            .pointer("/spec/versions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|version| version.get("served").and_then(Value::as_bool).unwrap_or(true))
            .filter_map(|version| version.get("name")?.as_str().map(str::to_owned))
            .collect();
        versions.extend(text("/spec/version").map(str::to_owned));
        let scope = match text("/spec/scope") {
            Some("Cluster") => Scope::Cluster,
            _ => Scope::Namespaced,
        };
        Some(Self { group: text("/spec/group")?, kind: text("/spec/names/kind")?, scope, versions })
    }
}

/// Whether an object is a CustomResourceDefinition, in any version.
pub(crate) fn is_definition(object: &Value) -> bool {
    let kind = GroupVersionKind::of(object);
    kind.group == "apiextensions.k8s.io" && kind.kind == "CustomResourceDefinition"
}

/// The built-in kinds with objects of their own (no subresources, no reviews).
const BUILT_IN: &[(&str, Scope, &str)] = &[
    (
        "v1",
        Scope::Namespaced,
        "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController \
         ResourceQuota Secret Service ServiceAccount",
    ),
    ("v1", Scope::Cluster, "Namespace Node PersistentVolume"),
    (
        "admissionregistration.k8s.io/v1",
        Scope::Cluster,
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration \
         ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io/v1", Scope::Cluster, "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", Scope::Cluster, "APIService"),
    ("apps/v1", Scope::Namespaced, "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
    ("autoscaling/v1", Scope::Namespaced, "HorizontalPodAutoscaler"),
    ("autoscaling/v2", Scope::Namespaced, "HorizontalPodAutoscaler"),
    ("batch/v1", Scope::Namespaced, "CronJob Job"),
    ("certificates.k8s.io/v1", Scope::Cluster, "CertificateSigningRequest"),
    ("coordination.k8s.io/v1", Scope::Namespaced, "Lease"),
    ("discovery.k8s.io/v1", Scope::Namespaced, "EndpointSlice"),
    ("events.k8s.io/v1", Scope::Namespaced, "Event"),
    ("flowcontrol.apiserver.k8s.io/v1", Scope::Cluster, "FlowSchema PriorityLevelConfiguration"),
    ("networking.k8s.io/v1", Scope::Namespaced, "Ingress NetworkPolicy"),
    ("networking.k8s.io/v1", Scope::Cluster, "IPAddress IngressClass ServiceCIDR"),
    ("node.k8s.io/v1", Scope::Cluster, "RuntimeClass"),
    ("policy/v1", Scope::Namespaced, "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", Scope::Namespaced, "Role RoleBinding"),
    ("rbac.authorization.k8s.io/v1", Scope::Cluster, "ClusterRole ClusterRoleBinding"),
    ("resource.k8s.io/v1", Scope::Namespaced, "ResourceClaim ResourceClaimTemplate"),
    ("resource.k8s.io/v1", Scope::Cluster, "DeviceClass ResourceSlice"),
    ("scheduling.k8s.io/v1", Scope::Cluster, "PriorityClass"),
    ("storage.k8s.io/v1", Scope::Namespaced, "CSIStorageCapacity"),
    (
        "storage.k8s.io/v1",
        Scope::Cluster,
        "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(api_version: &str, kind: &str) -> GroupVersionKind {
        GroupVersionKind::of(&json!({"apiVersion": api_version, "kind": kind}))
    }

    #[test]
    fn a_definition_adds_its_served_versions() {
        let mut table = KindTable::built_in();
        table.add_definition(&json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "spec": {"group": "example.com", "scope": "Cluster", "names": {"kind": "Widget"},
                "versions": [{"name": "v1", "served": true}, {"name": "v0", "served": false}]}
        }));
        assert_eq!(table.scope(&kind("example.com/v1", "Widget")), Ok(Scope::Cluster));
        assert!(matches!(table.scope(&kind("example.com/v0", "Widget")), Err(KindError::Missing(_))));
    }

    #[test]
    fn a_group_that_did_not_answer_is_not_missing() {
        let mut table = KindTable::built_in();
        table.mark_unavailable("metrics.k8s.io", "connection refused");
        let error = table.scope(&kind("metrics.k8s.io/v1beta1", "PodMetrics")).unwrap_err();
        assert!(matches!(error, KindError::Unavailable(_)), "{error}");
    }

    #[test]
    fn the_version_counts() {
        let error = KindTable::built_in().scope(&kind("apps/v9", "Deployment")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server does not serve Deployment in version apps/v9; it serves v1"
        );
    }
}
