//! The kinds a cluster serves: the built-in ones of stable versions, those of custom resource definitions,
//! and those that are accepted without a schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use slipway_schema::kinds;

use crate::schema::Schema;
use crate::status::About;
use crate::store::Collection;

/// A kind that is served without a definition: anything is accepted, and every answer to a write warns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindWithoutSchema {
    /// Group and version: `example.com/v1`.
    pub api_version: String,
    /// The kind: `Widget`.
    pub kind: String,
    /// Its name in URLs: `widgets`.
    pub plural: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// One kind in one version, as it is served.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) singular: String,
    pub(crate) list_kind: String,
    pub(crate) namespaced: bool,
    pub(crate) preferred: bool,
    pub(crate) short_names: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) verbs: Vec<String>,
    pub(crate) subresources: Vec<String>,
    pub(crate) origin: Origin,
}

/// Where a kind comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    BuiltIn,
    /// A version of a custom resource definition: the entry of `spec.versions`.
    Custom(Arc<Value>),
    WithoutSchema,
}

impl Api {
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    pub(crate) fn collection(&self) -> Collection {
        Collection::new(&self.group, &self.plural)
    }

    /// What an error about an object names: the plural.
    pub(crate) fn about(&self, name: &str) -> About {
        About::new(&self.group, &self.plural, name)
    }

    /// What a validation error names: the kind.
    pub(crate) fn about_kind(&self, name: &str) -> About {
        About::new(&self.group, &self.kind, name)
    }

    pub(crate) fn has_status(&self) -> bool {
        self.subresources.iter().any(|each| each == "status")
    }

    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self.origin, Origin::BuiltIn)
    }

    /// The schema of its objects.
    pub(crate) fn schema(&self) -> Schema<'_> {
        match &self.origin {
            Origin::BuiltIn => Schema::of_kind(&self.api_version(), &self.kind),
            Origin::Custom(version) => version
                .pointer("/schema/openAPIV3Schema")
                .map_or_else(Schema::open, |schema| Schema::Custom { schema, root: true }),
            Origin::WithoutSchema => Schema::open(),
        }
    }
}

/// The kinds of one cluster by group, version and plural.
pub(crate) struct Registry {
    apis: BTreeMap<(String, String, String), Arc<Api>>,
    /// Grows with every change, so that documents about the kinds can be told apart without making them.
    generation: u64,
}

const ALL_VERBS: [&str; 8] =
    ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

impl Registry {
    /// The built-in kinds in their stable versions, which is what a cluster serves by default.
    pub(crate) fn new() -> Self {
        let mut registry = Self { apis: BTreeMap::new(), generation: 0 };
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for resource in kinds::all() {
            if resource.version.contains("alpha") || resource.version.contains("beta") {
                continue;
            }
            registry.insert(Api {
                group: resource.group.to_owned(),
                version: resource.version.to_owned(),
                kind: resource.kind.to_owned(),
                plural: resource.plural.to_owned(),
                singular: resource.singular.to_owned(),
                list_kind: format!("{}List", resource.kind),
                namespaced: resource.namespaced,
                preferred: resource.preferred,
                short_names: owned(&resource.short_names),
                categories: owned(&resource.categories),
                verbs: owned(&resource.verbs),
                subresources: owned(&resource.subresources),
                origin: Origin::BuiltIn,
            });
        }
        registry
    }

    fn insert(&mut self, api: Api) {
        self.generation += 1;
        let key = (api.group.clone(), api.version.clone(), api.plural.clone());
        self.apis.insert(key, Arc::new(api));
    }

