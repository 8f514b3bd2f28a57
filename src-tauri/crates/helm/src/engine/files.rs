//! `.Files`: the files of a chart that are no templates, as bytes by name.

use std::collections::BTreeMap;

use slipway_gotmpl::{Args, Call, FunctionResult, List, Map, Method, Signature, Str, Type, Value, types};

use super::glob::Glob;
use super::yaml;
use crate::chart::SharedFile;

/// The type of `.Files`.
pub(crate) const FILES: &Type = &Type::named_map("engine.files", types::BYTES, METHODS);

const ONE_TEXT: Signature = Signature::fixed(&[types::STRING]);
const NOTHING: Signature = Signature::fixed(&[]);

const METHODS: &[Method] = &[
    Method { name: "Get", signature: ONE_TEXT, body: get },
    Method { name: "GetBytes", signature: ONE_TEXT, body: get_bytes },
    Method { name: "Glob", signature: ONE_TEXT, body: glob },
    Method { name: "Lines", signature: ONE_TEXT, body: lines },
    Method { name: "AsConfig", signature: NOTHING, body: as_config },
    Method { name: "AsSecrets", signature: NOTHING, body: as_secrets },
];

/// The value of `.Files`.
pub(crate) fn value<'a>(files: impl Iterator<Item = &'a SharedFile>) -> Value {
    let entries: BTreeMap<Str, Value> =
        files.map(|file| (Str::from(&file.name), Value::Bytes(Str::from(&file.data)))).collect();
    Value::Map(Map::with_entries(FILES, entries))
}

fn content(receiver: &Value, name: &Str) -> Option<Str> {
    match receiver.as_map()?.get(name)? {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

fn get(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    Ok(Value::String(content(receiver, arguments.string(0)).unwrap_or_default()))
}

fn get_bytes(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    Ok(Value::Bytes(content(receiver, arguments.string(0)).unwrap_or_default()))
}

fn glob(call: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let pattern = Glob::new(&arguments.string(0).to_lossy());
    let Some(files) = receiver.as_map() else { return Ok(Value::Map(Map::of(FILES))) };
    call.charge(files.len() as u64 * 4)?;
    let found = files.read(|entries| {
        entries
            .iter()
            .filter(|(name, _)| pattern.matches(&name.to_lossy()))
            .map(|(name, content)| (name.clone(), content.clone()))
            .collect()
    });
    Ok(Value::Map(Map::with_entries(FILES, found)))
}

fn lines(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let text = content(receiver, arguments.string(0)).unwrap_or_default();
    if text.is_empty() {
        return Ok(Value::List(List::of(types::STRINGS, Vec::new())));
    }
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    Ok(Value::List(List::strings(text.split(|byte| *byte == b'\n'))))
}

fn as_config(call: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
    flattened(call, receiver, |content| Value::String(content.clone()))
}

fn as_secrets(call: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
    use base64::Engine as _;
    flattened(call, receiver, |content| {
        Value::from(base64::engine::general_purpose::STANDARD.encode(content))
    })
}

/// The files as YAML, under the last segment of their names.
fn flattened(call: &mut Call<'_, '_>, receiver: &Value, encode: impl Fn(&Str) -> Value) -> FunctionResult {
    let Some(files) = receiver.as_map() else { return Ok(Value::from("")) };
    let mut entries = BTreeMap::new();
    let mut size = 0;
    for (name, content) in files.entries() {
        if let Value::Bytes(content) = &content {
            size += content.len();
            let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or(&name).to_vec();
            entries.insert(Str::from(base), encode(content));
        }
    }
    call.allocate(size)?;
    Ok(Value::String(yaml::to_yaml(&Value::Map(Map::with_entries(types::STRING_MAP, entries)))))
}
