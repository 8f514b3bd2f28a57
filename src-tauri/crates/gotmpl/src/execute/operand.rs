//! What evaluation passes around: a value, and whether Go would see it through an `interface {}`.

use crate::value::{Kind, Type, Value};

/// A value while it is evaluated. Go tells apart a nil that an `interface {}` holds (a key that is there) and no value
/// at all (a missing key); error texts depend on it. Here a nil with `interface` is the former, without the latter.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) value: Value,
    pub(crate) interface: bool,
}

impl Operand {
    /// No value: what Go's zero `reflect.Value` is.
    pub(crate) const NONE: Operand = Operand { value: Value::Nil, interface: false };

    /// A value that is not seen through an interface; a nil is no value.
    #[inline]
    pub(crate) fn concrete(value: Value) -> Operand {
        Operand { value, interface: false }
    }

    /// An element of a collection with this element type.
    #[inline]
    pub(crate) fn element(value: Value, declared: &Type) -> Operand {
        let interface = declared.kind() == Kind::Interface || matches!(value, Value::Nil);
        Operand { value, interface }
    }
}
