//! Selectors: which resources a patch, replacement or transformer is for.

use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::expression;
use super::label_selector::LabelSelector;
use crate::failure::Failure;
use crate::resource::{Gvk, ResId, Resource, ResourceMap};

/// Which resources: every part that is not empty has to match. Group, version, kind, name and namespace are regular
/// expressions for the whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// The name, now or at first.
    pub name: String,
    /// The namespace, now or at first.
    pub namespace: String,
    /// A label selector for the labels.
    pub label_selector: String,
    /// The same for annotations.
    pub annotation_selector: String,
}

impl fmt::Display for Selector {
    /// As in kustomize's messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = ResId {
            gvk: self.gvk.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            cluster_scoped: false,
        };
        write!(formatter, "{id}:a={}:l={}", self.annotation_selector, self.label_selector)
    }
}

impl Selector {
    /// Whether it names no group, version, kind, name or namespace.
    #[must_use]
    pub fn names_nothing(&self) -> bool {
        self.gvk == Gvk::default() && self.name.is_empty() && self.namespace.is_empty()
    }

    /// The selector with its expressions compiled.
    ///
    /// # Errors
    /// When an expression is malformed. A malformed label selector fails when it is used.
    pub fn compile(&self) -> Result<CompiledSelector, Failure> {
        let labels = |text: &str| (!text.is_empty()).then(|| LabelSelector::parse(text));
        Ok(CompiledSelector {
            group: Pattern::new(&self.gvk.group)?,
            version: Pattern::new(&self.gvk.version)?,
            kind: Pattern::new(&self.gvk.kind)?,
            name: Pattern::new(&self.name)?,
            namespace: Pattern::new(&self.namespace)?,
            labels: labels(&self.label_selector),
            annotations: labels(&self.annotation_selector),
        })
    }
}

/// A [`Selector`] to be used many times.
#[derive(Clone, Debug)]
pub struct CompiledSelector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Option<Result<LabelSelector, Failure>>,
    annotations: Option<Result<LabelSelector, Failure>>,
}

impl CompiledSelector {
    /// The positions of the resources that it selects (`ResMap.Select`): name and namespace by the first and the current
    /// id, the kind as it is now.
    ///
    /// # Errors
    /// When a label selector is malformed and a resource is what the rest asks for.
    pub fn select(&self, map: &ResourceMap) -> Result<Vec<usize>, Failure> {
        let mut selected = Vec::new();
        for (position, resource) in map.iter().enumerate() {
            if self.selects(resource)? {
                selected.push(position);
            }
        }
        Ok(selected)
    }

    /// Whether it selects one resource.
    ///
    /// # Errors
    /// As [`CompiledSelector::select`].
    pub fn selects(&self, resource: &Resource) -> Result<bool, Failure> {
        let first = resource.previous().first();
        let namespace = |namespace: &str| self.namespace.matches(namespace);
        let matches = (namespace(resource.effective_namespace())
            || first.is_some_and(|first| namespace(first_namespace(&first.namespace))))
            && (self.name.matches(resource.name())
                || first.is_some_and(|first| self.name.matches(&first.name)))
            && self.matches_kind(resource.api_version(), resource.kind());
        Ok(matches && self.matches_labels(resource)?)
    }

    fn matches_kind(&self, api_version: &str, kind: &str) -> bool {
        let (group, version) = crate::resource::parse_group_version(api_version);
        self.group.matches(group) && self.version.matches(version) && self.kind.matches(kind)
    }

    /// Whether it selects an id, with the namespace as it is written.
    pub(crate) fn matches_id(&self, api_version: &str, kind: &str, name: &str, namespace: &str) -> bool {
        self.matches_kind(api_version, kind) && self.name.matches(name) && self.namespace.matches(namespace)
    }

    /// Whether labels and annotations are what it asks for.
    pub(crate) fn matches_labels(&self, resource: &Resource) -> Result<bool, Failure> {
        let matches = |selector: &Option<Result<LabelSelector, Failure>>, field: &str| match selector {
            None => Ok(true),
            Some(Ok(selector)) => Ok(selector.matches(resource.metadata(field))),
            Some(Err(failure)) => Err(failure.clone()),
        };
        Ok(matches(&self.annotations, "annotations")? && matches(&self.labels, "labels")?)
    }