    /// Serves a kind without a schema; one that is served already stays as it is.
    pub(crate) fn accept(&mut self, kind: &KindWithoutSchema) {
        let (group, version) = kinds::split_api_version(&kind.api_version);
        if self.find(group, version, &kind.plural).is_some() {
            return;
        }
        self.insert(Api {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.kind.clone(),
            plural: kind.plural.clone(),
            singular: kind.kind.to_lowercase(),
            list_kind: format!("{}List", kind.kind),
            namespaced: kind.namespaced,
            preferred: true,
            short_names: Vec::new(),
            categories: Vec::new(),
            verbs: ALL_VERBS.map(str::to_owned).to_vec(),
            subresources: vec!["status".to_owned()],
            origin: Origin::WithoutSchema,
        });
    }

    /// Serves the versions of a custom resource definition.
    pub(crate) fn define(&mut self, definition: &Value) {
        self.forget(definition);
        let spec = &definition["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| value.as_array().into_iter().flatten().map(text).collect::<Vec<String>>();
        let names = &spec["names"];
        let kind = text(&names["kind"]);
        let or = |value: &Value, fallback: String| value.as_str().map_or(fallback, str::to_owned);
        for version in crate::crd::served_versions(definition) {
            let mut subresources = Vec::new();
            for name in ["scale", "status"] {
                if version["subresources"].get(name).is_some_and(|value| !value.is_null()) {
                    subresources.push(name.to_owned());
                }
            }
            self.insert(Api {
                group: text(&spec["group"]),
                version: text(&version["name"]),
                kind: kind.clone(),
                plural: text(&names["plural"]),
                singular: or(&names["singular"], kind.to_lowercase()),
                list_kind: or(&names["listKind"], format!("{kind}List")),
                namespaced: spec["scope"] == "Namespaced",
                preferred: crate::crd::preferred_version(definition) == version["name"].as_str(),
                short_names: texts(&names["shortNames"]),
                categories: texts(&names["categories"]),
                verbs: ALL_VERBS.map(str::to_owned).to_vec(),
                subresources,
                origin: Origin::Custom(Arc::new(version.clone())),
            });
        }
    }

    /// No longer serves what a definition defined.
    pub(crate) fn forget(&mut self, definition: &Value) {
        self.generation += 1;
        let group = definition["spec"]["group"].as_str().unwrap_or_default();
        let plural = definition["spec"]["names"]["plural"].as_str().unwrap_or_default();
        self.apis.retain(|(each, _, name), api| each != group || name != plural || api.is_built_in());
    }

    pub(crate) fn find(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Api>> {
        self.apis.get(&(group.to_owned(), version.to_owned(), plural.to_owned())).cloned()
    }

    /// The API by which the objects of a collection are written.
    pub(crate) fn of_collection(&self, collection: &Collection) -> Option<Arc<Api>> {
        let mut found = self
            .apis
            .values()
            .filter(|api| api.group == collection.group && api.plural == collection.plural)
            .collect::<Vec<_>>();
        found.sort_by_key(|api| !api.preferred);
        found.first().map(|api| Arc::clone(api))
    }

    /// The API of a kind in a group, in the preferred version.
    pub(crate) fn of_kind(&self, group: &str, kind: &str) -> Option<Arc<Api>> {
        let mut found =
            self.apis.values().filter(|api| api.group == group && api.kind == kind).collect::<Vec<_>>();
        found.sort_by_key(|api| !api.preferred);
        found.first().map(|api| Arc::clone(api))
    }

    /// How often the kinds have changed.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Api>> {
        self.apis.values()
    }

    /// The groups but the core one, each with its versions, the preferred first.
    pub(crate) fn groups(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for ((group, version, _), api) in &self.apis {
            if group.is_empty() {
                continue;
            }
            let versions = groups.entry(group).or_default();
            if !versions.contains(&version.as_str()) {
                versions.push(version);
            }
            if api.preferred {
                versions.sort_by_key(|each| *each != version);
            }
        }
        groups
    }
}

/// How an API is written to the wire in `kind` and `apiVersion`.
pub(crate) fn set_type(object: &mut Value, api: &Api) {
    object["apiVersion"] = json!(api.api_version());
    object["kind"] = json!(api.kind);
}
