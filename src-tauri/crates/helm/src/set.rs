//! Assignments on the command line: `--set`, `--set-string`, `--set-json`, `--set-file`.
//!
//! The grammar is Helm's (package `helm.sh/helm/v3/pkg/strvals`): `a.b=1`, `a[0].b=x`, `a={x,y}`, several
//! assignments separated by commas, a backslash before a character that is meant literally. Its corners are
//! kept: an empty key is ignored, numbers that begin with `0` and fractions stay text, a list may be set by
//! indices in any order and is filled with null.

use serde_json::{Map, Value};

/// The largest index of a list that can be set, as in Helm.
const MAX_INDEX: usize = 65_536;
/// How deep a name can be nested, as in Helm.
const MAX_DEPTH: usize = 30;

/// How the text after `=` becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSyntax {
    /// `--set`: `true`, `false`, `null` and whole numbers are recognised, everything else is text.
    Typed,
    /// `--set-string`: always text.
    Text,
    /// `--set-json`: JSON; the whole argument may be one object.
    Json,
    /// `--set-json` of Helm 3: JSON, always after a key.
    KeyedJson,
}

impl ValueSyntax {
    fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::KeyedJson)
    }
}

/// What assigning `null` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// The key is kept with the value null, as Helm does until values meet the chart's defaults.
    Keep,
    /// The key is removed.
    Delete,
}

/// Why an assignment could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// No `=` follows the key.
    #[error("key `{0}` has no value")]
    NoValue(String),
    /// A key is followed by a comma.
    #[error("key `{0}` has no value (it cannot end with a comma)")]
    EndsWithComma(String),
    /// A map is named and nothing in it.
    #[error("nothing is set in the map `{0}`")]
    EmptyMap(String),
    /// An index is no number.
    #[error("`[{0}]` is no index of a list")]
    Index(String),
    /// An index is out of bounds.
    #[error("index {0} is not allowed: indices go from 0 to {MAX_INDEX}")]
    IndexRange(i64),
    /// Text follows an index directly.
    #[error("unexpected `{0}` after the index of a list")]
    AfterIndex(String),
    /// A list in braces never ends.
    #[error("a list must end with `}}`")]
    OpenList,
    /// A key is nested too deep.
    #[error("a key has more than {MAX_DEPTH} levels")]
    TooDeep,
    /// Something else stands where a map or list is needed.
    #[error("`{key}` holds {found}, not {expected}")]
    Shape {
        /// The key.
        key: String,
        /// What is there.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
        /// What is there, as Go names its type.
        found_type: &'static str,
    },
    /// A file cannot be read.
    #[error("`{name}`: {why}")]
    File {
        /// Its name in the argument.
        name: String,
        /// Why.
        why: String,
    },
    /// The value is no JSON.
    #[error("the value of `{key}` is no JSON: {message}")]
    Json {
        /// The key.
        key: String,
        /// Why.
        message: String,
    },
}

impl SetError {
    /// The text of Helm 3 for the same mistake, without what it puts before it (`failed parsing --set data: `).
    #[must_use]
    pub fn as_helm(&self) -> String {
        match self {
            Self::NoValue(key) => format!("key {key:?} has no value"),
            Self::EndsWithComma(key) => format!("key {key:?} has no value (cannot end with ,)"),
            Self::EmptyMap(key) => format!("key map {key:?} has no value"),
            Self::Index(text) if text.parse::<i64>().is_ok() => "error parsing index: EOF".to_owned(),
            Self::Index(text) => {
                let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
                let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let why = if number { "value out of range" } else { "invalid syntax" };
                format!("error parsing index: strconv.Atoi: parsing {text:?}: {why}")
            }
            Self::IndexRange(index) if *index < 0 => format!("negative {index} index not allowed"),
            Self::IndexRange(index) => {
                format!("index of {index} is greater than maximum supported index of {MAX_INDEX}")
            }
            Self::AfterIndex(text) => {
                // Go quotes each character of a list of them.
                let quoted: Vec<String> = text.chars().map(|each| format!("{each:?}")).collect();
                format!("unexpected data at end of array index: [{}]", quoted.join(" "))
            }
            Self::OpenList => "list must terminate with '}'".to_owned(),
            Self::TooDeep => format!(
                "value name nested level is greater than maximum supported nested level of {MAX_DEPTH}"
            ),
            Self::Shape { expected, found_type, .. } => {
                let wanted = if *expected == LIST { "[]interface {}" } else { "map[string]interface {}" };
                format!(
                    "unable to parse key: interface conversion: interface {{}} is {found_type}, not {wanted}"
                )
            }
            Self::File { why, .. } => why.clone(),
            Self::Json { message, .. } => message.clone(),
        }
    }
}

