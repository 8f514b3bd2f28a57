//! Labels and annotations: pairs that are set in the maps at field specs.

use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_model::FieldPath;

use super::decode;
use super::field_spec::{At, FieldSpec, Leaf, merge_specs};
use super::scalar::check_added_key;
use super::specs::{TransformerConfig, Unknown, parse_specs};
use super::wrong_kind;
use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap};

/// `LabelTransformer` and `AnnotationsTransformer`: sets pairs in the maps at its field specs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// What is set, sorted by key.
    pub pairs: Vec<(String, String)>,
    /// Where.
    pub specs: Arc<Vec<FieldSpec>>,
}

/// An entry of a kustomization's `labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// `pairs`, sorted by key.
    pub pairs: Vec<(String, String)>,
    /// `includeSelectors`: in selectors and pod templates too.
    pub include_selectors: bool,
    /// `includeTemplates`: in pod templates too.
    pub include_templates: bool,
    /// `includeVolumeClaimTemplates`: in the templates of volume claims too.
    pub include_volume_claim_templates: bool,
    /// `fields`: where else.
    pub fields: Vec<FieldSpec>,
}

impl Label {
    /// The transformer that this entry stands for.
    ///
    /// # Errors
    /// `failed to merge labels: conflicting fieldspecs`.
    pub fn transformer(&self, config: &TransformerConfig) -> Result<Pairs, Failure> {
        let merge_labels = |failure: Failure| failure.context("failed to merge labels");
        let mut specs = self.fields.clone();
        merge_specs(&mut specs, &config.labels).map_err(merge_labels)?;
        if self.include_selectors {
            if specs.is_empty() {
                return Ok(Pairs { pairs: self.pairs.clone(), specs: Arc::clone(&config.common_labels) });
            }
            merge_specs(&mut specs, &config.common_labels).map_err(merge_labels)?;
        } else {
            if self.include_templates {
                merge_specs(&mut specs, &config.template_labels)
                    .map_err(|failure| failure.context("failed to merge template fieldSpec"))?;
            }
            if self.include_volume_claim_templates {
                merge_specs(&mut specs, &config.volume_claim_template_labels)
                    .map_err(|failure| failure.context("failed to merge volumeClaimTemplate fieldSpec"))?;
            }
            merge_specs(&mut specs, &[FieldSpec::everywhere("metadata/labels", true)])
                .map_err(merge_labels)?;
        }
        Ok(Pairs { pairs: self.pairs.clone(), specs: Arc::new(specs) })
    }
}

impl Pairs {
    /// Reads `kind: LabelTransformer` (`labels`) or `kind: AnnotationsTransformer` (`annotations`).
    pub(crate) fn parse(config: &Value, field: &str) -> Result<Self, Failure> {
        let specs = decode::field(config, "fieldSpecs").unwrap_or(&Value::Null);
        Ok(Self {
            pairs: decode::text_map_field(config, field)?,
            specs: Arc::new(parse_specs(specs, Unknown::Ignored)?),
        })
    }

