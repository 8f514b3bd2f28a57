//! YAML as go-yaml prints it after a change: keys, quotes and comments as they were written, indentation of two
//! spaces, items of lists under their key, no empty lines.

use serde_json::Value;
use slipway_model::FieldPath;
use slipway_yaml::{Parsed, Place};

/// Prints a value like the text it was read from. New entries come last, `first_keys` before other new ones.
pub(super) fn print(value: &Value, text: &str, first_keys: &[&str]) -> String {
    let old = slipway_yaml::decode(text).unwrap_or_default();
    let Ok(parsed) = Parsed::new(text) else { return slipway_yaml::emit(value).trim().to_owned() };
    let mut printer = Printer { text, parsed: &parsed, first_keys, out: String::new(), aliases: false };
    let root = FieldPath::root();
    let source = Some((&old, &root));
    match value {
        Value::Object(_) | Value::Array(_) if !printer.is_flow(value, source) => {
            printer.block(value, source, 0, false);
        }
        _ => printer.inline(value, source),
    }
    if printer.aliases {
        return slipway_yaml::emit(value).trim().to_owned();
    }
    printer.out.trim().to_owned()
}

/// What was there before at a path.
type Source<'s> = Option<(&'s Value, &'s FieldPath)>;

struct Printer<'t> {
    text: &'t str,
    parsed: &'t Parsed,
    first_keys: &'t [&'t str],
    out: String,
    /// Whether a value is written somewhere else than its key: then nothing is kept.
    aliases: bool,
}

