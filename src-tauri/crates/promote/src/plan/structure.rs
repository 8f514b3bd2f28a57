//! The differences between two source documents, as edits of the second one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use slipway_diff::EnvironmentWords;
use slipway_model::field_path::scalar_text;
use slipway_model::{FieldPath, Segment};

use crate::version::Image;

/// Deeper values are replaced as a whole.
const DEEPEST: usize = 60;
/// Longer lists without keys are compared position by position.
const MOST_CELLS: usize = 40_000;
/// The keys by which items of lists in source files are told apart, in the order in which they are tried.
const CUSTOMARY: [&str; 6] = ["name", "key", "id", "path", "host", "containerPort"];
/// Parts of a kustomization that hold secret values.
const SECRET_PARTS: [&str; 1] = ["secretGenerator"];

/// One difference, as a change of the target's document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Where in the target's document.
    pub(crate) path: FieldPath,
    /// What is there; absent where something is added.
    pub(crate) old: Option<Value>,
    /// What the source has; absent where something goes.
    pub(crate) new: Option<Value>,
}

/// The differences of the target's document from the source's. Values that differ in the names of environments
/// alone are none.
pub(crate) fn differences(source: &Value, target: &Value, words: &EnvironmentWords) -> Vec<Difference> {
    let mut walk = Walk { words, found: Vec::new() };
    walk.value(&FieldPath::root(), source, target);
    walk.found
}

