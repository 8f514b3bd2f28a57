//! Finding fields by paths with list items: `spec.containers.[name=api].image`, `spec.rules.*.host`, `spec.ports.0`.

use regex::Regex;
use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};

use crate::failure::Failure;
use crate::transform::expression;
use crate::transform::scalar::{is_text, resolve_plain, text};
use crate::transform::wrong_kind;

/// What is made at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    List,
    Map,
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Map,
            _ => Self::Scalar,
        }
    }

    fn empty(self) -> Value {
        match self {
            Self::Scalar => Value::String(String::new()),
            Self::List => Value::Array(Vec::new()),
            Self::Map => Value::Object(Map::new()),
        }
    }

    /// What a field has to be so that the next step leads on.
    fn for_next(self, next: Option<&String>) -> Self {
        match next {
            None => self,
            Some(next) if next.is_empty() => self,
            Some(next) if is_item(next) || index_of(next).is_some() => Self::List,
            Some(_) => Self::Map,
        }
    }
}

/// A field that a path leads to.
pub(super) struct Found<'v> {
    pub(super) target: &'v mut Value,
    /// It was made a moment ago and has no type yet.
    pub(super) made: bool,
    /// It is a part of a text that was read only to look into it.
    pub(super) detached: bool,
}

type Visit<'a> = dyn FnMut(Found<'_>) -> Result<(), Failure> + 'a;

/// `[key=value]` or `[=value]`.
fn is_item(step: &str) -> bool {
    step.starts_with('[') && step.ends_with(']')
}

/// The key of `[key=value]`.
pub(super) fn item_key(step: &str) -> Option<&str> {
    if is_item(step) { key_and_value(step).ok().map(|(key, _)| key) } else { None }
}

fn index_of(step: &str) -> Option<usize> {
    step.parse::<i64>().ok().and_then(|index| usize::try_from(index).ok())
}

/// An empty text is a node of no kind, in which nothing can be made.
pub(super) fn nothing_inside() -> Failure {
    failed("wrong node kind: expected MappingNode but got : node contents:\nnull")
}

fn failed(message: impl Into<String>) -> Failure {
    Failure::new("kustomize-field-path", message)
}

fn key_and_value(step: &str) -> Result<(&str, &str), Failure> {
    let inner = step.strip_suffix(']').unwrap_or(step);
    let inner = inner.strip_prefix('[').unwrap_or(inner);
    inner
        .split_once('=')
        .ok_or_else(|| failed("list path element must contain fieldName=fieldValue for element to match"))
}

/// The one field that a path leads to (`yaml.Lookup`): items by index, `-` for the last one, or by the exact value of a
/// key.
pub(super) fn lookup<'v>(value: &'v Value, steps: &[String]) -> Result<Option<&'v Value>, Failure> {
    Ok(locate(value, steps)?.map(|(value, _)| value))
}

/// The same with the path by keys and positions.
pub(super) fn locate<'v>(
    value: &'v Value,
    steps: &[String],
) -> Result<Option<(&'v Value, FieldPath)>, Failure> {
    let mut at = value;
    let mut path = FieldPath::root();
    for step in steps.iter().map(|step| step.trim()).filter(|step| !step.is_empty()) {
        let next = if let Ok(index) = step.parse::<i64>() {
            let Ok(index) = usize::try_from(index) else {
                return Err(failed(format!("array index {index} cannot be negative")));
            };
            items(at)?.get(index)
        } else if step == "-" {
            items(at)?.last()
        } else if step == "*" {
            return Err(failed("wildcard is not supported in PathGetter"));
        } else if is_item(step) {
            let (key, wanted) = key_and_value(step)?;
            items(at)?.iter().find(|item| match item {
                _ if key.is_empty() => text(item).map_or(wanted.is_empty(), |text| text == wanted),
                Value::Object(map) => map.get(key).is_some_and(|value| is_text(value, wanted)),
                _ => false,
            })
        } else {
            match at {
                Value::Null => None,
                Value::Object(map) => map.get(step),
                other => return Err(wrong_kind("MappingNode", other)),
            }
        };
        let Some(next) = next else { return Ok(None) };
        path.0.push(match at {
            Value::Array(items) => {
                Segment::Index(items.iter().position(|item| std::ptr::eq(item, next)).unwrap_or_default())
            }
            _ => Segment::Key(step.to_owned()),
        });
        at = next;
    }
    Ok(Some((at, path)))
}

