//! One resource.

mod nodes;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_model::{FieldPath, RepoPath};

use super::id::{Gvk, ResId, effective_namespace};
use super::scope::is_certainly_cluster_scoped;
use super::shared::SharedTexts;
use crate::trace::Change;

const DOMAIN: &str = "internal.config.kubernetes.io/";

/// What a generated resource does to one of the same id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behavior {
    /// Nothing is said; the same as [`Behavior::Create`].
    #[default]
    Unspecified,
    /// There must be none.
    Create,
    /// Replaces it.
    Replace,
    /// Is merged into it.
    Merge,
}

impl Behavior {
    /// From its name; anything else is [`Behavior::Unspecified`].
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "create" => Self::Create,
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            _ => Self::Unspecified,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Merge => "merge",
        }
    }
}

/// An id that a resource had before it was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PreviousId {
    /// The name.
    pub name: String,
    /// The effective namespace.
    pub namespace: String,
    /// The kind.
    pub kind: String,
}

/// Where a resource is written: the file and the document in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: RepoPath,
    /// The document in it, from 0.
    pub document: usize,
    /// The line where it begins, from 1; absent where the resource was computed from the file.
    pub line: Option<u32>,
}

/// What kustomize remembers about a resource beside the object.
#[derive(Clone, Debug, Default, PartialEq)]
struct Notes {
    previous: Vec<PreviousId>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    variables: Vec<String>,
    behavior: Behavior,
    needs_hash: bool,
    allow_name_change: bool,
    allow_kind_change: bool,
    source: Option<Arc<Source>>,
    /// Fields that are written without a value: null, but not kept by a strategic merge.
    bare_nulls: Vec<FieldPath>,
    /// Numbers that are written in another way than they are printed, with how they are written.
    numbers: Vec<(FieldPath, Value, String)>,
    /// Fields that are one text to kustomize.
    shared: SharedTexts,
    /// Paths of scalars that a replacement made: they have no type of their own, only their text.
    untyped: Vec<Vec<String>>,
    /// What steps changed, in builds that ask for it.
    changes: Vec<Change>,
    /// Its number in a step that is watched.
    number: Option<usize>,
}

/// A Kubernetes object on its way through a build. A clone shares the object until one of both is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    object: Arc<Value>,
    notes: Arc<Notes>,
}

impl Resource {
    /// Wraps an object. Annotations that kustomize uses internally are taken out of it and remembered.
    #[must_use]
    pub fn new(object: Value) -> Self {
        let mut resource = Self { object: Arc::new(object), notes: Arc::default() };
        resource.take_internal_annotations();
        resource
    }

    /// The same with where it is written.
    #[must_use]
    pub fn with_source(mut self, source: Arc<Source>) -> Self {
        self.notes_mut().source = Some(source);
        self
    }

    /// Where it is written; `None` for what has no file.
    #[must_use]
    pub fn source(&self) -> Option<&Arc<Source>> {
        self.notes.source.as_ref()
    }

    /// The object.
    #[must_use]
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// The object, shared.
    #[must_use]
    pub fn shared_object(&self) -> &Arc<Value> {
        &self.object
    }

