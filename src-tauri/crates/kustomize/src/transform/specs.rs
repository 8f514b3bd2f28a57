//! Where the built-in transformers write: the defaults, and what a kustomization's `configurations` add.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::field_spec::{FieldSpec, merge_specs};
use crate::failure::Failure;
use crate::order::{FIRST, LAST};
use crate::resource::Gvk;

const DEFAULTS: &str = include_str!("tables/field_specs.txt");

/// What a field refers to: the fields that hold names of objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameReference {
    /// The kind that is referred to; what is empty matches all.
    pub gvk: Gvk,
    /// The fields that refer to it.
    pub referrers: Vec<FieldSpec>,
}

/// The field specs of the built-in transformers. A clone shares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransformerConfig {
    /// `namePrefix`.
    pub name_prefix: Arc<Vec<FieldSpec>>,
    /// `nameSuffix`.
    pub name_suffix: Arc<Vec<FieldSpec>>,
    /// `namespace`.
    pub namespace: Arc<Vec<FieldSpec>>,
    /// `commonLabels`: labels and selectors.
    pub common_labels: Arc<Vec<FieldSpec>>,
    /// `labels`: added to every entry of `labels`; empty by default.
    pub labels: Arc<Vec<FieldSpec>>,
    /// `templateLabels`: labels of pod templates.
    pub template_labels: Arc<Vec<FieldSpec>>,
    /// `volumeClaimTemplateLabels`.
    pub volume_claim_template_labels: Arc<Vec<FieldSpec>>,
    /// `commonAnnotations`.
    pub common_annotations: Arc<Vec<FieldSpec>>,
    /// `nameReference`.
    pub name_reference: Arc<Vec<NameReference>>,
    /// `varReference`.
    pub var_reference: Arc<Vec<FieldSpec>>,
    /// `images`.
    pub images: Arc<Vec<FieldSpec>>,
    /// `replicas`.
    pub replicas: Arc<Vec<FieldSpec>>,
}

/// The lists of field specs by the names they have in a configuration file.
const LISTS: &[&str] = &[
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "volumeClaimTemplateLabels",
    "commonAnnotations",
    "varReference",
    "images",
    "replicas",
];

impl TransformerConfig {
    /// The built-in field specs.
    #[must_use]
    pub fn defaults() -> Self {
        static ALL: OnceLock<TransformerConfig> = OnceLock::new();
        ALL.get_or_init(parse_defaults).clone()
    }

    /// Reads a file of `configurations`, decoded.
    ///
    /// # Errors
    /// When a field is unknown or has the wrong type.
    pub fn parse(document: &Value) -> Result<Self, Failure> {
        let mut config = Self::default();
        let map = match document {
            Value::Null => return Ok(config),
            Value::Object(map) => map,
            other => return Err(malformed(other, "a map of field specs")),
        };
        for (field, value) in map {
            if field.eq_ignore_ascii_case("nameReference") {
                if value.is_null() {
                    continue;
                }
                let items = value.as_array().ok_or_else(|| malformed(value, "a list for `nameReference`"))?;
                config.name_reference =
                    Arc::new(items.iter().map(NameReference::parse).collect::<Result<_, _>>()?);
                continue;
            }
            let name = LISTS.iter().find(|name| name.eq_ignore_ascii_case(field));
            let Some(list) = name.and_then(|name| config.list_mut(name)) else {
                return Err(unknown_field(field));
            };
            if value.is_null() {
                continue;
            }
            *list = Arc::new(parse_specs(value, Unknown::Refused)?);
        }
        config.sort();
        Ok(config)
    }

    fn list_mut(&mut self, name: &str) -> Option<&mut Arc<Vec<FieldSpec>>> {
        Some(match name {
            "namePrefix" => &mut self.name_prefix,
            "nameSuffix" => &mut self.name_suffix,
            "namespace" => &mut self.namespace,
            "commonLabels" => &mut self.common_labels,
            "labels" => &mut self.labels,
            "templateLabels" => &mut self.template_labels,
            "volumeClaimTemplateLabels" => &mut self.volume_claim_template_labels,
            "commonAnnotations" => &mut self.common_annotations,
            "varReference" => &mut self.var_reference,
            "images" => &mut self.images,
            "replicas" => &mut self.replicas,
            _ => return None,
        })
    }

