//! `toToml` and `fromToml`, as `github.com/BurntSushi/toml` writes and reads.

use slipway_gotmpl::{List, Map, Str, Value, go, types};

const NIL_ELEMENT: &str = "toml: cannot encode array with nil element";
const DEPTH_LIMIT: usize = 500;

/// TOML of a value; the error is what Helm prints instead of it.
pub(crate) fn encode(value: &Value) -> Result<String, String> {
    let mut encoder = Encoder { out: String::new(), depth: 0 };
    encoder.encode(&[], value)?;
    Ok(encoder.out)
}

struct Encoder {
    out: String,
    depth: usize,
}

impl Encoder {
    fn encode(&mut self, key: &[&str], value: &Value) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(format!("toml: nested deeper than {DEPTH_LIMIT} levels"));
        }
        match value {
            Value::Map(map) if map.is_nil() => {}
            Value::Map(map) => {
                if key.len() == 1 {
                    self.new_line();
                }
                if !key.is_empty() {
                    self.indent(key);
                    self.out.push_str(&format!("[{}]\n", dotted(key)));
                }
                self.entries(key, map)?;
            }
            Value::List(list) if list.is_nil() => {}
            Value::List(list) if is_table_array(list)? => {
                for item in list.iter() {
                    let Value::Map(map) = item else { continue };
                    self.new_line();
                    self.indent(key);
                    self.out.push_str(&format!("[[{}]]\n", dotted(key)));
                    self.entries(key, map)?;
                }
            }
            value => self.key_value(key, value)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, key: &[&str]) {
        self.out.extend(std::iter::repeat_n("  ", key.len().saturating_sub(1)));
    }

    /// The entries of a table: what is no table first.
    fn entries(&mut self, key: &[&str], map: &Map) -> Result<(), String> {
        let entries = map.entries();
        for tables in [false, true] {
            for (name, value) in &entries {
                if value.is_nil() || is_table(value)? != tables {
                    continue;
                }
                let name = name.to_lossy();
                let mut inner = key.to_vec();
                inner.push(&name);
                self.encode(&inner, value)?;
            }
        }
        Ok(())
    }

    fn key_value(&mut self, key: &[&str], value: &Value) -> Result<(), String> {
        if let Some(name) = key.last() {
            self.indent(key);
            self.out.push_str(&quoted_key(name));
            self.out.push_str(" = ");
        }
        self.element(value)?;
        if !key.is_empty() {
            self.out.push('\n');
        }
        Ok(())
    }

    fn element(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Nil => return Err(NIL_ELEMENT.to_owned()),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Int(number) | Value::Int64(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => self.out.push_str(&integer.to_string()),
                None => self.out.push_str(&float(number.as_f64())),
            },
            Value::String(text) => write_quoted(&mut self.out, &text.to_lossy()),
            Value::Bytes(bytes) => {
                let items: Vec<String> = bytes.iter().map(u8::to_string).collect();
                self.out.push_str(&format!("[{}]", items.join(", ")));
            }
            Value::List(list) => {
                self.out.push('[');
                for (index, item) in list.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.element(item)?;
                }
                self.out.push(']');
            }
            Value::Map(map) => {
                self.out.push('{');
                let mut first = true;
                let entries = map.entries();
                for tables in [false, true] {
                    for (name, value) in &entries {
                        if value.is_nil() || is_table(value)? != tables {
                            continue;
                        }
                        if !first {
                            self.out.push_str(", ");
                        }
                        first = false;
                        self.out.push_str(&format!("{} = ", quoted_key(&name.to_lossy())));
                        self.element(value)?;
                    }
                }
                self.out.push('}');
            }
            Value::Object(_) => match super::encode::json_value(value) {
                Ok(serde_json::Value::String(text)) => self.out.push_str(&text),
                Ok(other) => {
                    self.element(&slipway_gotmpl::from_json(&other, slipway_gotmpl::Numbers::Integers))?;
                }
                Err(error) => return Err(error),
            },
            Value::Function(_) => return Err("toml: unsupported type: func()".to_owned()),
        }
        Ok(())
    }
}

fn is_table(value: &Value) -> Result<bool, String> {
    match value {
        Value::Map(_) => Ok(true),
        Value::List(list) => is_table_array(list),
        _ => Ok(false),
    }
}

fn is_table_array(list: &List) -> Result<bool, String> {
    if list.iter().any(|item| matches!(item, Value::Nil)) {
        return Err(NIL_ELEMENT.to_owned());
    }
    Ok(!list.is_empty() && list.iter().all(|item| matches!(item, Value::Map(_))))
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let mut text = Vec::new();
    go::append_float(&mut text, number, b'g', None, false);
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.contains(['e', '.']) { text } else { format!("{text}.0") }
}

fn dotted(key: &[&str]) -> String {
    key.iter().map(|part| quoted_key(part)).collect::<Vec<_>>().join(".")
}

fn quoted_key(key: &str) -> String {
    let bare = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) {
        return key.to_owned();
    }
    let mut quoted = String::new();
    write_quoted(&mut quoted, key);
    quoted
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for each in text.chars() {
        match each {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            each if each.is_ascii_control() => out.push_str(&format!("\\u{:04x}", each as u32)),
            each => out.push(each),
        }
    }
    out.push('"');
}

/// Reads TOML.
///
/// # Errors
/// The text of Go's library, as far as it can be told from what is wrong.
pub(crate) fn decode(text: &str) -> Result<Map, String> {
    let table: toml::Table = text.parse().map_err(|error| go_error(text, &error))?;
    Ok(table.into_iter().map(|(key, value)| (Str::from(key), to_value(value))).collect())
}

fn to_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::Int64(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(time) => Value::from(date_time(time)),
        toml::Value::Array(items) => {
            let tables = !items.is_empty() && items.iter().all(toml::Value::is_table);
            let items = items.into_iter().map(to_value).collect();
            Value::List(List::of(if tables { types::MAPS } else { types::LIST }, items))
        }
        toml::Value::Table(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (Str::from(key), to_value(value))).collect())
        }
    }
}

/// A time as Go prints it in JSON; what is missing of one is the year zero, midnight, UTC.
fn date_time(mut time: toml::value::Datetime) -> String {
    time.date.get_or_insert(toml::value::Date { year: 0, month: 1, day: 1 });
    time.offset.get_or_insert(toml::value::Offset::Z);
    let printed = time.to_string();
    if time.time.is_none() {
        let date = printed.split(['T', 'Z', '+']).next().unwrap_or(&printed);
        return format!("{date}T00:00:00Z");
    }
    printed.replacen(' ', "T", 1)
}

fn go_error(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let current = text[start..].lines().next().unwrap_or("");
    let key = current.split_once('=').map(|(key, _)| key.trim());
    let last_key =
        key.filter(|key| !key.is_empty()).map(|key| format!(" (last key {key:?})")).unwrap_or_default();
    let message = error.message();
    let ends = text.get(at..).unwrap_or("").trim().is_empty();
    let problem = if message.contains("duplicate key") {
        let name = key.unwrap_or_else(|| current.trim_matches(|each| matches!(each, '[' | ']' | ' ')));
        format!("Key '{name}' has already been defined.")
    } else if let Some(found) = message.strip_prefix("extra `").and_then(|rest| rest.split('`').next()) {
        format!("expected value but found '{found}' instead")
    } else if ends && key.is_some() {
        "unexpected EOF; expected value".to_owned()
    } else if ends {
        "unexpected EOF; expected key separator '='".to_owned()
    } else {
        message.lines().next().unwrap_or("").to_owned()
    };
    format!("toml: line {line}{last_key}: {problem}")
}
