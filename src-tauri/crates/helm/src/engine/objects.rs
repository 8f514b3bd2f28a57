//! `.Chart` and `.Capabilities`: Go structs, as templates, printing and JSON see them.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use slipway_gotmpl::{
    Args, Call, FunctionResult, Kind, List, Map, Method, Object, Signature, Str, StructField, Type, Value,
    types,
};

use crate::chart::metadata::{Dependency, Maintainer, Metadata};
use crate::cluster::ClusterSnapshot;
use crate::dependencies::DONE;
use crate::node::{Declared, Node};
use crate::options::HelmVersion;
use crate::values::put;
use crate::version::KubeVersion;

const CHART: &Type = &Type::structure("struct { chart.Metadata; IsRoot bool }", METADATA_METHODS);
const METADATA: &Type = &Type::structure("chart.Metadata", METADATA_METHODS);
const MAINTAINER: &Type = &Type::pointer("*chart.Maintainer", &[]);
const MAINTAINERS: &Type = &Type::slice("[]*chart.Maintainer", MAINTAINER);
const DEPENDENCY: &Type = &Type::pointer("*chart.Dependency", &[]);
const DEPENDENCIES: &Type = &Type::slice("[]*chart.Dependency", DEPENDENCY);
const CAPABILITIES: &Type = &Type::pointer("*chartutil.Capabilities", &[]);
const KUBE_VERSION: &Type = &Type::structure("chartutil.KubeVersion", KUBE_VERSION_METHODS);
const BUILD_INFO: &Type = &Type::structure("version.BuildInfo", &[]);
const VERSION_SET: &Type = &Type::named_slice("chartutil.VersionSet", types::STRING, VERSION_SET_METHODS);

const METADATA_METHODS: &[Method] = &[];

const KUBE_VERSION_METHODS: &[Method] = &[
    Method { name: "String", signature: Signature::fixed(&[]), body: kube_version_text },
    Method { name: "GitVersion", signature: Signature::fixed(&[]), body: kube_version_text },
];

const VERSION_SET_METHODS: &[Method] =
    &[Method { name: "Has", signature: Signature::fixed(&[types::STRING]), body: has }];

fn kube_version_text(_: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
    let version = receiver.as_object().and_then(|object| object.downcast::<KubeVersionObject>());
    Ok(Value::from(version.map_or("", |object| object.0.version.as_str())))
}

fn has(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let wanted = arguments.string(0);
    let found =
        receiver.as_list().is_some_and(|list| list.iter().any(|item| item.as_string() == Some(wanted)));
    Ok(Value::Bool(found))
}

/// The value of `.Chart`.
pub(crate) fn chart(node: &Node) -> Value {
    let metadata = Rc::new(MetadataObject {
        metadata: Arc::clone(&node.chart),
        name: node.name().clone(),
        declared: node.declared(),
    });
    match node.helm() {
        HelmVersion::V3 => object(ChartObject { metadata, is_root: node.is_root() }),
        HelmVersion::V4 => {
            let map = plain(metadata.fields());
            put(&map, "IsRoot", node.is_root());
            Value::Map(map)
        }
    }
}

/// A struct as the map that Helm 4 makes of it: a list that is not there is empty.
fn plain(fields: Vec<StructField>) -> Map {
    let value = |value: Value| match value {
        Value::List(list) if list.is_nil() => Value::List(List::new(Vec::new())),
        Value::List(list) if list.element_type().kind() == Kind::Pointer => list
            .iter()
            .map(|item| item.as_object().map_or(Value::Nil, |object| Value::Map(plain(object.fields()))))
            .collect::<List>()
            .into(),
        other => other,
    };
    fields.into_iter().map(|field| (field.name, value(field.value))).collect()
}

fn object(object: impl Object) -> Value {
    Value::Object(Rc::new(object))
}

fn field(name: &'static str, value: Value) -> StructField {
    StructField { name, value, interface: false }
}

struct ChartObject {
    metadata: Rc<MetadataObject>,
    is_root: bool,
}

impl Object for ChartObject {
    fn type_of(&self) -> &'static Type {
        CHART
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "IsRoot" => Some(Value::Bool(self.is_root)),
            "Metadata" => Some(Value::Object(self.metadata.clone())),
            name => self.metadata.field(name),
        }
    }

    fn fields(&self) -> Vec<StructField> {
        vec![
            field("Metadata", Value::Object(self.metadata.clone())),
            field("IsRoot", Value::Bool(self.is_root)),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct MetadataObject {
    metadata: Arc<crate::chart::Chart>,
    name: String,
    declared: Option<Vec<Declared>>,
}

/// The fields of `chart.Metadata`: Go name, name in JSON.
const FIELDS: [(&str, &str); 17] = [
    ("Name", "name"),
    ("Home", "home"),
    ("Sources", "sources"),
    ("Version", "version"),
    ("Description", "description"),
    ("Keywords", "keywords"),
    ("Maintainers", "maintainers"),
    ("Icon", "icon"),
    ("APIVersion", "apiVersion"),
    ("Condition", "condition"),
    ("Tags", "tags"),
    ("AppVersion", "appVersion"),
    ("Deprecated", "deprecated"),
    ("Annotations", "annotations"),
    ("KubeVersion", "kubeVersion"),
    ("Dependencies", "dependencies"),
    ("Type", "type"),
];

/// The name in `Chart.yaml` of a field of `.Chart`.
pub(crate) fn json_name(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, name)| *name)
}

