//! Tests of replacements.

use serde_json::json;

use super::*;

fn resources() -> ResourceMap {
    let source = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "source"},
        "data": {"host": "db.example.com", "port": "8080", "image": "nginx:1.25", "number": 12, "list": [1], "empty": {}}
    });
    let target = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "target", "labels": {"app": "x"}, "annotations": {"a.b/c": "old"}},
        "spec": {
            "replicas": 1, "paused": true, "text": "x",
            "containers": [
                {"name": "api", "image": "a:1", "args": ["--host", "h"], "env": [{"name": "A", "value": "1"}, {"name": "AB", "value": "2"}]},
                {"name": "web", "image": "b:1"}
            ]
        }
    });
    ResourceMap::from_resources(vec![Resource::new(source), Resource::new(target)]).unwrap()
}

/// Writes `from` of the source to `path` of the target and gives the target back.
fn written(from: &Value, path: &str, options: &Value) -> Result<Value, Failure> {
    let mut source = json!({"kind": "ConfigMap", "name": "source"});
    for (key, value) in from.as_object().unwrap() {
        source[key] = value.clone();
    }
    let replacement = json!({
        "source": source,
        "targets": [{"select": {"kind": "Deployment"}, "fieldPaths": [path], "options": options}]
    });
    let mut map = resources();
    Replacements { replacements: vec![Replacement::parse(&replacement)?] }.apply(&mut map, None)?;
    Ok(map.as_slice()[1].object().clone())
}

fn at(field: &str) -> Value {
    json!({"fieldPath": format!("data.{field}")})
}

#[test]
fn values_are_copied_and_keep_the_type_of_the_target() {
    for (from, path, pointer, expected) in [
        ("host", "spec.text", "/spec/text", json!("db.example.com")),
        ("number", "spec.text", "/spec/text", json!("12")),
        ("port", "spec.replicas", "/spec/replicas", json!(8080)),
        ("list", "spec.containers", "/spec/containers", json!([1])),
        ("list", "spec.text", "/spec/text", json!("")),
        ("host", "spec.containers.[name=web].image", "/spec/containers/1/image", json!("db.example.com")),
        ("host", "spec.containers.1.image", "/spec/containers/1/image", json!("db.example.com")),
        ("host", "spec.containers.*.image", "/spec/containers/0/image", json!("db.example.com")),
        ("host", "metadata.annotations.[a.b/c]", "/metadata/annotations/a.b~1c", json!("db.example.com")),
        (
            "host",
            "spec.containers.[name=api].args.[=^h$]",
            "/spec/containers/0/args",
            json!(["--host", "db.example.com"]),
        ),
    ] {
        let result = written(&at(from), path, &json!({})).unwrap();
        assert_eq!(result.pointer(pointer), Some(&expected), "{from} to {path}");
    }
    let result = written(&at("host"), "spec.containers.[name=api].env.[name=A].value", &json!({})).unwrap();
    let values = |index: usize| result.pointer(&format!("/spec/containers/0/env/{index}/value")).cloned();
    assert_eq!(
        (values(0), values(1)),
        (Some(json!("db.example.com")), Some(json!("db.example.com"))),
        "a part matches"
    );
    let failure = written(&at("host"), "spec.replicas", &json!({})).unwrap_err();
    assert_eq!(failure.message(), "yaml: cannot decode !!str `db.example.com` as a !!int");
}

