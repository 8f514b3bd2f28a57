//! Formats, as Go 1.26 prints them.

use super::{sprint, sprintf, sprintln};
use crate::{List, Map, Number, Str, Value, types};

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn map() -> Value {
    let inner: Map = [("x", Value::Nil)].into_iter().collect();
    [("b", Value::from("B")), ("a", Value::Float(1.0)), ("m", inner.into())]
        .into_iter()
        .collect::<Map>()
        .into()
}

fn list() -> Value {
    List::new(vec![Value::from("a"), Value::Int(1), Value::Nil, Value::Float(2.5), Value::Bool(true)]).into()
}

#[test]
fn verbs_flags_widths_and_what_does_not_fit() {
    let s = || Value::from("héllo");
    let cases: Vec<(&str, Vec<Value>, &str)> = vec![
        ("%d|%5d|%-5d|%05d|%+d|% d", vec![Value::Int(7); 6], "7|    7|7    |00007|+7| 7"),
        (
            "%x|%X|%#x|%o|%#o|%O|%b|%c|%q|%U|%#U",
            vec![Value::Int(233); 11],
            "e9|E9|0xe9|351|0351|0o351|11101001|é|'é'|U+00E9|U+00E9 'é'",
        ),
        (
            "%.3d|%8.3d|%-8.3d|%08.3d|%.0d",
            vec![Value::Int(7), Value::Int(7), Value::Int(7), Value::Int(7), Value::Int(0)],
            "007|     007|007     |     007|",
        ),
        (
            "%s|%7s|%-7s|%.2s|%q|%x|% x|%#x|% #x|%.1x",
            vec![s(); 10],
            "héllo|  héllo|héllo  |hé|\"héllo\"|68c3a96c6c6f|68 c3 a9 6c 6c 6f|0x68c3a96c6c6f|0x68 0xc3 0xa9 0x6c 0x6c 0x6f|68",
        ),
        ("%+q|%#q|%07s|%-07s|", vec![s(), s(), s(), s()], "\"h\\u00e9llo\"|`héllo`|00héllo|héllo  |"),
        (
            "%f|%.2f|%8.3f|%-8.1f|%+.1f|%e|%g|%G|%08.2f|%x",
            vec![Value::Float(3.25); 10],
            "3.250000|3.25|   3.250|3.2     |+3.2|3.250000e+00|3.25|3.25|00003.25|0x1.ap+01",
        ),
        (
            "%v %v %v %v",
            vec![Value::Float(1e6), Value::Float(999_999.0), Value::Float(1e-5), Value::Float(1e21)],
            "1e+06 999999 1e-05 1e+21",
        ),
        (
            "%#v %#v %#v %#v %#v",
            vec![s(), Value::Int(1), Value::Float(1.0), Value::Nil, Value::Bool(true)],
            "\"héllo\" 1 1 <nil> true",
        ),
        (
            "%v|%+v|%d|%s",
            vec![list(); 4],
            "[a 1 <nil> 2.5 true]|[a 1 <nil> 2.5 true]|[%!d(string=a) 1 <nil> %!d(float64=2.5) %!d(bool=true)]|[a %!s(int=1) <nil> %!s(float64=2.5) %!s(bool=true)]",
        ),
        (
            "%v|%q|%T",
            vec![map(); 3],
            "map[a:1 b:B m:map[x:<nil>]]|map[\"a\":%!q(float64=1) \"b\":\"B\" \"m\":map[\"x\":<nil>]]|map[string]interface {}",
        ),
        (
            "%#v",
            vec![map()],
            "map[string]interface {}{\"a\":1, \"b\":\"B\", \"m\":map[string]interface {}{\"x\":interface {}(nil)}}",
        ),
        ("%d %s", vec![s(), Value::Int(1)], "%!d(string=héllo) %!s(int=1)"),
        ("%d", vec![], "%!d(MISSING)"),
        ("%d", vec![Value::Int(1), Value::Int(2), s()], "1%!(EXTRA int=2, string=héllo)"),
        ("%", vec![], "%!(NOVERB)"),
        ("100%%", vec![], "100%"),
        ("%[2]d %[1]d|%[3]d|%[x]d", vec![Value::Int(1), Value::Int(2)], "2 1|%!d(BADINDEX)|%!d(BADINDEX)"),
        (
            "%*d|%-*d|%.*f|%*d",
            vec![
                Value::Int(4),
                Value::Int(1),
                Value::Int(4),
                Value::Int(1),
                Value::Int(1),
                Value::Float(2.55),
                s(),
                Value::Int(1),
            ],
            "   1|1   |2.5|%!(BADWIDTH)1",
        ),
        ("%t %v %5t", vec![Value::Bool(true); 3], "true true  true"),
        ("%d %v %s %d", vec![Value::Nil; 4], "%!d(<nil>) <nil> %!s(<nil>) %!d(<nil>)"),
        ("%v %d %s %x", vec![Value::Bytes(Str::from("hi")); 4], "[104 105] [104 105] hi 6869"),
        ("%v %c %T", vec![Value::Number(Number::Uint8(65)); 3], "65 A uint8"),
        ("%z %é", vec![Value::Int(1), Value::Int(2)], "%!z(int=1) %!é(int=2)"),
        ("%w", vec![Value::Int(1)], "%!w(int=1)"),
        (
            "%6.2f%%|%+v|%v",
            vec![Value::Float(12.345), Value::Int(3), List::nil(types::STRINGS).into()],
            " 12.35%|3|[]",
        ),
    ];
    for (format, values, expected) in cases {
        assert_eq!(text(sprintf(format.as_bytes(), &values)), expected, "{format}");
    }
}

#[test]
fn print_puts_blanks_between_operands_that_are_no_strings() {
    let values =
        [Value::Int(1), Value::Int(2), Value::from("a"), Value::from("b"), Value::Int(3), Value::Nil];
    assert_eq!(text(sprint(&values)), "1 2a b3 <nil>".replace("a b", "ab"));
    assert_eq!(text(sprintln(&values)), "1 2 a b 3 <nil>\n");
}

#[test]
fn a_huge_width_stays_within_the_limit() {
    assert_eq!(sprintf(b"%1000000d", &[Value::Int(1)]).len(), 1_000_000);
    assert_eq!(text(sprintf(b"%100000001d|", &[Value::Int(1)])), "%!(NOVERB)%!(EXTRA int=1)");
}
