//! The namespace of resources, and of what refers to them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::field_spec::{FieldSpec, Leaf};
use super::specs::{Unknown, parse_specs};
use super::{decode, quoted, scalar, wrong_kind};
use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap};

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoleBindingSubjects {
    /// `defaultOnly`: those named `default`.
    #[default]
    DefaultOnly,
    /// `allServiceAccounts`.
    AllServiceAccounts,
    /// `none`.
    None,
}

/// `NamespaceTransformer`, `namespace`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceTransformer {
    /// The namespace; nothing happens where it is empty.
    pub namespace: String,
    /// Where else than in `metadata` it is set.
    pub specs: Arc<Vec<FieldSpec>>,
    /// `unsetOnly`: leaves namespaces that are there.
    pub unset_only: bool,
    /// `setRoleBindingSubjects`.
    pub subjects: RoleBindingSubjects,
}

/// On objects that come from a Helm chart, whose namespace Helm has set.
const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";

impl NamespaceTransformer {
    /// The transformer of a kustomization's `namespace`.
    #[must_use]
    pub fn new(namespace: &str, specs: Arc<Vec<FieldSpec>>) -> Self {
        let namespace = namespace.to_owned();
        Self { namespace, specs, unset_only: false, subjects: RoleBindingSubjects::default() }
    }

    /// Reads `kind: NamespaceTransformer`.
    pub(crate) fn parse(config: &Value) -> Result<Self, Failure> {
        let metadata = decode::field(config, "metadata").unwrap_or(&Value::Null);
        let specs = decode::field(config, "fieldSpecs").unwrap_or(&Value::Null);
        let subjects = match decode::text_field(config, "setRoleBindingSubjects")?.as_str() {
            "" | "defaultOnly" => RoleBindingSubjects::DefaultOnly,
            "allServiceAccounts" => RoleBindingSubjects::AllServiceAccounts,
            "none" => RoleBindingSubjects::None,
            other => {
                let message = format!(
                    "invalid value {} for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\"",
                    quoted(other)
                );
                return Err(Failure::new("kustomize-configuration", message));
            }
        };
        Ok(Self {
            namespace: decode::text_field(metadata, "namespace")?,
            specs: Arc::new(parse_specs(specs, Unknown::Ignored)?),
            unset_only: decode::bool_field(config, "unsetOnly")?,
            subjects,
        })
    }

