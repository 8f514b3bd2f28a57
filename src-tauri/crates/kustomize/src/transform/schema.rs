//! Which lists strategic merge merges, and by which keys: kustomize's built-in schema, or the one of `openapi.path`.
//!
//! kustomize 5.8 knows Kubernetes 1.21.2 and nothing newer, whatever cluster the result is for; to come to the same
//! result the tables here are of that version, not those of `slipway_schema`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::failure::Failure;

const KINDS: &str = include_str!("tables/kinds.txt");
const TYPES: &str = include_str!("tables/types.txt");

/// References inside a schema that are followed one after the other before they are taken for a circle.
const MAX_REFERENCES: usize = 64;

/// A schema: what is built in, or a document that replaces it. A clone shares it.
#[derive(Clone, Debug, Default)]
pub struct Schema(Option<Arc<Custom>>);

#[derive(Clone, Debug)]
pub(crate) struct Custom {
    document: Value,
    /// Whether what is built in is known too, and counts first.
    with_builtin: bool,
    /// The name of the definition of a kind, by `apiVersion` and kind.
    kinds: HashMap<(String, String), String>,
}

/// A place in a schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'a> {
    Type(&'a Type),
    List(&'a Field),
    Custom { schema: &'a Custom, at: &'a Value },
}

/// A structure of the built-in schema: its fields that lead to merged lists.
#[derive(Debug, Default)]
pub(crate) struct Type(HashMap<&'static str, Field>);

#[derive(Debug)]
pub(crate) struct Field {
    /// The keys of a merged list; `None` for a structure.
    keys: Option<Vec<&'static str>>,
    type_name: &'static str,
}

impl Schema {
    /// The schema that kustomize brings along.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// A schema of its own (`openapi: {path: …}`), decoded; nothing built in is known beside it.
    ///
    /// # Errors
    /// When the document is no OpenAPI document.
    pub fn parse(document: Value) -> Result<Self, Failure> {
        let invalid =
            |reason: &str| Err(Failure::new("kustomize-openapi", format!("invalid schema file: {reason}")));
        let definitions = match &document {
            Value::Null => None,
            Value::Object(map) => map.get("definitions"),
            _ => return invalid("it must be a map"),
        };
        let definitions = match definitions {
            None | Some(Value::Null) => None,
            Some(Value::Object(definitions)) => Some(definitions),
            Some(_) => return invalid("`definitions` must be a map"),
        };
        let mut kinds = HashMap::new();
        let mut names: Vec<&String> = definitions.into_iter().flat_map(|map| map.keys()).collect();
        names.sort();
        for name in names {
            let definition = document.get("definitions").and_then(|definitions| definitions.get(name));
            let listed = definition.and_then(|definition| definition.get("x-kubernetes-group-version-kind"));
            for entry in listed.and_then(Value::as_array).into_iter().flatten() {
                let text = |field: &str| entry.get(field).and_then(Value::as_str);
                let (Some(version), Some(kind)) = (text("version"), text("kind")) else {
                    return invalid(&format!(
                        "`x-kubernetes-group-version-kind` of `{name}` needs `version` and `kind` as text"
                    ));
                };
                let api_version = match text("group") {
                    Some(group) if !group.is_empty() => format!("{group}/{version}"),
                    _ => version.to_owned(),
                };
                kinds.insert((api_version, kind.to_owned()), name.clone());
            }
        }
        Ok(Self(Some(Arc::new(Custom { document, with_builtin: false, kinds }))))
    }

    /// The same beside the built-in one, which counts first.
    #[must_use]
    pub fn with_builtin(mut self) -> Self {
        if let Some(custom) = &mut self.0 {
            Arc::make_mut(custom).with_builtin = true;
        }
        self
    }

    /// Whether kustomize knows by heart if objects of a kind live in a namespace.
    #[must_use]
    pub fn knows_scope(api_version: &str, kind: &str) -> bool {
        builtin().scoped.contains(&(api_version, kind))
    }

    /// Whether it is the built-in one.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.0.is_none()
    }

    /// What is known about objects of a kind.
    pub(crate) fn of_kind(&self, api_version: &str, kind: &str) -> Option<Node<'_>> {
        let known = || {
            let name = builtin().kinds.get(&(api_version, kind))?;
            Some(Node::Type(builtin().types.get(name)?))
        };
        let Some(schema) = &self.0 else { return known() };
        if schema.with_builtin
            && let Some(known) = known()
        {
            return Some(known);
        }
        let name = schema.kinds.get(&(api_version.to_owned(), kind.to_owned()))?;
        Some(Node::Custom { schema, at: schema.document.get("definitions")?.get(name)? })
    }
}

