//! Values as go-yaml v3 reads them.
//!
//! The crate `yaml` reads as go-yaml v2, which the other tools use. Kustomize reads resources by v3: `yes`, `no`, `on`
//! and `off` are text, times are times, a key must be text. Few files hold any of these, so a text is read by v2, and
//! only where a quick look finds something suspicious a second time with the places of its values.

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};
use slipway_yaml::{Parsed, YamlError};

/// Reads the first document of a text.
///
/// # Errors
/// When the text is no YAML, or a key is set twice.
pub(super) fn decode(text: &str) -> Result<Value, YamlError> {
    // Keys that come by `<<` may be set again; the strict reader cannot tell them apart.
    let mut value =
        if text.contains("<<") { slipway_yaml::decode(text)? } else { slipway_yaml::decode_strict(text)? };
    if (is_suspicious(text) || has_odd_annotations(&value)) && !matches!(value, Value::Null) {
        let parsed = Parsed::new(text)?;
        let document = (0..parsed.documents())
            .find(|document| parsed.find(*document, &FieldPath::root()).is_some())
            .unwrap_or(0);
        Correction { parsed: &parsed, document }.correct(&mut value, &FieldPath::root(), false)?;
    }
    Ok(value)
}

/// Reads a text that is a single value, such as an inline patch or a plugin configuration.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_value(text: &str) -> Result<Value, YamlError> {
    decode(text)
}

/// The fields whose value is null because nothing is written there. Strategic merge drops them where it keeps a null that
/// is written out.
pub(super) fn bare_nulls(text: &str, value: &Value) -> Vec<FieldPath> {
    let mut nulls = Vec::new();
    collect_nulls(value, &FieldPath::root(), &mut nulls);
    if nulls.is_empty() {
        return nulls;
    }
    let Ok(parsed) = Parsed::new(text) else { return Vec::new() };
    let root = |document: &usize| parsed.find(*document, &FieldPath::root()).is_some();
    let document = (0..parsed.documents()).find(root).unwrap_or(0);
    nulls.retain(|path| {
        let place = parsed.find(document, path);
        place.is_some_and(|place| !place.elsewhere && place.value.range().is_empty())
    });
    nulls
}

/// The numbers that are written in another way than they are printed: `1.20`, `0x1f`. A replacement copies them as they
/// are written.
pub(super) fn odd_numbers(text: &str, value: &Value) -> Vec<(FieldPath, Value, String)> {
    let mut numbers = Vec::new();
    if !text.split(|c: char| c.is_whitespace() || ",[]{}".contains(c)).any(is_odd_number) {
        return numbers;
    }
    let Ok(parsed) = Parsed::new(text) else { return numbers };
    let root = |document: &usize| parsed.find(*document, &FieldPath::root()).is_some();
    let document = (0..parsed.documents()).find(root).unwrap_or(0);
    collect_numbers(value, &FieldPath::root(), &mut |path, number| {
        let Some(place) = parsed.find(document, path).filter(|place| !place.elsewhere) else { return };
        let raw = &parsed.text()[place.value.range()];
        let printed = number.to_string();
        if raw != printed {
            numbers.push((path.clone(), number.clone(), raw.to_owned()));
        }
    });
    numbers
}

/// Whether a word is a number that is printed in another way.
fn is_odd_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && (word.starts_with(['0', '+']) || word.contains(['.', '_', 'e', 'E']) || word.starts_with("-0"))
        && matches!(slipway_yaml::decode(word), Ok(Value::Number(number)) if number.to_string() != word)
}

fn collect_numbers(value: &Value, path: &FieldPath, found: &mut dyn FnMut(&FieldPath, &Value)) {
    match value {
        Value::Number(_) => found(path, value),
        Value::Object(map) => {
            for (key, child) in map {
                if !child.is_string() {
                    collect_numbers(child, &path.key(key.as_str()), found);
                }
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                if !child.is_string() {
                    collect_numbers(child, &path.index(index), found);
                }
            }
        }
        _ => {}
    }
}

