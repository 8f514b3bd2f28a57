//! The Go types of values: what `%T`, `typeOf`, `kindOf` and error texts print, and what may be passed where.

use std::fmt;

use crate::function::Method;

/// What Go's `reflect.Kind` tells apart, as far as template values need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is Go's kind of that name")]
pub enum Kind {
    /// The kind of an untyped nil.
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Complex128,
    String,
    Slice,
    Map,
    Interface,
    Pointer,
    Struct,
    Func,
}

impl Kind {
    /// The name that `reflect.Kind.String` and sprig's `kindOf` give, such as `float64`, `slice`, `ptr`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Int8 => "int8",
            Kind::Int16 => "int16",
            Kind::Int32 => "int32",
            Kind::Int64 => "int64",
            Kind::Uint => "uint",
            Kind::Uint8 => "uint8",
            Kind::Uint16 => "uint16",
            Kind::Uint32 => "uint32",
            Kind::Uint64 => "uint64",
            Kind::Float32 => "float32",
            Kind::Float64 => "float64",
            Kind::Complex128 => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Interface => "interface",
            Kind::Pointer => "ptr",
            Kind::Struct => "struct",
            Kind::Func => "func",
        }
    }

    /// Whether an untyped nil may be passed where this kind is wanted.
    pub(crate) fn can_be_nil(self) -> bool {
        matches!(self, Kind::Slice | Kind::Map | Kind::Interface | Kind::Pointer | Kind::Func)
    }

    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Kind::Int | Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64)
    }

    pub(crate) fn is_unsigned(self) -> bool {
        matches!(self, Kind::Uint | Kind::Uint8 | Kind::Uint16 | Kind::Uint32 | Kind::Uint64)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Go type. Types are constants (`&'static Type`): the common ones are in [`types`](crate::types); a caller with
/// named types of its own (`chartutil.Values`) declares them with the constructors below.
///
/// ```
/// use slipway_gotmpl::{Type, types};
/// const VALUES: &Type = &Type::named_map("chartutil.Values", types::INTERFACE, &[]);
/// assert!(VALUES.assignable_to(types::MAP));
/// ```
#[derive(Debug)]
pub struct Type {
    name: &'static str,
    kind: Kind,
    element: Option<&'static Type>,
    named: bool,
    methods: &'static [Method],
}

impl Type {
    /// A type without elements and methods, such as `string`.
    pub(crate) const fn plain(name: &'static str, kind: Kind) -> Type {
        Type { name, kind, element: None, named: true, methods: &[] }
    }

    /// An unnamed slice type; `name` is how Go prints it (`[]string`).
    pub const fn slice(name: &'static str, element: &'static Type) -> Type {
        Type { name, kind: Kind::Slice, element: Some(element), named: false, methods: &[] }
    }

    /// An unnamed map type with string keys; `name` is how Go prints it (`map[string]string`).
    pub const fn map(name: &'static str, element: &'static Type) -> Type {
        Type { name, kind: Kind::Map, element: Some(element), named: false, methods: &[] }
    }

    /// A named slice type with methods, such as `chartutil.VersionSet`.
    pub const fn named_slice(name: &'static str, element: &'static Type, methods: &'static [Method]) -> Type {
        Type { name, kind: Kind::Slice, element: Some(element), named: true, methods }
    }

    /// A named map type with methods, such as `chartutil.Values`.
    pub const fn named_map(name: &'static str, element: &'static Type, methods: &'static [Method]) -> Type {
        Type { name, kind: Kind::Map, element: Some(element), named: true, methods }
    }

    /// A struct type, such as `chart.Metadata`; its values are [`Object`](crate::Object)s.
    pub const fn structure(name: &'static str, methods: &'static [Method]) -> Type {
        Type { name, kind: Kind::Struct, element: None, named: true, methods }
    }

    /// A named integer type with methods, such as `time.Month` (kind `Int`); its values are
    /// [`Object`](crate::Object)s.
    pub const fn named_integer(name: &'static str, kind: Kind, methods: &'static [Method]) -> Type {
        Type { name, kind, element: None, named: true, methods }
    }

    /// A pointer to a struct, such as `*chartutil.Capabilities` (the name has the star).
    pub const fn pointer(name: &'static str, methods: &'static [Method]) -> Type {
        Type { name, kind: Kind::Pointer, element: None, named: false, methods }
    }

    /// How Go prints the type: `map[string]interface {}`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The kind below the type.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The type of the elements of a slice or map.
    pub fn element(&self) -> Option<&'static Type> {
        self.element
    }

    /// The method of that name.
    pub fn method(&self, name: &str) -> Option<&'static Method> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// Whether a value of this type may be passed where `target` is wanted (Go's assignability, for types without
    /// interfaces other than the empty one).
    pub fn assignable_to(&self, target: &Type) -> bool {
        target.kind == Kind::Interface
            || self == target
            || (self.kind == target.kind
                && self.kind != Kind::Struct
                && (!self.named || !target.named)
                && self.same_elements(target))
    }

    fn same_elements(&self, other: &Type) -> bool {
        match (self.element, other.element) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        std::ptr::eq(self, other) || (self.kind == other.kind && self.name == other.name)
    }
}

impl Eq for Type {}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The types that Go's own packages and sprig use.
pub mod types {
    #![expect(missing_docs, reason = "each is the Go type that its first argument spells")]

    use super::{Kind, Type};

    pub const INTERFACE: &Type = &Type::plain("interface {}", Kind::Interface);
    pub const BOOL: &Type = &Type::plain("bool", Kind::Bool);
    pub const INT: &Type = &Type::plain("int", Kind::Int);
    pub const INT8: &Type = &Type::plain("int8", Kind::Int8);
    pub const INT16: &Type = &Type::plain("int16", Kind::Int16);
    pub const INT32: &Type = &Type::plain("int32", Kind::Int32);
    pub const INT64: &Type = &Type::plain("int64", Kind::Int64);
    pub const UINT: &Type = &Type::plain("uint", Kind::Uint);
    pub const UINT8: &Type = &Type::plain("uint8", Kind::Uint8);
    pub const UINT16: &Type = &Type::plain("uint16", Kind::Uint16);
    pub const UINT32: &Type = &Type::plain("uint32", Kind::Uint32);
    pub const UINT64: &Type = &Type::plain("uint64", Kind::Uint64);
    pub const FLOAT32: &Type = &Type::plain("float32", Kind::Float32);
    pub const FLOAT64: &Type = &Type::plain("float64", Kind::Float64);
    pub const COMPLEX128: &Type = &Type::plain("complex128", Kind::Complex128);
    pub const STRING: &Type = &Type::plain("string", Kind::String);
    pub const FUNCTION: &Type = &Type::plain("func()", Kind::Func);
    pub const BYTES: &Type = &Type::slice("[]uint8", UINT8);
    pub const LIST: &Type = &Type::slice("[]interface {}", INTERFACE);
    pub const STRINGS: &Type = &Type::slice("[]string", STRING);
    pub const INTS: &Type = &Type::slice("[]int", INT);
    pub const FLOATS: &Type = &Type::slice("[]float64", FLOAT64);
    pub const LISTS: &Type = &Type::slice("[][]interface {}", LIST);
    pub const MAPS: &Type = &Type::slice("[]map[string]interface {}", MAP);
    pub const MAP: &Type = &Type::map("map[string]interface {}", INTERFACE);
    pub const STRING_MAP: &Type = &Type::map("map[string]string", STRING);
    pub const BYTES_MAP: &Type = &Type::map("map[string][]uint8", BYTES);
}