impl<'a> Node<'a> {
    /// The field of a structure, or what every key of a map has.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        match self {
            Node::Type(fields) => {
                let field = fields.0.get(name)?;
                if field.keys.is_some() { Some(Node::List(field)) } else { type_of(field.type_name) }
            }
            Node::List(_) => None,
            Node::Custom { schema, at } => {
                let declared = at.get("properties").and_then(|properties| properties.get(name));
                let child = match declared {
                    Some(child) => child,
                    None => at.get("additionalProperties").filter(|schema| schema.is_object())?,
                };
                follow(schema, child)
            }
        }
    }

    /// What the items of a list have.
    pub(crate) fn items(self) -> Option<Self> {
        match self {
            Node::Type(_) => None,
            Node::List(field) => type_of(field.type_name),
            Node::Custom { schema, at } => {
                let is_list = match at.get("type") {
                    Some(Value::String(name)) => name == "array",
                    Some(Value::Array(names)) => names.len() == 1 && names[0] == "array",
                    _ => false,
                };
                if is_list { follow(schema, at.get("items")?) } else { None }
            }
        }
    }

    /// The keys by which a list is merged, none for a list of scalars; `None` where a list is replaced.
    pub(crate) fn merge_keys(self) -> Option<Vec<&'a str>> {
        match self {
            Node::Type(_) => None,
            Node::List(field) => field.keys.clone(),
            Node::Custom { at, .. } => {
                let strategy = at.get("x-kubernetes-patch-strategy")?.as_str()?;
                if !strategy.split(',').any(|each| each == "merge") {
                    return None;
                }
                let keys = at.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
                let key = at.get("x-kubernetes-patch-merge-key").and_then(Value::as_str);
                Some(match keys {
                    Some(keys) => keys.iter().filter_map(Value::as_str).collect(),
                    None => key.into_iter().collect(),
                })
            }
        }
    }
}

/// Follows `$ref` to the definition it means.
fn follow<'a>(schema: &'a Custom, mut at: &'a Value) -> Option<Node<'a>> {
    for _ in 0..MAX_REFERENCES {
        let Some(reference) = at.get("$ref").and_then(Value::as_str) else {
            return Some(Node::Custom { schema, at });
        };
        let pointer = reference.strip_prefix('#')?;
        if schema.with_builtin
            && let Some(known) = pointer.strip_prefix("/definitions/").and_then(definition)
        {
            return Some(known);
        }
        at = schema.document.pointer(pointer)?;
    }
    None
}

/// A built-in type by the name of its definition.
fn definition(name: &str) -> Option<Node<'static>> {
    const PREFIXES: &[&str] =
        &["api.", "apimachinery.pkg.apis.", "kube-aggregator.pkg.apis.", "apiextensions-apiserver.pkg.apis."];
    let name = name.strip_prefix("io.k8s.")?;
    PREFIXES.iter().find_map(|prefix| type_of(name.strip_prefix(prefix)?))
}

struct Builtin {
    kinds: HashMap<(&'static str, &'static str), &'static str>,
    types: HashMap<&'static str, Type>,
    /// The kinds whose scope is known.
    scoped: HashSet<(&'static str, &'static str)>,
}

fn type_of(name: &str) -> Option<Node<'static>> {
    builtin().types.get(name).map(Node::Type)
}