/// Makes the assignments of one argument in `values`.
///
/// ```
/// use slipway_helm::set::{Null, ValueSyntax, assign};
/// let mut values = serde_json::Map::new();
/// assign(&mut values, "image.tag=7,args={a,b}", ValueSyntax::Typed, Null::Keep).unwrap();
/// assert_eq!(serde_json::Value::Object(values), serde_json::json!({"image": {"tag": 7}, "args": ["a", "b"]}));
/// ```
///
/// # Errors
/// When the argument is malformed, or names a map or list where something else is. Assignments before the
/// faulty one have been made then.
pub fn assign(
    values: &mut Map<String, Value>,
    argument: &str,
    syntax: ValueSyntax,
    null: Null,
) -> Result<(), SetError> {
    if syntax == ValueSyntax::Json && argument.trim_start().starts_with('{') {
        let object: Map<String, Value> = serde_json::from_str(argument)
            .map_err(|error| SetError::Json { key: argument.to_owned(), message: error.to_string() })?;
        let mut merged = Value::Object(std::mem::take(values));
        slipway_yaml::merge(&mut merged, Value::Object(object));
        if let Value::Object(merged) = merged {
            *values = merged;
        }
        return Ok(());
    }
    let mut parser = Parser::new(argument, syntax, null);
    while !parser.at_end() {
        parser.key(values, 0)?;
    }
    Ok(())
}

/// Gives something for the name of a file, or says why not.
pub type FileReader<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// Makes the assignments of one `--set-file` argument: `KEY=FILE`, several with commas, lists of files in
/// braces. `read` gives the content of a file by the name in the argument.
///
/// # Errors
/// As [`assign`], or when `read` says why there is no content.
pub fn assign_files(
    values: &mut Map<String, Value>,
    argument: &str,
    read: &mut FileReader<'_>,
) -> Result<(), SetError> {
    let mut parser = Parser { files: Some(read), ..Parser::new(argument, ValueSyntax::Text, Null::Keep) };
    while !parser.at_end() {
        parser.key(values, 0)?;
    }
    Ok(())
}

/// The same `--set-file` argument with other names for its files, for passing it on to the installed helm.
///
/// # Errors
/// As [`assign_files`].
pub fn rename_files(argument: &str, rename: &mut FileReader<'_>) -> Result<String, SetError> {
    let mut parser = Parser { files: Some(rename), ..Parser::new(argument, ValueSyntax::Text, Null::Keep) };
    let mut values = Map::new();
    while !parser.at_end() {
        parser.key(&mut values, 0)?;
    }
    let mut renamed = String::new();
    let mut position = 0;
    for (range, name) in &parser.renamed {
        renamed.extend(&parser.text[position..range.start]);
        for character in name.chars() {
            if matches!(character, '\\' | ',' | '{' | '}') {
                renamed.push('\\');
            }
            renamed.push(character);
        }
        position = range.end;
    }
    renamed.extend(&parser.text[position..]);
    Ok(renamed)
}

struct Parser<'a> {
    text: Vec<char>,
    position: usize,
    syntax: ValueSyntax,
    null: Null,
    /// Gives the value for the name of a file, where values are names of files.
    files: Option<&'a mut FileReader<'a>>,
    /// Where names of files stood, and what `files` gave for them.
    renamed: Vec<(std::ops::Range<usize>, String)>,
}

