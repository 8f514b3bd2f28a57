//! Fields the API server does not let anyone change.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;
use slipway_model::FieldPath;

use crate::restarts::{is_at_or_below, pattern};
use crate::tables;

/// When a field cannot change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Never after creation.
    Always,
    /// While the object says `immutable: true` (ConfigMap, Secret).
    MarkedImmutable,
}

/// A rule: this field and everything below it cannot change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The field, as the API server names it: `spec.selector`; `[]` is any item.
    pub field: &'static str,
    /// When it holds.
    pub when: When,
    /// Whether the server calls the change forbidden rather than an invalid value.
    pub forbidden: bool,
    /// The server's words.
    pub message: &'static str,
}

/// A change that the API server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: Rule,
    /// The value that was asked for; null where the field was removed.
    pub value: Value,
}

#[derive(Default)]
struct Rules {
    rules: Vec<Rule>,
    mutable: Vec<&'static str>,
}

const IDENTITY: [&str; 3] = ["metadata.name", "metadata.namespace", "metadata.uid"];

fn table() -> &'static BTreeMap<&'static str, Rules> {
    static TABLE: OnceLock<BTreeMap<&'static str, Rules>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<&str, Rules> = BTreeMap::new();
        for (kind, rows) in tables::blocks(tables::IMMUTABLE) {
            let entry = table.entry(kind).or_default();
            for row in rows {
                let mut columns = row.splitn(4, ' ');
                let (Some(sign), Some(field)) = (columns.next(), columns.next()) else { continue };
                if sign == "=" {
                    entry.mutable.push(field);
                    continue;
                }
                entry.rules.push(Rule {
                    field,
                    when: if sign == "?" { When::MarkedImmutable } else { When::Always },
                    forbidden: columns.next() == Some("forbidden"),
                    message: columns.next().unwrap_or("field is immutable"),
                });
            }
            // The most specific rule speaks first.
            entry.rules.sort_by_key(|rule| std::cmp::Reverse(rule.field.len()));
        }
        table
    })
}

/// The rule that forbids a change at `path`; `None` where the field may change. Name, namespace and uid are
/// immutable for every kind, custom resources included.
#[must_use]
pub fn check(api_version: &str, kind: &str, path: &FieldPath) -> Option<Rule> {
    let pattern = pattern(path);
    if let Some(field) = IDENTITY.into_iter().find(|field| is_at_or_below(&pattern, field)) {
        return Some(Rule { field, when: When::Always, forbidden: false, message: "field is immutable" });
    }
    let rules = table().get(format!("{api_version}/{kind}").as_str())?;
    if rules.mutable.iter().any(|field| is_at_or_below(&pattern, field)) {
        return None;
    }
    rules.rules.iter().find(|rule| is_at_or_below(&pattern, rule.field)).copied()
}

/// The changes from `live` to `desired` that the API server refuses, in the order of field names. Both are
/// expected after defaulting; a field that was never set may be set where the server says "once set".
#[must_use]
pub fn violations(live: &Value, desired: &Value) -> Vec<Violation> {
    let text = |field: &str| desired.get(field).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let Some(rules) = table().get(format!("{api_version}/{kind}").as_str()) else { return Vec::new() };
    let marked = live.get("immutable") == Some(&Value::Bool(true));
    let mut found = Vec::new();
    for rule in &rules.rules {
        if rule.when == When::MarkedImmutable && !marked {
            continue;
        }
        let steps: Vec<&str> = rule.field.split('.').collect();
        let (mut before, mut after) = (at(live, &steps), at(desired, &steps));
        let exceptions: Vec<&str> = rules
            .mutable
            .iter()
            .filter_map(|field| field.strip_prefix(rule.field)?.strip_prefix('.'))
            .collect();
        for exception in exceptions {
            let steps: Vec<&str> = exception.split('.').collect();
            remove(&mut before, &steps);
            remove(&mut after, &steps);
        }
        let may_be_set_once = rule.message.contains("once set") || rule.field == "type";
        if is_empty(&before) && (may_be_set_once || is_empty(&after)) || before == after {
            continue;
        }
        if may_be_set_once && is_empty(&after) {
            continue; // An update that leaves such a field out keeps what is there.
        }
        found.push(Violation { rule: *rule, value: at(desired, &steps) });
    }
    found.sort_by_key(|violation| violation.rule.field);
    found
}

fn at(object: &Value, steps: &[&str]) -> Value {
    let found = steps.iter().try_fold(object, |value, step| value.get(step));
    found.cloned().unwrap_or(Value::Null)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn remove(value: &mut Value, steps: &[&str]) {
    let Some((first, rest)) = steps.split_first() else { return };
    let (name, is_list) = first.strip_suffix("[]").map_or((*first, false), |name| (name, true));
    let Some(map) = value.as_object_mut() else { return };
    if rest.is_empty() && !is_list {
        map.remove(name);
        return;
    }
    match map.get_mut(name) {
        Some(Value::Array(items)) if is_list => items.iter_mut().for_each(|item| remove(item, rest)),
        Some(child) if !is_list => remove(child, rest),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_below_an_immutable_one_is_immutable_but_for_the_exceptions() {
        let check = |kind: &str, api: &str, path: &str| check(api, kind, &path.parse().unwrap());
        assert!(check("Deployment", "apps/v1", "/spec/selector/matchLabels/app").is_some());
        assert!(check("Deployment", "apps/v1", "/spec/replicas").is_none());
        assert!(check("Pod", "v1", "/spec/containers/[name=a]/image").is_none());
        assert!(check("Pod", "v1", "/spec/containers/[name=a]/command").is_some());
        assert_eq!(check("ConfigMap", "v1", "/data/a").unwrap().when, When::MarkedImmutable);
        assert!(check("Widget", "example.com/v1", "/metadata/name").is_some());
    }

    #[test]
    fn only_changes_are_violations() {
        let pod = |image: &str, command: &str| {
            json!({"apiVersion": "v1", "kind": "Pod",
                "spec": {"containers": [{"name": "a", "image": image, "command": [command]}]}})
        };
        assert!(violations(&pod("a:1", "x"), &pod("a:2", "x")).is_empty());
        let found = violations(&pod("a:1", "x"), &pod("a:1", "y"));
        assert_eq!(found.len(), 1);
        assert!(found[0].rule.forbidden);
    }

    #[test]
    fn a_marked_config_map_keeps_its_data() {
        let map = |immutable: bool, value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "immutable": immutable, "data": {"a": value}});
        assert!(violations(&map(false, "1"), &map(false, "2")).is_empty());
        assert_eq!(violations(&map(true, "1"), &map(true, "2"))[0].rule.field, "data");
    }

    #[test]
    fn an_address_may_be_set_once() {
        let service = |addresses: serde_json::Value| json!({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIPs": addresses}});
        assert!(violations(&service(json!(null)), &service(json!(["10.0.0.1"]))).is_empty());
        assert_eq!(violations(&service(json!(["10.0.0.1"])), &service(json!(["10.0.0.2"]))).len(), 1);
    }
}
