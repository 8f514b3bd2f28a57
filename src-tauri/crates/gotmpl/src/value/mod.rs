//! The values a template works with: Go's, with their Go types.

mod deep;
mod json;
mod list;
mod map;
mod number;
mod object;
mod string;
mod type_of;

use std::fmt;
use std::rc::Rc;

pub use json::{Numbers, from_json, to_json};
pub use list::List;
pub use map::{Map, Source};
pub use number::Number;
pub(crate) use number::Plain;
pub use object::{Object, StructField};
pub(crate) use string::Literal as TextLiteral;
pub use string::Str;
pub use type_of::{Kind, Type, types};

use crate::function::Function;

/// A Go value of dynamic type (what an `interface{}` holds). Cheap to clone; maps are references.
///
/// The tag has the width of a word: with a narrow one the compiler copies what follows it in unaligned pieces, which
/// costs a template a fifth of its time.
#[derive(Clone, Default)]
#[repr(u64)]
pub enum Value {
    /// An untyped nil.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`: literals, `len`, sprig's `int`, `until`, ….
    Int(i64),
    /// `int64`: sprig's `int64`, `add`, `mul`, ….
    Int64(i64),
    /// `float64`: every number of values, as Helm decodes them.
    Float(f64),
    /// The other numeric types.
    Number(Number),
    /// `string`.
    String(Str),
    /// `[]byte`.
    Bytes(Str),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A struct or a pointer to one.
    Object(Rc<dyn Object>),
    /// A function value, for `call`.
    Function(Rc<Function>),
}

impl Value {
    /// The Go type of the value; `None` for an untyped nil.
    pub fn type_of(&self) -> Option<&'static Type> {
        Some(match self {
            Value::Nil => return None,
            Value::Bool(_) => types::BOOL,
            Value::Int(_) => types::INT,
            Value::Int64(_) => types::INT64,
            Value::Float(_) => types::FLOAT64,
            Value::Number(number) => number.type_of(),
            Value::String(_) => types::STRING,
            Value::Bytes(_) => types::BYTES,
            Value::List(list) => list.type_of(),
            Value::Map(map) => map.type_of(),
            Value::Object(object) => object.type_of(),
            Value::Function(_) => types::FUNCTION,
        })
    }

    /// What `%T` prints: `map[string]interface {}`; `<nil>` for an untyped nil.
    pub fn type_name(&self) -> &'static str {
        self.type_of().map_or("<nil>", Type::name)
    }

    /// The kind; `Invalid` for an untyped nil.
    pub fn kind(&self) -> Kind {
        self.type_of().map_or(Kind::Invalid, Type::kind)
    }

    /// Go's template truth: not the zero of its type; of maps, slices and strings, not empty. A struct is true.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(truth) => *truth,
            Value::Int(n) | Value::Int64(n) => *n != 0,
            Value::Float(n) => *n != 0.0,
            Value::Number(number) => match number.plain() {
                Plain::Signed(n) => n != 0,
                Plain::Unsigned(n) => n != 0,
                Plain::Float(n) => n != 0.0,
                Plain::Complex(real, imaginary) => real != 0.0 || imaginary != 0.0,
            },
            Value::String(text) | Value::Bytes(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => {
                object.integer().map_or_else(|| !object.is_nil(), |integer| integer != 0)
            }
            Value::Function(_) => true,
        }
    }

    /// Whether it is an untyped nil, or a nil slice, map or pointer.
    pub fn is_nil(&self) -> bool {
        match self {
            Value::Nil => true,
            Value::List(list) => list.is_nil(),
            Value::Map(map) => map.is_nil(),
            Value::Object(object) => object.is_nil(),
            _ => false,
        }
    }

    /// The zero value of a type: `""`, `0`, a nil map; an untyped nil for `interface {}`, structs and pointers.
    pub fn zero(kind: &'static Type) -> Value {
        match kind.kind() {
            Kind::Bool => Value::Bool(false),
            Kind::Int => Value::Int(0),
            Kind::Int8 => Value::Number(Number::Int8(0)),
            Kind::Int16 => Value::Number(Number::Int16(0)),
            Kind::Int32 => Value::Number(Number::Int32(0)),
            Kind::Int64 => Value::Int64(0),
            Kind::Uint => Value::Number(Number::Uint(0)),
            Kind::Uint8 => Value::Number(Number::Uint8(0)),
            Kind::Uint16 => Value::Number(Number::Uint16(0)),
            Kind::Uint32 => Value::Number(Number::Uint32(0)),
            Kind::Uint64 => Value::Number(Number::Uint64(0)),
            Kind::Float32 => Value::Number(Number::Float32(0.0)),
            Kind::Float64 => Value::Float(0.0),
            Kind::Complex128 => Value::Number(Number::Complex128(Rc::new((0.0, 0.0)))),
            Kind::String => Value::String(Str::empty()),
            Kind::Slice => Value::List(List::nil(kind)),
            Kind::Map => Value::Map(Map::nil(kind)),
            Kind::Invalid | Kind::Interface | Kind::Pointer | Kind::Struct | Kind::Func => Value::Nil,
        }
    }

    /// The string, where it is one.
    pub fn as_string(&self) -> Option<&Str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The list, where it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, where it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The object, where it is one.
    pub fn as_object(&self) -> Option<&Rc<dyn Object>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Go's `fmt.Sprint` of this one value, which is also `%v`.
    pub fn to_text(&self) -> Str {
        match self {
            Value::String(text) => text.clone(),
            _ => Str::from(crate::format::sprint(std::slice::from_ref(self))),
        }
    }

    /// Go's `reflect.DeepEqual`: the same types and the same contents; a nil and an empty slice differ. Values nested
    /// deeper than 10,000 levels are not equal.
    pub fn deep_equal(&self, other: &Value) -> bool {
        deep::equal(self, other)
    }

    /// A copy that shares no map or list with the original, of the same types. Nested deeper than 10,000 levels, or
    /// beyond half a million elements, the rest is shared.
    pub fn deep_copy(&self) -> Value {
        deep::copy(self)
    }

    #[inline]
    fn is_container(&self) -> bool {
        matches!(self, Value::List(_) | Value::Map(_))
    }
}