impl Printer<'_> {
    fn place(&mut self, source: Source<'_>) -> Option<Place> {
        let place = self.parsed.find(0, source?.1)?;
        self.aliases |= place.elsewhere;
        Some(place)
    }

    fn written(&mut self, source: Source<'_>) -> Option<&str> {
        let place = self.place(source)?;
        self.text.get(place.value.range())
    }

    /// Whether a text is written behind `|`: where it was before, or has several lines now.
    fn is_block_text(&mut self, text: &str, source: Source<'_>) -> bool {
        match self.written(source) {
            Some(written) if written.starts_with(['|', '>']) => true,
            Some(written) if written.starts_with(['"', '\'']) => false,
            _ => text.trim_end_matches('\n').contains('\n'),
        }
    }

    fn is_flow(&mut self, value: &Value, source: Source<'_>) -> bool {
        let empty = match value {
            Value::Object(map) => map.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => return true,
        };
        empty || self.written(source).is_some_and(|written| written.starts_with(['{', '[']))
    }

    /// A map or list that is not empty, a line per entry. `inside` says that the first line has begun already.
    fn block(&mut self, value: &Value, source: Source<'_>, indent: usize, mut inside: bool) {
        match value {
            Value::Object(map) => {
                for (key, child) in self.ordered(map, source) {
                    let path = source.map(|(_, path)| path.key(key.as_str()));
                    let old = source.and_then(|(old, _)| old.get(&key));
                    let source = old.zip(path.as_ref());
                    self.head_comments(source, indent, inside);
                    self.begin(indent, &mut inside);
                    let place = self.place(source).and_then(|place| place.key);
                    let written = place.and_then(|span| self.text.get(span.range())).map(str::to_owned);
                    let written = written
                        .unwrap_or_else(|| slipway_yaml::emit(&Value::from(key.as_str())).trim().to_owned());
                    self.out.push_str(&written);
                    self.out.push(':');
                    self.child(child, source, indent);
                }
            }
            Value::Array(items) => {
                for (index, child) in items.iter().enumerate() {
                    let path = source.map(|(_, path)| path.index(index));
                    let old = source.and_then(|(old, _)| old.get(index));
                    let source = old.zip(path.as_ref());
                    self.head_comments(source, indent, inside);
                    self.begin(indent, &mut inside);
                    self.out.push('-');
                    if self.is_flow(child, source) || child.is_string() {
                        self.child(child, source, indent);
                    } else {
                        self.out.push(' ');
                        self.block(child, source, indent + 2, true);
                    }
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, indent: usize, inside: &mut bool) {
        if *inside {
            *inside = false;
            return;
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// What follows a key or dash.
    fn child(&mut self, child: &Value, source: Source<'_>, indent: usize) {
        match child {
            Value::Object(_) | Value::Array(_) if !self.is_flow(child, source) => {
                let deeper = if child.is_object() { indent + 2 } else { indent };
                self.line_comment_of_key(source);
                self.out.push('\n');
                self.block(child, source, deeper, false);
            }
            Value::String(text) if self.is_block_text(text, source) => {
                self.out.push_str(match (text.ends_with("\n\n"), text.ends_with('\n')) {
                    (true, _) => " |+",
                    (_, true) => " |",
                    _ => " |-",
                });
                for line in text.trim_end_matches('\n').split('\n') {
                    self.out.push('\n');
                    if !line.is_empty() {
                        self.out.extend(std::iter::repeat_n(' ', indent + 2));
                        self.out.push_str(line);
                    }
                }
            }
            _ => {
                let before = self.out.len();
                self.out.push(' ');
                self.inline(child, source);
                if self.out.len() == before + 1 {
                    self.out.truncate(before);
                }
                self.line_comment(source);
            }
        }
    }

    /// A scalar, or a map or list in braces or brackets.
    fn inline(&mut self, value: &Value, source: Source<'_>) {
        match value {
            Value::Object(map) => {
                self.out.push('{');
                for (position, (key, child)) in self.ordered(map, source).into_iter().enumerate() {
                    if position > 0 {
                        self.out.push_str(", ");
                    }
                    let path = source.map(|(_, path)| path.key(key.as_str()));
                    let old = source.and_then(|(old, _)| old.get(&key));
                    let source = old.zip(path.as_ref());
                    let place = self.place(source).and_then(|place| place.key);
                    let written = place.and_then(|span| self.text.get(span.range())).map(str::to_owned);
                    self.out.push_str(&written.unwrap_or(key));
                    self.out.push_str(": ");
                    self.inline(child, source);
                }
                self.out.push('}');
            }
            Value::Array(items) => {
                self.out.push('[');
                for (index, child) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    let path = source.map(|(_, path)| path.index(index));
                    let old = source.and_then(|(old, _)| old.get(index));
                    self.inline(child, old.zip(path.as_ref()));
                }
                self.out.push(']');
            }
            scalar => self.scalar(scalar, source),
        }
    }

    fn scalar(&mut self, value: &Value, source: Source<'_>) {
        let unchanged = source.is_some_and(|(old, _)| old == value);
        let written = self.written(source).unwrap_or_default().to_owned();
        let is_block = written.starts_with(['|', '>']);
        if unchanged && !is_block && !written.contains('\n') {
            self.out.push_str(&written);
            return;
        }
        let shown = match value {
            Value::String(text) if written.starts_with('"') => Value::from(text.as_str()).to_string(),
            Value::String(text) if written.starts_with('\'') => format!("'{}'", text.replace('\'', "''")),
            other => slipway_yaml::emit(other).trim().to_owned(),
        };
        self.out.push_str(&shown);
    }

    /// The entries in the order in which they were written, new ones behind.
    fn ordered<'v>(
        &mut self,
        map: &'v serde_json::Map<String, Value>,
        source: Source<'_>,
    ) -> Vec<(String, &'v Value)> {
        let mut entries: Vec<(usize, bool, &String, &Value)> = Vec::with_capacity(map.len());
        for (key, value) in map {
            let path = source.map(|(_, path)| path.key(key.as_str()));
            let place = path.and_then(|path| self.parsed.find(0, &path)).and_then(|place| place.key);
            let offset = place.map_or(usize::MAX, |span| span.start.offset);
            entries.push((offset, !self.first_keys.contains(&key.as_str()), key, value));
        }
        entries.sort_by(|left, right| (left.0, left.1, left.2).cmp(&(right.0, right.1, right.2)));
        entries.into_iter().map(|(_, _, key, value)| (key.clone(), value)).collect()
    }

    /// Comment lines directly before an entry.
    fn head_comments(&mut self, source: Source<'_>, indent: usize, inside: bool) {
        let Some(place) = self.place(source) else { return };
        let start = place.key.map_or(place.value.start.offset, |span| span.start.offset);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let before: Vec<&str> = self.text[..line_start]
            .lines()
            .rev()
            .map(str::trim)
            .take_while(|line| line.starts_with('#') || line.is_empty())
            .filter(|line| !line.is_empty())
            .collect();
        if inside {
            return;
        }
        for comment in before.into_iter().rev() {
            let mut inside = false;
            self.begin(indent, &mut inside);
            self.out.push_str(comment);
        }
    }

    fn line_comment(&mut self, source: Source<'_>) {
        if let Some(place) = self.place(source) {
            self.comment_behind(place.value.end.offset);
        }
    }

    fn line_comment_of_key(&mut self, source: Source<'_>) {
        if let Some(key) = self.place(source).and_then(|place| place.key) {
            self.comment_behind(key.end.offset + 1);
        }
    }

    fn comment_behind(&mut self, offset: usize) {
        let rest = self.text.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim();
        if rest.starts_with('#') {
            self.out.push(' ');
            self.out.push_str(rest);
        }
    }
}
