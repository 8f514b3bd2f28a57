//! Copies of secret values outside the fields that hold them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::Value;

use super::{DEEPEST, SecretClass, is_secret_list};

/// Shorter texts are only looked for as a whole: `on` is part of half of all annotations.
const SHORTEST_PART: usize = 4;
/// With more values than this, every text of a Secret's metadata counts as a copy: better than a search that
/// takes minutes.
const MOST_TEXTS: usize = 4_000;

/// The texts that must not be shown: values as they are written, decoded and encoded.
#[derive(Default)]
pub(super) struct Copies {
    texts: Vec<String>,
    too_many: bool,
}

impl Copies {
    /// Collects the values of all Secrets in these objects.
    pub(super) fn of<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut copies = Self::default();
        for object in objects {
            copies.collect(object, false, 0);
        }
        copies.texts.sort();
        copies.texts.dedup();
        copies.too_many = copies.texts.len() > MOST_TEXTS;
        copies
    }

    /// Whether this very text is one of them, in a form that cannot be a coincidence.
    pub(super) fn holds(&self, text: &str) -> bool {
        text.len() >= 8 && self.texts.binary_search_by(|each| each.as_str().cmp(text)).is_ok()
    }

    /// Whether a text is or contains one of them.
    pub(super) fn found_in(&self, text: &str) -> bool {
        self.too_many
            || self.texts.binary_search_by(|each| each.as_str().cmp(text)).is_ok()
            || self.texts.iter().any(|each| each.len() >= SHORTEST_PART && text.contains(each.as_str()))
    }

    fn collect(&mut self, value: &Value, within_list: bool, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(map) => {
                let class = SecretClass::of(value).or(within_list.then_some(SecretClass::Core));
                let items = is_secret_list(value);
                for (key, value) in map {
                    match class {
                        Some(class) if class.hides(key) => self.add_leaves(value, depth + 1),
                        _ => self.collect(value, items && key == "items", depth + 1),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|item| self.collect(item, within_list, depth + 1)),
            _ => {}
        }
    }

    fn add_leaves(&mut self, value: &Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(map) => map.values().for_each(|value| self.add_leaves(value, depth + 1)),
            Value::Array(items) => items.iter().for_each(|item| self.add_leaves(item, depth + 1)),
            Value::String(text) => self.add_text(text),
            Value::Number(number) => self.add_text(&number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn add_text(&mut self, text: &str) {
        self.add_forms(text);
        let packed: String = text.split_whitespace().collect();
        let decoded = STANDARD.decode(&packed).or_else(|_| STANDARD_NO_PAD.decode(&packed));
        if let Some(plain) = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            self.add_forms(&plain);
        }
    }

    /// The text, without its outer space, as the inside of a JSON string, and in base64.
    fn add_forms(&mut self, text: &str) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let quoted = Value::String(trimmed.to_owned()).to_string();
        let inner = quoted[1..quoted.len() - 1].to_owned();
        // The end of an encoding depends on what follows in the text, so that it is left away.
        let encoded = STANDARD_NO_PAD.encode(trimmed);
        let stable = encoded[..encoded.len() - encoded.len() % 4].to_owned();
        for form in [trimmed.to_owned(), inner, STANDARD.encode(text), encoded, stable] {
            if !form.is_empty() {
                self.texts.push(form);
            }
        }
    }
}

/// Whether a text (an annotation) holds a Secret with its data, as JSON or as something that cannot be read.
pub(super) fn embeds_secret(text: &str) -> bool {
    if !(text.contains("Secret") || text.contains("secret")) || !(text.contains("ata")) {
        return false;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => holds_secret(&value, 0),
        Err(_) => {
            text.contains("kind") && text.contains("Secret") && (text.contains('{') || text.contains('\n'))
        }
    }
}

fn holds_secret(value: &Value, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    match value {
        Value::Object(map) => {
            SecretClass::of(value).is_some()
                || is_secret_list(value)
                || map.values().any(|value| holds_secret(value, depth + 1))
        }
        Value::Array(items) => items.iter().any(|item| holds_secret(item, depth + 1)),
        // JSON in JSON: an annotation of an object that is itself kept in an annotation.
        Value::String(text) => embeds_secret(text),
        _ => false,
    }
}