fn collect_nulls(value: &Value, path: &FieldPath, nulls: &mut Vec<FieldPath>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                match child {
                    Value::Null => nulls.push(path.key(key.as_str())),
                    Value::Object(_) | Value::Array(_) => {
                        collect_nulls(child, &path.key(key.as_str()), nulls);
                    }
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                if child.is_object() || child.is_array() {
                    collect_nulls(child, &path.index(index), nulls);
                }
            }
        }
        _ => {}
    }
}

/// Whether an object, or one of a list of objects, has annotations that are numbers or truth values: kustomize makes them
/// text as they are written.
fn has_odd_annotations(value: &Value) -> bool {
    let is_odd =
        |object: &Value| match object.get("metadata").and_then(|metadata| metadata.get("annotations")) {
            Some(Value::Object(map)) => map.values().any(|value| value.is_number() || value.is_boolean()),
            _ => false,
        };
    is_odd(value)
        || value.get("items").and_then(Value::as_array).is_some_and(|items| items.iter().any(is_odd))
}

/// Whether a path is that of the annotations of an object, or of one of a list of objects.
fn is_annotations(path: &FieldPath, key: &str) -> bool {
    let is_key = |segment: &Segment, name: &str| matches!(segment, Segment::Key(key) if key == name);
    key == "annotations"
        && match path.segments() {
            [metadata] => is_key(metadata, "metadata"),
            [items, Segment::Index(_), metadata] => is_key(items, "items") && is_key(metadata, "metadata"),
            _ => false,
        }
}

/// Whether the text may hold something that v2 and v3 read differently.
fn is_suspicious(text: &str) -> bool {
    text.lines().any(|line| {
        let mut rest = line.trim_start();
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start();
        }
        if rest.is_empty() || rest.starts_with('#') {
            return false;
        }
        let (key, value) = match rest.find(": ") {
            Some(colon) => (Some(&rest[..colon]), &rest[colon + 2..]),
            None => match rest.strip_suffix(':') {
                Some(key) => (Some(key), ""),
                None => (None, rest),
            },
        };
        if key.is_some_and(is_suspicious_key) {
            return true;
        }
        let value = value.split(" #").next().unwrap_or_default().trim();
        match value.as_bytes().first() {
            None => false,
            Some(b'[' | b'{') => {
                value.split(|c: char| c.is_whitespace() || ",[]{}:".contains(c)).any(is_suspicious_value)
            }
            _ => is_suspicious_value(value),
        }
    })
}

fn is_suspicious_key(key: &str) -> bool {
    is_word(key)
        || matches!(
            key,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" | "null" | "Null" | "NULL" | "~"
        )
        || key.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
}

fn is_suspicious_value(value: &str) -> bool {
    is_word(value) || may_be_time(value) || value.starts_with('!')
}

/// A word that v2 alone takes for true or false.
fn is_word(text: &str) -> bool {
    text.len() <= 3
        && matches!(
            text,
            "y" | "Y"
                | "yes"
                | "Yes"
                | "YES"
                | "on"
                | "On"
                | "ON"
                | "n"
                | "N"
                | "no"
                | "No"
                | "NO"
                | "off"
                | "Off"
                | "OFF"
        )
}

fn may_be_time(text: &str) -> bool {
    text.len() >= 8
        && text.as_bytes()[..4].iter().all(u8::is_ascii_digit)
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[5].is_ascii_digit()
}

struct Correction<'a> {
    parsed: &'a Parsed,
    document: usize,
}

