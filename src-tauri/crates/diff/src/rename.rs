//! Resources that are the same under another name.

use serde_json::Value;
use slipway_model::{ResourceId, Segment};

use crate::comparison::{Change, Comparison, FieldChange, ResourceChange};

/// The characters of kustomize's content hashes: hexadecimal digits of which 0, 1, 3, a and e are replaced by
/// g, h, k, m and t, so that no word comes about
/// (<https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>).
const HASH_ALPHABET: &str = "2456789bcdfghkmt";
const HASH_LENGTH: usize = 10;

/// The id without the part of the name that is made from the content; `None` where there is no such part.
///
/// That is the hash of a ConfigMap or Secret, and of a Job whatever follows the last `-` and cannot be a word:
/// a hash, a version, a number, a date.
pub(crate) fn stem(id: &ResourceId) -> Option<ResourceId> {
    let stem = match id.kind.as_str() {
        "ConfigMap" | "Secret" if id.group.is_empty() => {
            let (stem, hash) = id.name.rsplit_once('-')?;
            (is_content_hash(hash) || is_hexadecimal_hash(hash)).then_some(stem)?
        }
        "Job" => job_stem(&id.name)?,
        _ => return None,
    };
    (!stem.is_empty()).then(|| ResourceId { name: stem.to_owned(), ..id.clone() })
}

/// The id by which a resource is known whatever its content: without the generated part of its name.
#[must_use]
pub fn stable_id(id: &ResourceId) -> ResourceId {
    stem(id).unwrap_or_else(|| id.clone())
}

fn is_content_hash(text: &str) -> bool {
    text.len() == HASH_LENGTH && text.chars().all(|character| HASH_ALPHABET.contains(character))
}

/// Charts cut a SHA-1 or SHA-256 sum to eight digits or more. A number alone is no hash: `proxy-20240101`.
fn is_hexadecimal_hash(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// `migrate-1.4.2`, `migrate-v2-1-0`, `migrate-20240101`, `migrate-x8k2m`: segments at the end that hold a
/// digit (or are a content hash) are generated.
fn job_stem(name: &str) -> Option<&str> {
    let is_generated =
        |segment: &str| is_content_hash(segment) || segment.bytes().any(|byte| byte.is_ascii_digit());
    let mut stem = name;
    while let Some((head, tail)) = stem.rsplit_once('-') {
        if !is_generated(tail) {
            break;
        }
        stem = head;
    }
    (stem.len() < name.len()).then_some(stem)
}

/// The words by which two environments are named: `staging`, `stage`, `stg` and `production`, `prod`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentWords {
    words: Vec<String>,
}

impl EnvironmentWords {
    /// The names and aliases of both sides. A name with `/` or `-` counts as a whole and, where it has `/`,
    /// by its segments as well.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = Vec::new();
        for name in names {
            words.push(name.replace('/', "-").to_lowercase());
            words.extend(name.split('/').map(str::to_lowercase));
        }
        words.retain(|word| !word.is_empty());
        // The longest first, so that `prod-eu` is not taken for `prod`.
        words.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        words.dedup();
        Self { words }
    }

    /// The id with every name of an environment replaced by the same sign.
    pub(crate) fn neutral(&self, id: &ResourceId) -> ResourceId {
        ResourceId {
            namespace: self.neutral_text(&id.namespace),
            name: self.neutral_text(&id.name),
            ..id.clone()
        }
    }

    /// The text with every name of an environment, where it stands as a word, replaced by the same sign. With
    /// it two values can be compared but for the environments that they name.
    #[must_use]
    pub fn neutral_text(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        let mut before: Option<char> = None;
        while let Some(first) = rest.chars().next() {
            let at_start = before.is_none_or(|character| !character.is_alphanumeric());
            let word = at_start.then(|| self.word_at(rest)).flatten();
            let length = match word {
                Some(length) => {
                    shown.push('\u{1}');
                    length
                }
                None => {
                    shown.push(first);
                    first.len_utf8()
                }
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        shown
    }

    /// Whether the text holds the name of an environment as a word.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        self.neutral_text(text).contains('\u{1}')
    }

    /// The length of the environment's name that the text begins with, of several the longest.
    fn word_at(&self, text: &str) -> Option<usize> {
        let begins_with = |word: &&String| {
            text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
                && text[word.len()..].chars().next().is_none_or(|next| !next.is_alphanumeric())
        };
        self.words.iter().find(begins_with).map(String::len)
    }
}

