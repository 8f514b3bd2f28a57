//! From events to values: anchors, merge keys, keys that are no text, duplicate keys.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::error::YamlError;
use crate::parse::{Event, EventKind, Parser, Properties};
use crate::resolve::{Scalar, float_key, float_value, resolve};
use crate::scan::{DEPTH_LIMIT, Mark, Style, too_deep};

/// How many bytes of values may be copied for anchors and aliases of one document. Go shares the copies; here
/// the bound keeps a small text from filling the memory before Go's own bound on their number is reached.
const COPY_LIMIT: usize = 64 << 20;

/// What duplicate keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    LastWins,
    Error,
}

/// A document and where its root node begins.
pub(crate) struct Loaded {
    pub(crate) value: Value,
    /// `None` where the text holds no document at all.
    pub(crate) start: Option<Mark>,
}

/// Reads the first document; what follows it is not looked at, as in `yaml.Unmarshal` of Go.
pub(crate) fn load(parser: &mut Parser<'_>, duplicates: Duplicates) -> Result<Loaded, YamlError> {
    match parser.next()?.kind {
        EventKind::StreamEnd => return Ok(Loaded { value: Value::Null, start: None }),
        kind => debug_assert_eq!(kind, EventKind::DocumentStart, "a stream begins with a document"),
    }
    let mut loader = Loader {
        duplicates,
        frames: Vec::new(),
        anchors: HashMap::new(),
        operations: 1,
        alias_operations: 0,
        copied: 0,
        root: None,
    };
    let mut start = None;
    loop {
        let event = parser.next()?;
        if event.kind == EventKind::DocumentEnd {
            break;
        }
        start.get_or_insert(event.start);
        loader.event(parser, event)?;
    }
    Ok(Loaded { value: loader.root.unwrap_or(Value::Null), start })
}

/// An anchored value; `None` while it is being read.
struct Anchored {
    value: Option<Value>,
    operations: u64,
    bytes: usize,
    depth: usize,
}

enum Content {
    List(Vec<Value>),
    Map { map: Map<String, Value>, key: Option<Key>, seen: Option<HashSet<String>> },
}

enum Key {
    Text(String),
    Merge(Mark),
}

/// An open collection.
struct Frame<'a> {
    content: Content,
    anchor: Option<&'a str>,
    /// Go's count of steps when it began.
    operations: u64,
    start: Mark,
}

struct Loader<'a> {
    duplicates: Duplicates,
    frames: Vec<Frame<'a>>,
    anchors: HashMap<&'a str, Anchored>,
    operations: u64,
    alias_operations: u64,
    copied: usize,
    root: Option<Value>,
}

/// A node that is complete.
enum Node<'a> {
    Value(Value),
    /// A scalar, whose meaning as a key differs from its value.
    Scalar(Scalar, std::borrow::Cow<'a, str>),
    /// The key `<<`.
    Merge,
}

impl<'a> Loader<'a> {
    fn event(&mut self, parser: &Parser<'a>, event: Event<'a>) -> Result<(), YamlError> {
        match event.kind {
            EventKind::Scalar { text, style, properties } => {
                self.operations += 1;
                self.scalar(parser, event.content, text, style, &properties)
            }
            EventKind::SequenceStart { properties, .. } => {
                self.operations += 1;
                self.open(Content::List(Vec::new()), properties.anchor(), event.start);
                Ok(())
            }
            EventKind::MappingStart { properties, .. } => {
                self.operations += 1;
                let content = Content::Map { map: Map::new(), key: None, seen: None };
                self.open(content, properties.anchor(), event.start);
                Ok(())
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                let frame = self.frames.pop().expect("the grammar closes only what it opened");
                let value = match frame.content {
                    Content::List(items) => Value::Array(items),
                    Content::Map { map, .. } => Value::Object(map),
                };
                if let Some(anchor) = frame.anchor {
                    self.anchor(parser, anchor, &value, frame.operations, frame.start)?;
                }
                self.place(parser, Node::Value(value), frame.start, false)
            }
            EventKind::Alias(name) => {
                let value = self.alias(parser, name, event.start)?;
                self.place(parser, Node::Value(value), event.start, true)
            }
            EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => Ok(()),
        }
    }

    fn open(&mut self, content: Content, anchor: Option<&'a str>, start: Mark) {
        if let Some(anchor) = anchor {
            let open = Anchored { value: None, operations: 0, bytes: 0, depth: 0 };
            self.anchors.insert(anchor, open);
        }
        self.frames.push(Frame { content, anchor, operations: self.operations, start });
    }

