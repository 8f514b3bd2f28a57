//! How the items of a list are told apart.

use serde_json::Value;
use slipway_model::FieldPath;
use slipway_schema::ListType;

/// What the items of a list are to Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Maps that these keys identify. Their order means nothing.
    Keyed(Vec<String>),
    /// Values that are there once. Their order means nothing.
    Set,
    /// A value as a whole, whose order counts.
    Atomic,
}

/// Answers how the items of a list are told apart.
pub trait ListKeys: Sync {
    /// The kind of the list at `path` of an object of this version and kind; `None` where nothing is known, as
    /// for custom resources.
    fn list_kind(&self, api_version: &str, kind: &str, path: &FieldPath) -> Option<ListKind>;
}

/// Knows nothing: every list is treated as one of a custom resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownLists;

impl ListKeys for UnknownLists {
    fn list_kind(&self, _: &str, _: &str, _: &FieldPath) -> Option<ListKind> {
        None
    }
}

/// Knows the lists of the built-in kinds (see `slipway-schema`); of custom resources it knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltInLists;

impl ListKeys for BuiltInLists {
    fn list_kind(&self, api_version: &str, kind: &str, path: &FieldPath) -> Option<ListKind> {
        let facts = slipway_schema::lists::keys(api_version, kind, path)?;
        let owned = |keys: &[&str]| ListKind::Keyed(keys.iter().map(|key| (*key).to_owned()).collect());
        Some(match (facts.list_type, facts.merge_key) {
            (ListType::Map, _) => owned(facts.keys),
            (ListType::Set, _) => ListKind::Set,
            // Some lists are replaced as a whole by server-side apply and merged by key by strategic merge.
            (ListType::Atomic, Some(key)) => owned(&[key]),
            (ListType::Atomic, None) => ListKind::Atomic,
        })
    }
}

/// The fields by which items of lists of unknown kinds are told apart, in the order in which they are tried.
const CUSTOMARY: [&str; 7] = ["name", "key", "id", "uid", "host", "alert", "record"];

/// The keys that identify every item of both lists: all of them are maps, hold a scalar there, and no two of
/// one list hold the same. Of `keys`, those are taken that every item has, because keys with a default
/// (`protocol` of a port) are often left out.
pub(crate) fn identifying(keys: &[String], old: &[Value], new: &[Value]) -> Option<Vec<String>> {
    let present: Vec<String> =
        keys.iter().filter(|key| old.iter().chain(new).all(|item| scalar_at(item, key))).cloned().collect();
    (!present.is_empty() && are_unique(&present, old) && are_unique(&present, new)).then_some(present)
}

/// As [`identifying`], with the customary key that fits.
pub(crate) fn customary(old: &[Value], new: &[Value]) -> Option<Vec<String>> {
    CUSTOMARY.iter().find_map(|key| identifying(&[(*key).to_owned()], old, new))
}

fn scalar_at(item: &Value, key: &str) -> bool {
    matches!(item.get(key), Some(Value::String(_) | Value::Number(_) | Value::Bool(_)))
}

fn are_unique(keys: &[String], items: &[Value]) -> bool {
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    items.iter().all(|item| seen.insert(key_values(keys, item)))
}

/// The values of the keys as a keyed segment of a path holds them.
pub(crate) fn key_values(keys: &[String], item: &Value) -> Vec<(String, String)> {
    keys.iter()
        .map(|key| {
            let text = item.get(key).map(slipway_model::field_path::scalar_text).unwrap_or_default();
            (key.clone(), text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_that_some_item_lacks_is_left_out() {
        let keys = ["port".to_owned(), "protocol".to_owned()];
        let old = [json!({"port": 80}), json!({"port": 443, "protocol": "TCP"})];
        assert_eq!(identifying(&keys, &old, &[]), Some(vec!["port".to_owned()]));
        let twice = [json!({"port": 53}), json!({"port": 53, "protocol": "UDP"})];
        assert_eq!(identifying(&keys, &twice, &[]), None, "53 without protocol is ambiguous");
    }

    #[test]
    fn lists_of_built_in_kinds_are_known() {
        let kind_of = |path: &str| BuiltInLists.list_kind("apps/v1", "Deployment", &path.parse().unwrap());
        let keyed = |keys: &[&str]| Some(ListKind::Keyed(keys.iter().map(|key| (*key).to_owned()).collect()));
        let pod = "/spec/template/spec";
        assert_eq!(kind_of(&format!("{pod}/containers")), keyed(&["name"]));
        assert_eq!(
            kind_of(&format!("{pod}/containers/[name=a]/ports")),
            keyed(&["containerPort", "protocol"])
        );
        assert_eq!(kind_of(&format!("{pod}/containers/[name=a]/env")), keyed(&["name"]));
        assert_eq!(kind_of(&format!("{pod}/containers/[name=a]/args")), Some(ListKind::Atomic));
        assert_eq!(kind_of("/metadata/finalizers"), Some(ListKind::Set));
        assert_eq!(BuiltInLists.list_kind("example.com/v1", "Widget", &"/spec/rules".parse().unwrap()), None);
    }

    #[test]
    fn a_customary_key_must_hold_on_both_sides() {
        let named = [json!({"name": "a"}), json!({"name": "b"})];
        assert_eq!(customary(&named, &named), Some(vec!["name".to_owned()]));
        assert_eq!(customary(&named, &[json!({"name": "a"}), json!({"name": "a"})]), None);
        assert_eq!(customary(&named, &[json!("a")]), None);
    }
}
