//! JSON as Go prints it: keys sorted, `<`, `>` and `&` escaped.

use serde_json::{Number, Value};

/// Prints a value in one line, or with an indentation of two spaces.
pub(super) fn print(value: &Value, pretty: bool) -> String {
    let mut text = String::new();
    write(value, pretty.then_some(0), &mut text);
    text
}

fn write(value: &Value, indent: Option<usize>, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => write_number(number, text),
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            let inner = indent.map(|indent| indent + 1);
            for (position, item) in items.iter().enumerate() {
                begin_item(position, inner, text);
                write(item, inner, text);
            }
            end(items.is_empty(), indent, text);
            text.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            text.push('{');
            let inner = indent.map(|indent| indent + 1);
            for (position, key) in keys.into_iter().enumerate() {
                begin_item(position, inner, text);
                write_string(key, text);
                text.push_str(if indent.is_some() { ": " } else { ":" });
                write(&map[key], inner, text);
            }
            end(map.is_empty(), indent, text);
            text.push('}');
        }
    }
}

fn begin_item(position: usize, indent: Option<usize>, text: &mut String) {
    if position > 0 {
        text.push(',');
    }
    new_line(indent, text);
}

fn end(empty: bool, indent: Option<usize>, text: &mut String) {
    if !empty {
        new_line(indent, text);
    }
}

fn new_line(indent: Option<usize>, text: &mut String) {
    if let Some(indent) = indent {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", indent));
    }
}

fn write_number(number: &Number, text: &mut String) {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => text.push_str(&number.to_string()),
        Some(float) if float != 0.0 && (float.abs() < 1e-6 || float.abs() >= 1e21) => {
            let written = format!("{float:e}");
            text.push_str(&if float.abs() >= 1e21 { written.replacen('e', "e+", 1) } else { written });
        }
        Some(float) => text.push_str(&format!("{float}")),
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => text.push(character),
        }
    }
    text.push('"');
}
