//! Which kinds a cluster serves, and under which paths.
//!
//! One aggregated API that is down must not stop everything else: its groups are noted as unavailable, all
//! others are used. (kube's own discovery fails as a whole.) The aggregated form of discovery takes two
//! requests; a cluster that does not have it is asked group by group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use slipway_model::{Problem, ResourceId};
use slipway_sync::{KindTable, Scope};

use crate::connection::Connection;
use crate::error::{ClusterError, ErrorKind};

/// How long one group may take to list its kinds. The API server itself gives those that others serve five seconds.
const ONE_GROUP: Duration = Duration::from_secs(10);

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// One kind in one version, as the API addresses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The plural name that stands in paths.
    pub plural: String,
    /// Where its objects live.
    pub scope: Scope,
    /// What can be done: `get`, `list`, `watch`, `patch`, …
    pub verbs: Vec<String>,
}

impl ApiResource {
    /// `apiVersion` of its objects.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether something can be done with its objects.
    #[must_use]
    pub fn can(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    /// The path of all its objects in a namespace; in the whole cluster where the namespace is empty.
    pub(crate) fn collection(&self, namespace: &str) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let version = self.api_version();
        if namespace.is_empty() || self.scope == Scope::Cluster {
            format!("{root}/{version}/{}", self.plural)
        } else {
            format!("{root}/{version}/namespaces/{}/{}", encode(namespace), self.plural)
        }
    }

    /// The path of one object.
    pub(crate) fn object(&self, id: &ResourceId) -> String {
        format!("{}/{}", self.collection(&id.namespace), encode(&id.name))
    }
}

/// Names are mostly plain, but the names of roles may hold almost anything.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:@=,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The kinds that a cluster serves.
#[derive(Clone, Debug, Default)]
pub struct ApiResources {
    /// By group and kind; the preferred version first.
    by_kind: BTreeMap<(String, String), Vec<ApiResource>>,
    table: KindTable,
    /// `GROUP/VERSION` and `GROUP/VERSION/KIND`, kinds of subresources included.
    served: BTreeSet<String>,
    /// Groups that did not answer, and why.
    unavailable: BTreeMap<String, String>,
    /// The same, for people.
    pub problems: Vec<Problem>,
}

impl ApiResources {
    /// The kind in this version.
    #[must_use]
    pub fn find(&self, group: &str, version: &str, kind: &str) -> Option<&ApiResource> {
        self.versions(group, kind).iter().find(|resource| resource.version == version)
    }

    /// The kind in the version that the cluster prefers.
    #[must_use]
    pub fn preferred(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.versions(group, kind).first()
    }