    /// Sets the pairs.
    ///
    /// # Errors
    /// When there is something else than a map at a field spec.
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        let changes = |value: Option<&Value>| match value {
            Some(Value::Object(map)) => {
                self.pairs.iter().any(|(key, value)| map.get(key).and_then(Value::as_str) != Some(value))
            }
            _ => true,
        };
        for resource in map.iter_mut() {
            self.apply_to(resource, &changes)?;
        }
        Ok(())
    }

    fn apply_to(
        &self,
        resource: &mut Resource,
        changes: &dyn Fn(Option<&Value>) -> bool,
    ) -> Result<(), Failure> {
        // A text that is added in several places is one text from then on.
        let mut added: Vec<Vec<FieldPath>> = vec![Vec::new(); self.pairs.len()];
        resource.change_texts(|resource| {
            self.specs.iter().try_for_each(|spec| {
                spec.apply(resource, Leaf::Map, changes, &mut |value, way| self.set(value, way, &mut added))
            })
        })?;
        for fields in added.into_iter().filter(|fields| fields.len() > 1) {
            resource.share_text(fields);
        }
        Ok(())
    }

    fn set(&self, value: &mut Value, way: &[At<'_>], added: &mut [Vec<FieldPath>]) -> Result<(), Failure> {
        let map: &mut Map<String, Value> = match value {
            Value::Object(map) => map,
            // A null stays one where the field spec does not make the field.
            Value::Null => return Ok(()),
            other => return Err(wrong_kind("MappingNode", other)),
        };
        for ((key, text), added) in self.pairs.iter().zip(added) {
            match map.get_mut(key) {
                Some(value) => *value = Value::String(text.clone()),
                None => {
                    check_added_key(key)?;
                    map.insert(key.clone(), Value::String(text.clone()));
                    added.push(At::path(way, key));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(label: &Label, object: Value) -> Value {
        let transformer = label.transformer(&TransformerConfig::defaults()).unwrap();
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        transformer.apply(&mut map).unwrap();
        map.as_slice()[0].object().clone()
    }

    fn deployment() -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"topologySpreadConstraints": [{"labelSelector": {"matchLabels": {"x": "y"}}}]}}}})
    }

    #[test]
    fn labels_are_set_where_the_entry_asks_for() {
        let label = Label { pairs: vec![("app".to_owned(), "8".to_owned())], ..Label::default() };
        let mut expected = deployment();
        expected["metadata"]["labels"] = json!({"app": "8"});
        assert_eq!(applied(&label, deployment()), expected);
        let templates = Label { include_templates: true, ..label.clone() };
        expected["spec"]["template"]["metadata"] = json!({"labels": {"app": "8"}});
        assert_eq!(applied(&templates, deployment()), expected);
        let selectors = Label { include_selectors: true, ..label };
        expected["spec"]["selector"] = json!({"matchLabels": {"app": "8"}});
        expected["spec"]["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] =
            json!({"app": "8", "x": "y"});
        assert_eq!(applied(&selectors, deployment()), expected);
    }

    #[test]
    fn a_label_that_was_added_in_several_places_changes_in_all_of_them() {
        let label = |value: &str, include_selectors: bool| Label {
            pairs: vec![("env".to_owned(), value.to_owned())],
            include_selectors,
            ..Label::default()
        };
        let mut map = ResourceMap::from_resources(vec![Resource::new(deployment())]).unwrap();
        for label in [label("base", true), label("production", false)] {
            label.transformer(&TransformerConfig::defaults()).unwrap().apply(&mut map).unwrap();
        }
        let object = map.as_slice()[0].object();
        for place in
            ["/metadata/labels/env", "/spec/selector/matchLabels/env", "/spec/template/metadata/labels/env"]
        {
            assert_eq!(object.pointer(place), Some(&json!("production")), "{place}, as kustomize does it");
        }
    }

    #[test]
    fn an_object_that_has_the_labels_already_is_shared_on() {
        let label = Label { pairs: vec![("app".to_owned(), "a".to_owned())], ..Label::default() };
        let resource = Resource::new(json!({"kind": "X", "metadata": {"labels": {"app": "a"}}}));
        let before = resource.shared_object().clone();
        let mut map = ResourceMap::from_resources(vec![resource]).unwrap();
        label.transformer(&TransformerConfig::defaults()).unwrap().apply(&mut map).unwrap();
        assert!(std::sync::Arc::ptr_eq(map.as_slice()[0].shared_object(), &before));
    }

    #[test]
    fn custom_fields_may_conflict_with_the_defaults() {
        let label =
            Label { fields: vec![FieldSpec::everywhere("metadata/labels", false)], ..Label::default() };
        assert_eq!(
            label.transformer(&TransformerConfig::defaults()).unwrap_err().message(),
            "failed to merge labels: conflicting fieldspecs"
        );
    }

    #[test]
    fn text_where_a_map_should_be_is_an_error() {
        let pairs = Pairs::parse(
            &json!({"annotations": {"a": "b"}, "fieldSpecs": [{"path": "metadata/name"}]}),
            "annotations",
        )
        .unwrap();
        let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}});
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        assert_eq!(
            pairs.apply(&mut map).unwrap_err().message(),
            "considering field 'metadata/name' of object Pod.v1.[noGrp]/p.[noNs]: wrong node kind: expected MappingNode but got ScalarNode: node contents:\np"
        );
    }

    #[test]
    fn a_key_that_is_no_text_without_quotes_cannot_be_added() {
        let pairs = |key: &str| Pairs {
            pairs: vec![(key.to_owned(), "x".to_owned())],
            specs: Arc::new(vec![FieldSpec::everywhere("metadata/labels", true)]),
        };
        let apply = |key: &str, labels: serde_json::Value| {
            let object = json!({"kind": "A", "metadata": {"name": "a", "labels": labels}});
            let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
            pairs(key).apply(&mut map)
        };
        assert!(apply("1", json!({})).unwrap_err().message().contains("reads that as a number"));
        assert!(apply("", json!({})).unwrap_err().message().contains("reads that as null"));
        assert!(apply("1", json!({"1": "old"})).is_ok(), "a key that is there keeps its quotes");
        assert!(apply("y", json!({})).is_ok());
    }
}
