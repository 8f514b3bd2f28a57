//! `values.schema.json`: values are checked, and mistakes told in the words of Helm's library
//! (`santhosh-tekuri/jsonschema` v6, whose author wrote `boon`, which does the checking here).
//!
//! Nothing is fetched: a reference to another server, or to a file, allows everything, and is reported.

use std::error::Error;
use std::sync::{Arc, Mutex, OnceLock};

use boon::{CompileError, Compiler, ErrorKind, SchemaIndex, Schemas, UrlLoader, ValidationError};
use bytes::Bytes;
use serde_json::{Number, Value};

const URL: &str = "file:///values.schema.json";

/// How deep values may be nested to be checked.
const DEPTH_LIMIT: usize = 100;
/// The stack that a check may take, in bytes.
const STACK: usize = 64 << 20;

/// The schema of a chart, compiled when it is first needed. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    text: Bytes,
    compiled: Arc<OnceLock<Result<Compiled, String>>>,
}

struct Compiled {
    schemas: Schemas,
    index: SchemaIndex,
    /// What it refers to and was not read.
    unread: Vec<String>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Compiled").field("unread", &self.unread).finish_non_exhaustive()
    }
}

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Lines as Helm prints them, with the final line break; empty where all is well.
    pub(crate) errors: String,
    /// The values that do not fit, as paths of keys.
    pub(crate) places: Vec<Vec<String>>,
    /// What the schema refers to and was not read.
    pub(crate) unread: Vec<String>,
}

impl Schema {
    pub(crate) fn new(text: Bytes) -> Self {
        Self { text, compiled: Arc::default() }
    }

    /// Checks values.
    pub(crate) fn check(&self, values: &Value) -> Checked {
        match self.compiled.get_or_init(|| stacker::maybe_grow(STACK, STACK, || compile(&self.text))) {
            Err(message) => Checked { errors: message.clone(), ..Checked::default() },
            Ok(compiled) => {
                let mut checked = Checked { unread: compiled.unread.clone(), ..Checked::default() };
                if is_deeper(values, DEPTH_LIMIT) {
                    checked.errors = format!(
                        "values nested deeper than {DEPTH_LIMIT} levels are not checked against a schema\n"
                    );
                    return checked;
                }
                // Each level of values may go through all levels of the schema.
                stacker::maybe_grow(STACK, STACK, || {
                    if let Err(error) = compiled.schemas.validate(values, compiled.index) {
                        let mut text = String::new();
                        display(&mut text, &error, 0);
                        // Helm cuts off the first line, which names the schema.
                        checked.errors = text.split_once('\n').map_or("", |(_, rest)| rest).to_owned();
                        checked.errors.push('\n');
                        places(&mut checked.places, &error);
                    }
                });
                checked
            }
        }
    }
}

fn is_deeper(value: &Value, limit: usize) -> bool {
    let below = |value: &Value| limit == 0 || is_deeper(value, limit - 1);
    match value {
        Value::Array(items) => items.iter().any(below),
        Value::Object(entries) => entries.values().any(below),
        _ => false,
    }
}

/// A pattern that would take too much memory. (That is a defect to `boon`, not to whoever wrote the schema.)
fn huge_pattern(schema: &Value) -> Option<&str> {
    match schema {
        Value::Array(items) => items.iter().find_map(huge_pattern),
        Value::Object(entries) => entries.iter().find_map(|(key, value)| match value {
            Value::String(pattern) if key == "pattern" => {
                matches!(regex::Regex::new(pattern), Err(regex::Error::CompiledTooBig(_)))
                    .then_some(pattern.as_str())
            }
            value => huge_pattern(value),
        }),
        _ => None,
    }
}

fn compile(text: &[u8]) -> Result<Compiled, String> {
    let text = text.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(text);
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
    let schema = match stream.next() {
        None => return Err("EOF".to_owned()),
        Some(Err(error)) if error.is_eof() => return Err("unexpected EOF".to_owned()),
        Some(Err(error)) => return Err(error.to_string()),
        Some(Ok(schema)) => schema,
    };
    if stream.next().is_some() {
        return Err("invalid character after top-level value".to_owned());
    }
    if let Some(pattern) = huge_pattern(&schema) {
        return Err(format!("the pattern {} is too large", quote(pattern)));
    }
    let unread = Arc::new(Mutex::new(Vec::new()));
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(Unread(Arc::clone(&unread))));
    let mut schemas = Schemas::new();
    compiler.add_resource(URL, schema).map_err(|error| compile_error(&error))?;
    let index = compiler.compile(URL, &mut schemas).map_err(|error| compile_error(&error))?;
    let unread = std::mem::take(&mut *unread.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(Compiled { schemas, index, unread })
}

