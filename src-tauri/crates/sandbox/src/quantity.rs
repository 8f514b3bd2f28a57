//! Quantities in the form the API server stores them: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`.

use serde_json::Value;
use slipway_schema::types::{Container, Element, Scalar};

use crate::schema::Schema;

const DECIMAL: [(&str, i32); 10] =
    [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)];
const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
/// Billionths, the smallest part a quantity can have.
const NANO: i128 = 1_000_000_000;

/// Writes every quantity of a built-in object in its canonical form. What is no quantity stays as it is.
pub(crate) fn canonicalise(value: &mut Value, schema: Schema<'_>) {
    if let Schema::BuiltIn { shape, .. } = schema {
        let is_quantity = shape.element == Element::Scalar(Scalar::Quantity);
        if is_quantity && shape.container == Container::Single {
            let text = match &*value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return,
            };
            *value = Value::String(canonical(&text).unwrap_or(text));
            return;
        }
    }
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| canonicalise(value, schema.key(key))),
        Value::Array(items) => items.iter_mut().for_each(|item| canonicalise(item, schema.item())),
        _ => {}
    }
}

/// The canonical form of a quantity; `None` where the text is none.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.find(|each: char| !matches!(each, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let nano = parse_decimal(number)?;
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some(binary(nano.checked_mul(1_i128 << bits)?));
    }
    let exponent = match DECIMAL.iter().find(|(name, _)| *name == suffix) {
        Some((_, exponent)) => *exponent,
        None => {
            suffix.strip_prefix(['e', 'E'])?.parse().ok().filter(|each: &i32| (-18..=18).contains(each))?
        }
    };
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    // What is smaller than a billionth is rounded up, as upstream.
    let nano = if exponent < 0 {
        nano.div_euclid(power) + i128::from(nano.rem_euclid(power) != 0)
    } else {
        nano.checked_mul(power)?
    };
    Some(decimal(nano))
}

fn parse_decimal(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || whole.len() > 19
    {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nano = whole.checked_mul(NANO)?;
    let mut scale = NANO / 10;
    for digit in fraction.bytes().take(9) {
        nano += i128::from(digit - b'0') * scale;
        scale /= 10;
    }
    Some(sign * nano)
}

fn decimal(nano: i128) -> String {
    if nano == 0 {
        return "0".to_owned();
    }
    for (suffix, exponent) in DECIMAL {
        let unit = 10_i128.pow((exponent + 9).unsigned_abs());
        if nano % unit == 0 {
            return format!("{}{suffix}", nano / unit);
        }
    }
    format!("{nano}n")
}

fn binary(nano: i128) -> String {
    if nano % NANO != 0 {
        return decimal(nano);
    }
    let value = nano / NANO;
    if value == 0 {
        return "0".to_owned();
    }
    for (suffix, bits) in BINARY {
        if value % (1_i128 << bits) == 0 {
            return format!("{}{suffix}", value >> bits);
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_one_form() {
        for (text, expected) in [
            ("1", "1"),
            ("0.5", "500m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("1000Mi", "1000Mi"),
            ("128974848", "128974848"),
            ("1e3", "1k"),
            ("2000", "2k"),
            ("0", "0"),
            ("-1", "-1"),
            ("0.1Ki", "102400m"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["", "x", "1Q", "1..2", "--1", "1e99", "99999999999999999999999"] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