    /// Whether it asks for labels or annotations.
    pub(crate) fn has_labels(&self) -> bool {
        self.labels.is_some() || self.annotations.is_some()
    }
}

fn first_namespace(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

/// A regular expression for a whole text; most are plain words.
#[derive(Clone, Debug)]
enum Pattern {
    Any,
    Word(String),
    Expression(Regex),
}

impl Pattern {
    fn new(expression: &str) -> Result<Self, Failure> {
        if expression.is_empty() {
            return Ok(Self::Any);
        }
        if expression::is_word(expression) {
            return Ok(Self::Word(expression.to_owned()));
        }
        expression::compile("^(?:", expression, ")$").map(Self::Expression).map_err(|message| {
            Failure::new("kustomize-selector", message)
                .hint("group, version, kind, name and namespace of a selector are regular expressions")
        })
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Word(word) => word == text,
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// Reads a selector; fields that nobody knows are ignored, as in Go's decoder, unless `strict`.
pub(crate) fn parse_selector(value: &Value) -> Result<Selector, Failure> {
    let mut selector = Selector::default();
    let Some(map) = value.as_object() else {
        return Err(super::decode::expected("a selector", "a map", value));
    };
    for (field, value) in map {
        let slot = match field.to_ascii_lowercase().as_str() {
            "group" => &mut selector.gvk.group,
            "version" => &mut selector.gvk.version,
            "kind" => &mut selector.gvk.kind,
            "name" => &mut selector.name,
            "namespace" => &mut selector.namespace,
            "labelselector" => &mut selector.label_selector,
            "annotationselector" => &mut selector.annotation_selector,
            _ => continue,
        };
        *slot = super::decode::text(field, value)?;
    }
    Ok(selector)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map() -> ResourceMap {
        let object = |kind: &str, name: &str, namespace: &str| {
            Resource::new(json!({
                "apiVersion": "apps/v1", "kind": kind,
                "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}}
            }))
        };
        let mut renamed = object("Deployment", "web", "shop");
        renamed.store_previous_id();
        renamed.set_name("dev-web");
        renamed.set_namespace("dev");
        let resources =
            vec![object("Deployment", "api", "shop"), object("StatefulSet", "api-db", "shop"), renamed];
        ResourceMap::from_resources(resources).unwrap()
    }

    fn select(value: &Value) -> Result<Vec<usize>, Failure> {
        parse_selector(value)?.compile()?.select(&map())
    }

    #[test]
    fn expressions_are_for_the_whole_text() {
        assert_eq!(select(&json!({})).unwrap(), [0, 1, 2]);
        assert_eq!(select(&json!({"name": "api"})).unwrap(), [0]);
        assert_eq!(select(&json!({"name": "api.*"})).unwrap(), [0, 1]);
        assert_eq!(select(&json!({"kind": "Deployment|Stateful"})).unwrap(), [0, 2]);
        assert_eq!(select(&json!({"group": "apps", "version": "v1", "kind": "StatefulSet"})).unwrap(), [1]);
        assert_eq!(select(&json!({"group": "app"})).unwrap(), [0; 0]);
    }

    #[test]
    fn the_first_id_counts_too() {
        assert_eq!(select(&json!({"name": "web", "namespace": "shop"})).unwrap(), [2]);
        assert_eq!(select(&json!({"name": "dev-web", "namespace": "dev"})).unwrap(), [2]);
    }

    #[test]
    fn labels_are_selected() {
        assert_eq!(select(&json!({"labelSelector": "app in (api, web)"})).unwrap(), [0, 2]);
        assert_eq!(select(&json!({"annotationSelector": "!x"})).unwrap(), [0, 1, 2]);
        assert!(select(&json!({"labelSelector": "app in"})).is_err());
        assert_eq!(select(&json!({"name": "nobody", "labelSelector": "app in"})).unwrap(), [0; 0]);
    }

    #[test]
    fn a_malformed_expression_is_an_error() {
        let failure = select(&json!({"name": "a("})).unwrap_err();
        assert!(failure.message().starts_with("error parsing regexp: "), "{failure}");
    }
}
