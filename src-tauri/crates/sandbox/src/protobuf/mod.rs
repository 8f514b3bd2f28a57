//! Reading objects that clients send as protocol buffers.
//!
//! kubectl's imperative commands (`create deployment`, `auth can-i`) and typed Go clients write that way when they
//! know a kind. Answers are always JSON, which every client that sends protocol buffers accepts as well. The table of
//! field numbers is written by `cargo xtask regenerate`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::clock::{rfc3339, rfc3339_micro};

/// What every message of the API begins with.
const MAGIC: &[u8] = b"k8s\0";
/// How deep messages may be nested.
const MAX_DEPTH: usize = 100;

struct Field {
    name: &'static str,
    container: Container,
    kind: &'static str,
    /// Whether a zero is a value rather than the absence of one.
    keeps_zero: bool,
    /// Whether the fields of the message belong to the one that holds it.
    inlined: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Single,
    List,
    Map,
}

type Messages = BTreeMap<&'static str, BTreeMap<u64, Field>>;

fn messages() -> &'static Messages {
    static MESSAGES: OnceLock<Messages> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let mut messages = Messages::new();
        let mut current = "";
        for line in include_str!("messages.txt").lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix(' ') {
                None => {
                    current = line;
                    messages.insert(line, BTreeMap::new());
                }
                Some(row) => {
                    let Some((number, field)) = parse_row(row) else { continue };
                    messages.entry(current).or_default().insert(number, field);
                }
            }
        }
        messages
    })
}

fn parse_row(row: &'static str) -> Option<(u64, Field)> {
    let mut columns = row.split(' ');
    let number = columns.next()?.parse().ok()?;
    let (name, kind, flags) = (columns.next()?, columns.next()?, columns.next().unwrap_or_default());
    let (container, kind) = if let Some(kind) = kind.strip_prefix("[]") {
        (Container::List, kind)
    } else if let Some(kind) = kind.strip_prefix("{}") {
        (Container::Map, kind)
    } else {
        (Container::Single, kind)
    };
    let field =
        Field { name, container, kind, keeps_zero: flags.contains('!'), inlined: flags.contains('^') };
    Some((number, field))
}

/// Whether a media type is that of protocol buffers.
pub(crate) fn is_protobuf(media: &str) -> bool {
    media == "application/vnd.kubernetes.protobuf"
}

/// Reads an object with its `apiVersion` and `kind`; the error says what cannot be read.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, String> {
    let envelope =
        bytes.strip_prefix(MAGIC).ok_or("it does not begin with the mark of the Kubernetes API")?;
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for field in Fields(envelope) {
        match field? {
            (1, Wire::Bytes(meta)) => {
                for field in Fields(meta) {
                    match field? {
                        (1, Wire::Bytes(text)) => api_version = utf8(text)?,
                        (2, Wire::Bytes(text)) => kind = utf8(text)?,
                        _ => {}
                    }
                }
            }
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let name = message_name(&api_version, &kind).ok_or_else(|| {
        format!("{api_version} {kind} cannot be read as protocol buffers; send it as application/json")
    })?;
    let mut object = message(raw, name, 0)?;
    object.insert("apiVersion".to_owned(), json!(api_version));
    object.insert("kind".to_owned(), json!(kind));
    Ok(Value::Object(object))
}

fn message_name(api_version: &str, kind: &str) -> Option<&'static str> {
    let name = match kind {
        "DeleteOptions" => "meta.v1.DeleteOptions".to_owned(),
        "Eviction" => "policy.v1.Eviction".to_owned(),
        _ => match slipway_schema::kinds::of_object(api_version, kind) {
            Some(resource) => resource.type_name.to_owned(),
            // Kinds of sub-resources are in no discovery document of their own.
            None => {
                let (group, version) = slipway_schema::kinds::split_api_version(api_version);
                format!("{}.{version}.{kind}", group.split('.').next().unwrap_or_default())
            }
        },
    };
    messages().get_key_value(name.as_str()).map(|(name, _)| *name)
}

