//! From values to text.
//!
//! The look is that of `sigs.k8s.io/yaml` (go-yaml v2): block style, two spaces, lists not indented under their
//! key, keys in natural order, quotes only where needed.

mod order;
pub(crate) mod scalar;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use scalar::{Context, Readers, Written, fold, number, write_double_quoted, write_text};

/// The longest key that is written without `?`, in bytes; libyaml's.
const SIMPLE_KEY_LIMIT: usize = 128;

/// Writes one document, keys sorted, with a final newline, so that YAML 1.1 and 1.2 readers read it back equal.
///
/// ```
/// let value = serde_json::json!({"b": ["yes", "1:30", "v1"], "a": {"n": 1.5}});
/// assert_eq!(slipway_yaml::emit(&value), "a:\n  \"n\": 1.5\nb:\n- \"yes\"\n- \"1:30\"\n- v1\n");
/// ```
#[must_use]
pub fn emit(value: &Value) -> String {
    document(value, Readers::All)
}

/// Writes one document byte for byte as `sigs.k8s.io/yaml` does, as for `toYaml` of Helm: as [`emit`], but a text that
/// only other readers than Go's take for something else (`=`, `<<`, `1e400`, `2001-02-30`) has no quotes, and long
/// texts are folded at the first space behind column 80.
#[must_use]
pub fn emit_as_go(value: &Value) -> String {
    document(value, Readers::Go)
}

/// Writes several documents, each after a `---` line.
#[must_use]
pub fn emit_stream<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let mut text = String::new();
    for value in values {
        text.push_str("---\n");
        text.push_str(&emit(value));
    }
    text
}

fn document(value: &Value, readers: Readers) -> String {
    let mut emitter = Emitter { out: String::new(), readers, layout: Layout::default() };
    if is_block(value) {
        emitter.collection(value, 0);
    } else {
        emitter.scalar(value, None);
    }
    emitter.out
}

/// How a file is indented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Columns from a key to the keys of its map.
    pub(crate) map: usize,
    /// Columns from a key to the `-` of its list.
    pub(crate) list: usize,
    /// Whether texts of several lines may be written as lines.
    pub(crate) literals: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { map: 2, list: 0, literals: true }
    }
}

/// A value in block style whose lines begin at the column `indent`: the first line without its indentation, the last
/// without its line break.
pub(crate) fn block(value: &Value, indent: usize, layout: Layout) -> String {
    let mut emitter = Emitter { out: String::new(), readers: Readers::All, layout };
    if is_block(value) {
        emitter.collection(value, indent);
    } else {
        emitter.scalar(value, indent.checked_sub(2));
    }
    emitter.out.pop();
    emitter.out
}

/// A value in one line, as it can stand inside `{}` and `[]`.
pub(crate) fn flow(value: &Value) -> String {
    let mut out = String::new();
    write_flow(&mut out, value);
    out
}

/// Whether a value is written in lines of its own.
pub(crate) fn is_block(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

struct Emitter {
    out: String,
    readers: Readers,
    layout: Layout,
}

impl Emitter {
    /// Writes a collection that is not empty, at the column `indent`.
    fn collection(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.indent(indent);
                    }
                    self.out.push_str("- ");
                    self.inside(item, indent);
                }
            }
            Value::Object(map) => self.map(map, indent),
            _ => {}
        }
    }

    fn map(&mut self, map: &Map<String, Value>, indent: usize) {
        for (index, (key, value)) in order::sorted(map).into_iter().enumerate() {
            if index > 0 {
                self.indent(indent);
            }
            if key.len() <= SIMPLE_KEY_LIMIT && !scalar::is_multiline(key) {
                write_text(&mut self.out, key, Context::Key, self.readers);
                self.out.push(':');
                self.after_key(value, indent);
            } else {
                self.out.push_str("? ");
                self.scalar(&Value::from(key), Some(indent));
                self.indent(indent);
                self.out.push_str(": ");
                self.inside(value, indent);
            }
        }
    }

    /// Writes what follows `- `, `? ` or `: ` at the column `indent`.
    fn inside(&mut self, value: &Value, indent: usize) {
        if is_block(value) { self.collection(value, indent + 2) } else { self.scalar(value, Some(indent)) }
    }

    fn after_key(&mut self, value: &Value, indent: usize) {
        if !is_block(value) {
            self.out.push(' ');
            return self.scalar(value, Some(indent));
        }
        self.out.push('\n');
        let inner = indent + if value.is_array() { self.layout.list } else { self.layout.map };
        self.indent(inner);
        self.collection(value, inner);
    }

    /// Writes a value that is no block and ends the line. `indent` is the column of the collection that holds it.
    fn scalar(&mut self, value: &Value, indent: Option<usize>) {
        let inner = indent.map_or(2, |indent| indent + 2);
        if let Value::String(text) = value {
            let start = self.out.len();
            if write_text(&mut self.out, text, Context::Block, self.readers) == Written::WantsLines {
                if self.layout.literals {
                    return self.literal(text, inner);
                }
                write_double_quoted(&mut self.out, text);
            }
            if self.readers == Readers::Go {
                let column = self.out[..start].chars().rev().take_while(|each| *each != '\n').count();
                if let Some(folded) = fold(&self.out[start..], column, inner) {
                    self.out.replace_range(start.., &folded);
                }
            }
        } else {
            write_flow(&mut self.out, value);
        }
        self.out.push('\n');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        if !text.ends_with('\n') {
            self.out.push('-');
        } else if text == "\n" || text.ends_with("\n\n") {
            self.out.push('+');
        }
        self.out.push('\n');
        for line in text.split_inclusive('\n') {
            if line != "\n" {
                self.indent(indent);
            }
            self.out.push_str(line);
        }
        if !text.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}

fn write_flow(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(value) => out.push_str(&number(value)),
        Value::String(text) => {
            if write_text(out, text, Context::Flow, Readers::All) == Written::WantsLines {
                write_double_quoted(out, text);
            }
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_flow(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in order::sorted(map).into_iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_text(out, key, Context::FlowKey, Readers::All);
                out.push_str(": ");
                write_flow(out, value);
            }
            out.push('}');
        }
    }
}
