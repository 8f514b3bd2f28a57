//! `index` and `slice`.

use crate::error::FunctionError;
use crate::execute::Operand;
use crate::function::FunctionResult;
use crate::value::{Number, Plain, Str, Value, types};

fn error<T>(text: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError::new(text))
}

/// An index into something of a length (or, for slices, a capacity).
fn position(index: &Value, limit: usize) -> Result<usize, FunctionError> {
    let integer = match index {
        Value::Int(n) | Value::Int64(n) => *n,
        Value::Number(number) => match number.plain() {
            Plain::Signed(n) => n,
            Plain::Unsigned(n) => n as i64,
            Plain::Float(_) | Plain::Complex(..) => return wrong_index(index),
        },
        Value::Nil => return error("cannot index slice/array with nil"),
        _ => return wrong_index(index),
    };
    match usize::try_from(integer) {
        Ok(position) if position <= limit => Ok(position),
        _ => error(format!("index out of range: {integer}")),
    }
}

fn wrong_index<T>(index: &Value) -> Result<T, FunctionError> {
    error(format!("cannot index slice/array with type {}", index.type_name()))
}

pub(super) fn index(item: &Value, indexes: &[Value]) -> FunctionResult {
    if matches!(item, Value::Nil) {
        return error("index of untyped nil");
    }
    let mut item = item.clone();
    for index in indexes {
        item = match &item {
            Value::List(list) => match list.get(position(index, list.len())?) {
                Some(element) => element.clone(),
                None => return Err(FunctionError::panic("reflect: slice index out of range")),
            },
            Value::Bytes(bytes) => match bytes.get(position(index, bytes.len())?) {
                Some(byte) => Value::Number(Number::Uint8(*byte)),
                None => return Err(FunctionError::panic("reflect: slice index out of range")),
            },
            Value::String(text) => match text.get(position(index, text.len())?) {
                Some(byte) => Value::Number(Number::Uint8(*byte)),
                None => return Err(FunctionError::panic("reflect: string index out of range")),
            },
            Value::Map(map) => match index {
                Value::String(key) => map.get(key).unwrap_or_else(|| Value::zero(map.element_type())),
                Value::Nil => return error("value is nil; should be of type string"),
                other => return error(format!("value has type {}; should be string", other.type_name())),
            },
            Value::Nil => return error("index of nil pointer"),
            Value::Object(object) if object.is_nil() => return error("index of nil pointer"),
            other => {
                let name = other.type_name().trim_start_matches('*');
                return error(format!("can't index item of type {name}"));
            }
        };
    }
    Ok(item)
}

/// `slice`. Unlike `index` it does not look into an `interface {}` for an index, so that no number of the data will do.
pub(crate) fn slice(item: &Value, indexes: &[Operand]) -> FunctionResult {
    if matches!(item, Value::Nil) {
        return error("slice of untyped nil");
    }
    if item.as_object().is_some_and(|object| object.is_nil()) {
        return error("slice of nil pointer");
    }
    if indexes.len() > 3 {
        return error(format!("too many slice indexes: {}", indexes.len()));
    }
    let (length, capacity) = match item {
        Value::String(_) if indexes.len() == 3 => return error("cannot 3-index slice a string"),
        Value::String(text) | Value::Bytes(text) => (text.len(), text.len()),
        Value::List(list) => (list.len(), list.capacity()),
        other => {
            let name = other.type_name().trim_start_matches('*');
            return error(format!("can't slice item of type {name}"));
        }
    };
    let mut bounds = [0, length, capacity];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        if index.interface {
            return error("cannot index slice/array with type interface {}");
        }
        *bound = position(&index.value, capacity)?;
    }
    let [low, high, max] = bounds;
    if low > high {
        return error(format!("invalid slice index: {low} > {high}"));
    }
    if high > max {
        return error(format!("invalid slice index: {high} > {max}"));
    }
    Ok(match item {
        Value::String(text) => Value::String(Str::from(&text[low..high])),
        Value::Bytes(text) => Value::Bytes(Str::from(&text[low..high])),
        Value::List(list) => Value::List(list.slice(low, high, max)),
        _ => Value::zero(types::INTERFACE),
    })
}
