use super::*;
use serde_json::json;

fn typed(argument: &str) -> Result<Value, SetError> {
    let mut values = json!({"base": {"a": 1, "l": ["x", "z"]}}).as_object().unwrap().clone();
    assign(&mut values, argument, ValueSyntax::Typed, Null::Keep)?;
    values.remove("base").filter(|base| *base != json!({"a": 1, "l": ["x", "z"]})).map_or_else(
        || Ok(Value::Object(values.clone())),
        |base| Ok(json!({"base": base, "rest": values.clone()})),
    )
}

/// Recorded from `helm template --set` of helm v3.22.0.
#[test]
fn assignments_read_as_helm_reads_them() {
    for (argument, expected) in [
        ("a={}", json!({"a": [""]})),
        ("a={x,y},b=1", json!({"a": ["x", "y"], "b": 1})),
        ("a={x,y}b=1", json!({"a": ["x", "y"], "b": 1})),
        (
            "a[0].b=1,a[1].b=0,c=007,d=1.5,e=true",
            json!({"a": [{"b": 1}, {"b": 0}], "c": "007", "d": "1.5", "e": true}),
        ),
        ("f=null,g=Null,h=-5,i=+5,j=00", json!({"f": null, "g": null, "h": -5, "i": 5, "j": "00"})),
        ("a\\.b=1", json!({"a.b": 1})),
        ("a=b\\,c", json!({"a": "b,c"})),
        ("a=,b=", json!({"a": "", "b": ""})),
        ("=1", json!({})),
        (".a=1", json!({})),
        ("", json!({})),
        ("a[0][1]=x", json!({"a": [[null, "x"]]})),
        ("a[1].b=1,a[0].c=2", json!({"a": [{"c": 2}, {"b": 1}]})),
        ("a=b=c", json!({"a": "b=c"})),
        ("a=x\\", json!({"a": "x"})),
        ("a[0]={x,y}", json!({"a": [["x", "y"]]})),
        ("a=  x ", json!({"a": "  x "})),
        ("a={x,,y}", json!({"a": ["x", "", "y"]})),
        ("a={x,null,5}", json!({"a": ["x", null, 5]})),
        ("a=9223372036854775808", json!({"a": "9223372036854775808"})),
        ("a=0x10", json!({"a": "0x10"})),
        ("[0]=1", json!({})),
        ("a=b,", json!({"a": "b"})),
        ("a[0]", json!({"a": []})),
        ("base.l[0]=z,base.l[3]=q", json!({"base": {"a": 1, "l": ["z", "z", null, "q"]}, "rest": {}})),
        ("base.l=null", json!({"base": {"a": 1, "l": null}, "rest": {}})),
    ] {
        assert_eq!(typed(argument).unwrap(), expected, "{argument}");
    }
}

#[test]
fn malformed_assignments_say_what_is_wrong() {
    for (argument, expected) in [
        ("a", "key `a` has no value"),
        ("a,b=1", "key `a` has no value (it cannot end with a comma)"),
        ("a.=1", "nothing is set in the map `a`"),
        ("a.b.c", "key `c` has no value"),
        ("a[-1]=1", "index -1 is not allowed: indices go from 0 to 65536"),
        ("a[70000]=1", "index 70000 is not allowed: indices go from 0 to 65536"),
        ("a[x]=1", "`[x]` is no index of a list"),
        ("a[0", "`[0]` is no index of a list"),
        ("a[0]b=1", "unexpected `b` after the index of a list"),
        ("a={x,y", "a list must end with `}`"),
        ("a={{x,y}}", "key `}` has no value"),
        ("base=null,base.q=1", "`base` holds null, not a map"),
        ("base[0]=1", "`base` holds a map, not a list"),
    ] {
        assert_eq!(typed(argument).unwrap_err().to_string(), expected, "{argument}");
    }
    let deep = "a.".repeat(40) + "b=1";
    assert_eq!(typed(&deep).unwrap_err(), SetError::TooDeep);
}

#[test]
fn malformed_assignments_have_the_text_of_helm() {
    for (argument, expected) in [
        ("a[x]=1", "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax"),
        ("a[0", "error parsing index: EOF"),
        ("a[-1]=1", "negative -1 index not allowed"),
        ("a[0]xy=1", "unexpected data at end of array index: ['x' 'y']"),
        ("a,b=1", "key \"a\" has no value (cannot end with ,)"),
        (
            "base=null,base.q=1",
            "unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}",
        ),
    ] {
        assert_eq!(typed(argument).unwrap_err().as_helm(), expected, "{argument}");
    }
}

#[test]
fn json_and_text_and_files_are_taken_as_they_are() {
    let mut values = Map::new();
    assign(&mut values, "a=1,b=true,d={1,2}", ValueSyntax::Text, Null::Keep).unwrap();
    assert_eq!(Value::Object(values), json!({"a": "1", "b": "true", "d": ["1", "2"]}));
    let mut values = Map::new();
    assign(&mut values, "a=[1,{\"b\":2}] , c=\"x\",d=", ValueSyntax::Json, Null::Keep).unwrap();
    assert_eq!(Value::Object(values), json!({"a": [1, {"b": 2}], " c": "x", "d": null}));
    let mut values = Map::new();
    assign(&mut values, "{\"a\":{\"b\":1}}", ValueSyntax::Json, Null::Keep).unwrap();
    let mut read = |name: &str| Ok(format!("<{name}>,={{}}"));
    assign_files(&mut values, "a.c[1]=x.txt,a.d={p,q}", &mut read).unwrap();
    assert_eq!(
        Value::Object(values),
        json!({"a": {"b": 1, "c": [null, "<x.txt>,={}"], "d": ["<p>,={}", "<q>,={}"]}})
    );
    assert!(assign(&mut Map::new(), "a=[1", ValueSyntax::Json, Null::Keep).is_err());
    assert!(assign(&mut Map::new(), "a=1 2", ValueSyntax::Json, Null::Keep).is_err());
}

#[test]
fn names_of_files_are_replaced_where_they_stand() {
    let mut rename = |name: &str| Ok(format!("/tmp/a,b/{name}"));
    assert_eq!(
        rename_files("a.b=x.txt,c[0]={y,z\\,1},d=", &mut rename).unwrap(),
        "a.b=/tmp/a\\,b/x.txt,c[0]={/tmp/a\\,b/y,/tmp/a\\,b/z\\,1},d=/tmp/a\\,b/"
    );
    let mut refuse = |_: &str| Err("there is no such file".to_owned());
    let error = rename_files("a=x", &mut refuse).unwrap_err();
    assert_eq!(error.to_string(), "`x`: there is no such file");
}

#[test]
fn null_deletes_where_no_defaults_follow() {
    let mut values = json!({"a": {"b": 1, "c": 2}}).as_object().unwrap().clone();
    assign(&mut values, "a.b=null", ValueSyntax::Typed, Null::Delete).unwrap();
    assert_eq!(Value::Object(values), json!({"a": {"c": 2}}));
}
