//! Values: read, assigned, and laid over the defaults of charts.

pub(crate) mod coalesce;
mod data;
pub(crate) mod user;

pub(crate) use data::Data;

use slipway_gotmpl::{Map, Str, Type, Value, types};

/// The type of `.Values`.
pub(crate) const VALUES: &Type = &Type::named_map("chartutil.Values", types::INTERFACE, &[]);

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
