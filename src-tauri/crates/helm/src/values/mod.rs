//! Values: read, assigned, and laid over the defaults of charts.

pub(crate) mod coalesce;
mod data;
pub(crate) mod user;

pub(crate) use data::Data;

use slipway_gotmpl::{
    Args, Call, FunctionError, FunctionResult, Map, Method, Signature, Str, Type, Value, types,
};

/// The type of `.Values`.
pub(crate) const VALUES: &Type = &Type::named_map("chartutil.Values", types::INTERFACE, METHODS);

const METHODS: &[Method] = &[
    Method { name: "AsMap", signature: Signature::fixed(&[]), body: as_map },
    Method { name: "YAML", signature: Signature::fixed(&[]), body: yaml },
    Method { name: "Table", signature: Signature::fixed(&[types::STRING]), body: table_method },
    Method { name: "PathValue", signature: Signature::fixed(&[types::STRING]), body: path_value },
];

fn receiver_map(receiver: &Value) -> Map {
    receiver.as_map().cloned().unwrap_or_default()
}

fn as_map(_: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
    let map = receiver_map(receiver);
    Ok(Value::Map(if map.is_empty() { Map::new() } else { map.retyped(types::MAP) }))
}

fn yaml(_: &mut Call<'_, '_>, receiver: &Value, _: Args<'_>) -> FunctionResult {
    let json = crate::engine::json_value(receiver).map_err(FunctionError::new)?;
    Ok(Value::from(slipway_yaml::emit_as_go(&json)))
}

fn table_method(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let found = table_at(&receiver_map(receiver), &arguments.string(0).to_lossy());
    let found = found.map_err(|key| FunctionError::new(format!("{key:?} is not a table")))?;
    Ok(Value::Map(found.retyped(VALUES)))
}

fn path_value(_: &mut Call<'_, '_>, receiver: &Value, arguments: Args<'_>) -> FunctionResult {
    let path = arguments.string(0).to_lossy();
    if path.is_empty() {
        return Err(FunctionError::new("YAML path cannot be empty"));
    }
    let key = path.rsplit('.').next().unwrap_or(&path);
    value_at(&receiver_map(receiver), &path)
        .ok_or_else(|| FunctionError::new(format!("{key:?} is not a value")))
}

/// The map behind a value that Helm takes for a table.
pub(crate) fn table(value: &Value) -> Option<&Map> {
    value.as_map().filter(|map| map.type_of() == types::MAP || map.type_of() == VALUES)
}

/// Sets a key of a map that was made here.
pub(crate) fn put(map: &Map, key: impl Into<Str>, value: impl Into<Value>) {
    map.insert(key, value).expect("only maps that were made are written, and those are not nil");
}

/// Follows a dotted path of tables; the error is the key that is none.
pub(crate) fn table_at(map: &Map, path: &str) -> Result<Map, String> {
    let mut current = map.clone();
    for key in path.split('.') {
        let next = current.get(key);
        match next.as_ref().and_then(table) {
            Some(inner) => current = inner.clone(),
            None => return Err(key.to_owned()),
        }
    }
    Ok(current)
}

/// The value at a dotted path, where it is no table (`Values.PathValue` of Helm).
pub(crate) fn value_at(map: &Map, path: &str) -> Option<Value> {
    let (tables, key) = path.rsplit_once('.').map_or((None, path), |(tables, key)| (Some(tables), key));
    let map = match tables {
        Some(tables) => table_at(map, tables).ok()?,
        None => map.clone(),
    };
    map.get(key).filter(|value| table(value).is_none())
}
