//! OpenAPI v3 documents, one per group and version, made from the schema tables: enough for kubectl to know
//! what it can send, to explain fields and to compute strategic merge patches.

pub(crate) mod v2;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use slipway_schema::types::{self, Container, Element, Field, Scalar};

use crate::registry::{Api, Origin, Registry};

/// `/openapi/v3`: where the documents are.
pub(crate) fn index(registry: &Registry) -> Value {
    let mut versions = BTreeSet::new();
    for api in registry.all() {
        versions.insert((api.group.clone(), api.version.clone()));
    }
    let paths: Map<String, Value> = versions
        .into_iter()
        .map(|(group, version)| {
            let path =
                if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
            let is_fixed = registry
                .all()
                .filter(|api| api.group == group && api.version == version)
                .all(|api| api.is_built_in());
            let generation = if is_fixed { 0 } else { registry.generation() };
            let hash =
                crate::clock::template_hash(&json!([slipway_schema::KUBERNETES_VERSION, path, generation]));
            let url = format!("/openapi/v3/{path}?hash={hash}");
            (path, json!({"serverRelativeURL": url}))
        })
        .collect();
    json!({"paths": paths})
}

/// The document of one group and version.
pub(crate) fn document(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let apis: Vec<_> = registry.all().filter(|api| api.group == group && api.version == version).collect();
    if apis.is_empty() {
        return None;
    }
    let mut wanted = BTreeSet::from([
        "meta.v1.ObjectMeta".to_owned(),
        "meta.v1.OwnerReference".to_owned(),
        "meta.v1.ManagedFieldsEntry".to_owned(),
    ]);
    let (mut schemas, mut paths) = (BTreeMap::new(), Map::new());
    for api in apis {
        let name = match &api.origin {
            Origin::BuiltIn => {
                let resource = slipway_schema::kinds::find(group, version, &api.kind)?;
                collect(resource.type_name, &mut wanted);
                full_name(resource.type_name)
            }
            Origin::Custom(definition) => {
                let name = custom_name(api);
                let mut schema = definition
                    .pointer("/schema/openAPIV3Schema")
                    .cloned()
                    .unwrap_or_else(|| json!({"type": "object"}));
                complete(&mut schema);
                mark(&mut schema, api);
                schemas.insert(name.clone(), schema);
                name
            }
            Origin::WithoutSchema => {
                let name = custom_name(api);
                let mut schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
                complete(&mut schema);
                mark(&mut schema, api);
                schemas.insert(name.clone(), schema);
                name
            }
        };
        add_paths(api, &name, &mut paths);
    }
    let mut kinds: BTreeMap<&str, Vec<&slipway_schema::Resource>> = BTreeMap::new();
    for resource in slipway_schema::kinds::all() {
        kinds.entry(resource.type_name).or_default().push(resource);
    }
    for name in &wanted {
        let Some(structure) = types::find(name) else { continue };
        let mut schema = structure_schema(structure, "#/components/schemas/");
        if let Some(list) = kinds.get(name.as_str()) {
            schema["x-kubernetes-group-version-kind"] = list
                .iter()
                .map(|each| json!({"group": each.group, "version": each.version, "kind": each.kind}))
                .collect();
        }
        schemas.insert(full_name(name), schema);
    }
    for (name, schema) in scalars() {
        schemas.insert(name.to_owned(), schema);
    }
    Some(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": format!("v{}", slipway_schema::KUBERNETES_VERSION)},
        "paths": paths,
        "components": {"schemas": schemas},
    }))
}

/// The types a type refers to, itself included.
fn collect(name: &str, wanted: &mut BTreeSet<String>) {
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if !wanted.insert(name.clone()) {
            continue;
        }
        let Some(structure) = types::find(&name) else { continue };
        for field in structure.fields.values() {
            if let Element::Struct(target) = field.element
                && !wanted.contains(target)
            {
                open.push(target.to_owned());
            }
        }
    }
}

/// `core.v1.Pod` → `io.k8s.api.core.v1.Pod`.
pub(crate) fn full_name(name: &str) -> String {
    let package = name.split('.').next().unwrap_or_default();
    match package {
        "meta" => format!("io.k8s.apimachinery.pkg.apis.{name}"),
        "apiextensions" => format!("io.k8s.apiextensions-apiserver.pkg.apis.{name}"),
        "apiregistration" => format!("io.k8s.kube-aggregator.pkg.apis.{name}"),
        _ => format!("io.k8s.api.{name}"),
    }
}

/// `example.com`, `v1`, `Widget` → `com.example.v1.Widget`.
pub(crate) fn custom_name(api: &Api) -> String {
    let group: Vec<&str> = api.group.rsplit('.').collect();
    format!("{}.{}.{}", group.join("."), api.version, api.kind)
}

fn mark(schema: &mut Value, api: &Api) {
    schema["x-kubernetes-group-version-kind"] =
        json!([{"group": api.group, "version": api.version, "kind": api.kind}]);
}

/// Adds the fields every object has to the schema of a custom resource.
fn complete(schema: &mut Value) {
    if !schema.is_object() {
        *schema = json!({"type": "object"});
    }
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    let metadata = "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    schema["properties"]["apiVersion"] = json!({"type": "string"});
    schema["properties"]["kind"] = json!({"type": "string"});
    schema["properties"]["metadata"] = json!({"$ref": metadata});
}

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const INT_OR_STRING: &str = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
const TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";

