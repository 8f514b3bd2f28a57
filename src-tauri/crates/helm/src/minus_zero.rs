//! Minus zero in values: `-0.0` is a number of its own to Go, which prints it as `-0`.
//!
//! `slipway-yaml` reads it as 0, as it reads `1.0` as 1: to Kubernetes they are the same. Only templates can tell, so it
//! is put in here, by way of a number that nobody writes.

use std::borrow::Cow;

use serde_json::{Number, Value};

const WRITTEN: &str = "-0.0";
/// The smallest number there is, below zero.
const STAND_IN: &str = "-5e-324";

/// The text with the number in place of each minus zero; `None` where there is none, or no safe way.
pub(crate) fn replaced(text: &str) -> Option<String> {
    if memchr::memmem::find(text.as_bytes(), WRITTEN.as_bytes()).is_none() || text.contains(STAND_IN) {
        return None;
    }
    Some(text.replace(WRITTEN, STAND_IN))
}

/// Puts minus zero where the number stands, and back into texts.
pub(crate) fn restore(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_f64() == Some(-5e-324) => {
            if let Some(zero) = Number::from_f64(-0.0) {
                *number = zero;
            }
        }
        Value::String(text) => {
            if let Cow::Owned(restored) = restored(text) {
                *text = restored;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(restore),
        Value::Object(entries) => {
            if entries.keys().any(|key| key.contains(STAND_IN)) {
                let renamed = std::mem::take(entries);
                *entries =
                    renamed.into_iter().map(|(key, value)| (restored(&key).into_owned(), value)).collect();
            }
            entries.values_mut().for_each(restore);
        }
        _ => {}
    }
}

fn restored(text: &str) -> Cow<'_, str> {
    if text.contains(STAND_IN) { Cow::Owned(text.replace(STAND_IN, WRITTEN)) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use crate::go_yaml::decode;

    #[test]
    fn minus_zero_keeps_its_sign_and_texts_stay_what_they_are() {
        let value = decode(b"a: -0.0\nb: 'x -0.0'\nc: |\n  -0.0\n  -0.05\nd: -0\n").unwrap();
        assert!(value["a"].as_f64().unwrap().is_sign_negative());
        assert_eq!((value["b"].as_str(), value["c"].as_str()), (Some("x -0.0"), Some("-0.0\n-0.05\n")));
        assert_eq!(value["d"].as_i64(), Some(0));
    }
}
