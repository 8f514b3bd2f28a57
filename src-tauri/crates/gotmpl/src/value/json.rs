//! Values from JSON and back, as Go's `encoding/json` decodes into `interface{}`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::type_of::{Kind, types};
use super::{List, Map, Number, Plain, Str, Value};

/// How a JSON number becomes a Go number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Every number is a `float64`: how Helm decodes values, and what `fromYaml` and `fromJson` give.
    Float,
    /// A number without fraction and exponent that fits is an `int64`, another a `float64`.
    Integers,
}

/// The value of a JSON document: `map[string]interface {}`, `[]interface {}`, strings, numbers, booleans, nil.
pub fn from_json(json: &Json, numbers: Numbers) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match (numbers, number.as_i64()) {
            (Numbers::Integers, Some(integer)) => Value::Int64(integer),
            _ => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(Str::from(text)),
        Json::Array(items) => {
            // Go's decoder appends: the capacity doubles.
            let capacity = if items.is_empty() { 0 } else { items.len().next_power_of_two() };
            let items = items.iter().map(|item| from_json(item, numbers)).collect();
            Value::List(List::with_capacity(types::LIST, items, capacity))
        }
        Json::Object(entries) => {
            let entries: BTreeMap<_, _> =
                entries.iter().map(|(key, value)| (Str::from(key), from_json(value, numbers))).collect();
            Value::Map(Map::with_entries(types::MAP, entries))
        }
    }
}

/// The JSON of a value, as `json.Marshal` would encode it: nil slices and maps are `null`, `[]byte` is base64, invalid
/// UTF-8 becomes U+FFFD, a struct has its Go field names (types with tags of their own convert themselves before).
/// A float that is an integer below 2⁵³ becomes a JSON integer, which is how Go writes it.
///
/// # Errors
///
/// Go's text for what JSON cannot hold: infinities, NaN, functions, complex numbers; nesting deeper than 1,000 levels, more
/// than a million elements.
pub fn to_json(value: &Value) -> Result<Json, String> {
    encode(value, 1_000, &mut 1_000_000)
}

fn encode(value: &Value, depth: usize, left: &mut usize) -> Result<Json, String> {
    *left = left.checked_sub(1).ok_or("json: unsupported value: too many elements")?;
    let below = depth.checked_sub(1).ok_or("json: unsupported value: encountered a cycle")?;
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(n) | Value::Int64(n) => Json::from(*n),
        Value::Float(n) => float(*n)?,
        Value::Number(number) => match number.plain() {
            Plain::Signed(n) => Json::from(n),
            Plain::Unsigned(n) => Json::from(n),
            Plain::Float(n) => match number {
                Number::Float32(single) => float(single.to_string().parse().unwrap_or(n))?,
                _ => float(n)?,
            },
            Plain::Complex(..) => return Err("json: unsupported type: complex128".into()),
        },
        Value::String(text) => Json::String(text.to_lossy().into_owned()),
        Value::Bytes(bytes) => {
            use base64::Engine as _;
            Json::String(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
        Value::List(list) if list.is_nil() => Json::Null,
        Value::List(list) => {
            Json::Array(list.iter().map(|item| encode(item, below, left)).collect::<Result<_, _>>()?)
        }
        Value::Map(map) if map.is_nil() => Json::Null,
        Value::Map(map) => Json::Object(map.read(|entries| {
            entries
                .iter()
                .map(|(key, value)| Ok((key.to_lossy().into_owned(), encode(value, below, left)?)))
                .collect::<Result<_, String>>()
        })?),
        Value::Object(object) if object.is_nil() => Json::Null,
        Value::Object(object) => Json::Object(
            object
                .fields()
                .into_iter()
                .map(|field| Ok((field.name.to_owned(), encode(&field.value, below, left)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Function(_) => return Err(format!("json: unsupported type: {}", Kind::Func)),
    })
}

fn float(n: f64) -> Result<Json, String> {
    if n.is_nan() {
        return Err("json: unsupported value: NaN".into());
    }
    if n.is_infinite() {
        return Err(format!("json: unsupported value: {}Inf", if n > 0.0 { '+' } else { '-' }));
    }
    // 2⁵³: up to there every integer has a float64 of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && n.abs() < EXACT && !(n == 0.0 && n.is_sign_negative()) {
        return Ok(Json::from(n as i64));
    }
    Ok(serde_json::Number::from_f64(n).map_or(Json::Null, Json::Number))
}