    /// The object, to be changed; copied first if it is shared.
    pub fn object_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.object)
    }

    /// Puts another object in its place; what is remembered stays.
    pub fn set_object(&mut self, object: Value) {
        self.object = Arc::new(object);
    }

    /// Deletes the object; [`super::ResourceMap::drop_empty`] drops the resource.
    pub fn delete(&mut self) {
        self.set_object(Value::Null);
    }

    /// Whether the object is null or `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &*self.object {
            Value::Null => true,
            Value::Object(map) => map.is_empty(),
            _ => false,
        }
    }

    /// The kind; empty where there is none.
    #[must_use]
    pub fn kind(&self) -> &str {
        text(self.object.get("kind"))
    }

    /// The `apiVersion`; empty where there is none.
    #[must_use]
    pub fn api_version(&self) -> &str {
        text(self.object.get("apiVersion"))
    }

    /// `metadata.name`; empty where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        text(self.metadata("name"))
    }

    /// `metadata.namespace`; empty where there is none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        text(self.metadata("namespace"))
    }

    /// A field of `metadata`.
    #[must_use]
    pub fn metadata(&self, field: &str) -> Option<&Value> {
        self.object.get("metadata")?.get(field)
    }

    /// An annotation, where it is text.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata("annotations")?.get(name)?.as_str()
    }

    /// The labels with their values as text, sorted.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        self.text_map("labels")
    }

    /// The annotations with their values as text, sorted.
    #[must_use]
    pub fn annotations(&self) -> BTreeMap<String, String> {
        self.text_map("annotations")
    }

    /// A map of `metadata` with its values as they are written: a null is `null`, or nothing where nothing is written.
    fn text_map(&self, field: &str) -> BTreeMap<String, String> {
        let Some(Value::Object(map)) = self.metadata(field) else { return BTreeMap::new() };
        let text = |key: &str, value: &Value| match value {
            Value::Null => {
                let path = FieldPath::root().key("metadata").key(field).key(key);
                if self.notes.bare_nulls.contains(&path) { String::new() } else { "null".to_owned() }
            }
            value => scalar_text(value),
        };
        map.iter().map(|(key, value)| (key.clone(), text(key, value))).collect()
    }

    /// Sets all annotations; none removes the field.
    pub fn set_annotations(&mut self, annotations: BTreeMap<String, String>) {
        self.set_metadata_map("annotations", annotations);
    }

    /// Sets all labels; none removes the field.
    pub fn set_labels(&mut self, labels: BTreeMap<String, String>) {
        self.set_metadata_map("labels", labels);
    }

    /// Sets one annotation.
    pub fn set_annotation(&mut self, name: &str, value: impl Into<String>) {
        if let Some(annotations) = self.metadata_mut().and_then(|metadata| child_map(metadata, "annotations"))
        {
            annotations.insert(name.to_owned(), Value::String(value.into()));
        }
    }

    /// Sets `metadata.name`.
    pub fn set_name(&mut self, name: &str) {
        if self.name() != name
            && let Some(metadata) = self.metadata_mut()
        {
            metadata.insert("name".to_owned(), Value::from(name));
        }
    }

    /// Sets `metadata.namespace`; an empty one removes it.
    pub fn set_namespace(&mut self, namespace: &str) {
        if namespace.is_empty() {
            if self.metadata("namespace").is_some()
                && let Some(metadata) = self.metadata_mut()
            {
                metadata.remove("namespace");
            }
        } else if self.namespace() != namespace
            && let Some(metadata) = self.metadata_mut()
        {
            metadata.insert("namespace".to_owned(), Value::from(namespace));
        }
    }

    /// Sets the kind.
    pub fn set_kind(&mut self, kind: &str) {
        self.set_top("kind", kind);
    }

    /// Sets the `apiVersion`.
    pub fn set_api_version(&mut self, api_version: &str) {
        self.set_top("apiVersion", api_version);
    }

    /// Group, version and kind.
    #[must_use]
    pub fn gvk(&self) -> Gvk {
        Gvk::of(self.api_version(), self.kind())
    }

    /// The id as the object is now.
    #[must_use]
    pub fn current_id(&self) -> ResId {
        ResId {
            gvk: self.gvk(),
            name: self.name().to_owned(),
            namespace: self.namespace().to_owned(),
            cluster_scoped: self.is_cluster_scoped(),
        }
    }

    /// Whether the kind certainly lives in no namespace.
    #[must_use]
    pub fn is_cluster_scoped(&self) -> bool {
        is_certainly_cluster_scoped(self.api_version(), self.kind())
    }

    /// The namespace that ids are compared by.
    #[must_use]
    pub fn effective_namespace(&self) -> &str {
        effective_namespace(self.is_cluster_scoped(), self.namespace())
    }

    /// The id it had first: before any rename, else the current one.
    #[must_use]
    pub fn original_id(&self) -> ResId {
        self.previous_ids().next().unwrap_or_else(|| self.current_id())
    }

    /// The ids it had before, oldest first.
    pub fn previous_ids(&self) -> impl Iterator<Item = ResId> + '_ {
        self.notes.previous.iter().map(|previous| ResId {
            gvk: Gvk::of(self.api_version(), &previous.kind),
            name: previous.name.clone(),
            namespace: previous.namespace.clone(),
            cluster_scoped: false,
        })
    }

    /// The same without making ids.
    #[must_use]
    pub fn previous(&self) -> &[PreviousId] {
        &self.notes.previous
    }

    /// Remembers the current id; called before a rename. An id without a name is not remembered.
    pub fn store_previous_id(&mut self) {
        let previous = PreviousId {
            name: self.name().to_owned(),
            namespace: self.effective_namespace().to_owned(),
            kind: self.kind().to_owned(),
        };
        if !previous.name.is_empty() {
            self.notes_mut().previous.push(previous);
        }
    }

    /// Whether the current id names the same thing as `id`, without making one.
    #[must_use]
    pub fn is(&self, id: &ResId) -> bool {
        self.name() == id.name
            && self.kind() == id.gvk.kind
            && super::parse_group_version(self.api_version())
                == (id.gvk.group.as_str(), id.gvk.version.as_str())
            && self.effective_namespace() == id.effective_namespace()
    }

    /// Whether the current id or one that it had names the same thing as `id`.
    #[must_use]
    pub fn is_or_was(&self, id: &ResId) -> bool {
        self.is(id)
            || self.notes.previous.iter().any(|previous| previous.name == id.name)
                && self.previous_ids().any(|previous| previous.same_as(id))
    }

    /// The prefixes that were put before the name, in order.
    #[must_use]
    pub fn name_prefixes(&self) -> &[String] {
        &self.notes.prefixes
    }

    /// The suffixes that were put behind the name, in order.
    #[must_use]
    pub fn name_suffixes(&self) -> &[String] {
        &self.notes.suffixes
    }

    /// Remembers a prefix; an empty one is not.
    pub fn add_name_prefix(&mut self, prefix: &str) {
        if !prefix.is_empty() {
            self.notes_mut().prefixes.push(prefix.to_owned());
        }
    }

    /// Remembers a suffix; an empty one is not.
    pub fn add_name_suffix(&mut self, suffix: &str) {
        if !suffix.is_empty() {
            self.notes_mut().suffixes.push(suffix.to_owned());
        }
    }

    /// What a generated resource does to one of the same id.
    #[must_use]
    pub fn behavior(&self) -> Behavior {
        self.notes.behavior
    }

    /// Sets what it does to one of the same id.
    pub fn set_behavior(&mut self, behavior: Behavior) {
        self.notes_mut().behavior = behavior;
    }

    /// Whether its name gets a hash of its content.
    #[must_use]
    pub fn needs_hash(&self) -> bool {
        self.notes.needs_hash
    }

    /// Sets whether its name gets a hash.
    pub fn set_needs_hash(&mut self, needs_hash: bool) {
        if self.notes.needs_hash != needs_hash {
            self.notes_mut().needs_hash = needs_hash;
        }
    }

    /// Of a patch: whether it may rename its target.
    #[must_use]
    pub fn name_change_allowed(&self) -> bool {
        self.notes.allow_name_change
    }

    /// Of a patch: lets it rename its target.
    pub fn allow_name_change(&mut self) {
        self.notes_mut().allow_name_change = true;
    }

    /// Of a patch: whether it may change the kind of its target.
    #[must_use]
    pub fn kind_change_allowed(&self) -> bool {
        self.notes.allow_kind_change
    }

    /// Of a patch: lets it change the kind of its target.
    pub fn allow_kind_change(&mut self) {
        self.notes_mut().allow_kind_change = true;
    }

    /// Remembers a `vars` entry that reads it.
    pub fn add_variable(&mut self, name: &str) {
        self.notes_mut().variables.push(name.to_owned());
    }

    /// The `vars` entries that read it.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.notes.variables
    }

    /// Takes over what is remembered about another resource: ids, prefixes, variables; whether a hash is needed stays
    /// off if it is off here.
    pub fn copy_notes_from(&mut self, other: &Self) {
        let needs_hash = self.notes.needs_hash && other.notes.needs_hash;
        let source = self.notes.source.clone();
        self.notes = Arc::clone(&other.notes);
        let notes = self.notes_mut();
        notes.needs_hash = needs_hash;
        if source.is_some() {
            notes.source = source;
        }
    }

    /// Notes that a step changed a field.
    pub(crate) fn add_change(&mut self, change: Change) {
        self.notes_mut().changes.push(change);
    }

    /// What steps changed, oldest first; empty unless the build asked for it.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.notes.changes
    }

    /// Its number in a step that is watched.
    pub(crate) fn number(&self) -> Option<usize> {
        self.notes.number
    }

    /// Sets the number that it has in a step that is watched.
    pub(crate) fn set_number(&mut self, number: Option<usize>) {
        if self.notes.number != number {
            self.notes_mut().number = number;
        }
    }

    /// What steps changed before references were updated and hashes added.
    pub(crate) fn changes_before_names(&self) -> &[Change] {
        let changes = &self.notes.changes;
        let end = changes.iter().position(crate::build::is_of_names).unwrap_or(changes.len());
        &changes[..end]
    }

    /// What steps changed, to be told better.
    pub(crate) fn changes_mut(&mut self) -> &mut [Change] {
        &mut self.notes_mut().changes
    }

    fn notes_mut(&mut self) -> &mut Notes {
        Arc::make_mut(&mut self.notes)
    }

    fn set_top(&mut self, field: &str, value: &str) {
        if text(self.object.get(field)) != value
            && let Some(map) = self.object_mut().as_object_mut()
        {
            map.insert(field.to_owned(), Value::from(value));
        }
    }

    /// `metadata` as a map, made if it is missing; `None` where the object or its metadata is no map.
    pub(crate) fn metadata_mut(&mut self) -> Option<&mut Map<String, Value>> {
        child_map(self.object_mut().as_object_mut()?, "metadata")
    }

    fn set_metadata_map(&mut self, field: &str, values: BTreeMap<String, String>) {
        self.forget_shared(&FieldPath::root().key("metadata").key(field));
        if values.is_empty() && self.metadata(field).is_none() {
            return;
        }
        let Some(metadata) = self.metadata_mut() else { return };
        if values.is_empty() {
            metadata.remove(field);
        } else {
            let map = values.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
            metadata.insert(field.to_owned(), Value::Object(map));
        }
    }

    /// Moves kustomize's own annotations from the object into the notes. The object keeps those of other tools.
    pub(crate) fn take_internal_annotations(&mut self) {
        let Some(Value::Object(annotations)) = self.metadata("annotations") else { return };
        if !annotations.keys().any(|key| key.starts_with(DOMAIN)) {
            return;
        }
        let list = |key: &str| -> Vec<String> {
            let value = annotations.get(&format!("{DOMAIN}{key}")).map(scalar_text);
            value.map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
        };
        let enabled = |key: &str| text(annotations.get(&format!("{DOMAIN}{key}"))) == "enabled";
        let (names, namespaces, kinds) =
            (list("previousNames"), list("previousNamespaces"), list("previousKinds"));
        let previous = if names.len() == namespaces.len() && names.len() == kinds.len() {
            let zipped = names.into_iter().zip(namespaces).zip(kinds);
            zipped.map(|((name, namespace), kind)| PreviousId { name, namespace, kind }).collect()
        } else {
            Vec::new()
        };
        let (prefixes, suffixes) = (list("prefixes"), list("suffixes"));
        let behavior = Behavior::of(text(annotations.get(&format!("{DOMAIN}generatorBehavior"))));
        let needs_hash = enabled("needsHashSuffix");
        let (allow_name_change, allow_kind_change) = (enabled("allowNameChange"), enabled("allowKindChange"));
        let notes = self.notes_mut();
        notes.previous.extend(previous);
        notes.prefixes.extend(prefixes);
        notes.suffixes.extend(suffixes);
        if behavior != Behavior::Unspecified {
            notes.behavior = behavior;
        }
        notes.needs_hash |= needs_hash;
        notes.allow_name_change |= allow_name_change;
        notes.allow_kind_change |= allow_kind_change;
        let Some(metadata) = self.metadata_mut() else { return };
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            for key in TAKEN {
                annotations.remove(&format!("{DOMAIN}{key}"));
            }
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
}

/// The internal annotations that are notes here.
const TAKEN: &[&str] = &[
    "previousKinds",
    "previousNames",
    "previousNamespaces",
    "prefixes",
    "suffixes",
    "refBy",
    "generatorBehavior",
    "needsHashSuffix",
    "allowNameChange",
    "allowKindChange",
];

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The text of a scalar; empty for null, maps and lists.
#[must_use]
pub fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => String::new(),
    }
}

/// A map inside a map, made if it is missing or null; `None` where it is something else.
fn child_map<'a>(map: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Map<String, Value>> {
    let child = map.entry(key).or_insert(Value::Null);
    if child.is_null() {
        *child = Value::Object(Map::new());
    }
    child.as_object_mut()
}

/// The part of a text before the first occurrence, for messages that quote values.
pub(crate) fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