/// Gives a schema that allows everything for whatever is not here.
struct Unread(Arc<Mutex<Vec<String>>>);

impl UrlLoader for Unread {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(url.to_owned());
        Ok(Value::Bool(true))
    }
}

fn compile_error(error: &CompileError) -> String {
    match error {
        CompileError::JsonPointerNotFound(location) => format!("json-pointer in {location:?} not found"),
        CompileError::InvalidJsonPointer(location) => format!("invalid json-pointer {location:?}"),
        CompileError::AnchorNotFound { url, reference } => {
            format!("anchor in {reference:?} not found in schema {url:?}")
        }
        CompileError::UnsupportedDraft { url } => format!("draft {url:?} is not supported"),
        CompileError::UnsupportedVocabulary { url, vocabulary } => {
            format!("unsupported vocabulary {vocabulary:?} in {url:?}")
        }
        CompileError::ValidationError { url, src } => {
            let mut shown = String::new();
            display(&mut shown, src, 0);
            let url = if url.contains('#') { url.clone() } else { format!("{url}#") };
            format!("{url:?} is not valid against metaschema: {shown}")
        }
        other => format!("{other:#}"),
    }
}

fn places(found: &mut Vec<Vec<String>>, error: &ValidationError<'_, '_>) {
    let grouped =
        matches!(error.kind, ErrorKind::Schema { .. } | ErrorKind::Group | ErrorKind::Reference { .. });
    if grouped {
        error.causes.iter().for_each(|cause| places(found, cause));
        return;
    }
    let path = error.instance_location.to_string();
    let segments = path.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"));
    let mut segments: Vec<String> = segments.collect();
    if let ErrorKind::AdditionalProperties { got } = &error.kind {
        segments.extend(got.first().map(|name| name.clone().into_owned()));
    }
    found.push(segments);
}

fn display(out: &mut String, error: &ValidationError<'_, '_>, mut indent: usize) {
    let skipped = error.causes.len() == 1 && matches!(error.kind, ErrorKind::Reference { .. });
    if !skipped {
        if indent > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", indent - 1));
            out.push_str("- ");
        }
        indent += 1;
        match &error.kind {
            ErrorKind::Schema { url } => {
                out.push_str(&format!("jsonschema validation failed with {}", quote(url)));
            }
            kind => {
                out.push_str(&format!("at {}: {}", quote(&error.instance_location.to_string()), text(kind)));
            }
        }
    }
    for cause in &error.causes {
        display(out, cause, indent);
    }
}

