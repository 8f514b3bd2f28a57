//! Executions beyond the tables: functions, texts on top of a set, limits, hostile input.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::{
    Args, Call, ExecError, Failure, Function, FunctionError, FunctionResult, Functions, LimitReached, Limits,
    Map, Method, MissingKey, Object, Options, Signature, Str, StructField, TemplateSet, TextError, Type,
    Value, execute, types,
};

fn functions() -> Functions {
    let mut functions = Functions::builtin();
    functions.add("include", Signature::fixed(&[types::STRING, types::INTERFACE]), |call, arguments| {
        call.execute_template(arguments.string(0), arguments.any(1)).map(Value::String)
    });
    functions.add("tpl", Signature::fixed(&[types::STRING, types::INTERFACE]), |call, arguments| {
        let result = call.execute_text("set", arguments.string(0), arguments.any(1));
        result.map(Value::String).map_err(|error| match error {
            TextError::Parse(error) => error.context("cannot parse"),
            TextError::Execute(error) => error.context("error during tpl"),
        })
    });
    functions.add("set", Signature::fixed(&[types::MAP, types::STRING, types::INTERFACE]), |_, arguments| {
        arguments.map(0).insert(arguments.string(1).clone(), arguments.any(2).clone())?;
        Ok(arguments.any(0).clone())
    });
    functions.add("dict", Signature::variadic(&[types::INTERFACE]), |_, arguments| {
        let map = Map::new();
        for pair in arguments.all().chunks(2) {
            map.insert(pair[0].to_text(), pair.get(1).cloned().unwrap_or_default())?;
        }
        Ok(map.into())
    });
    functions.add("fail", Signature::fixed(&[types::STRING]), |_, arguments| {
        Err(FunctionError::new(arguments.string(0).to_string()))
    });
    functions.add("repeat", Signature::fixed(&[types::INT, types::STRING]), |call, arguments| {
        let count = usize::try_from(arguments.int(0)).unwrap_or(0);
        call.allocate(count.saturating_mul(arguments.string(1).len()))?;
        Ok(arguments.string(1).repeat(count).into())
    });
    functions
}

fn set(texts: &[(&str, &str)]) -> TemplateSet {
    let mut set = TemplateSet::new("set", Arc::new(functions()));
    for (name, text) in texts {
        set.parse(name, text.as_bytes()).unwrap();
    }
    set
}

fn data() -> Value {
    let inner: Map = [("x", Value::from("deep"))].into_iter().collect();
    [("a", Value::from("A")), ("m", inner.into()), ("n", Value::Int(3))].into_iter().collect::<Map>().into()
}

fn run_with(texts: &[(&str, &str)], data: &Value, options: &Options<'_>) -> Result<String, Box<ExecError>> {
    let set = set(texts);
    match execute(&set, texts.last().unwrap().0, data, options) {
        Ok(output) => Ok(String::from_utf8(output).unwrap()),
        Err(Failure { error, .. }) => Err(error),
    }
}

fn run(text: &str) -> Result<String, Box<ExecError>> {
    run_with(&[("main", text)], &data(), &Options::default())
}

#[test]
fn include_gives_the_output_of_a_template() {
    let text = "{{ define \"t\" }}<{{ .x }}>{{ end }}{{ include \"t\" .m | printf \"%q\" }}";
    assert_eq!(run(text).unwrap(), "\"<deep>\"");
    let error = run("a{{ include \"nope\" . }}").unwrap_err();
    assert_eq!(
        error.text,
        "template: main:1:4: executing \"main\" at <include \"nope\" .>: error calling include: template: no template \
         \"nope\" associated with template \"set\""
    );
    assert!(!error.inner.unwrap().located);
}

#[test]
fn the_error_of_an_included_template_is_kept_in_parts() {
    let text = "{{ define \"t\" }}\n {{ .x.y.z }}{{ end }}{{ include \"t\" .m }}";
    let error = run(text).unwrap_err();
    assert_eq!((error.line, error.column), (2, 25));
    let root = error.root();
    assert_eq!((&*root.template, root.line, root.column, &*root.context), ("t", 2, 6, ".x.y.z"));
    assert_eq!(root.message, "can't evaluate field y in type interface {}");
    assert!(error.text.ends_with(&root.text));
}

