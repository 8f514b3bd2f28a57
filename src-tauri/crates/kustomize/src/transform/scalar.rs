//! Scalars as kustomize handles them: as text that is given a type when the object is printed.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::failure::Failure;

/// The text of a scalar as go-yaml's node holds it; empty for null, `None` for maps and lists.
///
/// The text of a number is what the number is now; kustomize keeps how it was written (`1.10`).
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Null => Some(Cow::Borrowed("")),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a value has this text.
pub(crate) fn is_text(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        other => text(other).is_some_and(|text| text == wanted),
    }
}

/// What a text without quotes is (`resolve` of `go.yaml.in/yaml/v3`): `yes` is text, `010` is 8, a date becomes the
/// text that Go prints for a time.
pub(crate) fn resolve_plain(text: &str) -> Value {
    let resolved = match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ if text.starts_with(['+', '-', '.']) || text.as_bytes()[0].is_ascii_digit() => {
            number(text).or_else(|| timestamp(text))
        }
        _ => None,
    };
    resolved.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Refuses a key that kustomize cannot build with: what it adds to a map it writes without quotes, and a key that is no
/// text then (`1`, `true`, `2024-01-01`, `<<`) fails when the object is read again (`RNode.MarshalJSON` of kyaml:
/// `json: unsupported type: map[interface {}]interface {}`).
///
/// # Errors
/// When `key` is not read as itself.
pub(crate) fn check_added_key(key: &str) -> Result<(), Failure> {
    let read = match key {
        "<<" => "a merge of maps",
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan"
        | ".NaN" | ".NAN" => "a number",
        _ => match resolve_plain(key) {
            Value::String(text) if text == key => return Ok(()),
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            _ => "a time",
        },
    };
    let message = format!(
        "the key `{key}` cannot be added: kustomize writes it without quotes, and YAML reads that as {read} (json: unsupported type: map[interface {{}}]interface {{}})"
    );
    Err(Failure::new("kustomize-key", message))
}

/// Puts a text into a scalar that keeps its type, as `Node.Value = text` does.
///
/// # Errors
/// In the words of the decoder that fails on it later, when the text is no value of that type.
pub(crate) fn set_text(target: &mut Value, text: &str) -> Result<(), Failure> {
    let resolved = match &*target {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Array(_) | Value::Object(_) => resolve_plain(text),
        scalar => {
            let resolved = resolve_plain(text);
            let fits = match (scalar, &resolved) {
                (Value::Number(old), Value::Number(new)) => old.is_f64() || !new.is_f64(),
                (old, new) => std::mem::discriminant(old) == std::mem::discriminant(new),
            };
            if !fits {
                let message = format!("yaml: cannot decode {} `{text}` as a {}", tag(&resolved), tag(scalar));
                return Err(Failure::new("kustomize-type", message));
            }
            resolved
        }
    };
    *target = resolved;
    Ok(())
}

fn tag(value: &Value) -> &'static str {
    match value {
        Value::Null => "!!null",
        Value::Bool(_) => "!!bool",
        Value::Number(number) if number.is_f64() => "!!float",
        Value::Number(_) => "!!int",
        Value::String(_) => "!!str",
        Value::Array(_) => "!!seq",
        Value::Object(_) => "!!map",
    }
}

fn number(text: &str) -> Option<Value> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let plain: Cow<'_, str> =
        if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&plain).or_else(|| float(&plain))
}

/// `strconv.ParseInt(text, 0, 64)`, and without a sign `ParseUint`.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        let magnitude = i64::try_from(-i128::from(magnitude)).ok()?;
        return Some(Value::from(magnitude));
    }
    Some(Value::from(magnitude))
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    number_value(text.parse().ok()?)
}

/// A float as it is after a way through JSON: `1000.0` is 1000.
fn number_value(float: f64) -> Option<Value> {
    if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is a whole number below 2^53")]
        return Some(Value::from(float as i64));
    }
    Number::from_f64(float).map(Value::Number)
}

/// `2020-1-2`, `2020-01-02T03:04:05Z`, `2020-01-02 03:04:05.5`: printed as RFC 3339.
fn timestamp(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month = small(parts.next()?, 1, 12)?;
    let day = small(parts.next()?, 1, days(year, month))?;
    let Some((separator, time)) = time else {
        return Some(Value::String(format!("{year:04}-{month:02}-{day:02}T00:00:00Z")));
    };
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) if separator != b' ' => (&time[..at], &time[at..]),
        None if separator == b' ' => (time, "Z"),
        _ => return None,
    };
    let offset = zone.as_bytes();
    let valid_zone = zone == "Z"
        || offset.len() == 6
            && offset[3] == b':'
            && small(&zone[1..3], 0, 24).is_some()
            && small(&zone[4..], 0, 60).is_some();
    if !valid_zone {
        return None;
    }
    let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.splitn(3, ':');
    let hour = small(parts.next()?, 0, 23)?;
    let minute = small(parts.next()?, 0, 59)?;
    let second = small(parts.next()?, 0, 59)?;
    let fraction = fraction[..fraction.len().min(9)].trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Value::String(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}{zone}"
    )))
}

fn small(text: &str, least: u32, most: u32) -> Option<u32> {
    if text.is_empty() || text.len() > 2 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_text_has_the_types_of_yaml_1_2_with_octals_and_dates() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("True", json!(true)),
            ("8080", json!(8080)),
            ("-1", json!(-1)),
            ("010", json!(8)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("08", json!(8)),
            ("1e3", json!(1000)),
            ("1.5", json!(1.5)),
            ("1.", json!(1)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("1_000", json!(1000)),
            ("+", json!("+")),
            ("-", json!("-")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("10.0.0.0/8", json!("10.0.0.0/8")),
            ("2020-01-01", json!("2020-01-01T00:00:00Z")),
            ("2020-2-30", json!("2020-2-30")),
            ("2020-01-02T03:04:05.50+02:00", json!("2020-01-02T03:04:05.5+02:00")),
            ("2020-01-02 03:04:05", json!("2020-01-02T03:04:05Z")),
            ("100m", json!("100m")),
        ] {
            assert_eq!(resolve_plain(text), value, "{text}");
        }
    }

    #[test]
    fn a_scalar_keeps_its_type() {
        let set = |mut target: Value, text: &str| set_text(&mut target, text).map(|()| target);
        assert_eq!(set(json!("x"), "12").unwrap(), json!("12"));
        assert_eq!(set(json!(1), "12").unwrap(), json!(12));
        assert_eq!(set(json!(1.5), "12").unwrap(), json!(12));
        assert_eq!(set(json!(1), "abc").unwrap_err().message(), "yaml: cannot decode !!str `abc` as a !!int");
        assert!(set(json!(true), "yes").is_err());
        assert!(set(json!(1), "1.5").is_err());
    }
}
