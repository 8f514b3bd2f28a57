//! Go structs, as far as templates see them.

use std::any::Any;

use super::Str;
use super::Value;
use super::type_of::{Kind, Type};

/// One exported field of a struct, in the order of its declaration.
#[derive(Clone)]
pub struct StructField {
    /// The Go name (`AppVersion`).
    pub name: &'static str,
    /// The value.
    pub value: Value,
    /// Whether the field's Go type is `interface {}` (shows in error texts only).
    pub interface: bool,
}

/// A Go struct, or a pointer to one, in a template's data: `.Chart`, `.Capabilities`, a time, a semantic version. Also an
/// integer of a named type, such as `time.Month`.
///
/// Methods come with the type ([`Type::structure`], [`Type::pointer`]); a method wins over a field of the same name.
pub trait Object: Any {
    /// The Go type; its kind is `Struct` or `Pointer`.
    fn type_of(&self) -> &'static Type;

    /// The exported field of that name.
    fn field(&self, name: &str) -> Option<Value>;

    /// All fields, for `%v` and `%+v` (`{a b}`, `{A:a B:b}`; a pointer has `&` before it).
    fn fields(&self) -> Vec<StructField>;

    /// What `String()` or `Error()` gives, where the Go type has one: then `%v` and `%s` print that.
    fn string(&self) -> Option<Str> {
        None
    }

    /// What `String()` of a pointer to this struct gives, where only the pointer has it. An action that prints a field
    /// of another struct can take its address and prints that; functions get a copy and cannot.
    fn pointer_string(&self) -> Option<Str> {
        None
    }

    /// Whether it is a nil pointer.
    fn is_nil(&self) -> bool {
        false
    }

    /// The integer behind it, where the type is a named one ([`Type::named_integer`]): a month, a duration.
    fn integer(&self) -> Option<i64> {
        None
    }

    /// Go's `==` for two values of the same type; `None` where the type cannot be compared. Pointers are compared by
    /// identity before this is asked.
    fn equals(&self, _other: &dyn Object) -> Option<bool> {
        None
    }

    /// `self`, for the method `downcast` of `dyn Object`.
    fn as_any(&self) -> &dyn Any;
}

impl dyn Object {
    /// The Rust type behind the object, where it is `T`.
    pub fn downcast<T: Any>(&self) -> Option<&T> {
        self.as_any().downcast_ref()
    }

    pub(crate) fn is_pointer(&self) -> bool {
        self.type_of().kind() == Kind::Pointer
    }
}
