//! The standard library, as go-jsonnet has it where the evaluator's own differs.
//!
//! YAML matters most: what `std.parseYaml` reads is read as Kubernetes tools read it, and what
//! `std.manifestYamlDoc` writes ends up letter by letter in ConfigMaps. Known differences that remain are in
//! the crate's documentation of [`super`].

#![expect(clippy::needless_pass_by_value, reason = "the macro of the library decides what functions take")]

mod depth;
mod formats;
mod numbers;
mod toml;

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jrsonnet_evaluator::function::builtin;
use jrsonnet_evaluator::manifest::{JsonFormat, ManifestFormat, escape_string_json_buf};
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::val::ArrValue;
use jrsonnet_evaluator::{
    ContextInitializer, Error, IStr, InitialContextBuilder, ObjValue, ObjValueBuilder, Result,
    ResultExt as _, Source, Thunk, Val, ensure_sufficient_stack, error, in_description_frame,
};
use jrsonnet_gcmodule::{Cc, Trace};
use jrsonnet_stdlib::{Settings, stdlib_uncached};

pub(super) use self::depth::evaluated;
use self::numbers::number_text;

/// Gives every file `std`.
#[derive(Trace)]
pub(super) struct Library {
    std: ObjValue,
}

impl Library {
    /// The library with the external variables and the trace printer of `settings`.
    pub(super) fn new(settings: Settings) -> Self {
        let mut builder = ObjValueBuilder::new();
        builder.with_super(stdlib_uncached(Cc::new(RefCell::new(settings))));
        builder.method("parseYaml", parse_yaml::default());
        builder.method("manifestYamlDoc", manifest_yaml_doc::default());
        builder.method("manifestYamlStream", manifest_yaml_stream::default());
        builder.method("manifestJson", manifest_json::default());
        builder.method("manifestJsonEx", manifest_json_ex::default());
        builder.method("manifestJsonMinified", manifest_json_minified::default());
        builder.method("escapeStringJson", escape_string_json::default());
        builder.method("equalsIgnoreCase", equals_ignore_case::default());
        builder.method("mantissa", mantissa::default());
        builder.method("pow", numbers::pow::default());
        builder.method("toString", to_string::default());
        builder.method("manifestIni", formats::manifest_ini::default());
        builder.method("manifestPython", formats::manifest_python::default());
        builder.method("manifestPythonVars", formats::manifest_python_vars::default());
        builder.method("manifestXmlJsonml", formats::manifest_xml_jsonml::default());
        builder.method("manifestToml", toml::manifest_toml::default());
        builder.method("manifestTomlEx", toml::manifest_toml_ex::default());
        builder.method("base64", encode_base64::default());
        builder.method("splitLimitR", split_limit_r::default());
        Self { std: builder.build() }
    }
}

