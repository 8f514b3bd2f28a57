//! The schema of an object, wherever it comes from: the built-in tables, the structural schema of a custom
//! resource definition, or nothing at all. Server-side apply, field validation and defaulting walk it.

use serde_json::Value;
use slipway_schema::types::{Container, Element, Field, Scalar, Shape};
use slipway_schema::{ListType, types};

/// A place in a schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schema<'a> {
    /// A type of the tables and the field that has it.
    BuiltIn { shape: Shape, field: Option<&'static Field> },
    /// A JSON schema; at the root, `apiVersion`, `kind` and `metadata` are those of every object.
    Custom { schema: &'a Value, root: bool },
    /// Nothing is known: maps are merged, lists are replaced.
    Untyped,
}

/// How server-side apply treats a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Structure {
    /// Owned as a whole.
    Atomic,
    /// Fields of their own; `true` where the keys are declared (a struct) and not free (a map).
    Map,
    /// A list of scalars, each owned by itself.
    Set,
    /// A list of maps, told apart by keys.
    ListMap(Vec<String>),
}

impl<'a> Schema<'a> {
    pub(crate) fn of_kind(api_version: &str, kind: &str) -> Self {
        match Shape::of_kind(api_version, kind) {
            Shape::ANY => Self::Untyped,
            shape => Self::BuiltIn { shape, field: None },
        }
    }

    /// An object about which only the metadata is known.
    pub(crate) fn open() -> Self {
        static OPEN: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
        let schema = OPEN.get_or_init(|| serde_json::json!({"x-kubernetes-preserve-unknown-fields": true}));
        Self::Custom { schema, root: true }
    }

    fn metadata() -> Self {
        Self::BuiltIn {
            shape: Shape { container: Container::Single, element: Element::Struct("meta.v1.ObjectMeta") },
            field: None,
        }
    }

    /// How server-side apply treats `value` here.
    pub(crate) fn structure(&self, value: &Value) -> Structure {
        match value {
            Value::Object(_) => match self {
                Self::BuiltIn { field: Some(field), .. } if field.atomic => Structure::Atomic,
                Self::Custom { schema, .. } if schema["x-kubernetes-map-type"] == "atomic" => {
                    Structure::Atomic
                }
                _ => Structure::Map,
            },
            Value::Array(_) => match self {
                Self::BuiltIn { field: Some(field), shape } if shape.container == Container::List => {
                    match field.list_type.unwrap_or(ListType::Atomic) {
                        ListType::Atomic => Structure::Atomic,
                        ListType::Set => Structure::Set,
                        ListType::Map => {
                            Structure::ListMap(field.keys.iter().map(|key| (*key).to_owned()).collect())
                        }
                    }
                }
                Self::Custom { schema, .. } => match schema["x-kubernetes-list-type"].as_str() {
                    Some("set") => Structure::Set,
                    Some("map") => {
                        let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
                        Structure::ListMap(keys.filter_map(Value::as_str).map(str::to_owned).collect())
                    }
                    _ => Structure::Atomic,
                },
                _ => Structure::Atomic,
            },
            _ => Structure::Atomic,
        }
    }

    /// Whether `key` is a declared field here, rather than a key of a map.
    pub(crate) fn declares(&self, key: &str) -> bool {
        match self {
            Self::BuiltIn { shape, .. } => shape.field(key).is_some(),
            Self::Custom { schema, root } => {
                schema["properties"].get(key).is_some()
                    || *root && matches!(key, "apiVersion" | "kind" | "metadata")
            }
            Self::Untyped => false,
        }
    }

    /// The schema of the value at a key.
    pub(crate) fn key(&self, key: &str) -> Self {
        match self {
            Self::BuiltIn { shape, .. } => match shape.field(key) {
                Some(field) => Self::BuiltIn { shape: field.shape(), field: Some(field) },
                None => match shape.key(key) {
                    Shape::ANY => Self::Untyped,
                    shape => Self::BuiltIn { shape, field: None },
                },
            },
            Self::Custom { root: true, .. } if key == "metadata" => Self::metadata(),
            Self::Custom { schema, .. } => {
                let embedded = schema["x-kubernetes-embedded-resource"] == true && key == "metadata";
                if embedded {
                    return Self::metadata();
                }
                let below = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
                below
                    .filter(|below| below.is_object())
                    .map_or(Self::Untyped, |schema| Self::Custom { schema, root: false })
            }
            Self::Untyped => Self::Untyped,
        }
    }