    fn scalar(
        &mut self,
        parser: &Parser<'a>,
        mark: Mark,
        text: std::borrow::Cow<'a, str>,
        style: Style,
        properties: &Properties<'a>,
    ) -> Result<(), YamlError> {
        let tag = properties.tag();
        let plain = style == Style::Plain && tag.is_none() || matches!(tag, Some("!"));
        let merges = text == "<<" && (plain || tag == Some("tag:yaml.org,2002:merge"));
        if merges && self.expects_key() {
            if let Some(anchor) = properties.anchor() {
                self.anchor(parser, anchor, &Value::from("<<"), self.operations - 1, mark)?;
            }
            return self.place(parser, Node::Merge, mark, false);
        }
        let scalar = resolve(&text, style, tag).map_err(|message| parser.error_at(mark, message))?;
        if let Some(anchor) = properties.anchor() {
            let value = scalar_value(scalar.clone(), text.clone())
                .map_err(|message| parser.error_at(mark, message))?;
            self.anchor(parser, anchor, &value, self.operations - 1, mark)?;
        }
        self.place(parser, Node::Scalar(scalar, text), mark, false)
    }

    fn expects_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn anchor(
        &mut self,
        parser: &Parser<'a>,
        name: &'a str,
        value: &Value,
        before: u64,
        mark: Mark,
    ) -> Result<(), YamlError> {
        let (bytes, depth) = measure(value);
        self.copy(parser, bytes, mark)?;
        let operations = self.operations - before;
        self.anchors.insert(name, Anchored { value: Some(value.clone()), operations, bytes, depth });
        Ok(())
    }

    fn alias(&mut self, parser: &Parser<'a>, name: &str, mark: Mark) -> Result<Value, YamlError> {
        let Some(anchored) = self.anchors.get(name) else {
            return Err(parser.error_at(mark, format!("no anchor `&{name}` stands before this alias")));
        };
        let (bytes, depth, operations) = (anchored.bytes, anchored.depth, anchored.operations);
        if anchored.value.is_none() {
            return Err(parser.error_at(mark, format!("the value of the anchor `&{name}` contains itself")));
        }
        if self.frames.len() + depth > DEPTH_LIMIT {
            return Err(parser.error_at(mark, too_deep()));
        }
        self.operations += 1 + operations;
        self.alias_operations += operations;
        let ratio = self.alias_operations as f64 / self.operations as f64;
        if self.alias_operations > 100 && self.operations > 1000 && ratio > allowed_ratio(self.operations) {
            return Err(
                parser.error_at(mark, "the document consists of aliases almost only; it is not expanded")
            );
        }
        self.copy(parser, bytes, mark)?;
        let value = self.anchors.get(name).and_then(|anchored| anchored.value.clone());
        Ok(value.unwrap_or(Value::Null))
    }

    fn copy(&mut self, parser: &Parser<'a>, bytes: usize, mark: Mark) -> Result<(), YamlError> {
        self.copied = self.copied.saturating_add(bytes);
        if self.copied > COPY_LIMIT {
            let limit = COPY_LIMIT >> 20;
            return Err(
                parser.error_at(mark, format!("the anchors and aliases stand for more than {limit} MiB"))
            );
        }
        Ok(())
    }

