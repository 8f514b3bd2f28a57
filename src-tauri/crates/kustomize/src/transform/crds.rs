//! What definitions in `crds` say about the fields of their kinds: which hold names of other objects, labels,
//! annotations or names.

use serde_json::Value;

use super::field_spec::FieldSpec;
use super::specs::{NameReference, TransformerConfig};
use crate::failure::Failure;
use crate::resource::Gvk;

/// Definitions inside definitions that are followed.
const MAX_DEPTH: usize = 16;
/// Properties that are looked at for one kind; no real definition has as many.
const MAX_PROPERTIES: usize = 100_000;

/// Reads a file of `crds`, decoded: a map of definitions by type name.
///
/// # Errors
/// When it is no such map.
pub fn parse_crds(document: &Value) -> Result<TransformerConfig, Failure> {
    let mut config = TransformerConfig::default();
    let definitions = match document {
        Value::Null => return Ok(config),
        Value::Object(definitions) => definitions,
        _ => return Err(Failure::new("kustomize-crds", "a file of `crds` is a map of OpenAPI definitions")),
    };
    let mut names: Vec<&String> = definitions.keys().collect();
    names.sort_unstable();
    for name in names {
        let Some(properties) = properties(document, name) else { continue };
        let is_kind = ["kind", "apiVersion", "metadata"].iter().all(|field| properties.contains_key(*field));
        if !is_kind {
            continue;
        }
        let kind = name.rsplit('.').next().unwrap_or_default();
        let mut reader = Reader {
            document,
            gvk: Gvk::kind_only(kind),
            config: TransformerConfig::default(),
            left: MAX_PROPERTIES,
        };
        reader.read(name, &mut Vec::new(), &mut Vec::new())?;
        config.merge(&reader.config)?;
    }
    Ok(config)
}

fn properties<'d>(document: &'d Value, name: &str) -> Option<&'d serde_json::Map<String, Value>> {
    let definition = super::decode::field(document.get(name)?, "Schema")?;
    definition.get("properties")?.as_object()
}

struct Reader<'d> {
    document: &'d Value,
    gvk: Gvk,
    config: TransformerConfig,
    left: usize,
}

impl Reader<'_> {
    fn read(
        &mut self,
        type_name: &str,
        path: &mut Vec<String>,
        open: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let Some(properties) = properties(self.document, type_name) else { return Ok(()) };
        let mut names: Vec<&String> = properties.keys().collect();
        names.sort_unstable();
        for name in names {
            self.left = self.left.checked_sub(1).ok_or_else(too_many)?;
            let property = &properties[name];
            let text = |key: &str| property.get(key).and_then(Value::as_str);
            path.push(name.clone());
            if text("x-kubernetes-annotation").is_some() {
                self.config.add("commonAnnotations", self.spec(path))?;
            }
            if text("x-kubernetes-label-selector").is_some() {
                self.config.add("commonLabels", self.spec(path))?;
            }
            if text("x-kubernetes-identity").is_some() {
                self.config.add("namePrefix", self.spec(path))?;
            }
            if let (Some(version), Some(kind)) =
                (text("x-kubernetes-object-ref-api-version"), text("x-kubernetes-object-ref-kind"))
            {
                path.push(text("x-kubernetes-object-ref-name-key").unwrap_or("name").to_owned());
                let gvk = Gvk { group: String::new(), version: version.to_owned(), kind: kind.to_owned() };
                self.config.add_reference(&NameReference { gvk, referrers: vec![self.spec(path)] })?;
                path.pop();
            }
            if let Some(reference) = text("$ref")
                && open.len() < MAX_DEPTH
                && !open.iter().any(|each| each == reference)
            {
                open.push(reference.to_owned());
                self.read(reference, path, open)?;
                open.pop();
            }
            path.pop();
        }
        Ok(())
    }

    fn spec(&self, path: &[String]) -> FieldSpec {
        FieldSpec::new(self.gvk.clone(), &path.join("/"), false)
    }
}

fn too_many() -> Failure {
    let message = format!(
        "definitions of `crds` refer to each other until there are more than {MAX_PROPERTIES} fields"
    );
    Failure::new("kustomize-crds", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_say_where_names_and_labels_are() {
        let config = parse_crds(&json!({
            "github.com/example/pkg/v1.Bee": {"Schema": {"properties": {
                "kind": {"type": "string"}, "apiVersion": {"type": "string"}, "metadata": {"$ref": "meta.v1.ObjectMeta"},
                "spec": {"$ref": "github.com/example/pkg/v1.BeeSpec"},
                "tags": {"x-kubernetes-annotation": ""}, "select": {"x-kubernetes-label-selector": ""},
                "id": {"x-kubernetes-identity": ""}
            }}},
            "github.com/example/pkg/v1.BeeSpec": {"Schema": {"properties": {
                "hive": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Hive"},
                "secret": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Secret",
                    "x-kubernetes-object-ref-name-key": "secretName"},
                "inner": {"$ref": "github.com/example/pkg/v1.BeeSpec"}
            }}}
        }))
        .unwrap();
        let references: Vec<(String, &str)> = config
            .name_reference
            .iter()
            .map(|each| (each.gvk.to_string(), each.referrers[0].path.as_str()))
            .collect();
        assert_eq!(
            references,
            [
                ("Secret.v1.[noGrp]".to_owned(), "spec/secret/secretName"),
                ("Hive.v1.[noGrp]".to_owned(), "spec/hive/name")
            ]
        );
        assert_eq!(config.common_annotations[0].to_string(), "Bee.[noVer].[noGrp]:false:tags");
        assert_eq!(
            (config.common_labels[0].path.as_str(), config.name_prefix[0].path.as_str()),
            ("select", "id")
        );
    }

    #[test]
    fn what_is_no_map_of_definitions_is_refused() {
        assert!(parse_crds(&json!([])).is_err());
        assert_eq!(parse_crds(&json!(null)).unwrap(), TransformerConfig::default());
        assert_eq!(parse_crds(&json!({"x": 1})).unwrap(), TransformerConfig::default());
    }
}