impl Correction<'_> {
    /// Corrects a value; `as_text` inside annotations, whose values become text as they are written.
    fn correct(&self, value: &mut Value, path: &FieldPath, as_text: bool) -> Result<(), YamlError> {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.correct(item, &path.index(index), as_text)?;
                }
            }
            Value::Object(map) => {
                self.correct_keys(map, path, as_text)?;
                for (key, value) in map.iter_mut() {
                    let inside = path.with(Segment::Key(self.written_key(path, key)));
                    let annotations = is_annotations(path, key);
                    self.correct(value, &inside, as_text || annotations)?;
                }
            }
            Value::Bool(_) | Value::Number(_) if as_text => {
                if let Some(raw) = self.raw(path) {
                    *value = Value::from(raw);
                }
            }
            Value::Bool(_) => {
                if let Some(raw) = self.raw(path).filter(|raw| is_word(raw)) {
                    *value = Value::from(raw);
                }
            }
            Value::String(text) if may_be_time(text) && !as_text => {
                let plain = self.raw(path).is_some_and(|raw| raw == *text);
                if plain && let Some(time) = time(text) {
                    *value = Value::String(time);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The key by which `Parsed` knows an entry: v2 reads `yes` as `true`.
    fn written_key(&self, path: &FieldPath, key: &str) -> String {
        if is_word(key) && self.parsed.find(self.document, &path.key(key)).is_none() {
            let truth = matches!(key.as_bytes()[0] | 0x20, b'y') || key.eq_ignore_ascii_case("on");
            return truth.to_string();
        }
        key.to_owned()
    }

    fn correct_keys(
        &self,
        map: &mut Map<String, Value>,
        path: &FieldPath,
        as_text: bool,
    ) -> Result<(), YamlError> {
        let doubtful: Vec<String> =
            map.keys().filter(|key| is_suspicious_key(key) && !is_word(key)).cloned().collect();
        for key in doubtful {
            let Some(place) = self.parsed.find(self.document, &path.key(&key)) else { continue };
            let Some(span) = place.key else { continue };
            let raw = self.parsed.text()[span.range()].trim();
            if place.elsewhere || raw.starts_with(['"', '\'', '!', '&', '*', '|', '>']) {
                continue;
            }
            if is_word(raw) {
                if let Some(value) = map.remove(&key) {
                    map.insert(raw.to_owned(), value);
                }
            } else if !as_text && is_no_text(raw) {
                return Err(YamlError {
                    line: span.start.line,
                    column: span.start.column,
                    message: format!(
                        "json: unsupported type: map[interface {{}}]interface {{}}: the key `{raw}` is no text; quote it"
                    ),
                });
            }
        }
        Ok(())
    }

    /// A scalar without quotes as it is written.
    fn raw(&self, path: &FieldPath) -> Option<String> {
        let place = self.parsed.find(self.document, path)?;
        Some(self.parsed.text()[place.value.range()].to_owned())
    }
}

/// Whether a scalar without quotes is a number, a truth value or null.
fn is_no_text(raw: &str) -> bool {
    !matches!(slipway_yaml::decode(raw), Ok(Value::String(_)) | Err(_))
}

/// A time as Go writes it into JSON (RFC 3339 with as many digits as needed); `None` where it is none.
fn time(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let number = |from: usize, most: usize| -> Option<(u32, usize)> {
        let digits = bytes[from..].iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let value = text.get(from..from + digits)?.parse().ok()?;
        Some((value, from + digits))
    };
    let expect =
        |at: usize, wanted: &[u8]| bytes.get(at).filter(|byte| wanted.contains(byte)).map(|_| at + 1);
    let (year, at) = number(0, 4)?;
    let (month, at) = number(expect(at, b"-")?, 2)?;
    let (day, mut at) = number(expect(at, b"-")?, 2)?;
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > days {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if at == bytes.len() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let space = bytes[at] == b' ';
    at = expect(at, b"Tt ")?;
    let (hour, next) = number(at, 2)?;
    let (minute, next) = number(expect(next, b":")?, 2)?;
    let (second, mut next) = number(expect(next, b":")?, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut fraction = "";
    if bytes.get(next) == Some(&b'.') {
        let digits = bytes[next + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        fraction = text[next + 1..next + 1 + digits.min(9)].trim_end_matches('0');
        next += 1 + digits;
    }
    let zone = match (&text[next..], space) {
        // With a space there is no zone in the layouts that go-yaml knows.
        ("", true) | ("Z", false) => "Z".to_owned(),
        (zone, false) => {
            let sign = zone.chars().next().filter(|sign| "+-".contains(*sign))?;
            let (hours, minutes) = zone[1..].split_once(':')?;
            if hours.is_empty() || hours.len() > 2 || minutes.len() != 2 {
                return None;
            }
            let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
            if hours == 0 && minutes == 0 { "Z".to_owned() } else { format!("{sign}{hours:02}:{minutes:02}") }
        }
        _ => return None,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{dot}{fraction}{zone}"))
}