    fn versions(&self, group: &str, kind: &str) -> &[ApiResource] {
        self.by_kind.get(&(group.to_owned(), kind.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    /// All kinds, each in its preferred version, by group and kind.
    pub fn kinds(&self) -> impl Iterator<Item = &ApiResource> {
        self.by_kind.values().filter_map(|versions| versions.first())
    }

    /// What is served, as Helm lists it in `.Capabilities.APIVersions`: `GROUP/VERSION` and `GROUP/VERSION/KIND`, sorted.
    /// Of a group that does not answer only its versions are known.
    #[must_use]
    pub fn api_versions(&self) -> Vec<String> {
        self.served.iter().cloned().collect()
    }

    /// Whether a version of a group is served.
    pub(crate) fn serves(&self, api_version: &str) -> bool {
        self.served.contains(api_version)
    }

    /// Why a group does not answer.
    pub(crate) fn unavailable(&self, group: &str) -> Option<&str> {
        self.unavailable.get(group).map(String::as_str)
    }

    fn note_served(&mut self, group: &str, version: &str, kind: &str) {
        let version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        if !kind.is_empty() {
            self.served.insert(format!("{version}/{kind}"));
        }
        self.served.insert(version);
    }

    /// The kinds as a plan needs them.
    #[must_use]
    pub fn table(&self) -> &KindTable {
        &self.table
    }

    /// Adds the kinds of CustomResourceDefinitions that are about to be applied, so that their objects can
    /// be addressed. They do not count as served.
    #[must_use]
    pub(crate) fn with_definitions<'a>(&self, objects: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut more = self.clone();
        for object in objects {
            if object.get("kind").and_then(Value::as_str) != Some("CustomResourceDefinition") {
                continue;
            }
            let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
            let (Some(group), Some(kind), Some(plural)) =
                (text("/spec/group"), text("/spec/names/kind"), text("/spec/names/plural"))
            else {
                continue;
            };
            let scope =
                if text("/spec/scope") == Some("Cluster") { Scope::Cluster } else { Scope::Namespaced };
            for version in object.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten() {
                let Some(version) = version.get("name").and_then(Value::as_str) else { continue };
                if more.find(group, version, kind).is_some() {
                    continue;
                }
                more.by_kind.entry((group.to_owned(), kind.to_owned())).or_default().push(ApiResource {
                    group: group.to_owned(),
                    version: version.to_owned(),
                    kind: kind.to_owned(),
                    plural: plural.to_owned(),
                    scope,
                    verbs: ["get", "list", "watch", "create", "patch", "delete"].map(str::to_owned).to_vec(),
                });
            }
        }
        more
    }

    /// Asks a cluster.
    pub(crate) async fn discover(connection: &Connection) -> Result<Self, ClusterError> {
        let mut found = Self::default();
        for root in ["/api", "/apis"] {
            let answer = connection.get_as(root, AGGREGATED).await?;
            if answer.get("kind").and_then(Value::as_str) == Some("APIGroupDiscoveryList") {
                found.add_aggregated(&answer);
            } else {
                found.ask_each(connection, root, &answer).await;
            }
        }
        if found.by_kind.is_empty() {
            return Err(ClusterError::new(
                ErrorKind::Unreachable,
                format!("{} answers, but serves no Kubernetes kinds", connection.server()),
            )
            .hint("check that the address of the context is that of a Kubernetes API"));
        }
        Ok(found)
    }

    fn add(&mut self, resource: ApiResource) {
        self.note_served(&resource.group, &resource.version, &resource.kind);
        self.table.add(&resource.group, &resource.version, &resource.kind, resource.scope);
        let versions = self.by_kind.entry((resource.group.clone(), resource.kind.clone())).or_default();
        if !versions.iter().any(|known| known.version == resource.version) {
            versions.push(resource);
        }
    }

    fn note_unavailable(&mut self, group: &str, reason: &str) {
        self.table.mark_unavailable(group, reason);
        if self.unavailable.insert(group.to_owned(), reason.to_owned()).is_some() {
            return;
        }
        self.problems.push(
            Problem::warning(
                "api-group-unavailable",
                format!("the API group {group} does not answer: {reason}"),
            )
            .hint(
                "its kinds are neither applied nor pruned; `kubectl get apiservices` shows what serves them",
            ),
        );
    }

    fn add_aggregated(&mut self, answer: &Value) {
        for group in items(answer, "items") {
            let name = text(group, "/metadata/name");
            for version in items(group, "versions") {
                let number = text(version, "/version");
                self.note_served(name, number, "");
                if text(version, "/freshness") == "Stale" {
                    self.note_unavailable(name, &format!("what serves {name}/{number} cannot be reached"));
                }
                for resource in items(version, "resources") {
                    for part in items(resource, "subresources") {
                        self.note_served(name, number, text(part, "/responseKind/kind"));
                    }
                    let kind = text(resource, "/responseKind/kind");
                    if kind.is_empty() {
                        continue;
                    }
                    self.add(ApiResource {
                        group: name.to_owned(),
                        version: number.to_owned(),
                        kind: kind.to_owned(),
                        plural: text(resource, "/resource").to_owned(),
                        scope: scope(text(resource, "/scope") == "Namespaced"),
                        verbs: strings(resource, "verbs"),
                    });
                }
            }
        }
    }

    /// The older form: a list of groups or versions, then a request for each.
    async fn ask_each(&mut self, connection: &Connection, root: &str, answer: &Value) {
        let mut wanted: Vec<(String, String)> =
            strings(answer, "versions").into_iter().map(|version| (String::new(), version)).collect();
        for group in items(answer, "groups") {
            let preferred = text(group, "/preferredVersion/version");
            let mut versions: Vec<&str> =
                items(group, "versions").iter().map(|version| text(version, "/version")).collect();
            versions.sort_by_key(|version| *version != preferred);
            let name = text(group, "/name");
            wanted.extend(versions.into_iter().map(|version| (name.to_owned(), version.to_owned())));
        }
        let answers: Vec<_> = futures::stream::iter(wanted)
            .map(|(group, version)| async move {
                let path = if group.is_empty() {
                    format!("{root}/{version}")
                } else {
                    format!("{root}/{group}/{version}")
                };
                (connection.get_once(&path, ONE_GROUP).await, group, version)
            })
            // In order, so that the preferred version comes first.
            .buffered(16)
            .collect()
            .await;
        for (answer, group, version) in answers {
            self.note_served(&group, &version, "");
            match answer {
                Ok(list) => self.add_list(&group, &version, &list),
                Err(error) => self.note_unavailable(&group, &error.message),
            }
        }
    }

    fn add_list(&mut self, group: &str, version: &str, list: &Value) {
        for resource in items(list, "resources") {
            let plural = text(resource, "/name");
            // `deployments/scale` is a part of an object, not an object.
            if plural.contains('/') {
                self.note_served(group, version, text(resource, "/kind"));
                continue;
            }
            self.add(ApiResource {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: text(resource, "/kind").to_owned(),
                plural: plural.to_owned(),
                scope: scope(resource.get("namespaced").and_then(Value::as_bool) == Some(true)),
                verbs: strings(resource, "verbs"),
            });
        }
    }
}

/// The kinds of a cluster, shared with the observations of a run.
pub(crate) fn shared_table(resources: &ApiResources) -> Arc<KindTable> {
    Arc::new(resources.table.clone())
}

fn scope(namespaced: bool) -> Scope {
    if namespaced { Scope::Namespaced } else { Scope::Cluster }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    items(value, key).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_sync::{GroupVersionKind, KindError, Kinds};

    use super::*;

    #[test]
    fn a_group_that_is_down_leaves_the_others() {
        let mut found = ApiResources::default();
        found.add_aggregated(&json!({"items": [
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "freshness": "Current", "resources": [
                {"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced", "verbs": ["get"]}]}]},
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]}
        ]}));
        assert!(found.find("apps", "v1", "Deployment").is_some());
        assert_eq!(found.api_versions(), ["apps/v1", "apps/v1/Deployment", "metrics.k8s.io/v1beta1"]);
        assert_eq!(found.problems.len(), 1);
        let kind = GroupVersionKind {
            group: "metrics.k8s.io".to_owned(),
            version: "v1beta1".to_owned(),
            kind: "PodMetrics".to_owned(),
        };
        assert!(matches!(found.table().scope(&kind), Err(KindError::Unavailable(_))));
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let mut found = ApiResources::default();
        found.add_list(
            "rbac.authorization.k8s.io",
            "v1",
            &json!({"resources": [
                {"name": "clusterroles", "kind": "ClusterRole", "namespaced": false, "verbs": []},
                {"name": "roles", "kind": "Role", "namespaced": true, "verbs": []},
                {"name": "roles/status", "kind": "Role", "namespaced": true, "verbs": []}]}),
        );
        let id = |kind: &str, namespace: &str| ResourceId {
            group: "rbac.authorization.k8s.io".to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: "system:a b/c".to_owned(),
        };
        let path = |kind: &str, namespace: &str| {
            found.preferred("rbac.authorization.k8s.io", kind).unwrap().object(&id(kind, namespace))
        };
        assert_eq!(
            path("Role", "shop"),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/system:a%20b%2Fc"
        );
        assert_eq!(
            path("ClusterRole", ""),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b%2Fc"
        );
    }

    #[test]
    fn a_definition_makes_its_kind_addressable_but_not_served() {
        let definition = json!({"kind": "CustomResourceDefinition", "spec": {"group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"}, "versions": [{"name": "v1"}]}});
        let found = ApiResources::default().with_definitions([&definition]);
        assert!(found.find("example.com", "v1", "Widget").is_some());
        assert_eq!(found.table().scope_of("example.com", "Widget"), None);
    }
}