impl Parser<'_> {
    fn new(text: &str, syntax: ValueSyntax, null: Null) -> Self {
        Self { text: text.chars().collect(), position: 0, syntax, null, files: None, renamed: Vec::new() }
    }

    fn at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    /// Reads up to one of `stops`, which is consumed and returned; `None` at the end. A backslash makes the
    /// next character literal.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut read = String::new();
        while let Some(&character) = self.text.get(self.position) {
            self.position += 1;
            if stops.contains(&character) {
                return (read, Some(character));
            }
            if character == '\\' {
                if let Some(&next) = self.text.get(self.position) {
                    self.position += 1;
                    read.push(next);
                }
                continue;
            }
            read.push(character);
        }
        (read, None)
    }

    /// Reads a key and what is assigned to it.
    fn key(&mut self, values: &mut Map<String, Value>, depth: usize) -> Result<(), SetError> {
        if depth > MAX_DEPTH {
            return Err(SetError::TooDeep);
        }
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        match stop {
            None if key.is_empty() => Ok(()),
            None => Err(SetError::NoValue(key)),
            Some(',') => Err(SetError::EndsWithComma(key)),
            Some('=') => {
                let value = self.value(&key)?;
                self.store(values, key, value);
                Ok(())
            }
            Some('[') => {
                let index = self.index()?;
                let mut list = match values.get(&key) {
                    Some(Value::Array(list)) => list.clone(),
                    None => Vec::new(),
                    Some(other) => return Err(shape(&key, other, LIST)),
                };
                self.item(&key, &mut list, index, depth)?;
                self.store(values, key, Value::Array(list));
                Ok(())
            }
            Some(_) => {
                let mut inner = match values.get(&key) {
                    Some(Value::Object(map)) => map.clone(),
                    None => Map::new(),
                    Some(other) => return Err(shape(&key, other, MAP)),
                };
                self.key(&mut inner, depth + 1)?;
                // Deleting the last key of a map leaves an empty map; naming none is a mistake.
                if inner.is_empty() && !values.contains_key(&key) && self.null == Null::Keep {
                    return Err(SetError::EmptyMap(key));
                }
                self.store(values, key, Value::Object(inner));
                Ok(())
            }
        }
    }

    fn store(&self, values: &mut Map<String, Value>, key: String, value: Value) {
        if key.is_empty() {
            return;
        }
        if value.is_null() && self.null == Null::Delete {
            values.remove(&key);
        } else {
            values.insert(key, value);
        }
    }

    fn index(&mut self) -> Result<usize, SetError> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(SetError::Index(text));
        }
        let index: i64 = text.parse().map_err(|_| SetError::Index(text))?;
        match usize::try_from(index) {
            Ok(small) if small <= MAX_INDEX => Ok(small),
            _ => Err(SetError::IndexRange(index)),
        }
    }

    /// What follows `key[index]`.
    fn item(&mut self, key: &str, list: &mut Vec<Value>, index: usize, depth: usize) -> Result<(), SetError> {
        if depth > MAX_DEPTH {
            return Err(SetError::TooDeep);
        }
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return Err(SetError::AfterIndex(text));
        }
        let value = match stop {
            None => return Ok(()),
            Some('=') => self.value(key)?,
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(index) {
                    Some(Value::Array(inner)) => inner.clone(),
                    None | Some(Value::Null) => Vec::new(),
                    Some(other) => return Err(shape(&format!("{key}[{index}]"), other, LIST)),
                };
                self.item(key, &mut inner, next, depth + 1)?;
                Value::Array(inner)
            }
            Some(_) => {
                let mut inner = match list.get(index) {
                    Some(Value::Object(inner)) => inner.clone(),
                    _ => Map::new(),
                };
                self.key(&mut inner, depth + 1)?;
                Value::Object(inner)
            }
        };
        if list.len() <= index {
            list.resize(index + 1, Value::Null);
        }
        list[index] = value;
        Ok(())
    }

    fn value(&mut self, key: &str) -> Result<Value, SetError> {
        if self.syntax.is_json() {
            return self.json(key);
        }
        if self.text.get(self.position) != Some(&'{') {
            let begin = self.position;
            let (text, stop) = self.until(&[',']);
            return self.scalar(text, begin, stop);
        }
        self.position += 1;
        let mut list = Vec::new();
        loop {
            let begin = self.position;
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return Err(SetError::OpenList);
            }
            list.push(self.scalar(text, begin, stop)?);
            if stop == Some('}') {
                if self.text.get(self.position) == Some(&',') {
                    self.position += 1;
                }
                return Ok(Value::Array(list));
            }
        }
    }

    /// The value of a text that began at `begin` and ended before `stop`.
    fn scalar(&mut self, text: String, begin: usize, stop: Option<char>) -> Result<Value, SetError> {
        let Some(read) = &mut self.files else { return Ok(self.typed(text)) };
        let content = read(&text).map_err(|why| SetError::File { name: text, why })?;
        let end = self.position - usize::from(stop.is_some());
        self.renamed.push((begin..end, content.clone()));
        Ok(Value::String(content))
    }

    fn typed(&self, text: String) -> Value {
        if self.syntax == ValueSyntax::Text {
            return Value::String(text);
        }
        if text.eq_ignore_ascii_case("true") {
            return Value::Bool(true);
        }
        if text.eq_ignore_ascii_case("false") {
            return Value::Bool(false);
        }
        if text.eq_ignore_ascii_case("null") {
            return Value::Null;
        }
        if text == "0" {
            return Value::from(0);
        }
        if !text.starts_with('0')
            && let Ok(number) = text.parse::<i64>()
        {
            return Value::from(number);
        }
        Value::String(text)
    }

    fn json(&mut self, key: &str) -> Result<Value, SetError> {
        let value = match self.text.get(self.position) {
            None | Some(',') => Value::Null,
            Some(_) => {
                let rest: String = self.text[self.position..].iter().collect();
                let mut stream = serde_json::Deserializer::from_str(&rest).into_iter::<Value>();
                let value = match stream.next() {
                    Some(Ok(value)) => value,
                    Some(Err(error)) => {
                        return Err(SetError::Json { key: key.to_owned(), message: error.to_string() });
                    }
                    None => Value::Null,
                };
                self.position += rest[..stream.byte_offset()].chars().count();
                value
            }
        };
        while self.text.get(self.position).is_some_and(|character| character.is_whitespace()) {
            self.position += 1;
        }
        if self.text.get(self.position) == Some(&',') {
            self.position += 1;
        }
        Ok(value)
    }
}

const LIST: &str = "a list";
const MAP: &str = "a map";

fn shape(key: &str, found: &Value, expected: &'static str) -> SetError {
    let (name, found_type) = match found {
        Value::Null => ("null", "nil"),
        Value::Bool(_) => ("a boolean", "bool"),
        Value::Number(number) if number.is_f64() => ("a number", "float64"),
        Value::Number(_) => ("a number", "int64"),
        Value::String(_) => ("a text", "string"),
        Value::Array(_) => (LIST, "[]interface {}"),
        Value::Object(_) => (MAP, "map[string]interface {}"),
    };
    SetError::Shape { key: key.to_owned(), found: name, expected, found_type }
}

#[cfg(test)]
mod tests;
