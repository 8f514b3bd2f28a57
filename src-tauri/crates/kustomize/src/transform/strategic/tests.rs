//! What strategic merge does, asked of `kustomize build` 5.8.2.

use super::*;

fn merged(object: &str, patch: &str) -> Result<Option<Value>, Failure> {
    let mut object = slipway_yaml::decode(object).unwrap();
    let patch = slipway_yaml::decode(patch).unwrap();
    Ok(merge(&mut object, &patch, &Schema::builtin())?.then_some(object))
}

#[track_caller]
fn check(object: &str, patch: &str, expected: &str) {
    let result = merged(object, patch).unwrap().unwrap();
    let expected = slipway_yaml::decode(expected).unwrap();
    assert_eq!(slipway_yaml::emit(&result), slipway_yaml::emit(&expected));
}

/// A deployment with this pod specification.
fn deployment(spec: &str) -> String {
    let spec = spec.lines().map(|line| format!("      {line}\n")).collect::<String>();
    format!("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n{spec}")
}

#[track_caller]
fn check_pod(object: &str, patch: &str, expected: &str) {
    check(&deployment(object), &deployment(patch), &deployment(expected));
}

#[test]
fn maps_merge_and_nulls_delete() {
    check("a: {b: 1, c: 2}\nd: 3", "a: {b: null, e: {f: null, g: 4}}", "a: {c: 2, e: {g: 4}}\nd: 3");
    check("a: [1, 2]\nb: x", "a: [{c: null}]\nb: null", "a: [{c: null}]");
    check("a: null\nb: 1", "b: 2", "a: null\nb: 2");
    check("a: null", "a: {b: null}", "a: {}");
}

#[test]
fn directives_of_maps() {
    check("a: {b: 1, c: 2}", "a: {$patch: replace, d: 3}", "a: {d: 3}");
    check("a: {b: 1}\nc: 2", "a: {$patch: delete}", "c: 2");
    check("a: {b: 1}", "a: {$patch: merge, c: 2}", "a: {b: 1, c: 2}");
    check("a: {}", "b: {$patch: delete, c: 1}", "a: {}");
    check("a: {}", "b: {$patch: unheard, c: 1}", "a: {}\nb: {$patch: unheard, c: 1}");
    let failure = merged("a: {b: 1}", "a: {$patch: unheard}").unwrap_err();
    assert_eq!(failure.message(), "unknown patch strategy 'unheard'");
    assert_eq!(merged("a: 1", "$patch: delete").unwrap(), None);
}

#[test]
fn directives_of_the_api_server_are_fields_like_others() {
    check_pod(
        "containers: [{name: a}]",
        "$setElementOrder/containers: [{name: a}]\n$retainKeys: [x]\ncontainers:\n- {name: a, $deleteFromPrimitiveList/args: [x]}",
        "$setElementOrder/containers: [{name: a}]\n$retainKeys: [x]\ncontainers:\n- {name: a, $deleteFromPrimitiveList/args: [x]}",
    );
}

#[test]
fn items_of_the_patch_come_first() {
    check_pod(
        "containers: [{name: a, image: a}, {name: b, image: b}]",
        "containers: [{name: c}, {name: b, image: new}]",
        "containers: [{name: c}, {name: b, image: new}, {name: a, image: a}]",
    );
}

#[test]
fn lists_without_keys_are_replaced() {
    check_pod(
        "tolerations: [{key: a}]\ncontainers: [{name: a, args: [x, y]}]",
        "tolerations: [{key: b}]\ncontainers: [{name: a, args: [z]}]",
        "tolerations: [{key: b}]\ncontainers: [{name: a, args: [z]}]",
    );
    check(
        "apiVersion: example.com/v1\nkind: Widget\nspec: {parts: [{name: a}]}",
        "spec: {parts: [{name: b}]}",
        "apiVersion: example.com/v1\nkind: Widget\nspec: {parts: [{name: b}]}",
    );
}

