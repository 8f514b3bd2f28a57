//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::error::FunctionError;
use crate::format;
use crate::value::{Kind, Plain, Str, Value};

/// A value of a basic kind, the only ones that can be ordered.
enum Basic<'a> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Complex(f64, f64),
    String(&'a Str),
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    Some(match value {
        Value::Bool(truth) => Basic::Bool(*truth),
        Value::Int(n) | Value::Int64(n) => Basic::Signed(*n),
        Value::Float(n) => Basic::Float(*n),
        Value::Number(number) => match number.plain() {
            Plain::Signed(n) => Basic::Signed(n),
            Plain::Unsigned(n) => Basic::Unsigned(n),
            Plain::Float(n) => Basic::Float(n),
            Plain::Complex(real, imaginary) => Basic::Complex(real, imaginary),
        },
        Value::String(text) => Basic::String(text),
        Value::Object(object) => Basic::Signed(object.integer()?),
        _ => return None,
    })
}

fn compare_signs(signed: i64, unsigned: u64) -> Ordering {
    u64::try_from(signed).map_or(Ordering::Less, |signed| signed.cmp(&unsigned))
}

fn incompatible(a: &Value, b: &Value) -> FunctionError {
    let text = format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name());
    FunctionError::new(text)
}

/// `a == b || a == c || …`.
pub(super) fn equal(first: &Value, others: &[Value]) -> Result<bool, FunctionError> {
    if others.is_empty() {
        return Err(FunctionError::new("missing argument for comparison"));
    }
    for other in others {
        if equal_to(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn equal_to(a: &Value, b: &Value) -> Result<bool, FunctionError> {
    Ok(match (basic(a), basic(b)) {
        (Some(Basic::Bool(a)), Some(Basic::Bool(b))) => a == b,
        (Some(Basic::Signed(a)), Some(Basic::Signed(b))) => a == b,
        (Some(Basic::Unsigned(a)), Some(Basic::Unsigned(b))) => a == b,
        (Some(Basic::Float(a)), Some(Basic::Float(b))) => a == b,
        (Some(Basic::Complex(a, i)), Some(Basic::Complex(b, j))) => a == b && i == j,
        (Some(Basic::String(a)), Some(Basic::String(b))) => a == b,
        (Some(Basic::Signed(a)), Some(Basic::Unsigned(b))) => compare_signs(a, b).is_eq(),
        (Some(Basic::Unsigned(a)), Some(Basic::Signed(b))) => compare_signs(b, a).is_eq(),
        (None, None) => return equal_others(a, b),
        _ if matches!(a, Value::Nil) || matches!(b, Value::Nil) => false,
        _ => return Err(incompatible(a, b)),
    })
}

/// Neither is of a basic kind: lists, maps, structs, nil.
fn equal_others(a: &Value, b: &Value) -> Result<bool, FunctionError> {
    let (kind, other) = (a.kind(), b.kind());
    if kind != other && kind != Kind::Invalid && other != Kind::Invalid {
        let printed = format::describe(b"%s", a);
        let text = format!(
            "non-comparable types {printed}: {}, {}: {}",
            a.type_name(),
            b.type_name(),
            format::describe(b"%v", b)
        );
        return Err(FunctionError::new(text));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    let comparable = match (a, b) {
        (Value::Object(a), Value::Object(b)) if Rc::ptr_eq(a, b) => Some(true),
        (Value::Object(a), Value::Object(b)) if a.type_of() != b.type_of() => Some(false),
        (Value::Object(a), Value::Object(_)) if a.is_pointer() => Some(false),
        (Value::Object(a), Value::Object(b)) => a.equals(&**b),
        _ => None,
    };
    comparable.ok_or_else(|| {
        let printed = format::describe(b"%s", b);
        FunctionError::new(format!("non-comparable type {printed}: {}", b.type_name()))
    })
}

fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, FunctionError> {
    let bad = || FunctionError::new("invalid type for comparison");
    Ok(match (basic(a).ok_or_else(bad)?, basic(b).ok_or_else(bad)?) {
        (Basic::Signed(a), Basic::Signed(b)) => Some(a.cmp(&b)),
        (Basic::Unsigned(a), Basic::Unsigned(b)) => Some(a.cmp(&b)),
        (Basic::Float(a), Basic::Float(b)) => a.partial_cmp(&b),
        (Basic::String(a), Basic::String(b)) => Some(a.cmp(b)),
        (Basic::Signed(a), Basic::Unsigned(b)) => Some(compare_signs(a, b)),
        (Basic::Unsigned(a), Basic::Signed(b)) => Some(compare_signs(b, a).reverse()),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => return Err(bad()),
        _ => return Err(incompatible(a, b)),
    })
}

pub(super) fn less(a: &Value, b: &Value) -> Result<bool, FunctionError> {
    Ok(order(a, b)? == Some(Ordering::Less))
}

pub(super) fn less_or_equal(a: &Value, b: &Value) -> Result<bool, FunctionError> {
    Ok(order(a, b)?.is_some_and(Ordering::is_le))
}
