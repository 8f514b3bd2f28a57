use serde_json::json;

use super::*;

fn printed(text: &str) -> Result<String, String> {
    let data = json!({
        "name": "web",
        "on": true,
        "items": ["a", "b"],
        "map": {"z": 2, "x": 1},
        "path": {"basename": "dev", "segments": ["apps", "web", "dev"], "path": "apps/web/dev"},
        "nothing": null,
    });
    evaluate_text(text, &data, Missing::Nothing).map_err(|error| error.0)
}

#[test]
fn templates_print_what_go_prints() {
    let cases = [
        ("{{ .name }}", "web"),
        ("{{.path.basename}}-{{index .path.segments 1}}", "dev-web"),
        ("a {{- /* note */ -}} b", "ab"),
        ("a {{- if .on }} x {{- else }} y {{- end }} z", "a x z"),
        ("{{ if not .on }}a{{ else if eq .name \"web\" }}b{{ end }}", "b"),
        ("{{ range $i, $e := .items }}{{ $i }}={{ $e }},{{ end }}", "0=a,1=b,"),
        ("{{ range $k, $v := .map }}{{ $k }}{{ $v }}{{ end }}", "x1z2"),
        ("{{ range .none }}a{{ else }}b{{ end }}", "b"),
        ("{{ $x := 1 }}{{ if .on }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ with .path }}{{ .basename }}{{ $.name }}{{ end }}", "devweb"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ include \"t\" .name | upper }}", "<WEB>"),
        ("{{ printf \"%s-%d-%q\" .name 3 \"x\" }}", "web-3-\"x\""),
        ("{{ .missing | default \"d\" | quote }}", "\"d\""),
        ("{{ or .missing .name }}{{ and .on .name }}", "webweb"),
        ("{{ \"{{\" }}number{{ \"}}\" }}", "{{number}}"),
        ("{{ tpl \"{{ .name }}\" . }}", "web"),
        ("{{ .map | toYaml | nindent 2 }}", "\n  x: 1\n  z: 2"),
        ("{{ (index .items 0) }}{{ len .items }}", "a2"),
        ("{{ range .items }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "a"),
        ("{{ ternary \"a\" \"b\" .on }}{{ trimSuffix \"b\" .name }}{{ .name | trunc 2 }}", "awewe"),
        ("{{ (dict \"a\" (list 1 2)).a }}", "[1 2]"),
        ("{{ `raw }}` }}", "raw }}"),
    ];
    for (text, expected) in cases {
        assert_eq!(printed(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    for text in [
        "{{ .name",
        "{{ if .on }}",
        "{{ end }}",
        "{{ unknownFunction . }}",
        "{{ .nothing.deeper.still }}",
        "{{ $undeclared }}",
        "{{ | }}",
        "{{ ( }}",
        "{{ include \"no\" . }}",
        "{{ fail \"stop\" }}",
    ] {
        assert!(printed(text).is_err(), "{text}");
    }
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let error = printed("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}");
    let too_deep = Err("nested too deeply, or templates call each other without end".to_owned());
    assert_eq!(error, too_deep);
    let inner = format!("{}{{{{ include \"a\" . }}}}{}", "{{ if true }}".repeat(90), "{{ end }}".repeat(90));
    assert_eq!(
        printed(&format!("{{{{ define \"a\" }}}}{inner}{{{{ end }}}}{{{{ include \"a\" . }}}}")),
        too_deep
    );
    let parentheses = format!(
        "{{{{ define \"a\" }}}}{{{{ {}include \"a\" .{} }}}}{{{{ end }}}}{{{{ include \"a\" . }}}}",
        "(".repeat(90),
        ")".repeat(90)
    );
    assert_eq!(printed(&parentheses), too_deep);
    let nested = "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}";
    assert_eq!(printed(nested), Err("takes too long".to_owned()));
}

#[test]
fn a_missing_key_can_be_an_error() {
    assert!(evaluate_text("{{ .a }}", &json!({}), Missing::Error).is_err());
    assert_eq!(evaluate_text("{{ .a }}", &json!({}), Missing::Nothing).unwrap(), "");
}