#[test]
fn directives_of_lists_and_their_items() {
    let object = "containers: [{name: a, image: a}, {name: b, image: b}]";
    check_pod(object, "containers: [{name: a, $patch: delete}]", "containers: [{name: b, image: b}]");
    check_pod(object, "containers: [{name: c}, {$patch: replace}]", "containers: [{name: c}]");
    check_pod(object, "containers: [{name: a, $patch: delete}, {name: b, $patch: delete}]", "containers: []");
    check_pod(
        object,
        "containers: [{name: b, $patch: replace, image: z}]",
        "containers: [{name: b, image: b}, {name: a, image: a}]",
    );
    check_pod(object, "containers: null\ntolerations: []", "tolerations: []");
}

#[test]
fn an_item_without_its_key_empties_the_list() {
    check_pod("containers: [{name: a}]", "containers: [{image: z}]", "containers: []");
}

#[test]
fn ports_have_two_keys() {
    check_pod(
        "containers: [{name: b, ports: [{containerPort: 80}, {containerPort: 81, protocol: UDP}]}]",
        "containers: [{name: b, ports: [{containerPort: 80, protocol: TCP, name: web}, {containerPort: 81, name: other}, {containerPort: 82}]}]",
        "containers: [{name: b, ports: [{containerPort: 82}, {containerPort: 80}, {containerPort: 81, protocol: UDP}]}]",
    );
    check_pod(
        "containers: []",
        "containers: [{name: n, ports: [{containerPort: 1}, {containerPort: 1, protocol: TCP}, {name: nokey}]}]",
        "containers: [{name: n, ports: [{name: nokey}]}]",
    );
}

#[test]
fn a_directive_counts_the_first_time_it_is_read() {
    check_pod(
        "containers: [{name: b, ports: [{containerPort: 443}, {containerPort: 443, protocol: TCP}]}]",
        "containers: [{name: b, ports: [{containerPort: 443, protocol: TCP, name: c, $patch: replace}]}]",
        "containers: [{name: b, ports: [{containerPort: 443}, {containerPort: 443, protocol: TCP, name: c}]}]",
    );
}

#[test]
fn finalizers_are_a_list_of_scalars_that_merges() {
    let with = |list: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{finalizers: {list}}}");
    check(&with("[a, b]"), &with("[c, b]"), &with("[c, b, a]"));
}

#[test]
fn the_kind_of_an_embedded_object_is_looked_up() {
    let with = |list: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Template\nspec:\n  object: {{apiVersion: v1, kind: Pod, spec: {{containers: {list}}}}}"
        )
    };
    check(&with("[{name: a}]"), &with("[{name: b}]"), &with("[{name: b}, {name: a}]"));
}

#[test]
fn deep_objects_are_merged_on_a_small_stack() {
    let nested = |inner: &str| format!("{}{inner}{}", "{a: ".repeat(900), "}".repeat(900));
    let result = merged(&nested("{b: 1}"), &nested("{c: [{d: null}]}")).unwrap().unwrap();
    assert!(result.to_string().contains(r#"{"b":1,"c":[{"d":null}]}"#));
}

#[test]
fn a_map_cannot_be_patched_by_something_else() {
    let failure = merged("a: {b: 1}", "a: text").unwrap_err();
    assert_eq!(
        failure.message(),
        "wrong node kind: expected MappingNode but got ScalarNode: node contents:\ntext"
    );
    assert!(merged("a: text", "a: [1]").is_err());
    check("a: null", "a: [1]", "a: [1]");
}

#[test]
fn keys_without_a_value_do_not_survive_where_a_merge_walks() {
    let mut object = slipway_yaml::decode(&deployment(
        "containers: [{name: a, image: , ports: [{containerPort: 1, name: }]}]\ntolerations: [{key: }]\nvolumes:",
    ))
    .unwrap();
    let pod = "/spec/template/spec";
    let places =
        ["containers/0/image", "containers/0/ports/0/name", "tolerations/0/key", "volumes", "none/0/x"];
    let places: Vec<FieldPath> =
        places.iter().map(|place| format!("{pod}/{place}").parse().unwrap()).collect();
    drop_nulls(&mut object, &places, &Schema::builtin());
    let expected =
        deployment("containers: [{name: a, ports: [{containerPort: 1}]}]\ntolerations: [{key: null}]");
    assert_eq!(object, slipway_yaml::decode(&expected).unwrap());
}
