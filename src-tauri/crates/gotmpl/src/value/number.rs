//! The numeric Go types that templates seldom meet.

use std::rc::Rc;

use super::type_of::{Kind, Type, types};

/// A number of a Go type other than `int`, `int64` and `float64`, which have variants of their own in
/// [`Value`](crate::Value).
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the Go type of that name")]
pub enum Number {
    Int8(i8),
    Int16(i16),
    /// Also Go's `rune`.
    Int32(i32),
    Uint(u64),
    /// Also Go's `byte`.
    Uint8(u8),
    Uint16(u16),
    Uint32(u32),
    Uint64(u64),
    Float32(f32),
    /// Real and imaginary part.
    Complex128(Rc<(f64, f64)>),
}

/// A number by the family that Go's comparisons and `fmt` work on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Complex(f64, f64),
}

impl Number {
    pub(crate) fn plain(&self) -> Plain {
        match self {
            Number::Int8(n) => Plain::Signed((*n).into()),
            Number::Int16(n) => Plain::Signed((*n).into()),
            Number::Int32(n) => Plain::Signed((*n).into()),
            Number::Uint(n) | Number::Uint64(n) => Plain::Unsigned(*n),
            Number::Uint8(n) => Plain::Unsigned((*n).into()),
            Number::Uint16(n) => Plain::Unsigned((*n).into()),
            Number::Uint32(n) => Plain::Unsigned((*n).into()),
            Number::Float32(n) => Plain::Float((*n).into()),
            Number::Complex128(parts) => Plain::Complex(parts.0, parts.1),
        }
    }

    /// The Go type.
    pub fn type_of(&self) -> &'static Type {
        match self {
            Number::Int8(_) => types::INT8,
            Number::Int16(_) => types::INT16,
            Number::Int32(_) => types::INT32,
            Number::Uint(_) => types::UINT,
            Number::Uint8(_) => types::UINT8,
            Number::Uint16(_) => types::UINT16,
            Number::Uint32(_) => types::UINT32,
            Number::Uint64(_) => types::UINT64,
            Number::Float32(_) => types::FLOAT32,
            Number::Complex128(_) => types::COMPLEX128,
        }
    }

    /// The Go kind.
    pub fn kind(&self) -> Kind {
        self.type_of().kind()
    }

    /// The value as `int64`, where it is an integer; an unsigned one wraps as Go's conversion does.
    pub fn as_i64(&self) -> Option<i64> {
        match self.plain() {
            Plain::Signed(n) => Some(n),
            Plain::Unsigned(n) => Some(n as i64),
            Plain::Float(_) | Plain::Complex(..) => None,
        }
    }

    /// The value as `float64`; the real part of a complex number.
    pub fn as_f64(&self) -> f64 {
        match self.plain() {
            Plain::Signed(n) => n as f64,
            Plain::Unsigned(n) => n as f64,
            Plain::Float(n) | Plain::Complex(n, _) => n,
        }
    }
}