impl MetadataObject {
    fn metadata(&self) -> &Metadata {
        &self.metadata.metadata
    }

    fn value(&self, name: &str) -> Option<Value> {
        let metadata = self.metadata();
        let text = |text: &String| Value::from(text.as_str());
        Some(match name {
            "Name" => text(&self.name),
            "Home" => text(&metadata.home),
            "Sources" => texts(metadata.sources.as_deref()),
            "Version" => text(&metadata.version),
            "Description" => text(&metadata.description),
            "Keywords" => texts(metadata.keywords.as_deref()),
            "Maintainers" => match &metadata.maintainers {
                None => Value::List(List::nil(MAINTAINERS)),
                Some(list) => {
                    let items = list.iter().flatten().map(|each| object(MaintainerObject(each.clone())));
                    Value::List(List::of(MAINTAINERS, items.collect()))
                }
            },
            "Icon" => text(&metadata.icon),
            "APIVersion" => text(&metadata.api_version),
            "Condition" => text(&metadata.condition),
            "Tags" => text(&metadata.tags),
            "AppVersion" => text(&metadata.app_version),
            "Deprecated" => Value::Bool(metadata.deprecated),
            "Annotations" => match &metadata.annotations {
                None => Value::Map(Map::nil(types::STRING_MAP)),
                Some(entries) => {
                    let entries =
                        entries.iter().map(|(key, value)| (Str::from(key), Value::from(value.as_str())));
                    Value::Map(Map::with_entries(types::STRING_MAP, entries.collect()))
                }
            },
            "KubeVersion" => text(&metadata.kube_version),
            "Dependencies" => match &self.declared {
                None => Value::List(List::nil(DEPENDENCIES)),
                Some(list) => {
                    let items = list.iter().map(|each| object(DependencyObject(each.borrow().clone())));
                    Value::List(List::of(DEPENDENCIES, items.collect()))
                }
            },
            "Type" => text(&metadata.kind),
            _ => return None,
        })
    }
}

