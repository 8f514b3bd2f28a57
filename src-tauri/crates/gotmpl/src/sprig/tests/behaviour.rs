//! What the functions do, beyond the table.

use serde_json::json;

use super::{check, functions, render};

#[test]
fn times_are_written_in_any_layout() {
    check(&[
        (r#"{{date "Monday, 02-Jan-06 15:04:05.000 MST" 1500000000}}"#, "Friday, 14-Jul-17 02:40:00.000 UTC"),
        (r#"{{date "_2006 __2 002 .999 ,00" 0}}"#, "_1970   1 001  ,00"),
        (r#"{{date "Janet Monty January" 0}}"#, "Janet Monty January"),
        (r#"{{dateInZone "15:04 MST -0700 Z07:00:00" 0 "Africa/Monrovia"}}"#, "23:15 MMT -0044 -00:44:30"),
        (r#"{{dateInZone "-07:00" 253420000000 "Europe/London"}}"#, "+01:00"),
        (r#"{{dateInZone "MST" 0 "europe/paris"}}{{dateInZone "MST" 0 "Nowhere"}}"#, "UTCUTC"),
        (
            r#"{{mustToDate "2006-01-02T15:04:05Z07:00" "2020-02-29T13:14:15+02:00"}}"#,
            "2020-02-29 13:14:15 +0200 +0200",
        ),
        (r#"{{mustToDate "15:04:05" "10:11:12.5"}}"#, "0000-01-01 10:11:12.5 +0000 UTC"),
        (r#"{{mustToDate "2006-002" "2020-366"}}"#, "2020-12-31 00:00:00 +0000 UTC"),
        (r#"{{(mustToDate "2006-01-02" "2020-01-31").AddDate 0 1 0}}"#, "2020-03-02 00:00:00 +0000 UTC"),
        (
            r#"{{now}} {{ago (now)}} {{durationRound (toDate "2006" "2020")}}"#,
            "2023-11-14 22:13:20 +0000 UTC 0s 3y",
        ),
    ]);
}

#[test]
fn times_that_cannot_be_read_are_told_as_go_tells_them() {
    check(&[
        (
            r#"{{mustToDate "2006-01-02" "2020/01/02"}}"#,
            r#"error: parsing time "2020/01/02" as "2006-01-02": cannot parse "/01/02" as "-""#,
        ),
        (
            r#"{{mustToDate "2006-01-02" "2019-02-29"}}"#,
            r#"error: parsing time "2019-02-29": day out of range"#,
        ),
        (
            r#"{{mustToDate "-07:00" "+25:00"}}"#,
            r#"error: parsing time "+25:00": time zone offset hour out of range"#,
        ),
        (
            r#"{{mustToDate "2006" "é"}}"#,
            r#"error: parsing time "\xc3\xa9" as "2006": cannot parse "\xc3\xa9" as "2006""#,
        ),
        (r#"{{mustDateModify "1d" now}}"#, r#"error: time: unknown unit "d" in duration "1d""#),
        (r#"{{mustDateModify "5" now}}"#, r#"error: time: missing unit in duration "5""#),
    ]);
}

#[test]
fn months_weekdays_and_durations_are_integers_of_their_own_types() {
    let time = r#"{{$t := toDate "2006-01-02" "2017-12-31"}}"#;
    for (template, expected) in [
        (
            r#"{{$t.Month}} {{printf "%d %02d %v %s" $t.Month $t.Weekday $t.Weekday $t.Month}}"#,
            "December 12 00 Sunday December",
        ),
        (
            "{{int $t.Month}} {{kindOf $t.Month}} {{typeOf $t.Weekday}} {{eq $t.Month 12}} {{lt $t.Weekday 1}}",
            "12 int time.Weekday true true",
        ),
        (
            "{{default 9 $t.Weekday}} {{toJson $t.Month}} {{first $t.Month}}",
            "error: Cannot find first on type int",
        ),
        (
            r#"{{$d := $t.Sub (toDate "2006-01-02" "2017-12-30")}}{{$d}} {{$d.Hours}} {{$t.Add $d}} {{int64 $d}} {{$t.Add 5}}"#,
            "24h0m0s 24 2018-01-01 00:00:00 +0000 UTC 0 2017-12-31 00:00:00.000000005 +0000 UTC",
        ),
    ] {
        check(&[(&format!("{time}{template}"), expected)]);
    }
}

#[test]
fn patterns_are_gos() {
    check(&[
        (r#"{{regexFindAll "\\w+" "naïve K" -1}}"#, "[na ve K]"),
        (
            r#"{{regexMatch "(?i)k" "\u212a"}} {{regexMatch "[a&&b]" "&"}} {{regexMatch "^\\s$" "\v"}}"#,
            "true true false",
        ),
        (r#"{{regexReplaceAll "(?P<n>a)(?P<n>b)?" "a" "<${n}>"}}"#, "<a>"),
        (r#"{{regexReplaceAll "(a)" "a" "$1x ${1}x $"}}"#, " ax $"),
        (r#"{{regexSplit "" "" -1 | toJson}} {{regexSplit "a" "" -1 | toJson}}"#, r#"[] [""]"#),
        (
            r#"{{mustRegexMatch "a{1000}{2}" "a"}}"#,
            "error: error parsing regexp: invalid nested repetition operator: `{1000}{2}`",
        ),
        (
            r#"{{mustRegexMatch "(a{100}){11}" "a"}}"#,
            "error: error parsing regexp: invalid repeat count: `{11}`",
        ),
        (
            r#"{{mustRegexMatch "\\p{Old_Italic}" "a"}}"#,
            "error: error parsing regexp: invalid character class range: `\\p{Old_Italic}`",
        ),
        (
            r#"{{mustRegexMatch "[a-\\d]" "a"}}"#,
            "error: error parsing regexp: invalid escape sequence: `\\d`",
        ),
        (
            r#"{{mustRegexMatch "(?i-)" "a"}}"#,
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?i-)`",
        ),
        (
            r#"{{regexFind "`(" "a"}}"#,
            "error: regexp: Compile(\"`(\"): error parsing regexp: missing closing ): ``(`",
        ),
    ]);
}

#[test]
fn merging_shares_what_only_the_source_has() {
    let values = json!({"a": {"k": {"x": 1}, "e": {}}, "b": {"k": {"x": 9, "z": 3}, "e": {"y": 2}, "n": {}}});
    let template = r#"{{$m := merge .Values.a .Values.b}}{{range list $m.n $m.k $m.e}}{{$_ := set . "later" 0}}{{end}}{{$m | toJson}} {{.Values.b | toJson}}"#;
    let output = render(&functions(), template, &values).unwrap();
    let merged = r#"{"e":{"later":0,"y":2},"k":{"later":0,"x":1,"z":3},"n":{"later":0}}"#;
    let source = r#"{"e":{"y":2},"k":{"x":9,"z":3},"n":{"later":0}}"#;
    assert_eq!(String::from_utf8(output).unwrap(), format!("{merged} {source}"));
}

#[test]
fn a_map_is_the_same_map_under_its_other_type() {
    let template =
        r#"{{$_ := set .Values "x" 1}}{{.Values.x}} {{$v := merge .Values (dict "y" 2)}}{{.Values.y}}"#;
    assert_eq!(render(&functions(), template, &json!({"k": 1})).unwrap(), b"1 2");
}

#[test]
fn slices_reach_into_the_capacity_that_go_left() {
    check(&[
        ("{{slice (until 3) 0 4}}", "[0 1 2 0]"),
        ("{{slice (until 3) 0 5}}", "error: reflect.Value.Slice: slice index out of bounds"),
        (r#"{{slice (append (list 1) 2) 0 2}}"#, "[1 2]"),
    ]);
}

#[test]
fn versions_have_their_methods() {
    check(&[
        (
            r#"{{$v := semver "v1.2.3-rc.1+b"}}{{$v.IncPatch}} {{$v.IncMinor}} {{$v.Original}} {{$v.Metadata}}"#,
            "1.2.3 1.3.0 v1.2.3-rc.1+b b",
        ),
        (
            r#"{{(semver "1.10.0").GreaterThan (semver "1.9.9")}} {{(semver "1").Equal (semver "1.0.0+x")}}"#,
            "true true",
        ),
        (r#"{{(semver "1.2.3").SetPrerelease "a..b"}}"#, "error: invalid prerelease string"),
        (
            r#"{{semverCompare ">=1.2.3" "99999999999999999999.0.0"}}"#,
            r#"error: error parsing version segment: strconv.ParseUint: parsing "99999999999999999999": value out of range"#,
        ),
        (r#"{{semver "1.2.3" | toJson}} {{typeOf (semver "1.2.3").IncMajor}}"#, r#""1.2.3" semver.Version"#),
    ]);
}

#[test]
fn bytes_are_cut_where_go_cuts_them() {
    check(&[
        (r#"{{"é" | trunc 1 | quote}} {{"éa" | nospace}} {{initials "é b"}}"#, r#""\xc3" éa Ãb"#),
        (r#"{{substr 2 1 "abc"}}"#, "error: runtime error: slice bounds out of range [2:1]"),
        (r#"{{abbrevboth 5 7 "abcdefghijklmnop"}}|"#, "...f...|"),
        (r#"{{upper "ŉßǆᾳ"}} {{title "ǆa ßb"}} {{lower "İΣ"}}"#, "ŉßǄᾼ ǅa ßb iσ"),
    ]);
}

#[test]
fn arithmetic_wraps_and_decimals_do_not() {
    check(&[
        ("{{div -9223372036854775808 -1}} {{mod -9223372036854775808 -1}}", "-9223372036854775808 0"),
        (
            "{{addf 0.1 0.2}} {{mulf 1.1 1.1}} {{subf 0.3 0.1}} {{divf 1 3}}",
            "0.3 1.21 0.2 0.3333333333333333",
        ),
        (r#"{{addf (float64 "inf") 1}}"#, "error: Cannot create a Decimal from +Inf"),
        (
            r#"{{int "1.00"}} {{int "0x1F"}} {{int "1.5"}} {{float64 "0x1p-2"}} {{atoi "99999999999999999999"}}"#,
            "1 31 0 0.25 9223372036854775807",
        ),
        ("{{round -1.5 0}} {{round 1234.5 -2}} {{round 2.675 2}}", "-2 1200 2.68"),
    ]);
}
