//! Writing JSON.

use super::super::encoding::base64_encode;
use super::super::functions::{dates, versions};
use super::DEEPEST;
use crate::go;
use crate::value::{Number, Plain, Value};

/// How JSON is laid out and escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    indent: bool,
    escape_html: bool,
}

impl Style {
    /// Go's `json.Marshal`: no white space, and `<`, `>`, `&` escaped.
    pub const COMPACT: Style = Style { indent: false, escape_html: true };
    /// Go's `json.MarshalIndent` with two spaces.
    pub const PRETTY: Style = Style { indent: true, escape_html: true };
    /// Go's encoder with `SetEscapeHTML(false)`.
    pub const RAW: Style = Style { indent: false, escape_html: false };
}

/// Why a value has no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// JSON cannot hold it: infinities, NaN, functions, values that hold themselves. Go's text.
    #[error("{0}")]
    Unsupported(String),
    /// The text would be longer than so many bytes.
    #[error("the JSON would have more than {0} bytes")]
    TooLarge(usize),
}

impl From<String> for EncodeError {
    fn from(text: String) -> EncodeError {
        EncodeError::Unsupported(text)
    }
}

/// The JSON of a value, of at most `largest` bytes (parts of a value can be shared, so that a small one has endless
/// JSON).
///
/// # Errors
///
/// Where JSON cannot hold the value or it becomes too long.
pub fn encode(value: &Value, style: Style, largest: usize) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder { output: Vec::with_capacity(64), style, largest };
    encoder.value(value, 0)?;
    Ok(encoder.output)
}

struct Encoder {
    output: Vec<u8>,
    style: Style,
    largest: usize,
}