fn text(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Group | ErrorKind::Schema { .. } | ErrorKind::Reference { .. } => {
            "validation failed".to_owned()
        }
        ErrorKind::ContentSchema => "'contentSchema' failed".to_owned(),
        ErrorKind::PropertyName { prop } => format!("invalid propertyName {}", quote(prop)),
        ErrorKind::RefCycle { url, kw_loc1, kw_loc2 } => {
            format!("both {kw_loc1} and {kw_loc2} resolve to {url:?} causing reference cycle")
        }
        ErrorKind::FalseSchema => "false schema".to_owned(),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("got {got}, want {}", want.join(" or "))
        }
        ErrorKind::Enum { want } => {
            if want.iter().any(|value| value.is_array() || value.is_object()) {
                "'enum' failed".to_owned()
            } else if let [one] = want.as_slice() {
                format!("value must be {}", shown(one))
            } else {
                let want: Vec<String> = want.iter().map(shown).collect();
                format!("value must be one of {}", want.join(", "))
            }
        }
        ErrorKind::Const { want } if want.is_array() || want.is_object() => "'const' failed".to_owned(),
        ErrorKind::Const { want } => format!("value must be {}", shown(want)),
        ErrorKind::Format { got, want, err } => format!("{} is not valid {want}: {err}", shown(got)),
        ErrorKind::MinProperties { got, want } => counts("minProperties", *got, *want),
        ErrorKind::MaxProperties { got, want } => counts("maxProperties", *got, *want),
        ErrorKind::AdditionalProperties { got } => {
            format!("additional properties {} not allowed", quoted(got.iter().map(AsRef::as_ref)))
        }
        ErrorKind::Required { want } => {
            let plural = if want.len() == 1 { "property" } else { "properties" };
            format!("missing {plural} {}", quoted(want.iter().copied()))
        }
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            format!("properties {} required, if {} exists", quoted(missing.iter().copied()), quote(prop))
        }
        ErrorKind::MinItems { got, want } => counts("minItems", *got, *want),
        ErrorKind::MaxItems { got, want } => counts("maxItems", *got, *want),
        ErrorKind::Contains => "no items match contains schema".to_owned(),
        ErrorKind::MinContains { got, want } if got.is_empty() => {
            format!("min {want} items required to match contains schema, but none matched")
        }
        ErrorKind::MinContains { got, want } => contained("min", got, *want),
        ErrorKind::MaxContains { got, want } => contained("max", got, *want),
        ErrorKind::UniqueItems { got: [first, second] } => format!("items at {first} and {second} are equal"),
        ErrorKind::AdditionalItems { got } => format!("last {got} additionalItem(s) not allowed"),
        ErrorKind::MinLength { got, want } => counts("minLength", *got, *want),
        ErrorKind::MaxLength { got, want } => counts("maxLength", *got, *want),
        ErrorKind::Pattern { got, want } => format!("{} does not match pattern {}", quote(got), quote(want)),
        ErrorKind::ContentEncoding { want, err } => format!("value is not {} encoded: {err}", quote(want)),
        ErrorKind::ContentMediaType { want, err, .. } => {
            format!("value is not of mediatype {}: {err}", quote(want))
        }
        ErrorKind::Minimum { got, want } => bounds("minimum", got, want),
        ErrorKind::Maximum { got, want } => bounds("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => bounds("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => bounds("exclusiveMaximum", got, want),
        ErrorKind::MultipleOf { got, want } => bounds("multipleOf", got, want),
        ErrorKind::Not => "'not' failed".to_owned(),
        ErrorKind::AllOf => "'allOf' failed".to_owned(),
        ErrorKind::AnyOf => "'anyOf' failed".to_owned(),
        ErrorKind::OneOf(None) => "'oneOf' failed, none matched".to_owned(),
        ErrorKind::OneOf(Some((first, second))) => {
            format!("'oneOf' failed, subschemas {first}, {second} matched")
        }
    }
}

fn counts(keyword: &str, got: usize, want: usize) -> String {
    format!("{keyword}: got {}, want {}", grouped(&got.to_string()), grouped(&want.to_string()))
}

fn contained(which: &str, got: &[usize], want: usize) -> String {
    let places: Vec<String> = got.iter().map(usize::to_string).collect();
    format!(
        "{which} {want} items required to match contains schema, but matched {} items at {}",
        got.len(),
        places.join(" ")
    )
}

fn bounds(keyword: &str, got: &Number, want: &Number) -> String {
    format!("{keyword}: got {}, want {}", english(got), english(want))
}

/// A number as `golang.org/x/text/message` prints it for English.
fn english(number: &Number) -> String {
    let value = number.as_f64().unwrap_or(0.0);
    if value == 0.0 {
        return "0".to_owned();
    }
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if value < 0.0 { "-" } else { "" };
    let digits =
        i32::try_from(mantissa.len().saturating_sub(usize::from(mantissa.contains('.')))).unwrap_or(17);
    let threshold = if 6 > digits && digits > exponent { digits } else { 6 };
    if exponent < -4 || exponent >= threshold.max(1) && exponent >= 6 {
        let superscript = |digit: char| match digit {
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            '9' => '⁹',
            _ => '⁻',
        };
        let minus = if exponent < 0 { "-" } else { "" };
        let raised: String = format!("{minus}{:02}", exponent.abs()).chars().map(superscript).collect();
        return format!("{sign}{mantissa}×10{raised}");
    }
    let plain = format!("{}", value.abs());
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), ""), |parts| parts);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => quote(text),
        Value::Array(_) | Value::Object(_) => "value".to_owned(),
        other => other.to_string(),
    }
}