pub(crate) fn scalars() -> [(&'static str, Value); 3] {
    [
        (QUANTITY, json!({"oneOf": [{"type": "string"}, {"type": "number"}]})),
        (
            INT_OR_STRING,
            json!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}),
        ),
        (TIME, json!({"type": "string", "format": "date-time"})),
    ]
}

/// The schema of a structure. `prefix` is where references point.
pub(crate) fn structure_schema(structure: &types::Type, prefix: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, field) in &structure.fields {
        properties.insert((*name).to_owned(), field_schema(field, prefix));
        if field.required {
            required.push(*name);
        }
    }
    let mut schema = json!({"type": "object", "description": structure.name, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn field_schema(field: &Field, prefix: &str) -> Value {
    let reference = |name: &str| json!({"$ref": format!("{prefix}{name}")});
    let element = match field.element {
        Element::Any => json!({"x-kubernetes-preserve-unknown-fields": true, "type": "object"}),
        Element::Struct(name) => reference(&full_name(name)),
        Element::Scalar(scalar) => match scalar {
            Scalar::String => json!({"type": "string"}),
            Scalar::Bytes => json!({"type": "string", "format": "byte"}),
            Scalar::Integer => json!({"type": "integer", "format": "int64"}),
            Scalar::Number => json!({"type": "number", "format": "double"}),
            Scalar::Boolean => json!({"type": "boolean"}),
            Scalar::Time => reference(TIME),
            Scalar::Quantity => reference(QUANTITY),
            Scalar::IntOrString => reference(INT_OR_STRING),
            Scalar::Strings => json!({"type": "array", "items": {"type": "string"}}),
        },
    };
    let is_reference = element.get("$ref").is_some();
    let mut schema = match field.container {
        Container::List => json!({"type": "array", "items": element}),
        Container::Map => json!({"type": "object", "additionalProperties": element}),
        // A reference may have no siblings, so facts about the field go around it.
        Container::Single
            if is_reference
                && (field.atomic || !field.patch_strategies.is_empty())
                && prefix.contains("components") =>
        {
            json!({"allOf": [element]})
        }
        Container::Single => element,
    };
    if schema.get("$ref").is_some() {
        return schema;
    }
    if let Some(list) = field.list_type {
        schema["x-kubernetes-list-type"] = json!(match list {
            slipway_schema::ListType::Atomic => "atomic",
            slipway_schema::ListType::Set => "set",
            slipway_schema::ListType::Map => "map",
        });
    }
    if !field.keys.is_empty() {
        schema["x-kubernetes-list-map-keys"] = json!(field.keys);
    }
    if field.atomic {
        schema["x-kubernetes-map-type"] = json!("atomic");
    }
    if !field.patch_strategies.is_empty() {
        schema["x-kubernetes-patch-strategy"] = json!(field.patch_strategies.join(","));
    }
    if let Some(key) = field.merge_key {
        schema["x-kubernetes-patch-merge-key"] = json!(key);
    }
    schema
}

/// The paths of a kind: kubectl reads from them what can be patched how, and which parameters there are.
fn add_paths(api: &Api, schema: &str, paths: &mut Map<String, Value>) {
    let base = if api.group.is_empty() {
        format!("/api/{}", api.version)
    } else {
        format!("/apis/{}/{}", api.group, api.version)
    };
    let collection = if api.namespaced {
        format!("{base}/namespaces/{{namespace}}/{}", api.plural)
    } else {
        format!("{base}/{}", api.plural)
    };
    let kind = json!({"group": api.group, "version": api.version, "kind": api.kind});
    let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
    let parameter =
        |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let write: Vec<Value> = ["dryRun", "fieldManager", "fieldValidation"].map(parameter).to_vec();
    let operation = |action: &str, parameters: &[Value], body: Option<Value>| {
        let mut out = json!({
            "parameters": parameters,
            "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": reference}}}},
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": kind,
        });
        if let Some(body) = body {
            out["requestBody"] = json!({"content": body});
        }
        out
    };
    let object = json!({"*/*": {"schema": reference}});
    let mut patch_types =
        vec!["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
    if api.is_built_in() {
        patch_types.push("application/strategic-merge-patch+json");
    }
    let patch: Map<String, Value> = patch_types
        .into_iter()
        .map(|each| (each.to_owned(), json!({"schema": {"type": "object"}})))
        .collect();
    let can = |verb: &str| api.verbs.iter().any(|each| each == verb);
    let (mut on_collection, mut on_object) = (Map::new(), Map::new());
    if can("list") {
        on_collection.insert("get".to_owned(), operation("list", &[], None));
    }
    if can("create") {
        on_collection.insert("post".to_owned(), operation("post", &write, Some(object.clone())));
    }
    if can("get") {
        on_object.insert("get".to_owned(), operation("get", &[], None));
    }
    if can("update") {
        on_object.insert("put".to_owned(), operation("put", &write, Some(object)));
    }
    if can("patch") {
        let mut parameters = write;
        parameters.push(
            json!({"name": "force", "in": "query", "schema": {"type": "boolean", "uniqueItems": true}}),
        );
        on_object.insert("patch".to_owned(), operation("patch", &parameters, Some(Value::Object(patch))));
    }
    if can("delete") {
        on_object.insert("delete".to_owned(), operation("delete", &[parameter("dryRun")], None));
    }
    paths.insert(collection.clone(), Value::Object(on_collection));
    if !on_object.is_empty() {
        paths.insert(format!("{collection}/{{name}}"), Value::Object(on_object));
    }
}