#[test]
fn a_text_sees_the_templates_and_defines_its_own_while_it_runs() {
    let cases = [
        ("{{ define \"t\" }}T{{ end }}{{ tpl \"[{{ include \\\"t\\\" . }}]\" . }}", Ok("[T]")),
        ("{{ tpl \"{{ define \\\"u\\\" }}U{{ .a }}{{ end }}{{ include \\\"u\\\" . }}\" . }}", Ok("UA")),
        (
            "{{ define \"t\" }}old{{ end }}{{ tpl \"{{ define \\\"t\\\" }}new{{ end }}{{ template \\\"t\\\" }}\" . }}{{ template \"t\" }}",
            Ok("newold"),
        ),
        (
            "{{ define \"t\" }}old{{ end }}{{ tpl \"{{ define \\\"t\\\" }} {{ end }}{{ template \\\"t\\\" }}\" . }}",
            Ok("old"),
        ),
        (
            "{{ tpl \"{{ define \\\"u\\\" }}U{{ end }}\" . }}{{ template \"u\" }}",
            Err("template \"u\" not defined"),
        ),
        ("{{ tpl \"plain\" . }}", Ok("plain")),
        ("{{ tpl \"{{ tpl \\\"{{ .a }}\\\" . }}\" . }}", Ok("A")),
    ];
    for (text, expected) in cases {
        match (run(text), expected) {
            (Ok(output), Ok(expected)) => assert_eq!(output, expected, "{text}"),
            (Err(error), Err(expected)) => assert_eq!(error.root().message, expected, "{text}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }
    let error = run("{{ tpl \"{{ .a \" . }}").unwrap_err();
    assert!(error.message.ends_with("cannot parse: template: set:1: unclosed action"), "{}", error.message);
}

#[test]
fn maps_are_references() {
    let text = "{{ $m := .m }}{{ $_ := set $m \"x\" 1 }}{{ .m.x }}{{ range $k, $v := .m }}{{ $_ := set $m \"y\" 2 }}{{ $k }}{{ end }}{{ .m.y }}";
    assert_eq!(run(text).unwrap(), "1x2", "what a body adds is not gone over");
}

#[test]
fn a_map_that_contains_itself_is_printed_up_to_a_limit_and_compared_without_end() {
    let output = run("{{ $m := dict }}{{ $_ := set $m \"m\" $m }}{{ print $m }}").unwrap();
    assert!(output.starts_with("map[m:map[m:map[") && output.contains("..."));
}

#[test]
fn a_map_that_holds_others_many_times_over_is_bounded() {
    let double = "{{ $m := dict \"x\" 1 }}{{ range 100 }}{{ $m = dict \"a\" $m \"b\" $m }}{{ end }}";
    let options = Options { limits: Limits { size: 1 << 16, ..Limits::default() }, ..Options::default() };
    for print in ["{{ $m }}", "{{ print $m }}", "{{ $s := print $m }}", "{{ html $m }}", "{{ eq $m 1 }}"] {
        let error = run_with(&[("main", &format!("{double}{print}"))], &data(), &options).unwrap_err();
        assert!(error.limit == Some(LimitReached::Size) || print.contains("eq"), "{print}: {error}");
    }
    let nested = |seed: i64| {
        (0..100).fold(Value::Int(seed), |below, _| {
            Value::Map([("a", below.clone()), ("b", below)].into_iter().collect())
        })
    };
    assert!(nested(1).deep_equal(&nested(1)) && !nested(1).deep_equal(&nested(2)));
}

#[test]
fn a_chain_of_a_hundred_thousand_names_is_followed() {
    let text = format!(
        "{{{{ $m := dict }}}}{{{{ $_ := set $m \"m\" $m }}}}{{{{ len $m{} }}}}",
        ".m".repeat(100_000)
    );
    assert_eq!(run(&text).unwrap(), "1");
}

#[test]
fn a_very_deep_structure_is_built_and_dropped_without_recursion() {
    let text = "{{ $m := dict }}{{ range 200000 }}{{ $m = dict \"m\" $m }}{{ end }}{{ len $m }}";
    assert_eq!(run(text).unwrap(), "1");
}

#[test]
fn limits_end_an_execution_and_say_which() {
    let cancelled = AtomicBool::new(true);
    let fuel = Cell::new(1_000);
    let limits = |fuel, size| Limits { depth: 50, fuel, size };
    let cases = [
        (
            "{{ range 100000 }}x{{ end }}",
            Options { limits: limits(1_000, 1 << 20), ..Options::default() },
            LimitReached::Fuel,
        ),
        (
            "{{ range 100000 }}x{{ end }}",
            Options { fuel: Some(&fuel), ..Options::default() },
            LimitReached::Fuel,
        ),
        (
            "{{ range 100000 }}x{{ end }}",
            Options { limits: limits(1 << 30, 1_000), ..Options::default() },
            LimitReached::Size,
        ),
        (
            "{{ printf \"%1000000d\" 1 }}",
            Options { limits: limits(1 << 30, 1_000), ..Options::default() },
            LimitReached::Size,
        ),
        (
            "{{ repeat 1000000 \"abc\" }}",
            Options { limits: limits(1 << 30, 1_000), ..Options::default() },
            LimitReached::Size,
        ),
        (
            "{{ range 100000 }}x{{ end }}",
            Options { cancelled: Some(&cancelled), ..Options::default() },
            LimitReached::Cancelled,
        ),
        (
            "{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}",
            Options { limits: limits(1 << 30, 1 << 20), ..Options::default() },
            LimitReached::Depth,
        ),
    ];
    for (text, options, expected) in cases {
        let error = run_with(&[("main", text)], &data(), &options).unwrap_err();
        assert_eq!(error.limit, Some(expected), "{text}: {error}");
    }
    assert_eq!(fuel.get(), 0);
}

#[test]
fn endless_recursion_ends_with_an_error() {
    let error = run("{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}").unwrap_err();
    assert_eq!(error.message, "exceeded maximum template depth (100000)");
    let fuel = Cell::new(40_000);
    let options = Options { fuel: Some(&fuel), ..Options::default() };
    let text = "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}";
    let error = run_with(&[("main", text)], &data(), &options);
    assert!(error.is_err());
}

#[test]
fn deep_nesting_in_the_text_is_an_error_or_runs() {
    let nested = |open: &str, close: &str, n: usize| format!("{}x{}", open.repeat(n), close.repeat(n));
    assert_eq!(run(&nested("{{ if true }}", "{{ end }}", 5_000)).unwrap(), "x");
    let mut other = TemplateSet::new("set", Arc::new(functions()));
    let cases = [
        (format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000)), "max expression depth exceeded"),
        (nested("{{ if true }}", "{{ end }}", 20_000), "more than 10000 nested blocks"),
        (
            format!("{{{{ if true }}}}{}{{{{ end }}}}", "{{ else if true }}".repeat(20_000)),
            "more than 10000 nested blocks",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(other.parse("main", text.as_bytes()).unwrap_err().message, expected);
    }
    let parentheses = format!("{{{{ {}1{} }}}}", "(".repeat(9_000), ")".repeat(9_000));
    assert_eq!(run(&parentheses).unwrap(), "1");
}

struct Version {
    major: i64,
}

const VERSION: &Type = &Type::pointer(
    "*semver.Version",
    &[Method { name: "Next", signature: Signature::fixed(&[types::INT]), body: next }],
);
const RELEASE: &Type = &Type::structure("main.Release", &[]);

fn next(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let version = receiver.as_object().and_then(|object| object.downcast::<Version>());
    version
        .map(|version| Value::Int(version.major + arguments.int(0)))
        .ok_or_else(|| FunctionError::new("no version"))
}

impl Object for Version {
    fn type_of(&self) -> &'static Type {
        VERSION
    }
    fn field(&self, name: &str) -> Option<Value> {
        (name == "Major").then_some(Value::Int(self.major))
    }
    fn fields(&self) -> Vec<StructField> {
        vec![StructField { name: "Major", value: Value::Int(self.major), interface: false }]
    }
    fn string(&self) -> Option<Str> {
        Some(format!("v{}", self.major).into())
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

struct Release;

impl Object for Release {
    fn type_of(&self) -> &'static Type {
        RELEASE
    }
    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.value)
    }
    fn fields(&self) -> Vec<StructField> {
        vec![
            StructField { name: "Name", value: "rel".into(), interface: false },
            StructField { name: "Extra", value: Value::Nil, interface: true },
        ]
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn objects_have_fields_methods_and_go_printing() {
    let version: Rc<dyn Object> = Rc::new(Version { major: 3 });
    let release: Rc<dyn Object> = Rc::new(Release);
    let data: Map = [("v", Value::from(version)), ("r", release.into())].into_iter().collect();
    let data = Value::from(data);
    let cases = [
        ("{{ .v }} {{ .v.Major }} {{ .v.Next 2 }} {{ 4 | .v.Next }}", Ok("v3 3 5 7")),
        (
            "{{ .r }} {{ printf \"%+v %T\" .r .r }} {{ .r.Name }}",
            Ok("{rel <nil>} {Name:rel Extra:<nil>} main.Release rel"),
        ),
        ("{{ .v.Nope }}", Err("can't evaluate field Nope in type interface {}")),
        ("{{ .r.Name 1 }}", Err("Name has arguments but cannot be invoked as function")),
        ("{{ .v.Next }}", Err("wrong number of args for Next: want 1 got 0")),
        ("{{ .v.Next \"a\" }}", Err("expected integer; found \"a\"")),
        ("{{ if .v }}y{{ end }}{{ eq .v .v }}", Ok("ytrue")),
    ];
    for (text, expected) in cases {
        match (run_with(&[("main", text)], &data, &Options::default()), expected) {
            (Ok(output), Ok(expected)) => assert_eq!(output, expected, "{text}"),
            (Err(error), Err(expected)) => assert_eq!(error.message, expected, "{text}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }
}

#[test]
fn named_maps_have_methods_and_pass_as_their_unnamed_type() {
    fn count(_: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
        Ok(Value::Int(receiver.as_map().map_or(0, Map::len) as i64))
    }
    const VALUES: &Type = &Type::named_map(
        "chartutil.Values",
        types::INTERFACE,
        &[Method { name: "Count", signature: Signature::fixed(&[]), body: count }],
    );
    let values = data().as_map().unwrap().retyped(VALUES);
    let data: Map = [("Values", Value::from(values))].into_iter().collect();
    let text =
        "{{ .Values.Count }} {{ printf \"%T\" .Values }} {{ (set .Values \"z\" 1).z }} {{ .Values.z }}";
    let output = run_with(&[("main", text)], &data.into(), &Options::default()).unwrap();
    assert_eq!(output, "3 chartutil.Values 1 1", "a named map passed on is the same map");
}

#[test]
fn an_error_after_an_evaluation_is_reported_at_what_was_evaluated_last() {
    let cases = [
        ("{{ (not .a).x }}", ".a"),
        ("{{ (eq .n .n).x }}", ".n"),
        ("{{ (eq .a \"b\").x }}", "\"b\""),
        ("{{ (index .m \"x\").y }}", "\"x\""),
        ("{{ (len .a).x }}", ".a"),
        ("{{ (print .a).x }}", ".a"),
    ];
    for (text, expected) in cases {
        assert_eq!(run(text).unwrap_err().context, expected, "{text}");
    }
}

#[test]
fn missing_keys_follow_the_option() {
    let strict = Options { missing_key: MissingKey::Error, ..Options::default() };
    let error = run_with(&[("main", "{{ .a }}{{ .zz }}")], &data(), &strict).unwrap_err();
    assert_eq!(error.message, "map has no entry for key \"zz\"");
    let zero = Options { missing_key: MissingKey::Zero, ..Options::default() };
    let error = run_with(&[("main", "{{ .zz }}{{ .zz.y }}")], &data(), &zero).unwrap_err();
    assert_eq!(error.message, "nil pointer evaluating interface {}.y");
}

#[test]
fn a_function_value_is_called_with_checked_arguments() {
    let function = Function::new("twice", Signature::fixed(&[types::INT]), |_, arguments| {
        Ok(Value::Int(arguments.int(0) * 2))
    });
    let data: Map = [("f", Value::Function(Rc::new(function)))].into_iter().collect();
    let data = Value::from(data);
    let cases = [
        ("{{ call .f 4 }}", Ok("8")),
        ("{{ call .f }}", Err("error calling call: wrong number of args for .f: got 0 want 1")),
        ("{{ call .f \"x\" }}", Err("error calling call: arg 0: value has type string; should be int")),
        ("{{ call .g }}", Err("error calling call: call of nil")),
    ];
    for (text, expected) in cases {
        match (run_with(&[("main", text)], &data, &Options::default()), expected) {
            (Ok(output), Ok(expected)) => assert_eq!(output, expected, "{text}"),
            (Err(error), Err(expected)) => assert_eq!(error.message, expected, "{text}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }
}

/// Pseudo-random numbers with a fixed seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

#[test]
fn no_text_makes_the_engine_panic() {
    const SEEDS: [&str; 8] = [
        "{{ define \"t\" }}{{ range $i, $e := . }}{{ $i }}{{ else }}{{ break }}{{ end }}{{ end }}{{ template \"t\" .m }}",
        "{{- with $x := index .m \"x\" -}} {{ printf \"%[2]*.[1]*f|%#08x\" 2 12 $x }} {{- else with .a }}{{ . }}{{ end -}}",
        "{{ $x := 1 }}{{ if and .a (or .zz (not $x)) }}{{ $x = add }}{{ else if eq .n 3 }}{{ slice .a 0 1 }}{{ end }}",
        "{{ block \"b\" . }}{{ .m.x | html | js | urlquery }}{{ end }}{{ continue }}{{/* c */}}",
        "{{ tpl \"{{ include \\\"b\\\" . }}\" . }}{{ range 3 }}{{ . }}{{ continue }}{{ end }}",
        "{{ 'x' }}{{ 0x1p-2 }}{{ 1_000 }}{{ 1+2i }}{{ `raw` }}{{ \"\\u00e9\\xff\" }}{{ nil }}",
        "{{ ((((.m)).x)) }}{{ (.n).x }}{{ $.a }}{{ . | len }}{{ len .m | lt 1 | print 2 }}",
        "{{ $m := dict \"a\" 1 }}{{ range $k, $v := $m }}{{ $_ := set $m $k $m }}{{ end }}{{ $m }}",
    ];
    const PARTS: [&str; 20] = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        "(",
        ")",
        "|",
        "$x",
        ":=",
        "end",
        "else",
        "range",
        "\"",
        "`",
        "'",
        ".",
        "\u{e9}",
        "{{ end }}",
        "%",
        "\\",
    ];
    let options =
        Options { limits: Limits { depth: 100, fuel: 20_000, size: 1 << 16 }, ..Options::default() };
    let functions = Arc::new(functions());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..6_000 {
        let mut text = SEEDS[random.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(text.len() + 1);
            match random.below(4) {
                0 => drop(text.splice(at..at, PARTS[random.below(PARTS.len())].bytes())),
                1 => drop(text.drain(at..(at + random.below(8)).min(text.len()))),
                2 => text.insert(at, random.below(256) as u8),
                _ => {
                    let other = SEEDS[random.below(SEEDS.len())].as_bytes();
                    let from = random.below(other.len());
                    text.splice(at..at, other[from..].iter().copied());
                }
            }
        }
        let mut set = TemplateSet::new("set", Arc::clone(&functions));
        match set.parse("main", &text) {
            Ok(()) => {
                if let Err(failure) = execute(&set, "main", &data(), &options) {
                    assert!(failure.error.text.starts_with("template: "), "{}", failure.error.text);
                }
            }
            Err(error) => assert!(error.line >= 1 && !error.message.is_empty(), "{error}"),
        }
    }
}