fn message(bytes: &[u8], name: &str, depth: usize) -> Result<Map<String, Value>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("messages are nested more than {MAX_DEPTH} deep"));
    }
    let fields = messages().get(name).ok_or_else(|| format!("the message {name} is unknown"))?;
    let mut out = Map::new();
    for field in Fields(bytes) {
        let (number, wire) = field?;
        // A field of a newer version; decoders skip those.
        let Some(field) = fields.get(&number) else { continue };
        match field.container {
            Container::List => {
                let item = value(wire, field, depth)?.unwrap_or_else(|| zero(field.kind));
                let list = out.entry(field.name).or_insert_with(|| json!([]));
                if let Value::Array(items) = list {
                    items.push(item);
                }
            }
            Container::Map => {
                let Wire::Bytes(entry) = wire else { return Err(format!("{} is no map entry", field.name)) };
                let (mut key, mut item) = (String::new(), None);
                for part in Fields(entry) {
                    match part? {
                        (1, Wire::Bytes(text)) => key = utf8(text)?,
                        (2, wire) => item = value(wire, field, depth)?,
                        _ => {}
                    }
                }
                let map = out.entry(field.name).or_insert_with(|| json!({}));
                map[key.as_str()] = item.unwrap_or_else(|| zero(field.kind));
            }
            Container::Single => {
                let Some(found) = value(wire, field, depth)? else { continue };
                match found {
                    Value::Object(below) if field.inlined => out.extend(below),
                    found => {
                        out.insert(field.name.to_owned(), found);
                    }
                }
            }
        }
    }
    Ok(out)
}

fn zero(kind: &str) -> Value {
    match kind {
        "string" | "bytes" => json!(""),
        "bool" => json!(false),
        "int32" | "int64" => json!(0),
        _ => json!({}),
    }
}

/// The value of a field; `None` where it is the absence of one.
fn value(wire: Wire<'_>, field: &Field, depth: usize) -> Result<Option<Value>, String> {
    let keep = field.keeps_zero || field.container != Container::Single;
    let wrong = || format!("{} has the wrong wire type", field.name);
    Ok(match (field.kind, wire) {
        ("string", Wire::Bytes(bytes)) => Some(json!(utf8(bytes)?)).filter(|text| keep || *text != ""),
        ("bytes", Wire::Bytes(bytes)) => Some(json!(base64::engine::general_purpose::STANDARD.encode(bytes)))
            .filter(|text| keep || *text != ""),
        ("bool", Wire::Number(number)) => (keep || number != 0).then(|| json!(number != 0)),
        // Negative numbers are written as 64 bits in two's complement.
        ("int32" | "int64", Wire::Number(number)) => {
            (keep || number != 0).then(|| json!(number.cast_signed()))
        }
        ("double", Wire::Fixed(bits)) => Some(json!(f64::from_bits(bits))),
        ("meta.v1.Time" | "meta.v1.MicroTime", Wire::Bytes(bytes)) => {
            time(bytes, field.kind.ends_with("MicroTime"))?
        }
        ("resource.Quantity", Wire::Bytes(bytes)) => {
            first_bytes(bytes)?.map(utf8).transpose()?.map(|text| json!(text))
        }
        ("runtime.RawExtension" | "meta.v1.FieldsV1", Wire::Bytes(bytes)) => match first_bytes(bytes)? {
            None | Some([]) => None,
            Some(raw) => {
                Some(serde_json::from_slice(raw).map_err(|error| format!("{}: {error}", field.name))?)
            }
        },
        ("util.intstr.IntOrString", Wire::Bytes(bytes)) => Some(int_or_string(bytes)?),
        (kind, Wire::Bytes(bytes)) if kind.ends_with(".ExtraValue") => {
            message(bytes, kind, depth + 1)?.remove("items")
        }
        (kind, Wire::Bytes(bytes)) if messages().contains_key(kind) => {
            Some(Value::Object(message(bytes, kind, depth + 1)?))
        }
        _ => return Err(wrong()),
    })
}