    /// Puts a complete node where it belongs.
    fn place(
        &mut self,
        parser: &Parser<'a>,
        node: Node<'a>,
        mark: Mark,
        from_alias: bool,
    ) -> Result<(), YamlError> {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node_value(node).map_err(|message| parser.error_at(mark, message))?);
            return Ok(());
        };
        match &mut frame.content {
            Content::List(items) => {
                items.push(node_value(node).map_err(|message| parser.error_at(mark, message))?);
            }
            Content::Map { key: slot @ None, .. } => {
                let key = match node {
                    Node::Merge => Key::Merge(mark),
                    node => Key::Text(node_key(node).map_err(|message| parser.error_at(mark, message))?),
                };
                *slot = Some(key);
            }
            Content::Map { map, key, seen } => {
                let value = node_value(node).map_err(|message| parser.error_at(mark, message))?;
                match key.take() {
                    Some(Key::Text(key)) => {
                        if self.duplicates == Duplicates::Error
                            && !seen.get_or_insert_default().insert(key.clone())
                        {
                            let message = format!("the key `{key}` is in this map already");
                            return Err(parser.error_at(mark, message));
                        }
                        map.insert(key, value);
                    }
                    Some(Key::Merge(at)) => {
                        let merged = merge_key(map, value, from_alias);
                        let keys = merged.map_err(|message| parser.error_at(at, message))?;
                        if self.duplicates == Duplicates::Error {
                            for key in keys {
                                let seen = seen.get_or_insert_default();
                                if seen.contains(&key) {
                                    let message =
                                        format!("the key `{key}` is in this map already and would be merged");
                                    return Err(parser.error_at(at, message));
                                }
                                seen.insert(key);
                            }
                        }
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }
}

/// Go's bound on the share of steps that come from aliases: 99 % in small documents, 10 % in huge ones.
fn allowed_ratio(operations: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match operations {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((operations - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

/// Merges the value of `<<` into a map; later keys overwrite, of a list the first map wins. The keys are those that were merged,
/// each as often as it occurs.
fn merge_key(map: &mut Map<String, Value>, value: Value, from_alias: bool) -> Result<Vec<String>, String> {
    let maps = match value {
        Value::Object(merged) => vec![merged],
        Value::Array(items) if !from_alias => items
            .into_iter()
            .rev()
            .map(|item| match item {
                Value::Object(merged) => Ok(merged),
                _ => Err(WANT_MAP.to_owned()),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(WANT_MAP.to_owned()),
    };
    let mut keys = Vec::new();
    for merged in maps {
        for (key, value) in merged {
            keys.push(key.clone());
            map.insert(key, value);
        }
    }
    Ok(keys)
}

const WANT_MAP: &str = "the value of `<<` must be a map, or a list of maps";

pub(crate) fn scalar_value(scalar: Scalar, text: std::borrow::Cow<'_, str>) -> Result<Value, String> {
    Ok(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Int(value) => Value::from(value),
        Scalar::Uint(value) => Value::from(value),
        Scalar::Float(value) => float_value(value)?,
        Scalar::Text => Value::String(text.into_owned()),
        Scalar::Decoded(value) => Value::String(value),
    })
}

fn node_value(node: Node<'_>) -> Result<Value, String> {
    match node {
        Node::Value(value) => Ok(value),
        Node::Scalar(scalar, text) => scalar_value(scalar, text),
        Node::Merge => Ok(Value::from("<<")),
    }
}

fn node_key(node: Node<'_>) -> Result<String, String> {
    match node {
        Node::Scalar(scalar, text) => scalar_key(scalar, text),
        Node::Value(Value::String(text)) => Ok(text),
        Node::Value(Value::Bool(value)) => Ok(value.to_string()),
        Node::Value(Value::Number(number)) => match number.as_f64() {
            Some(float) if number.is_f64() => Ok(float_key(float)),
            _ => Ok(number.to_string()),
        },
        Node::Value(Value::Null) => Err(NULL_KEY.to_owned()),
        Node::Value(_) => {
            Err("a map or a list cannot be a key; text like `{{ … }}` has to be quoted".to_owned())
        }
        Node::Merge => Ok("<<".to_owned()),
    }
}

const NULL_KEY: &str = "a key cannot be null; quote it if a text is meant";

/// The text that `sigs.k8s.io/yaml` makes of a key.
pub(crate) fn scalar_key(scalar: Scalar, text: std::borrow::Cow<'_, str>) -> Result<String, String> {
    Ok(match scalar {
        Scalar::Text => text.into_owned(),
        Scalar::Decoded(value) => value,
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Float(value) => float_key(value),
        Scalar::Null => return Err(NULL_KEY.to_owned()),
        Scalar::Uint(value) => return Err(format!("the number {value} is too large for a key; quote it")),
    })
}

/// Bytes that a copy of a value takes, about, and how deep it is nested.
fn measure(value: &Value) -> (usize, usize) {
    const NODE: usize = size_of::<Value>();
    match value {
        Value::String(text) => (NODE + text.len(), 0),
        Value::Array(items) => {
            let inner = items.iter().map(measure);
            let (bytes, depth) = inner.fold((NODE, 0), |sum, item| (sum.0 + item.0, sum.1.max(item.1)));
            (bytes, depth + 1)
        }
        Value::Object(map) => {
            let inner = map.iter().map(|(key, value)| {
                let (bytes, depth) = measure(value);
                (key.len() + NODE + bytes, depth)
            });
            let (bytes, depth) = inner.fold((NODE, 0), |sum, item| (sum.0 + item.0, sum.1.max(item.1)));
            (bytes, depth + 1)
        }
        _ => (NODE, 0),
    }
}