/// Drops values level by level: a template can nest maps deeper than the stack would bear.
fn dismantle(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => list.dismantle(&mut values),
            Value::Map(map) => map.dismantle(&mut values),
            _ => {}
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.type_name(), self.to_text())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text.into())
    }
}

impl From<Vec<u8>> for Value {
    fn from(text: Vec<u8>) -> Value {
        Value::String(text.into())
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Value {
        Value::String(text)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Value {
        Value::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::Map(map)
    }
}

impl From<Rc<dyn Object>> for Value {
    fn from(object: Rc<dyn Object>) -> Value {
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Value>(), 32, "two loads of sixteen bytes");
        assert_eq!(size_of::<crate::FunctionResult>(), 32, "an error is out of line");
    }

    #[test]
    fn deep_equality_tells_types_apart() {
        let list = |items: Vec<Value>| Value::List(List::new(items));
        let cases = [
            (Value::Int(1), Value::Int(1), true),
            (Value::Int(1), Value::Float(1.0), false),
            (Value::Int(1), Value::Int64(1), false),
            (list(vec![Value::Nil]), list(vec![Value::Nil]), true),
            (list(vec![]), Value::List(List::nil(types::LIST)), false),
            (Value::List(List::strings(["a"])), list(vec!["a".into()]), false),
            (Map::from_iter([("a", 1.0)]).into(), Map::from_iter([("a", 1.0)]).into(), true),
            (Map::from_iter([("a", 1.0)]).into(), Map::from_iter([("b", 1.0)]).into(), false),
        ];
        for (a, b, expected) in cases {
            assert_eq!(a.deep_equal(&b), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_deep_copy_shares_nothing() {
        let inner = Map::from_iter([("x", "y")]);
        let outer = Value::Map(Map::from_iter([("inner", inner.clone())]));
        let copy = outer.deep_copy();
        inner.insert("x", "changed").unwrap();
        let copied = copy.as_map().and_then(|map| map.get("inner")).unwrap();
        assert_eq!(copied.as_map().unwrap().get("x").unwrap().to_text(), "y");
    }

    #[test]
    fn a_nil_map_reads_as_empty_and_cannot_be_written() {
        let map = Map::nil(types::MAP);
        assert!(map.get("a").is_none() && map.is_empty());
        assert_eq!(map.insert("a", true).unwrap_err().to_string(), "assignment to entry in nil map");
    }

    #[test]
    fn json_comes_back_as_go_would_encode_it() {
        let json = serde_json::json!({ "a": [1, 2.5, "x", null, true], "b": { "c": 1e300 } });
        let value = from_json(&json, Numbers::Float);
        assert_eq!(to_json(&value).unwrap(), json);
        assert_eq!(from_json(&json["a"][0], Numbers::Integers).type_name(), "int64");
        assert_eq!(to_json(&Value::Float(f64::NAN)).unwrap_err(), "json: unsupported value: NaN");
        assert_eq!(to_json(&Value::List(List::nil(types::STRINGS))).unwrap(), serde_json::Value::Null);
    }

    #[test]
    fn a_slice_reaches_into_the_capacity() {
        let list = List::with_capacity(types::LIST, vec![Value::Int(1), Value::Int(2), Value::Int(3)], 4);
        let longer = list.slice(1, 4, 4);
        assert_eq!(crate::format::sprint(&[Value::List(longer)]), b"[2 3 <nil>]");
        assert_eq!(list.slice(0, 1, 4).capacity(), 4);
    }
}