    /// Adds the field specs of another configuration.
    ///
    /// # Errors
    /// When two specs of the same field differ in whether it is made.
    pub fn merge(&mut self, other: &Self) -> Result<(), Failure> {
        let mut other = other.clone();
        for name in LISTS {
            let (Some(list), Some(incoming)) = (self.list_mut(name), other.list_mut(name)) else { continue };
            if incoming.is_empty() {
                continue;
            }
            merge_specs(Arc::make_mut(list), incoming).map_err(|failure| {
                let (head, tail) = name.split_at(1);
                let shown =
                    if *name == "namespace" { "NameSpace".to_owned() } else { head.to_uppercase() + tail };
                failure.context(format_args!("failed to merge {shown} fieldSpec"))
            })?;
        }
        if !other.name_reference.is_empty() {
            let references = Arc::make_mut(&mut self.name_reference);
            for incoming in &*other.name_reference {
                merge_reference(references, incoming)
                    .map_err(|failure| failure.context("failed to merge NameReference fieldSpec"))?;
            }
        }
        self.sort();
        Ok(())
    }

    /// Brings the specs into kustomize's order of kinds.
    fn sort(&mut self) {
        for name in LISTS {
            let Some(list) = self.list_mut(name) else { continue };
            if !list.is_sorted_by_key(|spec| order(&spec.gvk)) {
                Arc::make_mut(list).sort_by_cached_key(|spec| order(&spec.gvk));
            }
        }
        if !self.name_reference.is_sorted_by_key(|reference| order(&reference.gvk)) {
            Arc::make_mut(&mut self.name_reference).sort_by_cached_key(|reference| order(&reference.gvk));
        }
    }

    /// Adds one field that refers to objects of a kind.
    pub(crate) fn add_reference(&mut self, reference: &NameReference) -> Result<(), Failure> {
        merge_reference(Arc::make_mut(&mut self.name_reference), reference)
    }

    /// Adds a field spec to one of the lists.
    pub(crate) fn add(&mut self, list: &str, spec: FieldSpec) -> Result<(), Failure> {
        match self.list_mut(list) {
            Some(list) => merge_specs(Arc::make_mut(list), &[spec]),
            None => Ok(()),
        }
    }
}

fn merge_reference(references: &mut Vec<NameReference>, incoming: &NameReference) -> Result<(), Failure> {
    match references.iter_mut().find(|each| each.gvk == incoming.gvk) {
        Some(found) => merge_specs(&mut found.referrers, &incoming.referrers),
        None => {
            references.push(incoming.clone());
            Ok(())
        }
    }
}

impl NameReference {
    fn parse(value: &Value) -> Result<Self, Failure> {
        let map = value.as_object().ok_or_else(|| malformed(value, "a map in `nameReference`"))?;
        let mut reference = Self { gvk: Gvk::default(), referrers: Vec::new() };
        for (field, value) in map {
            match field.to_ascii_lowercase().as_str() {
                "group" => reference.gvk.group = text(field, value)?,
                "version" => reference.gvk.version = text(field, value)?,
                "kind" => reference.gvk.kind = text(field, value)?,
                "fieldspecs" => reference.referrers = parse_specs(value, Unknown::Refused)?,
                _ => return Err(unknown_field(field)),
            }
        }
        Ok(reference)
    }
}

/// What is done with fields that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    Ignored,
    Refused,
}

/// Reads a list of field specs.
pub(crate) fn parse_specs(value: &Value, unknown: Unknown) -> Result<Vec<FieldSpec>, Failure> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let items = value.as_array().ok_or_else(|| malformed(value, "a list of field specs"))?;
    items.iter().map(|item| parse_spec(item, unknown)).collect()
}

fn parse_spec(value: &Value, unknown: Unknown) -> Result<FieldSpec, Failure> {
    let empty = Map::new();
    let map = match value {
        Value::Null => &empty,
        other => other.as_object().ok_or_else(|| malformed(value, "a map as a field spec"))?,
    };
    let mut gvk = Gvk::default();
    let (mut path, mut create) = (String::new(), false);
    for (field, value) in map {
        match field.to_ascii_lowercase().as_str() {
            "group" => gvk.group = text(field, value)?,
            "version" => gvk.version = text(field, value)?,
            "kind" => gvk.kind = text(field, value)?,
            "path" => path = text(field, value)?,
            "create" => {
                create = match value {
                    Value::Null => false,
                    Value::Bool(create) => *create,
                    other => return Err(malformed(other, "true or false for `create`")),
                }
            }
            _ if unknown == Unknown::Refused => return Err(unknown_field(field)),
            _ => {}
        }
    }
    Ok(FieldSpec::new(gvk, &path, create))
}

fn text(field: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        other => Err(malformed(other, &format!("text for `{field}`"))),
    }
}

fn unknown_field(field: &str) -> Failure {
    let message =
        format!("error unmarshaling JSON: while decoding JSON: json: unknown field {}", super::quoted(field));
    Failure::new("kustomize-configuration", message)
}