impl Object for MetadataObject {
    fn type_of(&self) -> &'static Type {
        METADATA
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.value(name)
    }

    fn fields(&self) -> Vec<StructField> {
        FIELDS.iter().filter_map(|(name, _)| Some(field(name, self.value(name)?))).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn texts(list: Option<&[String]>) -> Value {
    Value::List(match list {
        None => List::nil(types::STRINGS),
        Some(list) => List::strings(list.iter().map(String::as_str)),
    })
}

struct MaintainerObject(Maintainer);

impl Object for MaintainerObject {
    fn type_of(&self) -> &'static Type {
        MAINTAINER
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.value)
    }

    fn fields(&self) -> Vec<StructField> {
        vec![
            field("Name", Value::from(self.0.name.as_str())),
            field("Email", Value::from(self.0.email.as_str())),
            field("URL", Value::from(self.0.url.as_str())),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct DependencyObject(Dependency);

impl Object for DependencyObject {
    fn type_of(&self) -> &'static Type {
        DEPENDENCY
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.value)
    }

    fn fields(&self) -> Vec<StructField> {
        let imports = match &self.0.import_values {
            None => List::nil(types::LIST),
            Some(imports) => imports.iter().map(import_value).collect(),
        };
        vec![
            field("Name", Value::from(self.0.name.as_str())),
            field("Version", Value::from(self.0.version.as_str())),
            field("Repository", Value::from(self.0.repository.as_str())),
            field("Condition", Value::from(self.0.condition.as_str())),
            field("Tags", texts(self.0.tags.as_deref())),
            field("Enabled", Value::Bool(self.0.enabled)),
            field("ImportValues", Value::List(imports)),
            field("Alias", Value::from(self.0.alias.as_str())),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An import that was made is a pair of texts.
fn import_value(import: &serde_json::Value) -> Value {
    match import {
        serde_json::Value::Object(pair) if pair.contains_key(DONE) => {
            let text =
                |key: &str| Value::from(pair.get(key).and_then(serde_json::Value::as_str).unwrap_or(""));
            let entries = [("child", text("child")), ("parent", text("parent"))];
            let entries = entries.into_iter().map(|(key, value)| (Str::from(key), value)).collect();
            Value::Map(Map::with_entries(types::STRING_MAP, entries))
        }
        other => slipway_gotmpl::from_json(other, slipway_gotmpl::Numbers::Float),
    }
}

/// What `.Capabilities` is made of.
#[derive(Clone, Debug)]
pub(crate) struct Capabilities {
    pub(crate) kube_version: KubeVersion,
    pub(crate) api_versions: ApiVersions,
    /// The version of Helm, such as `v3.22.0`.
    pub(crate) helm_version: &'static str,
    pub(crate) go_version: &'static str,
    pub(crate) usage: CapabilitiesUse,
}

/// Whether anything depends on what `.Capabilities` say of a cluster. Clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct CapabilitiesUse(Option<Rc<Cell<bool>>>);

impl CapabilitiesUse {
    /// Not yet used; `of_cluster` is whether they say anything of a cluster.
    pub(crate) fn new(of_cluster: bool) -> Self {
        Self(of_cluster.then(Rc::default))
    }

    /// Says that something depends on them.
    pub(crate) fn note(&self) {
        if let Some(used) = &self.0 {
            used.set(true);
        }
    }

    /// Whether anything does.
    pub(crate) fn happened(&self) -> bool {
        self.0.as_ref().is_some_and(|used| used.get())
    }
}

/// Which API versions are known.
#[derive(Clone, Debug)]
pub(crate) enum ApiVersions {
    /// Helm's own list and these.
    Known(Vec<String>),
    /// Those that a cluster serves.
    Served(Arc<ClusterSnapshot>),
}

impl Capabilities {
    /// The value of `.Capabilities`.
    pub(crate) fn value(&self) -> Value {
        let versions: Vec<Value> = match &self.api_versions {
            ApiVersions::Known(added) => {
                let known = super::api_versions::ALL.iter().copied().map(Str::from_static);
                known.chain(added.iter().map(Str::from)).map(Value::String).collect()
            }
            ApiVersions::Served(cluster) => cluster
                .capabilities()
                .api_versions
                .iter()
                .map(|each| Value::String(Str::from(each)))
                .collect(),
        };
        object(CapabilitiesObject {
            usage: self.usage.clone(),
            kube_version: object(KubeVersionObject(self.kube_version.clone())),
            api_versions: Value::List(List::of(VERSION_SET, versions)),
            helm_version: object(BuildInfo { version: self.helm_version, go_version: self.go_version }),
        })
    }
}

struct CapabilitiesObject {
    usage: CapabilitiesUse,
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_of(&self) -> &'static Type {
        CAPABILITIES
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.usage.note();
        match name {
            "KubeVersion" => Some(self.kube_version.clone()),
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => Some(self.helm_version.clone()),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<StructField> {
        self.usage.note();
        vec![
            field("KubeVersion", self.kube_version.clone()),
            field("APIVersions", self.api_versions.clone()),
            field("HelmVersion", self.helm_version.clone()),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct KubeVersionObject(KubeVersion);

impl Object for KubeVersionObject {
    fn type_of(&self) -> &'static Type {
        KUBE_VERSION
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.value)
    }

    fn fields(&self) -> Vec<StructField> {
        vec![
            field("Version", Value::from(self.0.version.as_str())),
            field("Major", Value::from(self.0.major.as_str())),
            field("Minor", Value::from(self.0.minor.as_str())),
        ]
    }

    fn pointer_string(&self) -> Option<Str> {
        Some(Str::from(&self.0.version))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct BuildInfo {
    version: &'static str,
    go_version: &'static str,
}

impl Object for BuildInfo {
    fn type_of(&self) -> &'static Type {
        BUILD_INFO
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.value)
    }

    fn fields(&self) -> Vec<StructField> {
        vec![
            field("Version", Value::from(self.version)),
            field("GitCommit", Value::from("")),
            field("GitTreeState", Value::from("")),
            field("GoVersion", Value::from(self.go_version)),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The fields of a struct of Helm under their names in JSON, without what `omitempty` leaves out.
pub(crate) fn json_fields(object: &dyn Object) -> Option<Vec<(String, Value)>> {
    if let Some(chart) = object.downcast::<ChartObject>() {
        let mut fields = chart.metadata.json_fields();
        fields.push(("IsRoot".to_owned(), Value::Bool(chart.is_root)));
        return Some(fields);
    }
    if let Some(metadata) = object.downcast::<MetadataObject>() {
        return Some(metadata.json_fields());
    }
    let tags: &[&str] = if object.downcast::<MaintainerObject>().is_some() {
        &["name", "email", "url"]
    } else if object.downcast::<DependencyObject>().is_some() {
        &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"]
    } else if object.downcast::<BuildInfo>().is_some() {
        &["version", "git_commit", "git_tree_state", "go_version"]
    } else {
        return None;
    };
    let always = ["repository"];
    let dependency = object.downcast::<DependencyObject>().is_some();
    let fields = object.fields().into_iter().zip(tags).filter(|(field, tag)| {
        field.value.is_true() || dependency && (always.contains(tag) || **tag == "name")
    });
    Some(fields.map(|(field, tag)| ((*tag).to_owned(), field.value)).collect())
}

impl MetadataObject {
    fn json_fields(&self) -> Vec<(String, Value)> {
        FIELDS
            .iter()
            .filter_map(|(name, tag)| Some(((*tag).to_owned(), self.value(name)?)))
            .filter(|(_, value)| value.is_true())
            .collect()
    }
}
