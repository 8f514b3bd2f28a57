//! Templates that ask for too much get an error, and nobody panics.

use super::{TEMPLATE, functions, output};
use crate::sprig::Environment;
use crate::{Limits, Options, TemplateSet, Value, execute};

/// The error of a template that is executed within small limits.
fn error(template: &str) -> String {
    let mut set = TemplateSet::new("gotpl", functions());
    set.parse(TEMPLATE, template.as_bytes()).unwrap();
    let environment = Environment::new(0, 0, b"test");
    let limits = Limits { fuel: 3_000_000, size: 4 << 20, ..Limits::default() };
    let options = Options { limits, host: Some(&environment), ..Options::default() };
    execute(&set, TEMPLATE, &Value::Nil, &options).unwrap_err().error.text.clone()
}

#[test]
fn huge_results_are_refused_before_they_are_made() {
    for template in [
        r#"{{repeat 1000000000 "ab"}}"#,
        r#"{{repeat 9223372036854775807 "ab"}}"#,
        r#"{{indent 1000000000 "a"}}"#,
        r#"{{untilStep 0 1000000000000 1}}"#,
        r#"{{seq 1 9000000000000}}"#,
        r#"{{randAlphaNum 1000000000000}}"#,
        r#"{{randBytes 9223372036854775807}}"#,
        r#"{{wrapWith 1 (repeat 100000 "x") (repeat 100000 "ab")}}"#,
        r#"{{regexReplaceAll "" (repeat 100000 "a") (repeat 100000 "b")}}"#,
        r#"{{replace "" (repeat 100000 "b") (repeat 100000 "a")}}"#,
        r#"{{replace "a" (repeat 100000 "b") (repeat 100000 "a")}}"#,
    ] {
        let error = error(template);
        assert!(error.contains("limit") || error.contains("overflow"), "{template}: {error}");
    }
}

#[test]
fn values_that_share_their_parts_do_not_run_forever() {
    let doubled = r#"{{$a := list 1}}{{range until 64}}{{$a = list $a $a}}{{end}}"#;
    let both = doubled.replace("$a", "$b");
    for template in [
        format!("{doubled}{{{{deepCopy $a}}}}"),
        format!("{doubled}{both}{{{{deepEqual $a $b}}}}"),
        format!("{doubled}{both}{{{{has $a (list $b)}}}}"),
        format!("{doubled}{{{{toJson $a}}}}"),
    ] {
        let error = error(&template);
        let limits = ["limit", "more memory than allowed", "more than", "steps"];
        assert!(limits.iter().any(|limit| error.contains(limit)), "{error}");
    }
}

#[test]
fn a_map_that_holds_itself_is_an_error() {
    let knot = r#"{{$d := dict}}{{$_ := set $d "d" $d}}"#;
    for action in ["{{merge (dict \"d\" $d) $d}}", "{{merge $d $d}}", "{{deepCopy $d}}"] {
        let error = error(&format!("{knot}{action}"));
        assert!(
            error.contains("does one hold itself") || error.contains("does it hold itself"),
            "{action}: {error}"
        );
    }
    assert_eq!(output(&format!("{knot}[{{{{toJson $d}}}}]")), "[]");
}

#[test]
fn extreme_numbers_do_not_overflow() {
    for template in [
        r#"{{chunk 9223372036854775807 (list 1)}}"#,
        r#"{{substr 0 9223372036854775807 "a"}}"#,
        r#"{{trunc -9223372036854775808 "ab"}}"#,
        r#"{{abbrevboth -9223372036854775808 9 "aaaaaaaaaaaaaaaaa"}}"#,
        r#"{{abbrevboth 9223372036854775807 9 "aaaaaaaaaaaaaaaaaaaaa"}}"#,
        r#"{{splitn "a" -9223372036854775808 "banana"}}"#,
        r#"{{regexFindAll "a" "banana" 9223372036854775807}}"#,
        r#"{{round 1.5 9223372036854775807}}"#,
        r#"{{date "2006" (int64 9223372036854775807)}}"#,
        r#"{{dateInZone "2006" (int64 -9223372036854775808) "Europe/Paris"}}"#,
        r#"{{(toDate "2006" "x").AddDate 9223372036854775807 -9223372036854775808 9223372036854775807}}"#,
        r#"{{dateModify "-2562047h" (toDate "2006" "x")}}"#,
        r#"{{duration "9223372036854775807"}}"#,
        r#"{{ago (int64 -9223372036854775808)}}"#,
        r#"{{wrap 9223372036854775807 "a b"}}"#,
        r#"{{wrap -9223372036854775808 "a b"}}"#,
        r#"{{genCAWithKey "x" 9223372036854775807 (genPrivateKey "ecdsa")}}"#,
        r#"{{randInt -9223372036854775808 9223372036854775807}}"#,
        r#"{{untilStep 9223372036854775800 9223372036854775807 5}}"#,
        r#"{{seq 9223372036854775805 9223372036854775807}}"#,
        r#"{{mustRegexMatch (cat (repeat 5000 "(") (repeat 5000 ")")) "a"}}"#,
        r#"{{mustRegexMatch (repeat 5000 "a*|") "a"}}"#,
        r#"{{mustFromJson (cat (repeat 20000 "[") (repeat 20000 "]"))}}"#,
        r#"{{semverCompare (repeat 5000 ">1 ") "1"}}"#,
        r#"{{urlParse (repeat 5000 "%")}}"#,
    ] {
        // Whatever comes, it comes back.
        let _ = output(template);
    }
}
