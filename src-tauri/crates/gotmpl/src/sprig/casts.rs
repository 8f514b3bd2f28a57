//! Numbers from anything, as spf13/cast makes them for `int`, `int64`, `float64` and all arithmetic: what is no number
//! is 0.

use super::functions::dates::Named;
use super::strconv::parse_int;
use crate::go;
use crate::value::{Number, Value};

/// `cast.ToInt64`; Go's `int` has 64 bits too. A text is read with its base prefix, so `"010"` is 8.
pub(crate) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Float(number) => truncate(*number),
        Value::Bool(truth) => i64::from(*truth),
        Value::String(text) => parse_int(without_zero_decimals(text), 0).unwrap_or(0),
        Value::Number(Number::Float32(number)) => truncate(f64::from(*number)),
        Value::Number(number) => number.as_i64().unwrap_or(0),
        Value::Object(object) => object.downcast::<Named>().map_or(0, Named::number),
        _ => 0,
    }
}

/// `cast.ToFloat64`.
pub(crate) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::String(text) => go::parse_float(text).unwrap_or(0.0),
        Value::Number(Number::Complex128(_)) => 0.0,
        Value::Number(number) => number.as_f64(),
        Value::Object(object) => object.downcast::<Named>().map_or(0.0, |named| named.number() as f64),
        _ => 0.0,
    }
}

/// Go's conversion on amd64: towards zero, and the least integer for whatever does not fit.
fn truncate(number: f64) -> i64 {
    const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
    if (-TOO_LARGE..TOO_LARGE).contains(&number) { number as i64 } else { i64::MIN }
}

/// `"1.00"` counts as `"1"`; other fractions are no integers.
fn without_zero_decimals(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    match text[..text.len() - zeros].split_last() {
        Some((b'.', whole)) if zeros > 0 => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_from_anything() {
        for (value, expected) in [
            (Value::from("010"), 8),
            (Value::from("1.0"), 1),
            (Value::from("1.9"), 0),
            (Value::from("1e3"), 0),
            (Value::from("."), 0),
            (Value::Float(-1.9), -1),
            (Value::Float(1e20), i64::MIN),
            (Value::Float(f64::NAN), i64::MIN),
            (Value::Bool(true), 1),
            (Value::Nil, 0),
        ] {
            assert_eq!(to_int(&value), expected, "{value:?}");
        }
    }
}