impl Encoder {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), EncodeError> {
        match value {
            Value::Nil => self.push(b"null"),
            Value::Bool(true) => self.push(b"true"),
            Value::Bool(false) => self.push(b"false"),
            Value::Int(number) | Value::Int64(number) => self.push(number.to_string().as_bytes()),
            Value::Float(number) => self.float(*number, false)?,
            Value::Number(number) => match number.plain() {
                Plain::Signed(number) => self.push(number.to_string().as_bytes()),
                Plain::Unsigned(number) => self.push(number.to_string().as_bytes()),
                Plain::Float(float) => self.float(float, matches!(number, Number::Float32(_)))?,
                Plain::Complex(..) => {
                    return Err(format!("json: unsupported type: {}", number.type_of()).into());
                }
            },
            Value::String(text) => self.string(text),
            Value::Bytes(bytes) => {
                self.output.push(b'"');
                self.push(base64_encode(bytes).as_bytes());
                self.output.push(b'"');
            }
            Value::List(list) if list.is_nil() => self.push(b"null"),
            Value::List(list) => {
                self.items(b"[]", &mut list.iter(), value, depth, |encoder, item, depth| {
                    encoder.value(item, depth)
                })?;
            }
            Value::Map(map) if map.is_nil() => self.push(b"null"),
            Value::Map(map) => map.read(|entries| {
                self.items(b"{}", &mut entries.iter(), value, depth, |encoder, (key, item), depth| {
                    encoder.string(key);
                    encoder.push(if encoder.style.indent { b": " } else { b":" });
                    encoder.value(item, depth)
                })
            })?,
            Value::Object(object) if object.is_nil() => self.push(b"null"),
            Value::Object(object) => {
                if let Some(time) = dates::time_of(value) {
                    let text = time.format(b"2006-01-02T15:04:05.999999999Z07:00");
                    self.string(&text);
                } else if let Some(version) = object.downcast::<versions::VersionObject>() {
                    self.string(version.version.to_string().as_bytes());
                } else if let Some(integer) = object.integer() {
                    self.push(integer.to_string().as_bytes());
                } else {
                    let fields = object.fields();
                    self.items(b"{}", &mut fields.iter(), value, depth, |encoder, field, depth| {
                        encoder.string(field.name.as_bytes());
                        encoder.push(if encoder.style.indent { b": " } else { b":" });
                        encoder.value(&field.value, depth)
                    })?;
                }
            }
            Value::Function(_) => return Err(format!("json: unsupported type: {}", value.type_name()).into()),
        }
        Ok(())
    }

    /// The elements of a list or map between its brackets.
    fn items<T>(
        &mut self,
        brackets: &[u8; 2],
        items: &mut dyn ExactSizeIterator<Item = T>,
        whole: &Value,
        depth: usize,
        mut write: impl FnMut(&mut Encoder, T, usize) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if depth >= DEEPEST {
            return Err(
                format!("json: unsupported value: encountered a cycle via {}", whole.type_name()).into()
            );
        }
        self.output.push(brackets[0]);
        let empty = items.len() == 0;
        for (index, item) in items.enumerate() {
            if self.output.len() > self.largest {
                return Err(EncodeError::TooLarge(self.largest));
            }
            if index > 0 {
                self.output.push(b',');
            }
            self.new_line(depth + 1);
            go::deep(|| write(self, item, depth + 1))?;
        }
        if !empty {
            self.new_line(depth);
        }
        self.output.push(brackets[1]);
        Ok(())
    }

    fn push(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
    }

    fn new_line(&mut self, depth: usize) {
        if self.style.indent {
            self.output.push(b'\n');
            self.output.resize(self.output.len() + 2 * depth, b' ');
        }
    }

    /// Decimal notation, or the exponential one for what is very small or large, without the zero that Go pads the
    /// exponent with.
    fn float(&mut self, number: f64, single: bool) -> Result<(), EncodeError> {
        if !number.is_finite() {
            let mut shown = Vec::new();
            go::append_float(&mut shown, number, b'g', None, false);
            return Err(format!("json: unsupported value: {}", String::from_utf8_lossy(&shown)).into());
        }
        let magnitude = number.abs();
        let (least, most) = if single { (f64::from(1e-6_f32), f64::from(1e21_f32)) } else { (1e-6, 1e21) };
        if magnitude == 0.0 || (least..most).contains(&magnitude) {
            go::append_float(&mut self.output, number, b'f', None, single);
            return Ok(());
        }
        go::append_float(&mut self.output, number, b'e', None, single);
        let length = self.output.len();
        if let [.., b'e', b'-', b'0', _] = self.output[..] {
            self.output.remove(length - 2);
        }
        Ok(())
    }

    fn string(&mut self, text: &[u8]) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.output.reserve(text.len() + 2);
        self.output.push(b'"');
        let mut at = 0;
        while at < text.len() {
            let plain = text[at..].iter().position(|byte| !self.is_plain(*byte)).unwrap_or(text.len() - at);
            self.output.extend_from_slice(&text[at..at + plain]);
            at += plain;
            let Some(byte) = text.get(at).copied() else { break };
            let mut width = 1;
            match byte {
                b'"' | b'\\' => self.output.extend([b'\\', byte]),
                b'\n' => self.push(b"\\n"),
                b'\r' => self.push(b"\\r"),
                b'\t' => self.push(b"\\t"),
                0x08 => self.push(b"\\b"),
                0x0c => self.push(b"\\f"),
                0..0x80 => {
                    self.push(b"\\u00");
                    self.output.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                }
                _ => {
                    let (rune, length) = go::decode_rune(&text[at..]);
                    width = length;
                    match rune {
                        go::RUNE_ERROR if length == 1 => self.push(b"\\ufffd"),
                        0x2028 => self.push(b"\\u2028"),
                        0x2029 => self.push(b"\\u2029"),
                        _ => self.output.extend_from_slice(&text[at..at + length]),
                    }
                }
            }
            at += width;
        }
        self.output.push(b'"');
    }

    fn is_plain(&self, byte: u8) -> bool {
        (0x20..0x80).contains(&byte)
            && !matches!(byte, b'"' | b'\\')
            && !(self.style.escape_html && matches!(byte, b'<' | b'>' | b'&'))
    }
}
