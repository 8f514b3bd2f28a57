//! Walking whole values: copies and comparisons that are paid for step by step. A few actions of a template can build a
//! value that is small in memory, since its parts are shared, and endless to walk.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::functions::versions;
use crate::call::Call;
use crate::error::{FunctionError, LimitReached};
use crate::go;
use crate::value::{List, Map, Str, Value};

/// Nesting that is walked.
const DEEPEST: usize = 10_000;

fn too_deep() -> FunctionError {
    let text = format!("the value is nested deeper than {DEEPEST} levels; does it hold itself?");
    FunctionError::limit(LimitReached::Depth, text)
}

/// A copy that shares no map or list with the original, of the same types.
///
/// # Errors
///
/// Where the copy would take more memory than one text may have, the fuel is used up, or the nesting is deeper than any
/// real data's.
pub(crate) fn deep_copy(call: &mut Call<'_, '_>, value: &Value) -> Result<Value, FunctionError> {
    let left = call.size_limit();
    copy(&mut Copier { call, left }, value, DEEPEST)
}

struct Copier<'call, 'run, 'set> {
    call: &'call mut Call<'run, 'set>,
    /// Bytes that the copy may still take.
    left: usize,
}

impl Copier<'_, '_, '_> {
    /// Pays for a container of so many elements.
    fn pay(&mut self, elements: usize) -> Result<(), FunctionError> {
        self.call.charge(4 + 2 * elements as u64)?;
        let bytes = 96 + elements.saturating_mul(2 * size_of::<Value>());
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            let text = "the copy would take more memory than allowed; the value shares its parts very often";
            FunctionError::limit(LimitReached::Size, text)
        })?;
        Ok(())
    }
}

fn copy(copier: &mut Copier<'_, '_, '_>, value: &Value, depth: usize) -> Result<Value, FunctionError> {
    match value {
        Value::List(list) if !list.is_nil() => {
            let below = depth.checked_sub(1).ok_or_else(too_deep)?;
            copier.pay(list.len())?;
            let items = go::deep(|| {
                list.iter().map(|item| copy(copier, item, below)).collect::<Result<Vec<_>, _>>()
            })?;
            Ok(List::of(list.type_of(), items).into())
        }
        Value::Map(map) if !map.is_nil() => {
            let below = depth.checked_sub(1).ok_or_else(too_deep)?;
            copier.pay(map.len())?;
            let entries = go::deep(|| {
                map.read(|entries| {
                    let copied =
                        entries.iter().map(|(key, item)| Ok((key.clone(), copy(copier, item, below)?)));
                    copied.collect::<Result<BTreeMap<Str, Value>, FunctionError>>()
                })
            })?;
            Ok(Map::with_entries(map.type_of(), entries).into())
        }
        Value::Object(_) => Ok(versions::copied(value).unwrap_or_else(|| value.clone())),
        other => Ok(other.clone()),
    }
}

/// Go's `reflect.DeepEqual`: the same types and the same contents; a nil and an empty slice differ.
///
/// # Errors
///
/// Where the fuel is used up, or the nesting deeper than any real data's.
pub(crate) fn deep_equal(
    call: &mut Call<'_, '_>,
    left: &Value,
    right: &Value,
) -> Result<bool, FunctionError> {
    equal(call, left, right, DEEPEST)
}

fn equal(call: &mut Call<'_, '_>, left: &Value, right: &Value, depth: usize) -> Result<bool, FunctionError> {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            if left.type_of() != right.type_of()
                || left.is_nil() != right.is_nil()
                || left.len() != right.len()
            {
                return Ok(false);
            }
            if left.ptr_eq(right) {
                return Ok(true);
            }
            let below = depth.checked_sub(1).ok_or_else(too_deep)?;
            call.charge(2 + left.len() as u64)?;
            go::deep(|| all(left.iter().zip(right.iter()), |(left, right)| equal(call, left, right, below)))
        }
        (Value::Map(left), Value::Map(right)) => {
            if left.type_of() != right.type_of()
                || left.is_nil() != right.is_nil()
                || left.len() != right.len()
            {
                return Ok(false);
            }
            if left.ptr_eq(right) {
                return Ok(true);
            }
            let below = depth.checked_sub(1).ok_or_else(too_deep)?;
            call.charge(2 + 2 * left.len() as u64)?;
            go::deep(|| {
                left.read(|left| {
                    right.read(|right| {
                        all(left.iter().zip(right), |((key, left), (other, right))| {
                            Ok(key == other && equal(call, left, right, below)?)
                        })
                    })
                })
            })
        }
        (Value::Object(left), Value::Object(right)) => {
            Ok(Rc::ptr_eq(left, right) || left.equals(&**right) == Some(true))
        }
        (left, right) => Ok(left.deep_equal(right)),
    }
}

fn all<T>(
    items: impl Iterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, FunctionError>,
) -> Result<bool, FunctionError> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a list of values has one that is equal.
///
/// # Errors
///
/// As [`deep_equal`].
pub(crate) fn contains(
    call: &mut Call<'_, '_>,
    items: &[Value],
    wanted: &Value,
) -> Result<bool, FunctionError> {
    for item in items {
        if deep_equal(call, wanted, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}
