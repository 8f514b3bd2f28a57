//! Tests of variables.

use serde_json::json;

use super::*;

fn variables() -> BTreeMap<String, String> {
    [("name", "web-api"), ("n", "3"), ("path", "a/b/c.tar.gz"), ("empty", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn every_form_is_replaced_as_in_flux() {
    let substitution = Substitution { variables: variables(), unset: Unset::Empty };
    for (text, expected) in [
        ("a ${name} b", "a web-api b"),
        ("${unknown}|${empty}", "|"),
        ("${unknown:=d}${unknown:-e}${unknown=f}${empty:=g}", "defg"),
        ("${unknown:-${name}-x}", "web-api-x"),
        ("${name:-x}", "web-api"),
        ("${#name}", "7"),
        ("${name^}|${name^^}|${name,}", "Web-api|WEB-API|web-api"),
        ("${name:4}|${name:0:3}|${name: -3}|${name:x}|${name:9}", "api|web|web-api|web-api|"),
        ("${name:-3}", "web-api"),
        ("${path#*/}|${path##*/}", "b/c.tar.gz|c.tar.gz"),
        ("${path%.*}|${path%%.*}", "a/b/c.tar|a/b/c"),
        (
            "${name/-/_}|${path//\\//-}|${name/#web/x}|${name/%api/y}|${name/web-/}",
            "web_api|a-b-c.tar.gz|x-api|web-y|api",
        ),
        ("$$${name}|$${name}|$name|$$|$", "$web-api|${name}|$name|$|$"),
    ] {
        assert_eq!(substitution.evaluate(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let lenient = Substitution { variables: variables(), unset: Unset::Empty };
    for (text, expected) in [
        ("${}", "unable to parse variable name"),
        ("${name", "missing closing brace"),
        ("${name-x}", "missing closing brace"),
        ("${name:}", "unable to parse substitution within function"),
        ("${name:=x", "unable to parse substitution within function"),
    ] {
        assert_eq!(lenient.evaluate(text).unwrap_err(), expected, "{text}");
    }
    let strict = Substitution { unset: Unset::Error, ..lenient };
    assert_eq!(strict.evaluate("${unknown}").unwrap_err(), "variable not set (strict mode): \"unknown\"");
    assert_eq!(strict.evaluate("${unknown:=x}").unwrap(), "x");
    let deep = format!("{}{}", "${a:=".repeat(100), "}".repeat(100));
    assert!(strict.evaluate(&deep).unwrap_err().contains("deep"));
}

#[test]
fn an_unknown_variable_may_stay_as_it_is_written() {
    let keep = Substitution { variables: variables(), unset: Unset::Keep };
    for (text, expected) in [
        ("${unknown}-${name}", "${unknown}-web-api"),
        ("${unknown:-d}|${unknown^^}|${#unknown}", "d|${unknown^^}|${#unknown}"),
        ("${name/web/${unknown}}", "${unknown}-api"),
        ("${other:=${unknown}}", "${unknown}"),
    ] {
        assert_eq!(keep.evaluate(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_replaced_value_may_become_a_number_and_an_object_can_opt_out() {
    let object = |annotation: &str| json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "${name}", "annotations": {"kustomize.toolkit.fluxcd.io/substitute": annotation}}, "replicas": "${n}"});
    let resources = vec![Resource::new(object("enabled")), {
        let mut other = object("disabled");
        other["metadata"]["name"] = json!("b");
        Resource::new(other)
    }];
    let mut map = ResourceMap::from_resources(resources).unwrap();
    Substitution { variables: variables(), unset: Unset::Empty }.apply(&mut map).unwrap();
    assert_eq!(map.as_slice()[0].object()["replicas"], json!(3));
    assert_eq!(map.as_slice()[1].object()["replicas"], json!("${n}"));
}
