//! Values as Go prints them.

use std::fmt::Write as _;

use serde_json::Value;

/// As `{{ . }}` prints a value.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" "))
        }
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries: Vec<String> =
                entries.into_iter().map(|(key, value)| format!("{key}:{}", text(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// Whether `if` takes a value for true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// As `printf` does.
pub(super) fn format(pattern: &str, arguments: &[Value]) -> String {
    let mut result = String::new();
    let mut arguments = arguments.iter();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '%' {
            result.push(character);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) =
            characters.next_if(|each| matches!(each, '-' | '+' | '#' | ' ' | '.') || each.is_ascii_digit())
        {
            flags.push(flag);
        }
        let verb = characters.next().unwrap_or('%');
        if verb == '%' {
            result.push('%');
            continue;
        }
        let Some(argument) = arguments.next() else {
            // Writing to a string cannot fail.
            let _ = write!(result, "%!{verb}(MISSING)");
            continue;
        };
        result.push_str(&formatted(verb, &flags, argument));
    }
    result
}

fn formatted(verb: char, flags: &str, argument: &Value) -> String {
    let body = match verb {
        'q' => Value::from(text(argument)).to_string(),
        'f' => {
            let precision =
                flags.split_once('.').and_then(|(_, digits)| digits.parse().ok()).unwrap_or(6_usize).min(32);
            format!("{:.precision$}", argument.as_f64().unwrap_or_default())
        }
        'd' => argument.as_i64().map_or_else(|| text(argument), |number| number.to_string()),
        't' => text(argument),
        'x' => argument.as_i64().map_or_else(|| text(argument), |number| format!("{number:x}")),
        _ if argument.is_null() => "<nil>".to_owned(),
        _ => text(argument),
    };
    let width: usize = flags
        .trim_start_matches(['-', '+', '#', ' ', '0'])
        .split('.')
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let width = width.min(1000);
    if flags.starts_with('-') {
        format!("{body:<width$}")
    } else if flags.starts_with('0') {
        format!("{body:0>width$}")
    } else {
        format!("{body:>width$}")
    }
}
