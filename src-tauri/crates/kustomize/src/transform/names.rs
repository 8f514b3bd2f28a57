//! Name prefixes and suffixes.

use std::sync::Arc;

use serde_json::Value;

use super::field_spec::{FieldSpec, Leaf};
use super::specs::{Unknown, parse_specs};
use super::{decode, scalar, wrong_kind};
use crate::failure::Failure;
use crate::resource::{Gvk, Resource, ResourceMap};

/// Which end of a name is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affix {
    /// `PrefixTransformer`, `namePrefix`.
    Prefix,
    /// `SuffixTransformer`, `nameSuffix`.
    Suffix,
}

/// `PrefixTransformer` and `SuffixTransformer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// Which end.
    pub affix: Affix,
    /// What is added.
    pub text: String,
    /// Where; `metadata/name` is what makes it the name of a resource.
    pub specs: Arc<Vec<FieldSpec>>,
}

impl Rename {
    /// Reads `kind: PrefixTransformer` or `kind: SuffixTransformer`.
    pub(crate) fn parse(config: &Value, affix: Affix) -> Result<Self, Failure> {
        let field = match affix {
            Affix::Prefix => "prefix",
            Affix::Suffix => "suffix",
        };
        let Some(specs) = decode::field(config, "fieldSpecs") else {
            return Err(Failure::new("kustomize-configuration", "fieldSpecs is not expected to be nil"));
        };
        let specs = Arc::new(parse_specs(specs, Unknown::Ignored)?);
        Ok(Self { affix, text: decode::text_field(config, field)?, specs })
    }

    /// Adds the prefix or suffix to all that may be renamed: not to namespaces, custom resource definitions and API
    /// services.
    ///
    /// # Errors
    /// When there is a map or list at a field spec.
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        for resource in map.iter_mut() {
            // The kind that it had first; group and version are remembered nowhere.
            let kind = resource.previous().first().map_or(resource.kind(), |first| &first.kind);
            let skipped = match kind {
                "CustomResourceDefinition" | "Namespace" => true,
                "APIService" => resource.api_version().starts_with("apiregistration.k8s.io/"),
                _ => false,
            };
            if skipped {
                continue;
            }
            let kind = kind.to_owned();
            for spec in &*self.specs {
                if spec.gvk == Gvk::default()
                    || Gvk::of(resource.api_version(), &kind).is_selected_by(&spec.gvk)
                {
                    self.rename(resource, spec)?;
                }
            }
        }
        Ok(())
    }

    fn rename(&self, resource: &mut Resource, spec: &FieldSpec) -> Result<(), Failure> {
        if spec.path == "metadata/name" {
            match self.affix {
                Affix::Prefix => resource.add_name_prefix(&self.text),
                Affix::Suffix => resource.add_name_suffix(&self.text),
            }
            if !self.text.is_empty() {
                resource.store_previous_id();
            }
        }
        let changes = |_: Option<&Value>| !self.text.is_empty();
        spec.apply(resource, Leaf::Scalar, &changes, &mut |value, _| {
            let Some(old) = scalar::text(value) else { return Err(wrong_kind("ScalarNode", value)) };
            let new = match self.affix {
                Affix::Prefix => format!("{}{old}", self.text),
                Affix::Suffix => format!("{old}{}", self.text),
            };
            *value = Value::String(new);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transform::TransformerConfig;

    fn named(api_version: &str, kind: &str) -> Resource {
        Resource::new(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}))
    }

    #[test]
    fn names_get_a_prefix_and_a_suffix() {
        let config = TransformerConfig::defaults();
        let resources = vec![
            named("v1", "ConfigMap"),
            named("v1", "Namespace"),
            named("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            named("apiregistration.k8s.io/v1", "APIService"),
            named("example.com/v1", "APIService"),
        ];
        let mut map = ResourceMap::from_resources(resources).unwrap();
        let rename = |affix, text: &str, specs| Rename { affix, text: text.to_owned(), specs };
        rename(Affix::Prefix, "dev-", config.name_prefix).apply(&mut map).unwrap();
        rename(Affix::Suffix, "-x", config.name_suffix).apply(&mut map).unwrap();
        let names: Vec<&str> = map.iter().map(Resource::name).collect();
        assert_eq!(names, ["dev-a-x", "a", "a", "a", "dev-a-x"]);
        let first = &map.as_slice()[0];
        assert_eq!(
            (first.name_prefixes(), first.name_suffixes()),
            (&["dev-".to_owned()][..], &["-x".to_owned()][..])
        );
        let previous: Vec<&str> = first.previous().iter().map(|each| each.name.as_str()).collect();
        assert_eq!(previous, ["a", "dev-a"]);
    }

    #[test]
    fn field_specs_are_needed() {
        let failure = Rename::parse(&json!({"prefix": "a-"}), Affix::Prefix).unwrap_err();
        assert_eq!(failure.message(), "fieldSpecs is not expected to be nil");
    }
}