struct Walk<'a> {
    words: &'a EnvironmentWords,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn add(&mut self, path: FieldPath, old: Option<&Value>, new: Option<&Value>) {
        self.found.push(Difference { path, old: old.cloned(), new: new.cloned() });
    }

    fn value(&mut self, path: &FieldPath, source: &Value, target: &Value) {
        if self.same(source, target) {
            return;
        }
        match (source, target) {
            (Value::Object(source), Value::Object(target)) if path.segments().len() < DEEPEST => {
                self.maps(path, source, target);
            }
            (Value::Array(source), Value::Array(target)) if path.segments().len() < DEEPEST => {
                self.lists(path, source, target);
            }
            // A values file that says nothing yet.
            (Value::Object(source), Value::Null) if path.segments().is_empty() => {
                self.maps(path, source, &Map::new());
            }
            _ => {
                // Another registry stays where it is; its version moves.
                if let Some(mixed) = image_with_own_repository(source, target) {
                    self.add(path.clone(), Some(target), Some(&mixed));
                }
                self.add(path.clone(), Some(target), Some(source));
            }
        }
    }

    /// Equal, or equal but for the names of environments.
    fn same(&self, source: &Value, target: &Value) -> bool {
        source == target
            || match (source, target) {
                (Value::String(source), Value::String(target)) => {
                    self.words.neutral_text(source) == self.words.neutral_text(target)
                }
                _ => false,
            }
    }

    fn maps(&mut self, path: &FieldPath, source: &Map<String, Value>, target: &Map<String, Value>) {
        let partner_of = self.partners(source, target);
        for (key, value) in sorted(source) {
            if SECRET_PARTS.contains(&key.as_str()) && path.segments().is_empty() {
                continue;
            }
            match partner_of.get(key).and_then(|partner| Some((partner, target.get(partner)?))) {
                Some((partner, other)) => self.value(&path.key(partner), value, other),
                None => self.add(path.key(key), None, Some(value)),
            }
        }
        let with_partner: BTreeSet<&String> = partner_of.values().collect();
        for (key, value) in sorted(target) {
            let is_secret = SECRET_PARTS.contains(&key.as_str()) && path.segments().is_empty();
            if !with_partner.contains(key) && !is_secret {
                self.add(path.key(key), Some(value), None);
            }
        }
    }

    /// The key of the target for each key of the source: the same, or the one that differs in the name of the
    /// environment alone.
    fn partners(&self, source: &Map<String, Value>, target: &Map<String, Value>) -> BTreeMap<String, String> {
        let mut partners: BTreeMap<String, String> = source
            .keys()
            .filter(|key| target.contains_key(*key))
            .map(|key| (key.clone(), key.clone()))
            .collect();
        for key in source.keys().filter(|key| !target.contains_key(*key)) {
            let neutral = self.words.neutral_text(key);
            let mut like = target
                .keys()
                .filter(|other| !source.contains_key(*other) && self.words.neutral_text(other) == neutral);
            if let (Some(other), None) = (like.next(), like.next()) {
                partners.insert(key.clone(), other.clone());
            }
        }
        partners
    }

    fn lists(&mut self, path: &FieldPath, source: &[Value], target: &[Value]) {
        if let Some(key) = self.list_key(source, target) {
            self.keyed(path, key, source, target);
        } else if source.iter().chain(target).all(|item| !item.is_object() && !item.is_array()) {
            self.scalars(path, source, target);
        } else {
            self.sequences(path, source, target);
        }
    }

    fn list_key(&self, source: &[Value], target: &[Value]) -> Option<&'static str> {
        let is_unique = |key: &str, items: &[Value]| {
            let mut seen = BTreeSet::new();
            items.iter().all(|item| {
                item.get(key)
                    .filter(|value| !value.is_object() && !value.is_array())
                    .is_some_and(|value| seen.insert(self.words.neutral_text(&scalar_text(value))))
            })
        };
        CUSTOMARY.into_iter().find(|key| is_unique(key, source) && is_unique(key, target))
    }

    fn keyed(&mut self, path: &FieldPath, key: &str, source: &[Value], target: &[Value]) {
        let name = |item: &Value| item.get(key).map(scalar_text).unwrap_or_default();
        let neutral = |item: &Value| self.words.neutral_text(&name(item));
        let pairs: Vec<(Option<&Value>, Option<&Value>)> = source
            .iter()
            .map(|item| (Some(item), target.iter().find(|other| neutral(other) == neutral(item))))
            .chain(
                target
                    .iter()
                    .filter(|item| !source.iter().any(|other| neutral(other) == neutral(item)))
                    .map(|item| (None, Some(item))),
            )
            .collect();
        let item_path = |item: &Value| path.with(Segment::Keyed(vec![(key.to_owned(), name(item))]));
        for pair in pairs {
            match pair {
                (Some(source), Some(target)) => self.value(&item_path(target), source, target),
                (Some(source), None) => self.add(item_path(source), None, Some(source)),
                (None, Some(target)) => self.add(item_path(target), Some(target), None),
                (None, None) => {}
            }
        }
    }

    /// Lists of texts and numbers: what both have is left alone whatever its place; what only one has is a
    /// replacement where it is the same but for its version, else something added or removed.
    fn scalars(&mut self, path: &FieldPath, source: &[Value], target: &[Value]) {
        let mut free: Vec<usize> = (0..target.len()).collect();
        let mut without: Vec<(usize, &Value)> = Vec::new();
        for (index, item) in source.iter().enumerate() {
            match free.iter().position(|place| self.same(item, &target[*place])) {
                Some(position) => {
                    free.remove(position);
                }
                None => without.push((index, item)),
            }
        }
        let mut added = Vec::new();
        for (index, item) in without {
            let like = free
                .iter()
                .position(|place| stem(&target[*place]).is_some() && stem(&target[*place]) == stem(item))
                .or_else(|| {
                    let same_length = source.len() == target.len();
                    free.iter().position(|place| same_length && *place == index)
                });
            match like {
                Some(position) => {
                    let place = free.remove(position);
                    self.value(&path.index(place), item, &target[place]);
                }
                None => added.push(item),
            }
        }
        for place in free.into_iter().rev() {
            self.add(path.index(place), Some(&target[place]), None);
        }
        for item in added {
            self.add(path.index(target.len()), None, Some(item));
        }
    }

    /// Lists of maps without a key: equal items are aligned, the others are paired in their order.
    fn sequences(&mut self, path: &FieldPath, source: &[Value], target: &[Value]) {
        if source.len() == target.len() || source.len().saturating_mul(target.len()) > MOST_CELLS {
            for (index, (source, target)) in source.iter().zip(target).enumerate() {
                self.value(&path.index(index), source, target);
            }
            return;
        }
        let mut free: Vec<usize> = (0..target.len()).collect();
        let mut without = Vec::new();
        for item in source {
            match free.iter().position(|place| self.same_role(item, &target[*place])) {
                Some(position) => {
                    let place = free.remove(position);
                    self.value(&path.index(place), item, &target[place]);
                }
                None => without.push(item),
            }
        }
        for place in free.into_iter().rev() {
            self.add(path.index(place), Some(&target[place]), None);
        }
        for item in without {
            self.add(path.index(target.len()), None, Some(item));
        }
    }

    /// Items that are equal, or equal in what says whom they are for (`target` of a patch).
    fn same_role(&self, source: &Value, target: &Value) -> bool {
        self.same(source, target)
            || source.get("target").is_some_and(|role| target.get("target") == Some(role))
    }
}

fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// A text without its version or value: what stands before `?ref=`, the name of a literal (`LEVEL=info`,
/// `--level=info`), or the repository of an image.
fn stem(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    match text.split_once("?ref=") {
        Some((head, _)) => Some(head),
        None => {
            let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
            if let Some((name, _)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
                return Some(name);
            }
            let image = Image::parse(text);
            (image.tag.is_some() && text.contains('/')).then_some(image.repository)
        }
    }
}