#[test]
fn fields_are_made_when_asked() {
    let create = json!({"create": true});
    for (from, path, pointer, expected) in [
        ("port", "spec.new", "/spec/new", json!(8080)),
        ("host", "spec.new.deep", "/spec/new/deep", json!("db.example.com")),
        ("list", "spec.new", "/spec/new", json!([1])),
        ("host", "spec.new.[name=x].value", "/spec/new", json!([{"name": "x", "value": "db.example.com"}])),
        ("host", "spec.new.0", "/spec/new", json!(["db.example.com"])),
        (
            "host",
            "spec.containers.[name=new].image",
            "/spec/containers/2",
            json!({"name": "new", "image": "db.example.com"}),
        ),
    ] {
        let result = written(&at(from), path, &create).unwrap();
        assert_eq!(result.pointer(pointer), Some(&expected), "{from} to {path}");
    }
    assert_eq!(
        written(&at("host"), "spec.missing", &json!({})).unwrap_err().message(),
        "unable to find field \"spec.missing\" in replacement target"
    );
    assert_eq!(
        written(&at("host"), "spec.containers.5.image", &create).unwrap_err().message(),
        "unable to find or create field \"spec.containers.5.image\" in replacement target: index 5 specified but only 2 elements found"
    );
    assert!(
        written(&at("host"), "spec.text.more", &json!({}))
            .unwrap_err()
            .message()
            .starts_with("unable to find field \"spec.text.more\" in replacement target: wrong node kind")
    );
}

#[test]
fn a_field_that_was_made_takes_any_text_later() {
    let target = |value: &str, options: Value| {
        json!({"sourceValue": value, "targets": [
            {"select": {"kind": "Deployment"}, "fieldPaths": ["spec.address"], "options": options}
        ]})
    };
    let steps = [
        target("8080", json!({"create": true})),
        target("example.com", json!({"delimiter": ":", "index": -1})),
    ];
    let mut map = resources();
    let replacements = steps.iter().map(|step| Replacement::parse(step).unwrap()).collect();
    Replacements { replacements }.apply(&mut map, None).unwrap();
    assert_eq!(map.as_slice()[1].object()["spec"]["address"], "example.com:8080");
}

#[test]
fn parts_of_values() {
    let tag = json!({"fieldPath": "data.image", "options": {"delimiter": ":", "index": 1}});
    for (from, options, expected) in [
        (tag.clone(), json!({"delimiter": ":", "index": 1}), "a:1.25"),
        (tag.clone(), json!({"delimiter": ":"}), "1.25:1"),
        (tag.clone(), json!({"delimiter": ":", "index": -1}), "1.25:a:1"),
        (tag.clone(), json!({"delimiter": ":", "index": 9}), "a:1:1.25"),
        (tag, json!({}), "1.25"),
    ] {
        let result = written(&from, "spec.containers.[name=api].image", &options).unwrap();
        assert_eq!(result.pointer("/spec/containers/0/image"), Some(&json!(expected)), "{options}");
    }
    let beyond = json!({"fieldPath": "data.image", "options": {"delimiter": ":", "index": 2}});
    assert_eq!(
        written(&beyond, "spec.text", &json!({})).unwrap_err().message(),
        "options.index 2 is out of bounds for value nginx:1.25"
    );
    assert_eq!(
        written(&at("host"), "spec.containers", &json!({"delimiter": ":"})).unwrap_err().message(),
        "delimiter option can only be used with scalar nodes"
    );
}

#[test]
fn sources_have_to_be_one() {
    for (from, expected) in [
        (json!({"name": "nobody"}), "nothing selected by ConfigMap.[noVer].[noGrp]/nobody.[noNs]"),
        (
            json!({"kind": "", "name": "", "fieldPath": "x", "options": {"delimiter": "/"}}),
            "multiple matches for selector [noKind].[noVer].[noGrp]/[noName].[noNs]:x:/(0), create=false",
        ),
        (
            json!({"fieldPath": "data.none"}),
            "fieldPath `data.none` is missing for replacement source ConfigMap.[noVer].[noGrp]/source.[noNs]",
        ),
        (
            json!({"fieldPath": "data.empty"}),
            "fieldPath `data.empty` is missing for replacement source ConfigMap.[noVer].[noGrp]/source.[noNs]",
        ),
        (
            json!({"fieldPath": "data.*"}),
            "error looking up replacement source: wildcard is not supported in PathGetter",
        ),
    ] {
        assert_eq!(written(&from, "spec.text", &json!({})).unwrap_err().message(), expected);
    }
}

