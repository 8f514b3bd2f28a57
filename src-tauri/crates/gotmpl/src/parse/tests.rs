//! Parsing: what is rejected and how, and how nodes print.

use super::{Node, parse};
use crate::function::Functions;

#[test]
fn rejected_texts_have_the_line_and_words_of_go() {
    let cases = [
        ("a\n{{ .x", 2, "unclosed action"),
        ("{{ .x\n", 2, "unclosed action started at main:1"),
        ("{{ if .x }}", 1, "unexpected EOF"),
        ("{{ end }}", 1, "unexpected {{end}}"),
        ("\n{{ else }}", 2, "unexpected {{else}}"),
        ("{{ if }}x{{ end }}", 1, "missing value for if"),
        ("{{ nope 1 }}", 1, "function \"nope\" not defined"),
        ("{{ $x }}", 1, "undefined variable \"$x\""),
        ("{{ $x, $y := 1 }}", 1, "too many declarations in command"),
        ("{{ range $x, 1 := .l }}{{ end }}", 1, "range can only initialize variables"),
        ("{{ 1 | 2 }}", 1, "non executable command in pipeline stage 2"),
        ("{{ | }}", 1, "unexpected \"|\" in command"),
        ("{{ (1 }}", 1, "unclosed left paren"),
        ("{{ 1) }}", 1, "unexpected right paren"),
        ("{{ \"a\".x }}", 1, "unexpected . after term \"\\\"a\\\"\""),
        ("{{ \"abc }}", 1, "unterminated quoted string"),
        ("{{ 'a }}", 1, "unterminated character constant"),
        ("{{ `a }}", 1, "unterminated raw quoted string"),
        ("{{ 'ab' }}", 1, "malformed character constant: 'ab'"),
        ("{{ 08 }}", 1, "integer overflow: \"08\""),
        ("{{ 9999999999999999999999 }}", 1, "integer overflow: \"9999999999999999999999\""),
        ("{{ 3x }}", 1, "bad number syntax: \"3x\""),
        ("{{ .a+b }}", 1, "bad character U+002B '+'"),
        ("{{ \u{1} }}", 1, "unrecognized character in action: U+0001"),
        ("{{/* a", 1, "unclosed comment"),
        ("{{/* a */ }}", 1, "comment ends before closing delimiter"),
        ("{{ break }}", 1, "{{break}} outside {{range}}"),
        ("{{ range .l }}{{ define \"x\" }}{{ end }}{{ end }}", 1, "unexpected <define> in command"),
        (
            "{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}",
            1,
            "template: multiple definition of template \"x\"",
        ),
        ("{{ define x }}{{ end }}", 1, "unexpected \"x\" in define clause"),
        ("{{ define \"x\" }}{{ else }}{{ end }}", 1, "unexpected {{else}} in define clause"),
        ("{{ if .a }}{{ else }}{{ else }}{{ end }}", 1, "expected end; found {{else}}"),
        ("{{ template .x }}", 1, "unexpected \".x\" in template clause"),
        ("{{ $x = }}", 1, "missing value for command"),
        ("{{ x y z w abcdefghijklmn", 1, "function \"x\" not defined"),
        ("{{ 1 \"abcdefghijklmnop\"2 }}", 1, "unexpected \"2\" in operand"),
    ];
    for (text, line, message) in cases {
        let error = parse("main", text.as_bytes(), &Functions::builtin()).map(drop).unwrap_err();
        assert_eq!((error.line, &*error.message), (line, message), "{text}");
    }
}

#[test]
fn nodes_print_in_the_notation_of_go() {
    let cases = [
        ("{{  .a.b   |  printf  \"%v\"  1 }}", "{{.a.b | printf \"%v\" 1}}"),
        ("{{ $x := (len .l).y }}", "{{$x := (len .l).y}}"),
        ("{{- if   eq .a 1e3 -}} x {{- else -}} y {{- end }}", "{{if eq .a 1e3}}x{{else}}y{{end}}"),
        ("{{ range $i, $e := .l }}{{ break }}{{ end }}", "{{range $i, $e := .l}}{{break}}{{end}}"),
        ("{{ with nil }}{{ else with . }}{{ end }}", "{{with nil}}{{else}}{{with .}}{{end}}{{end}}"),
        ("{{ template   `a` .x }}", "{{template \"a\" .x}}"),
        ("{{ $.a }}{{ true }}", "{{$.a}}{{true}}"),
    ];
    for (text, expected) in cases {
        let trees = parse("main", text.as_bytes(), &Functions::builtin()).unwrap();
        let tree = trees.last().unwrap();
        assert_eq!(tree.source.print(tree.root), expected, "{text}");
    }
}

#[test]
fn a_node_stands_where_go_says() {
    let text = "{{ define \"t\" }}\n  {{ .a.b.c }}{{ end }}";
    let trees = parse("main", text.as_bytes(), &Functions::builtin()).unwrap();
    let source = &trees[0].source;
    let field = source.nodes.iter().position(|node| matches!(node, Node::Field(_))).unwrap();
    assert_eq!(source.place(field as u32), (2, 7), "of a chain, the second element");
}

#[test]
fn parsed_templates_are_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::TemplateSet>();
    shared::<Functions>();
}