fn items(value: &Value) -> Result<&[Value], Failure> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(wrong_kind("SequenceNode", other)),
    }
}

/// Whether a path of plain field names leads somewhere; `true` where only a walk can tell.
pub(super) fn exists(value: &Value, steps: &[String]) -> bool {
    let mut at = value;
    for step in steps {
        match at {
            Value::Object(map) if !is_item(step) && index_of(step).is_none() && step != "*" => {
                match map.get(step) {
                    Some(next) => at = next,
                    None => return false,
                }
            }
            _ => return true,
        }
    }
    true
}

/// A walk along a path that may lead to many fields (`yaml.PathMatcher`): values of items are regular expressions that
/// need to match only a part.
#[derive(Clone, Copy)]
pub(super) struct PathMatch {
    /// What is made at the end of the path; nothing is made without it.
    pub(super) create: Option<Kind>,
}

impl PathMatch {
    /// Calls `visit` with every field that the path leads to, and counts them.
    pub(super) fn visit(
        self,
        value: &mut Value,
        steps: &[String],
        visit: &mut Visit<'_>,
    ) -> Result<usize, Failure> {
        self.walk(value, steps, Place { made: false, detached: false }, visit)
    }

    fn walk(
        self,
        value: &mut Value,
        steps: &[String],
        place: Place,
        visit: &mut Visit<'_>,
    ) -> Result<usize, Failure> {
        let Some((step, rest)) = steps.split_first() else {
            visit(Found { target: value, made: place.made, detached: place.detached })?;
            return Ok(1);
        };
        let place = Place { made: false, ..place };
        if let Some(index) = index_of(step) {
            self.walk_index(value, index, rest, place, visit)
        } else if is_item(step) {
            self.walk_items(value, step, rest, place, visit)
        } else if step == "*" {
            let mut count = 0;
            for item in list_mut(value)?.into_iter().flatten() {
                count += self.walk(item, rest, place, visit)?;
            }
            Ok(count)
        } else {
            self.walk_field(value, step, rest, place, visit)
        }
    }

    fn walk_index(
        self,
        value: &mut Value,
        index: usize,
        rest: &[String],
        place: Place,
        visit: &mut Visit<'_>,
    ) -> Result<usize, Failure> {
        let length = list_mut(value)?.map_or(0, |items| items.len());
        let mut made = false;
        if index == length
            && let Some(kind) = self.create
        {
            let kind = kind.for_next(rest.first());
            made = rest.is_empty();
            match list_mut(value)? {
                Some(items) => items.push(kind.empty()),
                None => {
                    let lost = Place { made, detached: true };
                    return self.walk(&mut kind.empty(), rest, lost, visit);
                }
            }
        }
        let items = list_mut(value)?.map_or(&mut [] as &mut [Value], |items| items.as_mut_slice());
        let length = items.len();
        match items.get_mut(index) {
            Some(item) => self.walk(item, rest, Place { made, ..place }, visit),
            None => Err(failed(format!("index {index} specified but only {length} elements found"))),
        }
    }