    /// The schema of the items of a list.
    pub(crate) fn item(&self) -> Self {
        match self {
            Self::BuiltIn { shape, .. } => match shape.item() {
                Shape::ANY => Self::Untyped,
                shape => Self::BuiltIn { shape, field: None },
            },
            Self::Custom { schema, .. } => schema
                .get("items")
                .filter(|items| items.is_object())
                .map_or(Self::Untyped, |schema| Self::Custom { schema, root: false }),
            Self::Untyped => Self::Untyped,
        }
    }

    /// The value a key of a list that is a map has where an item omits it.
    pub(crate) fn key_default(&self, key: &str) -> Option<Value> {
        match self {
            // The one key with a default among the built-in types; the published schema declares it.
            Self::BuiltIn { .. } => (key == "protocol").then(|| Value::from("TCP")),
            Self::Custom { schema, .. } => {
                schema.pointer(&format!("/items/properties/{key}/default")).cloned()
            }
            Self::Untyped => None,
        }
    }

    /// Whether anything may be here, undeclared fields included.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::BuiltIn { shape, .. } => shape.container == Container::Map || shape.element == Element::Any,
            Self::Custom { schema, .. } => {
                schema["x-kubernetes-preserve-unknown-fields"] == true
                    || schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false))
                    || schema.get("properties").is_none()
            }
            Self::Untyped => true,
        }
    }

    /// What the value should be and is not, in the words of a decoder: `string`, `integer`, `map`, `list`.
    pub(crate) fn mismatch(&self, value: &Value) -> Option<&'static str> {
        if value.is_null() {
            return None;
        }
        match self {
            Self::BuiltIn { shape, .. } => match shape.container {
                Container::List => (!value.is_array()).then_some("list"),
                Container::Map => (!value.is_object()).then_some("map"),
                Container::Single => match shape.element {
                    Element::Any => None,
                    Element::Struct(_) => (!value.is_object()).then_some("map"),
                    Element::Scalar(scalar) => scalar_mismatch(scalar, value),
                },
            },
            Self::Custom { schema, .. } => {
                if schema["x-kubernetes-int-or-string"] == true {
                    return (!value.is_string() && !value.is_i64()).then_some("integer or string");
                }
                match schema["type"].as_str() {
                    Some("string") => (!value.is_string()).then_some("string"),
                    Some("integer") => (!is_integer(value)).then_some("integer"),
                    Some("number") => (!value.is_number()).then_some("number"),
                    Some("boolean") => (!value.is_boolean()).then_some("boolean"),
                    Some("array") => (!value.is_array()).then_some("array"),
                    Some("object") => (!value.is_object()).then_some("object"),
                    _ => None,
                }
            }
            Self::Untyped => None,
        }
    }

    /// The declared fields that must be there.
    pub(crate) fn required(&self) -> Vec<&'a str> {
        match self {
            Self::BuiltIn { shape, .. } => shape.structure().map_or_else(Vec::new, required_fields),
            Self::Custom { schema, .. } => {
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
            }
            Self::Untyped => Vec::new(),
        }
    }
}

fn required_fields<'a>(structure: &'static types::Type) -> Vec<&'a str> {
    structure.fields.iter().filter(|(_, field)| field.required).map(|(name, _)| *name).collect()
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn scalar_mismatch(scalar: Scalar, value: &Value) -> Option<&'static str> {
    match scalar {
        Scalar::String | Scalar::Bytes | Scalar::Time => (!value.is_string()).then_some("string"),
        Scalar::Integer => (!is_integer(value)).then_some("integer"),
        Scalar::Number => (!value.is_number()).then_some("number"),
        Scalar::Boolean => (!value.is_boolean()).then_some("boolean"),
        Scalar::Quantity => (!value.is_string() && !value.is_number()).then_some("quantity"),
        Scalar::IntOrString => (!value.is_string() && !is_integer(value)).then_some("integer or string"),
        Scalar::Strings => (!value.is_array()).then_some("list"),
    }
}
