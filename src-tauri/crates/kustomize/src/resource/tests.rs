//! Tests of resources and of lists of them.

use serde_json::json;

use super::*;

fn config_map(name: &str, namespace: Option<&str>) -> Resource {
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    Resource::new(object)
}

#[test]
fn an_id_prints_as_in_kustomizes_messages() {
    assert_eq!(config_map("a", None).current_id().to_string(), "ConfigMap.v1.[noGrp]/a.[noNs]");
    let deployment =
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}});
    assert_eq!(Resource::new(deployment).current_id().to_string(), "Deployment.v1.apps/a.n");
}

#[test]
fn no_namespace_and_default_are_one_namespace() {
    let mut map = ResourceMap::new();
    map.append(config_map("a", None)).unwrap();
    let failure = map.append(config_map("a", Some("default"))).unwrap_err();
    assert_eq!(
        failure.message(),
        "may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.default"
    );
    map.append(config_map("a", Some("other"))).unwrap();
    assert_eq!(map.len(), 2);
}

#[test]
fn a_renamed_resource_is_found_by_the_name_it_had() {
    let mut resource = config_map("a", None);
    let old = resource.current_id();
    resource.store_previous_id();
    resource.set_name("dev-a");
    let map = ResourceMap::from_resources(vec![resource]).unwrap();
    assert_eq!(map.one_any(&old).unwrap(), 0);
    assert_eq!(
        map.one_current(&old).unwrap_err().message(),
        "no matches for Current ConfigMap.v1.[noGrp]/a.[noNs]"
    );
    assert_eq!(map.get(0).unwrap().original_id().name, "a");
}

#[test]
fn a_changed_clone_leaves_the_first_as_it_was() {
    let first = config_map("a", None);
    let mut second = first.clone();
    second.set_name("b");
    assert_eq!((first.name(), second.name()), ("a", "b"));
}

#[test]
fn internal_annotations_become_notes() {
    let resource = Resource::new(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "annotations": {"internal.config.kubernetes.io/needsHashSuffix": "enabled"}}
    }));
    assert!(resource.needs_hash());
    assert_eq!(resource.metadata("annotations"), None);
}