    fn walk_items(
        self,
        value: &mut Value,
        step: &str,
        rest: &[String],
        place: Place,
        visit: &mut Visit<'_>,
    ) -> Result<usize, Failure> {
        let (key, wanted) = key_and_value(step)?;
        let pattern = Pattern::new(wanted)?;
        let mut count = 0;
        for item in list_mut(value)?.into_iter().flatten() {
            if key.is_empty() {
                // A value is an end of the path, whatever follows.
                if pattern.matches(item) {
                    visit(Found { target: item, made: false, detached: place.detached })?;
                    count += 1;
                }
            } else if item.get(key).is_some_and(|value| pattern.matches(value)) {
                count += self.walk(item, rest, place, visit)?;
            }
        }
        if count > 0 || self.create.is_none() {
            return Ok(count);
        }
        let in_creation = |failure: Failure| {
            failure.context(format_args!("failed to create element for {}", crate::transform::quoted(step)))
        };
        let made = key.is_empty();
        let mut item = if made {
            resolve_plain(wanted)
        } else {
            Value::Object(Map::from_iter([(key.to_owned(), resolve_plain(wanted))]))
        };
        let matches = if made { pattern.matches(&item) } else { pattern.matches(&item[key]) };
        if !matches {
            // kustomize would look for what it has made for ever.
            return Err(in_creation(failed(format!(
                "`{wanted}` is an expression that does not match itself"
            ))));
        }
        let Some(items) = list_mut(value).map_err(in_creation)? else {
            let lost = Place { made, detached: true };
            return self.walk(&mut item, if made { &[] } else { rest }, lost, visit);
        };
        items.push(item);
        let Some(item) = items.last_mut() else { return Ok(0) };
        self.walk(item, if made { &[] } else { rest }, Place { made, ..place }, visit)
    }

    fn walk_field(
        self,
        value: &mut Value,
        step: &String,
        rest: &[String],
        place: Place,
        visit: &mut Visit<'_>,
    ) -> Result<usize, Failure> {
        let kind = self.create.map(|kind| kind.for_next(rest.first()));
        let map = match value {
            Value::Object(map) => map,
            Value::Null => {
                let Some(kind) = kind else { return Ok(0) };
                let lost = Place { made: rest.is_empty(), detached: true };
                return self.walk(&mut kind.empty(), rest, lost, visit);
            }
            other => return Err(wrong_kind("MappingNode", other)),
        };
        let mut made = false;
        if !map.contains_key(step) {
            let Some(kind) = kind else { return Ok(0) };
            map.insert(step.clone(), kind.empty());
            made = rest.is_empty();
        }
        let Some(field) = map.get_mut(step) else { return Ok(0) };
        if rest.is_empty() || field.is_array() || field.is_object() {
            return self.walk(field, rest, Place { made, ..place }, visit);
        }
        // kustomize looks into the text and forgets what it changes there; see `structured` for what it does not forget.
        let written = text(field).unwrap_or_default();
        if field.is_string() && written.trim().is_empty() {
            return Err(nothing_inside());
        }
        let mut inside = slipway_yaml::decode(&written)
            .map_err(|error| failed(format!("yaml: line {}: {error}", error.line)))?;
        self.walk(&mut inside, rest, Place { made: false, detached: true }, visit)
    }
}

#[derive(Clone, Copy)]
struct Place {
    made: bool,
    detached: bool,
}

/// The items of a list; `None` for null.
fn list_mut(value: &mut Value) -> Result<Option<&mut Vec<Value>>, Failure> {
    match value {
        Value::Null => Ok(None),
        Value::Array(items) => Ok(Some(items)),
        other => Err(wrong_kind("SequenceNode", other)),
    }
}

/// What an item's value has to contain.
enum Pattern {
    Word(String),
    Expression(Regex),
}

impl Pattern {
    fn new(expression: &str) -> Result<Self, Failure> {
        if expression::is_word(expression) {
            return Ok(Self::Word(expression.to_owned()));
        }
        expression::compile("", expression, "").map(Self::Expression).map_err(failed)
    }

    /// Whether a value, as YAML, contains it.
    fn matches(&self, value: &Value) -> bool {
        let written = match value {
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') => {
                std::borrow::Cow::Borrowed(text.as_str())
            }
            other => std::borrow::Cow::Owned(slipway_yaml::emit(other).trim().to_owned()),
        };
        match self {
            Self::Word(word) => written.contains(word.as_str()),
            Self::Expression(expression) => expression.is_match(&written),
        }
    }
}