fn builtin() -> &'static Builtin {
    static ALL: OnceLock<Builtin> = OnceLock::new();
    ALL.get_or_init(|| {
        let rows = |table: &'static str| table.lines().filter(|line| !line.starts_with('#'));
        let (mut kinds, mut scoped) = (HashMap::new(), HashSet::new());
        for row in rows(KINDS) {
            let mut words = row.split(' ');
            let (Some(version), Some(kind), Some(scope), Some(type_name)) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            kinds.insert((version, kind), type_name);
            if scope != "-" {
                scoped.insert((version, kind));
            }
        }
        let mut types: HashMap<&str, Type> = HashMap::new();
        let mut block = "";
        for row in rows(TYPES) {
            let Some(row) = row.strip_prefix(' ') else {
                block = row;
                continue;
            };
            let mut words = row.split(' ');
            let (Some(name), Some(shape), Some(type_name)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let keys = shape.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let keys = keys.map(|keys| keys.split(',').filter(|key| !key.is_empty()).collect());
            types.entry(block).or_default().0.insert(name, Field { keys, type_name });
        }
        Builtin { kinds, types, scoped }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tables_lead_somewhere() {
        let all = builtin();
        for row in KINDS.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(row.split(' ').count(), 4, "{row}");
        }
        for (kind, name) in &all.kinds {
            assert!(*name == "-" || all.types.contains_key(name), "{kind:?}: {name}");
        }
        for (name, fields) in &all.types {
            for (field, target) in &fields.0 {
                let known = target.type_name == "-" || all.types.contains_key(target.type_name);
                assert!(known, "{name}.{field}: {}", target.type_name);
            }
        }
    }

    #[test]
    fn the_scopes_are_those_of_the_resources() {
        for row in KINDS.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = row.split(' ').collect();
            let cluster = crate::resource::is_certainly_cluster_scoped(words[0], words[1]);
            assert_eq!(cluster, words[2] == "cluster", "{row}");
        }
    }

    fn keys<'a>(schema: &'a Schema, api_version: &str, kind: &str, path: &[&str]) -> Option<Vec<&'a str>> {
        let mut node = schema.of_kind(api_version, kind)?;
        for step in path {
            node = if *step == "[]" { node.items()? } else { node.field(step)? };
        }
        node.merge_keys()
    }

    #[test]
    fn lists_have_the_keys_of_kubernetes_1_21() {
        let schema = Schema::builtin();
        let containers = ["spec", "template", "spec", "containers"];
        assert_eq!(keys(&schema, "apps/v1", "Deployment", &containers), Some(vec!["name"]));
        assert_eq!(
            keys(&schema, "v1", "Pod", &["spec", "containers", "[]", "ports"]),
            Some(vec!["containerPort", "protocol"])
        );
        assert_eq!(keys(&schema, "v1", "Service", &["spec", "ports"]), Some(vec!["port", "protocol"]));
        assert_eq!(keys(&schema, "v1", "Pod", &["metadata", "finalizers"]), Some(vec![]));
        assert_eq!(keys(&schema, "v1", "Pod", &["spec", "tolerations"]), None);
        assert_eq!(keys(&schema, "extensions/v1beta1", "Deployment", &containers), None);
        assert_eq!(keys(&schema, "v1", "Pod", &["spec", "schedulingGates"]), None, "added in 1.26");
    }

    #[test]
    fn a_schema_of_its_own_replaces_the_built_in_one() {
        let schema = Schema::parse(json!({"definitions": {
            "v1.Thing": {
                "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Thing"}],
                "properties": {"spec": {"$ref": "#/definitions/v1.Spec"}, "loop": {"$ref": "#/definitions/loop"},
                    "pod": {"$ref": "#/definitions/io.k8s.api.core.v1.PodSpec"}}
            },
            "v1.Spec": {"properties": {
                "parts": {"type": "array", "items": {"$ref": "#/definitions/v1.Part"},
                    "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"}
            }},
            "v1.Part": {"additionalProperties": {"type": "array", "items": {}, "x-kubernetes-patch-strategy": "merge",
                "x-kubernetes-list-map-keys": ["a", "b"]}},
            "loop": {"$ref": "#/definitions/loop"}
        }}))
        .unwrap();
        let of = |path: &[&str]| keys(&schema, "example.com/v1", "Thing", path);
        assert_eq!(of(&["spec", "parts"]), Some(vec!["id"]));
        assert_eq!(of(&["spec", "parts", "[]", "anything"]), Some(vec!["a", "b"]));
        assert_eq!(of(&["loop"]), None);
        assert_eq!(of(&["pod", "containers"]), None);
        let both = schema.clone().with_builtin();
        assert_eq!(keys(&both, "example.com/v1", "Thing", &["pod", "containers"]), Some(vec!["name"]));
        assert_eq!(keys(&both, "v1", "Pod", &["spec", "containers"]), Some(vec!["name"]));
        assert_eq!(keys(&schema, "v1", "Pod", &["spec", "containers"]), None);
        assert!(Schema::parse(json!([])).is_err());
    }
}