impl ContextInitializer for Library {
    fn populate(&self, source: Source, builder: &mut InitialContextBuilder) {
        let path = source.source_path();
        let this_file =
            path.path().map_or_else(|| path.to_string(), |path| PathResolver::Absolute.resolve(path));
        let mut std = ObjValueBuilder::new();
        std.with_super(self.std.clone());
        std.field("thisFile").hide().value(this_file);
        builder.bind("std", Thunk::evaluated(Val::Obj(std.build())));
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// A text with a document marker is a list of documents, whatever their number; without one it is a value.
#[builtin]
fn parse_yaml(str: IStr) -> Result<Val> {
    let mut chunks: Vec<String> = vec![String::new()];
    let mut is_stream = false;
    for line in str.split_inclusive('\n') {
        match line.strip_prefix("---") {
            Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']) => {
                // Before the first marker a document is only where something stands, be it an empty line.
                if !is_stream && chunks[0].is_empty() {
                    chunks.clear();
                }
                is_stream = true;
                chunks.push(rest.to_owned());
            }
            _ => {
                if let Some(last) = chunks.last_mut() {
                    last.push_str(line);
                }
            }
        }
    }
    let mut documents = Vec::new();
    for chunk in &chunks {
        let value = slipway_yaml::decode(chunk)
            .map_err(|problem| error!("failed to parse YAML: {}", problem.message))?;
        let value: Val = serde_json::from_value(value)
            .map_err(|problem| error!("failed to parse YAML: {}", problem.to_string()))?;
        documents.push(value);
    }
    Ok(if is_stream { Val::Arr(documents.into()) } else { documents.pop().unwrap_or(Val::Null) })
}

#[builtin]
fn manifest_yaml_doc(
    value: Val,
    #[default(false)] indent_array_in_object: bool,
    #[default(true)] quote_keys: bool,
) -> Result<String> {
    let writer = YamlWriter { indent_array_in_object, quote_keys };
    evaluated(&value)?;
    let mut text = String::new();
    writer.write(&value, "", &mut text)?;
    Ok(text)
}

#[builtin]
fn manifest_yaml_stream(
    value: Val,
    #[default(false)] indent_array_in_object: bool,
    #[default(true)] c_document_end: bool,
    #[default(true)] quote_keys: bool,
) -> Result<String> {
    let Val::Arr(items) = value else {
        return Err(error!("manifestYamlStream only takes arrays, got {}", value.value_type().name()));
    };
    let writer = YamlWriter { indent_array_in_object, quote_keys };
    let mut documents = Vec::new();
    for item in items.iter() {
        let item = item?;
        evaluated(&item)?;
        let mut text = String::new();
        writer.write(&item, "", &mut text)?;
        documents.push(text);
    }
    Ok(format!("---\n{}{}", documents.join("\n---\n"), if c_document_end { "\n...\n" } else { "\n" }))
}

#[builtin]
fn manifest_json_ex(
    value: Val,
    indent: String,
    newline: Option<IStr>,
    key_val_sep: Option<IStr>,
) -> Result<String> {
    evaluated(&value)?;
    let newline = newline.as_deref().unwrap_or("\n");
    let separator = key_val_sep.as_deref().unwrap_or(": ");
    Ok(escape_separators(JsonFormat::std_to_json(indent, newline, separator).manifest(value)?))
}

#[builtin]
fn manifest_json(value: Val) -> Result<String> {
    evaluated(&value)?;
    Ok(escape_separators(JsonFormat::std_to_json("    ".to_owned(), "\n", ": ").manifest(value)?))
}

#[builtin]
fn manifest_json_minified(value: Val) -> Result<String> {
    evaluated(&value)?;
    Ok(escape_separators(JsonFormat::minify().manifest(value)?))
}

/// Go's JSON encoder escapes the two separators that JavaScript once could not read.
fn escape_separators(json: String) -> String {
    if json.contains(['\u{2028}', '\u{2029}']) {
        json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
    } else {
        json
    }
}

#[builtin]
fn escape_string_json(str_: Val) -> Result<String> {
    Ok(json_text(&text_of(&str_)?))
}

#[builtin]
fn to_string(a: Val) -> Result<String> {
    text_of(&a)
}

/// A value as text: a text as it is, anything else as JSON in one line, with numbers as Go prints them.
fn text_of(value: &Val) -> Result<String> {
    let mut text = String::new();
    match value {
        Val::Str(string) => text.push_str(&string.clone().into_flat()),
        other => {
            evaluated(other)?;
            push_text(other, &mut text)?;
        }
    }
    Ok(text)
}

fn push_text(value: &Val, text: &mut String) -> Result<()> {
    match value {
        Val::Str(string) => text.push_str(&json_text(&string.clone().into_flat())),
        Val::Num(number) => text.push_str(&number_text(number.get())),
        Val::Arr(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let item = item.with_description(|| format!("elem <{index}> evaluation"))?;
                text.push_str(if index > 0 { ", " } else { "[" });
                in_description_frame(
                    || format!("elem <{index}> manifestification"),
                    || ensure_sufficient_stack(|| push_text(&item, text)),
                )?;
            }
            text.push(']');
        }
        Val::Obj(object) if !object.is_empty() => {
            object.run_assertions()?;
            for (position, (key, field)) in object.iter().enumerate() {
                let field = field.with_description(|| format!("field <{key}> evaluation"))?;
                text.push_str(if position > 0 { ", " } else { "{" });
                text.push_str(&json_text(&key));
                text.push_str(": ");
                in_description_frame(
                    || format!("field <{key}> manifestification"),
                    || ensure_sufficient_stack(|| push_text(&field, text)),
                )?;
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()?),
    }
    Ok(())
}

/// Bytes are characters up to 255 or such numbers; a text is encoded as the UTF-8 that it is.
#[builtin]
fn encode_base64(input: Val) -> Result<String> {
    let invalid = |number: i64| {
        error!(
            "base64 encountered invalid codepoint value in the array (must be 0 <= X <= 255), got {number}"
        )
    };
    let bytes = match &input {
        Val::Str(string) => {
            let string = string.clone().into_flat();
            if let Some(character) = string.chars().find(|character| u32::from(*character) > 255) {
                return Err(invalid(i64::from(u32::from(character))));
            }
            string.as_bytes().to_vec()
        }
        Val::Arr(items) => {
            let mut bytes = Vec::new();
            for item in items.iter() {
                let item = item?;
                let whole = match &item {
                    Val::Num(number) if number.get().fract() == 0.0 => number.get(),
                    other => {
                        let kind = other.value_type().name();
                        return Err(error!(
                            "base64 encountered a non-integer value in the array, got {kind}"
                        ));
                    }
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "it is whole; the largest numbers are invalid all the same"
                )]
                let whole = whole as i64;
                bytes.push(u8::try_from(whole).map_err(|_| invalid(whole))?);
            }
            bytes
        }
        other => {
            let kind = other.value_type().name();
            return Err(error!("base64 can only base64 encode strings / arrays of single bytes, got {kind}"));
        }
    };
    Ok(STANDARD.encode(bytes))
}

