//! Values as JSON, as `encoding/json` of Go encodes them.

use serde_json::{Map as JsonMap, Number as JsonNumber, Value as Json};
use slipway_gotmpl::{Number, Object, Str, Value, go};

use super::objects;

/// How deep values may be nested. Go has no such bound and dies of a cycle.
const DEPTH_LIMIT: usize = 1_000;

/// What Go says of a value that contains itself.
fn cycle() -> String {
    "json: unsupported value: encountered a cycle".to_owned()
}

/// The JSON text of a value: keys sorted by their bytes, `<`, `>` and `&` escaped.
///
/// # Errors
/// Go's text for what JSON cannot hold.
pub(crate) fn json_text(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    write(&mut out, value, DEPTH_LIMIT)?;
    Ok(out)
}

fn write(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), String> {
    let below = depth.checked_sub(1).ok_or_else(cycle)?;
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(number) | Value::Int64(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) => out.extend_from_slice(float_text(*number)?.as_bytes()),
        Value::Number(number) => out.extend_from_slice(number_text(number)?.as_bytes()),
        Value::String(text) => write_string(out, text),
        Value::Bytes(bytes) => write_string(out, base64(bytes).as_bytes()),
        Value::List(list) if list.is_nil() => out.extend_from_slice(b"null"),
        Value::List(list) => {
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(out, item, below)?;
            }
            out.push(b']');
        }
        Value::Map(map) if map.is_nil() => out.extend_from_slice(b"null"),
        Value::Map(map) => map.read(|entries| {
            out.push(b'{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(out, key);
                out.push(b':');
                write(out, value, below)?;
            }
            out.push(b'}');
            Ok::<(), String>(())
        })?,
        Value::Object(object) => match object_json(&**object) {
            Encoded::Null => out.extend_from_slice(b"null"),
            Encoded::Text(text) => write_string(out, &text),
            Encoded::Fields(fields) => {
                out.push(b'{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_string(out, name.as_bytes());
                    out.push(b':');
                    write(out, value, below)?;
                }
                out.push(b'}');
            }
        },
        Value::Function(_) => return Err("json: unsupported type: func()".to_owned()),
    }
    Ok(())
}

/// The same as a tree, for YAML.
///
/// # Errors
/// As [`json_text`].
pub(crate) fn json_value(value: &Value) -> Result<Json, String> {
    tree(value, DEPTH_LIMIT)
}

fn tree(value: &Value, depth: usize) -> Result<Json, String> {
    let below = depth.checked_sub(1).ok_or_else(cycle)?;
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(number) | Value::Int64(number) => Json::from(*number),
        Value::Float(number) => float(*number)?,
        Value::Number(number) => {
            let text = number_text(number)?;
            match (text.parse::<i64>(), text.parse::<u64>()) {
                (Ok(number), _) => Json::from(number),
                (_, Ok(number)) => Json::from(number),
                _ => float(number.as_f64())?,
            }
        }
        Value::String(text) => Json::String(text.to_lossy().into_owned()),
        Value::Bytes(bytes) => Json::String(base64(bytes)),
        Value::List(list) if list.is_nil() => Json::Null,
        Value::List(list) => {
            Json::Array(list.iter().map(|item| tree(item, below)).collect::<Result<_, _>>()?)
        }
        Value::Map(map) if map.is_nil() => Json::Null,
        Value::Map(map) => Json::Object(map.read(|entries| {
            entries
                .iter()
                .map(|(key, value)| Ok((key.to_lossy().into_owned(), tree(value, below)?)))
                .collect::<Result<JsonMap<_, _>, String>>()
        })?),
        Value::Object(object) => match object_json(&**object) {
            Encoded::Null => Json::Null,
            Encoded::Text(text) => Json::String(text.to_lossy().into_owned()),
            Encoded::Fields(fields) => Json::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| Ok((name, tree(&value, below)?)))
                    .collect::<Result<_, String>>()?,
            ),
        },
        Value::Function(_) => return Err("json: unsupported type: func()".to_owned()),
    })
}

enum Encoded {
    Null,
    Text(Str),
    Fields(Vec<(String, Value)>),
}