fn first_bytes(bytes: &[u8]) -> Result<Option<&[u8]>, String> {
    for field in Fields(bytes) {
        if let (1, Wire::Bytes(bytes)) = field? {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

fn time(bytes: &[u8], micro: bool) -> Result<Option<Value>, String> {
    let (mut seconds, mut nanos) = (None, 0);
    for field in Fields(bytes) {
        match field? {
            (1, Wire::Number(number)) => seconds = Some(number.cast_signed()),
            (2, Wire::Number(number)) => nanos = i32::try_from(number).unwrap_or(0),
            _ => {}
        }
    }
    // An empty message is the zero time, which JSON writes as null.
    let Some(seconds) = seconds else { return Ok(None) };
    let time = Timestamp::new(seconds, nanos).map_err(|error| error.to_string())?;
    Ok(Some(json!(if micro { rfc3339_micro(time) } else { rfc3339(time) })))
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    let (mut is_text, mut number, mut text) = (false, 0, String::new());
    for field in Fields(bytes) {
        match field? {
            (1, Wire::Number(sort)) => is_text = sort == 1,
            (2, Wire::Number(found)) => number = found.cast_signed(),
            (3, Wire::Bytes(bytes)) => text = utf8(bytes)?,
            _ => {}
        }
    }
    Ok(if is_text { json!(text) } else { json!(number) })
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "a text is not UTF-8".to_owned())
}

/// A value as it is on the wire.
#[derive(Clone, Copy)]
enum Wire<'a> {
    Number(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message: number and value.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| "a message ends in the middle of a field".to_owned()))
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Option<(u64, Wire<'a>)> {
        let tag = self.number()?;
        let wire = match tag & 7 {
            0 => Wire::Number(self.number()?),
            1 => Wire::Fixed(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed(u64::from(u32::from_le_bytes(self.take(4)?.try_into().ok()?))),
            _ => return None,
        };
        Some((tag >> 3, wire))
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of a message: its number and bytes.
    fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(content.len()).unwrap()];
        out.extend_from_slice(content);
        out
    }

    fn object(api_version: &str, kind: &str, raw: &[u8]) -> Result<Value, String> {
        let meta = [bytes(1, api_version.as_bytes()), bytes(2, kind.as_bytes())].concat();
        decode(&[MAGIC.to_vec(), bytes(1, &meta), bytes(2, raw)].concat())
    }

    #[test]
    fn a_deployment_is_read_and_zeros_are_told_from_absence() {
        let metadata = bytes(1, &[bytes(1, b"web"), bytes(2, b""), bytes(8, b"")].concat());
        // replicas (a pointer) is 0, minReadySeconds (none) is 0 as well; the strategy is empty.
        let spec = bytes(2, &[vec![1 << 3, 0], bytes(4, b""), vec![5 << 3, 0]].concat());
        let found = object("apps/v1", "Deployment", &[metadata, spec].concat()).unwrap();
        assert_eq!(
            found,
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                "spec": {"replicas": 0, "strategy": {}}})
        );
    }

    #[test]
    fn maps_inlined_fields_and_numbers_or_texts() {
        let entry = |key: &[u8], value: &[u8]| bytes(2, &[bytes(1, key), bytes(2, value)].concat());
        let map = object("v1", "ConfigMap", &[entry(b"a", b"1"), entry(b"b", b"")].concat()).unwrap();
        assert_eq!(map["data"], json!({"a": "1", "b": ""}));
        let volume = bytes(1, &[bytes(1, b"v"), bytes(2, &bytes(2, b""))].concat());
        let pod = object("v1", "Pod", &bytes(2, &volume)).unwrap();
        assert_eq!(pod["spec"]["volumes"], json!([{"name": "v", "emptyDir": {}}]));
        assert_eq!(int_or_string(&[8, 1, 26, 2, b'5', b'%']).unwrap(), "5%");
        assert_eq!(int_or_string(&[8, 0, 16, 80]).unwrap(), 80);
    }

    #[test]
    fn garbage_is_an_error_and_never_a_panic() {
        assert!(decode(b"").is_err());
        assert!(decode(b"k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
        assert!(object("v1", "Nothing", b"").unwrap_err().contains("send it as application/json"));
        assert!(object("v1", "Pod", &[0x0a, 0x7f]).unwrap_err().contains("in the middle"));
        assert!(object("v1", "Pod", &[1 << 3, 1]).unwrap_err().contains("wrong wire type"));
    }
}