#[builtin]
fn split_limit_r(str: IStr, c: IStr, maxsplits: f64) -> Result<ArrValue> {
    if maxsplits < -1.0 || maxsplits.fract() != 0.0 {
        return Err(error!("std.splitLimitR third parameter should be -1 or non-negative, got {maxsplits}"));
    }
    if c.is_empty() {
        return Err(error!("std.splitLimitR second parameter should have length 1 or greater, got 0"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and not negative"
    )]
    let limit = if maxsplits < 0.0 { usize::MAX } else { (maxsplits as usize).saturating_add(1) };
    let mut parts: Vec<Val> = str.rsplitn(limit, &*c).map(Val::string).collect();
    parts.reverse();
    Ok(parts.into_iter().collect())
}

#[builtin]
fn equals_ignore_case(str1: String, str2: String) -> bool {
    str1.to_lowercase() == str2.to_lowercase()
}

/// The mantissa between 0.5 and 1, exactly.
#[builtin]
fn mantissa(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    // A subnormal number has no exponent to replace until it is scaled.
    let x = if x.is_subnormal() { x * 2f64.powi(64) } else { x };
    f64::from_bits(x.to_bits() & !EXPONENT | 0x3fe << 52)
}

/// A JSON string with the control characters after DEL escaped too, as go-jsonnet does.
fn json_text(text: &str) -> String {
    let mut quoted = String::new();
    escape_string_json_buf(text, &mut quoted);
    let is_control = |character: char| ('\u{7f}'..='\u{9f}').contains(&character);
    if !quoted.contains(is_control) {
        return quoted;
    }
    quoted
        .chars()
        .map(|character| {
            if is_control(character) {
                format!("\\u{:04x}", u32::from(character))
            } else {
                character.to_string()
            }
        })
        .collect()
}

struct YamlWriter {
    indent_array_in_object: bool,
    quote_keys: bool,
}

impl YamlWriter {
    fn write(&self, value: &Val, indent: &str, text: &mut String) -> Result<()> {
        match value {
            Val::Str(string) => {
                let string = string.clone().into_flat();
                match string.strip_suffix('\n') {
                    Some(block) => {
                        text.push('|');
                        for line in block.split('\n') {
                            text.push('\n');
                            text.push_str(indent);
                            text.push_str("  ");
                            text.push_str(line);
                        }
                    }
                    None => text.push_str(&json_text(&string)),
                }
                Ok(())
            }
            Val::Arr(items) if !items.is_empty() => ensure_sufficient_stack(|| {
                for (index, item) in items.iter().enumerate() {
                    let item = item.with_description(|| format!("elem <{index}> evaluation"))?;
                    if index > 0 {
                        text.push('\n');
                        text.push_str(indent);
                    }
                    text.push('-');
                    let inner = if is_open(&item) { format!("{indent}  ") } else { indent.to_owned() };
                    if matches!(item, Val::Arr(_)) && is_open(&item) {
                        text.push('\n');
                        text.push_str(&inner);
                    } else {
                        text.push(' ');
                    }
                    in_description_frame(
                        || format!("elem <{index}> manifestification"),
                        || self.write(&item, &inner, text),
                    )?;
                }
                Ok::<_, Error>(())
            }),
            Val::Obj(object) if !object.is_empty() => ensure_sufficient_stack(|| {
                object.run_assertions()?;
                for (position, (key, field)) in object.iter().enumerate() {
                    let field = field.with_description(|| format!("field <{key}> evaluation"))?;
                    if position > 0 {
                        text.push('\n');
                        text.push_str(indent);
                    }
                    if !self.quote_keys && is_bare(&key) {
                        text.push_str(&key);
                    } else {
                        text.push_str(&json_text(&key));
                    }
                    text.push(':');
                    let is_indented = match &field {
                        Val::Arr(_) => self.indent_array_in_object,
                        _ => true,
                    };
                    if is_open(&field) {
                        let inner = if is_indented { format!("{indent}  ") } else { indent.to_owned() };
                        text.push('\n');
                        text.push_str(&inner);
                        in_description_frame(
                            || format!("field <{key}> manifestification"),
                            || self.write(&field, &inner, text),
                        )?;
                    } else {
                        text.push(' ');
                        in_description_frame(
                            || format!("field <{key}> manifestification"),
                            || self.write(&field, indent, text),
                        )?;
                    }
                }
                Ok::<_, Error>(())
            }),
            // Numbers, booleans, null, and what is empty, are written as in JSON.
            other => JsonFormat::minify().manifest_buf(other.clone(), text),
        }
    }
}

/// Whether a value takes lines of its own.
fn is_open(value: &Val) -> bool {
    match value {
        Val::Arr(items) => !items.is_empty(),
        Val::Obj(object) => !object.is_empty(),
        _ => false,
    }
}

/// Whether a key can stand without quotes, as go-jsonnet decides it.
fn is_bare(key: &str) -> bool {
    const WORDS: [&str; 16] = [
        "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", "-.inf", "+.inf", ".inf", "null", "-",
        "---", "",
    ];
    let is_safe = key.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | '/'));
    let is_word = WORDS.iter().any(|word| key.eq_ignore_ascii_case(word));
    let digits = |text: &str, allowed: &str| !text.is_empty() && text.chars().all(|it| allowed.contains(it));
    let is_date = key.matches('-').count() == 2 && key.chars().all(|it| it.is_ascii_digit() || it == '-');
    let unsigned = key.strip_prefix('-').unwrap_or(key);
    let is_binary = unsigned.strip_prefix("0b").is_some_and(|rest| digits(rest, "01_"));
    // Anywhere in the key, not only as a whole.
    let is_hexadecimal = key
        .match_indices("0x")
        .any(|(at, _)| key[at + 2..].starts_with(|it: char| it.is_ascii_hexdigit() || it == '_'));
    is_safe && !(is_word || is_date || is_binary || is_hexadecimal || is_number(unsigned))
}

/// Whether Go's `strconv` reads a text without a sign as a number.
fn is_number(text: &str) -> bool {
    let is_word = ["inf", "infinity", "nan"].iter().any(|word| text.eq_ignore_ascii_case(word));
    is_word || text.starts_with(|it: char| it.is_ascii_digit() || it == '.') && text.parse::<f64>().is_ok()
}
