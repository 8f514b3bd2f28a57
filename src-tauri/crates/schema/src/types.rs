//! The types of the built-in kinds and their fields.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use slipway_model::{FieldPath, Segment};

use crate::lists::ListType;
use crate::{kinds, tables};

/// A structure with named fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// Its name: `core.v1.Container`.
    pub name: &'static str,
    /// Its fields by name.
    pub fields: BTreeMap<&'static str, Field>,
}

/// Whether a field holds one value or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// One value.
    Single,
    /// A list of values.
    List,
    /// Values by arbitrary keys.
    Map,
}

/// A value without fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Base64 text.
    Bytes,
    /// An RFC 3339 time.
    Time,
    /// A quantity such as `100m`; written as text or number.
    Quantity,
    /// A number or text such as `25%`.
    IntOrString,
    /// A list of texts inside a map.
    Strings,
}

/// What one value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// A scalar.
    Scalar(Scalar),
    /// A structure.
    Struct(&'static str),
    /// Anything: embedded objects, JSON, structures without declared fields.
    Any,
}

/// A field of a [`Type`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// One value, a list or a map.
    pub container: Container,
    /// What each value is.
    pub element: Element,
    /// How server-side apply treats a list; absent where the schema says nothing (then atomic).
    pub list_type: Option<ListType>,
    /// The keys of a list that is a map.
    pub keys: Vec<&'static str>,
    /// The strategies of strategic merge: `merge`, `replace`, `retainKeys`.
    pub patch_strategies: Vec<&'static str>,
    /// The one key by which strategic merge matches items.
    pub merge_key: Option<&'static str>,
    /// A map or structure that server-side apply owns as a whole.
    pub atomic: bool,
    /// Whether the schema requires the field.
    pub required: bool,
}

/// What a value is: its container and its element. The handle for walking down typed objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// One value, a list or a map.
    pub container: Container,
    /// What each value is.
    pub element: Element,
}

impl Shape {
    /// A shape about which nothing is known.
    pub const ANY: Self = Self { container: Container::Single, element: Element::Any };

    /// The shape of a whole object; [`Shape::ANY`] for kinds that are not built in.
    #[must_use]
    pub fn of_kind(api_version: &str, kind: &str) -> Self {
        kinds::of_object(api_version, kind).map_or(Self::ANY, |resource| Self {
            container: Container::Single,
            element: Element::Struct(resource.type_name),
        })
    }

    /// The structure this is, if it is one.
    #[must_use]
    pub fn structure(self) -> Option<&'static Type> {
        match (self.container, self.element) {
            (Container::Single, Element::Struct(name)) => find(name),
            _ => None,
        }
    }

    /// The field `key` of a structure.
    #[must_use]
    pub fn field(self, key: &str) -> Option<&'static Field> {
        self.structure()?.fields.get(key)
    }

    /// One item of a list or map.
    #[must_use]
    pub fn item(self) -> Self {
        match self.container {
            Container::Single => Self::ANY,
            Container::List | Container::Map => Self { container: Container::Single, element: self.element },
        }
    }

    /// What is at `key` of a structure or map; [`Shape::ANY`] where nothing is known.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        match self.container {
            Container::Map => self.item(),
            _ => self.field(key).map_or(Self::ANY, Field::shape),
        }
    }
}

impl Field {
    /// The shape of the field's value.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape { container: self.container, element: self.element }
    }

    fn parse(row: &'static str) -> Option<(&'static str, Self)> {
        let mut columns = row.split(' ');
        let name = columns.next()?;
        let mut type_name = columns.next()?;
        let container = if let Some(rest) = type_name.strip_prefix("[]") {
            type_name = rest;
            Container::List
        } else if let Some(rest) = type_name.strip_prefix("{}") {
            type_name = rest;
            Container::Map
        } else {
            Container::Single
        };
        let mut field = Self {
            container,
            element: element(type_name),
            list_type: None,
            keys: Vec::new(),
            patch_strategies: Vec::new(),
            merge_key: None,
            atomic: false,
            required: false,
        };
        for word in columns {
            match word.split_once('=').unwrap_or((word, "")) {
                ("list", value) => field.list_type = ListType::parse(value),
                ("keys", value) => field.keys = tables::words(value),
                ("patch", value) => field.patch_strategies = tables::words(value),
                ("merge", value) => field.merge_key = Some(value),
                ("atomic", _) => field.atomic = true,
                ("required", _) => field.required = true,
                _ => return None,
            }
        }
        Some((name, field))
    }
}

