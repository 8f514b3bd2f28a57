//! Merging maps as mergo 1.0 does for `merge` and `mergeOverwrite`.

use crate::error::{FunctionError, LimitReached};
use crate::go;
use crate::value::{Kind, Map, Value, types};

/// Maps within maps; a map that holds itself ends here.
const DEEPEST: usize = 10_000;

/// What becomes of a value that the target has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, unless it is empty.
    Kept,
    /// It is replaced, also by something empty.
    Overwritten,
}

/// Merges `source` into `target`. Maps that both have are merged; maps and lists that only the source has are shared with
/// it afterwards.
///
/// # Errors
///
/// Go's panic where a value does not fit into a typed map; nesting deeper than any real data.
pub(crate) fn merge_into(target: &Map, source: &Map, existing: Existing) -> Result<(), FunctionError> {
    merge_level(target, source, existing, DEEPEST)
}

fn merge_level(target: &Map, source: &Map, existing: Existing, depth: usize) -> Result<(), FunctionError> {
    let Some(below) = depth.checked_sub(1) else {
        return Err(FunctionError::limit(
            LimitReached::Depth,
            format!("the maps to merge are nested deeper than {DEEPEST} levels; does one hold itself?"),
        ));
    };
    for (key, value) in source.entries() {
        let present = target.get(&key);
        if matches!(value, Value::Nil) {
            if existing == Existing::Overwritten {
                insert(target, key, value, source)?;
            }
            continue;
        }
        if let (Value::Map(from), Some(Value::Map(into))) = (&value, &present) {
            // A nil map within the target cannot be filled.
            if !into.is_nil() || from.is_nil() {
                go::deep(|| merge_level(into, from, existing, below))?;
            }
        }
        let keeps = match &present {
            None => false,
            Some(present) if is_empty(present) => false,
            Some(Value::Map(_)) if matches!(value, Value::Map(_)) => true,
            Some(_) => existing == Existing::Kept,
        };
        if !keeps {
            insert(target, key, value, source)?;
        }
    }
    Ok(())
}

fn insert(target: &Map, key: crate::value::Str, value: Value, source: &Map) -> Result<(), FunctionError> {
    let wanted = target.element_type();
    if wanted != types::INTERFACE && source.element_type() != wanted {
        return Err(FunctionError::panic(format!(
            "reflect.Set: value of type {} is not assignable to type {wanted}",
            source.element_type()
        )));
    }
    target.insert(key, value).map(drop)
}

/// mergo's emptiness: a struct is never empty, a pointer to one is not either.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.type_of().kind() == Kind::Pointer && object.is_nil(),
        value => !value.is_true(),
    }
}