    /// Sets the namespace.
    ///
    /// # Errors
    /// When there is no scalar at a field spec, or two resources become one (`namespace transformation produces ID
    /// conflict`).
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        if self.namespace.is_empty() {
            return Ok(());
        }
        let mut changed = Vec::with_capacity(map.len());
        for (position, resource) in map.iter_mut().enumerate() {
            if resource.is_empty() || resource.annotation(HELM_GENERATED) == Some("true") {
                continue;
            }
            resource.store_previous_id();
            self.apply_to(resource)?;
            changed.push(position);
        }
        check_conflicts(map, &changed)
    }

    /// Sets the namespace of one resource and of what it refers to.
    pub(crate) fn apply_to(&self, resource: &mut Resource) -> Result<(), Failure> {
        if !resource.is_cluster_scoped() {
            static METADATA: OnceLock<FieldSpec> = OnceLock::new();
            let spec = METADATA.get_or_init(|| FieldSpec::everywhere("metadata/namespace", true));
            self.set_at(resource, spec)?;
        }
        let binds_roles = matches!(resource.kind(), "RoleBinding" | "ClusterRoleBinding");
        if binds_roles {
            self.set_subjects(resource)?;
        }
        let is_core = resource.api_version() == "v1";
        for spec in &*self.specs {
            let handled = spec.path == "metadata/namespace"
                || spec.path == "metadata/name" && !is_core
                || binds_roles
                    && spec.path == "subjects/namespace"
                    && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
            if !handled {
                self.set_at(resource, spec).map_err(|failure| {
                    let no_scalar = failure.message().contains("wrong node kind: expected ScalarNode");
                    failure.context(if no_scalar {
                        "namespace field specs must target scalar nodes"
                    } else {
                        "namespace transformation failed"
                    })
                })?;
            }
        }
        Ok(())
    }

    fn set_at(&self, resource: &mut Resource, spec: &FieldSpec) -> Result<(), Failure> {
        let changes = |value: Option<&Value>| self.changes(value);
        spec.apply(resource, Leaf::Scalar, &changes, &mut |value, _| self.set(value))
    }

    fn changes(&self, value: Option<&Value>) -> bool {
        match value {
            None => true,
            Some(Value::String(old)) => *old != self.namespace && (!self.unset_only || old.is_empty()),
            Some(_) => true,
        }
    }

    fn set(&self, value: &mut Value) -> Result<(), Failure> {
        let Some(old) = scalar::text(value) else { return Err(wrong_kind("ScalarNode", value)) };
        if !self.unset_only || old.is_empty() {
            *value = Value::String(self.namespace.clone());
        }
        Ok(())
    }

    /// Subjects of role bindings are set by rules of their own, whatever the field specs say.
    fn set_subjects(&self, resource: &mut Resource) -> Result<(), Failure> {
        let (field, wanted) = match self.subjects {
            RoleBindingSubjects::None => return Ok(()),
            RoleBindingSubjects::DefaultOnly => ("name", "default"),
            RoleBindingSubjects::AllServiceAccounts => ("kind", "ServiceAccount"),
        };
        let in_subjects =
            |failure: Failure| failure.context("setting namespace on (cluster)role binding subjects");
        let subjects = match resource.object().get("subjects") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(subjects)) => subjects,
            Some(other) => return Err(in_subjects(wrong_kind("SequenceNode", other))),
        };
        let meant = |subject: &Value| {
            subject.get(field).is_some_and(|value| !value.is_null() && scalar::is_text(value, wanted))
        };
        if !subjects.iter().any(|subject| meant(subject) && self.changes(subject.get("namespace"))) {
            return Ok(());
        }
        let Some(Value::Array(subjects)) = resource.object_mut().get_mut("subjects") else { return Ok(()) };
        for subject in subjects.iter_mut().filter(|subject| meant(subject)) {
            if let Value::Object(subject) = subject {
                let namespace = subject.entry("namespace").or_insert_with(|| Value::String(String::new()));
                self.set(namespace).map_err(in_subjects)?;
            }
        }
        Ok(())
    }
}