/// The target's repository with the source's version, where both are images of other repositories.
pub(super) fn image_with_own_repository(source: &Value, target: &Value) -> Option<Value> {
    let (source, target) = (source.as_str()?, target.as_str()?);
    let is_image = |text: &str| {
        let image = Image::parse(text);
        (image.tag.is_some() || image.digest.is_some())
            && !text.contains("://")
            && !text.contains(char::is_whitespace)
    };
    if !is_image(source) || !is_image(target) {
        return None;
    }
    let (source, target) = (Image::parse(source), Image::parse(target));
    if source.repository == target.repository || (source.tag, source.digest) == (target.tag, target.digest) {
        return None;
    }
    let tag = source.tag.map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = source.digest.map(|digest| format!("@{digest}")).unwrap_or_default();
    Some(Value::String(format!("{}{tag}{digest}", target.repository)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "a test reads better without `&` before each literal")]
    fn check(source: Value, target: Value, expected: &[&str]) {
        let words = EnvironmentWords::new(["staging", "prod"]);
        let shown: Vec<String> = differences(&source, &target, &words)
            .into_iter()
            .map(|difference| {
                let text = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
                format!("{} {} → {}", difference.path, text(difference.old), text(difference.new))
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn images_of_a_kustomization_are_told_apart_by_name() {
        check(
            json!({"images": [{"name": "b", "newTag": "2"}, {"name": "a", "newTag": "5"}]}),
            json!({"images": [{"name": "a", "newTag": "5"}, {"name": "b", "newTag": "1"}]}),
            &["/images/[name=b]/newTag \"1\" → \"2\""],
        );
    }

    #[test]
    fn remote_resources_are_told_apart_without_their_version() {
        check(
            json!({"resources": ["../base", "https://g.com/a?ref=2", "hpa.yaml", "../base/staging"]}),
            json!({"resources": ["../base", "../base/prod", "https://g.com/a?ref=1", "quota.yaml"]}),
            &[
                "/resources/2 \"https://g.com/a?ref=1\" → \"https://g.com/a?ref=2\"",
                "/resources/3 \"quota.yaml\" → -",
                "/resources/4 - → \"hpa.yaml\"",
            ],
        );
        check(
            json!({"resources": ["../base", "hpa.yaml"]}),
            json!({"resources": ["../base"]}),
            &["/resources/1 - → \"hpa.yaml\""],
        );
    }

    #[test]
    fn literals_are_told_apart_by_their_names() {
        check(
            json!({"literals": ["B=2", "NEW=1", "A=1"]}),
            json!({"literals": ["A=1", "B=1"]}),
            &["/literals/1 \"B=1\" → \"B=2\"", "/literals/2 - → \"NEW=1\""],
        );
    }

    #[test]
    fn what_one_side_lacks_is_inserted_or_removed() {
        check(
            json!({"a": {"x": 1, "new": {"y": 2}}}),
            json!({"a": {"x": 1, "old": 3}}),
            &["/a/new - → {\"y\":2}", "/a/old 3 → -"],
        );
    }

    #[test]
    fn names_of_environments_are_no_difference() {
        check(
            json!({"host": "a.staging.example", "staging": {"tag": 2}}),
            json!({"host": "a.prod.example", "prod": {"tag": 1}}),
            &["/prod/tag 1 → 2"],
        );
    }

    #[test]
    fn an_image_of_another_registry_can_keep_it() {
        check(
            json!({"image": "staging.r/web:2"}),
            json!({"image": "prod.r/web:1"}),
            &["/image \"prod.r/web:1\" → \"prod.r/web:2\"", "/image \"prod.r/web:1\" → \"staging.r/web:2\""],
        );
    }

    #[test]
    fn secret_generators_are_left_alone() {
        check(
            json!({"secretGenerator": [{"name": "a", "literals": ["p=1"]}]}),
            json!({"secretGenerator": [{"name": "a", "literals": ["p=2"]}]}),
            &[],
        );
    }

    #[test]
    fn patches_are_told_apart_by_their_target() {
        let patch = |kind: &str, text: &str| json!({"target": {"kind": kind}, "patch": text});
        check(
            json!({"patches": [patch("Service", "s"), patch("Deployment", "new")]}),
            json!({"patches": [patch("Deployment", "old")]}),
            &[
                "/patches/0/patch \"old\" → \"new\"",
                "/patches/1 - → {\"patch\":\"s\",\"target\":{\"kind\":\"Service\"}}",
            ],
        );
    }
}
