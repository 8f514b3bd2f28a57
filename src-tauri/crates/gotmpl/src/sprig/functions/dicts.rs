//! Maps. They are references: `set`, `unset` and the merges change the map they are given.

use std::collections::BTreeMap;

use super::{ANY, ANY_NUMBER, MAP, ONE, STRING, text_of};
use crate::error::FunctionError;
use crate::function::{Args, FunctionResult, Functions, Signature};
use crate::sprig::merge::{Existing, merge_into};
use crate::sprig::structure::deep_copy;
use crate::value::{List, Map, Str, Value, types};

pub(super) fn register(functions: &mut Functions) {
    const MAP_KEY: Signature = Signature::fixed(&[MAP, STRING]);
    const MAP_KEYS: Signature = Signature::variadic(&[MAP, STRING]);
    const MAPS: Signature = Signature::variadic(&[MAP, MAP]);
    functions.add("dict", ANY_NUMBER, |_, args| Ok(dict(args.all()).into()));
    functions.add("get", MAP_KEY, |_, args| {
        let value = args.any(0).as_map().and_then(|map| map.get(args.string(1)));
        Ok(value.unwrap_or_else(|| Value::String(Str::empty())))
    });
    functions.add("set", Signature::fixed(&[MAP, STRING, ANY]), |_, args| {
        let map = args.map(0);
        map.insert(args.string(1).clone(), args.any(2).clone())?;
        Ok(map.into())
    });
    functions.add("unset", MAP_KEY, |_, args| {
        let map = args.map(0);
        map.remove(args.string(1));
        Ok(map.into())
    });
    functions.add("hasKey", MAP_KEY, |_, args| {
        Ok(Value::Bool(args.any(0).as_map().is_some_and(|map| map.contains_key(args.string(1)))))
    });
    functions.add("pluck", Signature::variadic(&[STRING, MAP]), |_, args| {
        let maps = args.rest(1).iter().filter_map(Value::as_map);
        Ok(maps.filter_map(|map| map.get(args.string(0))).collect::<List>().into())
    });
    functions.add("keys", Signature::variadic(&[MAP]), |call, args| {
        let keys: Vec<Str> = args.all().iter().filter_map(Value::as_map).flat_map(Map::keys).collect();
        call.charge(keys.len() as u64)?;
        Ok(List::strings(keys).into())
    });
    functions.add("values", Signature::fixed(&[MAP]), |call, args| {
        let values = args.map(0).values();
        call.charge(values.len() as u64)?;
        Ok(List::new(values).into())
    });
    functions.add("pick", MAP_KEYS, |_, args| {
        let map = args.map(0);
        let keys = args.rest(1).iter().filter_map(Value::as_string);
        let picked: BTreeMap<Str, Value> =
            keys.filter_map(|key| map.get(key).map(|value| (key.clone(), value))).collect();
        Ok(Map::with_entries(types::MAP, picked).into())
    });
    functions.add("omit", MAP_KEYS, |call, args| {
        let omitted: Vec<&Str> = args.rest(1).iter().filter_map(Value::as_string).collect();
        let map = args.map(0);
        call.charge(map.len() as u64)?;
        let kept: BTreeMap<Str, Value> = map.read(|entries| {
            let kept = entries.iter().filter(|(key, _)| !omitted.contains(key));
            kept.map(|(key, value)| (key.clone(), value.clone())).collect()
        });
        Ok(Map::with_entries(types::MAP, kept).into())
    });
    functions.add("dig", ANY_NUMBER, |_, args| dig(args.all()));
    for name in ["deepCopy", "mustDeepCopy"] {
        functions.add(name, ONE, |call, args| match args.any(0) {
            Value::Nil => Err(FunctionError::panic("reflect: call of reflect.Value.Type on zero Value")),
            value => deep_copy(call, value),
        });
    }
    functions.add("merge", MAPS, |_, args| merged(args, Existing::Kept, false));
    functions.add("mustMerge", MAPS, |_, args| merged(args, Existing::Kept, true));
    functions.add("mergeOverwrite", MAPS, |_, args| merged(args, Existing::Overwritten, false));
    functions.add("mustMergeOverwrite", MAPS, |_, args| merged(args, Existing::Overwritten, true));
}

/// Keys and values in turns; the last key alone gets an empty text.
fn dict(values: &[Value]) -> Map {
    let entries = values.chunks(2).map(|pair| match pair {
        [key, value] => (text_of(key), value.clone()),
        _ => (text_of(&pair[0]), Value::String(Str::empty())),
    });
    Map::with_entries(types::MAP, entries.collect())
}

/// Go's type assertion to `map[string]interface {}`.
fn plain_map(value: &Value) -> Result<&Map, FunctionError> {
    match value {
        Value::Map(map) if map.type_of() == types::MAP => Ok(map),
        other => Err(wrong_type(other, types::MAP.name())),
    }
}

fn wrong_type(value: &Value, wanted: &str) -> FunctionError {
    let found = value.type_of().map_or("nil", |kind| kind.name());
    FunctionError::panic(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}

fn dig(values: &[Value]) -> FunctionResult {
    let [keys @ .., default, map] = values else {
        return Err(FunctionError::panic("dig needs at least three arguments"));
    };
    if keys.is_empty() {
        return Err(FunctionError::panic("dig needs at least three arguments"));
    }
    let mut map = plain_map(map)?.clone();
    let keys = keys
        .iter()
        .map(|key| key.as_string().ok_or_else(|| wrong_type(key, "string")))
        .collect::<Result<Vec<_>, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let Some(step) = map.get(key) else { return Ok(default.clone()) };
        if index + 1 == keys.len() {
            return Ok(step);
        }
        map = plain_map(&step)?.clone();
    }
    Ok(default.clone())
}

fn merged(args: Args<'_>, existing: Existing, must: bool) -> FunctionResult {
    let mut target = args.map(0);
    for source in args.rest(1).iter().filter_map(Value::as_map) {
        if target.is_nil() && !source.is_nil() {
            target = Map::of(target.type_of());
        }
        if let Err(error) = merge_into(&target, source, existing) {
            // Those without `must` hide what mergo reports, but not where it panics.
            if must || error.is_panic() || error.limit_reached().is_some() {
                return Err(error);
            }
            return Ok("".into());
        }
    }
    Ok(target.into())
}
