//! Tests of references.

use serde_json::{Value, json};

use super::names::References;
use super::variables::Variables;
use crate::kustomization::Variable;
use crate::resource::{Gvk, Resource, ResourceMap};
use crate::transform::{FieldSpec, NameReference, TransformerConfig};

fn object(kind: &str, name: &str, rest: &Value) -> Resource {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    for (key, value) in rest.as_object().unwrap() {
        object[key] = value.clone();
    }
    Resource::new(object)
}

fn renamed(mut resource: Resource, name: &str) -> Resource {
    resource.store_previous_id();
    resource.set_name(name);
    resource
}

fn update(resources: Vec<Resource>) -> Result<Vec<Value>, String> {
    let mut map = ResourceMap::from_resources(resources).unwrap();
    let defaults = TransformerConfig::defaults();
    References::new(&defaults.name_reference)
        .update(&mut map)
        .map_err(|failure| failure.message().to_owned())?;
    Ok(map.iter().map(|resource| resource.object().clone()).collect())
}

fn pod(name: &str) -> Resource {
    let spec = json!({"volumes": [{"configMap": {"name": name}}], "containers": [{"envFrom": [{"configMapRef": {"name": name}}]}]});
    object("Pod", "p", &json!({"spec": spec}))
}

#[test]
fn a_reference_follows_what_it_names_by_kind() {
    let objects = update(vec![
        renamed(object("ConfigMap", "a", &json!({})), "a-hash"),
        renamed(object("Secret", "a", &json!({})), "a-secret"),
        pod("a"),
    ])
    .unwrap();
    assert_eq!(objects[2]["spec"]["volumes"][0]["configMap"]["name"], "a-hash");
    assert_eq!(objects[2]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"], "a-hash");
}

#[test]
fn a_reference_to_what_was_not_renamed_stays() {
    assert_eq!(update(vec![pod("a")]).unwrap()[0], *pod("a").object());
}

#[test]
fn another_namespace_is_out_of_reach() {
    let mut map = object("ConfigMap", "a", &json!({}));
    map.set_namespace("other");
    let objects = update(vec![renamed(map, "b"), pod("a")]).unwrap();
    assert_eq!(objects[1]["spec"]["volumes"][0]["configMap"]["name"], "a");
}

#[test]
fn of_two_that_fit_the_one_with_the_same_prefix_is_meant() {
    let with = |prefix: &str| {
        let mut map = renamed(object("ConfigMap", "a", &json!({})), &format!("{prefix}a"));
        map.add_name_prefix(prefix);
        map
    };
    let mut referrer = pod("a");
    referrer.add_name_prefix("y-");
    let objects = update(vec![with("x-"), with("y-"), referrer]).unwrap();
    assert_eq!(objects[2]["spec"]["volumes"][0]["configMap"]["name"], "y-a");
    let mut twin = with("x-");
    twin.set_name("x-b");
    let mut referrer = pod("a");
    referrer.add_name_prefix("x-");
    let message = update(vec![with("x-"), twin, referrer]).unwrap_err();
    assert!(message.starts_with("updating name reference in "), "{message}");
    assert!(
        message.contains("found multiple possible referrals: ConfigMap.v1.[noGrp]/x-a.[noNs], "),
        "{message}"
    );
    assert!(message.contains("\nkind: Pod\n"), "{message}");
}

#[test]
fn a_subject_gets_name_and_namespace() {
    let account = |namespace: &str| {
        let mut account = object("ServiceAccount", "sa", &json!({}));
        account.store_previous_id();
        account.set_namespace(namespace);
        account
    };
    let binding = Resource::new(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "sa"}]
    }));
    let objects = update(vec![account("n"), binding]).unwrap();
    assert_eq!(objects[1]["subjects"][0], json!({"kind": "ServiceAccount", "name": "sa", "namespace": "n"}));
}

#[test]
fn a_field_of_the_wrong_shape_is_an_error() {
    let table = NameReference {
        gvk: Gvk::kind_only("ConfigMap"),
        referrers: vec![FieldSpec::new(Gvk::kind_only("Pod"), "spec", false)],
    };
    let mut map = ResourceMap::from_resources(vec![object("Pod", "p", &json!({"spec": {"a": 1}}))]).unwrap();
    let failure = References::new(&[table]).update(&mut map).unwrap_err();
    assert!(failure.message().ends_with("path config error; no 'name' field in node"), "{failure}");
}

fn variable(yaml: &str) -> Variable {
    serde_json::from_value(slipway_yaml::decode(yaml).unwrap()).unwrap()
}

#[test]
fn variables_are_replaced_with_their_type() {
    let mut map = ResourceMap::from_resources(vec![
        object("Service", "s", &json!({"spec": {"ports": [{"port": 80}]}})),
        object(
            "Pod",
            "p",
            &json!({"spec": {"a": "$(NAME):$(PORT) $$(NAME) $(OTHER)", "b": "$(PORT)", "c": ["$(NAME)"]}}),
        ),
    ])
    .unwrap();
    let mut variables = Variables::default();
    let all = [
        variable("{name: NAME, objref: {kind: Service, apiVersion: v1, name: s}}"),
        variable(
            "{name: PORT, objref: {kind: Service, apiVersion: v1, name: s}, fieldref: {fieldPath: 'spec.ports[0].port'}}",
        ),
        variable("{name: SPARE, objref: {kind: Service, apiVersion: v1, name: s}}"),
    ];
    variables.add(&all, &mut map).unwrap();
    let fields = ["spec/a", "spec/b", "spec/c"].map(|path| FieldSpec::everywhere(path, false));
    let unused = variables.resolve(&mut map, &fields).unwrap();
    assert_eq!(unused, ["SPARE"]);
    let spec = &map.as_slice()[1].object()["spec"];
    assert_eq!(*spec, json!({"a": "s:80 $(NAME) $(OTHER)", "b": 80, "c": ["s"]}));
}

#[test]
fn a_variable_that_reads_nothing_is_named() {
    let mut map = ResourceMap::new();
    let mut variables = Variables::default();
    let one = variable("{name: A, objref: {kind: A, apiVersion: v1, name: b}}");
    variables.add(std::slice::from_ref(&one), &mut map).unwrap();
    assert_eq!(variables.add(&[one], &mut map).unwrap_err().message(), "var 'A' already encountered");
    assert_eq!(
        variables.resolve(&mut map, &[]).unwrap_err().message(),
        "var '{A A.v1.[noGrp] {metadata.name}}' cannot be mapped to a field in the set of known resources"
    );
}