/// The renamed resource whose new name is all that this field's change is about: a Deployment's reference to a
/// ConfigMap with a new hash.
#[must_use]
pub fn is_rename_of<'a>(field: &FieldChange, comparison: &'a Comparison) -> Option<&'a ResourceChange> {
    comparison.resources.iter().filter(|resource| resource.change == Change::Renamed).find(|resource| {
        let Some(before) = &resource.renamed_from else { return false };
        let (before, after) = (before.name.as_str(), resource.resource.name.as_str());
        match (&field.old, &field.new) {
            (Some(old), Some(new)) => {
                let mut count = 0;
                let renamed = replaced(old, before, after, &mut count, 0);
                count > 0 && renamed == *new
            }
            (Some(item), None) => is_item_named(field, item, before),
            (None, Some(item)) => is_item_named(field, item, after),
            (None, None) => false,
        }
    })
}

/// An item of a list that is keyed by the very name and holds nothing else (`imagePullSecrets`).
fn is_item_named(field: &FieldChange, item: &Value, name: &str) -> bool {
    let keyed = matches!(field.path.segments().last(), Some(Segment::Keyed(keys)) if keys.iter().any(|(_, value)| value == name));
    keyed && item.as_object().is_some_and(|map| map.values().all(|value| value == name))
}

fn replaced(value: &Value, before: &str, after: &str, count: &mut usize, depth: usize) -> Value {
    match value {
        Value::String(text) if text == before => {
            *count += 1;
            Value::String(after.to_owned())
        }
        Value::Object(map) if depth < 100 => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), replaced(value, before, after, count, depth + 1)))
                .collect(),
        ),
        Value::Array(items) if depth < 100 => {
            Value::Array(items.iter().map(|item| replaced(item, before, after, count, depth + 1)).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem_of(kind: &str, name: &str) -> Option<String> {
        let id = ResourceId {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: String::new(),
            name: name.to_owned(),
        };
        stem(&id).map(|id| id.name)
    }

    #[test]
    fn only_what_is_generated_is_cut_off() {
        for (kind, name, expected) in [
            ("ConfigMap", "settings-6t55k6ttgb", Some("settings")),
            ("Secret", "db-5d9f2c1a", Some("db")),
            ("ConfigMap", "settings-production", None),
            ("ConfigMap", "settings-20240101", None),
            ("ConfigMap", "settings-aeiou13aei", None),
            ("ConfigMap", "6t55k6ttgb", None),
            ("Service", "settings-6t55k6ttgb", None),
            ("Job", "migrate-1.4.2", Some("migrate")),
            ("Job", "migrate-v2-1-0", Some("migrate")),
            ("Job", "db-migrate", None),
            ("Job", "migrate-20240101-x8k2m", Some("migrate")),
        ] {
            assert_eq!(stem_of(kind, name).as_deref(), expected, "{kind} {name}");
        }
    }

    #[test]
    fn environments_are_found_as_words() {
        let words = EnvironmentWords::new(["staging", "production/eu", "prod"]);
        assert_eq!(words.neutral_text("api.staging.example.com"), words.neutral_text("api.prod.example.com"));
        assert_eq!(words.neutral_text("web-production-eu"), words.neutral_text("web-staging"));
        assert!(words.are_in("PROD_URL"));
        assert!(!words.are_in("product reproduced"), "not inside other words");
        assert!(!words.are_in("prod2"));
    }
}