fn quote(text: &str) -> String {
    let quoted = slipway_gotmpl::go::quote(text.as_bytes()).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quote).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(schema: &Value, values: &Value) -> String {
        Schema::new(Bytes::from(schema.to_string())).check(values).errors
    }

    /// Recorded from `helm template` of helm v3.22.0.
    #[test]
    fn mistakes_have_the_texts_of_helm() {
        for (schema, value, expected) in [
            (json!({"maximum": 65535}), json!(70000), "- at '/a': maximum: got 70,000, want 65,535\n"),
            (
                json!({"maximum": -1e30}),
                json!(1234567.891),
                "- at '/a': maximum: got 1.234567891×10⁰⁶, want -1×10³⁰\n",
            ),
            (json!({"maximum": -1e30}), json!(1e-7), "- at '/a': maximum: got 1×10⁻⁰⁷, want -1×10³⁰\n"),
            (json!({"maximum": -1e30}), json!(-70000.5), "- at '/a': maximum: got -70,000.5, want -1×10³⁰\n"),
            (json!({"maximum": -1e30}), json!(0.5), "- at '/a': maximum: got 0.5, want -1×10³⁰\n"),
            (json!({"multipleOf": 0.01}), json!(0.005), "- at '/a': multipleOf: got 0.005, want 0.01\n"),
            (json!({"minLength": 2000}), json!("x"), "- at '/a': minLength: got 1, want 2,000\n"),
            (
                json!({"type": ["string", "null", "object"]}),
                json!([1]),
                "- at '/a': got array, want null or string or object\n",
            ),
            (json!({"const": 10000000}), json!("y"), "- at '/a': value must be 10000000\n"),
            (json!({"not": {"type": "object"}}), json!({}), "- at '/a': 'not' failed\n"),
            (json!(false), json!(1), "- at '/a': false schema\n"),
            (
                json!({"anyOf": [{"type": "string"}, {"type": "object", "properties": {"c": {"type": "string"}}, "required": ["d"]}]}),
                json!({"c": 1}),
                "- at '/a': 'anyOf' failed\n  - at '/a': got object, want string\n  - at '/a': validation failed\n    - at '/a': missing property 'd'\n    - at '/a/c': got number, want string\n",
            ),
            (
                json!({"$ref": "#/definitions/x"}),
                json!({"c": 1}),
                "- at '/a': validation failed\n  - at '/a': missing properties 'b', 'd'\n  - at '/a': additional properties 'c' not allowed\n",
            ),
            (
                json!({"$ref": "#/definitions/nope"}),
                json!({}),
                "json-pointer in \"file:///values.schema.json#/definitions/nope\" not found",
            ),
        ] {
            let schema = json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "properties": {"a": schema},
                "definitions": {"x": {"type": "object", "required": ["b", "d"], "additionalProperties": false}}
            });
            assert_eq!(check(&schema, &json!({"a": value})), expected);
        }
        assert_eq!(Schema::new(Bytes::new()).check(&json!({})).errors, "EOF");
    }

    #[test]
    fn hostile_schemas_and_values_end_in_an_error() {
        let text = |schema: &str, values: &str| {
            let values: Value = slipway_yaml::decode(values).unwrap();
            Schema::new(Bytes::from(schema.to_owned())).check(&values).errors
        };
        let recursive = r##"{"additionalProperties":{"$ref":"#"},"items":{"$ref":"#"}}"##;
        assert!(
            text(recursive, &format!("a: {}{}", "[".repeat(900), "]".repeat(900)))
                .contains("deeper than 100")
        );
        assert_eq!(text(recursive, &format!("a: {}{}", "[".repeat(90), "]".repeat(90))), "");
        assert!(
            text(r#"{"properties":{"a":{"pattern":"(a{1000}){1000}"}}}"#, "a: x").contains("is too large")
        );
        assert!(text(r##"{"$ref":"#"}"##, "a: 1").contains("reference cycle"));
        let deep = format!("{}{}{}", "{\"not\":".repeat(100), "{}", "}".repeat(100));
        assert_eq!(text(&deep, "a: 1"), "");
    }

    #[test]
    fn what_lies_elsewhere_is_not_read_and_allows_everything() {
        let schema =
            json!({"properties": {"a": {"$ref": "https://example.org/x.json"}, "b": {"type": "string"}}});
        let checked = Schema::new(Bytes::from(schema.to_string())).check(&json!({"a": 1, "b": 2}));
        assert_eq!(checked.unread, ["https://example.org/x.json"]);
        assert_eq!(checked.places, [["b"]]);
    }
}
