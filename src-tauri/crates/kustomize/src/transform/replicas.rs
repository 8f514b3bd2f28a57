//! Numbers of replicas.

use std::sync::Arc;

use serde_json::Value;

use super::decode;
use super::field_spec::{FieldSpec, Leaf};
use super::specs::{Unknown, parse_specs};
use super::wrong_kind;
use crate::failure::Failure;
use crate::resource::{Gvk, Resource, ResourceMap};

/// `ReplicaCountTransformer`, an entry of `replicas`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// The name of the resource, now or before.
    pub name: String,
    /// How many.
    pub count: i64,
    /// Where, for which kinds.
    pub specs: Arc<Vec<FieldSpec>>,
}

impl Replicas {
    /// Reads `kind: ReplicaCountTransformer`.
    pub(crate) fn parse(config: &Value) -> Result<Self, Failure> {
        let replica = decode::field(config, "replica").unwrap_or(&Value::Null);
        let specs = decode::field(config, "fieldSpecs").unwrap_or(&Value::Null);
        Ok(Self {
            name: decode::text_field(replica, "name")?,
            count: decode::integer_field(replica, "count")?,
            specs: Arc::new(parse_specs(specs, Unknown::Ignored)?),
        })
    }

    /// Sets the number.
    ///
    /// # Errors
    /// When nothing has the name and one of the kinds, or there is no scalar at a field spec.
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        let mut found = false;
        let changes = |value: Option<&Value>| value.is_none_or(|value| value.as_i64() != Some(self.count));
        for spec in &*self.specs {
            for resource in map.iter_mut().filter(|resource| self.means(resource, &spec.gvk)) {
                found = true;
                spec.apply(resource, Leaf::Scalar, &changes, &mut |value, _| {
                    if value.is_array() || value.is_object() {
                        return Err(wrong_kind("ScalarNode", value));
                    }
                    // A number that is written as text stays text.
                    *value = match value {
                        Value::String(text) if !text.is_empty() => Value::from(self.count.to_string()),
                        _ => Value::from(self.count),
                    };
                    Ok(())
                })?;
            }
        }
        if found {
            return Ok(());
        }
        let kinds: Vec<String> = self.specs.iter().map(|spec| spec.gvk.to_string()).collect();
        let message = format!(
            "resource with name {} does not match a config with the following GVK [{}]",
            self.name,
            kinds.join(" ")
        );
        Err(Failure::new("kustomize-not-found", message)
            .hint("`name` is the name before or after prefixes; other kinds need a `replicas` field spec"))
    }

    fn means(&self, resource: &Resource, gvk: &Gvk) -> bool {
        if resource.is_empty() {
            return false;
        }
        let is_selected = |kind: &str| Gvk::of(resource.api_version(), kind).is_selected_by(gvk);
        resource.name() == self.name && is_selected(resource.kind())
            || resource.previous().iter().any(|each| each.name == self.name && is_selected(&each.kind))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transform::TransformerConfig;

    #[test]
    fn replicas_are_set_by_the_name_now_or_before() {
        let mut renamed =
            Resource::new(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}));
        renamed.store_previous_id();
        renamed.set_name("dev-a");
        let service =
            Resource::new(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}));
        let mut map = ResourceMap::from_resources(vec![renamed, service]).unwrap();
        let specs = TransformerConfig::defaults().replicas;
        for name in ["a", "dev-a"] {
            Replicas { name: name.to_owned(), count: 3, specs: specs.clone() }.apply(&mut map).unwrap();
            assert_eq!(map.as_slice()[0].object()["spec"]["replicas"], 3);
        }
        assert_eq!(map.as_slice()[1].object().get("spec"), None);
        let failure = Replicas { name: "b".to_owned(), count: 3, specs }.apply(&mut map).unwrap_err();
        assert_eq!(
            failure.message(),
            "resource with name b does not match a config with the following GVK [Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]"
        );
    }
}