fn malformed(value: &Value, expected: &str) -> Failure {
    let shown = value.to_string();
    let shown = crate::resource::shorten(&shown, 80);
    Failure::new("kustomize-configuration", format!("expected {expected}, found {shown}"))
}

/// kustomize's order of kinds (`Gvk.IsLessThan`).
fn order(gvk: &Gvk) -> (usize, String) {
    let first = FIRST.iter().position(|kind| *kind == gvk.kind);
    let last = LAST.iter().position(|kind| *kind == gvk.kind);
    let rank = match (first, last) {
        (Some(position), _) => position,
        (None, None) => FIRST.len(),
        (None, Some(position)) => FIRST.len() + 1 + position,
    };
    let or = |text: &str, absent: &str| if text.is_empty() { absent.to_owned() } else { text.to_owned() };
    let text = [or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K")].join("_");
    (rank, text)
}

/// Reads the table; a malformed line is left out here and found by the test.
fn parse_defaults() -> TransformerConfig {
    let mut config = TransformerConfig::default();
    let mut references = Vec::new();
    let mut list: Option<&str> = None;
    for line in DEFAULTS.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(row) => {
                let Some(spec) = parse_row(row) else { continue };
                match list.and_then(|name| config.list_mut(name)) {
                    Some(list) => Arc::make_mut(list).push(spec),
                    None => references
                        .last_mut()
                        .into_iter()
                        .for_each(|last: &mut NameReference| last.referrers.push(spec.clone())),
                }
            }
            None => match line.strip_prefix("nameReference ") {
                Some(target) => {
                    list = None;
                    let mut words = target.split(' ').map(word);
                    let mut next = || words.next().unwrap_or_default().to_owned();
                    let gvk = Gvk { group: next(), version: next(), kind: next() };
                    references.push(NameReference { gvk, referrers: Vec::new() });
                }
                None => list = Some(line),
            },
        }
    }
    config.name_reference = Arc::new(references);
    config.sort();
    config
}

fn word(word: &str) -> &str {
    if word == "-" { "" } else { word }
}

fn parse_row(row: &str) -> Option<FieldSpec> {
    let mut words = row.splitn(5, ' ');
    let create = words.next()? == "+";
    let mut next = || words.next().map(|text| word(text).to_owned());
    let gvk = Gvk { group: next()?, version: next()?, kind: next()? };
    Some(FieldSpec::new(gvk, &next()?, create))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let config = TransformerConfig::defaults();
        let rows = DEFAULTS.lines().filter(|line| line.starts_with(' ')).count();
        let mut copy = config.clone();
        let lists: usize = LISTS.iter().filter_map(|name| copy.list_mut(name).map(|list| list.len())).sum();
        let references: usize = config.name_reference.iter().map(|each| each.referrers.len()).sum();
        assert_eq!(lists + references, rows);
        assert_eq!(config.name_reference.len(), 16);
        assert!(config.common_labels.len() > 30 && config.var_reference.len() > 50);
    }

    #[test]
    fn a_configuration_adds_to_the_defaults() {
        let mut config = TransformerConfig::defaults();
        let custom = TransformerConfig::parse(&json!({
            "images": [{"path": "spec/runImage", "kind": "Task"}],
            "nameReference": [{"kind": "Secret", "version": "v1", "fieldSpecs": [{"kind": "Task", "path": "spec/secret"}]}]
        }))
        .unwrap();
        config.merge(&custom).unwrap();
        assert_eq!(config.images.len(), TransformerConfig::defaults().images.len() + 1);
        let secret = config.name_reference.iter().find(|each| each.gvk.kind == "Secret").unwrap();
        assert!(secret.referrers.iter().any(|spec| spec.path == "spec/secret"));
        let conflict =
            TransformerConfig::parse(&json!({"replicas": [{"path": "spec/replicas", "kind": "Deployment"}]}));
        assert_eq!(
            config.merge(&conflict.unwrap()).unwrap_err().message(),
            "failed to merge Replicas fieldSpec: conflicting fieldspecs"
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let failure = TransformerConfig::parse(&json!({"image": []})).unwrap_err();
        assert!(failure.message().ends_with("json: unknown field \"image\""), "{failure}");
        assert!(TransformerConfig::parse(&json!({"images": [{"paths": "x"}]})).is_err());
        assert!(TransformerConfig::parse(&json!({"fieldSpecs": null})).is_err(), "with nothing in it, too");
        assert!(TransformerConfig::parse(&json!({"images": null, "nameReference": null})).is_ok());
    }
}