/// Fails when one of the changed resources has the id of another.
fn check_conflicts(map: &ResourceMap, changed: &[usize]) -> Result<(), Failure> {
    type Key<'a> = (&'a str, &'a str, &'a str, &'a str);
    fn key(resource: &Resource) -> Key<'_> {
        (resource.name(), resource.kind(), resource.effective_namespace(), resource.api_version())
    }
    let keys: HashSet<Key<'_>> = map.iter().map(key).collect();
    if keys.len() == map.len() {
        return Ok(());
    }
    let mut positions: HashMap<Key<'_>, Vec<usize>> = HashMap::with_capacity(map.len());
    for (position, resource) in map.iter().enumerate() {
        positions.entry(key(resource)).or_default().push(position);
    }
    for position in changed {
        let Some(resource) = map.get(*position) else { continue };
        let Some(same) = positions.get(&key(resource)).filter(|same| same.len() > 1) else { continue };
        let shown = same.iter().filter_map(|position| map.get(*position));
        let shown: Vec<String> = shown.map(|resource| resource.object().to_string()).collect();
        let shown = shown.join(" ");
        let message = format!(
            "namespace transformation produces ID conflict: [{}]",
            crate::resource::shorten(&shown, 2_000)
        );
        return Err(Failure::new("kustomize-duplicate", message)
            .hint(format!("{} would be there twice; give one of them another name", resource.current_id())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transform::TransformerConfig;

    fn transformed(config: &Value, object: Value) -> Value {
        let mut transformer = NamespaceTransformer::parse(config).unwrap();
        transformer.specs = TransformerConfig::defaults().namespace;
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        transformer.apply(&mut map).unwrap();
        map.as_slice()[0].object().clone()
    }

    fn with(fields: &Value) -> Value {
        let mut config = json!({"metadata": {"name": "x", "namespace": "shop"}});
        for (key, value) in fields.as_object().unwrap() {
            config[key] = value.clone();
        }
        config
    }

    #[test]
    fn namespaced_kinds_get_it_and_a_namespace_its_name() {
        for (object, pointer, expected) in [
            (
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}),
                "/metadata/namespace",
                Some("shop"),
            ),
            (
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "old"}}),
                "/metadata/namespace",
                Some("shop"),
            ),
            (
                json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}),
                "/metadata/namespace",
                None,
            ),
            (
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
                "/metadata/name",
                Some("shop"),
            ),
            (
                json!({"apiVersion": "example.com/v1", "kind": "Namespace", "metadata": {"name": "a"}}),
                "/metadata/name",
                Some("a"),
            ),
            (
                json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "a"}, "spec": {}}),
                "/spec/service/namespace",
                Some("shop"),
            ),
        ] {
            let result = transformed(&with(&json!({})), object.clone());
            assert_eq!(result.pointer(pointer).and_then(Value::as_str), expected, "{object}");
        }
    }

    #[test]
    fn unset_only_leaves_what_is_there() {
        let config = with(&json!({"unsetOnly": true}));
        let pod = |namespace: &str| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": namespace}});
        assert_eq!(transformed(&config, pod("old")), pod("old"));
        assert_eq!(transformed(&config, pod("")), pod("shop"));
    }

    #[test]
    fn subjects_follow_their_own_rules() {
        let binding = |subjects: Value| json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "a"}, "subjects": subjects});
        let subjects = json!([
            {"kind": "ServiceAccount", "name": "default"},
            {"kind": "ServiceAccount", "name": "other", "namespace": "old"},
            {"kind": "User", "name": "joe"}
        ]);
        let namespaces = |config: Value| -> Vec<String> {
            let result = transformed(&config, binding(subjects.clone()));
            let subjects = result["subjects"].as_array().unwrap().iter();
            subjects.map(|each| each["namespace"].as_str().unwrap_or("-").to_owned()).collect()
        };
        assert_eq!(namespaces(with(&json!({}))), ["shop", "old", "-"]);
        assert_eq!(
            namespaces(with(&json!({"setRoleBindingSubjects": "allServiceAccounts"}))),
            ["shop", "shop", "-"]
        );
        assert_eq!(namespaces(with(&json!({"setRoleBindingSubjects": "none"}))), ["-", "old", "-"]);
        let failure =
            NamespaceTransformer::parse(&with(&json!({"setRoleBindingSubjects": "all"}))).unwrap_err();
        assert!(
            failure.message().starts_with("invalid value \"all\" for setRoleBindingSubjects"),
            "{failure}"
        );
    }

    #[test]
    fn two_resources_that_become_one_are_an_error() {
        let pod = |namespace: &str| {
            Resource::new(
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": namespace}}),
            )
        };
        let mut map = ResourceMap::from_resources(vec![pod("x"), pod("y")]).unwrap();
        let failure = NamespaceTransformer::new("z", Arc::default()).apply(&mut map).unwrap_err();
        assert!(
            failure.message().starts_with("namespace transformation produces ID conflict: ["),
            "{failure}"
        );
    }

    #[test]
    fn objects_of_helm_charts_are_left_alone() {
        let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "annotations": {HELM_GENERATED: "true"}}});
        assert_eq!(transformed(&with(&json!({})), object.clone()), object);
    }
}