fn element(name: &'static str) -> Element {
    Element::Scalar(match name {
        "string" => Scalar::String,
        "integer" => Scalar::Integer,
        "number" => Scalar::Number,
        "boolean" => Scalar::Boolean,
        "bytes" => Scalar::Bytes,
        "time" => Scalar::Time,
        "quantity" => Scalar::Quantity,
        "int-or-string" => Scalar::IntOrString,
        "strings" => Scalar::Strings,
        "any" => return Element::Any,
        name => return Element::Struct(name),
    })
}

/// Every type by name.
pub fn all() -> &'static BTreeMap<&'static str, Type> {
    static ALL: OnceLock<BTreeMap<&'static str, Type>> = OnceLock::new();
    ALL.get_or_init(|| {
        let blocks = tables::blocks(tables::TYPES);
        let names: std::collections::BTreeSet<&str> = blocks.iter().map(|(name, _)| *name).collect();
        let mut all = BTreeMap::new();
        for (name, rows) in &blocks {
            let mut fields: BTreeMap<_, _> = rows.iter().filter_map(|row| Field::parse(row)).collect();
            for field in fields.values_mut() {
                // Types without declared fields (`RawExtension`, `JSON`, …) are not in the table.
                if matches!(field.element, Element::Struct(target) if !names.contains(target)) {
                    field.element = Element::Any;
                }
            }
            all.insert(*name, Type { name, fields });
        }
        all
    })
}

/// Finds a type by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Type> {
    all().get(name)
}

/// The declaration of the field at a path of an object; `None` where a step is not declared (custom
/// resources, embedded objects) or the path ends in an item.
#[must_use]
pub fn field(api_version: &str, kind: &str, path: &FieldPath) -> Option<&'static Field> {
    let (last, parents) = path.segments().split_last()?;
    let shape = parents.iter().try_fold(Shape::of_kind(api_version, kind), |shape, segment| {
        let next = match (segment, shape.container) {
            (Segment::Index(_) | Segment::Keyed(_), Container::List) | (_, Container::Map) => shape.item(),
            (Segment::Key(key), Container::Single) => shape.key(key),
            _ => Shape::ANY,
        };
        (next != Shape::ANY).then_some(next)
    })?;
    match last {
        Segment::Key(key) => shape.field(key),
        Segment::Index(_) | Segment::Keyed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_field() {
        let rows: usize = tables::blocks(tables::TYPES).iter().map(|(_, rows)| rows.len()).sum();
        assert_eq!(all().values().map(|each| each.fields.len()).sum::<usize>(), rows);
    }

    #[test]
    fn a_path_leads_through_lists_and_maps() {
        let field = |path: &str| field("apps/v1", "Deployment", &path.parse().unwrap());
        let image = field("/spec/template/spec/containers/[name=api]/image").unwrap();
        assert_eq!(image.element, Element::Scalar(Scalar::String));
        assert!(field("/spec/template/spec/containers/0/ports").is_some());
        assert!(field("/spec/template/metadata/labels/app").is_none(), "a key of a map is no field");
        assert!(field("/spec/nothing/here").is_none());
    }

    #[test]
    fn a_structure_without_fields_is_anything() {
        let data = find("apps.v1.ControllerRevision").unwrap().fields["data"].element;
        assert_eq!(data, Element::Any);
    }
}
