//! The order of the output.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::failure::Failure;
use crate::kustomization::SortOptions;
use crate::resource::{Resource, ResourceMap};

/// Kinds that come first in the legacy order, as kustomize lists them.
pub(crate) const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last in the legacy order.
pub(crate) const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Puts the resources in the order that the options ask for; without options in the legacy order, as the command line
/// does.
///
/// # Errors
/// When the options contradict each other.
pub(crate) fn sort(resources: &mut ResourceMap, options: Option<&SortOptions>) -> Result<(), Failure> {
    let bad = |message: &str| Err(Failure::new("kustomize-sort-options", message));
    let custom = match options {
        None => None,
        Some(options) => match (options.order.as_str(), &options.legacy_sort_options) {
            ("fifo", None) => return Ok(()),
            ("fifo", Some(_)) => {
                return bad(
                    "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
                );
            }
            ("legacy", custom) => custom.as_ref(),
            _ => return bad("the field 'sortOptions.order' must be one of [fifo, legacy]"),
        },
    };
    let ranks: HashMap<&str, i64> = match custom {
        None => ranks(FIRST.iter().copied(), LAST.iter().copied()),
        Some(custom) => {
            ranks(custom.order_first.iter().map(String::as_str), custom.order_last.iter().map(String::as_str))
        }
    };
    // Every key is made once; no two resources have the same one.
    resources.resources_mut().sort_by_cached_key(|resource| Key::of(resource, &ranks));
    Ok(())
}

fn ranks<'a>(
    first: impl ExactSizeIterator<Item = &'a str>,
    last: impl Iterator<Item = &'a str>,
) -> HashMap<&'a str, i64> {
    let count = i64::try_from(first.len()).unwrap_or(i64::MAX);
    let mut ranks: HashMap<&str, i64> =
        first.enumerate().map(|(index, kind)| (kind, i64::try_from(index).unwrap_or(0) - count)).collect();
    ranks.extend(last.enumerate().map(|(index, kind)| (kind, i64::try_from(index).unwrap_or(0) + 1)));
    ranks
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: i64,
    /// Namespaces of the core group come before those of another group.
    other_namespace: bool,
    /// Among themselves they come backwards (`gvkLessThan` of kustomize's SortOrderTransformer); empty for all else.
    core_namespace: Reverse<String>,
    gvk: String,
    id: String,
}

impl Key {
    fn of(resource: &Resource, ranks: &HashMap<&str, i64>) -> Self {
        let or = |text: &str, value: &str| if value.is_empty() { text.to_owned() } else { value.to_owned() };
        let id = resource.current_id();
        let gvk = &id.gvk;
        let is_namespace = gvk.kind == "Namespace";
        let is_core = is_namespace && gvk.group.is_empty();
        Self {
            rank: ranks.get(gvk.kind.as_str()).copied().unwrap_or(0),
            other_namespace: is_namespace && !is_core,
            core_namespace: Reverse(if is_core { or("~V", &gvk.version) } else { String::new() }),
            gvk: [or("~G", &gvk.group), or("~V", &gvk.version), or("~K", &gvk.kind)].join("_"),
            id: [gvk.to_string(), or("~X", &id.namespace), or("~N", &id.name)].join("|"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kustomization::LegacySortOptions;

    fn map(kinds: &[(&str, &str)]) -> ResourceMap {
        let objects = kinds.iter().map(|(kind, name)| {
            Resource::new(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}))
        });
        ResourceMap::from_resources(objects.collect()).unwrap()
    }

    fn names(map: &ResourceMap) -> Vec<&str> {
        map.iter().map(Resource::name).collect()
    }

    #[test]
    fn kinds_come_in_the_legacy_order_and_names_after_one_another() {
        let mut all = map(&[
            ("Zed", "z"),
            ("Deployment", "d"),
            ("ConfigMap", "b"),
            ("ConfigMap", "a"),
            ("Namespace", "n"),
        ]);
        sort(&mut all, None).unwrap();
        assert_eq!(names(&all), ["n", "a", "b", "d", "z"]);
    }

    #[test]
    fn namespaces_of_several_versions_come_backwards() {
        let namespace = |version: &str, name: &str| {
            Resource::new(json!({"apiVersion": version, "kind": "Namespace", "metadata": {"name": name}}))
        };
        let all =
            [namespace("b", "b"), namespace("x/v1", "other"), namespace("v1", "z"), namespace("v1", "a")];
        let mut all = ResourceMap::from_resources(all.into()).unwrap();
        sort(&mut all, None).unwrap();
        assert_eq!(names(&all), ["a", "z", "b", "other"]);
    }

    #[test]
    fn an_own_order_and_no_order() {
        let mut all = map(&[("A", "a"), ("B", "b"), ("C", "c")]);
        let own = SortOptions {
            order: "legacy".to_owned(),
            legacy_sort_options: Some(LegacySortOptions {
                order_first: vec!["C".to_owned()],
                order_last: vec!["A".to_owned()],
            }),
        };
        sort(&mut all, Some(&own)).unwrap();
        assert_eq!(names(&all), ["c", "b", "a"]);
        let fifo = SortOptions { order: "fifo".to_owned(), legacy_sort_options: None };
        sort(&mut all, Some(&fifo)).unwrap();
        assert_eq!(names(&all), ["c", "b", "a"]);
        let wrong = SortOptions { order: "fifo".to_owned(), ..own };
        assert!(sort(&mut all, Some(&wrong)).unwrap_err().message().contains("not 'legacy'"));
        assert!(
            sort(&mut all, Some(&SortOptions::default())).unwrap_err().message().contains("[fifo, legacy]")
        );
    }
}
