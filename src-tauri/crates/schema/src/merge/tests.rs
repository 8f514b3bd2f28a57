use serde_json::{Value, json};

use super::*;

const POD: (&str, &str) = ("v1", "Pod");

fn patched(live: &Value, patch: &Value) -> Value {
    strategic_merge_patch(live, patch, POD).unwrap()
}

/// Live object, patch, expected object.
#[expect(clippy::needless_pass_by_value, reason = "a table of literals reads better without borrows")]
fn check(name: &str, live: Value, patch: Value, expected: Value) {
    assert_eq!(patched(&live, &patch), expected, "{name}");
}

#[test]
fn every_directive_of_strategic_merge() {
    check(
        "items are merged by name, new ones come first",
        json!({"spec": {"containers": [{"name": "a", "image": "a:1", "tty": true}, {"name": "b", "image": "b:1"}]}}),
        json!({"spec": {"containers": [{"name": "c", "image": "c:1"}, {"name": "a", "image": "a:2"}]}}),
        json!({"spec": {"containers": [
            {"name": "c", "image": "c:1"}, {"name": "a", "image": "a:2", "tty": true}, {"name": "b", "image": "b:1"}
        ]}}),
    );
    check(
        "a null removes a field, also an unknown one",
        json!({"metadata": {"labels": {"a": "1", "b": "2"}}}),
        json!({"metadata": {"labels": {"a": null, "c": null}}}),
        json!({"metadata": {"labels": {"b": "2"}}}),
    );
    check(
        "an item is deleted",
        json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}),
        json!({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}),
        json!({"spec": {"containers": [{"name": "b"}]}}),
    );
    check(
        "a list is replaced",
        json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}),
        json!({"spec": {"containers": [{"$patch": "replace"}, {"name": "c"}]}}),
        json!({"spec": {"containers": [{"name": "c"}]}}),
    );
    check(
        "a map is replaced",
        json!({"spec": {"securityContext": {"runAsUser": 1, "fsGroup": 2}}}),
        json!({"spec": {"securityContext": {"$patch": "replace", "runAsUser": 3}}}),
        json!({"spec": {"securityContext": {"runAsUser": 3}}}),
    );
    check(
        "a map is emptied",
        json!({"spec": {"nodeSelector": {"a": "b"}}}),
        json!({"spec": {"nodeSelector": {"$patch": "delete"}}}),
        json!({"spec": {"nodeSelector": {}}}),
    );
    check(
        "merge is the default said aloud",
        json!({"spec": {"nodeSelector": {"a": "b"}}}),
        json!({"spec": {"nodeSelector": {"$patch": "merge", "c": "d"}}}),
        json!({"spec": {"nodeSelector": {"a": "b", "c": "d"}}}),
    );
    check(
        "scalars are added once and removed by the parallel list",
        json!({"metadata": {"finalizers": ["a", "b", "c"]}}),
        json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["b"], "finalizers": ["c", "d"]}}),
        json!({"metadata": {"finalizers": ["a", "c", "d"]}}),
    );
    check(
        "the order is set, items only the server has stay in place",
        json!({"spec": {"containers": [{"name": "a"}, {"name": "injected"}, {"name": "b"}]}}),
        json!({"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
            "containers": [{"name": "b", "tty": true}]}}),
        json!({"spec": {"containers": [{"name": "injected"}, {"name": "b", "tty": true}, {"name": "a"}]}}),
    );
    check(
        "only listed keys are retained",
        json!({"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}),
        json!({"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}}),
        json!({"spec": {"volumes": [{"name": "v", "configMap": {"name": "c"}}]}}),
    );
    check(
        "an atomic list is replaced",
        json!({"spec": {"tolerations": [{"key": "a"}]}}),
        json!({"spec": {"tolerations": [{"key": "b"}]}}),
        json!({"spec": {"tolerations": [{"key": "b"}]}}),
    );
    check(
        "nothing of a directive stays where nothing was",
        json!({}),
        json!({"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [
            {"name": "a", "env": [{"name": "X", "value": "1"}, {"name": "Y", "$patch": "delete"}], "tty": null}
        ]}}),
        json!({"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}]}}),
    );
    check(
        "another type replaces",
        json!({"spec": {"hostname": "x"}}),
        json!({"spec": {"hostname": {"a": null}}}),
        json!({"spec": {"hostname": {}}}),
    );
}

#[test]
fn a_patch_that_makes_no_sense_says_why() {
    let error = |patch: Value| {
        let live = json!({"spec": {"containers": [{"name": "a"}], "volumes": [{"name": "v"}]}});
        strategic_merge_patch(&live, &patch, POD).unwrap_err().to_string()
    };
    let no_key = error(json!({"spec": {"containers": [{"image": "a"}]}}));
    assert_eq!(no_key, "an item of `spec.containers` has no `name`, by which the list is merged");
    assert!(error(json!({"spec": {"$patch": "remove"}})).contains("unknown directive `remove` at spec"));
    assert!(error(json!({"spec": {"containers": ["a"]}})).contains("different types"));
    assert!(error(json!([])).contains("expected a map"));
    let keys = error(json!({"spec": {"volumes": [{"name": "v", "emptyDir": {}, "$retainKeys": ["name"]}]}}));
    assert!(keys.contains("does not list `emptyDir`"), "{keys}");
    let order = error(json!({"spec": {"$setElementOrder/containers": [], "containers": [{"name": "a"}]}}));
    assert!(order.contains("does not list every item"), "{order}");
}

#[test]
fn three_way_patches_bring_the_live_object_to_the_wanted_one() {
    let pod = |containers: Value, finalizers: Value| json!({"metadata": {"name": "p", "finalizers": finalizers}, "spec": {"containers": containers}});
    let original = pod(
        json!([{"name": "a", "image": "a:1", "tty": true}, {"name": "gone", "image": "g:1"}]),
        json!(["one", "two"]),
    );
    let mut live = pod(
        json!([{"name": "a", "image": "a:1", "tty": true, "imagePullPolicy": "Always"},
            {"name": "gone", "image": "g:1"}, {"name": "injected", "image": "i:1"}]),
        json!(["one", "two", "theirs"]),
    );
    live["status"] = json!({"phase": "Running"});
    let modified =
        pod(json!([{"name": "new", "image": "n:1"}, {"name": "a", "image": "a:2"}]), json!(["one"]));

    let patch = create_three_way_patch(&original, &modified, &live, POD).unwrap();
    assert_eq!(
        patch,
        json!({
            "metadata": {"$deleteFromPrimitiveList/finalizers": ["two"], "$setElementOrder/finalizers": ["one"]},
            "spec": {
                "$setElementOrder/containers": [{"name": "new"}, {"name": "a"}],
                "containers": [
                    {"name": "new", "image": "n:1"},
                    {"name": "a", "image": "a:2", "tty": null},
                    {"name": "gone", "$patch": "delete"}
                ]
            }
        })
    );
    let result = patched(&live, &patch);
    assert_eq!(
        result["spec"]["containers"],
        json!([{"name": "injected", "image": "i:1"}, {"name": "new", "image": "n:1"},
            {"name": "a", "image": "a:2", "imagePullPolicy": "Always"}]),
        "the new item takes the place of the deleted one, behind the injected one"
    );
    assert_eq!(result["metadata"]["finalizers"], json!(["one", "theirs"]));
    assert_eq!(result["status"]["phase"], "Running");
}

#[test]
fn a_changed_volume_source_retains_its_keys() {
    let volumes = |source: Value| json!({"spec": {"volumes": [source]}});
    let before = volumes(json!({"name": "v", "emptyDir": {}}));
    let after = volumes(json!({"name": "v", "configMap": {"name": "c"}}));
    let patch = create_three_way_patch(&before, &after, &before, POD).unwrap();
    assert_eq!(patch["spec"]["volumes"][0]["$retainKeys"], json!(["configMap", "name"]));
    assert_eq!(patched(&before, &patch), after);
}

#[test]
fn nothing_changed_is_an_empty_patch() {
    let object = json!({"spec": {"containers": [{"name": "a"}], "volumes": [{"name": "v", "emptyDir": {}}]}});
    assert_eq!(create_three_way_patch(&object, &object, &object, POD).unwrap(), json!({}));
}

#[test]
fn unknown_kinds_get_json_merge_patches() {
    let kind = ("example.com/v1", "Widget");
    let original = json!({"spec": {"a": 1, "b": {"c": 1, "d": 2}, "list": [1, 2]}});
    let modified = json!({"spec": {"b": {"c": 3}, "list": [2]}});
    let mut live = original.clone();
    live["spec"]["own"] = json!("kept");
    let patch = create_three_way_patch(&original, &modified, &live, kind).unwrap();
    assert_eq!(patch, json!({"spec": {"a": null, "b": {"c": 3, "d": null}, "list": [2]}}));
    let merged = strategic_merge_patch(&live, &patch, kind).unwrap();
    assert_eq!(merged, json!({"spec": {"b": {"c": 3}, "list": [2], "own": "kept"}}));
}

#[test]
fn json_merge_patch_follows_the_rfc() {
    for (live, patch, expected) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!(["a"]), json!({"a": {"b": null}}), json!({"a": {}})),
        (json!({"a": 1}), json!(["c"]), json!(["c"])),
    ] {
        assert_eq!(json_merge_patch(&live, &patch), expected);
    }
}