#[test]
fn incomplete_replacements_say_what_is_missing() {
    for (replacement, expected) in [
        (json!({"targets": []}), "replacements must specify a source and at least one target"),
        (json!({"source": {"name": "source"}}), "replacements must specify a source and at least one target"),
        (
            json!({"source": {"name": "source"}, "sourceValue": "x", "targets": []}),
            "value and resource selectors are mutually exclusive",
        ),
        (json!({"sourceValue": "x", "targets": [{}]}), "target must specify resources to select"),
    ] {
        let replacement = Replacement::parse(&replacement).unwrap();
        let failure =
            Replacements { replacements: vec![replacement] }.apply(&mut resources(), None).unwrap_err();
        assert_eq!(failure.message(), expected);
    }
    assert_eq!(
        Replacement::parse_file(&json!("x")).unwrap_err().message(),
        "unsupported replacement type encountered within replacement path: string"
    );
}

#[test]
fn targets_are_selected_and_rejected() {
    let target = |select: Value, reject: Value| {
        let replacement = json!({
            "sourceValue": "new",
            "targets": [{"select": select, "reject": reject, "fieldPaths": ["metadata.labels.app"]}]
        });
        let mut map = resources();
        let replacement = Replacement::parse(&replacement).unwrap();
        Replacements { replacements: vec![replacement] }.apply(&mut map, None).unwrap();
        map.as_slice()[1].object()["metadata"]["labels"]["app"] == "new"
    };
    assert!(target(json!({"name": "tar.*"}), json!([])));
    assert!(!target(json!({"name": "tar"}), json!([])));
    assert!(!target(json!({"name": "target"}), json!([{"kind": "Deployment"}])));
    assert!(!target(json!({"name": "target"}), json!([{"labelSelector": "app=x"}])));
    assert!(target(json!({"name": "target"}), json!([{"labelSelector": "app=y"}, {}])));
    assert!(target(json!({"labelSelector": "app=x"}), json!([])));
}

#[test]
fn texts_inside_a_field_are_printed_as_they_were() {
    let config = |text: &str, path: &str, value: &str, create: bool| {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"f.x": text}});
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        let replacement = json!({
            "sourceValue": value,
            "targets": [{"select": {"kind": "ConfigMap"}, "fieldPaths": [path], "options": {"create": create}}]
        });
        let replacement = Replacement::parse(&replacement).unwrap();
        Replacements { replacements: vec![replacement] }.apply(&mut map, None).unwrap();
        map.as_slice()[0].object()["data"]["f.x"].as_str().unwrap().to_owned()
    };
    for (text, path, value, expected) in [
        (r#"{"b": {"c": 1}, "a": "<x>"}"#, "data.[f.x].b.c", "2", r#"{"a":"\u003cx\u003e","b":{"c":2}}"#),
        (
            "{\n  \"b\": [1, 2],\n  \"a\": {}\n}",
            "data.[f.x].b.0",
            "3",
            "{\n  \"a\": {},\n  \"b\": [\n    3,\n    2\n  ]\n}",
        ),
        (
            "# top\nz: 1 # one\na:\n    b: 'x'\n\n    list:\n      - k: \"v\"\n        n: 2\n      - w\n",
            "data.[f.x].a.b",
            "y",
            "# top\nz: 1 # one\na:\n  b: 'y'\n  list:\n  - k: \"v\"\n    n: 2\n  - w",
        ),
        (
            "labels: {\n  app: \"A\", env: [x,\n y]\n}\n",
            "data.[f.x].labels.app",
            "B",
            "labels: {app: \"B\", env: [x, y]}",
        ),
        ("a: text\nb: |\n  one\n  two\n", "data.[f.x].a", "new", "a: new\nb: |\n  one\n  two"),
    ] {
        assert_eq!(config(text, path, value, false), expected, "{text}");
    }
    assert_eq!(config("a: 1", "data.[f.x].b.c", "x", true), "a: 1\nb:\n  c: x");
    assert_eq!(config("a: 1", "data.[f.x]", "x", false), "x");
    assert_eq!(config(r#"{"a": [{"b": 1}]}"#, "data.[f.x].a.*.b", "2", false), r#"{"a":[{"b":2}]}"#);
}