/// A struct by the tags of its Go type; times and versions are texts.
fn object_json(object: &dyn Object) -> Encoded {
    if object.is_nil() {
        return Encoded::Null;
    }
    if let Some(fields) = objects::json_fields(object) {
        return Encoded::Fields(fields);
    }
    match (object.type_of().name(), object.string()) {
        ("*semver.Version" | "semver.Version", Some(text)) => Encoded::Text(text),
        ("time.Time" | "*time.Time", Some(text)) => Encoded::Text(rfc3339(&text)),
        _ => {
            let fields = object.fields().into_iter().map(|field| (field.name.to_owned(), field.value));
            Encoded::Fields(fields.collect())
        }
    }
}

/// `2006-01-02 15:04:05.999 +0000 UTC` as `2006-01-02T15:04:05.999Z`.
fn rfc3339(printed: &Str) -> Str {
    let text = printed.to_lossy();
    let mut parts = text.split(' ');
    let (Some(date), Some(time), Some(zone)) = (parts.next(), parts.next(), parts.next()) else {
        return printed.clone();
    };
    let zone = match zone {
        "+0000" => "Z".to_owned(),
        zone if zone.len() == 5 => format!("{}:{}", &zone[..3], &zone[3..]),
        zone => zone.to_owned(),
    };
    Str::from(format!("{date}T{time}{zone}"))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn refuse_infinite(number: f64) -> Result<(), String> {
    if number.is_nan() {
        return Err("json: unsupported value: NaN".to_owned());
    }
    if number.is_infinite() {
        return Err(format!("json: unsupported value: {}Inf", if number > 0.0 { '+' } else { '-' }));
    }
    Ok(())
}

/// A float as YAML reads it back out of JSON: what has no fraction is an integer.
fn float(number: f64) -> Result<Json, String> {
    refuse_infinite(number)?;
    if number.fract() == 0.0 && number.abs() < 1e21 {
        // Go writes the shortest digits that read back, padded with zeros; so does Rust.
        let digits = format!("{number}");
        if let Ok(integer) = digits.parse::<i64>() {
            return Ok(Json::from(integer));
        }
        if let Ok(integer) = digits.parse::<u64>() {
            return Ok(Json::from(integer));
        }
    }
    Ok(JsonNumber::from_f64(number).map_or(Json::Null, Json::Number))
}

fn float_text(number: f64) -> Result<String, String> {
    refuse_infinite(number)?;
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        return Ok(format!("{mantissa}e{sign}{exponent}"));
    }
    Ok(format!("{number}"))
}

fn number_text(number: &Number) -> Result<String, String> {
    Ok(match number {
        Number::Int8(value) => value.to_string(),
        Number::Int16(value) => value.to_string(),
        Number::Int32(value) => value.to_string(),
        Number::Uint(value) | Number::Uint64(value) => value.to_string(),
        Number::Uint8(value) => value.to_string(),
        Number::Uint16(value) => value.to_string(),
        Number::Uint32(value) => value.to_string(),
        Number::Float32(value) => {
            refuse_infinite(f64::from(*value))?;
            float_text(value.to_string().parse().unwrap_or_else(|_| f64::from(*value)))?
        }
        Number::Complex128(_) => return Err("json: unsupported type: complex128".to_owned()),
    })
}

/// Writes a string; each invalid sequence becomes U+FFFD.
fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut from = 0;
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if (0x20..0x80).contains(&byte) && !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&') {
            at += 1;
            continue;
        }
        out.extend_from_slice(&text[from..at]);
        let mut length = 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            0..0x80 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => {
                let (rune, size) = go::decode_rune(&text[at..]);
                length = size.max(1);
                match rune {
                    _ if rune == go::RUNE_ERROR && length == 1 => out.extend_from_slice(b"\\ufffd"),
                    0x2028 => out.extend_from_slice(b"\\u2028"),
                    0x2029 => out.extend_from_slice(b"\\u2029"),
                    _ => out.extend_from_slice(&text[at..at + length]),
                }
            }
        }
        at += length;
        from = at;
    }
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}
