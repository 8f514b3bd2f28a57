use slipway_model::{ApplicationName, EnvironmentName, InstanceId, MemoryTree, RepoPath};

use super::{manifests, problems, render, source};
use crate::engines::JsonnetEngine;
use crate::{EngineKind, Engines, RenderInputs, Rendered, Source, render_source};

fn for_instance(tree: &MemoryTree, source: &Source) -> Rendered {
    let instance = InstanceId::new(ApplicationName::new("api"), EnvironmentName::new("prod"));
    let inputs = RenderInputs { instance: Some(instance), ..RenderInputs::default() };
    render_source(&Engines::built_in(), tree, source, &inputs)
}

#[test]
fn imports_come_from_beside_the_file_then_from_the_last_library() {
    let tree = MemoryTree::new([
        (
            "envs/prod/main.jsonnet",
            "local a = import 'lib.libsonnet'; [a, importstr '../note.txt', import 'near.libsonnet']",
        ),
        ("envs/prod/near.libsonnet", "'near'"),
        ("envs/note.txt", "note"),
        ("one/lib.libsonnet", "'one'"),
        ("one/near.libsonnet", "'far'"),
        ("two/lib.libsonnet", "'two'"),
    ]);
    let mut source = source(EngineKind::Jsonnet, "envs/prod");
    source.parameters.jpath = vec![RepoPath::new("one").unwrap(), RepoPath::new("two").unwrap()];
    let rendered = render(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    let values: Vec<&str> = rendered.manifests.iter().map(|it| it.object.as_str().unwrap()).collect();
    assert_eq!(values, ["two", "note", "near"]);
    for (path, is_read) in
        [("two/lib.libsonnet", true), ("one/lib.libsonnet", false), ("envs/note.txt", true)]
    {
        assert_eq!(rendered.reads.touch(&RepoPath::new(path).unwrap()), is_read, "{path}");
    }
}

#[test]
fn variables_and_arguments_are_given_as_text_and_code() {
    let tree = MemoryTree::new([(
        "main.jsonnet",
        "function(name, count=1) {name: name, count: count, env: std.extVar('env'), list: std.extVar('list')}",
    )]);
    let mut source = source(EngineKind::Jsonnet, "main.jsonnet");
    let parameters = &mut source.parameters;
    parameters.tla_str.insert("name".to_owned(), "1 + 1".to_owned());
    parameters.tla_code.insert("count".to_owned(), "1 + 1".to_owned());
    parameters.ext_str.insert("env".to_owned(), "prod".to_owned());
    parameters.ext_code.insert("list".to_owned(), "[1, 2.5]".to_owned());
    let rendered = render(&tree, &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(
        *rendered.manifests[0].object,
        serde_json::json!({"name": "1 + 1", "count": 2, "env": "prod", "list": [1, 2.5]})
    );
    let raw = JsonnetEngine::default().evaluate(&tree, &source).json.unwrap();
    assert!(raw.starts_with("{\n   \"count\": 2,"), "{raw}");
}

#[test]
fn for_an_instance_lists_and_maps_by_file_name_are_opened() {
    let tree = MemoryTree::new([(
        "main.jsonnet",
        "local m(kind, name) = {apiVersion: 'v1', kind: kind, metadata: {name: name}};\n\
         {'b.yaml': [m('Secret', 'b')], 'a.yaml': m('ConfigMap', 'a'), none: null,\n\
          list: {apiVersion: 'v1', kind: 'List', items: [m('Service', 's')]}}",
    )]);
    let rendered = for_instance(&tree, &source(EngineKind::Jsonnet, "main.jsonnet"));
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(
        manifests(&rendered),
        ["ConfigMap/a main.jsonnet#0", "Secret/b main.jsonnet#1", "Service/s main.jsonnet#2"]
    );
    let wrong = MemoryTree::new([("main.jsonnet", "{a: {b: 'text'}, c: {kind: 'X'}}")]);
    let rendered = for_instance(&wrong, &source(EngineKind::Jsonnet, "main.jsonnet"));
    assert_eq!(
        problems(&rendered),
        [
            "error[not-a-manifest] main.jsonnet: /a/b is no manifest: expected a map or a list, found a text",
            "error[not-a-manifest] main.jsonnet: /c is no manifest: it has no `apiversion`",
        ]
    );
    assert!(rendered.manifests.is_empty());
}

#[test]
fn errors_name_the_innermost_place_inside_the_tree() {
    for (main, expected) in [
        ("{a: 1,\n b: }", "error[jsonnet-syntax] app/main.jsonnet:2:"),
        ("{a: 1,\n b: unknown}", "error[jsonnet-syntax] app/main.jsonnet:2:5: "),
        (
            "local l = import 'lib.libsonnet';\n{a: l.fail(1)}",
            "error[jsonnet-error] app/lib.libsonnet:2:13: no 1",
        ),
        (
            "{a: import 'gone.libsonnet'}",
            "error[import-not-found] app/main.jsonnet:1:12: there is no `gone.libsonnet`",
        ),
        ("\nimport '../../x'", "error[import-not-found] app/main.jsonnet:2:"),
        ("\nimport '/etc/passwd'", "error[import-not-found] app/main.jsonnet:2:"),
        ("local f(x) = f(x + 1) + 1;\nf(0)", "error[jsonnet-limit] app/main.jsonnet:1:"),
        (
            "local a = [1];\n{\n  b: 1,\n  c: [0,\n    a[3]],\n}",
            "error[jsonnet-error] app/main.jsonnet:5:5: array out of bounds",
        ),
        ("std.parseInt('x')", "error[jsonnet-error] app/main.jsonnet:1:13: "),
        ("local a =\n", "error[jsonnet-syntax] app/main.jsonnet:2:1: "),
        ("[\n  {a: [1][i]}\n  for i in [5]\n]", "error[jsonnet-error] app/main.jsonnet:2:"),
        (
            "{\n  x: 42 for i in [1]\n}",
            "error[jsonnet-syntax] app/main.jsonnet:2:9: object comprehensions can only",
        ),
        (
            "local a = {\n  b: a,\n};\na",
            "error[jsonnet-error] app/main.jsonnet:4:1: max manifest depth exceeded",
        ),
        (
            "std.base64('Ā')",
            "error[jsonnet-error] app/main.jsonnet:1:11: base64 encountered invalid codepoint",
        ),
        ("std.splitLimitR('a', '', 1)", "error[jsonnet-error] app/main.jsonnet:1:16: std.splitlimitr second"),
    ] {
        let tree = MemoryTree::new([
            ("app/main.jsonnet", main),
            ("app/lib.libsonnet", "{\n  fail(x):: error 'no %d' % x,\n}"),
        ]);
        let rendered = render(&tree, &source(EngineKind::Jsonnet, "app"));
        let problems = problems(&rendered);
        assert!(problems[0].starts_with(expected), "{main}: {:?}", rendered.problems);
    }
}

#[test]
fn traces_are_problems_of_their_own() {
    let tree = MemoryTree::new([("main.jsonnet", "std.trace('seen', {a: 1})")]);
    let rendered = render(&tree, &source(EngineKind::Jsonnet, "main.jsonnet"));
    assert_eq!(problems(&rendered), ["info[jsonnet-trace] main.jsonnet: trace: seen"]);
    assert_eq!(rendered.manifests.len(), 1);
}

/// Recorded from go-jsonnet v0.22.0.
#[test]
fn library_functions_answer_as_those_of_go_jsonnet() {
    for (program, expected) in [
        (r"std.parseYaml('')", "null"),
        (r"std.parseYaml('a: y')", r#"{"a":true}"#),
        (r"std.parseYaml('---\na: 1')", r#"[{"a":1}]"#),
        (r"std.parseYaml('a: 1\n---\n')", r#"[{"a":1},null]"#),
        (r"std.parseYaml('a: 1\n--- 5')", r#"[{"a":1},5]"#),
        (r"std.parseYaml('\n\n---\na: 1\n')", r#"[null,{"a":1}]"#),
        (
            r"std.manifestYamlDoc({a: 'x\ny', b: 'x\n', c: [[1], {d: []}]})",
            r#""\"a\": \"x\\ny\"\n\"b\": |\n  x\n\"c\":\n-\n  - 1\n- \"d\": []""#,
        ),
        (
            r"std.manifestYamlDoc({'a.b': 1, 'y': 2, '1e3': 3, '0x1': 4}, quote_keys=false)",
            r#""\"0x1\": 4\n\"1e3\": 3\na.b: 1\n\"y\": 2""#,
        ),
        (r"std.manifestYamlStream([])", r#""---\n\n...\n""#),
        (r"std.manifestJsonMinified('\u2028')", r#""\"\\u2028\"""#),
        ("[std.mantissa(x) for x in [0, 1, -3.5, 5e-324, 100]]", "[0,0.5,-0.875,0.5,0.78125]"),
        ("std.equalsIgnoreCase('É', 'é')", "true"),
        (r"std.parseYaml('a: 1\n---b: 2\n')", r#"{"---b":2,"a":1}"#),
        (
            "std.manifestYamlDoc({e: 1, inf: 2, 'a0x1': 3, 'b-': 4}, quote_keys=false)",
            r#""\"a0x1\": 3\nb-: 4\ne: 1\n\"inf\": 2""#,
        ),
        ("std.toString([1.42, {a: 'b'}, []])", r#""[1.4199999999999999, {\"a\": \"b\"}, [ ]]""#),
        ("std.escapeStringJson(1.42)", r#""\"1.4199999999999999\"""#),
        (
            "std.manifestTomlEx({a: [1, {b: null}.c, 2][0::2], s: {t: {u: 0.1}, l: [{x: 1}, {}]}, 'k y': {}}, ' ')",
            r#""a = [\n 1,\n 2\n]\n\n[\"k y\"]\n\n[s]\n\n\n [[s.l]]\n  x = 1\n\n [[s.l]]\n\n [s.t]\n  u = 0.10000000000000001""#,
        ),
        ("std.manifestToml({a: [{}, 1]})", r#""a = [\n  {  },\n  1\n]""#),
        (
            "std.manifestIni({main: {a: 1.42}, sections: {s: {b: [1, 'x']}}})",
            r#""a = 1.4199999999999999\n[s]\nb = 1\nb = x\n""#,
        ),
        ("std.manifestPython({a: [true, null, 1.5]})", r#""{\"a\": [True, None, 1.5]}""#),
        (r#"std.manifestXmlJsonml(['a', {b: '"<'}, 'x&', ['c']])"#, r#""<a b=\"\"<\">x&<c></c></a>""#),
        ("std.base64([72, 105]) + std.base64('ü')", r#""SGk=w7w=""#),
        ("std.splitLimitR('a,b,c', ',', 1) + std.splitLimitR('a,b', ',', -1)", r#"["a,b","c","a","b"]"#),
        ("local f(n, a=0) = if n == 0 then a else f(n - 1, a + 1) tailstrict; f(20000)", "20000"),
    ] {
        let tree = MemoryTree::new([("main.jsonnet", program)]);
        let evaluation =
            JsonnetEngine::default().evaluate(&tree, &source(EngineKind::Jsonnet, "main.jsonnet"));
        let value: serde_json::Value = serde_json::from_str(&evaluation.json.unwrap()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        // Numbers are doubles on both sides.
        assert_eq!(value.to_string().replace(".0", ""), expected.to_string().replace(".0", ""), "{program}");
    }
}

#[test]
fn programs_that_nest_too_deep_are_refused_before_they_are_parsed() {
    for hostile in ["[", "{a:", "if true then ", "local a=1;"] {
        let hostile = hostile.repeat(100_000);
        let tree = MemoryTree::new([
            ("main.jsonnet", hostile.clone()),
            ("other/main.jsonnet", "import 'x.txt'".to_owned()),
            ("other/x.txt", hostile.clone()),
            ("text/main.jsonnet", "std.length(importstr 'x.txt')".to_owned()),
            ("text/x.txt", hostile.clone()),
        ]);
        let main = render(&tree, &source(EngineKind::Jsonnet, "main.jsonnet"));
        assert!(
            problems(&main)[0].starts_with("error[jsonnet-limit] main.jsonnet:1:"),
            "{:?}",
            main.problems
        );
        let other = render(&tree, &source(EngineKind::Jsonnet, "other"));
        assert!(
            problems(&other)[0].starts_with("error[jsonnet-limit] other/x.txt:1:"),
            "{:?}",
            other.problems
        );
        let text = render(&tree, &source(EngineKind::Jsonnet, "text"));
        assert_eq!(*text.manifests[0].object, serde_json::json!(hostile.len()), "text is not parsed");
    }
}

#[test]
fn a_directory_without_main_has_one_program_or_is_read_as_a_whole() {
    let map = |name: &str| format!("{{apiVersion: 'v1', kind: 'ConfigMap', metadata: {{name: '{name}'}}}}");
    let tree = MemoryTree::new([
        ("one/app.jsonnet", map("one")),
        ("one/params.libsonnet", "{}".to_owned()),
        ("two/a.jsonnet", map("a")),
        ("two/b.jsonnet", map("b")),
        ("two/c.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: c}\n".to_owned()),
    ]);
    assert_eq!(
        manifests(&for_instance(&tree, &source(EngineKind::Jsonnet, "one"))),
        ["ConfigMap/one one/app.jsonnet#0"]
    );
    assert_eq!(
        manifests(&for_instance(&tree, &source(EngineKind::Jsonnet, "two"))),
        ["ConfigMap/a two/a.jsonnet#0", "ConfigMap/b two/b.jsonnet#0", "Service/c two/c.yaml#0"]
    );
}
